/**
 * Hosts: how the machines run. As XState actors under one supervisor actor (default), or through the pure step.
 *
 * Owns starting, stepping and stopping of batch and group machines. The supervisor is an actor with custom logic
 * that holds its children in a Map: a statechart that spawns thousands of children copies its `children` object on
 * every spawn and never forgets a done event's name (decision 0002). Both hosts give the same intents for the same
 * events; a test holds that they write the same journal.
 */
import {
  type Actor,
  type ActorLogic,
  type AnyActorLogic,
  type AnyEventObject,
  createActor,
  type InspectionEvent,
  type Snapshot,
} from 'xstate';
import type { Input } from './inputs.js';
import type { BatchExecutionMode } from '../dtos/enums.js';
import {
  BATCH_MACHINES,
  type BatchEvent,
  type BatchInput,
  type BatchIntent,
  QUICK_BATCH_MACHINES,
} from '../machines/batch.js';
import { groupMachinesOf } from '../machines/group.js';
import type { GroupEvent, GroupIntent, GroupSpec } from '../machines/group-model.js';
import { STRATEGIES, type Strategies } from '../strategies/index.js';

/** One running machine. `send` returns the intents of that step: none when the event was ignored. */
export interface Entity<E, I> {
  send(event: E): readonly I[];
  stop(): void;
  /** The machine's state as text, `active.working`. */
  state(): string;
  /** State and context, plain data: a host restores it. */
  save(): SavedMachine;
}

/** A running machine as plain data. */
export interface SavedMachine {
  readonly value: unknown;
  readonly context: unknown;
}

export interface Host {
  group(id: string, spec: GroupSpec): Entity<GroupEvent, GroupIntent>;
  batch(id: string, input: BatchInput): Entity<BatchEvent, BatchIntent>;
  restoreGroup(id: string, saved: SavedMachine): Entity<GroupEvent, GroupIntent>;
  restoreBatch(id: string, mode: BatchExecutionMode, saved: SavedMachine): Entity<BatchEvent, BatchIntent>;
  /** Runs one fold inside the supervisor, so that an inspector sees what led to what. */
  run(input: Input, fold: () => void): void;
  close(): void;
}

const NONE: readonly never[] = [];

interface Outlet {
  readonly value: unknown;
  readonly context: { readonly out: readonly unknown[] };
  readonly status: string;
  readonly error?: unknown;
}

function stateText(value: unknown): string {
  if (typeof value === 'string') return value;
  return Object.entries(value as Record<string, unknown>)
    .map(([key, child]) => `${key}.${stateText(child)}`)
    .join(' ');
}

/** A machine as a child actor. Its throw must not vanish in the actor system: it is thrown on. */
class ActorEntity<E extends AnyEventObject, I> implements Entity<E, I> {
  private out: readonly unknown[];

  constructor(
    private readonly actor: Actor<AnyActorLogic>,
    private readonly onStop: () => void,
  ) {
    this.out = this.snapshot().context.out;
  }

  private snapshot(): Outlet {
    return this.actor.getSnapshot() as unknown as Outlet;
  }

  send(event: E): readonly I[] {
    this.actor.send(event);
    const snapshot = this.snapshot();
    if (snapshot.status === 'error') throw snapshot.error;
    const { out } = snapshot.context;
    if (out === this.out) return NONE;
    this.out = out;
    return out as readonly I[];
  }

  stop(): void {
    this.onStop();
  }

  state(): string {
    return stateText(this.snapshot().value);
  }

  save(): SavedMachine {
    const { value, context } = this.snapshot();
    return { value, context };
  }
}

type RootSnapshot = Snapshot<undefined> & { readonly inputs: number };

const rootSnapshot = (inputs: number): RootSnapshot => ({
  status: 'active',
  output: undefined,
  error: undefined,
  inputs,
});

/** The supervisor's logic: an event is an input, its transition is one fold. */
function supervisorLogic(take: () => (() => void) | null, fail: (error: unknown) => void) {
  const logic: ActorLogic<RootSnapshot, AnyEventObject> = {
    transition(snapshot) {
      const fold = take();
      if (fold === null) return snapshot; // done and error notices of children: their owner has polled them
      // A throw in here would be swallowed: the actor would turn to 'error' and every later input would vanish.
      try {
        fold();
      } catch (error) {
        fail(error);
      }
      return rootSnapshot(snapshot.inputs + 1);
    },
    getInitialSnapshot: () => rootSnapshot(0),
    getPersistedSnapshot: (snapshot) => snapshot,
  };
  return logic;
}

/** As XState keeps a running machine: none of ours has children or history. */
const persisted = ({ value, context }: SavedMachine) => ({
  ...{ status: 'active', value, context, children: {}, historyValue: {}, tags: [] },
  ...{ output: undefined, error: undefined },
});

/** Machines as XState actors; `inspect` receives every actor's inspection events. */
export function createActorHost(
  inspect?: (event: InspectionEvent) => void,
  strategies: Strategies = STRATEGIES,
): Host {
  let pending: (() => void) | null = null;
  let failure: { readonly error: unknown } | null = null;
  // An inspector sees every microstep: the quick way makes none.
  const { drawn, quick } = groupMachinesOf(strategies);
  const machines =
    inspect === undefined
      ? { group: quick, batch: QUICK_BATCH_MACHINES }
      : { group: drawn, batch: BATCH_MACHINES };
  const children = new Map<string, Actor<AnyActorLogic>>();
  const logic = supervisorLogic(
    () => {
      const fold = pending;
      pending = null;
      return fold;
    },
    (error) => {
      failure = { error };
    },
  );
  const root = createActor(logic, {
    id: 'supervisor',
    ...(inspect === undefined ? {} : { inspect }),
  }).start();
  const start = <E extends AnyEventObject, I>(
    id: string,
    machine: AnyActorLogic,
    from: { readonly input: unknown } | { readonly snapshot: unknown },
  ): Entity<E, I> => {
    const options = { id, ...from, parent: root } as unknown as Parameters<typeof createActor>[1];
    const actor = createActor(machine, options) as Actor<AnyActorLogic>;
    children.set(id, actor);
    actor.start();
    return new ActorEntity<E, I>(actor, () => {
      children.delete(id);
      (actor as unknown as { _stop?: () => void })._stop?.();
    });
  };
  return {
    group: (id, spec) => start(id, machines.group, { input: { spec } }),
    batch: (id, input) => start(id, machines.batch[input.mode], { input }),
    restoreGroup: (id, saved) => start(id, machines.group, { snapshot: persisted(saved) }),
    restoreBatch: (id, mode, saved) => start(id, machines.batch[mode], { snapshot: persisted(saved) }),
    run(input, fold) {
      // Uninspected, nobody could tell whether the fold ran inside a transition.
      if (inspect === undefined) return fold();
      pending = fold;
      root.send({ type: input.k, input });
      if (failure !== null) {
        const { error } = failure;
        failure = null;
        throw error;
      }
    },
    close() {
      for (const actor of children.values()) (actor as unknown as { _stop?: () => void })._stop?.();
      children.clear();
      root.stop();
    },
  };
}

interface Steppable {
  transition(snapshot: unknown, event: unknown, scope: unknown): unknown;
  getInitialSnapshot(scope: unknown, input: unknown): unknown;
  resolveState(saved: SavedMachine): unknown;
}

/** What `machine.transition` asks of its surroundings; our machines use none of it. */
function inertScope(): unknown {
  const nothing = (): void => {};
  const self = { id: 'pure', sessionId: 'pure', send: nothing, on: nothing };
  return {
    self,
    id: 'pure',
    sessionId: 'pure',
    logger: nothing,
    defer: nothing,
    emit: nothing,
    stopChild: nothing,
    actionExecutor: nothing,
    system: {
      _sendInspectionEvent: nothing,
      _relay: nothing,
      getSnapshot: () => ({}),
      inspect: nothing,
      get: nothing,
    },
  };
}

class PureEntity<E, I> implements Entity<E, I> {
  private snapshot: Outlet;

  constructor(
    private readonly machine: Steppable,
    private readonly scope: unknown,
    snapshot: unknown,
  ) {
    this.snapshot = snapshot as Outlet;
  }

  send(event: E): readonly I[] {
    const { out } = this.snapshot.context;
    this.snapshot = this.machine.transition(this.snapshot, event, this.scope) as Outlet;
    const next = this.snapshot.context.out;
    return next === out ? NONE : (next as readonly I[]);
  }

  stop(): void {}

  state(): string {
    return stateText(this.snapshot.value);
  }

  save(): SavedMachine {
    const { value, context } = this.snapshot;
    return { value, context };
  }
}

/** Machines through `machine.transition`: for replay, recovery, model tests, and other engines. */
export function createPureHost(strategies: Strategies = STRATEGIES): Host {
  const scope = inertScope();
  const groups = groupMachinesOf(strategies).quick as unknown as Steppable;
  const batches = QUICK_BATCH_MACHINES as unknown as Readonly<Record<BatchExecutionMode, Steppable>>;
  const start = <E, I>(machine: Steppable, input: unknown): Entity<E, I> =>
    new PureEntity(machine, scope, machine.getInitialSnapshot(scope, input));
  const restore = <E, I>(machine: Steppable, saved: SavedMachine): Entity<E, I> =>
    new PureEntity(machine, scope, machine.resolveState(saved));
  return {
    group: (_id, spec) => start(groups, { spec }),
    batch: (_id, input) => start(batches[input.mode], input),
    restoreGroup: (_id, saved) => restore(groups, saved),
    restoreBatch: (_id, mode, saved) => restore(batches[mode], saved),
    run: (_input, fold) => fold(),
    close() {},
  };
}
