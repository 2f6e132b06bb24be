/** What a refusal, an amend, a sweep and an end make of a group, and the cause that an end has: contexts as wholes. */
import { describe, expect, test } from '@jest/globals';
import type { Reason } from '../../src/dtos/events.js';
import type {
  GroupContext,
  GroupEvent,
  GroupIntent,
  GroupSpec,
  OrderOutcome,
} from '../../src/machines/group-model.js';
import {
  afterReject,
  amended,
  asksOnEnd,
  awaitsQuiet,
  cancelForSweep,
  capOf,
  doneReason,
  endsShort,
  faultOf,
  final,
  isFull,
  rejectStops,
  stopped,
} from '../../src/machines/group-plan.js';
import { T0 } from '../strategies/support.js';
import { contextOf, type Ear, echo, ending, GEN, planOf, sweeping, WITH_ECHO } from './group-echo.js';
import {
  amend,
  blocked,
  due,
  END,
  ended,
  FULL,
  FULL_OPEN,
  filled,
  IDLE,
  OPEN,
  placed,
  SOME,
  SOME_OPEN,
  SWEEP,
  single,
  startAt,
  stop,
  TARGET,
  targetReached,
  twap,
  unknownChanged,
} from './group-facts.js';

const wakeAt = (at: number): GroupIntent => ({ type: 'WAKE', at, gen: GEN + 1 });
const CANCELS: GroupIntent = { type: 'CANCEL_ALL' };

describe('a strategy hears of an end', () => {
  // biome-ignore format: a row a line
  test.each<[Ear, OrderOutcome, boolean]>([
    ['ECHO', 'FILLED', true],
    ['ECHO', 'EXPIRED', true],
    ['DEAF', 'FILLED', false],
    ['DEAF', 'EXPIRED', false],
    ['SHORT', 'FILLED', false],
    ['SHORT', 'EXPIRED', true],
    ['SHORT', 'REJECTED', true],
  ])('%s, %s: %s', (ear, outcome, hears) => {
    expect(asksOnEnd(contextOf(echo({}, {}, ear)), outcome, WITH_ECHO)).toBe(hears);
  });
});

describe('a refusal', () => {
  const RETRY: Partial<GroupSpec> = { onReject: 'RETRY', retryDelaysMs: [500, 900] };

  // biome-ignore format: a row a line
  test.each<[boolean, string, Partial<GroupSpec>, Partial<GroupContext>]>([
    [true, 'under STOP', { onReject: 'STOP' }, {}],
    [false, 'under SKIP', { onReject: 'SKIP' }, {}],
    [false, 'under SKIP with more of them than retries', { onReject: 'SKIP' }, { rejects: 9 }],
    [false, 'under SKIP with no order left', { onReject: 'SKIP', ordersMax: 1 }, { slot: 1 }],
    [false, 'the first under RETRY', RETRY, {}],
    [false, 'the last retry to come', RETRY, { rejects: 1 }],
    [true, 'the retries used up', RETRY, { rejects: 2 }],
    [true, 'more than the retries', RETRY, { rejects: 3 }],
    [false, 'under RETRY with one order left', { ...RETRY, ordersMax: 3 }, { slot: 2 }],
    [true, 'under RETRY with no order left', { ...RETRY, ordersMax: 3 }, { slot: 3 }],
    [true, 'under RETRY past the last order', { ...RETRY, ordersMax: 3 }, { slot: 4 }],
  ])('stops the group, %s: %s', (stops, _, spec, given) => {
    expect(rejectStops(contextOf(echo({}, spec), given))).toBe(stops);
  });

  const NOW = T0 + 100;
  const SKIP: Partial<GroupSpec> = { onReject: 'SKIP' };
  const asksAt = (ask: GroupContext['ask'], askAt: number): Partial<GroupContext> => ({
    ask,
    askAt,
    gen: GEN + 1,
    out: [wakeAt(askAt)],
  });
  // biome-ignore format: a row a line
  test.each<[string, GroupSpec, Partial<GroupContext>, Partial<GroupContext>]>([
    ['is retried after the first delay', echo({}, RETRY), {}, { rejects: 1, ...asksAt('REPRICE', NOW + 500) }],
    ['is retried after the second delay', echo({}, RETRY), { rejects: 1 }, { rejects: 2, ...asksAt('REPRICE', NOW + 900) }],
    ['replaces a look that waits', echo({}, RETRY), { ask: 'FILL', askAt: NOW }, { rejects: 1, ...asksAt('REPRICE', NOW + 500) }],
    ['is skipped, and told', echo({}, SKIP), {}, asksAt('ORDER_ENDED', NOW)],
    ['is skipped, and told as short', echo({}, SKIP, 'SHORT'), {}, asksAt('ORDER_ENDED', NOW)],
    ['is skipped, and not told to a strategy that does not hear', echo({}, SKIP, 'DEAF'), {}, { out: [] }],
    ['is skipped, and not told to one that has placed its last', echo({}, SKIP), { exhausted: true }, { out: [] }],
  ])('%s', (_, spec, given, change) => {
    const context = contextOf(spec, { out: [CANCELS], ...given });
    expect(afterReject(context, SOME, NOW, WITH_ECHO)).toEqual({ ...context, totals: SOME, ...change });
  });
});

describe('a sweep that is due', () => {
  test('cancels what is open and forgets what else was to come', () => {
    const context = sweeping({ ask: 'FILL', askAt: T0, planAt: T0, slot: 2 });
    expect(cancelForSweep(context, SOME_OPEN)).toEqual({
      ...context,
      totals: SOME_OPEN,
      sweep: 'AWAITING',
      planAt: null,
      ask: null,
      askAt: null,
      gen: GEN + 1,
      out: [CANCELS, wakeAt(END)],
    });
  });

  // biome-ignore format: a row a line
  test.each<[boolean, Partial<GroupContext>]>([
    [false, {}],
    [true, { repricing: true }],
    [true, { sweep: 'AWAITING' }],
    [false, { sweep: 'DONE' }],
  ])('or an amend awaits quiet, %s: %j', (awaits, given) => {
    expect(awaitsQuiet(contextOf(echo({}), given))).toBe(awaits);
  });
});

describe('a group ends short', () => {
  const exhausted = true;
  // biome-ignore format: a row a line
  test.each<[boolean, string, GroupContext, typeof IDLE]>([
    [true, 'with its last order ended', contextOf(echo({}), { exhausted }), SOME],
    [false, 'with more to place', contextOf(echo({})), SOME],
    [false, 'with an order open', contextOf(echo({}), { exhausted }), OPEN],
    [false, 'while an ask waits', contextOf(echo({}), { exhausted, ask: 'REPRICE', askAt: END }), SOME],
    [false, 'while an amend awaits quiet', contextOf(echo({}), { exhausted, repricing: true }), SOME],
    [false, 'while its sweep awaits quiet', contextOf(echo({}), { exhausted, sweep: 'AWAITING' }), SOME],
    [false, 'before its sweep', sweeping({ exhausted }), SOME],
    [true, 'after its sweep', sweeping({ exhausted, sweep: 'DONE' }), SOME],
  ])('%s: %s', (ends, _, context, totals) => expect(endsShort(context, totals)).toBe(ends));
});

describe('an amend', () => {
  const stood = { out: [CANCELS] };
  const REPRICES = { ask: 'REPRICE', askAt: T0, gen: GEN + 1, out: [wakeAt(T0)] };
  const WAITS = { repricing: true, out: [CANCELS] };
  const params = { moved: true };
  type Amend = Extract<GroupEvent, { type: 'AMEND' }>;
  // biome-ignore format: a row a line
  test.each<[string, Partial<GroupContext>, Partial<Amend>, Record<string, unknown>]>([
    ['before the start changes the bounds alone', { plan: null }, { cap: 6, limitPrice: '90' }, { cap: 6, limitPrice: '90', out: [] }],
    ['before the start leaves params alone', { plan: null }, { params }, { out: [] }],
    ['with nothing open asks at once', {}, { cap: 6, limitPrice: '90' }, { cap: 6, limitPrice: '90', ...REPRICES }],
    ['with an order open cancels it first', {}, { cap: 6, limitPrice: '90', totals: SOME_OPEN }, { cap: 6, limitPrice: '90', totals: SOME_OPEN, ...WAITS }],
    ['of neither keeps cap and limit', { cap: 7, limitPrice: '91' }, {}, REPRICES],
    ['of the limit keeps the cap', { cap: 7, limitPrice: '91' }, { limitPrice: '90' }, { limitPrice: '90', ...REPRICES }],
    ['to a cap of nothing is taken', { cap: 7 }, { cap: 0 }, { cap: 0, ...REPRICES }],
    ['of params, nothing open, changes them alone', {}, { params }, { plan: planOf(params), ...REPRICES }],
    ['of params, an order open, changes them alone', {}, { params, totals: OPEN }, { plan: planOf(params), totals: OPEN, ...WAITS }],
  ])('%s', (_, given, change, after) => {
    const context = contextOf(echo({}), { ...stood, ...given });
    const event = { ...(amend(null, SOME) as Amend), ...change };
    expect(amended(context, event)).toEqual({ ...context, totals: SOME, ...after });
  });

  test('alone changes the cap', () => {
    const context = contextOf(echo({}), { cap: 7 });
    expect(capOf(context, amend(4, SOME))).toBe(4);
    expect(capOf(context, amend(0, SOME))).toBe(0);
    expect(capOf(context, amend(null, SOME))).toBe(7);
    expect(capOf(context, ended('FILLED', SOME))).toBe(7);
  });
});

describe('a completed group', () => {
  const filledTo = (lots: number) => ({ ...IDLE, filled: lots });
  // biome-ignore format: a row a line
  test.each<[string, number | null, number, Reason, boolean]>([
    ['needed no order', null, 0, 'no_order_needed', true],
    ['reached its target', TARGET, TARGET, 'target_reached', true],
    ['went past its target', TARGET, TARGET + 1, 'target_reached', true],
    ['spent its budget short of it', TARGET, TARGET - 1, 'budget_spent', false],
  ])('%s', (_, target, lots, reason, full) => {
    const context = contextOf(single({ target }), { totals: filledTo(lots), cause: 'budget_spent' });
    expect(doneReason(context)).toBe(reason);
    expect(isFull(context, filledTo(lots))).toBe(full);
    expect(final(context)).toBe('COMPLETED');
  });

  // biome-ignore format: a row a line
  test.each<[string, number, Reason | null, string]>([
    ['a fill makes it partial', 1, 'timeout', 'PARTIAL'],
    ['no fill makes it cancelled', 0, 'timeout', 'CANCELLED'],
    ['an error makes it failed', 1, 'execution_error', 'FAILED'],
    ['the whole makes it completed', TARGET, 'execution_error', 'COMPLETED'],
  ])('is told from others: %s', (_, lots, cause, status) => {
    expect(final(contextOf(single(), { totals: filledTo(lots), cause }))).toBe(status);
  });
});

const SKIP: Partial<GroupSpec> = { onReject: 'SKIP' };
const RETRY: Partial<GroupSpec> = { onReject: 'RETRY' };
const FAULT = { START: { fault: 'threw' }, WAKE: { fault: 'threw' } };
const DONE = { START: { done: true }, WAKE: { done: true } } as const;
const exhausted = { exhausted: true };

// biome-ignore format: a row a line
const CAUSES: [Reason, string, GroupContext, GroupEvent][] = [
  ['kill', 'a stop has its own', contextOf(single()), stop('kill', SOME)],
  ['control_stop', 'a block that stops', contextOf(single(SKIP)), blocked('STOP', SOME)],
  ['execution_error', 'a blocked slot under STOP', contextOf(single()), blocked('SLOT', SOME)],
  ['schedule_ended', 'a blocked slot under SKIP', contextOf(single(SKIP)), blocked('SLOT', SOME)],
  ['execution_error', 'a blocked slot with the retries used up', contextOf(single(RETRY), { rejects: 1 }), blocked('SLOT', SOME)],
  ['schedule_ended', 'the end', contextOf(echo({}), ending(END)), due(GEN, END, SOME)],
  ['schedule_ended', 'the end of one that never started', contextOf(echo({}), { plan: null }), due(GEN, END, SOME)],
  ['schedule_ended', 'the end outranks done', contextOf(echo(DONE), { endsBy: END }), due(GEN, END, SOME)],
  ['budget_spent', 'done before the end', contextOf(echo(DONE), { endsBy: END }), due(GEN, END - 1, SOME)],
  ['budget_spent', 'done at the start', contextOf(echo(DONE)), startAt()],
  ['schedule_ended', 'nothing more to plan', contextOf(echo({})), due(GEN, T0, SOME)],
  ['schedule_ended', 'nothing to plan at the start, and not asked for an end', contextOf(echo({}), { plan: null, endsBy: T0 }), startAt()],
  ['target_reached', 'the target is reached', contextOf(single()), targetReached(FULL_OPEN)],
  ['target_reached', 'the last order filled the target', contextOf(single()), ended('FILLED', FULL)],
  ['cap_reached', 'the last order filled the cap', contextOf(single(), { cap: 4 }), ended('FILLED', SOME)],
  ['cap_reached', 'the last order went past the cap', contextOf(single(), { cap: 3 }), ended('FILLED', SOME)],
  ['cap_reached', 'an amend to what is filled', contextOf(single()), amend(4, SOME)],
  ['execution_error', 'an amend to more', contextOf(single()), amend(5, SOME)],
  ['venue_expired', 'the cap filled, another open', contextOf(single(), { cap: 4 }), ended('EXPIRED', SOME_OPEN)],
  ['execution_error', 'an event that ends nothing', contextOf(single()), unknownChanged(SOME)],
  ['execution_error', 'a fill', contextOf(single()), filled(SOME_OPEN)],
  ['execution_error', 'an event without totals', contextOf(single()), placed],
  ['execution_error', 'a refusal under STOP', contextOf(single()), ended('REJECTED', SOME)],
  ['schedule_ended', 'a refusal under SKIP', contextOf(single(SKIP), exhausted), ended('REJECTED', SOME)],
  ['venue_expired', 'the only order expired', contextOf(single()), ended('EXPIRED', SOME)],
  ['venue_canceled', 'the only order was canceled', contextOf(single()), ended('CANCELED', SOME)],
  ['venue_canceled', 'the only order filled short', contextOf(single()), ended('FILLED', SOME)],
  ['schedule_ended', 'the sweep expired', contextOf(single(), { sweep: 'DONE' }), ended('EXPIRED', SOME)],
  ['schedule_ended', 'the sweep was canceled', contextOf(single(), { sweep: 'DONE' }), ended('CANCELED', SOME)],
  ['schedule_ended', 'the last slice expired', contextOf(twap()), ended('EXPIRED', SOME)],
  ['schedule_ended', 'the last slice was canceled', contextOf(twap()), ended('CANCELED', SOME)],
];

describe('the cause of an end', () => {
  test.each(CAUSES)('%s: %s', (cause, _, context, event) => {
    const stood: GroupContext = { ...context, totals: SOME, out: [CANCELS] };
    const totals = 'totals' in event ? event.totals : SOME;
    expect(stopped(stood, event, WITH_ECHO)).toStrictEqual({ ...stood, totals, cause, out: [] });
  });

  test.each(CAUSES)('is the first one, whatever follows: not %s, %s', (_cause, _when, context, event) => {
    const next = stopped({ ...context, cause: 'legging_time' }, event, WITH_ECHO);
    expect(next.cause).toBe('legging_time');
    expect(next).not.toHaveProperty('fault');
  });
});

describe("a strategy's fault", () => {
  const none = contextOf(echo(FAULT));
  // biome-ignore format: a row a line
  test.each<[string, GroupContext, GroupEvent, Reason, string | null]>([
    ['at the start is the cause, and noted', none, startAt(), 'strategy_fault', 'threw'],
    ['is the cause, and noted', none, due(GEN, T0, SOME), 'strategy_fault', 'threw'],
    ['outranks done', contextOf(echo({ WAKE: { fault: 'threw', done: true } })), due(GEN, T0, SOME), 'strategy_fault', 'threw'],
    ['is not noted where the end comes first', contextOf(echo(FAULT), { endsBy: END }), due(GEN, END, SOME), 'schedule_ended', null],
    ['is not noted after another cause', contextOf(echo(FAULT), { cause: 'timeout' }), due(GEN, T0, SOME), 'timeout', null],
    ['is not noted after another fault', contextOf(echo(FAULT), { cause: 'strategy_fault' }), due(GEN, T0, SOME), 'strategy_fault', null],
    ['that a stop brings has nothing to note', none, stop('strategy_fault', SOME), 'strategy_fault', null],
  ])('%s', (_, context, event, cause, fault) => {
    const next = stopped(context, event, WITH_ECHO);
    const totals = 'totals' in event ? event.totals : context.totals;
    const noted = fault === null ? {} : { fault };
    expect(next).toStrictEqual({ ...context, totals, cause, out: [], ...noted });
    expect(faultOf(next)).toStrictEqual(fault === null ? {} : { detail: fault });
  });

  test('before the sweep comes from what is asked then', () => {
    const answers = { WAKE: { fault: 'woken' }, SWEEP: { fault: 'swept' } };
    const context = contextOf(echo(answers, { onDeadline: 'SWEEP' }), { endsBy: END });
    expect(stopped(context, due(GEN, SWEEP - 1, SOME), WITH_ECHO).fault).toBe('woken');
    expect(stopped(context, due(GEN, SWEEP, SOME), WITH_ECHO).fault).toBe('swept');
  });
});
