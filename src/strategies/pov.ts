/**
 * POV: a share of what the market trades.
 *
 * Owns how much of others' volume since the start is ours to trade, and the pace of a band and of `complete_by`. Looks
 * every `interval_seconds`, and at once when a burst brings as much volume as many of them; sends what is due and neither
 * filled nor open once it reaches the minimum; what rests counts as traded. Does not own who counts volume (market data),
 * cancels by amends, retries, or the end of `duration_seconds` (the group's); `complete_by` is kept here, because only a
 * start makes a duration of it.
 *
 * The rate is never exceeded: a lot is due once others have traded its share. No volume, no trade. Two parameters say
 * otherwise: COMPLETE trades at an even pace to `complete_by` while volume does not make it in time, even where nobody
 * else trades; SWEEP sends the rest at the end.
 */
import { cmp, type DecimalString, type Lots, min, toSteps } from '../dtos/decimal.js';
import { timestampProblem, toMs, toTimestamp } from '../dtos/time.js';
import type { MarketView } from '../dtos/venue.js';
import {
  checkCommon,
  childBounds,
  infeasible,
  minimumText,
  quantityText,
  requireRate,
  requireWhole,
} from './check.js';
import type {
  Ask,
  Decision,
  PlannedSlice,
  PriceBand,
  Progress,
  Strategy,
  StrategyContext,
} from './contract.js';
import { mulDiv, PPM } from './lots.js';
import { childOrder, childTerms, defer, roomOf } from './orders.js';
import type { PovPlanParams } from './params.js';
import { othersLots, participationRoom, shareOf, sweepWithin } from './participation.js';
import { fixed, type Terms, text, venueMinimum } from './price.js';
import { isAtEnd, over } from './resting.js';

type Context = StrategyContext<PovPlanParams>;

const PATH = 'routing_plan.strategy_params';
/** A catch-up factor beyond this is no bound any more; it keeps the arithmetic whole. */
const CATCH_UP_MAX = '1000000';

/** So many intervals' volume at once is a burst: it is answered as it comes, not with the next look. */
const BURST = 10n;

/** Plain JSON. */
export interface PovState {
  /** When it last saw the market, epoch ms. Two intervals ago or more: an outage. */
  readonly sawAt: number;
  /** An outage is being caught up with: each order is bounded. */
  readonly isLate: boolean;
  /** COMPLETE: since when the rate falls short (epoch ms), and the own lots of that time. Null: it does not. */
  readonly pace: { readonly at: number; readonly own: Lots } | null;
  /** The sweep was planned: nothing is sent after it. */
  readonly swept: boolean;
}

/** One look at the market. */
interface Look {
  readonly now: number;
  readonly view: MarketView | null;
  readonly others: Lots | null;
  /** Filled, open and unknown. */
  readonly own: Lots;
  readonly cap: Lots;
}

const intervalOf = ({ params }: Context): number => params.interval_seconds * 1000;
const completeAt = ({ params }: Context): number | null =>
  params.complete_by === undefined ? null : toMs(params.complete_by);

/** When it is to be done, epoch ms: `complete_by`, or the effective end where that comes sooner; null for neither. */
function deadlineOf(context: Context): number | null {
  const by = completeAt(context);
  const { endsAt } = context;
  if (by === null || endsAt === null) return by ?? endsAt;
  return Math.min(by, endsAt);
}

const share = ({ params }: Context, others: Lots, rate: DecimalString): Lots =>
  shareOf(others, rate, params.include_own_fills);

/** The share at the highest rate allowed: `participation_rate`, or `max_rate`. */
const mostOf = (context: Context, others: Lots): Lots =>
  share(context, others, context.params.participation_rate ?? context.params.max_rate ?? '0');

/** Own lots that the rate has due. A band: the even schedule to the end, no slower and no faster than its rates. */
function rateDue(context: Context, { others, cap, now }: Look): Lots {
  if (others === null) return 0;
  const most = mostOf(context, others);
  const { min_rate: least } = context.params;
  const deadline = deadlineOf(context);
  if (least === undefined || deadline === null) return most;
  const { startedAt } = context;
  const even = mulDiv(cap, Math.min(now, deadline) - startedAt, Math.max(1, deadline - startedAt), 'FLOOR');
  return Math.min(most, Math.max(even, share(context, others, least)));
}

/**
 * Since when COMPLETE goes its own pace. The rate falls short when the volume of the time left, traded as on average
 * since the start, does not bring the share to the cap.
 */
function paceOf(context: Context, state: PovState, { others, cap, now, own }: Look): PovState['pace'] {
  const deadline = deadlineOf(context);
  if (context.params.on_conflict !== 'COMPLETE' || deadline === null) return null;
  const { startedAt } = context;
  const most = mostOf(context, others ?? 0);
  const forecast = mulDiv(most, Math.max(1, deadline - startedAt), Math.max(1, now - startedAt), 'FLOOR');
  return forecast >= cap ? null : (state.pace ?? { at: now, own });
}

/** Own lots due at an even pace from `pace` to the deadline; all of them at the last look before it. */
function paceDue(context: Context, pace: NonNullable<PovState['pace']>, { cap, now }: Look): Lots {
  const deadline = deadlineOf(context) ?? now;
  if (now + intervalOf(context) >= deadline) return cap;
  const rest = Math.max(0, cap - pace.own);
  return pace.own + mulDiv(rest, now - pace.at, deadline - pace.at, 'CEIL');
}

/**
 * The most that one order places while an outage is caught up with: `max_catch_up_factor` × the lots that one interval
 * brought due on average so far, or would bring at COMPLETE's even pace.
 */
function catchUp(context: Context, pace: PovState['pace'], due: Lots, { now, cap, own }: Look): Lots {
  const interval = intervalOf(context);
  const usual = mulDiv(due, interval, Math.max(interval, now - context.startedAt), 'FLOOR');
  const left = Math.max(interval, (deadlineOf(context) ?? now) - now);
  const even = pace === null ? 0 : mulDiv(Math.max(0, cap - own), interval, left, 'CEIL');
  const factor = toSteps(min(context.params.max_catch_up_factor, CATCH_UP_MAX), '0.000001', 'FLOOR');
  return mulDiv(Math.max(usual, even), factor, PPM, 'FLOOR');
}

/** `catchUp`, but not so low that no order could reach the minimum, or two of them could not share the room. */
function lateMost(
  context: Context,
  pace: PovState['pace'],
  { due, room, venueLeast }: { readonly due: Lots; readonly room: Lots; readonly venueLeast: Lots },
  look: Look,
): Lots {
  const least = Math.max(venueLeast, childBounds(context).minChild);
  return room < 2 * least ? room : Math.max(least, catchUp(context, pace, due, look));
}

/**
 * What of `wanted` goes out: nothing below the minimum, and no rest that the venue would not take, unless
 * `max_child_quantity` leaves no choice. All that is left may undercut `min_child_quantity`, never the venue.
 */
function childLots(context: Context, wanted: Lots, room: Lots, venueLeast: Lots): Lots {
  const { minChild, maxChild } = childBounds(context);
  const lots = Math.min(wanted, maxChild);
  const least = Math.max(venueLeast, minChild);
  if (lots === room) return lots >= venueLeast ? lots : 0;
  if (lots < least) return 0;
  if (room - lots >= venueLeast) return lots;
  const shorter = room - venueLeast;
  if (shorter >= least) return shorter;
  return wanted >= maxChild ? lots : 0;
}

/**
 * The volume at which a look is due though the interval is not over: a cross in one print, say, whose answer a second
 * later would stand in another half hour than the cross itself. Null before the first interval, and without a count.
 */
function burstAt({ params, startedAt, startVolume }: Context, { view, now }: Look): PriceBand | null {
  if (view?.volume === undefined || startVolume === undefined || now <= startedAt) return null;
  const volume = fixed(view.volume);
  const traded = volume - fixed(startVolume);
  if (traded <= 0n) return null;
  const usual = (traded * BigInt(params.interval_seconds * 1000)) / BigInt(now - startedAt);
  return { price: 'VOLUME', above: text(volume + BURST * usual), below: null };
}

/** Places `lots` (none when 0) and looks again at the next interval, at `complete_by`, or when a burst trades. */
function proceed(
  context: Context,
  state: PovState,
  look: Look,
  terms: Terms | null,
  lots: Lots,
): Decision<PovState> {
  const { now } = look;
  const watch = burstAt(context, look);
  const interval = intervalOf(context);
  const next = context.startedAt + (Math.floor((now - context.startedAt) / interval) + 1) * interval;
  return {
    state,
    orders: terms === null || lots === 0 ? [] : [childOrder(context, terms, lots)],
    wakeAt: Math.min(next, completeAt(context) ?? next),
    exhausted: false,
    deferred: false,
    ...(watch === null ? {} : { watch }),
  };
}

/** The state after a look, what it has due, and whether an outage bounds it. */
function lookAt(context: Context, state: PovState, look: Look): { next: PovState; due: Lots } {
  const pace = paceOf(context, state, look);
  const due = pace === null ? 0 : paceDue(context, pace, look);
  const isBlind = look.others === null && pace === null;
  const missed = look.now - state.sawAt >= 2 * intervalOf(context);
  const sawAt = isBlind ? state.sawAt : look.now;
  return {
    next: { ...state, pace, sawAt, isLate: state.isLate || missed },
    due: Math.max(due, rateDue(context, look)),
  };
}

function follow(
  context: Context,
  state: PovState,
  progress: Progress,
  view: MarketView | null,
  now: number,
): Decision<PovState> {
  const own = progress.filled + progress.leaves + progress.unknown;
  const look: Look = { now, view, own, cap: progress.cap, others: othersLots(context, view) };
  const { next, due } = lookAt(context, state, look);
  const room = roomOf(progress);
  const wanted = Math.min(room, Math.max(0, due - own), participationRoom(context, progress, view));
  if (wanted === 0) return proceed(context, { ...next, isLate: next.isLate && due > own }, look, null, 0);
  const terms = childTerms(context, progress.limitPrice, view);
  if (terms === null) return defer(state, now);
  const venueLeast = venueMinimum(context.instrument, terms);
  // Dust: no venue would take it, now or later (decision 19).
  if (room < venueLeast && progress.live === 0) return over(next);
  const most = next.isLate ? lateMost(context, next.pace, { due, room, venueLeast }, look) : wanted;
  const after = { ...next, isLate: wanted > most };
  return proceed(context, after, look, terms, childLots(context, Math.min(wanted, most), room, venueLeast));
}

/** `complete_by` has come: what rests is canceled, unless LEAVE lets it, and nothing more is sent. */
function close(context: Context, state: PovState, progress: Progress): Decision<PovState> {
  const leaves = context.params.on_deadline === 'LEAVE' || progress.live === 0;
  return leaves ? over(state) : { ...over(state), cancels: true };
}

function decide(
  context: Context,
  state: PovState,
  progress: Progress,
  view: MarketView | null,
  now: number,
  ask: Ask,
): Decision<PovState> {
  if (ask === 'SWEEP' || (ask === 'REPRICE' && state.swept)) {
    return sweepWithin(context, { now: state, swept: { ...state, swept: true } }, progress, view, now);
  }
  if (state.swept || isAtEnd(context, now)) return over(state);
  const by = completeAt(context);
  if (by !== null && now >= by) return close(context, state, progress);
  return follow(context, state, progress, view, now);
}

function checkRates({ params }: Context): void {
  const { participation_rate: rate, min_rate: least, max_rate: most } = params;
  requireRate('participation_rate', rate, true);
  requireRate('min_rate', least, true);
  requireRate('max_rate', most, true);
  if (
    (rate === undefined) !== (least !== undefined && most !== undefined) ||
    (rate !== undefined && (least ?? most) !== undefined)
  ) {
    throw infeasible('a POV takes either participation_rate or both min_rate and max_rate');
  }
  if (least !== undefined && most !== undefined && cmp(least, most) > 0) {
    throw infeasible(`max_rate must be at least min_rate ${least}, not ${most}`, `${PATH}.max_rate`);
  }
}

function checkEnd(context: Context): void {
  const { params, startedAt, endsAt } = context;
  if (params.duration_seconds !== undefined) requireWhole('duration_seconds', params.duration_seconds);
  const { complete_by: by, on_conflict: conflict, min_rate: least } = params;
  if (by === undefined) {
    if (conflict === 'COMPLETE') throw infeasible('COMPLETE needs complete_by', `${PATH}.on_conflict`);
    if (least !== undefined && endsAt === null) {
      throw infeasible(
        'a band needs complete_by or duration_seconds to choose within it',
        `${PATH}.min_rate`,
      );
    }
    return;
  }
  const problem = typeof by === 'string' ? timestampProblem(by) : 'must be a timestamp';
  if (problem !== null) throw infeasible(`complete_by ${problem}`, `${PATH}.complete_by`);
  const earliest = startedAt + intervalOf(context);
  if (toMs(by) < earliest) {
    throw infeasible(
      `complete_by ${by} comes before the first look, at ${toTimestamp(earliest)}; from there on it can be met`,
      `${PATH}.complete_by`,
    );
  }
  if (params.on_deadline === 'SWEEP' && (endsAt === null || toMs(by) < endsAt)) {
    throw infeasible(
      'SWEEP sweeps at the end of duration_seconds or of the window, after complete_by; ' +
        'on_conflict COMPLETE can be met, or duration_seconds without complete_by',
      `${PATH}.on_deadline`,
    );
  }
}

/** Throws PLAN_INFEASIBLE for rates or an end that contradict, or when no child order can reach the minimum. */
function check(context: Context, view: MarketView | null): void {
  checkCommon(context);
  const { params, target } = context;
  requireWhole('interval_seconds', params.interval_seconds);
  checkRates(context);
  checkEnd(context);
  if (params.order_type === 'STOP_LIMIT')
    throw infeasible('a POV sends MARKET or LIMIT orders, not STOP_LIMIT');
  const { minChild, maxChild } = childBounds(context);
  const venueLeast = venueMinimum(context.instrument, childTerms(context, null, view));
  const least = Math.max(venueLeast, minChild);
  const bound = minimumText(context, venueLeast, minChild);
  if (target < least) {
    throw infeasible(
      `${quantityText(context, target)} falls below ${bound}; at least ${quantityText(context, least)} is needed`,
    );
  }
  if (maxChild < least) {
    throw infeasible(
      `max_child_quantity ${params.max_child_quantity} falls below ${bound}; at least ${quantityText(context, least)} can be met`,
      `${PATH}.max_child_quantity`,
    );
  }
}

/** Nobody knows yet what the market will trade: there is no schedule to show. */
const schedule = (): readonly PlannedSlice[] => [];

/** Own volume follows the market's. */
export const pov: Strategy<PovPlanParams, PovState> = {
  name: 'POV',
  asksOnOrderEnd: false,
  duration: (params) => (params.duration_seconds === undefined ? null : params.duration_seconds * 1000),
  check,
  initial: ({ startedAt }) => ({ sawAt: startedAt, isLate: false, pace: null, swept: false }),
  decide,
  schedule,
};
