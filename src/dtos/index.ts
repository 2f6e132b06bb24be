/** The wire contract: every public name of this folder. Owns nothing; a name that is missing here is internal. */
export {
  CausalityChainSchema,
  type CausalityChain,
  type CausalityChainInput,
  type CausalityOrigin,
} from './causality.js';
export {
  type DispositionEnvelope,
  type DispositionEnvelopeInput,
  DispositionEnvelopeSchema,
} from './disposition.js';
export {
  BatchExecutionMode,
  BatchStatus,
  ChunkDistribution,
  DirectiveScope,
  Disposition,
  ExecutionStrategyType,
  GroupStatus,
  LIQUIDITIES,
  OnDeadline,
  OnLegFailure,
  OnReject,
  ORDER_TYPES,
  OrderStatus,
  OriginType,
  SIDES,
  TIMES_IN_FORCE,
} from './enums.js';
export { ERRORS, type ErrorCode, FillwrightError, type Issue } from './errors.js';
export {
  checkScope,
  type ExecutionCommand,
  type ExecutionCommandInput,
  ExecutionCommandSchema,
} from './execution-command.js';
export {
  aggregate,
  COMMANDS_MAX,
  checkCommands,
  type ExecutionCommandBatch,
  type ExecutionCommandBatchInput,
  ExecutionCommandBatchSchema,
  executionCommandBatchSchema,
  executionCommandsSchema,
} from './execution-command-batch.js';
export {
  type ExecutionGroup,
  type ExecutionGroupInput,
  ExecutionGroupSchema,
  fillRatio,
  GROUP_TRANSITIONS,
  type GroupChange,
  isTerminalGroupStatus,
  mutateGroup,
  remainingQuantity,
} from './execution-group.js';
export { EXECUTION_GROUP_EXAMPLES } from './execution-group-examples.js';
export {
  type ExecutionPolicy,
  type ExecutionPolicyInput,
  ExecutionPolicySchema,
} from './execution-policy.js';
export { type Fill, type FillInput, FillSchema } from './fill.js';
export {
  type ExecutionFailed,
  type ExecutionFailedInput,
  ExecutionFailedSchema,
  type FlowCompletion,
  type FlowCompletionInput,
  FlowCompletionSchema,
  type TradeExecuted,
  type TradeExecutedInput,
  TradeExecutedSchema,
} from './flow-events.js';
export { ID_PATTERNS, ID_PREFIXES, IdMinter, type IdPrefix, idAtMs, idHash, isId } from './ids.js';
export { executionGroupJsonSchema, jsonSchemas } from './json-schema.js';
export { type Order, type OrderInput, OrderSchema } from './order.js';
export { deepFreeze, parseDto, toJson } from './parse.js';
export {
  type EntryPlan,
  type EntryPlanInput,
  EntryPlanSchema,
  type ExitPlan,
  type ExitPlanInput,
  ExitPlanSchema,
  type RoutingPlan,
  type RoutingPlanInput,
  RoutingPlanSchema,
  type SizePlan,
  type SizePlanInput,
  SizePlanSchema,
} from './plans.js';
export { type Position, type PositionInput, PositionSchema } from './position.js';
export {
  type EntryDirective,
  type EntryDirectiveInput,
  EntryDirectiveSchema,
  type ExitDirective,
  type ExitDirectiveInput,
  ExitDirectiveSchema,
  type RoutingDirective,
  type RoutingDirectiveInput,
  RoutingDirectiveSchema,
  type SizeDirective,
  type SizeDirectiveInput,
  SizeDirectiveSchema,
  type StrategyDirective,
  type StrategyDirectiveInput,
  StrategyDirectiveSchema,
} from './strategy-directive.js';
export {
  type SingleParams,
  type SingleParamsInput,
  SingleParamsSchema,
  type StrategyParams,
  type StrategyParamsInput,
  StrategyParamsSchema,
  type TwapParams,
  type TwapParamsInput,
  TwapParamsSchema,
} from './strategy-params.js';
export type { Json, JsonObject } from './structure.js';
export { type Timestamp, toMs, toTimestamp } from './time.js';
