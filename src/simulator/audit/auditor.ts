/**
 * The independent auditor: reads every committed record, hears of every request and of every change of the exchange's
 * truth, and checks the invariants step by step, in constant time each.
 *
 * Owns the dispatch. The checks stand in placement.ts, fills.ts, lifecycle.ts, ledger.ts and quiet.ts, each named
 * after its invariant. Shares no code with the machines, the book or the actors (a house test holds that).
 */
import type { EventOf, LedgerEntry, RuntimeEvent } from '../../dtos/events.js';
import type { PlaceOrder } from '../../dtos/venue.js';
import { Flows } from './flows.js';
import {
  deny,
  end,
  fill,
  i04NotByTimer,
  i07NoFillLost,
  i09Overfill,
  i10Orphan,
  type InputFacts,
  reverse,
} from './fills.js';
import {
  createGroup,
  i11Absorbs,
  i11StartsOnce,
  i12NothingExecutes,
  i15Independent,
  i18BoundedAttempts,
  noteCause,
  settleBatch,
  settleGroup,
} from './lifecycle.js';
import { type BatchRow, type Finding, Model, type OrderRow, setUnknown } from './model.js';
import { i21EntryAfterRecord, i24EntryBalances } from './ledger.js';
import {
  close,
  i01AcceptedOnce,
  i02IntentBeforePlace,
  i04ResendAfterAbsence,
  i05TruthWithinTarget,
  i05WithinTarget,
  i13NotAcceptedAfterEnd,
  i17NothingAfterFailure,
  i21CancelAfterRecord,
  i21QueryAfterRecord,
  i25NothingAfterFailedWrite,
  i27MayOpen,
  intend,
} from './placement.js';
import { i30NoSecret } from './secret.js';
import type { RequestListener, TruthExecution, TruthListener, TruthOrder } from './truth.js';
import { unitsOf } from './units.js';

export interface JournaledRecord {
  readonly n: number;
  readonly t: number;
  readonly input: InputFacts;
  readonly events: readonly RuntimeEvent[];
}

export interface AuditRules {
  readonly placeValidityMs: number | null;
  readonly unwindAttemptsMax: number;
  /** The venues list their orders: their return begins with a comparison. */
  readonly lists: boolean;
}

/** Inputs of one moment: far above what a stall or a reconnect brings together. */
const AT_ONCE_MAX = 1_000;

export class Auditor implements TruthListener, RequestListener {
  readonly model: Model;
  readonly flows: Flows;
  /** Report inputs that were journaled (I31). */
  reportsJournaled = 0;
  /** The process that runs now has lost its journal (I25). */
  journalFailed = false;
  #lastRecord = 0;
  #lastTime = 0;
  /** Records of the same moment as the last one. */
  #atOnce = 0;
  #input: InputFacts = { k: '' };

  constructor(private readonly rules: AuditRules) {
    this.model = new Model(rules.placeValidityMs);
    this.flows = new Flows(this.model);
  }

  get findings(): readonly Finding[] {
    return this.model.findings;
  }

  /** One committed line of the journal; gives it back as it was read. */
  record(line: string): JournaledRecord {
    const record = JSON.parse(line) as JournaledRecord;
    i30NoSecret(this.model, `record ${record.n}`, line);
    this.#take(record);
    return record;
  }

  #take({ n, t, input, events }: JournaledRecord): void {
    const { model } = this;
    model.steps += 1;
    model.records += 1;
    this.#i33TimeMoves(t);
    model.now = t;
    if (n !== this.#lastRecord + 1)
      model.found('I20', 'i20GapFree', `record ${n} follows record ${this.#lastRecord}`);
    this.#lastRecord = n;
    this.#input = input;
    noteCause(model, input);
    const { report } = input;
    if (input.k === 'account') this.#listed(input);
    else if (report !== undefined && input.k === 'report') {
      this.reportsJournaled += 1;
      const row = model.orders.get(report.clientOrderId);
      if (report.type === 'NOT_FOUND' && row !== undefined) deny(model, row, t);
      i10Orphan(model, report, events);
      i07NoFillLost(model, report, events);
    }
    for (const event of events) this.#event(event, events);
  }

  /** I33: what waits is asked again later, never at the same moment for ever. */
  #i33TimeMoves(t: number): void {
    this.#atOnce = t === this.#lastTime ? this.#atOnce + 1 : 0;
    this.#lastTime = t;
    if (this.#atOnce !== AT_ONCE_MAX) return;
    this.model.found('I33', 'i33TimeMoves', `${AT_ONCE_MAX} inputs at one moment, and no end of it`);
  }

  /** A venue that came back has been compared with. */
  #listed(input: InputFacts): void {
    const { venue, report } = input as { venue?: string; report?: { type: string } };
    if (report?.type !== 'MASS_STATUS' || venue === undefined) return;
    if (this.model.down.get(venue) === 'RECONCILING') this.model.down.delete(venue);
  }

  #event(event: RuntimeEvent, events: readonly RuntimeEvent[]): void {
    const { model } = this;
    model.steps += 1;
    model.events += 1;
    if (event.type === 'POISON')
      return model.found('I22', 'i22NoPoison', `an input could not be folded: ${event.error}`);
    if (event.seq !== model.lastSeq + 1)
      model.found('I20', 'i20GapFree', `event ${event.seq} follows event ${model.lastSeq}`);
    model.lastSeq = event.seq;
    i11Absorbs(model, event);
    if ('clientOrderId' in event && event.type !== 'ORPHAN') this.#orderEvent(event, events);
    else if (event.type.startsWith('GROUP_') || event.type === 'LEG_FAILED') this.#groupEvent(event);
    else if (event.type.startsWith('BATCH_')) this.#batchEvent(event);
    else this.#otherEvent(event);
  }

  #orderEvent(
    event: Extract<RuntimeEvent, { readonly clientOrderId: string }>,
    events: readonly RuntimeEvent[],
  ): void {
    const { model } = this;
    if (event.type === 'ORDER_INTENT') {
      intend(model, event);
      const row = model.orders.get(event.clientOrderId);
      if (row !== undefined) i18BoundedAttempts(model, row.group, this.rules.unwindAttemptsMax);
      return;
    }
    const row = model.orders.get(event.clientOrderId);
    // A retry that was dropped while it waited was never intended, and its slot's attempt is none (I18).
    if (row === undefined && event.type === 'ORDER_NOT_SENT') {
      const group = model.groups.get(event.groupId ?? '');
      if (group !== undefined) group.notSent += 1;
      return;
    }
    if (row === undefined)
      return model.found('I29', 'i29Attributed', `${event.type} of ${event.clientOrderId}, never intended`);
    switch (event.type) {
      case 'FILL':
        fill(model, row, event);
        return i09Overfill(model, row, events);
      case 'FILL_REVERSED':
        return reverse(model, row, event);
      case 'ORDER_ENDED':
        return end(model, row, event, this.#input);
      case 'ORDER_NOT_SENT':
        return this.#notSent(row);
      default:
        return this.#orderState(row, event.type);
    }
  }

  #notSent(row: OrderRow): void {
    row.notSent = true;
    row.group.notSent += 1;
    if (row.places > row.resends && row.denials < 2)
      this.model.found('I2', 'i02IntentBeforePlace', `${row.clientOrderId} was sent and is called not sent`);
    close(row);
  }

  #orderState(row: OrderRow, type: string): void {
    const { model } = this;
    switch (type) {
      case 'ORDER_RESENT':
        i04ResendAfterAbsence(model, row);
        row.resends += 1;
        row.denials = 0;
        return;
      case 'ORDER_ACCEPTED':
        row.isAcked = true;
        return;
      case 'ORDER_CANCEL_REQUESTED':
        row.cancelAsked = true;
        return;
      case 'ORDER_UNKNOWN':
        setUnknown(row, true, model.now);
        return;
      case 'ORDER_RESOLVED':
        i04NotByTimer(model, row, this.#input, 'resolved');
        setUnknown(row, false, model.now);
        if (row.isEscalated) this.#escalate(row, false);
        return;
      case 'ORDER_ESCALATED':
        if (!row.isEscalated) this.#escalate(row, true);
        return;
    }
  }

  #escalate(row: OrderRow, isEscalated: boolean): void {
    row.isEscalated = isEscalated;
    row.group.batch.escalated += isEscalated ? 1 : -1;
    this.model.escalatedOrders += isEscalated ? 1 : -1;
  }

  #groupEvent(event: RuntimeEvent): void {
    const { model } = this;
    if (event.type === 'GROUP_CREATED') return createGroup(model, event);
    const group = model.groups.get(event.groupId ?? '');
    if (group === undefined) return;
    switch (event.type) {
      case 'GROUP_STARTED':
        i11StartsOnce(model, group);
        group.isStarted = true;
        group.target = event.targetQuantity === null ? null : unitsOf(event.targetQuantity);
        return;
      case 'GROUP_ACTIVE':
        if (group.phase === 'PENDING') group.phase = 'ACTIVE';
        return;
      case 'GROUP_AMENDED':
        group.cap = unitsOf(event.workingCap);
        group.amends += 1;
        return;
      case 'GROUP_CLOSING':
        group.phase = 'CLOSING';
        group.closingReason ??= event.reason;
        return i15Independent(model, group, event.reason);
      case 'LEG_FAILED':
        group.hasFailed = true;
        group.batch.legFailed = true;
        if (group.batch.mode === 'COORDINATED' || group.batch.phase === 'PENDING')
          group.batch.cause ??= event.reason;
        return;
      case 'GROUP_SETTLED':
        return settleGroup(model, group, event);
      default:
        return;
    }
  }

  #batchEvent(event: RuntimeEvent): void {
    const { model } = this;
    if (event.type === 'BATCH_CREATED') return this.#createBatch(event);
    const batch = model.batches.get(event.batchId ?? '');
    if (batch === undefined) return;
    switch (event.type) {
      case 'BATCH_ACTIVE':
        batch.phase = 'ACTIVE';
        if (batch.timeoutMs !== null) batch.timeoutAt = event.at + batch.timeoutMs;
        return;
      case 'BATCH_STOPPING':
        batch.phase = 'STOPPING';
        return;
      case 'BATCH_UNWINDING':
        batch.phase = 'UNWINDING';
        return;
      case 'BATCH_SETTLED':
        return settleBatch(model, batch, event);
      default:
        return;
    }
  }

  #createBatch(event: EventOf<'BATCH_CREATED'>): void {
    const { directiveId, strategyId, mode, timeoutSeconds } = event;
    const batch: BatchRow = {
      ...{ id: event.batchId ?? '', directiveId, strategyId, mode, legs: [], unwinds: [] },
      timeoutMs: timeoutSeconds === null ? null : timeoutSeconds * 1000,
      ...{ phase: 'PENDING', timeoutAt: null, legFailed: false, cause: null, settledStatus: null },
      ...{ openOrders: 0, truthOpen: 0, escalated: 0 },
    };
    this.model.batches.set(batch.id, batch);
    this.model.openBatches += 1;
  }

  #otherEvent(event: RuntimeEvent): void {
    const { model } = this;
    switch (event.type) {
      case 'RUNTIME_OPENED':
        model.configHash = event.configHash;
        model.down.clear(); // connections went with the last process
        return;
      case 'KILL_LATCHED':
        model.kills.add(event.scope);
        return;
      case 'KILL_REARMED':
        model.kills.delete(event.scope);
        if (event.by === '') model.found('I28', 'i28NotKilled', `${event.scope} is re-armed by nobody`);
        return;
      case 'VENUE_DOWN':
        model.down.set(event.venue, 'DOWN');
        return;
      case 'VENUE_UP':
        if (this.rules.lists) model.down.set(event.venue, 'RECONCILING');
        else model.down.delete(event.venue);
        return;
      default:
        return this.flows.event(event);
    }
  }

  placed(_venue: string, order: PlaceOrder, at: number): void {
    const { model } = this;
    model.steps += 1;
    model.now = at;
    const row = model.orders.get(order.clientOrderId);
    i02IntentBeforePlace(model, row, order);
    i25NothingAfterFailedWrite(model, order.clientOrderId, this.journalFailed);
    if (row === undefined) return;
    row.places += 1;
    row.placedAt = at;
    row.group.hiddenAtSend = Math.max(row.group.hiddenAtSend, row.group.hidden);
    i05WithinTarget(model, row.group, 0, order.clientOrderId);
    // At the send only: a record may intend it and then tell of the failure, which takes it back before it leaves.
    i17NothingAfterFailure(model, row);
    i27MayOpen(model, row, at);
  }

  cancelRequested(clientOrderId: string, at: number): void {
    this.model.steps += 1;
    this.model.now = at;
    const row = this.model.orders.get(clientOrderId);
    i21CancelAfterRecord(this.model, clientOrderId, row, this.journalFailed);
  }

  queried(clientOrderId: string, at: number): void {
    this.model.steps += 1;
    this.model.now = at;
    i21QueryAfterRecord(this.model, clientOrderId, this.journalFailed);
  }

  /** An entry leaves for the ledger: no step, as a restart posts the last ones again. */
  posted(entry: LedgerEntry): void {
    this.model.posted.add(entry.entryId);
    i21EntryAfterRecord(this.model, entry);
    i24EntryBalances(this.model, entry);
  }

  accepted(order: TruthOrder, at: number): void {
    const { model } = this;
    model.steps += 1;
    model.now = at;
    i01AcceptedOnce(model, order);
    if (order.accepted > 1) return;
    const row = model.orders.get(order.clientOrderId);
    i13NotAcceptedAfterEnd(model, row, order.clientOrderId);
    if (row === undefined) return;
    row.truth = order;
    row.group.committed += order.quantity;
    row.group.truthOpen += 1;
    if (row.group.role !== 'PROTECTION') row.group.batch.truthOpen += 1;
    i05TruthWithinTarget(model, row);
  }

  /** What was open is executed: what its group has committed stays. */
  executed({ clientOrderId }: TruthOrder): void {
    const { model } = this;
    model.steps += 1;
    i12NothingExecutes(model, model.orders.get(clientOrderId), clientOrderId);
  }

  ended(order: TruthOrder): void {
    const row = this.model.orders.get(order.clientOrderId);
    if (row === undefined) return;
    row.group.committed -= order.quantity - order.cum;
    row.group.truthOpen -= 1;
    if (row.group.role !== 'PROTECTION') row.group.batch.truthOpen -= 1;
  }

  busted(order: TruthOrder, execution: TruthExecution, replacement: TruthExecution | null): void {
    const row = this.model.orders.get(order.clientOrderId);
    if (row === undefined) return;
    const change = (replacement?.quantity ?? 0) - execution.quantity;
    row.group.committed += change;
    if (!row.isOpen) row.group.hidden += change;
  }
}
