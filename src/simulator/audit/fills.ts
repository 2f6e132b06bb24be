/**
 * Checks of fills and order fates: I4, I7 to I10, I13. Each is a function named after its invariant.
 *
 * Owns what a record may say of an order, given the input that it answers and the exchange's truth.
 */
import type { EventOf, RuntimeEvent } from '../../dtos/events.js';
import type { Report } from '../../dtos/venue.js';
import { leavesOf, type Model, type OrderRow } from './model.js';
import { close } from './placement.js';
import { textOf, unitsOf } from './units.js';

/** As the journal keeps it. */
export interface InputFacts {
  readonly k: string;
  readonly report?: Report;
  readonly [field: string]: unknown;
}

/** I4: an order's doubt or life ends by a venue's word, by absence proven, or by a named verdict; never by a timer. */
export function i04NotByTimer(model: Model, row: OrderRow, input: InputFacts, what: string): void {
  const { report } = input;
  if (input.k === 'resolve' || input.k === 'account') return;
  if (input.k === 'report' && report !== undefined) {
    if (report.type !== 'NOT_FOUND' && report.type !== 'NO_ANSWER') return;
    if (report.type === 'NOT_FOUND' && row.denials >= 2 && model.placeValidityMs !== null) return;
  }
  const by = report?.type ?? input.k;
  model.found('I4', 'i04NotByTimer', `${row.clientOrderId} is ${what} by ${by} (${row.denials} denials)`);
}

/** I13: an order that the runtime ends is not open at the venue. */
export function i13ConfirmedEnd(model: Model, row: OrderRow, status: string): void {
  if (row.truth === null || !row.truth.isOpen || row.isVerdict) return;
  model.found('I13', 'i13ConfirmedEnd', `${row.clientOrderId} ends ${status} and is open at the venue`);
}

/** I7: a booked execution is one of the venue's, with its quantity and price, and counts once. */
export function i07TrueFill(model: Model, row: OrderRow, event: EventOf<'FILL'>): void {
  const { connectorFillId: id, clientOrderId } = event;
  if (id === null) return;
  if (row.counted.has(id))
    return model.found('I7', 'i07TrueFill', `${clientOrderId} counts execution ${id} twice`);
  const execution = row.truth?.executions.get(id);
  if (execution === undefined)
    return model.found('I7', 'i07TrueFill', `${clientOrderId} books ${id}, which never happened`);
  if (execution.quantity !== unitsOf(event.quantity) || execution.price !== event.price) {
    const booked = `${event.quantity} at ${event.price}`;
    const real = `${textOf(execution.quantity)} at ${execution.price}`;
    model.found('I7', 'i07TrueFill', `${clientOrderId} books ${id} as ${booked}, it was ${real}`);
  }
}

/** I7: with what findings imply, no order ever holds more than was executed. */
export function i07NotBeyondTruth(model: Model, row: OrderRow): void {
  const most = row.truth?.peak ?? 0;
  if (row.filled <= most || row.isVerdict) return;
  const message = `${row.clientOrderId} holds ${textOf(row.filled)}, executed are ${textOf(most)}`;
  model.found('I7', 'i07NotBeyondTruth', message);
}

/** I7: an execution that was reported is booked in the same record, unless it counts already. */
export function i07NoFillLost(model: Model, report: Report, events: readonly RuntimeEvent[]): void {
  if (report.type !== 'TRADE' || Number.isNaN(unitsOf(report.quantity))) return;
  const row = model.orders.get(report.clientOrderId);
  if (row === undefined || row.counted.has(report.execId) || row.reversed.has(report.execId)) return;
  const execution = row.truth?.executions.get(report.execId);
  if (execution === undefined || execution.isBusted) return;
  const booked = events.some((event) => event.type === 'FILL' && event.connectorFillId === report.execId);
  const message = `${report.clientOrderId}: execution ${report.execId} was reported and not booked`;
  if (!booked) model.found('I7', 'i07NoFillLost', message);
}

/** I8: what an order says it has filled is the sum of its fills. */
export function i08SumOfFills(model: Model, what: string, said: string, filled: number): void {
  if (unitsOf(said) !== filled)
    model.found('I8', 'i08SumOfFills', `${what} says ${said}, its fills add up to ${textOf(filled)}`);
}

/** I8: only what counts can be taken back. */
export function i08KnownReversal(model: Model, row: OrderRow, event: EventOf<'FILL_REVERSED'>): void {
  const { connectorFillId: id, clientOrderId } = event;
  if (row.filled < 0) model.found('I8', 'i08KnownReversal', `${clientOrderId} has less than nothing filled`);
  if (id === null || row.counted.has(id) || row.implied > 0) return;
  model.found('I8', 'i08KnownReversal', `${clientOrderId} takes back ${id}, which does not count`);
}

/** I9: filled ≤ target, or an OVERFILL with the exact excess in the same record. */
export function i09Overfill(model: Model, row: OrderRow, events: readonly RuntimeEvent[]): void {
  const { group } = row;
  if (group.target === null || group.filled <= group.target) return;
  const excess = group.filled - group.target;
  if (excess <= group.overfilled) return;
  group.overfilled = excess;
  const said = events.filter(
    (event): event is EventOf<'OVERFILL'> => event.type === 'OVERFILL' && event.groupId === group.id,
  );
  if (said.some((event) => unitsOf(event.excess) === excess)) return;
  const text = said.map((event) => event.excess).join(', ') || 'nothing';
  model.found('I9', 'i09Overfill', `${group.id} is ${textOf(excess)} over; said is ${text}`);
}

/** I10: a report of an order that is not ours is an ORPHAN with an alert, and one of ours never is. */
export function i10Orphan(model: Model, report: Report, events: readonly RuntimeEvent[]): void {
  const isOurs = model.orders.has(report.clientOrderId);
  if (!isOurs && report.type === 'CANCEL_REJECTED' && model.strayCancels.has(report.clientOrderId)) return;
  const isOrphan = events.some(({ type }) => type === 'ORPHAN');
  const isAlert = events.some((event) => event.type === 'ALERT' && event.code === 'ORPHAN');
  if (isOurs ? !isOrphan : isOrphan && isAlert) return;
  const what = isOurs ? 'is ours and called an orphan' : 'is not ours and not called an orphan';
  model.found('I10', 'i10Orphan', `${report.type} of ${report.clientOrderId} ${what}`);
}

export function fill(model: Model, row: OrderRow, event: EventOf<'FILL'>): void {
  i07TrueFill(model, row, event);
  model.fillIds.add(event.fillId);
  const quantity = unitsOf(event.quantity);
  const before = leavesOf(row);
  row.filled += quantity;
  if (event.connectorFillId === null) row.implied += quantity;
  else row.counted.add(event.connectorFillId);
  row.group.filled += quantity;
  hold(model, row, quantity);
  row.group.leaves += leavesOf(row) - before;
  if (!row.isOpen && row.truth !== null) row.group.hidden -= quantity;
  payInBase(model, row, event, 1);
  i07NotBeyondTruth(model, row);
  if (row.group.phase === 'SETTLED' && event.late !== true)
    model.found('I11', 'i11LateFill', `${event.clientOrderId} fills after its group, unmarked`);
}

/** A fee in the base asset takes from what a long trade holds, and adds to what a short one owes. */
function payInBase(
  model: Model,
  { group }: OrderRow,
  { commission, commissionAsset }: EventOf<'FILL' | 'FILL_REVERSED'>,
  sign: 1 | -1,
): void {
  if (commission === undefined || commissionAsset !== group.symbol.split('/')[0]) return;
  const fee = sign * unitsOf(commission);
  group.baseFees += fee;
  model.held.set(group.tradeId, (model.held.get(group.tradeId) ?? 0) - fee);
}

function hold(model: Model, { group }: OrderRow, quantity: number): void {
  const signed = group.side === 'BUY' ? quantity : -quantity;
  model.held.set(group.tradeId, (model.held.get(group.tradeId) ?? 0) + signed);
}

export function reverse(model: Model, row: OrderRow, event: EventOf<'FILL_REVERSED'>): void {
  const quantity = unitsOf(event.quantity);
  const before = leavesOf(row);
  i08KnownReversal(model, row, event);
  const id = event.connectorFillId;
  if (id !== null) row.reversed.add(id);
  if (id === null || !row.counted.delete(id)) row.implied -= quantity;
  row.filled -= quantity;
  row.group.filled -= quantity;
  hold(model, row, -quantity);
  payInBase(model, row, event, -1);
  row.group.leaves += leavesOf(row) - before;
  if (!row.isOpen && row.truth !== null) row.group.hidden += quantity;
  row.group.hadReversal = true;
}

export function end(model: Model, row: OrderRow, event: EventOf<'ORDER_ENDED'>, input: InputFacts): void {
  if (input.k === 'resolve') row.isVerdict = true;
  i04NotByTimer(model, row, input, 'ended');
  i08SumOfFills(model, `${event.status} of ${event.clientOrderId}`, event.filledQuantity, row.filled);
  i13ConfirmedEnd(model, row, event.status);
  close(row);
}

/** A denial counts once the place can surely not arrive any more. */
export function deny(model: Model, row: OrderRow, at: number): void {
  const { placeValidityMs: validity } = model;
  // A process may have died between the intent and its place.
  const sentAt = row.places > 0 ? row.placedAt : row.intentAt;
  if (validity !== null && at > sentAt + validity) row.denials += 1;
}
