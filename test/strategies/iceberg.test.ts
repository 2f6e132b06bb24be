import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type IcebergParamsInput, IcebergParamsSchema } from '../../src/dtos/strategy-params.js';
import type { Side } from '../../src/dtos/venue.js';
import type { StrategyContext } from '../../src/strategies/contract.js';
import { iceberg } from '../../src/strategies/iceberg.js';
import type { IcebergPlanParams } from '../../src/strategies/params.js';
import { BTC, contextOf, EVEN, Planner, progressOf, T0 } from './support.js';
import { runWorld, scripts } from './world.js';

type Change = Partial<Omit<StrategyContext<IcebergPlanParams>, 'params'>>;

const context = (params: Partial<IcebergParamsInput> = {}, change: Change = {}) => {
  const size = params.visible_ratio === undefined ? { display_quantity: '0.1' } : {};
  const wire = { strategy: 'ICEBERG', limit_price: '100', ...size, ...params };
  return contextOf<IcebergPlanParams>(IcebergParamsSchema.parse(wire), change);
};
const planner = (...args: Parameters<typeof context>) => new Planner(iceberg, context(...args));
const sizes = (...args: Parameters<typeof context>) =>
  iceberg.schedule(context(...args), EVEN).map(({ quantity }) => quantity);
const refusal = (...args: Parameters<typeof context>): string => {
  try {
    iceberg.check(context(...args), EVEN);
  } catch (error) {
    return String(error);
  }
  return 'accepted';
};
const NATIVE: Change = { abilities: { iceberg: true } };

describe('the tips of an iceberg', () => {
  test('show the display quantity, or a part of the target, and sum to the target', () => {
    expect(sizes({}, { target: 350 })).toEqual([100, 100, 100, 50]);
    expect(sizes({ visible_ratio: '0.2' })).toEqual([200, 200, 200, 200, 200]);
  });

  test('are smaller by a seeded draw, never larger', () => {
    const varied = (seed: number) => sizes({ display_variance_pct: '0.3', seed });
    expect(varied(1)).toEqual(varied(1));
    expect(varied(1)).not.toEqual(varied(2));
    expect(Math.max(...varied(1))).toBeLessThanOrEqual(100);
    expect(Math.min(...varied(1).slice(0, -1))).toBeGreaterThanOrEqual(70);
  });

  test('leave no rest below the venue minimum', () => {
    const instrument = { ...BTC, minNotional: '6' };
    expect(sizes({}, { instrument, target: 230 })).toEqual([100, 70, 60]);
    expect(sizes({}, { instrument, target: 310 })).toEqual([100, 90, 60, 60]);
  });

  test('follow one another as each is filled, at the limit', () => {
    const asked = planner({ post_only: true });
    const first = asked.ask('START', T0, progressOf(1000), null);
    expect(first.orders).toMatchObject([{ quantity: 100, price: '100', timeInForce: 'GTC', postOnly: true }]);
    expect(first).toMatchObject({ exhausted: false, wakeAt: null });
    const part = progressOf(1000, { filled: 60, leaves: 40, live: 1 });
    expect(asked.ask('FILL', T0 + 1, part)).toMatchObject({ orders: [], exhausted: false });
    const next = asked.ask('ORDER_ENDED', T0 + 2, progressOf(1000, { filled: 100 }));
    expect(next.orders).toMatchObject([{ quantity: 100 }]);
  });

  test('end with one that the venue ended short', () => {
    const asked = planner();
    asked.ask('START', T0, progressOf(1000));
    const after = asked.ask('ORDER_ENDED', T0 + 1, progressOf(1000, { filled: 99 }));
    expect(after).toMatchObject({ orders: [], exhausted: true });
  });

  test('go on at the amended price below the amended cap', () => {
    const asked = planner();
    asked.ask('START', T0, progressOf(1000));
    const amended = progressOf(150, { filled: 90, limitPrice: '98' });
    expect(asked.ask('REPRICE', T0 + 1, amended).orders).toMatchObject([{ quantity: 60, price: '98' }]);
  });
});

describe('a refresh', () => {
  const HALF = { refresh_threshold: '0.5' };

  test('cancels the tip at the threshold, once, and shows a full one when nothing is open', () => {
    const asked = planner(HALF);
    asked.ask('START', T0, progressOf(1000));
    const before = asked.ask('FILL', T0 + 1, progressOf(1000, { filled: 49, leaves: 51, live: 1 }));
    expect(before.cancels).toBeUndefined();
    const at = asked.ask('FILL', T0 + 2, progressOf(1000, { filled: 50, leaves: 50, live: 1 }));
    expect(at).toMatchObject({ cancels: true, orders: [], state: { refreshes: 1 } });
    const after = asked.ask('FILL', T0 + 3, progressOf(1000, { filled: 70, leaves: 30, live: 1 }));
    expect(after.cancels).toBeUndefined();
    const next = asked.ask('REPRICE', T0 + 4, progressOf(1000, { filled: 70 }));
    expect(next.orders).toMatchObject([{ quantity: 100 }]);
  });

  test('does not give up the place in the queue for nothing', () => {
    const asked = planner(HALF, { target: 100 });
    asked.ask('START', T0, progressOf(100));
    const last = asked.ask('FILL', T0 + 1, progressOf(100, { filled: 60, leaves: 40, live: 1 }));
    expect(last.cancels).toBeUndefined();
  });

  test('waits while the fate of the tip is unknown', () => {
    const asked = planner(HALF);
    asked.ask('START', T0, progressOf(1000));
    const unknown = asked.ask('FILL', T0 + 1, progressOf(1000, { filled: 60, unknown: 40, live: 1 }));
    expect(unknown.cancels).toBeUndefined();
  });
});

describe('a native iceberg', () => {
  test('is one order for everything that shows the display quantity', () => {
    const asked = planner({}, NATIVE);
    const first = asked.ask('START', T0, progressOf(1000));
    expect(first.orders).toMatchObject([{ quantity: 1000, displayQuantity: 100, price: '100' }]);
    expect(first.exhausted).toBe(true);
    expect(asked.ask('ORDER_ENDED', T0 + 1, progressOf(1000, { filled: 300 })).orders).toEqual([]);
    const anew = asked.ask('REPRICE', T0 + 2, progressOf(1000, { filled: 950 }));
    expect(anew.orders).toMatchObject([{ quantity: 50, displayQuantity: 50 }]);
  });

  test('is not taken where it is not wanted or max_child_quantity forbids it', () => {
    const start = (params: Partial<IcebergParamsInput>) =>
      planner(params, NATIVE).ask('START', T0, progressOf(1000)).orders[0];
    expect(start({ native: 'NEVER' })).not.toHaveProperty('displayQuantity');
    expect(start({ max_child_quantity: '0.05' })).toMatchObject({ quantity: 50 });
  });
});

test('a sweep is one marketable order within the limit, and the last', () => {
  const asked = planner({ limit_price: '100.5', post_only: true });
  asked.ask('START', T0, progressOf(1000));
  const swept = asked.ask('SWEEP', T0 + 1, progressOf(1000, { filled: 400 }));
  expect(swept.orders).toMatchObject([
    { quantity: 600, price: '100.5', timeInForce: 'IOC', postOnly: false },
  ]);
  expect(asked.ask('ORDER_ENDED', T0 + 2, progressOf(1000, { filled: 500 })).orders).toEqual([]);
});

describe('the check of an iceberg', () => {
  test('refuses what does not rest', () => {
    expect(refusal({ order_type: 'MARKET' })).toMatch(/an iceberg rests as a LIMIT; MARKET contradicts it/);
    const bare = context();
    const { limit_price: _, ...params } = bare.params;
    expect(() => iceberg.check({ ...bare, params }, EVEN)).toThrow(/an iceberg needs limit_price/);
  });

  test('refuses a tip below the minimum and names the least', () => {
    const instrument = { ...BTC, minNotional: '20' };
    expect(refusal({}, { instrument })).toMatch(/tip of 0.1 .* venue minimum of 20 USDT; at least 0.2 BTC/);
    expect(refusal({}, { instrument, target: 150 })).toMatch(/an iceberg of 0.15 .* at least 0.2 BTC/);
    expect(refusal({ visible_ratio: '0.0001' })).toMatch(/a tip of 0 BTC.* at least 0.001 BTC/);
  });

  test('refuses tips that leave dust, and names the nearest display', () => {
    const instrument = { ...BTC, minNotional: '8' };
    expect(refusal({}, { instrument, target: 130 })).toMatch(/leave a rest .* nearest display is 0.13 BTC/);
    expect(refusal({ display_quantity: '0.13' }, { instrument, target: 130 })).toBe('accepted');
  });

  test('refuses more tips than can be planned', () => {
    expect(refusal({ display_quantity: '0.001' }, { target: 1_000_000 })).toMatch(/at least 0.01 BTC/);
  });
});

const contexts = fc
  .record({
    display: fc.integer({ min: 60, max: 400 }),
    variance: fc.constantFrom('0', '0.3', '1'),
    threshold: fc.constantFrom('0.2', '0.5', '1'),
    target: fc.integer({ min: 60, max: 3000 }),
    minNotional: fc.constantFrom('0', '1', '5'),
    side: fc.constantFrom<Side>('BUY', 'SELL'),
    onReject: fc.constantFrom('RETRY', 'SKIP', 'STOP'),
    onDeadline: fc.constantFrom('CANCEL', 'SWEEP'),
    isNative: fc.boolean(),
    seed: fc.nat(),
  })
  .map((c) =>
    context(
      {
        display_quantity: String(c.display / 1000),
        display_variance_pct: c.variance,
        refresh_threshold: c.threshold,
        on_reject: c.onReject as 'RETRY' | 'SKIP' | 'STOP',
        on_deadline: c.onDeadline as 'CANCEL' | 'SWEEP',
        duration_seconds: 3600,
        seed: c.seed,
      },
      {
        target: c.target,
        side: c.side,
        instrument: { ...BTC, minNotional: c.minNotional },
        endsAt: T0 + 3_600_000,
        abilities: { iceberg: c.isNative },
      },
    ),
  );

test('every iceberg shows at most its display, one tip at a time, whatever the venue does', () => {
  fc.assert(
    fc.property(contexts, scripts(), (made, script) => {
      let canceledAt = -1;
      runWorld(iceberg, made, script, {
        onDecision: ({ progress, decision }) => {
          const { state, orders } = decision;
          if (orders.length > 1) throw new Error('a burst');
          if (state.swept) return;
          if (orders.length > 0 && progress.live > 0) throw new Error('a tip beside a tip');
          const shown = orders[0]?.displayQuantity ?? orders[0]?.quantity ?? 0;
          if (shown > state.limits.display) throw new Error(`${shown} lots show`);
          if (decision.cancels === true) {
            if (canceledAt === state.tips) throw new Error('two refreshes of one tip');
            canceledAt = state.tips;
          }
        },
      });
    }),
    { numRuns: 1000 },
  );
});

function isAccepted(made: StrategyContext<IcebergPlanParams>): boolean {
  try {
    iceberg.check(made, EVEN);
    return true;
  } catch {
    return false;
  }
}

test('every iceberg that fills as it goes reaches its target in the planned tips', () => {
  fc.assert(
    fc.property(contexts, (made) => {
      fc.pre(isAccepted(made));
      const rows = iceberg.schedule(made, EVEN).map(({ quantity }) => quantity);
      const { sent, end, filled } = runWorld(iceberg, made, { steps: [], countsVolume: false });
      expect([end, filled]).toEqual(['FULL', made.target]);
      expect(sent.map(({ order }) => order.quantity)).toEqual(rows);
    }),
    { numRuns: 1000 },
  );
});
