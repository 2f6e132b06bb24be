/** What holds for every VWAP, whatever the venue, the market and the machine's outages do to it. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { VwapParamsSchema } from '../../src/dtos/strategy-params.js';
import type { Side } from '../../src/dtos/venue.js';
import type { StrategyContext } from '../../src/strategies/contract.js';
import type { VwapPlanParams } from '../../src/strategies/params.js';
import { shareOf } from '../../src/strategies/participation.js';
import { vwap } from '../../src/strategies/vwap.js';
import { BTC, contextOf, EVEN, runFilling, T0 } from './support.js';
import { runWorld, scripts } from './world.js';

const RUNS = { numRuns: 1000 };
const weight = fc.oneof(
  fc.constant('0'),
  fc.constantFrom('0.00000001', '1', '2.5'),
  fc.nat(10_000).map(String),
);

const contexts: fc.Arbitrary<StrategyContext<VwapPlanParams>> = fc
  .record({
    duration: fc.integer({ min: 1, max: 5000 }),
    curve: fc.array(weight, { minLength: 1, maxLength: 30 }),
    pace: fc.oneof(
      fc.constant({}),
      fc.record({ slices: fc.integer({ min: 1, max: 40 }) }),
      fc.record({ interval_seconds: fc.integer({ min: 150, max: 6000 }) }),
    ),
    more: fc.record({
      size_jitter_pct: fc.constantFrom('0', '0.1', '1'),
      time_jitter_pct: fc.constantFrom('0', '0.1', '1'),
      max_catch_up_factor: fc.constantFrom('1', '1.5', '3', '100'),
      reforecast: fc.boolean(),
      seed: fc.nat(),
      on_reject: fc.constantFrom('STOP', 'SKIP', 'RETRY'),
      on_deadline: fc.constantFrom('CANCEL', 'SWEEP', 'LEAVE'),
    }),
    bounds: fc.oneof(
      fc.constant({}),
      fc.constantFrom(
        { min_child_quantity: '0.01' },
        { max_child_quantity: '2' },
        { max_participation: '0.1' },
      ),
    ),
    limit: fc.boolean(),
    side: fc.constantFrom<Side>('BUY', 'SELL'),
    target: fc.oneof(fc.integer({ min: 60, max: 300 }), fc.integer({ min: 300, max: 1_000_000 })),
    minNotional: fc.constantFrom('0', '0.5', '5'),
    early: fc.option(fc.integer({ min: 1, max: 5000 })),
  })
  .map((c) => {
    const params = VwapParamsSchema.safeParse({
      strategy: 'VWAP',
      duration_seconds: c.duration,
      curve: c.curve,
      ...c.pace,
      ...c.more,
      ...c.bounds,
      ...(c.limit ? { order_type: 'LIMIT', limit_price: c.side === 'BUY' ? '99' : '101' } : {}),
    });
    if (!params.success) return null;
    const endsAt = T0 + Math.min(c.duration, c.early ?? c.duration) * 1000;
    const instrument = { ...BTC, minNotional: c.minNotional };
    return contextOf(params.data, { side: c.side, target: c.target, instrument, endsAt });
  })
  .filter((context) => context !== null && isFeasible(context)) as fc.Arbitrary<
  StrategyContext<VwapPlanParams>
>;

function isFeasible(context: StrategyContext<VwapPlanParams>): boolean {
  try {
    vwap.check(context, EVEN);
    return true;
  } catch (error) {
    if ((error as { code?: string }).code !== 'PLAN_INFEASIBLE') throw error;
    return false;
  }
}

const calm = contexts.filter(({ params }) => params.max_participation === undefined && !params.reforecast);

describe('every schedule', () => {
  test('is ordered, inside the window, of whole lots at or above the minimum, and sums to the target', () => {
    fc.assert(
      fc.property(contexts, (context) => {
        let total = 0;
        let before = T0 - 1;
        const least = { '0': 1, '0.5': 5, '5': 50 }[context.instrument.minNotional]!;
        for (const { at, quantity } of vwap.schedule(context, EVEN)) {
          if (!Number.isSafeInteger(quantity) || quantity < least)
            throw new Error(`slice of ${quantity} lots`);
          if (at <= before || at >= (context.endsAt ?? 0)) throw new Error(`slice at ${at - T0} ms`);
          total += quantity;
          before = at;
        }
        expect(total).toBe(context.target);
      }),
      RUNS,
    );
  });

  test('is what is executed when every order fills at once, the last slice in one order or two halves', () => {
    fc.assert(
      fc.property(calm, (context) => {
        const rows = runFilling(vwap, context).map(({ at, order }) => ({
          at,
          quantity: order.quantity,
          price: order.price,
        }));
        const planned = vwap.schedule(context, EVEN);
        const [first, second] = rows.slice(planned.length - 1);
        if (second !== undefined) {
          const end = context.endsAt ?? 0;
          expect(second.at).toBe(first!.at + Math.floor((end - first!.at) / 2));
          expect(first!.quantity - second.quantity).toBeGreaterThanOrEqual(0);
          expect(first!.quantity - second.quantity).toBeLessThanOrEqual(1);
          rows.splice(-2, 2, { ...first!, quantity: first!.quantity + second.quantity });
        }
        expect(rows).toEqual(planned);
      }),
      RUNS,
    );
  });
});

test('in every world a VWAP keeps its bounds, sends no burst, catches up slowly, and ends', () => {
  fc.assert(
    fc.property(contexts, scripts(), (context, script) => {
      const { max_participation: rate } = context.params;
      runWorld(vwap, context, script, {
        isSchedule: true,
        onDecision: ({ decision, progress, view, context: { startVolume } }) => {
          if (rate === undefined || decision.orders.length === 0) return;
          const own = progress.filled + progress.leaves + progress.unknown + decision.orders[0]!.quantity;
          const others = Math.floor((Number(view?.volume) - Number(startVolume)) * 1000 + 0.5);
          if (!(own <= shareOf(others, rate, true))) throw new Error(`${own} lots beside ${others}`);
        },
      });
    }),
    RUNS,
  );
});
