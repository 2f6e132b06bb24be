/**
 * Every cell (atomic state × event type) of the group machine, illegal ones too, as one table, and the situations that
 * its rows begin in. What is done with the rows is the tests' business.
 */
import type { GroupContext, GroupEvent, GroupSpec } from '../../src/machines/group-model.js';
import { singleParams, T0 } from '../strategies/support.js';
import { type Shot, stateText } from './charts.js';
import {
  BAND,
  DUST,
  END,
  FULL,
  FULL_OPEN,
  IDLE,
  LOST,
  OPEN,
  SLICE_2,
  SOME,
  SOME_OPEN,
  STALE,
  SWEEP,
  TARGET,
  amend,
  blocked,
  due,
  ended,
  filled,
  groupChart,
  layered,
  placed,
  scripted,
  single,
  startAt,
  stop,
  targetReached,
  triggered,
  twap,
  unknownChanged,
} from './group-facts.js';
import { ORDER } from './scripted.js';

/** 'new' is pending before START, 'idle' pending after a START that found no price. */
export type From = 'new' | 'idle' | 'started' | 'working' | 'closing';

export interface Row {
  readonly from: From;
  readonly event: GroupEvent;
  readonly when: string;
  readonly next: string;
  /** Null: the context stands as it was. What is in `out` then has been taken already: intents go by identity. */
  readonly out: readonly string[] | null;
  readonly spec?: GroupSpec;
  readonly given?: Partial<GroupContext>;
  readonly after?: Partial<GroupContext>;
}

export const WORKING = 'active.working';
export const CLOSING = 'active.closing';
const CLOSES = ['CLOSING', 'CANCEL_ALL'];
const CLOSES_AND_SETTLES = [...CLOSES, 'SETTLED'];
/** The generation after START; DUE carries it. */
export const GEN = 1;
/** Of a watch that other timers have overtaken. */
const WATCH = 9;

const RETRY = single({ onReject: 'RETRY' });
const SKIP = single({ onReject: 'SKIP' });
const ATTEMPTS = single({ params: singleParams({ attempts: 3 }) });

// biome-ignore format: a row a line
const PENDING: Row[] = [
  { from: 'new', event: startAt(), when: 'no order is needed', spec: single({ target: null }), next: 'completed', out: ['SETTLED'] },
  { from: 'new', event: startAt(), when: 'SINGLE has a price', next: 'pending', out: ['PLACE'] },
  { from: 'new', event: startAt(), when: 'TWAP has a price', spec: twap(), next: 'pending', out: ['PLACE', 'WAKE'] },
  { from: 'new', event: startAt(null), when: 'there is no price', next: 'pending', out: ['WAKE'], after: { ask: 'START' } },
  { from: 'new', event: startAt(), when: 'all of it is dust', spec: single({ instrument: DUST }), next: 'pending', out: ['WAKE'], after: { planAt: T0, exhausted: true } },
  { from: 'idle', event: due(STALE, END, IDLE), when: 'stale', next: 'pending', out: [] },
  { from: 'idle', event: due(GEN, END, IDLE), when: 'the end is reached', spec: twap(), next: 'cancelled', out: ['SETTLED'], after: { cause: 'schedule_ended' } },
  { from: 'idle', event: due(GEN, T0 + 1000, IDLE), when: 'all of it is dust', spec: single({ instrument: DUST }), next: 'cancelled', out: ['SETTLED'], after: { cause: 'schedule_ended' } },
  { from: 'idle', event: due(GEN, T0 + 1000, IDLE), when: 'a price came', next: 'pending', out: ['PLACE'], after: { ask: null, slot: 1 } },
  { from: 'started', event: placed, when: 'first order', next: WORKING, out: ['ACTIVE'] },
  { from: 'started', event: blocked('STOP', IDLE), when: 'STOP', next: 'failed', out: ['SETTLED'], after: { cause: 'control_stop' } },
  { from: 'started', event: blocked('SLOT', IDLE), when: 'SLOT, on_reject STOP', next: 'failed', out: ['SETTLED'], after: { cause: 'execution_error' } },
  { from: 'started', event: blocked('SLOT', IDLE), when: 'SLOT, on_reject SKIP, nothing else to place', spec: SKIP, next: 'cancelled', out: ['SETTLED'], after: { cause: 'schedule_ended' } },
  { from: 'started', event: blocked('SLOT', IDLE), when: 'SLOT, on_reject SKIP, slices to come', spec: twap({ onReject: 'SKIP' }), next: 'pending', out: ['WAKE'] },
  { from: 'started', event: blocked('SLOT', IDLE), when: 'SLOT, on_reject RETRY', spec: RETRY, next: 'pending', out: ['WAKE'], after: { rejects: 1, askAt: T0 + 500 } },
  { from: 'started', event: blocked('SLOT', IDLE), when: 'SLOT, retries used up', spec: RETRY, given: { rejects: 1 }, next: 'failed', out: ['SETTLED'] },
  { from: 'started', event: blocked('DEFER', IDLE), when: 'DEFER', next: 'pending', out: ['WAKE'], after: { ask: 'REPRICE', askAt: T0 + 1000 } },
  { from: 'new', event: stop('kill', IDLE), when: 'kill before START', next: 'cancelled', out: ['SETTLED'], after: { cause: 'kill' } },
  { from: 'new', event: stop('pre_check', IDLE), when: 'refused before START', next: 'failed', out: ['SETTLED'] },
  { from: 'new', event: amend(4, IDLE, '90'), when: 'before START', next: 'pending', out: [], after: { cap: 4, limitPrice: '90' } },
  { from: 'started', event: amend(null, IDLE, '90'), when: 'nothing is open', next: 'pending', out: ['WAKE'], after: { ask: 'REPRICE', cap: TARGET } },
  { from: 'started', event: amend(4, OPEN), when: 'an order is open', next: 'pending', out: ['CANCEL_ALL'], after: { repricing: true, cap: 4 } },
  { from: 'started', event: ended('FILLED', FULL), when: 'illegal', next: 'pending', out: ['UNEXPECTED'] },
  { from: 'started', event: blocked('SLOT', IDLE), when: 'SLOT, on_reject SKIP, the strategy asks on each end', spec: layered({ onReject: 'SKIP' }), next: 'pending', out: ['WAKE'], after: { ask: 'ORDER_ENDED', askAt: T0 } },
  { from: 'started', event: triggered(WATCH, IDLE), when: 'a watched price was left', spec: scripted({}), given: { watchGen: WATCH }, next: 'pending', out: ['WATCH'], after: { watchGen: null, state: { asked: ['START', 'TRIGGER'] } } },
  { from: 'new', event: startAt(), when: 'the strategy is at fault', spec: scripted({ START: { fault: 'threw' } }), next: 'failed', out: ['SETTLED'], after: { cause: 'strategy_fault', fault: 'threw' } },
  { from: 'started', event: due(GEN, T0, IDLE), when: 'the strategy is at fault', spec: scripted({ WAKE: { fault: 'threw' } }), next: 'failed', out: ['SETTLED'], after: { cause: 'strategy_fault', fault: 'threw' } },
  { from: 'started', event: filled(SOME_OPEN), when: 'illegal', next: 'pending', out: ['UNEXPECTED'] },
  { from: 'started', event: unknownChanged(LOST), when: 'illegal', next: 'pending', out: ['UNEXPECTED'] },
  { from: 'started', event: targetReached(FULL), when: 'illegal', next: 'pending', out: ['UNEXPECTED'] },
];

// biome-ignore format: a row a line
const AT_WORK: Row[] = [
  { from: 'working', event: startAt(), when: 'illegal', next: WORKING, out: ['UNEXPECTED'] },
  { from: 'working', event: due(STALE, END, OPEN), when: 'stale', spec: twap(), next: WORKING, out: [], after: { totals: OPEN, exhausted: false } },
  { from: 'working', event: due(GEN, END, OPEN), when: 'the end, on_deadline LEAVE, an order open', spec: twap({ onDeadline: 'LEAVE' }), next: WORKING, out: [], after: { exhausted: true, planAt: null } },
  { from: 'working', event: due(GEN, END, SOME), when: 'the end, on_deadline LEAVE, nothing open', spec: twap({ onDeadline: 'LEAVE' }), next: 'partial', out: CLOSES_AND_SETTLES },
  { from: 'working', event: due(GEN, END, SOME_OPEN), when: 'the end, an order open', spec: twap(), next: CLOSING, out: CLOSES, after: { cause: 'schedule_ended' } },
  { from: 'working', event: due(GEN, SWEEP, OPEN), when: 'the sweep is due, an order open', spec: twap({ onDeadline: 'SWEEP' }), next: WORKING, out: ['CANCEL_ALL', 'WAKE'], after: { sweep: 'AWAITING' } },
  { from: 'working', event: due(GEN, SWEEP, SOME), when: 'the sweep is due, nothing open', spec: twap({ onDeadline: 'SWEEP' }), next: WORKING, out: ['PLACE', 'WAKE'], after: { sweep: 'DONE' } },
  { from: 'working', event: due(GEN, SWEEP, SOME), when: 'the sweep would be dust', spec: twap({ onDeadline: 'SWEEP', instrument: DUST }), next: 'partial', out: CLOSES_AND_SETTLES, after: { cause: 'schedule_ended' } },
  { from: 'working', event: due(GEN, T0, IDLE), when: 'SINGLE has no attempt left', next: 'cancelled', out: CLOSES_AND_SETTLES },
  { from: 'working', event: due(GEN, SLICE_2, SOME), when: 'a slice is due', spec: twap(), next: WORKING, out: ['PLACE', 'WAKE'], after: { slot: 2 } },
  { from: 'working', event: ended('FILLED', FULL), when: 'the target is reached, nothing open', next: 'completed', out: ['SETTLED'] },
  { from: 'working', event: ended('FILLED', FULL_OPEN), when: 'the target is reached, an order open', spec: twap(), next: CLOSING, out: CLOSES, after: { cause: 'target_reached' } },
  { from: 'working', event: ended('FILLED', SOME), when: 'the amended cap is reached', given: { cap: 4 }, next: 'partial', out: CLOSES_AND_SETTLES, after: { cause: 'cap_reached' } },
  { from: 'working', event: ended('REJECTED', IDLE), when: 'on_reject STOP', next: 'failed', out: CLOSES_AND_SETTLES, after: { cause: 'execution_error' } },
  { from: 'working', event: ended('REJECTED', SOME_OPEN), when: 'on_reject STOP, another open', spec: twap(), next: CLOSING, out: CLOSES },
  { from: 'working', event: ended('REJECTED', IDLE), when: 'retries used up', spec: RETRY, given: { rejects: 1 }, next: 'failed', out: CLOSES_AND_SETTLES },
  { from: 'working', event: ended('CANCELED', SOME), when: 'canceled for an amend', given: { repricing: true }, next: WORKING, out: ['WAKE'], after: { ask: 'REPRICE', repricing: false } },
  { from: 'working', event: ended('CANCELED', SOME), when: 'canceled for the sweep', spec: twap({ onDeadline: 'SWEEP' }), given: { sweep: 'AWAITING' }, next: WORKING, out: ['WAKE'], after: { ask: 'SWEEP' } },
  { from: 'working', event: ended('REJECTED', SOME), when: 'on_reject SKIP, nothing else to place', spec: SKIP, next: 'partial', out: CLOSES_AND_SETTLES },
  { from: 'working', event: ended('REJECTED', IDLE), when: 'on_reject RETRY', spec: RETRY, next: WORKING, out: ['WAKE'], after: { ask: 'REPRICE', rejects: 1 } },
  { from: 'working', event: ended('REJECTED', IDLE), when: 'on_reject SKIP, slices to come', spec: twap({ onReject: 'SKIP' }), next: WORKING, out: ['WAKE'] },
  { from: 'working', event: ended('NOT_SENT', IDLE), when: 'held back before the send', next: WORKING, out: ['WAKE'], after: { ask: 'REPRICE' } },
  { from: 'working', event: ended('EXPIRED', SOME), when: 'the only order expired', next: 'partial', out: CLOSES_AND_SETTLES, after: { cause: 'venue_expired' } },
  { from: 'working', event: ended('CANCELED', IDLE), when: 'the venue canceled the only order', next: 'cancelled', out: CLOSES_AND_SETTLES, after: { cause: 'venue_canceled' } },
  { from: 'working', event: ended('EXPIRED', SOME), when: 'the strategy asks on each end', spec: ATTEMPTS, next: WORKING, out: ['WAKE'], after: { ask: 'ORDER_ENDED' } },
  { from: 'working', event: ended('FILLED', SOME), when: 'slices to come', spec: twap(), given: { rejects: 1 }, next: WORKING, out: [], after: { rejects: 0 } },
  { from: 'working', event: ended('FILLED', SOME), when: 'slices to come, none refused', spec: twap(), next: WORKING, out: null },
  { from: 'working', event: placed, when: 'a further order', spec: twap(), next: WORKING, out: null },
  { from: 'working', event: blocked('STOP', OPEN), when: 'STOP, an order open', spec: twap(), next: CLOSING, out: CLOSES, after: { cause: 'control_stop' } },
  { from: 'working', event: blocked('SLOT', SOME), when: 'SLOT, on_reject STOP', spec: twap(), next: 'failed', out: CLOSES_AND_SETTLES },
  { from: 'working', event: blocked('SLOT', SOME), when: 'SLOT, on_reject SKIP, nothing else to place', spec: SKIP, next: 'partial', out: CLOSES_AND_SETTLES, after: { cause: 'schedule_ended' } },
  { from: 'working', event: blocked('SLOT', SOME), when: 'SLOT, on_reject SKIP, slices to come', spec: twap({ onReject: 'SKIP' }), next: WORKING, out: ['WAKE'] },
  { from: 'working', event: blocked('SLOT', SOME), when: 'SLOT, on_reject RETRY', spec: RETRY, next: WORKING, out: ['WAKE'], after: { rejects: 1 } },
  { from: 'working', event: blocked('DEFER', OPEN), when: 'DEFER', spec: twap(), next: WORKING, out: ['WAKE'], after: { ask: 'REPRICE' } },
  { from: 'working', event: unknownChanged(LOST), when: 'an order is unknown', next: WORKING, out: null },
  { from: 'working', event: targetReached(FULL_OPEN), when: 'an order open', next: CLOSING, out: CLOSES, after: { cause: 'target_reached' } },
  { from: 'working', event: targetReached(FULL), when: 'nothing open', next: 'completed', out: CLOSES_AND_SETTLES },
  { from: 'working', event: stop('cancel_requested', SOME_OPEN), when: 'an order open', next: CLOSING, out: CLOSES, after: { cause: 'cancel_requested' } },
  { from: 'working', event: stop('cancel_requested', LOST), when: 'an order unknown', next: CLOSING, out: CLOSES },
  { from: 'working', event: stop('timeout', SOME), when: 'nothing open', next: 'partial', out: CLOSES_AND_SETTLES },
  { from: 'working', event: amend(4, SOME), when: 'to what is filled', next: 'partial', out: CLOSES_AND_SETTLES, after: { cause: 'cap_reached' } },
  { from: 'working', event: amend(5, SOME_OPEN), when: 'an order open', next: WORKING, out: ['CANCEL_ALL'], after: { repricing: true, cap: 5 } },
  { from: 'working', event: amend(6, SOME), when: 'nothing open', next: WORKING, out: ['WAKE'], after: { ask: 'REPRICE', cap: 6 } },
];

/** What a planner's answer beyond orders and times does, and asks that meet. */
// biome-ignore format: a row a line
const AT_ASKS: Row[] = [
  { from: 'working', event: due(GEN, T0, OPEN), when: 'it cancels, an order open', spec: scripted({ WAKE: { cancels: true } }), next: WORKING, out: ['CANCEL_ALL'], after: { repricing: true, ask: null } },
  { from: 'working', event: due(GEN, T0, SOME), when: 'it cancels, nothing open', spec: scripted({ WAKE: { cancels: true } }), next: WORKING, out: ['WAKE'], after: { repricing: false, ask: 'REPRICE', askAt: T0 } },
  { from: 'working', event: ended('CANCELED', SOME), when: 'canceled as it wished', spec: scripted({}), given: { repricing: true }, next: WORKING, out: ['WAKE'], after: { repricing: false, ask: 'REPRICE', askAt: T0 } },
  { from: 'working', event: due(GEN, T0, SOME), when: 'canceled as it wished', spec: scripted({ REPRICE: { orders: [ORDER] } }), given: { ask: 'REPRICE', askAt: T0 }, next: WORKING, out: ['PLACE'], after: { ask: null, state: { asked: ['START', 'REPRICE'] } } },
  { from: 'working', event: due(GEN, T0, OPEN), when: 'it watches', spec: scripted({ WAKE: { watch: BAND } }), next: WORKING, out: ['WATCH'], after: { watchGen: GEN + 1 } },
  { from: 'working', event: due(GEN, T0, OPEN), when: 'it watches another band', spec: scripted({ WAKE: { watch: BAND } }), given: { watchGen: WATCH }, next: WORKING, out: ['WATCH'], after: { watchGen: GEN + 1 } },
  { from: 'working', event: due(GEN, T0, OPEN), when: 'it watches no more', spec: scripted({}), given: { watchGen: WATCH }, next: WORKING, out: ['WATCH'], after: { watchGen: null } },
  { from: 'working', event: due(GEN, T0, OPEN), when: 'it watches nothing', spec: scripted({}), next: WORKING, out: [], after: { watchGen: null } },
  { from: 'working', event: due(GEN, T0, OPEN), when: 'it watches and places', spec: scripted({ WAKE: { watch: BAND, orders: [ORDER], wakeAt: END } }), next: WORKING, out: ['WATCH', 'PLACE', 'WAKE'] },
  { from: 'working', event: due(GEN, T0, OPEN), when: 'it cancels and watches', spec: scripted({ WAKE: { cancels: true, watch: BAND } }), next: WORKING, out: ['CANCEL_ALL', 'WATCH'], after: { watchGen: GEN + 1 } },
  { from: 'working', event: triggered(WATCH, OPEN), when: 'a watched price was left', spec: scripted({}), given: { watchGen: WATCH }, next: WORKING, out: ['WATCH'], after: { watchGen: null, state: { asked: ['START', 'TRIGGER'] } } },
  { from: 'working', event: triggered(GEN, OPEN), when: 'a price was left that is watched no more', spec: scripted({}), given: { watchGen: WATCH }, next: WORKING, out: [], after: { state: { asked: ['START'] } } },
  { from: 'working', event: due(WATCH, T0, OPEN), when: 'stale, though it has the generation of the watch', spec: scripted({}), given: { watchGen: WATCH }, next: WORKING, out: [], after: { watchGen: WATCH, state: { asked: ['START'] } } },
  { from: 'working', event: triggered(WATCH, OPEN), when: 'a watched price was left as an ask came due', spec: scripted({ FILL: { watch: BAND } }), given: { watchGen: WATCH, ask: 'FILL', askAt: T0 }, next: WORKING, out: ['WATCH'], after: { state: { asked: ['START', 'FILL'] }, ask: null, watchGen: GEN + 1 } },
  { from: 'working', event: due(GEN, T0, OPEN), when: 'the strategy is at fault, an order open', spec: scripted({ WAKE: { fault: 'threw' } }), next: CLOSING, out: CLOSES, after: { cause: 'strategy_fault', fault: 'threw' } },
  { from: 'working', event: due(GEN, T0, SOME), when: 'it is done', spec: scripted({ WAKE: { done: true } }), next: 'completed', out: CLOSES_AND_SETTLES, after: { cause: 'budget_spent' } },
  { from: 'working', event: due(GEN, T0, SOME), when: 'it is done, a sweep was to come', spec: scripted({ WAKE: { done: true } }, { onDeadline: 'SWEEP', windowMs: END - T0 }), next: 'completed', out: CLOSES_AND_SETTLES, after: { cause: 'budget_spent' } },
  { from: 'working', event: due(GEN, T0, SOME_OPEN), when: 'done is not taken while an order is open', spec: scripted({ WAKE: { done: true } }), next: WORKING, out: [], after: { cause: null } },
  { from: 'working', event: due(GEN, END, SOME), when: 'the end outranks done', spec: scripted({ WAKE: { done: true } }, { windowMs: END - T0 }), next: 'partial', out: CLOSES_AND_SETTLES, after: { cause: 'schedule_ended' } },
  { from: 'working', event: filled(SOME_OPEN), when: 'the strategy asks on fills', spec: scripted({}), next: WORKING, out: ['WAKE'], after: { ask: 'FILL', askAt: T0 } },
  { from: 'working', event: filled(SOME_OPEN), when: 'it has placed its last', next: WORKING, out: null },
  { from: 'working', event: filled(SOME_OPEN), when: 'what is open is canceled for a new price', spec: scripted({}), given: { repricing: true }, next: WORKING, out: null },
  { from: 'working', event: filled(SOME_OPEN), when: 'what is open is canceled for the sweep', spec: scripted({}), given: { sweep: 'AWAITING' }, next: WORKING, out: null },
  { from: 'working', event: filled(SOME_OPEN), when: 'a look does not replace REPRICE', spec: scripted({}), given: { ask: 'REPRICE', askAt: T0 }, next: WORKING, out: ['WAKE'], after: { ask: 'REPRICE' } },
  { from: 'working', event: ended('FILLED', SOME), when: 'a look does not replace REPRICE', spec: scripted({}), given: { ask: 'REPRICE', askAt: T0 }, next: WORKING, out: ['WAKE'], after: { ask: 'REPRICE' } },
  { from: 'working', event: ended('REJECTED', SOME_OPEN), when: 'REPRICE replaces a look', spec: scripted({}, { onReject: 'RETRY' }), given: { ask: 'FILL', askAt: T0 }, next: WORKING, out: ['WAKE'], after: { ask: 'REPRICE', askAt: T0 + 500 } },
  { from: 'working', event: ended('REJECTED', IDLE), when: 'on_reject SKIP, the strategy asks on each end', spec: scripted({}, { onReject: 'SKIP' }), next: WORKING, out: ['WAKE'], after: { ask: 'ORDER_ENDED', askAt: T0, rejects: 0 } },
  { from: 'working', event: ended('REJECTED', SOME_OPEN), when: 'on_reject SKIP, it has placed its last, another open', spec: scripted({}, { onReject: 'SKIP' }), given: { exhausted: true }, next: WORKING, out: [], after: { ask: null } },
  { from: 'working', event: blocked('SLOT', SOME_OPEN), when: 'SLOT, on_reject SKIP, the strategy asks on each end', spec: scripted({}, { onReject: 'SKIP' }), next: WORKING, out: ['WAKE'], after: { ask: 'ORDER_ENDED' } },
];

/** Cause on entry: cancel_requested; one order open. */
// biome-ignore format: a row a line
const AT_CLOSE: Row[] = [
  { from: 'closing', event: startAt(), when: 'illegal', next: CLOSING, out: ['UNEXPECTED'] },
  { from: 'closing', event: amend(5, OPEN), when: 'illegal', next: CLOSING, out: ['UNEXPECTED'] },
  { from: 'closing', event: due(GEN, END, OPEN), when: 'an order open', next: CLOSING, out: [] },
  { from: 'closing', event: due(GEN, END, SOME), when: 'nothing open', next: 'cancelled', out: ['SETTLED'] },
  { from: 'closing', event: placed, when: 'staged before the stop', next: CLOSING, out: [] },
  { from: 'closing', event: blocked('STOP', OPEN), when: 'an order open', next: CLOSING, out: [], after: { cause: 'cancel_requested' } },
  { from: 'closing', event: blocked('STOP', IDLE), when: 'nothing open', next: 'cancelled', out: ['SETTLED'] },
  { from: 'closing', event: ended('CANCELED', OPEN), when: 'another open', next: CLOSING, out: [] },
  { from: 'closing', event: ended('CANCELED', LOST), when: 'another unknown', next: CLOSING, out: [] },
  { from: 'closing', event: ended('CANCELED', SOME), when: 'the last one', next: 'cancelled', out: ['SETTLED'] },
  { from: 'closing', event: ended('FILLED', FULL), when: 'the target is reached after all', next: 'completed', out: ['SETTLED'] },
  { from: 'closing', event: ended('REJECTED', SOME), when: 'the first cause was a timeout', given: { cause: 'timeout' }, next: 'partial', out: ['SETTLED'] },
  { from: 'closing', event: ended('CANCELED', SOME), when: 'the first cause was an error', given: { cause: 'execution_error' }, next: 'failed', out: ['SETTLED'] },
  { from: 'closing', event: unknownChanged(LOST), when: 'still unknown', next: CLOSING, out: [], after: { totals: LOST } },
  { from: 'closing', event: unknownChanged(SOME), when: 'resolved', next: 'cancelled', out: ['SETTLED'] },
  { from: 'closing', event: filled(SOME_OPEN), when: 'a fill on its way', next: CLOSING, out: [], after: { totals: SOME_OPEN, cause: 'cancel_requested' } },
  { from: 'closing', event: targetReached(FULL_OPEN), when: 'an order open', next: CLOSING, out: [], after: { cause: 'cancel_requested' } },
  { from: 'closing', event: targetReached(FULL), when: 'nothing open', next: 'completed', out: ['SETTLED'] },
  { from: 'closing', event: stop('kill', OPEN), when: 'a second cause', next: CLOSING, out: [], after: { cause: 'cancel_requested' } },
  { from: 'closing', event: stop('kill', IDLE), when: 'nothing open', next: 'cancelled', out: ['SETTLED'], after: { cause: 'cancel_requested' } },
];

export const TABLE: readonly Row[] = [...PENDING, ...AT_WORK, ...AT_ASKS, ...AT_CLOSE];

/** States that take no event: `settling` leaves by itself, final ones absorb. */
export const TRANSIENT = ['settling'];
export const FINALS = ['completed', 'cancelled', 'failed', 'partial'];
export const ONE_OF_EACH: readonly GroupEvent[] = [
  startAt(),
  due(GEN, END, OPEN),
  placed,
  blocked('STOP', OPEN),
  ended('FILLED', FULL),
  filled(SOME_OPEN),
  unknownChanged(LOST),
  targetReached(FULL),
  stop('kill', OPEN),
  amend(4, OPEN),
];

export const STATES: Record<From, string> = {
  new: 'pending',
  idle: 'pending',
  started: 'pending',
  working: WORKING,
  closing: CLOSING,
};

/** The events that lead there; the first START is with a price unless `idle`. */
const LEADS: Record<From, readonly GroupEvent[]> = {
  new: [],
  idle: [startAt(null)],
  started: [startAt()],
  working: [startAt(), placed],
  closing: [startAt(), placed, stop('cancel_requested', OPEN)],
};

export function situation(row: Pick<Row, 'from' | 'spec' | 'given'>): Shot<GroupContext> {
  let shot = groupChart.initial({ spec: row.spec ?? single() });
  for (const event of LEADS[row.from]) shot = groupChart.step(shot, event).shot;
  if (stateText(shot.value) !== STATES[row.from]) throw new Error(`${row.from} was not reached`);
  return groupChart.place(STATES[row.from], { ...shot.context, ...row.given });
}
