/**
 * TWAP: the target in even slices over time (DESIGN section 4, Schedules).
 *
 * Owns how many slices, how large each and when: N intervals, or the whole time divided by N; whole lots, the spare
 * ones to the earliest slices. Does not own what fires, catches up or is topped up (schedule.ts), nor cancels, retries
 * or the end (the group's).
 */
import type { MarketView } from '../dtos/venue.js';
import { checkCommon, infeasible, minimumText, quantityText, requireWhole } from './check.js';
import type { Strategy, StrategyContext } from './contract.js';
import { lotsBefore, mulDiv, PPM, type SliceSizes, sliceSizes } from './lots.js';
import { childTerms } from './orders.js';
import type { TwapPlanParams } from './params.js';
import { type Terms, venueMinimum } from './price.js';
import {
  horizonOf,
  limitsOf,
  type ScheduleLimits,
  type ScheduleRules,
  type ScheduleState,
  scheduled,
  seedOf,
} from './schedule.js';
import { dueAfter, lastDue, type SlotGrid } from './slots.js';

type Context = StrategyContext<TwapPlanParams>;

/** Made once, at the first price; from then on slice k is a function of (plan, seed, k). */
export interface TwapPlan {
  readonly sizes: SliceSizes;
  readonly grid: SlotGrid;
}

export type TwapState = ScheduleState<TwapPlan>;

/** The slices asked for, and the time they span: N intervals, or the whole horizon divided by N. */
function asked(params: TwapPlanParams, horizon: number): { count: number; span: number } {
  const interval = (params.interval_seconds ?? 0) * 1000;
  if (interval === 0) return { count: Math.min(params.slices ?? 1, horizon), span: horizon };
  const count = Math.max(1, Math.floor(horizon / interval));
  return { count, span: count * interval };
}

function makePlan(context: Context, limits: ScheduleLimits, terms: Terms | null): TwapPlan {
  const horizon = horizonOf(context);
  const { count, span } = asked(context.params, horizon);
  const sizes = sliceSizes(context.target, count, {
    minimum: Math.max(limits.minChild, venueMinimum(context.instrument, terms)),
    maximum: limits.maxChild,
    jitterPpm: limits.sizeJitterPpm,
  });
  const sway = mulDiv(Math.floor(span / sizes.count), limits.timeJitterPpm, PPM, 'FLOOR');
  return { sizes, grid: { count: sizes.count, span, sway, horizon } };
}

const slicesText = (count: number): string => `${count} ${count === 1 ? 'slice' : 'slices'}`;

function checkSchedule({ params }: Context): void {
  requireWhole('duration_seconds', params.duration_seconds);
  if ((params.slices === undefined) === (params.interval_seconds === undefined)) {
    throw infeasible('a TWAP takes either slices or interval_seconds');
  }
  requireWhole(
    params.slices === undefined ? 'interval_seconds' : 'slices',
    params.slices ?? params.interval_seconds ?? 0,
  );
  if (params.order_type === 'STOP_LIMIT') {
    throw infeasible('a TWAP sends MARKET or LIMIT slices, not STOP_LIMIT');
  }
}

/**
 * Throws PLAN_INFEASIBLE when not even one slice reaches the minimum, or when all of them together cannot carry the
 * target within `max_child_quantity`. Fewer slices than asked for are no error: `schedule` shows them.
 */
function check(context: Context, view: MarketView | null): void {
  checkCommon(context);
  checkSchedule(context);
  const terms = childTerms(context, null, view);
  const limits = limitsOf(context);
  const { minChild, maxChild } = limits;
  const { sizes } = makePlan(context, limits, terms);
  const { target, params } = context;
  const venueLeast = venueMinimum(context.instrument, terms);
  const least = Math.max(venueLeast, minChild);
  const wanted = asked(params, horizonOf(context)).count;
  if (target < least) {
    throw infeasible(
      `${slicesText(wanted)} of ${quantityText(context, Math.max(1, Math.floor(target / wanted)))} fall below ` +
        `${minimumText(context, venueLeast, minChild)}; not even one slice can be met: ` +
        `it takes ${quantityText(context, least)}, and the target is ${quantityText(context, target)}`,
    );
  }
  if (Math.ceil(target / sizes.count) <= maxChild) return;
  const needed = maxChild < 1 ? Number.POSITIVE_INFINITY : Math.ceil(target / maxChild);
  throw infeasible(
    `${slicesText(sizes.count)} of at most ${params.max_child_quantity} (max_child_quantity) cannot carry ` +
      `${quantityText(context, target)}; ` +
      (Math.floor(target / needed) >= least
        ? `at least ${needed} slices are needed`
        : `more slices would fall below ${minimumText(context, venueLeast, minChild)}`),
  );
}

const rules: ScheduleRules<TwapPlanParams, TwapPlan, null> = {
  plan: makePlan,
  count: ({ sizes }) => sizes.count,
  before: (context, { sizes }, k) => lotsBefore(sizes, seedOf(context), k),
  dueAfter: (context, { grid }, k) => dueAfter(grid, seedOf(context), k),
  lastDue: (context, { grid }, elapsed) => lastDue(grid, seedOf(context), elapsed),
  halvesLast: false,
  look: () => null,
  dueBy: () => null,
};

/** Even slices at even times; both may be jittered by `seed`. */
export const twap: Strategy<TwapPlanParams, TwapState> = { name: 'TWAP', check, ...scheduled(rules) };
