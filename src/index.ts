/**
 * Fillwright's public API. Every name stands here by itself; what is not listed is internal and may change.
 *
 * Docstrings are at the sources. The statecharts are the entry `fillwright/machines`.
 */
export {
  type BuildOptions,
  type BuiltBatch,
  type CoordinatedOptions,
  coordinated,
  type Duration,
  independent,
  type Leg,
  type LegTerms,
  namedLegs,
  type SingleTerms,
  sequential,
  single,
  type TwapTerms,
  twap,
} from './builders.js';
export { SimulatedClock } from './clock/simulated-clock.js';
export { systemClock } from './clock/system-clock.js';
export {
  createInstantVenue,
  type InstantVenue,
  type InstantVenueOptions,
} from './connectors/instant/venue.js';
export {
  type InstrumentConfig,
  type InstrumentConfigInput,
  InstrumentConfigSchema,
  type VenueConfig,
  type VenueConfigInput,
  VenueConfigSchema,
} from './connectors/simulated/config.js';
export {
  createSimulatedVenue,
  type Faults,
  type SimulatedVenue,
  type SimulatedVenueOptions,
  type VenueTruth,
} from './connectors/simulated/venue.js';
export type { DecimalString, Lots } from './dtos/decimal.js';
export type {
  EventHead,
  EventOf,
  EventPayloads,
  EventType,
  LedgerEntry,
  LegRow,
  Reason,
  Remainder,
  Residual,
  RuntimeEvent,
} from './dtos/events.js';
export {
  aggregate,
  BatchExecutionMode,
  BatchStatus,
  type CausalityChain,
  type CausalityChainInput,
  CausalityChainSchema,
  type CausalityOrigin,
  ChunkDistribution,
  COMMANDS_MAX,
  checkScope,
  DirectiveScope,
  Disposition,
  type DispositionEnvelope,
  type DispositionEnvelopeInput,
  DispositionEnvelopeSchema,
  deepFreeze,
  type EntryDirective,
  type EntryDirectiveInput,
  EntryDirectiveSchema,
  type EntryPlan,
  type EntryPlanInput,
  EntryPlanSchema,
  ERRORS,
  type ErrorCode,
  EXECUTION_GROUP_EXAMPLES,
  type ExecutionCommand,
  type ExecutionCommandBatch,
  type ExecutionCommandBatchInput,
  ExecutionCommandBatchSchema,
  type ExecutionCommandInput,
  ExecutionCommandSchema,
  type ExecutionFailed,
  type ExecutionFailedInput,
  ExecutionFailedSchema,
  type ExecutionGroup,
  type ExecutionGroupInput,
  ExecutionGroupSchema,
  type ExecutionPolicy,
  type ExecutionPolicyInput,
  ExecutionPolicySchema,
  ExecutionStrategyType,
  type ExitDirective,
  type ExitDirectiveInput,
  ExitDirectiveSchema,
  type ExitPlan,
  type ExitPlanInput,
  ExitPlanSchema,
  executionGroupJsonSchema,
  type Fill,
  type FillInput,
  FillSchema,
  FillwrightError,
  type FlowCompletion,
  type FlowCompletionInput,
  FlowCompletionSchema,
  fillRatio,
  GroupStatus,
  ID_PATTERNS,
  ID_PREFIXES,
  IdMinter,
  type IdPrefix,
  type Issue,
  isId,
  jsonSchemas,
  mutateGroup,
  OnDeadline,
  OnLegFailure,
  OnReject,
  type Order,
  type OrderInput,
  OrderSchema,
  OrderStatus,
  OriginType,
  type Position,
  type PositionInput,
  PositionSchema,
  parseDto,
  type RoutingDirective,
  type RoutingDirectiveInput,
  RoutingDirectiveSchema,
  type RoutingPlan,
  type RoutingPlanInput,
  RoutingPlanSchema,
  remainingQuantity,
  type SingleParams,
  type SingleParamsInput,
  SingleParamsSchema,
  type SizeDirective,
  type SizeDirectiveInput,
  SizeDirectiveSchema,
  type SizePlan,
  type SizePlanInput,
  SizePlanSchema,
  type StrategyDirective,
  type StrategyDirectiveInput,
  StrategyDirectiveSchema,
  type StrategyParams,
  type StrategyParamsInput,
  StrategyParamsSchema,
  type Timestamp,
  type TradeExecuted,
  type TradeExecutedInput,
  TradeExecutedSchema,
  type TwapParams,
  type TwapParamsInput,
  TwapParamsSchema,
} from './dtos/index.js';
export type {
  Instrument,
  MarketView,
  OrderType,
  PlaceOrder,
  Report,
  Side,
  TimeInForce,
} from './dtos/venue.js';
export { randomIds, seededIds } from './ids/ids.js';
export {
  createFileJournal,
  createMemoryJournal,
  createNullJournal,
  type JournalContent,
  type JournalRecord,
  parseJournal,
} from './journal/index.js';
export { createMemoryLedger, type MemoryLedger } from './ledger/memory.js';
export { type MarketConfig, MarketConfigSchema } from './market/config.js';
export type { MarketEvent, MarketSource } from './market/event.js';
export { openMarket } from './market/open.js';
export { Replay, type ReplayOptions } from './market/replay.js';
export type { Alert, AlertSink } from './ports/alerts.js';
export type { Clock } from './ports/clock.js';
export type { Capabilities, Connector } from './ports/connector.js';
export type { IdSource } from './ports/ids.js';
export type { Journal } from './ports/journal.js';
export type { Ledger } from './ports/ledger.js';
export type { MarketData } from './ports/market-data.js';
export type {
  BatchHandle,
  BatchResult,
  Causes,
  Inspect,
  KillScope,
  OrderVerdict,
  Runtime,
  RuntimeOptions,
} from './runtime/api.js';
export {
  backoffDelay,
  type CloseRouting,
  type Environment,
  type Orchestration,
  type PlatformConfig,
  type PlatformConfigInput,
  PlatformConfigSchema,
  parseConfig,
  type RetryPolicy,
} from './runtime/config.js';
export { createRuntime } from './runtime/create-runtime.js';
export {
  type BatchPlan,
  type GroupPlan,
  planScenario,
  type ScenarioPlan,
  type SliceView,
} from './runtime/plan.js';
export { Projection, projectJournal } from './runtime/projection.js';
export {
  defaultInstrument,
  loadConfig,
  loadScenario,
  type Scenario,
  type ScenarioEntry,
  validateFile,
} from './runtime/scenario.js';
export { runScenario, type SimulationOptions, type SimulationResult } from './runtime/simulation.js';
export type { BatchView, FillView, GroupView, LegProgress, OrderView } from './runtime/run-view.js';
export {
  type Ask,
  type Decision,
  defineStrategy,
  type PlannedOrder,
  type PlannedSlice,
  type Progress,
  type Strategy,
  type StrategyContext,
} from './strategies/index.js';
