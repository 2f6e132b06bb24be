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
  type CustomTerms,
  custom,
  type DcaTerms,
  type Duration,
  dca,
  type IcebergTerms,
  iceberg,
  independent,
  type LayeredTerms,
  type Leg,
  type LegTerms,
  layered,
  namedLegs,
  type PovTerms,
  pov,
  type SingleTerms,
  sequential,
  single,
  type TwapTerms,
  twap,
  type VwapTerms,
  vwap,
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
export { type DecimalString, fromSteps, type Lots, toSteps } from './dtos/decimal.js';
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
  AccountReport,
  Instrument,
  MarketView,
  OrderType,
  OpenOrder,
  PlaceOrder,
  Report,
  Side,
  TimeInForce,
  VenueAbilities,
} from './dtos/venue.js';
export { randomIds, seededIds } from './ids/ids.js';
export {
  createMemoryJournal,
  createNullJournal,
  type DurableJournal,
  type DurableJournalOptions,
  type JournalContent,
  type JournalRecord,
  type JournalSummary,
  journalRecords,
  openDurableJournal,
  parseJournal,
  readJournal,
  verifyJournal,
} from './journal/index.js';
export { createMemoryLedger, type MemoryLedger } from './ledger/memory.js';
export { type MarketConfig, MarketConfigSchema } from './market/config.js';
export type { MarketEvent, MarketSource } from './market/event.js';
export { openMarket } from './market/open.js';
export { Replay, type ReplayOptions } from './market/replay.js';
export type { Alert, AlertSink } from './ports/alerts.js';
export type { Clock } from './ports/clock.js';
export type { Capabilities, Connector } from './ports/connector.js';
export type { Disk, DiskFile, DiskLock } from './ports/disk.js';
export type { IdSource } from './ports/ids.js';
export type { Journal, Snapshot } from './ports/journal.js';
export type { Ledger } from './ports/ledger.js';
export type { MarketData, MarketInterval } from './ports/market-data.js';
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
export { defaultJournalPath } from './runtime/journal-of.js';
export { runAtVenue } from './runtime/venue-run.js';
export { connectHttpVenue, type HttpVenue, type HttpVenueOptions } from './connectors/http/venue.js';
export {
  type BatchReport,
  type BoundsPoint,
  type ExecutionReport,
  executionReport,
  type GroupReport,
  type ReportedFill,
  type ReportedReject,
  type ReportOptions,
  reportOf,
  type SchedulePoint,
} from './runtime/report/execution-report.js';
export type { Fee } from './runtime/report/figures.js';
export type {
  ParticipationBand,
  ParticipationPoint,
  RungView,
  TipPoint,
} from './runtime/report/kinds.js';
export {
  type BatchPlan,
  type GroupPlan,
  planScenario,
  type ScenarioPlan,
  type SliceView,
} from './runtime/plan.js';
export { Projection, projectJournal } from './runtime/projection.js';
export {
  type CauseView,
  type LegalNext,
  type ReplayPoint,
  type ReplayView,
  replayJournal,
} from './runtime/replay.js';
export {
  defaultInstrument,
  loadConfig,
  loadScenario,
  type Scenario,
  type ScenarioEntry,
  type ScenarioOptions,
  validateFile,
} from './runtime/scenario.js';
export { runScenario, type SimulationOptions, type SimulationResult } from './runtime/simulation.js';
export type { BatchView, FillView, GroupView, LegProgress, OrderView } from './runtime/run-view.js';
export {
  type AnyStrategy,
  type Ask,
  chooseStrategy,
  type CommonParams,
  type CustomStrategy,
  type Decision,
  defineStrategy,
  type EntryTerms,
  type MarketableInput,
  marketablePrice,
  type PlannedOrder,
  type PlannedSlice,
  type PriceBand,
  type Progress,
  type RoutingWishes,
  referencePrice,
  roomOf,
  type SharedParams,
  type SlotProgress,
  STRATEGIES,
  type Strategy,
  type StrategyChoice,
  type StrategyContext,
  strategyOf,
  type VolumeRow,
  volumeCurve,
} from './strategies/index.js';
