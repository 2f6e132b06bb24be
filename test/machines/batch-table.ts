/**
 * Every cell (atomic state × event type) of the three batch topologies, illegal ones too, as one table each, and the
 * situations that their rows begin in. What is done with the rows is the tests' business.
 */
import type { BatchContext, BatchEvent } from '../../src/machines/batch.js';
import {
  ALL_EMPTY,
  ALL_FAILED,
  ALL_SUCCEEDED,
  ALL_UNWINDABLE,
  blocked,
  CHARTS,
  graceOver,
  legFailed,
  legSettled,
  type Mode,
  NOTHING,
  ONE_DONE,
  ONE_FAILED,
  ONE_UNWINDABLE,
  RESIDUAL,
  start,
  stop,
  tallyOf,
  UNWIND_LIVE,
  UNWOUND,
  unwindsChanged,
} from './batch-facts.js';
import { type Shot, stateText } from './charts.js';

export interface Row {
  readonly from: string;
  readonly event: BatchEvent;
  readonly when: string;
  readonly next: string;
  readonly out: readonly string[];
  readonly given?: Partial<BatchContext>;
  readonly after?: Partial<BatchContext>;
}

export const WORKING = 'active.working';
export const STOPPING = 'active.stopping';
export const CANCELLING = 'active.cancelling';
const UNWINDING = 'active.unwinding';
const NONE: readonly string[] = [];

const illegal = (from: string, ...events: BatchEvent[]): Row[] =>
  events.map((event) => ({ from, event, when: 'illegal', next: from, out: ['UNEXPECTED'] }));

/** Pending and refused are alike in every topology, but for what START starts. */
// biome-ignore format: a row a line
const beforeWork = (starts: readonly string[], next: number): Row[] => [
  { from: 'pending', event: start(), when: 'legs to start', next: WORKING, out: ['ACTIVE', ...starts], after: { next } },
  { from: 'pending', event: blocked(), when: 'pre-check', next: 'refused', out: ['STOP_LEGS'], after: { cause: 'pre_check', reason: 'pre_check' } },
  { from: 'pending', event: blocked('scope_error'), when: 'no leg was made', given: { legs: 0 }, next: 'failed', out: ['STOP_LEGS', 'SETTLED'] },
  { from: 'pending', event: stop('cancel_requested', NOTHING), when: 'cancel', next: 'refused', out: ['STOP_LEGS'] },
  { from: 'pending', event: stop('kill', NOTHING), when: 'no leg was made', given: { legs: 0, tally: tallyOf({ legs: 0 }) }, next: 'cancelled', out: ['STOP_LEGS', 'SETTLED'] },
  ...illegal('pending', legFailed(NOTHING), legSettled(false, ONE_FAILED), graceOver(NOTHING), unwindsChanged(NOTHING)),
  { from: 'refused', event: legFailed(NOTHING), when: 'a leg ends', next: 'refused', out: NONE },
  { from: 'refused', event: legSettled(false, ONE_FAILED), when: 'another is left', next: 'refused', out: NONE },
  { from: 'refused', event: legSettled(false, ALL_EMPTY), when: 'the last, refused by pre-check', next: 'failed', out: ['SETTLED'] },
  { from: 'refused', event: legSettled(false, ALL_EMPTY), when: 'the last, cancelled', given: { cause: 'cancel_requested' }, next: 'cancelled', out: ['SETTLED'] },
  { from: 'refused', event: stop('kill', NOTHING), when: 'a second cause', next: 'refused', out: NONE, after: { cause: 'pre_check' } },
  ...illegal('refused', start(), blocked(), graceOver(NOTHING), unwindsChanged(NOTHING)),
];

/** The stop of INDEPENDENT and SEQUENTIAL; the cause given is cancel_requested. */
// biome-ignore format: a row a line
const STOPS: Row[] = [
  { from: STOPPING, event: legFailed(NOTHING), when: 'a leg fails', next: STOPPING, out: NONE, after: { cause: 'cancel_requested' } },
  { from: STOPPING, event: legSettled(false, ONE_FAILED), when: 'another is left', next: STOPPING, out: NONE },
  { from: STOPPING, event: legSettled(false, ALL_EMPTY), when: 'the last', next: 'cancelled', out: ['SETTLED'] },
  { from: STOPPING, event: legSettled(true, ALL_SUCCEEDED), when: 'every leg succeeded after all', next: 'completed', out: ['SETTLED'] },
  { from: STOPPING, event: stop('kill', NOTHING), when: 'a second cause', next: STOPPING, out: NONE, after: { cause: 'cancel_requested' } },
  ...illegal(STOPPING, start(), blocked(), graceOver(NOTHING), unwindsChanged(NOTHING)),
];

// biome-ignore format: a row a line
const INDEPENDENT: Row[] = [
  ...beforeWork(['START_LEGS'], 0),
  { from: WORKING, event: legFailed(NOTHING), when: 'the others go on', next: WORKING, out: NONE, after: { cause: null, reason: 'execution_error' } },
  { from: WORKING, event: legSettled(false, ONE_FAILED), when: 'another is left', next: WORKING, out: NONE },
  { from: WORKING, event: legSettled(true, ALL_SUCCEEDED), when: 'every leg succeeded', next: 'completed', out: ['SETTLED'] },
  { from: WORKING, event: legSettled(true, ALL_FAILED), when: 'why the other failed is still to be told', next: WORKING, out: NONE },
  { from: WORKING, event: legSettled(false, ALL_UNWINDABLE), when: 'some leg filled', given: { reason: 'execution_error' }, next: 'partial', out: ['SETTLED'] },
  { from: WORKING, event: legSettled(false, ALL_FAILED), when: 'no fill, one FAILED', given: { reason: 'execution_error' }, next: 'failed', out: ['SETTLED'] },
  { from: WORKING, event: legSettled(false, ALL_EMPTY), when: 'no fill, none FAILED', given: { reason: 'execution_error' }, next: 'cancelled', out: ['SETTLED'] },
  { from: WORKING, event: stop('timeout', ONE_DONE), when: 'timeout', next: STOPPING, out: ['STOPPING', 'STOP_LEGS'], after: { cause: 'timeout' } },
  ...illegal(WORKING, start(), blocked(), graceOver(NOTHING), unwindsChanged(NOTHING)),
  ...STOPS,
];

// biome-ignore format: a row a line
const SEQUENTIAL: Row[] = [
  ...beforeWork(['START_LEG'], 1),
  { from: WORKING, event: legFailed(NOTHING), when: 'its settling decides', next: WORKING, out: NONE, after: { cause: null, reason: 'execution_error' } },
  { from: WORKING, event: legSettled(true, ONE_DONE), when: 'the next leg starts', given: { next: 1 }, next: WORKING, out: ['START_LEG'], after: { next: 2 } },
  { from: WORKING, event: legSettled(false, ONE_FAILED), when: 'the rest never starts', next: STOPPING, out: ['STOPPING', 'STOP_LEGS'], after: { cause: null } },
  { from: WORKING, event: legSettled(true, ALL_SUCCEEDED), when: 'the last succeeded', next: 'completed', out: ['SETTLED'] },
  { from: WORKING, event: legSettled(false, ALL_UNWINDABLE), when: 'the last failed after fills', given: { reason: 'execution_error' }, next: 'partial', out: ['SETTLED'] },
  { from: WORKING, event: stop('timeout', ONE_DONE), when: 'timeout', next: STOPPING, out: ['STOPPING', 'STOP_LEGS'] },
  ...illegal(WORKING, start(), blocked(), graceOver(NOTHING), unwindsChanged(NOTHING)),
  ...STOPS,
];

const STOPS_SIBLINGS = ['STOPPING', 'STOP_LEGS', 'ARM_GRACE'];
const UNWINDS = ['UNWINDING', 'UNWIND'];

// biome-ignore format: a row a line
const COORDINATED: Row[] = [
  ...beforeWork(['START_LEGS'], 0),
  { from: WORKING, event: legFailed(NOTHING), when: 'the others stop', next: CANCELLING, out: STOPS_SIBLINGS, after: { cause: 'execution_error' } },
  { from: WORKING, event: legSettled(true, ONE_DONE), when: 'another is left', next: WORKING, out: NONE },
  { from: WORKING, event: legSettled(true, ALL_SUCCEEDED), when: 'every leg succeeded', next: 'completed', out: ['SETTLED'] },
  { from: WORKING, event: legSettled(true, ALL_FAILED), when: 'why the other failed is still to be told', next: WORKING, out: NONE },
  { from: WORKING, event: unwindsChanged(NOTHING), when: 'a note of the supervisor', next: WORKING, out: NONE },
  { from: WORKING, event: stop('timeout', NOTHING), when: 'timeout is a failure', next: CANCELLING, out: STOPS_SIBLINGS, after: { fills: 'UNWIND' } },
  { from: WORKING, event: stop('cancel_requested', NOTHING, { unwind: false }), when: 'cancel that keeps fills', next: CANCELLING, out: STOPS_SIBLINGS, after: { fills: 'KEEP' } },
  { from: WORKING, event: stop('kill', NOTHING), when: 'kill', next: CANCELLING, out: STOPS_SIBLINGS, after: { fills: 'HOLD' } },
  ...illegal(WORKING, start(), blocked(), graceOver(NOTHING)),
  { from: CANCELLING, event: legFailed(NOTHING, 'timeout'), when: 'a second failure', next: CANCELLING, out: NONE, after: { cause: 'execution_error' } },
  { from: CANCELLING, event: legSettled(false, ONE_UNWINDABLE), when: 'within the grace', next: CANCELLING, out: NONE },
  { from: CANCELLING, event: legSettled(false, ONE_UNWINDABLE), when: 'after the grace', given: { graceOver: true }, next: UNWINDING, out: UNWINDS },
  { from: CANCELLING, event: legSettled(false, ALL_UNWINDABLE), when: 'the last, fills to offset', next: UNWINDING, out: UNWINDS },
  { from: CANCELLING, event: legSettled(false, ALL_FAILED), when: 'the last, nothing to offset', next: 'failed', out: ['SETTLED'] },
  { from: CANCELLING, event: legSettled(true, { ...ALL_SUCCEEDED, unwindable: 2 }), when: 'every leg succeeded after all', next: 'completed', out: ['SETTLED'] },
  { from: CANCELLING, event: legSettled(false, ALL_UNWINDABLE), when: 'the last, fills held', given: { fills: 'HOLD' }, next: 'partial', out: ['SETTLED'] },
  { from: CANCELLING, event: legSettled(false, ALL_UNWINDABLE), when: 'the last, fills kept', given: { fills: 'KEEP', cause: 'cancel_requested' }, next: 'cancelled', out: ['SETTLED'] },
  { from: CANCELLING, event: graceOver(ONE_UNWINDABLE), when: 'a settled leg has fills', next: UNWINDING, out: UNWINDS, after: { graceOver: true } },
  { from: CANCELLING, event: graceOver(NOTHING), when: 'nothing to offset yet', next: CANCELLING, out: NONE, after: { graceOver: true } },
  { from: CANCELLING, event: graceOver(ONE_UNWINDABLE), when: 'fills held', given: { fills: 'HOLD' }, next: CANCELLING, out: NONE },
  { from: CANCELLING, event: unwindsChanged(ONE_UNWINDABLE), when: 'after the grace', given: { graceOver: true }, next: UNWINDING, out: UNWINDS },
  { from: CANCELLING, event: unwindsChanged(ONE_UNWINDABLE), when: 'within the grace', next: CANCELLING, out: NONE },
  { from: CANCELLING, event: stop('timeout', NOTHING), when: 'timeout is ignored', next: CANCELLING, out: NONE, after: { cause: 'execution_error', fills: 'UNWIND' } },
  { from: CANCELLING, event: stop('cancel_requested', NOTHING, { unwind: false }), when: 'a later cancel keeps nothing', next: CANCELLING, out: NONE, after: { fills: 'UNWIND' } },
  { from: CANCELLING, event: stop('kill', NOTHING), when: 'no unwind follows a kill', next: CANCELLING, out: NONE, after: { fills: 'HOLD', cause: 'execution_error' } },
  ...illegal(CANCELLING, start(), blocked()),
  { from: UNWINDING, event: legFailed(ONE_UNWINDABLE), when: 'a late failure', next: UNWINDING, out: NONE },
  { from: UNWINDING, event: legSettled(false, ALL_UNWINDABLE), when: 'a straggler', next: UNWINDING, out: ['UNWIND'] },
  { from: UNWINDING, event: legSettled(false, UNWIND_LIVE), when: 'fills held, an unwind is live', given: { fills: 'HOLD' }, next: UNWINDING, out: NONE },
  { from: UNWINDING, event: legSettled(false, RESIDUAL), when: 'fills held, nothing is live', given: { fills: 'HOLD' }, next: 'partial', out: ['SETTLED'] },
  { from: UNWINDING, event: unwindsChanged(ALL_UNWINDABLE), when: 'more to offset', next: UNWINDING, out: ['UNWIND'] },
  { from: UNWINDING, event: unwindsChanged(UNWIND_LIVE), when: 'an unwind is live', next: UNWINDING, out: NONE },
  { from: UNWINDING, event: unwindsChanged({ ...UNWOUND, settled: 1 }), when: 'a leg is not settled', next: UNWINDING, out: NONE },
  { from: UNWINDING, event: unwindsChanged(UNWOUND), when: 'all is offset', next: 'failed', out: ['SETTLED'] },
  { from: UNWINDING, event: unwindsChanged(UNWOUND), when: 'all is offset after a cancel', given: { cause: 'cancel_requested' }, next: 'cancelled', out: ['SETTLED'] },
  { from: UNWINDING, event: unwindsChanged(RESIDUAL), when: 'exposure is left', next: 'partial', out: ['SETTLED'] },
  { from: UNWINDING, event: unwindsChanged(ALL_UNWINDABLE), when: 'abandoned with fills left', given: { fills: 'HOLD' }, next: 'partial', out: ['SETTLED'] },
  { from: UNWINDING, event: graceOver(UNWIND_LIVE), when: 'late', next: UNWINDING, out: NONE },
  { from: UNWINDING, event: stop('timeout', UNWIND_LIVE), when: 'timeout is ignored', next: UNWINDING, out: NONE, after: { cause: 'execution_error', fills: 'UNWIND' } },
  { from: UNWINDING, event: stop('cancel_requested', UNWIND_LIVE, { abandon: true }), when: 'abandon', next: UNWINDING, out: ['STOP_UNWINDS'], after: { fills: 'HOLD' } },
  { from: UNWINDING, event: stop('kill', UNWIND_LIVE), when: 'kill', next: UNWINDING, out: ['STOP_UNWINDS'], after: { fills: 'HOLD' } },
  ...illegal(UNWINDING, start(), blocked()),
];

export const TABLES: Record<Mode, readonly Row[]> = { INDEPENDENT, SEQUENTIAL, COORDINATED };

export const LEADS: Record<string, readonly BatchEvent[]> = {
  pending: [],
  refused: [blocked()],
  [WORKING]: [start()],
  [STOPPING]: [start(), stop('cancel_requested', NOTHING)],
  [CANCELLING]: [start(), legFailed(NOTHING)],
  [UNWINDING]: [start(), legFailed(NOTHING), legSettled(false, ALL_UNWINDABLE)],
};

export const FINALS = ['completed', 'cancelled', 'failed', 'partial'];
export const ONE_OF_EACH: readonly BatchEvent[] = [
  start(),
  blocked(),
  legFailed(NOTHING),
  legSettled(true, ALL_SUCCEEDED),
  stop('kill', ALL_FAILED, { abandon: true }),
  graceOver(NOTHING),
  unwindsChanged(ALL_UNWINDABLE),
];

export function situation(mode: Mode, { from, given }: Pick<Row, 'from' | 'given'>): Shot<BatchContext> {
  const chart = CHARTS[mode];
  let shot = chart.initial({ mode, legs: 2, onLegFailure: 'UNWIND' });
  for (const event of LEADS[from] ?? []) shot = chart.step(shot, event).shot;
  if (stateText(shot.value) !== from) throw new Error(`${from} was not reached`);
  return chart.place(from, { ...shot.context, ...given });
}
