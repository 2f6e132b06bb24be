/**
 * A random world for planners: a venue, a market and a group that asks, in one script that fast-check writes.
 *
 * `runWorld(strategy, context, script)` drives any planner the way the group machine does (machines/group-plan.ts)
 * and throws at the first decision that breaks what holds for every planner:
 *   W1  proposed lots ≤ cap − filled − leaves − unknown, and none when a venue has filled past the cap;
 *   W2  an order is a positive whole number of lots, worth the venue's minimum at its price, within
 *       `max_child_quantity` (the sweep aside);
 *   W3  `decide` is pure, and its state survives JSON;
 *   W4  it neither sleeps for ever nor wakes without end;
 *   W5  `cancels`, `done` and `deferred` come without orders; `cancels` with something to cancel, `done` without;
 *   W6  a schedule (`isSchedule`) sends one order at a time, no outage aside, within `max_catch_up_factor` of its
 *       slot's plan, those of one slot together too;
 *   W7  it ends: once the script is over the venue fills whatever it gets, others trade, and time passes.
 * It returns what was sent and filled, and gives every decision to `onDecision`, for what one strategy promises more.
 *
 *     fc.assert(fc.property(contexts, scripts(), (context, script) => {
 *       runWorld(twap, context, script, { isSchedule: true });
 *     }), { numRuns: 1000 });
 *
 * Where two asks meet the later one holds, as in the group. Not played: kills, busts, a batch.
 */
import { add, cmp, fromSteps, mul, toSteps } from '../../src/dtos/decimal.js';
import type { MarketView } from '../../src/dtos/venue.js';
import type {
  Ask,
  Decision,
  PlannedOrder,
  PlannedSlice,
  PriceBand,
  Progress,
  Strategy,
  StrategyContext,
} from '../../src/strategies/contract.js';
import type { CommonParams } from '../../src/strategies/params.js';
import type { Sent } from './support.js';
import { calm, type Fate, type Turn, viewOf, type WorldScript, type WorldStep } from './world-script.js';

export { scripts, type WorldScript, type WorldStep } from './world-script.js';

/** Everything that one decision was made of. */
export interface Moment<P, S> {
  readonly context: StrategyContext<P>;
  readonly ask: Ask;
  readonly now: number;
  readonly progress: Progress;
  readonly view: MarketView | null;
  readonly decision: Decision<S>;
}

export interface WorldOptions<P, S> {
  /** One order at a time, each bounded by `max_catch_up_factor` × its row of `schedule` (W6). */
  readonly isSchedule?: boolean;
  /** Asks allowed after the script; 5,000 unless told. */
  readonly asksMax?: number;
  readonly onDecision?: (moment: Moment<P, S>) => void;
}

/** How a run ended. FULL: target or cap filled; ENDED: the time was over; STOPPED: a refusal that stops. */
export type WorldEnd = 'FULL' | 'ENDED' | 'SHORT' | 'STOPPED' | 'DONE';

export interface WorldResult {
  readonly end: WorldEnd;
  readonly sent: readonly Sent[];
  readonly filled: number;
  readonly asks: number;
}

interface LiveOrder {
  readonly slot: number;
  readonly quantity: number;
  filled: number;
  /** `isKnown` false: UNKNOWN. `isLive` false: ended. */
  isKnown: boolean;
  isLive: boolean;
  /** A cancel was sent. */
  isGoing: boolean;
}

type Outcome = 'FILLED' | 'CANCELED' | 'REJECTED' | 'NOT_SENT';

const RETRY_MS = [500, 1000, 2000];
const DEFER_MS = 1000;
const SWEEP_LEAD_S = 5;
const CATCH_UP_PLACES = 1_000_000;

function need(holds: boolean, problem: () => string): void {
  if (!holds) throw new Error(problem());
}

/** Is the watched price at or beyond its band? */
function hasLeft(band: PriceBand, view: MarketView): boolean {
  const { bid, ask, last, volume = null } = view;
  const quotes = { LAST_OR_BID: last ?? bid, LAST_OR_ASK: last ?? ask, VOLUME: volume };
  const prices = { BID: bid, ASK: ask, LAST: last, ...quotes };
  const price = prices[band.price];
  if (price === null) return false;
  return (
    (band.above !== null && cmp(price, band.above) >= 0) ||
    (band.below !== null && cmp(price, band.below) <= 0)
  );
}

/** The group, its orders and its venue. */
class World<P extends CommonParams, S> {
  readonly strategy: Strategy<P, S>;
  readonly options: WorldOptions<P, S>;
  readonly sent: Sent[] = [];
  context: StrategyContext<P>;
  state: S;
  orders: LiveOrder[] = [];
  slots = 0;
  now: number;
  view: MarketView | null = null;
  volume: string | null;
  cap: number;
  limitPrice: string | null = null;
  end: WorldEnd | null = null;
  exhausted = false;
  /** The next wake of the plan; `ask` at `askAt` comes between. */
  planAt: number | null = null;
  ask: Ask | null = null;
  askAt: number | null = null;
  isRepricing = false;
  sweep: 'NONE' | 'AWAITING' | 'DONE' = 'NONE';
  rejects = 0;
  watch: PriceBand | null = null;
  rows: readonly PlannedSlice[] | null = null;
  /** The slot of the latest order, and what was filled before its first one. */
  slot: { readonly row: PlannedSlice | undefined; readonly filled: number } = { row: undefined, filled: 0 };
  asks = 0;

  constructor(
    strategy: Strategy<P, S>,
    context: StrategyContext<P>,
    script: WorldScript,
    options: WorldOptions<P, S>,
  ) {
    this.strategy = strategy;
    this.options = options;
    this.context = context;
    this.now = context.startedAt;
    this.cap = context.target;
    this.volume = script.countsVolume ? '1000' : null;
    this.state = strategy.initial(context);
  }

  sum(of: (order: LiveOrder) => number): number {
    return this.orders.reduce((total, order) => total + of(order), 0);
  }

  get live(): LiveOrder[] {
    return this.orders.filter(({ isLive }) => isLive);
  }

  progress(): Progress {
    const open = (isKnown: boolean) =>
      this.sum((order) => (order.isLive && order.isKnown === isKnown ? order.quantity - order.filled : 0));
    const base = {
      cap: this.cap,
      limitPrice: this.limitPrice,
      filled: this.sum(({ filled }) => filled),
      leaves: open(true),
      unknown: open(false),
      live: this.live.length,
    };
    if (this.strategy.seesSlots !== true) return base;
    const slots = this.orders.map(({ slot, quantity, filled, isLive }) => ({
      slot,
      quantity,
      filled,
      isLive,
    }));
    return { ...base, slots };
  }

  sweepAt(): number | null {
    const { params, endsAt } = this.context;
    if (params.on_deadline !== 'SWEEP' || endsAt === null || this.sweep === 'DONE') return null;
    return endsAt - (params.sweep_lead_seconds ?? SWEEP_LEAD_S) * 1000;
  }

  due(): number | null {
    const sweepAt = this.sweep === 'NONE' ? this.sweepAt() : null;
    const times = [this.planAt, this.askAt, sweepAt, this.context.endsAt].filter((at) => at !== null);
    return times.length === 0 ? null : Math.max(this.now, Math.min(...times));
  }

  askLater(ask: Ask, at: number): void {
    this.ask = ask;
    this.askAt = at;
  }

  finish(end: WorldEnd): void {
    this.end ??= end;
  }

  look(step: WorldStep): void {
    const { tickSize } = this.context.instrument;
    this.view = viewOf(step, tickSize, this.now, this.volume);
    // The volume of the first view that there is.
    if (this.context.startVolume === undefined && this.view?.volume !== undefined) {
      this.context = { ...this.context, startVolume: this.view.volume };
    }
    if (this.view !== null && this.watch !== null && hasLeft(this.watch, this.view)) {
      this.watch = null;
      this.askLater('TRIGGER', this.now);
    }
  }

  refused(block: 'REJECTED' | 'BLOCKED'): void {
    const { on_reject: onReject } = this.context.params;
    if (onReject === 'STOP' || (onReject === 'RETRY' && this.rejects >= RETRY_MS.length))
      return this.finish('STOPPED');
    if (onReject === 'RETRY') return this.askLater('REPRICE', this.now + RETRY_MS[this.rejects++]!);
    const isSpent = this.exhausted && this.live.length === 0 && this.ask === null && this.sweepAt() === null;
    if (isSpent) return this.finish('SHORT');
    if (block === 'REJECTED' || this.strategy.asksOnOrderEnd !== false) this.askOnEnd();
  }

  askOnEnd(outcome: Outcome = 'REJECTED'): void {
    const asks = this.strategy.asksOnOrderEnd;
    const hears = asks === 'SHORT' ? outcome !== 'FILLED' : asks;
    if (!this.exhausted && hears) this.askLater('ORDER_ENDED', this.now);
  }

  /** ORDER_ENDED of the group machine, its guards in its order. */
  ended(outcome: Outcome): void {
    const { filled, live } = this.progress();
    if (outcome === 'FILLED') this.rejects = 0;
    if (filled >= this.context.target || (live === 0 && filled >= this.cap)) return this.finish('FULL');
    const isStopping = outcome === 'REJECTED' && this.context.params.on_reject === 'STOP';
    if (!isStopping && live === 0 && (this.isRepricing || this.sweep === 'AWAITING')) {
      this.isRepricing = false;
      return this.askLater(this.sweep === 'AWAITING' ? 'SWEEP' : 'REPRICE', this.now);
    }
    if (outcome === 'REJECTED') return this.refused('REJECTED');
    if (outcome === 'NOT_SENT') return this.askLater('REPRICE', this.now + DEFER_MS);
    const isSpent = this.exhausted && live === 0 && this.ask === null && this.sweepAt() === null;
    if (isSpent && !this.isRepricing && this.sweep !== 'AWAITING') return this.finish('SHORT');
    this.askOnEnd(outcome);
  }

  close(order: LiveOrder, outcome: Outcome): void {
    order.isLive = false;
    this.ended(outcome);
  }

  fill(order: LiveOrder, lots: number): void {
    order.filled += lots;
    if (!order.isLive) {
      if (this.progress().filled >= this.context.target) this.finish('FULL');
    } else if (order.filled === order.quantity) this.close(order, 'FILLED');
    else if (lots > 0 && this.strategy.asksOnFill === true && !this.exhausted)
      this.askLater('FILL', this.now);
  }

  /** What becomes of an order that stood before this step. */
  turn(order: LiveOrder, turn: Turn): void {
    const rest = order.quantity - order.filled;
    const half = Math.floor(rest / 2);
    if (!order.isLive) {
      if (turn === 'LATE_FILL') this.fill(order, half);
      return;
    }
    if (turn === 'FILL') return this.fill(order, rest);
    if (turn === 'PART') return this.fill(order, half);
    if (turn === 'LOSE') order.isKnown = false;
    if (turn === 'FIND') order.isKnown = true;
    // A cancel that was sent is confirmed, unless the venue dawdles (LOSE, FIND) or fills first.
    if (turn === 'CANCEL' || (order.isGoing && turn === 'STAY')) this.close(order, 'CANCELED');
  }

  /** What becomes of an order that goes out now. */
  happen(planned: PlannedOrder, fate: Fate): void {
    const { quantity } = planned;
    const slot = this.slots++;
    this.sent.push({ at: this.now, order: planned });
    if (fate === 'DEFER') return this.askLater('REPRICE', this.now + DEFER_MS);
    if (fate === 'BLOCK') return this.refused('BLOCKED');
    const order: LiveOrder = {
      slot,
      quantity,
      filled: 0,
      isKnown: fate !== 'UNKNOWN',
      isLive: true,
      isGoing: false,
    };
    this.orders.push(order);
    if (fate === 'FILL') this.fill(order, quantity);
    if (fate === 'PART' || fate === 'PART_CANCEL') this.fill(order, Math.floor(quantity / 2));
    if (fate === 'CANCEL' || fate === 'PART_CANCEL') this.close(order, 'CANCELED');
    if (fate === 'REJECT' || fate === 'NOT_SENT') this.close(order, fate === 'REJECT' ? 'REJECTED' : fate);
  }

  /** CANCEL_ALL, then one question once nothing is open. */
  cancelAll(): void {
    for (const order of this.live) order.isGoing = true;
  }

  amend({ cap, ticks }: NonNullable<WorldStep['amend']>): void {
    const { filled, leaves, unknown, live } = this.progress();
    if (unknown > 0 || this.sweep !== 'NONE') return;
    this.cap = Math.max(filled + leaves, Math.floor(this.context.target * cap));
    this.cap = Math.min(this.cap, Math.max(this.context.target, filled));
    const { limit_price: limit } = this.context.params;
    if (limit !== undefined) this.limitPrice = this.moved(limit, ticks);
    if (live === 0) return filled >= this.cap ? this.finish('FULL') : this.askLater('REPRICE', this.now);
    this.isRepricing = true;
    this.cancelAll();
  }

  moved(price: string, ticks: number): string {
    const { tickSize } = this.context.instrument;
    return fromSteps(Math.max(1, toSteps(price, tickSize, 'FLOOR') + ticks), tickSize);
  }

  decide(ask: Ask): Decision<S> {
    const progress = this.progress();
    const { context, state, view, now } = this;
    const before = JSON.stringify(state);
    const decision = this.strategy.decide(context, state, progress, view, now, ask);
    const text = JSON.stringify(decision);
    need(JSON.stringify(state) === before, () => 'W3: decide changed its state');
    need(
      JSON.stringify(this.strategy.decide(context, state, progress, view, now, ask)) === text,
      () => `W3: decide answered ${ask} twice, differently`,
    );
    this.judge(ask, progress, decision, before);
    this.options.onDecision?.({ context, ask, now, progress, view, decision });
    this.state = JSON.parse(JSON.stringify(decision.state)) as S;
    return decision;
  }

  judge(ask: Ask, progress: Progress, decision: Decision<S>, before: string): void {
    const { orders, wakeAt, deferred, exhausted, cancels, done } = decision;
    const { cap, filled, leaves, unknown, live } = progress;
    const room = Math.max(0, cap - filled - leaves - unknown);
    const proposed = orders.reduce((total, { quantity }) => total + quantity, 0);
    need(proposed <= room, () => `W1: ${proposed} lots proposed with room for ${room}`);
    for (const order of orders) this.judgeOrder(ask, order);
    if (cancels === true || done === true || deferred) need(orders.length === 0, () => 'W5: orders with it');
    if (cancels === true) need(live > 0, () => 'W5: cancels nothing');
    if (done === true) need(live === 0, () => 'W5: done with orders open');
    if (deferred) need(wakeAt !== null && wakeAt > this.now, () => 'W4: deferred without a wake');
    const didSomething = orders.length > 0 || cancels === true || JSON.stringify(decision.state) !== before;
    const isLoop = ask === 'WAKE' && wakeAt !== null && wakeAt <= this.now && !didSomething;
    need(!isLoop, () => 'W4: woken again at once');
    const isHeard = (live > 0 || orders.length > 0) && this.strategy.asksOnOrderEnd !== false;
    const isOver = exhausted || done === true || cancels === true;
    const isAsleep = wakeAt === null && !isOver && decision.watch === undefined && !isHeard;
    need(!isAsleep || this.isRepricing, () => `W4: asleep for ever after ${ask}`);
    if (this.options.isSchedule === true) this.judgeSlot(ask, orders, filled);
  }

  judgeOrder(ask: Ask, { quantity, price, stopPrice, orderType, displayQuantity }: PlannedOrder): void {
    const { instrument, params } = this.context;
    need(Number.isSafeInteger(quantity) && quantity > 0, () => `W2: an order of ${quantity} lots`);
    need(/^\d+(\.\d+)?$/.test(price) && cmp(price, '0') > 0, () => `W2: an order at ${price}`);
    need(orderType !== 'STOP_LIMIT' || stopPrice !== null, () => 'W2: STOP_LIMIT without a stop');
    const worth = mul(fromSteps(quantity, instrument.lotSize), price);
    need(cmp(worth, instrument.minNotional) >= 0, () => `W2: an order worth ${worth} ${instrument.quote}`);
    const shown = displayQuantity ?? quantity;
    need(Number.isSafeInteger(shown) && shown > 0 && shown <= quantity, () => `W2: ${shown} lots displayed`);
    const { max_child_quantity: most } = params;
    if (most === undefined || ask === 'SWEEP' || this.sweep === 'DONE') return;
    const maxChild = toSteps(most, instrument.lotSize, 'FLOOR');
    need(quantity <= maxChild, () => `W2: ${quantity} lots with max_child_quantity ${most}`);
  }

  judgeSlot(ask: Ask, orders: readonly PlannedOrder[], filled: number): void {
    need(orders.length <= 1, () => 'W6: a burst');
    const { params } = this.context;
    // The plan is made at the first price.
    if (this.rows === null) {
      const rows = this.strategy.schedule(this.context, this.view);
      if (rows.some(({ price }) => price !== null)) this.rows = rows;
    }
    if (orders.length === 0) return;
    const row = this.rows?.findLast(({ at }) => at <= this.now);
    if (row !== this.slot.row) this.slot = { row, filled };
    // What is placed anew may be of slots before it, and the slot of this moment is yet to come.
    if (ask === 'REPRICE') this.slot = { row: undefined, filled };
    if (ask !== 'WAKE' && ask !== 'START') return;
    const factor = toSteps(params.max_catch_up_factor, '0.000001', 'FLOOR');
    const most = Math.floor(((row?.quantity ?? 0) * factor) / CATCH_UP_PLACES);
    need(orders[0]!.quantity <= most, () => `W6: ${orders[0]!.quantity} lots where ${most} are the most`);
    // What volume allows of the last slot goes out in parts, each within the bound.
    if (params.max_participation !== undefined) return;
    const together = filled - this.slot.filled + orders[0]!.quantity;
    need(together <= most, () => `W6: ${together} lots in one slot where ${most} are the most`);
  }

  /** Asks, and applies the answer as the group does. */
  consult(ask: Ask, step: WorldStep): void {
    const decision = this.decide(ask);
    const again = decision.deferred && ask !== 'WAKE' ? ask : null;
    this.asks++;
    this.exhausted = decision.exhausted;
    if (ask === 'SWEEP' && again === null) this.sweep = 'DONE';
    this.ask = again;
    this.askAt = again === null ? null : decision.wakeAt;
    this.planAt = again === null ? decision.wakeAt : null;
    this.watch = decision.watch ?? null;
    if (decision.done === true) return this.finish('DONE');
    if (decision.cancels === true) {
      this.isRepricing = true;
      return this.cancelAll();
    }
    const isSpent = decision.exhausted && decision.orders.length === 0 && !decision.deferred;
    if (isSpent && this.live.length === 0 && this.sweepAt() === null) return this.finish('SHORT');
    decision.orders.forEach((order, i) => {
      if (this.end === null) this.happen(order, step.fates[i % step.fates.length]!);
    });
  }

  /** What the venue and the market do between two asks. */
  between(step: WorldStep): void {
    const due = this.due();
    const gap = due === null ? 1000 : due - this.now;
    this.now += Math.floor(gap * step.when);
    if (this.volume !== null) {
      this.volume = add(this.volume, fromSteps(step.traded, this.context.instrument.lotSize));
    }
    this.look(step);
    this.orders.forEach((order, i) => {
      if (this.end === null) this.turn(order, step.turns[i % step.turns.length]!);
    });
    if (this.end === null && step.amend !== null) this.amend(step.amend);
  }

  /** A wake: DUE of the group machine, its guards in its order. */
  wake(step: WorldStep): void {
    const due = this.due();
    if (due === null) return;
    this.now = due + step.late;
    this.look(step);
    const { endsAt } = this.context;
    if (endsAt !== null && this.now >= endsAt) return this.finish('ENDED');
    const { filled, live } = this.progress();
    // A late fill reached the cap while nothing was open: no planner has anything to say to that.
    if (live === 0 && filled >= this.cap) return this.finish('FULL');
    const sweepAt = this.sweepAt();
    const isSweep = this.sweep === 'NONE' && sweepAt !== null && this.now >= sweepAt;
    if (isSweep && this.live.length > 0) {
      [this.sweep, this.planAt, this.ask, this.askAt] = ['AWAITING', null, null, null];
      return this.cancelAll();
    }
    const asked = this.ask !== null && this.askAt !== null && this.now >= this.askAt ? this.ask : 'WAKE';
    this.consult(isSweep ? 'SWEEP' : asked, step);
  }
}

/** Runs one planner through one script. Throws where it breaks W1 to W7. */
export function runWorld<P extends CommonParams, S>(
  strategy: Strategy<P, S>,
  context: StrategyContext<P>,
  script: WorldScript,
  options: WorldOptions<P, S> = {},
): WorldResult {
  const world = new World(strategy, context, script, options);
  const rest = calm(context.target);
  const stepsMax = script.steps.length + (options.asksMax ?? 5000);
  world.look(script.steps[0] ?? rest);
  world.consult('START', script.steps[0] ?? rest);
  for (let i = 1; world.end === null; i++) {
    need(i <= stepsMax, () => 'W7: no end in sight');
    const step = script.steps[i] ?? rest;
    world.between(step);
    if (world.end === null) world.wake(step);
  }
  const filled = world.sum((order) => order.filled);
  return { end: world.end, sent: world.sent, filled, asks: world.asks };
}
