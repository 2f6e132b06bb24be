/** What holds for every TWAP, whatever the venue, the market and the machine's outages do to it. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { MarketView, Side } from '../../src/dtos/venue.js';
import type { Ask, PlannedOrder, StrategyContext } from '../../src/strategies/contract.js';
import type { TwapPlanParams } from '../../src/strategies/params.js';
import { marketableTerms, venueMinimum } from '../../src/strategies/price.js';
import { type TwapState, twap } from '../../src/strategies/twap.js';
import { runWorld, scripts } from './world.js';
import { BTC, contextOf, EVEN, Planner, progressOf, runFilling, T0, twapParams, view } from './support.js';

const RUNS = { numRuns: 1000 };

const contexts: fc.Arbitrary<StrategyContext<TwapPlanParams>> = fc
  .record({
    duration: fc.integer({ min: 1, max: 5000 }),
    pace: fc.oneof(
      fc.record({ slices: fc.integer({ min: 1, max: 40 }) }),
      fc.record({ interval_seconds: fc.integer({ min: 1, max: 6000 }) }),
    ),
    sizeJitter: fc.constantFrom('0', '0.1', '0.5', '1'),
    timeJitter: fc.constantFrom('0', '0.1', '0.5', '1'),
    catchUp: fc.constantFrom('1', '1.5', '3', '100'),
    seed: fc.nat(),
    limit: fc.boolean(),
    side: fc.constantFrom<Side>('BUY', 'SELL'),
    target: fc.oneof(fc.integer({ min: 60, max: 300 }), fc.integer({ min: 300, max: 1_000_000 })),
    minNotional: fc.constantFrom('0', '0.5', '5'),
    early: fc.option(fc.integer({ min: 1, max: 5000 })),
  })
  .map((c) => {
    // 2,000 intervals are enough: a slot is a wake.
    const pace =
      'interval_seconds' in c.pace && c.duration / c.pace.interval_seconds > 50
        ? { interval_seconds: Math.ceil(c.duration / 50) }
        : c.pace;
    const params = twapParams({
      duration_seconds: c.duration,
      ...pace,
      size_jitter_pct: c.sizeJitter,
      time_jitter_pct: c.timeJitter,
      max_catch_up_factor: c.catchUp,
      seed: c.seed,
      ...(c.limit ? { order_type: 'LIMIT', limit_price: c.side === 'BUY' ? '99' : '101' } : {}),
    });
    const endsAt = T0 + Math.min(c.duration, c.early ?? c.duration) * 1000;
    const instrument = { ...BTC, minNotional: c.minNotional };
    return contextOf(params, { side: c.side, target: c.target, instrument, endsAt });
  });

const isLimit = ({ params }: StrategyContext<TwapPlanParams>): boolean => params.order_type === 'LIMIT';

describe('every schedule', () => {
  test('is ordered, inside the window, of whole lots at or above the minimum, and sums to the target', () => {
    fc.assert(
      fc.property(contexts, (context) => {
        twap.check(context, EVEN);
        const rows = twap.schedule(context, EVEN);
        const { maxSlippage, side } = context;
        const terms = marketableTerms({ side, view: EVEN, maxSlippage, tick: '0.01', limitPrice: '99' });
        const least = isLimit(context) ? 1 : venueMinimum(context.instrument, side === 'SELL' ? terms : null);
        let total = 0;
        let before = T0 - 1;
        for (const { at, quantity } of rows) {
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

  test('is what is executed when every order fills at once', () => {
    fc.assert(
      fc.property(contexts, (context) => {
        const sent = runFilling(twap, context);
        const rows = sent.map(({ at, order }) => ({ at, quantity: order.quantity, price: order.price }));
        expect(rows).toEqual(twap.schedule(context, EVEN));
      }),
      RUNS,
    );
  });
});

interface Fate {
  /** What becomes of the orders placed in this step. */
  readonly order: 'FILL' | 'PARTIAL' | 'REST' | 'REJECT' | 'UNKNOWN' | 'CANCEL';
  /** What becomes of an order that was open or unknown before. */
  readonly older: 'STAY' | 'FILL' | 'CANCEL';
  /** How late the wake comes, ms. */
  readonly late: number;
  readonly market: MarketView | null;
  readonly again: 'WAKE' | 'REPRICE' | 'ORDER_ENDED' | null;
  readonly cap: number;
}

const fates: fc.Arbitrary<Fate[]> = fc.array(
  fc.record({
    order: fc.constantFrom('FILL', 'PARTIAL', 'REST', 'REJECT', 'UNKNOWN', 'CANCEL'),
    older: fc.constantFrom('STAY', 'FILL', 'CANCEL'),
    late: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 500 }), fc.integer({ min: 0, max: 2_000_000 })),
    market: fc.constantFrom(EVEN, EVEN, EVEN, null, view('97', '98'), view('102', null), view('1', '1.5')),
    again: fc.constantFrom('WAKE', 'REPRICE', 'ORDER_ENDED', null),
    cap: fc.constantFrom(1, 1, 1, 0.5),
  }),
  { minLength: 1, maxLength: 60 },
);

interface Live {
  readonly quantity: number;
  readonly known: boolean;
}

/** A venue that does with each order what the fates say, and a group that asks as one does. */
class Ordeal {
  filled = 0;
  live: Live[] = [];
  now = T0;
  placed: PlannedOrder[] = [];
  exhausted = false;
  wakeAt: number | null = null;
  /** What filled and open may come to by the orders of the latest slot, and when the last of them went out. */
  slot: { readonly most: number; readonly at: number } = { most: 0, at: T0 };
  readonly planner: Planner<TwapPlanParams, TwapState>;
  readonly context: StrategyContext<TwapPlanParams>;

  constructor(context: StrategyContext<TwapPlanParams>) {
    this.context = context;
    this.planner = new Planner(twap, context);
  }

  /** A slot's first order, or what REPRICE puts in its place, bounds all that follow: never more, never at once. */
  judgeSlot(isFirst: boolean, committed: number): void {
    const placed = this.placed.reduce((sum, { quantity }) => sum + quantity, 0);
    if (placed === 0) return;
    const { most, at } = this.slot;
    if (!isFirst && committed + placed > most) throw new Error(`${placed} lots more than the slot was due`);
    if (!isFirst && this.now - at < 1000) throw new Error('a slot sent again at once');
    this.slot = { most: isFirst ? this.filled + placed : most, at: this.now };
  }

  open(isKnown: boolean): number {
    return this.live.reduce((sum, { quantity, known }) => (known === isKnown ? sum + quantity : sum), 0);
  }

  ask(ask: Ask, fate: Fate): void {
    const committed = this.filled + this.open(true) + this.open(false);
    const cap = Math.max(committed, Math.floor(this.context.target * fate.cap));
    const [leaves, unknown] = [this.open(true), this.open(false)];
    const progress = progressOf(cap, { filled: this.filled, leaves, unknown, live: this.live.length });
    const { next } = this.planner.state;
    const decision = this.planner.ask(ask, this.now, progress, fate.market);
    const total = decision.orders.reduce((sum, { quantity }) => sum + quantity, 0);
    if (committed + total > cap) throw new Error(`${committed} + ${total} lots exceed ${cap}`);
    if (decision.orders.length > 1) throw new Error('a burst');
    if (decision.deferred && decision.wakeAt !== this.now + 1000) throw new Error('deferred without a wake');
    if (!decision.exhausted && decision.wakeAt === null) throw new Error('asleep for ever');
    this.placed = [...decision.orders];
    this.exhausted = decision.exhausted;
    this.wakeAt = decision.wakeAt;
    this.judgeSlot(this.planner.state.next > next || ask === 'REPRICE', committed);
    for (const order of decision.orders) this.happen(order, fate);
  }

  happen({ quantity, price }: PlannedOrder, { order, market }: Fate): void {
    if (!Number.isSafeInteger(quantity) || quantity <= 0) throw new Error(`an order of ${quantity} lots`);
    if (!(Number(price) > 0)) throw new Error(`an order at ${price}`);
    if (market === null && !isLimit(this.context)) throw new Error('an order without a reference');
    if (order === 'FILL') this.filled += quantity;
    if (order === 'PARTIAL') this.filled += Math.floor(quantity / 2);
    if (order === 'REST') this.live.push({ quantity, known: true });
    if (order === 'UNKNOWN') this.live.push({ quantity, known: false });
  }

  settle({ older }: Fate): void {
    if (older === 'STAY') return;
    if (older === 'FILL') this.filled += this.open(true) + this.open(false);
    this.live = [];
  }
}

describe('every sequence of fills, partials, rejects, unknowns and outages', () => {
  test('keeps filled + live + unknown within the cap, a slot within what it is due, sends no burst, and ends', () => {
    fc.assert(
      fc.property(contexts, fates, (context, steps) => {
        const ordeal = new Ordeal(context);
        const slots = twap.schedule(context, null).length;
        let asks = 0;
        for (let ask: Ask = 'START'; !ordeal.exhausted; ask = 'WAKE') {
          const step = steps[asks % steps.length]!;
          // After the given steps there is a market that fills: an endless blackout has no end to prove.
          const calm = { ...step, market: EVEN, order: 'FILL', older: 'FILL' } as const;
          const fate = asks < steps.length ? step : calm;
          ordeal.ask(ask, fate);
          if (fate.again !== null && !ordeal.exhausted) ordeal.ask(fate.again, fate);
          ordeal.settle(fate);
          ordeal.now = Math.max(ordeal.now, ordeal.wakeAt ?? 0) + fate.late;
          asks++;
          if (asks > 2 * (slots + steps.length) + 2) throw new Error('no end in sight');
        }
        expect(ordeal.filled + ordeal.open(true) + ordeal.open(false)).toBeLessThanOrEqual(context.target);
      }),
      RUNS,
    );
  });

  test('sends at most max_catch_up_factor times the planned slice after an outage', () => {
    const long = contexts.filter((context) => twap.schedule(context, EVEN).length >= 4);
    fc.assert(
      fc.property(long, fc.double({ min: 0.6, max: 1, noNaN: true }), (context, part) => {
        const rows = twap.schedule(context, EVEN);
        const planner = new Planner(twap, context);
        planner.ask('START', T0, progressOf(context.target));
        const { next } = planner.state;
        const due = Math.max(next + 2, Math.ceil(part * rows.length));
        const now = rows[due - 1]!.at;
        const { orders, wakeAt } = planner.ask('WAKE', now, progressOf(context.target, { filled: 0 }));
        const most = Math.floor(rows[due - 1]!.quantity * Number(context.params.max_catch_up_factor));
        expect(orders.length).toBeLessThanOrEqual(1);
        expect(orders[0]?.quantity ?? 0).toBeLessThanOrEqual(most);
        expect(planner.state.next).toBe(due);
        // The last slot is looked after until the end.
        if (due < rows.length) expect(wakeAt).toBe(rows[due]!.at);
      }),
      RUNS,
    );
  });

  test('sweeps exactly what remains', () => {
    const filled = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(contexts, filled, filled, (context, done, held) => {
        const planner = new Planner(twap, context);
        planner.ask('START', T0, progressOf(context.target));
        const bought = Math.floor(context.target * done);
        const open = Math.floor((context.target - bought) * held);
        const progress = progressOf(context.target, {
          filled: bought,
          unknown: open,
          live: open > 0 ? 1 : 0,
        });
        const { orders, exhausted } = planner.ask('SWEEP', T0 + 500, progress);
        const rest = context.target - bought - open;
        const { maxSlippage, side, params } = context;
        const limitPrice = params.limit_price ?? null;
        const terms = marketableTerms({ side, view: EVEN, maxSlippage, tick: '0.01', limitPrice });
        const isDust = rest < venueMinimum(context.instrument, terms);
        expect(orders.map(({ quantity }) => quantity)).toEqual(isDust ? [] : [rest]);
        expect(exhausted).toBe(true);
      }),
      RUNS,
    );
  });
});

test('in every world a TWAP keeps its bounds, sends no burst, and ends', () => {
  const rejects = fc.constantFrom<'STOP' | 'SKIP' | 'RETRY'>('STOP', 'SKIP', 'RETRY');
  const deadlines = fc.constantFrom<'CANCEL' | 'SWEEP' | 'LEAVE'>('CANCEL', 'SWEEP', 'LEAVE');
  fc.assert(
    fc.property(contexts, scripts(), rejects, deadlines, (context, script, on_reject, on_deadline) => {
      const params = { ...context.params, on_reject, on_deadline };
      runWorld(twap, { ...context, params }, script, { isSchedule: true });
    }),
    RUNS,
  );
});
