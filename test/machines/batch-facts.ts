/** Tallies and events for the batch machines' tests: two legs. */
import {
  BATCH_MACHINES,
  type BatchContext,
  type BatchEvent,
  type BatchInput,
} from '../../src/machines/batch.js';
import { EMPTY_TALLY, type Tally } from '../../src/machines/causes.js';
import { type Chart, chartOf } from './charts.js';

export type Mode = BatchInput['mode'];
export type BatchChart = Chart<BatchEvent, BatchInput, BatchContext>;

export const MODES = ['INDEPENDENT', 'SEQUENTIAL', 'COORDINATED'] as const satisfies readonly Mode[];

export const CHARTS: Record<Mode, BatchChart> = {
  INDEPENDENT: chartOf(BATCH_MACHINES.INDEPENDENT),
  SEQUENTIAL: chartOf(BATCH_MACHINES.SEQUENTIAL),
  COORDINATED: chartOf(BATCH_MACHINES.COORDINATED),
};

/** Every event type of the union; the type makes a forgotten one an error. */
export const BATCH_EVENTS = Object.keys({
  START: true,
  BLOCKED: true,
  LEG_FAILED: true,
  LEG_SETTLED: true,
  STOP: true,
  GRACE_OVER: true,
  UNWINDS_CHANGED: true,
} satisfies Record<BatchEvent['type'], true>) as BatchEvent['type'][];

export const tallyOf = (change: Partial<Tally> = {}): Tally => ({ ...EMPTY_TALLY, legs: 2, ...change });

export const NOTHING = tallyOf();
export const ONE_DONE = tallyOf({ settled: 1, succeeded: 1, withFills: 1 });
export const ONE_UNWINDABLE = tallyOf({ settled: 1, withFills: 1, unwindable: 1 });
export const ONE_FAILED = tallyOf({ settled: 1, failed: 1 });
export const ALL_SUCCEEDED = tallyOf({ settled: 2, succeeded: 2, withFills: 2 });
export const ALL_EMPTY = tallyOf({ settled: 2 });
export const ALL_FAILED = tallyOf({ settled: 2, failed: 1 });
export const ALL_UNWINDABLE = tallyOf({ settled: 2, succeeded: 1, failed: 1, withFills: 1, unwindable: 1 });
export const UNWIND_LIVE = tallyOf({ ...ALL_UNWINDABLE, unwindable: 0, unwindsSent: 1, unwindsLive: 1 });
export const UNWOUND = tallyOf({ ...UNWIND_LIVE, unwindsLive: 0 });
export const RESIDUAL = tallyOf({ ...UNWOUND, residual: true });

type Cause = Extract<BatchEvent, { type: 'STOP' }>['cause'];

export const start = (tally: Tally = NOTHING): BatchEvent => ({ type: 'START', tally });
export const blocked = (cause: Cause = 'pre_check', tally: Tally = NOTHING): BatchEvent => ({
  type: 'BLOCKED',
  cause,
  tally,
});
export const legFailed = (tally: Tally, cause: Cause = 'execution_error'): BatchEvent => ({
  type: 'LEG_FAILED',
  leg: 0,
  cause,
  tally,
});
export const legSettled = (success: boolean, tally: Tally): BatchEvent => ({
  type: 'LEG_SETTLED',
  leg: 0,
  success,
  tally,
});
export const stop = (
  cause: Cause,
  tally: Tally,
  { unwind = true, abandon = false }: { unwind?: boolean; abandon?: boolean } = {},
): BatchEvent => ({ type: 'STOP', cause, unwind, abandon, tally });
export const graceOver = (tally: Tally): BatchEvent => ({ type: 'GRACE_OVER', tally });
export const unwindsChanged = (tally: Tally): BatchEvent => ({ type: 'UNWINDS_CHANGED', tally });

export const TALLIES = [
  NOTHING,
  ONE_DONE,
  ONE_FAILED,
  ONE_UNWINDABLE,
  ALL_SUCCEEDED,
  ALL_EMPTY,
  ALL_FAILED,
  ALL_UNWINDABLE,
  UNWIND_LIVE,
  UNWOUND,
  RESIDUAL,
];

/** Every event with every tally that it could come with, and some that it could not. */
export const BATCH_SAMPLE: readonly BatchEvent[] = [
  start(),
  blocked(),
  ...TALLIES.flatMap((tally) => [
    legFailed(tally),
    legSettled(true, tally),
    legSettled(false, tally),
    graceOver(tally),
    unwindsChanged(tally),
  ]),
  ...[NOTHING, ONE_UNWINDABLE, UNWIND_LIVE].flatMap((tally) => [
    stop('timeout', tally),
    stop('kill', tally),
    stop('cancel_requested', tally, { unwind: false }),
    stop('cancel_requested', tally, { abandon: true }),
  ]),
];

export const batchInputs = (mode: Mode): BatchInput[] => [
  { mode, legs: 2, onLegFailure: 'UNWIND' },
  { mode, legs: 2, onLegFailure: 'CANCEL_PENDING' },
  { mode, legs: 0, onLegFailure: 'UNWIND' },
];
