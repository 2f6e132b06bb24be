/**
 * The order table: one pure step from (order, message) to order, with FIX semantics.
 *
 * Owns: the dispatch by message and the rules of D, F, G, H, 9 and T; reports.ts has those of 8, verdict.ts those of
 * V. No I/O, no clock, no ids minted. Whoever calls has routed the message here and keeps the orders.
 */
import { FillwrightError } from '../../dtos/errors.js';
import {
  execTypeOf,
  idOf,
  isOvernight,
  isTooLate,
  isUnknownOrder,
  type OrderMessage,
  orderQtyOf,
} from './message.js';
import { report } from './reports.js';
import { belongs, isPast, refused, requestOf } from './requests.js';
import { change, isTerminal, newOrder, type OrderState, worstLeaves } from './state.js';
import { verdict } from './verdict.js';

/**
 * The order after the message, from the FIX 4.2 to 5.0 SP2 order state change matrices. Quantities in whole lots.
 *
 * Never reads OrdStatus, CumQty or LeavesQty, but for the exceptions that `OrderMessage` lists by name (verdicts,
 * status answers, corporate actions). A message that changes nothing, a repeated execution id among them, returns the
 * same object. Fills, busts and corrections book in every status; nothing is clamped.
 *
 * `undefined` is an order not seen yet: a D begins it; so does a report (telephoned orders). D, and a status answer,
 * under an id that is not this order's begin another order: the result is that one's first state.
 *
 * @throws VALIDATION a quantity is not a whole number of lots ≥ 0, or the message type is none of ours.
 */
export function stepOrder(order: OrderState | undefined, message: OrderMessage): OrderState {
  switch (message.msgType) {
    case '8':
      return report(order === undefined || isOther(order, message) ? unseen(message) : order, message);
    case 'D':
      return order === undefined ? placed(message) : placedAgain(order, message);
    case 'F':
      return request(order ?? unseen(message), message, 'CANCEL');
    case 'G':
      return request(order ?? unseen(message), message, 'REPLACE');
    case 'H':
      return order ?? unseen(message);
    case '9':
      return cancelRejected(order ?? unseen(message), message);
    case 'T':
      return unanswered(order ?? unseen(message));
    case 'V':
      return verdict(order ?? unseen(message), message);
    default:
      throw new FillwrightError('VALIDATION', `no such message type: ${String(message.msgType)}`, {
        path: 'msgType',
      });
  }
}

/** A status answer may be about an order that only the venue or nobody knows (G.1.a), and says so by its ids. */
const isOther = (order: OrderState, message: OrderMessage): boolean =>
  execTypeOf(message) === 'ORDER_STATUS' &&
  order.clOrdId !== null &&
  !belongs(order, idOf(message.clOrdId)) &&
  !belongs(order, idOf(message.origClOrdId) ?? idOf(message.clOrdId));

/** D of an order not seen yet. */
const placed = (message: OrderMessage): OrderState =>
  newOrder(idOf(message.clOrdId), orderQtyOf(message), isOvernight(message.timeInForce));

/** An order known by name only. Until the venue reports on it, nothing of it is established. */
function unseen(message: OrderMessage): OrderState {
  const namesQty = message.msgType === '8' || message.msgType === 'F'; // a verdict brings its own
  const id = idOf(message.origClOrdId) ?? idOf(message.clOrdId);
  const order = newOrder(id, namesQty ? orderQtyOf(message) : null, isOvernight(message.timeInForce));
  return change(order, { phantom: true, unknown: true });
}

/**
 * D again. Under another id: another order. Of an order that was refused: it is sent anew. Else the venue has two
 * under one id, and will refuse the second; with PossResend it will only confirm the first (F.1.b).
 */
function placedAgain(order: OrderState, message: OrderMessage): OrderState {
  const id = idOf(message.clOrdId);
  if (!belongs(order, id)) return placed(message);
  if (order.phantom) return { ...placed(message), requests: order.requests, pastIds: order.pastIds };
  if (order.ordStatus === 'REJECTED') {
    const orderQty = orderQtyOf(message) ?? order.orderQty;
    return change(order, { orderQty, acked: false, ended: null, byVerdict: false, requests: [] });
  }
  return message.possResend === true ? order : change(order, { duplicates: order.duplicates + 1 });
}

/** F, G: asked for. The status stays until the venue speaks: fills and the request may cross on the wire. */
function request(order: OrderState, message: OrderMessage, kind: 'CANCEL' | 'REPLACE'): OrderState {
  const id = idOf(message.clOrdId) ?? order.clOrdId;
  if (requestOf(order, id) !== undefined || isPast(order, id)) return order;
  const orderQty = kind === 'REPLACE' ? orderQtyOf(message) : null;
  return change(order, { requests: [...order.requests, { clOrdId: id, kind, orderQty, pending: false }] });
}

/**
 * 9: the request is gone and the status beneath shows again. "Unknown order" ends an order that nobody placed (B.1.f);
 * about one of ours it proves nothing (I4), and "too late" says only that the order's end is still to be heard of, so
 * neither settles an UNKNOWN.
 */
function cancelRejected(order: OrderState, message: OrderMessage): OrderState {
  const facts = refused(order, idOf(message.clOrdId));
  const reasoned = message.cxlRejReason !== null && message.cxlRejReason !== undefined;
  if (order.phantom) {
    if (reasoned && !isUnknownOrder(message)) return change(order, facts);
    return change(order, { ...facts, phantom: false, unknown: false, ended: 'REJECTED' });
  }
  return change(order, {
    ...facts,
    unknown: order.unknown && (isTooLate(message) || isUnknownOrder(message)),
  });
}

/** T: no answer in time. UNKNOWN only where something may still trade; never an end (I4). */
function unanswered(order: OrderState): OrderState {
  const settled = isTerminal(order) && worstLeaves(order) === 0;
  return settled ? order : change(order, { unknown: true });
}
