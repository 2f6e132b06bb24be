/**
 * VWAP: the target over time in proportion to a volume curve.
 *
 * Owns which slice fires and how much it places. A slice fires once, at its time or late; of several that are overdue
 * only the latest does, and those to come carry what they missed, in proportion to their weights and within
 * `max_catch_up_factor` × the slice's plan. A MARKET slice that found too little in the book is topped up a few times
 * before the next one is due: what is left of it is otherwise off the curve for hours. Does not own the curve's arithmetic (curve.ts), slot times (slots.ts),
 * cancels, retries or the end (the group's).
 *
 * The curve spans `duration_seconds`; where the effective end comes sooner it is cut there and what is left of it
 * carries the whole target. Slices: one per bucket, or `slices` over the time there is, or one per whole
 * `interval_seconds`; each takes what the curve has from its own time to the next one's, the last up to the end.
 */
import { type Lots, min, toSteps } from '../dtos/decimal.js';
import type { MarketView } from '../dtos/venue.js';
import {
  type ChildBounds,
  checkCommon,
  childBounds,
  infeasible,
  minimumText,
  quantityText,
  requireWhole,
} from './check.js';
import type { Ask, Decision, PlannedSlice, Progress, Strategy, StrategyContext } from './contract.js';
import { type CurveSlices, curveOf, curveSlices, lotsAt } from './curve.js';
import { mulDiv, PPM, placeable } from './lots.js';
import { childOrder, childTerms, DEFER_MS, defer, roomOf } from './orders.js';
import type { VwapPlanParams } from './params.js';
import { othersLots, participationRoom, sweepWithin } from './participation.js';
import { type Terms, venueMinimum } from './price.js';
import { isAtEnd, over } from './resting.js';
import { dueAfter, lastDue, type SlotGrid } from './slots.js';
import { isTopUpDue, NO_TOP_UP, type TopUp, toppedUp, withTopUp } from './top-up.js';

type Context = StrategyContext<VwapPlanParams>;

/** A catch-up factor beyond this is no bound any more; it keeps the arithmetic whole. */
const CATCH_UP_MAX = '1000000';
const SLICES_MAX = 100_000;
/** Of what was observed before, this part still counts at the next slice: about four slices decide. */
const KEEPS = { of: 4, kept: 3 };

/** What the parameters bound, in lots and parts per million. */
interface VwapLimits extends ChildBounds {
  readonly sizeJitterPpm: number;
  readonly timeJitterPpm: number;
  readonly catchUpPpm: number;
}

/** Made once, at the first price; the tables are shared by every state after it. */
interface VwapPlan {
  readonly slices: CurveSlices;
  readonly grid: SlotGrid;
}

/** What `reforecast` remembers: others' lots and the slice of the last look, and what the looks before add up to. */
interface Seen {
  readonly others: Lots;
  readonly slice: number;
  /** Others' lots, and our own planned lots of the same time; both fade by a quarter at each look. */
  readonly traded: number;
  readonly planned: number;
}

/** Plain JSON. */
export interface VwapState extends TopUp {
  readonly limits: VwapLimits;
  /** Null until there was a price to measure the venue's minimum by. */
  readonly plan: VwapPlan | null;
  /** The next slice to fire. */
  readonly next: number;
  /** Lots that slices placed, whatever became of them: no more than this is placed anew by REPRICE. */
  readonly issued: Lots;
  /** The sweep was planned: no slice fires after it. */
  readonly swept: boolean;
  /** Null without `reforecast`, and until volume was seen. */
  readonly seen: Seen | null;
}

interface Planned extends VwapState {
  readonly plan: VwapPlan;
}

const seedOf = (context: Context): number => context.params.seed ?? 0;
const ppm = (fraction: string): number => toSteps(fraction, '0.000001', 'FLOOR');
const durationOf = (params: VwapPlanParams): number => params.duration_seconds * 1000;

/** The effective duration, ms. */
function horizonOf({ params, startedAt, endsAt }: Context): number {
  const own = durationOf(params);
  return Math.max(1, endsAt === null ? own : Math.min(own, endsAt - startedAt));
}

/** The slots asked for, and the time they span. */
function asked(params: VwapPlanParams, horizon: number): { count: number; span: number } {
  const { slices, interval_seconds: interval, curve } = params;
  if (slices !== undefined) return { count: Math.min(slices, horizon), span: horizon };
  if (interval !== undefined) {
    const count = Math.max(1, Math.floor(horizon / (interval * 1000)));
    return { count, span: count * interval * 1000 };
  }
  const duration = durationOf(params);
  const count = Math.min(horizon, mulDiv(horizon, curve.length, duration, 'CEIL'));
  return { count, span: Math.max(count, mulDiv(count, duration, curve.length, 'FLOOR')) };
}

function limitsOf(context: Context): VwapLimits {
  const { size_jitter_pct, time_jitter_pct, max_catch_up_factor } = context.params;
  return {
    ...childBounds(context),
    sizeJitterPpm: ppm(size_jitter_pct),
    timeJitterPpm: ppm(time_jitter_pct),
    catchUpPpm: ppm(min(max_catch_up_factor, CATCH_UP_MAX)),
  };
}

/** `left`: lots that no slice within `max_child_quantity` can carry. */
function makePlan(context: Context, limits: VwapLimits, terms: Terms | null): VwapPlan & { left: Lots } {
  const { params, target, instrument } = context;
  const horizon = horizonOf(context);
  const curve = curveOf(params.curve, durationOf(params));
  const { count, span } = asked(params, horizon);
  const sway = mulDiv(Math.floor(span / count), limits.timeJitterPpm, PPM, 'FLOOR');
  const grid = { count, span, sway, horizon };
  const even = { ...grid, sway: 0 };
  const times = Array.from({ length: count }, (_, k) => dueAfter(even, 0, k));
  const lots = lotsAt(curve, target, [...times, horizon], horizon);
  if (lots === null) {
    throw infeasible(
      `the curve has no weight before the end, ${horizon / 1000} s after the start; ` +
        'a longer window, or a curve with a weight in it, can be met',
      'routing_plan.strategy_params.curve',
    );
  }
  const bounds = {
    minimum: Math.max(limits.minChild, venueMinimum(instrument, terms)),
    maximum: limits.maxChild,
    jitterPpm: limits.sizeJitterPpm,
  };
  const sizes = times.map((_, k) => lots[k + 1]! - lots[k]!);
  const { left, ...slices } = curveSlices(sizes, bounds, seedOf(context));
  return { slices, grid, left };
}

const countOf = (plan: VwapPlan): number => plan.slices.slots.length;
const sizeOf = ({ slices }: VwapPlan, j: number): Lots => slices.before[j + 1]! - slices.before[j]!;
const dueAt = (context: Context, { slices, grid }: VwapPlan, j: number): number =>
  context.startedAt + dueAfter(grid, seedOf(context), slices.slots[j]!);

/** The last slice due at or before `now`; −1 before the first. */
function lastSlice(context: Context, { slices, grid }: VwapPlan, now: number): number {
  const slot = lastDue(grid, seedOf(context), now - context.startedAt);
  let [low, high] = [0, slices.slots.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (slices.slots[middle]! <= slot) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** Places `lots` (none when 0) and waits for the next slice. */
function proceed(context: Context, state: Planned, terms: Terms | null, lots: Lots): Decision<VwapState> {
  const exhausted = state.next >= countOf(state.plan);
  return {
    state,
    orders: terms === null || lots === 0 ? [] : [childOrder(context, terms, lots)],
    wakeAt: exhausted ? null : dueAt(context, state.plan, state.next),
    exhausted,
    deferred: false,
  };
}

/** The most that one order may place as slice j, late or not. */
const catchUp = ({ plan, limits }: Planned, j: number): Lots =>
  Math.min(limits.maxChild, mulDiv(sizeOf(plan, j), limits.catchUpPpm, PPM, 'FLOOR'));

/** What `reforecast` has seen as slice j fires; unchanged while nobody counts volume. */
function look(context: Context, { seen, plan }: Planned, view: MarketView | null, j: number): Seen | null {
  const others = context.params.reforecast ? othersLots(context, view) : null;
  if (others === null) return seen;
  if (seen === null) return { others, slice: j, traded: 0, planned: 0 };
  const { before } = plan.slices;
  const fade = (sum: number): number => mulDiv(sum, KEEPS.kept, KEEPS.of, 'FLOOR');
  return {
    others,
    slice: j,
    traded: fade(seen.traded) + Math.max(0, others - seen.others),
    planned: fade(seen.planned) + before[j]! - before[seen.slice]!,
  };
}

/**
 * Lots that should be filled or open once slice j is placed, as `reforecast` sees it:
 *
 *     cap × (V + w × r) ÷ (V + R × r)        r = recent volume ÷ recent curve
 *
 * V: what others have traded since the start; w: the curve's weight of slice j; R: of slice j and all after it; r: their
 * volume per unit of curve over the last looks, each counting three quarters of the one after it. V + R × r is the
 * volume expected in all, V + w × r that up to the next slice. Lively trade now means that more is to come: less of the
 * target is due yet. Where the volume has followed the curve it is the curve's own plan. Null: nothing to go by.
 */
function forecast(progress: Progress, { slices }: VwapPlan, seen: Seen, j: number): Lots | null {
  if (seen.traded === 0 || seen.planned === 0) return null;
  const traded = BigInt(seen.traded);
  const done = BigInt(seen.others) * BigInt(seen.planned);
  const own = BigInt(slices.before[j + 1]! - slices.before[j]!);
  const rest = BigInt(slices.before.at(-1)! - slices.before[j]!);
  const all = done + rest * traded;
  return Number((2n * BigInt(progress.cap) * (done + own * traded) + all) / (2n * all));
}

/** Slice j's share of the room, so that the slices after it share the rest; exactly the plan when all went well. */
function sliceShare(progress: Progress, { plan, seen }: Planned, j: number): Lots {
  const room = roomOf(progress);
  const due = seen?.slice === j ? forecast(progress, plan, seen, j) : null;
  if (due !== null) return Math.max(0, due - (progress.cap - room));
  const { before } = plan.slices;
  return mulDiv(room, sizeOf(plan, j), before.at(-1)! - before[j]!, 'CEIL');
}

/** Slice j as it goes out. What `max_participation` forbids yet waits: a slice of nothing, and the rest of the last. */
function fireSlice(
  context: Context,
  state: Planned,
  progress: Progress,
  at: Moment,
  j: number,
): Decision<VwapState> {
  const { now, view, terms } = at;
  const room = roomOf(progress);
  const isLast = j === countOf(state.plan) - 1;
  const wanted = Math.min(sliceShare(progress, state, j), catchUp(state, j), room);
  const allowed = Math.min(wanted, participationRoom(context, progress, view));
  const venueLeast = venueMinimum(context.instrument, terms);
  // The last slice may undercut min_child_quantity, never the venue: reaching the target outranks a preference.
  const least = isLast ? venueLeast : Math.max(venueLeast, state.limits.minChild);
  const lots = placeable(allowed, room, least, isLast);
  const mayWait = now + DEFER_MS < context.startedAt + state.plan.grid.horizon;
  const isHeld = allowed < wanted && wanted >= least && mayWait;
  if (isHeld && lots === 0) return defer(state, now);
  const next = isHeld && isLast ? j : j + 1;
  const fired = { ...state, next, issued: state.issued + lots, ...NO_TOP_UP };
  const decision = proceed(context, fired, terms, lots);
  return fired.next === j ? { ...decision, wakeAt: now + DEFER_MS } : decision;
}

/** When a decision is made, and by which prices. */
interface Moment {
  readonly now: number;
  readonly view: MarketView | null;
  readonly terms: Terms | null;
}

function fire(
  context: Context,
  state: VwapState,
  progress: Progress,
  view: MarketView | null,
  now: number,
): Decision<VwapState> {
  if (state.swept || isAtEnd(context, now)) return over(state);
  const terms = childTerms(context, progress.limitPrice, view);
  if (state.plan === null && terms === null) return defer(state, now);
  const planned: Planned = { ...state, plan: state.plan ?? planOf(context, state.limits, terms) };
  const j = lastSlice(context, planned.plan, now);
  if (j < planned.next) {
    if (isTopUpDue(planned, now)) return reprice(context, toppedUp(planned), progress, view, now);
    const due = planned.plan.slices.before[planned.next]!;
    return withTopUp(context, proceed(context, planned, null, 0), due, progress, now);
  }
  const room = roomOf(progress);
  if (room > 0 && terms === null) return defer(planned, now);
  const isNew = planned.seen?.slice !== j;
  const seeing = isNew ? { ...planned, seen: look(context, planned, view, j) } : planned;
  return fireSlice(context, seeing, progress, { now, view, terms }, j);
}

function planOf(context: Context, limits: VwapLimits, terms: Terms | null): VwapPlan {
  const { slices, grid } = makePlan(context, limits, terms);
  return { slices, grid };
}

/**
 * What slices have placed so far and is neither filled nor open, anew at the present terms: after an amend canceled
 * the live orders, a refused slice is to be tried again, or a slice is topped up. Never more than the plan, scaled to the cap, has due; what
 * an outage skipped stays skipped.
 */
function reprice(
  context: Context,
  state: Planned,
  progress: Progress,
  view: MarketView | null,
  now: number,
): Decision<VwapState> {
  const room = roomOf(progress);
  const { plan, next } = state;
  const due = mulDiv(plan.slices.before[next]!, progress.cap, context.target, 'CEIL');
  const wanted = Math.min(due, state.issued) - (progress.cap - room);
  if (room === 0 || wanted <= 0) return proceed(context, state, null, 0);
  const terms = childTerms(context, progress.limitPrice, view);
  if (terms === null) return defer(state, now);
  // Resting orders of many slices go back as one; orders that never rest leave only what a late slice may catch up.
  const rests = context.params.order_type === 'LIMIT';
  const most = rests ? state.limits.maxChild : catchUp(state, Math.max(0, next - 1));
  const allowed = Math.min(wanted, most, participationRoom(context, progress, view));
  const lots = placeable(allowed, room, venueMinimum(context.instrument, terms), next >= countOf(plan));
  return proceed(context, state, terms, lots);
}

function decide(
  context: Context,
  state: VwapState,
  progress: Progress,
  view: MarketView | null,
  now: number,
  ask: Ask,
): Decision<VwapState> {
  const { plan, swept } = state;
  if (ask === 'SWEEP' || (ask === 'REPRICE' && swept)) {
    return sweepWithin(context, { now: state, swept: { ...state, swept: true } }, progress, view, now);
  }
  if (ask === 'REPRICE' && plan !== null) return reprice(context, { ...state, plan }, progress, view, now);
  return fire(context, state, progress, view, now);
}

const slicesText = (count: number): string => `${count} ${count === 1 ? 'slice' : 'slices'}`;

function checkSchedule({ params }: Context): void {
  const { duration_seconds: duration, slices, interval_seconds: interval } = params;
  requireWhole('duration_seconds', duration);
  if (slices !== undefined && interval !== undefined) {
    throw infeasible('a VWAP takes slices or interval_seconds or neither, not both');
  }
  if (slices !== undefined) requireWhole('slices', slices);
  if (interval !== undefined) requireWhole('interval_seconds', interval);
  const count = slices ?? Math.floor(duration / (interval ?? duration));
  if (count > SLICES_MAX) {
    throw infeasible(
      `${count} slices are too many; at most ${SLICES_MAX} can be met, ` +
        `or interval_seconds of at least ${Math.ceil(duration / SLICES_MAX)}`,
    );
  }
  if (params.order_type === 'STOP_LIMIT') {
    throw infeasible('a VWAP sends MARKET or LIMIT slices, not STOP_LIMIT');
  }
}

/**
 * Throws PLAN_INFEASIBLE when the curve is none or has no weight before the end, when not even one slice reaches the
 * minimum, or when all slices together cannot carry the target within `max_child_quantity`. Fewer slices than asked
 * for are no error: `schedule` shows them.
 */
function check(context: Context, view: MarketView | null): void {
  checkCommon(context);
  checkSchedule(context);
  const terms = childTerms(context, null, view);
  const limits = limitsOf(context);
  const { target, params } = context;
  const venueLeast = venueMinimum(context.instrument, terms);
  const least = Math.max(venueLeast, limits.minChild);
  const { slices, left } = makePlan(context, limits, terms);
  if (target < least) {
    throw infeasible(
      `not even one slice reaches ${minimumText(context, venueLeast, limits.minChild)}: ` +
        `it takes ${quantityText(context, least)}, and the target is ${quantityText(context, target)}`,
    );
  }
  if (left === 0) return;
  const count = slices.slots.length;
  const needed = limits.maxChild < 1 ? Number.POSITIVE_INFINITY : Math.ceil(target / limits.maxChild);
  throw infeasible(
    `${slicesText(count)} of at most ${params.max_child_quantity} (max_child_quantity) cannot carry ` +
      `${quantityText(context, target)}; ` +
      (Math.floor(target / needed) >= least
        ? `at least ${needed} slices with a weight are needed`
        : `more slices would fall below ${minimumText(context, venueLeast, limits.minChild)}`),
  );
}

function schedule(context: Context, view: MarketView | null): readonly PlannedSlice[] {
  const terms = childTerms(context, null, view);
  const plan = planOf(context, limitsOf(context), terms);
  return plan.slices.slots.map((_, j) => ({
    at: dueAt(context, plan, j),
    quantity: sizeOf(plan, j),
    price: terms?.price ?? null,
  }));
}

/** Slices weighted by a volume curve; sizes and times may be jittered by `seed`. */
export const vwap: Strategy<VwapPlanParams, VwapState> = {
  name: 'VWAP',
  asksOnOrderEnd: 'SHORT',
  duration: durationOf,
  check,
  initial: (context) => ({
    limits: limitsOf(context),
    plan: null,
    next: 0,
    issued: 0,
    swept: false,
    seen: null,
    ...NO_TOP_UP,
  }),
  decide,
  schedule,
};
