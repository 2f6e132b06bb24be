/** Which statuses the step leads to, cell by cell of the order table, and what the table says of each. */
import {
  encodeOrder,
  ORDER_TABLE,
  type OrderMessage,
  type OrderState,
  orderEventOf,
  stepOrder,
} from '../../../src/machines/order/index.js';
import { MESSAGES } from './messages.js';

export type Order = OrderState | undefined;
export const cellOf = (order: Order, message: OrderMessage): string =>
  `${order?.ordStatus ?? 'NONE'} ${orderEventOf(message)}`;

/** Equal keys: the same order for every message to come, but for the order in which ids became known. */
function keyOf(order: OrderState): string {
  const { execs, pastIds, ...rest } = encodeOrder(order);
  return JSON.stringify([rest, (execs ?? []).map(String).sort(), [...pastIds].sort()]);
}

/** The statuses that each cell leads to within so many messages from one of these orders. */
export function explore(starts: readonly Order[], depth: number): Map<string, Set<string>> {
  const cells = new Map<string, Set<string>>();
  const seen = new Set<string>();
  let front = starts;
  for (let level = 0; level < depth; level++) {
    const fresh: Order[] = [];
    for (const order of front) {
      for (const message of MESSAGES) {
        const next = stepOrder(order, message);
        const cell = cellOf(order, message);
        const targets = cells.get(cell) ?? new Set();
        cells.set(cell, targets.add(next.ordStatus));
        if (next === order || level === depth - 1) continue;
        const key = keyOf(next);
        if (!seen.has(key)) fresh.push(next);
        seen.add(key);
      }
    }
    front = fresh;
  }
  return cells;
}

export const printed = new Map(
  ORDER_TABLE.map(({ status, message, next }) => [`${status} ${message}`, next]),
);
