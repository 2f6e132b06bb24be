/**
 * Refusals before anything is sent: parameters that no plan can be made of.
 *
 * Owns the checks that the planners share. Each throws PLAN_INFEASIBLE and says what would do. The schemas refuse
 * most of this at the edge already; hosts may call a planner without them.
 */
import { cmp, type DecimalString, fromSteps, isZero, type Lots, toSteps } from '../dtos/decimal.js';
import { FillwrightError } from '../dtos/errors.js';
import type { StrategyContext } from './contract.js';
import type { CommonParams } from './params.js';

const ROOT = 'routing_plan.strategy_params';
const PLAIN = /^\d+(\.\d+)?$/;

/** PLAN_INFEASIBLE at a path below `routing_plan.strategy_params`, or at any other path given whole. */
export function infeasible(message: string, path: string = ROOT): FillwrightError {
  return new FillwrightError('PLAN_INFEASIBLE', message, { path });
}

export function requireWhole(field: string, value: number): void {
  if (!Number.isSafeInteger(value) || value <= 0) {
    throw infeasible(`${field} must be a positive whole number, not ${String(value)}`, `${ROOT}.${field}`);
  }
}

/** Whatever a host hands over: a number is no decimal, and neither are text, NaN, signs and exponents. */
const isDecimal = (value: unknown): value is DecimalString => typeof value === 'string' && PLAIN.test(value);

/** Above 0. Absent is for the caller to judge. */
export function requireDecimal(field: string, value: DecimalString | undefined): void {
  if (value !== undefined && (!isDecimal(value) || isZero(value))) {
    throw infeasible(`${field} must be a positive decimal, not ${String(value)}`, `${ROOT}.${field}`);
  }
}

export function requireFraction(field: string, value: DecimalString, path = `${ROOT}.${field}`): void {
  if (!isDecimal(value) || cmp(value, '1') > 0) {
    throw infeasible(`${field} must be a fraction from 0 to 1, not ${String(value)}`, path);
  }
}

/** Above 0, at most 1 (`below`: less than 1). */
export function requireRate(field: string, value: DecimalString | undefined, below = false): void {
  if (value === undefined) return;
  const most = isDecimal(value) ? cmp(value, '1') : 1;
  if (most > 0 || (below && most === 0) || isZero(value)) {
    const bound = below ? 'below 1' : 'at most 1';
    throw infeasible(`${field} must be above 0 and ${bound}, not ${String(value)}`, `${ROOT}.${field}`);
  }
}

/** What holds for every strategy. Throws PLAN_INFEASIBLE. */
export function checkCommon(context: StrategyContext<CommonParams>): void {
  const { params, target } = context;
  if (!Number.isSafeInteger(target) || target <= 0) {
    throw infeasible(
      `the target must be a positive whole number of lots, not ${target}`,
      'size_plan.position_size',
    );
  }
  requireFraction('max_slippage_pct', context.maxSlippage, 'routing_plan.max_slippage_pct');
  requireFraction('size_jitter_pct', params.size_jitter_pct);
  requireFraction('time_jitter_pct', params.time_jitter_pct);
  requireRate('max_participation', params.max_participation);
  requireDecimal('limit_price', params.limit_price);
  requireDecimal('min_child_quantity', params.min_child_quantity);
  requireDecimal('max_child_quantity', params.max_child_quantity);
  requireDecimal('max_catch_up_factor', params.max_catch_up_factor);
  if (params.max_catch_up_factor === undefined || cmp(params.max_catch_up_factor, '1') < 0) {
    throw infeasible('max_catch_up_factor must be at least 1', `${ROOT}.max_catch_up_factor`);
  }
  if ((params.order_type ?? 'MARKET') !== 'MARKET' && params.limit_price === undefined) {
    throw infeasible(`a ${params.order_type} order needs limit_price`, `${ROOT}.limit_price`);
  }
}

/** The bounds of a child order that the parameters set, in lots. */
export interface ChildBounds {
  readonly minChild: Lots;
  readonly maxChild: Lots;
}

export function childBounds(context: StrategyContext<CommonParams>): ChildBounds {
  const { min_child_quantity: least, max_child_quantity: most } = context.params;
  const { lotSize } = context.instrument;
  return {
    minChild: least === undefined ? 1 : Math.max(1, toSteps(least, lotSize, 'CEIL')),
    maxChild: most === undefined ? Number.MAX_SAFE_INTEGER : toSteps(most, lotSize, 'FLOOR'),
  };
}

/** Lots as a quantity with its symbol: `0.001 BTC/USDT`. */
export const quantityText = (context: StrategyContext<unknown>, lots: Lots): string =>
  `${fromSteps(lots, context.instrument.lotSize)} ${context.instrument.symbol}`;

/** The bound that a slice of fewer than `minimum` lots would fall below, in words. */
export function minimumText(
  context: StrategyContext<CommonParams>,
  venueLeast: Lots,
  minChild: Lots,
): string {
  if (minChild > venueLeast) return `min_child_quantity ${context.params.min_child_quantity}`;
  const { minNotional, quote, lotSize } = context.instrument;
  return venueLeast > 1 ? `the venue minimum of ${minNotional} ${quote}` : `one lot of ${lotSize}`;
}
