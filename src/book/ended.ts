/**
 * The ended orders of one group: as text, but for the one that is in hand.
 *
 * Owns that form, and nothing of what an order means. Few ended orders are ever heard of again, but a schedule of
 * thousands of slices keeps all of them: as JSON in one string an order takes a third of the room. One that a late
 * report names is read back and is the latest again, so whoever holds it writes to the one copy there is.
 */
import type { PlaceOrder } from '../dtos/venue.js';
import {
  decodeOrder,
  type EncodedOrder,
  encodeExecutions,
  type OrderState,
} from '../machines/order/index.js';
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

  /** A row to be read only, which stays where it is. */
  peek(clientOrderId: string): OrderRow | undefined {
    if (this.latest?.clientOrderId === clientOrderId) return this.latest;
    const text = this.texts?.get(clientOrderId);
    return text === undefined ? undefined : read(text);
  }

  set(row: OrderRow): void {
    if (this.latest?.clientOrderId !== row.clientOrderId) this.pack();
    this.latest = row;
  }

  /** Writes the latest down too: whoever held its row has done with it. */
  pack(): void {
    const { latest } = this;
    if (latest === null) return;
    this.texts ??= new Map();
    this.texts.set(latest.clientOrderId, written(latest));
    this.latest = null;
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

/** The flags of a row, one bit each in this order. */
const FLAGS = [
  (row) => row.wire.postOnly,
  (row) => row.wire.reduceOnly,
  (row) => row.state.overnight,
  (row) => row.state.acked,
  (row) => row.state.unknown,
  (row) => row.state.phantom,
  (row) => row.state.byVerdict,
  (row) => row.state.doneForDay,
  (row) => row.state.stopped,
  (row) => row.cancelRequested,
  (row) => row.unwanted,
] satisfies readonly ((row: OrderRow) => boolean)[];

function flagsOf(row: OrderRow): number {
  let bits = 0;
  for (let i = 0; i < FLAGS.length; i++) if (FLAGS[i]!(row)) bits |= 1 << i;
  return bits;
}

/**
 * What an ended row says, each value in its place: a text outlives the process that wrote it, in a snapshot. What is not
 * here has one value once a row has ended.
 */
type Values = readonly [
  flags: number,
  clientOrderId: string,
  orderId: string,
  connectorOrderId: OrderRow['connectorOrderId'],
  slot: number,
  attempt: number,
  quantity: number,
  createdAt: number,
  sentAt: number,
  symbol: string,
  side: PlaceOrder['side'],
  orderType: PlaceOrder['orderType'],
  timeInForce: PlaceOrder['timeInForce'],
  wireQuantity: string,
  price: PlaceOrder['price'],
  stopPrice: PlaceOrder['stopPrice'],
  displayQuantity: string | null,
  clOrdId: OrderState['clOrdId'],
  ordStatus: OrderState['ordStatus'],
  orderQty: OrderState['orderQty'],
  cumQty: OrderState['cumQty'],
  leavesQty: OrderState['leavesQty'],
  missingQty: OrderState['missingQty'],
  ended: OrderState['ended'],
  duplicates: OrderState['duplicates'],
  requests: OrderState['requests'],
  pastIds: OrderState['pastIds'],
  execs: EncodedOrder['execs'],
  filled: number,
  amount: string,
  quantityFilled: string,
  impliedPrice: OrderRow['impliedPrice'],
  fillIds: OrderRow['fillIds'],
  fees: OrderRow['fees'],
  resends: number,
  resolvedBy: OrderRow['resolvedBy'],
];

function valuesOf(row: OrderRow): Values {
  const { wire, state } = row;
  return [
    flagsOf(row),
    row.clientOrderId,
    row.orderId,
    row.connectorOrderId,
    row.slot,
    row.attempt,
    row.quantity,
    row.createdAt,
    row.sentAt,
    wire.symbol,
    wire.side,
    wire.orderType,
    wire.timeInForce,
    wire.quantity,
    wire.price,
    wire.stopPrice,
    wire.displayQuantity ?? null,
    state.clOrdId,
    state.ordStatus,
    state.orderQty,
    state.cumQty,
    state.leavesQty,
    state.missingQty,
    state.ended,
    state.duplicates,
    state.requests,
    state.pastIds,
    state.execs === null ? null : encodeExecutions(state.execs),
    row.filled,
    String(row.amount),
    String(row.quantityFilled),
    row.impliedPrice,
    row.fillIds,
    row.fees,
    row.resends,
    row.resolvedBy,
  ];
}

const written = (row: OrderRow): string => JSON.stringify(valuesOf(row));

/** By place, and each object at once: listings read thousands of rows back. */
function read(text: string): OrderRow {
  const v = JSON.parse(text) as Values;
  const [flags, clientOrderId, orderId, connectorOrderId, slot, attempt, quantity, createdAt, sentAt] = v;
  const is = (flag: number): boolean => (flags & (1 << flag)) !== 0;
  const wire: PlaceOrder = {
    clientOrderId,
    symbol: v[9],
    side: v[10],
    orderType: v[11],
    timeInForce: v[12],
    quantity: v[13],
    price: v[14],
    stopPrice: v[15],
    postOnly: is(0),
    reduceOnly: is(1),
  };
  return {
    clientOrderId,
    orderId,
    slot,
    attempt,
    quantity,
    createdAt,
    connectorOrderId,
    phase: 'ENDED',
    wire: v[16] === null ? wire : { ...wire, displayQuantity: v[16] },
    state: stateOf(v, is),
    filled: v[28],
    amount: BigInt(v[29]),
    quantityFilled: BigInt(v[30]),
    impliedPrice: v[31],
    fillIds: [...v[32]],
    fees: v[33],
    leaves: 0,
    unknown: 0,
    cancelRequested: is(9),
    sentAt,
    queries: 0,
    notFound: 0,
    resends: v[34],
    unwanted: is(10),
    escalated: false,
    resolvedBy: v[35],
    gen: 0,
  };
}

const stateOf = (v: Values, is: (flag: number) => boolean): OrderState =>
  decodeOrder({
    clOrdId: v[17],
    ordStatus: v[18],
    orderQty: v[19],
    cumQty: v[20],
    leavesQty: v[21],
    missingQty: v[22],
    ended: v[23],
    duplicates: v[24],
    requests: v[25],
    pastIds: v[26],
    execs: v[27],
    overnight: is(2),
    acked: is(3),
    unknown: is(4),
    phantom: is(5),
    byVerdict: is(6),
    doneForDay: is(7),
    stopped: is(8),
  });
