/**
 * Protection, inside the fold: the stop and target of a trade as a live group (the words: under the position).
 *
 * Owns when a trade has a protective group, how much of the position it covers, and what gives way to what. The group
 * hangs under the trade: its batch's timeout, cancel, failure and end do not touch it. How the prices are worked is
 * strategies/protect.ts's; orders, fills and settling are those of any group.
 *
 * - It covers what the trade holds, fill by fill, less what a reducing command is about to send back.
 * - A close or an unwind has it canceled first, and waits for the venue's word; what then is left is covered again.
 * - Its fills stop the entry slices that are left.
 */
import { exposureOf } from '../book/coordination.js';
import { holding, type PositionRow } from '../book/positions.js';
import { fromSteps, type Lots } from '../dtos/decimal.js';
import type { Reason } from '../dtos/events.js';
import type { Fold } from './fold.js';
import { createProtection } from './legs.js';
import { type GroupRow, isKilled, type Shield, type World } from './world.js';

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

const NO_GROUPS: readonly GroupRow[] = [];
const groupsOf = (world: World, tradeId: string): readonly GroupRow[] =>
  world.byTrade.get(tradeId) ?? NO_GROUPS;

/** From here on the trade's stop and target are this leg's; they are live as soon as it holds something. */
export function shieldTrade(world: World, fold: Fold, leg: GroupRow): void {
  const shield = world.shields.get(leg.tradeId);
  if (shield === undefined) world.shields.set(leg.tradeId, { leg, group: null, alone: false, spent: null });
  else shield.leg = leg;
  fold.touchTrade(leg.tradeId);
}

/** A fill was booked or taken back: what protects the trade follows, also where all of it had been sold before. */
export function followFill(world: World, fold: Fold, group: GroupRow, isNew: boolean): void {
  const { tradeId } = group;
  if (isNew && group.role === 'PROTECTION') stopEntries(fold, groupsOf(world, tradeId));
  if (world.shields.has(tradeId)) return fold.touchTrade(tradeId);
  const position = world.positions.get(tradeId);
  if (position !== undefined && isSet(exitsOf(position))) shieldTrade(world, fold, group.offsets ?? group);
}

/** An entry that went on after its stop would open again what the stop has closed. */
function stopEntries(fold: Fold, groups: readonly GroupRow[]): void {
  for (const group of groups) {
    if (group.role === 'LEG' && !group.closes && !group.stopping)
      fold.tellGroup(group, { type: 'STOP', cause: 'stopped_out' });
  }
}

/** Brings the protection of a trade in line with what it holds. Asked after whatever may have changed either. */
export function tendTrade(world: World, fold: Fold, tradeId: string): void {
  const shield = world.shields.get(tradeId);
  const position = world.positions.get(tradeId);
  if (shield === undefined || position === undefined) return;
  const groups = groupsOf(world, tradeId);
  const exits = exitsOf(position);
  const { group, leg } = shield;
  const cover = isSet(exits) ? coverable(position, leg.book.lot, groups) : 0;
  const isWorth = cover > 0 && !isDust(position, leg);
  const bar = barOf(world, leg);
  if (isWorth && bar !== null) standAlone(fold, shield, bar);
  if (group !== null) {
    if (!group.stopping) adjust(fold, group, cover, exits, groups);
  } else if (isWorth && bar === null && shield.spent !== markOf(position)) {
    raise(world, fold, shield, { cover, target: cover + coming(groups), exits });
  } else if (cover === 0 && groups.length === 0) {
    world.shields.delete(tradeId);
  }
  for (const other of groups) if (waitsForRoom(other)) fold.startGroup(other);
}

const isDust = (position: PositionRow, { book, instrument, lastPrice }: GroupRow): boolean => {
  const held = holding(position);
  return exposureOf({ net: held, held, lot: book.lot }, instrument, lastPrice).lots === 0;
};

/** Why nothing of this trade may be protected now. */
function barOf(world: World, leg: GroupRow): Reason | null {
  if (world.marketEnded) return 'market_ended';
  return isKilled(world, { ...leg, role: 'PROTECTION' }) ? 'kill' : null;
}

/** Said aloud, once until it is protected again. */
function standAlone(fold: Fold, shield: Shield, why: Reason): void {
  if (shield.alone) return;
  shield.alone = true;
  const { leg, group } = shield;
  const message = `${leg.tradeId} is not protected (${why}); its position stands alone`;
  fold.emit('ALERT', refOf(group ?? leg), { code: 'UNPROTECTED', message });
}

/** What a trade holds and its exits: a protection that came to nothing is not raised again for the same. */
const markOf = (position: PositionRow): string =>
  `${holding(position)} ${position.stopLoss} ${position.takeProfit}`;

function raise(
  world: World,
  fold: Fold,
  shield: Shield,
  terms: { readonly cover: Lots; readonly target: Lots; readonly exits: Exits },
): void {
  const group = createProtection(world, fold, shield.leg, terms);
  Object.assign(shield, { group, alone: false, spent: null });
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

/** Ends that say that nothing more could be placed, as things are. */
const GAVE_UP: ReadonlySet<Reason> = new Set(['schedule_ended', 'control_stop', 'execution_error']);

/** A protective group has ended: forgotten like any settled group; what is still held is looked at again. */
export function protectionSettled(world: World, fold: Fold, group: GroupRow): void {
  const { tradeId, reason } = group;
  const shield = world.shields.get(tradeId);
  const position = world.positions.get(tradeId);
  if (shield?.group === group) {
    if (reason !== null && GAVE_UP.has(reason) && position !== undefined) {
      shield.spent = markOf(position);
      if (reason !== 'schedule_ended') standAlone(fold, shield, reason);
    }
    shield.group = null;
  }
  world.openProtections -= 1;
  fold.touchTrade(tradeId);
  world.settledProtections.push(group);
  while (world.settledProtections.length > world.rules.historyGroups) {
    const oldest = world.settledProtections.shift();
    if (oldest === undefined) return;
    world.groups.delete(oldest.id);
    world.keys.delete(oldest.key);
  }
}

/** Stops every protection in scope of a kill or of the market's end; its position is said to stand alone. */
export function stopProtections(
  world: World,
  fold: Fold,
  cause: Reason,
  isInScope: (group: GroupRow) => boolean,
): void {
  for (const [tradeId, { leg, group }] of world.shields) {
    if (!isInScope(group ?? leg)) continue;
    if (group !== null && !group.stopping) stop(fold, group, cause);
    fold.touchTrade(tradeId);
  }
}

/** After a re-arm: positions whose protection the kill has ended are protected again. */
export function tendAll(world: World, fold: Fold): void {
  for (const [tradeId, shield] of world.shields) {
    shield.alone = false;
    fold.touchTrade(tradeId);
  }
}
