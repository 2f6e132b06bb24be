/**
 * Batches, inside the fold: stepping a batch's machine and carrying its intents out.
 *
 * Owns: creating a batch from a submitted directive, the pre-check of COORDINATED, starting and stopping legs,
 * unwinds, and how a batch settles. Does not own what a leg does (groups.ts) or what is left of it (remainders.ts).
 */
import { preCheck } from '../book/coordination.js';
import { fromSteps } from '../dtos/decimal.js';
import type { Reason } from '../dtos/events.js';
import { checkScope } from '../dtos/execution-command.js';
import type { BatchEvent, BatchIntent } from '../machines/batch.js';
import { EMPTY_TALLY, type Final } from '../machines/causes.js';
import { referencePrice } from '../strategies/index.js';
import { legExposure } from './fills.js';
import { beginFlow, refuseFlow } from './flow.js';
import type { BatchNotice, EventRef, Fold } from './fold.js';
import { lotsLeft, noteResidual, releaseGroup } from './groups.js';
import { holdBack, releaseHold } from './holds.js';
import type { Input } from './inputs.js';
import { createLeg, createUnwind } from './legs.js';
import { isUnderKill, legRow, noteRemainder } from './remainders.js';
import type { BatchRow, GroupRow, World } from './world.js';

type Submit = Extract<Input, { k: 'submit' }>;

const groupRef = (group: GroupRow): EventRef => ({ batchId: group.batch.id, groupId: group.id });
const batchRef = (batch: BatchRow): EventRef => ({ batchId: batch.id });

/** Sends an event to the batch's machine and carries out what it wants. Settled batches absorb. */
export function stepBatch(world: World, fold: Fold, batch: BatchRow, notice: BatchNotice): void {
  if (batch.entity === null) return;
  if (batch.pendingUnwinds.length > 0 || batch.residualLegs.size > 0) forgetClosed(world, batch);
  const event = { ...notice, tally: { ...batch.tally } } as BatchEvent;
  for (const intent of batch.entity.send(event)) perform(world, fold, batch, intent, event);
}

/** What a protection or a close has sent back meanwhile is nobody's residual, and needs no unwind. */
function forgetClosed(world: World, batch: BatchRow): void {
  const left = batch.pendingUnwinds.filter((leg) => lotsLeft(world, leg) > 0);
  batch.tally.unwindable -= batch.pendingUnwinds.length - left.length;
  batch.pendingUnwinds = left;
  for (const leg of [...batch.residualLegs]) noteResidual(world, leg);
}

function perform(world: World, fold: Fold, batch: BatchRow, intent: BatchIntent, event: BatchEvent): void {
  switch (intent.type) {
    case 'ACTIVE':
      return activate(fold, batch);
    case 'START_LEGS':
      for (const leg of batch.legs) fold.startGroup(leg);
      return;
    case 'START_LEG': {
      const leg = batch.legs[intent.leg];
      if (leg !== undefined) fold.startGroup(leg);
      return;
    }
    case 'STOP_LEGS':
      return stopLegs(fold, batch, intent.cause);
    case 'STOPPING':
      fold.emit('BATCH_STOPPING', batchRef(batch), { reason: intent.reason });
      return;
    case 'ARM_GRACE':
      fold.arm(`b:${batch.id}:grace`, fold.now + world.rules.settleGraceMs);
      return;
    case 'UNWINDING':
      fold.emit('BATCH_UNWINDING', batchRef(batch), {});
      return;
    case 'UNWIND':
      return unwind(world, fold, batch);
    case 'STOP_UNWINDS':
      batch.unwindsStopped = true;
      for (const group of batch.unwinds)
        if (!group.settled) fold.tellGroup(group, { type: 'STOP', cause: intent.cause });
      return;
    case 'SETTLED':
      return settleBatch(world, fold, batch, intent);
    case 'UNEXPECTED':
      fold.emit('INCIDENT', batchRef(batch), {
        what: `${intent.event} in ${batch.entity?.state() ?? 'settled'} (${event.type})`,
      });
  }
}

/** The timeout runs from here, in absolute time. */
function activate(fold: Fold, batch: BatchRow): void {
  batch.status = 'ACTIVE';
  fold.emit('BATCH_ACTIVE', batchRef(batch), {});
  if (batch.timeoutMs === null) return;
  batch.timeoutAt = fold.now + batch.timeoutMs;
  fold.arm(`b:${batch.id}:timeout`, batch.timeoutAt);
}

function stopLegs(fold: Fold, batch: BatchRow, cause: Reason): void {
  batch.stopping = true;
  const isRefusal = batch.blockedLeg !== null;
  for (const leg of batch.legs) {
    if (leg.settled) continue;
    const isSibling = isRefusal && leg.index !== batch.blockedLeg;
    fold.tellGroup(leg, { type: 'STOP', cause: isSibling ? 'sibling_failed' : cause });
  }
}

/** A submitted directive becomes a batch with its legs, and starts. */
export function createBatch(world: World, fold: Fold, input: Submit): BatchRow {
  const { directive, commands } = input;
  const batch = batchRow(world, fold, input);
  world.batches.set(batch.id, batch);
  world.byDirective.set(directive.directive_id, batch);
  world.openBatches += 1;
  const { origin } = directive.causality;
  const created = fold.emit('BATCH_CREATED', batchRef(batch), {
    directiveId: directive.directive_id,
    strategyId: directive.strategy_planner_id,
    mode: batch.mode,
    timeoutSeconds: directive.execution_policy?.timeout_seconds ?? null,
    originId: origin.id,
    originType: origin.type,
    legs: commands.length,
  });
  const issues = commands.map((command, i) => checkScope(command, `commands[${i}]`));
  const isComplete = issues.every((found) => found.length === 0);
  if (isComplete) addLegs(world, fold, batch, input);
  else for (const [i, command] of commands.entries()) refuseFlow(fold, batch, command, issues[i] ?? []);
  batch.tally.legs = batch.legs.length;
  const onLegFailure = directive.execution_policy?.on_leg_failure ?? 'UNWIND';
  batch.entity = world.host.batch(batch.id, { mode: batch.mode, legs: batch.legs.length, onLegFailure });
  if (isComplete) fold.startBatch(batch, created);
  else fold.tellBatch(batch, { type: 'BLOCKED', cause: 'scope_error' });
  return batch;
}

function batchRow(world: World, fold: Fold, { directive, digest }: Submit): BatchRow {
  const policy = directive.execution_policy;
  const seconds = policy?.timeout_seconds;
  // One literal, without spreads: see rowOf in legs.ts.
  return {
    id: world.minter.mint('BAT', fold.now),
    directive,
    digest,
    mode: policy?.mode ?? 'INDEPENDENT',
    timeoutMs: seconds === undefined ? null : seconds * 1000,
    createdAt: fold.now,
    legs: [],
    unwinds: [],
    entity: null,
    tally: { ...EMPTY_TALLY },
    status: 'PENDING',
    reason: null,
    timeoutAt: null,
    pendingUnwinds: [],
    residualLegs: new Set(),
    blockedLeg: null,
    stopping: false,
    unwindsStopped: false,
    unknownOrders: 0,
    unknownSince: null,
    imbalancedSince: null,
    residuals: [],
    kept: [],
    dust: [],
    escalated: [],
  };
}

function addLegs(world: World, fold: Fold, batch: BatchRow, input: Submit): void {
  for (const [index, command] of input.commands.entries()) {
    const venue = input.venues[index] ?? '';
    const symbol =
      command.entry_plan?.symbol ?? world.positions.get(command.target_plan_id ?? '')?.symbol ?? '';
    const instrument = input.instruments[`${venue}|${symbol}`];
    const facts = input.venueFacts[venue];
    if (instrument === undefined || facts === undefined)
      throw new Error(`Invariant: ${venue} ${symbol} was listed at submit`);
    const leg = createLeg(world, fold, { batch, index, command, venue, facts, instrument });
    batch.legs.push(leg);
    if (command.scope === 'NEW_TRADE') openTrade(world, fold, leg);
    announce(fold, leg);
    beginFlow(fold, leg);
  }
}

/** The trade is known from here on, so that a CLOSE finds it before anything filled. */
function openTrade(world: World, fold: Fold, leg: GroupRow): void {
  const { tradeId, venue, symbol, side, instrument, batch } = leg;
  const strategyId = batch.directive.strategy_planner_id;
  world.positions.open(
    { tradeId, strategyId, venue, symbol, base: instrument.base, direction: side },
    fold.now,
  );
}

function announce(fold: Fold, group: GroupRow): void {
  const { command, target, instrument, spec } = group;
  fold.emit('GROUP_CREATED', groupRef(group), {
    commandId: command.command_id,
    planId: group.tradeId,
    scope: command.scope,
    symbol: group.symbol,
    side: group.side,
    venue: group.venue,
    strategy: group.strategy,
    strategyParams: spec.params,
    targetQuantity: target === null ? null : fromSteps(target, instrument.lotSize),
    lotSize: instrument.lotSize,
    ...(group.offsets === null ? {} : { offsetsGroupId: group.offsets.id }),
  });
}

/** COORDINATED is checked leg by leg before anything is staged; the other modes just start. */
export function startBatch(world: World, fold: Fold, batch: BatchRow): void {
  if (batch.status !== 'PENDING' || batch.stopping) return;
  if (batch.mode === 'COORDINATED' && !passesPreCheck(world, fold, batch)) return;
  stepBatch(world, fold, batch, { type: 'START' });
}

function passesPreCheck(world: World, fold: Fold, batch: BatchRow): boolean {
  const result = preCheck(
    batch.legs.map((leg) => legFacts(fold, leg)),
    world.reserved,
  );
  if (result.ok) {
    for (const hold of result.holds) {
      const leg = batch.legs[hold.leg];
      if (leg !== undefined) holdBack(world, leg, hold);
    }
    return true;
  }
  const { block, reason } = result;
  const leg = batch.legs[result.leg];
  fold.emit('ORDER_BLOCKED', leg === undefined ? batchRef(batch) : groupRef(leg), { block, reason });
  if (block === 'DEFER') {
    awaitReference(world, fold, batch);
    return false;
  }
  batch.blockedLeg = result.leg;
  if (leg !== undefined) leg.rejectDetail = reason;
  stepBatch(world, fold, batch, { type: 'BLOCKED', cause: 'pre_check' });
  return false;
}

/** A leg without a reference waits, and with it the batch; its timeout bounds the wait as well. */
function awaitReference(world: World, fold: Fold, batch: BatchRow): void {
  if (batch.timeoutAt === null && batch.timeoutMs !== null) {
    batch.timeoutAt = fold.now + batch.timeoutMs;
    fold.arm(`b:${batch.id}:timeout`, batch.timeoutAt);
  }
  fold.arm(`b:${batch.id}:start`, fold.now + world.rules.deferMs);
}

function legFacts(fold: Fold, leg: GroupRow) {
  const { index, venue, symbol, side, instrument, target, facts, spec } = leg;
  const params = spec.params as { readonly limit_price?: string };
  const view = fold.view(symbol);
  return {
    ...{ index, venue, symbol, side, instrument, target, maxSlippage: spec.maxSlippage },
    limitPrice: params.limit_price ?? null,
    allowShort: facts.allowShort,
    unlimitedCash: facts.unlimitedCash,
    takerFeeBps: facts.takerFeeBps,
    balances: facts.balances,
    reference: view === null ? null : referencePrice(view),
  };
}

/** Sends back what the settled legs hold. */
function unwind(world: World, fold: Fold, batch: BatchRow): void {
  const legs = batch.pendingUnwinds;
  batch.pendingUnwinds = [];
  for (const leg of legs) {
    batch.tally.unwindable -= 1;
    const { lots } = legExposure(world, leg);
    if (lots === 0) continue;
    if (isUnderKill(world, leg)) {
      noteResidual(world, leg); // a kill stops, it does not unwind: what its scope holds is the residual
      continue;
    }
    const group = createUnwind(world, fold, leg, lots);
    batch.unwinds.push(group);
    leg.unwinding.push(group);
    noteResidual(world, leg);
    batch.tally.unwindsSent += 1;
    batch.tally.unwindsLive += 1;
    announce(fold, group);
    fold.startGroup(group);
  }
  fold.tellBatch(batch, { type: 'UNWINDS_CHANGED' });
}

function settleBatch(
  world: World,
  fold: Fold,
  batch: BatchRow,
  end: { readonly status: Final; readonly reason: Reason; readonly keeps: boolean },
): void {
  batch.status = end.status;
  batch.reason = end.reason;
  batch.entity?.stop();
  batch.entity = null;
  for (const timer of ['timeout', 'grace', 'start', 'legging']) {
    fold.stage({ type: 'DISARM', key: `b:${batch.id}:${timer}` });
  }
  for (const leg of batch.legs) releaseHold(world, leg, null);
  for (const leg of batch.legs) noteRemainder(world, batch, leg, end);
  fold.emit('BATCH_SETTLED', batchRef(batch), {
    status: end.status,
    reason: end.reason,
    legs: batch.legs.map(legRow),
    residuals: batch.residuals,
    kept: batch.kept,
    dust: batch.dust,
  });
  for (const residual of batch.residuals) {
    const message = `${residual.quantity} ${residual.symbol} is left: ${residual.reason}`;
    fold.emit('ALERT', batchRef(batch), { code: 'RESIDUAL', message });
  }
  world.openBatches -= 1;
  remember(world, batch);
}

/** Settled batches stay for late reports and questions, within the bounded history; the journal has the rest. */
function remember(world: World, batch: BatchRow): void {
  const count = (row: BatchRow): number => row.legs.length + row.unwinds.length;
  world.settledBatches.push(batch);
  world.settledGroups += count(batch);
  while (world.settledGroups > world.rules.historyGroups && world.settledBatches.length > 1) {
    const oldest = world.settledBatches.shift();
    if (oldest === undefined) return;
    world.settledGroups -= count(oldest);
    world.batches.delete(oldest.id);
    world.byDirective.delete(oldest.directive.directive_id);
    for (const group of [...oldest.legs, ...oldest.unwinds]) {
      releaseGroup(group);
      world.groups.delete(group.id);
      world.keys.delete(group.key);
    }
  }
}
