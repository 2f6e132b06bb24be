/**
 * The benchmark: prints one JSON object with the machine, the commit and every figure. `--tiny`: at sizes that only
 * prove that it runs.
 */
import { execFileSync } from 'node:child_process';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { FULL, loadLib, runFlatness, runJournal, runPlanner, runThroughput, TINY } from './index.mjs';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const tiny = process.argv.includes('--tiny');
const sizes = tiny ? TINY : FULL;

function commitOf() {
  try {
    const stdio = ['ignore', 'pipe', 'ignore'];
    return execFileSync('git', ['rev-parse', 'HEAD'], { cwd: ROOT, stdio, encoding: 'utf8' }).trim();
  } catch {
    return null; // no git, or not a checkout
  }
}

/** In a process of its own: it needs the collector, and a heap that nothing else has filled. */
function heapFigures() {
  const script = fileURLToPath(new URL('heap.mjs', import.meta.url));
  const args = ['--expose-gc', script, ...(tiny ? ['--tiny'] : [])];
  const stdio = ['ignore', 'pipe', 'inherit'];
  return JSON.parse(execFileSync(process.execPath, args, { stdio, encoding: 'utf8' }));
}

const lib = await loadLib(new URL('../dist/', import.meta.url));
const throughput = await runThroughput(lib, sizes.throughput);
const flatness = await runFlatness(lib, sizes.flatness);
const journal = await runJournal(lib, sizes.journal);
const planner = await runPlanner(lib, sizes.planner);
const result = {
  machine: {
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    node: process.version,
    platform: `${process.platform} ${process.arch}`,
  },
  commit: commitOf(),
  tiny,
  figures: { throughput, flatness, journal, planner, memory: heapFigures() },
};
process.stdout.write(`${JSON.stringify(result, null, 2)}\n`);
