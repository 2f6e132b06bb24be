import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type LayeredParamsInput, LayeredParamsSchema } from '../../src/dtos/strategy-params.js';
import type { Side } from '../../src/dtos/venue.js';
import type { SlotProgress, StrategyContext } from '../../src/strategies/contract.js';
import { layered } from '../../src/strategies/layered.js';
import type { LayeredPlanParams } from '../../src/strategies/params.js';
import { BTC, contextOf, EVEN, Planner, progressOf, T0, view } from './support.js';
import { runWorld, scripts, type WorldStep } from './world.js';

type Change = Partial<Omit<StrategyContext<LayeredPlanParams>, 'params'>>;

const RANGE = { min: '98', max: '99' };
const context = (params: Partial<LayeredParamsInput> = {}, change: Change = {}) => {
  const prices = params.spacing_ticks === undefined ? { price_range: RANGE } : {};
  const wire = { strategy: 'LAYERED', levels: 5, ...prices, ...params };
  return contextOf<LayeredPlanParams>(LayeredParamsSchema.parse(wire), change);
};
const planner = (...args: Parameters<typeof context>) => new Planner(layered, context(...args));
const rows = (...args: Parameters<typeof context>) => layered.schedule(context(...args), EVEN);
const prices = (...args: Parameters<typeof context>) => rows(...args).map(({ price }) => price);
const sizes = (...args: Parameters<typeof context>) => rows(...args).map(({ quantity }) => quantity);
const refusal = (...args: Parameters<typeof context>): string => {
  try {
    layered.check(context(...args), EVEN);
  } catch (error) {
    return String(error);
  }
  return 'accepted';
};
const slot = (n: number, quantity: number, filled: number, isLive: boolean): SlotProgress => ({
  slot: n,
  quantity,
  filled,
  isLive,
});

describe('the prices of the levels', () => {
  test('lie evenly over the range, from the market away', () => {
    expect(prices()).toEqual(['99', '98.75', '98.5', '98.25', '98']);
    expect(prices({}, { side: 'SELL' })).toEqual(['98', '98.25', '98.5', '98.75', '99']);
  });

  test('are rounded to the tick away from the market, never past the range', () => {
    const price_range = { min: '98.005', max: '99.009' };
    expect(prices({ levels: 3, price_range })).toEqual(['99', '98.5', '98.01']);
    expect(prices({ levels: 3, price_range }, { side: 'SELL' })).toEqual(['98.01', '98.51', '99']);
  });

  test('lie spacing_ticks apart, from limit_price or else from the near side of the book', () => {
    expect(prices({ levels: 3, spacing_ticks: 10 })).toEqual(['99.99', '99.89', '99.79']);
    expect(prices({ levels: 3, spacing_ticks: 10 }, { side: 'SELL' })).toEqual([
      '100.01',
      '100.11',
      '100.21',
    ]);
    expect(prices({ levels: 3, spacing_ticks: 10, limit_price: '98' })).toEqual(['98', '97.9', '97.8']);
  });

  test('are one where the tick leaves no room between them', () => {
    expect(prices({ levels: 5, price_range: { min: '98', max: '98.02' } })).toEqual(['98.02', '98.01', '98']);
  });

  test('stay above zero', () => {
    expect(prices({ levels: 5, spacing_ticks: 4000 })).toEqual(['99.99', '59.99', '19.99']);
  });

  test('stay within the limit', () => {
    expect(prices({ levels: 3, limit_price: '98.5' })).toEqual(['98.5', '98.25', '98']);
  });
});

describe('the sizes of the levels', () => {
  test('sum to the target, spare lots to the earliest', () => {
    expect(sizes({}, { target: 1002 })).toEqual([201, 201, 200, 200, 200]);
  });

  test('follow the distribution', () => {
    expect(sizes({ levels: 4, distribution: 'FRONT_LOADED' })).toEqual([400, 300, 200, 100]);
    expect(sizes({ levels: 4, distribution: 'BACK_LOADED' })).toEqual([100, 200, 300, 400]);
    expect(sizes({ levels: 4, distribution: 'GEOMETRIC' }, { target: 1500 })).toEqual([800, 400, 200, 100]);
  });

  test('are of fewer levels where one would fall below the minimum', () => {
    const instrument = { ...BTC, minNotional: '5' };
    expect(sizes({}, { instrument, target: 160 })).toEqual([54, 53, 53]);
    expect(sizes({ min_child_quantity: '0.4' })).toEqual([500, 500]);
    expect(sizes({ levels: 200, distribution: 'GEOMETRIC' }, { target: 7 })).toEqual([4, 2, 1]);
  });
});

describe('the window of open levels', () => {
  test('holds all of them unless told', () => {
    const first = planner({ post_only: true }).ask('START', T0, progressOf(1000), null);
    expect(first.orders.map(({ price }) => price)).toEqual(['99', '98.75', '98.5', '98.25', '98']);
    expect(first.orders[0]).toMatchObject({ quantity: 200, timeInForce: 'GTC', postOnly: true });
    expect(first.exhausted).toBe(true);
  });

  test('rolls on as soon as one level ends', () => {
    const asked = planner({ max_open: 2 });
    expect(asked.ask('START', T0, progressOf(1000)).orders).toHaveLength(2);
    const slots = [slot(0, 200, 200, false), slot(1, 200, 0, true)];
    const progress = progressOf(1000, { filled: 200, leaves: 200, live: 1, slots });
    expect(asked.ask('ORDER_ENDED', T0 + 1, progress).orders).toMatchObject([
      { price: '98.5', quantity: 200 },
    ]);
  });

  test('moves in waves without replenish', () => {
    const asked = planner({ max_open: 2, replenish: false });
    asked.ask('START', T0, progressOf(1000));
    const one = [slot(0, 200, 200, false), slot(1, 200, 0, true)];
    const half = progressOf(1000, { filled: 200, leaves: 200, live: 1, slots: one });
    expect(asked.ask('ORDER_ENDED', T0 + 1, half)).toMatchObject({ orders: [], exhausted: false });
    const both = [slot(0, 200, 200, false), slot(1, 200, 200, false)];
    const next = asked.ask('ORDER_ENDED', T0 + 2, progressOf(1000, { filled: 400, slots: both }));
    expect(next.orders.map(({ price }) => price)).toEqual(['98.5', '98.25']);
  });

  test('lets a level go that the venue ended', () => {
    const asked = planner({ max_open: 1 });
    asked.ask('START', T0, progressOf(1000));
    const slots = [slot(0, 200, 50, false)];
    const next = asked.ask('ORDER_ENDED', T0 + 1, progressOf(1000, { filled: 50, slots }));
    expect(next.orders).toMatchObject([{ price: '98.75', quantity: 200 }]);
  });

  test('waits for the near side of the book where it counts from there', () => {
    const asked = planner({ spacing_ticks: 5 });
    const waiting = asked.ask('START', T0, progressOf(1000), view(null, '100'));
    expect(waiting).toMatchObject({ orders: [], deferred: true });
    expect(asked.ask('REPRICE', T0 + 1000, progressOf(1000)).orders).toHaveLength(5);
  });
});

describe('REPRICE', () => {
  test('places the rest of each level at its own price, none past the amended limit', () => {
    const asked = planner();
    asked.ask('START', T0, progressOf(1000));
    const slots = [0, 1, 2, 3, 4].map((n) => slot(n, 200, [200, 150, 0, 0, 0][n] ?? 0, false));
    const amended = progressOf(1000, { filled: 350, limitPrice: '98.6', slots });
    const { orders } = asked.ask('REPRICE', T0 + 1, amended);
    expect(orders.map(({ price, quantity }) => [price, quantity])).toEqual([
      ['98.6', 50],
      ['98.5', 200],
      ['98.25', 200],
      ['98', 200],
    ]);
  });

  test('places no level beside its own live order', () => {
    const asked = planner({ levels: 2 });
    asked.ask('START', T0, progressOf(1000));
    const slots = [slot(0, 500, 0, true), slot(1, 500, 0, false)];
    const progress = progressOf(1000, { leaves: 500, live: 1, slots });
    expect(asked.ask('REPRICE', T0 + 1, progress).orders).toMatchObject([{ price: '98', quantity: 500 }]);
  });

  test('joins a rest below the minimum to the level behind', () => {
    const asked = planner({ levels: 2 }, { instrument: { ...BTC, minNotional: '5' } });
    asked.ask('START', T0, progressOf(1000));
    const slots = [slot(0, 500, 480, false), slot(1, 500, 0, false)];
    const { orders } = asked.ask('REPRICE', T0 + 1, progressOf(1000, { filled: 480, slots }));
    expect(orders).toMatchObject([{ price: '98', quantity: 520 }]);
  });

  test('places no more than the amended cap leaves', () => {
    const asked = planner({ levels: 2 });
    asked.ask('START', T0, progressOf(1000));
    const slots = [slot(0, 500, 100, false), slot(1, 500, 0, false)];
    const { orders } = asked.ask('REPRICE', T0 + 1, progressOf(600, { filled: 100, slots }));
    expect(orders.map(({ quantity }) => quantity)).toEqual([400, 100]);
  });
});

test('a sweep is one marketable order for all that is left, and the last', () => {
  const asked = planner();
  asked.ask('START', T0, progressOf(1000));
  const swept = asked.ask('SWEEP', T0 + 1, progressOf(1000, { filled: 400 }));
  expect(swept.orders).toMatchObject([{ quantity: 600, price: '101', timeInForce: 'IOC' }]);
  expect(asked.ask('ORDER_ENDED', T0 + 2, progressOf(1000, { filled: 500 })).orders).toEqual([]);
});

describe('the check of a LAYERED', () => {
  test('refuses a range without a tick, or one that the limit excludes', () => {
    const price_range = { min: '98.001', max: '98.009' };
    expect(refusal({ price_range })).toMatch(/no multiple of the tick 0.01 lies from 98.001 to 98.009/);
    expect(refusal({ limit_price: '97' })).toMatch(/excludes all of price_range; at least 98 is needed/);
  });

  test('refuses what not even one level can carry, and says what would do', () => {
    const instrument = { ...BTC, minNotional: '5' };
    expect(refusal({}, { instrument, target: 50 })).toMatch(/venue minimum of 5 USDT; it takes 0.051 BTC/);
  });

  test('refuses the bounds that resting levels cannot keep', () => {
    expect(refusal({ max_participation: '0.1' })).toMatch(/a level cannot keep to max_participation/);
    const made = context();
    const stop = { ...made, params: { ...made.params, order_type: 'STOP_LIMIT' as const } };
    expect(() => layered.check(stop, EVEN)).toThrow(/a level rests as a LIMIT; STOP_LIMIT contradicts it/);
  });

  test('refuses a level above max_child_quantity and names the largest', () => {
    expect(refusal({ max_child_quantity: '0.1' })).toMatch(/largest of 5 levels has 0.2 BTC.* at least that/);
    expect(refusal({ max_child_quantity: '0.2' })).toBe('accepted');
  });
});

const contexts = fc
  .record({
    levels: fc.integer({ min: 1, max: 30 }),
    isRange: fc.boolean(),
    width: fc.integer({ min: 0, max: 300 }),
    spacing: fc.integer({ min: 1, max: 500 }),
    distribution: fc.constantFrom('UNIFORM', 'FRONT_LOADED', 'BACK_LOADED', 'GEOMETRIC'),
    maxOpen: fc.integer({ min: 1, max: 30 }),
    replenish: fc.boolean(),
    target: fc.integer({ min: 60, max: 5000 }),
    minNotional: fc.constantFrom('0', '1', '5'),
    side: fc.constantFrom<Side>('BUY', 'SELL'),
    onReject: fc.constantFrom('RETRY', 'SKIP', 'STOP'),
    onDeadline: fc.constantFrom('CANCEL', 'SWEEP'),
    hasLimit: fc.boolean(),
  })
  .map((c) =>
    context(
      {
        levels: c.levels,
        ...(c.isRange
          ? { price_range: { min: '98', max: String((9800 + c.width) / 100) } }
          : { spacing_ticks: c.spacing }),
        ...(c.hasLimit ? { limit_price: '98.5' } : {}),
        distribution: c.distribution as 'UNIFORM',
        max_open: c.maxOpen,
        replenish: c.replenish,
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

test('every schedule sums to the target, at prices of their own, from the market away', () => {
  fc.assert(
    fc.property(contexts, (made) => {
      const plan = layered.schedule(made, EVEN);
      expect(plan.reduce((sum, { quantity }) => sum + quantity, 0)).toBe(made.target);
      const away = made.side === 'BUY' ? -1 : 1;
      for (const [i, { price }] of plan.entries()) {
        const before = plan[i - 1]?.price ?? null;
        if (before !== null) expect(Math.sign(Number(price) - Number(before))).toBe(away);
      }
    }),
    { numRuns: 1000 },
  );
});

test('every LAYERED keeps its window and one order per level, whatever the venue does', () => {
  fc.assert(
    fc.property(contexts, scripts(), (made, script) => {
      runWorld(layered, made, script, {
        onDecision: ({ progress, decision }) => {
          const { orders, state } = decision;
          if (state.swept) return;
          const most = made.params.max_open ?? made.params.levels;
          if (orders.length > 0 && progress.live + orders.length > most) throw new Error('too many open');
          const live = (progress.slots ?? [])
            .filter(({ isLive }) => isLive)
            .map((row) => state.levelOf[row.slot]);
          const opened = orders.length === 0 ? [] : state.levelOf.slice(-orders.length);
          const all = [...live, ...opened];
          if (new Set(all).size !== all.length) throw new Error('two orders at one level');
          const limit = progress.limitPrice ?? made.params.limit_price;
          for (const { price } of orders) {
            if (limit === undefined) continue;
            const past = Number(price) - Number(limit);
            if (made.side === 'BUY' ? past > 0 : past < 0) throw new Error(`${price} is past ${limit}`);
          }
        },
      });
    }),
    { numRuns: 1000 },
  );
});

test('every LAYERED whose orders all fill reaches its target', () => {
  const step: WorldStep = {
    fates: ['REST'],
    turns: ['FILL'],
    when: 0,
    late: 0,
    market: { mid: 10_000, half: 1, sides: 'BOTH' },
    traded: 0,
    amend: null,
  };
  fc.assert(
    fc.property(contexts, (made) => {
      const steps = Array.from({ length: 100 }, () => step);
      const { end, filled } = runWorld(layered, made, { steps, countsVolume: false });
      expect([end, filled]).toEqual(['FULL', made.target]);
    }),
    { numRuns: 1000 },
  );
});
