/**
 * Charts whose guards and updates are plain functions, and the quick way through them.
 *
 * Owns how such functions become XState guards and actions, and `quickly`: a machine whose plain steps are taken by
 * table. XState computes exit and entry sets, action lists and eventless transitions for every event, also for one
 * that only changes the context, and that is nineteen of twenty events of a schedule (decision 0012). A step that
 * leaves its state is plain when no entry action and no eventless transition lies on its way. Everything else falls
 * to the machine itself; a test holds that both agree on every state and event.
 */
import { type AnyEventObject, assign, type MachineContext } from 'xstate';

type Guard<C, E> = (context: C, event: E) => boolean;
type Update<C, E> = (context: C, event: E) => C;

/** What a chart names. */
export interface Vocabulary<C, E> {
  readonly guards: Readonly<Record<string, Guard<C, E>>>;
  readonly updates: Readonly<Record<string, Update<C, E>>>;
}

const mapped = <K extends string, A, B>(record: Readonly<Record<K, A>>, change: (value: A) => B) =>
  Object.fromEntries(Object.entries<A>(record).map(([key, value]) => [key, change(value)])) as Record<K, B>;

/** Plain guards as XState takes them. */
export const asGuards = <C, E, K extends string>(guards: Readonly<Record<K, Guard<C, E>>>) =>
  mapped(
    guards,
    (guard) =>
      ({ context, event }: { context: C; event: E }) =>
        guard(context, event),
  );

/** Plain updates as XState's assign actions. */
export const asActions = <C extends MachineContext, E extends AnyEventObject, K extends string>(
  updates: Readonly<Record<K, Update<C, E>>>,
) =>
  mapped(updates, (update) =>
    assign<C, E, undefined, E, never>(({ context, event }) => update(context as C, event)),
  );

/** A machine's definition, as far as the quick way reads it. */
interface Transition {
  readonly guard?: unknown;
  readonly target?: unknown;
  readonly actions?: unknown;
}
interface StateDefinition {
  readonly on?: Readonly<Record<string, Transition | readonly Transition[]>>;
  readonly always?: unknown;
  readonly entry?: unknown;
  readonly type?: string;
  readonly initial?: string;
  readonly states?: Readonly<Record<string, StateDefinition>>;
}
interface Snapshot<C> {
  readonly status: string;
  readonly value: unknown;
  readonly context: C;
}
interface Machine<C, E> {
  readonly config: unknown;
  getInitialSnapshot(scope: unknown, input: unknown): Snapshot<C>;
  transition(snapshot: Snapshot<C>, event: E, scope: unknown): Snapshot<C>;
}

/** One transition of a row. */
interface Candidate<C, E> {
  readonly guard: Guard<C, E> | null;
  /** Null: the step is not plain. */
  readonly updates: readonly Update<C, E>[] | null;
  readonly stays: boolean;
  /** What the machine came to at this transition's first step: all later ones differ in the context alone. */
  arrival: Snapshot<C> | null;
}
type Rows<C, E> = ReadonlyMap<string, readonly Candidate<C, E>[]>;

const listOf = <T>(value: T | readonly T[]): readonly T[] => (Array.isArray(value) ? value : [value as T]);

/** The states from the root down to the leaf that a target leads to. `#id.path` counts from the root. */
function pathTo(root: StateDefinition, parents: readonly string[], target: string): StateDefinition[] {
  const names = target.startsWith('#') ? target.split('.').slice(1) : [...parents, target];
  const path: StateDefinition[] = [];
  // XState has found each target when it made the machine.
  const enter = (parent: StateDefinition, name: string): StateDefinition => {
    const state = parent.states![name]!;
    path.push(state);
    return state;
  };
  let leaf = names.reduce(enter, root);
  while (leaf.initial !== undefined) leaf = enter(leaf, leaf.initial);
  return path;
}

function tableOf<C, E>(
  { guards, updates }: Vocabulary<C, E>,
  root: StateDefinition,
): Map<string, Rows<C, E>> {
  const table = new Map<string, Rows<C, E>>();
  const candidate = (parents: readonly string[], { guard, target, actions }: Transition): Candidate<C, E> => {
    const path = target === undefined ? [] : pathTo(root, parents, target as string);
    // Parents that are left and entered again would run their entry too: none of ours has one.
    const isPlain = path.every((state) => state.entry === undefined && state.always === undefined);
    const names = actions === undefined ? [] : listOf(actions as string);
    return {
      guard: guard === undefined ? null : guards[guard as string]!,
      updates: isPlain ? names.map((name) => updates[name]!) : null,
      stays: target === undefined,
      arrival: null,
    };
  };
  const visit = (state: StateDefinition, path: readonly string[]): void => {
    for (const [name, child] of Object.entries(state.states ?? {})) visit(child, [...path, name]);
    // States with eventless transitions have no row: a step in them may lead on.
    if (state.on === undefined || state.states !== undefined || state.always !== undefined) return;
    const rows = Object.entries(state.on).map(
      ([type, list]) => [type, listOf(list).map((one) => candidate(path.slice(0, -1), one))] as const,
    );
    table.set(path.join('.'), new Map(rows));
  };
  visit(root, []);
  return table;
}

function pathOf(value: unknown): string {
  if (typeof value === 'string') return value;
  const [[parent, child]] = Object.entries(value as object) as [[string, unknown]];
  return `${parent}.${pathOf(child)}`;
}

/**
 * The machine with the quick way: the same logic, the same snapshots, `transition` apart. For charts whose transitions
 * stand on their leaf states and whose actions are updates of `vocabulary`. Inspectors see no microsteps of it.
 */
export function quickly<M extends object, C, E extends AnyEventObject>(
  machine: M,
  vocabulary: Vocabulary<C, E>,
): M {
  const slow = machine as unknown as Machine<C, E>;
  const table = tableOf(vocabulary, slow.config as StateDefinition);
  /** A snapshot's value stays one object while the state stays. */
  const byValue = new WeakMap<object, Rows<C, E> | null>();
  const rowsOf = (value: unknown): Rows<C, E> | null => {
    if (typeof value === 'string') return table.get(value) ?? null;
    let rows = byValue.get(value as object);
    if (rows === undefined) {
      rows = table.get(pathOf(value)) ?? null;
      byValue.set(value as object, rows);
    }
    return rows;
  };
  // A machine without entry actions begins in the same state each time: only the context differs.
  let first: Snapshot<C> | null = null;
  const { context: contextOf, output: outputOf } = slow.config as {
    readonly context: (args: { input: unknown }) => C;
    readonly output: (args: { context: C }) => unknown;
  };
  const getInitialSnapshot = (scope: unknown, input: unknown): Snapshot<C> => {
    if (first !== null) return { ...first, context: contextOf({ input }) };
    first = slow.getInitialSnapshot(scope, input);
    return first;
  };
  const transition = (snapshot: Snapshot<C>, event: E, scope: unknown): Snapshot<C> => {
    const row = rowsOf(snapshot.value)?.get(event.type);
    for (const candidate of row ?? []) {
      const { guard, updates, stays, arrival } = candidate;
      if (guard !== null && !guard(snapshot.context, event)) continue;
      if (updates === null) break;
      if (!stays && arrival === null) {
        candidate.arrival = slow.transition(snapshot, event, scope);
        return candidate.arrival;
      }
      let { context } = snapshot;
      for (const update of updates) context = update(context, event);
      if (arrival === null) return context === snapshot.context ? snapshot : { ...snapshot, context };
      if (arrival.status === 'active') return { ...arrival, context };
      return { ...arrival, context, output: outputOf({ context }) } as Snapshot<C>;
    }
    return slow.transition(snapshot, event, scope);
  };
  return Object.create(machine, {
    transition: { value: transition },
    getInitialSnapshot: { value: getInitialSnapshot },
  }) as M;
}
