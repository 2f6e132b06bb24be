/**
 * Groups, inside the fold: stepping a group's machine and carrying its intents out.
 *
 * Owns: what an intent of the group machine means for rows, events and staged effects, and what a settled group
 * leaves behind. Does not own orders (orders.ts) nor the batch's reaction (batches.ts).
 */
import { slotsOf, totalsOf } from '../book/book.js';
import { averagePrice, fromFixedPoint } from '../dtos/amount.js';
import { cmp, fromSteps, type Lots, mul } from '../dtos/decimal.js';
import type { Reason } from '../dtos/events.js';
import type { Final } from '../machines/causes.js';
import { scheduleEnd } from '../machines/group-plan.js';
import type { GroupEvent, GroupIntent, Totals } from '../machines/group-model.js';
import { referencePrice } from '../strategies/index.js';
import { legExposure, overshootOf } from './fills.js';
import { applyProtection, endFlow } from './flow.js';
import type { EventRef, Fold, GroupNotice } from './fold.js';
import { leaveTrade, resize } from './legs.js';
import { cancelAll, place } from './orders.js';
import { hasGivenWay, protectionSettled } from './protection.js';
import type { GroupRow, World } from './world.js';

export const groupRef = (group: GroupRow): EventRef => ({ batchId: group.batch.id, groupId: group.id });

interface Stamped {
  now: number;
  totals: Totals;
}

/** Sends an event to the group's machine and carries out what it wants. Settled groups absorb. */
export function stepGroup(world: World, fold: Fold, group: GroupRow, notice: GroupNotice): void {
  if (group.settled) return;
  group.entity ??= world.host.group(group.id, group.spec);
  // The notice itself becomes the event: it was made for this one delivery, and a copy costs more than its making.
  const event = notice as { now?: number; totals?: Totals } & GroupNotice as GroupEvent & Stamped;
  event.now = fold.now;
  event.totals = totalsOf(group.book);
  // What a protection no longer holds at the venue may be what a reduction waits for.
  if (group.role === 'PROTECTION' && event.type === 'ORDER_ENDED') fold.touchTrade(group.tradeId);
  for (const intent of group.entity.send(event)) perform(world, fold, group, intent, event);
}

function perform(world: World, fold: Fold, group: GroupRow, intent: GroupIntent, event: GroupEvent): void {
  group.updatedAt = fold.now;
  switch (intent.type) {
    case 'PLACE':
      if (place(world, fold, group, intent.slot, intent.order) && group.status === 'PENDING') {
        stepGroup(world, fold, group, { type: 'ORDER_PLACED' });
      }
      return;
    case 'CANCEL_ALL':
      return cancelAll(world, fold, group);
    case 'WAKE':
      return fold.stage({ type: 'ARM', key: `g:${group.id}`, gen: intent.gen, at: intent.at });
    case 'WATCH':
      return watch(fold, group, intent);
    case 'ACTIVE':
      group.status = 'ACTIVE';
      fold.emit('GROUP_ACTIVE', groupRef(group), {});
      if (group.role === 'LEG') applyProtection(world, fold, group);
      return;
    case 'CLOSING':
      group.stopping = true;
      noteFault(fold, group, intent.detail);
      fold.emit('GROUP_CLOSING', groupRef(group), { reason: intent.cause });
      if (intent.cause !== 'budget_spent' && !succeeds(group)) failLeg(fold, group, intent.cause);
      return;
    case 'SETTLED':
      noteFault(fold, group, intent.detail);
      return settleGroup(world, fold, group, intent.status, intent.reason);
    case 'UNEXPECTED':
      fold.emit('INCIDENT', groupRef(group), {
        what: `${intent.event} in ${group.entity?.state() ?? 'settled'} (${event.type})`,
      });
  }
}

/** What was wrong with the strategy's answer: told once, as the group's detail and as an alert. */
function noteFault(fold: Fold, group: GroupRow, detail: string | undefined): void {
  if (detail === undefined || group.rejectDetail === detail) return;
  group.rejectDetail = detail;
  fold.emit('ALERT', groupRef(group), { code: 'STRATEGY_FAULT', message: `${group.strategy}: ${detail}` });
}

function watch(fold: Fold, group: GroupRow, { band, gen }: Extract<GroupIntent, { type: 'WATCH' }>): void {
  const key = `g:${group.id}`;
  group.watches = band !== null;
  if (band === null) fold.stage({ type: 'UNWATCH', key });
  else fold.stage({ type: 'WATCH', key, gen, symbol: group.symbol, band });
}

/**
 * Starts a leg or an unwind, once. Without the symbol's view in this input it asks for one: a deadline due now brings
 * it. Whoever has started and waits to place its first order is PENDING still.
 */
export function startGroup(world: World, fold: Fold, group: GroupRow): void {
  if (group.status !== 'PENDING' || group.startedAt !== null || group.stopping || group.settled) return;
  if (group.command.scope === 'CLOSE_EXISTING' && group.role === 'LEG' && !clearTrade(world, fold, group))
    return;
  if (group.closes && group.role !== 'PROTECTION') {
    resize(world, group);
    if (!hasGivenWay(world, fold, group)) return;
  }
  if (group.target !== null && !fold.hasView(group.symbol)) {
    fold.arm(`s:${group.id}`, fold.now);
    return;
  }
  const view = fold.view(group.symbol);
  noteReference(group, view);
  const endsBy = group.role === 'LEG' ? group.batch.timeoutAt : null;
  const endsAt = scheduleEnd(group.spec, fold.now, world.strategies);
  const targetQuantity = group.target === null ? null : fromSteps(group.target, group.instrument.lotSize);
  fold.emit('GROUP_STARTED', groupRef(group), { arrivalPrice: group.arrivalPrice, endsAt, targetQuantity });
  group.startedAt = fold.now;
  stepGroup(world, fold, group, { type: 'START', view, endsBy, ...slots(group) });
}

/** Before a trade is closed its other groups are stopped; their end starts this leg again. */
function clearTrade(world: World, fold: Fold, group: GroupRow): boolean {
  let isClear = true;
  for (const other of world.byTrade.get(group.tradeId) ?? []) {
    const closes = other.role === 'LEG' && other.command.scope === 'CLOSE_EXISTING';
    // Its trade's protection gives way by itself, once everything else has (hasGivenWay).
    if (other === group || other.role === 'PROTECTION' || (closes && !other.started)) continue;
    isClear = false; // another close, or an unwind, is let finish: what it leaves is what this leg reads
    if (!closes && other.role === 'LEG' && !other.stopping)
      fold.tellGroup(other, { type: 'STOP', cause: 'cancel_requested' });
  }
  if (isClear) {
    group.started = true;
  }
  return isClear;
}

function wakeClosers(world: World, fold: Fold, tradeId: string): void {
  for (const other of world.byTrade.get(tradeId) ?? []) {
    if (other.role === 'UNWIND' && other.status === 'PENDING' && other.clears)
      fold.arm(`s:${other.id}`, fold.now);
    else if (
      other.role === 'LEG' &&
      other.command.scope === 'CLOSE_EXISTING' &&
      other.batch.status === 'ACTIVE' &&
      other.status === 'PENDING' &&
      isTurnOf(other)
    ) {
      fold.arm(`s:${other.id}`, fold.now);
    }
  }
}

/** A SEQUENTIAL leg waits for those before it, whatever becomes of its trade meanwhile (I16). */
const isTurnOf = ({ batch, index }: GroupRow): boolean =>
  batch.mode !== 'SEQUENTIAL' || batch.legs.every((leg, i) => i >= index || leg.settled);

/** The group's timer: it plans, sweeps or ends. */
export function onGroupDue(world: World, fold: Fold, group: GroupRow, gen: number, triggered = false): void {
  const view = fold.view(group.symbol);
  noteReference(group, view);
  if (!triggered && group.book.slots === null) stepGroup(world, fold, group, { type: 'DUE', gen, view });
  else stepGroup(world, fold, group, { type: 'DUE', gen, view, triggered, ...slots(group) });
}

const slots = ({ book }: GroupRow) => (book.slots === null ? {} : { slots: slotsOf(book) });

/** Arrival price: the first reference that the group saw. */
function noteReference(group: GroupRow, view: ReturnType<Fold['view']>): void {
  if (view === null) return;
  if (group.arrivalPrice !== null && group.lastPrice !== null) return;
  const reference = referencePrice(view);
  group.arrivalPrice ??= reference;
  group.lastPrice ??= reference;
}

/** Filled to the target, to min_fill_ratio of it, or but for dust that no venue would take (a close: perhaps all). */
function succeeds(group: GroupRow): boolean {
  const { target, book, lastPrice, instrument } = group;
  if (target === null || book.filled >= group.successAt) return true;
  if (lastPrice === null || (book.filled === 0 && !group.closes)) return false;
  const rest = mul(fromSteps(target - book.filled, instrument.lotSize), lastPrice);
  return cmp(rest, instrument.minNotional) < 0;
}

/** A leg fails once, journaled before any cancel. */
function failLeg(fold: Fold, group: GroupRow, cause: Reason): void {
  if (group.failed || group.role !== 'LEG') return;
  group.failed = true;
  fold.emit('LEG_FAILED', groupRef(group), { reason: cause });
  const { batch } = group;
  // A batch that still waits for its pre-check has not started its legs: without this one it never will.
  if (batch.status === 'PENDING' && !batch.stopping && batch.blockedLeg === null) {
    batch.blockedLeg = group.index;
    return fold.tellBatch(batch, { type: 'BLOCKED', cause });
  }
  fold.tellBatch(batch, { type: 'LEG_FAILED', leg: group.index, cause });
}

function settleGroup(world: World, fold: Fold, group: GroupRow, status: Final, reason: Reason): void {
  const success = status === 'COMPLETED' || succeeds(group);
  if (!success) failLeg(fold, group, reason);
  Object.assign(group, { status, reason, success, settled: true, stopping: true });
  leaveTrade(world, group);
  wakeClosers(world, fold, group.tradeId);
  fold.stage({ type: 'DISARM', key: `s:${group.id}` });
  fold.stage({ type: 'DISARM', key: `g:${group.id}` });
  if (group.watches) fold.stage({ type: 'UNWATCH', key: `g:${group.id}` });
  benchmark(world, fold, group);
  const { book, target, instrument } = group;
  const counted = target === null ? 0 : Math.min(book.filled, target);
  const settled = fold.emit('GROUP_SETTLED', groupRef(group), {
    status,
    reason,
    filledQuantity: fromSteps(counted, instrument.lotSize),
    ...(group.overfilled > 0 ? { overfilledQuantity: fromSteps(group.overfilled, instrument.lotSize) } : {}),
    avgPrice: averagePrice(book.amount, book.quantity),
    success,
    ...(group.rejectDetail !== null && status !== 'COMPLETED' ? { detail: group.rejectDetail } : {}),
  });
  if (group.closes || world.shields.has(group.tradeId)) fold.touchTrade(group.tradeId);
  if (group.role === 'PROTECTION') {
    releaseGroup(group);
    return protectionSettled(world, fold, group);
  }
  if (group.role === 'UNWIND') return unwindSettled(world, fold, group);
  endFlow(world, fold, group);
  tallyLeg(world, group);
  fold.tellBatch(group.batch, { type: 'LEG_SETTLED', leg: group.index, success }, settled);
}

/** What the market did meanwhile is asked for once the end is committed. */
function benchmark(world: World, fold: Fold, { batch, id, symbol, startedAt }: GroupRow): void {
  if (!world.rules.benchmarks || startedAt === null) return;
  const [from, to] = [startedAt, fold.now];
  fold.stage({ type: 'BENCHMARK', key: `m:${id}`, batchId: batch.id, groupId: id, symbol, from, to });
}

function tallyLeg(world: World, group: GroupRow): void {
  const { tally, pendingUnwinds } = group.batch;
  tally.settled += 1;
  if (group.success) tally.succeeded += 1;
  if (group.status === 'FAILED') tally.failed += 1;
  if (group.book.filled > 0) tally.withFills += 1;
  if (isUnwindable(world, group)) {
    tally.unwindable += 1;
    pendingUnwinds.push(group);
  }
}

function isUnwindable(world: World, group: GroupRow): boolean {
  if (group.batch.mode !== 'COORDINATED' || group.closes) return false;
  return lotsLeft(world, group) > 0;
}

/** Lots of a settled leg that can be sent back. Dust stays dust when the price makes it worth more: nobody asks again. */
export function lotsLeft(world: World, leg: GroupRow): Lots {
  const { lots, dust } = legExposure(world, leg);
  leg.leavesDust = lots === 0 && dust !== null;
  return lots;
}

/** Ends a settled group's actor: part of flow termination, after the commit. */
export function releaseGroup(group: GroupRow): void {
  group.entity?.stop();
  group.entity = null;
}

function unwindSettled(world: World, fold: Fold, group: GroupRow): void {
  releaseGroup(group); // an unwind has no flow of its own that would end it
  const { batch, offsets } = group;
  batch.tally.unwindsLive -= 1;
  if (offsets !== null) {
    offsets.unwinding = offsets.unwinding.filter((unwind) => unwind !== group);
    noteResidual(world, offsets);
  }
  fold.tellBatch(batch, { type: 'UNWINDS_CHANGED' });
}

/** Is something of this leg left that neither a live nor a coming unwind takes up? Late fills change the answer. */
export function noteResidual(world: World, leg: GroupRow): void {
  const { tally, residualLegs, pendingUnwinds } = leg.batch;
  const isLeft = lotsLeft(world, leg) > 0 && !pendingUnwinds.includes(leg);
  if (isLeft || overshootOf(leg).lots > 0) residualLegs.add(leg);
  else residualLegs.delete(leg);
  tally.residual = residualLegs.size > 0;
}

/**
 * A fill that came after its leg had settled: while the batch lives, its status counts it and a rollback takes it up
 * too. `before`: lots filled without it.
 */
export function onLateFill(world: World, fold: Fold, group: GroupRow, before: Lots): void {
  const { batch } = group;
  const quantity = fromFixedPoint(group.book.quantity);
  fold.emit('ALERT', groupRef(group), {
    code: 'LATE_FILL',
    message: `${group.symbol} holds ${quantity} after its end`,
  });
  if (group.role === 'LEG' && !group.closes && group.book.quantity > 0n) applyProtection(world, fold, group);
  if (batch.entity === null) return;
  if (group.role === 'PROTECTION') {
    // What its trade holds again is its leg's to send back.
    for (const leg of batch.legs) if (leg.settled && leg.tradeId === group.tradeId) takeUp(world, fold, leg);
    return;
  }
  if (group.offsets !== null) {
    noteResidual(world, group.offsets);
    fold.tellBatch(batch, { type: 'UNWINDS_CHANGED' });
    return;
  }
  batch.tally.withFills += Number(group.book.filled > 0) - Number(before > 0);
  if (group.offset > 0n) noteResidual(world, group); // a bust after its unwind leaves what that sent
  takeUp(world, fold, group);
}

/** A rollback takes up what a settled leg holds and no unwind is to send back yet. */
function takeUp(world: World, fold: Fold, leg: GroupRow): void {
  const { batch } = leg;
  if (batch.pendingUnwinds.includes(leg) || !isUnwindable(world, leg)) return;
  batch.tally.unwindable += 1;
  batch.pendingUnwinds.push(leg);
  noteResidual(world, leg);
  fold.tellBatch(batch, { type: 'UNWINDS_CHANGED' });
}
