/** The table against the step, cell by cell: every target is reached, and nothing else is. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  encodeOrder,
  ORDER_EVENTS,
  ORDER_STATUSES,
  ORDER_TABLE,
  type OrderMessage,
  type OrderState,
  orderEventOf,
  stepOrder,
} from '../../../src/machines/order/index.js';
import { MESSAGES } from './messages.js';

type Order = OrderState | undefined;
const cellOf = (order: Order, message: OrderMessage): string =>
  `${order?.ordStatus ?? 'NONE'} ${orderEventOf(message)}`;

/** The message of this kind in MESSAGES, the n-th. */
function said(event: string, nth = 0): OrderMessage {
  const found = MESSAGES.filter((message) => orderEventOf(message) === event)[nth];
  if (found === undefined) throw new Error(`no message ${event}`);
  return found;
}

/** Starts from which every cell lies within three messages. */
const STARTS: readonly (readonly OrderMessage[])[] = [
  [],
  [said('NEW_ORDER'), said('PENDING_REPLACE')],
  [said('NEW_ORDER'), said('PENDING_CANCEL'), said('DONE_FOR_DAY'), said('NO_ANSWER')],
  [said('NEW_ORDER'), said('NEW'), said('TRADE'), said('PENDING_REPLACE')],
  [said('NEW_ORDER'), said('NEW'), said('TRADE', 2), said('PENDING_REPLACE')],
  [said('NEW_ORDER'), said('TRADE', 2), said('REPLACE_REQUEST', 1), said('NO_ANSWER')],
  [said('NEW_ORDER'), said('PENDING_CANCEL', 1), said('REPLACED', 1)],
  [said('NEW_ORDER', 1), said('TRADE'), said('STOPPED'), said('DONE_FOR_DAY')],
];

/** Equal keys: the same order for every message to come, but for the order in which ids became known. */
function keyOf(order: OrderState): string {
  const { execs, pastIds, ...rest } = encodeOrder(order);
  return JSON.stringify([rest, (execs ?? []).map(String).sort(), [...pastIds].sort()]);
}

function explore(depth: number): Map<string, Set<string>> {
  const cells = new Map<string, Set<string>>();
  const seen = new Set<string>();
  let front: Order[] = STARTS.map((start) => start.reduce<Order>(stepOrder, undefined));
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

const printed = new Map(ORDER_TABLE.map(({ status, message, next }) => [`${status} ${message}`, next]));

describe('the order table', () => {
  test('has one cell for each status and message, none among them', () => {
    expect(printed.size).toBe((ORDER_STATUSES.length + 1) * ORDER_EVENTS.length);
    expect(ORDER_TABLE).toHaveLength(printed.size);
    for (const { next } of ORDER_TABLE) expect(next.length).toBeGreaterThan(0);
  });

  test('says of every cell what the step does, and nothing that it does not do', () => {
    const reached = explore(3);
    const differing = [...printed].flatMap(([cell, next]) => {
      const targets = ORDER_STATUSES.filter((status) => reached.get(cell)?.has(status));
      return targets.join() === next.join() ? [] : [{ cell, table: next, step: targets }];
    });
    expect(differing).toEqual([]);
  });

  test('holds on long random histories', () => {
    const history = fc.array(fc.constantFrom(...MESSAGES), { minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(history, (messages) => {
        let order: Order;
        for (const message of messages) {
          const next = stepOrder(order, message);
          expect({ cell: cellOf(order, message), next: printed.get(cellOf(order, message)) }).toEqual({
            cell: cellOf(order, message),
            next: expect.arrayContaining([next.ordStatus]),
          });
          order = next;
        }
      }),
      { numRuns: 300 },
    );
  });
});
