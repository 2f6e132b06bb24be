/**
 * Causes and the statuses they lead to: the tables of DESIGN section 4 as pure functions.
 *
 * Owns: which final status a group or batch takes. Machines call these in guards; nothing else decides a status.
 */
import type { BatchExecutionMode, BatchStatus, GroupStatus } from '../dtos/enums.js';
import type { Reason } from '../dtos/events.js';

const REQUESTED: ReadonlySet<Reason | null> = new Set(['cancel_requested', 'kill']);
const ERRORS: ReadonlySet<Reason | null> = new Set([
  'execution_error',
  'control_stop',
  'pre_check',
  'scope_error',
  'strategy_fault',
]);

export type Final = Exclude<GroupStatus, 'PENDING' | 'ACTIVE'>;

/** A settled group's status: filled = target outranks the first recorded cause. A spent budget completes (decision 20). */
export function groupFinal(facts: { full: boolean; anyFill: boolean; cause: Reason | null }): Final {
  if (facts.full || facts.cause === 'budget_spent') return 'COMPLETED';
  if (REQUESTED.has(facts.cause)) return 'CANCELLED';
  if (ERRORS.has(facts.cause)) return 'FAILED';
  return facts.anyFill ? 'PARTIAL' : 'CANCELLED';
}

/** What a batch knows of its children; kept by the supervisor, carried by every event to the batch machine. */
export interface Tally {
  readonly legs: number;
  readonly settled: number;
  readonly succeeded: number;
  /** Legs whose group ended FAILED. */
  readonly failed: number;
  readonly withFills: number;
  /** Settled legs with fills that a rollback would offset and has not yet tried to. */
  readonly unwindable: number;
  readonly unwindsSent: number;
  readonly unwindsLive: number;
  readonly residual: boolean;
}

export const EMPTY_TALLY: Tally = {
  legs: 0,
  settled: 0,
  succeeded: 0,
  failed: 0,
  withFills: 0,
  unwindable: 0,
  unwindsSent: 0,
  unwindsLive: 0,
  residual: false,
};

/** A settled batch's status: first match of DESIGN section 4's list. */
export function batchFinal(
  mode: BatchExecutionMode,
  tally: Tally,
  cause: Reason | null,
): Exclude<BatchStatus, 'PENDING' | 'ACTIVE'> {
  if (tally.legs > 0 && tally.succeeded === tally.legs && tally.unwindsSent === 0) return 'COMPLETED';
  const requested = REQUESTED.has(cause);
  if (mode === 'COORDINATED') {
    if (tally.residual) return 'PARTIAL';
    return requested ? 'CANCELLED' : 'FAILED';
  }
  if (requested) return 'CANCELLED';
  if (tally.withFills > 0) return 'PARTIAL';
  return tally.failed > 0 || ERRORS.has(cause) ? 'FAILED' : 'CANCELLED';
}
