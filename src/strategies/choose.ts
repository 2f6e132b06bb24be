/**
 * The translation matrix: from a routing plan's wishes to one strategy and its parameters (spec 5, section 2.3).
 *
 * Owns the choice and the merge with the entry plan. Does not own whether the schedule can be met: that is the
 * strategy's `check`, once instrument and target are known.
 */
import { cmp } from '../dtos/decimal.js';
import type { EntryPlan, RoutingPlan } from '../dtos/plans.js';
import { SingleParamsSchema, TwapParamsSchema } from '../dtos/strategy-params.js';
import { infeasible } from './check.js';
import type { CommonParams, SinglePlanParams, StrategyChoice, TwapPlanParams } from './params.js';
import { strategyUnavailable } from './registry.js';

/** The fields of a routing plan that decide. */
export type RoutingWishes = Partial<
  Pick<
    RoutingPlan,
    | 'strategy_params'
    | 'preferred_execution_style'
    | 'visibility_preference'
    | 'chunk_distribution'
    | 'chunk_count_hint'
    | 'max_execution_window_minutes'
    | 'must_complete_immediately'
  >
>;
/** The fields of an entry plan that decide. */
export type EntryTerms = Pick<EntryPlan, 'order_type' | 'limit_price' | 'stop_price'>;

/** A share of visible quantity at or below this asks for an iceberg. */
const ICEBERG_VISIBILITY = '0.1';
const SLICES_DEFAULT = 10;

const SINGLE_DEFAULTS = SingleParamsSchema.parse({ strategy: 'SINGLE' });
const TWAP_DEFAULTS = TwapParamsSchema.parse({ strategy: 'TWAP', duration_seconds: 1, slices: 1 });

/** The matrix itself: which strategy, and the field that asked for it. First match decides. */
function wished(routing: RoutingWishes): { name: string; field: string } {
  const {
    strategy_params: params,
    preferred_execution_style: style,
    visibility_preference: visible,
  } = routing;
  if (params !== undefined) return { name: params.strategy, field: 'strategy_params.strategy' };
  if (style !== undefined) return { name: style, field: 'preferred_execution_style' };
  if (visible !== undefined && cmp(visible, ICEBERG_VISIBILITY) <= 0) {
    return { name: 'ICEBERG', field: 'visibility_preference' };
  }
  if (routing.chunk_distribution === 'UNIFORM') return { name: 'LAYERED', field: 'chunk_distribution' };
  return { name: 'SINGLE', field: 'strategy_params' };
}

/** Parameters win over the entry plan; that both agree is checked by dtos/execution-command.ts. */
function withEntry<P extends CommonParams>(
  params: P,
  entry: EntryTerms | undefined,
  isImmediate: boolean,
): P {
  const orderType = params.order_type ?? entry?.order_type ?? 'MARKET';
  const limitPrice = params.limit_price ?? entry?.limit_price;
  // A resting order would not respect must_complete_immediately.
  const takesNow = isImmediate && orderType === 'LIMIT' && !params.post_only;
  const timeInForce = params.time_in_force ?? (takesNow ? 'IOC' : undefined);
  return {
    ...params,
    order_type: orderType,
    ...(limitPrice === undefined ? {} : { limit_price: limitPrice }),
    ...(timeInForce === undefined ? {} : { time_in_force: timeInForce }),
  };
}

function singleParams(routing: RoutingWishes, entry: EntryTerms | undefined): SinglePlanParams {
  const own = routing.strategy_params;
  const base = own?.strategy === 'SINGLE' ? own : SINGLE_DEFAULTS;
  const params = withEntry(base, entry, routing.must_complete_immediately ?? false);
  return entry?.stop_price === undefined ? params : { ...params, stop_price: entry.stop_price };
}

function twapParams(routing: RoutingWishes, entry: EntryTerms | undefined): TwapPlanParams {
  if (routing.must_complete_immediately) {
    throw infeasible(
      'a TWAP takes its time and cannot complete immediately; choose SINGLE, or a window',
      'routing_plan.must_complete_immediately',
    );
  }
  const own = routing.strategy_params;
  if (own?.strategy === 'TWAP') return withEntry(own, entry, false);
  const minutes = routing.max_execution_window_minutes;
  if (minutes === undefined) {
    throw infeasible(
      'a TWAP needs max_execution_window_minutes, or strategy_params with duration_seconds',
      'routing_plan.max_execution_window_minutes',
    );
  }
  const slices = routing.chunk_count_hint ?? SLICES_DEFAULT;
  return withEntry({ ...TWAP_DEFAULTS, duration_seconds: minutes * 60, slices }, entry, false);
}

/**
 * The strategy for a command and its parameters: `strategy_params`, else `preferred_execution_style`, else
 * `visibility_preference` ≤ 0.1 → ICEBERG, else `chunk_distribution` UNIFORM → LAYERED, else SINGLE. The entry plan
 * completes the parameters; without one the order is MARKET. Throws STRATEGY_UNAVAILABLE with the path of the field
 * that asked, and PLAN_INFEASIBLE for a TWAP without a duration or one that must complete immediately.
 */
export function chooseStrategy(
  routing: RoutingWishes | undefined,
  entry: EntryTerms | undefined,
): StrategyChoice {
  const wishes = routing ?? {};
  const { name, field } = wished(wishes);
  if (name === 'SINGLE') return { strategy: 'SINGLE', params: singleParams(wishes, entry) };
  if (name === 'TWAP') return { strategy: 'TWAP', params: twapParams(wishes, entry) };
  throw strategyUnavailable(name, `routing_plan.${field}`);
}
