/**
 * Steps a machine's definition and names the transition candidates that each step took.
 *
 * Owns the tests' view of a chart: its atomic states, its candidates, one pure step. Decides nothing about what is
 * right. A candidate is (state, event or '*' or 'always', index).
 */
import type { AnyMachineSnapshot, AnyStateMachine, AnyTransitionDefinition, StateNode } from 'xstate';

/** What the tests need of a context, whichever machine it belongs to. */
export interface Outlet {
  readonly out: readonly { readonly type: string }[];
}

export interface Shot<C extends Outlet> {
  readonly value: unknown;
  readonly status: string;
  readonly context: C;
}

export interface Step<C extends Outlet> {
  readonly shot: Shot<C>;
  readonly taken: readonly string[];
}

export interface Chart<E extends { type: string }, I, C extends Outlet> {
  readonly machine: AnyStateMachine;
  /** Every candidate of the definition, in document order. */
  readonly candidates: readonly string[];
  /** Dotted paths of states without children, in document order. */
  readonly atomic: readonly string[];
  initial(input: I): Shot<C>;
  /** A snapshot in that state, however the context came about. */
  place(state: string, context: C): Shot<C>;
  step(shot: Shot<C>, event: E): Step<C>;
}

const pathOf = (node: StateNode): string => node.path.join('.');

function nodesOf(node: StateNode): StateNode[] {
  return [node, ...Object.values(node.states).flatMap(nodesOf)];
}

/** Names of all transition objects below the root. */
function named(root: StateNode): Map<unknown, string> {
  const names = new Map<unknown, string>();
  const add = (node: StateNode, event: string, rows: readonly AnyTransitionDefinition[]) => {
    for (const [i, row] of rows.entries()) {
      const guard = typeof row.guard === 'string' ? ` ${row.guard}` : '';
      names.set(row, `${pathOf(node)} ${event} #${i}${guard}`);
    }
  };
  for (const node of nodesOf(root)) {
    for (const [event, rows] of node.transitions) add(node, event, rows);
    add(node, 'always', node.always ?? []);
  }
  return names;
}

/** 'active.working' for {active: 'working'}. */
export function stateText(value: unknown): string {
  if (typeof value === 'string') return value;
  return Object.entries(value as Record<string, unknown>)
    .map(([key, below]) => `${key}.${stateText(below)}`)
    .join('+');
}

export const typesOf = (context: Outlet): string[] => context.out.map((intent) => intent.type);

function scopeOf(heard: (rows: readonly unknown[]) => void): Parameters<AnyStateMachine['transition']>[2] {
  const nothing = () => {};
  const self = { id: 'test', sessionId: 'test', send: nothing, _parent: undefined };
  const scope = {
    self,
    id: 'test',
    sessionId: 'test',
    logger: nothing,
    defer: nothing,
    emit: nothing,
    stopChild: nothing,
    actionExecutor: nothing,
    system: {
      _relay: nothing,
      _sendInspectionEvent: (event: { type: string; _transitions?: readonly unknown[] }) => {
        if (event.type === '@xstate.microstep') heard(event._transitions ?? []);
      },
    },
  };
  return scope as unknown as Parameters<AnyStateMachine['transition']>[2];
}

export function chartOf<E extends { type: string }, I, C extends Outlet>(
  machine: AnyStateMachine,
): Chart<E, I, C> {
  const names = named(machine.root);
  let taken: string[] = [];
  const scope = scopeOf((rows) => {
    for (const row of rows) {
      const name = names.get(row);
      if (name !== undefined) taken.push(name);
    }
  });
  const shotOf = (snapshot: unknown): Shot<C> => snapshot as Shot<C>;
  return {
    machine,
    candidates: [...names.values()],
    atomic: nodesOf(machine.root)
      .filter((node) => node.type === 'atomic' || node.type === 'final')
      .map(pathOf),
    initial: (input) => shotOf(machine.getInitialSnapshot(scope, input)),
    place(state, context) {
      const keys = state.split('.');
      const value = keys.reduceRight<unknown>(
        (below, key) => (below === null ? key : { [key]: below }),
        null,
      );
      return shotOf(machine.resolveState({ value: value as string, context }));
    },
    step(shot, event) {
      taken = [];
      const next = machine.transition(shot as unknown as AnyMachineSnapshot, event, scope);
      return { shot: shotOf(next), taken };
    },
  };
}
