/**
 * The fate of every order, inside the fold: what the venue says of it, and what is done while it says nothing.
 *
 * Owns: booking each report before any machine hears of it, UNKNOWN and how it resolves (I4: never by a timer, never
 * by one "not found"), retries by platform.yaml (decision 13), escalation and verdicts. What goes out passes
 * orders.ts. Never decides when a group plans or settles.
 */
import {
  type Applied,
  applyFinding,
  applyReport,
  type Finding,
  markUnknown,
  type OrderRow,
  quantityOf,
  resend,
  reserve,
} from '../book/book.js';
import { toFixedPoint } from '../dtos/amount.js';
import type { Report } from '../dtos/venue.js';
import { strategyOf } from '../strategies/index.js';
import { noteContradiction, noted, refOf } from './contradiction.js';
import { bookFill, reverseFill } from './fills.js';
import type { Fold } from './fold.js';
import {
  arm,
  askCancel,
  askQuery,
  cancel,
  disarm,
  newOrder,
  notSent,
  query,
  retryGate,
  send,
  stagePlace,
} from './orders.js';
import { clientOrderIdOf, type GroupRow, isKilled, type World } from './world.js';

/** Questions about one order before a person has to settle it. */
const QUERIES_MAX = 10;
/** How often a venue has to deny an order before it is absent. */
const NOT_FOUND_PROOF = 2;

const retryDelay = (world: World, n: number): number => {
  const delays = world.rules.retryDelaysMs;
  return delays[Math.min(n, delays.length - 1)] ?? 1000;
};

/** A venue's report about an order of a group that is still held. */
export function onReport(world: World, fold: Fold, group: GroupRow, row: OrderRow, report: Report): void {
  if (report.type === 'NOT_FOUND') return onNotFound(world, fold, group, row);
  if (report.type === 'NO_ANSWER') return onNoAnswer(world, fold, group, row, report);
  if (report.type === 'STATUS') return onStatus(world, fold, group, row, report);
  if (report.type === 'REJECTED' && row.resends > 0 && row.phase === 'SENT')
    return onDoubtfulRefusal(world, fold, group, row, report.reason);
  // Ended, after more than was heard of: the answer brings what is missing, and the end with it.
  if (row.phase === 'SENT' && endsAfterMore(row, report)) return query(world, fold, group, row);
  const before = noted(row, report);
  const applied = applyReport(group.book, row, report);
  if (applied === null) return;
  if (isTotalInDoubt(row, report, applied)) askTotal(world, fold, group, row);
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

/**
 * A bust that an answer's total may have counted in already. Of an execution that never came: it may be among what the
 * total had implied. Of one that is booked, after an answer that ended the order: the total may have hidden another
 * execution that never came behind it.
 */
function isTotalInDoubt({ state }: OrderRow, { type }: Report, { reversed }: Applied): boolean {
  if (type !== 'TRADE_CANCEL' && type !== 'TRADE_CORRECT') return false;
  return reversed === null ? type === 'TRADE_CANCEL' && state.missingQty > 0 : state.byVerdict;
}

/** The venue says it again. */
function askTotal(world: World, fold: Fold, group: GroupRow, row: OrderRow): void {
  if (row.phase === 'SENT') query(world, fold, group, row);
  else askQuery(fold, group, row);
}

const endsAfterMore = ({ quantityFilled }: OrderRow, report: Report): boolean =>
  'cumQty' in report && report.cumQty !== undefined && toFixedPoint(report.cumQty) > quantityFilled;

/**
 * Sent more than once, refused once: the refusal does not say which, and may be the late answer to the first. The
 * venue is asked; should it know nothing, the order goes out no more.
 */
function onDoubtfulRefusal(world: World, fold: Fold, group: GroupRow, row: OrderRow, reason: string): void {
  row.resends = Math.max(row.resends, world.rules.maxRetries);
  group.rejectDetail = reason;
  if (row.state.unknown) return query(world, fold, group, row);
  lose(world, fold, group, row, `refused, but it was sent more than once: ${reason}`);
}

/** Something happened to the order, and the report does not say what: the venue is asked. */
export function onMalformed(world: World, fold: Fold, group: GroupRow, row: OrderRow, what: string): void {
  const message = `${row.clientOrderId}: ${what}`;
  fold.emit('INCIDENT', refOf(group, row), { what: message });
  fold.emit('ALERT', refOf(group, row), { code: 'INCIDENT', message });
  if (row.phase === 'SENT') query(world, fold, group, row);
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
  if (applied.acked && row.phase === 'WAITING') row.phase = 'SENT'; // it is there after all, and goes out no more
  if (applied.accepted) onAccepted(world, fold, group, row, applied.acked);
  if (applied.reversed !== null) reverseFill(world, fold, group, row, applied.reversed, origin.report);
  if (applied.fill !== null)
    bookFill(world, fold, group, row, applied.fill, { report: origin.report, late: applied.late });
  if (applied.unknown === 'RESOLVED') onResolved(fold, group, row, origin);
  if (applied.unknown === 'BEGAN') onUnknown(world, fold, group, row, origin.reason ?? 'no answer in time');
  const { clientOrderId } = row;
  if (applied.ended !== null) {
    fold.noteEnded(group.book);
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
  } else if (applied.fill !== null && strategyOf(group.strategy, world.strategies).asksOnFill === true) {
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

/** What cannot rest has its end reported at once: one that stays away is asked for. What rests may rest. */
const cannotRest = ({ wire }: OrderRow): boolean => wire.timeInForce === 'IOC' || wire.timeInForce === 'FOK';

function awaitEnd(world: World, fold: Fold, row: OrderRow): void {
  if (row.phase !== 'SENT' || !cannotRest(row)) return disarm(fold, row);
  // The deadline of its acknowledgement, where it still runs, is early enough for its end.
  if (row.gen === 0) arm(fold, row, fold.now + world.rules.ackTimeoutMs);
}

function onAccepted(world: World, fold: Fold, group: GroupRow, row: OrderRow, isFirst: boolean): void {
  row.queries = 0;
  row.notFound = 0;
  if (!row.cancelRequested) awaitEnd(world, fold, row);
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

export function lose(world: World, fold: Fold, group: GroupRow, row: OrderRow, reason: string): void {
  const applied = markUnknown(group.book, row);
  if (applied !== null)
    onApplied(world, fold, group, row, applied, { report: null, by: 'runtime', reason, retryable: false });
}

export function onStatus(
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
  if (isUnwanted(group, row)) return arm(fold, row, fold.now + retryDelay(world, row.queries));
  row.queries = 0; // heard of, and as it should be
  awaitEnd(world, fold, row);
}

/**
 * "Not found" proves absence only when said twice after the place can surely not arrive any more (I4): its validity
 * and as much again as a margin. A venue without such a bound never proves it: the order ends ESCALATED.
 */
function onNotFound(world: World, fold: Fold, group: GroupRow, row: OrderRow): void {
  const validity = group.facts.placeValidityMs;
  if (row.phase !== 'SENT') return;
  if (row.state.acked && !row.state.unknown && !row.cancelRequested)
    return onVanished(world, fold, group, row);
  if (row.filled > 0 || row.state.acked || validity === null) return;
  const provableAt = row.sentAt + 2 * validity;
  if (fold.now < provableAt) return arm(fold, row, provableAt);
  row.notFound += 1;
  if (row.notFound < NOT_FOUND_PROOF) return arm(fold, row, fold.now + retryDelay(world, row.notFound - 1));
  absent(world, fold, group, row);
}

/** The venue does not know what it has acknowledged: asked once more, its fate is not established any longer. */
function onVanished(world: World, fold: Fold, group: GroupRow, row: OrderRow): void {
  row.notFound += 1;
  if (row.notFound < NOT_FOUND_PROOF) return arm(fold, row, fold.now + retryDelay(world, row.notFound - 1));
  lose(world, fold, group, row, 'the venue does not know the order that it acknowledged');
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
  // An unreachable venue answers nobody: its return asks anew, and no silence of its counts.
  if (world.venues.down.get(group.venue) === 'DOWN')
    return arm(fold, row, fold.now + world.rules.ackTimeoutMs);
  if (row.queries >= QUERIES_MAX) return escalate(world, fold, group, row);
  if (row.state.unknown) return query(world, fold, group, row);
  if (row.cancelRequested) {
    askCancel(fold, group, row);
    return query(world, fold, group, row);
  }
  if (!row.state.acked) return lose(world, fold, group, row, 'no acknowledgement in time');
  if (isUnwanted(group, row)) cancel(world, fold, group, row);
  else query(world, fold, group, row); // a question that stayed unanswered
}

/** A retry passes what every order passes. */
function sendAgain(world: World, fold: Fold, group: GroupRow, row: OrderRow): void {
  const blocked = retryGate(world, fold.now, group);
  if (blocked?.block === 'STOP') return notSent(fold, group, row, blocked.reason);
  if (blocked !== null) return arm(fold, row, fold.now + world.rules.deferMs);
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
