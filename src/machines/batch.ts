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
import { setup } from 'xstate';
import type { BatchExecutionMode } from '../dtos/enums.js';
import {
  type BatchContext,
  type BatchEvent,
  type BatchInput,
  batchGuards,
  batchUpdates,
  final,
  initialContext,
} from './batch-rules.js';
import type { Final } from './causes.js';
import { asActions, asGuards, quickly } from './chart.js';

export type { BatchContext, BatchEvent, BatchInput, BatchIntent } from './batch-rules.js';

const batchSetup = setup({
  types: {
    context: {} as BatchContext,
    events: {} as BatchEvent,
    input: {} as BatchInput,
    output: {} as { status: Final },
  },
  guards: asGuards<BatchContext, BatchEvent, keyof typeof batchGuards>(batchGuards),
  actions: asActions<BatchContext, BatchEvent, keyof typeof batchUpdates>(batchUpdates),
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

const quick = <M extends object>(machine: M): M =>
  quickly<M, BatchContext, BatchEvent>(machine, { guards: batchGuards, updates: batchUpdates });

/** The same as they run where nobody inspects them: steps within a state are taken by table. */
export const QUICK_BATCH_MACHINES = {
  INDEPENDENT: quick(independentBatch),
  SEQUENTIAL: quick(sequentialBatch),
  COORDINATED: quick(coordinatedBatch),
} as const satisfies Record<BatchExecutionMode, unknown>;
