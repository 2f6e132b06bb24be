/**
 * Every transition candidate of every machine is taken on some walk from its start, with real strategies; and what
 * must hold at each state met: contexts survive JSON, an event is handled, reported or (at the end) absorbed, and no
 * intent leaves a machine twice.
 */
import { describe, expect, test } from '@jest/globals';
import type { BatchContext } from '../../src/machines/batch.js';
import type { GroupContext, GroupEvent, GroupSpec } from '../../src/machines/group-model.js';
import { singleParams, T0 } from '../strategies/support.js';
import { BATCH_SAMPLE, batchInputs, CHARTS, MODES } from './batch-facts.js';
import type { Shot } from './charts.js';
import { explore, type Findings } from './explore.js';
import {
  amend,
  blocked,
  DUST,
  due,
  END,
  ended,
  FULL,
  FULL_OPEN,
  groupChart,
  IDLE,
  placed,
  scripted,
  SLICE_2,
  SOME,
  SOME_OPEN,
  STALE,
  SWEEP,
  single,
  startAt,
  stop,
  targetReached,
  twap,
  unknownChanged,
  iceberg,
  layered,
  ladder,
  chased,
  filled,
  triggered,
} from './group-facts.js';

/** Candidates that no walk can take, each with its reason. None are known. */
const IMPOSSIBLE: Readonly<Record<string, string>> = {};

const unvisited = (candidates: readonly string[], found: Findings): string[] =>
  candidates.filter((name) => !found.taken.has(name) && IMPOSSIBLE[name] === undefined);

/** `settling` is passed through, never rested in. */
const rested = (atomic: readonly string[]): string[] => atomic.filter((state) => state !== 'settling').sort();

const GROUPS: readonly { spec: GroupSpec }[] = [
  single(),
  single({ target: null }),
  single({ instrument: DUST }),
  single({ onReject: 'RETRY' }),
  single({ onReject: 'SKIP', params: singleParams({ attempts: 2 }) }),
  twap(),
  twap({ onDeadline: 'SWEEP', onReject: 'SKIP' }),
  twap({ onDeadline: 'LEAVE', onReject: 'RETRY' }),
  iceberg(),
  layered({ onReject: 'SKIP' }),
  ladder(),
  chased({ onReject: 'RETRY' }),
  scripted({ START: { fault: 'threw' } }),
  scripted({ WAKE: { fault: 'threw' } }),
].map((spec) => ({ spec }));

const TOTALS = [IDLE, SOME, SOME_OPEN, FULL, FULL_OPEN];
const ORDER_ENDS: readonly GroupEvent[] = TOTALS.flatMap((totals) =>
  (['FILLED', 'CANCELED', 'REJECTED', 'EXPIRED', 'NOT_SENT'] as const).map((outcome) =>
    ended(outcome, totals),
  ),
);
const ALWAYS: readonly GroupEvent[] = [
  placed,
  filled(SOME_OPEN),
  ...ORDER_ENDS,
  ...[IDLE, SOME_OPEN].flatMap((totals) => [
    blocked('STOP', totals),
    blocked('SLOT', totals),
    blocked('DEFER', totals),
    unknownChanged(totals),
    stop('kill', totals),
    stop('timeout', totals),
    stop('execution_error', totals),
    amend(4, totals),
  ]),
  amend(4, SOME),
  amend(null, SOME_OPEN, '90'),
  targetReached(FULL),
  targetReached(FULL_OPEN),
];

/** START comes first (a wake before it is a mistake of the caller) and, while pending, once. */
function groupSample({ context, value }: Shot<GroupContext>): readonly GroupEvent[] {
  const starts = context.plan === null ? [startAt(), startAt(null), startAt(undefined, SLICE_2)] : [];
  if (context.plan === null) return [...starts, ...ALWAYS];
  const dues = [SOME, SOME_OPEN].flatMap((totals) => [
    ...[T0 + 1000, SLICE_2, SWEEP, END].map((now) => due(context.gen, now, totals)),
    due(STALE, END, totals),
    triggered(context.watchGen ?? STALE, totals),
  ]);
  return [...dues, ...(value === 'pending' ? [] : [startAt()]), ...ALWAYS];
}

/** What guards read, as far as they tell it apart; the sampled events bring every total and time. */
const groupKey = (context: GroupContext): unknown =>
  context.cause !== null
    ? context.cause
    : [
        context.plan === null,
        context.cap,
        context.exhausted,
        context.sweep,
        context.ask,
        context.repricing,
        context.watchGen === null,
        context.rejects,
      ];

describe('walks of the group machine', () => {
  const found = explore(groupChart, GROUPS, { sample: groupSample, key: groupKey });

  test('take every candidate', () => {
    expect(groupChart.candidates.length).toBeGreaterThan(50);
    expect(unvisited(groupChart.candidates, found)).toEqual([]);
  });

  test('rest in every state', () => {
    expect([...found.states].sort()).toEqual(rested(groupChart.atomic));
  });

  test('keep contexts plain, handle or report every event, and emit no intent twice', () => {
    expect(found.explored).toBeGreaterThan(500);
    expect(found.broken).toEqual([]);
  });
});

/** What guards read; each event brings its own tally. */
const batchKey = ({ legs, cause, fills, graceOver: over }: BatchContext): unknown => [
  legs,
  cause,
  fills,
  over,
];

describe.each(MODES)('walks of the %s batch machine', (mode) => {
  const chart = CHARTS[mode];
  const found = explore(chart, batchInputs(mode), { sample: () => BATCH_SAMPLE, key: batchKey });

  test('take every candidate', () => {
    expect(chart.candidates.length).toBeGreaterThan(20);
    expect(unvisited(chart.candidates, found)).toEqual([]);
  });

  test('rest in every state', () => {
    expect([...found.states].sort()).toEqual(rested(chart.atomic));
  });

  test('keep contexts plain, handle or report every event, and emit no intent twice', () => {
    expect(found.explored).toBeGreaterThan(50);
    expect(found.broken).toEqual([]);
  });
});
