/**
 * One order as a value: the facts that reports established, and the status and leaves computed from them.
 *
 * Owns: the shape, the precedence of statuses, what is open, unknown, terminal, and the JSON codec. Owns no message
 * rule. `ordStatus` and `leavesQty` have one writer, `change` below; nothing else ever sets them.
 *
 * Cited by number elsewhere:
 * - O1 cumQty = Σ executions − busts ± corrections; it is never clamped, and may exceed orderQty.
 * - O2 cumQty + missingQty + leavesQty = orderQty while the order is open and not overfilled.
 * - O3 a message that changes nothing returns the same object.
 * - O4 an order that ended at the venue (CANCELED, EXPIRED) never has leaves again; one that filled can.
 */
import { decodeExecutions, type EncodedExecution, encodeExecutions, type Executions } from './executions.js';

export const ORDER_STATUSES = [
  'PENDING_NEW',
  'NEW',
  'PARTIALLY_FILLED',
  'FILLED',
  'DONE_FOR_DAY',
  'STOPPED',
  'PENDING_CANCEL',
  'PENDING_REPLACE',
  'CANCELED',
  'REJECTED',
  'EXPIRED',
  'UNKNOWN',
] as const;
export type OrderStatus = (typeof ORDER_STATUSES)[number];

/** How an order ends other than by its fills. */
export type EndStatus = 'CANCELED' | 'REJECTED' | 'EXPIRED';

/** A cancel or replace that was asked for and not yet decided. `pending`: the venue said so. */
export interface OrderRequest {
  readonly clOrdId: string | null;
  readonly kind: 'CANCEL' | 'REPLACE';
  /** The total quantity a replace asks for, null when not known. */
  readonly orderQty: number | null;
  readonly pending: boolean;
}

/** Quantities in lots. Made by `stepOrder` alone; treat it as frozen. */
export interface OrderState {
  /** The current id: that of the order, then that of each accepted replace or cancel. Null: telephoned. */
  readonly clOrdId: string | null;
  readonly ordStatus: OrderStatus;
  /** Null for a cash order until the venue has turned cash into a quantity. */
  readonly orderQty: number | null;
  readonly cumQty: number;
  /** What can still trade. While UNKNOWN the whole possible remainder, an undecided larger replace included (I5). 0 while orderQty is null. */
  readonly leavesQty: number;
  /** Filled by a verdict's word, the executions themselves not seen yet: they count into this first. Not in cumQty. */
  readonly missingQty: number;
  /** GTC or GTD: done for day leaves it open. */
  readonly overnight: boolean;
  /** The venue holds or held it as a working order. */
  readonly acked: boolean;
  /** No answer in time: its fate is not established. */
  readonly unknown: boolean;
  /** Known by name only, from a request about it: neither sent by us nor reported by the venue. */
  readonly phantom: boolean;
  readonly ended: EndStatus | null;
  /** `ended` rests on a verdict, not on the venue's own report. */
  readonly byVerdict: boolean;
  readonly doneForDay: boolean;
  readonly stopped: boolean;
  /** Further D messages under this id that the venue has not answered. */
  readonly duplicates: number;
  readonly requests: readonly OrderRequest[];
  /** Ids of decided requests and former ids of the order. */
  readonly pastIds: readonly string[];
  readonly execs: Executions | null;
}

/** What reports establish; the rest is computed. */
export type OrderFacts = Omit<OrderState, 'ordStatus' | 'leavesQty'>;

const NO_REQUESTS: readonly OrderRequest[] = [];
const NO_IDS: readonly string[] = [];

/** An order before anything but its existence is known of it. */
export function newOrder(clOrdId: string | null, orderQty: number | null, overnight: boolean): OrderState {
  return {
    clOrdId,
    ordStatus: 'PENDING_NEW',
    orderQty,
    cumQty: 0,
    leavesQty: orderQty ?? 0,
    missingQty: 0,
    overnight,
    acked: false,
    unknown: false,
    phantom: false,
    ended: null,
    byVerdict: false,
    doneForDay: false,
    stopped: false,
    duplicates: 0,
    requests: NO_REQUESTS,
    pastIds: NO_IDS,
    execs: null,
  };
}

type Draft = { -readonly [K in keyof OrderState]: OrderState[K] };

/** The order with these facts; the same object when they are its facts already (O3). */
export function change(order: OrderState, facts: Partial<OrderFacts>): OrderState {
  let next: Draft | null = null;
  for (const key in facts) {
    const fact = facts[key as keyof OrderFacts];
    if (fact === order[key as keyof OrderFacts]) continue;
    next ??= { ...order };
    (next as Record<string, unknown>)[key] = fact;
  }
  if (next === null) return order;
  next.ordStatus = statusOf(next);
  next.leavesQty = next.unknown ? worstLeaves(next) : leavesOf(next);
  return next;
}

/**
 * Several states can hold at once; the highest shows (FIX: Pending Cancel 12, Pending Replace 11, Done for Day 10,
 * Filled 8, Stopped 7, Canceled and Expired 5, Partially Filled 4, the rest 2). UNKNOWN lies above all. The end of an
 * order takes the pending, done-for-day and stopped states away with it: what is over is not pending.
 */
function statusOf(order: OrderFacts): OrderStatus {
  if (order.unknown) return 'UNKNOWN';
  const filled = isComplete(order);
  if (order.ended !== null) return filled ? 'FILLED' : order.ended;
  if (order.requests.length > 0) {
    if (hasPending(order, 'CANCEL')) return 'PENDING_CANCEL';
    if (hasPending(order, 'REPLACE')) return 'PENDING_REPLACE';
  }
  if (order.doneForDay) return 'DONE_FOR_DAY';
  if (filled) return 'FILLED';
  if (order.stopped) return 'STOPPED';
  if (order.cumQty + order.missingQty > 0) return 'PARTIALLY_FILLED';
  return order.acked ? 'NEW' : 'PENDING_NEW';
}

function isComplete(order: OrderFacts): boolean {
  const filled = order.cumQty + order.missingQty;
  return order.orderQty !== null && filled > 0 && filled >= order.orderQty;
}

function hasPending(order: OrderFacts, kind: OrderRequest['kind']): boolean {
  for (const request of order.requests) if (request.pending && request.kind === kind) return true;
  return false;
}

const isOver = (order: OrderFacts): boolean => order.ended !== null || (order.doneForDay && !order.overnight);

function leavesOf(order: OrderFacts): number {
  if (isOver(order)) return 0;
  return Math.max(0, (order.orderQty ?? 0) - order.cumQty - order.missingQty);
}

/** The most that can still trade, in lots: leaves, or the leaves of a larger replace that is not decided yet (I5). */
export function worstLeaves(order: OrderFacts): number {
  if (isOver(order)) return 0;
  let most = order.orderQty ?? 0;
  for (const request of order.requests) most = Math.max(most, request.orderQty ?? 0);
  return Math.max(0, most - order.cumQty - order.missingQty);
}

/** Is it a verdict, and no report of the venue's own, that the venue never had it? Any sign of the order undoes that. */
export const isThoughtAbsent = (order: OrderState): boolean => order.byVerdict && order.ended === 'REJECTED';

/** Is its fate at the venue not established? */
export const isUnknown = (order: OrderState): boolean => order.unknown;

/** May nothing more trade, as far as the venue said? A GTC or GTD order with leaves is only done for the day. */
export function isTerminal(order: OrderState): boolean {
  const status = order.ordStatus;
  if (status === 'DONE_FOR_DAY')
    return !order.overnight || (order.orderQty !== null && order.leavesQty === 0);
  return status === 'FILLED' || status === 'CANCELED' || status === 'REJECTED' || status === 'EXPIRED';
}

/** Known to the venue or on its way there, and not over. Each order is exactly one of open, unknown, terminal. */
export const isOpen = (order: OrderState): boolean => !order.unknown && !isTerminal(order);

/** An order as plain JSON: its execution log is shared between versions and has to be written out. */
export interface EncodedOrder extends Omit<OrderState, 'execs'> {
  readonly execs: readonly EncodedExecution[] | null;
}

export const encodeOrder = (order: OrderState): EncodedOrder => ({
  ...order,
  execs: order.execs === null ? null : encodeExecutions(order.execs),
});

export const decodeOrder = (encoded: EncodedOrder): OrderState => ({
  ...encoded,
  execs: encoded.execs === null ? null : decodeExecutions(encoded.execs),
});
