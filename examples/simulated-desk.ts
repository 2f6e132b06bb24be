/**
 * What the examples beside it trade on: a made-up market of two symbols with a simulated venue and clock.
 *
 * No example by itself. pair-trade.ts shows the same in full.
 */
import {
  createMemoryJournal,
  createRuntime,
  createSimulatedVenue,
  type Journal,
  openMarket,
  Replay,
  type Runtime,
  type RuntimeOptions,
  SimulatedClock,
  seededIds,
} from 'fillwright';

export const start = '2025-01-06T09:00:00Z';

export interface Desk {
  readonly runtime: Runtime;
  readonly journal: Journal;
  /** Moves the market until no batch is open. */
  work(): Promise<void>;
}

export async function openDesk(options: Pick<RuntimeOptions, 'inspect' | 'strategies'> = {}): Promise<Desk> {
  const instruments = {
    'BTC/USDT': { tick_size: '0.01', lot_size: '0.00001', min_notional: '5' },
    'ETH/USDT': { tick_size: '0.01', lot_size: '0.0001', min_notional: '5' },
  };
  const symbols = { 'BTC/USDT': '60000', 'ETH/USDT': '2500' };
  const market = openMarket(
    { source: 'synthetic', seed: 12, symbols, start, duration_seconds: 300 },
    '.',
    instruments,
  );
  const clock = new SimulatedClock(market.startsAt);
  const venue = createSimulatedVenue({ clock, instruments, venue: { latency_ms: 20, allow_short: true } });
  const replay = new Replay({ clock, source: market, venue });
  const journal = createMemoryJournal();
  const runtime = await createRuntime({
    journal,
    connectors: { simulated: venue },
    clock,
    ids: seededIds('desk'),
    ...options,
  });
  for (const symbol of Object.keys(symbols)) while (venue.view(symbol) === null) replay.step();
  return {
    runtime,
    journal,
    async work() {
      while (runtime.openBatches > 0 && replay.step()) await runtime.settle();
    },
  };
}
