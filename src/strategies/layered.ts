/**
 * LAYERED: resting LIMIT orders over a range of prices, a window of which is open at a time.
 *
 * Owns which levels open, nearest to the market first. Prices and sizes are levels.ts's. A level that the venue ended
 * short is let go, until REPRICE places the rest of every level that has opened once more, each at its own price and
 * never past the limit. Does not own cancels, retries or the end: the group does.
 */
import type { Lots } from '../dtos/decimal.js';
import type { MarketView } from '../dtos/venue.js';
import { childBounds, infeasible, minimumText, quantityText, requireDecimal, requireWhole } from './check.js';
import type {
  Ask,
  Decision,
  PlannedOrder,
  PlannedSlice,
  Progress,
  Strategy,
  StrategyContext,
} from './contract.js';
import { gridOf, type Levels, leastOf, levelsOf, rangeTicks } from './levels.js';
import { defer, roomOf } from './orders.js';
import type { LayeredPlanParams } from './params.js';
import { type Terms, venueMinimum } from './price.js';
import {
  boundTicks,
  checkResting,
  isAtEnd,
  limitNow,
  modest,
  over,
  restingOrder,
  sweepRest,
  termsAt,
} from './resting.js';

type Context = StrategyContext<LayeredPlanParams>;

const PATH = 'routing_plan.strategy_params';

/** Plain JSON. */
export interface LayeredState {
  /** Null until there was a price to count from. */
  readonly levels: Levels | null;
  /** Levels that are to be opened, nearest first. */
  readonly queue: readonly number[];
  /** The level of each order, by its slot. */
  readonly levelOf: readonly number[];
  /** The sweep was planned: no level opens after it. */
  readonly swept: boolean;
}

interface Planned extends LayeredState {
  readonly levels: Levels;
}

/** What became of one level's orders. */
interface LevelProgress {
  readonly filled: Lots;
  readonly isLive: boolean;
}

function progressByLevel({ levels, levelOf }: Planned, { slots = [] }: Progress): LevelProgress[] {
  const rows = levels.lots.map(() => ({ filled: 0, isLive: false }));
  for (const { slot, filled, isLive } of slots) {
    const row = rows[levelOf[slot] ?? -1];
    if (row === undefined) continue;
    row.filled += filled;
    row.isLive ||= isLive;
  }
  return rows;
}

/** Every level that is not live and not yet full: those still to come, and those that have opened once. */
function unfilled(state: Planned, rows: readonly LevelProgress[]): number[] {
  return rows.flatMap(({ filled, isLive }, level) =>
    !isLive && filled < (state.levels.lots[level] ?? 0) ? [level] : [],
  );
}

/** A level's own price, never past the limit of now. */
function termsOf(context: Context, state: Planned, progress: Progress, level: number): Terms | null {
  const own = state.levels.ticks[level] ?? 0;
  const limit = limitNow(context, progress.limitPrice);
  return termsAt(context, limit === null ? own : modest(context, own, boundTicks(context, limit)));
}

/** How many may open now. */
function windowOf({ params }: Context, { live }: Progress): number {
  const most = params.max_open ?? params.levels;
  if (!params.replenish && live > 0) return 0;
  return Math.max(0, most - live);
}

/** Opens levels from the head of the queue. A rest below the minimum joins the level behind it. */
function open(context: Context, state: Planned, progress: Progress): Decision<LayeredState> {
  const rows = progressByLevel(state, progress);
  const { minChild, maxChild } = childBounds(context);
  const lots = [...state.levels.lots];
  const orders: PlannedOrder[] = [];
  const opened: number[] = [];
  const window = windowOf(context, progress);
  let room = roomOf(progress);
  let taken = 0;
  for (const level of state.queue) {
    if (orders.length >= window) break;
    const rest = (lots[level] ?? 0) - (rows[level]?.filled ?? 0);
    const terms = termsOf(context, state, progress, level);
    const venueLeast = venueMinimum(context.instrument, terms);
    // What no further order could carry goes with this one.
    const isLastRoom = room - Math.min(rest, room) < venueLeast;
    const quantity = Math.min(isLastRoom ? room : rest, maxChild);
    // Only what is left of all may undercut min_child_quantity, and never the venue.
    const least = quantity === room ? venueLeast : Math.max(venueLeast, minChild);
    if (terms === null || (quantity === room && quantity < least)) break;
    taken++;
    if (quantity < least) {
      const next = state.queue[taken];
      if (next !== undefined) lots[next] = (lots[next] ?? 0) + rest;
      lots[level] = (lots[level] ?? 0) - rest;
      continue;
    }
    orders.push(restingOrder(context, terms, quantity));
    opened.push(level);
    room -= quantity;
  }
  const queue = state.queue.slice(taken);
  const levels = taken > orders.length ? { ...state.levels, lots } : state.levels;
  const next = { ...state, levels, queue, levelOf: [...state.levelOf, ...opened] };
  const isStuck = orders.length === 0 && progress.live === 0;
  return { ...over(next), orders, exhausted: queue.length === 0 || isStuck };
}

function decide(
  context: Context,
  state: LayeredState,
  progress: Progress,
  view: MarketView | null,
  now: number,
  ask: Ask,
): Decision<LayeredState> {
  if (ask === 'SWEEP' || state.swept) {
    if (ask !== 'SWEEP' && ask !== 'REPRICE') return over(state);
    return sweepRest(context, { now: state, swept: { ...state, swept: true } }, progress, view, now);
  }
  if (isAtEnd(context, now)) return over(state);
  if (state.levels === null) {
    const grid = gridOf(context, progress.limitPrice, view);
    if (grid === null) return defer(state, now);
    const levels = levelsOf(context, grid, childBounds(context).minChild);
    return open(context, { ...state, levels, queue: levels.lots.map((_, level) => level) }, progress);
  }
  const planned = { ...state, levels: state.levels };
  if (ask !== 'REPRICE') return open(context, planned, progress);
  return open(
    context,
    { ...planned, queue: unfilled(planned, progressByLevel(planned, progress)) },
    progress,
  );
}

function checkPrices(context: Context): void {
  const { price_range: range, spacing_ticks: spacing, limit_price: limit } = context.params;
  const { tickSize } = context.instrument;
  if ((range == null) === (spacing == null)) {
    throw infeasible('LAYERED takes either price_range or spacing_ticks');
  }
  if (range == null) {
    if (limit == null || boundTicks(context, limit) >= 1) return;
    throw infeasible(`limit_price ${limit} is below one tick of ${tickSize}`, `${PATH}.limit_price`);
  }
  for (const end of ['min', 'max'] as const) {
    if (range[end] === undefined)
      throw infeasible('price_range has min and max', `${PATH}.price_range.${end}`);
    requireDecimal(`price_range.${end}`, range[end]);
  }
  const { low, high } = rangeTicks(context, range);
  if (low > high) {
    throw infeasible(
      `no multiple of the tick ${tickSize} lies from ${range.min} to ${range.max}`,
      `${PATH}.price_range`,
    );
  }
  const bound = limit == null ? null : boundTicks(context, limit);
  if (bound === null || (context.side === 'BUY' ? bound >= low : bound <= high)) return;
  const worst = context.side === 'BUY' ? `at least ${range.min}` : `at most ${range.max}`;
  throw infeasible(
    `limit_price ${limit} excludes all of price_range; ${worst} is needed`,
    `${PATH}.limit_price`,
  );
}

/**
 * Throws PLAN_INFEASIBLE when there is no price for a level, when not even one level reaches the minimum, or when the
 * largest exceeds `max_child_quantity`. Fewer levels than asked for are no error: `schedule` shows them.
 */
function check(context: Context, view: MarketView | null): void {
  checkResting(context, 'a level');
  const { params, target } = context;
  requireWhole('levels', params.levels);
  if (params.spacing_ticks != null) requireWhole('spacing_ticks', params.spacing_ticks);
  if (params.max_open != null) requireWhole('max_open', params.max_open);
  checkPrices(context);
  const { minChild, maxChild } = childBounds(context);
  const grid = gridOf(context, null, view);
  const least = leastOf(context, grid, 1, minChild);
  if (target < least) {
    const bound = minimumText(context, least, minChild);
    throw infeasible(
      `not even one level of ${quantityText(context, target)} reaches ${bound}; it takes ${quantityText(context, least)}`,
    );
  }
  const { lots } = levelsOf(context, grid, minChild);
  const largest = lots.reduce((most, share) => Math.max(most, share), 0);
  if (largest <= maxChild) return;
  throw infeasible(
    `the largest of ${lots.length} levels has ${quantityText(context, largest)}, above max_child_quantity ` +
      `${params.max_child_quantity}; at least that is needed, or more levels of an even distribution`,
    `${PATH}.max_child_quantity`,
  );
}

/** Every level at the start, with its price; which of them stand at a time is `max_open`'s. */
function schedule(context: Context, view: MarketView | null): readonly PlannedSlice[] {
  const { ticks, lots } = levelsOf(context, gridOf(context, null, view), childBounds(context).minChild);
  return lots.map((quantity, level) => {
    const at = ticks[level];
    const price = at === undefined ? null : (termsAt(context, at)?.price ?? null);
    return { at: context.startedAt, quantity, price };
  });
}

/** LIMIT orders at `levels` prices. */
export const layered: Strategy<LayeredPlanParams, LayeredState> = {
  name: 'LAYERED',
  asksOnOrderEnd: true,
  seesSlots: true,
  duration: (params) => (params.duration_seconds == null ? null : params.duration_seconds * 1000),
  check,
  initial: () => ({ levels: null, queue: [], levelOf: [], swept: false }),
  decide,
  schedule,
};
