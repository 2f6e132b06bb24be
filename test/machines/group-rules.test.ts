/**
 * The group chart's guards and updates one by one: when each holds, that it hears its own events alone, and what it
 * leaves of a context; and the machines over a runtime's own strategies.
 */
import { describe, expect, test } from '@jest/globals';
import type { GroupContext, GroupEvent, GroupIntent, GroupSpec } from '../../src/machines/group-model.js';
import { groupGuardsOf, groupUpdatesOf } from '../../src/machines/group-rules.js';
import { groupMachine, groupMachinesOf, quickGroupMachine } from '../../src/machines/group.js';
import { STRATEGIES } from '../../src/strategies/registry.js';
import { T0 } from '../strategies/support.js';
import { chartOf, stateText } from './charts.js';
import { contextOf, type Ear, echo, GEN, WITH_ECHO } from './group-echo.js';
import {
  amend,
  blocked,
  due,
  END,
  ended,
  FULL,
  FULL_OPEN,
  filled,
  GROUP_EVENTS,
  groupChart,
  IDLE,
  OPEN,
  placed,
  SOME,
  SOME_OPEN,
  SWEEP,
  single,
  startAt,
  stop,
  targetReached,
  triggered,
  unknownChanged,
} from './group-facts.js';

type Type = GroupEvent['type'];
const guards = groupGuardsOf(WITH_ECHO);
const updates = groupUpdatesOf(WITH_ECHO);
type GuardName = keyof typeof guards;
type UpdateName = keyof typeof updates;
const holds = (name: GuardName, context: GroupContext, event: GroupEvent): boolean =>
  (guards[name] as (context: GroupContext, event: GroupEvent) => boolean)(context, event);
const updated = (name: UpdateName, context: GroupContext, event: GroupEvent): GroupContext =>
  (updates[name] as (context: GroupContext, event: GroupEvent) => GroupContext)(context, event);

/** The same facts under every other type: what an event is called decides who hears it. */
const elsewhere = (event: GroupEvent, types: readonly Type[]): GroupEvent[] =>
  GROUP_EVENTS.filter((type) => !types.includes(type)).map((type) => ({ ...event, type }) as GroupEvent);

const spec = (change: Partial<GroupSpec>, ear: Ear = 'ECHO') => echo({}, change, ear);
const over = { exhausted: true };
const LEAVE = contextOf(spec({ onDeadline: 'LEAVE' }), { endsBy: END });
const SWEEPS = contextOf(spec({ onDeadline: 'SWEEP' }), { endsBy: END });
const SKIP = contextOf(spec({ onReject: 'SKIP' }), over);
const STOP = contextOf(spec({}));
const RETRY = contextOf(spec({ onReject: 'RETRY' }));
const FAULTY = contextOf(echo({ START: { fault: 'threw' }, WAKE: { fault: 'threw' } }));
const DONE = contextOf(echo({ START: { done: true }, WAKE: { done: true } }));

interface Held {
  readonly guard: GuardName;
  readonly types: readonly Type[];
  readonly yes: readonly [GroupContext, GroupEvent][];
  readonly no: readonly [GroupContext, GroupEvent][];
}

const watching = { ...STOP, watchGen: 3 };
const capped = { ...STOP, cap: 4 };
const repricing = { ...STOP, repricing: true };
const awaiting: GroupContext = { ...SWEEPS, sweep: 'AWAITING' };

// biome-ignore format: a case a line
const HELD: readonly Held[] = [
  { guard: 'stale', types: ['DUE'], yes: [[STOP, due(GEN - 1, T0, SOME)], [STOP, due(GEN + 1, T0, SOME)], [watching, triggered(GEN, SOME)], [watching, due(3, T0, SOME)]], no: [[STOP, due(GEN, T0, SOME)], [watching, triggered(3, SOME)]] },
  { guard: 'endReached', types: ['DUE'], yes: [[LEAVE, due(GEN, END, SOME)]], no: [[LEAVE, due(GEN, END - 1, SOME)], [STOP, due(GEN, END, SOME)]] },
  { guard: 'leavesOrders', types: ['DUE'], yes: [[LEAVE, due(GEN, END, OPEN)]], no: [[LEAVE, due(GEN, END - 1, OPEN)], [LEAVE, due(GEN, END, SOME)], [SWEEPS, due(GEN, END, OPEN)]] },
  { guard: 'sweepMustWait', types: ['DUE'], yes: [[SWEEPS, due(GEN, SWEEP, OPEN)]], no: [[SWEEPS, due(GEN, SWEEP - 1, OPEN)], [SWEEPS, due(GEN, SWEEP, SOME)], [awaiting, due(GEN, SWEEP, OPEN)], [LEAVE, due(GEN, END, OPEN)]] },
  { guard: 'rejectStops', types: ['ORDER_ENDED'], yes: [[STOP, ended('REJECTED', SOME)], [{ ...RETRY, rejects: 1 }, ended('REJECTED', SOME)]], no: [[STOP, ended('EXPIRED', SOME)], [RETRY, ended('REJECTED', SOME)], [SKIP, ended('REJECTED', SOME)]] },
  { guard: 'rejected', types: ['ORDER_ENDED'], yes: [[STOP, ended('REJECTED', SOME)]], no: [[STOP, ended('EXPIRED', SOME)], [STOP, ended('NOT_SENT', SOME)]] },
  { guard: 'notSent', types: ['ORDER_ENDED'], yes: [[STOP, ended('NOT_SENT', SOME)]], no: [[STOP, ended('REJECTED', SOME)], [STOP, ended('CANCELED', SOME)]] },
  { guard: 'endsShort', types: ['ORDER_ENDED'], yes: [[SKIP, ended('EXPIRED', SOME)], [{ ...STOP, ...over }, ended('EXPIRED', SOME)]], no: [[STOP, ended('EXPIRED', SOME)], [SKIP, ended('EXPIRED', OPEN)]] },
  { guard: 'skipEndsShort', types: ['ORDER_ENDED'], yes: [[SKIP, ended('REJECTED', SOME)]], no: [[{ ...SKIP, exhausted: false }, ended('REJECTED', SOME)], [{ ...STOP, ...over }, ended('REJECTED', SOME)], [SKIP, ended('REJECTED', OPEN)]] },
  { guard: 'blockStops', types: ['ORDER_BLOCKED'], yes: [[SKIP, blocked('STOP', SOME)], [STOP, blocked('SLOT', SOME)], [{ ...RETRY, rejects: 1 }, blocked('SLOT', SOME)]], no: [[STOP, blocked('DEFER', SOME)], [SKIP, blocked('SLOT', SOME)], [RETRY, blocked('SLOT', SOME)]] },
  { guard: 'blockEndsShort', types: ['ORDER_BLOCKED'], yes: [[SKIP, blocked('SLOT', SOME)]], no: [[SKIP, blocked('DEFER', SOME)], [SKIP, blocked('STOP', SOME)], [SKIP, blocked('SLOT', OPEN)], [{ ...STOP, ...over }, blocked('SLOT', SOME)], [{ ...SKIP, exhausted: false }, blocked('SLOT', SOME)]] },
  { guard: 'blockDefers', types: ['ORDER_BLOCKED'], yes: [[STOP, blocked('DEFER', SOME)]], no: [[STOP, blocked('SLOT', SOME)], [STOP, blocked('STOP', SOME)]] },
  { guard: 'asksOnEnd', types: ['ORDER_ENDED'], yes: [[STOP, ended('FILLED', SOME)], [contextOf(spec({}, 'SHORT')), ended('EXPIRED', SOME)]], no: [[{ ...STOP, ...over }, ended('FILLED', SOME)], [contextOf(spec({}, 'DEAF')), ended('FILLED', SOME)], [contextOf(spec({}, 'SHORT')), ended('FILLED', SOME)]] },
  { guard: 'planFaults', types: ['START', 'DUE'], yes: [[FAULTY, startAt()], [FAULTY, due(GEN, T0, SOME)]], no: [[STOP, startAt()], [STOP, due(GEN, T0, SOME)]] },
  { guard: 'planEnds', types: ['DUE'], yes: [[DONE, due(GEN, T0, SOME)]], no: [[DONE, due(GEN, T0, OPEN)], [STOP, due(GEN, T0, SOME)]] },
];

describe('a guard', () => {
  test.each(HELD.map((row) => [row.guard, row.types.join(' and '), row] as const))(
    '%s holds of %s alone, both sides of each bound',
    (guard, _, { types, yes, no }) => {
      for (const [context, event] of yes) {
        expect(holds(guard, context, event)).toBe(true);
        for (const other of elsewhere(event, types)) expect(holds(guard, context, other)).toBe(false);
      }
      for (const [context, event] of no) expect(holds(guard, context, event)).toBe(false);
    },
  );

  // biome-ignore format: a row a line
  test.each<[GuardName, boolean, string, GroupContext, GroupEvent]>([
    ['full', true, 'the target is filled', STOP, targetReached(FULL_OPEN)],
    ['full', false, 'it is not', STOP, ended('FILLED', SOME)],
    ['full', false, 'no totals are told', { ...STOP, totals: FULL }, placed],
    ['fullAndQuiet', true, 'nothing is open', STOP, ended('FILLED', FULL)],
    ['fullAndQuiet', false, 'an order is open', STOP, ended('FILLED', FULL_OPEN)],
    ['fullAndQuiet', false, 'the target is not filled', STOP, ended('FILLED', SOME)],
    ['fullAndQuiet', false, 'no totals are told', { ...STOP, totals: FULL }, placed],
    ['capReached', true, 'the cap is filled', capped, ended('FILLED', SOME)],
    ['capReached', true, 'more than the cap is filled', { ...STOP, cap: 3 }, ended('FILLED', SOME)],
    ['capReached', true, 'the cap is brought to what is filled', STOP, amend(4, SOME)],
    ['capReached', false, 'the cap is brought beyond what is filled', capped, amend(5, SOME)],
    ['capReached', false, 'less is filled', { ...STOP, cap: 5 }, ended('FILLED', SOME)],
    ['capReached', false, 'an order is open', capped, ended('FILLED', SOME_OPEN)],
    ['capReached', false, 'the target is filled', capped, ended('FILLED', FULL)],
    ['capReached', false, 'no totals are told', { ...capped, totals: SOME }, placed],
    ['awaitedQuiet', true, 'an amend waited for it', repricing, ended('CANCELED', SOME)],
    ['awaitedQuiet', true, 'the sweep waited for it', awaiting, ended('CANCELED', SOME)],
    ['awaitedQuiet', false, 'nothing waits', STOP, ended('CANCELED', SOME)],
    ['awaitedQuiet', false, 'another is open', repricing, ended('CANCELED', OPEN)],
    ['awaitedQuiet', false, 'no totals are told', repricing, placed],
    ['asksOnFill', true, 'more is to be placed', STOP, filled(SOME_OPEN)],
    ['asksOnFill', false, 'its last is placed', { ...STOP, ...over }, filled(SOME_OPEN)],
    ['asksOnFill', false, 'an amend waits', repricing, filled(SOME_OPEN)],
    ['asksOnFill', false, 'the sweep waits', awaiting, filled(SOME_OPEN)],
    ['needsNoOrder', true, 'there is no target', contextOf(spec({ target: null })), startAt()],
    ['needsNoOrder', false, 'there is one', STOP, startAt()],
    ['quiet', true, 'nothing was open', { ...STOP, totals: SOME }, ended('FILLED', OPEN)],
    ['quiet', false, 'an order was open', { ...STOP, totals: OPEN }, ended('FILLED', SOME)],
  ])('%s, %s: %s', (guard, expected, _, context, event) => {
    expect(holds(guard, context, event)).toBe(expected);
  });

  test.each<[GroupContext['cause'], typeof SOME, boolean[]]>([
    ['budget_spent', SOME, [true, false, false]],
    ['kill', SOME, [false, true, false]],
    ['control_stop', SOME, [false, false, true]],
    ['timeout', SOME, [false, false, false]],
    ['timeout', IDLE, [false, true, false]],
    ['control_stop', FULL, [true, false, false]],
  ])('of an end for %s, %j filled, at most one holds', (cause, totals, expected) => {
    const context = { ...STOP, cause, totals };
    const names = ['endsCompleted', 'endsCancelled', 'endsFailed'] as const;
    expect(names.map((name) => holds(name, context, placed))).toEqual(expected);
  });
});

const WAS: readonly GroupIntent[] = [{ type: 'ACTIVE' }];
const before: GroupContext = {
  ...STOP,
  rejects: 2,
  planAt: END,
  ask: 'REPRICE',
  askAt: END,
  totals: OPEN,
  out: WAS,
};
const wakes = (at: number): GroupIntent[] => [{ type: 'WAKE', at, gen: GEN + 1 }];
const NONE = { out: [] };
const LATE = T0 + 9000;
const late = <E extends GroupEvent>(event: E): E => ({ ...event, now: LATE });
const asks = (ask: GroupContext['ask'], askAt: number, totals = SOME_OPEN): Partial<GroupContext> => ({
  totals,
  ask,
  askAt,
  gen: GEN + 1,
  out: wakes(askAt),
});
const free: GroupContext = { ...before, planAt: null, ask: null, askAt: null };

describe('an update', () => {
  // biome-ignore format: a row a line
  test.each<[UpdateName, string, GroupContext, GroupEvent, Partial<GroupContext>]>([
    ['note', 'a fill ends the refusals', before, ended('FILLED', SOME), { rejects: 0, ...NONE }],
    ['note', 'one refusal is enough', { ...before, rejects: 1 }, ended('FILLED', SOME), { rejects: 0, ...NONE }],
    ['record', 'of a fill ends the refusals', before, ended('FILLED', SOME), { totals: SOME, rejects: 0, ...NONE }],
    ['record', 'of another end keeps the refusals', before, ended('CANCELED', SOME), { totals: SOME, ...NONE }],
    ['record', 'of another event keeps the refusals', before, unknownChanged(SOME), { totals: SOME, ...NONE }],
    ['record', 'of an event without totals keeps these', before, placed, NONE],
    ['record', 'of what is no end, though filled', before, { ...ended('FILLED', SOME), type: 'ORDER_FILLED' } as GroupEvent, { totals: SOME, ...NONE }],
    ['leave', 'plans no more', before, due(GEN, END, SOME_OPEN), { totals: SOME_OPEN, exhausted: true, planAt: null, ask: null, askAt: null, ...NONE }],
    ['leave', 'without totals keeps these', before, placed, { exhausted: true, planAt: null, ask: null, askAt: null, ...NONE }],
    ['cancelForSweep', 'cancels', before, due(GEN, END, SOME_OPEN), { totals: SOME_OPEN, sweep: 'AWAITING', planAt: null, ask: null, askAt: null, gen: GEN + 1, out: [{ type: 'CANCEL_ALL' }] }],
    ['askAfterQuiet', 'asks for the amend', { ...free, repricing: true }, late(ended('CANCELED', SOME)), { repricing: false, ...asks('REPRICE', LATE, SOME) }],
    ['askAfterQuiet', 'asks for the sweep', { ...free, sweep: 'AWAITING' }, late(ended('CANCELED', SOME)), asks('SWEEP', LATE, SOME)],
    ['askAfterQuiet', 'asks for the sweep before the amend', { ...free, sweep: 'AWAITING', repricing: true }, late(ended('CANCELED', SOME)), { repricing: false, ...asks('SWEEP', LATE, SOME) }],
    ['askDeferred', 'asks later', free, late(blocked('DEFER', SOME_OPEN)), asks('REPRICE', LATE + 1000)],
    ['askOnEnd', 'looks at once', free, late(ended('EXPIRED', SOME_OPEN)), asks('ORDER_ENDED', LATE)],
    ['askOnFill', 'looks at once', free, late(filled(SOME_OPEN)), asks('FILL', LATE)],
    ['askAfterReject', 'asks after the delay', { ...free, rejects: 0 }, late(ended('REJECTED', SOME_OPEN)), { rejects: 1, ...asks('REPRICE', LATE + 500) }],
    ['amend', 'cancels what is open', before, amend(5, SOME_OPEN), { totals: SOME_OPEN, cap: 5, repricing: true, out: [{ type: 'CANCEL_ALL' }] }],
    ['stop', 'has its cause', before, stop('timeout', SOME), { totals: SOME, cause: 'timeout', ...NONE }],
    ['becomeActive', 'says so', before, placed, { out: [{ type: 'ACTIVE' }] }],
    ['unexpected', 'names the event', before, placed, { out: [{ type: 'UNEXPECTED', event: 'ORDER_PLACED' }] }],
    ['beginClosing', 'says why', { ...before, cause: 'timeout' }, placed, { out: [...WAS, { type: 'CLOSING', cause: 'timeout' }, { type: 'CANCEL_ALL' }] }],
    ['beginClosing', 'of no cause is an error', before, placed, { out: [...WAS, { type: 'CLOSING', cause: 'execution_error' }, { type: 'CANCEL_ALL' }] }],
    ['beginClosing', 'says what was wrong', { ...before, cause: 'strategy_fault', fault: 'threw' }, placed, { out: [...WAS, { type: 'CLOSING', cause: 'strategy_fault', detail: 'threw' }, { type: 'CANCEL_ALL' }] }],
    ['settle', 'says why', { ...before, cause: 'kill' }, placed, { out: [...WAS, { type: 'SETTLED', status: 'CANCELLED', reason: 'kill' }] }],
    ['settle', 'of no cause is an error', before, placed, { out: [...WAS, { type: 'SETTLED', status: 'CANCELLED', reason: 'execution_error' }] }],
    ['settle', 'says what was wrong', { ...before, cause: 'strategy_fault', fault: 'threw' }, placed, { out: [...WAS, { type: 'SETTLED', status: 'FAILED', reason: 'strategy_fault', detail: 'threw' }] }],
    ['settle', 'of the whole is the target, whatever the cause', { ...before, totals: FULL, cause: 'kill' }, placed, { out: [...WAS, { type: 'SETTLED', status: 'COMPLETED', reason: 'target_reached' }] }],
    ['settle', 'of a spent budget says so', { ...before, totals: SOME, cause: 'budget_spent' }, placed, { out: [...WAS, { type: 'SETTLED', status: 'COMPLETED', reason: 'budget_spent' }] }],
  ])('%s: %s', (update, _, context, event, change) => {
    expect(updated(update, context, event)).toEqual({ ...context, ...change });
  });

  const timeless = [placed, unknownChanged(SOME), stop('kill', SOME), { ...placed, now: T0 } as GroupEvent];
  const filledElsewhere = elsewhere(ended('FILLED', SOME), ['ORDER_ENDED']);
  // biome-ignore format: a row a line
  test.each<[UpdateName, string, GroupContext, readonly GroupEvent[]]>([
    ['note', 'what is no end', before, filledElsewhere],
    ['note', 'an end that filled nothing', before, [ended('CANCELED', SOME), ended('REJECTED', SOME)]],
    ['note', 'a fill after no refusal', { ...before, rejects: 0 }, [ended('FILLED', SOME)]],
    ['askAfterQuiet', 'an event without totals or time', before, timeless],
    ['askDeferred', 'an event without totals or time', before, timeless],
    ['askOnEnd', 'an event without totals or time', before, timeless],
    ['askOnFill', 'an event without totals or time', before, timeless],
    ['askAfterReject', 'an event without totals or time', before, timeless],
    ['amend', 'what is no amend', before, elsewhere(amend(5, SOME), ['AMEND'])],
    ['plan', 'what does not ask', before, elsewhere(due(GEN, T0, SOME), ['START', 'DUE'])],
  ])('%s leaves the context alone on %s', (update, _, context, events) => {
    for (const event of events) expect(updated(update, context, event)).toBe(context);
  });

  test.each([startAt(), due(GEN, T0, SOME)])('plan asks on $type', (event) => {
    expect(updated('plan', before, event).state).toMatchObject({ now: T0, view: { bid: '99.99' } });
  });
});

describe('the machines over a list of strategies', () => {
  const both = groupMachinesOf(WITH_ECHO);
  const charts = Object.entries(both).map(
    ([name, machine]) => [name, chartOf<GroupEvent, { spec: GroupSpec }, GroupContext>(machine)] as const,
  );

  test('are the common ones for the built-in list', () => {
    const { drawn, quick } = groupMachinesOf(STRATEGIES);
    expect(drawn).toBe(groupMachine);
    expect(quick).toBe(quickGroupMachine);
  });

  test('are two of their own for another', () => {
    expect(new Set([both.drawn, both.quick, groupMachine, quickGroupMachine]).size).toBe(4);
    expect(Object.keys(both)).toEqual(['drawn', 'quick']);
  });

  test.each(charts)('%s runs a strategy of that list, to the end of one at fault', (name, chart) => {
    const spec = echo({ WAKE: { fault: 'threw' } });
    let { shot } = chart.step(chart.initial({ spec }), startAt());
    expect(shot.context.state).toMatchObject({ ask: 'START', now: T0 });
    // The first step of a row is XState's in both: the second is the table's.
    const again = chart.step(chart.initial({ spec }), startAt());
    expect(again.shot).toMatchObject({ value: 'pending', context: { gen: 1 } });
    expect(again.taken).toEqual(name === 'quick' ? [] : ['pending START #2']);
    ({ shot } = chart.step(shot, due(1, T0, IDLE)));
    expect(stateText(shot.value)).toBe('failed');
    expect(shot).toMatchObject({ status: 'done', output: { status: 'FAILED' } });
    const settled = { type: 'SETTLED', status: 'FAILED', reason: 'strategy_fault', detail: 'threw' };
    expect(shot.context.out).toEqual([settled]);
  });

  test('a strategy of another list is not installed in the common ones', () => {
    const chart = groupChart.initial({ spec: echo({}) });
    expect(() => groupChart.step(chart, startAt())).toThrow('strategy ECHO is not installed');
  });

  test.each(charts)('%s takes every event that only passes at work, context and all', (_, chart) => {
    let shot = chart.initial({ spec: single() });
    for (const event of [startAt(), placed]) ({ shot } = chart.step(shot, event));
    expect(stateText(shot.value)).toBe('active.working');
    for (const event of [placed, unknownChanged(OPEN), filled(SOME_OPEN)]) {
      const next = chart.step(shot, event).shot;
      expect(next.value).toEqual(shot.value);
      expect(next.context).toEqual(shot.context);
      expect(next.context.out).toBe(shot.context.out);
    }
  });
});

describe('a group that has not started', () => {
  // biome-ignore format: a row a line
  test.each<[string, Partial<GroupSpec>, number]>([
    ['may fill its target', {}, 10],
    ['may fill its cap', { cap: 4 }, 4],
    ['may fill nothing under a cap of 0', { cap: 0 }, 0],
    ['may fill nothing where no order is needed', { target: null }, 0],
  ])('%s', (_, change, cap) => {
    const spec = single(change);
    expect(groupChart.initial({ spec }).context).toStrictEqual({
      spec,
      plan: null,
      endsBy: null,
      state: null,
      slot: 0,
      cap,
      limitPrice: null,
      totals: { filled: 0, leaves: 0, unknown: 0, live: 0 },
      cause: null,
      exhausted: false,
      sweep: 'NONE',
      ask: null,
      repricing: false,
      watchGen: null,
      planAt: null,
      askAt: null,
      gen: 0,
      rejects: 0,
      out: [],
    });
  });
});
