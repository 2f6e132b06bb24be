/**
 * Protection, inside the fold: the stop and target of a trade as a live group (the words: under the position).
 *
 * Owns when a trade has a protective group, how much of the position it covers, and what gives way to what. The group
 * hangs under the trade: its batch's timeout, cancel, failure and end do not touch it. How the prices are worked is
 * strategies/protect.ts's; orders, fills and settling are those of any group.
 *
 * - It covers what the trade holds, fill by fill, less what a reducing command is about to send back.
 * - A close or an unwind has it canceled first, and waits for the venue's word; what then is left is covered again.
 * - Its first fill stops the entry slices that are left.
 */
import { exposureOf } from '../book/coordination.js';
import { holding, type PositionRow } from '../book/positions.js';
import { fromSteps, type Lots } from '../dtos/decimal.js';
import type { Reason } from '../dtos/events.js';
import type { Fold } from './fold.js';
import { createProtection } from './legs.js';
import { type GroupRow, isKilled, type World } from './world.js';

interface Exits {
  readonly stop: string | null;
  readonly target: string | null;
}

const exitsOf = ({ stopLoss: stop, takeProfit: target }: PositionRow): Exits => ({ stop, target });
const isSet = ({ stop, target }: Exits): boolean => stop !== null || target !== null;

/** Sends the position's own way back: closes, unwinds, reductions. */
const sendsBack = (group: GroupRow): boolean => group.role !== 'PROTECTION' && group.closes;
/** A reduction that has asked the protection to give way and has not begun. */
const waitsForRoom = (group: GroupRow): boolean =>
  group.status === 'PENDING' && sendsBack(group) && group.clears && !takesAll(group);
/** Takes everything: nothing may stand in its way. */
const takesAll = (group: GroupRow): boolean =>
  group.role === 'UNWIND' || (group.role === 'LEG' && group.command.scope === 'CLOSE_EXISTING');

/** Lots of the position that none of its trade's own groups is about to send back. */
function coverable(position: PositionRow, lot: bigint, groups: readonly GroupRow[]): Lots {
  const held = holding(position);
  let lots = held > 0n ? Number(held / lot) : 0;
  for (const group of groups) {
    if (!sendsBack(group) || !group.clears) continue;
    if (takesAll(group)) return 0;
    lots -= Math.max(0, group.cap - group.book.filled);
  }
  return Math.max(0, lots);
}

/** What entries of this trade may still buy. */
function coming(groups: readonly GroupRow[]): Lots {
  let lots = 0;
  for (const group of groups) {
    if (group.role === 'LEG' && !group.closes && !group.stopping) lots += group.cap - group.book.filled;
  }
  return Math.max(0, lots);
}

/** Brings the protection of a trade in line with what it holds. Asked after whatever may have changed either. */
export function tendTrade(world: World, fold: Fold, tradeId: string): void {
  const shield = world.shields.get(tradeId);
  const position = world.positions.get(tradeId);
  if (shield === undefined || position === undefined) return;
  const groups = world.byTrade.get(tradeId) ?? [];
  const exits = exitsOf(position);
  const { group, leg } = shield;
  const cover = isSet(exits) ? coverable(position, leg.book.lot, groups) : 0;
  if (group !== null) {
    if (group.stopping) return;
    adjust(fold, group, cover, exits, groups);
    for (const other of groups) if (waitsForRoom(other)) fold.startGroup(other);
    return;
  }
  if (cover > 0 && !isDust(position, leg) && !isKilled(world, { ...leg, role: 'PROTECTION' })) {
    raise(world, fold, leg, { cover, target: cover + coming(groups), exits });
  } else if (cover === 0 && groups.length === 0) world.shields.delete(tradeId);
}

const isDust = (position: PositionRow, { book, instrument, lastPrice }: GroupRow): boolean => {
  const held = holding(position);
  return exposureOf({ net: held, held, lot: book.lot }, instrument, lastPrice).lots === 0;
};

function raise(
  world: World,
  fold: Fold,
  leg: GroupRow,
  terms: { readonly cover: Lots; readonly target: Lots; readonly exits: Exits },
): void {
  const group = createProtection(world, fold, leg, terms);
  world.shields.set(leg.tradeId, { leg, group });
  world.openProtections += 1;
  const { command, target, instrument, spec } = group;
  fold.emit('GROUP_CREATED', refOf(group), {
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
    protectsTradeId: group.tradeId,
  });
  fold.startGroup(group);
}

const refOf = (group: GroupRow) => ({ batchId: group.batch.id, groupId: group.id });

/** A live protection: stopped, replaced by a larger one, or amended. */
function adjust(fold: Fold, group: GroupRow, cover: Lots, exits: Exits, groups: readonly GroupRow[]): void {
  const { book, target, instrument } = group;
  if (book.filled > 0) stopEntries(fold, groups);
  const cap = book.filled + cover;
  if (cover === 0 || cap > (target ?? 0)) {
    const isFlat = cover === 0 && !groups.some((other) => other.clears && takesAll(other));
    return stop(fold, group, isFlat ? 'cap_reached' : 'cancel_requested');
  }
  const { protect } = group.spec.params as { readonly protect: Exits };
  const hasMoved = protect.stop !== exits.stop || protect.target !== exits.target;
  if (cap === group.cap && !hasMoved) return;
  group.cap = cap;
  const params = { ...(group.spec.params as object), protect: exits };
  group.spec = { ...group.spec, params };
  fold.emit('GROUP_AMENDED', refOf(group), {
    limitPrice: null,
    workingCap: fromSteps(cap, instrument.lotSize),
    ...(hasMoved ? { stopLoss: exits.stop, takeProfit: exits.target } : {}),
  });
  fold.tellGroup(group, { type: 'AMEND', limitPrice: null, cap, ...(hasMoved ? { params } : {}) });
}

function stop(fold: Fold, group: GroupRow, cause: Reason): void {
  fold.tellGroup(group, { type: 'STOP', cause });
}

/** An entry that went on after its stop would open again what the stop has closed. */
function stopEntries(fold: Fold, groups: readonly GroupRow[]): void {
  for (const group of groups) {
    if (group.role === 'LEG' && !group.closes && !group.stopping)
      fold.tellGroup(group, { type: 'STOP', cause: 'stopped_out' });
  }
}

/**
 * May this group send the position back now? A close, an unwind or a reduction waits until the protection holds no
 * more at the venue than it leaves. The end of the protection, or of the order that it has canceled, starts it.
 */
export function hasGivenWay(world: World, fold: Fold, group: GroupRow): boolean {
  const guard = world.shields.get(group.tradeId)?.group ?? null;
  if (!group.clears) {
    group.clears = true;
    fold.touchTrade(group.tradeId);
  }
  if (guard === null) return true;
  if (takesAll(group)) return false;
  const position = world.positions.get(group.tradeId);
  const free = position === undefined ? 0n : holding(position);
  const needed = BigInt(guard.book.leaves + guard.book.unknown + (group.target ?? 0)) * group.book.lot;
  return needed <= free;
}

/** A protective group has ended: said aloud where it leaves a position alone, and forgotten like any settled group. */
export function protectionSettled(world: World, fold: Fold, group: GroupRow): void {
  const shield = world.shields.get(group.tradeId);
  if (shield?.group === group) world.shields.set(group.tradeId, { leg: shield.leg, group: null });
  world.openProtections -= 1;
  fold.touchTrade(group.tradeId);
  const { reason } = group;
  if (reason === 'kill' || reason === 'control_stop' || reason === 'market_ended') {
    const message = `the protection of ${group.tradeId} ended (${reason}); its position stands alone`;
    fold.emit('ALERT', refOf(group), { code: 'UNPROTECTED', message });
  }
  world.settledProtections.push(group);
  while (world.settledProtections.length > world.rules.historyGroups) {
    const oldest = world.settledProtections.shift();
    if (oldest === undefined) return;
    world.groups.delete(oldest.id);
    world.keys.delete(oldest.key);
  }
}

/** Stops every protection in scope of a kill or of the market's end. */
export function stopProtections(
  world: World,
  fold: Fold,
  cause: Reason,
  isInScope: (group: GroupRow) => boolean,
): void {
  for (const { group } of world.shields.values()) {
    if (group !== null && !group.stopping && isInScope(group)) stop(fold, group, cause);
  }
}

/** After a re-arm: positions whose protection the kill has ended are protected again. */
export function tendAll(world: World, fold: Fold): void {
  for (const tradeId of world.shields.keys()) fold.touchTrade(tradeId);
}
