/**
 * What the order table is told: FIX messages as plain data, and the two of our own that FIX has no word for.
 *
 * Owns: the message's shape and the reading of its words (printed names, our upper snake case, FIX codes).
 * Owns no rule of what a message does to an order.
 */
import { FillwrightError } from '../../dtos/errors.js';

/**
 * One message about one order. `null` and absent are the same. Quantities are whole lots.
 *
 * `msgType`: D new order, F cancel request, G replace request, H status request, 8 execution report, 9 cancel reject
 * (FIX 35=). Our own: T, the venue gave no answer in time; V, a verdict on an order's fate (the venue's answer to a
 * query, or a person's named decision).
 *
 * A message never carries the answer: `ordStatus`, `cumQty` and `leavesQty` of D, F, G, H, 8, 9 and T are not read.
 * The exceptions, by name:
 * - V: `ordStatus` and `cumQty` (that is what a verdict is);
 * - 8 as an order status (ExecType `Order Status`, or ExecTransType `Status` of FIX 4.2): `ordStatus`, `cumQty`;
 * - 8 `Restated` for the reason `GT corporate action` (a split): `cumQty`; without it the fills are scaled as OrderQty.
 *
 * `orderQty` is read from D, F (only for an order never seen), G, and from 8 where the venue sets it: `Replaced`,
 * `Restated`, and any report while the order has none (cash orders, telephoned orders).
 */
export interface OrderMessage {
  readonly msgType: MsgType;
  readonly clOrdId?: string | null;
  readonly origClOrdId?: string | null;
  /** FIX 150: code (`'6'`), printed name (`Pending Cancel`) or ours (`PENDING_CANCEL`). */
  readonly execType?: string | null;
  /** FIX 20, up to 4.2: New, Cancel, Correct, Status, or 0 to 3. */
  readonly execTransType?: string | number | null;
  readonly orderQty?: number | null;
  /** FIX 32; `lastShares` is its name up to 4.2. */
  readonly lastQty?: number | null;
  readonly lastShares?: number | null;
  readonly execId?: string | null;
  readonly execRefId?: string | null;
  /** FIX 59: GTC and GTD orders outlive the day, all others end with it; absent = DAY, as in FIX. */
  readonly timeInForce?: string | number | null;
  /** FIX 378; `restatementReason` is an alias. */
  readonly execRestatementReason?: string | number | null;
  readonly restatementReason?: string | number | null;
  readonly ordRejReason?: string | number | null;
  readonly cxlRejReason?: string | number | null;
  readonly possResend?: boolean | null;
  /** Read from V and from status answers only. */
  readonly ordStatus?: string | null;
  /** Read from V, status answers and corporate actions only. */
  readonly cumQty?: number | null;
  /** Accepted and never read, as `lastPx`, `price`, `execInst`, `cashOrderQty` and `text`: they move no state. */
  readonly leavesQty?: number | null;
  readonly lastPx?: string | number | null;
  readonly price?: string | number | null;
  readonly execInst?: string | null;
  readonly cashOrderQty?: string | number | null;
  readonly text?: string | null;
}

export type MsgType = 'D' | 'F' | 'G' | 'H' | '8' | '9' | 'T' | 'V';

/** What an execution report says. OTHER: a type without a rule of its own; it shows that the order exists. */
export type ExecType =
  | 'PENDING_NEW'
  | 'NEW'
  | 'TRADE'
  | 'TRADE_CANCEL'
  | 'TRADE_CORRECT'
  | 'DONE_FOR_DAY'
  | 'STOPPED'
  | 'PENDING_CANCEL'
  | 'PENDING_REPLACE'
  | 'REPLACED'
  | 'RESTATED'
  | 'CANCELED'
  | 'EXPIRED'
  | 'REJECTED'
  | 'ORDER_STATUS'
  | 'OTHER';

const EXEC_TYPES: ReadonlyMap<unknown, ExecType> = new Map<string, ExecType>([
  ['0', 'NEW'],
  ['1', 'TRADE'],
  ['2', 'TRADE'],
  ['3', 'DONE_FOR_DAY'],
  ['4', 'CANCELED'],
  ['5', 'REPLACED'],
  ['6', 'PENDING_CANCEL'],
  ['7', 'STOPPED'],
  ['8', 'REJECTED'],
  ['A', 'PENDING_NEW'],
  ['C', 'EXPIRED'],
  ['D', 'RESTATED'],
  ['E', 'PENDING_REPLACE'],
  ['F', 'TRADE'],
  ['G', 'TRADE_CORRECT'],
  ['H', 'TRADE_CANCEL'],
  ['I', 'ORDER_STATUS'],
  ['NEW', 'NEW'],
  ['TRADE', 'TRADE'],
  // FIX 4.2 names a fill by its result; which of the two it is, we compute from the quantities.
  ['FILL', 'TRADE'],
  ['FILLED', 'TRADE'],
  ['PARTIAL_FILL', 'TRADE'],
  ['PARTIALLY_FILLED', 'TRADE'],
  ['DONE_FOR_DAY', 'DONE_FOR_DAY'],
  ['CANCELED', 'CANCELED'],
  ['CANCELLED', 'CANCELED'],
  ['REPLACED', 'REPLACED'],
  ['REPLACE', 'REPLACED'],
  ['PENDING_CANCEL', 'PENDING_CANCEL'],
  ['PENDING_NEW', 'PENDING_NEW'],
  ['PENDING_REPLACE', 'PENDING_REPLACE'],
  ['STOPPED', 'STOPPED'],
  ['REJECTED', 'REJECTED'],
  ['EXPIRED', 'EXPIRED'],
  ['RESTATED', 'RESTATED'],
  ['TRADE_CANCEL', 'TRADE_CANCEL'],
  ['TRADE_CORRECT', 'TRADE_CORRECT'],
  ['ORDER_STATUS', 'ORDER_STATUS'],
  ['STATUS', 'ORDER_STATUS'],
]);

const TRANS_TYPES: ReadonlyMap<string, ExecType> = new Map<string, ExecType>([
  ['1', 'TRADE_CANCEL'],
  ['CANCEL', 'TRADE_CANCEL'],
  ['2', 'TRADE_CORRECT'],
  ['CORRECT', 'TRADE_CORRECT'],
  ['3', 'ORDER_STATUS'],
  ['STATUS', 'ORDER_STATUS'],
]);

const OVERNIGHT: ReadonlySet<string> = new Set([
  '1',
  'GTC',
  'GOOD_TILL_CANCEL',
  '6',
  'GTD',
  'GOOD_TILL_DATE',
]);

/** `Pending Cancel` → `PENDING_CANCEL`; the empty word for null. */
export function word(raw: string | number | null | undefined): string {
  if (raw === null || raw === undefined) return '';
  return String(raw)
    .trim()
    .toUpperCase()
    .replace(/[^A-Z0-9]+/g, '_');
}

/** The kind of an execution report. Up to FIX 4.2 ExecTransType decides first: a bust repeats the fill's ExecType. */
export function execTypeOf(message: OrderMessage): ExecType {
  const transType = TRANS_TYPES.get(word(message.execTransType));
  if (transType !== undefined) return transType;
  const raw = message.execType; // codes and our own names stand in the map as they are, which spares their reading
  return EXEC_TYPES.get(raw) ?? EXEC_TYPES.get(word(raw)) ?? 'OTHER';
}

/** Does the order outlive the day (GTC, GTD)? */
export const isOvernight = (timeInForce: string | number | null | undefined): boolean =>
  OVERNIGHT.has(word(timeInForce));

/** A quantity in lots, null when absent. Throws VALIDATION for anything but a whole number ≥ 0. */
export function lots(value: number | null | undefined, field: string): number | null {
  if (value === null || value === undefined) return null;
  if (!Number.isSafeInteger(value) || value < 0) {
    throw new FillwrightError('VALIDATION', `${field} is not a whole number of lots: ${value}`, {
      path: field,
    });
  }
  return value;
}

export const orderQtyOf = (message: OrderMessage): number | null => lots(message.orderQty, 'orderQty');
export const cumQtyOf = (message: OrderMessage): number | null => lots(message.cumQty, 'cumQty');
export const lastQtyOf = (message: OrderMessage): number | null =>
  lots(message.lastQty ?? message.lastShares, 'lastQty');

/** An id, null when absent or empty: some venues send '' where they have none. */
export const idOf = (raw: string | null | undefined): string | null => (raw ? raw : null);

const isOneOf = (raw: string | number | null | undefined, code: string, name: string): boolean => {
  const said = word(raw);
  return said === code || said === name;
};

export const isDuplicateOrder = (message: OrderMessage): boolean =>
  isOneOf(message.ordRejReason, '6', 'DUPLICATE_ORDER');
export const isUnknownOrder = (message: OrderMessage): boolean =>
  isOneOf(message.ordRejReason, '5', 'UNKNOWN_ORDER') || isOneOf(message.cxlRejReason, '1', 'UNKNOWN_ORDER');
export const isTooLate = (message: OrderMessage): boolean =>
  isOneOf(message.cxlRejReason, '0', 'TOO_LATE_TO_CANCEL');
export const isCorporateAction = (message: OrderMessage): boolean =>
  isOneOf(message.execRestatementReason ?? message.restatementReason, '0', 'GT_CORPORATE_ACTION');
