/** The planners' surface. */
export { chooseStrategy, type EntryTerms, type RoutingWishes } from './choose.js';
export type {
  Ask,
  Decision,
  PlannedOrder,
  PlannedSlice,
  PriceBand,
  Progress,
  SlotProgress,
  Strategy,
  StrategyContext,
} from './contract.js';
export type {
  CommonParams,
  DcaPlanParams,
  IcebergPlanParams,
  LayeredPlanParams,
  PovPlanParams,
  SinglePlanParams,
  StrategyChoice,
  TwapPlanParams,
  VwapPlanParams,
} from './params.js';
export { type DcaState, dca } from './dca.js';
export { iceberg } from './iceberg.js';
export { layered } from './layered.js';
export { type MarketableInput, marketablePrice, referencePrice } from './price.js';
export { type AnyStrategy, defineStrategy, STRATEGIES, strategyOf } from './registry.js';
export { type SingleState, single } from './single.js';
export { type TwapState, twap } from './twap.js';
