/**
 * DCA by price: resting LIMIT orders at given prices, all placed at once, each step once.
 *
 * Owns which step an order belongs to, and what of a step is placed anew by REPRICE: what is neither filled nor open.
 * The steps are LIMIT orders whatever the entry plan's order type; `limit_price`, where given or amended, bounds
 * them. In list order each gets its amount, the last ones what room and budget leave. `done` once all are filled.
 */
import { cmp, type DecimalString, type Lots, max, min } from '../dtos/decimal.js';
import type { MarketView } from '../dtos/venue.js';
import { childBounds } from './check.js';
import type { Ask, Decision, PlannedOrder, PlannedSlice, Progress } from './contract.js';
import { amountLots, type Context, leftOf, lotsWithin, NOTHING, spend } from './dca-amount.js';
import { defer, marketOrder, marketTerms, roomOf } from './orders.js';
import { limitTerms, type Terms, venueMinimum } from './price.js';

/** Plain JSON. */
export interface LadderState {
  /** Lots of each step as planned; null before START. */
  readonly placed: readonly Lots[] | null;
  /** The step of each order planned so far. */
  readonly stepOf: readonly number[];
  readonly swept: boolean;
}

export const initialLadder: LadderState = { placed: null, stepOf: [], swept: false };

/** A step's terms, within the limit; null when no positive price is left. */
export function stepTerms(
  context: Context,
  price: DecimalString,
  amended: DecimalString | null,
): Terms | null {
  const limit = amended ?? context.params.limit_price;
  const { side, instrument } = context;
  const bounded = limit === undefined ? price : (side === 'BUY' ? min : max)(price, limit);
  return limitTerms(side, bounded, instrument.tickSize);
}

/** Lots of each step: its amount, or what room and budget leave; 0 for a step that cannot be placed. */
export function stepLots(context: Context, amended: DecimalString | null, most: Lots): Lots[] {
  const { params, instrument } = context;
  let room = most;
  let spent = NOTHING;
  return (params.price_steps ?? []).map(({ price, amount }) => {
    const terms = stepTerms(context, price, amended);
    if (terms === null) return 0;
    const affordable = lotsWithin(context, leftOf(params.budget, spent), terms.price, room);
    const { minChild, maxChild } = childBounds(context);
    const lots = Math.min(affordable, maxChild, amountLots(context, amount ?? params.amount, terms.price));
    if (lots < Math.max(minChild, venueMinimum(instrument, terms))) return 0;
    room -= lots;
    spent = spend(context, spent, lots, terms.price);
    return lots;
  });
}

/** What each step lacks: planned, less what its orders filled or may still fill. */
function lacking(state: LadderState, { slots = [] }: Progress): Lots[] {
  const left = [...(state.placed ?? [])];
  for (const { slot, quantity, filled, isLive } of slots) {
    const step = state.stepOf[slot];
    if (step !== undefined && left[step] !== undefined) left[step] -= isLive ? quantity : filled;
  }
  return left.map((lots) => Math.max(0, lots));
}

/** Orders for what the steps lack, within the room; a rest below the venue's minimum is let go. */
function placeSteps(context: Context, state: LadderState, progress: Progress, lots: readonly Lots[]) {
  const { params, instrument } = context;
  let room = roomOf(progress);
  const orders: PlannedOrder[] = [];
  const stepOf = [...state.stepOf];
  for (const [step, { price }] of (params.price_steps ?? []).entries()) {
    const terms = stepTerms(context, price, progress.limitPrice);
    const quantity = Math.min(room, lots[step] ?? 0);
    if (terms === null || quantity < venueMinimum(instrument, terms)) continue;
    room -= quantity;
    stepOf.push(step);
    orders.push({
      ...{ quantity, orderType: 'LIMIT', timeInForce: params.time_in_force ?? 'GTC', price: terms.price },
      ...{ stopPrice: null, postOnly: params.post_only, reduceOnly: params.reduce_only },
    });
  }
  return { state: { ...state, stepOf }, orders };
}

const over = (state: LadderState, orders: readonly PlannedOrder[] = []): Decision<LadderState> => ({
  ...{ state, orders, wakeAt: null, exhausted: true, deferred: false },
});

/** What the steps did not fill, once, on market terms, within the budget that is left. */
function sweep(
  context: Context,
  state: LadderState,
  progress: Progress,
  view: MarketView | null,
  now: number,
): Decision<LadderState> {
  const swept = { ...state, swept: true };
  const missing = lacking(state, progress).reduce((sum, lots) => sum + lots, 0);
  const wanted = Math.min(missing, roomOf(progress));
  if (wanted === 0) return over(swept);
  const terms = marketTerms(context, progress.limitPrice, view);
  if (terms === null) return defer(state, now);
  const left = leftOf(context.params.budget, orderedWorth(context, state, progress));
  const lots = lotsWithin(context, left, terms.price, wanted);
  if (lots < venueMinimum(context.instrument, terms)) return over(swept);
  return over(swept, [marketOrder(context, terms, lots)]);
}

/** What the steps that are not missing cost at their own prices, quote. */
function orderedWorth(context: Context, state: LadderState, progress: Progress): DecimalString {
  const missing = lacking(state, progress);
  return (context.params.price_steps ?? []).reduce((spent, { price }, step) => {
    const held = (state.placed?.[step] ?? 0) - (missing[step] ?? 0);
    return held > 0 ? spend(context, spent, held, price) : spent;
  }, NOTHING);
}

export function decideLadder(
  context: Context,
  state: LadderState,
  progress: Progress,
  view: MarketView | null,
  now: number,
  ask: Ask,
): Decision<LadderState> {
  if (ask === 'SWEEP' || (ask === 'REPRICE' && state.swept)) {
    return sweep(context, state, progress, view, now);
  }
  const isOver = context.endsAt !== null && now >= context.endsAt;
  if (isOver || state.swept) return over(state);
  const isFirst = state.placed === null;
  const planned = isFirst
    ? { ...state, placed: stepLots(context, progress.limitPrice, roomOf(progress)) }
    : state;
  const lots = lacking(planned, progress);
  if (isFirst || ask === 'REPRICE') {
    const placed = placeSteps(context, planned, progress, lots);
    if (placed.orders.length > 0) return { ...over(placed.state, placed.orders), exhausted: false };
  }
  if (progress.live > 0) return { ...over(planned), exhausted: false };
  const isFilled = progress.filled > 0 && lots.every((left) => left === 0);
  return isFilled ? { ...over(planned), done: true } : over(planned);
}

/** All steps, at the start. */
export function ladderSchedule(context: Context): readonly PlannedSlice[] {
  const lots = stepLots(context, null, context.target);
  return (context.params.price_steps ?? []).flatMap(({ price }, step) => {
    const terms = stepTerms(context, price, null);
    const quantity = lots[step] ?? 0;
    return terms === null || quantity === 0 ? [] : [{ at: context.startedAt, quantity, price: terms.price }];
  });
}

/** Is this step on the wrong side of the limit? */
export function isBeyondLimit({ side, params }: Context, price: DecimalString): boolean {
  if (params.limit_price === undefined) return false;
  const order = cmp(price, params.limit_price);
  return side === 'BUY' ? order > 0 : order < 0;
}
