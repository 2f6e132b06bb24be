/**
 * ICEBERG: a large LIMIT order of which only a tip shows, one tip at a time.
 *
 * Owns how large a tip is and when the next one shows. A new tip joins the end of the queue: a lower
 * `refresh_threshold` shows more, at the price of priority. A venue that hides the rest by itself gets one order for
 * everything; variance and threshold are then its own business. Does not own cancels, retries or the end: the group
 * does. A tip that ends unfilled without our asking ends the iceberg, as it ends a SINGLE.
 */
import { type DecimalString, type Lots, mul, toSteps } from '../dtos/decimal.js';
import { SLICES_MAX } from '../dtos/primitives.js';
import type { MarketView } from '../dtos/venue.js';
import {
  childBounds,
  infeasible,
  minimumText,
  quantityText,
  requireDecimal,
  requireFraction,
  requireRate,
} from './check.js';
import type { Ask, Decision, PlannedSlice, Progress, Strategy, StrategyContext } from './contract.js';
import { draw, mulDiv, PPM } from './lots.js';
import { defer, roomOf } from './orders.js';
import type { IcebergPlanParams } from './params.js';
import { limitTerms, type Terms, venueMinimum } from './price.js';
import { checkResting, isAtEnd, limitNow, over, restingOrder, sweepRest } from './resting.js';

type Context = StrategyContext<IcebergPlanParams>;

const PATH = 'routing_plan.strategy_params';
const TIP_STREAM = 3;

/** What the parameters come to, in lots and parts per million. Plain JSON, as all of the state. */
export interface IcebergLimits {
  /** No more than this shows, ever. */
  readonly display: Lots;
  readonly variancePpm: number;
  readonly thresholdPpm: number;
  /** `min_child_quantity`; the last tip may undercut it. */
  readonly minChild: Lots;
  readonly isNative: boolean;
}

/** The tip that was placed last. */
export interface Tip {
  readonly quantity: Lots;
  /** The group's filled lots when it was placed. */
  readonly filledBefore: Lots;
}

export interface IcebergState {
  readonly limits: IcebergLimits;
  /** Tips planned so far: the next one's draw. */
  readonly tips: number;
  readonly tip: Tip | null;
  /** Tips canceled at the threshold to show a full one. */
  readonly refreshes: number;
  readonly isRefreshing: boolean;
  /** The sweep was planned: no tip follows it. */
  readonly swept: boolean;
}

const ppm = (fraction: string): number => toSteps(fraction, '0.000001', 'FLOOR');

function limitsOf(context: Context): IcebergLimits {
  const { params, target, instrument, abilities } = context;
  const { display_quantity: quantity, visible_ratio: ratio } = params;
  const { minChild, maxChild } = childBounds(context);
  const wanted =
    quantity == null
      ? toSteps(mul(ratio ?? '1', String(target)), '1', 'FLOOR')
      : toSteps(quantity, instrument.lotSize, 'FLOOR');
  return {
    display: Math.min(wanted, target, maxChild),
    variancePpm: ppm(params.display_variance_pct),
    thresholdPpm: ppm(params.refresh_threshold),
    minChild,
    // One order for everything would break max_child_quantity.
    isNative: params.native === 'PREFER' && abilities?.iceberg === true && target <= maxChild,
  };
}

/** Can whole tips of `least` to `display` lots carry `lots`? */
const fits = (lots: Lots, least: Lots, display: Lots): boolean => Math.ceil(lots / display) * least <= lots;

/**
 * The k-th tip out of `room`; 0 when the venue takes none. The draw gives way so that whole tips can carry the rest;
 * where nothing can (after partial fills), a rest below the minimum stays as dust.
 */
function tipLots(context: Context, limits: IcebergLimits, k: number, room: Lots, venueLeast: Lots): Lots {
  const { display, variancePpm, minChild } = limits;
  if (room <= display && room < Math.max(venueLeast, minChild)) return room >= venueLeast ? room : 0;
  const least = Math.max(venueLeast, minChild);
  if (display < least) return 0;
  const sway = mulDiv(display, variancePpm, PPM, 'FLOOR');
  const drawn = Math.max(least, display - draw(context.params.seed ?? 0, TIP_STREAM, k, sway + 1));
  const lots = Math.min(drawn, room);
  const rest = room - lots;
  if (fits(rest, least, display)) return lots;
  const more = Math.ceil(rest / display);
  const raised = room - (more - 1) * display;
  if (raised <= display) return raised;
  const lowered = room - more * least;
  return lowered >= least ? lowered : Math.min(display, room);
}

function termsOf(context: Context, amended: DecimalString | null): Terms | null {
  const limit = limitNow(context, amended);
  return limit === null ? null : limitTerms(context.side, limit, context.instrument.tickSize);
}

const wait = (state: IcebergState): Decision<IcebergState> => ({
  ...over(state),
  exhausted: state.limits.isNative,
});

/** Everything as one order that the venue hides. */
function placeNative(
  context: Context,
  state: IcebergState,
  terms: Terms,
  room: Lots,
): Decision<IcebergState> {
  const { display } = state.limits;
  const least = venueMinimum(context.instrument, terms);
  if (room < least || display < least) return over(state);
  const order = { ...restingOrder(context, terms, room), displayQuantity: Math.min(display, room) };
  return { ...wait({ ...state, tips: state.tips + 1 }), orders: [order] };
}

function place(
  context: Context,
  state: IcebergState,
  progress: Progress,
  now: number,
): Decision<IcebergState> {
  const terms = termsOf(context, progress.limitPrice);
  if (terms === null) return defer(state, now);
  const room = roomOf(progress);
  if (state.limits.isNative) return placeNative(context, state, terms, room);
  const quantity = tipLots(context, state.limits, state.tips, room, venueMinimum(context.instrument, terms));
  if (quantity === 0) return over(state);
  const tip = { quantity, filledBefore: progress.filled };
  const next = { ...state, tips: state.tips + 1, tip, isRefreshing: false };
  return { ...wait(next), orders: [restingOrder(context, terms, quantity)] };
}

/** Has the live tip crossed the threshold, and would the next one show more without leaving dust? */
function refreshes(context: Context, state: IcebergState, progress: Progress): boolean {
  const { limits, tip, isRefreshing } = state;
  // An order of unknown fate is left alone until the venue has told it.
  if (tip === null || limits.isNative || isRefreshing || progress.unknown > 0) return false;
  const filled = tip.quantity - progress.leaves;
  if (limits.thresholdPpm >= PPM || filled < mulDiv(tip.quantity, limits.thresholdPpm, PPM, 'CEIL'))
    return false;
  const terms = termsOf(context, progress.limitPrice);
  if (terms === null) return false;
  const rest = roomOf(progress) + progress.leaves;
  const venueLeast = venueMinimum(context.instrument, terms);
  if (!fits(rest, Math.max(venueLeast, limits.minChild), limits.display)) return false;
  return tipLots(context, limits, state.tips, rest, venueLeast) > progress.leaves;
}

function decide(
  context: Context,
  state: IcebergState,
  progress: Progress,
  view: MarketView | null,
  now: number,
  ask: Ask,
): Decision<IcebergState> {
  if (ask === 'SWEEP' || state.swept) {
    if (ask !== 'SWEEP' && ask !== 'REPRICE') return over(state);
    return sweepRest(context, { now: state, swept: { ...state, swept: true } }, progress, view, now);
  }
  if (isAtEnd(context, now)) return over(state);
  if (progress.live > 0) {
    if (!refreshes(context, state, progress)) return wait(state);
    return { ...wait({ ...state, refreshes: state.refreshes + 1, isRefreshing: true }), cancels: true };
  }
  const { tip, isRefreshing, limits, tips } = state;
  const isFilled = tip === null || progress.filled - tip.filledBefore >= tip.quantity;
  const goesOn = limits.isNative ? tips === 0 : isFilled || isRefreshing;
  return goesOn || ask === 'REPRICE' ? place(context, state, progress, now) : over(state);
}

function checkDisplay(context: Context, venueLeast: Lots): void {
  const { target } = context;
  const limits = limitsOf(context);
  const { display, minChild } = limits;
  const least = Math.max(venueLeast, minChild);
  const bound = minimumText(context, venueLeast, minChild);
  if (target < least) {
    throw infeasible(
      `an iceberg of ${quantityText(context, target)} falls below ${bound}; at least ${quantityText(context, least)} is needed`,
    );
  }
  const field = context.params.display_quantity == null ? 'visible_ratio' : 'display_quantity';
  if (display < least) {
    throw infeasible(
      `a tip of ${quantityText(context, display)} falls below ${bound}; at least ${quantityText(context, least)} has to show`,
      `${PATH}.${field}`,
    );
  }
  if (limits.isNative) return;
  const tips = Math.ceil(target / display);
  if (tips * least > target) {
    throw infeasible(
      `tips of ${quantityText(context, display)} leave a rest below ${bound}; ` +
        `the nearest display is ${quantityText(context, Math.ceil(target / (tips - 1)))}`,
      `${PATH}.${field}`,
    );
  }
  const smallest = Math.max(least, display - mulDiv(display, limits.variancePpm, PPM, 'FLOOR'));
  if (Math.ceil(target / smallest) > SLICES_MAX) {
    throw infeasible(
      `tips as small as ${quantityText(context, smallest)} may be more than ${SLICES_MAX}; ` +
        `at least ${quantityText(context, Math.ceil(target / SLICES_MAX))} each is needed`,
      `${PATH}.${field}`,
    );
  }
}

/** Throws PLAN_INFEASIBLE for an iceberg without a price, or with a tip that the venue would refuse. */
function check(context: Context): void {
  checkResting(context, 'an iceberg');
  const { limit_price, visible_ratio, display_quantity } = context.params;
  if (limit_price == null) throw infeasible('an iceberg needs limit_price', `${PATH}.limit_price`);
  if ((visible_ratio == null) === (display_quantity == null)) {
    throw infeasible('an iceberg takes either visible_ratio or display_quantity');
  }
  requireRate('visible_ratio', visible_ratio);
  requireDecimal('display_quantity', display_quantity);
  requireFraction('display_variance_pct', context.params.display_variance_pct);
  requireFraction('refresh_threshold', context.params.refresh_threshold);
  requireRate('refresh_threshold', context.params.refresh_threshold);
  const terms = termsOf(context, null);
  if (terms === null) {
    const { tickSize } = context.instrument;
    throw infeasible(`limit_price ${limit_price} is below one tick of ${tickSize}`, `${PATH}.limit_price`);
  }
  checkDisplay(context, venueMinimum(context.instrument, terms));
}

/** The tips in their order. All stand at the start: when the next one shows, the market decides. */
function schedule(context: Context): readonly PlannedSlice[] {
  const limits = limitsOf(context);
  const terms = termsOf(context, null);
  const price = terms?.price ?? null;
  if (limits.isNative) return [{ at: context.startedAt, quantity: context.target, price }];
  const venueLeast = venueMinimum(context.instrument, terms);
  const rows: PlannedSlice[] = [];
  for (let room = context.target; room > 0; ) {
    const quantity = tipLots(context, limits, rows.length, room, venueLeast);
    if (quantity === 0) break;
    rows.push({ at: context.startedAt, quantity, price });
    room -= quantity;
  }
  return rows;
}

/** One live tip of at most the display quantity, at the limit price. */
export const iceberg: Strategy<IcebergPlanParams, IcebergState> = {
  name: 'ICEBERG',
  asksOnOrderEnd: true,
  asksOnFill: true,
  duration: (params) => (params.duration_seconds == null ? null : params.duration_seconds * 1000),
  check,
  initial: (context) => ({
    limits: limitsOf(context),
    tips: 0,
    tip: null,
    refreshes: 0,
    isRefreshing: false,
    swept: false,
  }),
  decide,
  schedule,
};
