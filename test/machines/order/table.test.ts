/** The table against the step where that is quick; cells.test.ts goes through every cell. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { ORDER_EVENTS, ORDER_STATUSES, ORDER_TABLE, stepOrder } from '../../../src/machines/order/index.js';
import { cellOf, explore, type Order, printed } from './cells.js';
import { MESSAGES } from './messages.js';

describe('the order table', () => {
  test('has one cell for each status and message, none among them', () => {
    expect(printed.size).toBe((ORDER_STATUSES.length + 1) * ORDER_EVENTS.length);
    expect(ORDER_TABLE).toHaveLength(printed.size);
    for (const { next } of ORDER_TABLE) expect(next.length).toBeGreaterThan(0);
  });

  test('leads wherever two messages lead, in the order of the statuses', () => {
    for (const [cell, targets] of explore([undefined], 2))
      expect({ cell, next: printed.get(cell) }).toEqual({ cell, next: expect.arrayContaining([...targets]) });
    for (const { next } of ORDER_TABLE)
      expect(next).toEqual(ORDER_STATUSES.filter((status) => next.includes(status)));
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
