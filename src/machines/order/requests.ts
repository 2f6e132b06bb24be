/**
 * The chain of an order's ids: its own, those of requests under way, and those of the past.
 *
 * Owns: how a report finds the request it answers, and how an accepted one becomes the order's id (FIX: ClOrdID,
 * OrigClOrdID). Owns no status.
 */
import type { OrderFacts, OrderRequest, OrderState } from './state.js';

export const requestOf = (order: OrderState, id: string | null): OrderRequest | undefined =>
  order.requests.find((request) => request.clOrdId === id);

/** Is it the id of a decided request, or a former id of the order? */
export const isPast = ({ pastIds }: OrderState, id: string | null): boolean =>
  (pastIds as readonly (string | null)[]).includes(id);

/** The requests less one; the same array when it is not among them. */
export const without = (order: OrderState, request: OrderRequest | undefined): readonly OrderRequest[] =>
  request === undefined ? order.requests : order.requests.filter((other) => other !== request);

/** Is this one of the order's ids, present, asked for or past? A message without an id was routed here: it is. */
export function belongs(order: OrderState, id: string | null): boolean {
  if (id === null || id === order.clOrdId) return true;
  return requestOf(order, id) !== undefined || isPast(order, id);
}

/**
 * Does a report about a request come after its decision (a repetition, or overtaken on the way)? An accepted request's
 * id is the order's own by then, which a report on a request shows by naming another id as OrigClOrdID.
 */
export function isDecided(order: OrderState, id: string | null, origId: string | null): boolean {
  if (id === null || requestOf(order, id) !== undefined) return false;
  if (isPast(order, id)) return true;
  return id === order.clOrdId && origId !== null && origId !== id;
}

/** The facts of an acceptance: the request's id becomes the order's, its former id is kept as past. */
export function adopted(
  order: OrderState,
  id: string | null,
  request: OrderRequest | undefined,
): Pick<OrderFacts, 'clOrdId' | 'pastIds' | 'requests'> {
  const requests = without(order, request);
  const { clOrdId, pastIds } = order;
  if (id === null || id === clOrdId || isPast(order, id)) return { clOrdId, pastIds, requests };
  return { clOrdId: id, pastIds: clOrdId === null ? pastIds : [...pastIds, clOrdId], requests };
}

/** The facts of a refusal: the request is gone, its id is kept as past, the order keeps its own. */
export function refused(order: OrderState, id: string | null): Pick<OrderFacts, 'pastIds' | 'requests'> {
  // A venue without request ids names the order itself, or nothing: then the oldest request is meant.
  const request =
    requestOf(order, id) ?? (id === null || id === order.clOrdId ? order.requests[0] : undefined);
  const spent = request === undefined ? id : request.clOrdId;
  const known = spent === null || spent === order.clOrdId || isPast(order, spent);
  return { requests: without(order, request), pastIds: known ? order.pastIds : [...order.pastIds, spent] };
}
