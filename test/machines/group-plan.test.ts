/** What a group asks its planner, when, and what it makes of the answer: contexts and intents as wholes. */
import { describe, expect, test } from '@jest/globals';
import type { GroupContext, GroupEvent, GroupIntent, GroupSpec } from '../../src/machines/group-model.js';
import {
  askLater,
  endReached,
  planEnds,
  planFaults,
  planned,
  scheduleEnd,
  sweepAt,
  wake,
} from '../../src/machines/group-plan.js';
import type { Ask, StrategyContext } from '../../src/strategies/contract.js';
import { type AnyStrategy, STRATEGIES } from '../../src/strategies/registry.js';
import { EVEN, T0 } from '../strategies/support.js';
import { contextOf, echo, ending, GEN, planOf, sweeping, WITH_ECHO } from './group-echo.js';
import { BAND, END, IDLE, OPEN, SOME, SOME_OPEN, SWEEP, single, twap } from './group-facts.js';
import { ORDER } from './scripted.js';

type Timed = Extract<GroupEvent, { type: 'START' | 'DUE' }>;
type Start = Extract<GroupEvent, { type: 'START' }>;
type Due = Extract<GroupEvent, { type: 'DUE' }>;

const start = (change: Partial<Start> = {}): Start => ({
  type: 'START',
  now: T0,
  view: EVEN,
  endsBy: null,
  totals: IDLE,
  ...change,
});
const due = (change: Partial<Due> = {}): Due => ({
  type: 'DUE',
  now: T0,
  gen: GEN,
  view: EVEN,
  totals: SOME,
  ...change,
});
const SWEEPS: Partial<GroupSpec> = { onDeadline: 'SWEEP' };

describe('the end of a group', () => {
  // biome-ignore format: a row a line
  test.each<[string, Partial<GroupContext>, number | null]>([
    ['is none before it starts', { plan: null }, null],
    ['is none without schedule and timeout', { endsBy: null }, null],
    ['is the timeout before it starts', { plan: null, endsBy: END }, END],
    ['is the timeout where the schedule has none', { endsBy: END }, END],
    ['is that of the schedule without a timeout', ending(END), END],
    ['is that of the schedule where the timeout comes later', { ...ending(END), endsBy: END + 1 }, END],
    ['is the timeout where it comes first', { ...ending(END), endsBy: END - 1 }, END - 1],
    ['is where both come at once', { ...ending(END), endsBy: END }, END],
  ])('%s', (_, change, end) => {
    const context = contextOf(echo({}), change);
    expect(endReached(context, (end ?? END) - 1)).toBe(false);
    expect(endReached(context, end ?? END * 2)).toBe(end !== null);
    expect(wake(context)).toEqual(end === null ? [] : [{ type: 'WAKE', at: end, gen: GEN }]);
  });

  // biome-ignore format: a row a line
  test.each<[string, GroupSpec, number | null]>([
    ['neither duration nor window', single(), null],
    ['a window alone', single({ windowMs: 1000 }), T0 + 1000],
    ['a duration alone', twap(), T0 + 60_000],
    ['a window within the duration', twap({ windowMs: 59_999 }), T0 + 59_999],
    ['a window beyond the duration', twap({ windowMs: 60_001 }), T0 + 60_000],
  ])('of a schedule with %s', (_, spec, end) => expect(scheduleEnd(spec, T0, STRATEGIES)).toBe(end));
});

describe('the sweep', () => {
  // biome-ignore format: a row a line
  test.each<[string, GroupContext, number | null]>([
    ['comes its lead before the end', sweeping(), SWEEP],
    ['comes its lead before a timeout', sweeping({ plan: null, endsBy: END }), SWEEP],
    ['has its time while it awaits quiet', sweeping({ sweep: 'AWAITING' }), SWEEP],
    ['comes once', sweeping({ sweep: 'DONE' }), null],
    ['never comes without an end', sweeping(ending(null)), null],
    ['never comes under on_deadline CANCEL', contextOf(echo({}), ending(END)), null],
    ['never comes under on_deadline LEAVE', contextOf(echo({}, { onDeadline: 'LEAVE' }), ending(END)), null],
  ])('%s', (_, context, at) => expect(sweepAt(context)).toBe(at));
});

describe('the one timer of a group', () => {
  const [SOON, LATER] = [T0 + 1000, T0 + 2000];
  // biome-ignore format: a row a line
  test.each<[string, GroupContext, number | null]>([
    ['is none with nothing to come', contextOf(echo({})), null],
    ['is the planner\'s own', contextOf(echo({}), { planAt: SOON }), SOON],
    ['is the ask', contextOf(echo({}), { ask: 'FILL', askAt: SOON }), SOON],
    ['is the planner\'s own before the ask', contextOf(echo({}), { planAt: SOON, ask: 'FILL', askAt: LATER }), SOON],
    ['is the ask before the planner\'s own', contextOf(echo({}), { planAt: LATER, ask: 'FILL', askAt: SOON }), SOON],
    ['is the sweep before the end', sweeping(), SWEEP],
    ['is the planner\'s own before the sweep', sweeping({ planAt: SOON }), SOON],
    ['is the sweep before the planner\'s own', sweeping({ planAt: SWEEP + 1 }), SWEEP],
    ['is the sweep before another ask', sweeping({ ask: 'REPRICE', askAt: SWEEP + 1 }), SWEEP],
    ['is the end while the sweep awaits quiet', sweeping({ sweep: 'AWAITING' }), END],
    ['is the end after the sweep', sweeping({ sweep: 'DONE' }), END],
    ['is the ask where the sweep is one', sweeping({ ask: 'SWEEP', askAt: SWEEP + 1 }), SWEEP + 1],
    ['is the end before an ask for the sweep', sweeping({ ask: 'SWEEP', askAt: END + 1 }), END],
    ['is the ask where a sweep that awaited quiet is one', sweeping({ sweep: 'AWAITING', ask: 'SWEEP', askAt: SWEEP + 1 }), SWEEP + 1],
    ['is the end before the planner\'s own', contextOf(echo({}), { ...ending(END), planAt: END + 1 }), END],
  ])('%s', (_, context, at) => {
    expect(wake(context)).toEqual(at === null ? [] : [{ type: 'WAKE', at, gen: GEN }]);
  });
});

interface Echoed {
  readonly before: unknown;
  readonly plan: StrategyContext<unknown>;
  readonly ask: Ask;
}
const asked = (context: GroupContext, event: Timed): Echoed =>
  planned(context, event, WITH_ECHO).state as Echoed;

describe('what the planner is asked', () => {
  const FILL = { ask: 'FILL', askAt: T0 } as const;
  // biome-ignore format: a row a line
  test.each<[Ask, string, GroupContext, Timed]>([
    ['START', 'at the start', contextOf(echo({}), FILL), start()],
    ['WAKE', 'at its own time', contextOf(echo({}), { planAt: T0 }), due()],
    ['FILL', 'as an ask comes due', contextOf(echo({}), FILL), due()],
    ['FILL', 'as an ask is overdue', contextOf(echo({}), FILL), due({ now: T0 + 1 })],
    ['WAKE', 'before an ask is due', contextOf(echo({}), FILL), due({ now: T0 - 1 })],
    ['WAKE', 'where an ask has no time', contextOf(echo({}), { ask: 'FILL' }), due()],
    ['WAKE', 'where a time has no ask', contextOf(echo({}), { askAt: T0 }), due()],
    ['TRIGGER', 'as a watched price was left', contextOf(echo({})), due({ triggered: true })],
    ['WAKE', 'as none was left', contextOf(echo({})), due({ triggered: false })],
    ['FILL', 'as a watched price was left and an ask is due', contextOf(echo({}), FILL), due({ triggered: true })],
    ['SWEEP', 'as the sweep is due', sweeping(), due({ now: SWEEP })],
    ['WAKE', 'before the sweep is due', sweeping(), due({ now: SWEEP - 1 })],
    ['SWEEP', 'as sweep and ask are due', sweeping(FILL), due({ now: SWEEP })],
    ['FILL', 'while the sweep awaits quiet', sweeping({ ...FILL, sweep: 'AWAITING' }), due({ now: SWEEP })],
    ['WAKE', 'after the sweep', sweeping({ sweep: 'DONE' }), due({ now: SWEEP })],
  ])('is %s %s', (ask, _, context, event) => {
    expect(asked(context, event).ask).toBe(ask);
  });

  test('comes with the state, the progress, the view and the time', () => {
    const slots = [{ slot: 0, quantity: 5, filled: 4, isLive: true }];
    const context = contextOf(echo({}), { state: { n: 1 }, cap: 9, limitPrice: '90' });
    const totals = { filled: 4, leaves: 1, unknown: 2, live: 3 };
    expect(asked(context, due({ totals, slots }))).toEqual({
      before: { n: 1 },
      plan: context.plan,
      progress: { ...totals, cap: 9, limitPrice: '90', slots },
      view: EVEN,
      now: T0,
      ask: 'WAKE',
    });
  });
});

describe('what never changes for the planner', () => {
  const abilities = { stopOrders: true };
  const { startVolume: _, ...bare } = planOf({});
  // biome-ignore format: a row a line
  test.each<[string, Partial<GroupSpec>, Partial<Start>, Partial<StrategyContext<unknown>>]>([
    ['counts volume from the first view', {}, { view: { ...EVEN, volume: '12' } }, { startVolume: '12' }],
    ['counts from 0 where the view counts none', {}, {}, { startVolume: '0' }],
    ['has no volume without a view', {}, { view: null }, {}],
    ['has what the venue does by itself', { abilities }, { view: null }, { abilities }],
    ['has the end of its window', { windowMs: 1000 }, { view: null }, { endsAt: T0 + 1000 }],
    ['knows nothing of the timeout', {}, { view: null, endsBy: END }, {}],
    ['has nothing to reach where no order is needed', { target: null }, { view: null }, { target: 0 }],
  ])('%s', (_title, spec, event, change) => {
    const next = planned(contextOf(echo({}, spec), { plan: null }), start(event), WITH_ECHO);
    const plan = { ...bare, ...change };
    expect(next.plan).toStrictEqual(plan);
    expect(next.endsBy).toBe(event.endsBy ?? null);
    expect(next.state).toMatchObject({ before: { begun: plan }, plan });
    expect((next.state as { before: { begun: unknown } }).before.begun).toStrictEqual(plan);
  });

  // biome-ignore format: a row a line
  test.each<[string, string | undefined, Due, string | undefined]>([
    ['stands once volume is counted', '3', due({ view: { ...EVEN, volume: '12' } }), '3'],
    ['stands while the source is silent', undefined, due({ view: null }), undefined],
    ['counts volume from the first word on', undefined, due({ view: { ...EVEN, volume: '12' } }), '12'],
    ['counts from 0 where the first word counts none', undefined, due(), '0'],
  ])('%s', (_title, before, event, after) => {
    const plan = before === undefined ? bare : { ...bare, startVolume: before };
    const next = planned(contextOf(echo({}), { plan }), event, WITH_ECHO);
    expect(next.plan).toStrictEqual(after === undefined ? bare : { ...bare, startVolume: after });
    expect((next.state as Echoed).plan).toStrictEqual(next.plan);
    if (before === after) expect(next.plan).toBe(plan);
  });
});

describe('the planner is asked', () => {
  const counted = () => {
    let calls = 0;
    const base = WITH_ECHO.get('ECHO') as AnyStrategy;
    const decide: AnyStrategy['decide'] = (...args) => {
      calls++;
      return base.decide(...args);
    };
    return { strategies: new Map([['ECHO', { ...base, decide }]]), calls: () => calls };
  };
  const FAULTY = { WAKE: { fault: 'threw' } };

  test('once for the guards and the update of one step', () => {
    const { strategies, calls } = counted();
    const [context, event] = [contextOf(echo({})), due()];
    expect(planFaults(context, event, strategies)).toBe(false);
    expect(planEnds(context, event, strategies)).toBe(false);
    planned(context, event, strategies);
    expect(calls()).toBe(1);
  });

  test('anew once the update is made', () => {
    const { strategies, calls } = counted();
    const [context, event] = [contextOf(echo({})), due()];
    expect(planned(context, event, strategies)).toEqual(planned(context, event, strategies));
    expect(calls()).toBe(2);
  });

  test('anew for another context of the same event', () => {
    const event = due();
    expect(planFaults(contextOf(echo({})), event, WITH_ECHO)).toBe(false);
    expect(planFaults(contextOf(echo(FAULTY)), event, WITH_ECHO)).toBe(true);
  });

  test('anew for another event in the same context', () => {
    const context = contextOf(echo(FAULTY));
    expect(planFaults(context, due({ triggered: true }), WITH_ECHO)).toBe(false);
    expect(planFaults(context, due(), WITH_ECHO)).toBe(true);
  });
});

const at = (time: number, gen = GEN + 1): GroupIntent => ({ type: 'WAKE', at: time, gen });
const place = (slot: number): GroupIntent => ({ type: 'PLACE', slot, order: ORDER });
const watch = (band: typeof BAND | null): GroupIntent => ({ type: 'WATCH', band, gen: GEN + 1 });
const LATER = T0 + 9000;
const REPRICE = { ask: 'REPRICE', askAt: T0 } as const;

interface Answered {
  readonly when: string;
  readonly answers: Parameters<typeof echo>[0];
  readonly spec?: Partial<GroupSpec>;
  readonly given?: Partial<GroupContext>;
  readonly event?: Timed;
  /** Beside totals, state, gen, and the ask that is over. */
  readonly change: Partial<GroupContext>;
}

// biome-ignore format: a row a line
const ANSWERS: readonly Answered[] = [
  { when: 'nothing', answers: {}, change: { out: [] } },
  { when: 'a time', answers: { WAKE: { wakeAt: LATER } }, change: { planAt: LATER, out: [at(LATER)] } },
  { when: 'two orders', answers: { WAKE: { orders: [ORDER, ORDER] } }, given: { slot: 3 }, change: { slot: 5, out: [place(3), place(4)] } },
  { when: 'its last order', answers: { WAKE: { orders: [ORDER], exhausted: true } }, change: { slot: 1, exhausted: true, out: [place(0)] } },
  { when: 'fewer orders than it may', answers: { WAKE: { orders: [ORDER] } }, spec: { ordersMax: 3 }, given: { slot: 1 }, change: { slot: 2, out: [place(1)] } },
  { when: 'as many orders as it may', answers: { WAKE: { orders: [ORDER] } }, spec: { ordersMax: 2 }, given: { slot: 1 }, change: { slot: 2, exhausted: true, out: [place(1)] } },
  { when: 'more orders than it may', answers: { WAKE: { orders: [ORDER] } }, spec: { ordersMax: 1 }, given: { slot: 1 }, change: { slot: 2, exhausted: true, out: [place(1)] } },
  { when: 'later, at its own time', answers: { WAKE: { deferred: true, wakeAt: LATER } }, change: { planAt: LATER, out: [at(LATER)] } },
  { when: 'later, to an ask', answers: { REPRICE: { deferred: true, wakeAt: LATER } }, given: { ...REPRICE, planAt: LATER + 1 }, change: { ask: 'REPRICE', askAt: LATER, planAt: null, out: [at(LATER)] } },
  { when: 'a time, to an ask', answers: { REPRICE: { wakeAt: LATER } }, given: REPRICE, change: { planAt: LATER, out: [at(LATER)] } },
  { when: 'later, at the start', answers: { START: { deferred: true, wakeAt: LATER } }, event: start(), change: { ask: 'START', askAt: LATER, out: [at(LATER)] } },
  { when: 'nothing ever, at the start', answers: { START: { exhausted: true } }, event: start(), change: { exhausted: true, planAt: T0, out: [at(T0)] } },
  { when: 'its last order, at the start', answers: { START: { exhausted: true, orders: [ORDER] } }, event: start(), change: { exhausted: true, slot: 1, out: [place(0)] } },
  { when: 'nothing yet, at the start', answers: { START: { wakeAt: LATER } }, event: start(), change: { planAt: LATER, out: [at(LATER)] } },
  { when: 'nothing ever', answers: { WAKE: { exhausted: true } }, change: { exhausted: true, out: [] } },
  { when: 'nothing more at the start, a sweep to come', answers: { START: { exhausted: true } }, spec: { ...SWEEPS, windowMs: END - T0 }, event: start(), change: { exhausted: true, out: [at(SWEEP)] } },
  { when: 'the sweep', answers: { SWEEP: { orders: [ORDER] } }, spec: SWEEPS, given: { endsBy: END }, event: due({ now: SWEEP }), change: { slot: 1, sweep: 'DONE', out: [place(0), at(END)] } },
  { when: 'later, to the sweep', answers: { SWEEP: { deferred: true, wakeAt: SWEEP + 1 } }, spec: SWEEPS, given: { endsBy: END }, event: due({ now: SWEEP }), change: { ask: 'SWEEP', askAt: SWEEP + 1, out: [at(SWEEP + 1)] } },
  { when: 'orders, the sweep to come', answers: { WAKE: { orders: [ORDER] } }, spec: SWEEPS, given: { endsBy: END }, change: { slot: 1, out: [place(0), at(SWEEP)] } },
  { when: 'a band', answers: { WAKE: { watch: BAND } }, change: { watchGen: GEN + 1, out: [watch(BAND)] } },
  { when: 'another band', answers: { WAKE: { watch: BAND } }, given: { watchGen: 2 }, change: { watchGen: GEN + 1, out: [watch(BAND)] } },
  { when: 'no band any more', answers: {}, given: { watchGen: 2 }, change: { watchGen: null, out: [watch(null)] } },
  { when: 'band, order and time', answers: { WAKE: { watch: BAND, orders: [ORDER], wakeAt: LATER } }, change: { slot: 1, planAt: LATER, watchGen: GEN + 1, out: [watch(BAND), place(0), at(LATER)] } },
  { when: 'to cancel, orders open', answers: { WAKE: { cancels: true, watch: BAND, wakeAt: LATER } }, event: due({ totals: SOME_OPEN }), change: { repricing: true, planAt: LATER, watchGen: GEN + 1, out: [{ type: 'CANCEL_ALL' }, watch(BAND), at(LATER)] } },
  { when: 'to cancel, nothing open', answers: { WAKE: { cancels: true, watch: BAND, wakeAt: LATER } }, change: { ...REPRICE, planAt: LATER, watchGen: GEN + 1, out: [watch(BAND), at(T0)] } },
  { when: 'nothing, beside what it has no say in', answers: {}, given: { cap: 8, limitPrice: '90', repricing: true, rejects: 2, cause: 'timeout', exhausted: true }, change: { exhausted: false, out: [] } },
];

describe("the planner's answer", () => {
  test.each(ANSWERS.map((row) => [row.when, row] as const))('is %s', (_, row) => {
    const context = contextOf(echo(row.answers, row.spec), row.given);
    const event = row.event ?? due();
    const next = planned(context, event, WITH_ECHO);
    const { params, windowMs } = context.spec;
    const plan = planOf(params, windowMs === null ? {} : { endsAt: T0 + windowMs });
    expect(next).toEqual({
      ...context,
      plan,
      totals: event.totals,
      state: expect.objectContaining({ now: event.now }),
      ask: null,
      askAt: null,
      planAt: null,
      gen: GEN + 1,
      ...row.change,
    });
  });
});

describe('the planner has nothing more to do', () => {
  const ENDS = { exhausted: true };
  // biome-ignore format: a row a line
  test.each<[boolean, string, Parameters<typeof echo>[0], GroupSpec['onDeadline'], Due]>([
    [true, 'with its last order planned and ended', { WAKE: ENDS }, 'CANCEL', due()],
    [false, 'with an order open', { WAKE: ENDS }, 'CANCEL', due({ totals: SOME_OPEN })],
    [false, 'with more to plan', {}, 'CANCEL', due()],
    [false, 'while it waits for a price', { WAKE: { ...ENDS, deferred: true } }, 'CANCEL', due()],
    [false, 'as it plans its last order', { WAKE: { ...ENDS, orders: [ORDER] } }, 'CANCEL', due()],
    [false, 'before its sweep', { WAKE: ENDS }, 'SWEEP', due({ now: SWEEP - 1 })],
    [true, 'as its sweep has nothing to place', { SWEEP: ENDS }, 'SWEEP', due({ now: SWEEP })],
    [true, 'as it is done', { WAKE: { done: true } }, 'SWEEP', due()],
    [false, 'as it is done with an order open', { WAKE: { done: true } }, 'SWEEP', due({ totals: OPEN })],
  ])('%s: %s', (ends, _, answers, onDeadline, event) => {
    const context = contextOf(echo(answers, { onDeadline }), { endsBy: END });
    expect(planEnds(context, event, WITH_ECHO)).toBe(ends);
  });
});

describe('a further ask', () => {
  const [SOON, MID] = [T0 + 1000, T0 + 2000];
  // biome-ignore format: a row a line
  test.each<[string, [Ask | null, number | null], [Ask, number], [Ask, number]]>([
    ['looks where none waits', [null, null], ['FILL', MID], ['FILL', MID]],
    ['looks at its own time where a time has no ask', [null, SOON], ['FILL', MID], ['FILL', MID]],
    ['to look moves the one that waits forward', ['REPRICE', MID], ['FILL', SOON], ['REPRICE', SOON]],
    ['to look does not move it back', ['REPRICE', SOON], ['ORDER_ENDED', MID], ['REPRICE', SOON]],
    ['to look does not replace another look', ['FILL', MID], ['ORDER_ENDED', SOON], ['FILL', SOON]],
    ['to place replaces a look, and its time', ['FILL', SOON], ['REPRICE', MID], ['REPRICE', MID]],
    ['to place replaces one to place', ['REPRICE', SOON], ['SWEEP', MID], ['SWEEP', MID]],
    ['to place is taken where none waits', [null, null], ['REPRICE', MID], ['REPRICE', MID]],
  ])('%s', (_, [ask, askAt], [wanted, time], [next, nextAt]) => {
    const context = contextOf(echo({}), { ask, askAt });
    expect(askLater(context, SOME_OPEN, wanted, time)).toEqual({
      ...context,
      totals: SOME_OPEN,
      ask: next,
      askAt: nextAt,
      gen: GEN + 1,
      out: [at(nextAt)],
    });
  });
});
