/**
 * What the planners of resting orders share: ICEBERG, LAYERED and SINGLE's chase.
 *
 * Owns the LIMIT order that rests whatever `order_type` leaves open, the near side of the book in ticks, and the
 * sweep of what is left. Does not own sizes or times: the planners do. Ticks are whole numbers.
 */
import { type DecimalString, fromSteps, type Lots, toSteps } from '../dtos/decimal.js';
import type { MarketView } from '../dtos/venue.js';
import { checkCommon, infeasible } from './check.js';
import type { Decision, PlannedOrder, Progress, StrategyContext } from './contract.js';
import { defer, marketOrder, marketTerms, roomOf } from './orders.js';
import type { CommonParams } from './params.js';
import { limitTerms, type Terms, venueMinimum } from './price.js';

type Context = StrategyContext<CommonParams>;

const PATH = 'routing_plan.strategy_params';

/** Nothing more will be placed. */
export const over = <S>(state: S): Decision<S> => ({
  state,
  orders: [],
  wakeAt: null,
  exhausted: true,
  deferred: false,
});

export const isAtEnd = ({ endsAt }: Context, now: number): boolean => endsAt !== null && now >= endsAt;

/** The limit that holds now: the amended one, else that of the parameters. */
export const limitNow = ({ params }: Context, amended: DecimalString | null): DecimalString | null =>
  amended ?? params.limit_price ?? null;

/** Whole ticks of a price, never past it: a buyer's floored, a seller's raised. */
export const boundTicks = ({ side, instrument }: Context, price: DecimalString): number =>
  toSteps(price, instrument.tickSize, side === 'BUY' ? 'FLOOR' : 'CEIL');

/** The side that an order of ours would join, in ticks; null while it is unknown. */
export function nearTicks(context: Context, view: MarketView | null): number | null {
  const price = (context.side === 'BUY' ? view?.bid : view?.ask) ?? null;
  return price === null ? null : boundTicks(context, price);
}

/** `ticks` further from the market than `from`. */
export const awayFrom = ({ side }: Context, from: number, ticks: number): number =>
  side === 'BUY' ? from - ticks : from + ticks;

/** Of two prices in ticks the one that asks less of us. */
export const modest = ({ side }: Context, a: number, b: number): number =>
  side === 'BUY' ? Math.min(a, b) : Math.max(a, b);

/** The terms of a LIMIT at this many ticks; null below one. */
export function termsAt({ side, instrument }: Context, ticks: number): Terms | null {
  const { tickSize } = instrument;
  return ticks < 1 ? null : limitTerms(side, fromSteps(ticks, tickSize), tickSize);
}

/** A LIMIT that rests: GTC unless told. */
export function restingOrder({ params }: Context, terms: Terms, quantity: Lots): PlannedOrder {
  return {
    quantity,
    orderType: 'LIMIT',
    timeInForce: params.time_in_force ?? 'GTC',
    price: terms.price,
    stopPrice: null,
    postOnly: params.post_only,
    reduceOnly: params.reduce_only,
  };
}

/** One marketable order for all that is left, whatever `max_child_quantity` says; dust stays. */
export function sweepRest<S>(
  context: Context,
  states: { readonly now: S; readonly swept: S },
  progress: Progress,
  view: MarketView | null,
  now: number,
): Decision<S> {
  const room = roomOf(progress);
  const done = over(states.swept);
  if (room === 0) return done;
  const terms = marketTerms(context, progress.limitPrice, view);
  if (terms === null) return defer(states.now, now);
  if (room < venueMinimum(context.instrument, terms)) return done;
  return { ...done, orders: [marketOrder(context, terms, room)] };
}

/** A bound that the strategy does not keep is refused, never passed over. Throws PLAN_INFEASIBLE. */
export function refuseParticipation({ params }: Context, what: string): void {
  if (params.max_participation == null) return;
  throw infeasible(`${what} cannot keep to max_participation; choose a POV`, `${PATH}.max_participation`);
}

/** The common checks for a strategy whose orders rest as LIMITs, its price its own business. Throws PLAN_INFEASIBLE. */
export function checkResting(context: Context, what: string): void {
  const { order_type: orderType, ...params } = context.params;
  checkCommon({ ...context, params });
  const { time_in_force: timeInForce } = params;
  if (orderType != null && orderType !== 'LIMIT') {
    throw infeasible(`${what} rests as a LIMIT; ${orderType} contradicts it`, `${PATH}.order_type`);
  }
  if (timeInForce === 'IOC' || timeInForce === 'FOK') {
    throw infeasible(`${what} rests; ${timeInForce} contradicts it: use GTC or DAY`, `${PATH}.time_in_force`);
  }
  refuseParticipation(context, what);
}
