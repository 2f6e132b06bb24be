/**
 * What could come next: the events that a state of a chart handles, and the messages that move an order of a status.
 *
 * Owns only the reading of the charts and the table. Whether an event would be taken depends on its guards and on what
 * it carries; what stands here is what the state has a transition for.
 */
import type { BatchExecutionMode } from '../dtos/enums.js';
import { BATCH_MACHINES } from './batch.js';
import { groupMachine } from './group.js';
import { ORDER_TABLE, type OrderEvent, type OrderStatus } from './order/index.js';

interface StateDefinition {
  readonly on?: Readonly<Record<string, unknown>>;
  readonly states?: Readonly<Record<string, StateDefinition>>;
}

/** `state`: as text, `active.working`. */
function eventsIn(machine: { readonly config: unknown }, state: string): string[] {
  const events = new Set<string>();
  let node: StateDefinition | undefined = machine.config as StateDefinition;
  for (const name of state.split('.')) {
    node = node?.states?.[name];
    for (const event of Object.keys(node?.on ?? {})) if (event !== '*') events.add(event);
  }
  return [...events].sort();
}

export const legalGroupEvents = (state: string): readonly string[] => eventsIn(groupMachine, state);

export const legalBatchEvents = (mode: BatchExecutionMode, state: string): readonly string[] =>
  eventsIn(BATCH_MACHINES[mode], state);

/** Messages that may take an order from this status to another. */
export const legalOrderEvents = (status: OrderStatus): readonly OrderEvent[] =>
  ORDER_TABLE.flatMap((cell) =>
    cell.status === status && cell.next.some((next) => next !== status) ? [cell.message] : [],
  );
