/**
 * I15 by comparison: the same batch twice, once with a leg that goes wrong; what its siblings do must be the same.
 *
 * Owns the pair of worlds and what of a trace counts. Without faults of the way, whose draws all legs share.
 */
import type { ExecutionCommandInput } from '../dtos/execution-command.js';
import type { RuntimeEvent } from '../dtos/events.js';
import { HOSTILE } from './hostile-strategy.js';
import { runWorld } from './run.js';
import type { Action, World } from './world.js';
import { worldOf } from './world-of.js';

type Submit = Extract<Action, { do: 'submit' }>;

/** Numbers and ids of events: which ones they get depends on how much happens beside them. */
const NUMBERED: ReadonlySet<string> = new Set([
  ...['seq', 'cause', 'batchId', 'groupId', 'orderId', 'clientOrderId', 'connectorOrderId'],
  ...['fillId', 'connectorFillId', 'entry', 'orderIds'],
]);

export interface Twins {
  /** The command whose strategy throws in one of both. */
  readonly faulty: string;
  /** Per sibling: its events as each of both worlds has them. */
  readonly siblings: readonly { readonly commandId: string; readonly own: string; readonly other: string }[];
}

/** The first INDEPENDENT batch of a seed's world with several legs, alone and twice; null where none is taken. */
export async function twinsOf(seed: number): Promise<Twins | null> {
  const { options, ...world } = worldOf(seed, []);
  const submit = world.actions.find(
    (action): action is Submit =>
      action.do === 'submit' &&
      action.directive.execution_policy?.mode === 'INDEPENDENT' &&
      (action.commands?.length ?? 0) > 1,
  );
  const [first, ...others] = submit?.commands ?? [];
  if (submit === undefined || first === undefined) return null;
  const only = (commands: readonly ExecutionCommandInput[]): World => ({
    ...world,
    options: { ...options, disk: 'none', silentMs: 0, silentFrom: 0 },
    faults: {},
    actions: [{ ...submit, commands }],
  });
  const own = await traces(only([first, ...others]));
  if (own.size === 0) return null; // refused
  const other = await traces(only([withFault(first), ...others]));
  return {
    faulty: first.command_id,
    siblings: others.map(({ command_id: id }) => ({
      commandId: id,
      own: own.get(id) ?? '',
      other: other.get(id) ?? '',
    })),
  };
}

/** By command: what its groups' events say. */
async function traces(world: World): Promise<Map<string, string>> {
  const commandOf = new Map<string, string>();
  const lines = new Map<string, string>();
  await runWorld(world, {
    onLine: (line) => {
      for (const event of (JSON.parse(line) as { readonly events: readonly RuntimeEvent[] }).events) {
        if (event.type === 'GROUP_CREATED' && event.groupId !== undefined)
          commandOf.set(event.groupId, event.commandId);
        const id = commandOf.get(event.groupId ?? '');
        if (id === undefined) continue;
        const said = JSON.stringify(Object.entries(event).filter(([key]) => !NUMBERED.has(key)));
        // Which word the exchange has for the end of an IOC is drawn for all orders together.
        const plain = said.replaceAll('EXPIRED', 'CANCELED').replaceAll('venue_expired', 'venue_canceled');
        lines.set(id, `${lines.get(id) ?? ''}${plain}\n`);
      }
    },
  });
  return lines;
}

function withFault(command: ExecutionCommandInput): ExecutionCommandInput {
  const strategy_params = { strategy: HOSTILE, vice: 'THROWS', after: 0, duration_seconds: 10 };
  const routing_plan = { ...command.routing_plan, strategy_params };
  return { ...command, routing_plan } as unknown as ExecutionCommandInput;
}
