/**
 * TWAP: the target in even slices over time (DESIGN section 4, Schedules).
 *
 * Owns which slot fires and how much it places. A slot fires once, at its time or late; of several that are overdue
 * only the latest does, and the rest of the schedule carries what they missed, within `max_catch_up_factor`. What was
 * rejected, canceled or left unfilled is carried by the same rule, and what `max_participation` forbids waits within its
 * slot. Does not own cancels, retries or the end: the
 * group does.
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
import { lotsBefore, mulDiv, PPM, placeable, type SliceSizes, sliceLots, sliceSizes } from './lots.js';
import { childOrder, childTerms, DEFER_MS, defer, roomOf } from './orders.js';
import type { TwapPlanParams } from './params.js';
import { participationRoom, sweepWithin } from './participation.js';
import { type Terms, venueMinimum } from './price.js';
import { dueAfter, lastDue, type SlotGrid } from './slots.js';

type Context = StrategyContext<TwapPlanParams>;

/** A catch-up factor beyond this is no bound any more; it keeps the arithmetic whole. */
const CATCH_UP_MAX = '1000000';

/** What the parameters bound, in lots and parts per million. Plain JSON, as all of the state. */
export interface TwapLimits extends ChildBounds {
  readonly sizeJitterPpm: number;
  readonly timeJitterPpm: number;
  readonly catchUpPpm: number;
}

/** Made once, at the first price; from then on slot k is a function of (plan, seed, k). */
export interface TwapPlan {
  readonly sizes: SliceSizes;
  readonly grid: SlotGrid;
}

export interface TwapState {
  readonly limits: TwapLimits;
  /** Null until there was a price to measure the venue's minimum by. */
  readonly plan: TwapPlan | null;
  /** The next slot to fire. */
  readonly next: number;
  /** Lots that slots placed, whatever became of them: no more than this is placed anew by REPRICE. */
  readonly issued: Lots;
  /** The sweep was planned: no slot fires after it. */
  readonly swept: boolean;
}

/** A plan with the state it lives in. */
interface Planned extends TwapState {
  readonly plan: TwapPlan;
}

const seedOf = (context: Context): number => context.params.seed ?? 0;
const ppm = (fraction: string): number => toSteps(fraction, '0.000001', 'FLOOR');
const durationOf = (params: TwapPlanParams): number => params.duration_seconds * 1000;

/** The effective duration, ms: the schedule fits the effective end, not only its own duration. */
function horizonOf({ params, startedAt, endsAt }: Context): number {
  const own = durationOf(params);
  return Math.max(1, endsAt === null ? own : Math.min(own, endsAt - startedAt));
}

/** The slices asked for, and the time they span: N intervals, or the whole horizon divided by N. */
function asked(params: TwapPlanParams, horizon: number): { count: number; span: number } {
  const interval = (params.interval_seconds ?? 0) * 1000;
  if (interval === 0) return { count: Math.min(params.slices ?? 1, horizon), span: horizon };
  const count = Math.max(1, Math.floor(horizon / interval));
  return { count, span: count * interval };
}

function limitsOf(context: Context): TwapLimits {
  const { size_jitter_pct, time_jitter_pct, max_catch_up_factor } = context.params;
  return {
    ...childBounds(context),
    sizeJitterPpm: ppm(size_jitter_pct),
    timeJitterPpm: ppm(time_jitter_pct),
    catchUpPpm: ppm(min(max_catch_up_factor, CATCH_UP_MAX)),
  };
}

function makePlan(context: Context, limits: TwapLimits, terms: Terms | null): TwapPlan {
  const horizon = horizonOf(context);
  const { count, span } = asked(context.params, horizon);
  const sizes = sliceSizes(context.target, count, {
    minimum: Math.max(limits.minChild, venueMinimum(context.instrument, terms)),
    maximum: limits.maxChild,
    jitterPpm: limits.sizeJitterPpm,
  });
  const sway = mulDiv(Math.floor(span / sizes.count), limits.timeJitterPpm, PPM, 'FLOOR');
  return { sizes, grid: { count: sizes.count, span, sway, horizon } };
}

const dueAt = (context: Context, plan: TwapPlan, k: number): number =>
  context.startedAt + dueAfter(plan.grid, seedOf(context), k);

const over = (state: TwapState): Decision<TwapState> => ({
  state,
  orders: [],
  wakeAt: null,
  exhausted: true,
  deferred: false,
});

/** Places `lots` (none when 0) and waits for the next slot. */
function proceed(context: Context, state: Planned, terms: Terms | null, lots: Lots): Decision<TwapState> {
  const exhausted = state.next >= state.plan.sizes.count;
  return {
    state,
    orders: terms === null || lots === 0 ? [] : [childOrder(context, terms, lots)],
    wakeAt: exhausted ? null : dueAt(context, state.plan, state.next),
    exhausted,
    deferred: false,
  };
}

/** The most that one order may place at slot k, late or not. */
function catchUp(context: Context, { plan, limits }: Planned, k: number): Lots {
  const planned = sliceLots(plan.sizes, seedOf(context), k);
  return Math.min(limits.maxChild, mulDiv(planned, limits.catchUpPpm, PPM, 'FLOOR'));
}

/** When a slot fires, and by which prices. */
interface Moment {
  readonly now: number;
  readonly view: MarketView | null;
  readonly terms: Terms | null;
}

/** Slot k's share of the room, so that the slots after it share the rest; exactly the plan when all went well. */
function slotShare(context: Context, state: Planned, k: number, room: Lots): Lots {
  const { sizes } = state.plan;
  const planned = sliceLots(sizes, seedOf(context), k);
  const share = mulDiv(room, planned, sizes.total - lotsBefore(sizes, seedOf(context), k), 'CEIL');
  return Math.min(share, catchUp(context, state, k), room);
}

/** Slot k as it goes out. What `max_participation` forbids yet waits: a slot of nothing, and the rest of the last. */
function fireSlot(
  context: Context,
  state: Planned,
  progress: Progress,
  { now, view, terms }: Moment,
  k: number,
): Decision<TwapState> {
  const room = roomOf(progress);
  const isLast = k === state.plan.sizes.count - 1;
  const wanted = slotShare(context, state, k, room);
  const allowed = Math.min(wanted, participationRoom(context, progress, view));
  const venueLeast = venueMinimum(context.instrument, terms);
  // The last slot may undercut min_child_quantity, never the venue: reaching the target outranks a preference.
  const least = isLast ? venueLeast : Math.max(venueLeast, state.limits.minChild);
  const lots = placeable(allowed, room, least, isLast);
  const mayWait = now + DEFER_MS < context.startedAt + state.plan.grid.horizon;
  const isHeld = allowed < wanted && wanted >= least && mayWait;
  if (isHeld && lots === 0) return defer(state, now);
  const next = isHeld && isLast ? k : k + 1;
  const decision = proceed(context, { ...state, next, issued: state.issued + lots }, terms, lots);
  return next === k ? { ...decision, wakeAt: now + DEFER_MS } : decision;
}

function fire(
  context: Context,
  state: TwapState,
  progress: Progress,
  view: MarketView | null,
  now: number,
): Decision<TwapState> {
  if (state.swept || (context.endsAt !== null && now >= context.endsAt)) return over(state);
  const terms = childTerms(context, progress.limitPrice, view);
  if (state.plan === null && terms === null) return defer(state, now);
  const planned: Planned =
    state.plan === null ? { ...state, plan: makePlan(context, state.limits, terms) } : (state as Planned);
  const k = lastDue(planned.plan.grid, seedOf(context), now - context.startedAt);
  if (k < state.next) return proceed(context, planned, null, 0);
  const room = roomOf(progress);
  if (room > 0 && terms === null) return defer(planned, now);
  if (room === 0) return proceed(context, { ...planned, next: k + 1 }, terms, 0);
  return fireSlot(context, planned, progress, { now, view, terms }, k);
}

/**
 * What slots have placed so far and is neither filled nor open, anew at the present terms: after an amend canceled
 * the live orders, or a refused slot is to be tried again. Never more than the schedule, scaled to the cap, has due;
 * what an outage skipped stays skipped.
 */
function reprice(
  context: Context,
  state: Planned,
  progress: Progress,
  view: MarketView | null,
  now: number,
): Decision<TwapState> {
  const room = roomOf(progress);
  const { plan, next } = state;
  const due = mulDiv(lotsBefore(plan.sizes, seedOf(context), next), progress.cap, context.target, 'CEIL');
  const wanted = Math.min(due, state.issued) - (progress.cap - room);
  if (room === 0 || wanted <= 0) return proceed(context, state, null, 0);
  const terms = childTerms(context, progress.limitPrice, view);
  if (terms === null) return defer(state, now);
  const least = venueMinimum(context.instrument, terms);
  // Resting orders of many slots go back as one; orders that never rest leave only what a late slot may catch up.
  const rests = context.params.order_type === 'LIMIT';
  const most = rests ? state.limits.maxChild : catchUp(context, state, Math.max(0, next - 1));
  const allowed = Math.min(wanted, most, participationRoom(context, progress, view));
  const lots = placeable(allowed, room, least, next >= plan.sizes.count);
  return proceed(context, state, terms, lots);
}

function decide(
  context: Context,
  state: TwapState,
  progress: Progress,
  view: MarketView | null,
  now: number,
  ask: Ask,
): Decision<TwapState> {
  const { plan, swept } = state;
  if (ask === 'SWEEP' || (ask === 'REPRICE' && swept)) {
    return sweepWithin(context, { now: state, swept: { ...state, swept: true } }, progress, view, now);
  }
  if (ask === 'REPRICE' && plan !== null) return reprice(context, { ...state, plan }, progress, view, now);
  return fire(context, state, progress, view, now);
}

const slicesText = (count: number): string => `${count} ${count === 1 ? 'slice' : 'slices'}`;

function checkSchedule({ params }: Context): void {
  requireWhole('duration_seconds', params.duration_seconds);
  if ((params.slices === undefined) === (params.interval_seconds === undefined)) {
    throw infeasible('a TWAP takes either slices or interval_seconds');
  }
  requireWhole(
    params.slices === undefined ? 'interval_seconds' : 'slices',
    params.slices ?? params.interval_seconds ?? 0,
  );
  if (params.order_type === 'STOP_LIMIT') {
    throw infeasible('a TWAP sends MARKET or LIMIT slices, not STOP_LIMIT');
  }
}

/**
 * Throws PLAN_INFEASIBLE when not even one slice reaches the minimum, or when all of them together cannot carry the
 * target within `max_child_quantity`. Fewer slices than asked for are no error: `schedule` shows them.
 */
function check(context: Context, view: MarketView | null): void {
  checkCommon(context);
  checkSchedule(context);
  const terms = childTerms(context, null, view);
  const limits = limitsOf(context);
  const { minChild, maxChild } = limits;
  const { sizes } = makePlan(context, limits, terms);
  const { target, params } = context;
  const venueLeast = venueMinimum(context.instrument, terms);
  const least = Math.max(venueLeast, minChild);
  const wanted = asked(params, horizonOf(context)).count;
  if (target < least) {
    throw infeasible(
      `${slicesText(wanted)} of ${quantityText(context, Math.max(1, Math.floor(target / wanted)))} fall below ` +
        `${minimumText(context, venueLeast, minChild)}; not even one slice can be met: ` +
        `it takes ${quantityText(context, least)}, and the target is ${quantityText(context, target)}`,
    );
  }
  if (Math.ceil(target / sizes.count) <= maxChild) return;
  const needed = maxChild < 1 ? Number.POSITIVE_INFINITY : Math.ceil(target / maxChild);
  throw infeasible(
    `${slicesText(sizes.count)} of at most ${params.max_child_quantity} (max_child_quantity) cannot carry ` +
      `${quantityText(context, target)}; ` +
      (Math.floor(target / needed) >= least
        ? `at least ${needed} slices are needed`
        : `more slices would fall below ${minimumText(context, venueLeast, minChild)}`),
  );
}

function schedule(context: Context, view: MarketView | null): readonly PlannedSlice[] {
  const terms = childTerms(context, null, view);
  const plan = makePlan(context, limitsOf(context), terms);
  return Array.from({ length: plan.sizes.count }, (_, k) => ({
    at: dueAt(context, plan, k),
    quantity: sliceLots(plan.sizes, seedOf(context), k),
    price: terms?.price ?? null,
  }));
}

/** Even slices at even times; both may be jittered by `seed`. */
export const twap: Strategy<TwapPlanParams, TwapState> = {
  name: 'TWAP',
  asksOnOrderEnd: false,
  duration: durationOf,
  check,
  initial: (context) => ({ limits: limitsOf(context), plan: null, next: 0, issued: 0, swept: false }),
  decide,
  schedule,
};
