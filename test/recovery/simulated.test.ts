/** A crash at any record against the simulated venue on a made-up market: its truth and the journal agree at the end. */
import { describe, expect, test } from '@jest/globals';
import { SimulatedClock } from '../../src/clock/simulated-clock.js';
import { createSimulatedVenue } from '../../src/connectors/simulated/venue.js';
import { add, sub } from '../../src/dtos/decimal.js';
import { parseJournal } from '../../src/journal/index.js';
import { openMarket } from '../../src/market/open.js';
import type { Runtime } from '../../src/runtime/api.js';
import { type Batch, BTC, batch, coordinated, ETH, leg, T0 } from '../runtime/rig.js';
import { type Death, live } from '../support/crash.js';

const INSTRUMENTS = {
  [BTC]: { tick_size: '0.01', lot_size: '0.1', min_notional: '5' },
  [ETH]: { tick_size: '0.01', lot_size: '0.1', min_notional: '5' },
};
const SECONDS = 100;

async function run({ directive, commands }: Batch, deaths: readonly Death[]) {
  const clock = new SimulatedClock(T0);
  const symbols = { [BTC]: '100', [ETH]: '50' };
  const start = new Date(T0).toISOString();
  const source = openMarket(
    { source: 'synthetic', seed: 7, symbols, start, duration_seconds: SECONDS },
    '.',
    INSTRUMENTS,
  );
  const venue = createSimulatedVenue({
    clock,
    instruments: INSTRUMENTS,
    venue: { latency_ms: 20, fees_bps: { maker: '1', taker: '4' }, allow_short: true },
  });
  for (const event of source.events()) clock.at(event.at, () => venue.onMarket(event));
  const acts = [{ at: T0 + 2000, does: (runtime: Runtime) => runtime.submit(directive, commands) }];
  const options = {
    marketData: venue,
    config: { orchestration: { reconciliation: { interval_seconds: 30 } } },
  };
  const lived = await live({ clock, venue, acts, deaths, options, until: T0 + 1000 * SECONDS });
  const { records } = parseJournal(lived.lines.map((line) => `${line}\n`).join(''));
  const events = records.flatMap(({ events: own }) => own);
  const found: string[] = [];
  const ours = new Map<string, string>();
  for (const event of events) {
    if (event.type === 'FILL')
      ours.set(event.clientOrderId, add(ours.get(event.clientOrderId) ?? '0', event.quantity));
    if (event.type === 'FILL_REVERSED')
      ours.set(event.clientOrderId, sub(ours.get(event.clientOrderId) ?? '0', event.quantity));
    if (event.type === 'BALANCE_DIFFERENCE')
      found.push(`${event.asset}: ${event.actual} for ${event.expected}`);
  }
  const seen = new Set<string>();
  for (const { clientOrderId: id, cumQty, isOpen } of venue.truth().orders) {
    if (seen.has(id)) found.push(`${id} was accepted twice`);
    seen.add(id);
    if ((ours.get(id) ?? '0') !== cumQty) found.push(`${id}: ${ours.get(id)} booked, ${cumQty} traded`);
    if (isOpen) found.push(`${id} is open`);
  }
  if (lived.runtime.openBatches > 0) found.push('a batch did not end');
  const statuses = events.flatMap((event) => (event.type === 'BATCH_SETTLED' ? [event.status] : []));
  return { records: records.length, found, statuses };
}

const TWAP = { strategy: 'TWAP', duration_seconds: 60, slices: 4 };

const BATCHES: Readonly<Record<string, Batch>> = {
  'two schedules': batch([
    leg({ n: 1, params: TWAP }),
    leg({ n: 2, symbol: ETH, side: 'SELL', params: TWAP }),
  ]),
  'a coordinated pair with a leg too far from the market': coordinated(
    [leg({ n: 1 }), leg({ n: 2, symbol: ETH, limit: '20' })],
    { timeout_seconds: 60 },
  ),
};

describe.each(Object.keys(BATCHES))('%s', (name) => {
  test.each(['COMMITTED', 'ACTED'] as const)(
    'ends with the venue and the journal agreed: %s',
    async (when) => {
      const given = BATCHES[name]!;
      const whole = await run(given, []);
      expect(whole.found).toEqual([]);
      expect(whole.statuses).toHaveLength(1);
      for (let record = 2; record <= whole.records; record++) {
        const { found, statuses } = await run(given, [{ record, when }]);
        expect({ record, found }).toEqual({ record, found: [] });
        expect({ record, statuses }).toEqual({ record, statuses: whole.statuses });
      }
    },
  );
});
