/**
 * Parameters as planners read them: the wire's strategy_params completed by the entry plan (choose.ts), and the few
 * that only the runtime sets. Owns these types; schemas and defaults stand in dtos/strategy-params.ts.
 */
import type { DecimalString } from '../dtos/decimal.js';
import type {
  DcaParams,
  IcebergParams,
  LayeredParams,
  PovParams,
  SingleParams,
  TwapParams,
  VwapParams,
} from '../dtos/strategy-params.js';

/** What every strategy takes. Seconds, fractions ("0.01" = 1 %), base quantities, quote prices. */
export type CommonParams = Omit<SingleParams, 'strategy' | 'duration_seconds' | 'chase'>;

/** SINGLE with what the entry plan adds, and what unwinds use. */
export type SinglePlanParams = SingleParams & {
  readonly stop_price?: DecimalString;
  /** How often the rest of an order that ended short is placed, the first included; 1 unless told. Runtime only. */
  readonly attempts?: number;
  /** How long to wait before each further attempt, ms; 0 unless told. Runtime only. */
  readonly retry_delay_ms?: number;
  /** What protects a position: the order at its stop or target, instead of one at once. Runtime only. */
  readonly protect?: ProtectParams;
};

/** Where a position ends, quote prices; null for none. */
export interface ProtectParams {
  readonly stop: DecimalString | null;
  readonly target: DecimalString | null;
}

export type TwapPlanParams = TwapParams;
export type VwapPlanParams = VwapParams;
export type PovPlanParams = PovParams;
export type IcebergPlanParams = IcebergParams;
export type DcaPlanParams = DcaParams;
export type LayeredPlanParams = LayeredParams;

/** A strategy with the parameters that it takes. */
export type StrategyChoice =
  | { readonly strategy: 'SINGLE'; readonly params: SinglePlanParams }
  | { readonly strategy: 'TWAP'; readonly params: TwapPlanParams }
  | { readonly strategy: 'VWAP'; readonly params: VwapPlanParams }
  | { readonly strategy: 'POV'; readonly params: PovPlanParams }
  | { readonly strategy: 'ICEBERG'; readonly params: IcebergPlanParams }
  | { readonly strategy: 'DCA'; readonly params: DcaPlanParams }
  | { readonly strategy: 'LAYERED'; readonly params: LayeredPlanParams };

/** The same, or a host's strategy with its own. */
export type AnyChoice = StrategyChoice | { readonly strategy: string; readonly params: CommonParams };
