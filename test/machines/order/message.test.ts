/** The words of a message: codes, printed names and our own, quantities, and what is not read at all. */
import { describe, expect, test } from '@jest/globals';
import { type ExecType, type OrderMessage, orderEventOf } from '../../../src/machines/order/index.js';
import { idOf, isOvernight, lots, word } from '../../../src/machines/order/message.js';
import { ack, effect, fill, given, history, noAnswer, place, refuse, report } from './orders.js';

describe('a word', () => {
  test.each([
    ['Pending Cancel', 'PENDING_CANCEL'],
    ['  pending cancel\n', 'PENDING_CANCEL'],
    ['GT renewal/restatement', 'GT_RENEWAL_RESTATEMENT'],
    ['Fill - or  Kill', 'FILL_OR_KILL'],
    ['A9', 'A9'],
    [6, '6'],
    [0, '0'],
    ['', ''],
    [null, ''],
    [undefined, ''],
  ])('%j reads as %j', (raw, read) => {
    expect(word(raw)).toBe(read);
  });
});

const EXEC_TYPES: { readonly [K in ExecType]: readonly string[] } = {
  NEW: ['0', 'New', 'NEW'],
  TRADE: ['1', '2', 'F', 'Trade', 'Fill', 'Filled', 'Partial fill', 'Partially filled', 'PARTIALLY_FILLED'],
  DONE_FOR_DAY: ['3', 'Done for Day'],
  CANCELED: ['4', 'Canceled', 'Cancelled'],
  REPLACED: ['5', 'Replaced', 'Replace'],
  PENDING_CANCEL: ['6', 'Pending Cancel'],
  STOPPED: ['7', 'Stopped'],
  REJECTED: ['8', 'Rejected'],
  PENDING_NEW: ['A', 'a', 'Pending New'],
  EXPIRED: ['C', 'Expired'],
  RESTATED: ['D', 'Restated'],
  PENDING_REPLACE: ['E', 'Pending Replace'],
  TRADE_CORRECT: ['G', 'Trade Correct'],
  TRADE_CANCEL: ['H', 'Trade Cancel'],
  ORDER_STATUS: ['I', 'Order Status', 'Status'],
  OTHER: ['9', 'B', 'L', 'Suspended', 'Triggered', 'Null', 'Undefined', ''],
};
const rows = Object.entries(EXEC_TYPES).flatMap(([type, names]) =>
  names.map((name) => [name, type] as const),
);

describe('an execution report', () => {
  test.each(rows)('of ExecType %j is %s', (execType, type) => {
    expect(orderEventOf({ msgType: '8', execType })).toBe(type);
  });

  test.each([null, undefined])('of ExecType %p is OTHER', (execType) => {
    expect(orderEventOf({ msgType: '8', execType } as OrderMessage)).toBe('OTHER');
  });

  test.each([
    ['1', 'TRADE_CANCEL'],
    ['Cancel', 'TRADE_CANCEL'],
    [1, 'TRADE_CANCEL'],
    ['2', 'TRADE_CORRECT'],
    ['Correct', 'TRADE_CORRECT'],
    [2, 'TRADE_CORRECT'],
    ['3', 'ORDER_STATUS'],
    ['Status', 'ORDER_STATUS'],
    [3, 'ORDER_STATUS'],
    ['0', 'TRADE'],
    [0, 'TRADE'],
    ['New', 'TRADE'],
    ['4', 'TRADE'],
    ['', 'TRADE'],
    [null, 'TRADE'],
    [undefined, 'TRADE'],
  ])('of a fill with ExecTransType %j is %s', (execTransType, type) => {
    expect(orderEventOf({ msgType: '8', execType: 'Fill', execTransType } as OrderMessage)).toBe(type);
  });
});

test.each([
  ['D', 'NEW_ORDER'],
  ['F', 'CANCEL_REQUEST'],
  ['G', 'REPLACE_REQUEST'],
  ['H', 'STATUS_REQUEST'],
  ['9', 'CANCEL_REJECT'],
  ['T', 'NO_ANSWER'],
  ['V', 'VERDICT'],
] as const)('MsgType %s is the row %s of the table, whatever ExecType it carries', (msgType, event) => {
  expect(orderEventOf({ msgType, execType: 'Trade' })).toBe(event);
});

describe('a time in force', () => {
  test.each(['1', 1, 'GTC', 'Good Till Cancel', '6', 6, 'GTD', 'gtd', 'Good Till Date'])(
    '%j outlives the day',
    (timeInForce) => {
      expect(isOvernight(timeInForce)).toBe(true);
      expect(given(place(1, { timeInForce })).overnight).toBe(true);
    },
  );

  test.each(['0', 0, 'Day', '2', '3', 'Immediate or Cancel', '4', '5', '7', '', null, undefined])(
    '%j ends with the day',
    (timeInForce) => {
      expect(isOvernight(timeInForce)).toBe(false);
      expect(given(place(1, { timeInForce } as OrderMessage)).overnight).toBe(false);
    },
  );
});

describe('a quantity', () => {
  test.each([0, 1, 2 ** 53 - 1])('of %d lots is taken', (qty) => {
    expect(lots(qty, 'orderQty')).toBe(qty);
    expect(given(place(qty)).orderQty).toBe(qty);
  });

  test.each([null, undefined])('of %p is none', (qty) => {
    expect(lots(qty, 'orderQty')).toBeNull();
  });

  test.each([-1, 0.5, 2 ** 53, Number.NaN, Number.POSITIVE_INFINITY, '5' as unknown as number])(
    'of %p is refused, by name of its field',
    (qty) => {
      expect(() => given(place(100), ack, fill(qty, 'a'))).toThrow(
        expect.objectContaining({
          code: 'VALIDATION',
          path: 'lastQty',
          message: `lastQty is not a whole number of lots: ${qty}`,
        }),
      );
    },
  );

  test('LastQty goes by LastShares up to FIX 4.2, and LastQty counts where both stand', () => {
    const order = history(place(100));
    const both = report('Trade', { execId: 'a', lastQty: 10, lastShares: 20 });
    expect(effect(order, both)).toMatchObject({ cumQty: 10 });
    expect(effect(order, { ...both, lastQty: null })).toMatchObject({ cumQty: 20 });
    expect(effect(order, { ...both, lastQty: 0 })).toEqual({ acked: true, ordStatus: 'NEW' });
  });
});

test.each([
  ['X', 'X'],
  [' ', ' '],
  ['', null],
  [null, null],
  [undefined, null],
])('an id of %j is %j', (raw, id) => {
  expect(idOf(raw)).toBe(id);
});

describe('a reason', () => {
  const unsure = history(place(100), ack, { msgType: 'F', clOrdId: 'Y', origClOrdId: 'X' }, noAnswer);

  test.each(['0', 'Too late to cancel', '1', 'Unknown order'])('%j leaves an order unknown', (reason) => {
    expect(effect(unsure, refuse('Y', 'X', reason))).toEqual({ requests: [], pastIds: ['Y'] });
  });

  test.each(['2', 'Broker option', '3', '99', '', null])('%j settles it', (reason) => {
    const settled = { ordStatus: 'NEW', unknown: false, requests: [], pastIds: ['Y'] };
    expect(effect(unsure, refuse('Y', 'X', reason))).toEqual(settled);
  });

  test.each([
    ['6', true],
    [6, true],
    ['Duplicate order', true],
    ['5', false],
    ['Unknown order', false],
    [null, false],
  ])('%j of a rejection speaks of a second order: %p', (ordRejReason, spares) => {
    const next = given(place(100), place(100), report('Rejected', { ordRejReason }));
    expect([next.ordStatus, next.duplicates]).toEqual(spares ? ['PENDING_NEW', 0] : ['REJECTED', 1]);
  });

  test.each([
    [{ execRestatementReason: '0' }, 20],
    [{ execRestatementReason: 'GT corporate action' }, 20],
    [{ restatementReason: 0 }, 20],
    [{ execRestatementReason: '1', restatementReason: '0' }, 10],
    [{ execRestatementReason: 'GT renewal/restatement' }, 10],
    [{}, 10],
  ] satisfies (readonly [Partial<OrderMessage>, number])[])(
    '%j of a restatement to twice the size leaves 10 filled lots at %d',
    (reason, cumQty) => {
      const order = given(place(100), fill(10, 'a'), report('Restated', { orderQty: 200, ...reason }));
      expect([order.orderQty, order.cumQty]).toEqual([200, cumQty]);
    },
  );
});
