/**
 * Protection: the one live order that ends a position at its stop or its target. SINGLE's, with runtime-only
 * parameters: what protects a position is a group like any other.
 *
 * Owns which of the two waits at the venue, what is watched, and the exit once a price is reached. Both never wait at
 * the venue at once: without a native pair either could fill after the other, and the position would be sold twice.
 * - GUARD: a native stop where the venue has them, and the target is watched; else the target rests, and the stop is
 *   watched. A native stop that the market has jumped over (its limit is passed) is taken back for a STOP.
 * - STOP: marketable orders within the slippage bound, one at a time, until nothing is left. It never turns back.
 * - TARGET: a LIMIT at the target, the stop is watched. Where the venue lets nothing wait, both are watched, and the
 *   target is taken by marketable orders.
 * A price is reached by the last trade; without trades by the quote that the exit would take.
 */
import { cmp, type DecimalString, type Lots } from '../dtos/decimal.js';
import type { MarketView } from '../dtos/venue.js';
import type { Ask, Decision, PlannedOrder, PriceBand, Progress, StrategyContext } from './contract.js';
import { defer, marketOrder, marketTerms, roomOf } from './orders.js';
import type { ProtectParams, SinglePlanParams } from './params.js';
import { limitTerms, marketableTerms, type Terms, venueMinimum } from './price.js';

type Context = StrategyContext<SinglePlanParams>;

export interface ProtectState {
  readonly mode: 'GUARD' | 'STOP' | 'TARGET';
  /** What waits at the venue, as far as was planned. */
  readonly resting: 'STOP' | 'TARGET' | null;
  /** Times the venue ended what was to wait there. */
  readonly refusals: number;
  /** The next attempt of a marketable order, epoch ms. */
  readonly nextAt: number;
}

export const PROTECT_START: ProtectState = { mode: 'GUARD', resting: null, refusals: 0, nextAt: 0 };

/** From so many refusals on nothing waits at the venue any more: the runtime watches both prices. A move starts anew. */
const REFUSALS_MAX = 3;
const isWatchOnly = ({ refusals }: ProtectState): boolean => refusals >= REFUSALS_MAX;
/** Between two attempts of a marketable order, ms. */
const RETRY_MS = 1000;

/** At or beyond `price` in the direction of a loss: down for what a SELL protects. */
const isLoss = ({ side }: Context, at: DecimalString, price: DecimalString): boolean =>
  side === 'SELL' ? cmp(at, price) <= 0 : cmp(at, price) >= 0;
const isGain = ({ side }: Context, at: DecimalString, price: DecimalString): boolean =>
  side === 'SELL' ? cmp(at, price) >= 0 : cmp(at, price) <= 0;

const reached = ({ side }: Context, view: MarketView | null): DecimalString | null =>
  view === null ? null : (view.last ?? (side === 'SELL' ? view.bid : view.ask));

/** A stop's own price bound: the slippage bound counted from the stop. */
export function stopTerms(context: Context, stop: DecimalString): Terms | null {
  const { side, maxSlippage, instrument } = context;
  const view = { bid: stop, ask: stop, last: stop, at: 0 };
  return marketableTerms({ side, view, maxSlippage, tick: instrument.tickSize, limitPrice: null });
}

/** The price at which the stop is the runtime's to work: its own, or the limit that a native one was jumped over at. */
function stopBound(context: Context, { stop }: ProtectParams, state: ProtectState): DecimalString | null {
  if (stop === null || state.resting !== 'STOP') return stop;
  return stopTerms(context, stop)?.price ?? stop;
}

function modeOf(
  context: Context,
  protect: ProtectParams,
  state: ProtectState,
  view: MarketView | null,
): ProtectState['mode'] {
  if (state.mode === 'STOP') return 'STOP';
  const at = reached(context, view);
  if (at === null) return state.mode;
  const stop = stopBound(context, protect, state);
  if (stop !== null && isLoss(context, at, stop)) return 'STOP';
  const { target } = protect;
  // What rests at the target needs no help to be taken.
  if (target !== null && state.resting !== 'TARGET' && isGain(context, at, target)) return 'TARGET';
  return state.mode;
}

function bandOf(context: Context, protect: ProtectParams, state: ProtectState): PriceBand | null {
  if (state.mode === 'STOP') return null;
  const loss = stopBound(context, protect, state);
  const gain = state.mode === 'TARGET' || state.resting === 'TARGET' ? null : protect.target;
  if (loss === null && gain === null) return null;
  return context.side === 'SELL'
    ? { price: 'LAST_OR_BID', above: gain, below: loss }
    : { price: 'LAST_OR_ASK', above: loss, below: gain };
}

/** Waits, watching; asked again when an order ends, a price is reached, the position changes, or at `wakeAt`. */
function watch(
  context: Context,
  protect: ProtectParams,
  state: ProtectState,
  wakeAt: number | null = null,
): Decision<ProtectState> {
  const band = bandOf(context, protect, state);
  return {
    state,
    orders: [],
    wakeAt,
    exhausted: false,
    deferred: false,
    ...(band === null ? {} : { watch: band }),
  };
}

const limitOrder = (terms: Terms, quantity: Lots, stopPrice: DecimalString | null): PlannedOrder => ({
  quantity,
  orderType: stopPrice === null ? 'LIMIT' : 'STOP_LIMIT',
  timeInForce: 'GTC',
  price: terms.price,
  stopPrice,
  postOnly: false,
  reduceOnly: true,
});

/** What is to wait at the venue for this room; null: nothing can, or it is below the venue's minimum. */
function resting(
  context: Context,
  protect: ProtectParams,
  state: ProtectState,
  room: Lots,
): { readonly order: PlannedOrder; readonly what: 'STOP' | 'TARGET' } | null {
  const { side, instrument, abilities } = context;
  if (isWatchOnly(state)) return null;
  const what =
    state.mode === 'GUARD' && protect.stop !== null && abilities?.stopOrders === true ? 'STOP' : 'TARGET';
  const price = what === 'STOP' ? protect.stop : protect.target;
  if (price === null) return null;
  const terms = what === 'STOP' ? stopTerms(context, price) : limitTerms(side, price, instrument.tickSize);
  if (terms === null || room < venueMinimum(instrument, terms)) return null;
  return { order: limitOrder(terms, room, what === 'STOP' ? price : null), what };
}

function guard(
  context: Context,
  protect: ProtectParams,
  state: ProtectState,
  room: Lots,
): Decision<ProtectState> {
  const found = resting(context, protect, state, room);
  const next = { ...state, resting: found?.what ?? null };
  const decision = watch(context, protect, next);
  return found === null ? decision : { ...decision, orders: [found.order] };
}

/** A target that may not rest at the venue: what stands there at the target or better is taken, a second apart. */
function take(
  context: Context,
  protect: ProtectParams,
  state: ProtectState,
  room: Lots,
  now: number,
): Decision<ProtectState> {
  if (now < state.nextAt) return watch(context, protect, state, state.nextAt);
  const { side, instrument } = context;
  const terms = protect.target === null ? null : limitTerms(side, protect.target, instrument.tickSize);
  if (terms === null || room < venueMinimum(instrument, terms)) return watch(context, protect, state);
  const next: ProtectState = { ...state, resting: 'TARGET', nextAt: now + RETRY_MS };
  const order: PlannedOrder = { ...limitOrder(terms, room, null), timeInForce: 'IOC' };
  return { ...watch(context, protect, next), orders: [order] };
}

/** One marketable order at a time, a second apart. */
function exit(
  context: Context,
  state: ProtectState,
  view: MarketView | null,
  room: Lots,
  now: number,
): Decision<ProtectState> {
  const waiting = { state, orders: [], exhausted: false, deferred: false };
  if (now < state.nextAt) return { ...waiting, wakeAt: state.nextAt };
  const terms = marketTerms(context, null, view);
  if (terms === null) return defer(state, now);
  if (room < venueMinimum(context.instrument, terms)) return { ...waiting, wakeAt: null, exhausted: true };
  const next = { ...state, nextAt: now + RETRY_MS };
  return { ...waiting, state: next, orders: [marketOrder(context, terms, room)], wakeAt: null };
}

/** `reprice`: prices or position changed, so that a target reached before is looked at anew. */
export function decideProtection(
  context: Context,
  protect: ProtectParams,
  given: ProtectState,
  progress: Progress,
  view: MarketView | null,
  now: number,
  ask: Ask,
): Decision<ProtectState> {
  const room = roomOf(progress);
  const isIdle = progress.live === 0;
  let state = given;
  if (isIdle && state.resting !== null) {
    const refused = ask === 'ORDER_ENDED' && room > 0 && state.mode !== 'STOP';
    state = { ...state, resting: null, refusals: state.refusals + (refused ? 1 : 0) };
    if (state.mode === 'TARGET' && isWatchOnly(state)) state = { ...state, mode: 'GUARD' };
  }
  if (ask === 'REPRICE')
    state = { ...state, refusals: 0, mode: state.mode === 'TARGET' ? 'GUARD' : state.mode };
  const mode = modeOf(context, protect, state, view);
  if (mode !== state.mode) {
    state = { ...state, mode };
    if (!isIdle) return { ...watch(context, protect, state), cancels: true };
  }
  if (!isIdle || room === 0) return watch(context, protect, state);
  if (mode === 'STOP') return exit(context, state, view, room, now);
  if (mode === 'TARGET' && isWatchOnly(state)) return take(context, protect, state, room, now);
  return guard(context, protect, state, room);
}
