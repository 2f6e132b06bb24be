/**
 * The group machine's vocabulary: what it is told, what it asks for, what it remembers. Types only, plain JSON.
 */
import type { DecimalString, Lots } from '../dtos/decimal.js';
import type { StrategyName } from '../dtos/enums.js';
import type { Reason } from '../dtos/events.js';
import type { Instrument, MarketView, Side, VenueAbilities } from '../dtos/venue.js';
import type { Ask, PlannedOrder, PriceBand, SlotProgress, StrategyContext } from '../strategies/contract.js';
import type { Final } from './causes.js';

/** The book's running totals of one group. `live`: orders open, unknown, or waiting to be re-sent. */
export interface Totals {
  readonly filled: Lots;
  readonly leaves: Lots;
  readonly unknown: Lots;
  readonly live: number;
}

export const NO_TOTALS: Totals = { filled: 0, leaves: 0, unknown: 0, live: 0 };

/** What never changes while the group lives. Plain JSON. */
export interface GroupSpec {
  readonly strategy: StrategyName;
  readonly params: unknown;
  readonly instrument: Instrument;
  readonly side: Side;
  /** Null: no order is needed; the group completes at START. */
  readonly target: Lots | null;
  /** The working cap to begin with; absent: the target. */
  readonly cap?: Lots;
  readonly maxSlippage: DecimalString;
  readonly windowMs: number | null;
  readonly onReject: 'RETRY' | 'SKIP' | 'STOP';
  readonly onDeadline: 'CANCEL' | 'SWEEP' | 'LEAVE';
  readonly sweepLeadMs: number;
  readonly deferMs: number;
  /** Back-off before the n-th retry of a refused slot; its length is the number of retries. */
  readonly retryDelaysMs: readonly number[];
  /** The most orders it plans, those of refused slots included; absent for no bound but the planner's (I18). */
  readonly ordersMax?: number;
  /** What the venue does by itself, for planners that can use it. */
  readonly abilities?: VenueAbilities;
}

export type OrderOutcome = 'FILLED' | 'CANCELED' | 'REJECTED' | 'EXPIRED' | 'NOT_SENT';
export type Block = 'DEFER' | 'SLOT' | 'STOP';

/** The planner is asked. `slots`: for strategies that see them. */
interface Asked {
  readonly now: number;
  readonly view: MarketView | null;
  readonly totals: Totals;
  readonly slots?: readonly SlotProgress[] | undefined;
}

export type GroupEvent =
  /** `endsBy`: the batch's own deadline. */
  | ({ type: 'START'; endsBy: number | null } & Asked)
  /** `triggered`: not the time but a watched price brought it. */
  | ({ type: 'DUE'; gen: number; triggered?: boolean } & Asked)
  | { type: 'ORDER_PLACED' }
  | { type: 'ORDER_BLOCKED'; now: number; block: Block; totals: Totals }
  | { type: 'ORDER_ENDED'; now: number; outcome: OrderOutcome; totals: Totals }
  /** A fill that left its order open, for strategies that ask on it. */
  | { type: 'ORDER_FILLED'; now: number; totals: Totals }
  | { type: 'UNKNOWN_CHANGED'; totals: Totals }
  | { type: 'TARGET_REACHED'; totals: Totals }
  | { type: 'STOP'; cause: Reason; totals: Totals }
  /** `params`: of a protection whose prices moved. */
  | {
      type: 'AMEND';
      now: number;
      limitPrice: DecimalString | null;
      cap: Lots | null;
      params?: unknown;
      totals: Totals;
    };

export type GroupIntent =
  | { readonly type: 'PLACE'; readonly slot: number; readonly order: PlannedOrder }
  | { readonly type: 'CANCEL_ALL' }
  | { readonly type: 'WAKE'; readonly at: number; readonly gen: number }
  /** Null takes the watch back. */
  | { readonly type: 'WATCH'; readonly band: PriceBand | null; readonly gen: number }
  | { readonly type: 'ACTIVE' }
  /** `detail`: what was wrong, of a strategy's fault. */
  | { readonly type: 'CLOSING'; readonly cause: Reason; readonly detail?: string }
  | { readonly type: 'SETTLED'; readonly status: Final; readonly reason: Reason; readonly detail?: string }
  | { readonly type: 'UNEXPECTED'; readonly event: string };

export interface GroupContext {
  readonly spec: GroupSpec;
  /** Set at START. */
  readonly plan: StrategyContext<unknown> | null;
  /** The batch's own deadline, epoch ms. */
  readonly endsBy: number | null;
  readonly state: unknown;
  readonly slot: number;
  readonly cap: Lots;
  readonly limitPrice: DecimalString | null;
  readonly totals: Totals;
  readonly cause: Reason | null;
  /** What was wrong with the strategy's answer, where that is the cause. */
  readonly fault?: string;
  readonly exhausted: boolean;
  /** `sweep`: the one order before the end; `ask` overrides the planner's own wake. */
  readonly sweep: 'NONE' | 'AWAITING' | 'DONE';
  readonly ask: Ask | null;
  readonly repricing: boolean;
  /** A price is watched for the planner: its generation, which other timers leave alone. */
  readonly watchGen: number | null;
  readonly planAt: number | null;
  readonly askAt: number | null;
  readonly gen: number;
  readonly rejects: number;
  readonly out: readonly GroupIntent[];
}
