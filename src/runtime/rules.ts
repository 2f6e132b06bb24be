/** From the platform configuration to the numbers that decisions read. Owns only this translation. */
import type { Rules } from '../actors/world.js';
import { backoffDelay, type PlatformConfig } from './config.js';

export function rulesOf(
  config: PlatformConfig,
  { postsLedger, benchmarks }: Pick<Rules, 'postsLedger' | 'benchmarks'>,
): Rules {
  const {
    plan_execution: plan,
    coordination,
    reconciliation,
    limits,
    flow_termination,
    default_close_routing,
  } = config.orchestration;
  const { retry_policy: retry, error_handling, monitoring } = plan;
  const { unwind } = coordination;
  return {
    ackTimeoutMs: plan.timeout_seconds * 1000,
    slowMs: monitoring.alert_on_slow_execution_ms,
    maxRetries: retry.max_retries,
    retryDelaysMs: Array.from({ length: retry.max_retries }, (_, i) => backoffDelay(retry, i + 1)),
    onApiFailure: error_handling.on_api_failure,
    onLedgerFailure: error_handling.on_ledger_failure,
    alertOnError: flow_termination.alert_on_error,
    unknownHoldMs: coordination.unknown_hold_seconds * 1000,
    settleGraceMs: coordination.settle_grace_seconds * 1000,
    unwind: {
      collarBps: unwind.collar_bps,
      maxAttempts: unwind.max_attempts,
      deadlineMs: unwind.deadline_seconds * 1000,
    },
    deferMs: coordination.defer_retry_ms,
    reconcileMs: reconciliation.interval_seconds * 1000,
    historyGroups: limits.history_groups,
    closeRouting: default_close_routing,
    postsLedger,
    benchmarks,
  };
}
