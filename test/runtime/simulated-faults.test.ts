/** The runtime against the simulated venue when that loses requests and answers: the venue's own truth is the judge. */
import { describe, expect, test } from '@jest/globals';
import { SimulatedClock } from '../../src/clock/simulated-clock.js';
import {
  createSimulatedVenue,
  type Faults,
  type SimulatedVenue,
} from '../../src/connectors/simulated/venue.js';
import type { RuntimeEvent } from '../../src/dtos/events.js';
import { seededIds } from '../../src/ids/ids.js';
import { createRuntime } from '../../src/runtime/create-runtime.js';
import { type Batch, BTC, batch, coordinated, ETH, leg, T0 } from './rig.js';

async function run({ directive, commands }: Batch, faults: Faults, cancelAt: number | null = null) {
  const clock = new SimulatedClock(T0);
  const instruments = { tick_size: '0.01', lot_size: '0.1', min_notional: '5' };
  const venue: SimulatedVenue = createSimulatedVenue({
    clock,
    instruments: { [BTC]: instruments, [ETH]: instruments },
    venue: { latency_ms: 20, allow_short: true, fees_bps: { maker: '1', taker: '4' } },
    faults,
  });
  const quote = { kind: 'quote', at: T0, bid: '99.99', bidSize: '50', ask: '100.01', askSize: '50' } as const;
  for (const symbol of [BTC, ETH]) venue.onMarket({ ...quote, symbol });
  const runtime = await createRuntime({ connectors: { SIM: venue }, clock, ids: seededIds('faults') });
  const events: RuntimeEvent[] = [];
  runtime.events$.subscribe((event) => events.push(event));
  const handle = await runtime.submit(directive, commands);
  if (cancelAt !== null) clock.at(T0 + cancelAt, () => void handle.cancel('enough'));
  do await runtime.settle();
  while (runtime.openBatches > 0 && clock.runNext());
  const truth = venue.truth();
  return { result: await handle.result(), truth, types: events.map(({ type }) => type), clock };
}

/** The fault for the first request, and for the first only. */
const once = (fault: 'DROP' | 'ACK_LOST') => {
  let isFirst = true;
  return () => {
    const verdict = isFirst ? fault : 'ACCEPT';
    isFirst = false;
    return verdict;
  };
};

describe('the simulated venue', () => {
  test('that loses a place gets the same order again, once its absence is proved', async () => {
    const { result, truth, types } = await run(batch([leg()]), { onPlace: once('DROP') });
    expect(result).toMatchObject({ status: 'COMPLETED', legs: [{ filledQuantity: '1' }] });
    expect(truth.orders).toHaveLength(1);
    expect(truth.balances[BTC.slice(0, 3)]).toBe('1');
    expect(types.filter((type) => type === 'ORDER_RESENT')).toHaveLength(1);
  });

  test('that loses its answer is asked, and the order is not sent twice', async () => {
    const { result, truth, types } = await run(batch([leg()]), { onPlace: once('ACK_LOST') });
    expect(result).toMatchObject({ status: 'COMPLETED', legs: [{ filledQuantity: '1' }] });
    expect(truth.orders).toHaveLength(1);
    expect(types).not.toContain('ORDER_RESENT');
    expect(types).toContain('ORDER_UNKNOWN');
  });

  test.each(['DROP', 'ACK_LOST'] as const)(
    'that loses a cancel (%s) ends with nothing open',
    async (fault) => {
      const { result, truth } = await run(batch([leg({ limit: '90' })]), { onCancel: once(fault) }, 1_000);
      expect(result).toMatchObject({ status: 'CANCELLED', legs: [{ filledQuantity: '0' }] });
      expect(truth.orders.map(({ status, isOpen }) => [status, isOpen])).toEqual([['CANCELED', false]]);
    },
  );

  test('that refuses one leg gets the other one back', async () => {
    const pair = coordinated([leg({ n: 1 }), leg({ n: 2, symbol: ETH, side: 'SELL' })]);
    const { result, truth } = await run(pair, {
      onPlace: ({ symbol }) => (symbol === ETH ? { reject: 'not shortable' } : 'ACCEPT'),
    });
    expect(result).toMatchObject({ status: 'FAILED', residuals: [], legs: [{ filledQuantity: '1' }, {}] });
    expect(truth.balances['BTC']).toBe('0');
    expect(truth.fills.map(({ side, quantity }) => `${side} ${quantity}`)).toEqual(['BUY 1', 'SELL 1']);
  });
});
