/**
 * The group machine's decisions as pure functions: when to ask the planner, what its answer changes, how a group ends.
 *
 * Owns every next context; group.ts has the topology and calls these in guards and actions.
 */
import type { Lots } from '../dtos/decimal.js';
import { invariant } from '../dtos/errors.js';
import type { Reason } from '../dtos/events.js';
import type { Ask, Decision, Progress, StrategyContext } from '../strategies/contract.js';
import { type Strategies, strategyOf } from '../strategies/registry.js';
import { type Final, groupFinal } from './causes.js';
import type {
  Block,
  GroupContext,
  GroupEvent,
  GroupIntent,
  GroupSpec,
  OrderOutcome,
  Totals,
} from './group-model.js';

export const NONE: readonly GroupIntent[] = [];

type Timed = Extract<GroupEvent, { type: 'START' | 'DUE' }>;

export const quiet = (totals: Totals): boolean => totals.live === 0;
export const isFull = (context: GroupContext, totals: Totals): boolean =>
  context.spec.target === null || totals.filled >= context.spec.target;

/** The effective end: of the schedule, or the batch's timeout where that comes first. Epoch ms. */
function effectiveEnd({ plan, endsBy }: GroupContext): number | null {
  const ends = plan?.endsAt ?? null;
  return ends === null || (endsBy !== null && endsBy < ends) ? endsBy : ends;
}

export function sweepAt(context: GroupContext): number | null {
  const ends = effectiveEnd(context);
  if (context.spec.onDeadline !== 'SWEEP' || ends === null || context.sweep === 'DONE') return null;
  return ends - context.spec.sweepLeadMs;
}

export const reached = (at: number | null, now: number): boolean => at !== null && now >= at;
export const endReached = (context: GroupContext, now: number): boolean =>
  reached(effectiveEnd(context), now);

const earliest = (a: number | null, b: number | null): number | null =>
  a === null || (b !== null && b < a) ? b : a;

/** The one timer of a group: the earliest of plan, ask, sweep and end. A sweep that waits is an ask from then on. */
export function wake(next: GroupContext): readonly GroupIntent[] {
  const own = earliest(next.planAt, next.askAt);
  const isToCome = next.sweep === 'NONE' && next.ask !== 'SWEEP';
  const end = earliest(isToCome ? sweepAt(next) : null, effectiveEnd(next));
  const at = earliest(own, end);
  return at === null ? NONE : [{ type: 'WAKE', at, gen: next.gen }];
}

/**
 * When the schedule of a group that starts now ends: min(duration, window), epoch ms; null = when it is done.
 * A schedule is made to fit its window. The batch's timeout only cuts it short: it is a bound, not a pace.
 */
export function scheduleEnd(
  spec: Pick<GroupSpec, 'strategy' | 'params' | 'windowMs'>,
  now: number,
  strategies: Strategies,
): number | null {
  const spans = [strategyOf(spec.strategy, strategies).duration(spec.params), spec.windowMs];
  const ends = spans.filter((ms) => ms !== null).map((ms) => now + ms);
  return ends.length === 0 ? null : Math.min(...ends);
}

function start(
  context: GroupContext,
  event: Extract<GroupEvent, { type: 'START' }>,
  strategies: Strategies,
): GroupContext {
  const { spec } = context;
  const strategy = strategyOf(spec.strategy, strategies);
  const plan: StrategyContext<unknown> = {
    params: spec.params,
    instrument: spec.instrument,
    side: spec.side,
    target: spec.target ?? 0,
    maxSlippage: spec.maxSlippage,
    startedAt: event.now,
    endsAt: scheduleEnd(spec, event.now, strategies),
    ...(event.view === null ? {} : { startVolume: event.view.volume ?? '0' }),
    ...(spec.abilities === undefined ? {} : { abilities: spec.abilities }),
  };
  return { ...context, plan, endsBy: event.endsBy, state: strategy.initial(plan), totals: event.totals };
}

function askFor(context: GroupContext, event: Timed): Ask {
  if (event.type === 'START') return 'START';
  if (context.sweep === 'NONE' && reached(sweepAt(context), event.now)) return 'SWEEP';
  if (context.ask !== null && reached(context.askAt, event.now)) return context.ask;
  return event.triggered === true ? 'TRIGGER' : 'WAKE';
}

/** The planner's context; a source that was silent at the start counts volume from its first word on. */
function planOf({ plan }: GroupContext, { view }: Timed): StrategyContext<unknown> {
  invariant(plan !== null, 'a group plans only after START');
  return plan.startVolume !== undefined || view === null
    ? plan
    : { ...plan, startVolume: view.volume ?? '0' };
}

function consult(context: GroupContext, event: Timed, strategies: Strategies): Decision<unknown> {
  const { filled, leaves, unknown, live } = event.totals;
  const { cap, limitPrice } = context;
  const progress: Progress = { cap, limitPrice, filled, leaves, unknown, live, slots: event.slots };
  const strategy = strategyOf(context.spec.strategy, strategies);
  const plan = planOf(context, event);
  return strategy.decide(plan, context.state, progress, event.view, event.now, askFor(context, event));
}

/** The planner's answer, and the context that it was asked in: at START the one that the start made. */
interface Asked {
  readonly context: GroupContext;
  readonly decision: Decision<unknown>;
}

// A guard and the action after it see the same context and event: the planner is asked once for both. A memo of a
// pure function, so that purity as observed is kept.
let memo: { from: GroupContext; event: Timed; asked: Asked } | null = null;
function ask(from: GroupContext, event: Timed, strategies: Strategies): Asked {
  if (memo === null || memo.from !== from || memo.event !== event) {
    const context = event.type === 'START' ? start(from, event, strategies) : from;
    memo = { from, event, asked: { context, decision: consult(context, event, strategies) } };
  }
  return memo.asked;
}

/** Has it planned as many orders as it may, with `more` coming? */
const isSpent = ({ spec, slot }: GroupContext, more: number): boolean =>
  spec.ordersMax !== undefined && slot + more >= spec.ordersMax;

/** Applies the planner's decision: places or cancels, what is watched, and the next wake. */
export function planned(from: GroupContext, event: Timed, strategies: Strategies): GroupContext {
  const { context, decision } = ask(from, event, strategies);
  memo = null;
  const why = askFor(context, event);
  const { orders } = decision;
  const again = decision.deferred && why !== 'WAKE' ? why : null;
  // A start with nothing to place (dust) has no order whose end would settle the group: a wake at once does.
  const idle = why === 'START' && decision.exhausted && orders.length === 0 && sweepAt(context) === null;
  // Field by field: of a spread with a dozen overrides each planning paid more than for its decision.
  const next: GroupContext = {
    spec: context.spec,
    plan: planOf(context, event),
    endsBy: context.endsBy,
    state: decision.state,
    slot: context.slot + orders.length,
    cap: context.cap,
    limitPrice: context.limitPrice,
    totals: event.totals,
    cause: context.cause,
    exhausted: decision.exhausted || isSpent(context, orders.length),
    sweep: why === 'SWEEP' && again === null ? 'DONE' : context.sweep,
    ask: again,
    repricing: context.repricing,
    watchGen: decision.watch === undefined ? null : context.gen + 1,
    planAt: again !== null ? null : idle ? event.now : decision.wakeAt,
    askAt: again === null ? null : decision.wakeAt,
    gen: context.gen + 1,
    rejects: context.rejects,
    out: context.out,
  };
  return decision.cancels === true
    ? canceled(next, event, watchIntents(context, decision, next.gen))
    : withOut(next, places(context, decision, watchIntents(context, decision, next.gen)));
}

/** Copies once: the intents with the wake that the context by itself leads to. */
function withOut(next: GroupContext, intents: GroupIntent[]): GroupContext {
  for (const intent of wake(next)) intents.push(intent);
  (next as { -readonly [K in keyof GroupContext]: GroupContext[K] }).out = intents;
  return next;
}

function places(context: GroupContext, { orders }: Decision<unknown>, intents: GroupIntent[]): GroupIntent[] {
  for (let i = 0; i < orders.length; i++) {
    intents.push({ type: 'PLACE', slot: context.slot + i, order: orders[i]! });
  }
  return intents;
}

function watchIntents(context: GroupContext, { watch }: Decision<unknown>, gen: number): GroupIntent[] {
  if (watch === undefined && context.watchGen === null) return [];
  return [{ type: 'WATCH', band: watch ?? null, gen }];
}

/** What is open goes first; with nothing open the planner is asked at once. */
function canceled(next: GroupContext, event: Timed, intents: GroupIntent[]): GroupContext {
  if (quiet(event.totals)) return withOut({ ...next, ask: 'REPRICE', askAt: event.now }, intents);
  return withOut({ ...next, repricing: true }, [{ type: 'CANCEL_ALL' }, ...intents]);
}

/** Is the planner's answer none? Only the guard around a host's strategy says so (strategies/guarded.ts). */
export const planFaults = (context: GroupContext, event: Timed, strategies: Strategies): boolean =>
  ask(context, event, strategies).decision.fault !== undefined;

/** Has the planner nothing more to place, with nothing open and no sweep to come? */
export function planEnds(context: GroupContext, event: Timed, strategies: Strategies): boolean {
  if (!quiet(event.totals)) return false;
  const { decision } = ask(context, event, strategies);
  if (decision.done === true) return true;
  if (!decision.exhausted || decision.deferred || decision.orders.length > 0) return false;
  return sweepAt(context) === null || askFor(context, event) === 'SWEEP';
}

/** An ask that places anew outlasts one that only looks; both come at the earlier time. */
export function askLater(context: GroupContext, totals: Totals, wanted: Ask, at: number): GroupContext {
  const isLook = wanted === 'ORDER_ENDED' || wanted === 'FILL';
  const ask = context.ask !== null && isLook ? context.ask : wanted;
  const askAt = context.ask !== null && isLook ? earliest(context.askAt, at) : at;
  const next = { ...context, totals, ask, askAt, gen: context.gen + 1 };
  return { ...next, out: wake(next) };
}

/** Does the strategy want to hear of an order that ended so? */
export function asksOnEnd(context: GroupContext, outcome: OrderOutcome, strategies: Strategies): boolean {
  const { asksOnOrderEnd: asks } = strategyOf(context.spec.strategy, strategies);
  return asks === 'SHORT' ? outcome !== 'FILLED' : asks;
}

export const rejectStops = (context: GroupContext): boolean =>
  context.spec.onReject === 'STOP' ||
  (context.spec.onReject === 'RETRY' &&
    (context.rejects >= context.spec.retryDelaysMs.length || isSpent(context, 0)));

/** After a refusal that does not stop the group: RETRY asks again after the back-off, SKIP lets the slot go. */
export function afterReject(
  context: GroupContext,
  totals: Totals,
  now: number,
  strategies: Strategies,
): GroupContext {
  if (context.spec.onReject === 'SKIP') {
    const asks = asksOnEnd(context, 'REJECTED', strategies) && !context.exhausted;
    return asks ? askLater(context, totals, 'ORDER_ENDED', now) : { ...context, totals, out: NONE };
  }
  const delay = context.spec.retryDelaysMs[context.rejects] ?? 0;
  return askLater({ ...context, rejects: context.rejects + 1 }, totals, 'REPRICE', now + delay);
}

/** What is open goes before the sweep. */
export function cancelForSweep(context: GroupContext, totals: Totals): GroupContext {
  const next: GroupContext = {
    ...context,
    totals,
    sweep: 'AWAITING',
    planAt: null,
    ask: null,
    askAt: null,
    gen: context.gen + 1,
  };
  return { ...next, out: [{ type: 'CANCEL_ALL' }, ...wake(next)] };
}

export const awaitsQuiet = (context: GroupContext): boolean =>
  context.repricing || context.sweep === 'AWAITING';
export const endsShort = (context: GroupContext, totals: Totals): boolean =>
  context.exhausted &&
  quiet(totals) &&
  context.ask === null &&
  !awaitsQuiet(context) &&
  sweepAt(context) === null;

function shortCause(context: GroupContext, outcome: OrderOutcome): Reason {
  const isSkipped = outcome === 'REJECTED';
  if (context.spec.strategy !== 'SINGLE' || context.sweep === 'DONE' || isSkipped) return 'schedule_ended';
  return outcome === 'EXPIRED' ? 'venue_expired' : 'venue_canceled';
}

/** A slot that `on_reject: SKIP` lets go ends the schedule short; only a STOP is an error (DESIGN section 4). */
function blockCause(context: GroupContext, block: Block): Reason {
  if (block === 'STOP') return 'control_stop';
  return rejectStops(context) ? 'execution_error' : 'schedule_ended';
}

/** The working cap that holds after this event. */
export const capOf = (context: GroupContext, event: GroupEvent): Lots =>
  event.type === 'AMEND' && event.cap !== null ? event.cap : context.cap;

export function amended(context: GroupContext, event: Extract<GroupEvent, { type: 'AMEND' }>): GroupContext {
  const base = {
    ...context,
    cap: capOf(context, event),
    limitPrice: event.limitPrice ?? context.limitPrice,
    totals: event.totals,
  };
  if (base.plan === null) return { ...base, out: NONE };
  const plan = event.params === undefined ? base.plan : { ...base.plan, params: event.params };
  if (quiet(event.totals)) return askLater({ ...base, plan }, event.totals, 'REPRICE', event.now);
  return { ...base, plan, repricing: true, out: [{ type: 'CANCEL_ALL' }] };
}

export function doneReason(context: GroupContext): Reason {
  if (context.spec.target === null) return 'no_order_needed';
  return isFull(context, context.totals) ? 'target_reached' : 'budget_spent';
}

export function final(context: GroupContext): Final {
  const { totals, cause } = context;
  return groupFinal({ full: isFull(context, totals), anyFill: totals.filled > 0, cause });
}

/** Why a planner's turn ends the group. */
function planCause(context: GroupContext, event: Timed, strategies: Strategies): Reason {
  if (event.type === 'DUE' && (endReached(context, event.now) || context.plan === null))
    return 'schedule_ended';
  const { decision } = ask(context, event, strategies);
  if (decision.fault !== undefined) return 'strategy_fault';
  return decision.done === true ? 'budget_spent' : 'schedule_ended';
}

/** The cause that an event carries into `closing`; only the first one recorded decides. */
function causeOf(context: GroupContext, event: GroupEvent, strategies: Strategies): Reason {
  if (event.type === 'STOP') return event.cause;
  if (event.type === 'ORDER_BLOCKED') return blockCause(context, event.block);
  if (event.type === 'DUE' || event.type === 'START') return planCause(context, event, strategies);
  if (!('totals' in event)) return 'execution_error';
  if (isFull(context, event.totals)) return 'target_reached';
  if (event.totals.filled >= capOf(context, event) && quiet(event.totals)) return 'cap_reached';
  if (event.type !== 'ORDER_ENDED') return 'execution_error';
  if (event.outcome === 'REJECTED' && rejectStops(context)) return 'execution_error';
  return shortCause(context, event.outcome);
}

/** The group is to end: its first cause is kept, and what was wrong where that is the strategy's fault. */
export function stopped(context: GroupContext, event: GroupEvent, strategies: Strategies): GroupContext {
  const totals = 'totals' in event ? event.totals : context.totals;
  const cause = context.cause ?? causeOf(context, event, strategies);
  const next = { ...context, totals, cause, out: NONE };
  if (cause !== 'strategy_fault' || context.cause !== null || !isTimed(event)) return next;
  const { fault } = ask(context, event, strategies).decision;
  return fault === undefined ? next : { ...next, fault };
}

const isTimed = (event: GroupEvent): event is Timed => event.type === 'START' || event.type === 'DUE';

/** What intents that end a group say of a fault. */
export const faultOf = ({ fault }: GroupContext): { readonly detail?: string } =>
  fault === undefined ? {} : { detail: fault };
