/**
 * Exit codes: what a script learns without reading output.
 *
 * Owns the mapping from outcomes and errors; reference: `fillwright help`, section "Exit codes".
 */
import { type BatchView, type ErrorCode, FillwrightError } from '../index.js';

export const EXIT = {
  OK: 0,
  INTERNAL: 1,
  USAGE: 2,
  REJECTED: 3,
  FAILED: 4,
  PARTIAL: 5,
  CANCELLED: 6,
  RUNNING: 7,
  UNREACHABLE: 8,
  DAMAGED: 9,
  UNCONFIRMED: 10,
  INTERRUPTED: 130,
} as const;

/** As `help` prints them. */
export const EXIT_MEANINGS: readonly (readonly [number, string])[] = [
  [0, 'completed'],
  [1, 'internal error'],
  [2, 'usage, or input unreadable or malformed'],
  [3, 'rejected: schema, scope, pre-check or control'],
  [4, 'failed'],
  [5, 'partial'],
  [6, 'cancelled or killed'],
  [7, 'still running'],
  [8, 'venue unreachable'],
  [9, 'journal damaged'],
  [10, 'unconfirmed orders remain'],
  [130, 'interrupted'],
];

const INTERNAL: readonly ErrorCode[] = [
  'INVARIANT',
  'HALTED',
  'CLOSED',
  'JOURNAL',
  'JOURNAL_LOCKED',
  'LEDGER',
];
const UNREADABLE: readonly ErrorCode[] = ['USAGE', 'SCENARIO', 'MARKET_DATA', 'JOURNAL_VERSION'];

/** The code of a thrown error. What is not ours is internal. */
export function exitOfError(error: unknown): number {
  if (!(error instanceof FillwrightError)) return EXIT.INTERNAL;
  if (UNREADABLE.includes(error.code)) return EXIT.USAGE;
  if (error.code === 'JOURNAL_DAMAGED') return EXIT.DAMAGED;
  if (error.code === 'CONNECTOR') return EXIT.UNREACHABLE;
  return INTERNAL.includes(error.code) ? EXIT.INTERNAL : EXIT.REJECTED;
}

/** Worst first. */
const SEVERITY: readonly number[] = [10, 9, 1, 4, 3, 5, 7, 6, 0];
const REFUSALS: readonly (string | null)[] = ['scope_error', 'pre_check', 'control_stop'];

/** Over several batches: 10 first, else the worst. */
export function exitOfBatches(batches: readonly BatchView[]): number {
  const codes = batches.map(exitOfBatch);
  return SEVERITY.find((code) => codes.includes(code)) ?? EXIT.OK;
}

function exitOfBatch(batch: BatchView): number {
  if (batch.groups.some((group) => group.orders.some((order) => order.status === 'UNKNOWN')))
    return EXIT.UNCONFIRMED;
  if (batch.status === 'COMPLETED') return EXIT.OK;
  if (batch.status === 'FAILED') return REFUSALS.includes(batch.reason) ? EXIT.REJECTED : EXIT.FAILED;
  if (batch.status === 'PARTIAL') return EXIT.PARTIAL;
  return batch.status === 'CANCELLED' ? EXIT.CANCELLED : EXIT.RUNNING;
}
