/**
 * DCA: the same amount at every occurrence of a schedule, or resting orders at the steps of a price ladder.
 *
 * Owns which occurrence buys and how much (buys or sells: the side is the command's). An occurrence is known by its
 * time and is ordered once. Of those that passed while nobody asked only the latest is looked at: it is ordered when
 * it is on time (`graceOf`) or with `missed: RUN_ONCE`; what an outage missed beyond that is skipped, never sent in a
 * burst, and does not count towards `occurrences`. An occurrence whose reference price is missing waits for one until
 * the next takes its place. Does not own calendars (occurrences.ts), ladders (dca-ladder.ts) or refusals (dca-check.ts).
 *
 * `occurrences` counts orders planned, and `budget` their price × quantity: a marketable order counts at the worst
 * price it may take, and what did not fill is not handed back, so a buyer never spends more. `done` says that the
 * schedule was carried out (decision 20), not that anything filled.
 */
import type { Lots } from '../dtos/decimal.js';
import type { MarketView } from '../dtos/venue.js';
import { childBounds } from './check.js';
import type { Ask, Decision, PlannedOrder, PlannedSlice, Progress, Strategy } from './contract.js';
import {
  amountLots,
  type Context,
  costOf,
  leftOf,
  lotsWithin,
  NOTHING,
  spend,
  timetableOf,
} from './dca-amount.js';
import { check } from './dca-check.js';
import { decideLadder, initialLadder, type LadderState, ladderSchedule } from './dca-ladder.js';
import { firstOccurrence, occurrenceAfter, occurrenceBy, type Timetable } from './occurrences.js';
import { childOrder, childTerms, defer, marketOrder, marketTerms, roomOf } from './orders.js';
import type { DcaPlanParams } from './params.js';
import { type Terms, venueMinimum } from './price.js';

/** Rows of `schedule`, the first ones. */
const ROWS_MAX = 10_000;
const GRACE_LEAST_MS = 1000;
const GRACE_MOST_MS = 60_000;

/** Plain JSON. */
export interface PeriodicState {
  /** The next occurrence to look at, epoch ms; null: none comes any more. */
  readonly nextAt: number | null;
  /** Was looked at in time and is not ordered yet, for want of a price. */
  readonly dueAt: number | null;
  /** Occurrences ordered. */
  readonly bought: number;
  /** Lots ordered, and those of them that ended unfilled and are not chased. */
  readonly ordered: Lots;
  readonly lapsed: Lots;
  /** Quote quantity ordered, and the price of the latest order. */
  readonly spent: string;
  readonly price: string | null;
  /** Occurrences or budget are used up. */
  readonly isSpent: boolean;
  readonly swept: boolean;
}

export type DcaState = PeriodicState | LadderState;

const committedOf = ({ filled, leaves, unknown }: Progress): Lots => filled + leaves + unknown;

/** Do its orders stay open? Then what an amend cancels is placed anew; else an order's rest is let go. */
function rests({ params }: Context): boolean {
  const isImmediate = params.time_in_force === 'IOC' || params.time_in_force === 'FOK';
  return params.order_type === 'LIMIT' && !isImmediate;
}

/** How late an occurrence is still on time: 1 % of the time to the next one, from a second to a minute. */
function graceOf(at: number, nextAt: number | null): number {
  const gap = nextAt === null ? Number.POSITIVE_INFINITY : nextAt - at;
  return Math.min(GRACE_MOST_MS, Math.max(GRACE_LEAST_MS, Math.floor(gap / 100)));
}

/** Looks at the occurrences up to now: the latest may become due, those before it are gone. */
function lookUp(context: Context, table: Timetable, state: PeriodicState, now: number): PeriodicState {
  if (state.nextAt === null || now < state.nextAt) return state;
  const latest = occurrenceBy(table, now) ?? state.nextAt;
  const nextAt = state.isSpent ? null : occurrenceAfter(table, now);
  const isOnTime = now - latest <= graceOf(latest, nextAt);
  const runs = !state.isSpent && (isOnTime || context.params.missed === 'RUN_ONCE');
  return { ...state, nextAt, dueAt: runs ? latest : null };
}

/** Orders to place, and the state once they are. */
interface Step {
  readonly state: PeriodicState;
  readonly orders: readonly PlannedOrder[];
}

/** The fewest lots of one order at these terms. */
const leastOf = (context: Context, terms: Terms): Lots =>
  Math.max(venueMinimum(context.instrument, terms), childBounds(context).minChild);

/** What was open or refused, anew; in quote terms never more than it was. */
function replace(context: Context, state: PeriodicState, terms: Terms, wanted: Lots): Step {
  const { params, instrument } = context;
  const isInQuote = params.amount.unit === 'QUOTE' || params.budget !== undefined;
  const worth = costOf(context, wanted, state.price ?? terms.price);
  const lots = isInQuote ? lotsWithin(context, worth, terms.price, wanted) : wanted;
  const next = { ...state, lapsed: state.lapsed + wanted - lots, price: terms.price };
  const least = venueMinimum(instrument, terms);
  const { maxChild } = childBounds(context);
  const orders: PlannedOrder[] = [];
  // Several orders may have been open: together they may be more than one may carry.
  for (let left = lots; left >= least && maxChild >= least; left -= orders.at(-1)?.quantity ?? left) {
    orders.push(childOrder(context, terms, Math.min(left, maxChild)));
  }
  return { state: next, orders };
}

/** Orders what is due: the amount, or what budget and room leave of it; nothing below the minimum. */
function order(context: Context, state: PeriodicState, terms: Terms, room: Lots, isAlone: boolean): Step {
  const { params } = context;
  const least = leastOf(context, terms);
  const idle = { ...state, dueAt: null };
  // Dust: with nothing open no occurrence could place it, now or later (decision 19).
  if (room < least) return { state: isAlone ? { ...idle, nextAt: null } : idle, orders: [] };
  const affordable = lotsWithin(context, leftOf(params.budget, state.spent), terms.price, room);
  if (affordable < least) return { state: { ...idle, isSpent: true, nextAt: null }, orders: [] };
  const { maxChild } = childBounds(context);
  const lots = Math.min(affordable, maxChild, amountLots(context, params.amount, terms.price));
  if (lots < least) return { state: idle, orders: [] };
  const bought = state.bought + 1;
  const spent = spend(context, state.spent, lots, terms.price);
  const rest = lotsWithin(context, leftOf(params.budget, spent), terms.price, context.target);
  const isSpent = bought === params.occurrences || rest < Math.min(least, context.target);
  const next = { ...idle, bought, spent, isSpent, price: terms.price, ordered: state.ordered + lots };
  return {
    state: isSpent ? { ...next, nextAt: null } : next,
    orders: [childOrder(context, terms, lots)],
  };
}

/** What holds after the orders are placed: done, over, or when the next occurrence comes. */
function rest({ state, orders }: Step, live: number): Decision<PeriodicState> {
  const isDone = state.isSpent && orders.length === 0 && live === 0;
  return {
    state,
    orders,
    wakeAt: state.nextAt,
    // A spent schedule is asked once more when its last order ends: it may then be done.
    exhausted: isDone || (state.nextAt === null && !state.isSpent),
    deferred: false,
    ...(isDone ? { done: true as const } : {}),
  };
}

/** What ordered lots did not fill, once, on market terms, within the budget that is left. */
function sweep(
  context: Context,
  state: PeriodicState,
  progress: Progress,
  view: MarketView | null,
  now: number,
): Decision<PeriodicState> {
  const over = { ...state, nextAt: null, dueAt: null, swept: true };
  const wanted = Math.min(roomOf(progress), state.ordered - committedOf(progress));
  if (wanted <= 0) return rest({ state: over, orders: [] }, progress.live);
  const terms = marketTerms(context, progress.limitPrice, view);
  if (terms === null) return defer(state, now);
  const lots = lotsWithin(context, leftOf(context.params.budget, state.spent), terms.price, wanted);
  if (lots < venueMinimum(context.instrument, terms)) return rest({ state: over, orders: [] }, progress.live);
  const spent = spend(context, state.spent, lots, terms.price);
  return rest({ state: { ...over, spent }, orders: [marketOrder(context, terms, lots)] }, progress.live);
}

function decidePeriodic(
  context: Context,
  before: PeriodicState,
  progress: Progress,
  view: MarketView | null,
  now: number,
  ask: Ask,
): Decision<PeriodicState> {
  if (ask === 'SWEEP' || (ask === 'REPRICE' && before.swept)) {
    return sweep(context, before, progress, view, now);
  }
  if (context.endsAt !== null && now >= context.endsAt) {
    return rest(
      { state: { ...before, nextAt: null, dueAt: null, isSpent: false }, orders: [] },
      progress.live,
    );
  }
  let state = lookUp(context, timetableOf(context), before, now);
  const committed = committedOf(progress);
  const missing = Math.max(0, state.ordered - state.lapsed - committed);
  const wanted = ask === 'REPRICE' ? Math.min(missing, roomOf(progress)) : 0;
  // An immediate order that ended short is not chased: only a refused one is asked for again, by REPRICE.
  if (ask !== 'REPRICE' && !rests(context)) state = { ...state, lapsed: state.lapsed + missing };
  if (wanted === 0 && state.dueAt === null) return rest({ state, orders: [] }, progress.live);
  const terms = childTerms(context, progress.limitPrice, view);
  if (terms === null) return defer(state, now);
  const again = wanted === 0 ? { state, orders: [] } : replace(context, state, terms, wanted);
  if (state.dueAt === null) return rest(again, progress.live);
  const placed = again.orders.reduce((sum, { quantity }) => sum + quantity, 0);
  const isAlone = progress.live === 0 && placed === 0;
  const fresh = order(context, again.state, terms, roomOf(progress) - placed, isAlone);
  return rest({ state: fresh.state, orders: [...again.orders, ...fresh.orders] }, progress.live);
}

function initial(context: Context): DcaState {
  if (context.params.price_steps !== undefined) return initialLadder;
  return {
    ...{ nextAt: firstOccurrence(timetableOf(context)), dueAt: null, bought: 0, ordered: 0, lapsed: 0 },
    ...{ spent: NOTHING, price: null, isSpent: false, swept: false },
  };
}

/** What is ordered if every occurrence is met at the present price; none while a quote amount has no price. */
function schedule(context: Context, view: MarketView | null): readonly PlannedSlice[] {
  if (context.params.price_steps !== undefined) return ladderSchedule(context);
  const rows: PlannedSlice[] = [];
  const terms = childTerms(context, null, view);
  if (terms === null && context.params.amount.unit === 'QUOTE') return rows;
  const table = timetableOf(context);
  let state = initial(context) as PeriodicState;
  while (state.nextAt !== null && rows.length < ROWS_MAX) {
    const at = state.nextAt;
    const nextAt = occurrenceAfter(table, at);
    const room = context.target - state.ordered;
    const step = order(context, { ...state, nextAt }, terms ?? unpriced, room, true);
    const [planned] = step.orders;
    if (planned !== undefined) rows.push({ at, quantity: planned.quantity, price: terms?.price ?? null });
    state = step.state;
  }
  return rows;
}

/** Stands in for the price of base amounts that need none; a budget does not bind without one. */
const unpriced: Terms = { price: '0', worth: 10n ** 40n };

/** The same amount again and again. */
export const dca: Strategy<DcaPlanParams, DcaState> = {
  name: 'DCA',
  asksOnOrderEnd: true,
  seesSlots: true,
  duration: ({ duration_seconds: seconds }) => (seconds === undefined ? null : seconds * 1000),
  check,
  initial,
  decide: (context, state, progress, view, now, ask) =>
    'placed' in state
      ? decideLadder(context, state, progress, view, now, ask)
      : decidePeriodic(context, state, progress, view, now, ask),
  schedule,
};
