import { describe, expect, test } from '@jest/globals';
import type { TwapParamsInput } from '../../src/dtos/strategy-params.js';
import type { StrategyContext } from '../../src/strategies/contract.js';
import type { TwapPlanParams } from '../../src/strategies/params.js';
import { twap } from '../../src/strategies/twap.js';
import {
  BTC,
  contextOf,
  EVEN,
  MINUTE,
  Planner,
  progressOf,
  quantities,
  runFilling,
  T0,
  twapParams,
  view,
} from './support.js';

const context = (
  params: Partial<TwapParamsInput> = {},
  change: Partial<Omit<StrategyContext<TwapPlanParams>, 'params'>> = {},
): StrategyContext<TwapPlanParams> => contextOf(twapParams(params), change);

const planner = (...args: Parameters<typeof context>) => new Planner(twap, context(...args));
const LIMIT = { order_type: 'LIMIT', limit_price: '98' } as const;
const PRICED = { ...BTC, minNotional: '5' };

describe('the schedule of a TWAP', () => {
  test('divides the duration by the slices, the first one at the start', () => {
    const rows = twap.schedule(context(), EVEN);
    expect(rows.map(({ at }) => (at - T0) / MINUTE)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(rows.every(({ quantity, price }) => quantity === 100 && price === '101')).toBe(true);
  });

  test('fits whole intervals into the duration', () => {
    const rows = twap.schedule(context({ interval_seconds: 70 }), EVEN);
    expect(rows.map(({ at }) => (at - T0) / 1000)).toEqual([0, 70, 140, 210, 280, 350, 420, 490]);
  });

  test('is one slice at the start when the interval is longer than the duration', () => {
    expect(twap.schedule(context({ interval_seconds: 601 }), EVEN)).toEqual([
      { at: T0, quantity: 1000, price: '101' },
    ]);
  });

  test('ends with the effective end: the same slices sooner, or fewer of the same interval', () => {
    const endsAt = T0 + 300_000;
    const slices = twap.schedule(context({}, { endsAt }), EVEN);
    expect(slices).toHaveLength(10);
    expect(slices.at(-1)?.at).toBe(T0 + 270_000);
    const intervals = twap.schedule(context({ interval_seconds: 60 }, { endsAt }), EVEN);
    expect(intervals.map(({ quantity }) => quantity)).toEqual([200, 200, 200, 200, 200]);
    expect(intervals.at(-1)?.at).toBe(T0 + 240_000);
  });

  test('uses fewer slices over the same time when slices fall below the venue minimum', () => {
    const rows = twap.schedule(context({}, { instrument: PRICED, target: 320 }), EVEN);
    expect(rows.map(({ quantity }) => quantity)).toEqual([54, 54, 53, 53, 53, 53]);
    expect(rows.map(({ at }) => (at - T0) / 1000)).toEqual([0, 100, 200, 300, 400, 500]);
  });

  test('uses fewer slices when they fall below min_child_quantity or one lot', () => {
    expect(twap.schedule(context({ min_child_quantity: '0.3' }), EVEN)).toHaveLength(3);
    expect(twap.schedule(context({}, { target: 7 }), EVEN)).toHaveLength(7);
  });

  test('has no price while there is none', () => {
    expect(twap.schedule(context(), null).every(({ price }) => price === null)).toBe(true);
    expect(twap.schedule(context(LIMIT), null).every(({ price }) => price === '98')).toBe(true);
  });

  test('is the same for the same seed and another for another', () => {
    const jitter = { size_jitter_pct: '0.3', time_jitter_pct: '0.3' };
    const rows = (seed: number) => twap.schedule(context({ ...jitter, seed }), EVEN);
    expect(rows(1)).toEqual(rows(1));
    expect(rows(1).map(({ at }) => at)).not.toEqual(rows(2).map(({ at }) => at));
    expect(rows(1).map(({ quantity }) => quantity)).not.toEqual(rows(2).map(({ quantity }) => quantity));
  });
});

describe('the slices of a TWAP', () => {
  test('go out as marketable IOC LIMITs at the price of their time', () => {
    const asked = planner();
    const first = asked.ask('START', T0, progressOf(1000));
    expect(first.orders).toMatchObject([{ quantity: 100, price: '101', timeInForce: 'IOC' }]);
    expect(first).toMatchObject({ wakeAt: T0 + MINUTE, exhausted: false });
    const second = asked.ask('WAKE', T0 + MINUTE, progressOf(1000, { filled: 100 }), view('199', '201'));
    expect(second.orders).toMatchObject([{ quantity: 100, price: '202' }]);
  });

  test('rest as LIMITs and count as leaves', () => {
    const asked = planner({ ...LIMIT, post_only: true });
    const first = asked.ask('START', T0, progressOf(1000), null);
    expect(first.orders).toMatchObject([{ price: '98', timeInForce: 'GTC', postOnly: true }]);
    const second = asked.ask('WAKE', T0 + MINUTE, progressOf(1000, { leaves: 100, live: 1 }), null);
    expect(second.orders).toMatchObject([{ quantity: 100 }]);
  });

  test('carry what was left unfilled, spread over the slots to come', () => {
    const asked = planner();
    asked.ask('START', T0, progressOf(1000));
    const second = asked.ask('WAKE', T0 + MINUTE, progressOf(1000, { filled: 9 }));
    // 991 ÷ 9: the spare lot goes to the earliest.
    expect(second.orders).toMatchObject([{ quantity: 111 }]);
  });

  test('leave alone what an unknown order may have filled', () => {
    const asked = planner();
    asked.ask('START', T0, progressOf(1000));
    const second = asked.ask('WAKE', T0 + MINUTE, progressOf(1000, { unknown: 100, live: 1 }));
    expect(second.orders).toMatchObject([{ quantity: 100 }]);
  });

  test('shrink with an amended cap', () => {
    const asked = planner();
    asked.ask('START', T0, progressOf(1000));
    const second = asked.ask('WAKE', T0 + MINUTE, progressOf(550, { filled: 100 }));
    expect(second.orders).toMatchObject([{ quantity: 50 }]);
  });

  test('fire once each, however often they are asked', () => {
    const asked = planner();
    asked.ask('START', T0, progressOf(1000));
    expect(asked.ask('WAKE', T0 + MINUTE, progressOf(1000, { filled: 100 })).orders).toHaveLength(1);
    const open = progressOf(1000, { filled: 100, leaves: 100, live: 1 });
    expect(asked.ask('WAKE', T0 + MINUTE, open)).toMatchObject({ orders: [], wakeAt: T0 + 2 * MINUTE });
    const full = progressOf(1000, { filled: 200 });
    expect(asked.ask('WAKE', T0 + MINUTE + 1, full)).toMatchObject({ orders: [], wakeAt: T0 + 2 * MINUTE });
  });

  test('of an outage are skipped but the latest, and caught up with no faster than max_catch_up_factor', () => {
    const asked = planner();
    asked.ask('START', T0, progressOf(1000));
    const eighth = asked.ask('WAKE', T0 + 8.5 * MINUTE, progressOf(1000, { filled: 100 }));
    expect(eighth.orders).toMatchObject([{ quantity: 300 }]);
    expect(eighth.wakeAt).toBe(T0 + 9 * MINUTE);
    const last = asked.ask('WAKE', T0 + 9 * MINUTE, progressOf(1000, { filled: 400 }));
    expect(last).toMatchObject({ orders: [{ quantity: 300 }], exhausted: false });
    const full = progressOf(1000, { filled: 700 });
    expect(asked.ask('WAKE', last.wakeAt!, full)).toMatchObject({
      orders: [],
      exhausted: true,
      wakeAt: null,
    });
  });

  test('wait a second for a reference price without being used up', () => {
    const asked = planner();
    asked.ask('START', T0, progressOf(1000));
    const progress = progressOf(1000, { filled: 100 });
    const waiting = asked.ask('WAKE', T0 + MINUTE, progress, null);
    expect(waiting).toMatchObject({
      orders: [],
      deferred: true,
      wakeAt: T0 + MINUTE + 1000,
      exhausted: false,
    });
    expect(asked.ask('WAKE', T0 + MINUTE + 1000, progress).orders).toMatchObject([{ quantity: 100 }]);
  });

  test('are planned at the first reference price when there is none at the start', () => {
    const asked = planner({}, { instrument: PRICED, target: 320 });
    expect(asked.ask('START', T0, progressOf(320), null).deferred).toBe(true);
    const first = asked.ask('START', T0 + 1000, progressOf(320));
    expect(first).toMatchObject({ orders: [{ quantity: 54 }], wakeAt: T0 + 100_000 });
  });

  test('stay whole minima: a slot too small yields to a later one, which takes the rest', () => {
    const asked = planner({ slices: 3 }, { instrument: PRICED, target: 300 });
    asked.ask('START', T0, progressOf(300));
    const second = asked.ask('WAKE', T0 + 200_000, progressOf(160, { filled: 100 }));
    expect(second.orders).toEqual([]);
    const last = asked.ask('WAKE', T0 + 400_000, progressOf(160, { filled: 100 }));
    expect(last.orders).toMatchObject([{ quantity: 60 }]);
  });

  test('leave a last rest that is below the venue minimum unsent', () => {
    const asked = planner({ slices: 2 }, { instrument: PRICED, target: 300 });
    asked.ask('START', T0, progressOf(300));
    const last = asked.ask('WAKE', T0 + 300_000, progressOf(300, { filled: 260 }));
    expect(last).toMatchObject({ orders: [], exhausted: true });
  });

  test('may end with one below min_child_quantity', () => {
    const asked = planner({ slices: 2, min_child_quantity: '0.1' }, { target: 300 });
    asked.ask('START', T0, progressOf(300));
    const last = asked.ask('WAKE', T0 + 300_000, progressOf(300, { filled: 260 }));
    expect(last.orders).toMatchObject([{ quantity: 40 }]);
  });

  test('never exceed max_child_quantity', () => {
    const asked = planner({ max_child_quantity: '0.12' });
    asked.ask('START', T0, progressOf(1000));
    const late = asked.ask('WAKE', T0 + 5 * MINUTE, progressOf(1000, { filled: 100 }));
    expect(late.orders).toMatchObject([{ quantity: 120 }]);
  });

  test('are not sent at or after the end', () => {
    const asked = planner({}, { endsAt: T0 + 10 * MINUTE });
    asked.ask('START', T0, progressOf(1000));
    const late = asked.ask('WAKE', T0 + 10 * MINUTE, progressOf(1000, { filled: 100 }));
    expect(late).toMatchObject({ orders: [], exhausted: true, wakeAt: null });
  });

  test('of 100,000 need no table: the state stays small', () => {
    const params = { slices: 100_000, size_jitter_pct: '0.5', time_jitter_pct: '0.5' };
    const asked = planner(params, { target: 50_000_000 });
    asked.ask('START', T0, progressOf(50_000_000));
    expect(JSON.stringify(asked.state).length).toBeLessThan(500);
  });
});

describe('REPRICE', () => {
  test('puts what the slots so far have placed back at the amended price, as one order', () => {
    const asked = planner(LIMIT);
    asked.ask('START', T0, progressOf(1000));
    asked.ask('WAKE', T0 + MINUTE, progressOf(1000, { leaves: 100, live: 1 }));
    asked.ask('WAKE', T0 + 2 * MINUTE, progressOf(1000, { leaves: 200, live: 2 }));
    const progress = progressOf(1000, { filled: 70, limitPrice: '99' });
    const repriced = asked.ask('REPRICE', T0 + 2.5 * MINUTE, progress);
    expect(repriced).toMatchObject({ orders: [{ quantity: 230, price: '99' }], wakeAt: T0 + 3 * MINUTE });
  });

  test('follows the schedule of the amended cap', () => {
    const asked = planner(LIMIT);
    asked.ask('START', T0, progressOf(600));
    asked.ask('WAKE', T0 + MINUTE, progressOf(600, { leaves: 60, live: 1 }));
    expect(asked.ask('REPRICE', T0 + 90_000, progressOf(600)).orders).toMatchObject([{ quantity: 120 }]);
    const late = planner(LIMIT);
    late.ask('START', T0, progressOf(1000));
    late.ask('WAKE', T0 + MINUTE, progressOf(1000, { leaves: 100, live: 1 }));
    expect(late.ask('REPRICE', T0 + 90_000, progressOf(600)).orders).toMatchObject([{ quantity: 120 }]);
  });

  test('counts what was carried once, not with each slot that sent it', () => {
    const asked = planner();
    asked.ask('START', T0, progressOf(1000));
    expect(asked.ask('WAKE', T0 + MINUTE, progressOf(1000)).orders).toMatchObject([{ quantity: 112 }]);
    expect(asked.ask('REPRICE', T0 + 90_000, progressOf(1000)).orders).toMatchObject([{ quantity: 200 }]);
  });

  test('does not make up for slots that an outage skipped', () => {
    const asked = planner(LIMIT);
    asked.ask('START', T0, progressOf(1000));
    asked.ask('WAKE', T0 + 6 * MINUTE, progressOf(1000, { leaves: 100, live: 1 }));
    expect(asked.ask('REPRICE', T0 + 6.5 * MINUTE, progressOf(1000)).orders).toMatchObject([
      { quantity: 325 },
    ]);
  });

  test('of orders that never rest stays within max_catch_up_factor', () => {
    const asked = planner();
    for (let k = 0; k < 6; k++) asked.ask(k === 0 ? 'START' : 'WAKE', T0 + k * MINUTE, progressOf(1000));
    const again = asked.ask('REPRICE', T0 + 5.5 * MINUTE, progressOf(1000));
    expect(again.orders).toMatchObject([{ quantity: 300 }]);
  });

  test('repeats a refused slot once, and nothing when all is open or filled', () => {
    const asked = planner();
    asked.ask('START', T0, progressOf(1000));
    expect(asked.ask('REPRICE', T0 + 500, progressOf(1000)).orders).toMatchObject([{ quantity: 100 }]);
    const open = progressOf(1000, { leaves: 40, filled: 60, live: 1 });
    expect(asked.ask('REPRICE', T0 + 900, open)).toMatchObject({ orders: [], wakeAt: T0 + MINUTE });
  });
});

describe('SWEEP', () => {
  test('is one marketable order for all that remains, and the last', () => {
    const asked = planner({ ...LIMIT, limit_price: '100.5', max_child_quantity: '0.2', post_only: true });
    asked.ask('START', T0, progressOf(1000));
    const swept = asked.ask('SWEEP', T0 + 9.9 * MINUTE, progressOf(1000, { filled: 350 }));
    expect(swept.orders).toMatchObject([
      { quantity: 650, price: '100.5', timeInForce: 'IOC', postOnly: false },
    ]);
    expect(swept).toMatchObject({ exhausted: true, wakeAt: null });
    expect(asked.ask('WAKE', T0 + 9.95 * MINUTE, progressOf(1000, { filled: 400 })).orders).toEqual([]);
  });

  test('waits for a reference price', () => {
    const asked = planner();
    asked.ask('START', T0, progressOf(1000));
    const progress = progressOf(1000, { filled: 100 });
    expect(asked.ask('SWEEP', T0 + 9 * MINUTE, progress, null)).toMatchObject({ deferred: true, orders: [] });
    expect(asked.ask('SWEEP', T0 + 9.1 * MINUTE, progress).orders).toMatchObject([{ quantity: 900 }]);
  });

  test('leaves dust alone', () => {
    const asked = planner({}, { instrument: PRICED });
    asked.ask('START', T0, progressOf(1000));
    const swept = asked.ask('SWEEP', T0 + 9 * MINUTE, progressOf(1000, { filled: 960 }));
    expect(swept).toMatchObject({ orders: [], exhausted: true });
  });

  test('keeps its terms when it was refused and is asked again', () => {
    const asked = planner({ ...LIMIT, limit_price: '100.5' });
    asked.ask('START', T0, progressOf(1000));
    asked.ask('SWEEP', T0 + 9 * MINUTE, progressOf(1000));
    const again = asked.ask('REPRICE', T0 + 9 * MINUTE + 500, progressOf(1000));
    expect(again.orders).toMatchObject([{ quantity: 1000, timeInForce: 'IOC' }]);
  });
});

describe('the check of a TWAP', () => {
  const message = (...args: Parameters<typeof context>): string => {
    try {
      twap.check(context(...args), EVEN);
    } catch (error) {
      return String(error);
    }
    return 'accepted';
  };

  test('accepts fewer slices than asked for', () => {
    expect(message({}, { instrument: PRICED, target: 320 })).toBe('accepted');
    expect(message({}, { instrument: PRICED, target: 50 })).toBe('accepted');
  });

  test('refuses what not even one slice can meet, and says what would do', () => {
    expect(message({}, { instrument: PRICED, target: 40 })).toBe(
      'FillwrightError: 10 slices of 0.004 BTC/USDT fall below the venue minimum of 5 USDT; not even one slice ' +
        'can be met: it takes 0.05 BTC/USDT, and the target is 0.04 BTC/USDT',
    );
    expect(message({ min_child_quantity: '2' })).toMatch(
      /fall below min_child_quantity 2; .* it takes 2 BTC\/USDT/,
    );
  });

  test('refuses slices that max_child_quantity keeps from carrying the target', () => {
    expect(message({ max_child_quantity: '0.05' })).toMatch(/10 slices .* at least 20 slices are needed/);
    const squeezed = message({ max_child_quantity: '0.04' }, { instrument: PRICED });
    expect(squeezed).toMatch(/more slices would fall below the venue minimum/);
    expect(message({ max_child_quantity: '0.0001' })).toMatch(/more slices would fall below one lot/);
  });

  test('refuses a schedule of zero, negative, broken or missing numbers', () => {
    const whole = twapParams();
    const broken: Partial<TwapPlanParams>[] = [
      { duration_seconds: 0 },
      { duration_seconds: Number.NaN },
      { slices: 0 },
      { slices: -1 },
      { slices: 1.5 },
      { interval_seconds: 60 },
      { size_jitter_pct: '1.5' },
      { time_jitter_pct: '-0.1' },
      { time_jitter_pct: 'NaN' },
    ];
    for (const change of broken) {
      const bad = contextOf({ ...whole, ...change } as TwapPlanParams);
      expect(() => twap.check(bad, EVEN)).toThrow(expect.objectContaining({ code: 'PLAN_INFEASIBLE' }));
    }
  });

  test('refuses a target that is zero, negative, broken or no number', () => {
    for (const target of [0, -5, 0.5, Number.NaN])
      expect(message({}, { target })).toMatch(/positive whole number/);
  });

  test('refuses STOP_LIMIT slices', () => {
    expect(message({ order_type: 'STOP_LIMIT', limit_price: '99' })).toMatch(/not STOP_LIMIT/);
  });
});

describe('max_participation of a TWAP', () => {
  const traded = (lots: number) => ({ ...EVEN, volume: `${lots / 1000}` });
  const bounded = () => planner({ max_participation: '0.5' }, { startVolume: '0', endsAt: T0 + 10 * MINUTE });

  test('keeps a slot waiting while it allows nothing, and sends what it then allows', () => {
    const asked = bounded();
    const start = asked.ask('START', T0, progressOf(1000), traded(0));
    expect(start).toMatchObject({ orders: [], deferred: true, wakeAt: T0 + 1000 });
    const first = asked.ask('START', T0 + 1000, progressOf(1000), traded(80));
    expect(first).toMatchObject({ orders: [{ quantity: 80 }], wakeAt: T0 + MINUTE });
  });

  test('waits while nobody counts volume', () => {
    expect(bounded().ask('START', T0, progressOf(1000), EVEN)).toMatchObject({ deferred: true, orders: [] });
  });

  test('lets the last slot go on until the end', () => {
    const asked = bounded();
    const last = asked.ask('WAKE', T0 + 9 * MINUTE, progressOf(1000, { filled: 800 }), traded(900));
    expect(last).toMatchObject({ orders: [{ quantity: 100 }], exhausted: false });
    expect(last.wakeAt).toBe(T0 + 9 * MINUTE + 1000);
    const more = asked.ask('WAKE', T0 + 9 * MINUTE + 1000, progressOf(1000, { filled: 900 }), traded(5000));
    expect(more).toMatchObject({ orders: [{ quantity: 100 }], exhausted: false });
  });

  test('bounds the sweep and what is placed anew', () => {
    const swept = bounded().ask('SWEEP', T0 + 9 * MINUTE, progressOf(1000, { filled: 100 }), traded(130));
    expect(swept).toMatchObject({ orders: [{ quantity: 30 }], exhausted: true });
    const asked = bounded();
    asked.ask('START', T0, progressOf(1000), traded(400));
    const anew = asked.ask('REPRICE', T0 + 500, progressOf(1000), traded(70));
    expect(anew.orders).toMatchObject([{ quantity: 70 }]);
  });
});

test('a TWAP whose orders all fill reaches its target in its own slices', () => {
  const sent = runFilling(twap, context({ slices: 7 }));
  expect(quantities(sent)).toEqual([143, 143, 143, 143, 143, 143, 142]);
});
