/**
 * The drill: whether each reason to hold an order back holds it back alone, at each door that an order goes through.
 *
 * Owns the doors and the obstacles. The doors (the gate, the retry's gate, the second check) look for the same things
 * at different times, and in a running world what one lets through the next one stops: a run alone does not tell that
 * one of them no longer looks. Here a group that may send as the journal folds is given one obstacle, and no other.
 */
import type { Effect } from '../actors/fold.js';
import { Gateway, type GatewayPorts } from '../actors/gateway.js';
import { gate, retryGate } from '../actors/orders.js';
import type { BatchRow, GroupRow, World } from '../actors/world.js';
import type { OrderRow } from '../book/book.js';
import type { JournaledRecord } from './audit/auditor.js';
import type { Model } from './audit/model.js';

/** An order that was intended just now, and what it depends on. */
interface Scene {
  readonly world: World;
  readonly group: GroupRow;
  readonly row: OrderRow;
  readonly now: number;
  readonly halted: boolean;
}

/** Does the order go through? */
type Door = (scene: Scene) => boolean;

const isSent: Door = ({ world, group, row, now, halted }) => {
  let sent = false;
  const connector = {
    place: () => {
      sent = true;
    },
  };
  const gateway = new Gateway(world, {
    connectors: { [group.venue]: connector },
    enqueue: () => undefined,
    now: () => now,
  } as unknown as GatewayPorts);
  gateway.halted = halted;
  const { wire: order, clientOrderId: key } = row;
  gateway.perform([{ type: 'PLACE', key, venue: group.venue, order, group, row } satisfies Effect]);
  return sent;
};

const DOORS = {
  // It has its room already, so that it asks for none.
  'the gate': ({ world, group, now }) => gate(world, now, group, 0) === null,
  'the gate of retries': ({ world, group, now }) => retryGate(world, now, group) === null,
  'the second check': isSent,
} satisfies Record<string, Door>;
type DoorName = keyof typeof DOORS;

interface Obstacle {
  readonly invariant: string;
  readonly what: string;
  readonly concerns?: (group: GroupRow) => boolean;
  /** Where nothing looks for it: the planners ask before the gate, or it comes about between the doors. */
  readonly notAt?: readonly DoorName[];
  readonly impose: (scene: Scene) => Scene;
}

const withGroup = (scene: Scene, change: Partial<GroupRow>): Scene => ({
  ...scene,
  group: { ...scene.group, ...change },
});
const withBatch = (scene: Scene, change: Partial<BatchRow>): Scene =>
  withGroup(scene, { batch: { ...scene.group.batch, ...change } });
const withWorld = (scene: Scene, change: Partial<World>): Scene => ({
  ...scene,
  world: { ...scene.world, ...change },
});
const killed = (scene: Scene, scope: string): Scene => withWorld(scene, { kills: new Set([scope]) });
const down = (scene: Scene, how: 'DOWN' | 'RECONCILING'): Scene =>
  withWorld(scene, { venues: { ...scene.world.venues, down: new Map([[scene.group.venue, how]]) } });

const isLeg = ({ role }: GroupRow): boolean => role === 'LEG';
const isProtection = ({ role }: GroupRow): boolean => role === 'PROTECTION';
const isHeld = ({ role, batch }: GroupRow): boolean => role === 'LEG' && batch.mode === 'COORDINATED';
const takenBy = ({ book }: GroupRow): number => book.filled + book.leaves + book.unknown;

/** This leg has filled a lot of many, and a sibling none of its own. */
function ahead(scene: Scene): Scene {
  const { group } = scene;
  const { directive } = group.batch;
  const book = { ...group.book, filled: group.book.filled + 1 };
  const roomy = { book, target: takenBy(group) + 1, cap: takenBy(group) + 1 };
  const sibling = { ...group, book: { ...group.book, filled: 0 }, target: 1 };
  const execution_policy = { ...directive.execution_policy, max_leg_imbalance: '0' } as NonNullable<
    typeof directive.execution_policy
  >;
  return withBatch(withGroup(scene, roomy), {
    directive: { ...directive, execution_policy },
    legs: [{ ...group, ...roomy }, sibling],
  });
}

const OBSTACLES: readonly Obstacle[] = [
  {
    invariant: 'I27',
    what: 'its group is stopping',
    impose: (scene) => withGroup(scene, { stopping: true }),
  },
  {
    ...{ invariant: 'I27', what: 'its batch is stopping', concerns: isLeg },
    impose: (scene) => withBatch(scene, { stopping: true }),
  },
  { invariant: 'I28', what: 'everything is killed', impose: (scene) => killed(scene, 'all') },
  {
    ...{ invariant: 'I28', what: 'its venue is killed' },
    impose: (scene) => killed(scene, `venue:${scene.group.venue}`),
  },
  {
    ...{ invariant: 'I28', what: 'its symbol is killed' },
    impose: (scene) => killed(scene, `symbol:${scene.group.symbol}`),
  },
  {
    ...{ invariant: 'I28', what: 'its batch is killed', concerns: (group) => !isProtection(group) },
    impose: (scene) => killed(scene, `batch:${scene.group.batch.id}`),
  },
  { invariant: 'I27', what: 'its venue is down', impose: (scene) => down(scene, 'DOWN') },
  { invariant: 'I27', what: 'its venue is not compared yet', impose: (scene) => down(scene, 'RECONCILING') },
  {
    ...{ invariant: 'I19', what: 'its batch is over', concerns: isLeg },
    impose: (scene) => withBatch(scene, { timeoutAt: scene.now - 1 }),
  },
  {
    ...{ invariant: 'I5', what: 'its target is taken' },
    impose: (scene) => withGroup(scene, { target: takenBy(scene.group) - 1 }),
  },
  {
    // Whoever plans knows the cap, so that the gate is asked for the target alone.
    ...{ invariant: 'I5', what: 'an amend has taken its room', notAt: ['the gate'] },
    impose: (scene) => withGroup(scene, { cap: takenBy(scene.group) - 1 }),
  },
  {
    ...{ invariant: 'I5', what: 'its trade holds nothing', concerns: isProtection },
    impose: (scene) => withWorld(scene, { positions: { get: () => undefined } as never }),
  },
  {
    // What a fold has found about siblings stands until it is sent: the second check comes at once.
    ...{
      invariant: 'I17',
      what: 'a sibling order is unknown',
      concerns: isHeld,
      notAt: ['the second check'],
    },
    impose: (scene) =>
      withBatch(scene, {
        unknownSince: scene.now - scene.world.rules.unknownHoldMs,
        unknownOrders: scene.group.unknownOrders + 1,
      }),
  },
  {
    ...{ invariant: 'I17', what: 'it is ahead of its siblings', concerns: isHeld },
    ...{ notAt: ['the second check'], impose: ahead },
  },
  {
    ...{ invariant: 'I25', what: 'the runtime is halted', notAt: ['the gate', 'the gate of retries'] },
    impose: (scene) => ({ ...scene, halted: true }),
  },
];

export class Drill {
  /** What was drilled: once for each role and mode of a world. */
  readonly #seen = new Set<string>();

  /** `world` as it is after this record. */
  take(world: World, { t, events }: JournaledRecord, model: Model): void {
    for (const event of events) {
      if (event.type !== 'ORDER_INTENT') continue;
      const group = world.groups.get(event.groupId ?? '');
      const row = group?.book.open.get(event.clientOrderId);
      if (group === undefined || row === undefined) continue;
      const kind = `${group.role} ${group.batch.mode}`;
      const scene: Scene = { world, group, row, now: t, halted: false };
      // What is held back by now tells nothing of one more obstacle.
      if (this.#seen.has(kind) || !Object.values(DOORS).every((door) => door(scene))) continue;
      this.#seen.add(kind);
      drill(scene, model);
    }
  }
}

function drill(scene: Scene, model: Model): void {
  const { group, row } = scene;
  for (const { invariant, what, concerns, notAt = [], impose } of OBSTACLES) {
    if (concerns?.(group) === false) continue;
    const hindered = impose(scene);
    for (const [name, door] of Object.entries(DOORS)) {
      if (notAt.includes(name as DoorName) || !door(hindered)) continue;
      model.found(invariant, 'i27EachDoorCloses', `${name} lets ${row.clientOrderId} through though ${what}`);
    }
  }
}
