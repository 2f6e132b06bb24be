/** What holds for every DCA, whatever the venue, the market and the machine's outages do to it. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { add, cmp, fromSteps, mul } from '../../src/dtos/decimal.js';
import { type DcaParamsInput, DcaParamsSchema } from '../../src/dtos/strategy-params.js';
import type { Side } from '../../src/dtos/venue.js';
import type { StrategyContext } from '../../src/strategies/contract.js';
import { dca } from '../../src/strategies/dca.js';
import type { DcaPlanParams } from '../../src/strategies/params.js';
import { BTC, contextOf, EVEN, runFilling, T0 } from './support.js';
import { runWorld, scripts } from './world.js';

const RUNS = { numRuns: 1000 };

/** Amounts that the market of the scripts' end (100) can meet. */
const amounts = fc.oneof(
  fc
    .integer({ min: 100, max: 400 })
    .map((lots) => ({ quantity: fromSteps(lots, '0.001'), unit: 'BASE' as const })),
  fc.integer({ min: 20, max: 60 }).map((quote) => ({ quantity: String(quote), unit: 'QUOTE' as const })),
);

const common = fc.record({
  amount: amounts,
  side: fc.constantFrom<Side>('BUY', 'SELL'),
  target: fc.integer({ min: 700, max: 3000 }),
  minNotional: fc.constantFrom('0', '5'),
  budget: fc.option(fc.integer({ min: 30, max: 500 }).map(String)),
  on_reject: fc.constantFrom('STOP', 'SKIP', 'RETRY'),
  on_deadline: fc.constantFrom('CANCEL', 'SWEEP', 'LEAVE'),
  max_child_quantity: fc.option(fc.constantFrom('0.5', '1')),
});

type Common = typeof common extends fc.Arbitrary<infer T> ? T : never;

function contextFor(c: Common, input: Partial<DcaParamsInput>): StrategyContext<DcaPlanParams> {
  const params = DcaParamsSchema.parse({
    ...{ strategy: 'DCA', amount: c.amount, budget: c.budget, on_reject: c.on_reject },
    ...{ on_deadline: c.on_deadline, max_child_quantity: c.max_child_quantity, ...input },
  });
  const seconds = params.duration_seconds;
  return contextOf(params, {
    ...{ side: c.side, target: c.target, instrument: { ...BTC, minNotional: c.minNotional } },
    endsAt: seconds === undefined ? null : T0 + seconds * 1000,
  });
}

const periodic = fc
  .record({
    common,
    frequency: fc.oneof(
      fc.constantFrom('*/5 * * * *', '0 * * * *', '30 9 * * 1-5', '*/20 * * * * *'),
      fc.record({ period_seconds: fc.integer({ min: 1, max: 7200 }) }),
    ),
    occurrences: fc.option(fc.integer({ min: 1, max: 12 })),
    missed: fc.constantFrom<'SKIP' | 'RUN_ONCE'>('SKIP', 'RUN_ONCE'),
    isLimit: fc.boolean(),
    isImmediate: fc.boolean(),
    duration: fc.option(fc.integer({ min: 600, max: 200_000 })),
  })
  .map(({ common: c, isLimit, isImmediate, duration, ...rest }) =>
    contextFor(c, {
      ...rest,
      duration_seconds: duration,
      ...(isLimit ? { order_type: 'LIMIT', limit_price: c.side === 'BUY' ? '101' : '99' } : {}),
      ...(isLimit && isImmediate ? { time_in_force: 'IOC' } : {}),
    }),
  );

const ladders = fc
  .record({
    common,
    steps: fc.array(
      fc.record({ price: fc.integer({ min: 80, max: 120 }).map(String), amount: fc.option(amounts) }),
      {
        minLength: 1,
        maxLength: 8,
      },
    ),
    duration: fc.option(fc.integer({ min: 600, max: 20_000 })),
  })
  .map(({ common: c, steps, duration }) => contextFor(c, { price_steps: steps, duration_seconds: duration }));

describe('every DCA, in every world,', () => {
  test('by occurrences keeps the rules of every planner, and orders each occurrence once', () => {
    fc.assert(
      fc.property(periodic, scripts(), (context, script) => {
        const { occurrences, budget } = context.params;
        let bought = 0;
        runWorld(dca, context, script, {
          onDecision: ({ decision, ask }) => {
            if (!('bought' in decision.state)) throw new Error('not by occurrences');
            const { state, orders } = decision;
            if (state.bought < bought || state.bought > bought + 1) throw new Error('a burst of occurrences');
            if (state.bought === bought && orders.length > 0 && ask !== 'REPRICE' && ask !== 'SWEEP') {
              throw new Error('an order without an occurrence');
            }
            if (occurrences !== undefined && state.bought > occurrences) throw new Error('one too many');
            if (budget !== undefined && cmp(state.spent, budget) > 0) throw new Error('over the budget');
            bought = state.bought;
          },
        });
      }),
      RUNS,
    );
  });

  test('by price steps keeps the rules of every planner, and its orders to their steps', () => {
    fc.assert(
      fc.property(ladders, scripts(), (context, script) => {
        const prices = new Set(context.params.price_steps?.map(({ price }) => price));
        runWorld(dca, context, script, {
          onDecision: ({ decision, progress, ask }) => {
            if (ask === 'SWEEP' || decision.state.swept || progress.limitPrice !== null) return;
            for (const { price } of decision.orders)
              if (!prices.has(price)) throw new Error(`no step at ${price}`);
          },
        });
      }),
      RUNS,
    );
  });
});

describe('every schedule', () => {
  test('is what is executed when every order fills at once, within target, occurrences and budget', () => {
    const ending = periodic.filter(
      ({ params }) =>
        params.occurrences !== undefined ||
        params.budget !== undefined ||
        params.duration_seconds !== undefined,
    );
    fc.assert(
      fc.property(ending, (context) => {
        const rows = dca.schedule(context, EVEN);
        const { occurrences, budget } = context.params;
        const sent = runFilling(dca, context);
        expect(sent.map(({ at, order }) => ({ at, quantity: order.quantity, price: order.price }))).toEqual(
          rows,
        );
        const total = rows.reduce((sum, { quantity }) => sum + quantity, 0);
        const cost = rows.reduce(
          (sum, row) => add(sum, mul(fromSteps(row.quantity, '0.001'), row.price!)),
          '0',
        );
        expect(total).toBeLessThanOrEqual(context.target);
        if (occurrences !== undefined) expect(rows.length).toBeLessThanOrEqual(occurrences);
        if (budget !== undefined) expect(cmp(cost, budget)).toBeLessThanOrEqual(0);
      }),
      { numRuns: 300 },
    );
  });
});
