/**
 * Parameters as planners read them: the wire's strategy_params completed by the entry plan (choose.ts), and the few
 * that only the runtime sets. Owns these types; schemas and defaults stand in dtos/strategy-params.ts.
 */
import type { DecimalString } from '../dtos/decimal.js';
import type { SingleParams, TwapParams } from '../dtos/strategy-params.js';

/** What every strategy takes. Seconds, fractions ("0.01" = 1 %), base quantities, quote prices. */
export type CommonParams = Omit<SingleParams, 'strategy' | 'duration_seconds'>;

/** SINGLE with what the entry plan adds, and what unwinds use. */
export type SinglePlanParams = SingleParams & {
  readonly stop_price?: DecimalString;
  /** How often the rest of an order that ended short is placed, the first included; 1 unless told. Runtime only. */
  readonly attempts?: number;
  /** How long to wait before each further attempt, ms; 0 unless told. Runtime only. */
  readonly retry_delay_ms?: number;
};

export type TwapPlanParams = TwapParams;

/** A strategy with the parameters that it takes. */
export type StrategyChoice =
  | { readonly strategy: 'SINGLE'; readonly params: SinglePlanParams }
  | { readonly strategy: 'TWAP'; readonly params: TwapPlanParams };
