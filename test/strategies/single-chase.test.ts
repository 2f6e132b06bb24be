import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type SingleParamsInput, SingleParamsSchema } from '../../src/dtos/strategy-params.js';
import type { Side } from '../../src/dtos/venue.js';
import type { StrategyContext } from '../../src/strategies/contract.js';
import type { SinglePlanParams } from '../../src/strategies/params.js';
import { single } from '../../src/strategies/single.js';
import { BTC, contextOf, EVEN, Planner, progressOf, T0, view } from './support.js';
import { runWorld, scripts } from './world.js';

type Change = Partial<Omit<StrategyContext<SinglePlanParams>, 'params'>>;
type Params = Partial<SingleParamsInput>;

const CHASE = { distance_ticks: 2, refresh_ticks: 5, max_replacements: 2 };
const context = (params: Params = {}, change: Change = {}) =>
  contextOf<SinglePlanParams>(
    SingleParamsSchema.parse({ strategy: 'SINGLE', chase: CHASE, ...params }),
    change,
  );
const planner = (...args: Parameters<typeof context>) => new Planner(single, context(...args));
const LIVE = progressOf(1000, { leaves: 1000, live: 1 });

describe('a chased order', () => {
  test('rests behind the near side of the book and watches it', () => {
    const bought = planner({ post_only: true }).ask('START', T0, progressOf(1000));
    expect(bought.orders).toMatchObject([
      { quantity: 1000, orderType: 'LIMIT', price: '99.97', timeInForce: 'GTC', postOnly: true },
    ]);
    expect(bought).toMatchObject({
      exhausted: false,
      watch: { price: 'BID', above: '100.04', below: '99.94' },
    });
    const sold = planner({}, { side: 'SELL' }).ask('START', T0, progressOf(1000));
    expect(sold).toMatchObject({
      orders: [{ price: '100.03' }],
      watch: { price: 'ASK', above: '100.06', below: '99.96' },
    });
  });

  test('is never priced past its limit', () => {
    const asked = planner({ limit_price: '99.5' });
    expect(asked.ask('START', T0, progressOf(1000)).orders).toMatchObject([{ price: '99.5' }]);
  });

  test('waits for the near side of the book', () => {
    const asked = planner();
    expect(asked.ask('START', T0, progressOf(1000), view(null, '100'))).toMatchObject({ deferred: true });
    expect(asked.ask('START', T0 + 1000, progressOf(1000)).orders).toHaveLength(1);
  });

  test('is canceled once the near side is refresh_ticks away, then placed anew for what is left', () => {
    const asked = planner();
    asked.ask('START', T0, progressOf(1000));
    const near = asked.ask('TRIGGER', T0 + 1, LIVE, view('100.03', '100.05'));
    expect(near.cancels).toBeUndefined();
    expect(near.watch).toMatchObject({ above: '100.04', below: '99.94' });
    const moved = asked.ask('TRIGGER', T0 + 2, LIVE, view('100.04', '100.06'));
    expect(moved).toMatchObject({ cancels: true, orders: [], exhausted: false });
    const going = asked.ask('TRIGGER', T0 + 3, LIVE, view('101', '101.02'));
    expect(going.cancels).toBeUndefined();
    const anew = asked.ask('REPRICE', T0 + 4, progressOf(1000, { filled: 300 }), view('101', '101.02'));
    expect(anew).toMatchObject({ orders: [{ quantity: 700, price: '100.98' }], watch: { above: '101.05' } });
  });

  test('follows the market down as it does up', () => {
    const asked = planner();
    asked.ask('START', T0, progressOf(1000));
    expect(asked.ask('TRIGGER', T0 + 1, LIVE, view('99.94', '99.96')).cancels).toBe(true);
  });

  test('stays after max_replacements, and watches no more', () => {
    const asked = planner();
    asked.ask('START', T0, progressOf(1000));
    for (const bid of ['101', '102']) {
      const market = view(bid, '103');
      expect(asked.ask('TRIGGER', T0 + 1, LIVE, market).cancels).toBe(true);
      expect(asked.ask('REPRICE', T0 + 2, progressOf(1000), market).orders).toHaveLength(1);
    }
    const last = asked.ask('WAKE', T0 + 3, LIVE, view('110', '111'));
    expect(last).toMatchObject({ orders: [], exhausted: true });
    expect(last.cancels).toBeUndefined();
    expect(last.watch).toBeUndefined();
  });

  test('keeps its place in the queue where the limit would undo the move', () => {
    const asked = planner({ limit_price: '99' });
    asked.ask('START', T0, progressOf(1000));
    const kept = asked.ask('TRIGGER', T0 + 1, LIVE, view('101', '101.02'));
    expect(kept.cancels).toBeUndefined();
    expect(kept.watch).toMatchObject({ above: '101.05', below: '100.95' });
  });

  test('is left alone while its fate is unknown', () => {
    const asked = planner();
    asked.ask('START', T0, progressOf(1000));
    const unknown = progressOf(1000, { unknown: 1000, live: 1 });
    expect(asked.ask('TRIGGER', T0 + 1, unknown, view('110', '111')).cancels).toBeUndefined();
  });

  test('is not placed again once the venue has ended it', () => {
    const asked = planner();
    asked.ask('START', T0, progressOf(1000));
    const after = asked.ask('ORDER_ENDED', T0 + 1, progressOf(1000, { filled: 10 }));
    expect(after).toMatchObject({ orders: [], exhausted: true });
  });

  test('is swept at the marketable price', () => {
    const asked = planner();
    asked.ask('START', T0, progressOf(1000));
    const swept = asked.ask('SWEEP', T0 + 1, progressOf(1000, { filled: 400 }));
    expect(swept.orders).toMatchObject([{ quantity: 600, price: '101', timeInForce: 'IOC' }]);
    expect(swept.exhausted).toBe(true);
  });

  test('needs no limit, but refuses a distance that leaves no price and a time in force that does not rest', () => {
    expect(() => single.check(context(), EVEN)).not.toThrow();
    const far = context({ chase: { ...CHASE, distance_ticks: 9999 } });
    expect(() => single.check(far, EVEN)).toThrow(/leaves no price above 0; at most 9998 can be met/);
    const chased = context();
    const ioc = { ...chased, params: { ...chased.params, time_in_force: 'IOC' as const } };
    expect(() => single.check(ioc, EVEN)).toThrow(/a chased order rests; IOC contradicts it/);
  });
});

test('a SINGLE refuses max_participation, which one order cannot keep', () => {
  const { chase: _, ...params } = context().params;
  const bounded = contextOf<SinglePlanParams>({ ...params, max_participation: '0.1' });
  expect(() => single.check(bounded, EVEN)).toThrow(/cannot keep to max_participation; choose a POV/);
});

const contexts = fc
  .record({
    distance: fc.integer({ min: 0, max: 40 }),
    refresh: fc.integer({ min: 1, max: 400 }),
    replacements: fc.integer({ min: 1, max: 6 }),
    target: fc.integer({ min: 1, max: 2000 }),
    minNotional: fc.constantFrom('0', '1', '5'),
    side: fc.constantFrom<Side>('BUY', 'SELL'),
    hasLimit: fc.boolean(),
    onReject: fc.constantFrom('RETRY', 'SKIP', 'STOP'),
    onDeadline: fc.constantFrom('CANCEL', 'SWEEP'),
  })
  .map((c) =>
    context(
      {
        chase: { distance_ticks: c.distance, refresh_ticks: c.refresh, max_replacements: c.replacements },
        ...(c.hasLimit ? { limit_price: '100' } : {}),
        on_reject: c.onReject as 'STOP',
        on_deadline: c.onDeadline as 'CANCEL',
        duration_seconds: 3600,
      },
      {
        target: c.target,
        side: c.side,
        instrument: { ...BTC, minNotional: c.minNotional },
        endsAt: T0 + 3_600_000,
      },
    ),
  );

test('every chase has one order at a time, moves at most as often as told, and keeps its limit', () => {
  fc.assert(
    fc.property(contexts, scripts(), (made, script) => {
      let moves = 0;
      runWorld(single, made, script, {
        onDecision: ({ progress, decision }) => {
          const { orders, state } = decision;
          if (orders.length > 1 || (orders.length > 0 && progress.live > 0)) throw new Error('two orders');
          if (decision.cancels === true) moves++;
          const limit = Number(progress.limitPrice ?? made.params.limit_price ?? Number.NaN);
          const past = Number(orders[0]?.price ?? Number.NaN) - limit;
          if (!state.swept && (made.side === 'BUY' ? past > 0 : past < 0)) throw new Error('past the limit');
        },
      });
      expect(moves).toBeLessThanOrEqual(made.params.chase?.max_replacements ?? 0);
    }),
    { numRuns: 1000 },
  );
});
