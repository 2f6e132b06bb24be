/**
 * What is said of an order as a whole: a verdict (V), and a venue's answer to a status request (8, Order Status).
 *
 * Owns: how such a word meets the facts we hold. Executions seen are never taken back; executions unseen are recorded
 * as `missingQty`, so that they count once when they arrive after all.
 */
import { FillwrightError } from '../../dtos/errors.js';
import { cumQtyOf, isUnknownOrder, type OrderMessage, orderQtyOf, word } from './message.js';
import { change, type EndStatus, isThoughtAbsent, type OrderFacts, type OrderState } from './state.js';

/** The statuses that settle an order's fate. Others (Pending Cancel …) show only that it exists. */
type Fate = 'NEW' | 'PARTIALLY_FILLED' | 'FILLED' | EndStatus;
const FATES: ReadonlyMap<string, Fate> = new Map<string, Fate>([
  ['0', 'NEW'],
  ['NEW', 'NEW'],
  ['1', 'PARTIALLY_FILLED'],
  ['PARTIALLY_FILLED', 'PARTIALLY_FILLED'],
  ['2', 'FILLED'],
  ['FILLED', 'FILLED'],
  ['4', 'CANCELED'],
  ['CANCELED', 'CANCELED'],
  ['CANCELLED', 'CANCELED'],
  ['8', 'REJECTED'],
  ['REJECTED', 'REJECTED'],
  ['C', 'EXPIRED'],
  ['EXPIRED', 'EXPIRED'],
]);

/**
 * V: the named resolution of an order's fate, from a query or a person. It clears UNKNOWN and pending states,
 * and overrules an earlier verdict, but not an end that the venue itself reported.
 *
 * @throws VALIDATION `ordStatus` settles nothing.
 */
export function verdict(order: OrderState, message: OrderMessage): OrderState {
  const fate = FATES.get(word(message.ordStatus));
  if (fate === undefined) {
    throw new FillwrightError('VALIDATION', `no verdict: ${String(message.ordStatus)}`, {
      path: 'ordStatus',
    });
  }
  return settled(order, message, fate);
}

/**
 * The answer to a status request. "Unknown order" about an order we know proves nothing (I4): one answer may be stale
 * or overtaken. About one that nobody sent (G.1.a) it is the end of the matter.
 */
export function statusAnswer(order: OrderState, message: OrderMessage): OrderState {
  const orderQty = orderQtyOf(message);
  const absent = isUnknownOrder(message) || orderQty === 0;
  if (absent && !order.phantom) return order;
  const fate = FATES.get(word(message.ordStatus));
  if (absent || (order.phantom && orderQty === null && fate === undefined)) {
    return change(order, { phantom: false, unknown: false, orderQty: 0, ended: 'REJECTED' });
  }
  if (fate !== undefined) return settled(order, message, fate);
  const revived = isThoughtAbsent(order);
  return change(order, {
    unknown: false,
    phantom: false,
    ended: revived ? null : order.ended,
    byVerdict: revived ? false : order.byVerdict,
    orderQty: order.orderQty ?? orderQty,
    missingQty: missingOf(order, cumQtyOf(message)),
  });
}

function settled(order: OrderState, message: OrderMessage, fate: Fate): OrderState {
  const orderQty = order.orderQty ?? orderQtyOf(message);
  const missingQty = missingOf(order, cumQtyOf(message) ?? (fate === 'FILLED' ? orderQty : null));
  const filled = order.cumQty + missingQty;
  const known: Partial<OrderFacts> = { unknown: false, phantom: false, orderQty, missingQty };
  if (order.ended !== null && !order.byVerdict && !(order.ended === 'REJECTED' && filled > 0)) {
    return change(order, known);
  }
  const ended = endOf(fate, filled, orderQty);
  const live = fate === 'NEW' || fate === 'PARTIALLY_FILLED';
  return change(order, {
    ...known,
    acked: order.acked || live || filled > 0,
    ended,
    byVerdict: ended !== null,
    doneForDay: order.doneForDay && !live && ended === null,
    stopped: order.stopped && ended === null,
    requests: order.requests.some((request) => request.pending)
      ? order.requests.map((request) => (request.pending ? { ...request, pending: false } : request))
      : order.requests,
  });
}

/** How the order ended, null while it lives or is full. */
function endOf(fate: Fate, filled: number, orderQty: number | null): EndStatus | null {
  if (fate === 'NEW' || fate === 'PARTIALLY_FILLED') return null;
  // "Filled" with less than the whole quantity: whatever the rest was, it is gone.
  if (fate === 'FILLED') return filled < (orderQty ?? 0) ? 'CANCELED' : null;
  // Something filled, so it was not refused; what is left of it is gone all the same.
  return fate === 'REJECTED' && filled > 0 ? 'CANCELED' : fate;
}

const missingOf = (order: OrderState, total: number | null): number =>
  total === null ? order.missingQty : Math.max(0, total - order.cumQty);
