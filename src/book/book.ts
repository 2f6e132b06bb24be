/**
 * The book of one group: its orders, fill keys and running totals. The truth about orders.
 *
 * Owns: folding a venue's report into an order (machines/order has the table), the group's totals in constant time,
 * the reservation that invariants I5 and I6 rest on. Every report lands here before any machine hears of it, so a
 * fill is booked whatever its group's state. Does not decide what follows, and holds no timer.
 */
import {
  type Amount,
  averagePrice,
  type Fixed,
  fromFixedPoint,
  lotsOf,
  toFixedPoint,
} from '../dtos/amount.js';
import type { Lots } from '../dtos/decimal.js';
import type { Report } from '../dtos/venue.js';
import type { OrderOutcome, Totals } from '../machines/group-model.js';
import {
  hasExecution,
  isTerminal,
  isUnknown,
  type OrderMessage,
  type OrderState,
  stepOrder,
} from '../machines/order/index.js';
import { EndedOrders } from './ended.js';
import { orderMessageOf } from './order-message.js';
import type { OrderRow } from './order-row.js';

export type { OrderRow };

export interface GroupBook {
  readonly lot: Fixed;
  readonly open: Map<string, OrderRow>;
  readonly ended: EndedOrders;
  filled: Lots;
  leaves: Lots;
  unknown: Lots;
  amount: Amount;
  /** Exact quantity filled; equals filled × lot unless a venue fills off the lot. */
  quantity: Fixed;
  /** By slot, for a strategy that sees them; null for the others. */
  readonly slots: Map<number, SlotTally> | null;
}

/** What became of a slot's orders; its retries are one slot with it. */
export interface SlotTally {
  readonly slot: number;
  readonly quantity: Lots;
  filled: Lots;
  isLive: boolean;
}

export interface BookedFill {
  readonly execId: string | null;
  readonly lots: Lots;
  readonly quantity: string;
  readonly price: string;
  readonly fixed: Fixed;
  readonly amount: Amount;
  readonly onLot: boolean;
}

/** What a report changed. */
export interface Applied {
  /** The venue has it, or has now said by which id. `acked`: the first word of it. */
  readonly accepted: boolean;
  readonly acked: boolean;
  readonly fill: BookedFill | null;
  /** Taken back: a bust, a corrected execution, or the stand-in that an execution replaces. */
  readonly reversed: BookedFill | null;
  /** The order had ended before. */
  readonly late: boolean;
  /** And lives again. */
  readonly reopened: boolean;
  readonly ended: OrderOutcome | null;
  readonly unknown: 'BEGAN' | 'RESOLVED' | null;
}

const CANCEL_ID = '~'; // ends an order's id in its cancel request; never leaves the process

export const createGroupBook = (lotSize: string, seesSlots = false): GroupBook => ({
  lot: toFixedPoint(lotSize),
  open: new Map(),
  ended: new EndedOrders(),
  filled: 0,
  leaves: 0,
  unknown: 0,
  amount: 0n,
  quantity: 0n,
  slots: seesSlots ? new Map() : null,
});

export const totalsOf = (book: GroupBook): Totals => ({
  filled: book.filled,
  leaves: book.leaves,
  unknown: book.unknown,
  live: book.open.size,
});

/** Lots of this group as a decimal string. By fixed point: decimal.js takes several times as long, for each order. */
export const quantityOf = (book: GroupBook, lots: Lots): string => fromFixedPoint(BigInt(lots) * book.lot);

/** I5: would this order take filled + open + unknown beyond the target? Constant time. */
export const exceedsTarget = (book: GroupBook, quantity: Lots, target: Lots): boolean =>
  book.filled + book.leaves + book.unknown + quantity > target;

/** What an order is when it is made. */
export type NewOrder = Pick<
  OrderRow,
  'clientOrderId' | 'orderId' | 'slot' | 'attempt' | 'wire' | 'quantity' | 'createdAt'
>;

function placed({
  clientOrderId,
  quantity,
  wire,
}: Pick<OrderRow, 'clientOrderId' | 'quantity' | 'wire'>): OrderState {
  const { timeInForce } = wire;
  return stepOrder(undefined, { msgType: 'D', clOrdId: clientOrderId, orderQty: quantity, timeInForce });
}

/** Reserves an order: from here on it counts as open. */
export function reserve(book: GroupBook, order: NewOrder, phase: 'WAITING' | 'SENT'): OrderRow {
  // Field by field: an object that grows after a spread is copied with each field, and takes more room for good.
  const row: OrderRow = {
    clientOrderId: order.clientOrderId,
    orderId: order.orderId,
    slot: order.slot,
    attempt: order.attempt,
    wire: order.wire,
    quantity: order.quantity,
    createdAt: order.createdAt,
    state: placed(order),
    phase,
    connectorOrderId: null,
    filled: 0,
    amount: 0n,
    quantityFilled: 0n,
    fillIds: [],
    fees: null,
    impliedPrice: null,
    leaves: order.quantity,
    unknown: 0,
    cancelRequested: false,
    unwanted: false,
    sentAt: order.createdAt,
    queries: 0,
    notFound: 0,
    resends: 0,
    escalated: false,
    resolvedBy: null,
    gen: 0,
  };
  book.open.set(row.clientOrderId, row);
  book.leaves += row.leaves;
  noteSlot(book, row);
  return row;
}

function noteSlot(book: GroupBook, { slot, quantity }: OrderRow): void {
  const tally = book.slots?.get(slot);
  if (tally !== undefined) tally.isLive = true;
  else book.slots?.set(slot, { slot, quantity, filled: 0, isLive: true });
}

function setLive(book: GroupBook, { slot }: OrderRow, isLive: boolean): void {
  const tally = book.slots?.get(slot);
  if (tally !== undefined) tally.isLive = isLive;
}

/** The slots as a planner sees them; undefined for one that does not. */
export const slotsOf = (book: GroupBook): readonly SlotTally[] | undefined =>
  book.slots === null ? undefined : [...book.slots.values()].map((tally) => ({ ...tally }));

/** Ends an order that never left: refused at the send, or dropped while it waited. */
export function release(book: GroupBook, row: OrderRow): void {
  book.open.delete(row.clientOrderId);
  book.ended.set(row);
  setLive(book, row, false);
  count(book, row, 0, 0);
  row.phase = 'ENDED';
  // As refused: what the venue may still say of it, a cancel that finds nothing for one, brings it to no life.
  const { clientOrderId: clOrdId } = row;
  row.state = stepOrder(row.state, { msgType: 'V', clOrdId, ordStatus: 'REJECTED', cumQty: 0 });
  row.resolvedBy = 'runtime';
}

/** Absence is established: the order is as if it had not been sent, and goes out again. */
export function resend(book: GroupBook, row: OrderRow): void {
  row.resends += 1;
  row.notFound = 0;
  row.state = placed(row);
  count(book, row, row.quantity, 0);
}

/** Notes that a cancel goes out. */
export function requestCancel(row: OrderRow): void {
  row.cancelRequested = true;
  row.unwanted = true;
  const id = row.clientOrderId;
  // Each request an id of its own: of one that was refused before, the table would take the next refusal for old news.
  const own = `${id}${CANCEL_ID}${row.state.pastIds.length}`;
  row.state = stepOrder(row.state, { msgType: 'F', clOrdId: own, origClOrdId: id });
}

/** Folds a report into its order and the totals. Null: it changed nothing (a duplicate, or old news). */
export function applyReport(book: GroupBook, row: OrderRow, report: Report): Applied | null {
  const before = row.state;
  const lots = 'quantity' in report ? lotsIn(book, row, report) : null;
  const next = stepOrder(before, orderMessageOf(report, lots?.lots ?? 0));
  const accepted = accepts(row, report, before);
  if (report.type === 'CANCEL_REJECTED') row.cancelRequested = false;
  if (next === before) return accepted ? { ...NOTHING, accepted } : null;
  const trades = report.type === 'TRADE' || report.type === 'TRADE_CORRECT';
  // A correction under an id that was counted before links two executions, and brings none.
  const isNews = trades && !hasExecution(before.execs, report.execId);
  const fill = isNews && lots !== null ? fillOf(report.execId, lots, report.quantity, report.price) : null;
  return settle(book, row, next, { accepted, fill, reversed: reversal(book, row, next, report, fill) });
}

/**
 * Whole lots of an execution. Off the lot, what the order holds in all counts as its next whole lot: what is open is
 * never understated (I5), and two halves of a lot are one lot, not two.
 */
function lotsIn(book: GroupBook, row: OrderRow, report: Extract<Report, { readonly quantity: string }>) {
  const fixed = toFixedPoint(report.quantity);
  const own = lotsOf(fixed, book.lot);
  if (report.type !== 'TRADE' || (own.exact && row.quantityFilled % book.lot === 0n)) return own;
  const { lots } = lotsOf(row.quantityFilled + fixed, book.lot);
  return { lots: Math.max(1, lots - row.filled), exact: own.exact };
}

/** The venue gave no answer in time: the order's fate is not established (I4). Null: it is established already. */
export function markUnknown(book: GroupBook, row: OrderRow): Applied | null {
  const next = stepOrder(row.state, { msgType: 'T', clOrdId: row.clientOrderId });
  return next === row.state ? null : settle(book, row, next, NOTHING);
}

export interface Finding {
  readonly status: 'NEW' | 'PARTIALLY_FILLED' | 'FILLED' | 'CANCELED' | 'REJECTED' | 'EXPIRED';
  readonly cumQty: string;
  readonly avgPx: string | null;
}

/**
 * A finding about an order's fate: the venue's answer to a query, or a named person's verdict.
 * Lots that it implies and no execution has brought are booked at the implied price; executions that come after all
 * take their place, so that nothing counts twice.
 */
export function applyFinding(book: GroupBook, row: OrderRow, finding: Finding): Applied | null {
  const cumQty = lotsOf(toFixedPoint(finding.cumQty), book.lot).lots;
  const message: OrderMessage = {
    msgType: 'V',
    clOrdId: row.clientOrderId,
    ordStatus: finding.status,
    cumQty,
  };
  const before = row.state;
  const next = stepOrder(before, message);
  if (next === before) return null;
  const gap = next.cumQty + next.missingQty - row.filled;
  const fill = gap > 0 ? impliedFill(book, row, finding, gap) : null;
  const reversed = gap < 0 ? stake(book, -gap, row.impliedPrice ?? priceOf(row)) : null;
  const accepted = !before.acked && finding.status !== 'REJECTED';
  return settle(book, row, next, { accepted, fill, reversed });
}

const NOTHING = {
  accepted: false,
  acked: false,
  fill: null,
  reversed: null,
  late: false,
  reopened: false,
  ended: null,
  unknown: null,
} as const;

function accepts(row: OrderRow, report: Report, before: OrderState): boolean {
  if (report.connectorOrderId !== undefined && row.connectorOrderId === null && report.type !== 'REJECTED') {
    row.connectorOrderId = report.connectorOrderId;
    return true;
  }
  // An ended order whose id is known was listed when an answer ended it: an acknowledgement that was late is no news.
  const isListed = row.phase === 'ENDED' && row.connectorOrderId !== null;
  return !before.acked && !isListed && (report.type === 'NEW' || report.type === 'TRADE');
}

const priceOf = (row: OrderRow): string =>
  averagePrice(row.amount, row.quantityFilled) ?? row.wire.price ?? '0';

function fillOf(
  execId: string,
  lots: { lots: Lots; exact: boolean },
  quantity: string,
  price: string,
): BookedFill {
  const fixed = toFixedPoint(quantity);
  return {
    execId,
    lots: lots.lots,
    quantity,
    price,
    fixed,
    amount: fixed * toFixedPoint(price),
    onLot: lots.exact,
  };
}

/** Lots without an execution of their own, at a price. */
function stake(book: GroupBook, lots: Lots, price: string): BookedFill {
  const fixed = BigInt(lots) * book.lot;
  const quantity = fromFixedPoint(fixed);
  return { execId: null, lots, quantity, price, fixed, amount: fixed * toFixedPoint(price), onLot: true };
}

/** The price of the missing lots follows from the venue's average over all; without one, the order's own price. */
function impliedFill(book: GroupBook, row: OrderRow, finding: Finding, lots: Lots): BookedFill {
  const fixed = BigInt(lots) * book.lot;
  const rest =
    finding.avgPx === null ? 0n : toFixedPoint(finding.avgPx) * toFixedPoint(finding.cumQty) - row.amount;
  const price = rest > 0n ? averagePrice(rest, fixed) : null;
  row.impliedPrice = price ?? priceOf(row);
  return stake(book, lots, row.impliedPrice);
}

/** Everything that an order has filled, exactly. */
function whole(row: OrderRow, lots: Lots): BookedFill {
  const { quantityFilled: fixed, amount } = row;
  const quantity = fromFixedPoint(fixed);
  return { execId: null, lots, quantity, price: priceOf(row), fixed, amount, onLot: true };
}

/** What a report takes back, by the table's own count: busts, corrections, stand-ins replaced by their executions. */
function reversal(
  book: GroupBook,
  row: OrderRow,
  next: OrderState,
  report: Report,
  fill: BookedFill | null,
): BookedFill | null {
  const lots = row.filled + (fill?.lots ?? 0) - (next.cumQty + next.missingQty);
  if (lots <= 0) return null;
  if (report.type === 'TRADE') return stake(book, lots, row.impliedPrice ?? priceOf(row));
  if (lots === row.filled && fill === null) return whole(row, lots);
  return stake(book, lots, (report.type === 'TRADE_CANCEL' ? report.price : undefined) ?? priceOf(row));
}

/** The one place where an order's contribution to its group's totals changes. */
function count(book: GroupBook, row: OrderRow, leaves: Lots, unknown: Lots): void {
  book.leaves += leaves - row.leaves;
  book.unknown += unknown - row.unknown;
  row.leaves = leaves;
  row.unknown = unknown;
}

function addFill(book: GroupBook, row: OrderRow, fill: BookedFill, sign: 1 | -1): void {
  const amount = sign === 1 ? fill.amount : -fill.amount;
  const fixed = sign === 1 ? fill.fixed : -fill.fixed;
  row.filled += sign * fill.lots;
  row.amount += amount;
  row.quantityFilled += fixed;
  book.filled += sign * fill.lots;
  book.amount += amount;
  book.quantity += fixed;
  const tally = book.slots?.get(row.slot);
  if (tally !== undefined) tally.filled += sign * fill.lots;
}

function outcomeOf(state: OrderState): OrderOutcome {
  const status = state.ordStatus;
  if (status === 'FILLED' || status === 'REJECTED' || status === 'CANCELED') return status;
  return 'EXPIRED';
}

/** Takes over the order's next state: fills, contributions, open or ended. */
function settle(
  book: GroupBook,
  row: OrderRow,
  next: OrderState,
  found: Pick<Applied, 'accepted' | 'fill' | 'reversed'>,
): Applied {
  const before = row.state;
  const wasEnded = row.phase === 'ENDED';
  row.state = next;
  if (found.reversed !== null) addFill(book, row, found.reversed, -1);
  if (found.fill !== null) addFill(book, row, found.fill, 1);
  const isLost = isUnknown(next);
  const isOver = !isLost && isTerminal(next);
  count(book, row, isOver || isLost ? 0 : next.leavesQty, isLost ? next.leavesQty : 0);
  if (isOver && !wasEnded) {
    row.phase = 'ENDED';
    book.open.delete(row.clientOrderId);
    book.ended.set(row);
    setLive(book, row, false);
  } else if (!isOver && wasEnded) {
    // A bust gave a filled order leaves again, or the venue knows what was taken for absent: it works on there.
    row.phase = 'SENT';
    row.cancelRequested = false;
    book.ended.delete(row.clientOrderId);
    book.open.set(row.clientOrderId, row);
    setLive(book, row, true);
  }
  const turned = isUnknown(before) === isLost ? null : isLost ? 'BEGAN' : 'RESOLVED';
  return {
    accepted: found.accepted,
    acked: next.acked && !before.acked,
    fill: found.fill,
    reversed: found.reversed,
    late: wasEnded,
    reopened: wasEnded && !isOver,
    ended: isOver && !wasEnded ? outcomeOf(next) : null,
    unknown: turned,
  };
}
