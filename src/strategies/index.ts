/** The planners' surface. */
export { chooseStrategy, type EntryTerms, type RoutingWishes } from './choose.js';
export type {
  Ask,
  Decision,
  PlannedOrder,
  PlannedSlice,
  Progress,
  Strategy,
  StrategyContext,
} from './contract.js';
export type { CommonParams, SinglePlanParams, StrategyChoice, TwapPlanParams } from './params.js';
export { type MarketableInput, marketablePrice, referencePrice } from './price.js';
export { type AnyStrategy, defineStrategy, STRATEGIES, strategyOf } from './registry.js';
export { type SingleState, single } from './single.js';
export { type TwapState, twap } from './twap.js';
