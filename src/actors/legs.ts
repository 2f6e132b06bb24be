/**
 * Legs: from a command to a group row. Which symbol, side, quantity and strategy a command means (decision 3).
 *
 * Owns the reading of scope against the position: NEW_TRADE's size, MODIFY's difference to its new total, CLOSE's
 * min(booked, available) floored to the lot (decision 19), and the row of an unwind. Starts nothing.
 */
import { createGroupBook } from '../book/book.js';
import { holding } from '../book/positions.js';
import { type Fixed, fromFixedPoint, toFixedPoint } from '../dtos/amount.js';
import { cmp, div, type Lots, min, mul, toSteps } from '../dtos/decimal.js';
import type { ExecutionCommand } from '../dtos/execution-command.js';
import type { Instrument, Side } from '../dtos/venue.js';
import type { GroupSpec } from '../machines/group-model.js';
import { type AnyChoice, chooseStrategy, STRATEGIES, strategyOf } from '../strategies/index.js';
import type { Fold } from './fold.js';
import type { VenueFacts } from './inputs.js';
import { type BatchRow, type GroupRow, groupKey, type World } from './world.js';

export interface LegInput {
  readonly batch: BatchRow;
  readonly index: number;
  readonly command: ExecutionCommand;
  readonly venue: string;
  readonly facts: VenueFacts;
  readonly instrument: Instrument;
}

const opposite = (side: Side): Side => (side === 'BUY' ? 'SELL' : 'BUY');

/** The trade a command is about. */
export const tradeIdOf = (command: ExecutionCommand): string =>
  command.plan_id ?? command.target_plan_id ?? '';

interface Order {
  readonly side: Side;
  readonly target: Lots | null;
  readonly closes: boolean;
}

/** What has to be traded for this command now; `own` is its group, where it has one already. */
function orderOf(
  world: World,
  leg: Pick<LegInput, 'command' | 'facts' | 'instrument'>,
  own: GroupRow | null = null,
): Order {
  const { command, instrument } = leg;
  const size = command.size_plan?.position_size;
  if (command.scope === 'NEW_TRADE') {
    const side = command.entry_plan?.direction ?? 'BUY';
    return { side, target: toSteps(size ?? '0', instrument.lotSize, 'EXACT'), closes: false };
  }
  const row = world.positions.get(tradeIdOf(command));
  const held = row === undefined ? 0n : holding(row);
  const direction = row?.direction ?? 'BUY';
  const lot = toFixedPoint(instrument.lotSize);
  if (command.scope === 'CLOSE_EXISTING') {
    return {
      side: opposite(direction),
      target: wholeLots(available(leg, direction, held), lot),
      closes: true,
    };
  }
  if (size === undefined) return { side: direction, target: null, closes: false };
  const { coming, free } = outlook(world, tradeIdOf(command), direction, held, own);
  const change = toFixedPoint(size) - coming;
  if (change >= 0n) return { side: direction, target: wholeLots(change, lot), closes: false };
  return { side: opposite(direction), target: wholeLots(-change < free ? -change : free, lot), closes: true };
}

/**
 * What a trade holds once its live groups have done their work, and what of its holding none of them sends back yet:
 * a new total is counted from there, or two of them would trade the same difference twice.
 */
function outlook(world: World, tradeId: string, direction: Side, held: Fixed, own: GroupRow | null) {
  let [coming, free] = [held, held];
  for (const group of world.byTrade.get(tradeId) ?? []) {
    if (group === own) continue;
    const { command, role, side, stopping, cap, book } = group;
    if (role === 'LEG' && command.scope === 'CLOSE_EXISTING') return { coming: 0n, free: 0n };
    if (role === 'PROTECTION') continue; // it gives way
    const lots = stopping ? book.leaves + book.unknown : Math.max(0, cap - book.filled);
    const open = BigInt(lots) * book.lot;
    coming += side === direction ? open : -open;
    if (side !== direction) free -= open;
  }
  return { coming, free };
}

const wholeLots = (quantity: Fixed, lot: Fixed): Lots | null =>
  quantity >= lot ? Number(quantity / lot) : null;

/** A long position may be worth less than booked: fees in the base asset, or a transfer that is not ours to see. */
function available(leg: Pick<LegInput, 'facts' | 'instrument'>, direction: Side, held: Fixed): Fixed {
  const { balances, allowShort } = leg.facts;
  if (direction === 'SELL' || balances === null || allowShort) return held;
  return toFixedPoint(min(fromFixedPoint(held > 0n ? held : 0n), balances[leg.instrument.base] ?? '0'));
}

function choiceOf(world: World, command: ExecutionCommand): AnyChoice {
  const routing = command.routing_plan ?? world.rules.closeRouting;
  return chooseStrategy(routing, command.entry_plan, world.strategies);
}

function specOf(
  world: World,
  command: ExecutionCommand,
  choice: AnyChoice,
  order: Order,
  { instrument, facts }: Pick<LegInput, 'instrument' | 'facts'>,
  seed: number,
): GroupSpec {
  const { params } = choice;
  const routing = command.routing_plan ?? world.rules.closeRouting;
  const jitters = cmp(params.size_jitter_pct, '0') > 0 || cmp(params.time_jitter_pct, '0') > 0;
  const minutes = routing.max_execution_window_minutes;
  return {
    strategy: choice.strategy,
    params: jitters && params.seed === undefined ? { ...params, seed } : params,
    instrument,
    side: order.side,
    target: order.target,
    maxSlippage: routing.max_slippage_pct,
    windowMs: minutes === undefined ? null : minutes * 60_000,
    onReject: params.on_reject,
    onDeadline: params.on_deadline,
    sweepLeadMs: (params.sweep_lead_seconds ?? 1) * 1000,
    deferMs: world.rules.deferMs,
    retryDelaysMs: world.rules.retryDelaysMs,
    ...(STRATEGIES.has(choice.strategy) ? {} : { ordersMax: CUSTOM_ORDERS_MAX }),
    ...(facts.abilities === undefined ? {} : { abilities: facts.abilities }),
  };
}

/** What a host's strategy may place in all: one that answers each end with another order must end too. */
const CUSTOM_ORDERS_MAX = 10_000;

const SEED_DIGITS = 5;
/** The jitter's seed where none is given: the random part of the group's id, journaled with it. */
const seedOf = (groupId: string): number => Number.parseInt(groupId.slice(-SEED_DIGITS), 36);

/** From how many lots on a leg succeeds: min_fill_ratio of its target, or of the cap it was amended to. */
export function successAt(command: ExecutionCommand, target: Lots | null): Lots {
  const ratio = command.routing_plan?.min_fill_ratio;
  if (target === null) return 0;
  return ratio === undefined ? target : toSteps(mul(ratio, String(target)), '1', 'CEIL');
}

/** A leg's row, not started. */
export function createLeg(world: World, fold: Fold, leg: LegInput): GroupRow {
  const { command } = leg;
  const order = orderOf(world, leg);
  const choice = choiceOf(world, command);
  const id = world.minter.mint('EXG', fold.now);
  const spec = specOf(world, command, choice, order, leg, seedOf(id));
  const own: Own = {
    role: 'LEG',
    offsets: null,
    tradeId: tradeIdOf(command),
    successAt: successAt(command, order.target),
    closes: order.closes || (spec.params as { readonly reduce_only?: boolean }).reduce_only === true,
  };
  return register(world, rowOf(world, fold, leg, id, spec, own));
}

/**
 * What sends a position back reads it anew when it starts. A close takes what there is by then; a reduction and an
 * unwind no more than they were made for: their trade's protection may have sold it while it gave way.
 */
export function resize(world: World, group: GroupRow): void {
  const target = sizeNow(world, group);
  if (target === group.target) return;
  group.target = target;
  group.cap = target ?? 0;
  group.successAt = group.role === 'UNWIND' ? group.cap : successAt(group.command, target);
  group.spec = { ...group.spec, target };
}

/** What other groups of the trade that are at work have still to send back. */
function underWay(world: World, own: GroupRow): Fixed {
  let lots = 0;
  for (const group of world.byTrade.get(own.tradeId) ?? []) {
    const { role, side, status, stopping, cap, book } = group;
    if (group === own || role === 'PROTECTION' || side !== own.side || status !== 'ACTIVE') continue;
    lots += stopping ? book.leaves + book.unknown : Math.max(0, cap - book.filled);
  }
  return BigInt(lots) * own.book.lot;
}

function sizeNow(world: World, group: GroupRow): Lots | null {
  const { role, command, target } = group;
  if (role === 'LEG' && command.scope === 'CLOSE_EXISTING') return orderOf(world, group).target;
  const row = world.positions.get(group.tradeId);
  if (target === null || row === undefined || group.side === row.direction) return target;
  const now =
    role === 'UNWIND'
      ? wholeLots(holding(row) - underWay(world, group), group.book.lot)
      : (({ closes, target: lots }) => (closes ? lots : null))(orderOf(world, group, group));
  return now === null || now < target ? now : target;
}

function seesSlots(world: World, { strategy, params }: GroupSpec): boolean {
  const { seesSlots: sees } = strategyOf(strategy, world.strategies);
  return typeof sees === 'function' ? sees(params) : sees === true;
}

/** What a leg and an unwind differ in. */
type Own = Pick<GroupRow, 'role' | 'offsets' | 'tradeId' | 'successAt' | 'closes'>;

/** One literal, without spreads: a row of forty fields that grows in steps is copied at each of them. */
function rowOf(world: World, fold: Fold, leg: LegInput, id: string, spec: GroupSpec, own: Own): GroupRow {
  const { command, instrument, batch, index, venue, facts } = leg;
  return {
    id,
    key: groupKey(id),
    batch,
    index,
    role: own.role,
    offsets: own.offsets,
    command,
    tradeId: own.tradeId,
    symbol: instrument.symbol,
    side: spec.side,
    venue,
    facts,
    instrument,
    strategy: spec.strategy,
    spec,
    target: spec.target,
    successAt: own.successAt,
    closes: own.closes,
    createdAt: fold.now,
    book: createGroupBook(instrument.lotSize, seesSlots(world, spec)),
    entity: null,
    status: 'PENDING',
    reason: null,
    updatedAt: fold.now,
    orderIds: [],
    connectorIds: [],
    cap: spec.target ?? 0,
    limitPrice: null,
    arrivalPrice: null,
    lastPrice: null,
    startedAt: null,
    watches: false,
    stopping: false,
    failed: false,
    success: false,
    settled: false,
    offset: 0n,
    unwinding: [],
    leavesDust: false,
    hold: null,
    started: false,
    clears: false,
    rejectDetail: null,
    overfilled: 0,
    unknownOrders: 0,
    escalated: false,
    protection: null,
  };
}

function register(world: World, row: GroupRow): GroupRow {
  world.groups.set(row.id, row);
  world.keys.set(row.key, row);
  const siblings = world.byTrade.get(row.tradeId);
  if (siblings === undefined) world.byTrade.set(row.tradeId, [row]);
  else siblings.push(row);
  return row;
}

/** Takes a settled group off its trade; true when the trade has no unsettled group left. */
export function leaveTrade(world: World, group: GroupRow): void {
  const others = world.byTrade.get(group.tradeId)?.filter((other) => other !== group) ?? [];
  if (others.length === 0) world.byTrade.delete(group.tradeId);
  else world.byTrade.set(group.tradeId, others);
}

/** The row of an unwind: the leg's exposure sent back, collared, bounded in attempts and time, under its own ids. */
export function createUnwind(world: World, fold: Fold, leg: GroupRow, lots: Lots): GroupRow {
  const { collarBps, maxAttempts, deadlineMs } = world.rules.unwind;
  const id = world.minter.mint('EXG', fold.now);
  const choice = chooseStrategy(undefined, undefined);
  const order: Order = { side: opposite(leg.side), target: lots, closes: true };
  const base = specOf(world, leg.command, choice, order, leg, 0);
  const spec: GroupSpec = {
    ...base,
    params: {
      ...choice.params,
      duration_seconds: Math.ceil(deadlineMs / 1000),
      attempts: maxAttempts,
      retry_delay_ms: world.rules.deferMs,
    },
    maxSlippage: div(String(collarBps), '10000'),
    windowMs: null,
    onReject: 'RETRY',
    retryDelaysMs: base.retryDelaysMs.slice(0, maxAttempts - 1),
    ordersMax: maxAttempts,
  };
  const { batch, command, venue, facts, instrument, tradeId } = leg;
  const input: LegInput = { batch, index: batch.unwinds.length, command, venue, facts, instrument };
  const own: Own = { role: 'UNWIND', offsets: leg, tradeId, successAt: lots, closes: true };
  const row = rowOf(world, fold, input, id, spec, own);
  row.lastPrice = leg.lastPrice;
  return register(world, row);
}

/** The row of a trade's protection: `cover` lots of the position now, `target` once its entries are done. */
export function createProtection(
  world: World,
  fold: Fold,
  leg: GroupRow,
  {
    cover,
    target,
    exits,
  }: { cover: Lots; target: Lots; exits: { stop: string | null; target: string | null } },
): GroupRow {
  const id = world.minter.mint('EXG', fold.now);
  const choice = chooseStrategy(undefined, undefined);
  const position = world.positions.get(leg.tradeId);
  const order: Order = { side: opposite(position?.direction ?? leg.side), target, closes: true };
  const base = specOf(world, leg.command, choice, order, leg, 0);
  const { maxSlippage } = leg.spec;
  const spec: GroupSpec = {
    ...base,
    cap: cover,
    params: { ...choice.params, reduce_only: true, protect: exits },
    // A stop that may not give way at all would never leave a falling market.
    maxSlippage: cmp(maxSlippage, '0') > 0 ? maxSlippage : div(String(world.rules.unwind.collarBps), '10000'),
    windowMs: null,
    onReject: 'SKIP',
    onDeadline: 'CANCEL',
  };
  const { batch, command, venue, facts, instrument, tradeId } = leg;
  const input: LegInput = { batch, index: 0, command, venue, facts, instrument };
  const row = rowOf(world, fold, input, id, spec, {
    ...{ role: 'PROTECTION', offsets: null, tradeId, successAt: target, closes: true },
  });
  row.cap = cover;
  row.lastPrice = leg.lastPrice;
  return register(world, row);
}
