/**
 * Each machine as XState steps it and as it is stepped the quick way, and what it is that both come to the same.
 *
 * Owns the comparison: all that a snapshot shows, and whether `out` is a new list, as intents are taken by its identity.
 */
import { isDeepStrictEqual } from 'node:util';
import { expect } from '@jest/globals';
import type { AnyStateMachine } from 'xstate';
import {
  BATCH_MACHINES,
  type BatchContext,
  type BatchEvent,
  type BatchInput,
  QUICK_BATCH_MACHINES,
} from '../../src/machines/batch.js';
import { batchGuards, batchUpdates } from '../../src/machines/batch-rules.js';
import { quickly } from '../../src/machines/chart.js';
import { groupMachine, quickGroupMachine } from '../../src/machines/group.js';
import type { GroupContext, GroupEvent, GroupSpec } from '../../src/machines/group-model.js';
import { groupGuards, groupUpdates } from '../../src/machines/group-rules.js';
import type { Mode } from './batch-facts.js';
import { type Chart, chartOf, type Outlet, type Shot } from './charts.js';
import { groupChart } from './group-facts.js';

/** A machine stepped by XState, and the same machine the quick way. */
export interface Pair<E extends { type: string }, I, C extends Outlet> {
  readonly slow: Chart<E, I, C>;
  /** As the hosts run it: it has taken many steps already. */
  readonly quick: Chart<E, I, C>;
  /** One that has taken no step yet. */
  fresh(): Chart<E, I, C>;
}

export const GROUP: Pair<GroupEvent, { spec: GroupSpec }, GroupContext> = {
  slow: groupChart,
  quick: chartOf(quickGroupMachine),
  fresh: () =>
    chartOf(
      quickly<typeof groupMachine, GroupContext, GroupEvent>(groupMachine, {
        guards: groupGuards,
        updates: groupUpdates,
      }),
    ),
};

export const batchPair = (mode: Mode): Pair<BatchEvent, BatchInput, BatchContext> => ({
  slow: chartOf(BATCH_MACHINES[mode]),
  quick: chartOf(QUICK_BATCH_MACHINES[mode]),
  fresh: () =>
    chartOf(
      quickly<AnyStateMachine, BatchContext, BatchEvent>(BATCH_MACHINES[mode], {
        guards: batchGuards,
        updates: batchUpdates,
      }),
    ),
});

/** All that a snapshot shows, but the machine it belongs to. */
function faceOf(shot: Shot<Outlet>): Record<string, unknown> {
  const { machine: _, _nodes, tags, ...rest } = shot as unknown as Record<string, unknown>;
  return {
    ...rest,
    tags: [...(tags as Set<string>)],
    nodes: (_nodes as readonly { id: string }[]).map(({ id }) => id),
  };
}

/** `expect` costs much more than a comparison, and is only wanted for what it says about a difference. */
export function expectSame(quick: Shot<Outlet>, slow: Shot<Outlet>): void {
  if (!isDeepStrictEqual(faceOf(quick), faceOf(slow))) expect(faceOf(quick)).toEqual(faceOf(slow));
}

const isTaken = (before: Shot<Outlet>, after: Shot<Outlet>): boolean =>
  after.context.out !== before.context.out;

/** Steps each machine from its own snapshot; all must come to the same. */
export function stepAll<E extends { type: string }, C extends Outlet>(
  [slow, ...quick]: readonly Chart<E, never, C>[],
  shots: readonly Shot<C>[],
  event: E,
): Shot<C>[] {
  const before = shots[0] as Shot<C>;
  const expected = (slow as Chart<E, never, C>).step(before, event).shot;
  const others = quick.map((chart, i) => {
    const from = shots[i + 1] as Shot<C>;
    const { shot } = chart.step(from, event);
    expectSame(shot, expected);
    if (isTaken(from, shot) !== isTaken(before, expected))
      throw new Error('intents would be taken twice or not at all');
    return shot;
  });
  return [expected, ...others];
}
