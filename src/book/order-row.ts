/** One order as the book keeps it. Owns the shape only: book.ts writes it, ended.ts stores it once it has ended. */
import type { Amount, Fixed } from '../dtos/amount.js';
import type { Lots } from '../dtos/decimal.js';
import type { PlaceOrder } from '../dtos/venue.js';
import type { OrderState } from '../machines/order/index.js';

/** One order of ours. Written by book.ts, but for the counters that its deadline needs. */
export interface OrderRow {
  readonly clientOrderId: string;
  readonly orderId: string;
  readonly slot: number;
  readonly attempt: number;
  readonly wire: PlaceOrder;
  readonly quantity: Lots;
  readonly createdAt: number;
  state: OrderState;
  /** WAITING: reserved, to be sent after a back-off. */
  phase: 'WAITING' | 'SENT' | 'ENDED';
  connectorOrderId: string | null;
  /** Counted so far: executions, and what a verdict implied before its executions came. */
  filled: Lots;
  amount: Amount;
  quantityFilled: Fixed;
  /** Ids of its fills, as journaled: for causes that memory can still tell. */
  readonly fillIds: string[];
  /** Commissions by execution, for the day it is taken back; null for none. */
  fees: (readonly [execId: string, commission: string, asset: string])[] | null;
  /** The price at which lots implied by a verdict were booked. */
  impliedPrice: string | null;
  leaves: Lots;
  unknown: Lots;
  /** A cancel is under way. `unwanted`: one was asked for, and is asked for again until the order has ended. */
  cancelRequested: boolean;
  unwanted: boolean;
  sentAt: number;
  /** Questions asked since it was last heard of, "not found" answers after its validity, and re-sends. */
  queries: number;
  notFound: number;
  resends: number;
  escalated: boolean;
  /** Who established its fate in the venue's stead: a person, or the runtime's proof of absence. */
  resolvedBy: string | null;
  /** Generation of its one deadline; 0 = none. */
  gen: number;
}
