/**
 * SINGLE's chase: where the one order stands, and when it follows the near side of the book.
 *
 * Owns the price and the replacements. The order moves by cancel, confirmation, place: never two orders. Does not own
 * the sweep or the end: single.ts does. A move that the limit price would undo is not made: the order keeps its
 * place in the queue.
 */
import { fromSteps } from '../dtos/decimal.js';
import type { MarketView } from '../dtos/venue.js';
import { infeasible } from './check.js';
import type { Ask, Decision, PriceBand, Progress, StrategyContext } from './contract.js';
import { defer, roomOf } from './orders.js';
import type { SinglePlanParams } from './params.js';
import { type Terms, venueMinimum } from './price.js';
import {
  awayFrom,
  boundTicks,
  checkResting,
  limitNow,
  modest,
  nearTicks,
  over,
  restingOrder,
  termsAt,
} from './resting.js';

type Context = StrategyContext<SinglePlanParams>;
type Chase = NonNullable<SinglePlanParams['chase']>;

export interface ChaseState {
  /** The near side, in ticks, that the order was priced from; null until the first one. */
  readonly from: number | null;
  readonly replacements: number;
  /** The cancel was asked for; the next order comes once nothing is open. */
  readonly isMoving: boolean;
}

export const CHASE_START: ChaseState = { from: null, replacements: 0, isMoving: false };

/** The price in ticks with the near side at `near`: `distance_ticks` behind it, never past the limit. */
function priceTicks(context: Context, chase: Chase, progress: Progress, near: number): number {
  const wanted = awayFrom(context, near, chase.distance_ticks);
  const limit = limitNow(context, progress.limitPrice);
  return limit === null ? wanted : modest(context, wanted, boundTicks(context, limit));
}

/** Asked again once the near side is `refresh_ticks` away, either way. */
function bandOf({ side, instrument }: Context, chase: Chase, from: number): PriceBand {
  const below = from - chase.refresh_ticks;
  return {
    price: side === 'BUY' ? 'BID' : 'ASK',
    above: fromSteps(from + chase.refresh_ticks, instrument.tickSize),
    below: below < 1 ? null : fromSteps(below, instrument.tickSize),
  };
}

/** Stays where it is, and watches unless it may move no more. */
function stay(context: Context, chase: Chase, state: ChaseState): Decision<ChaseState> {
  const isLast = state.replacements >= chase.max_replacements;
  const rest = { ...over(state), exhausted: isLast };
  return isLast || state.from === null ? rest : { ...rest, watch: bandOf(context, chase, state.from) };
}

function follow(
  context: Context,
  chase: Chase,
  state: ChaseState,
  progress: Progress,
  near: number | null,
): Decision<ChaseState> {
  const { from, replacements, isMoving } = state;
  if (isMoving) return { ...over(state), exhausted: false };
  // An order of unknown fate is left alone until the venue has told it.
  if (progress.unknown > 0 || near === null || from === null || replacements >= chase.max_replacements) {
    return stay(context, chase, state);
  }
  if (Math.abs(near - from) < chase.refresh_ticks) return stay(context, chase, state);
  const price = priceTicks(context, chase, progress, near);
  if (price < 1 || price === priceTicks(context, chase, progress, from)) {
    return stay(context, chase, { ...state, from: near });
  }
  const moving = { ...state, replacements: replacements + 1, isMoving: true };
  return { ...over(moving), exhausted: false, cancels: true };
}

function place(
  context: Context,
  chase: Chase,
  state: ChaseState,
  progress: Progress,
  near: number | null,
  now: number,
): Decision<ChaseState> {
  const room = roomOf(progress);
  const terms = near === null ? null : termsAt(context, priceTicks(context, chase, progress, near));
  if (near === null || terms === null) return defer(state, now);
  const next = { ...state, from: near, isMoving: false };
  // Dust: no venue would take it, now or later (decision 19).
  if (room < venueMinimum(context.instrument, terms)) return over(next);
  return { ...stay(context, chase, next), orders: [restingOrder(context, terms, room)] };
}

/** What the chase does now. SWEEP and the end are answered before. */
export function decideChase(
  context: Context,
  chase: Chase,
  state: ChaseState,
  progress: Progress,
  view: MarketView | null,
  now: number,
  ask: Ask,
): Decision<ChaseState> {
  const near = nearTicks(context, view);
  if (progress.live > 0) return follow(context, chase, state, progress, near);
  // Gone without our asking: filled, or ended by the venue, which ends a SINGLE.
  if (state.from !== null && !state.isMoving && ask !== 'REPRICE') return over(state);
  return place(context, chase, state, progress, near, now);
}

/** The price that a chase would start at; null: no near side yet, or no price left. */
export function chaseTerms(context: Context, chase: Chase, view: MarketView | null): Terms | null {
  const near = nearTicks(context, view);
  if (near === null) return null;
  const wanted = awayFrom(context, near, chase.distance_ticks);
  const limit = context.params.limit_price;
  return termsAt(context, limit == null ? wanted : modest(context, wanted, boundTicks(context, limit)));
}

export function checkChase(context: Context, view: MarketView | null): void {
  checkResting(context, 'a chased order');
  const near = nearTicks(context, view);
  const { chase } = context.params;
  if (near === null || chase == null || awayFrom(context, near, chase.distance_ticks) >= 1) return;
  throw infeasible(
    `distance_ticks ${chase.distance_ticks} leaves no price above 0; at most ${Math.max(0, near - 1)} can be met`,
    'routing_plan.strategy_params.chase.distance_ticks',
  );
}
