/**
 * What must hold in every state of a COORDINATED batch, whatever came before: the invariants by their numbers in the
 * design, judged by the venue's truth wherever the venue is concerned.
 */
import type { GroupRow } from '../../src/actors/world.js';
import { batchOf, type Case, groupsOf, machineOf } from './case.js';
import { filledOf, hasUntold, openOf, type Truth } from './venue.js';

type Report = (claim: string) => void;

const sum = (numbers: Iterable<number>): number => {
  let total = 0;
  for (const one of numbers) total += one;
  return total;
};

const ordersOf = (one: Case, group: GroupRow): Truth[] =>
  [...one.venue.values()].filter((truth) => truth.id.startsWith(group.key));

const venueFilled = (one: Case, group: GroupRow): number => sum(ordersOf(one, group).map(filledOf));

/** Lots that are staged and have not left yet. */
const stagedOf = (one: Case, group: GroupRow): number =>
  sum(
    one.waiting.map((effect) =>
      effect.type === 'PLACE' && effect.group === group ? Number(effect.order.quantity) : 0,
    ),
  );

function quantities(one: Case, group: GroupRow, fail: Report): void {
  const { book, target, id } = group;
  const most = target ?? 0;
  if (book.filled + book.leaves + book.unknown > most) fail(`I5 ${id}: the book holds more than the target`);
  const orders = ordersOf(one, group);
  const atVenue = sum(orders.map((truth) => filledOf(truth) + openOf(truth)));
  if (atVenue + stagedOf(one, group) > most) fail(`I5 ${id}: ${atVenue} at the venue, target ${most}`);
  if (book.open.size > 1) fail(`I6 ${id}: ${book.open.size} orders live at once`);
  for (const truth of orders) {
    const booked = (book.open.get(truth.id) ?? book.ended.get(truth.id))?.filled ?? -1;
    const told = sum(truth.fills.slice(0, truth.told));
    const isRight = hasUntold(truth) ? booked >= told && booked <= filledOf(truth) : booked === told;
    if (!isRight) fail(`I7 ${truth.id}: ${booked} booked, ${told} told, ${filledOf(truth)} filled`);
  }
}

function lifecycle(one: Case, group: GroupRow, fail: Report): void {
  const statuses = one.seen.settled.get(group.id) ?? [];
  if (statuses.length > 1) fail(`I14 ${group.id}: settled ${statuses.length} times`);
  if (group.settled !== (statuses.length === 1)) fail(`I14 ${group.id}: settled without its event`);
  if (!group.settled) return;
  if (group.status !== statuses[0]) fail(`I11 ${group.id}: ${statuses[0]} became ${group.status}`);
  for (const truth of ordersOf(one, group)) {
    if (truth.at !== 'ENDED') fail(`I13 ${group.id}: ${group.status} with ${truth.id} ${truth.at}`);
  }
  if (group.book.open.size > 0) fail(`I12 ${group.id}: settled with an order open or unknown`);
  if (group.role === 'LEG' && one.seen.flows.get(group.command.command_id) !== 1) {
    fail(`flow of ${group.id} did not stop once`);
  }
}

function unwinds(one: Case, leg: GroupRow, fail: Report): void {
  const groups = batchOf(one).unwinds.filter((group) => group.offsets === leg);
  const promised = sum(
    groups.map((group) =>
      group.settled ? group.book.filled : Math.max(group.target ?? 0, group.book.filled),
    ),
  );
  if (promised > leg.book.filled) fail(`I18 ${leg.id}: ${promised} to undo of ${leg.book.filled} filled`);
  const worst = sum(
    groups.map((group) => sum(ordersOf(one, group).map((truth) => filledOf(truth) + openOf(truth)))),
  );
  if (worst > venueFilled(one, leg)) fail(`I18 ${leg.id}: its sign may flip at the venue`);
  for (const group of groups) {
    if (group.side === leg.side) fail(`I18 ${group.id}: same side as what it offsets`);
    const sent = ordersOf(one, group).length;
    const { attempts } = one.setup;
    if (sent > attempts) fail(`I18 ${group.id}: ${sent} attempts, at most ${attempts}`);
  }
}

const signed = (leg: GroupRow, quantity: string): number => (leg.side === 'BUY' ? 1 : -1) * Number(quantity);

/** I17 and I14 at the end, against the venue's net fills. Later fills change facts, never the status. */
function ending(one: Case, fail: Report): void {
  const [end] = one.seen.ends;
  if (end === undefined) return;
  const { status, residuals, kept, dust } = end.event;
  const { legs, unwinds } = batchOf(one);
  for (const leg of legs) {
    const own = ({ symbol }: { symbol: string }): boolean => symbol === leg.symbol;
    const total = (rows: readonly { symbol: string; quantity: string }[]): number =>
      sum(rows.filter(own).map(({ quantity }) => signed(leg, quantity)));
    const offset = sum(
      unwinds.filter((group) => group.offsets === leg).map((group) => venueFilled(one, group)),
    );
    const net = venueFilled(one, leg) - offset;
    const left = total(residuals);
    if (status === 'COMPLETED') {
      if (net !== leg.target) fail(`I17 ${leg.id}: COMPLETED with ${net} of ${leg.target}`);
      continue;
    }
    if (net !== left + total(kept) + total(dust))
      fail(`I17 ${leg.id}: ${status} with net ${net}, told ${left}`);
    if (left !== 0 && status !== 'PARTIAL') fail(`I17 ${leg.id}: ${status} with a residual of ${left}`);
  }
  const expected = expectedStatus(one, residuals.length > 0);
  if (status !== expected) fail(`I14: ${status}, its children say ${expected}`);
}

function expectedStatus(one: Case, hasResidual: boolean): string {
  const { legs, unwinds } = batchOf(one);
  const isDone = legs.every((leg) => one.seen.settled.get(leg.id)?.[0] === 'COMPLETED');
  if (isDone && unwinds.length === 0) return 'COMPLETED';
  if (hasResidual) return 'PARTIAL';
  return one.seen.stoppedBy === 'cancel_requested' || one.seen.stoppedBy === 'kill' ? 'CANCELLED' : 'FAILED';
}

function batchClaims(one: Case, fail: Report): void {
  const batch = batchOf(one);
  const { ends, sentAfterFailure, incidents } = one.seen;
  for (const id of sentAfterFailure) fail(`I17 ${id}: sent after a leg had failed`);
  for (const what of incidents) fail(`unexpected: ${what}`);
  if (ends.length > 1) fail(`I14: ${ends.length} terminal events`);
  const [end] = ends;
  const isOver = batch.status !== 'PENDING' && batch.status !== 'ACTIVE';
  if (isOver !== (end !== undefined)) fail('I14: a terminal status without its event');
  if (end === undefined) return;
  if (batch.status !== end.event.status) fail(`I11: ${end.event.status} became ${batch.status}`);
  for (const group of groupsOf(one)) {
    if (!group.settled) fail(`I12: ${batch.status} with ${group.id} ${group.status}`);
    for (const truth of ordersOf(one, group)) {
      if (truth.at !== 'ENDED') fail(`I12: ${batch.status} with ${truth.id} ${truth.at}`);
    }
  }
}

/** Somebody still asks: no order is left to itself while its fate is open or its end is wanted. */
function attention(one: Case, group: GroupRow, fail: Report): void {
  if (one.waiting.length > 0) return;
  for (const row of group.book.open.values()) {
    const isWatched = one.timers.has(`o:${row.clientOrderId}`) || row.escalated;
    if (row.state.unknown && !isWatched) fail(`L ${row.clientOrderId}: unknown, and nobody asks`);
    if (group.stopping && !isWatched) fail(`L ${row.clientOrderId}: to be canceled, and nobody asks`);
  }
}

/** After the grace a settled leg waits for no other (DESIGN section 4, Unwinds). */
function grace(one: Case, fail: Report): void {
  const batch = batchOf(one);
  if (batch.entity === null || !one.seen.graceOver) return;
  if (
    batch.entity.state() === 'active.cancelling' &&
    machineOf(one)?.fills === 'UNWIND' &&
    batch.pendingUnwinds.length > 0
  ) {
    fail('a settled leg waits for another after the grace');
  }
}

/** Everything that this state violates. `before`: whether the batch had settled earlier. */
export function violationsOf(one: Case, wasOver: boolean): string[] {
  const found: string[] = [];
  const fail: Report = (claim) => void found.push(claim);
  batchClaims(one, fail);
  for (const group of groupsOf(one)) {
    quantities(one, group, fail);
    lifecycle(one, group, fail);
    attention(one, group, fail);
  }
  for (const leg of batchOf(one).legs) unwinds(one, leg, fail);
  if (!wasOver) ending(one, fail);
  grace(one, fail);
  return found;
}
