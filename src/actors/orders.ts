/**
 * The order gateway, inside the fold: the one gate, and every request that goes out through it.
 *
 * Owns: whether an order may go out (I5, kill, holds), its reservation and intent, cancels and queries, places that
 * are dropped. What the venue answers, and what becomes of an order, is order-fate.ts's; what is done after the
 * commit stands in gateway.ts. Never decides when a group plans or settles.
 */
import {
  exceedsTarget,
  type NewOrder,
  type OrderRow,
  quantityOf,
  release,
  requestCancel,
  reserve,
} from '../book/book.js';
import type { PlaceOrder } from '../dtos/venue.js';
import type { Block } from '../machines/group-model.js';
import type { PlannedOrder } from '../strategies/index.js';
import { refOf } from './contradiction.js';
import { heldBy } from './fills.js';
import type { Fold } from './fold.js';
import { holdsBack } from './holds.js';
import { clientOrderIdOf, type GroupRow, isKilled, type World } from './world.js';

const deadlineOf = (row: OrderRow): string => `o:${row.clientOrderId}`;

export function arm(fold: Fold, row: OrderRow, at: number): void {
  row.gen = fold.arm(deadlineOf(row), at);
}

export function disarm(fold: Fold, row: OrderRow): void {
  if (row.gen === 0) return;
  row.gen = 0;
  fold.stage({ type: 'DISARM', key: deadlineOf(row) });
}

/** STOP: it will not go out. DEFER: not now. */
export interface Blocked {
  readonly block: Block;
  readonly reason: string;
}

/** The gate, for an order of `quantity` lots that was planned. Null: it may go out. */
export function gate(world: World, now: number, group: GroupRow, quantity: number): Blocked | null {
  if (group.stopping || (group.role === 'LEG' && group.batch.stopping))
    return { block: 'DEFER', reason: 'stopping' };
  if (isKilled(world, group)) return { block: 'STOP', reason: 'killed' };
  if (world.venues.down.has(group.venue)) return { block: 'DEFER', reason: 'venue down' };
  if (isOverdue(group, now)) return { block: 'DEFER', reason: 'after the batch deadline' };
  if (exceedsTarget(group.book, quantity, group.target ?? 0))
    return { block: 'STOP', reason: 'exceeds target (I5)' };
  if (exceedsHolding(world, group, quantity)) return { block: 'DEFER', reason: 'exceeds the position' };
  const held = holdsBack(world, now, group);
  return held === null ? null : { block: 'DEFER', reason: held };
}

/** The gate once more, for an order that waits for a retry, and whose room is reserved. Null: it may go out. */
export function retryGate(world: World, now: number, group: GroupRow): Blocked | null {
  if (
    group.stopping ||
    (group.role === 'LEG' && group.batch.stopping) ||
    isOverdue(group, now) ||
    isKilled(world, group)
  )
    return { block: 'STOP', reason: 'stopped while it waited for a retry' };
  if (exceedsHolding(world, group, 0)) return { block: 'STOP', reason: 'exceeds the position' };
  if (outgrew(group)) return { block: 'STOP', reason: 'exceeds target (I5)' };
  const held = world.venues.down.has(group.venue) ? 'venue down' : holdsBack(world, now, group);
  return held === null ? null : { block: 'DEFER', reason: held };
}

/** Its batch's time is over, though the deadline may still wait to be folded: nothing of a leg opens (I19). */
export const isOverdue = ({ role, batch: { timeoutAt } }: GroupRow, now: number): boolean =>
  role === 'LEG' && timeoutAt !== null && now > timeoutAt;

/** A protection never has more at the venue than its trade holds; `quantity` lots beside what is open. */
export function exceedsHolding(world: World, group: GroupRow, quantity: number): boolean {
  const { leaves, unknown, lot } = group.book;
  return group.role === 'PROTECTION' && BigInt(leaves + unknown + quantity) * lot > heldBy(world, group);
}

/** A late fill, or an amend, has taken the room that was reserved: counted at every send, not only the first (I5). */
export const outgrew = ({ book, cap, target }: GroupRow): boolean =>
  exceedsTarget(book, 0, Math.min(cap, target ?? 0));

/** A planned order: through the gate, reserved, journaled as intent, staged for after the commit (I2). False: blocked. */
export function place(
  world: World,
  fold: Fold,
  group: GroupRow,
  slot: number,
  planned: PlannedOrder,
): boolean {
  const blocked = gate(world, fold.now, group, planned.quantity);
  if (blocked !== null) {
    fold.emit('ORDER_BLOCKED', { batchId: group.batch.id, groupId: group.id }, blocked);
    fold.tellGroup(group, { type: 'ORDER_BLOCKED', block: blocked.block });
    return false;
  }
  const wire = wireOf(group, clientOrderIdOf(group, slot, 0), planned);
  const order = newOrder(world, fold, group, { slot, attempt: 0, quantity: planned.quantity, wire });
  send(world, fold, group, reserve(group.book, order, 'SENT'));
  return true;
}

const wireOf = (group: GroupRow, clientOrderId: string, planned: PlannedOrder): PlaceOrder => ({
  clientOrderId,
  symbol: group.symbol,
  side: group.side,
  orderType: planned.orderType,
  timeInForce: planned.timeInForce,
  quantity: quantityOf(group.book, planned.quantity),
  price: planned.price,
  stopPrice: planned.stopPrice,
  postOnly: planned.postOnly,
  reduceOnly: planned.reduceOnly || group.closes || group.role === 'UNWIND',
  ...(planned.displayQuantity === undefined
    ? {}
    : { displayQuantity: quantityOf(group.book, planned.displayQuantity) }),
});

export function newOrder(
  world: World,
  fold: Fold,
  group: GroupRow,
  { slot, attempt, quantity, wire }: Pick<NewOrder, 'slot' | 'attempt' | 'quantity' | 'wire'>,
): NewOrder {
  const { clientOrderId } = wire;
  const orderId = world.minter.mint('ORD', fold.now);
  group.orderIds.push(orderId);
  return { clientOrderId, orderId, slot, attempt, wire, quantity, createdAt: fold.now };
}

/** Journals the intent and stages the place. */
export function send(world: World, fold: Fold, group: GroupRow, row: OrderRow): void {
  const { slot, attempt, wire } = row;
  row.sentAt = fold.now;
  fold.emit('ORDER_INTENT', refOf(group, row), { slot, attempt, ...wire });
  stagePlace(world, fold, group, row);
}

export function stagePlace(world: World, fold: Fold, group: GroupRow, row: OrderRow): void {
  fold.stagePlace({ type: 'PLACE', key: row.clientOrderId, venue: group.venue, order: row.wire, group, row });
  arm(fold, row, fold.now + world.rules.ackTimeoutMs);
}

/** Drops the staged places of groups and batches that decided to stop within this fold: NOT_SENT. */
export function filterPlaces(fold: Fold): boolean {
  const dropped = fold.dropPlaces(
    ({ group }) => group.stopping || (group.role === 'LEG' && group.batch.stopping),
  );
  for (const { group, row } of dropped) notSent(fold, group, row, 'stopped before it was sent');
  return dropped.length > 0;
}

export function notSent(fold: Fold, group: GroupRow, row: OrderRow, reason: string): void {
  release(group.book, row);
  fold.noteEnded(group.book);
  disarm(fold, row);
  fold.emit('ORDER_NOT_SENT', refOf(group, row), { clientOrderId: row.clientOrderId, reason });
  fold.tellGroup(group, { type: 'ORDER_ENDED', outcome: 'NOT_SENT' });
}

/** Asks the venue to cancel everything open; what waits for a retry is dropped at once. */
export function cancelAll(world: World, fold: Fold, group: GroupRow): void {
  for (const row of [...group.book.open.values()]) {
    if (row.phase === 'WAITING') notSent(fold, group, row, 'stopped while it waited for a retry');
    else if (!row.cancelRequested && !fold.isStaged(row.clientOrderId)) {
      row.queries = 0; // a new wish, a new round of questions
      cancel(world, fold, group, row);
    }
  }
}

export function cancel(world: World, fold: Fold, group: GroupRow, row: OrderRow): void {
  requestCancel(row);
  fold.emit('ORDER_CANCEL_REQUESTED', refOf(group, row), { clientOrderId: row.clientOrderId });
  fold.stage({
    type: 'CANCEL',
    key: `${row.clientOrderId}/c`,
    venue: group.venue,
    clientOrderId: row.clientOrderId,
  });
  arm(fold, row, fold.now + world.rules.ackTimeoutMs);
}

/** Stages the question, and no more. */
export function askQuery(fold: Fold, group: GroupRow, { clientOrderId, queries }: OrderRow): void {
  const key = `${clientOrderId}/q${queries}`;
  fold.stage({ type: 'QUERY', key, venue: group.venue, clientOrderId });
}

/** Stages a cancel that is asked for once more. */
export function askCancel(fold: Fold, group: GroupRow, { clientOrderId, queries }: OrderRow): void {
  const key = `${clientOrderId}/c${queries}`;
  fold.stage({ type: 'CANCEL', key, venue: group.venue, clientOrderId });
}

export function query(world: World, fold: Fold, group: GroupRow, row: OrderRow): void {
  row.queries += 1;
  askQuery(fold, group, row);
  arm(fold, row, fold.now + world.rules.ackTimeoutMs);
}
