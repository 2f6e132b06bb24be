import { describe, expect, test } from '@jest/globals';
import { FillwrightError } from '../../src/dtos/errors.js';
import type { StrategyContext } from '../../src/strategies/contract.js';
import type { SinglePlanParams } from '../../src/strategies/params.js';
import { single } from '../../src/strategies/single.js';
import { BTC, contextOf, EVEN, Planner, progressOf, singleParams, T0, view } from './support.js';

const context = (
  params: Partial<SinglePlanParams> = {},
  change: Partial<Omit<StrategyContext<SinglePlanParams>, 'params'>> = {},
): StrategyContext<SinglePlanParams> => contextOf(singleParams(params), change);

const planner = (...args: Parameters<typeof context>) => new Planner(single, context(...args));

const refusal = (...args: Parameters<typeof context>): FillwrightError => {
  try {
    single.check(context(...args), EVEN);
  } catch (error) {
    if (error instanceof FillwrightError) return error;
  }
  throw new Error('nothing was refused');
};

describe('SINGLE', () => {
  test('places everything at the start as a marketable IOC LIMIT', () => {
    const decision = planner().ask('START', T0, progressOf(1000));
    expect(decision.orders).toEqual([
      {
        quantity: 1000,
        orderType: 'LIMIT',
        timeInForce: 'IOC',
        price: '101',
        stopPrice: null,
        postOnly: false,
        reduceOnly: false,
      },
    ]);
    expect(decision).toMatchObject({ exhausted: true, wakeAt: null, deferred: false });
  });

  test('sends FOK where asked for, and never lets a MARKET order rest', () => {
    const tif = (time_in_force: 'FOK' | 'GTC' | 'DAY') =>
      planner({ time_in_force }).ask('START', T0, progressOf(1000)).orders[0]?.timeInForce;
    expect([tif('FOK'), tif('GTC'), tif('DAY')]).toEqual(['FOK', 'IOC', 'IOC']);
  });

  test('places a LIMIT at its price, GTC unless told, without a reference', () => {
    const params = { order_type: 'LIMIT', limit_price: '98.5', post_only: true, reduce_only: true } as const;
    const [order] = planner(params).ask('START', T0, progressOf(1000), null).orders;
    expect(order).toMatchObject({ price: '98.5', timeInForce: 'GTC', postOnly: true, reduceOnly: true });
    const day = planner({ ...params, time_in_force: 'DAY' }).ask('START', T0, progressOf(1000), null);
    expect(day.orders[0]?.timeInForce).toBe('DAY');
  });

  test('places a STOP_LIMIT at once with its stop', () => {
    const params = { order_type: 'STOP_LIMIT', limit_price: '105', stop_price: '104' } as const;
    const [order] = planner(params).ask('START', T0, progressOf(1000), null).orders;
    expect(order).toMatchObject({
      orderType: 'STOP_LIMIT',
      price: '105',
      stopPrice: '104',
      timeInForce: 'GTC',
    });
  });

  test('waits a second when there is no reference price, then places', () => {
    const asked = planner();
    const waiting = asked.ask('START', T0, progressOf(1000), null);
    expect(waiting).toMatchObject({ orders: [], deferred: true, wakeAt: T0 + 1000, exhausted: false });
    expect(asked.ask('WAKE', T0 + 1000, progressOf(1000)).orders).toHaveLength(1);
  });

  test('places nothing again when its order ends short', () => {
    const asked = planner();
    asked.ask('START', T0, progressOf(1000));
    const after = asked.ask('ORDER_ENDED', T0 + 5, progressOf(1000, { filled: 300 }));
    expect(after).toMatchObject({ orders: [], exhausted: true });
  });

  test('places the rest anew at the amended price and below the amended cap', () => {
    const asked = planner({ order_type: 'LIMIT', limit_price: '98' });
    asked.ask('START', T0, progressOf(1000));
    const amended = progressOf(600, { filled: 100, limitPrice: '99' });
    expect(asked.ask('REPRICE', T0 + 5, amended).orders[0]).toMatchObject({ quantity: 500, price: '99' });
  });

  test('puts no order beside one that is open or unknown', () => {
    const asked = planner({ attempts: 3 });
    asked.ask('START', T0, progressOf(1000));
    const unknown = progressOf(1000, { unknown: 400, filled: 100, live: 1 });
    expect(asked.ask('ORDER_ENDED', T0 + 5, unknown)).toMatchObject({ orders: [], exhausted: false });
    expect(asked.ask('REPRICE', T0 + 6, unknown).orders).toEqual([]);
    const found = progressOf(1000, { filled: 500 });
    expect(asked.ask('ORDER_ENDED', T0 + 7, found)).toMatchObject({
      orders: [{ quantity: 500 }],
      exhausted: false,
    });
  });

  test('sweeps what is left at the marketable price within its limit', () => {
    const asked = planner({ order_type: 'LIMIT', limit_price: '100.5', post_only: true });
    asked.ask('START', T0, progressOf(1000));
    const swept = asked.ask('SWEEP', T0 + 9, progressOf(1000, { filled: 400 }));
    expect(swept.orders[0]).toMatchObject({
      quantity: 600,
      price: '100.5',
      timeInForce: 'IOC',
      postOnly: false,
    });
    expect(swept.exhausted).toBe(true);
    expect(asked.ask('ORDER_ENDED', T0 + 10, progressOf(1000, { filled: 400 })).orders).toEqual([]);
  });

  test('repeats a refused sweep on the terms of a sweep', () => {
    const asked = planner({ order_type: 'LIMIT', limit_price: '100.5' });
    asked.ask('START', T0, progressOf(1000));
    asked.ask('SWEEP', T0 + 9, progressOf(1000));
    const again = asked.ask('REPRICE', T0 + 10, progressOf(1000));
    expect(again.orders[0]).toMatchObject({ quantity: 1000, timeInForce: 'IOC' });
  });

  test('repeats a refused sweep even when nothing was placed before it', () => {
    const asked = planner();
    asked.ask('START', T0, progressOf(1000), null);
    asked.ask('SWEEP', T0 + 9, progressOf(1000));
    expect(asked.ask('REPRICE', T0 + 10, progressOf(1000)).orders).toMatchObject([{ quantity: 1000 }]);
  });

  test('leaves dust that no venue would take', () => {
    const asked = planner({ attempts: 3 }, { instrument: { ...BTC, minNotional: '5' } });
    asked.ask('START', T0, progressOf(1000));
    const dust = asked.ask('ORDER_ENDED', T0 + 5, progressOf(1000, { filled: 980 }));
    expect(dust).toMatchObject({ orders: [], exhausted: true });
  });

  test('places nothing at or after its end', () => {
    const asked = planner({}, { endsAt: T0 + 1000 });
    asked.ask('START', T0, progressOf(1000), null);
    expect(asked.ask('WAKE', T0 + 1000, progressOf(1000))).toMatchObject({ orders: [], exhausted: true });
  });

  test('plans one slice with the price it would send', () => {
    expect(single.schedule(context(), EVEN)).toEqual([{ at: T0, quantity: 1000, price: '101' }]);
    expect(single.schedule(context(), null)).toEqual([{ at: T0, quantity: 1000, price: null }]);
  });

  test('lasts as long as it is told, else until done', () => {
    expect(single.duration(singleParams({ duration_seconds: 30 }))).toBe(30_000);
    expect(single.duration(singleParams())).toBeNull();
  });
});

describe('attempts', () => {
  test('place the rest again at the current reference until they are used up', () => {
    const asked = planner({ attempts: 3 });
    expect(asked.ask('START', T0, progressOf(1000)).exhausted).toBe(false);
    const second = asked.ask('ORDER_ENDED', T0 + 5, progressOf(1000, { filled: 300 }), view('104', '106'));
    expect(second).toMatchObject({ orders: [{ quantity: 700, price: '106.05' }], exhausted: false });
    const third = asked.ask('ORDER_ENDED', T0 + 9, progressOf(1000, { filled: 500 }));
    expect(third).toMatchObject({ orders: [{ quantity: 500 }], exhausted: true });
    expect(asked.ask('ORDER_ENDED', T0 + 12, progressOf(1000, { filled: 600 })).orders).toEqual([]);
  });

  test('wait retry_delay_ms in between', () => {
    const asked = planner({ attempts: 2, retry_delay_ms: 250 });
    asked.ask('START', T0, progressOf(1000));
    const progress = progressOf(1000, { filled: 300 });
    const waiting = asked.ask('ORDER_ENDED', T0 + 5, progress);
    expect(waiting).toMatchObject({ orders: [], wakeAt: T0 + 255, exhausted: false, deferred: false });
    expect(asked.ask('WAKE', T0 + 254, progress)).toMatchObject({ orders: [], wakeAt: T0 + 255 });
    expect(asked.ask('WAKE', T0 + 255, progress)).toMatchObject({
      orders: [{ quantity: 700 }],
      exhausted: true,
    });
  });

  test('are not used up by waiting for a reference price', () => {
    const asked = planner({ attempts: 2 });
    asked.ask('START', T0, progressOf(1000));
    expect(asked.ask('ORDER_ENDED', T0 + 5, progressOf(1000), null).deferred).toBe(true);
    expect(asked.ask('ORDER_ENDED', T0 + 1005, progressOf(1000)).orders).toHaveLength(1);
  });
});

describe('the check of a SINGLE', () => {
  const market = { ...BTC, minNotional: '5' };

  test('refuses an order below the venue minimum and says what would do', () => {
    const error = refusal({}, { instrument: market, target: 49 });
    expect(error.code).toBe('PLAN_INFEASIBLE');
    expect(error.message).toBe(
      'one order of 0.049 BTC/USDT falls below the venue minimum of 5 USDT; at least 0.05 BTC/USDT is needed',
    );
    expect(() => single.check(context({}, { instrument: market, target: 50 }), EVEN)).not.toThrow();
  });

  test('refuses an order above max_child_quantity', () => {
    expect(refusal({ max_child_quantity: '0.5' }).message).toMatch(
      /exceeds max_child_quantity 0.5; at most 0.5 BTC/,
    );
  });

  test('refuses a target that is zero, negative, broken or no number', () => {
    for (const target of [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(refusal({}, { target })).toMatchObject({
        code: 'PLAN_INFEASIBLE',
        path: 'size_plan.position_size',
      });
    }
  });

  test('refuses a LIMIT without a price and a STOP_LIMIT without a stop', () => {
    expect(refusal({ order_type: 'LIMIT' }).message).toMatch(/LIMIT order needs limit_price/);
    expect(refusal({ order_type: 'STOP_LIMIT', limit_price: '5' }).message).toMatch(/needs stop_price/);
  });

  test('refuses fractions and prices that are none', () => {
    const bad = [
      refusal({}, { maxSlippage: '1.01' }),
      refusal({}, { maxSlippage: 'NaN' }),
      refusal({ limit_price: '0' }),
      refusal({ limit_price: '-5' }),
      refusal({ max_catch_up_factor: '0.5' }),
      refusal({ duration_seconds: 0 }),
    ];
    expect(new Set(bad.map(({ code }) => code))).toEqual(new Set(['PLAN_INFEASIBLE']));
  });
});
