/**
 * What is true at the venue, order by order: the model's own bookkeeping. It shares no code with the book, and is
 * told of an order only by what leaves the gateway.
 */
import type { PlaceOrder, Report } from '../../src/dtos/venue.js';

export type End = 'FILLED' | 'CANCELED' | 'EXPIRED' | 'REJECTED' | 'ABSENT';

/** One client order id at the venue. Quantities in lots of 1. */
export interface Truth {
  readonly id: string;
  readonly quantity: number;
  readonly immediate: boolean;
  /** FLYING: sent, and whether it arrived is not decided yet. */
  at: 'FLYING' | 'OPEN' | 'ENDED';
  end: End | null;
  /** Executions; the first `told` of them were reported. */
  readonly fills: number[];
  told: number;
  /** A cancel, a query that waits for its answer. */
  cancel: boolean;
  query: boolean;
  /** Its one late fill has happened. */
  late: boolean;
}

export type Venue = Map<string, Truth>;

const PRICE = '100';

export const filledOf = (truth: Truth): number => truth.fills.reduce((sum, lots) => sum + lots, 0);
export const restOf = (truth: Truth): number => truth.quantity - filledOf(truth);
/** What may still trade: an order in flight counts in full. */
export const openOf = (truth: Truth): number => (truth.at === 'ENDED' ? 0 : restOf(truth));
export const hasUntold = (truth: Truth): boolean => truth.told < truth.fills.length;

/** @throws when the id was used before: each send has its own (I3, I18). */
export function receive(venue: Venue, order: PlaceOrder): void {
  if (venue.has(order.clientOrderId)) throw new Error(`I3: ${order.clientOrderId} is sent a second time`);
  venue.set(order.clientOrderId, {
    id: order.clientOrderId,
    quantity: Number(order.quantity),
    immediate: order.timeInForce === 'IOC',
    at: 'FLYING',
    end: null,
    fills: [],
    told: 0,
    cancel: false,
    query: false,
    late: false,
  });
}

/** Whatever the venue says of an order overtakes the answer to an earlier question. */
function head(truth: Truth, at: number) {
  truth.query = false;
  return { clientOrderId: truth.id, at };
}

export function accept(truth: Truth, at: number): Report {
  truth.at = 'OPEN';
  return { ...head(truth, at), type: 'NEW', connectorOrderId: `v${truth.id}` };
}

/** Executes `lots` and keeps it to itself; the order ends when nothing is left. */
export function execute(truth: Truth, lots: number): void {
  truth.fills.push(lots);
  if (truth.end !== null) return;
  truth.at = restOf(truth) === 0 ? 'ENDED' : 'OPEN';
  if (truth.at === 'ENDED') truth.end = 'FILLED';
}

/** Reports the first execution that was not reported. */
export function tell(truth: Truth, at: number): Report {
  const n = truth.told++;
  const quantity = String(truth.fills[n] ?? 0);
  return { ...head(truth, at), type: 'TRADE', execId: `${truth.id}:${n}`, quantity, price: PRICE };
}

export function finish(truth: Truth, end: End): void {
  truth.at = 'ENDED';
  truth.end = end;
  truth.cancel = false;
}

export function canceled(truth: Truth, at: number): Report {
  finish(truth, 'CANCELED');
  return { ...head(truth, at), type: 'CANCELED' };
}

export function expired(truth: Truth, at: number): Report {
  finish(truth, 'EXPIRED');
  return { ...head(truth, at), type: 'EXPIRED' };
}

export function rejected(truth: Truth, at: number): Report {
  finish(truth, 'REJECTED');
  return { ...head(truth, at), type: 'REJECTED', reason: 'refused' };
}

export function cancelRejected(truth: Truth, at: number): Report {
  truth.cancel = false;
  return { ...head(truth, at), type: 'CANCEL_REJECTED', reason: 'too late' };
}

function statusOf({ end }: Truth, filled: number): Extract<Report, { type: 'STATUS' }>['status'] {
  if (end === 'ABSENT') return 'REJECTED';
  return end ?? (filled > 0 ? 'PARTIALLY_FILLED' : 'NEW');
}

/** The answer to a query, from what is true. */
export function status(truth: Truth, at: number): Report {
  const filled = filledOf(truth);
  return {
    ...head(truth, at),
    type: 'STATUS',
    status: statusOf(truth, filled),
    cumQty: String(filled),
    avgPx: filled > 0 ? PRICE : null,
  };
}
