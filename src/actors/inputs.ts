/**
 * Inputs: everything that can happen to the runtime, as plain data. The journal keeps each one; folding them again
 * gives the same state (I22), so an input carries whatever its decision read: views, listings, balances.
 */
import type { DecimalString, Lots } from '../dtos/decimal.js';
import type { OrderStatus } from '../dtos/enums.js';
import type { LedgerEntry } from '../dtos/events.js';
import type { ExecutionCommand } from '../dtos/execution-command.js';
import type { StrategyDirective } from '../dtos/strategy-directive.js';
import type { AccountReport, Instrument, MarketView, Report, VenueAbilities } from '../dtos/venue.js';
import type { Rules } from './rules.js';

/** What a decision may know of a venue, frozen at submit. */
export interface VenueFacts {
  readonly placeValidityMs: number | null;
  readonly allowShort: boolean;
  readonly unlimitedCash: boolean;
  readonly takerFeeBps: DecimalString;
  /** Absent: none of them. */
  readonly abilities?: VenueAbilities;
  /** Free balances by asset; null = the venue tells none. */
  readonly balances: Readonly<Record<string, DecimalString>> | null;
}

export type Views = Readonly<Record<string, MarketView | null>>;

/** A position as JSON: fixed-point numbers as decimal strings. */
export interface PositionState {
  readonly tradeId: string;
  readonly strategyId: string;
  readonly venue: string;
  readonly symbol: string;
  readonly base: string;
  readonly direction: 'BUY' | 'SELL';
  readonly openedAt: number;
  readonly fills: readonly {
    readonly side: 'BUY' | 'SELL';
    readonly quantity: DecimalString;
    readonly price: DecimalString;
    readonly commission?: DecimalString;
    readonly commissionAsset?: string;
    readonly at: number;
  }[];
}

/** Scope as text: `all`, `batch:BAT_…`, `venue:sim`, `symbol:BTC/USDT`. */
export type ScopeText = string;

/** Who an old order was, found in the journal after its group left the bounded history. */
export interface LateOrigin {
  readonly orderId: string;
  readonly groupId: string;
  readonly batchId: string;
  readonly side: 'BUY' | 'SELL';
  readonly symbol: string;
  readonly tradeId: string | null;
  readonly venue: string;
  readonly lotSize: DecimalString;
  /** The executions booked for it, those taken back since included. */
  readonly executions: readonly {
    readonly execId: string;
    readonly quantity: DecimalString;
    readonly price: DecimalString;
    readonly commission?: DecimalString;
    readonly commissionAsset?: string;
    readonly isReversed: boolean;
  }[];
  /** What was left of its group's target, negative beyond it; absent: the group had none. */
  readonly room?: DecimalString;
  /** What findings had implied and no execution has replaced yet. Absent: nothing. */
  readonly implied?: { readonly quantity: DecimalString; readonly price: DecimalString };
}

export interface Verdict {
  readonly status: Extract<
    OrderStatus,
    'NEW' | 'PARTIALLY_FILLED' | 'FILLED' | 'CANCELED' | 'REJECTED' | 'EXPIRED'
  >;
  readonly cumQty: DecimalString;
  readonly avgPx: DecimalString | null;
  readonly evidence: string;
}

/** Epoch ms, base quantity, quote prices. */
export interface Benchmark {
  readonly from: number;
  readonly to: number;
  readonly volume: DecimalString;
  readonly vwap: DecimalString | null;
  readonly twap: DecimalString | null;
}

export type Input =
  | {
      readonly k: 'open';
      readonly seed: string;
      readonly environment: string;
      readonly configHash: string;
      readonly version: string;
      readonly unsafe: readonly string[];
      /** Counts the openings of this journal, from 1 (absent). A later one resumes what the journal holds. */
      readonly epoch?: number;
      /** Venues that list all their orders at once when asked. */
      readonly lists?: readonly string[];
      /** What this epoch's decisions read; absent: what the runtime was made with. */
      readonly rules?: Rules;
    }
  | {
      readonly k: 'submit';
      readonly directive: StrategyDirective;
      readonly commands: readonly ExecutionCommand[];
      /** Trades that had left the bounded position book, read back from the journal. */
      readonly restored: readonly PositionState[];
      /** Of what the host gave, for telling a repetition from a duplicate id (decision 17). */
      readonly digest: string;
      /** The venue of each command, in order. */
      readonly venues: readonly string[];
      readonly venueFacts: Readonly<Record<string, VenueFacts>>;
      /** By `venue|symbol`. */
      readonly instruments: Readonly<Record<string, Instrument>>;
      readonly views: Views;
      /** The last id minted for commands that were derived: a later epoch mints after it. */
      readonly minted?: string;
    }
  | { readonly k: 'report'; readonly venue: string; readonly report: Report; readonly origin?: LateOrigin }
  /** What a venue said of the account; of a listing only what is news (reconcile.ts). */
  | {
      readonly k: 'account';
      readonly venue: string;
      readonly report: AccountReport;
      /** Orders of ours, believed open, that the listing lacks. */
      readonly absent?: readonly string[];
      /** Of orders that had left memory, by client order id. */
      readonly origins?: Readonly<Record<string, LateOrigin>>;
    }
  | { readonly k: 'reconcile'; readonly by: string }
  | { readonly k: 'due'; readonly id: string; readonly gen: number; readonly views: Views }
  /** A watched price has left its band: the view that showed it. */
  | { readonly k: 'tick'; readonly id: string; readonly gen: number; readonly views: Views }
  /** What others traded while a group worked, read once it had settled. */
  | ({ readonly k: 'benchmark'; readonly batchId: string; readonly groupId: string } & Benchmark)
  | { readonly k: 'notSent'; readonly clientOrderId: string; readonly reason: string }
  | {
      readonly k: 'cancelBatch';
      readonly batchId: string;
      readonly reason: string;
      readonly unwind: boolean;
      readonly abandon: boolean;
    }
  | { readonly k: 'cancelGroup'; readonly groupId: string; readonly reason: string }
  | {
      readonly k: 'amend';
      readonly groupId: string;
      readonly limitPrice: DecimalString | null;
      readonly cap: Lots | null;
    }
  | { readonly k: 'kill'; readonly scope: ScopeText; readonly reason: string; readonly by: string }
  | { readonly k: 'rearm'; readonly scope: ScopeText; readonly by: string }
  | { readonly k: 'resolve'; readonly orderId: string; readonly verdict: Verdict; readonly by: string }
  | {
      readonly k: 'ledgerFailed';
      readonly entry: LedgerEntry;
      readonly batchId: string | null;
      readonly error: string;
    }
  | { readonly k: 'marketEnd' };
