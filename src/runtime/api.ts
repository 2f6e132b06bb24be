/**
 * The public shapes of the runtime: what a host gives to `createRuntime` and what it holds afterwards.
 *
 * Owns types only. createRuntime.ts composes, actors/supervisor.ts decides.
 */
import type { Observable } from 'rxjs';
import type { InspectionEvent, Observer } from 'xstate';
import type { DecimalString } from '../dtos/decimal.js';
import type { BatchStatus, OrderStatus } from '../dtos/enums.js';
import type { EventOf, LegRow, Reason, Remainder, Residual, RuntimeEvent } from '../dtos/events.js';
import type { ExecutionCommandInput } from '../dtos/execution-command.js';
import type { ExecutionGroup } from '../dtos/execution-group.js';
import type { Position } from '../dtos/position.js';
import type { StrategyDirectiveInput } from '../dtos/strategy-directive.js';
import type { AlertSink } from '../ports/alerts.js';
import type { Clock } from '../ports/clock.js';
import type { Connector } from '../ports/connector.js';
import type { IdSource } from '../ports/ids.js';
import type { Journal } from '../ports/journal.js';
import type { Ledger } from '../ports/ledger.js';
import type { MarketData } from '../ports/market-data.js';
import type { CustomStrategy } from '../strategies/index.js';
import type { PlatformConfigInput } from './config.js';

/** An XState inspection observer; see examples/inspect.ts. */
export type Inspect = Observer<InspectionEvent> | ((event: InspectionEvent) => void);

export interface RuntimeOptions {
  /** By connector key, which `routing_plan.venue` names. */
  readonly connectors: Readonly<Record<string, Connector>>;
  /** Reference prices. Default: the first connector that has a `view` of its own. */
  readonly marketData?: MarketData;
  /**
   * A path stands for the durable journal there. Default: `.fillwright/<environment>.journal` below the working
   * directory in `paper` and `live`, kept in memory in `backtest`.
   */
  readonly journal?: Journal | string;
  /** Parsed or plain platform configuration (platform.yaml); default: profile `backtest`. */
  readonly config?: PlatformConfigInput;
  readonly clock?: Clock;
  readonly ids?: IdSource;
  readonly ledger?: Ledger;
  readonly alerts?: AlertSink;
  /** The host's own, beside the built-in ones; `strategy_params.strategy` names them. See `defineStrategy`. */
  readonly strategies?: readonly CustomStrategy[];
  readonly inspect?: Inspect;
  /**
   * In `live`, the hash of a configuration other than the one that the journal was last opened with, as the refusal
   * named it: it is meant.
   */
  readonly acceptConfig?: string;
  /** How machines run: as XState actors (default) or through the pure step. Both write the same journal. */
  readonly host?: 'actors' | 'pure';
}

/** What a batch came to. `escalated` names orders whose fate only a person can settle. */
export interface BatchResult {
  readonly batchId: string;
  readonly status: BatchStatus;
  readonly reason: Reason | null;
  readonly legs: readonly LegRow[];
  readonly residuals: readonly Residual[];
  readonly kept: readonly Remainder[];
  readonly dust: readonly Remainder[];
  readonly escalated: readonly string[];
}

export interface BatchHandle {
  readonly id: string;
  /** The current status, then each change; completes when the batch is terminal. */
  readonly status$: Observable<BatchStatus>;
  /** This batch's events from now on; completes when the batch is terminal. */
  readonly events$: Observable<RuntimeEvent>;
  /**
   * Resolves when the batch is terminal, or when one of its orders is escalated.
   * @throws HALTED or JOURNAL when the runtime stops first, CLOSED when it is closed
   */
  result(): Promise<BatchResult>;
  /**
   * Asks the batch to stop. Resolves once the request is journaled; CANCELLED is reached when the venue has
   * confirmed. `unwind: false` keeps the fills of a COORDINATED batch; `abandon: true` stops a running unwind.
   * @throws UNWINDING while a COORDINATED batch unwinds, unless `abandon`; UNKNOWN_BATCH when it is settled.
   */
  cancel(reason: string, options?: { readonly unwind?: boolean; readonly abandon?: boolean }): Promise<void>;
}

/** The chain from a fill (or order) up to what caused it all. */
export interface Causes {
  readonly fillId: string | null;
  readonly orderId: string;
  readonly clientOrderId: string;
  readonly groupId: string;
  readonly offsetsGroupId: string | null;
  readonly batchId: string;
  readonly commandId: string;
  readonly directiveId: string;
  readonly strategyId: string;
  readonly origin: { readonly id: string; readonly type: string };
}

/** `all`, or everything of one batch, venue or symbol. */
export type KillScope =
  | 'all'
  | { readonly batchId: string }
  | { readonly venue: string }
  | { readonly symbol: string };

/** A named person's or program's finding about an order, with what it rests on. */
export interface OrderVerdict {
  readonly status: Extract<
    OrderStatus,
    'NEW' | 'PARTIALLY_FILLED' | 'FILLED' | 'CANCELED' | 'REJECTED' | 'EXPIRED'
  >;
  readonly cumQty: DecimalString;
  readonly avgPx: DecimalString | null;
  readonly evidence: string;
}

export interface Runtime {
  /** Every journaled event, after its commit. What an earlier process journaled is not published again. */
  readonly events$: Observable<RuntimeEvent>;
  /**
   * One notice per flow that has stopped (spec 4's UI update), with outcome and duration; only failures when
   * `monitoring.log_all_executions` is false.
   */
  readonly flows$: Observable<EventOf<'FLOW_TERMINATED'>>;
  /**
   * Takes a directive and its commands (derived from the positions for MODIFY and CLOSE when absent), as wire JSON.
   * Resolves once the batch is journaled. The same directive again gives the existing handle.
   * @throws VALIDATION, DUPLICATE_DIRECTIVE, VENUE_REQUIRED, INSTRUMENT_UNKNOWN, QUANTITY_OFF_LOT, PRICE_OFF_TICK,
   *   PLAN_INFEASIBLE, STRATEGY_UNAVAILABLE, LEVERAGE, OPPOSITE_SIDES, KILLED, CLOSED, HALTED
   */
  submit(
    directive: StrategyDirectiveInput,
    commands?: readonly ExecutionCommandInput[],
  ): Promise<BatchHandle>;
  /** The handle of a batch, one of an earlier process too. @throws UNKNOWN_BATCH */
  batch(batchId: string): BatchHandle;
  /** Live groups, and settled ones within the bounded history, as DTOs. */
  groups(): readonly ExecutionGroup[];
  positions(): readonly Position[];
  /**
   * A new limit price (what is open is canceled, awaited and placed anew), a new working cap, or both.
   * @throws UNKNOWN_GROUP, AMEND_REFUSED, VALIDATION, PRICE_OFF_TICK, QUANTITY_OFF_LOT
   */
  amend(
    groupId: string,
    change: { readonly limit_price?: DecimalString; readonly working_cap?: DecimalString },
  ): Promise<void>;
  /** @throws UNKNOWN_GROUP */
  cancelGroup(groupId: string, reason: string): Promise<void>;
  /** Latches until re-armed: nothing in scope opens, everything in scope is canceled. */
  kill(scope: KillScope, reason: string, by: string): Promise<void>;
  /** @throws VALIDATION when `by` names nobody */
  rearm(scope: KillScope, by: string): Promise<void>;
  /** @throws UNKNOWN_ORDER when the order is not open or the verdict says nothing new; VALIDATION */
  resolveOrder(orderId: string, verdict: OrderVerdict, by: string): Promise<void>;
  /**
   * Compares every venue with our belief: open orders, executions, holdings. Resolves once the question is journaled;
   * what differs comes as events (RECONCILED and what follows from it), and where all agrees nothing does.
   */
  reconcile(by?: string): Promise<void>;
  /** From a fill id, order id or client order id. @throws UNKNOWN_FILL */
  causes(id: string): Causes;
  /** Stops every unsettled batch as a timeout does, reason `market_ended`. */
  endMarket(): Promise<void>;
  /** True when no input waits, no commit runs and no effect is due. */
  readonly idle: boolean;
  /** Resolves when idle. */
  settle(): Promise<void>;
  /** Live batches without a terminal status. */
  readonly openBatches: number;
  /** Live protective groups; they outlive their batches. */
  readonly openProtections: number;
  /** Stops taking inputs and closes journal and connectors. Live orders are left as they are: cancel first. */
  close(): Promise<void>;
}
