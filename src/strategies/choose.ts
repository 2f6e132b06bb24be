/**
 * The translation matrix: from a routing plan's wishes to one strategy and its parameters (spec 5, section 2.3).
 *
 * Owns the choice, what each hint becomes, and the merge with the entry plan. Does not own whether the schedule can be
 * met: that is the strategy's `check`, once instrument and target are known.
 *
 * What hints become where `strategy_params` are absent (with them only `must_complete_immediately` is still read):
 *   `execution_urgency`     LIMIT orders: from 0.8 on they take and never rest (IOC), up to 0.2 they only rest
 *                           (post_only); a TWAP without `chunk_count_hint` has 5, 10 or 20 slices
 *   `visibility_preference` the visible ratio of an iceberg
 *   `chunk_count_hint`      slices of a TWAP, levels of a LAYERED (5 unless hinted)
 *   `chunk_distribution`    weights of a LAYERED; RANDOM: a TWAP whose slices vary by half
 *   `max_slippage_pct`      how far the levels of a LAYERED reach away from the limit price
 */
import { add, cmp, type DecimalString, isZero, mul, round, sub } from '../dtos/decimal.js';
import type { EntryPlan, RoutingPlan } from '../dtos/plans.js';
import {
  IcebergParamsSchema,
  LayeredParamsSchema,
  LEVELS_MAX,
  SingleParamsSchema,
  TwapParamsSchema,
} from '../dtos/strategy-params.js';
import { infeasible } from './check.js';
import type {
  CommonParams,
  IcebergPlanParams,
  LayeredPlanParams,
  SinglePlanParams,
  AnyChoice,
  StrategyChoice,
  TwapPlanParams,
} from './params.js';
import { STRATEGIES, type Strategies, strategyUnavailable } from './registry.js';

/** The fields of a routing plan that decide. */
export type RoutingWishes = Partial<
  Pick<
    RoutingPlan,
    | 'strategy_params'
    | 'preferred_execution_style'
    | 'execution_urgency'
    | 'visibility_preference'
    | 'chunk_distribution'
    | 'chunk_count_hint'
    | 'max_execution_window_minutes'
    | 'max_slippage_pct'
    | 'must_complete_immediately'
  >
>;
/** The fields of an entry plan that decide. */
export type EntryTerms = Pick<EntryPlan, 'order_type' | 'limit_price' | 'stop_price'> &
  Partial<Pick<EntryPlan, 'direction'>>;

/** A share of visible quantity at or below this asks for an iceberg. */
const ICEBERG_VISIBILITY = '0.1';
const URGENT = '0.8';
const PATIENT = '0.2';
const SLICES_DEFAULT = 10;
const LEVELS_DEFAULT = 5;
const RANDOM_JITTER = '0.5';
/** Decimals of a price on the wire. */
const PRICE_PLACES = 8;
/** Styles that are another strategy's name. */
const STYLES: Readonly<Record<string, string>> = { MARKET: 'SINGLE' };

const SINGLE_DEFAULTS = SingleParamsSchema.parse({ strategy: 'SINGLE' });
const TWAP_DEFAULTS = TwapParamsSchema.parse({ strategy: 'TWAP', duration_seconds: 1, slices: 1 });
const ICEBERG_DEFAULTS = IcebergParamsSchema.parse({ strategy: 'ICEBERG', visible_ratio: '1' });
const LAYERED_DEFAULTS = LayeredParamsSchema.parse({
  ...{ strategy: 'LAYERED', levels: 1, price_range: { min: '1', max: '1' } },
});

/** The matrix itself: which strategy, and the field that asked for it. First match decides. */
function wished(routing: RoutingWishes): { name: string; field: string } {
  const { strategy_params: params, preferred_execution_style: style } = routing;
  if (params !== undefined) return { name: params.strategy, field: 'strategy_params.strategy' };
  if (style !== undefined) return { name: STYLES[style] ?? style, field: 'preferred_execution_style' };
  const { visibility_preference: visible, chunk_distribution: chunks } = routing;
  if (visible !== undefined && cmp(visible, ICEBERG_VISIBILITY) <= 0) {
    return { name: 'ICEBERG', field: 'visibility_preference' };
  }
  if (chunks === 'RANDOM') return { name: 'TWAP', field: 'chunk_distribution' };
  if (chunks !== undefined) return { name: 'LAYERED', field: 'chunk_distribution' };
  return { name: 'SINGLE', field: 'strategy_params' };
}

/** Do its orders rest whatever nobody says? A MARKET that somebody does say is for the strategy to refuse. */
const rests = (params: CommonParams & { readonly strategy?: string; readonly chase?: unknown }): boolean =>
  params.strategy === 'ICEBERG' || params.strategy === 'LAYERED' || params.chase !== undefined;

/** Parameters win over the entry plan; that both agree is checked by dtos/execution-command.ts. */
function withEntry<P extends CommonParams>(
  params: P,
  entry: EntryTerms | undefined,
  isImmediate: boolean,
): P {
  const orderType = params.order_type ?? entry?.order_type ?? (rests(params) ? 'LIMIT' : 'MARKET');
  const limitPrice = params.limit_price ?? entry?.limit_price;
  // A resting order would not respect must_complete_immediately.
  const takesNow = isImmediate && orderType === 'LIMIT' && !params.post_only && !rests(params);
  const timeInForce = params.time_in_force ?? (takesNow ? 'IOC' : undefined);
  return {
    ...params,
    order_type: orderType,
    ...(limitPrice === undefined ? {} : { limit_price: limitPrice }),
    ...(timeInForce === undefined ? {} : { time_in_force: timeInForce }),
  };
}

const isUrgent = ({ execution_urgency: urgency }: RoutingWishes): boolean =>
  urgency !== undefined && cmp(urgency, URGENT) >= 0;
const isPatient = ({ execution_urgency: urgency }: RoutingWishes): boolean =>
  urgency !== undefined && cmp(urgency, PATIENT) <= 0;

/** Parameters made of hints: urgency says whether LIMIT orders take or rest. */
function withUrgency<P extends CommonParams>(
  params: P,
  routing: RoutingWishes,
  entry: EntryTerms | undefined,
  canTake = true,
): P {
  const isImmediate = routing.must_complete_immediately ?? false;
  if (entry?.order_type !== 'LIMIT' || isImmediate) return withEntry(params, entry, isImmediate);
  if (isPatient(routing)) return withEntry({ ...params, post_only: true }, entry, false);
  return withEntry(params, entry, canTake && isUrgent(routing));
}

function singleParams(routing: RoutingWishes, entry: EntryTerms | undefined): SinglePlanParams {
  const own = routing.strategy_params;
  const params =
    own?.strategy === 'SINGLE'
      ? withEntry<SinglePlanParams>(own, entry, routing.must_complete_immediately ?? false)
      : withUrgency<SinglePlanParams>(SINGLE_DEFAULTS, routing, entry);
  return entry?.stop_price === undefined ? params : { ...params, stop_price: entry.stop_price };
}

function slicesOf(routing: RoutingWishes): number {
  if (routing.chunk_count_hint !== undefined) return routing.chunk_count_hint;
  if (isUrgent(routing)) return SLICES_DEFAULT / 2;
  return isPatient(routing) ? SLICES_DEFAULT * 2 : SLICES_DEFAULT;
}

function twapParams(routing: RoutingWishes, entry: EntryTerms | undefined): TwapPlanParams {
  const { max_execution_window_minutes: minutes, chunk_distribution: chunks } = routing;
  if (minutes === undefined) {
    throw infeasible(
      'a TWAP needs max_execution_window_minutes, or strategy_params with duration_seconds',
      'routing_plan.max_execution_window_minutes',
    );
  }
  if (chunks === 'FRONT_LOADED' || chunks === 'BACK_LOADED') {
    throw infeasible(
      `the slices of a TWAP cannot be ${chunks}; UNIFORM or RANDOM would do, or a VWAP with such a curve`,
      'routing_plan.chunk_distribution',
    );
  }
  const params = { ...TWAP_DEFAULTS, duration_seconds: minutes * 60, slices: slicesOf(routing) };
  const jitter = chunks === 'RANDOM' ? { size_jitter_pct: RANDOM_JITTER } : {};
  return withUrgency({ ...params, ...jitter }, routing, entry);
}

/** Strategies whose orders rest need a price to rest at. */
function limitOf(name: string, entry: EntryTerms | undefined): DecimalString {
  if (entry?.order_type === 'LIMIT' && entry.limit_price !== undefined) return entry.limit_price;
  throw infeasible(
    `the orders of ${name} rest and need a price: give order_type LIMIT with limit_price`,
    'entry_plan.limit_price',
  );
}

function icebergParams(routing: RoutingWishes, entry: EntryTerms | undefined): IcebergPlanParams {
  limitOf('ICEBERG', entry);
  const ratio = routing.visibility_preference ?? ICEBERG_VISIBILITY;
  if (isZero(ratio)) {
    throw infeasible(
      'an iceberg shows something: give visibility_preference above 0, such as 0.05',
      'routing_plan.visibility_preference',
    );
  }
  return withUrgency({ ...ICEBERG_DEFAULTS, visible_ratio: ratio }, routing, entry, false);
}

/** From the limit price away from the market, as far as the slippage bound: a buyer's levels lie below it. */
function rangeOf(limit: DecimalString, routing: RoutingWishes, entry: EntryTerms | undefined) {
  const reach = mul(limit, routing.max_slippage_pct ?? '0');
  if (entry?.direction === 'SELL') return { min: limit, max: round(add(limit, reach), PRICE_PLACES) };
  const least = round(sub(limit, reach), PRICE_PLACES);
  if (cmp(least, '0') > 0) return { min: least, max: limit };
  throw infeasible(
    'the levels would reach down to 0: give max_slippage_pct below 1',
    'routing_plan.max_slippage_pct',
  );
}

function layeredParams(routing: RoutingWishes, entry: EntryTerms | undefined): LayeredPlanParams {
  const range = rangeOf(limitOf('LAYERED', entry), routing, entry);
  const levels = routing.chunk_count_hint ?? LEVELS_DEFAULT;
  if (levels > LEVELS_MAX) {
    throw infeasible(`${levels} levels; at most ${LEVELS_MAX} can be met`, 'routing_plan.chunk_count_hint');
  }
  const distribution = routing.chunk_distribution ?? 'UNIFORM';
  if (distribution === 'RANDOM') {
    throw infeasible(
      'the levels of a LAYERED cannot be RANDOM; UNIFORM, FRONT_LOADED or BACK_LOADED would do',
      'routing_plan.chunk_distribution',
    );
  }
  const params = { ...LAYERED_DEFAULTS, levels, distribution, price_range: range };
  return withUrgency(params, routing, entry, false);
}

/** What no hint can say. */
const NEEDED: Readonly<Record<string, string>> = {
  VWAP: 'duration_seconds and curve; a TWAP needs only a window',
  POV: 'participation_rate; a TWAP needs only a window',
  DCA: 'frequency and amount; a TWAP needs only a window',
};

/** What takes its time cannot complete immediately. */
function requireTime(name: string, routing: RoutingWishes): void {
  if (routing.must_complete_immediately !== true) return;
  throw infeasible(
    `a ${name} takes its time and cannot complete immediately; choose SINGLE, or a window`,
    'routing_plan.must_complete_immediately',
  );
}

function hinted(name: string, routing: RoutingWishes, entry: EntryTerms | undefined): StrategyChoice | null {
  if (name === 'TWAP') return { strategy: 'TWAP', params: twapParams(routing, entry) };
  if (name === 'ICEBERG') return { strategy: 'ICEBERG', params: icebergParams(routing, entry) };
  if (name === 'LAYERED') return { strategy: 'LAYERED', params: layeredParams(routing, entry) };
  const needed = NEEDED[name];
  if (needed === undefined) return null;
  throw infeasible(`a ${name} needs strategy_params with ${needed}`, 'routing_plan.strategy_params');
}

/**
 * The strategy for a command and its parameters: `strategy_params`, else `preferred_execution_style` (MARKET is
 * SINGLE), else `visibility_preference` ≤ 0.1 → ICEBERG, else `chunk_distribution` → LAYERED (RANDOM → TWAP), else
 * SINGLE. The entry plan completes the parameters; without one the order is MARKET. Throws STRATEGY_UNAVAILABLE with
 * the path of the field that asked, and PLAN_INFEASIBLE for a wish that the strategy cannot meet, with what would do.
 */
export function chooseStrategy(
  routing: RoutingWishes | undefined,
  entry: EntryTerms | undefined,
): StrategyChoice;
/** Of these strategies, a host's own among them. */
export function chooseStrategy(
  routing: RoutingWishes | undefined,
  entry: EntryTerms | undefined,
  strategies: Strategies,
): AnyChoice;
export function chooseStrategy(
  routing: RoutingWishes | undefined,
  entry: EntryTerms | undefined,
  strategies: Strategies = STRATEGIES,
): AnyChoice {
  const wishes = routing ?? {};
  const { name, field } = wished(wishes);
  if (name === 'SINGLE') return { strategy: 'SINGLE', params: singleParams(wishes, entry) };
  if (!strategies.has(name)) throw strategyUnavailable(name, `routing_plan.${field}`, strategies);
  requireTime(name, wishes);
  const own = wishes.strategy_params;
  if (own !== undefined) {
    // The pair is one of the union: its two halves are told apart by the same word.
    return { strategy: own.strategy, params: withEntry<CommonParams>(own, entry, false) } as StrategyChoice;
  }
  const choice = hinted(name, wishes, entry);
  if (choice !== null) return choice;
  throw infeasible(
    `${name} needs strategy_params: no hint says what it takes`,
    'routing_plan.strategy_params',
  );
}
