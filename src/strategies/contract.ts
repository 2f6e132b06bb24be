/**
 * The contract of an execution strategy: a pure planner.
 *
 * (parameters, instrument, progress, market view, now) → what to do next. No I/O, no clock, no id; randomness only
 * from `params.seed`. Quantities are lots of the instrument. The planner proposes; the group machine, the book's
 * gate (I5, I6) and the controls dispose. `state` is the planner's own memory: plain JSON, small, replaced as a
 * whole on each decision, kept in the group's context.
 */
import type { DecimalString, Lots } from '../dtos/decimal.js';
import type { Instrument, MarketView, OrderType, Side, TimeInForce } from '../dtos/venue.js';

/** What never changes while a group lives. */
export interface StrategyContext<P> {
  readonly params: P;
  readonly instrument: Instrument;
  readonly side: Side;
  /** Lots to reach. */
  readonly target: Lots;
  /** The largest adverse move from the reference that an order may accept, a fraction ("0.01" = 1 %). */
  readonly maxSlippage: DecimalString;
  /** Epoch ms; the end is min(duration, window), null for none. A batch's timeout may cut it short. */
  readonly startedAt: number;
  readonly endsAt: number | null;
}

/** What changes. `cap` ≤ target is the amendable bound; `limitPrice` the amended limit, null = as in params. */
export interface Progress {
  readonly cap: Lots;
  readonly limitPrice: DecimalString | null;
  readonly filled: Lots;
  readonly leaves: Lots;
  readonly unknown: Lots;
  /** Orders open or unknown. */
  readonly live: number;
}

/** One order to place. `price` null only where `orderType` needs none; MARKET is already a marketable IOC LIMIT. */
export interface PlannedOrder {
  readonly quantity: Lots;
  readonly orderType: Exclude<OrderType, 'MARKET'>;
  readonly timeInForce: TimeInForce;
  readonly price: DecimalString;
  readonly stopPrice: DecimalString | null;
  readonly postOnly: boolean;
  readonly reduceOnly: boolean;
}

export interface Decision<S> {
  readonly state: S;
  readonly orders: readonly PlannedOrder[];
  /** Ask again at this time (epoch ms); null = only when an order ends. */
  readonly wakeAt: number | null;
  /** No further order will be planned, whatever happens to the live ones (unless one is rejected and retried). */
  readonly exhausted: boolean;
  /** True when the planner wanted to place but has no reference price: the group defers and asks again. */
  readonly deferred: boolean;
}

/** Why the planner is asked. SWEEP: the last order before the end (`on_deadline: SWEEP`). */
export type Ask = 'START' | 'WAKE' | 'ORDER_ENDED' | 'REPRICE' | 'SWEEP';

/** A row of the schedule as `plan` prints it. */
export interface PlannedSlice {
  readonly at: number;
  readonly quantity: Lots;
  readonly price: DecimalString | null;
}

export interface Strategy<P, S> {
  readonly name: string;
  /** Also ask when an order ends (otherwise only on START, at wakeAt, on REPRICE and on SWEEP). */
  readonly asksOnOrderEnd: boolean;
  /** How long the strategy itself runs, ms; null = until done. */
  duration(params: P): number | null;
  /** Throws PLAN_INFEASIBLE (with the nearest plan that can be met in its message) before anything is sent. */
  check(context: StrategyContext<P>, view: MarketView | null): void;
  initial(context: StrategyContext<P>): S;
  decide(
    context: StrategyContext<P>,
    state: S,
    progress: Progress,
    view: MarketView | null,
    now: number,
    ask: Ask,
  ): Decision<S>;
  schedule(context: StrategyContext<P>, view: MarketView | null): readonly PlannedSlice[];
}
