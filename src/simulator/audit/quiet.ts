/**
 * Checks at rest: the items marked Q and L, once faults have stopped and everything had time to settle. And what a
 * restart must give: the same views (I22, I23), the same books (I24).
 *
 * Owns what has to agree at the end. Each check is a function named after its invariant.
 */
import type { Auditor } from './auditor.js';
import type { Model } from './model.js';
import type { TruthOrder } from './truth.js';
import { textOf, unitsOf } from './units.js';

/** A position as the runtime shows it. */
export interface PositionView {
  readonly trade_id: string;
  readonly direction: 'BUY' | 'SELL';
  readonly position_size: string;
}

/** I33: every batch is terminal or ESCALATED. */
export function i33AllEnd(model: Model): void {
  for (const batch of model.batches.values()) {
    if (batch.phase === 'SETTLED' || batch.escalated > 0) continue;
    const open = [...batch.legs, ...batch.unwinds].find(({ phase }) => phase !== 'SETTLED');
    const what = open === undefined ? 'none of its groups' : `${open.id} (${open.phase})`;
    model.found('I33', 'i33AllEnd', `${batch.id} is ${batch.phase} for good; open is ${what}`);
  }
}

/** I35: what is open in the runtime is open at the venue, and the other way round. */
export function i35SameOpenOrders(model: Model, truth: Iterable<TruthOrder>): void {
  for (const order of truth) {
    const row = model.orders.get(order.clientOrderId);
    const isOpen = row?.isOpen ?? false;
    if (order.isOpen === isOpen) continue;
    const message = `${order.clientOrderId} is ${order.isOpen ? 'open' : 'ended'} at the venue, ${isOpen ? 'open' : 'ended'} in the runtime`;
    model.found('I35', 'i35SameOpenOrders', message);
  }
}

/** I7 at rest: what the runtime has booked is what was executed. */
export function i07FillsEqual(model: Model, truth: Iterable<TruthOrder>): void {
  for (const order of truth) {
    const row = model.orders.get(order.clientOrderId);
    const booked = row?.filled ?? 0;
    if (booked === order.cum || row?.isVerdict === true) continue;
    const message = `${order.clientOrderId} has ${textOf(booked)} booked, ${textOf(order.cum)} executed`;
    model.found('I7', 'i07FillsEqual', message);
  }
}

/** I14: every command that was begun has its one verdict and its one stop. */
export function i14AllFlowsStop({ model, flows }: Auditor): void {
  for (const id of flows.unfinished())
    model.found('I14', 'i14AllFlowsStop', `${id} has no verdict or no stop`);
}

/** I24: a position is its fills less the commissions in that asset. */
export function i24PositionsAddUp(model: Model, positions: readonly PositionView[]): void {
  const net = new Map<string, { base: number; fees: number }>();
  for (const group of model.groups.values()) {
    const row = net.get(group.tradeId) ?? { base: 0, fees: 0 };
    net.set(group.tradeId, row);
    row.base += group.side === 'BUY' ? group.filled : -group.filled;
    row.fees += group.baseFees;
  }
  for (const { trade_id: id, direction, position_size: size } of positions) {
    const row = net.get(id);
    if (row === undefined) continue;
    const held = (direction === 'BUY' ? row.base : -row.base) + (direction === 'BUY' ? -row.fees : row.fees);
    const shown = unitsOf(size);
    // Busted fills take their fees back; the auditor counts fees paid, so that a trade with both is left to I7.
    if (shown === Math.max(0, held) || row.fees !== 0) continue;
    model.found('I24', 'i24PositionsAddUp', `${id} shows ${size}, its fills add up to ${textOf(held)}`);
  }
}

/** I31: every report that reached the process is journaled: none is shed. */
export function i31NothingShed({ model, reportsJournaled }: Auditor, delivered: number): void {
  if (delivered !== reportsJournaled)
    model.found('I31', 'i31NothingShed', `${delivered} reports arrived, ${reportsJournaled} are journaled`);
}

/** I22: the fold of the journal is the state. */
export function i22SameViews(model: Model, what: string, own: unknown, folded: unknown): void {
  const [a, b] = [JSON.stringify(own), JSON.stringify(folded)];
  if (a === b) return;
  let at = 0;
  while (a[at] === b[at]) at += 1;
  const part = (text: string): string => text.slice(Math.max(0, at - 80), at + 40);
  model.found('I22', 'i22SameViews', `${what} differ: …${part(a)}… is folded to …${part(b)}…`);
}

/** I34: after a kill of everything nothing is open at the venues. */
export function i34KilledIsEmpty(model: Model, open: number): void {
  if (open > 0)
    model.found('I34', 'i34KilledIsEmpty', `${open} orders are open long after everything was stopped`);
}
