/**
 * The status tables of DESIGN section 4 through the machines: whatever `groupFinal` and `batchFinal` say of an end, a
 * group and a batch that are led to it take that status, and say so once.
 */
import { describe, expect, test } from '@jest/globals';
import type { Reason } from '../../src/dtos/events.js';
import type { BatchEvent } from '../../src/machines/batch.js';
import { type Final, groupFinal, type Tally } from '../../src/machines/causes.js';
import type { GroupEvent } from '../../src/machines/group-model.js';
import { T0 } from '../strategies/support.js';
import {
  ALL_UNWINDABLE,
  blocked,
  CHARTS,
  legFailed,
  legSettled,
  type Mode,
  NOTHING,
  start as startBatch,
  stop,
  tallyOf,
  unwindsChanged,
} from './batch-facts.js';
import { stateText } from './charts.js';
import { FULL, groupChart, IDLE, OPEN, SOME, single } from './group-facts.js';

/** Every reason there is; the type makes a forgotten one an error. */
const REASONS = Object.keys({
  target_reached: true,
  no_order_needed: true,
  cancel_requested: true,
  kill: true,
  execution_error: true,
  control_stop: true,
  pre_check: true,
  scope_error: true,
  timeout: true,
  market_ended: true,
  legging_time: true,
  sibling_failed: true,
  schedule_ended: true,
  venue_canceled: true,
  venue_expired: true,
  cap_reached: true,
  budget_spent: true,
  stopped_out: true,
  strategy_fault: true,
} satisfies Record<Reason, true>) as Reason[];

/** Started, working, stopped for a cause with an order open, which then ends. */
function groupEnd(cause: Reason, totals: typeof SOME): { state: string; out: unknown } {
  const events: GroupEvent[] = [
    { type: 'START', now: T0, view: null, endsBy: null, totals: IDLE },
    { type: 'ORDER_PLACED' },
    { type: 'STOP', cause, totals: OPEN },
    { type: 'ORDER_ENDED', now: T0, outcome: totals === FULL ? 'FILLED' : 'CANCELED', totals },
  ];
  let shot = groupChart.initial({ spec: single() });
  for (const event of events) ({ shot } = groupChart.step(shot, event));
  return { state: stateText(shot.value), out: shot.context.out };
}

describe('a group that stops', () => {
  test.each(REASONS)('for %s ends as the table says, filled in part, not at all, and in full', (cause) => {
    for (const totals of [SOME, IDLE, FULL]) {
      const isFull = totals === FULL;
      const status = groupFinal({ full: isFull, anyFill: totals.filled > 0, cause });
      const reason = isFull ? 'target_reached' : cause;
      expect(groupEnd(cause, totals)).toEqual({
        state: status.toLowerCase(),
        out: [{ type: 'SETTLED', status, reason }],
      });
    }
  });
});

interface End {
  readonly when: string;
  readonly tally: Partial<Tally>;
  readonly cause: Reason | null;
  readonly status: Final;
}

/** First match from above. */
const PLAIN: readonly End[] = [
  { when: 'every leg succeeded', tally: { succeeded: 2, withFills: 2 }, cause: null, status: 'COMPLETED' },
  {
    when: 'every leg succeeded, a cancel came',
    tally: { succeeded: 2 },
    cause: 'cancel_requested',
    status: 'COMPLETED',
  },
  { when: 'a cancel, with fills', tally: { withFills: 1 }, cause: 'cancel_requested', status: 'CANCELLED' },
  { when: 'a kill, with a failed leg', tally: { failed: 1 }, cause: 'kill', status: 'CANCELLED' },
  { when: 'any fill', tally: { withFills: 1, failed: 1 }, cause: null, status: 'PARTIAL' },
  { when: 'any fill, the time is over', tally: { withFills: 1 }, cause: 'timeout', status: 'PARTIAL' },
  { when: 'any FAILED', tally: { failed: 1 }, cause: null, status: 'FAILED' },
  { when: 'refused as a whole', tally: {}, cause: 'pre_check', status: 'FAILED' },
  { when: 'nothing, the time is over', tally: {}, cause: 'timeout', status: 'CANCELLED' },
  { when: 'nothing at all', tally: {}, cause: null, status: 'CANCELLED' },
];

const ROLLED_BACK: readonly End[] = [
  { when: 'every leg succeeded', tally: { succeeded: 2, withFills: 2 }, cause: null, status: 'COMPLETED' },
  {
    when: 'every leg succeeded, a cancel came',
    tally: { succeeded: 2 },
    cause: 'cancel_requested',
    status: 'COMPLETED',
  },
  { when: 'a residual', tally: { withFills: 1, residual: true }, cause: 'timeout', status: 'PARTIAL' },
  {
    when: 'a residual after a cancel',
    tally: { residual: true },
    cause: 'cancel_requested',
    status: 'PARTIAL',
  },
  { when: 'fills left by a kill', tally: { withFills: 1, unwindable: 1 }, cause: 'kill', status: 'PARTIAL' },
  {
    when: 'a cancel, undone',
    tally: { withFills: 1, unwindsSent: 1 },
    cause: 'cancel_requested',
    status: 'CANCELLED',
  },
  { when: 'a kill before any fill', tally: {}, cause: 'kill', status: 'CANCELLED' },
  {
    when: 'a failure, undone',
    tally: { withFills: 1, unwindsSent: 1 },
    cause: 'execution_error',
    status: 'FAILED',
  },
  {
    when: 'every leg succeeded once, and was undone',
    tally: { succeeded: 2, unwindsSent: 2 },
    cause: 'timeout',
    status: 'FAILED',
  },
  { when: 'nothing filled, the time is over', tally: {}, cause: 'timeout', status: 'FAILED' },
];

const ENDS: { readonly [M in Mode]: readonly End[] } = {
  INDEPENDENT: PLAIN,
  SEQUENTIAL: PLAIN,
  COORDINATED: ROLLED_BACK,
};

/** The events that lead a batch of two legs to that end. */
function eventsTo(mode: Mode, { tally: change, cause }: End): BatchEvent[] {
  const tally = tallyOf({ settled: 2, ...change });
  const events: BatchEvent[] = [cause === 'pre_check' ? blocked(cause) : startBatch()];
  const fails = cause === 'execution_error' || (cause === null && tally.succeeded < 2);
  if (fails) events.push(legFailed(NOTHING));
  else if (cause !== null && cause !== 'pre_check') events.push(stop(cause, NOTHING));
  const isUndone = tally.unwindsSent > 0 || tally.residual;
  if (mode === 'COORDINATED' && isUndone) {
    return [...events, legSettled(false, ALL_UNWINDABLE), unwindsChanged(tally)];
  }
  return [...events, legSettled(tally.succeeded === 2, tally)];
}

describe('a batch that settles', () => {
  const rows = (Object.keys(ENDS) as Mode[]).flatMap((mode) =>
    ENDS[mode].map((end) => [mode, end.when, end] as const),
  );

  test.each(rows)('%s, %s', (mode, _when, end) => {
    const chart = CHARTS[mode];
    let shot = chart.initial({ mode, legs: 2, onLegFailure: 'UNWIND' });
    const ends: unknown[] = [];
    for (const event of eventsTo(mode, end)) {
      ({ shot } = chart.step(shot, event));
      ends.push(...shot.context.out.filter(({ type }) => type === 'SETTLED'));
    }
    expect(stateText(shot.value)).toBe(end.status.toLowerCase());
    expect(ends).toEqual([expect.objectContaining({ status: end.status })]);
  });
});
