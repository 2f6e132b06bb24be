/**
 * `fillwright machines`: the statecharts that run, and the order table, as JSON or Mermaid.
 *
 * Read from the executed machines themselves, so that the drawing cannot differ from what runs.
 */
import { BATCH_MACHINES, groupMachine, ORDER_TABLE } from '../machines/index.js';
import { type Args, usage } from './args.js';
import { type Command, printJson } from './command.js';
import { EXIT } from './exit-codes.js';
import type { Io } from './io.js';

/** What is read of an XState state node. */
interface StateNode {
  readonly id: string;
  readonly key: string;
  readonly type: string;
  readonly states: Readonly<Record<string, StateNode>>;
  readonly initial: { readonly target: readonly StateNode[] | undefined } | undefined;
  readonly on: Readonly<Record<string, readonly TransitionNode[]>>;
  readonly always?: readonly TransitionNode[];
}

interface TransitionNode {
  readonly target: readonly StateNode[] | undefined;
  readonly guard?: unknown;
  readonly actions: readonly unknown[];
}

interface Transition {
  readonly source: string;
  /** Empty for a transition that is taken as soon as its guard holds. */
  readonly event: string;
  readonly guard: string | null;
  /** Null: the machine stays where it is. */
  readonly target: string | null;
  readonly actions: readonly string[];
}

interface State {
  readonly id: string;
  readonly parent: string | null;
  readonly type: string;
  readonly initial: string | null;
}

interface Chart {
  readonly name: string;
  readonly states: readonly State[];
  readonly transitions: readonly Transition[];
}

export const machines: Command = {
  name: 'machines',
  usage: '[--format json|mermaid]',
  summary: 'prints the statecharts that run, and the order table',
  flags: {
    format: {
      type: 'string',
      value: 'FORMAT',
      choices: ['json', 'mermaid'],
      help: 'json (default) or mermaid',
    },
  },
  run(args: Args, io: Io): number {
    if (args.positionals[0] !== undefined) {
      throw usage(`fillwright machines: unexpected argument '${args.positionals[0]}'`);
    }
    const charts = allCharts();
    if (args.value('format') === 'mermaid')
      io.stdout.write(`${[...charts.map(chartMermaid), orderMermaid()].join('\n')}`);
    else printJson(io, { machines: charts, order: ORDER_TABLE });
    return EXIT.OK;
  },
};

function allCharts(): Chart[] {
  const batches = Object.entries(BATCH_MACHINES).map(([mode, machine]) =>
    chart(`batch ${mode}`, machine.root),
  );
  return [...batches, chart('group', groupMachine.root)];
}

function chart(name: string, root: StateNode): Chart {
  const states: State[] = [];
  const transitions: Transition[] = [];
  const visit = (node: StateNode, parent: string | null): void => {
    const initial = node.type === 'compound' ? (node.initial?.target?.[0]?.id ?? null) : null;
    states.push({ id: node.id, parent, type: node.type, initial });
    for (const [event, rows] of Object.entries(node.on))
      transitions.push(...rows.map((row) => edge(node.id, event, row)));
    for (const row of node.always ?? []) transitions.push(edge(node.id, '', row));
    for (const child of Object.values(node.states)) visit(child, node.id);
  };
  visit(root, null);
  return { name, states, transitions };
}

const edge = (source: string, event: string, row: TransitionNode): Transition => ({
  source,
  event,
  guard: row.guard === undefined ? null : nameOf(row.guard),
  target: row.target?.[0]?.id ?? null,
  actions: row.actions.map(nameOf),
});

/** Guards and actions are names, or objects with a type. */
function nameOf(reference: unknown): string {
  if (typeof reference === 'string') return reference;
  const type =
    typeof reference === 'object' && reference !== null && 'type' in reference ? reference.type : null;
  return typeof type === 'string' ? type : 'inline';
}

/** Mermaid ids know no dots. */
const mermaidId = (id: string): string => id.replace(/[^A-Za-z0-9]/g, '_');

function chartMermaid({ name, states, transitions }: Chart): string {
  const root = states[0];
  const lines = ['---', `title: ${name}`, '---', 'stateDiagram-v2'];
  const draw = (parent: State, indent: string): void => {
    if (parent.initial !== null) lines.push(`${indent}[*] --> ${mermaidId(parent.initial)}`);
    for (const state of states.filter((candidate) => candidate.parent === parent.id)) {
      const key = state.id.split('.').at(-1) ?? state.id;
      lines.push(`${indent}state "${key}" as ${mermaidId(state.id)}`);
      if (state.type === 'compound') {
        lines.push(`${indent}state ${mermaidId(state.id)} {`);
        draw(state, `${indent}  `);
        lines.push(`${indent}}`);
      }
      if (state.type === 'final') lines.push(`${indent}${mermaidId(state.id)} --> [*]`);
    }
  };
  if (root !== undefined) draw(root, '  ');
  for (const [pair, labels] of moves(transitions)) lines.push(`  ${pair}: ${labels.join(', ')}`);
  return `${lines.join('\n')}\n`;
}

/** Edges that change the state, those between the same two states as one. */
function moves(transitions: readonly Transition[]): Map<string, string[]> {
  const byPair = new Map<string, string[]>();
  for (const { source, event, guard, target } of transitions) {
    if (target === null) continue;
    const pair = `${mermaidId(source)} --> ${mermaidId(target)}`;
    const condition = guard === null ? '' : `[${guard}]`;
    const label = [event, condition].filter((part) => part !== '').join(' ') || 'else';
    byPair.set(pair, [...(byPair.get(pair) ?? []), label]);
  }
  return byPair;
}

function orderMermaid(): string {
  const byPair = new Map<string, string[]>();
  for (const { status, message, next } of ORDER_TABLE) {
    for (const to of next) {
      if (to === status) continue;
      const pair = `${status} --> ${to}`;
      byPair.set(pair, [...(byPair.get(pair) ?? []), message]);
    }
  }
  const edges = [...byPair].map(([pair, messages]) => `  ${pair}: ${messages.join(', ')}`);
  return `${['---', 'title: order', '---', 'stateDiagram-v2', ...edges].join('\n')}\n`;
}
