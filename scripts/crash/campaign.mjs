/**
 * The crash campaign: `npm run test:crash -- --kills N [--seed N] [--faults RATE] [--mute] [--keep]`.
 *
 * Runs the command line against a venue that is a process of its own, kills it with SIGKILL at random moments, starts it
 * again on the same journal, and compares at the end what the venue has on disk with what the journal says: no order
 * twice, no fill lost or doubled, nothing open, every batch settled. Prints one JSON object; exit 1 with findings.
 */
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { compare } from './compare.mjs';
import { seeded } from './draw.mjs';
import { scenarioOf } from './scenarios.mjs';

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '20' },
    seed: { type: 'string', default: '1' },
    faults: { type: 'string', default: '0.02' },
    mute: { type: 'boolean', default: false },
    keep: { type: 'boolean', default: false },
  },
});
const CLI = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
const VENUE = fileURLToPath(new URL('./venue.mjs', import.meta.url));
/** A start, a recovery and a few orders take about this long; kills fall anywhere within and beyond. */
const LIFE_MS_MAX = 4000;
/** A run that is left alone ends well within. */
const RUN_MS_MAX = 120_000;

const kills = Number(values.kills);
const draw = seeded(Number(values.seed));
const folder = mkdtempSync(join(tmpdir(), 'fillwright-crash-'));
const journal = join(folder, 'desk.journal');
const venueDir = join(folder, 'venue');
/** Asks soon: of a venue that says nothing by itself everything has to be asked for. */
const impatient = join(folder, 'platform.yaml');
writeFileSync(
  impatient,
  'orchestration: { plan_execution: { timeout_seconds: 1 }, reconciliation: { interval_seconds: 5 } }\n',
);

async function startVenue() {
  const args = [VENUE, '--dir', venueDir, '--seed', values.seed, '--faults', values.faults];
  if (values.mute) args.push('--mute');
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = await once(child.stdout, 'data');
  return { child, url: `http://127.0.0.1:${JSON.parse(line).port}` };
}

/** Runs a scenario; SIGKILL after `life` ms where given. Resolves with the exit code, null when killed. */
async function runDesk(file, life) {
  const args = [
    'run',
    file,
    '--journal',
    journal,
    '--quiet',
    ...(values.mute ? ['--config', impatient] : []),
  ];
  const child = spawn(process.execPath, [CLI, ...args], { stdio: ['ignore', 'ignore', 'pipe'] });
  let errors = '';
  child.stderr.on('data', (part) => {
    errors += part;
  });
  const over = once(child, 'exit');
  const timer = new AbortController();
  sleep(life ?? RUN_MS_MAX, null, { signal: timer.signal }).then(
    () => child.kill('SIGKILL'),
    () => {},
  );
  const [code] = await over;
  timer.abort();
  if (code === null && life === null)
    throw new Error(`a run that was left alone did not end in ${RUN_MS_MAX} ms`);
  // 0 completed, 4 failed, 5 partial, 6 cancelled: outcomes of the market. Anything else is a defect.
  if (code !== null && ![0, 4, 5, 6].includes(code)) throw new Error(`exit ${code}: ${errors}`);
  return code;
}

async function campaign() {
  const venue = await startVenue();
  let killed = 0;
  let scenarios = 0;
  let next = 1;
  try {
    do {
      const made = scenarioOf(draw, venue.url, next);
      next = made.next;
      scenarios += 1;
      const file = join(folder, `scenario-${scenarios}.json`);
      writeFileSync(file, JSON.stringify(made.scenario));
      for (let code = null; code === null; ) {
        code = await runDesk(file, killed < kills ? Math.ceil(draw() * LIFE_MS_MAX) : null);
        if (code === null) {
          killed += 1;
          process.stderr.write(killed % Math.ceil(kills / 10) === 0 ? `${killed} of ${kills} kills\n` : '');
        }
      }
    } while (killed < kills);
  } finally {
    venue.child.kill('SIGTERM');
    await once(venue.child, 'exit');
  }
  return { kills: killed, scenarios };
}

mkdirSync(venueDir, { recursive: true });
const ran = await campaign();
const found = compare(readFileSync(join(venueDir, 'venue.jsonl'), 'utf8'), journal);
process.stdout.write(`${JSON.stringify({ v: 1, seed: Number(values.seed), ...ran, ...found }, null, 2)}\n`);
if (!values.keep && found.findings.length === 0) rmSync(folder, { recursive: true });
else process.stderr.write(`kept: ${folder}\n`);
process.exitCode = found.findings.length === 0 ? 0 : 1;
