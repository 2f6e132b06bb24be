/** `fillwright/testing` has what a host's own tests need: a market, a venue, time, and the loop that moves it. */
import { describe, expect, test } from '@jest/globals';
import * as main from '../src/index.js';
import * as testing from '../src/testing.js';

const at = '2025-01-06T09:00:00Z';

/** A host's test as it would be written: 0.5 BTC in five slices, on a market made from `seed`. */
async function trade(seed: number): Promise<{ status: string; journal: readonly string[]; truth: string }> {
  const config = testing.MarketConfigSchema.parse({
    ...{ source: 'synthetic', seed, symbols: { 'BTC/USDT': '60000' }, start: at, duration_seconds: 60 },
  });
  const source = testing.openMarket(config, '.');
  const clock = new testing.SimulatedClock(source.startsAt);
  const instruments = { 'BTC/USDT': { tick_size: '0.01', lot_size: '0.00001' } };
  const venue = testing.createSimulatedVenue({ clock, instruments, venue: { latency_ms: 20 } });
  const replay = new testing.Replay({ clock, source, venue });
  const journal = testing.createMemoryJournal();
  const runtime = await main.createRuntime({
    ...{ connectors: { paper: venue }, clock, ids: testing.seededIds('host'), journal },
  });
  const leg = main.twap({ symbol: 'BTC/USDT', side: 'BUY', quantity: '0.5', over: '30s', slices: 5 });
  const built = main.independent({ leg }, { at, seed: 'host' });
  const batch = await runtime.submit(built.directive, built.commands);
  while (runtime.openBatches > 0 && replay.step()) await runtime.settle();
  const { status } = await batch.result();
  await runtime.close();
  return { status, journal: journal.committed, truth: venue.truth().balances['BTC'] ?? '0' };
}

describe('fillwright/testing', () => {
  test('carries a batch out on a market made up from a seed', async () => {
    expect(await trade(1)).toMatchObject({ status: 'COMPLETED', truth: '0.5' });
  });

  test('writes the same journal for the same seeds', async () => {
    const [first, second, other] = [await trade(2), await trade(2), await trade(3)];
    expect(second.journal).toEqual(first.journal);
    expect(other.journal).not.toEqual(first.journal);
  });

  test('shares its classes with the main entry', () => {
    expect(testing.SimulatedClock).toBe(main.SimulatedClock);
    expect(testing.Projection).toBe(main.Projection);
  });
});
