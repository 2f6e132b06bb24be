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
  AnyChoice,
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
export { type VolumeRow, volumeCurve } from './curve.js';
export { type DcaState, dca } from './dca.js';
export { iceberg } from './iceberg.js';
export { layered } from './layered.js';
export { roomOf } from './orders.js';
export { type MarketableInput, marketablePrice, referencePrice } from './price.js';
export {
  type AnyStrategy,
  type CustomStrategy,
  defineStrategy,
  installed,
  type SharedParams,
  STRATEGIES,
  type Strategies,
  strategyOf,
} from './registry.js';
export { type SingleState, single } from './single.js';
export { type TwapState, twap } from './twap.js';
