/**
 * Checks of what is sent: I1 to I6, I16, I17, I19, I21, I25, I27 to I29. Each is a function named after its invariant.
 *
 * Owns the judgement of intents, resends, places and acceptances. All take constant time.
 */
import type { EventOf } from '../../dtos/events.js';
import type { PlaceOrder } from '../../dtos/venue.js';
import { type GroupRow, leavesOf, type Model, type OrderRow, setUnknown } from './model.js';
import type { TruthOrder } from './truth.js';
import { textOf, unitsOf } from './units.js';

type Wire = Pick<
  PlaceOrder,
  | 'clientOrderId'
  | 'symbol'
  | 'side'
  | 'orderType'
  | 'timeInForce'
  | 'quantity'
  | 'price'
  | 'stopPrice'
  | 'postOnly'
  | 'reduceOnly'
>;

/** The bytes of an order, but for what an intent does not tell. */
export function bytesOf(wire: Wire): string {
  const { clientOrderId, symbol, side, orderType, timeInForce, quantity, postOnly, reduceOnly } = wire;
  const head = `${clientOrderId}|${symbol}|${side}|${orderType}|${timeInForce}|${quantity}`;
  return `${head}|${wire.price ?? ''}|${wire.stopPrice ?? ''}|${postOnly}|${reduceOnly}`;
}

const ID = /^[0-9A-Za-z]{1,32}$/;

/** I3: distinct intents have distinct ids over the journal's lifetime. */
export function i03DistinctIds(model: Model, event: EventOf<'ORDER_INTENT'>): void {
  const { clientOrderId: id, orderId = '' } = event;
  if (model.orders.has(id)) model.found('I3', 'i03DistinctIds', `${id} is intended twice`);
  if (model.orderIds.has(orderId)) model.found('I3', 'i03DistinctIds', `${orderId} is minted twice`);
  if (!ID.test(id)) model.found('I3', 'i03DistinctIds', `${id} is no client order id`);
}

/** I5: filled + open leaves + full UNKNOWN quantity + this order ≤ target, and ≤ the amended cap. */
export function i05WithinTarget(model: Model, group: GroupRow, quantity: number, what: string): void {
  const { filled, leaves, target, cap } = group;
  const most = Math.min(target ?? 0, cap ?? Number.POSITIVE_INFINITY);
  if (filled + leaves + quantity <= most) return;
  const parts = [filled, leaves, quantity].map(textOf).join(' + ');
  model.found('I5', 'i05WithinTarget', `${what} of ${group.id}: ${parts} > ${textOf(most)}`);
}

/** I5 at the exchange: executed and open there, but for what a venue executed and reports after an order's end. */
export function i05TruthWithinTarget(model: Model, row: OrderRow): void {
  const { group, clientOrderId } = row;
  const committed = group.committed - Math.max(group.hidden, group.hiddenAtSend);
  if (committed <= (group.target ?? 0)) return;
  const text = `${textOf(committed)} > ${textOf(group.target ?? 0)}`;
  model.found('I5', 'i05TruthWithinTarget', `${clientOrderId} takes ${group.id} to ${text} at the venue`);
}

/** I6: a slot that holds an open or UNKNOWN order gets no replacement. */
export function i06FreeSlot(model: Model, group: GroupRow, slot: number, id: string): void {
  const other = group.slots.get(slot);
  if (other === undefined || !other.isOpen) return;
  const state = other.isUnknown ? 'unknown' : 'open';
  const message = `slot ${slot} of ${group.id} holds ${other.clientOrderId} (${state}) and gets ${id}`;
  model.found('I6', 'i06FreeSlot', message);
}

/** I4: a resend rests on absence: twice denied after the place's validity. */
export function i04ResendAfterAbsence(model: Model, row: OrderRow): void {
  if (row.denials >= 2 && model.placeValidityMs !== null) return;
  const message = `${row.clientOrderId} is sent again after ${row.denials} denials that prove something`;
  model.found('I4', 'i04ResendAfterAbsence', message);
}

/** I2: each place has an earlier durable intent of the same bytes; one place per intent or resend. */
export function i02IntentBeforePlace(model: Model, row: OrderRow | undefined, order: PlaceOrder): void {
  const { clientOrderId: id } = order;
  if (row === undefined) return model.found('I2', 'i02IntentBeforePlace', `${id} is sent without an intent`);
  if (!row.isOpen) model.found('I2', 'i02IntentBeforePlace', `${id} is sent after its end`);
  if (row.places >= 1 + row.resends)
    model.found('I2', 'i02IntentBeforePlace', `${id} is sent ${row.places + 1} times`);
  if (row.wire !== bytesOf(order))
    model.found('I2', 'i02IntentBeforePlace', `${id} is sent as ${bytesOf(order)}, intended as ${row.wire}`);
}

/** I16: leg i+1 of a SEQUENTIAL batch is sent only after leg i's durable success. */
function i16EarlierLegsDone(model: Model, { group, clientOrderId }: OrderRow): void {
  if (group.batch.mode !== 'SEQUENTIAL' || group.role !== 'LEG' || group.index === 0) return;
  const before = group.batch.legs[group.index - 1];
  if (before?.phase === 'SETTLED' && before.success) return;
  const message = `${clientOrderId} of leg ${group.index} opens before leg ${group.index - 1} has succeeded`;
  model.found('I16', 'i16EarlierLegsDone', message);
}

/** I17: after a durable leg failure nothing of a COORDINATED batch opens but unwinds. */
export function i17NothingAfterFailure(model: Model, { group, clientOrderId }: OrderRow): void {
  const { batch, role } = group;
  if (batch.mode !== 'COORDINATED' || role !== 'LEG' || !batch.legFailed) return;
  model.found(
    'I17',
    'i17NothingAfterFailure',
    `${clientOrderId} opens after a leg of ${batch.id} has failed`,
  );
}

/** As the platform configuration has it by default. */
const UNKNOWN_HOLD_MS = 5_000;

/** I17: while an order of a COORDINATED batch has been unknown for long, its other legs open nothing. */
function i17HoldWhileUnknown(model: Model, { group, clientOrderId }: OrderRow, at: number): void {
  const { batch, role } = group;
  if (batch.mode !== 'COORDINATED' || role !== 'LEG') return;
  for (const leg of batch.legs) {
    if (leg === group || leg.unknownSince === null || at - leg.unknownSince < UNKNOWN_HOLD_MS) continue;
    const message = `${clientOrderId} opens though a sibling has been in doubt for ${at - leg.unknownSince} ms`;
    model.found('I17', 'i17HoldWhileUnknown', message);
  }
}

/** I5: a protection has no more open than its trade holds. */
function i05WithinHolding(model: Model, { group, clientOrderId }: OrderRow): void {
  if (group.role !== 'PROTECTION') return;
  const net = model.held.get(group.tradeId) ?? 0;
  const held = group.side === 'SELL' ? net : -net;
  if (group.leaves <= Math.max(0, held)) return;
  const text = `${textOf(group.leaves)} of the ${textOf(held)} that ${group.tradeId} holds`;
  model.found('I5', 'i05WithinHolding', `${clientOrderId} protects ${text}`);
}

/** I19: nothing but unwinds opens after the batch's deadline. */
function i19BeforeDeadline(model: Model, { group, clientOrderId }: OrderRow, at: number): void {
  const { batch, role } = group;
  if (role !== 'LEG' || batch.timeoutAt === null || at <= batch.timeoutAt) return;
  const late = at - batch.timeoutAt;
  model.found('I19', 'i19BeforeDeadline', `${clientOrderId} opens ${late} ms after ${batch.id} timed out`);
}

/** I25: after a failed write nothing opens. */
export function i25NothingAfterFailedWrite(model: Model, id: string, journalFailed: boolean): void {
  if (journalFailed)
    model.found('I25', 'i25NothingAfterFailedWrite', `${id} is sent after the journal failed`);
}

/** I27: each send passes the controls on the current state: a stopped group or batch sends nothing. */
function i27ControlsPassed(model: Model, row: OrderRow): void {
  const { clientOrderId } = row;
  const { phase, batch, role, id } = row.group;
  if (model.configHash === null)
    model.found('I27', 'i27ControlsPassed', `${clientOrderId} opens under no journaled configuration`);
  if (phase === 'CLOSING' || phase === 'SETTLED')
    model.found('I27', 'i27ControlsPassed', `${clientOrderId} opens while ${id} is ${phase}`);
  if (role === 'LEG' && batch.phase !== 'ACTIVE')
    model.found('I27', 'i27ControlsPassed', `${clientOrderId} opens while ${batch.id} is ${batch.phase}`);
  const { venue } = row.group;
  if (model.down.has(venue))
    model.found(
      'I27',
      'i27ControlsPassed',
      `${clientOrderId} opens while ${venue} is ${model.down.get(venue)}`,
    );
  if (role === 'UNWIND' && batch.phase !== 'UNWINDING')
    model.found('I27', 'i27ControlsPassed', `unwind ${clientOrderId} opens while ${batch.phase}`);
}

/**
 * Whatever holds back an order holds twice: where it is intended, and once more where it is sent, as both are checked
 * by the runtime, and either alone would hide that the other is gone.
 */
export function i27MayOpen(model: Model, row: OrderRow, at: number): void {
  i16EarlierLegsDone(model, row);
  i05WithinHolding(model, row);
  i17HoldWhileUnknown(model, row, at);
  i19BeforeDeadline(model, row, at);
  i27ControlsPassed(model, row);
  i28NotKilled(model, row);
}

/** I27: a slice is at most so many times its plan, however long the outage before it (max_catch_up_factor). */
export function i27CatchUpBounded(model: Model, row: OrderRow, timeInForce: string): void {
  const { sliceMax, id } = row.group;
  if (sliceMax === null || timeInForce !== 'IOC' || row.quantity <= sliceMax) return;
  const text = `${textOf(row.quantity)}, at most ${textOf(sliceMax)} is a slice of ${id}`;
  model.found('I27', 'i27CatchUpBounded', `${row.clientOrderId} places ${text}`);
}

/** I28: after a kill nothing in its scope is sent until it is re-armed. */
function i28NotKilled(model: Model, { group, clientOrderId }: OrderRow): void {
  const { kills } = model;
  if (kills.size === 0) return;
  const { batch, venue, symbol, role } = group;
  const scopes = ['all', `venue:${venue}`, `symbol:${symbol}`];
  if (role !== 'PROTECTION') scopes.push(`batch:${batch.id}`);
  const hit = scopes.find((scope) => kills.has(scope));
  if (hit !== undefined) model.found('I28', 'i28NotKilled', `${clientOrderId} opens while ${hit} is killed`);
}

/** I29: every order leads to its group, batch, directive and strategy. */
export function i29Attributed(model: Model, event: EventOf<'ORDER_INTENT'>): GroupRow | null {
  const group = model.groups.get(event.groupId ?? '');
  const named = group?.batch.directiveId !== '' && group?.batch.strategyId !== '';
  if (group !== undefined && group.batch.id === event.batchId && named) return group;
  model.found('I29', 'i29Attributed', `${event.clientOrderId} leads to ${event.groupId}, ${event.batchId}`);
  return group ?? null;
}

/** I1: at most one accepted order per id, even at a venue that takes duplicates. */
export function i01AcceptedOnce(model: Model, order: TruthOrder): void {
  if (order.accepted > 1)
    model.found('I1', 'i01AcceptedOnce', `${order.clientOrderId} was accepted ${order.accepted} times`);
}

/** I13: what the runtime holds for ended does not open at the venue afterwards. */
export function i13NotAcceptedAfterEnd(model: Model, row: OrderRow | undefined, id: string): void {
  if (row === undefined)
    return model.found('I2', 'i02IntentBeforePlace', `the venue accepted ${id}, which nobody intended`);
  if (!row.isOpen && !row.isVerdict)
    model.found('I13', 'i13NotAcceptedAfterEnd', `${id} was accepted after the runtime held it for ended`);
}

/** I21: a cancel follows a durable request of it; a runtime whose journal failed cancels without one (I25). */
export function i21CancelAfterRecord(
  model: Model,
  clientOrderId: string,
  row: OrderRow | undefined,
  halted: boolean,
): void {
  // What was intended in the record that failed never left; a cancel of it does no harm, and may be answered.
  if (halted) return void (row === undefined && model.strayCancels.add(clientOrderId));
  if (row === undefined) return model.found('I21', 'i21CancelAfterRecord', 'a cancel of an unknown order');
  if (!row.cancelAsked)
    model.found('I21', 'i21CancelAfterRecord', `${row.clientOrderId} is canceled before its record`);
}

/** I21: nobody is asked about an order whose intent is not durable yet. */
export function i21QueryAfterRecord(model: Model, id: string, halted: boolean): void {
  if (!halted && !model.orders.has(id))
    model.found('I21', 'i21QueryAfterRecord', `the venue is asked about ${id}, which no record has`);
}

/** Files an intent. */
export function intend(model: Model, event: EventOf<'ORDER_INTENT'>): void {
  i03DistinctIds(model, event);
  const group = i29Attributed(model, event);
  if (group === null) return;
  const { clientOrderId, slot } = event;
  const quantity = unitsOf(event.quantity);
  i05WithinTarget(model, group, quantity, clientOrderId);
  i06FreeSlot(model, group, slot, clientOrderId);
  const row: OrderRow = {
    clientOrderId,
    orderId: event.orderId ?? '',
    group,
    slot,
    quantity,
    wire: bytesOf(event),
    intentAt: event.at,
    isOpen: true,
    isAcked: false,
    isUnknown: false,
    isEscalated: false,
    cancelAsked: false,
    notSent: false,
    isVerdict: false,
    resends: 0,
    places: 0,
    placedAt: 0,
    denials: 0,
    filled: 0,
    implied: 0,
    counted: new Set(),
    reversed: new Set(),
    truth: null,
  };
  model.orders.set(clientOrderId, row);
  model.orderIds.add(row.orderId);
  group.slots.set(slot, row);
  group.leaves += leavesOf(row);
  group.openOrders += 1;
  group.orders += 1;
  i27CatchUpBounded(model, row, event.timeInForce);
  i27MayOpen(model, row, event.at);
  if (group.role !== 'PROTECTION') group.batch.openOrders += 1;
}

/** Takes an order off what is open. */
export function close(row: OrderRow): void {
  if (!row.isOpen) return;
  row.group.leaves -= leavesOf(row);
  row.group.hidden += (row.truth?.cum ?? 0) - (row.truth === null ? 0 : row.filled);
  row.isOpen = false;
  setUnknown(row, false, 0);
  row.group.openOrders -= 1;
  if (row.group.role !== 'PROTECTION') row.group.batch.openOrders -= 1;
}
