/**
 * What a fill changes beside its order: the position, the ledger, the overfill record, the protection that is missing.
 *
 * Owns the FILL and FILL_REVERSED events and the ledger entries that follow from them. The book has counted the fill
 * before; whether it came late changes nothing here.
 */
import type { BookedFill, OrderRow } from '../book/book.js';
import { type Exposure, exposureOf } from '../book/coordination.js';
import { holding, type PositionFill, type TradeHead } from '../book/positions.js';
import { fromAmount, toFixedPoint } from '../dtos/amount.js';
import { fromSteps, neg } from '../dtos/decimal.js';
import type { EventOf, EventPayloads, LedgerEntry } from '../dtos/events.js';
import type { Report, Side } from '../dtos/venue.js';
import type { EventRef, Fold } from './fold.js';
import { noteMovement } from './holdings.js';
import { releaseHold } from './holds.js';
import type { PositionState } from './inputs.js';
import { followFill } from './protection.js';
import type { GroupRow, World } from './world.js';

type Trade = Extract<Report, { type: 'TRADE' | 'TRADE_CORRECT' }>;

const isTrade = (report: Report | null): report is Trade =>
  report?.type === 'TRADE' || report?.type === 'TRADE_CORRECT';

/** A trade's head as the position book wants it; an unwind books on the trade that it offsets. */
export function tradeOf(group: GroupRow): TradeHead {
  const leg = group.offsets ?? group;
  return {
    tradeId: group.tradeId,
    strategyId: group.batch.directive.strategy_planner_id,
    venue: group.venue,
    symbol: group.symbol,
    base: group.instrument.base,
    direction: leg.side,
  };
}

type Payload = { -readonly [K in keyof EventPayloads['FILL']]: EventPayloads['FILL'][K] };

/** Written field by field: a fill is booked for each order, and every spread of it is a copy. */
function payloadOf(
  group: GroupRow,
  row: OrderRow,
  { quantity, price, execId }: BookedFill,
  report: Report | null,
  now: number,
): Payload {
  const trade = report !== null && report.type === 'TRADE' ? report : null;
  const payload = {
    fillId: '',
    connectorFillId: execId,
    symbol: group.symbol,
    side: group.side,
    quantity,
    price,
    executedAt: isTrade(report) ? report.at : now,
  } as Payload;
  if (trade?.liquidity !== undefined) payload.liquidity = trade.liquidity;
  if (trade?.commission !== undefined) payload.commission = trade.commission;
  if (trade?.commissionAsset !== undefined) payload.commissionAsset = trade.commissionAsset;
  payload.clientOrderId = row.clientOrderId;
  return payload;
}

/** Journals a fill and books it on its position. */
export function bookFill(
  world: World,
  fold: Fold,
  group: GroupRow,
  row: OrderRow,
  fill: BookedFill,
  { report, late }: { readonly report: Report | null; readonly late: boolean },
): void {
  const ref: EventRef = { batchId: group.batch.id, groupId: group.id, orderId: row.orderId };
  const fillId = world.minter.mint('FIL', fold.now);
  row.fillIds.push(fillId);
  const { quantity, price, execId } = fill;
  const details = payloadOf(group, row, fill, report, fold.now);
  details.fillId = fillId;
  if (late || group.settled) details.late = true;
  const { commission, commissionAsset } = details;
  if (execId !== null && commission !== undefined && commissionAsset !== undefined) {
    row.fees ??= [];
    row.fees.push([execId, commission, commissionAsset]);
  }
  fold.emit('FILL', ref, details);
  group.lastPrice = price;
  if (!fill.onLot)
    alertFill(fold, ref, 'FILL_OFF_LOT', `${quantity} is not a multiple of ${group.instrument.lotSize}`);
  book(
    world,
    group,
    {
      side: group.side,
      fixed: fill.fixed,
      amount: fill.amount,
      at: fold.now,
      sign: 1,
      commission,
      commissionAsset,
    },
    details.executedAt,
  );
  if (group.hold !== null) releaseHold(world, group, fill.lots);
  noteOverfill(fold, group, ref);
  followFill(world, fold, group, true);
  if (world.rules.postsLedger) postFill(fold, bookingOf(group), fillId, fill, details);
}

/** Takes a fill back: a bust, a correction, or a stand-in replaced by its execution. */
export function reverseFill(
  world: World,
  fold: Fold,
  group: GroupRow,
  row: OrderRow,
  fill: BookedFill,
  report: Report | null,
): void {
  const ref: EventRef = { batchId: group.batch.id, groupId: group.id, orderId: row.orderId };
  const { quantity, price } = fill;
  const connectorFillId = report !== null && 'execRefId' in report ? report.execRefId : null;
  const fee = feeOf(row, report);
  const { clientOrderId } = row;
  fold.emit('FILL_REVERSED', ref, { clientOrderId, connectorFillId, quantity, price, ...fee });
  if (connectorFillId !== null)
    alertFill(fold, ref, 'FILL_REVERSED', `the venue took back ${quantity} at ${price}`);
  const { fixed, amount } = fill;
  const taken = { side: group.side, fixed, amount, at: fold.now, sign: -1, ...fee } as const;
  book(world, group, taken, fold.now);
  followFill(world, fold, group, false);
  if (world.rules.postsLedger)
    postReversal(fold, bookingOf(group), { ...fill, ...fee }, reversalOf(row, report));
}

/** A bust gives back what its execution had cost, once; a correction keeps it, under the new execution's id. */
function feeOf(row: OrderRow, report: Report | null): Fee {
  if (report?.type !== 'TRADE_CANCEL' && report?.type !== 'TRADE_CORRECT') return {};
  const fee = row.fees?.find(([execId]) => execId === report.execRefId);
  if (fee === undefined) return {};
  const rest = row.fees?.filter((other) => other !== fee) ?? [];
  const [, commission, commissionAsset] = fee;
  const isBust = report.type === 'TRADE_CANCEL';
  row.fees = isBust ? rest : [...rest, [report.execId, commission, commissionAsset]];
  return isBust ? { commission, commissionAsset } : {};
}

function book(world: World, group: GroupRow, fill: PositionFill, executedAt: number): void {
  if (world.venues.lists.length > 0) {
    const { base, quote } = group.instrument;
    noteMovement(world, group.venue, { ...fill, base, quote, at: executedAt });
  }
  if (group.offsets !== null) group.offsets.offset += BigInt(fill.sign) * fill.fixed;
  // A closing order's fills belong to the position that is there, whichever way it points.
  const held = world.positions.get(group.tradeId);
  world.positions.book(held ?? tradeOf(group), fill);
}

export const alertFill = (fold: Fold, ref: EventRef, code: string, message: string): void => {
  fold.emit('ALERT', ref, { code, message });
};

/** Filled beyond the target: only a venue can do it. The fill counts, the excess is named (decision 7, I9). */
function noteOverfill(fold: Fold, group: GroupRow, ref: EventRef): void {
  if (group.target === null || group.book.filled <= group.target) return;
  const over = group.book.filled - group.target;
  if (over <= group.overfilled) return;
  group.overfilled = over;
  const excess = fromSteps(over, group.instrument.lotSize);
  fold.emit('OVERFILL', ref, { excess });
  alertFill(fold, ref, 'OVERFILL', `${group.symbol} is filled ${excess} beyond its target`);
}

type Fee = Pick<EventOf<'FILL'>, 'commission' | 'commissionAsset'>;

/** What a ledger entry says beside the fill itself. */
export interface Booking {
  readonly batchId: string;
  readonly tradeId: string;
  readonly side: Side;
  readonly base: string;
  readonly quote: string;
}

const bookingOf = ({ batch, tradeId, side, instrument: { base, quote } }: GroupRow): Booking => ({
  batchId: batch.id,
  tradeId,
  side,
  base,
  quote,
});

export function postFill(
  fold: Fold,
  booking: Booking,
  fillId: string,
  fill: Pick<BookedFill, 'quantity' | 'price' | 'amount'>,
  details: Fee,
): void {
  const { batchId, tradeId, side, base, quote } = booking;
  const buys = side === 'BUY';
  const paid = fromAmount(fill.amount);
  post(fold, batchId, {
    entryId: fillId,
    kind: 'FILL',
    tradeId,
    asset: base,
    quantity: buys ? fill.quantity : neg(fill.quantity),
    contraAsset: quote,
    contraQuantity: buys ? neg(paid) : paid,
    price: fill.price,
  });
  const { commission, commissionAsset } = details;
  if (commission === undefined || commissionAsset === undefined) return;
  post(fold, batchId, {
    entryId: `${fillId}/c`,
    kind: 'COMMISSION',
    tradeId,
    asset: commissionAsset,
    quantity: neg(commission),
    contraAsset: `fees:${commissionAsset}`,
    contraQuantity: commission,
  });
}

/** What a reversal is called and what it undoes: functions of content, so that a replay names them alike. */
function reversalOf(row: OrderRow, report: Report | null) {
  const execId = report !== null && 'execId' in report ? report.execId : 'verdict';
  const reverses = report !== null && 'execRefId' in report ? report.execRefId : (row.fillIds.at(-1) ?? '');
  return { entryId: `${row.orderId}/${execId}`, reverses };
}

export function postReversal(
  fold: Fold,
  { batchId, tradeId, side, base, quote }: Booking,
  fill: Pick<BookedFill, 'quantity' | 'price' | 'amount'> & Fee,
  { entryId, reverses }: { readonly entryId: string; readonly reverses: string },
): void {
  const buys = side === 'BUY';
  const paid = fromAmount(fill.amount);
  post(fold, batchId, {
    entryId,
    kind: 'REVERSAL',
    tradeId,
    asset: base,
    quantity: buys ? neg(fill.quantity) : fill.quantity,
    contraAsset: quote,
    contraQuantity: buys ? paid : neg(paid),
    price: fill.price,
    reverses,
  });
  const { commission, commissionAsset } = fill;
  if (commission === undefined || commissionAsset === undefined) return;
  post(fold, batchId, {
    entryId: `${entryId}/c`,
    kind: 'REVERSAL',
    tradeId,
    asset: commissionAsset,
    quantity: commission,
    contraAsset: `fees:${commissionAsset}`,
    contraQuantity: neg(commission),
    reverses,
  });
}

/** Stages an entry for the host's ledger; the journal has the fact it follows from. */
export function post(fold: Fold, batchId: string, entry: LedgerEntry): void {
  fold.stage({ type: 'POST', key: entry.entryId, entry, batchId });
}

/** What the trade of a group holds now, base quantity at fixed point. */
export function heldBy(world: World, group: GroupRow): bigint {
  const row = world.positions.get(group.tradeId);
  return row === undefined ? 0n : holding(row);
}

/**
 * What of a leg's fills nobody offsets yet: its net fills, bounded by what its trade still holds, less what its live
 * unwinds have still to send back. A late fill while one is live adds what it filled, not everything again (I18).
 */
export function legExposure(world: World, leg: GroupRow): Exposure {
  const { lot } = leg.book;
  let lots = 0;
  for (const { target, book } of leg.unwinding) lots += Math.max(0, (target ?? 0) - book.filled);
  const underWay = BigInt(lots) * lot;
  const net = leg.book.quantity - leg.offset - underWay;
  return exposureOf({ net, held: heldBy(world, leg) - underWay, lot }, leg.instrument, leg.lastPrice);
}

/**
 * What the unwinds of a leg have sent back beyond its fills: only a venue can do it, which reports a fill of an unwind
 * after that order's end, when another one has taken its place. A residual the other way round.
 */
export function overshootOf(leg: GroupRow): Exposure {
  const over = leg.offset - leg.book.quantity;
  if (over <= 0n) return { lots: 0, dust: null };
  return exposureOf({ net: over, held: over, lot: leg.book.lot }, leg.instrument, leg.lastPrice);
}

/** Puts a trade that had left the bounded position book back, from its journaled fills. */
export function restorePosition(world: World, state: PositionState): void {
  if (world.positions.get(state.tradeId) !== undefined) return;
  const { fills, openedAt, ...head } = state;
  world.positions.open(head, openedAt);
  for (const fill of fills) {
    const fixed = toFixedPoint(fill.quantity);
    world.positions.book(head, { ...fill, fixed, amount: fixed * toFixedPoint(fill.price), sign: 1 });
  }
}
