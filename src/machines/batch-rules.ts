/**
 * The batch charts' vocabulary: what they are told, ask for and remember, and each guard and update they name.
 *
 * Owns pure functions of context and event, and nothing of the order in which they apply: the topologies do (batch.ts).
 */
import type { BatchExecutionMode, OnLegFailure } from '../dtos/enums.js';
import type { Reason } from '../dtos/events.js';
import { batchFinal, EMPTY_TALLY, type Final, type Tally } from './causes.js';

export type BatchEvent =
  | { type: 'START'; tally: Tally }
  /** The starting fold refused the batch: pre-check or scope. */
  | { type: 'BLOCKED'; cause: Reason; tally: Tally }
  | { type: 'LEG_FAILED'; leg: number; cause: Reason; tally: Tally }
  | { type: 'LEG_SETTLED'; leg: number; success: boolean; tally: Tally }
  /** Timeout, cancel request, kill, ledger failure. `unwind: false` keeps fills, `abandon` stops a running unwind. */
  | { type: 'STOP'; cause: Reason; unwind: boolean; abandon: boolean; tally: Tally }
  | { type: 'GRACE_OVER'; tally: Tally }
  /** Unwinds were sent (perhaps none), or one of them settled. */
  | { type: 'UNWINDS_CHANGED'; tally: Tally };

export type BatchIntent =
  | { readonly type: 'ACTIVE' }
  | { readonly type: 'START_LEGS' }
  | { readonly type: 'START_LEG'; readonly leg: number }
  | { readonly type: 'STOP_LEGS'; readonly cause: Reason }
  | { readonly type: 'STOPPING'; readonly reason: Reason }
  | { readonly type: 'ARM_GRACE' }
  | { readonly type: 'UNWINDING' }
  | { readonly type: 'UNWIND' }
  | { readonly type: 'STOP_UNWINDS'; readonly cause: Reason }
  | { readonly type: 'SETTLED'; readonly status: Final; readonly reason: Reason; readonly keeps: boolean }
  | { readonly type: 'UNEXPECTED'; readonly event: string };

export interface BatchInput {
  readonly mode: BatchExecutionMode;
  readonly legs: number;
  readonly onLegFailure: OnLegFailure;
}

export interface BatchContext {
  readonly mode: BatchExecutionMode;
  readonly legs: number;
  /** SEQUENTIAL: the leg to start next. */
  readonly next: number;
  /** What stopped the batch as a whole; a leg's own failure is only a reason. */
  readonly cause: Reason | null;
  readonly reason: Reason | null;
  /** What becomes of fills should the batch fail: offset them, leave them as residual, or keep them as asked. */
  readonly fills: 'UNWIND' | 'HOLD' | 'KEEP';
  /** The grace is over: a settled leg waits for no other any more. */
  readonly graceOver: boolean;
  readonly tally: Tally;
  readonly out: readonly BatchIntent[];
}

const NONE: readonly BatchIntent[] = [];

const allSettled = (tally: Tally): boolean => tally.settled === tally.legs;
export const final = (context: BatchContext): Final =>
  batchFinal(context.mode, { ...context.tally, residual: residualLeft(context) }, context.cause);

/** Fills that nobody asked to keep and that no unwind will offset any more are residual. */
const residualLeft = ({ tally, fills }: BatchContext): boolean =>
  tally.residual || (fills !== 'KEEP' && tally.unwindable > 0);

type Guard = (context: BatchContext, event: BatchEvent) => boolean;
type Update = (context: BatchContext, event: BatchEvent) => BatchContext;

export const batchGuards = {
  hasNoLegs: (context) => context.legs === 0,
  // Two legs may end in one fold: the tally has both before the batch hears why the second one failed.
  allSettled: (context, { tally }) =>
    allSettled(tally) && (context.reason !== null || tally.succeeded === tally.legs),
  mustUnwindNow: (context, event) =>
    (context.graceOver || allSettled(event.tally)) && mustUnwind(context, event.tally),
  mustUnwind: (context, event) => mustUnwind(context, event.tally),
  succeeded: (_context, event) => event.type === 'LEG_SETTLED' && event.success,
  unwindsOn: (context) => context.fills === 'UNWIND',
  moreToUnwind: (context, event) => context.fills === 'UNWIND' && event.tally.unwindable > 0,
  unwindsDone: (context, event) =>
    allSettled(event.tally) &&
    event.tally.unwindsLive === 0 &&
    (context.fills !== 'UNWIND' || event.tally.unwindable === 0),
  stopsUnwinds: (_context, event) => event.type === 'STOP' && (event.abandon || event.cause === 'kill'),
  endsCompleted: (context) => final(context) === 'COMPLETED',
  endsCancelled: (context) => final(context) === 'CANCELLED',
  endsFailed: (context) => final(context) === 'FAILED',
} satisfies Record<string, Guard>;

export const batchUpdates = {
  startAll: (context, { tally }) => ({
    ...context,
    tally,
    out: [{ type: 'ACTIVE' }, { type: 'START_LEGS' }],
  }),
  startFirst: (context, { tally }) => ({
    ...context,
    tally,
    next: 1,
    out: [{ type: 'ACTIVE' }, { type: 'START_LEG', leg: 0 }],
  }),
  startNext: (context, { tally }) => ({
    ...context,
    tally,
    next: context.next + 1,
    out: [{ type: 'START_LEG', leg: context.next }],
  }),
  record: (context, event) => ({
    ...context,
    ...noted(context, event),
    tally: event.tally,
    graceOver: context.graceOver || event.type === 'GRACE_OVER',
    out: NONE,
  }),
  stopLegs: (context, event) => ({
    ...context,
    out: [
      { type: 'STOPPING', reason: context.reason ?? 'execution_error' },
      { type: 'STOP_LEGS', cause: event.type === 'STOP' ? event.cause : 'sibling_failed' },
    ],
  }),
  refuseLegs: (context) => ({
    ...context,
    out: [{ type: 'STOP_LEGS', cause: context.cause ?? 'pre_check' }],
  }),
  armGrace: (context) => ({ ...context, out: [...context.out, { type: 'ARM_GRACE' }] }),
  beginUnwinding: (context) => ({ ...context, out: [{ type: 'UNWINDING' }, { type: 'UNWIND' }] }),
  unwindMore: (context, { tally }) => ({ ...context, tally, out: [{ type: 'UNWIND' }] }),
  stopUnwinds: (context, event) => ({
    ...context,
    tally: event.tally,
    fills: 'HOLD',
    out: [{ type: 'STOP_UNWINDS', cause: event.type === 'STOP' ? event.cause : 'cancel_requested' }],
  }),
  settle: (context) => {
    const status = final(context);
    const reason: Reason = status === 'COMPLETED' ? 'target_reached' : (context.reason ?? 'execution_error');
    const keeps = context.fills === 'KEEP';
    return { ...context, out: [...context.out, { type: 'SETTLED', status, reason, keeps }] };
  },
  unexpected: (context, event) => ({ ...context, out: [{ type: 'UNEXPECTED', event: event.type }] }),
} satisfies Record<string, Update>;

/** If every leg proves successful before an unwind was sent, nothing is offset. */
function mustUnwind(context: BatchContext, tally: Tally): boolean {
  return context.fills === 'UNWIND' && tally.unwindable > 0 && tally.succeeded < tally.legs;
}

/**
 * First cause and reason win. A leg's failure is the cause of a COORDINATED batch only; elsewhere it is a reason.
 * A kill, or a first cancel that keeps the fills, rules an unwind out.
 */
function noted(context: BatchContext, event: BatchEvent): Pick<BatchContext, 'cause' | 'reason' | 'fills'> {
  const { cause, reason, fills } = context;
  if (event.type !== 'STOP' && event.type !== 'BLOCKED' && event.type !== 'LEG_FAILED')
    return { cause, reason, fills };
  const stopsBatch = event.type !== 'LEG_FAILED' || context.mode === 'COORDINATED';
  const next = { cause: cause ?? (stopsBatch ? event.cause : null), reason: reason ?? event.cause, fills };
  if (event.type !== 'STOP') return next;
  if (event.cause === 'kill') return fills === 'UNWIND' ? { ...next, fills: 'HOLD' } : next;
  return cause === null && !event.unwind ? { ...next, fills: 'KEEP' } : next;
}

export const initialContext = ({ input }: { input: BatchInput }): BatchContext => ({
  mode: input.mode,
  legs: input.legs,
  next: 0,
  cause: null,
  reason: null,
  fills: input.onLegFailure === 'UNWIND' ? 'UNWIND' : 'HOLD',
  graceOver: false,
  tally: { ...EMPTY_TALLY, legs: input.legs },
  out: NONE,
});
