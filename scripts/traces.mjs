/**
 * The first traces exhaustively: `npm run test:traces [-- --traces N] [--from SEED] [--bytes N] [--workers N]`.
 *
 * For each world: a crash before and after each of its commits, and its journal torn at each byte, in pieces of so many
 * bytes. Prints one JSON object; exit 1 with findings.
 */
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { crashAtEachCommit, tearAtEachByte, traceOf } from '../dist/simulator/boundaries.js';
import { worldOf } from '../dist/simulator/world-of.js';

const { values } = parseArgs({
  options: {
    traces: { type: 'string', default: '20' },
    from: { type: 'string', default: '1' },
    bytes: { type: 'string', default: '4096' },
    workers: { type: 'string', default: String(Math.min(4, availableParallelism())) },
  },
});

async function seedOf(seed) {
  const world = worldOf(seed);
  const { commits, cuts, findings } = await traceOf(world);
  const crashed = await crashAtEachCommit(world, cuts);
  const torn = await tearAtEachByte(commits, Number(values.bytes));
  return {
    ...{ seed, commits: cuts, crashes: crashed.cuts, tears: torn.cuts },
    findings: [...findings, ...crashed.findings, ...torn.findings.map((found) => `seed ${seed}, ${found}`)],
  };
}

async function all() {
  const [from, traces] = [Number(values.from), Number(values.traces)];
  const total = { v: 1, from, traces, commits: 0, crashes: 0, tears: 0, findings: [] };
  let next = from;
  const crew = Array.from({ length: Number(values.workers) }, async () => {
    while (next < from + traces) {
      const worker = new Worker(new URL(import.meta.url), {
        workerData: next++,
        argv: process.argv.slice(2),
      });
      const done = await new Promise((resolve, reject) =>
        worker.once('message', resolve).once('error', reject),
      );
      for (const key of ['commits', 'crashes', 'tears']) total[key] += done[key];
      total.findings.push(...done.findings);
      process.stderr.write(`seed ${done.seed}: ${done.crashes} crashes, ${done.tears} tears\n`);
    }
  });
  await Promise.all(crew);
  process.stdout.write(`${JSON.stringify(total, null, 2)}\n`);
  process.exitCode = total.findings.length === 0 ? 0 : 1;
}

if (isMainThread) await all();
else parentPort.postMessage(await seedOf(workerData));
