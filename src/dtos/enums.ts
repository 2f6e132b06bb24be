/**
 * The closed vocabularies of the wire contract, each a const object and the union of its values.
 *
 * Owns names only. Which value may follow which is decided by execution-group.ts and by the machines.
 */

/** How the legs of a batch depend on each other (spec 2, section 2.3). */
export const BatchExecutionMode = {
  INDEPENDENT: 'INDEPENDENT',
  COORDINATED: 'COORDINATED',
  SEQUENTIAL: 'SEQUENTIAL',
} as const;
export type BatchExecutionMode = (typeof BatchExecutionMode)[keyof typeof BatchExecutionMode];

/** What a command does to the ledger: open, change or close a trade (spec 4). */
export const DirectiveScope = {
  NEW_TRADE: 'NEW_TRADE',
  MODIFY_EXISTING: 'MODIFY_EXISTING',
  CLOSE_EXISTING: 'CLOSE_EXISTING',
} as const;
export type DirectiveScope = (typeof DirectiveScope)[keyof typeof DirectiveScope];

/** The execution algorithms (spec 5, section 1.4). */
export const ExecutionStrategyType = {
  SINGLE: 'SINGLE',
  TWAP: 'TWAP',
  VWAP: 'VWAP',
  ICEBERG: 'ICEBERG',
  DCA: 'DCA',
  LAYERED: 'LAYERED',
  POV: 'POV',
} as const;
export type ExecutionStrategyType = (typeof ExecutionStrategyType)[keyof typeof ExecutionStrategyType];

/** A built-in strategy's name, or that of one which the host has installed. */
export type StrategyName = ExecutionStrategyType | (string & Record<never, never>);

/** The life of an execution group (spec 5, section 1.4). CANCELLED: the venue confirmed that nothing is open. */
export const GroupStatus = {
  PENDING: 'PENDING',
  ACTIVE: 'ACTIVE',
  COMPLETED: 'COMPLETED',
  CANCELLED: 'CANCELLED',
  FAILED: 'FAILED',
  PARTIAL: 'PARTIAL',
} as const;
export type GroupStatus = (typeof GroupStatus)[keyof typeof GroupStatus];

/** The life of a batch: the same six values as a group's. */
export const BatchStatus = {
  PENDING: 'PENDING',
  ACTIVE: 'ACTIVE',
  COMPLETED: 'COMPLETED',
  CANCELLED: 'CANCELLED',
  FAILED: 'FAILED',
  PARTIAL: 'PARTIAL',
} as const;
export type BatchStatus = (typeof BatchStatus)[keyof typeof BatchStatus];

/** What a COORDINATED batch does with booked fills when a leg fails: offset them, or only cancel what is open. */
export const OnLegFailure = {
  UNWIND: 'UNWIND',
  CANCEL_PENDING: 'CANCEL_PENDING',
} as const;
export type OnLegFailure = (typeof OnLegFailure)[keyof typeof OnLegFailure];

/** FIX OrdStatus (tag 39) in words, and UNKNOWN: the order's fate at the venue is not established. */
export const OrderStatus = {
  PENDING_NEW: 'PENDING_NEW',
  NEW: 'NEW',
  PARTIALLY_FILLED: 'PARTIALLY_FILLED',
  FILLED: 'FILLED',
  DONE_FOR_DAY: 'DONE_FOR_DAY',
  STOPPED: 'STOPPED',
  PENDING_CANCEL: 'PENDING_CANCEL',
  PENDING_REPLACE: 'PENDING_REPLACE',
  CANCELED: 'CANCELED',
  REJECTED: 'REJECTED',
  EXPIRED: 'EXPIRED',
  UNKNOWN: 'UNKNOWN',
} as const;
export type OrderStatus = (typeof OrderStatus)[keyof typeof OrderStatus];

/** The rows of venue.ts' unions, as values for the schemas. */
export const SIDES = ['BUY', 'SELL'] as const;
export const ORDER_TYPES = ['MARKET', 'LIMIT', 'STOP_LIMIT'] as const;
export const TIMES_IN_FORCE = ['GTC', 'IOC', 'FOK', 'DAY'] as const;
export const LIQUIDITIES = ['MAKER', 'TAKER'] as const;

/** How a routing plan would like its slices sized; a hint (reference: RoutingPlan, MAY be interpreted). */
export const ChunkDistribution = {
  UNIFORM: 'UNIFORM',
  FRONT_LOADED: 'FRONT_LOADED',
  BACK_LOADED: 'BACK_LOADED',
  RANDOM: 'RANDOM',
} as const;
export type ChunkDistribution = (typeof ChunkDistribution)[keyof typeof ChunkDistribution];

/** What a strategy does when a child order is rejected. */
export const OnReject = { RETRY: 'RETRY', SKIP: 'SKIP', STOP: 'STOP' } as const;
export type OnReject = (typeof OnReject)[keyof typeof OnReject];

/** What a strategy does with the open rest at its end. */
export const OnDeadline = { CANCEL: 'CANCEL', SWEEP: 'SWEEP', LEAVE: 'LEAVE' } as const;
export type OnDeadline = (typeof OnDeadline)[keyof typeof OnDeadline];

/** What set a causality chain off. */
export const OriginType = { TICK: 'TICK', NEWS: 'NEWS', SCHEDULE: 'SCHEDULE' } as const;
export type OriginType = (typeof OriginType)[keyof typeof OriginType];

/** What a component asks the event bus to do next. */
export const Disposition = { CONTINUE: 'CONTINUE', PUBLISH: 'PUBLISH', STOP: 'STOP' } as const;
export type Disposition = (typeof Disposition)[keyof typeof Disposition];
