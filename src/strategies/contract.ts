/**
 * The contract of an execution strategy: a pure planner.
 *
 * (parameters, instrument, progress, market view, now) → what to do next. No I/O, no clock, no id; randomness only
 * from `params.seed`. Quantities are lots of the instrument. The planner proposes; the group machine, the book's
 * gate (I5, I6) and the controls dispose. `state` is the planner's own memory: plain JSON, small, replaced as a
 * whole on each decision, kept in the group's context.
 */
import type { DecimalString, Lots } from '../dtos/decimal.js';
import type { Instrument, MarketView, OrderType, Side, TimeInForce, VenueAbilities } from '../dtos/venue.js';

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
  /** `volume` of the first view ("0" where it counted none yet): what traded since is the difference. */
  readonly startVolume?: DecimalString | undefined;
  /** What the venue does by itself; absent = nothing. */
  readonly abilities?: VenueAbilities | undefined;
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
  /** Every order so far by its slot, for a strategy that `seesSlots`. Slots count the orders it planned, from 0. */
  readonly slots?: readonly SlotProgress[] | undefined;
}

/** What became of the order of one slot, its retries included. */
export interface SlotProgress {
  readonly slot: number;
  readonly quantity: Lots;
  readonly filled: Lots;
  readonly isLive: boolean;
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
  /** Native iceberg (FIX 1138 DisplayQty): no more than this shows. Only where `abilities.iceberg`. */
  readonly displayQuantity?: Lots;
}

/** A band of one price: the planner is asked as soon as the market leaves it. Null: no bound on that side. */
export interface PriceBand {
  /** LAST_OR_…: the last trade; while there is none, the quote. VOLUME: no price, but what has traded in all, base. */
  readonly price: 'BID' | 'ASK' | 'LAST' | 'LAST_OR_BID' | 'LAST_OR_ASK' | 'VOLUME';
  /** Asked at this price or above, at that price or below. */
  readonly above: DecimalString | null;
  readonly below: DecimalString | null;
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
  /** Everything open is canceled first, and `orders` is empty; asked REPRICE once the venue has confirmed. */
  readonly cancels?: true;
  /** Ask (TRIGGER) once when the price leaves this band; replaces the band of the decision before, none clears it. */
  readonly watch?: PriceBand;
  /** What makes this no answer at all: the group stops, FAILED. Set by the guard around a host's strategy, never by one. */
  readonly fault?: string;
  /** Complete though short of the target (decision 20); only with nothing open, and it is never asked again. */
  readonly done?: true;
}

/**
 * Why the planner is asked. SWEEP: the last order before the end (`on_deadline: SWEEP`). REPRICE: an amend, a refused
 * slot or `cancels`, with nothing open. FILL: a fill that left its order open. TRIGGER: a price (or the volume) left the watched band.
 */
export type Ask = 'START' | 'WAKE' | 'ORDER_ENDED' | 'REPRICE' | 'SWEEP' | 'FILL' | 'TRIGGER';

/** A row of the schedule as `plan` prints it. */
export interface PlannedSlice {
  readonly at: number;
  readonly quantity: Lots;
  readonly price: DecimalString | null;
}

export interface Strategy<P, S> {
  readonly name: string;
  /** Also ask when an order ends, SHORT: unless it filled (otherwise on START, at wakeAt, on REPRICE and on SWEEP). */
  readonly asksOnOrderEnd: boolean | 'SHORT';
  /** Also ask when an order fills in part and stays open. */
  readonly asksOnFill?: boolean;
  /** Give `progress.slots`: for strategies of few orders only, the list is made for every decision. */
  readonly seesSlots?: boolean | ((params: P) => boolean);
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
