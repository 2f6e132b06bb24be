/**
 * Folds runtime events into what a person asks for: batches, their groups, orders and fills (DESIGN section 8, `run`).
 *
 * Owns the view and the average price (report/figures.ts has the other formulas); decides nothing, sends nothing, and
 * knows only what the events say. The same events give the same view, live or from a journal.
 */
import { add, cmp, div, isZero, min, mul, neg, sub } from '../dtos/decimal.js';
import type { BatchStatus, GroupStatus, OrderStatus } from '../dtos/enums.js';
import type { EventOf, Reason, RuntimeEvent } from '../dtos/events.js';
import { costBps, feesOf, makerShare, participation } from './report/figures.js';
import type { BatchView, FillView, GroupView, LegProgress, OrderView } from './run-view.js';

interface OrderFold {
  readonly intent: EventOf<'ORDER_INTENT'>;
  connectorOrderId: string | null;
  /** Beneath what is pending: NEW once accepted. */
  accepted: boolean;
  cancelRequested: boolean;
  unknown: boolean;
  ended: OrderStatus | null;
  /** By the venue, not by our own controls. */
  rejected: boolean;
  filled: string;
  updatedAt: number;
  fills: EventOf<'FILL'>[];
}

interface GroupFold {
  readonly created: EventOf<'GROUP_CREATED'>;
  status: GroupStatus;
  reason: Reason | null;
  arrivalPrice: string | null;
  startedAt: number | null;
  endsAt: number | null;
  target: string | null;
  filled: string;
  notional: string;
  benchmarks: EventOf<'GROUP_BENCHMARKED'> | null;
  readonly orders: OrderFold[];
}

interface BatchFold {
  readonly created: EventOf<'BATCH_CREATED'>;
  status: BatchStatus;
  reason: Reason | null;
  settled: EventOf<'BATCH_SETTLED'> | null;
  readonly groups: GroupFold[];
}

const iso = (at: number): string => new Date(at).toISOString();

/** The fold. Feed it every event in order; read it at any time. */
export class Projection {
  readonly #batches = new Map<string, BatchFold>();
  readonly #groups = new Map<string, GroupFold>();
  readonly #orders = new Map<string, OrderFold>();
  /** Sequence number and time of the last event folded, null before the first. */
  last: { readonly seq: number; readonly at: number } | null = null;

  apply(event: RuntimeEvent): void {
    this.last = { seq: event.seq, at: event.at };
    if (event.orderId !== undefined) this.#applyToOrder(event, event.orderId);
    else if (event.groupId !== undefined) this.#applyToGroup(event, event.groupId);
    else if (event.batchId !== undefined) this.#applyToBatch(event, event.batchId);
  }

  /** Every batch in the order of submission, as `run --json` prints them. */
  batches(): BatchView[] {
    return [...this.#batches.values()].map(batchView);
  }

  /** Every leg's progress, in the order of creation, without its orders. */
  legs(): LegProgress[] {
    return [...this.#groups.values()].map(legProgress);
  }

  /** One leg's progress, null for an unknown group. */
  leg(groupId: string): LegProgress | null {
    const group = this.#groups.get(groupId);
    return group === undefined ? null : legProgress(group);
  }

  #applyToBatch(event: RuntimeEvent, batchId: string): void {
    if (event.type === 'BATCH_CREATED') {
      this.#batches.set(batchId, {
        created: event,
        status: 'PENDING',
        reason: null,
        settled: null,
        groups: [],
      });
      return;
    }
    const batch = this.#batches.get(batchId);
    if (batch === undefined) return;
    if (event.type === 'BATCH_ACTIVE') batch.status = 'ACTIVE';
    else if (event.type === 'BATCH_STOPPING') batch.reason = event.reason;
    else if (event.type === 'BATCH_SETTLED') {
      batch.settled = event;
      batch.status = event.status;
      batch.reason = event.reason;
    }
  }

  #applyToGroup(event: RuntimeEvent, groupId: string): void {
    if (event.type === 'GROUP_CREATED') {
      const group = newGroup(event);
      this.#groups.set(groupId, group);
      this.#batches.get(event.batchId ?? '')?.groups.push(group);
      return;
    }
    const group = this.#groups.get(groupId);
    if (group === undefined) return;
    if (event.type === 'GROUP_STARTED') {
      group.arrivalPrice = event.arrivalPrice;
      group.startedAt = event.at;
      group.endsAt = event.endsAt;
      group.target = event.targetQuantity;
    } else if (event.type === 'GROUP_ACTIVE') group.status = 'ACTIVE';
    else if (event.type === 'GROUP_CLOSING') group.reason = event.reason;
    else if (event.type === 'GROUP_SETTLED') {
      group.status = event.status;
      group.reason = event.reason;
    } else if (event.type === 'GROUP_BENCHMARKED') group.benchmarks = event;
  }

  #applyToOrder(event: RuntimeEvent, orderId: string): void {
    if (event.type === 'ORDER_INTENT') {
      const order = newOrder(event);
      this.#orders.set(orderId, order);
      this.#groups.get(event.groupId ?? '')?.orders.push(order);
      return;
    }
    const order = this.#orders.get(orderId);
    if (order === undefined) return;
    const group = this.#groups.get(order.intent.groupId ?? '');
    if (foldOrder(order, event)) order.updatedAt = event.at;
    if (group === undefined) return;
    if (event.type === 'FILL') book(group, event.quantity, event.price);
    else if (event.type === 'FILL_REVERSED') book(group, neg(event.quantity), event.price);
  }
}

const newGroup = (created: EventOf<'GROUP_CREATED'>): GroupFold => ({
  created,
  status: 'PENDING',
  reason: null,
  arrivalPrice: null,
  startedAt: null,
  endsAt: null,
  target: created.targetQuantity,
  filled: '0',
  notional: '0',
  benchmarks: null,
  orders: [],
});

const newOrder = (intent: EventOf<'ORDER_INTENT'>): OrderFold => ({
  intent,
  connectorOrderId: null,
  accepted: false,
  cancelRequested: false,
  unknown: false,
  ended: null,
  rejected: false,
  filled: '0',
  updatedAt: intent.at,
  fills: [],
});

function book(group: GroupFold, quantity: string, price: string): void {
  group.filled = add(group.filled, quantity);
  group.notional = add(group.notional, mul(quantity, price));
}

/** Folds one event into its order; false when it changes nothing of it. */
function foldOrder(order: OrderFold, event: RuntimeEvent): boolean {
  switch (event.type) {
    case 'ORDER_ACCEPTED':
      order.accepted = true;
      order.unknown = false;
      order.connectorOrderId = event.connectorOrderId;
      return true;
    case 'ORDER_CANCEL_REQUESTED':
      order.cancelRequested = true;
      return true;
    case 'ORDER_CANCEL_REJECTED':
      order.cancelRequested = false;
      return true;
    case 'ORDER_UNKNOWN':
      order.unknown = true;
      return true;
    case 'ORDER_RESOLVED':
      order.unknown = false;
      order.accepted = true;
      order.ended = isEnd(event.status) ? event.status : null;
      order.rejected = event.status === 'REJECTED';
      return true;
    case 'ORDER_NOT_SENT':
      // Refused by our own controls; the venue never saw it. FIX has no status of its own for that.
      order.ended = 'REJECTED';
      return true;
    case 'ORDER_ENDED':
      order.unknown = false;
      order.ended = event.status;
      order.rejected = event.status === 'REJECTED';
      return true;
    case 'FILL':
      order.accepted = true;
      order.fills.push(event);
      order.filled = add(order.filled, event.quantity);
      return true;
    case 'FILL_REVERSED':
      order.fills = withoutReversed(order.fills, event);
      order.filled = sub(order.filled, event.quantity);
      if (order.ended === 'FILLED') order.ended = null; // it has leaves again
      return true;
    case 'ORDER_RESENT':
      order.unknown = false;
      order.accepted = false;
      return true;
    default:
      return false;
  }
}

/** A bust names its execution; without a name it takes back what a verdict had implied, perhaps in part. */
function withoutReversed(
  fills: readonly EventOf<'FILL'>[],
  event: EventOf<'FILL_REVERSED'>,
): EventOf<'FILL'>[] {
  return fills.flatMap((fill) => {
    if (fill.connectorFillId !== event.connectorFillId) return [fill];
    const rest = event.connectorFillId === null ? sub(fill.quantity, event.quantity) : '0';
    return cmp(rest, '0') > 0 ? [{ ...fill, quantity: rest }] : [];
  });
}

const isEnd = (status: OrderStatus): boolean =>
  status === 'FILLED' || status === 'CANCELED' || status === 'REJECTED' || status === 'EXPIRED';

/** FIX's order of precedence: what is pending hides what is beneath. */
function orderStatus(order: OrderFold): OrderStatus {
  if (order.ended !== null) return order.ended;
  if (order.unknown) return 'UNKNOWN';
  if (order.cancelRequested) return 'PENDING_CANCEL';
  if (cmp(order.filled, order.intent.quantity) >= 0) return 'FILLED';
  if (!isZero(order.filled)) return 'PARTIALLY_FILLED';
  return order.accepted ? 'NEW' : 'PENDING_NEW';
}

const protects = ({ created }: GroupFold): boolean => created.protectsTradeId !== undefined;

function batchView(batch: BatchFold): BatchView {
  const protections = batch.groups.filter(protects);
  const others = batch.groups.filter((group) => !protects(group));
  const own = others.filter((group) => group.created.offsetsGroupId === undefined);
  const unwinds = others.filter((group) => group.created.offsetsGroupId !== undefined);
  return {
    batch_id: batch.created.batchId ?? '',
    mode: batch.created.mode,
    status: batch.status,
    reason: batch.reason,
    residuals: (batch.settled?.residuals ?? []).map(({ symbol, quantity, reason }) => ({
      symbol,
      quantity,
      reason,
    })),
    kept: (batch.settled?.kept ?? []).map(({ symbol, quantity }) => ({ symbol, quantity })),
    dust: (batch.settled?.dust ?? []).map(({ symbol, quantity }) => ({ symbol, quantity })),
    groups: [...own, ...unwinds].map(groupView),
    ...(protections.length === 0 ? {} : { protections: protections.map(groupView) }),
  };
}

const legProgress = (group: GroupFold): LegProgress => ({
  batchId: group.created.batchId ?? '',
  groupId: group.created.groupId ?? '',
  symbol: group.created.symbol,
  side: group.created.side,
  strategy: group.created.strategy,
  status: group.status,
  target: group.target,
  filled: group.filled,
  slippageBps: costBps(tradedOf(group), group.arrivalPrice),
  orders: group.orders.length,
  startedAt: group.startedAt,
  endsAt: group.endsAt,
  unwind: group.created.offsetsGroupId !== undefined,
});

const tradedOf = ({ created, filled, notional }: GroupFold) => ({ side: created.side, filled, notional });

function groupView(group: GroupFold): GroupView {
  const { created } = group;
  const { target } = group;
  const { offsetsGroupId: offsets, protectsTradeId: protects } = created;
  const traded = tradedOf(group);
  const { vwap = null, twap = null, volume = null } = group.benchmarks ?? {};
  const fills = group.orders.flatMap((order) => order.fills);
  return {
    group_id: created.groupId ?? '',
    symbol: created.symbol,
    side: created.side,
    strategy: created.strategy,
    status: group.status,
    reason: group.reason,
    target_quantity: target,
    // Decision 7: the excess of an overfill is recorded apart; the filled quantity never exceeds the target.
    filled_quantity: target === null ? group.filled : min(group.filled, target),
    avg_price: isZero(group.filled) ? null : div(group.notional, group.filled, 8),
    arrival_price: group.arrivalPrice,
    slippage_bps: costBps(traded, group.arrivalPrice),
    ...(offsets === undefined ? {} : { offsets_group_id: offsets }),
    ...(protects === undefined ? {} : { protects_trade_id: protects }),
    orders: group.orders.map(orderView),
    interval_vwap: vwap,
    interval_twap: twap,
    vs_vwap_bps: costBps(traded, vwap),
    vs_twap_bps: costBps(traded, twap),
    participation: participation(group.filled, volume),
    fees: feesOf(fills),
    maker_share: makerShare(fills),
    rejects: group.orders.filter((order) => order.rejected).length,
  };
}

function orderView(order: OrderFold): OrderView {
  const { intent } = order;
  return {
    order_id: intent.orderId ?? '',
    parent_group_id: intent.groupId ?? '',
    client_order_id: intent.clientOrderId,
    connector_order_id: order.connectorOrderId,
    symbol: intent.symbol,
    side: intent.side,
    order_type: intent.orderType,
    time_in_force: intent.timeInForce,
    quantity: intent.quantity,
    price: intent.price,
    stop_price: intent.stopPrice,
    reduce_only: intent.reduceOnly,
    post_only: intent.postOnly,
    status: orderStatus(order),
    created_at: iso(intent.at),
    updated_at: iso(order.updatedAt),
    fills: order.fills.map((fill) => fillView(fill)),
  };
}

function fillView(fill: EventOf<'FILL'>): FillView {
  return {
    fill_id: fill.fillId,
    parent_order_id: fill.orderId ?? '',
    connector_fill_id: fill.connectorFillId,
    filled_quantity: fill.quantity,
    fill_price: fill.price,
    ...(fill.liquidity === undefined ? {} : { liquidity: fill.liquidity }),
    ...(fill.commission === undefined ? {} : { commission: fill.commission }),
    ...(fill.commissionAsset === undefined ? {} : { commission_asset: fill.commissionAsset }),
    executed_at: iso(fill.executedAt),
  };
}

/**
 * Folds the lines of a journal, oldest first: the same journal gives the same view.
 * @throws SyntaxError when a line is not JSON; a journal adapter hands out only lines that it has checked
 */
export function projectJournal(lines: Iterable<string>): Projection {
  const projection = new Projection();
  for (const line of lines) {
    const record = JSON.parse(line) as { readonly events: readonly RuntimeEvent[] };
    for (const event of record.events) projection.apply(event);
  }
  return projection;
}
