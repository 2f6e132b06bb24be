/**
 * The quick way through the charts is the charts: each step taken by table gives what XState gives, on every cell, on
 * random walks, and across a persisted snapshot; and a step is taken by table exactly where it is plain.
 */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type AnyStateMachine, createActor, setup } from 'xstate';
import { asActions, quickly } from '../../src/machines/chart.js';
import { T0 } from '../strategies/support.js';
import { BATCH_SAMPLE, MODES } from './batch-facts.js';
import * as batchTable from './batch-table.js';
import { type Outlet, type Shot, stateText } from './charts.js';
import { due, IDLE, single, twap } from './group-facts.js';
import * as groupTable from './group-table.js';

import { batchPair, expectSame, GROUP, type Pair, stepAll } from './pairs.js';
import { batchWalks, GROUP_WALKS, type Walks, walks } from './walks.js';

/** Every event in every situation: the first step that a quick machine takes so, and the ones after it. */
function stepCells<E extends { type: string }, I, C extends Outlet>(
  { slow, quick, fresh }: Pair<E, I, C>,
  situations: readonly Shot<C>[],
  events: readonly E[],
): number {
  const charts = [slow, quick, fresh()];
  for (const shot of situations) {
    const shots = [shot, shot, shot];
    for (const event of events) {
      stepAll(charts, shots, event);
      stepAll(charts, shots, event);
    }
  }
  return situations.length * events.length;
}

const everywhere = <E extends { type: string }, I, C extends Outlet>(
  { slow }: Pair<E, I, C>,
  context: C,
): Shot<C>[] => slow.atomic.map((state) => slow.place(state, context));

describe('on every cell of the table', () => {
  test('the quick group machine steps as the group machine', () => {
    const rows = groupTable.TABLE.map((row) => groupTable.situation(row));
    const events = [...groupTable.TABLE.map(({ event }) => event), ...groupTable.ONE_OF_EACH];
    const states = everywhere(GROUP, groupTable.situation({ from: 'working', spec: twap() }).context);
    expect(stepCells(GROUP, [...rows, ...states], events)).toBeGreaterThan(5000);
  });

  test.each(MODES)('the quick %s batch machine steps as the batch machine', (mode) => {
    const pair = batchPair(mode);
    const table = batchTable.TABLES[mode];
    const rows = table.map((row) => batchTable.situation(mode, row));
    const events = [...table.map(({ event }) => event), ...BATCH_SAMPLE];
    const states = everywhere(pair, batchTable.situation(mode, { from: 'refused' }).context);
    expect(stepCells(pair, [...rows, ...states], events)).toBeGreaterThan(2500);
  });

  test('a mistake of the caller throws in both', () => {
    for (const { initial, step } of [GROUP.slow, GROUP.quick]) {
      const shot = initial({ spec: single() });
      expect(() => step(shot, due(0, T0, IDLE))).toThrow('a group plans only after START');
    }
  });
});

/** Does the step enter a state with entry actions, or begin or end in one with eventless transitions? */
function isPlain(machine: AnyStateMachine, from: string, next: string, taken: readonly string[]): boolean {
  const node = (state: string) => machine.getStateNodeById(`${machine.id}.${state}`);
  const [only = ''] = taken;
  if (taken.length !== 1 || only.includes(' * ') || (node(from).always ?? []).length > 0) return false;
  return from === next || (node(next).entry.length === 0 && (node(next).always ?? []).length === 0);
}

describe('a step is left to XState where it is not plain, and nowhere else', () => {
  const check = <E extends { type: string }, I, C extends Outlet>(
    { slow, fresh }: Pair<E, I, C>,
    cells: readonly { readonly shot: Shot<C>; readonly event: E }[],
  ): number => {
    const quick = fresh();
    let plain = 0;
    for (const { shot, event } of cells) {
      const wanted = slow.step(shot, event);
      const isByTable = isPlain(
        slow.machine,
        stateText(shot.value),
        stateText(wanted.shot.value),
        wanted.taken,
      );
      quick.step(shot, event);
      expect(quick.step(shot, event).taken).toEqual(isByTable ? [] : wanted.taken);
      if (isByTable) plain++;
    }
    return plain;
  };

  test('in the group machine', () => {
    const cells = groupTable.TABLE.map((row) => ({ shot: groupTable.situation(row), event: row.event }));
    expect(check(GROUP, cells)).toBeGreaterThan(cells.length / 3);
  });

  test.each(MODES)('in the %s batch machine', (mode) => {
    const cells = batchTable.TABLES[mode].map((row) => ({
      shot: batchTable.situation(mode, row),
      event: row.event,
    }));
    expect(check(batchPair(mode), cells)).toBeGreaterThan(5);
  });
});

type Walk<E, I, C> = ReturnType<typeof walks<E, I, C>> extends fc.Arbitrary<infer W> ? W : never;

/** Where the two ended, as XState has them. */
function walk<E extends { type: string }, I, C extends Outlet>(
  { slow, quick, fresh }: Pair<E, I, C>,
  { begins, steps }: Walk<E, I, C>,
): readonly Shot<C>[] {
  const charts = [slow, quick, fresh()];
  const both = begins.map(({ input, opening }) => {
    let shots = charts.map((chart) => chart.initial(input));
    for (const shot of shots) expectSame(shot, shots[0] as Shot<C>);
    for (const event of opening) shots = stepAll(charts, shots, event);
    return shots;
  });
  for (const [who, next] of steps) {
    const shots = both[who] as Shot<C>[];
    both[who] = stepAll(charts, shots, next((shots[0] as Shot<C>).context));
  }
  return both.map((shots) => shots[0] as Shot<C>);
}

const FINALS = ['cancelled', 'completed', 'failed', 'partial'];

describe('on random walks of two at a time', () => {
  const check = <E extends { type: string }, I, C extends Outlet>(
    pair: Pair<E, I, C>,
    random: Walks<E, I, C>,
  ): void => {
    const ends = new Set<string>();
    const walked = fc.property(walks(random), (one) => {
      for (const { value, status } of walk(pair, one)) if (status === 'done') ends.add(stateText(value));
    });
    fc.assert(walked, { numRuns: 1000 });
    expect([...ends].sort()).toEqual(FINALS);
  };

  test('the quick group machine stays equal to the group machine', () => check(GROUP, GROUP_WALKS));

  test.each(MODES)('the quick %s batch machine stays equal to the batch machine', (mode) =>
    check(batchPair(mode), batchWalks(mode)),
  );
});

const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

/** An actor that has taken these events. */
function running<E>(
  machine: AnyStateMachine,
  from: { input: unknown } | { snapshot: unknown },
  events: readonly E[],
) {
  const actor = createActor(machine, from as Parameters<typeof createActor>[1]).start();
  for (const event of events) actor.send(event as { type: string });
  return actor;
}

/** Goes on as `by` from what `before` has persisted; compared with one that was never interrupted. */
function takeOver<E extends { type: string }>(
  { by, before }: { readonly by: AnyStateMachine; readonly before: AnyStateMachine },
  input: unknown,
  events: readonly E[],
  cut: number,
): void {
  const kept = plain(running(before, { input }, events.slice(0, cut)).getPersistedSnapshot());
  const whole = running(by, { input }, events.slice(0, cut));
  expect(plain(whole.getPersistedSnapshot())).toEqual(kept);
  const heir = running(by, { snapshot: kept }, events.slice(cut));
  for (const event of events.slice(cut)) whole.send(event);
  expect(plain(heir.getPersistedSnapshot())).toEqual(plain(whole.getPersistedSnapshot()));
}

describe('a persisted snapshot of either is taken on by the other', () => {
  /** The events of a walk's first half, as they come about on the machine itself. */
  const told = <E extends { type: string }, I, C extends Outlet>(
    { slow }: Pair<E, I, C>,
    { begins, steps }: Walk<E, I, C>,
  ): E[] => {
    const [{ input, opening }] = begins;
    let shot = slow.initial(input);
    const events: E[] = [];
    for (const next of [...opening.map((event) => () => event), ...steps.map(([, step]) => step)]) {
      // An actor that has ended warns of every further event.
      if (shot.status === 'done') break;
      const event = next(shot.context);
      events.push(event);
      ({ shot } = slow.step(shot, event));
    }
    return events;
  };
  const check = <E extends { type: string }, I, C extends Outlet>(
    pair: Pair<E, I, C>,
    random: Walks<E, I, C>,
  ): void => {
    const [slow, quick] = [pair.slow.machine, pair.quick.machine];
    const walked = fc.property(walks(random), fc.nat({ max: 20 }), (one, cut) => {
      const { input } = one.begins[0];
      const events = told(pair, one);
      takeOver({ by: slow, before: quick }, input, events, cut);
      takeOver({ by: quick, before: slow }, input, events, cut);
    });
    fc.assert(walked, { numRuns: 200 });
  };

  test('in the group machine', () => check(GROUP, GROUP_WALKS));

  test.each(MODES)('in the %s batch machine', (mode) => check(batchPair(mode), batchWalks(mode)));
});

/** What our charts do not have: a direct way to an end whose output differs, and entries two levels down. */
describe('a chart of other shape', () => {
  interface Count extends Outlet {
    readonly n: number;
    readonly entered: number;
  }
  type Tick = { type: 'ADD'; by: number } | { type: 'END' } | { type: 'DIVE' } | { type: 'KEEP' };
  const vocabulary = {
    guards: {},
    updates: {
      add: (context: Count, event: Tick) =>
        event.type === 'ADD' ? { ...context, n: context.n + event.by } : context,
      keep: (context: Count) => context,
      enter: (context: Count) => ({ ...context, entered: context.entered + 1 }),
    },
  };
  const toy = setup({
    types: { context: {} as Count, events: {} as Tick, input: {} as { n: number }, output: {} as number },
    actions: asActions<Count, Tick, 'add' | 'keep' | 'enter'>(vocabulary.updates),
  }).createMachine({
    id: 'toy',
    initial: 'up',
    context: ({ input }) => ({ n: input.n, entered: 0, out: [] }),
    output: ({ context }) => context.n,
    states: {
      up: {
        on: {
          ADD: { actions: 'add' },
          KEEP: { actions: 'keep' },
          END: { target: 'over' },
          DIVE: { target: 'down' },
        },
      },
      down: {
        initial: 'deep',
        states: {
          deep: { initial: 'floor', states: { floor: { entry: 'enter', on: { END: '#toy.over' } } } },
        },
      },
      over: { type: 'final' },
    },
  });
  const quick = quickly<typeof toy, Count, Tick>(toy, vocabulary);
  const run = (machine: AnyStateMachine, n: number, events: readonly Tick[]) =>
    plain(running(machine, { input: { n } }, events).getPersistedSnapshot());

  test.each([1, 2, 3])('gives the output of its own context, group %i', (n) => {
    const events: Tick[] = [{ type: 'ADD', by: 10 }, { type: 'END' }];
    expect(run(quick, n, events)).toEqual(run(toy, n, events));
    expect(run(quick, n, events)).toMatchObject({ status: 'done', output: n + 10 });
  });

  test.each([1, 2, 3])('runs the entry of the state that a target leads down to, group %i', (n) => {
    expect(run(quick, n, [{ type: 'DIVE' }])).toEqual(run(toy, n, [{ type: 'DIVE' }]));
    expect(run(quick, n, [{ type: 'DIVE' }])).toMatchObject({ context: { n, entered: 1 } });
  });

  test('a step that changes nothing gives the snapshot it was given', () => {
    const scope = createActor(quick, { input: { n: 1 } }) as unknown as Parameters<
      typeof quick.transition
    >[2];
    const up = createActor(quick, { input: { n: 1 } }).getSnapshot();
    expect(quick.transition(up, { type: 'KEEP' }, scope)).toBe(up);
  });
});
