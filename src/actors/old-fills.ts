/**
 * Reports about orders whose group has left the bounded history: found in the journal, they are booked all the same.
 *
 * Owns the fills, busts and corrections of such orders: their events, position, ledger and alert. Their groups and
 * batches stay as they ended. What else is said of an order that old changes nothing.
 */
import { fromFixedPoint, toFixedPoint } from '../dtos/amount.js';
import { add, sub } from '../dtos/decimal.js';
import type { RuntimeEvent } from '../dtos/events.js';
import type { Report } from '../dtos/venue.js';
import { alertFill, type Booking, postFill, postReversal } from './fills.js';
import type { EventRef, Fold } from './fold.js';
import { noteMovement } from './holdings.js';
import type { LateOrigin } from './inputs.js';
import { flawOf } from './malformed.js';
import type { World } from './world.js';

type Trade = Extract<Report, { type: 'TRADE' | 'TRADE_CORRECT' }>;
type Amendment = Extract<Report, { type: 'TRADE_CANCEL' | 'TRADE_CORRECT' }>;

/** Reports of one moment are looked up before the first of them is journaled; this many are remembered. */
const REMEMBERED_MAX = 65_536;

export function onOldReport(world: World, fold: Fold, report: Report, origin: LateOrigin): void {
  const flaw = flawOf(report, toFixedPoint(origin.lotSize));
  if (flaw !== null) {
    const what = `${report.clientOrderId}: ${report.type} with ${flaw}`;
    fold.emit('INCIDENT', refOf(origin), { what });
    return alertFill(fold, refOf(origin), 'INCIDENT', what);
  }
  if (report.type === 'TRADE') bookOld(world, fold, report, origin);
  else if (report.type === 'TRADE_CANCEL') reverseOld(world, fold, report, origin);
  else if (report.type === 'TRADE_CORRECT' && reverseOld(world, fold, report, origin))
    bookOld(world, fold, report, origin);
}

/** True the first time. */
function isNews(world: World, key: string): boolean {
  const { oldReports } = world;
  if (oldReports.has(key)) return false;
  oldReports.add(key);
  if (oldReports.size > REMEMBERED_MAX) {
    const oldest = oldReports.values().next();
    if (!oldest.done) oldReports.delete(oldest.value);
  }
  return true;
}

const refOf = ({ batchId, groupId, orderId }: LateOrigin): EventRef => ({ batchId, groupId, orderId });

/** Asset codes by the convention of dtos/venue.ts: a plain ticker trades for USD. */
function bookingOf({ batchId, tradeId, side, symbol }: LateOrigin): Booking {
  const [base = symbol, quote = 'USD'] = (symbol.split(':')[0] ?? symbol).split('/');
  return { batchId, tradeId: tradeId ?? '', side, base, quote };
}

const amountOf = (quantity: string, price: string): bigint => toFixedPoint(quantity) * toFixedPoint(price);

function bookOld(world: World, fold: Fold, report: Trade, origin: LateOrigin): void {
  const { clientOrderId, execId, quantity, price } = report;
  const isBooked = origin.executions.some((execution) => execution.execId === execId);
  if (isBooked || !isNews(world, `${clientOrderId} ${execId}`)) return;
  replaceImplied(world, fold, report, origin);
  const { side, symbol } = origin;
  const fillId = world.minter.mint('FIL', fold.now);
  const { liquidity, commission, commissionAsset }: Partial<Extract<Report, { type: 'TRADE' }>> =
    report.type === 'TRADE' ? report : {};
  fold.emit('FILL', refOf(origin), {
    fillId,
    clientOrderId,
    connectorFillId: execId,
    ...{ symbol, side, quantity, price, executedAt: report.at, late: true as const },
    ...(liquidity === undefined ? {} : { liquidity }),
    ...(commission === undefined ? {} : { commission }),
    ...(commissionAsset === undefined ? {} : { commissionAsset }),
  });
  noteOldOverfill(fold, origin, quantity);
  const what = `${quantity} ${symbol} filled long after the end of ${origin.groupId}`;
  alertFill(fold, refOf(origin), 'LATE_FILL', what);
  const amount = amountOf(quantity, price);
  const money = {
    ...(commission === undefined ? {} : { commission }),
    ...(commissionAsset === undefined ? {} : { commissionAsset }),
  };
  move(world, origin, { quantity, amount, at: report.at, sign: 1, ...money });
  if (world.rules.postsLedger) postFill(fold, bookingOf(origin), fillId, { quantity, price, amount }, money);
}

/** What the journal will say of an order once these events stand in it: for the next report of the same input. */
export function originAfter(
  origin: LateOrigin,
  clientOrderId: string,
  events: readonly RuntimeEvent[],
): LateOrigin {
  let { room, implied } = origin;
  for (const event of events) {
    if ((event.type !== 'FILL' && event.type !== 'FILL_REVERSED') || event.groupId !== origin.groupId)
      continue;
    const isFill = event.type === 'FILL';
    if (room !== undefined) room = isFill ? sub(room, event.quantity) : add(room, event.quantity);
    const isReplaced = !isFill && event.connectorFillId === null && event.clientOrderId === clientOrderId;
    if (isReplaced && implied !== undefined)
      implied = { ...implied, quantity: sub(implied.quantity, event.quantity) };
  }
  return {
    ...origin,
    ...(room === undefined ? {} : { room }),
    ...(implied === undefined ? {} : { implied }),
  };
}

/** Beyond the target of its group, as far as the journal shows: booked, and named (decision 7, I9). */
function noteOldOverfill(fold: Fold, { room, ...origin }: LateOrigin, quantity: string): void {
  if (room === undefined) return;
  const over = toFixedPoint(quantity) - toFixedPoint(room);
  if (over <= 0n) return;
  const excess = fromFixedPoint(over);
  fold.emit('OVERFILL', refOf(origin), { excess });
  alertFill(fold, refOf(origin), 'OVERFILL', `${origin.symbol} is filled ${excess} beyond its target`);
}

/** What a status had implied before is this execution, or a part of it: it would count twice. */
function replaceImplied(world: World, fold: Fold, report: Trade, origin: LateOrigin): void {
  const { implied, orderId } = origin;
  if (implied === undefined || report.type !== 'TRADE') return;
  const { clientOrderId, execId } = report;
  const fixed = lesser(toFixedPoint(report.quantity), toFixedPoint(implied.quantity));
  if (fixed <= 0n) return;
  const quantity = fromFixedPoint(fixed);
  const { price } = implied;
  fold.emit('FILL_REVERSED', refOf(origin), { clientOrderId, connectorFillId: null, quantity, price });
  const amount = amountOf(quantity, price);
  move(world, origin, { quantity, amount, at: fold.now, sign: -1 });
  if (!world.rules.postsLedger) return;
  const named = { entryId: `${orderId}/implied ${execId}`, reverses: '' };
  postReversal(fold, bookingOf(origin), { quantity, price, amount }, named);
}

const lesser = (a: bigint, b: bigint): bigint => (a < b ? a : b);

/** False: it takes nothing back, as it names no execution that counts. */
function reverseOld(world: World, fold: Fold, report: Amendment, origin: LateOrigin): boolean {
  const { clientOrderId, execId, execRefId } = report;
  const taken = origin.executions.find((execution) => execution.execId === execRefId);
  if (taken === undefined || taken.isReversed) return false;
  if (!isNews(world, `${clientOrderId} reversed ${execRefId}`)) return false;
  const { quantity, price } = taken;
  const connectorFillId = execRefId;
  const { commission, commissionAsset } = taken;
  const isBust = report.type === 'TRADE_CANCEL' && commission !== undefined && commissionAsset !== undefined;
  const fee = isBust ? { commission, commissionAsset } : {};
  fold.emit('FILL_REVERSED', refOf(origin), { clientOrderId, connectorFillId, quantity, price, ...fee });
  alertFill(fold, refOf(origin), 'FILL_REVERSED', `the venue took back ${quantity} at ${price}`);
  const amount = amountOf(quantity, price);
  move(world, origin, { quantity, amount, at: report.at, sign: -1, ...fee });
  if (world.rules.postsLedger) {
    const named = { entryId: `${origin.orderId}/${execId}`, reverses: execRefId };
    postReversal(fold, bookingOf(origin), { quantity, price, amount, ...fee }, named);
  }
  return true;
}

interface Move {
  readonly quantity: string;
  readonly amount: bigint;
  readonly at: number;
  readonly sign: 1 | -1;
  readonly commission?: string;
  readonly commissionAsset?: string;
}

/** A trade that has left the position book comes back from the journal, which has this fill too. */
function move(world: World, origin: LateOrigin, { quantity, ...fill }: Move): void {
  const { tradeId, side } = origin;
  const { base, quote } = bookingOf(origin);
  noteMovement(world, origin.venue, { ...fill, base, quote, side, fixed: toFixedPoint(quantity) });
  const row = tradeId === null ? undefined : world.positions.get(tradeId);
  if (row !== undefined) world.positions.book(row, { side, fixed: toFixedPoint(quantity), ...fill });
}
