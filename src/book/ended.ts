/**
 * The ended orders of one group: the latest as it is, the older ones as text.
 *
 * Owns that form, and nothing of what an order means. Few ended orders are ever heard of again, but a schedule of
 * thousands of slices keeps all of them: as JSON in one string an order takes a third of the room. One that a late
 * report names is read back and is the latest again, so whoever holds it writes to the one copy there is.
 */
import type { PlaceOrder } from '../dtos/venue.js';
import { decodeOrder, type EncodedOrder, encodeOrder } from '../machines/order/index.js';
import type { OrderRow } from './order-row.js';

export class EndedOrders {
  private latest: OrderRow | null = null;
  private texts: Map<string, string> | null = null;

  get size(): number {
    return (this.latest === null ? 0 : 1) + (this.texts?.size ?? 0);
  }

  get(clientOrderId: string): OrderRow | undefined {
    if (this.latest?.clientOrderId === clientOrderId) return this.latest;
    const text = this.texts?.get(clientOrderId);
    if (text === undefined) return undefined;
    this.texts?.delete(clientOrderId);
    const row = read(text);
    this.set(row);
    return row;
  }

  set(row: OrderRow): void {
    const { latest } = this;
    this.latest = row;
    if (latest === null || latest.clientOrderId === row.clientOrderId) return;
    this.texts ??= new Map();
    this.texts.set(latest.clientOrderId, written(latest));
  }

  delete(clientOrderId: string): void {
    if (this.latest?.clientOrderId === clientOrderId) this.latest = null;
    else this.texts?.delete(clientOrderId);
  }

  /** Every row, to be read only; with `mention`, at least those that have it as an id. */
  *values(mention = ''): Iterable<OrderRow> {
    for (const text of this.texts?.values() ?? []) if (text.includes(mention)) yield read(text);
    if (this.latest !== null) yield this.latest;
  }
}

/** What an ended row says, in the order of `Written`; the rest has one value once it has ended. */
type Written = readonly [
  ids: readonly [clientOrderId: string, orderId: string, connectorOrderId: string | null],
  place: readonly [slot: number, attempt: number, quantity: number, createdAt: number, sentAt: number],
  wire: readonly unknown[],
  state: readonly unknown[],
  filled: readonly [lots: number, amount: string, quantity: string, impliedPrice: string | null],
  fillIds: readonly string[],
  sent: readonly [cancelRequested: boolean, resends: number, resolvedBy: string | null],
];

type WireField = Exclude<keyof PlaceOrder, 'clientOrderId'>;

const WIRE = Object.keys({
  symbol: 0,
  side: 0,
  orderType: 0,
  timeInForce: 0,
  quantity: 0,
  price: 0,
  stopPrice: 0,
  postOnly: 0,
  reduceOnly: 0,
} satisfies Record<WireField, 0>) as readonly WireField[];

const STATE = Object.keys({
  clOrdId: 0,
  ordStatus: 0,
  orderQty: 0,
  cumQty: 0,
  leavesQty: 0,
  missingQty: 0,
  overnight: 0,
  acked: 0,
  unknown: 0,
  phantom: 0,
  ended: 0,
  byVerdict: 0,
  doneForDay: 0,
  stopped: 0,
  duplicates: 0,
  requests: 0,
  pastIds: 0,
  execs: 0,
} satisfies Record<keyof EncodedOrder, 0>) as readonly (keyof EncodedOrder)[];

function written(row: OrderRow): string {
  const { wire } = row;
  const state = encodeOrder(row.state);
  const fields: Written = [
    [row.clientOrderId, row.orderId, row.connectorOrderId],
    [row.slot, row.attempt, row.quantity, row.createdAt, row.sentAt],
    WIRE.map((key) => wire[key]),
    STATE.map((key) => state[key]),
    [row.filled, String(row.amount), String(row.quantityFilled), row.impliedPrice],
    row.fillIds,
    [row.cancelRequested, row.resends, row.resolvedBy],
  ];
  return JSON.stringify(fields);
}

const named = (keys: readonly string[], values: readonly unknown[]): object =>
  Object.fromEntries(keys.map((key, i) => [key, values[i]]));

function read(text: string): OrderRow {
  const [ids, place, wire, state, [filled, amount, quantityFilled, impliedPrice], fillIds, sent] = JSON.parse(
    text,
  ) as Written;
  const [clientOrderId, orderId, connectorOrderId] = ids;
  const [slot, attempt, quantity, createdAt, sentAt] = place;
  const [cancelRequested, resends, resolvedBy] = sent;
  return {
    ...{ clientOrderId, orderId, slot, attempt, quantity, createdAt, connectorOrderId, phase: 'ENDED' },
    wire: { clientOrderId, ...named(WIRE, wire) } as PlaceOrder,
    state: decodeOrder(named(STATE, state) as EncodedOrder),
    ...{ filled, amount: BigInt(amount), quantityFilled: BigInt(quantityFilled), impliedPrice },
    ...{
      fillIds: [...fillIds],
      leaves: 0,
      unknown: 0,
      cancelRequested,
      sentAt,
      queries: 0,
      notFound: 0,
      resends,
    },
    ...{ unwanted: false, escalated: false, resolvedBy, gen: 0 },
  };
}
