/**
 * Checks of groups and batches: I11 to I15, I17, I18. Each is a function named after its invariant.
 *
 * Owns the auditor's own reading of DESIGN's status tables; the machines have another one.
 */
import type { EventOf, LegRow, Remainder, RuntimeEvent } from '../../dtos/events.js';
import type { InputFacts } from './fills.js';
import type { BatchRow, GroupRow, Model, OrderRow, Role } from './model.js';
import { textOf, unitsOf } from './units.js';

const GROUP_LIFE: ReadonlySet<string> = new Set([
  ...['GROUP_STARTED', 'GROUP_ACTIVE', 'GROUP_AMENDED', 'GROUP_CLOSING', 'LEG_FAILED', 'GROUP_SETTLED'],
  ...['ORDER_INTENT', 'ORDER_RESENT'],
]);
const BATCH_LIFE: ReadonlySet<string> = new Set([
  ...['BATCH_ACTIVE', 'BATCH_STOPPING', 'BATCH_UNWINDING', 'BATCH_SETTLED'],
]);

/** I11: what is settled absorbs. */
export function i11Absorbs(model: Model, event: RuntimeEvent): void {
  if (GROUP_LIFE.has(event.type)) {
    const group = model.groups.get(event.groupId ?? '');
    if (group?.phase === 'SETTLED')
      model.found('I11', 'i11Absorbs', `${event.type} of ${group.id} after its end`);
  } else if (BATCH_LIFE.has(event.type)) {
    const batch = model.batches.get(event.batchId ?? '');
    if (batch?.phase === 'SETTLED')
      model.found(
        event.type === 'BATCH_SETTLED' ? 'I14' : 'I11',
        'i11Absorbs',
        `${event.type} of ${batch.id} after its end`,
      );
  }
}

/** I11: a life goes forward: what has started does not start again, with another target perhaps. */
export function i11StartsOnce(model: Model, group: GroupRow): void {
  if (group.isStarted) model.found('I11', 'i11StartsOnce', `${group.id} starts again`);
}

/** I12, I13: a group or batch that has ended has nothing open, neither in the runtime nor at the venue. */
export function i12NothingOpen(model: Model, what: string, row: GroupRow | BatchRow): void {
  if (row.openOrders > 0)
    model.found('I12', 'i12NothingOpen', `${what} ended with ${row.openOrders} orders open or unknown`);
  if (row.truthOpen > 0)
    model.found('I12', 'i12NothingOpen', `${what} ended with ${row.truthOpen} orders open at the venue`);
}

/** I12, I13 at the exchange: what executes is an order that the runtime holds for open, of a group that has not ended. */
export function i12NothingExecutes(model: Model, row: OrderRow | undefined, id: string): void {
  if (row === undefined)
    return model.found('I2', 'i02IntentBeforePlace', `the venue executes ${id}, which nobody intended`);
  if (row.isVerdict || (row.isOpen && row.group.phase !== 'SETTLED')) return;
  const what = row.isOpen ? `${row.group.id} had ended` : 'the runtime held it for ended';
  model.found('I12', 'i12NothingExecutes', `${id} executes at the venue after ${what}`);
}

const REQUESTED = ['cancel_requested', 'kill'];
const ERRORS = ['execution_error', 'control_stop', 'pre_check', 'scope_error', 'strategy_fault'];

/** I14: a group's status follows from its fills and its first cause. */
export function i14GroupStatus(model: Model, group: GroupRow, event: EventOf<'GROUP_SETTLED'>): void {
  const { target, filled, closingReason } = group;
  const cause = closingReason ?? event.reason;
  const expected = (): string => {
    // A close reads its target only when it starts; one that never did had some, or none.
    const isUnread = group.scope === 'CLOSE_EXISTING' && !group.isStarted && cause !== 'no_order_needed';
    if (!isUnread && (target === null || filled >= target)) return 'COMPLETED';
    if (cause === 'budget_spent') return 'COMPLETED';
    if (REQUESTED.includes(cause)) return 'CANCELLED';
    if (ERRORS.includes(cause)) return 'FAILED';
    return filled > 0 ? 'PARTIAL' : 'CANCELLED';
  };
  if (event.status !== expected())
    model.found('I14', 'i14GroupStatus', `${group.id} ends ${event.status} (${cause}), not ${expected()}`);
}

/** I14: a batch's status follows from its legs, its residuals and what stopped it. */
export function i14BatchStatus(model: Model, batch: BatchRow, event: EventOf<'BATCH_SETTLED'>): void {
  const { legs, residuals, reason, status } = event;
  const cause = batch.cause ?? '';
  const expected = (): string => {
    if (legs.length > 0 && legs.every(({ success }) => success) && batch.unwinds.length === 0)
      return 'COMPLETED';
    const requested = REQUESTED.includes(cause);
    if (batch.mode === 'COORDINATED') {
      if (residuals.length > 0) return 'PARTIAL';
      return requested ? 'CANCELLED' : 'FAILED';
    }
    if (requested) return 'CANCELLED';
    if (legs.some(({ filledQuantity }) => unitsOf(filledQuantity) > 0)) return 'PARTIAL';
    const failed = legs.some((leg) => leg.status === 'FAILED') || ERRORS.includes(cause);
    return failed ? 'FAILED' : 'CANCELLED';
  };
  const wanted = expected();
  if (status !== wanted)
    model.found('I14', 'i14BatchStatus', `${batch.id} ends ${status} (${cause}, ${reason}), not ${wanted}`);
  for (const row of legs) i14LegRow(model, batch, row);
}

const STOPPING_INPUTS: Readonly<Record<string, string>> = {
  cancelBatch: 'cancel_requested',
  kill: 'kill',
  marketEnd: 'market_ended',
};

/** What an input stops as a whole, for the status of what it stops: the first cause decides. */
export function noteCause(model: Model, input: InputFacts): void {
  const cause = STOPPING_INPUTS[input.k];
  if (cause === undefined) {
    if (input.k !== 'due') return;
    const [kind, id = '', timer] = String(input['id']).split(':');
    const batch = kind === 'b' ? model.batches.get(id) : undefined;
    if (batch !== undefined && timer === 'timeout') batch.cause ??= 'timeout';
    if (batch !== undefined && timer === 'legging') batch.cause ??= 'legging_time';
    return;
  }
  const one =
    input.k === 'cancelBatch'
      ? String(input['batchId'])
      : String(input['scope'] ?? 'all').replace('batch:', '');
  if (one !== 'all') {
    const batch = model.batches.get(one);
    if (batch !== undefined) batch.cause ??= cause;
    return;
  }
  for (const batch of model.batches.values()) if (batch.phase !== 'SETTLED') batch.cause ??= cause;
}

/** I14: the rows of a batch's end say what its groups ended as. */
function i14LegRow(model: Model, batch: BatchRow, row: LegRow): void {
  const group = model.groups.get(row.groupId);
  if (group === undefined || group.batch !== batch)
    return model.found('I14', 'i14LegRow', `${batch.id} reports ${row.groupId}, which is no leg of it`);
  if (group.status !== null && group.status !== row.status)
    model.found('I14', 'i14LegRow', `${row.groupId} ended ${group.status}, reported is ${row.status}`);
  if (unitsOf(row.filledQuantity) !== group.filled)
    model.found(
      'I14',
      'i14LegRow',
      `${row.groupId} filled ${textOf(group.filled)}, not ${row.filledQuantity}`,
    );
}

/** I15: in INDEPENDENT nothing happens to a leg because of another. */
export function i15Independent(model: Model, group: GroupRow, reason: string): void {
  if (group.batch.mode === 'INDEPENDENT' && reason === 'sibling_failed')
    model.found('I15', 'i15Independent', `${group.id} closes because a sibling failed`);
}

const signed = (rows: readonly Remainder[], symbol: string): number =>
  rows.reduce((sum, row) => sum + (row.symbol === symbol ? unitsOf(row.quantity) : 0), 0);

/** I17: what a COORDINATED batch that did not complete leaves, by instrument, is what it reports. */
export function i17NetIsReported(model: Model, batch: BatchRow, event: EventOf<'BATCH_SETTLED'>): void {
  if (batch.mode !== 'COORDINATED' || event.status === 'COMPLETED') return;
  // Closes report the dust of their trade, not their own; a fee in the base asset takes from what can be sent back.
  if (batch.legs.some(({ scope }) => scope !== 'NEW_TRADE')) return;
  for (const { symbol } of batch.legs) {
    let net = 0;
    let fees = 0;
    for (const group of [...batch.legs, ...batch.unwinds]) {
      if (group.symbol !== symbol) continue;
      net += group.side === 'BUY' ? group.filled : -group.filled;
      fees += group.baseFees;
    }
    // Where somebody else has closed the trade meanwhile, less is held than was filled.
    const isShared = batch.legs.some((leg) => leg.symbol === symbol && tradeIsShared(model, leg));
    const told = [event.residuals, event.kept, event.dust].reduce(
      (sum, rows) => sum + signed(rows, symbol),
      0,
    );
    if (Math.abs(net - told) <= fees || isShared) continue;
    const message = `${batch.id} leaves ${textOf(net)} ${symbol} and reports ${textOf(told)}`;
    model.found('I17', 'i17NetIsReported', message);
  }
}

function tradeIsShared(model: Model, leg: GroupRow): boolean {
  for (const group of model.groups.values())
    if (group.tradeId === leg.tradeId && group !== leg && group.offsets !== leg && group.orders > 0)
      return true;
  return false;
}

/** I18: an unwind sends back no more than its leg filled and no other unwind has sent back. */
export function i18UnwindWithinFill(model: Model, group: GroupRow): void {
  const leg = group.offsets;
  if (leg === null) return;
  if (group.side === leg.side)
    model.found('I18', 'i18UnwindWithinFill', `${group.id} adds to ${leg.id} instead of offsetting it`);
  if (group.batch.mode !== 'COORDINATED')
    model.found('I18', 'i18UnwindWithinFill', `${group.id} unwinds a leg of a ${group.batch.mode} batch`);
  let sent = 0;
  for (const other of leg.unwinds)
    sent += other.phase === 'SETTLED' ? other.filled : Math.max(other.target ?? 0, other.filled);
  if (sent <= leg.filled || leg.hadReversal) return;
  const message = `unwinds of ${leg.id} send back ${textOf(sent)} of ${textOf(leg.filled)} filled`;
  model.found('I18', 'i18UnwindWithinFill', message);
}

/** I18: an unwind's attempts are bounded; a retry of a refusal for a passing cause belongs to its slot's attempt. */
export function i18BoundedAttempts(model: Model, group: GroupRow, attemptsMax: number): void {
  const attempts = group.slots.size - group.notSent - group.amends;
  if (group.role === 'UNWIND' && attempts > attemptsMax)
    model.found('I18', 'i18BoundedAttempts', `${group.id} makes ${attempts} attempts`);
}

const roleOf = (event: EventOf<'GROUP_CREATED'>): Role => {
  if (event.offsetsGroupId !== undefined) return 'UNWIND';
  return event.protectsTradeId === undefined ? 'LEG' : 'PROTECTION';
};

const CATCH_UP = 3;

/** Of an even TWAP without jitter or sweep: three times a slice, in whole lots. */
function sliceMaxOf(
  { strategyParams, lotSize }: EventOf<'GROUP_CREATED'>,
  target: number | null,
): number | null {
  const params = strategyParams as Readonly<Record<string, unknown>>;
  const { strategy, slices, size_jitter_pct: jitter, on_deadline: end } = params;
  if (strategy !== 'TWAP' || typeof slices !== 'number' || target === null) return null;
  if (jitter !== '0' || end === 'SWEEP') return null;
  const lot = unitsOf(lotSize);
  return CATCH_UP * Math.ceil(target / lot / slices) * lot;
}

export function createGroup(model: Model, event: EventOf<'GROUP_CREATED'>): void {
  const batch = model.batches.get(event.batchId ?? '');
  if (batch === undefined || event.groupId === undefined)
    return model.found('I29', 'i29Attributed', `${event.groupId} is a group of no batch`);
  const role = roleOf(event);
  const target = event.targetQuantity === null ? null : unitsOf(event.targetQuantity);
  const group: GroupRow = {
    id: event.groupId,
    batch,
    role,
    index: batch.legs.length,
    commandId: event.commandId,
    scope: event.scope,
    tradeId: event.planId ?? '',
    symbol: event.symbol,
    side: event.side,
    venue: event.venue,
    offsets: event.offsetsGroupId === undefined ? null : (model.groups.get(event.offsetsGroupId) ?? null),
    target,
    cap: null,
    phase: 'PENDING',
    isStarted: false,
    closingReason: null,
    status: null,
    success: false,
    hasFailed: false,
    filled: 0,
    leaves: 0,
    openOrders: 0,
    orders: 0,
    unknowns: 0,
    unknownSince: null,
    notSent: 0,
    amends: 0,
    overfilled: 0,
    committed: 0,
    truthOpen: 0,
    hidden: 0,
    hiddenAtSend: 0,
    slots: new Map(),
    unwinds: [],
    sliceMax: sliceMaxOf(event, target),
    hadReversal: false,
    baseFees: 0,
  };
  if (model.groups.has(group.id)) model.found('I3', 'i03DistinctIds', `${group.id} is created twice`);
  model.groups.set(group.id, group);
  if (role === 'LEG') batch.legs.push(group);
  else if (role === 'PROTECTION') model.openProtections += 1;
  else {
    batch.unwinds.push(group);
    group.offsets?.unwinds.push(group);
    i18UnwindWithinFill(model, group);
  }
}

export function settleGroup(model: Model, group: GroupRow, event: EventOf<'GROUP_SETTLED'>): void {
  i12NothingOpen(model, group.id, group);
  i14GroupStatus(model, group, event);
  const counted = Math.min(group.filled, group.target ?? 0);
  if (unitsOf(event.filledQuantity) !== counted)
    model.found(
      'I8',
      'i08SumOfFills',
      `${group.id} ends with ${event.filledQuantity}, not ${textOf(counted)}`,
    );
  group.phase = 'SETTLED';
  group.status = event.status;
  group.success = event.success;
  if (group.role === 'PROTECTION') model.openProtections -= 1;
}

export function settleBatch(model: Model, batch: BatchRow, event: EventOf<'BATCH_SETTLED'>): void {
  i12NothingOpen(model, batch.id, batch);
  for (const leg of [...batch.legs, ...batch.unwinds])
    if (leg.phase !== 'SETTLED')
      model.found('I12', 'i12NothingOpen', `${batch.id} ended before ${leg.id} did (${leg.phase})`);
  i14BatchStatus(model, batch, event);
  i17NetIsReported(model, batch, event);
  batch.phase = 'SETTLED';
  batch.settledStatus = event.status;
  model.openBatches -= 1;
}
