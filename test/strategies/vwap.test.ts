import { describe, expect, test } from '@jest/globals';
import { type VwapParamsInput, VwapParamsSchema } from '../../src/dtos/strategy-params.js';
import type { MarketView } from '../../src/dtos/venue.js';
import type { StrategyContext } from '../../src/strategies/contract.js';
import type { VwapPlanParams } from '../../src/strategies/params.js';
import { vwap } from '../../src/strategies/vwap.js';
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
  view,
} from './support.js';

const SMILE = ['5', '2', '1', '2', '10'];
const PRICED = { ...BTC, minNotional: '5' };

const context = (
  params: Partial<VwapParamsInput> = {},
  change: Partial<Omit<StrategyContext<VwapPlanParams>, 'params'>> = {},
): StrategyContext<VwapPlanParams> =>
  contextOf(
    VwapParamsSchema.parse({ strategy: 'VWAP', duration_seconds: 300, curve: SMILE, ...params }),
    change,
  );
const planner = (...args: Parameters<typeof context>) => new Planner(vwap, context(...args));
const sizes = (...args: Parameters<typeof context>) =>
  vwap.schedule(context(...args), EVEN).map(({ quantity }) => quantity);
const times = (...args: Parameters<typeof context>) =>
  vwap.schedule(context(...args), EVEN).map(({ at }) => (at - T0) / 1000);
const traded = (lots: number, market: MarketView = EVEN): MarketView => ({
  ...market,
  volume: `${lots / 1000}`,
});

describe('the schedule of a VWAP', () => {
  test('has a slice for each weight, in proportion to it', () => {
    expect(sizes()).toEqual([250, 100, 50, 100, 500]);
    expect(times()).toEqual([0, 60, 120, 180, 240]);
  });

  test('does not mind the scale of the weights', () => {
    expect(sizes({ curve: ['0.0005', '0.0002', '0.0001', '0.0002', '0.001'] })).toEqual(sizes());
  });

  test('rounds what is due, not the slices: they sum exactly to the target', () => {
    expect(sizes({ curve: ['1', '1', '1'] })).toEqual([333, 334, 333]);
    expect(sizes({ curve: ['1', '1', '1'] }, { target: 7 })).toEqual([2, 3, 2]);
  });

  test('places nothing where the weight is zero', () => {
    expect(sizes({ curve: ['0', '1', '0', '3', '0'] })).toEqual([250, 750]);
    expect(times({ curve: ['0', '1', '0', '3', '0'] })).toEqual([60, 180]);
  });

  test('takes more or fewer slices than weights, linear within a weight', () => {
    expect(sizes({ curve: ['1', '3'], slices: 4 })).toEqual([125, 125, 375, 375]);
    expect(sizes({ curve: ['1', '3', '2', '2'], slices: 2 })).toEqual([500, 500]);
    expect(sizes({ curve: ['1', '2', '3'], slices: 2 })).toEqual([333, 667]);
  });

  test('takes whole intervals, the last one with the rest of the curve', () => {
    expect(times({ interval_seconds: 70 })).toEqual([0, 70, 140, 210]);
    expect(sizes({ curve: ['1'], interval_seconds: 70 })).toEqual([233, 234, 233, 300]);
  });

  test('is one slice at the start when the interval is longer than the duration', () => {
    expect(vwap.schedule(context({ interval_seconds: 301 }), EVEN)).toEqual([
      { at: T0, quantity: 1000, price: '101' },
    ]);
  });

  test('is cut where the window ends, and what is left of the curve carries everything', () => {
    const endsAt = T0 + 150_000;
    expect(times({}, { endsAt })).toEqual([0, 60, 120]);
    // 5 + 2 + half of 1.
    expect(sizes({}, { endsAt })).toEqual([667, 266, 67]);
    expect(times({ slices: 5 }, { endsAt })).toEqual([0, 30, 60, 90, 120]);
  });

  test('merges slices below the venue minimum into the next one', () => {
    // 50 lots at least.
    expect(sizes({}, { instrument: PRICED, target: 400 })).toEqual([100, 60, 240]);
    expect(times({}, { instrument: PRICED, target: 400 })).toEqual([0, 120, 240]);
    expect(sizes({ min_child_quantity: '0.3' })).toEqual([350, 650]);
  });

  test('passes on what exceeds max_child_quantity', () => {
    expect(sizes({ max_child_quantity: '0.3' })).toEqual([250, 100, 50, 300, 300]);
    expect(sizes({ curve: ['9', '1', '1'], max_child_quantity: '0.4' })).toEqual([400, 400, 200]);
  });

  test('jitters sizes and times by the seed, within their bounds', () => {
    const jitter = { size_jitter_pct: '0.4', time_jitter_pct: '0.4' };
    expect(sizes({ ...jitter, seed: 1 })).toEqual(sizes({ ...jitter, seed: 1 }));
    expect(sizes({ ...jitter, seed: 1 })).not.toEqual(sizes({ ...jitter, seed: 2 }));
    expect(times({ ...jitter, seed: 1 })).not.toEqual(times({ ...jitter, seed: 2 }));
    sizes({ ...jitter, seed: 3 }).forEach((size, k) => {
      const plan = [250, 100, 50, 100, 500][k]!;
      expect(Math.abs(size - plan)).toBeLessThanOrEqual(plan * 0.4);
    });
  });

  test('has no price while there is none', () => {
    expect(vwap.schedule(context(), null).every(({ price }) => price === null)).toBe(true);
  });
});

describe('the slices of a VWAP', () => {
  test('that all fill are its schedule, the last one in two halves', () => {
    expect(quantities(runFilling(vwap, context()))).toEqual([250, 100, 50, 100, 250, 250]);
    const sent = runFilling(vwap, context({ curve: ['0', '1', '0', '3'] }));
    expect(sent.map(({ at }) => (at - T0) / 1000)).toEqual([75, 225, 262.5]);
  });

  test.each<[string, Parameters<typeof context>[0], Parameters<typeof context>[1], number[]]>([
    ['alone', { slices: 1 }, {}, [1000]],
    ['no orders as halves', { min_child_quantity: '0.4' }, {}, [400, 600]],
    ['limits', { order_type: 'LIMIT', limit_price: '101' }, {}, [250, 100, 50, 100, 500]],
    ['to be skipped once refused', { on_reject: 'SKIP' }, {}, [250, 100, 50, 100, 500]],
    ['paced by volume', { max_participation: '1' }, {}, [250, 100, 50, 100, 500]],
    ['shorter than two seconds', { duration_seconds: 9 }, {}, [250, 100, 50, 100, 500]],
  ])('that are %s have no halves', (_, params, change, expected) => {
    expect(quantities(runFilling(vwap, context(params, change)))).toEqual(expected);
  });

  test('send what the first half left with the second', () => {
    const asked = planner();
    const last = asked.ask('WAKE', T0 + 4 * MINUTE, progressOf(1000, { filled: 500 }));
    expect(last).toMatchObject({ orders: [{ quantity: 250 }], wakeAt: T0 + 4.5 * MINUTE, exhausted: false });
    const short = asked.ask('ORDER_ENDED', T0 + 4 * MINUTE + 20, progressOf(1000, { filled: 600 }));
    expect(short).toMatchObject({ orders: [], wakeAt: T0 + 4.5 * MINUTE });
    const second = asked.ask('WAKE', T0 + 4.5 * MINUTE, progressOf(1000, { filled: 600 }));
    expect(second).toMatchObject({ orders: [{ quantity: 400 }], exhausted: false });
  });

  test('carry what was left unfilled in proportion to their weights', () => {
    const asked = planner();
    asked.ask('START', T0, progressOf(1000));
    // 1,000 lots for 15 of 20 weights: 2 of 15.
    expect(asked.ask('WAKE', T0 + MINUTE, progressOf(1000)).orders).toMatchObject([{ quantity: 134 }]);
  });

  test('of an outage are skipped but the latest, and caught up with no faster than max_catch_up_factor', () => {
    const asked = planner({ max_catch_up_factor: '1.2' });
    const late = asked.ask('START', T0 + 2.5 * MINUTE, progressOf(1000));
    expect(late).toMatchObject({ orders: [{ quantity: 60 }], wakeAt: T0 + 3 * MINUTE });
    const next = asked.ask('WAKE', T0 + 3 * MINUTE, progressOf(1000, { filled: 60 }));
    expect(next.orders).toMatchObject([{ quantity: 120 }]);
    const last = asked.ask('WAKE', T0 + 4 * MINUTE, progressOf(1000, { filled: 180 }));
    expect(last).toMatchObject({ orders: [{ quantity: 300 }], exhausted: false });
    const half = asked.ask('WAKE', T0 + 4.5 * MINUTE, progressOf(1000, { filled: 480 }));
    expect(half.orders).toMatchObject([{ quantity: 300 }]);
  });

  test('wait a second for a reference price without being used up', () => {
    const asked = planner();
    expect(asked.ask('START', T0, progressOf(1000), null)).toMatchObject({
      deferred: true,
      wakeAt: T0 + 1000,
    });
    expect(asked.ask('START', T0 + 1000, progressOf(1000)).orders).toMatchObject([{ quantity: 250 }]);
  });

  test('are not sent at or after the end', () => {
    const asked = planner({}, { endsAt: T0 + 5 * MINUTE });
    expect(asked.ask('WAKE', T0 + 5 * MINUTE, progressOf(1000))).toMatchObject({
      orders: [],
      exhausted: true,
    });
  });

  test('go back as one order after an amend', () => {
    const asked = planner({ order_type: 'LIMIT', limit_price: '98' });
    asked.ask('START', T0, progressOf(1000), null);
    asked.ask('WAKE', T0 + MINUTE, progressOf(1000, { leaves: 250, live: 1 }), null);
    const again = asked.ask('REPRICE', T0 + 90_000, progressOf(1000, { filled: 50, limitPrice: '99' }), null);
    expect(again).toMatchObject({ orders: [{ quantity: 300, price: '99' }], wakeAt: T0 + 2 * MINUTE });
  });

  test('are swept up as one order', () => {
    const asked = planner();
    asked.ask('START', T0, progressOf(1000));
    const swept = asked.ask('SWEEP', T0 + 290_000, progressOf(1000, { filled: 400 }));
    expect(swept).toMatchObject({ orders: [{ quantity: 600, timeInForce: 'IOC' }], exhausted: true });
  });
});

describe('max_participation of a VWAP', () => {
  const half = (lots: number) => traded(lots);
  const bounded = () => planner({ max_participation: '0.5' }, { startVolume: '0', endsAt: T0 + 5 * MINUTE });

  test('keeps a slice waiting while it allows nothing, and sends what it then allows', () => {
    const asked = bounded();
    expect(asked.ask('START', T0, progressOf(1000), half(0))).toMatchObject({
      deferred: true,
      wakeAt: T0 + 1000,
    });
    const first = asked.ask('START', T0 + 1000, progressOf(1000), half(80));
    expect(first).toMatchObject({ orders: [{ quantity: 80 }], wakeAt: T0 + MINUTE });
  });

  test('waits while nobody counts volume', () => {
    expect(bounded().ask('START', T0, progressOf(1000), EVEN)).toMatchObject({ deferred: true, orders: [] });
  });

  test('lets the last slice go on until the end', () => {
    const asked = bounded();
    const last = asked.ask('WAKE', T0 + 4 * MINUTE, progressOf(1000, { filled: 500 }), half(600));
    expect(last).toMatchObject({
      orders: [{ quantity: 100 }],
      exhausted: false,
      wakeAt: T0 + 4 * MINUTE + 1000,
    });
    const more = asked.ask('WAKE', T0 + 4 * MINUTE + 1000, progressOf(1000, { filled: 600 }), half(5000));
    expect(more).toMatchObject({ orders: [{ quantity: 400 }], exhausted: false });
  });
});

describe('reforecast', () => {
  /** With SKIP the last slice goes out whole. */
  const flat = { curve: ['1', '1', '1', '1', '1'], reforecast: true, on_reject: 'SKIP' } as const;
  const run = (volumes: (number | null)[], change = {}): number[] => {
    const asked = planner({ ...flat, ...change }, { startVolume: '0' });
    let filled = 0;
    return volumes.map((lots, k) => {
      const market = lots === null ? EVEN : traded(lots);
      const { orders } = asked.ask(
        k === 0 ? 'START' : 'WAKE',
        T0 + k * MINUTE,
        progressOf(1000, { filled }),
        market,
      );
      filled += orders[0]?.quantity ?? 0;
      return orders[0]?.quantity ?? 0;
    });
  };

  test('changes nothing while the volume follows the curve', () => {
    expect(run([0, 500, 1000, 1500, 2000])).toEqual([200, 200, 200, 200, 200]);
  });

  test('changes nothing without volume', () => {
    expect(run([null, null, null, null, null])).toEqual([200, 200, 200, 200, 200]);
    expect(run([0, 0, 0, 0, 0])).toEqual([200, 200, 200, 200, 200]);
  });

  test('holds back when trade grows lively, and is ahead when it dies down, but reaches the target', () => {
    const lively = run([0, 100, 1100, 2100, 3100]);
    expect(lively[2]).toBeLessThan(200);
    expect(lively.reduce((sum, lots) => sum + lots)).toBe(1000);
    const dying = run([0, 1000, 1100, 1200, 1300]);
    expect(dying[2]).toBeGreaterThan(200);
    expect(dying.reduce((sum, lots) => sum + lots)).toBe(1000);
  });

  test('stays within max_catch_up_factor', () => {
    expect(run([0, 1_000_000, 1_000_001], { max_catch_up_factor: '1.1' })[2]).toBe(220);
  });
});

describe('the check of a VWAP', () => {
  const message = (...args: Parameters<typeof contextOf<VwapPlanParams>>): string => {
    try {
      vwap.check(contextOf(...args), EVEN);
    } catch (error) {
      return String(error);
    }
    return 'accepted';
  };
  const checked = (...args: Parameters<typeof context>) => message(context(...args).params, args[1] ?? {});
  const broken = (change: object) => message({ ...context().params, ...change } as VwapPlanParams);

  test('accepts fewer slices than weights', () => {
    expect(checked({}, { instrument: PRICED, target: 50 })).toBe('accepted');
  });

  test('refuses what not even one slice can meet, and says what would do', () => {
    expect(checked({}, { instrument: PRICED, target: 40 })).toBe(
      'FillwrightError: not even one slice reaches the venue minimum of 5 USDT: it takes 0.05 BTC/USDT, and the ' +
        'target is 0.04 BTC/USDT',
    );
  });

  test('refuses slices that max_child_quantity keeps from carrying the target', () => {
    expect(checked({ max_child_quantity: '0.1' })).toMatch(/5 slices of at most 0.1 .* at least 10 slices/);
  });

  test('refuses a window that ends before the first weight', () => {
    expect(checked({ curve: ['0', '0', '1'] }, { endsAt: T0 + MINUTE })).toMatch(
      /no weight before the end, 60 s/,
    );
  });

  test('refuses zero, negative, broken and contradicting numbers', () => {
    for (const change of [
      { duration_seconds: 0 },
      { duration_seconds: Number.NaN },
      { slices: 0 },
      { slices: -1 },
      { slices: 1.5 },
      { slices: 100_001 },
      { interval_seconds: Number.NaN },
      { slices: 5, interval_seconds: 60 },
      { curve: [] },
      { curve: ['0', '0'] },
      { curve: ['1', '-1'] },
      { curve: ['NaN'] },
      { max_participation: '0' },
      { max_participation: '1.1' },
      { max_participation: '-0.1' },
      { max_participation: 'NaN' },
      { order_type: 'STOP_LIMIT', limit_price: '99' },
    ]) {
      expect(
        [change, () => vwap.check(contextOf({ ...context().params, ...change } as VwapPlanParams), EVEN)][1],
      ).toThrow(expect.objectContaining({ code: 'PLAN_INFEASIBLE' }));
    }
    expect(broken({ duration_seconds: 400_000, interval_seconds: 1 })).toMatch(
      /interval_seconds of at least 4/,
    );
  });

  test('refuses a target that is zero, negative, broken or no number', () => {
    for (const target of [0, -5, 0.5, Number.NaN])
      expect(checked({}, { target })).toMatch(/positive whole number/);
  });
});

test('a VWAP of 390 slices keeps a small state beside its plan', () => {
  const curve = Array.from({ length: 390 }, (_, k) => `${1 + Math.abs(k - 195)}`);
  const asked = planner({ curve, duration_seconds: 23_400 }, { target: 1_000_000 });
  asked.ask('START', T0, progressOf(1_000_000), view('99.99', '100.01'));
  expect(JSON.stringify({ ...asked.state, plan: null }).length).toBeLessThan(300);
});
