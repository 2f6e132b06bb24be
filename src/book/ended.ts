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

/** What an ended row says, flat; what is not here has one value once it has ended. Only the values are written. */
interface Fields
  extends Pick<OrderRow, 'clientOrderId' | 'orderId' | 'connectorOrderId' | 'slot' | 'attempt'>,
    Pick<OrderRow, 'quantity' | 'createdAt' | 'sentAt' | 'filled' | 'impliedPrice' | 'fillIds'>,
    Pick<OrderRow, 'resends' | 'resolvedBy' | 'fees'>,
    Pick<PlaceOrder, 'symbol' | 'side' | 'orderType' | 'timeInForce' | 'price' | 'stopPrice'>,
    Pick<OrderState, 'clOrdId' | 'ordStatus' | 'orderQty' | 'cumQty' | 'leavesQty' | 'missingQty'>,
    Pick<OrderState, 'ended' | 'duplicates' | 'requests' | 'pastIds'> {
  readonly flags: number;
  readonly wireQuantity: string;
  readonly displayQuantity: string | null;
  readonly execs: EncodedOrder['execs'];
  readonly amount: string;
  readonly quantityFilled: string;
}

function fieldsOf(row: OrderRow): Fields {
  const { wire, state } = row;
  return {
    flags: flagsOf(row),
    clientOrderId: row.clientOrderId,
    orderId: row.orderId,
    connectorOrderId: row.connectorOrderId,
    slot: row.slot,
    attempt: row.attempt,
    quantity: row.quantity,
    createdAt: row.createdAt,
    sentAt: row.sentAt,
    symbol: wire.symbol,
    side: wire.side,
    orderType: wire.orderType,
    timeInForce: wire.timeInForce,
    wireQuantity: wire.quantity,
    price: wire.price,
    stopPrice: wire.stopPrice,
    displayQuantity: wire.displayQuantity ?? null,
    clOrdId: state.clOrdId,
    ordStatus: state.ordStatus,
    orderQty: state.orderQty,
    cumQty: state.cumQty,
    leavesQty: state.leavesQty,
    missingQty: state.missingQty,
    ended: state.ended,
    duplicates: state.duplicates,
    requests: state.requests,
    pastIds: state.pastIds,
    execs: state.execs === null ? null : encodeExecutions(state.execs),
    filled: row.filled,
    amount: String(row.amount),
    quantityFilled: String(row.quantityFilled),
    impliedPrice: row.impliedPrice,
    fillIds: row.fillIds,
    fees: row.fees,
    resends: row.resends,
    resolvedBy: row.resolvedBy,
  };
}

/** In the order in which `fieldsOf` makes them: a text outlives the process that wrote it, in a snapshot. */
const KEYS = [
  'flags',
  'clientOrderId',
  'orderId',
  'connectorOrderId',
  'slot',
  'attempt',
  'quantity',
  'createdAt',
  'sentAt',
  'symbol',
  'side',
  'orderType',
  'timeInForce',
  'wireQuantity',
  'price',
  'stopPrice',
  'displayQuantity',
  'clOrdId',
  'ordStatus',
  'orderQty',
  'cumQty',
  'leavesQty',
  'missingQty',
  'ended',
  'duplicates',
  'requests',
  'pastIds',
  'execs',
  'filled',
  'amount',
  'quantityFilled',
  'impliedPrice',
  'fillIds',
  'fees',
  'resends',
  'resolvedBy',
] as const satisfies readonly (keyof Fields)[];
/** A field that has no place above does not compile. */
type Unplaced = Exclude<keyof Fields, (typeof KEYS)[number]>;
type ValuesOf<K extends readonly (keyof Fields)[]> = { readonly [I in keyof K]: Fields[K[I]] };
/** The values in their places, each with its field's type. */
type Values = ValuesOf<typeof KEYS>;

const written = (row: OrderRow): string =>
  JSON.stringify(Object.values(fieldsOf(row) satisfies Record<Unplaced, never>));

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
