/** The benchmark at its tiny sizes: what it measures is what it says. No time is asserted. */
import { describe, expect, test } from '@jest/globals';
import {
  MODULES,
  runBoth,
  runFlatness,
  runGrowth,
  runJournal,
  runLive,
  runPlanner,
  runRecovery,
  runThroughput,
  runWorking,
  TINY,
} from '../../bench/index.mjs';
import * as deadlines from '../../src/actors/deadlines.js';
import * as world from '../../src/actors/world.js';
import * as disk from '../../src/disk/index.js';
import * as amount from '../../src/dtos/amount.js';
import * as decimal from '../../src/dtos/decimal.js';
import * as commandBatch from '../../src/dtos/execution-command-batch.js';
import * as parse from '../../src/dtos/parse.js';
import * as index from '../../src/index.js';
import * as recovery from '../../src/runtime/recovery.js';
import * as rules from '../../src/runtime/rules.js';
import * as snapshot from '../../src/runtime/snapshot.js';
import * as version from '../../src/runtime/version.js';
import * as price from '../../src/strategies/price.js';
import * as twap from '../../src/strategies/twap.js';

const SLICES = 10;
const sources = [
  index,
  deadlines,
  world,
  disk,
  amount,
  decimal,
  commandBatch,
  parse,
  recovery,
  rules,
  snapshot,
  version,
  price,
  twap,
];
const lib = Object.assign({}, ...sources) as object;

interface Line {
  readonly events: readonly {
    readonly type: string;
    readonly groupId?: string;
    readonly [field: string]: unknown;
  }[];
}
const eventsOf = (lines: readonly string[], type: string) =>
  lines.flatMap((line) => (JSON.parse(line) as Line).events).filter((event) => event.type === type);

/** Used heap without a collection before it: the figures mean nothing here, their shapes do. */
const heapUsed = (): number => process.memoryUsage().heapUsed;

describe('the floor does the runtime’s work', () => {
  const { batches, legs } = TINY.throughput;
  const groups = batches * legs;

  test('its journal equals the runtime’s byte for byte', async () => {
    const { runtime, floor } = await runBoth(lib, { batches, legs });
    expect(runtime.lines.length).toBe(1 + batches + groups * SLICES + groups * (SLICES - 1));
    expect(floor.lines).toEqual(runtime.lines);
  });

  test('every group of the runtime completes, filled by ten orders', async () => {
    const { runtime } = await runBoth(lib, { batches, legs });
    const settled = eventsOf(runtime.lines, 'GROUP_SETTLED');
    expect(settled.map((event) => event['status'])).toEqual(Array(groups).fill('COMPLETED'));
    const fills = new Map<string, number>();
    for (const { groupId = '' } of eventsOf(runtime.lines, 'FILL'))
      fills.set(groupId, (fills.get(groupId) ?? 0) + 1);
    expect([...fills.values()]).toEqual(Array(groups).fill(SLICES));
  });
});

describe('each figure has its shape', () => {
  test('throughput counts what was settled', async () => {
    const { groups, orders, runtime, floor, ratio } = await runThroughput(lib, TINY.throughput);
    expect([groups, orders]).toEqual([20, 200]);
    for (const value of [runtime.orders_per_second, floor.orders_per_second, ratio])
      expect(value).toBeGreaterThan(0);
  });

  test('flatness has a row per batch size', async () => {
    const { sizes, ratio } = await runFlatness(lib, TINY.flatness);
    expect(sizes.map(({ legs }) => legs)).toEqual(TINY.flatness.legs);
    expect(ratio).toBeGreaterThan(0);
  });

  test('every planner has a row, and brings its groups to their targets', async () => {
    const rows = await runPlanner(lib, TINY.planner);
    expect(rows.map(({ strategy }) => strategy).sort()).toEqual([...index.STRATEGIES.keys()].sort());
    for (const { groups, decisions, us_per_decision } of rows) {
      expect(decisions).toBeGreaterThanOrEqual(groups);
      expect(us_per_decision).toBeGreaterThan(0);
    }
  });

  test('a working group of each strategy is weighed while its orders are live', async () => {
    const { legs } = TINY.working;
    const rows = await runWorking(lib, TINY.working, heapUsed);
    expect(rows.map(({ strategy }) => strategy).sort()).toEqual([...index.STRATEGIES.keys()].sort());
    for (const { strategy, live_groups, live_orders } of rows) {
      expect([strategy, live_groups, live_orders]).toEqual([
        strategy,
        legs,
        strategy === 'LAYERED' ? 3 * legs : legs,
      ]);
    }
  });

  test('an idle runtime syncs once between submit and the first place', async () => {
    const { throughput, idle, reading } = await runJournal(lib, TINY.journal);
    expect(throughput.orders).toBe(TINY.journal.legs * SLICES);
    expect(throughput.durable_orders_per_second).toBeGreaterThan(0);
    expect(idle.syncs_before_first_place).toEqual({ min: 1, max: 1 });
    expect(idle.submit_to_place_us).toBeGreaterThanOrEqual(idle.fsync_us);
    expect(reading.records).toBe(TINY.journal.records);
  });

  test('recovery folds every record, or those after its snapshot', async () => {
    const { records, snapshot_tail_records, snapshot_bytes } = await runRecovery(lib, TINY.recovery);
    expect(records).toBeGreaterThanOrEqual(TINY.recovery.records);
    expect(snapshot_tail_records).toBe(records - 1);
    expect(snapshot_bytes).toBeGreaterThan(0);
  });

  test('live groups are all alive when they are weighed', async () => {
    const rows = await runLive(lib, TINY.live, heapUsed);
    expect(rows.map(({ filled_slices, live_groups }) => [filled_slices, live_groups])).toEqual([
      [0, TINY.live.legs],
      [5, TINY.live.legs],
    ]);
  });

  test('growth is measured at each mark', async () => {
    const { rows } = await runGrowth(lib, TINY.growth, heapUsed);
    expect(rows.map(({ settled_groups }) => settled_groups)).toEqual(TINY.growth.marks);
  });

  test('the test runs the modules that the benchmark loads', () => {
    expect(sources.length).toBe(MODULES.length);
  });
});
