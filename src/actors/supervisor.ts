/**
 * The supervisor: takes one input, folds it to quiescence, and says what happened and what is to be done.
 *
 * Owns the dispatch of inputs and of the worklist's steps. The rules stand in orders.ts (gateway), order-fate.ts,
 * groups.ts and batches.ts; the state in world.ts. Synchronous, no I/O, no clock: fold(journal) is the state (I22).
 */
import { fromSteps } from '../dtos/decimal.js';
import { type ErrorCode, FillwrightError } from '../dtos/errors.js';
import type { Reason, RuntimeEvent } from '../dtos/events.js';
import { IdMinter } from '../dtos/ids.js';
import { createBatch, startBatch, stepBatch } from './batches.js';
import { restorePosition } from './fills.js';
import { type Effect, Fold, type Step } from './fold.js';
import { onGroupDue, onLateFill, startGroup, stepGroup } from './groups.js';
import { watchImbalance } from './holds.js';
import type { Input } from './inputs.js';
import { successAt } from './legs.js';
import { flawOf } from './malformed.js';
import { onOldReport } from './old-fills.js';
import { stopProtections, tendAll, tendTrade } from './protection.js';
import { onMalformed, onOrderDue, onReport, onVerdict } from './order-fate.js';
import { filterPlaces, notSent } from './orders.js';
import { beginReconciling, onConnection, onListing, onReconcileDue, reconcile } from './reconcile.js';
import { resumeOrders } from './recovery.js';
import { type BatchRow, findOrder, type GroupRow, groupOfOrder, isKilled, type World } from './world.js';

/** What a fold came to. `refusal`: the input asked for what cannot be done; nothing changed. */
export interface Folded {
  readonly events: readonly RuntimeEvent[];
  readonly effects: readonly Effect[];
  readonly refusal: FillwrightError | null;
  /** The batch that a submit made. */
  readonly batch: BatchRow | null;
}

type Of<K extends Input['k']> = Extract<Input, { readonly k: K }>;

export class Supervisor {
  private refusal: FillwrightError | null = null;
  private batch: BatchRow | null = null;

  constructor(readonly world: World) {}

  /** Folds one input. A throw is a defect: the caller journals the input as POISON and stops. */
  fold(input: Input, now: number): Folded {
    const { world } = this;
    const fold = new Fold(world, now, 'views' in input ? input.views : {});
    this.refusal = null;
    this.batch = null;
    world.host.run(input, () => {
      this.take(fold, input);
      do fold.quiesce((step) => this.step(fold, step));
      while (this.tend(fold) || filterPlaces(fold));
      fold.packEnded();
    });
    return { events: fold.events, effects: fold.effects, refusal: this.refusal, batch: this.batch };
  }

  /** Protections follow once everything else has come to rest. True: there may be more to do. */
  private tend(fold: Fold): boolean {
    return fold.tendTrades((tradeId) => tendTrade(this.world, fold, tradeId));
  }

  private refuse(code: ErrorCode, message: string): void {
    this.refusal = new FillwrightError(code, message);
  }

  private step(fold: Fold, step: Step): void {
    switch (step.to) {
      case 'group':
        return stepGroup(this.world, fold, step.group, step.notice);
      case 'batch':
        return stepBatch(this.world, fold, step.batch, step.notice);
      case 'startGroup':
        return startGroup(this.world, fold, step.group);
      case 'startBatch':
        return startBatch(this.world, fold, step.batch);
    }
  }

  private take(fold: Fold, input: Input): void {
    const { world } = this;
    switch (input.k) {
      case 'open':
        return this.open(fold, input);
      case 'submit':
        return this.submit(fold, input);
      case 'report':
        return this.report(fold, input);
      case 'due':
        return this.due(fold, input);
      case 'tick': {
        const group = world.groups.get(input.id.slice(2));
        if (group !== undefined) onGroupDue(world, fold, group, input.gen, true);
        return;
      }
      case 'benchmark': {
        const { batchId, groupId, from, to, volume, vwap, twap } = input;
        fold.emit('GROUP_BENCHMARKED', { batchId, groupId }, { from, to, volume, vwap, twap });
        return;
      }
      case 'notSent': {
        const group = groupOfOrder(this.world, input.clientOrderId);
        const row = group?.book.open.get(input.clientOrderId);
        if (group !== undefined && row !== undefined) notSent(fold, group, row, input.reason);
        return;
      }
      case 'ledgerFailed':
        return this.ledgerFailed(fold, input);
      case 'account':
        return this.account(fold, input);
      case 'reconcile':
        return reconcile(world, fold);
      case 'marketEnd':
        world.marketEnded = true;
        for (const batch of world.batches.values()) stopBatch(fold, batch, 'market_ended');
        stopProtections(world, fold, 'market_ended', () => true);
        return;
      default:
        return this.operate(fold, input);
    }
  }

  private open(fold: Fold, input: Of<'open'>): void {
    const { seed, environment, configHash, version, epoch = 1 } = input;
    // Rules that a later version brought are the runtime's own.
    this.world.rules = { ...this.world.rules, ...input.rules };
    if (epoch === 1) this.world.minter = new IdMinter(seed);
    const later = epoch === 1 ? {} : { epoch };
    const opened = fold.emit('RUNTIME_OPENED', {}, { environment, seed, configHash, version, ...later });
    for (const setting of input.unsafe) fold.emit('RUNTIME_UNSAFE', {}, { setting });
    fold.because(opened);
    const { venues } = this.world;
    venues.lists = input.lists ?? [];
    venues.down.clear(); // its connections went with the last process
    if (epoch === 1) venues.openedAt = fold.now;
    else resumeOrders(this.world, fold);
    beginReconciling(this.world, fold, epoch > 1);
  }

  private submit(fold: Fold, input: Of<'submit'>): void {
    const known = this.world.byDirective.get(input.directive.directive_id);
    // Told again here: the trade may have been opened by a submit that was still under way at this one's check.
    const taken = input.commands.find(
      ({ scope, plan_id: id }) =>
        scope === 'NEW_TRADE' && id !== undefined && this.world.positions.get(id) !== undefined,
    );
    if (known === undefined && taken !== undefined) {
      this.refuse('VALIDATION', `trade ${taken.plan_id} exists already`);
    } else if (known === undefined) {
      for (const state of input.restored) restorePosition(this.world, state);
      this.batch = createBatch(this.world, fold, input);
    } else if (known.digest === input.digest) {
      this.batch = known; // decision 17: the same again gives the existing batch
    } else {
      this.refuse(
        'DUPLICATE_DIRECTIVE',
        `${input.directive.directive_id} was submitted before with other content`,
      );
    }
  }

  private account(fold: Fold, input: Of<'account'>): void {
    const { venue, report } = input;
    if (report.type === 'CONNECTION')
      return onConnection(this.world, fold, venue, report.state, report.reason);
    onListing(this.world, fold, input, report, (fill, origin) => {
      const k = 'report' as const;
      this.report(
        fold,
        origin === undefined ? { k, venue, report: fill } : { k, venue, report: fill, origin },
      );
    });
  }

  private report(fold: Fold, { report, origin }: Of<'report'>): void {
    const { world } = this;
    const group = groupOfOrder(world, report.clientOrderId);
    const row = findOrder(group, report.clientOrderId);
    if (group === undefined || row === undefined) {
      if (origin !== undefined) return onOldReport(world, fold, report, origin);
      const what = `${report.type} of an order that is not ours: ${report.clientOrderId}`;
      fold.emit('ORPHAN', {}, { clientOrderId: report.clientOrderId, report: report.type });
      fold.emit('ALERT', {}, { code: 'ORPHAN', message: what });
      return;
    }
    const flaw = flawOf(report, group.book.lot);
    if (flaw !== null) return onMalformed(world, fold, group, row, `${report.type} with ${flaw}`);
    const { quantity: before, filled } = group.book;
    const wasEnded = row.phase === 'ENDED';
    onReport(world, fold, group, row, report);
    if (row.phase === 'ENDED' || wasEnded) fold.noteEnded(group.book);
    if (group.book.quantity === before) return;
    if (group.settled) onLateFill(world, fold, group, filled);
    else if (group.role !== 'PROTECTION') watchImbalance(fold, group.batch);
  }

  private due(fold: Fold, { id, gen }: Of<'due'>): void {
    const { world } = this;
    const key = id.slice(2);
    if (id.startsWith('o:')) {
      const group = groupOfOrder(world, key);
      const row = group?.book.open.get(key);
      if (group !== undefined && row !== undefined) onOrderDue(world, fold, group, row, gen);
    } else if (id.startsWith('b:')) {
      const [batchId = '', timer = ''] = key.split(':');
      const batch = world.batches.get(batchId);
      if (batch !== undefined) batchDue(fold, batch, timer);
    } else if (id.startsWith('r:')) {
      onReconcileDue(world, fold, key, gen);
    } else {
      const group = world.groups.get(key);
      if (group === undefined) return;
      if (id.startsWith('s:')) startGroup(world, fold, group);
      else onGroupDue(world, fold, group, gen);
    }
  }

  private operate(
    fold: Fold,
    input: Of<'cancelBatch' | 'cancelGroup' | 'amend' | 'kill' | 'rearm' | 'resolve'>,
  ): void {
    const { world } = this;
    switch (input.k) {
      case 'kill':
        return this.kill(fold, input);
      case 'rearm':
        world.kills.delete(input.scope);
        fold.emit('KILL_REARMED', {}, { scope: input.scope, by: input.by });
        tendAll(world, fold);
        return;
      case 'cancelBatch':
        return this.cancelBatch(fold, input);
      case 'cancelGroup': {
        const group = this.liveGroup(input.groupId);
        if (group?.role === 'PROTECTION')
          return this.refuse(
            'AMEND_REFUSED',
            `${group.id} protects ${group.tradeId}: close the trade instead`,
          );
        if (group !== null) fold.tellGroup(group, { type: 'STOP', cause: 'cancel_requested' });
        return;
      }
      case 'amend':
        return this.amend(fold, input);
      case 'resolve':
        return this.resolve(fold, input);
    }
  }

  private liveGroup(groupId: string): GroupRow | null {
    const group = this.world.groups.get(groupId);
    if (group !== undefined && !group.settled) return group;
    this.refuse('UNKNOWN_GROUP', `no live group ${groupId}`);
    return null;
  }

  private cancelBatch(fold: Fold, { batchId, unwind, abandon }: Of<'cancelBatch'>): void {
    const batch = this.world.batches.get(batchId);
    if (batch === undefined || batch.entity === null)
      return this.refuse('UNKNOWN_BATCH', `no live batch ${batchId}`);
    const isUnwinding = batch.entity.state() === 'active.unwinding';
    if (isUnwinding && !abandon)
      return this.refuse('UNWINDING', `${batchId} is unwinding; cancel with {abandon: true}`);
    fold.tellBatch(batch, { type: 'STOP', cause: 'cancel_requested', unwind, abandon });
  }

  private amend(fold: Fold, { groupId, limitPrice, cap }: Of<'amend'>): void {
    const group = this.liveGroup(groupId);
    if (group === null) return;
    const { book, target, instrument } = group;
    if (group.role === 'PROTECTION')
      return this.refuse('AMEND_REFUSED', `${groupId} is moved by MODIFY_EXISTING with an exit plan`);
    if (group.stopping || target === null) return this.refuse('AMEND_REFUSED', `${groupId} is ending`);
    const closes = group.closes || group.command.scope === 'CLOSE_EXISTING';
    if (closes && group.status === 'PENDING')
      return this.refuse('AMEND_REFUSED', `${groupId} reads its position only when it starts`);
    if (book.unknown > 0) return this.refuse('AMEND_REFUSED', `${groupId} has an order of unknown fate`);
    const least = book.filled + book.leaves;
    if (cap !== null && (cap > target || cap < least)) {
      return this.refuse('AMEND_REFUSED', `working_cap must lie between ${least} and ${target} lots`);
    }
    group.cap = cap ?? group.cap;
    group.successAt = successAt(group.command, group.cap);
    group.limitPrice = limitPrice ?? group.limitPrice;
    const workingCap = fromSteps(group.cap, instrument.lotSize);
    fold.emit(
      'GROUP_AMENDED',
      { batchId: group.batch.id, groupId },
      { limitPrice: group.limitPrice, workingCap },
    );
    fold.tellGroup(group, { type: 'AMEND', limitPrice, cap });
    if (this.world.shields.has(group.tradeId)) fold.touchTrade(group.tradeId);
  }

  /** Latches, and stops what is in scope. Whole batches stop without an unwind; single groups end as killed. */
  private kill(fold: Fold, { scope, by, reason }: Of<'kill'>): void {
    const { world } = this;
    world.kills.add(scope);
    fold.emit('KILL_LATCHED', {}, { scope, by, reason });
    fold.emit('ALERT', {}, { code: 'KILL', message: `${scope} killed by ${by}: ${reason}` });
    stopProtections(world, fold, 'kill', (group) => isKilled(world, { ...group, role: 'PROTECTION' }));
    for (const batch of world.batches.values()) {
      if (batch.entity === null) continue;
      if (scope === 'all' || scope === `batch:${batch.id}`) {
        stopBatch(fold, batch, 'kill');
        continue;
      }
      for (const group of [...batch.legs, ...batch.unwinds]) {
        if (!group.settled && isKilled(world, group)) fold.tellGroup(group, { type: 'STOP', cause: 'kill' });
      }
    }
  }

  private resolve(fold: Fold, { orderId, verdict, by }: Of<'resolve'>): void {
    const { world } = this;
    for (const group of world.groups.values()) {
      for (const row of group.book.open.values()) {
        if (row.orderId !== orderId) continue;
        if (!onVerdict(world, fold, group, row, { ...verdict, by })) {
          this.refuse('UNKNOWN_ORDER', `the verdict on ${orderId} says nothing new`);
        }
        return;
      }
    }
    this.refuse('UNKNOWN_ORDER', `no open order ${orderId}`);
  }

  private ledgerFailed(fold: Fold, { entry, batchId, error }: Of<'ledgerFailed'>): void {
    const policy = this.world.rules.onLedgerFailure;
    const ref = batchId === null ? {} : { batchId };
    fold.emit('LEDGER_FAILED', ref, { entryId: entry.entryId, error, policy });
    if (policy === 'continue') return;
    fold.emit('ALERT', ref, { code: 'LEDGER_FAILED', message: `${entry.entryId}: ${error}` });
    const batch = batchId === null ? undefined : this.world.batches.get(batchId);
    if (policy === 'rollback_api' && batch !== undefined) stopBatch(fold, batch, 'execution_error');
  }
}

function stopBatch(fold: Fold, batch: BatchRow, cause: Reason): void {
  if (batch.entity !== null) fold.tellBatch(batch, { type: 'STOP', cause, unwind: true, abandon: false });
}

function batchDue(fold: Fold, batch: BatchRow, timer: string): void {
  if (batch.entity === null) return;
  if (timer === 'timeout') stopBatch(fold, batch, 'timeout');
  else if (timer === 'legging') stopBatch(fold, batch, 'legging_time');
  else if (timer === 'grace') fold.tellBatch(batch, { type: 'GRACE_OVER' });
  else if (timer === 'start') fold.startBatch(batch);
}
