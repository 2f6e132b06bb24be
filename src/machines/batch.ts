/**
 * The batch statecharts: one topology per coordination mode.
 *
 * INDEPENDENT  all legs at once; a leg's failure changes nothing for the others.
 * SEQUENTIAL   leg i+1 starts after leg i succeeded; after a failure the rest never start.
 * COORDINATED  all legs at once; the first failure stops the others: working → cancelling → unwinding.
 *
 * Owns: which legs start and stop, when an unwind begins, the batch's final status. Does not count: the supervisor
 * keeps the tally of its legs and puts it into every event, so that 10,000 legs cost no copy here. Pure; effects are
 * data in `context.out`.
 */
import { assign, setup } from 'xstate';
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
const final = (context: BatchContext): Final =>
  batchFinal(context.mode, { ...context.tally, residual: residualLeft(context) }, context.cause);

/** Fills that nobody asked to keep and that no unwind will offset any more are residual. */
const residualLeft = ({ tally, fills }: BatchContext): boolean =>
  tally.residual || (fills !== 'KEEP' && tally.unwindable > 0);

const batchSetup = setup({
  types: {
    context: {} as BatchContext,
    events: {} as BatchEvent,
    input: {} as BatchInput,
    output: {} as { status: Final },
  },
  guards: {
    hasNoLegs: ({ context }) => context.legs === 0,
    allSettled: ({ event }) => allSettled(event.tally),
    mustUnwindNow: ({ context, event }) =>
      (context.graceOver || allSettled(event.tally)) && mustUnwind(context, event.tally),
    mustUnwind: ({ context, event }) => mustUnwind(context, event.tally),
    succeeded: ({ event }) => event.type === 'LEG_SETTLED' && event.success,
    unwindsOn: ({ context }) => context.fills === 'UNWIND',
    moreToUnwind: ({ context, event }) => context.fills === 'UNWIND' && event.tally.unwindable > 0,
    unwindsDone: ({ context, event }) =>
      allSettled(event.tally) &&
      event.tally.unwindsLive === 0 &&
      (context.fills !== 'UNWIND' || event.tally.unwindable === 0),
    stopsUnwinds: ({ event }) => event.type === 'STOP' && (event.abandon || event.cause === 'kill'),
    endsCompleted: ({ context }) => final(context) === 'COMPLETED',
    endsCancelled: ({ context }) => final(context) === 'CANCELLED',
    endsFailed: ({ context }) => final(context) === 'FAILED',
  },
  actions: {
    startAll: assign(({ event }) => ({
      tally: event.tally,
      out: [{ type: 'ACTIVE' }, { type: 'START_LEGS' }] as const,
    })),
    startFirst: assign(({ event }) => ({
      tally: event.tally,
      next: 1,
      out: [{ type: 'ACTIVE' }, { type: 'START_LEG', leg: 0 }] as const,
    })),
    startNext: assign(({ context, event }) => ({
      tally: event.tally,
      next: context.next + 1,
      out: [{ type: 'START_LEG', leg: context.next }] as const,
    })),
    record: assign(({ context, event }) => ({
      tally: event.tally,
      ...noted(context, event),
      graceOver: context.graceOver || event.type === 'GRACE_OVER',
      out: NONE,
    })),
    stopLegs: assign(({ context, event }) => {
      const reason = context.reason ?? 'execution_error';
      const cause = event.type === 'STOP' ? event.cause : 'sibling_failed';
      return {
        out: [
          { type: 'STOPPING', reason },
          { type: 'STOP_LEGS', cause },
        ] as const,
      };
    }),
    refuseLegs: assign(({ context }) => ({
      out: [{ type: 'STOP_LEGS', cause: context.cause ?? 'pre_check' }] as const,
    })),
    armGrace: assign(({ context }) => ({ out: [...context.out, { type: 'ARM_GRACE' }] as const })),
    beginUnwinding: assign({ out: [{ type: 'UNWINDING' }, { type: 'UNWIND' }] as const }),
    unwindMore: assign(({ event }) => ({ tally: event.tally, out: [{ type: 'UNWIND' }] as const })),
    stopUnwinds: assign(({ event }) => ({
      tally: event.tally,
      fills: 'HOLD',
      out: [
        { type: 'STOP_UNWINDS', cause: event.type === 'STOP' ? event.cause : 'cancel_requested' },
      ] as const,
    })),
    settle: assign(({ context }) => {
      const status = final(context);
      const reason: Reason =
        status === 'COMPLETED' ? 'target_reached' : (context.reason ?? 'execution_error');
      return {
        out: [...context.out, { type: 'SETTLED', status, reason, keeps: context.fills === 'KEEP' }] as const,
      };
    }),
    unexpected: assign(({ event }) => ({ out: [{ type: 'UNEXPECTED', event: event.type }] as const })),
  },
});

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

const initialContext = ({ input }: { input: BatchInput }): BatchContext => ({
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

const output = ({ context }: { context: BatchContext }): { status: Final } => ({ status: final(context) });

const finals = {
  completed: { type: 'final' },
  cancelled: { type: 'final' },
  failed: { type: 'final' },
  partial: { type: 'final' },
} as const;

const settling = {
  always: [
    { guard: 'endsCompleted', target: 'completed', actions: 'settle' },
    { guard: 'endsCancelled', target: 'cancelled', actions: 'settle' },
    { guard: 'endsFailed', target: 'failed', actions: 'settle' },
    { target: 'partial', actions: 'settle' },
  ],
} as const;

const unexpected = { actions: 'unexpected' } as const;
const record = { actions: 'record' } as const;

/** Refused or stopped before it started: its pending legs are ended, then the batch. */
const refused = {
  entry: 'refuseLegs',
  always: { guard: 'hasNoLegs', target: 'settling' },
  on: {
    LEG_FAILED: record,
    LEG_SETTLED: [{ guard: 'allSettled', target: 'settling', actions: 'record' }, record],
    STOP: record,
    '*': unexpected,
  },
} as const;

/** Stop was asked or a leg failed: wait until every leg has settled. */
const stopping = {
  entry: 'stopLegs',
  on: {
    LEG_FAILED: record,
    LEG_SETTLED: [{ guard: 'allSettled', target: '#batch.settling', actions: 'record' }, record],
    STOP: record,
    '*': unexpected,
  },
} as const;

export const independentBatch = batchSetup.createMachine({
  id: 'batch',
  initial: 'pending',
  context: initialContext,
  output,
  states: {
    pending: {
      on: {
        START: { target: 'active', actions: 'startAll' },
        BLOCKED: { target: 'refused', actions: 'record' },
        STOP: { target: 'refused', actions: 'record' },
        '*': unexpected,
      },
    },
    refused,
    active: {
      initial: 'working',
      states: {
        working: {
          on: {
            LEG_FAILED: record,
            LEG_SETTLED: [{ guard: 'allSettled', target: '#batch.settling', actions: 'record' }, record],
            STOP: { target: 'stopping', actions: 'record' },
            '*': unexpected,
          },
        },
        stopping,
      },
    },
    settling,
    ...finals,
  },
});

export const sequentialBatch = batchSetup.createMachine({
  id: 'batch',
  initial: 'pending',
  context: initialContext,
  output,
  states: {
    pending: {
      on: {
        START: { target: 'active', actions: 'startFirst' },
        BLOCKED: { target: 'refused', actions: 'record' },
        STOP: { target: 'refused', actions: 'record' },
        '*': unexpected,
      },
    },
    refused,
    active: {
      initial: 'working',
      states: {
        working: {
          on: {
            LEG_FAILED: record,
            LEG_SETTLED: [
              { guard: 'allSettled', target: '#batch.settling', actions: 'record' },
              { guard: 'succeeded', actions: 'startNext' },
              { target: 'stopping', actions: 'record' },
            ],
            STOP: { target: 'stopping', actions: 'record' },
            '*': unexpected,
          },
        },
        stopping,
      },
    },
    settling,
    ...finals,
  },
});

export const coordinatedBatch = batchSetup.createMachine({
  id: 'batch',
  initial: 'pending',
  context: initialContext,
  output,
  states: {
    pending: {
      on: {
        START: { target: 'active', actions: 'startAll' },
        BLOCKED: { target: 'refused', actions: 'record' },
        STOP: { target: 'refused', actions: 'record' },
        '*': unexpected,
      },
    },
    refused,
    active: {
      initial: 'working',
      states: {
        working: {
          on: {
            LEG_FAILED: { target: 'cancelling', actions: 'record' },
            LEG_SETTLED: [{ guard: 'allSettled', target: '#batch.settling', actions: 'record' }, record],
            UNWINDS_CHANGED: record,
            STOP: { target: 'cancelling', actions: 'record' },
            '*': unexpected,
          },
        },
        cancelling: {
          entry: ['stopLegs', 'armGrace'],
          on: {
            LEG_FAILED: record,
            LEG_SETTLED: [
              { guard: 'mustUnwindNow', target: 'unwinding', actions: 'record' },
              { guard: 'allSettled', target: '#batch.settling', actions: 'record' },
              record,
            ],
            GRACE_OVER: [{ guard: 'mustUnwind', target: 'unwinding', actions: 'record' }, record],
            UNWINDS_CHANGED: [{ guard: 'mustUnwindNow', target: 'unwinding', actions: 'record' }, record],
            STOP: record,
            '*': unexpected,
          },
        },
        unwinding: {
          entry: 'beginUnwinding',
          on: {
            LEG_FAILED: record,
            LEG_SETTLED: [
              { guard: 'unwindsOn', actions: 'unwindMore' },
              { guard: 'unwindsDone', target: '#batch.settling', actions: 'record' },
              record,
            ],
            UNWINDS_CHANGED: [
              { guard: 'moreToUnwind', actions: 'unwindMore' },
              { guard: 'unwindsDone', target: '#batch.settling', actions: 'record' },
              record,
            ],
            GRACE_OVER: record,
            STOP: [{ guard: 'stopsUnwinds', actions: 'stopUnwinds' }, record],
            '*': unexpected,
          },
        },
      },
    },
    settling,
    ...finals,
  },
});

/** The topology of each mode. */
export const BATCH_MACHINES = {
  INDEPENDENT: independentBatch,
  SEQUENTIAL: sequentialBatch,
  COORDINATED: coordinatedBatch,
} as const satisfies Record<BatchExecutionMode, unknown>;
