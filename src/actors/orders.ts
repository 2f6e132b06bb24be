/**
 * The order gateway, inside the fold: the one gate, every venue report, and the fate of every order.
 *
 * Owns: whether an order may go out (I5, kill, holds), booking what the venue says before any machine hears of it,
 * UNKNOWN and how it resolves (I4: never by a timer, never by one "not found"), retries by platform.yaml (decision
 * 13). What is done after the commit stands in gateway.ts. Never decides when a group plans or settles.
 */
import {
  type Applied,
  applyFinding,
  applyReport,
  exceedsTarget,
  type Finding,
  markUnknown,
  type NewOrder,
  type OrderRow,
  quantityOf,
  release,
  requestCancel,
  reserve,
  resend,
} from '../book/book.js';
import type { PlaceOrder, Report } from '../dtos/venue.js';
import type { Block } from '../machines/group-model.js';
import { type PlannedOrder, strategyOf } from '../strategies/index.js';
import { bookFill, heldBy, reverseFill } from './fills.js';
import type { Fold } from './fold.js';
import { holdsBack } from './holds.js';
import { clientOrderIdOf, type GroupRow, isKilled, orderOf, type World } from './world.js';

/** Questions about one order before a person has to settle it. */
const QUERIES_MAX = 10;
/** How often a venue has to deny an order before it is absent. */
const NOT_FOUND_PROOF = 2;

const refOf = (group: GroupRow, row: OrderRow) => ({
  batchId: group.batch.id,
  groupId: group.id,
  orderId: row.orderId,
});
const deadlineOf = (row: OrderRow): string => `o:${row.clientOrderId}`;

function arm(fold: Fold, row: OrderRow, at: number): void {
  row.gen = fold.arm(deadlineOf(row), at);
}

function disarm(fold: Fold, row: OrderRow): void {
  if (row.gen === 0) return;
  row.gen = 0;
  fold.stage({ type: 'DISARM', key: deadlineOf(row) });
}

const retryDelay = (world: World, n: number): number => {
  const delays = world.rules.retryDelaysMs;
  return delays[Math.min(n, delays.length - 1)] ?? 1000;
};

/** The gate. Null: the order may go out. */
function gate(
  world: World,
  now: number,
  group: GroupRow,
  quantity: number,
): { block: Block; reason: string } | null {
  if (group.stopping || (group.role === 'LEG' && group.batch.stopping))
    return { block: 'DEFER', reason: 'stopping' };
  if (isKilled(world, group)) return { block: 'STOP', reason: 'killed' };
  if (exceedsTarget(group.book, quantity, group.target ?? 0))
    return { block: 'STOP', reason: 'exceeds target (I5)' };
  if (group.role === 'PROTECTION' && exceedsHolding(world, group, quantity))
    return { block: 'DEFER', reason: 'exceeds the position' };
  const held = holdsBack(world, now, group);
  return held === null ? null : { block: 'DEFER', reason: held };
}

/** A protection never has more at the venue than its trade holds. */
function exceedsHolding(world: World, group: GroupRow, quantity: number): boolean {
  const { leaves, unknown, lot } = group.book;
  return BigInt(leaves + unknown + quantity) * lot > heldBy(world, group);
}

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

function newOrder(
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
function send(world: World, fold: Fold, group: GroupRow, row: OrderRow): void {
  const { slot, attempt, wire } = row;
  row.sentAt = fold.now;
  fold.emit('ORDER_INTENT', refOf(group, row), { slot, attempt, ...wire });
  stagePlace(world, fold, group, row);
}

function stagePlace(world: World, fold: Fold, group: GroupRow, row: OrderRow): void {
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

function cancel(world: World, fold: Fold, group: GroupRow, row: OrderRow): void {
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

function query(world: World, fold: Fold, group: GroupRow, row: OrderRow): void {
  const { clientOrderId } = row;
  row.queries += 1;
  fold.stage({ type: 'QUERY', key: `${clientOrderId}/q${row.queries}`, venue: group.venue, clientOrderId });
  arm(fold, row, fold.now + world.rules.ackTimeoutMs);
}

/** A venue's report about an order of a group that is still held. */
export function onReport(world: World, fold: Fold, group: GroupRow, row: OrderRow, report: Report): void {
  if (report.type === 'NOT_FOUND') return onNotFound(world, fold, group, row);
  if (report.type === 'NO_ANSWER') return onNoAnswer(world, fold, group, row, report);
  if (report.type === 'STATUS') return onStatus(world, fold, group, row, report);
  const before = noted(row, report);
  const applied = applyReport(group.book, row, report);
  if (applied === null) return;
  noteContradiction(fold, group, row, before);
  if (report.type === 'CANCEL_REJECTED') onCancelRejected(world, fold, group, row, report.reason);
  const reason = 'reason' in report ? report.reason : undefined;
  onApplied(world, fold, group, row, applied, {
    report,
    by: 'venue',
    ...(reason === undefined ? {} : { reason }),
    retryable: report.type === 'REJECTED' && report.retryable === true,
  });
}

/** Something happened to the order, and the report does not say what: the venue is asked. */
export function onMalformed(world: World, fold: Fold, group: GroupRow, row: OrderRow, what: string): void {
  const message = `${row.clientOrderId}: ${what}`;
  fold.emit('INCIDENT', refOf(group, row), { what: message });
  fold.emit('ALERT', refOf(group, row), { code: 'INCIDENT', message });
  if (row.phase === 'SENT') query(world, fold, group, row);
}

/** What was held of an order before a report of it. */
const noted = ({ phase, filled, state }: OrderRow, report: Report) => ({
  report,
  ended: phase === 'ENDED',
  filled,
  ordStatus: state.ordStatus,
});

/** The venue's word against a verdict: it is booked all the same, and a person has to look (DESIGN section 4). */
function noteContradiction(
  fold: Fold,
  group: GroupRow,
  row: OrderRow,
  before: ReturnType<typeof noted>,
): void {
  if (!before.ended || row.resolvedBy === null) return;
  const { type } = before.report;
  const ends = type === 'CANCELED' || type === 'EXPIRED' || type === 'REJECTED';
  const agrees = row.filled === before.filled && row.state.ordStatus === before.ordStatus;
  if (agrees && !(ends && before.ordStatus === 'FILLED')) return;
  const what = `${type} of ${row.clientOrderId} contradicts ${before.ordStatus}, established by ${row.resolvedBy}`;
  fold.emit('INCIDENT', refOf(group, row), { what });
  fold.emit('ALERT', refOf(group, row), { code: 'INCIDENT', message: what });
}

interface Origin {
  readonly report: Report | null;
  readonly by: string;
  readonly reason?: string;
  readonly evidence?: string;
  readonly retryable: boolean;
}

/** What follows from a change of an order, in the order in which it is journaled. */
function onApplied(
  world: World,
  fold: Fold,
  group: GroupRow,
  row: OrderRow,
  applied: Applied,
  origin: Origin,
): void {
  const ref = refOf(group, row);
  if (applied.accepted) onAccepted(world, fold, group, row, applied.acked);
  if (applied.reversed !== null) reverseFill(world, fold, group, row, applied.reversed, origin.report);
  if (applied.fill !== null)
    bookFill(world, fold, group, row, applied.fill, { report: origin.report, late: applied.late });
  if (applied.unknown === 'RESOLVED') onResolved(fold, group, row, origin);
  if (applied.unknown === 'BEGAN') onUnknown(world, fold, group, row, origin.reason ?? 'no answer in time');
  const { clientOrderId } = row;
  if (applied.ended !== null) {
    disarm(fold, row);
    if (applied.ended === 'REJECTED') group.rejectDetail = origin.reason ?? null;
    const filledQuantity = quantityOf(group.book, row.filled);
    const status = row.state.ordStatus;
    const { reason } = origin;
    const payload = { clientOrderId, status, filledQuantity };
    fold.emit('ORDER_ENDED', ref, reason === undefined ? payload : { ...payload, reason });
    if (applied.ended === 'REJECTED' && origin.retryable && retry(world, fold, group, row)) return;
    fold.tellGroup(group, { type: 'ORDER_ENDED', outcome: applied.ended });
  } else if (applied.fill !== null && group.target !== null && group.book.filled >= group.target) {
    fold.tellGroup(group, { type: 'TARGET_REACHED' });
  } else if (applied.unknown !== null) {
    fold.tellGroup(group, { type: 'UNKNOWN_CHANGED' });
  } else if (applied.fill !== null && strategyOf(group.strategy).asksOnFill === true) {
    fold.tellGroup(group, { type: 'ORDER_FILLED' });
  }
  // An order found open after all, or acknowledged after its cancel had overtaken it: who wants it gone asks again,
  // now or when a cancel on its way stays unanswered.
  if ((applied.unknown === 'RESOLVED' || applied.reopened || applied.acked) && row.phase === 'SENT') {
    if (row.cancelRequested) arm(fold, row, fold.now + world.rules.ackTimeoutMs);
    else if (isUnwanted(group, row)) cancel(world, fold, group, row);
  }
}

const isUnwanted = (group: GroupRow, row: OrderRow): boolean => group.stopping || row.unwanted;

function onAccepted(world: World, fold: Fold, group: GroupRow, row: OrderRow, isFirst: boolean): void {
  row.queries = 0;
  row.notFound = 0;
  if (!row.cancelRequested) disarm(fold, row);
  if (row.connectorOrderId !== null) group.connectorIds.push(row.connectorOrderId);
  const { clientOrderId, connectorOrderId } = row;
  fold.emit('ORDER_ACCEPTED', refOf(group, row), { clientOrderId, connectorOrderId });
  const took = fold.now - row.sentAt;
  if (isFirst && took > world.rules.slowMs) {
    const message = `${clientOrderId} was acknowledged after ${took} ms`;
    fold.emit('ALERT', refOf(group, row), { code: 'SLOW_EXECUTION', message });
  }
}

function onUnknown(world: World, fold: Fold, group: GroupRow, row: OrderRow, reason: string): void {
  const { batch } = group;
  group.unknownOrders += 1;
  if (group.role !== 'PROTECTION') {
    batch.unknownOrders += 1;
    batch.unknownSince ??= fold.now;
  }
  fold.emit('ORDER_UNKNOWN', refOf(group, row), { clientOrderId: row.clientOrderId, reason });
  if (row.queries < QUERIES_MAX) query(world, fold, group, row);
}

function onResolved(fold: Fold, group: GroupRow, row: OrderRow, origin: Origin): void {
  const { batch } = group;
  const { clientOrderId } = row;
  group.unknownOrders -= 1;
  if (group.role !== 'PROTECTION') batch.unknownOrders -= 1;
  if (batch.unknownOrders === 0) batch.unknownSince = null;
  batch.escalated = batch.escalated.filter((orderId) => orderId !== row.orderId);
  row.escalated = false;
  row.queries = 0;
  disarm(fold, row);
  const evidence = origin.evidence === undefined ? {} : { evidence: origin.evidence };
  fold.emit('ORDER_RESOLVED', refOf(group, row), {
    clientOrderId,
    status: row.state.ordStatus,
    by: origin.by,
    ...evidence,
  });
}

/** A refusal for a passing cause: the slot is tried again after the back-off, under a new id (no such order exists). */
function retry(world: World, fold: Fold, group: GroupRow, row: OrderRow): boolean {
  if (row.attempt >= world.rules.maxRetries || group.stopping || group.settled || isKilled(world, group))
    return false;
  const { slot, quantity } = row;
  const attempt = row.attempt + 1;
  const wire = { ...row.wire, clientOrderId: clientOrderIdOf(group, slot, attempt) };
  const next = newOrder(world, fold, group, { slot, attempt, quantity, wire });
  arm(fold, reserve(group.book, next, 'WAITING'), fold.now + retryDelay(world, row.attempt));
  return true;
}

function onCancelRejected(world: World, fold: Fold, group: GroupRow, row: OrderRow, reason: string): void {
  fold.emit('ORDER_CANCEL_REJECTED', refOf(group, row), { clientOrderId: row.clientOrderId, reason });
  if (row.phase === 'SENT') query(world, fold, group, row);
}

function onNoAnswer(
  world: World,
  fold: Fold,
  group: GroupRow,
  row: OrderRow,
  report: Extract<Report, { type: 'NO_ANSWER' }>,
): void {
  if (report.request !== 'PLACE') return; // a cancel or query without an answer is asked again at its deadline
  lose(world, fold, group, row, report.reason);
}

function lose(world: World, fold: Fold, group: GroupRow, row: OrderRow, reason: string): void {
  const applied = markUnknown(group.book, row);
  if (applied !== null)
    onApplied(world, fold, group, row, applied, { report: null, by: 'runtime', reason, retryable: false });
}

function onStatus(
  world: World,
  fold: Fold,
  group: GroupRow,
  row: OrderRow,
  finding: Extract<Report, { type: 'STATUS' }>,
): void {
  row.notFound = 0;
  row.connectorOrderId ??= finding.connectorOrderId ?? null;
  const before = noted(row, finding);
  const applied = applyFinding(group.book, row, finding);
  if (applied !== null) {
    noteContradiction(fold, group, row, before);
    onApplied(world, fold, group, row, applied, { report: null, by: 'venue', retryable: false });
  }
  if (row.phase !== 'SENT' || row.state.unknown || row.cancelRequested) return; // its deadline asks again
  if (isUnwanted(group, row)) arm(fold, row, fold.now + retryDelay(world, row.queries));
  else disarm(fold, row);
}

/**
 * "Not found" proves absence only when said twice after the place can surely not arrive any more (I4): its validity
 * and as much again as a margin. A venue without such a bound never proves it: the order ends ESCALATED.
 */
function onNotFound(world: World, fold: Fold, group: GroupRow, row: OrderRow): void {
  const validity = group.facts.placeValidityMs;
  if (row.phase !== 'SENT' || row.filled > 0 || row.state.acked || validity === null) return;
  const provableAt = row.sentAt + 2 * validity;
  if (fold.now < provableAt) return arm(fold, row, provableAt);
  row.notFound += 1;
  if (row.notFound < NOT_FOUND_PROOF) return arm(fold, row, fold.now + retryDelay(world, row.notFound - 1));
  absent(world, fold, group, row);
}

/** The venue never took it. It may go out again, same id and bytes (I2), while the platform's retries last. */
function absent(world: World, fold: Fold, group: GroupRow, row: OrderRow): void {
  const again =
    row.resends < world.rules.maxRetries && !group.stopping && !group.settled && !isKilled(world, group);
  if (!again) {
    const finding: Finding = { status: 'REJECTED', cumQty: '0', avgPx: null };
    const applied = applyFinding(group.book, row, finding);
    const reason = 'the venue never took the order';
    row.resolvedBy = 'runtime';
    if (applied !== null)
      onApplied(world, fold, group, row, applied, { report: null, by: 'venue', reason, retryable: false });
    return;
  }
  const wasUnknown = row.state.unknown;
  resend(group.book, row);
  if (wasUnknown) onResolved(fold, group, row, { report: null, by: 'venue', retryable: false });
  row.phase = 'WAITING';
  sendAgain(world, fold, group, row);
}

/** An order's own deadline: no acknowledgement, no answer, or a back-off that is over. */
export function onOrderDue(world: World, fold: Fold, group: GroupRow, row: OrderRow, gen: number): void {
  if (row.gen !== gen || row.phase === 'ENDED') return;
  row.gen = 0;
  if (row.phase === 'WAITING') return sendAgain(world, fold, group, row);
  if (row.queries >= QUERIES_MAX) return escalate(world, fold, group, row);
  if (row.state.unknown) return query(world, fold, group, row);
  if (row.cancelRequested) {
    const { clientOrderId } = row;
    fold.stage({
      type: 'CANCEL',
      key: `${clientOrderId}/c${row.queries}`,
      venue: group.venue,
      clientOrderId,
    });
    return query(world, fold, group, row);
  }
  if (!row.state.acked) return lose(world, fold, group, row, 'no acknowledgement in time');
  if (isUnwanted(group, row)) cancel(world, fold, group, row);
}

/** A retry passes what every order passes: stops, kills, holds. */
function sendAgain(world: World, fold: Fold, group: GroupRow, row: OrderRow): void {
  if (group.stopping || group.batch.stopping || isKilled(world, group)) {
    return notSent(fold, group, row, 'stopped while it waited for a retry');
  }
  if (holdsBack(world, fold.now, group) !== null) return arm(fold, row, fold.now + world.rules.deferMs);
  row.phase = 'SENT';
  if (row.resends === 0) return send(world, fold, group, row);
  row.sentAt = fold.now;
  fold.emit('ORDER_RESENT', refOf(group, row), { clientOrderId: row.clientOrderId, retry: row.resends });
  stagePlace(world, fold, group, row);
}

/** Nothing more can be asked: a person has to find out. The order stays as it is, its group stays closing. */
function escalate(world: World, fold: Fold, group: GroupRow, row: OrderRow): void {
  if (!row.state.unknown) lose(world, fold, group, row, 'no answer to cancel and query');
  disarm(fold, row);
  row.escalated = true;
  group.escalated = true;
  if (!group.batch.escalated.includes(row.orderId)) group.batch.escalated.push(row.orderId);
  const ref = refOf(group, row);
  const reason = `unresolved after ${row.queries} queries`;
  fold.emit('ORDER_ESCALATED', ref, { clientOrderId: row.clientOrderId, reason });
  fold.emit('GROUP_ESCALATED', ref, { unknown: group.unknownOrders });
  fold.emit('ALERT', ref, {
    code: 'ORDER_ESCALATED',
    message: `${row.clientOrderId}: ${reason}; use resolveOrder`,
  });
}

/** A named verdict on an order (DESIGN section 4, Escalation). False: it changed nothing. */
export function onVerdict(
  world: World,
  fold: Fold,
  group: GroupRow,
  row: OrderRow,
  verdict: Finding & { readonly by: string; readonly evidence: string },
): boolean {
  const applied = applyFinding(group.book, row, verdict);
  if (applied === null) return false;
  const { by, evidence } = verdict;
  row.resolvedBy = by;
  onApplied(world, fold, group, row, applied, { report: null, by, evidence, retryable: false });
  return true;
}

/** The group and row of a client order id, where both are held. */
export function findOrder(group: GroupRow | undefined, clientOrderId: string): OrderRow | undefined {
  return group === undefined ? undefined : orderOf(group, clientOrderId);
}
