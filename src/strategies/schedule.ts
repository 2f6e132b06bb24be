/**
 * The planner of every schedule (TWAP, VWAP): slices that are due at their times, whatever their sizes come from.
 *
 * Owns which slice fires and how much it places. A slice fires once, at its time or late; of several that are overdue
 * only the latest does, and those to come carry what they missed, in proportion to their plans and within
 * `max_catch_up_factor` × the slice's own. What was rejected, canceled or left unfilled is carried by the same rule,
 * once the slice has no time left to be topped up in (top-up.ts); what `max_participation` forbids waits within its
 * slice. Does not own sizes and times (the strategy's `ScheduleRules`), cancels, retries or the end (the group's).
 */
import { type Lots, min, toSteps } from '../dtos/decimal.js';
import type { MarketView } from '../dtos/venue.js';
import { type ChildBounds, childBounds } from './check.js';
import type { Ask, Decision, PlannedSlice, Progress, Strategy, StrategyContext } from './contract.js';
import { mulDiv, PPM, placeable } from './lots.js';
import { childOrder, childTerms, DEFER_MS, defer, roomOf } from './orders.js';
import type { CommonParams } from './params.js';
import { participationRoom, sweepWithin } from './participation.js';
import { type Terms, venueMinimum } from './price.js';
import { isAtEnd, over } from './resting.js';
import { begun, looked, missingOf, type SliceWork, TOP_UP_MS, takes, triedAgain, waiting } from './top-up.js';

/** A catch-up factor beyond this is no bound any more; it keeps the arithmetic whole. */
const CATCH_UP_MAX = '1000000';

export type ScheduleParams = CommonParams & { readonly duration_seconds: number };
type Context<P extends ScheduleParams> = StrategyContext<P>;

/** What the parameters bound, in lots and parts per million. Plain JSON, as all of the state. */
export interface ScheduleLimits extends ChildBounds {
  readonly sizeJitterPpm: number;
  readonly timeJitterPpm: number;
  readonly catchUpPpm: number;
}

/** What a strategy makes of its parameters. T: its plan, made once; V: what it remembers of the market. Plain JSON. */
export interface ScheduleRules<P extends ScheduleParams, T, V> {
  plan(context: Context<P>, limits: ScheduleLimits, terms: Terms | null): T;
  count(plan: T): number;
  /** Lots of the slices before slice k; all of them for k = count. */
  before(context: Context<P>, plan: T, k: number): Lots;
  /** When slice k is due, ms after the start. */
  dueAfter(context: Context<P>, plan: T, k: number): number;
  /** The last slice due at or before `elapsed` ms after the start; −1 before the first. */
  lastDue(context: Context<P>, plan: T, elapsed: number): number;
  /** Of several slices the last goes out in two halves, the second halfway to the end. */
  readonly halvesLast: boolean;
  /** What the market shows as slice k fires for the first time. */
  look(context: Context<P>, plan: T, seen: V | null, view: MarketView | null, k: number): V | null;
  /** Lots that should be filled or open once slice k is placed, where that is not for the plan to say. */
  dueBy(progress: Progress, plan: T, seen: V | null, k: number): Lots | null;
}

export interface ScheduleState<T, V = null> {
  readonly limits: ScheduleLimits;
  /** Null until there was a price to measure the venue's minimum by. */
  readonly plan: T | null;
  /** The next slice to fire. */
  readonly next: number;
  /** Lots that slices placed, whatever became of them: no more than this is placed anew by REPRICE. */
  readonly issued: Lots;
  /** The sweep was planned: no slice fires after it. */
  readonly swept: boolean;
  readonly work: SliceWork | null;
  readonly seen: V | null;
}

/** A plan with the state it lives in. */
interface Planned<T, V> extends ScheduleState<T, V> {
  readonly plan: T;
}

/** One question to the planner, but for what is asked. */
interface Turn<P extends ScheduleParams, T, V> {
  readonly rules: ScheduleRules<P, T, V>;
  readonly context: Context<P>;
  readonly progress: Progress;
  readonly view: MarketView | null;
  readonly now: number;
}

export const seedOf = (context: StrategyContext<CommonParams>): number => context.params.seed ?? 0;
export const durationOf = (params: ScheduleParams): number => params.duration_seconds * 1000;

/** The effective duration, ms: the schedule fits the effective end, not only its own duration. */
export function horizonOf({ params, startedAt, endsAt }: Context<ScheduleParams>): number {
  const own = durationOf(params);
  return Math.max(1, endsAt === null ? own : Math.min(own, endsAt - startedAt));
}

const ppm = (fraction: string): number => toSteps(fraction, '0.000001', 'FLOOR');

export function limitsOf(context: Context<ScheduleParams>): ScheduleLimits {
  const { size_jitter_pct, time_jitter_pct, max_catch_up_factor } = context.params;
  return {
    ...childBounds(context),
    sizeJitterPpm: ppm(size_jitter_pct),
    timeJitterPpm: ppm(time_jitter_pct),
    catchUpPpm: ppm(min(max_catch_up_factor, CATCH_UP_MAX)),
  };
}

/** The state after a step, written out: a spread costs more than all the arithmetic of a decision. */
const stepped = <T, V>(
  { limits, plan, swept, seen }: Planned<T, V>,
  next: number,
  issued: Lots,
  work: SliceWork | null,
): Planned<T, V> => ({ limits, plan, next, issued, swept, work, seen });

const withWork = <T, V>(state: Planned<T, V>, work: SliceWork | null): Planned<T, V> =>
  work === state.work ? state : stepped(state, state.next, state.issued, work);

const endOf = (context: Context<ScheduleParams>): number => context.startedAt + horizonOf(context);

function sizeOf<P extends ScheduleParams, T, V>({ rules, context }: Turn<P, T, V>, plan: T, k: number): Lots {
  return rules.before(context, plan, k + 1) - rules.before(context, plan, k);
}

/** The most that one order may place as slice k, late or not. */
function catchUp<P extends ScheduleParams, T, V>(
  turn: Turn<P, T, V>,
  { plan, limits }: Planned<T, V>,
  k: number,
): Lots {
  return Math.min(limits.maxChild, mulDiv(sizeOf(turn, plan, k), limits.catchUpPpm, PPM, 'FLOOR'));
}

/** Work on the last slice has a time, for no slice after it would look again; null where that is the end or later. */
function lastWork(context: Context<ScheduleParams>, work: SliceWork | null, now: number): SliceWork | null {
  if (work === null) return null;
  const timed = waiting(work, now);
  return (timed.at ?? 0) < endOf(context) ? timed : null;
}

/** Places `lots` (none when 0), then waits for the next slice or for the time to top this one up. */
function proceed<P extends ScheduleParams, T, V>(
  { rules, context, now }: Turn<P, T, V>,
  state: Planned<T, V>,
  terms: Terms | null,
  lots: Lots,
): Decision<ScheduleState<T, V>> {
  const { plan, next } = state;
  const isLast = next >= rules.count(plan);
  const work = isLast ? lastWork(context, state.work, now) : state.work;
  const dueAt = isLast ? null : context.startedAt + rules.dueAfter(context, plan, next);
  const topUpAt = work?.at ?? null;
  return {
    state: withWork(state, work),
    orders: terms === null || lots === 0 ? [] : [childOrder(context, terms, lots)],
    wakeAt: dueAt === null || (topUpAt !== null && topUpAt < dueAt) ? topUpAt : dueAt,
    exhausted: isLast && work === null,
    deferred: false,
  };
}

/** Slice k's share of the room, so that the slices after it share the rest; exactly the plan when all went well. */
function shareOf<P extends ScheduleParams, T, V>(
  turn: Turn<P, T, V>,
  { plan, seen }: Planned<T, V>,
  k: number,
): Lots {
  const { rules, context, progress } = turn;
  const room = roomOf(progress);
  const due = rules.dueBy(progress, plan, seen, k);
  if (due !== null) return Math.max(0, due - (progress.cap - room));
  const before = rules.before(context, plan, k);
  const size = rules.before(context, plan, k + 1) - before;
  return mulDiv(room, size, rules.before(context, plan, rules.count(plan)) - before, 'CEIL');
}

/**
 * The last slice in two halves: the order then trades as long as its benchmark runs (vwap.ts). Whole where a half is no
 * order, where a refused one is let go, or where volume sets the pace.
 */
function firstHalf<P extends ScheduleParams, T, V>(
  { rules, context, now }: Turn<P, T, V>,
  plan: T,
  work: SliceWork | null,
  { lots, least }: { readonly lots: Lots; readonly least: Lots },
): { readonly lots: Lots; readonly work: SliceWork | null } {
  const half = Math.ceil(lots / 2);
  const wait = Math.floor((endOf(context) - now) / 2);
  const { on_reject: onReject, max_participation: bound } = context.params;
  const isWhole = !rules.halvesLast || rules.count(plan) < 2 || onReject === 'SKIP' || bound !== undefined;
  if (isWhole || work === null || wait < TOP_UP_MS || lots - half < least) return { lots, work };
  return { lots: half, work: { ...work, at: now + wait } };
}

/** Slice k as it goes out. What `max_participation` forbids yet waits: a slice of nothing, and the rest of the last. */
function fireSlice<P extends ScheduleParams, T, V>(
  turn: Turn<P, T, V>,
  state: Planned<T, V>,
  terms: Terms | null,
  k: number,
): Decision<ScheduleState<T, V>> {
  const { rules, context, progress, view, now } = turn;
  const room = roomOf(progress);
  const isLast = k === rules.count(state.plan) - 1;
  const wanted = Math.min(shareOf(turn, state, k), catchUp(turn, state, k), room);
  const allowed = Math.min(wanted, participationRoom(context, progress, view));
  const venueLeast = venueMinimum(context.instrument, terms);
  const preferred = Math.max(venueLeast, state.limits.minChild);
  // The last slice may undercut min_child_quantity, never the venue: reaching the target outranks a preference.
  const least = isLast ? venueLeast : preferred;
  const lots = placeable(allowed, room, least, isLast);
  const isHeld = allowed < wanted && wanted >= least && now + DEFER_MS < endOf(context);
  if (isHeld && lots === 0) return defer(state, now);
  const next = isHeld && isLast ? k : k + 1;
  const issued = state.issued + lots;
  const work = begun(context, progress, lots);
  if (!isLast) return proceed(turn, stepped(state, next, issued, work), terms, lots);
  const first = isHeld ? { lots, work } : firstHalf(turn, state.plan, work, { lots, least: preferred });
  const decision = proceed(turn, stepped(state, next, issued, first.work), terms, first.lots);
  return next === k ? { ...decision, wakeAt: now + DEFER_MS } : decision;
}

/** No slice is due: the latest one is topped up once its time has come, or looked after. */
function attend<P extends ScheduleParams, T, V>(
  turn: Turn<P, T, V>,
  state: Planned<T, V>,
): Decision<ScheduleState<T, V>> {
  const { context, progress, now } = turn;
  const { work } = state;
  if (work === null) return proceed(turn, state, null, 0);
  const isDue = work.at !== null && now >= work.at;
  if (isDue && missingOf(work, progress) > 0) return topUp(turn, state, work);
  const next = isDue ? triedAgain(work, progress) : work;
  return proceed(turn, withWork(state, looked(context, next, progress, now)), null, 0);
}

/** Another order of the latest slice. What is missing below the minimum is left to the slices after it. */
function topUp<P extends ScheduleParams, T, V>(
  turn: Turn<P, T, V>,
  state: Planned<T, V>,
  work: SliceWork,
): Decision<ScheduleState<T, V>> {
  const { rules, context, progress, view, now } = turn;
  const room = roomOf(progress);
  const terms = childTerms(context, progress.limitPrice, view);
  if (room > 0 && terms === null) return defer(state, now);
  const isLast = state.next >= rules.count(state.plan);
  const venueLeast = venueMinimum(context.instrument, terms);
  const least = isLast ? venueLeast : Math.max(venueLeast, state.limits.minChild);
  const wanted = Math.min(missingOf(work, progress), state.limits.maxChild);
  if (Math.min(wanted, room) < least) return proceed(turn, withWork(state, null), null, 0);
  const allowed = Math.min(wanted, participationRoom(context, progress, view));
  const lots = placeable(allowed, room, least, isLast);
  const tried = triedAgain(work, progress);
  return proceed(turn, withWork(state, lots === 0 ? waiting(tried, now) : tried), terms, lots);
}

function fire<P extends ScheduleParams, T, V>(
  turn: Turn<P, T, V>,
  state: ScheduleState<T, V>,
): Decision<ScheduleState<T, V>> {
  const { rules, context, progress, view, now } = turn;
  if (state.swept || isAtEnd(context, now)) return over(state);
  const terms = childTerms(context, progress.limitPrice, view);
  if (state.plan === null && terms === null) return defer(state, now);
  const plan = state.plan ?? rules.plan(context, state.limits, terms);
  const planned: Planned<T, V> = state.plan === null ? { ...state, plan } : (state as Planned<T, V>);
  const k = rules.lastDue(context, plan, now - context.startedAt);
  if (k < state.next) return attend(turn, planned);
  const room = roomOf(progress);
  if (room > 0 && terms === null) return defer(planned, now);
  const seen = rules.look(context, plan, state.seen, view, k);
  return fireSlice(turn, seen === state.seen ? planned : { ...planned, seen }, terms, k);
}

/**
 * What slices have placed so far and is neither filled nor open, anew at the present terms: after an amend canceled
 * the live orders, or a refused slice is to be tried again. Never more than the plan, scaled to the cap, has due; what
 * an outage skipped stays skipped.
 */
function reprice<P extends ScheduleParams, T, V>(
  turn: Turn<P, T, V>,
  before: Planned<T, V>,
): Decision<ScheduleState<T, V>> {
  const { rules, context, progress, view, now } = turn;
  const { plan, next, issued, limits } = before;
  const state = withWork(before, null);
  const room = roomOf(progress);
  const due = mulDiv(rules.before(context, plan, next), progress.cap, context.target, 'CEIL');
  const wanted = Math.min(due, issued) - (progress.cap - room);
  if (room === 0 || wanted <= 0) return proceed(turn, state, null, 0);
  const terms = childTerms(context, progress.limitPrice, view);
  if (terms === null) return defer(before, now);
  // Resting orders of many slices go back as one; orders that never rest leave only what a late slice may catch up.
  const most = takes(context) ? catchUp(turn, before, Math.max(0, next - 1)) : limits.maxChild;
  const allowed = Math.min(wanted, most, participationRoom(context, progress, view));
  const isLast = next >= rules.count(plan);
  const lots = placeable(allowed, room, venueMinimum(context.instrument, terms), isLast);
  return proceed(turn, withWork(state, begun(context, progress, lots)), terms, lots);
}

function answer<P extends ScheduleParams, T, V>(
  turn: Turn<P, T, V>,
  state: ScheduleState<T, V>,
  ask: Ask,
): Decision<ScheduleState<T, V>> {
  const { plan, swept } = state;
  if (ask === 'SWEEP' || (ask === 'REPRICE' && swept)) {
    const { context, progress, view, now } = turn;
    return sweepWithin(context, { now: state, swept: { ...state, swept: true } }, progress, view, now);
  }
  if (ask === 'REPRICE' && plan !== null) return reprice(turn, { ...state, plan });
  return fire(turn, state);
}

type Scheduled<P, S> = Pick<
  Strategy<P, S>,
  'asksOnOrderEnd' | 'duration' | 'initial' | 'decide' | 'schedule'
>;

/** A strategy's planner but for its name and its check. */
export function scheduled<P extends ScheduleParams, T, V>(
  rules: ScheduleRules<P, T, V>,
): Scheduled<P, ScheduleState<T, V>> {
  return {
    asksOnOrderEnd: 'SHORT',
    duration: durationOf,
    initial: (context) => ({
      limits: limitsOf(context),
      plan: null,
      next: 0,
      issued: 0,
      swept: false,
      work: null,
      seen: null,
    }),
    decide: (context, state, progress, view, now, ask) =>
      answer({ rules, context, progress, view, now }, state, ask),
    schedule: (context, view) => rowsOf(rules, context, view),
  };
}

function rowsOf<P extends ScheduleParams, T, V>(
  rules: ScheduleRules<P, T, V>,
  context: Context<P>,
  view: MarketView | null,
): readonly PlannedSlice[] {
  const terms = childTerms(context, null, view);
  const plan = rules.plan(context, limitsOf(context), terms);
  return Array.from({ length: rules.count(plan) }, (_, k) => ({
    at: context.startedAt + rules.dueAfter(context, plan, k),
    quantity: rules.before(context, plan, k + 1) - rules.before(context, plan, k),
    price: terms?.price ?? null,
  }));
}
