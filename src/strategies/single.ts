/**
 * SINGLE: one order for everything, at once (spec 5, section 2.3; decision 9: at most one live order).
 *
 * Owns when that order goes out, and the further attempts of an unwind. Does not own where a chased order stands
 * (chase.ts), nor retries of a refused order: the group asks REPRICE for those, as after an amend.
 */
import type { Lots } from '../dtos/decimal.js';
import type { MarketView } from '../dtos/venue.js';
import { CHASE_START, type ChaseState, chaseTerms, checkChase, decideChase } from './chase.js';
import { checkCommon, childBounds, infeasible, minimumText, quantityText, requireWhole } from './check.js';
import type { Ask, Decision, PlannedSlice, Progress, Strategy, StrategyContext } from './contract.js';
import { childOrder, childTerms, defer, marketOrder, marketTerms, roomOf } from './orders.js';
import type { SinglePlanParams } from './params.js';
import { type Terms, venueMinimum } from './price.js';
import { decideProtection, PROTECT_START, type ProtectState } from './protect.js';
import { isAtEnd, over, refuseParticipation } from './resting.js';

type Context = StrategyContext<SinglePlanParams>;

export interface SingleState {
  /** Orders planned so far, those of REPRICE and SWEEP not counted. */
  readonly attempts: number;
  /** When the next attempt is due, epoch ms. */
  readonly retryAt: number | null;
  /** The sweep was planned: what is asked for from here on goes out on its terms. */
  readonly swept: boolean;
  /** Only of a chased order. */
  readonly chase?: ChaseState;
  /** Only of a protection. */
  readonly protect?: ProtectState;
}

const attemptsOf = (context: Context): number => context.params.attempts ?? 1;

const isOver = (context: Context, state: SingleState): boolean =>
  state.swept || state.attempts >= attemptsOf(context);

function rest(context: Context, state: SingleState, wakeAt: number | null = null): Decision<SingleState> {
  return { state, orders: [], wakeAt, exhausted: wakeAt === null && isOver(context, state), deferred: false };
}

/** Everything that is left, as one order; `next` is the state once it is planned. */
function place(
  context: Context,
  states: { readonly now: SingleState; readonly next: SingleState },
  progress: Progress,
  view: MarketView | null,
  now: number,
): Decision<SingleState> {
  const room = roomOf(progress);
  // An order open or unknown gets no other beside it (decision 9, I6).
  if (room === 0 || progress.live > 0) return rest(context, states.next);
  const swept = states.next.swept;
  const terms = (swept ? marketTerms : childTerms)(context, progress.limitPrice, view);
  if (terms === null) return defer(states.now, now);
  // Dust: no venue would take it, now or later (decision 19).
  if (room < venueMinimum(context.instrument, terms)) return over(states.next);
  const order = (swept ? marketOrder : childOrder)(context, terms, room);
  return { ...rest(context, states.next), orders: [order] };
}

function decide(
  context: Context,
  state: SingleState,
  progress: Progress,
  view: MarketView | null,
  now: number,
  ask: Ask,
): Decision<SingleState> {
  const { chase, protect } = context.params;
  if (protect !== undefined) {
    const own = state.protect ?? PROTECT_START;
    const moved = decideProtection(context, protect, own, progress, view, now, ask);
    return { ...moved, state: { ...state, protect: moved.state } };
  }
  if (ask === 'SWEEP')
    return place(context, { now: state, next: { ...state, swept: true } }, progress, view, now);
  if (chase != null && !state.swept) {
    if (isAtEnd(context, now)) return over(state);
    const moved = decideChase(context, chase, state.chase ?? CHASE_START, progress, view, now, ask);
    return { ...moved, state: { ...state, chase: moved.state } };
  }
  const isFirst = state.attempts === 0;
  if (ask === 'REPRICE' && (!isFirst || state.swept)) {
    return place(context, { now: state, next: { ...state, retryAt: null } }, progress, view, now);
  }
  if (isOver(context, state) || isAtEnd(context, now)) return over(state);
  // Not an attempt yet: the planner is asked again when that order has ended.
  if (!isFirst && progress.live > 0) return rest(context, state);
  const delay = isFirst ? 0 : (context.params.retry_delay_ms ?? 0);
  const dueAt = state.retryAt ?? now + delay;
  if (now < dueAt) return rest(context, { ...state, retryAt: dueAt }, dueAt);
  const next = { ...state, attempts: state.attempts + 1, retryAt: null };
  return place(context, { now: state, next }, progress, view, now);
}

/** The terms of the first order as far as they are known before it goes out. */
function firstTerms(context: Context, view: MarketView | null): Terms | null {
  const { chase } = context.params;
  return chase == null ? childTerms(context, null, view) : chaseTerms(context, chase, view);
}

/** Throws PLAN_INFEASIBLE when the one order is below the venue's minimum or above `max_child_quantity`. */
function check(context: Context, view: MarketView | null): void {
  const { params, target } = context;
  if (params.chase == null) checkCommon(context);
  else checkChase(context, view);
  refuseParticipation(context, 'one order for everything');
  if (params.duration_seconds !== undefined) requireWhole('duration_seconds', params.duration_seconds);
  if (params.order_type === 'STOP_LIMIT' && params.stop_price === undefined) {
    throw infeasible('a STOP_LIMIT order needs stop_price', 'entry_plan.stop_price');
  }
  const { minChild, maxChild } = childBounds(context);
  const venueLeast = venueMinimum(context.instrument, firstTerms(context, view));
  const least: Lots = Math.max(venueLeast, minChild);
  if (target < least) {
    const bound = minimumText(context, venueLeast, minChild);
    throw infeasible(
      `one order of ${quantityText(context, target)} falls below ${bound}; at least ${quantityText(context, least)} is needed`,
    );
  }
  if (target > maxChild) {
    throw infeasible(
      `one order of ${quantityText(context, target)} exceeds max_child_quantity ${params.max_child_quantity}; ` +
        `at most ${quantityText(context, maxChild)} can be met, or a TWAP in slices`,
    );
  }
}

function schedule(context: Context, view: MarketView | null): readonly PlannedSlice[] {
  const price = firstTerms(context, view)?.price ?? null;
  return [{ at: context.startedAt, quantity: context.target, price }];
}

/** One order. STOP_LIMIT goes out at once too and waits for its stop at the venue. */
export const single: Strategy<SinglePlanParams, SingleState> = {
  name: 'SINGLE',
  asksOnOrderEnd: true,
  duration: (params) => (params.duration_seconds === undefined ? null : params.duration_seconds * 1000),
  check,
  initial: () => ({ attempts: 0, retryAt: null, swept: false }),
  decide,
  schedule,
};
