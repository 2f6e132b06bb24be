/** A host's submits that meet: the same directive twice at once, and two directives that open one trade. */
import { describe, expect, test } from '@jest/globals';
import {
  type BuiltBatch,
  createRuntime,
  createSimulatedVenue,
  independent,
  openMarket,
  Replay,
  SimulatedClock,
  seededIds,
  single,
} from '../../src/index.js';

const start = '2025-01-06T09:00:00Z';
const instruments = { 'BTC/USDT': { tick_size: '0.01', lot_size: '0.00001', min_notional: '5' } };

async function desk() {
  const market = openMarket(
    { source: 'synthetic', seed: 1, symbols: { 'BTC/USDT': '60000' }, start, duration_seconds: 30 },
    '.',
    instruments,
  );
  const clock = new SimulatedClock(market.startsAt);
  const venue = createSimulatedVenue({ clock, instruments, venue: { latency_ms: 20 } });
  const replay = new Replay({ clock, source: market, venue });
  const runtime = await createRuntime({ connectors: { simulated: venue }, clock, ids: seededIds('desk') });
  replay.step();
  const work = async (): Promise<void> => {
    while (runtime.openBatches > 0 && replay.step()) await runtime.settle();
  };
  return { runtime, venue, work };
}

const bought = (seed: string): BuiltBatch =>
  independent({ btc: single({ symbol: 'BTC/USDT', side: 'BUY', quantity: '0.5' }) }, { at: start, seed });

/** The batch of `seed`, opening the trade of another one. */
function intruder(seed: string, of: BuiltBatch): BuiltBatch {
  const own = bought(seed);
  const tradeId = of.legs['btc']?.tradeId ?? '';
  return { ...own, commands: own.commands.map((command) => ({ ...command, plan_id: tradeId })) };
}

describe('submits that meet', () => {
  test('one directive twice at once is one batch and one order', async () => {
    const { runtime, venue, work } = await desk();
    const { directive, commands } = bought('a');
    const [first, second] = await Promise.all([
      runtime.submit(directive, commands),
      runtime.submit(directive, commands),
    ]);
    await work();
    expect(second.id).toBe(first.id);
    expect(venue.truth().orders).toHaveLength(1);
    await runtime.close();
  });

  test('two directives at once that open one trade: the first is taken, the second refused', async () => {
    const { runtime, venue, work } = await desk();
    const first = bought('a');
    const second = intruder('b', first);
    const [taken, refused] = await Promise.allSettled([
      runtime.submit(first.directive, first.commands),
      runtime.submit(second.directive, second.commands),
    ]);
    expect(taken.status).toBe('fulfilled');
    expect(refused).toMatchObject({ status: 'rejected', reason: { code: 'VALIDATION' } });
    await work();
    expect(venue.truth().orders).toHaveLength(1);
    expect(runtime.positions().map((position) => position.position_size)).toEqual(['0.5']);
    await runtime.close();
  });

  test('a directive that was refused in the fold may come again with a trade of its own', async () => {
    const { runtime, venue, work } = await desk();
    const first = bought('a');
    const second = intruder('b', first);
    await Promise.allSettled([
      runtime.submit(first.directive, first.commands),
      runtime.submit(second.directive, second.commands),
    ]);
    const corrected = bought('b');
    const batch = await runtime.submit(corrected.directive, corrected.commands);
    await work();
    expect((await batch.result()).status).toBe('COMPLETED');
    expect(venue.truth().orders).toHaveLength(2);
    await runtime.close();
  });
});
