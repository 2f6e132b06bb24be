/**
 * Lifecycle states as the auditor knows them: the columns of the coverage matrix.
 *
 * Owns their names and which of them an order, or the whole run, is in.
 */
import type { GroupRow, Model, OrderRow } from './model.js';

export const STATES = [
  ...(['order.SENT', 'order.ACKED', 'order.PARTIAL', 'order.UNKNOWN', 'order.CANCELING'] as const),
  ...(['order.ENDED', 'group.PENDING', 'group.ACTIVE', 'group.CLOSING', 'group.SETTLED'] as const),
  ...(['batch.PENDING', 'batch.ACTIVE', 'batch.STOPPING', 'batch.UNWINDING', 'batch.SETTLED'] as const),
] as const;
export type LifeState = (typeof STATES)[number];

function orderState(row: OrderRow): LifeState {
  if (!row.isOpen) return 'order.ENDED';
  if (row.isUnknown) return 'order.UNKNOWN';
  if (row.cancelAsked) return 'order.CANCELING';
  if (row.filled > 0) return 'order.PARTIAL';
  return row.isAcked ? 'order.ACKED' : 'order.SENT';
}

function ofGroup(group: GroupRow, states: Set<LifeState>): void {
  states.add(`group.${group.phase}`);
  states.add(`batch.${group.batch.phase}`);
}

/** The states of one order, its group and its batch; of all that lives, where no order is named. */
export function statesOf(model: Model, clientOrderId: string | null): ReadonlySet<LifeState> {
  const states = new Set<LifeState>();
  const row = clientOrderId === null ? undefined : model.orders.get(clientOrderId);
  if (row !== undefined) {
    states.add(orderState(row));
    ofGroup(row.group, states);
    return states;
  }
  for (const batch of model.batches.values()) {
    states.add(`batch.${batch.phase}`);
    if (batch.phase === 'SETTLED') continue;
    for (const group of [...batch.legs, ...batch.unwinds]) {
      ofGroup(group, states);
      for (const order of group.slots.values()) states.add(orderState(order));
    }
  }
  return states;
}
