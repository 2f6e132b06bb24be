/**
 * VWAP: the target over time in proportion to a volume curve.
 *
 * Owns when slices are due, how large each is, and what `reforecast` makes of the volume that really trades. Does not own
 * the curve's arithmetic (curve.ts), slot times (slots.ts), what fires, catches up or is topped up (schedule.ts), cancels,
 * retries or the end (the group's).
 *
 * The curve spans `duration_seconds`; where the effective end comes sooner it is cut there and what is left of it
 * carries the whole target. Slices: one per bucket, or `slices` over the time there is, or one per whole
 * `interval_seconds`; each takes what the curve has from its own time to the next one's, the last up to the end. The
 * last goes out in two halves, the second halfway to the end: sent whole, the order is done a slice before its end, and
 * its own interval lacks the minutes whose volume that slice stands for.
 */
import type { Lots } from '../dtos/decimal.js';
import type { MarketView } from '../dtos/venue.js';
import { checkCommon, infeasible, minimumText, quantityText, requireWhole } from './check.js';
import type { Progress, Strategy, StrategyContext } from './contract.js';
import { type CurveSlices, curveOf, curveSlices, lotsAt } from './curve.js';
import { mulDiv, PPM } from './lots.js';
import { childTerms } from './orders.js';
import type { VwapPlanParams } from './params.js';
import { othersLots } from './participation.js';
import { type Terms, venueMinimum } from './price.js';
import {
  durationOf,
  horizonOf,
  limitsOf,
  type ScheduleLimits,
  type ScheduleRules,
  type ScheduleState,
  scheduled,
  seedOf,
} from './schedule.js';
import { dueAfter, lastDue, type SlotGrid } from './slots.js';

type Context = StrategyContext<VwapPlanParams>;

const SLICES_MAX = 100_000;
/** Of what was observed before, this part still counts at the next slice: about four slices decide. */
const KEEPS = { of: 4, kept: 3 };

/** Made once, at the first price; the tables are shared by every state after it. */
interface VwapPlan {
  readonly slices: CurveSlices;
  readonly grid: SlotGrid;
}

/** What `reforecast` remembers: others' lots and the slice of the last look, and what the looks before add up to. */
interface Seen {
  readonly others: Lots;
  readonly slice: number;
  /** Others' lots, and our own planned lots of the same time; both fade by a quarter at each look. */
  readonly traded: number;
  readonly planned: number;
}

export type VwapState = ScheduleState<VwapPlan, Seen>;

/** The slots asked for, and the time they span. */
function asked(params: VwapPlanParams, horizon: number): { count: number; span: number } {
  const { slices, interval_seconds: interval, curve } = params;
  if (slices !== undefined) return { count: Math.min(slices, horizon), span: horizon };
  if (interval !== undefined) {
    const count = Math.max(1, Math.floor(horizon / (interval * 1000)));
    return { count, span: count * interval * 1000 };
  }
  const duration = durationOf(params);
  const count = Math.min(horizon, mulDiv(horizon, curve.length, duration, 'CEIL'));
  return { count, span: Math.max(count, mulDiv(count, duration, curve.length, 'FLOOR')) };
}

/** `left`: lots that no slice within `max_child_quantity` can carry. */
function makePlan(context: Context, limits: ScheduleLimits, terms: Terms | null): VwapPlan & { left: Lots } {
  const { params, target, instrument } = context;
  const horizon = horizonOf(context);
  const curve = curveOf(params.curve, durationOf(params));
  const { count, span } = asked(params, horizon);
  const sway = mulDiv(Math.floor(span / count), limits.timeJitterPpm, PPM, 'FLOOR');
  const grid = { count, span, sway, horizon };
  const even = { ...grid, sway: 0 };
  const times = Array.from({ length: count }, (_, k) => dueAfter(even, 0, k));
  const lots = lotsAt(curve, target, [...times, horizon], horizon);
  if (lots === null) {
    throw infeasible(
      `the curve has no weight before the end, ${horizon / 1000} s after the start; ` +
        'a longer window, or a curve with a weight in it, can be met',
      'routing_plan.strategy_params.curve',
    );
  }
  const bounds = {
    minimum: Math.max(limits.minChild, venueMinimum(instrument, terms)),
    maximum: limits.maxChild,
    jitterPpm: limits.sizeJitterPpm,
  };
  const sizes = times.map((_, k) => lots[k + 1]! - lots[k]!);
  const { left, ...slices } = curveSlices(sizes, bounds, seedOf(context));
  return { slices, grid, left };
}

/** The last slice due at or before `elapsed` ms after the start; −1 before the first. */
function lastSlice(context: Context, { slices, grid }: VwapPlan, elapsed: number): number {
  const slot = lastDue(grid, seedOf(context), elapsed);
  let [low, high] = [0, slices.slots.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (slices.slots[middle]! <= slot) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** What `reforecast` has seen as slice j fires for the first time; unchanged while nobody counts volume. */
function look(
  context: Context,
  plan: VwapPlan,
  seen: Seen | null,
  view: MarketView | null,
  j: number,
): Seen | null {
  if (!context.params.reforecast || seen?.slice === j) return seen;
  const others = othersLots(context, view);
  if (others === null) return seen;
  if (seen === null) return { others, slice: j, traded: 0, planned: 0 };
  const { before } = plan.slices;
  const fade = (sum: number): number => mulDiv(sum, KEEPS.kept, KEEPS.of, 'FLOOR');
  return {
    others,
    slice: j,
    traded: fade(seen.traded) + Math.max(0, others - seen.others),
    planned: fade(seen.planned) + before[j]! - before[seen.slice]!,
  };
}

/**
 * Lots that should be filled or open once slice j is placed, as `reforecast` sees it:
 *
 *     cap × (V + w × r) ÷ (V + R × r)        r = recent volume ÷ recent curve
 *
 * V: what others have traded since the start; w: the curve's weight of slice j; R: of slice j and all after it; r: their
 * volume per unit of curve over the last looks, each counting three quarters of the one after it. V + R × r is the
 * volume expected in all, V + w × r that up to the next slice. Lively trade now means that more is to come: less of the
 * target is due yet. Where the volume has followed the curve it is the curve's own plan. Null: nothing to go by.
 */
function forecast(progress: Progress, { slices }: VwapPlan, seen: Seen | null, j: number): Lots | null {
  if (seen?.slice !== j || seen.traded === 0 || seen.planned === 0) return null;
  const traded = BigInt(seen.traded);
  const done = BigInt(seen.others) * BigInt(seen.planned);
  const own = BigInt(slices.before[j + 1]! - slices.before[j]!);
  const rest = BigInt(slices.before.at(-1)! - slices.before[j]!);
  const all = done + rest * traded;
  return Number((2n * BigInt(progress.cap) * (done + own * traded) + all) / (2n * all));
}

const slicesText = (count: number): string => `${count} ${count === 1 ? 'slice' : 'slices'}`;

function checkSchedule({ params }: Context): void {
  const { duration_seconds: duration, slices, interval_seconds: interval } = params;
  requireWhole('duration_seconds', duration);
  if (slices !== undefined && interval !== undefined) {
    throw infeasible('a VWAP takes slices or interval_seconds or neither, not both');
  }
  if (slices !== undefined) requireWhole('slices', slices);
  if (interval !== undefined) requireWhole('interval_seconds', interval);
  const count = slices ?? Math.floor(duration / (interval ?? duration));
  if (count > SLICES_MAX) {
    throw infeasible(
      `${count} slices are too many; at most ${SLICES_MAX} can be met, ` +
        `or interval_seconds of at least ${Math.ceil(duration / SLICES_MAX)}`,
    );
  }
  if (params.order_type === 'STOP_LIMIT') {
    throw infeasible('a VWAP sends MARKET or LIMIT slices, not STOP_LIMIT');
  }
}

/**
 * Throws PLAN_INFEASIBLE when the curve is none or has no weight before the end, when not even one slice reaches the
 * minimum, or when all slices together cannot carry the target within `max_child_quantity`. Fewer slices than asked
 * for are no error: `schedule` shows them.
 */
function check(context: Context, view: MarketView | null): void {
  checkCommon(context);
  checkSchedule(context);
  const terms = childTerms(context, null, view);
  const limits = limitsOf(context);
  const { target, params } = context;
  const venueLeast = venueMinimum(context.instrument, terms);
  const least = Math.max(venueLeast, limits.minChild);
  const { slices, left } = makePlan(context, limits, terms);
  if (target < least) {
    throw infeasible(
      `not even one slice reaches ${minimumText(context, venueLeast, limits.minChild)}: ` +
        `it takes ${quantityText(context, least)}, and the target is ${quantityText(context, target)}`,
    );
  }
  if (left === 0) return;
  const count = slices.slots.length;
  const needed = limits.maxChild < 1 ? Number.POSITIVE_INFINITY : Math.ceil(target / limits.maxChild);
  throw infeasible(
    `${slicesText(count)} of at most ${params.max_child_quantity} (max_child_quantity) cannot carry ` +
      `${quantityText(context, target)}; ` +
      (Math.floor(target / needed) >= least
        ? `at least ${needed} slices with a weight are needed`
        : `more slices would fall below ${minimumText(context, venueLeast, limits.minChild)}`),
  );
}

const rules: ScheduleRules<VwapPlanParams, VwapPlan, Seen> = {
  plan: (context, limits, terms) => {
    const { slices, grid } = makePlan(context, limits, terms);
    return { slices, grid };
  },
  count: ({ slices }) => slices.slots.length,
  before: (_, { slices }, k) => slices.before[k]!,
  dueAfter: (context, { slices, grid }, k) => dueAfter(grid, seedOf(context), slices.slots[k]!),
  lastDue: lastSlice,
  halvesLast: true,
  look,
  dueBy: forecast,
};

/** Slices weighted by a volume curve; sizes and times may be jittered by `seed`. */
export const vwap: Strategy<VwapPlanParams, VwapState> = { name: 'VWAP', check, ...scheduled(rules) };
