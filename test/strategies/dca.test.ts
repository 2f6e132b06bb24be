import { describe, expect, test } from '@jest/globals';
import { FillwrightError } from '../../src/dtos/errors.js';
import { type DcaParamsInput, DcaParamsSchema } from '../../src/dtos/strategy-params.js';
import type { SlotProgress, StrategyContext } from '../../src/strategies/contract.js';
import { dca } from '../../src/strategies/dca.js';
import type { DcaPlanParams } from '../../src/strategies/params.js';
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

type Change = Partial<Omit<StrategyContext<DcaPlanParams>, 'params'>>;
const BASE = { quantity: '0.1', unit: 'BASE' } as const;
const HOURLY = { period_seconds: 3600 };
const HOUR = 60 * MINUTE;

const context = (
  input: Partial<DcaParamsInput> = {},
  change: Change = {},
): StrategyContext<DcaPlanParams> => {
  const frequency = input.price_steps === undefined ? { frequency: HOURLY } : {};
  return contextOf(DcaParamsSchema.parse({ strategy: 'DCA', amount: BASE, ...frequency, ...input }), change);
};
const planner = (...args: Parameters<typeof context>) => new Planner(dca, context(...args));
const LIMIT = { order_type: 'LIMIT', limit_price: '98' } as const;

function refused(...args: Parameters<typeof context>): [string, string] {
  try {
    dca.check(context(...args), EVEN);
  } catch (error) {
    if (error instanceof FillwrightError && error.code === 'PLAN_INFEASIBLE') {
      return [error.path.replace('routing_plan.strategy_params.', ''), error.issues[0]?.message ?? ''];
    }
    throw error;
  }
  throw new Error('nothing was refused');
}

describe('a DCA by occurrences', () => {
  test('buys the same amount at each, until the target is reached', () => {
    const sent = runFilling(dca, context({}, { target: 350 }));
    expect(quantities(sent)).toEqual([100, 100, 100, 50]);
    expect(sent.map(({ at }) => (at - T0) / HOUR)).toEqual([0, 1, 2, 3]);
  });

  test('buys what a quote amount pays for at the worst price that it may take', () => {
    const sent = runFilling(dca, context({ amount: { quantity: '50', unit: 'QUOTE' }, occurrences: 2 }));
    // 50 ÷ 101 = 0.49504…
    expect(sent.map(({ order }) => [order.quantity, order.price])).toEqual([
      [495, '101'],
      [495, '101'],
    ]);
  });

  test('counts an occurrence at the start, and follows the clock of its time zone', () => {
    const cron = { frequency: '0 10 * * *', time_zone: 'Europe/Berlin', occurrences: 2 };
    const days = runFilling(dca, context(cron)).map(({ at }) => new Date(at).toISOString());
    expect(days).toEqual(['2025-01-06T09:00:00.000Z', '2025-01-07T09:00:00.000Z']);
  });

  test('is done after its occurrences, once their orders have ended', () => {
    const plan = planner({ ...LIMIT, occurrences: 1 });
    const first = plan.ask('START', T0, progressOf(1000));
    expect(first).toMatchObject({ wakeAt: null, exhausted: false });
    const open = plan.ask('ORDER_ENDED', T0 + 1, progressOf(1000, { leaves: 60, filled: 40, live: 1 }));
    expect(open.done).toBeUndefined();
    const ended = plan.ask('ORDER_ENDED', T0 + 2, progressOf(1000, { filled: 40 }));
    expect(ended).toMatchObject({ done: true, orders: [] });
  });

  test('is done though nothing filled: the schedule was carried out', () => {
    const plan = planner({ occurrences: 1 });
    plan.ask('START', T0, progressOf(1000));
    expect(plan.ask('ORDER_ENDED', T0 + 1, progressOf(1000)).done).toBe(true);
  });

  test('spends no more than its budget, the last of it in a smaller order', () => {
    const sent = runFilling(dca, context({ budget: '25.25' }));
    expect(quantities(sent)).toEqual([100, 100, 50]);
  });

  test('leaves a rest of the budget that buys less than the minimum', () => {
    const instrument = { ...BTC, minNotional: '8' };
    const plan = planner({ budget: '25' }, { instrument });
    for (const [k, wakeAt] of [T0 + HOUR, null].entries()) {
      const { orders, ...decision } = plan.ask('WAKE', T0 + k * HOUR, progressOf(1000, { filled: k * 100 }));
      expect([orders[0]?.quantity, decision.wakeAt]).toEqual([100, wakeAt]);
    }
    expect(plan.ask('ORDER_ENDED', T0 + HOUR, progressOf(1000, { filled: 200 })).done).toBe(true);
  });

  test('ends short, not done, when the time is over before its occurrences are', () => {
    const plan = planner({ occurrences: 3, duration_seconds: 3600 }, { endsAt: T0 + HOUR });
    expect(plan.ask('START', T0, progressOf(1000))).toMatchObject({ exhausted: true, wakeAt: null });
    const end = plan.ask('ORDER_ENDED', T0 + 5, progressOf(1000, { filled: 100 }));
    expect([end.exhausted, end.done]).toEqual([true, undefined]);
  });

  test('ends when dust is left that no venue takes', () => {
    const plan = planner({}, { target: 130, instrument: { ...BTC, minNotional: '5' } });
    plan.ask('START', T0, progressOf(130));
    const { orders, exhausted } = plan.ask('WAKE', T0 + HOUR, progressOf(130, { filled: 100 }));
    expect([orders, exhausted]).toEqual([[], true]);
  });
});

describe('occurrences that an outage missed', () => {
  const late = (missed: 'SKIP' | 'RUN_ONCE', at: number) => {
    const plan = planner({ missed, occurrences: 3 });
    plan.ask('START', T0, progressOf(1000));
    const decision = plan.ask('WAKE', at, progressOf(1000, { filled: 100 }));
    return { ...decision, bought: 'bought' in plan.state ? plan.state.bought : -1 };
  };

  test('are skipped and do not count', () => {
    expect(late('SKIP', T0 + 4.5 * HOUR)).toMatchObject({ orders: [], wakeAt: T0 + 5 * HOUR, bought: 1 });
  });

  test('are made good by one order at most with RUN_ONCE', () => {
    const decision = late('RUN_ONCE', T0 + 4.5 * HOUR);
    expect(decision).toMatchObject({ wakeAt: T0 + 5 * HOUR, bought: 2 });
    expect(decision.orders.map(({ quantity }) => quantity)).toEqual([100]);
  });

  test('are on time up to 1 % of the time to the next, and the latest of several is enough', () => {
    expect(late('SKIP', T0 + 4 * HOUR + 36_000).orders).toHaveLength(1);
    expect(late('SKIP', T0 + 4 * HOUR + 36_001).orders).toHaveLength(0);
  });

  test('are not those that came in time and had no price: they wait for one', () => {
    const plan = planner();
    const blind = plan.ask('START', T0, progressOf(1000), null);
    expect(blind).toMatchObject({ deferred: true, wakeAt: T0 + 1000 });
    expect(plan.ask('START', T0 + 10 * MINUTE, progressOf(1000)).orders).toHaveLength(1);
  });

  test('give way to the next one', () => {
    const plan = planner();
    plan.ask('START', T0, progressOf(1000), null);
    plan.ask('START', T0 + HOUR, progressOf(1000), null);
    expect(plan.ask('START', T0 + HOUR + 1000, progressOf(1000)).orders).toHaveLength(1);
    expect(plan.ask('WAKE', T0 + HOUR + 2000, progressOf(1000, { filled: 100 })).orders).toHaveLength(0);
  });
});

describe('an order that did not go as planned', () => {
  test('is tried again when it was refused', () => {
    const plan = planner({ on_reject: 'RETRY' });
    plan.ask('START', T0, progressOf(1000));
    const again = plan.ask('REPRICE', T0 + 500, progressOf(1000));
    expect(again.orders.map(({ quantity }) => quantity)).toEqual([100]);
    expect(again.wakeAt).toBe(T0 + HOUR);
  });

  test('is not chased when it ended short', () => {
    const plan = planner();
    plan.ask('START', T0, progressOf(1000));
    expect(plan.ask('ORDER_ENDED', T0 + 1, progressOf(1000, { filled: 30 })).orders).toEqual([]);
    expect(plan.ask('REPRICE', T0 + 2, progressOf(1000, { filled: 30 })).orders).toEqual([]);
    const next = plan.ask('WAKE', T0 + HOUR, progressOf(1000, { filled: 30 }));
    expect(next.orders.map(({ quantity }) => quantity)).toEqual([100]);
  });

  test('is placed anew at the amended limit, a quote amount for no more than it was', () => {
    const plan = planner({ ...LIMIT, amount: { quantity: '9.8', unit: 'QUOTE' } });
    plan.ask('START', T0, progressOf(1000));
    const { orders } = plan.ask('REPRICE', T0 + 9, progressOf(1000, { limitPrice: '99', filled: 1 }));
    // 99 lots were worth 9.702 at 98: 98 lots at 99.
    expect(orders.map(({ quantity, price }) => [quantity, price])).toEqual([[98, '99']]);
  });

  test('is swept once, on market terms', () => {
    const plan = planner(
      { ...LIMIT, duration_seconds: 7200, on_deadline: 'SWEEP' },
      { endsAt: T0 + 2 * HOUR },
    );
    plan.ask('START', T0, progressOf(1000));
    plan.ask('WAKE', T0 + HOUR, progressOf(1000, { leaves: 100, live: 1 }));
    const { orders } = plan.ask('SWEEP', T0 + 2 * HOUR - 1, progressOf(1000, { filled: 50 }));
    expect(orders.map(({ quantity, timeInForce }) => [quantity, timeInForce])).toEqual([[150, 'IOC']]);
  });
});

describe('a DCA by price steps', () => {
  const steps = {
    price_steps: [{ price: '98' }, { price: '96', amount: { quantity: '0.2', unit: 'BASE' } }],
  } as const;
  const slots = (...rows: [number, number, boolean][]): SlotProgress[] =>
    rows.map(([quantity, filled, isLive], slot) => ({ slot, quantity, filled, isLive }));

  test('places every step at once, to rest, and no step again', () => {
    const plan = planner(steps);
    const { orders } = plan.ask('START', T0, progressOf(1000));
    expect(orders.map(({ quantity, price, timeInForce }) => [quantity, price, timeInForce])).toEqual([
      [100, '98', 'GTC'],
      [200, '96', 'GTC'],
    ]);
    const progress = progressOf(1000, { filled: 100, leaves: 200, live: 1 });
    const later = plan.ask('ORDER_ENDED', T0 + 1, {
      ...progress,
      slots: slots([100, 100, false], [200, 0, true]),
    });
    expect(later).toMatchObject({ orders: [], exhausted: false });
  });

  test('is done when all are filled, and ends short when one was canceled', () => {
    for (const [filled, done] of [
      [200, true],
      [150, undefined],
    ] as const) {
      const plan = planner(steps);
      plan.ask('START', T0, progressOf(1000));
      const progress = progressOf(1000, { filled: 100 + filled });
      const end = plan.ask('ORDER_ENDED', T0 + 1, {
        ...progress,
        slots: slots([100, 100, false], [200, filled, false]),
      });
      expect([end.done, end.exhausted]).toEqual([done, true]);
    }
  });

  test('places anew what an amend canceled, of each step what is not filled, within the new limit', () => {
    const plan = planner(steps);
    plan.ask('START', T0, progressOf(1000));
    const progress = progressOf(1000, { filled: 70, limitPrice: '97' });
    const { orders } = plan.ask('REPRICE', T0 + 1, {
      ...progress,
      slots: slots([100, 70, false], [200, 0, false]),
    });
    expect(orders.map(({ quantity, price }) => [quantity, price])).toEqual([
      [30, '97'],
      [200, '96'],
    ]);
  });

  test('tries a refused step again beside those that rest, which keep what they may still fill', () => {
    const plan = planner({ ...steps, on_reject: 'RETRY' });
    plan.ask('START', T0, progressOf(1000));
    const progress = progressOf(1000, { filled: 50, leaves: 150, live: 1 });
    const { orders } = plan.ask('REPRICE', T0 + 500, {
      ...progress,
      slots: slots([100, 0, false], [200, 50, true]),
    });
    expect(orders.map(({ quantity, price }) => [quantity, price])).toEqual([[100, '98']]);
  });

  test('gives the steps what room and budget leave, in list order', () => {
    expect(dca.schedule(context(steps, { target: 250 }), EVEN).map(({ quantity }) => quantity)).toEqual([
      100, 150,
    ]);
    const budget = { ...steps, budget: '19.4' };
    expect(dca.schedule(context(budget), EVEN).map(({ quantity }) => quantity)).toEqual([100, 100]);
  });
});

describe('the schedule of a DCA', () => {
  test('holds no more than ten thousand rows', () => {
    const endless = context({ amount: { quantity: '0.001', unit: 'BASE' } }, { target: 1_000_000 });
    expect(dca.schedule(endless, EVEN)).toHaveLength(10_000);
  });

  test('of base amounts needs no price, of quote amounts has no rows without one', () => {
    expect(dca.schedule(context({}, { target: 200 }), null)).toEqual([
      { at: T0, quantity: 100, price: null },
      { at: T0 + HOUR, quantity: 100, price: null },
    ]);
    expect(dca.schedule(context({ amount: { quantity: '50', unit: 'QUOTE' } }), null)).toEqual([]);
  });
});

describe('refuses, with what would do,', () => {
  const priced = { instrument: { ...BTC, minNotional: '5' } };
  test.each<[string, Parameters<typeof context>, string, RegExp]>([
    [
      'an amount below the venue minimum',
      [{ amount: { quantity: '0.01', unit: 'BASE' } }, priced],
      'amount.quantity',
      /minimum of 5 USDT; at least 0.05 BTC/,
    ],
    [
      'a quote amount below it',
      [{ amount: { quantity: '4', unit: 'QUOTE' } }, priced],
      'amount.quantity',
      /at least 5.05 USDT \(0.05 BTC\/USDT at 101\)/,
    ],
    [
      'an amount above the target',
      [{}, { target: 50 }],
      'amount.quantity',
      /exceeds the target; at most 0.05 BTC/,
    ],
    [
      'an amount above max_child_quantity',
      [{ max_child_quantity: '0.08' }],
      'amount.quantity',
      /exceeds max_child_quantity; at most 0.08 BTC/,
    ],
    [
      'a budget that buys nothing',
      [{ budget: '4' }, priced],
      'budget',
      /at least 5.05 USDT is needed at 101/,
    ],
    ['a date that never comes', [{ frequency: '0 0 30 2 *' }], 'frequency', /never comes/],
    [
      'no occurrence before the end',
      [{ frequency: '0 8 * * *' }, { endsAt: T0 + HOUR }],
      'frequency',
      /the first is at 2025-01-07T08:00:00.000Z/,
    ],
    [
      'a cron expression that means nothing',
      [{ frequency: '61 * * * *' }],
      'frequency',
      /is no cron expression: Invalid value for minute: 61/,
    ],
    ['jitter', [{ size_jitter_pct: '0.1' }], 'size_jitter_pct', /must be 0/],
    ['a participation cap', [{ max_participation: '0.1' }], 'max_participation', /choose a POV/],
    [
      'a step beyond the limit',
      [{ price_steps: [{ price: '99' }], limit_price: '98' }],
      'price_steps[0].price',
      /99 is beyond limit_price 98/,
    ],
    [
      'a step below the minimum',
      [{ price_steps: [{ price: '98', amount: { quantity: '0.01', unit: 'BASE' } }] }, priced],
      'price_steps[0].amount.quantity',
      /at least 0.052 BTC/,
    ],
    [
      'steps that may not rest',
      [{ price_steps: [{ price: '98' }], time_in_force: 'IOC' }],
      'time_in_force',
      /GTC or DAY would do/,
    ],
  ])('%s', (_, args, path, message) => {
    const [at, text] = refused(...args);
    expect(at).toBe(path);
    expect(text).toMatch(message);
  });

  test('nothing that can be met', () => {
    expect(() => dca.check(context({}, priced), EVEN)).not.toThrow();
    expect(() =>
      dca.check(context({ amount: { quantity: '1', unit: 'QUOTE' } }, priced), null),
    ).not.toThrow();
    expect(() => dca.check(context({}, priced), view('99', null))).not.toThrow();
  });
});
