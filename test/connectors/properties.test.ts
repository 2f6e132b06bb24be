/** What holds of the simulated venue whatever the market and the orders are. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { BookSide } from '../../src/connectors/simulated/book-side.js';
import { add, cmp, mul, neg, sub } from '../../src/dtos/decimal.js';
import type { Report } from '../../src/dtos/venue.js';
import { Harness, type OrderText, order } from './harness.js';

describe('BookSide', () => {
  const LOT = 3;
  const change = fc.oneof(
    fc.record({ do: fc.constant('set' as const), key: fc.integer({ min: -6, max: 6 }), size: fc.nat(20) }),
    fc.record({
      do: fc.constant('take' as const),
      key: fc.integer({ min: -6, max: 6 }),
      size: fc.integer({ min: 1, max: 9 }),
    }),
    fc.record({ do: fc.constant('cap' as const), key: fc.integer({ min: -6, max: 6 }), size: fc.nat(20) }),
    fc.record({ do: fc.constant('uncap' as const), key: fc.constant(0), size: fc.constant(0) }),
  );

  /** The slow and obvious book. */
  class Model {
    readonly levels = new Map<number, { size: number; taken: number }>();
    cap: { key: number; size: number } | null = null;

    free(key: number): number {
      const level = this.levels.get(key);
      if (level === undefined || (this.cap !== null && key > this.cap.key)) return 0;
      const size = this.cap?.key === key ? Math.min(level.size, this.cap.size) : level.size;
      return Math.max(0, size - level.taken);
    }

    wholeLots(key: number): number {
      return Math.floor(this.free(key) / LOT) * LOT;
    }

    get keys(): number[] {
      return [...this.levels.keys()].sort((a, b) => b - a);
    }
  }

  test('agrees with a book kept the obvious way', () => {
    fc.assert(
      fc.property(fc.array(change, { maxLength: 60 }), (changes) => {
        const side = new BookSide(LOT);
        const model = new Model();
        for (const { do: action, key, size } of changes) {
          if (action === 'set') {
            side.set(key, size);
            if (size === 0) model.levels.delete(key);
            else model.levels.set(key, { size, taken: 0 });
          } else if (action === 'cap') {
            side.cap(key, size);
            model.cap = { key, size };
          } else if (action === 'uncap') {
            side.uncap();
            model.cap = null;
          } else take(side, model, key, size * LOT);
          expect(side.best()).toBe(model.keys.find((each) => model.free(each) >= LOT) ?? null);
        }
      }),
      { numRuns: 300 },
    );
  });

  function take(side: BookSide, model: Model, limit: number, wanted: number): void {
    const within = model.keys.filter((key) => key >= limit && model.wholeLots(key) > 0);
    const all = within.reduce((sum, key) => sum + model.wholeLots(key), 0);
    expect(side.available(limit, wanted)).toBe(Math.min(all, wanted));
    const parts: [number, number][] = [];
    side.take(limit, wanted, (key, units) => parts.push([key, units]));
    let left = wanted;
    const expected: [number, number][] = [];
    for (const key of within) {
      const units = Math.min(left, model.wholeLots(key));
      if (units === 0) break;
      expected.push([key, units]);
      left -= units;
    }
    expect(parts).toEqual(expected);
    for (const [key, units] of expected) model.levels.get(key)!.taken += units;
  }
});

describe('the venue', () => {
  const between = (min: number, max: number) => fc.integer({ min, max }).map((halves) => String(halves / 2));
  const price = between(192, 208);
  const size = fc.integer({ min: 1, max: 40 }).map((tenths) => String(tenths / 10));
  const levels = (prices: fc.Arbitrary<string>) =>
    fc
      .array(fc.tuple(prices, fc.oneof(size, fc.constant('0'))), { maxLength: 4 })
      .map((all) => all.map(([p, s]) => `${p} x ${s}`).join(', '));
  const placing = fc.record<OrderText>({
    side: fc.constantFrom('BUY', 'SELL'),
    orderType: fc.constantFrom('LIMIT', 'LIMIT', 'LIMIT', 'STOP_LIMIT'),
    timeInForce: fc.constantFrom('GTC', 'GTC', 'IOC', 'FOK', 'DAY'),
    quantity: size,
    price,
    stopPrice: price,
    postOnly: fc.constantFrom(false, false, false, true),
  });
  const step = fc.oneof(
    { weight: 3, arbitrary: fc.record({ do: fc.constant('place' as const), placing }) },
    fc.record({ do: fc.constant('cancel' as const), which: fc.nat(20) }),
    // Books mostly uncrossed, but not always: recordings are not either.
    fc.record({
      do: fc.constant('depth' as const),
      bids: levels(between(192, 200)),
      asks: levels(between(199, 208)),
    }),
    fc.record({
      do: fc.constant('quote' as const),
      bid: between(196, 200),
      ask: between(200, 204),
      size,
    }),
    fc.record({
      do: fc.constant('trade' as const),
      price,
      size,
      side: fc.constantFrom('BUY' as const, 'SELL' as const, null),
    }),
    fc.record({ do: fc.constant('wait' as const), ms: fc.nat(20) }),
  );
  const steps = fc.array(step, { minLength: 30, maxLength: 80 });

  type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

  /** Plays the steps and returns every report. */
  function play(steps: readonly Step[], latency_ms: number): { harness: Harness; reports: Report[] } {
    const harness = new Harness({
      venue: {
        latency_ms,
        allow_short: false,
        balances: { USDT: '3000', BTC: '10' },
        fees_bps: { maker: '1', taker: '4' },
      },
    });
    const reports: Report[] = [];
    harness.venue.reports$.subscribe((report) => reports.push(report));
    let placed = 0;
    harness.book('99.5 x 3, 98 x 5', '100 x 3, 102 x 5');
    for (const each of steps) {
      if (each.do === 'place') harness.venue.place(order(`o${placed++}`, each.placing));
      else if (each.do === 'cancel') harness.venue.cancel(`o${each.which}`);
      else if (each.do === 'depth') harness.depth(each.bids, each.asks);
      else if (each.do === 'quote') harness.quote(`${each.bid} x ${each.size}`, `${each.ask} x ${each.size}`);
      else if (each.do === 'trade') harness.trade(each.price, each.size, each.side);
      else harness.runTo(harness.clock.now() + each.ms);
    }
    harness.runTo(harness.clock.now() + 10_000);
    return { harness, reports };
  }

  test('reports, orders and money agree at every end', () => {
    fc.assert(
      fc.property(steps, fc.constantFrom(0, 7), (played, latency) => {
        const { harness, reports } = play(played, latency);
        const truth = harness.venue.truth();
        const filled = new Map<string, string>();
        let money = '3000';
        let coins = '10';
        for (const fill of truth.fills) {
          filled.set(fill.clientOrderId, add(filled.get(fill.clientOrderId) ?? '0', fill.quantity));
          const notional = mul(fill.price, fill.quantity);
          money = sub(add(money, fill.side === 'BUY' ? neg(notional) : notional), fill.commission);
          coins = add(coins, fill.side === 'BUY' ? fill.quantity : neg(fill.quantity));
        }
        expect(truth.balances).toEqual({ USDT: money, BTC: coins });
        expect(cmp(money, '0')).toBeGreaterThanOrEqual(0);
        expect(cmp(coins, '0')).toBeGreaterThanOrEqual(0);
        const trades = reports.filter((report) => report.type === 'TRADE');
        expect(trades.map(({ execId }) => execId).sort()).toEqual(
          truth.fills.map(({ execId }) => execId).sort(),
        );
        for (const { clientOrderId, cumQty, quantity, status, isOpen } of truth.orders) {
          expect(cumQty).toBe(filled.get(clientOrderId) ?? '0');
          expect(cmp(cumQty, quantity)).toBeLessThanOrEqual(0);
          expect(status === 'FILLED').toBe(cmp(cumQty, quantity) === 0);
          if (isOpen) harness.venue.cancel(clientOrderId);
        }
        harness.runTo(harness.clock.now() + 100);
        expect(harness.venue.balances()).toEqual(harness.venue.truth().balances);
      }),
      { numRuns: 150 },
    );
  });

  test('every fill is within its limit, and nothing follows an order’s end', () => {
    fc.assert(
      fc.property(steps, (played) => {
        const { harness, reports } = play(played, 7);
        const limits = new Map(
          played
            .flatMap((each) => (each.do === 'place' ? [each.placing] : []))
            .map((each, index) => [`o${index}`, each]),
        );
        for (const { clientOrderId, price: paid, side, liquidity } of harness.venue.truth().fills) {
          const limit = limits.get(clientOrderId)?.price ?? '';
          expect(cmp(paid, limit) * (side === 'BUY' ? 1 : -1)).toBeLessThanOrEqual(0);
          if (liquidity === 'MAKER') expect(cmp(paid, limit)).toBe(0);
        }
        const ended = new Set<string>();
        for (const { type, clientOrderId } of reports) {
          if (type === 'CANCEL_REJECTED') continue;
          expect(ended.has(clientOrderId)).toBe(false);
          if (type === 'CANCELED' || type === 'REJECTED') ended.add(clientOrderId);
        }
      }),
      { numRuns: 100 },
    );
  });

  test('equal markets and orders give equal reports', () => {
    fc.assert(
      fc.property(steps, (played) => {
        expect(play(played, 7).reports).toEqual(play(played, 7).reports);
      }),
      { numRuns: 30 },
    );
  });
});
