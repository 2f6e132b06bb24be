/** The table against the step, every cell of it: each target is reached, and nothing else is. */
import { describe, expect, test } from '@jest/globals';
import {
  ORDER_STATUSES,
  type OrderMessage,
  orderEventOf,
  stepOrder,
} from '../../../src/machines/order/index.js';
import { explore, type Order, printed } from './cells.js';
import { MESSAGES } from './messages.js';

/** The message of this kind in MESSAGES, the n-th. */
function said(event: string, nth = 0): OrderMessage {
  const found = MESSAGES.filter((message) => orderEventOf(message) === event)[nth];
  if (found === undefined) throw new Error(`no message ${event}`);
  return found;
}

/** Starts from which every cell lies within three messages. A function, so that a lack of one fails the test and not its file. */
const starts = (): readonly (readonly OrderMessage[])[] => [
  [],
  [said('NEW_ORDER'), said('PENDING_REPLACE')],
  [said('NEW_ORDER'), said('PENDING_CANCEL'), said('DONE_FOR_DAY'), said('NO_ANSWER')],
  [said('NEW_ORDER'), said('NEW'), said('TRADE'), said('PENDING_REPLACE')],
  [said('NEW_ORDER'), said('NEW'), said('TRADE', 2), said('PENDING_REPLACE')],
  [said('NEW_ORDER'), said('TRADE', 2), said('REPLACE_REQUEST', 1), said('NO_ANSWER')],
  [said('NEW_ORDER'), said('PENDING_CANCEL', 1), said('REPLACED', 1)],
  [said('NEW_ORDER', 1), said('TRADE'), said('STOPPED'), said('DONE_FOR_DAY')],
];

describe('the order table', () => {
  test('says of every cell what the step does, and nothing that it does not do', () => {
    const reached = explore(
      starts().map((start) => start.reduce<Order>(stepOrder, undefined)),
      3,
    );
    const differing = [...printed].flatMap(([cell, next]) => {
      const targets = ORDER_STATUSES.filter((status) => reached.get(cell)?.has(status));
      return targets.join() === next.join() ? [] : [{ cell, table: next, step: targets }];
    });
    expect(differing).toEqual([]);
  });
});
