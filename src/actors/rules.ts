/**
 * The numbers that decisions read: platform.yaml's, as journaled with each opening of the runtime.
 *
 * Owns the shape only. A fold of old records reads the rules of their time, whatever the configuration says now.
 */
import type { RoutingPlan } from '../dtos/plans.js';

/** The numbers of platform.yaml that decisions depend on. */
export interface Rules {
  readonly ackTimeoutMs: number;
  readonly slowMs: number;
  readonly maxRetries: number;
  /** Back-off before the n-th retry, ms. */
  readonly retryDelaysMs: readonly number[];
  readonly onApiFailure: 'rollback_ledger' | 'alert_only' | 'continue';
  readonly onLedgerFailure: 'alert_admin' | 'rollback_api' | 'continue';
  readonly alertOnError: boolean;
  readonly unknownHoldMs: number;
  readonly settleGraceMs: number;
  readonly unwind: { readonly collarBps: number; readonly maxAttempts: number; readonly deadlineMs: number };
  readonly deferMs: number;
  /** Between two reconciliations; 0: only at a restart, after a reconnect, and when asked for. */
  readonly reconcileMs: number;
  readonly historyGroups: number;
  readonly closeRouting: Omit<RoutingPlan, 'plan_id'>;
  readonly postsLedger: boolean;
  /** The market data source tells what traded in an interval. */
  readonly benchmarks: boolean;
}
