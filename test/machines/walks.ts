/** Random walks of the machines: inputs, and events that depend on where a walk stands. */
import fc from 'fast-check';
import type { BatchContext, BatchEvent, BatchInput } from '../../src/machines/batch.js';
import type { GroupContext, GroupEvent, GroupSpec } from '../../src/machines/group-model.js';
import {
  ALL_UNWINDABLE,
  BATCH_SAMPLE,
  batchInputs,
  legFailed,
  legSettled,
  type Mode,
  NOTHING,
  start as startBatch,
} from './batch-facts.js';
import { T0 } from '../strategies/support.js';
import {
  amend,
  blocked,
  chased,
  DUST,
  due,
  END,
  ended,
  FULL,
  FULL_OPEN,
  filled,
  IDLE,
  iceberg,
  LOST,
  ladder,
  layered,
  OPEN,
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
  triggered,
  twap,
  unknownChanged,
} from './group-facts.js';

const SPECS: readonly { spec: GroupSpec }[] = [
  single(),
  single({ target: null }),
  single({ instrument: DUST }),
  single({ onReject: 'RETRY' }),
  twap({ onReject: 'SKIP' }),
  twap({ onDeadline: 'SWEEP', onReject: 'RETRY' }),
  twap({ onDeadline: 'LEAVE', onReject: 'RETRY' }),
  iceberg({ onReject: 'RETRY' }),
  layered({ onReject: 'SKIP' }),
  ladder(),
  chased({ onReject: 'RETRY' }),
  scripted({ WAKE: { fault: 'threw' } }),
].map((spec) => ({ spec }));

export type Next<E, C> = (context: C) => E;

const TOTALS = [IDLE, OPEN, LOST, SOME, SOME_OPEN];
const TIMES = [T0, T0 + 1000, SLICE_2, SWEEP];

/** Events of a group that goes on for a while: ends are rare among them. A wake before START is a caller's mistake. */
const groupSteps: fc.Arbitrary<Next<GroupEvent, GroupContext>> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc
      .tuple(fc.constantFrom(...TIMES), fc.constantFrom(...TOTALS), fc.boolean())
      .map(([now, totals, isTrigger]) => ({ plan, gen, watchGen }: GroupContext) => {
        if (plan === null) return startAt();
        return isTrigger ? triggered(watchGen ?? STALE, totals) : due(gen, now, totals);
      }),
  },
  {
    weight: 6,
    arbitrary: fc
      .constantFrom<GroupEvent>(
        placed,
        filled(SOME_OPEN),
        unknownChanged(LOST),
        ...TOTALS.flatMap((totals) => [ended('FILLED', totals), ended('CANCELED', totals)]),
        ended('REJECTED', SOME_OPEN),
        ended('NOT_SENT', SOME_OPEN),
      )
      .map((event) => () => event),
  },
  {
    weight: 2,
    arbitrary: fc
      .constantFrom<GroupEvent>(
        startAt(null),
        blocked('DEFER', SOME_OPEN),
        blocked('SLOT', SOME_OPEN),
        amend(5, SOME_OPEN),
        amend(null, SOME, '90'),
      )
      .map((event) => () => event),
  },
  {
    weight: 1,
    arbitrary: fc
      .constantFrom<GroupEvent>(
        stop('kill', SOME_OPEN),
        stop('timeout', SOME_OPEN),
        blocked('STOP', IDLE),
        targetReached(FULL_OPEN),
        ended('FILLED', FULL),
        ended('REJECTED', SOME),
        amend(4, SOME),
      )
      .map((event) => () => event),
  },
  {
    weight: 1,
    arbitrary: fc.constant(({ plan, gen }: GroupContext) =>
      plan === null ? startAt() : due(gen, END, SOME),
    ),
  },
);

const batchSteps: fc.Arbitrary<Next<BatchEvent, BatchContext>> = fc
  .constantFrom(...BATCH_SAMPLE)
  .map((event) => () => event);

/** How a walk begins, so that few of them stay where they start. */
const GROUP_OPENINGS: readonly (readonly GroupEvent[])[] = [
  [],
  [startAt(null)],
  [startAt()],
  [startAt(), placed],
  [startAt(), placed],
  [startAt(), placed, stop('timeout', SOME_OPEN)],
];
const BATCH_OPENINGS: readonly (readonly BatchEvent[])[] = [
  [],
  [startBatch()],
  [startBatch(), legFailed(NOTHING)],
  [startBatch(), legFailed(NOTHING), legSettled(false, ALL_UNWINDABLE)],
];

export interface Walks<E, I, C> {
  readonly inputs: readonly I[];
  readonly openings: readonly (readonly E[])[];
  readonly steps: fc.Arbitrary<Next<E, C>>;
}

/** Two of them interleaved, so that what a machine keeps of one would show in the other. */
export const walks = <E, I, C>({ inputs, openings, steps }: Walks<E, I, C>) => {
  const begin = fc.record({ input: fc.constantFrom(...inputs), opening: fc.constantFrom(...openings) });
  return fc.record({
    begins: fc.tuple(begin, begin),
    steps: fc.array(fc.tuple(fc.nat({ max: 1 }), steps), { minLength: 5, maxLength: 40 }),
  });
};

export const GROUP_WALKS: Walks<GroupEvent, { spec: GroupSpec }, GroupContext> = {
  inputs: SPECS,
  openings: GROUP_OPENINGS,
  steps: groupSteps,
};
export const batchWalks = (mode: Mode): Walks<BatchEvent, BatchInput, BatchContext> => ({
  inputs: batchInputs(mode),
  openings: BATCH_OPENINGS,
  steps: batchSteps,
});
