/**
 * What each execution report (FIX 8) does to an order. The oddities stand at their rule with their cause.
 *
 * Owns: the rules by ExecType. May call state, requests, executions, message; nothing calls back.
 */
import {
  addExecution,
  type Amendment,
  bustExecution,
  correctExecution,
  hasExecution,
  noteReport,
  scaled,
  scaleExecutions,
} from './executions.js';
import {
  cumQtyOf,
  type ExecType,
  execTypeOf,
  idOf,
  isCorporateAction,
  isDuplicateOrder,
  lastQtyOf,
  type OrderMessage,
  orderQtyOf,
} from './message.js';
import { adopted, isDecided, isPast, refused, requestOf } from './requests.js';
import { change, type EndStatus, isThoughtAbsent, type OrderFacts, type OrderState } from './state.js';
import { statusAnswer } from './verdict.js';

type Rule = (order: OrderState, message: OrderMessage) => OrderState;

/** The rule of an execution report, by its ExecType. */
export const report: Rule = (order, message) => RULES[execTypeOf(message)](order, message);

const RULES: { readonly [K in ExecType]: Rule } = {
  NEW: acknowledged,
  TRADE: traded,
  TRADE_CANCEL: busted,
  TRADE_CORRECT: corrected,
  CANCELED: (order, message) => ended(order, message, 'CANCELED'),
  EXPIRED: (order, message) => ended(order, message, 'EXPIRED'),
  REJECTED: rejected,
  PENDING_NEW: (order, message) => change(order, received(order, message)),
  PENDING_CANCEL: (order, message) => pending(order, message, 'CANCEL'),
  PENDING_REPLACE: (order, message) => pending(order, message, 'REPLACE'),
  REPLACED: replaced,
  RESTATED: restated,
  DONE_FOR_DAY: (order, message) => marked(order, message, 'doneForDay'),
  STOPPED: (order, message) => marked(order, message, 'stopped'),
  ORDER_STATUS: statusAnswer,
  // Triggered, Suspended, Calculated and whatever FIX adds: the venue has the order; no status of ours follows.
  OTHER: (order, message) => change(order, alive(order, message)),
};

/** The venue has the message, so the order is neither unknown nor a mere name; a verdict of absence was wrong. */
function received(order: OrderState, message: OrderMessage, acked = order.acked): Partial<OrderFacts> {
  const revived = isThoughtAbsent(order);
  return {
    acked,
    unknown: false,
    phantom: false,
    ended: revived ? null : order.ended,
    byVerdict: revived ? false : order.byVerdict,
    orderQty: order.orderQty ?? orderQtyOf(message),
  };
}

/** And it works it, or did. */
const alive = (order: OrderState, message: OrderMessage): Partial<OrderFacts> =>
  received(order, message, true);

/** FIX New. Late or repeated it says nothing that is newer than what we know, so it does not settle an UNKNOWN. */
function acknowledged(order: OrderState, message: OrderMessage): OrderState {
  if (!order.acked) return change(order, alive(order, message));
  return change(order, { orderQty: order.orderQty ?? orderQtyOf(message) });
}

/** A fill books in every status (O1), whatever id it came under: fills cross requests on the wire. */
function traded(order: OrderState, message: OrderMessage): OrderState {
  const id = idOf(message.execId);
  if (hasExecution(order.execs, id)) return order;
  const qty = lastQtyOf(message) ?? 0;
  if (qty === 0) return change(order, alive(order, message));
  // The hot path: one literal, since spreading one object into another costs more than all the rest of the step.
  const contradicted = isContradicted(order);
  return change(order, {
    acked: true,
    unknown: false,
    phantom: false,
    ended: contradicted ? null : order.ended,
    byVerdict: contradicted ? false : order.byVerdict,
    orderQty: order.orderQty ?? orderQtyOf(message),
    // The morning's restatement of a GTC order is optional (H.1.a), so its first fill ends the night as well.
    doneForDay: order.doneForDay && !order.overnight,
    cumQty: order.cumQty + qty,
    missingQty: Math.max(0, order.missingQty - qty),
    execs: id === null ? order.execs : addExecution(order.execs, id, qty),
  });
}

/** An order that fills was not rejected; how much of it lives on nobody said, so all of the rest may (I5). */
const isContradicted = (order: OrderState): boolean => order.ended === 'REJECTED';

/** A bust (FIX H; 4.2: ExecTransType Cancel). One that names no execution cannot be booked. */
function busted(order: OrderState, message: OrderMessage): OrderState {
  const ref = idOf(message.execRefId);
  return ref === null
    ? order
    : amended(order, message, bustExecution(order.execs, idOf(message.execId), ref));
}

/** A correction (FIX G; 4.2: ExecTransType Correct): LastQty is the corrected size, absent when only the price moved. */
function corrected(order: OrderState, message: OrderMessage): OrderState {
  const ref = idOf(message.execRefId);
  if (ref === null) return order;
  return amended(
    order,
    message,
    correctExecution(order.execs, idOf(message.execId), ref, lastQtyOf(message)),
  );
}

function amended(order: OrderState, message: OrderMessage, amendment: Amendment | null): OrderState {
  if (amendment === null) return order;
  const { execs, delta, unseen } = amendment;
  return change(order, {
    // Back-office reports about the past: they prove that there is an order, not what became of its last request.
    ...(order.phantom || delta > 0 ? alive(order, message) : {}),
    ...(delta > 0 && isContradicted(order) ? { ended: null, byVerdict: false } : {}),
    unknown: order.unknown && !order.phantom,
    // A split rounds each execution down, so their sum may exceed a total that the venue stated (restated below).
    cumQty: Math.max(0, order.cumQty + delta),
    missingQty: Math.max(0, order.missingQty - unseen),
    execs,
  });
}

/** Canceled or expired, asked for or not. The first end stands, unless it was only a verdict. */
function ended(order: OrderState, message: OrderMessage, status: EndStatus): OrderState {
  if (order.ended !== null && !order.byVerdict) return order;
  const id = idOf(message.clOrdId);
  return change(order, {
    ...received(order, message),
    ...adopted(order, id, requestOf(order, id)),
    ended: status,
    byVerdict: false,
    doneForDay: false,
    stopped: false,
  });
}

/**
 * A rejection is of what its id names: a request, a second order under the same id (F.1.a, F.1.b), or the order. An
 * order with fills cannot be the one that is refused (FIX: Partially Filled outranks Rejected).
 */
function rejected(order: OrderState, message: OrderMessage): OrderState {
  const id = idOf(message.clOrdId);
  if (id !== order.clOrdId && requestOf(order, id) !== undefined) return change(order, refused(order, id));
  const duplicate = isDuplicateOrder(message);
  if (order.duplicates > 0 && (order.acked || duplicate))
    return change(order, { duplicates: order.duplicates - 1 });
  // A request's refusal once more, or of an id that the order has left.
  if (isPast(order, id)) return order;
  if (order.cumQty + order.missingQty > 0 || (duplicate && order.acked)) return order;
  return ended(order, message, 'REJECTED');
}

/** Pending Cancel, Pending Replace. It may be the first we hear of the request, and of the order (B.1.d). */
function pending(order: OrderState, message: OrderMessage, kind: 'CANCEL' | 'REPLACE'): OrderState {
  const id = idOf(message.clOrdId) ?? order.clOrdId;
  if (isDecided(order, id, idOf(message.origClOrdId))) return order;
  const request = requestOf(order, id);
  const facts = received(order, message);
  if (request === undefined) {
    if (facts.ended !== null) return change(order, facts); // what is over has no new request pending
    return change(order, {
      ...facts,
      requests: [...order.requests, { clOrdId: id, kind, orderQty: null, pending: true }],
    });
  }
  if (request.pending && request.kind === kind) return change(order, facts);
  const now = { ...request, kind, pending: true };
  return change(order, {
    ...facts,
    requests: order.requests.map((other) => (other === request ? now : other)),
  });
}

/** A replace counts once confirmed. One to less than is filled makes OrderQty what is filled (C.3.b, C.3.c). */
function replaced(order: OrderState, message: OrderMessage): OrderState {
  const id = idOf(message.clOrdId);
  if (isDecided(order, id, idOf(message.origClOrdId))) return order;
  const request = requestOf(order, id);
  const asked = orderQtyOf(message) ?? request?.orderQty ?? order.orderQty;
  return change(order, {
    ...alive(order, message),
    ...adopted(order, id, request),
    orderQty: asked === null ? null : Math.max(asked, order.cumQty + order.missingQty),
    doneForDay: false,
  });
}

/** Changed by the venue alone: renewed in the morning, agreed by telephone, partly declined, or split. */
function restated(order: OrderState, message: OrderMessage): OrderState {
  const id = idOf(message.execId);
  if (hasExecution(order.execs, id)) return order;
  const facts: Partial<OrderFacts> = isCorporateAction(message) ? split(order, message) : {};
  const execs = facts.execs === undefined ? order.execs : facts.execs;
  return change(order, {
    ...alive(order, message),
    ...facts,
    orderQty: orderQtyOf(message) ?? order.orderQty,
    doneForDay: false,
    execs: id === null ? execs : noteReport(execs, id),
  });
}

/**
 * Fills, and replaces under way, scale as the order's quantity does. What the venue's own total has beyond that are
 * fills we have not seen.
 */
function split(order: OrderState, message: OrderMessage): Partial<OrderFacts> {
  const from = order.orderQty;
  const to = orderQtyOf(message);
  if (from === null || to === null || from === 0 || from === to) return {};
  const cumQty = scaled(order.cumQty, to, from);
  const missing = scaled(order.missingQty, to, from);
  const stated = cumQtyOf(message);
  return {
    cumQty: stated === null ? cumQty : Math.min(cumQty, stated),
    missingQty: stated === null ? missing : Math.max(0, stated - cumQty),
    execs: scaleExecutions(order.execs, to, from),
    requests: order.requests.map((request) =>
      request.orderQty === null ? request : { ...request, orderQty: scaled(request.orderQty, to, from) },
    ),
  };
}

/** Done for Day, Stopped. Repetitions are known by their execution id: the next day's fills may lie between. */
function marked(order: OrderState, message: OrderMessage, mark: 'doneForDay' | 'stopped'): OrderState {
  const id = idOf(message.execId);
  if (hasExecution(order.execs, id)) return order;
  const facts = alive(order, message);
  return change(order, {
    ...facts,
    ...(facts.ended === null ? { [mark]: true } : {}),
    execs: id === null ? order.execs : noteReport(order.execs, id),
  });
}
