/**
 * Reconciliation: the venue's listing against our belief (I35: where both agree nothing happens).
 *
 * Owns when venues are asked, what of a listing is news, and what follows from it: a missed fill is booked by its
 * execution id, a listed order is taken as the venue's word, one that is missing is asked about (absence from a list
 * proves nothing, I4), somebody else's is told once and left alone. And whether a venue can be reached: while it
 * cannot, nothing opens there; its return begins with a reconciliation. How a fill or an answer is booked is
 * orders.ts's.
 */
import type { OrderRow } from '../book/book.js';
import { toFixedPoint } from '../dtos/amount.js';
import type { AccountReport, OpenOrder, Report } from '../dtos/venue.js';
import { hasExecution } from '../machines/order/index.js';
import type { Fold } from './fold.js';
import { compareHoldings } from './holdings.js';
import type { Input } from './inputs.js';
import { onStatus } from './order-fate.js';
import { originAfter } from './old-fills.js';
import { askCancel, askQuery, query } from './orders.js';
import { resumeOrders } from './recovery.js';
import { type GroupRow, groupOfOrder, type World } from './world.js';

type Listing = Extract<AccountReport, { readonly type: 'MASS_STATUS' }>;
type Account = Extract<Input, { readonly k: 'account' }>;

const TIMER = 'r:';
/** Executions are asked for from so long before the last listing: a venue's lists may lag behind its reports. */
const OVERLAP_MS = 60_000;
/** Foreign orders and the like that are remembered as told. */
const TOLD_MAX = 65_536;

/** Asks every venue, or one; a venue that lists nothing is asked order by order, and any about what is escalated. */
export function reconcile(world: World, fold: Fold, only?: string): void {
  const { venues } = world;
  for (const venue of venues.lists) if (only === undefined || only === venue) list(world, fold, venue);
  for (const group of world.groups.values()) {
    if (only !== undefined && only !== group.venue) continue;
    const isListed = venues.lists.includes(group.venue);
    for (const row of group.book.open.values()) {
      if (row.escalated) askQuery(fold, group, row);
      else if (!isListed && isQuiet(row)) query(world, fold, group, row);
    }
  }
}

/** Open as far as we know, with no question about it under way: that would have a deadline. */
const isQuiet = (row: OrderRow): boolean =>
  row.phase === 'SENT' && row.state.acked && !row.state.unknown && !row.cancelRequested && row.gen === 0;

function list({ venues }: World, fold: Fold, venue: string): void {
  const last = venues.listed.get(venue);
  const since = last === undefined ? venues.openedAt : Math.max(venues.openedAt, last - OVERLAP_MS);
  fold.stage({ type: 'LIST', key: `${TIMER}${venue}`, venue, since });
}

/** The first reconciliation of an epoch, and the timer of the others. */
export function beginReconciling(world: World, fold: Fold, isRestart: boolean): void {
  const { reconcileMs } = world.rules;
  if (isRestart || reconcileMs > 0) for (const venue of world.venues.lists) list(world, fold, venue);
  armTimer(world, fold);
}

function armTimer(world: World, fold: Fold): void {
  const { reconcileMs } = world.rules;
  if (reconcileMs > 0) world.venues.gen = fold.arm(TIMER, fold.now + reconcileMs);
}

/** The timer of all, or of one venue that came back and has not answered. */
export function onReconcileDue(world: World, fold: Fold, venue: string, gen: number): void {
  if (venue === '') {
    if (gen !== world.venues.gen) return;
    reconcile(world, fold);
    armTimer(world, fold);
  } else if (world.venues.down.get(venue) === 'RECONCILING') comeBack(world, fold, venue);
}

function comeBack(world: World, fold: Fold, venue: string): void {
  list(world, fold, venue);
  fold.arm(`${TIMER}${venue}`, fold.now + world.rules.ackTimeoutMs);
}

export function onConnection(
  world: World,
  fold: Fold,
  venue: string,
  state: 'UP' | 'DOWN',
  reason = '',
): void {
  const { down, lists } = world.venues;
  const was = down.get(venue);
  if (state === 'DOWN') {
    if (was === 'DOWN') return;
    down.set(venue, 'DOWN');
    fold.stage({ type: 'DISARM', key: `${TIMER}${venue}` });
    fold.because(fold.emit('VENUE_DOWN', {}, { venue, reason }));
    const message = `${venue} cannot be reached${reason === '' ? '' : `: ${reason}`}`;
    fold.emit('ALERT', {}, { code: 'VENUE_DOWN', message });
    return;
  }
  if (was === undefined) return reconcile(world, fold, venue);
  if (was === 'RECONCILING') return;
  fold.because(fold.emit('VENUE_UP', {}, { venue }));
  if (lists.includes(venue)) {
    down.set(venue, 'RECONCILING');
    comeBack(world, fold, venue);
  } else down.delete(venue);
  resumeOrders(world, fold, venue);
}

const rowOf = (group: GroupRow | undefined, clientOrderId: string): OrderRow | undefined =>
  group?.book.open.get(clientOrderId) ?? group?.book.ended.peek(clientOrderId);

/** The input of a listing, with what is news in it and what it lacks; read before the fold, and journaled with it. */
export function newsOf(world: World, input: Account): Account {
  if (input.report.type !== 'MASS_STATUS') return input;
  const { venue, report } = input;
  const listed = new Set<string>();
  const orders = report.orders.filter((order) => {
    if (order.clientOrderId !== null) listed.add(order.clientOrderId);
    return isNews(world, venue, order);
  });
  const fills = report.fills.filter(
    (fill) => !isBooked(world, fill) && !world.venues.told.has(toldFill(venue, fill.execId)),
  );
  return {
    ...input,
    report: { ...report, orders, fills },
    absent: absentOf(world, venue, listed, report.at),
  };
}

function isNews(world: World, venue: string, order: OpenOrder): boolean {
  const { clientOrderId, connectorOrderId, cumQty } = order;
  const row = clientOrderId === null ? undefined : rowOf(groupOfOrder(world, clientOrderId), clientOrderId);
  if (row === undefined) return !world.venues.told.has(toldOrder(venue, connectorOrderId));
  if (row.phase === 'ENDED') return !world.venues.told.has(toldEnded(venue, connectorOrderId));
  return row.state.unknown || !row.state.acked || toFixedPoint(cumQty) > row.quantityFilled;
}

function isBooked(world: World, { clientOrderId, execId }: Listing['fills'][number]): boolean {
  const row = rowOf(groupOfOrder(world, clientOrderId), clientOrderId);
  return row !== undefined && hasExecution(row.state.execs, execId);
}

function absentOf(world: World, venue: string, listed: ReadonlySet<string>, at: number): string[] {
  const absent: string[] = [];
  for (const group of world.groups.values()) {
    if (group.venue !== venue) continue;
    for (const [id, row] of group.book.open)
      if (isQuiet(row) && row.sentAt < at && !listed.has(id)) absent.push(id);
  }
  return absent;
}

const toldOrder = (venue: string, id: string): string => `o ${venue} ${id}`;
const toldFill = (venue: string, id: string): string => `x ${venue} ${id}`;
const toldListed = (venue: string, id: string): string => `l ${venue} ${id}`;
const toldEnded = (venue: string, id: string): string => `e ${venue} ${id}`;

/** True the first time. */
function tellOnce({ venues: { told } }: World, key: string): boolean {
  if (told.has(key)) return false;
  told.add(key);
  if (told.size > TOLD_MAX) {
    const oldest = told.values().next();
    if (!oldest.done) told.delete(oldest.value);
  }
  return true;
}

/** Takes a listing. `book`: a report of an order that is ours, or was. */
export function onListing(
  world: World,
  fold: Fold,
  { venue, absent = [], origins = {} }: Account,
  { at, orders, fills, balances }: Listing,
  book: (report: Report, origin: NonNullable<Account['origins']>[string] | undefined) => void,
): void {
  const { venues } = world;
  if (fills.length + orders.length + absent.length > 0) {
    const counts = { fills: fills.length, orders: orders.length, absent: absent.length };
    fold.because(fold.emit('RECONCILED', {}, { venue, ...counts }));
  }
  const known = new Map(Object.entries(origins));
  for (const fill of fills) {
    const { clientOrderId, execId, quantity } = fill;
    const isOurs = rowOf(groupOfOrder(world, clientOrderId), clientOrderId) !== undefined;
    const origin = known.get(clientOrderId);
    if (isOurs || origin !== undefined) {
      const seen = fold.events.length;
      book(fill, origin);
      // Its group's next fill finds what this one has left of the target.
      for (const [id, other] of known) known.set(id, originAfter(other, id, fold.events.slice(seen)));
    } else if (tellOnce(world, toldFill(venue, execId)))
      fold.emit('EXTERNAL', {}, { venue, kind: 'FILL', id: execId, symbol: null, side: null, quantity });
  }
  for (const order of orders) onListed(world, fold, venue, order, at);
  for (const id of absent) {
    const group = groupOfOrder(world, id);
    const row = group?.book.open.get(id);
    if (group !== undefined && row !== undefined && isQuiet(row)) query(world, fold, group, row);
  }
  if (balances !== null) compareHoldings(world, fold, venue, at, balances);
  venues.listed.set(venue, Math.max(at, venues.listed.get(venue) ?? 0));
  if (venues.down.get(venue) !== 'RECONCILING') return;
  venues.down.delete(venue);
  fold.stage({ type: 'DISARM', key: `${TIMER}${venue}` });
}

function onListed(world: World, fold: Fold, venue: string, order: OpenOrder, at: number): void {
  const { clientOrderId, connectorOrderId: id, symbol, side, quantity, cumQty, avgPx } = order;
  const group = clientOrderId === null ? undefined : groupOfOrder(world, clientOrderId);
  const row = rowOf(group, clientOrderId ?? '');
  if (group === undefined || row === undefined || clientOrderId === null) {
    if (tellOnce(world, toldOrder(venue, id)))
      fold.emit('EXTERNAL', {}, { venue, kind: 'ORDER', id, symbol, side, quantity });
    return;
  }
  if (row.phase === 'ENDED') return onListedEnded(world, fold, venue, { group, row, id });
  if (
    row.sentAt > at ||
    (toFixedPoint(cumQty) <= row.quantityFilled && row.state.acked && !row.state.unknown)
  )
    return;
  const status = toFixedPoint(cumQty) > 0n ? 'PARTIALLY_FILLED' : 'NEW';
  onStatus(world, fold, group, row, {
    ...{ type: 'STATUS', clientOrderId, connectorOrderId: id, at, status, cumQty, avgPx },
  });
}

/** Open there, over here. Once that may be an old list, so the venue is asked; twice it is a contradiction. */
function onListedEnded(
  world: World,
  fold: Fold,
  venue: string,
  { group, row, id }: { readonly group: GroupRow; readonly row: OrderRow; readonly id: string },
): void {
  if (tellOnce(world, toldListed(venue, id))) return askQuery(fold, group, row);
  if (!tellOnce(world, toldEnded(venue, id))) return;
  const ref = { batchId: group.batch.id, groupId: group.id, orderId: row.orderId };
  const what = `${row.clientOrderId} is open at ${venue}, and ${row.state.ordStatus} here; it is canceled`;
  fold.emit('INCIDENT', ref, { what });
  fold.emit('ALERT', ref, { code: 'INCIDENT', message: what });
  askCancel(fold, group, row);
}
