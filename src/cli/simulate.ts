/**
 * `fillwright simulate`: worlds from seeds, audited step by step; the fault catalogue; the planted bugs.
 *
 * Owns flags, progress and output. Exit 1 with violations, each with the shortest world that still fails.
 */
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CampaignOptions, CampaignReport, FaultKind, World } from '../testing.js';
import { type Args, usage } from './args.js';
import { type Command, JSON_FLAG, printJson } from './command.js';
import { EXIT } from './exit-codes.js';
import type { Io } from './io.js';
import { renderTable } from './table.js';

type Simulator = typeof import('../testing.js');

const SEEDS = 100;
const WORKERS = 4;
/** A plant ends with its first violation; this many seeds have to do. */
const PLANT_SEEDS = 500;

export const simulate: Command = {
  name: 'simulate',
  usage: '[--seeds N] [--from K] [--faults all|none|list|NAME,…] [--plant NAME|list] [--world FILE] [--json]',
  summary: 'runs made-up worlds with faults and crashes, and audits every step',
  flags: {
    seeds: { type: 'string', value: 'N', help: `how many worlds (default ${SEEDS})` },
    from: { type: 'string', value: 'K', help: 'the first seed (default 1)' },
    faults: { type: 'string', value: 'WHICH', help: 'all (default), none, list, or names with commas' },
    plant: { type: 'string', value: 'NAME', help: 'runs a copy with this known bug in it; list' },
    workers: {
      type: 'string',
      value: 'N',
      help: 'threads (default: as many as there are processors, 4 at most)',
    },
    world: { type: 'string', value: 'FILE', help: 'runs one world, as a failure printed it' },
    whole: { type: 'boolean', help: 'reports failing worlds as they are, not cut down' },
    json: JSON_FLAG,
  },
  async run(args: Args, io: Io): Promise<number> {
    const extra = args.positionals[0];
    if (extra !== undefined) throw usage(`fillwright simulate: unexpected argument '${extra}'`);
    // Loaded only here: no other command needs it.
    const simulator = await import('../testing.js');
    if (args.value('faults') === 'list') return listFaults(simulator, args, io);
    if (args.value('plant') === 'list') return listPlants(simulator, args, io);
    const report = await campaign(simulator, args, io);
    for (const violation of report.violations) explain(violation, simulator.commitOf(), args, io);
    print(report, simulator.commitOf(), args, io);
    return report.violations.length > 0 ? EXIT.INTERNAL : EXIT.OK;
  },
};

function count(args: Args, name: string, otherwise: number): number {
  const text = args.value(name);
  if (text === undefined) return otherwise;
  if (!/^\d{1,9}$/.test(text))
    throw usage(`fillwright simulate: --${name} must be a whole number, not '${text}'`);
  return Number(text);
}

async function campaign(simulator: Simulator, args: Args, io: Io): Promise<CampaignReport> {
  const file = args.value('world');
  if (file !== undefined) return simulator.simulateWorld(readWorld(file));
  const name = args.value('plant');
  const plant = name === undefined ? undefined : simulator.plantNamed(name);
  if (name !== undefined && plant === undefined)
    throw usage(`fillwright simulate: no plant '${name}'; --plant list names them`);
  const seeds = count(args, 'seeds', plant === undefined ? SEEDS : PLANT_SEEDS);
  const controller = new AbortController();
  const leave = io.onInterrupt?.(() => controller.abort());
  const options: CampaignOptions = {
    seeds,
    from: count(args, 'from', 1),
    faults: faultsOf(simulator, args.value('faults') ?? 'all'),
    workers: plant === undefined ? count(args, 'workers', Math.min(WORKERS, availableParallelism())) : 1,
    stopsAtFirst: plant !== undefined,
    shrinks: !args.flag('whole') && plant === undefined,
    onRun: args.quiet ? () => undefined : progress(seeds, io),
    signal: controller.signal,
  };
  try {
    return await (plant === undefined
      ? simulator.simulate(options)
      : simulator.simulatePlant(plant, options));
  } finally {
    leave?.();
  }
}

function faultsOf({ FAULTS, faultNamed }: Simulator, which: string): readonly FaultKind[] {
  if (which === 'all') return FAULTS;
  if (which === 'none') return [];
  return which.split(',').map((name) => {
    const fault = faultNamed(name);
    if (fault === undefined) throw usage(`fillwright simulate: no fault '${name}'; --faults list names them`);
    return fault;
  });
}

function readWorld(file: string): World {
  if (!existsSync(file)) throw usage(`${file}: cannot be read`);
  try {
    const world = JSON.parse(readFileSync(file, 'utf8')) as World;
    if (world.v === 3 && Array.isArray(world.actions)) return world;
  } catch {
    // As any other file that is no world.
  }
  throw usage(`${file}: is no world of this simulator (version 3)`);
}

/** A line per ten per cent; in place on a terminal. */
function progress(seeds: number, io: Io): NonNullable<CampaignOptions['onRun']> {
  let [steps, failed, told] = [0, 0, 0];
  return (result, done) => {
    steps += result.steps;
    if (result.findings.length > 0) failed += 1;
    const tenth = Math.floor((10 * done) / seeds);
    if (tenth === told && io.stderr.isTTY !== true) return;
    told = tenth;
    const text = `${done} of ${seeds} worlds, ${steps} steps, ${failed} failed`;
    io.stderr.write(
      io.stderr.isTTY === true && done < seeds
        ? `\r${text}`
        : `${io.stderr.isTTY === true ? '\r' : ''}${text}\n`,
    );
  };
}

/** What to read, and how to run it again; with --json the world is in the report. */
function explain(violation: CampaignReport['violations'][number], commit: string, args: Args, io: Io): void {
  const { seed, step, invariant, check, message, world, story } = violation;
  io.stderr.write(`seed ${seed}, step ${step}, commit ${commit}: ${invariant} ${check}: ${message}\n`);
  for (const line of story) io.stderr.write(`  ${line}\n`);
  if (args.flag('json')) return;
  const file = join(mkdtempSync(join(tmpdir(), 'fillwright-world-')), `seed-${seed}.json`);
  writeFileSync(file, `${JSON.stringify(world)}\n`);
  io.stderr.write(`  again: fillwright simulate --world ${file}\n`);
}

function print(report: CampaignReport, commit: string, args: Args, io: Io): void {
  if (args.flag('json')) return printJson(io, { commit, ...report });
  const { seeds, from, steps, records, events, orders, restarts, violations, trace_hash, coverage } = report;
  const lines = [
    `${seeds} worlds from seed ${from}: ${steps} steps (${records} records, ${events} events), ${orders} orders, ${restarts} restarts`,
    `${violations.length} violations`,
    `fault × state cells reached: ${coverage.reached} of ${coverage.reachable}`,
    `trace ${trace_hash}`,
  ];
  io.stdout.write(`${lines.join('\n')}\n`);
}

function listFaults({ FAULTS }: Simulator, args: Args, io: Io): number {
  if (args.flag('json')) printJson(io, { faults: FAULTS });
  else {
    const rows = FAULTS.map(({ n, name, fault, maxPpm, excluded }) => [
      String(n),
      name,
      maxPpm === 0 ? '-' : `${maxPpm / 10_000} %`,
      excluded === undefined ? fault : `${fault} (not here: ${excluded})`,
    ]);
    const heads = [
      { title: '', align: 'right' as const },
      { title: 'name' },
      { title: 'most' },
      { title: 'fault' },
    ];
    io.stdout.write(`${renderTable(heads, rows).join('\n')}\n`);
  }
  return EXIT.OK;
}

function listPlants({ PLANTS }: Simulator, args: Args, io: Io): number {
  const plants = PLANTS.map(({ name, breaks, invariant }) => ({ name, breaks, invariant }));
  if (args.flag('json')) printJson(io, { plants });
  else {
    const rows = plants.map(({ name, invariant, breaks }) => [name, invariant, breaks]);
    const heads = [{ title: 'name' }, { title: 'breaks' }, { title: '' }];
    io.stdout.write(`${renderTable(heads, rows).join('\n')}\n`);
  }
  return EXIT.OK;
}
