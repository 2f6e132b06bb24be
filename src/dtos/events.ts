/**
 * The runtime's events: what the journal keeps beside each input, and what `runtime.events$` carries.
 *
 * Every event has a sequence number, a time and a cause; whoever folds them rebuilds each batch, group, order and
 * fill (runtime/projection.ts does). Quantities are base quantity, prices quote; decimal strings. Names of spec 4
 * (EXECUTION_DIRECTIVE_READY … `_flow_stop_error`) are kept as they stand there.
 */
import type { DecimalString } from './decimal.js';
import type { BatchStatus, GroupStatus, OrderStatus, StrategyName } from './enums.js';
import type { OrderType, Side, TimeInForce } from './venue.js';

/** Why a group or batch stopped, or how it ended. First recorded cause decides (DESIGN section 4). */
export type Reason =
  | 'target_reached'
  | 'no_order_needed'
  | 'cancel_requested'
  | 'kill'
  | 'execution_error'
  | 'control_stop'
  | 'pre_check'
  | 'scope_error'
  | 'timeout'
  | 'market_ended'
  | 'legging_time'
  | 'sibling_failed'
  | 'schedule_ended'
  | 'venue_canceled'
  | 'venue_expired'
  | 'cap_reached'
  | 'budget_spent'
  | 'stopped_out'
  | 'strategy_fault';

/** Exposure that a rollback could not remove. `quantity` is signed: positive = long. */
export interface Residual {
  readonly symbol: string;
  readonly quantity: DecimalString;
  readonly lastPrice: DecimalString | null;
  readonly reason: string;
}

/** A quantity left as it is: fills of closing orders (kept), or below lot and minimum notional (dust). Signed. */
export interface Remainder {
  readonly symbol: string;
  readonly quantity: DecimalString;
}

/** One leg in a batch's terminal event, as FIX ListStatus has a row per order. */
export interface LegRow {
  readonly groupId: string;
  readonly symbol: string;
  readonly status: GroupStatus;
  readonly reason: Reason | null;
  readonly targetQuantity: DecimalString | null;
  readonly filledQuantity: DecimalString;
  readonly success: boolean;
}

/** An entry of the ledger. Facts only; a rollback appends REVERSAL entries that name what they reverse. */
export interface LedgerEntry {
  readonly entryId: string;
  readonly kind: 'FILL' | 'COMMISSION' | 'PROTECTION' | 'REVERSAL';
  readonly tradeId: string;
  readonly asset: string;
  /** Signed change of that asset. */
  readonly quantity: DecimalString;
  /** The other side of a double entry: the asset and signed change that balance it, at `price`. */
  readonly contraAsset?: string;
  readonly contraQuantity?: DecimalString;
  readonly price?: DecimalString;
  readonly reverses?: string;
  readonly stopLoss?: DecimalString | null;
  readonly takeProfit?: DecimalString | null;
}

/** Payload by event type. */
export interface EventPayloads {
  /** `epoch`: absent for the first opening of a journal; what follows from a later one has it as its cause. */
  RUNTIME_OPENED: { environment: string; seed: string; configHash: string; version: string; epoch?: number };
  RUNTIME_UNSAFE: { setting: string };
  BATCH_CREATED: {
    directiveId: string;
    strategyId: string;
    mode: string;
    timeoutSeconds: number | null;
    originId: string;
    originType: string;
    legs: number;
  };
  BATCH_ACTIVE: Record<never, never>;
  BATCH_STOPPING: { reason: Reason };
  BATCH_UNWINDING: Record<never, never>;
  BATCH_SETTLED: {
    status: BatchStatus;
    reason: Reason;
    legs: readonly LegRow[];
    residuals: readonly Residual[];
    kept: readonly Remainder[];
    dust: readonly Remainder[];
  };
  GROUP_CREATED: {
    commandId: string;
    planId: string | null;
    scope: string;
    symbol: string;
    side: Side;
    venue: string;
    strategy: StrategyName;
    strategyParams: unknown;
    targetQuantity: DecimalString | null;
    lotSize: DecimalString;
    offsetsGroupId?: string;
    /** A protective group: of this trade's stop and target. */
    protectsTradeId?: string;
  };
  GROUP_STARTED: {
    arrivalPrice: DecimalString | null;
    endsAt: number | null;
    /** What is worked from here on: a closing leg reads its position only now. */
    targetQuantity: DecimalString | null;
  };
  GROUP_ACTIVE: Record<never, never>;
  /** Stop and target: of a protection whose prices moved. */
  GROUP_AMENDED: {
    limitPrice: DecimalString | null;
    workingCap: DecimalString;
    stopLoss?: DecimalString | null;
    takeProfit?: DecimalString | null;
  };
  GROUP_CLOSING: { reason: Reason };
  /** What others traded while the group worked; prices quote per base, null where nothing traded or stood. */
  GROUP_BENCHMARKED: {
    from: number;
    to: number;
    volume: DecimalString;
    vwap: DecimalString | null;
    twap: DecimalString | null;
  };
  LEG_FAILED: { reason: Reason };
  GROUP_ESCALATED: { unknown: number };
  GROUP_SETTLED: {
    status: GroupStatus;
    reason: Reason;
    filledQuantity: DecimalString;
    overfilledQuantity?: DecimalString;
    avgPrice: DecimalString | null;
    success: boolean;
    /** Why the last order was refused, where that ended the group. */
    detail?: string;
  };
  /** The durable intent: precedes every place (I2). */
  ORDER_INTENT: {
    clientOrderId: string;
    slot: number;
    attempt: number;
    symbol: string;
    side: Side;
    orderType: OrderType;
    timeInForce: TimeInForce;
    quantity: DecimalString;
    price: DecimalString | null;
    stopPrice: DecimalString | null;
    postOnly: boolean;
    reduceOnly: boolean;
  };
  /** The same client order id and bytes go out again, after absence was established or the venue refused in passing. */
  ORDER_RESENT: { clientOrderId: string; retry: number };
  ORDER_NOT_SENT: { clientOrderId: string; reason: string };
  /** A block at the gate or a control: DEFER waits, SLOT follows on_reject, STOP ends the group. */
  ORDER_BLOCKED: { block: 'DEFER' | 'SLOT' | 'STOP'; reason: string };
  ORDER_ACCEPTED: { clientOrderId: string; connectorOrderId: string | null };
  ORDER_CANCEL_REQUESTED: { clientOrderId: string };
  ORDER_CANCEL_REJECTED: { clientOrderId: string; reason: string };
  ORDER_UNKNOWN: { clientOrderId: string; reason: string };
  ORDER_RESOLVED: { clientOrderId: string; status: OrderStatus; by: string; evidence?: string };
  ORDER_ESCALATED: { clientOrderId: string; reason: string };
  ORDER_ENDED: { clientOrderId: string; status: OrderStatus; filledQuantity: DecimalString; reason?: string };
  FILL: {
    fillId: string;
    clientOrderId: string;
    connectorFillId: string | null;
    symbol: string;
    side: Side;
    quantity: DecimalString;
    price: DecimalString;
    liquidity?: 'MAKER' | 'TAKER';
    commission?: DecimalString;
    commissionAsset?: string;
    executedAt: number;
    /** The order or its group had ended before this fill was reported. */
    late?: true;
  };
  /** `connectorFillId` null: what a verdict had implied, taken back because its execution came. */
  FILL_REVERSED: {
    clientOrderId: string;
    connectorFillId: string | null;
    quantity: DecimalString;
    price: DecimalString;
    /** Given back with it. */
    commission?: DecimalString;
    commissionAsset?: string;
  };
  OVERFILL: { excess: DecimalString };
  ORPHAN: { clientOrderId: string; report: string };
  INCIDENT: { what: string };
  ALERT: { code: string; message: string };
  LEDGER_ENTRY: { entry: LedgerEntry };
  LEDGER_FAILED: { entryId: string; error: string; policy: string };
  KILL_LATCHED: { scope: string; by: string; reason: string };
  KILL_REARMED: { scope: string; by: string };
  EXECUTION_DIRECTIVE_READY: { commandId: string; scope: string };
  TRADE_OPENED: {
    commandId: string;
    tradeId: string;
    filledQuantity: DecimalString;
    avgPrice: DecimalString | null;
  };
  POSITION_MODIFIED: {
    commandId: string;
    tradeId: string;
    filledQuantity: DecimalString;
    avgPrice: DecimalString | null;
  };
  TRADE_CLOSED: {
    commandId: string;
    tradeId: string;
    filledQuantity: DecimalString;
    avgPrice: DecimalString | null;
  };
  TRADE_EXECUTED: {
    commandId: string;
    directiveId: string;
    strategyId: string;
    scope: string;
    fillPrice: DecimalString | null;
    orderIds: readonly string[];
    status: GroupStatus;
  };
  EXECUTION_FAILED: { commandId: string; directiveId: string; errorType: string; errorMessage: string };
  _flow_stop_success: { flowId: string; reason: string };
  _flow_stop_error: { flowId: string; reason: string };
  FLOW_TERMINATED: { flowId: string; outcome: 'SUCCESS' | 'ERROR'; durationMs: number };
  /** The venue cannot be reached: nothing opens there until a reconciliation has followed its return. */
  VENUE_DOWN: { venue: string; reason: string };
  VENUE_UP: { venue: string };
  /** A reconciliation found the venue's word other than our belief; what follows from it has this as its cause. */
  RECONCILED: {
    venue: string;
    /** Executions that had not reached us, orders listed otherwise than believed, and believed orders not listed. */
    fills: number;
    orders: number;
    absent: number;
  };
  /** Somebody else's order or execution on the account: told once, left alone. */
  EXTERNAL: {
    venue: string;
    kind: 'ORDER' | 'FILL';
    /** The venue's own id: of the order, or of the execution. */
    id: string;
    symbol: string | null;
    side: Side | null;
    quantity: DecimalString;
  };
  /** Holdings moved otherwise than our fills. Signed, in the asset. */
  BALANCE_DIFFERENCE: { venue: string; asset: string; expected: DecimalString; actual: DecimalString };
  POISON: { error: string };
}

export type EventType = keyof EventPayloads;

/** Common to every event. `cause` is the seq of the event that led to this one, null = the input itself. */
export interface EventHead {
  readonly seq: number;
  /** Epoch ms UTC. */
  readonly at: number;
  readonly cause: number | null;
  readonly batchId?: string;
  readonly groupId?: string;
  readonly orderId?: string;
}

/** One event; narrow on `type`. */
export type RuntimeEvent = {
  readonly [T in EventType]: EventHead & { readonly type: T } & Readonly<EventPayloads[T]>;
}[EventType];

export type EventOf<T extends EventType> = Extract<RuntimeEvent, { readonly type: T }>;
