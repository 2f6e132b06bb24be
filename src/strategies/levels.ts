/**
 * The levels of a LAYERED order: how many, at which prices, of how many lots each.
 *
 * Owns this arithmetic: whole ticks and whole lots, exact. Does not own when a level opens: layered.ts does. Made
 * once, at the first price; level 0 is nearest to the market.
 *
 * There are fewer levels than asked for where one would fall below the minimum at the cheapest of their prices, would
 * share its price with another, or would stand at no price above zero: what they had is spread over the rest.
 */
import { type DecimalString, type Lots, toSteps } from '../dtos/decimal.js';
import type { MarketView } from '../dtos/venue.js';
import type { StrategyContext } from './contract.js';
import type { LayeredPlanParams } from './params.js';
import { venueMinimum } from './price.js';
import { awayFrom, boundTicks, limitNow, modest, nearTicks, termsAt } from './resting.js';

type Context = StrategyContext<LayeredPlanParams>;

/** Plain JSON; both lists by level. */
export interface Levels {
  readonly ticks: readonly number[];
  readonly lots: readonly Lots[];
}

/** Where levels may stand: from `near`, away from the market, `width` ticks in all or `spacing` from each to the next. */
export interface Grid {
  readonly near: number;
  readonly width: number | null;
  readonly spacing: number;
}

/** Null: there is no price to count from yet. An amended limit below the whole range moves all of it there. */
export function gridOf(
  context: Context,
  amended: DecimalString | null,
  view: MarketView | null,
): Grid | null {
  const { price_range: range, spacing_ticks: spacing } = context.params;
  const limit = limitNow(context, amended);
  if (range == null) {
    const near = limit === null ? nearTicks(context, view) : boundTicks(context, limit);
    return near === null || near < 1 ? null : { near, width: null, spacing: spacing ?? 1 };
  }
  const { low, high } = rangeTicks(context, range);
  const [best, far] = context.side === 'BUY' ? [high, low] : [low, high];
  const near = limit === null ? best : modest(context, best, boundTicks(context, limit));
  if (near < 1) return null;
  const width = context.side === 'BUY' ? near - far : far - near;
  return { near, width: Math.max(0, width), spacing: 0 };
}

/** The ticks that a range holds, its ends included; `low` above `high` when it holds none. */
export function rangeTicks(
  { instrument }: Context,
  { min, max }: { readonly min: DecimalString; readonly max: DecimalString },
): { readonly low: number; readonly high: number } {
  const { tickSize } = instrument;
  return { low: Math.max(1, toSteps(min, tickSize, 'CEIL')), high: toSteps(max, tickSize, 'FLOOR') };
}

/** The price of level i of `count`, in ticks; what the tick does not divide is rounded away from the market. */
function levelTicks(context: Context, { near, width, spacing }: Grid, i: number, count: number): number {
  const away = width === null ? i * spacing : count === 1 ? 0 : Math.ceil((i * width) / (count - 1));
  return awayFrom(context, near, away);
}

/** The most levels with a price each. */
function distinct({ side }: Context, { near, width, spacing }: Grid): number {
  if (width !== null) return width + 1;
  return side === 'SELL' ? Number.POSITIVE_INFINITY : Math.floor((near - 1) / spacing) + 1;
}

/** Weights from the heaviest to the lightest, which weighs 1. GEOMETRIC: each level is twice the one after it. */
function weights({ params }: Context, count: number): bigint[] {
  return Array.from({ length: count }, (_, i) => {
    if (params.distribution === 'UNIFORM') return 1n;
    return params.distribution === 'GEOMETRIC' ? 1n << BigInt(count - 1 - i) : BigInt(count - i);
  });
}

/** The sum of `weights`. */
function weightOf({ params }: Context, count: number): bigint {
  if (params.distribution === 'UNIFORM') return BigInt(count);
  return params.distribution === 'GEOMETRIC' ? (1n << BigInt(count)) - 1n : BigInt((count * (count + 1)) / 2);
}

/** Sizes by weight that sum to the target; lots that do not divide go to the heaviest levels, one each. */
function sizes(context: Context, count: number): Lots[] {
  const total = BigInt(context.target);
  const all = weightOf(context, count);
  const lots = weights(context, count).map((weight) => Number((total * weight) / all));
  const spare = context.target - lots.reduce((sum, share) => sum + share, 0);
  const whole = lots.map((share, i) => (i < spare ? share + 1 : share));
  return context.params.distribution === 'BACK_LOADED' ? whole.reverse() : whole;
}

/** The fewest lots that any of `count` levels may have: the minimum at the cheapest of their prices. */
export function leastOf(context: Context, grid: Grid | null, count: number, minChild: Lots): Lots {
  if (grid === null) return minChild;
  const cheapest = context.side === 'BUY' ? levelTicks(context, grid, count - 1, count) : grid.near;
  return Math.max(minChild, venueMinimum(context.instrument, termsAt(context, cheapest)));
}

/** How many levels there are. */
function countOf(context: Context, grid: Grid | null, minChild: Lots): number {
  const most = Math.min(
    context.params.levels,
    grid === null ? Number.POSITIVE_INFINITY : distinct(context, grid),
  );
  const target = BigInt(context.target);
  for (let count = most; count > 1; count--) {
    const lightest = target / weightOf(context, count);
    if (lightest >= BigInt(leastOf(context, grid, count, minChild))) return count;
  }
  return 1;
}

/** The plan. Without a grid its sizes alone, at no price: for `schedule` before there is a market. */
export function levelsOf(context: Context, grid: Grid | null, minChild: Lots): Levels {
  const count = countOf(context, grid, minChild);
  const ticks =
    grid === null ? [] : Array.from({ length: count }, (_, i) => levelTicks(context, grid, i, count));
  return { ticks, lots: sizes(context, count) };
}
