/**
 * What the planners share: the room that is left, the terms of a child order, and the order itself.
 *
 * Owns the step from parameters to one PlannedOrder (decision 18). Does not own when or how much: the planners do.
 */
import type { DecimalString, Lots } from '../dtos/decimal.js';
import type { MarketView } from '../dtos/venue.js';
import type { Decision, PlannedOrder, Progress, StrategyContext } from './contract.js';
import type { CommonParams } from './params.js';
import { limitTerms, marketableTerms, type Terms } from './price.js';

/** How long a planner without a reference price waits before it asks again. */
export const DEFER_MS = 1000;

type ChildParams = CommonParams & { readonly stop_price?: DecimalString };
type ChildContext = StrategyContext<ChildParams>;

/** Lots that are neither filled nor open nor unknown, below the amendable cap (I5). */
export const roomOf = (progress: Progress): Lots =>
  Math.max(0, progress.cap - progress.filled - progress.leaves - progress.unknown);

const limitOf = (context: ChildContext, amended: DecimalString | null): DecimalString | null =>
  amended ?? context.params.limit_price ?? null;

/** Within the slippage bound and any limit price; null without a reference. */
export function marketTerms(
  context: ChildContext,
  amended: DecimalString | null,
  view: MarketView | null,
): Terms | null {
  const { side, maxSlippage, instrument } = context;
  const limitPrice = limitOf(context, amended);
  return marketableTerms({ side, view, maxSlippage, tick: instrument.tickSize, limitPrice });
}

/** The terms of the next child order; null: it has to wait for a reference price. */
export function childTerms(
  context: ChildContext,
  amended: DecimalString | null,
  view: MarketView | null,
): Terms | null {
  if ((context.params.order_type ?? 'MARKET') === 'MARKET') return marketTerms(context, amended, view);
  const limit = limitOf(context, amended);
  return limit === null ? null : limitTerms(context.side, limit, context.instrument.tickSize);
}

/** A marketable IOC LIMIT (decision 18); FOK where asked for. MARKET never rests: GTC and DAY are read as IOC. */
export function marketOrder(context: ChildContext, terms: Terms, quantity: Lots): PlannedOrder {
  return {
    quantity,
    orderType: 'LIMIT',
    timeInForce: context.params.time_in_force === 'FOK' ? 'FOK' : 'IOC',
    price: terms.price,
    stopPrice: null,
    postOnly: false,
    reduceOnly: context.params.reduce_only,
  };
}

/** One child order as the parameters want it; LIMIT and STOP_LIMIT are GTC unless told (decision 18). */
export function childOrder(context: ChildContext, terms: Terms, quantity: Lots): PlannedOrder {
  const { params } = context;
  const orderType = params.order_type ?? 'MARKET';
  if (orderType === 'MARKET') return marketOrder(context, terms, quantity);
  return {
    quantity,
    orderType,
    timeInForce: params.time_in_force ?? 'GTC',
    price: terms.price,
    stopPrice: orderType === 'STOP_LIMIT' ? (params.stop_price ?? null) : null,
    postOnly: params.post_only,
    reduceOnly: params.reduce_only,
  };
}

/** Nothing was placed for want of a reference price; the same question is to be asked again. */
export const defer = <S>(state: S, now: number): Decision<S> => ({
  state,
  orders: [],
  wakeAt: now + DEFER_MS,
  exhausted: false,
  deferred: true,
});
