/**
 * What a settled batch reports of its legs: what each came to, and what is left of it.
 *
 * Owns residual, kept and dust, and the reasons. Sends nothing: what a rollback does is batches.ts's.
 */
import { exposureOf } from '../book/coordination.js';
import { fromFixedPoint } from '../dtos/amount.js';
import { add, fromSteps, neg } from '../dtos/decimal.js';
import type { LegRow, Residual } from '../dtos/events.js';
import type { Final } from '../machines/causes.js';
import { heldBy, legExposure, overshootOf } from './fills.js';
import { type BatchRow, type GroupRow, isKilled, type World } from './world.js';

/** What a leg leaves: residual, kept or dust. Signed: positive = long. */
export function noteRemainder(
  world: World,
  batch: BatchRow,
  leg: GroupRow,
  end: { status: Final; keeps: boolean },
): void {
  const { symbol, instrument } = leg;
  const signed = (quantity: string): string => (leg.side === 'BUY' ? quantity : neg(quantity));
  if (leg.command.scope === 'CLOSE_EXISTING') noteDust(world, batch, leg);
  if (batch.mode !== 'COORDINATED' || end.status === 'COMPLETED') return;
  const left = leg.book.quantity - leg.offset;
  if (left < 0n) return noteOvershoot(batch, leg);
  if (left === 0n) return;
  if (leg.closes || end.keeps) {
    batch.kept.push({ symbol, quantity: signed(fromFixedPoint(left)) });
    return;
  }
  const { lots, dust } = legExposure(world, leg);
  const whole = fromSteps(lots, instrument.lotSize);
  // What the rollback found sent back already, by a stop or a close, is not its own again because the trade has grown.
  const isLeft = batch.residualLegs.has(leg) || batch.pendingUnwinds.includes(leg);
  const small = isLeft || !leg.leavesDust || lots === 0 ? dust : add(whole, dust ?? '0');
  if (small !== null) batch.dust.push({ symbol, quantity: signed(small) });
  if (lots === 0 || !isLeft) return;
  const residual: Residual = {
    symbol,
    quantity: signed(whole),
    lastPrice: leg.lastPrice,
    reason: residualReason(world, batch, leg),
  };
  batch.residuals.push(residual);
}

/** Unwinds that a venue has overfilled leave a position the other way round. */
function noteOvershoot(batch: BatchRow, leg: GroupRow): void {
  const { symbol, instrument } = leg;
  const { lots, dust } = overshootOf(leg);
  const signed = (quantity: string): string => (leg.side === 'SELL' ? quantity : neg(quantity));
  if (dust !== null) batch.dust.push({ symbol, quantity: signed(dust) });
  if (lots === 0) return;
  const quantity = signed(fromSteps(lots, instrument.lotSize));
  batch.residuals.push({ symbol, quantity, lastPrice: leg.lastPrice, reason: 'unwind_overfilled' });
}

/** A closed trade may keep less than a venue would take. */
function noteDust(world: World, batch: BatchRow, leg: GroupRow): void {
  const held = heldBy(world, leg);
  const { lots, dust } = exposureOf({ net: held, held, lot: leg.book.lot }, leg.instrument, leg.lastPrice);
  if (lots > 0 || dust === null) return;
  batch.dust.push({ symbol: leg.symbol, quantity: leg.side === 'SELL' ? dust : neg(dust) });
}

/** A kill that an unwind of this leg is under, too. */
export const isUnderKill = (world: World, leg: GroupRow): boolean =>
  isKilled(world, { ...leg, role: 'UNWIND' });

function residualReason(world: World, batch: BatchRow, leg: GroupRow): string {
  const tried = batch.unwinds.filter((group) => group.offsets === leg).at(-1);
  if (tried === undefined) return batch.reason === 'kill' || isUnderKill(world, leg) ? 'kill' : 'not_unwound';
  return tried.rejectDetail ?? tried.reason ?? 'unwind_failed';
}

export const legRow = (leg: GroupRow): LegRow => ({
  groupId: leg.id,
  symbol: leg.symbol,
  status: leg.status,
  reason: leg.reason,
  targetQuantity: leg.target === null ? null : fromSteps(leg.target, leg.instrument.lotSize),
  filledQuantity: fromFixedPoint(leg.book.quantity),
  success: leg.success,
});
