/** Busts and corrections, restatements and splits, field by field: what they change, and what they leave. */
import { describe, expect, test } from '@jest/globals';
import type { EncodedOrder, OrderMessage } from '../../../src/machines/order/index.js';
import {
  ack,
  askCancel,
  askReplace,
  checkEffects,
  bust,
  continued,
  history,
  correct,
  fill,
  given,
  noAnswer,
  place,
  report,
  placed,
  working,
  unsure,
  cash,
  rejected,
  canceled,
  absent,
  gone,
  missing,
} from './orders.js';

const split = (orderQty: number | null, cumQty: number | null = null): OrderMessage =>
  report('Restated', { orderQty, cumQty, execRestatementReason: '0' });

describe('a bust or a correction', () => {
  const filled = history(placed, fill(10, 'a'));
  const UNSEEN = [
    ['a', 0, 1, 1],
    ['b', 7, 0, -1],
  ] as const;
  const up = { cumQty: 7, execs: UNSEEN } satisfies Partial<EncodedOrder>;
  const BUSTED = [
    ['a', 0, 1, -1],
    ['b', 0, 1, -1],
  ] as const;
  checkEffects([
    [
      'upward acknowledges',
      placed,
      correct('b', 'a', 7),
      { ordStatus: 'PARTIALLY_FILLED', acked: true, leavesQty: 93, ...up },
    ],
    ['of nothing seen does not acknowledge', placed, bust('b', 'a'), { execs: BUSTED }],
    ['upward leaves an unknown order unknown', unsure, correct('b', 'a', 7), { leavesQty: 93, ...up }],
    [
      'downward leaves an unknown order unknown',
      history(filled, noAnswer),
      bust('b', 'a'),
      {
        cumQty: 0,
        leavesQty: 100,
        execs: [
          ['a', 10, 1, -1],
          ['b', 0, 1, -1],
        ],
      },
    ],
    [
      'upward names the quantity of a cash order',
      cash,
      { ...correct('b', 'a', 7), orderQty: 7 },
      { ordStatus: 'FILLED', orderQty: 7, ...up },
    ],
    ['downward names none', cash, { ...bust('b', 'a'), orderQty: 7 }, { execs: BUSTED }],
    [
      'upward undoes a rejection of the venue',
      rejected,
      correct('b', 'a', 7),
      { ordStatus: 'PARTIALLY_FILLED', acked: true, ended: null, leavesQty: 93, ...up },
    ],
    [
      'upward undoes a verdict of absence',
      absent,
      correct('b', 'a', 7),
      { ordStatus: 'PARTIALLY_FILLED', acked: true, ended: null, byVerdict: false, leavesQty: 93, ...up },
    ],
    ['of nothing seen leaves a rejection', rejected, bust('b', 'a'), { execs: BUSTED }],
    ['of nothing seen leaves a verdict of absence', absent, bust('b', 'a'), { execs: BUSTED }],
    [
      'to no size leaves a rejection',
      rejected,
      correct('b', 'a', 0),
      {
        execs: [
          ['a', 0, 1, 1],
          ['b', 0, 0, -1],
        ],
      },
    ],
    ['upward leaves a cancel', canceled, correct('b', 'a', 7), up],
    ['upward leaves a verdict of a cancel', gone, correct('b', 'a', 7), { acked: true, ...up }],
    [
      'of what was seen leaves what is missing',
      missing,
      correct('b', 'a', 20),
      {
        cumQty: 20,
        leavesQty: 50,
        execs: [
          ['a', 10, 1, 1],
          ['b', 20, 0, -1],
        ],
      },
    ],
    [
      'of what was missing counts into that',
      missing,
      correct('c', 'b', 20),
      {
        cumQty: 30,
        missingQty: 10,
        execs: [
          ['a', 10, 0, -1],
          ['b', 0, 1, 2],
          ['c', 20, 0, -1],
        ],
      },
    ],
    [
      'beyond what was missing takes the rest of the leaves',
      missing,
      correct('c', 'b', 31),
      {
        cumQty: 41,
        missingQty: 0,
        leavesQty: 59,
        execs: [
          ['a', 10, 0, -1],
          ['b', 0, 1, 2],
          ['c', 31, 0, -1],
        ],
      },
    ],
    ['that names no execution changes nothing', filled, report('H', { execId: 'b' }), {}],
    ['that corrects no execution changes nothing', filled, report('G', { execId: 'b', lastQty: 1 }), {}],
  ]);

  test.each([bust('b', 'a'), correct('b', 'a', 7), correct('b', 'a', 0)])(
    'shows that there is an order, number %#',
    (message) => {
      const { acked, unknown, phantom } = given(message);
      expect({ acked, unknown, phantom }).toEqual({ acked: true, unknown: false, phantom: false });
    },
  );

  test('that takes out more than a split left never makes the total negative', () => {
    const halves = given(place(3), fill(1, 'a'), fill(1, 'b'), fill(1, 'c'), split(6, 4));
    expect([halves.cumQty, halves.missingQty]).toEqual([4, 0]);
    expect(continued(halves, bust('x', 'a'), bust('y', 'b'), bust('z', 'c')).cumQty).toBe(0);
  });
});

describe('a restatement', () => {
  const noted = report('Restated', { execId: 'r', orderQty: 90 });
  checkEffects([
    ['changes the quantity', working, report('D', { orderQty: 90 }), { orderQty: 90, leavesQty: 90 }],
    ['without a quantity keeps it', working, report('D'), {}],
    ['is noted by its id', working, noted, { orderQty: 90, leavesQty: 90, execs: [['r', 0, 1, -1]] }],
    [
      'that comes again changes nothing',
      history(working, noted, report('Replaced', { orderQty: 80 })),
      noted,
      {},
    ],
    [
      'without an id counts each time',
      history(working, report('D', { orderQty: 90 }), report('5', { orderQty: 80 })),
      report('D', { orderQty: 90 }),
      { orderQty: 90, leavesQty: 90 },
    ],
    [
      'acknowledges, settles and ends the night',
      history(history(place(100, { timeInForce: 'GTC' })), report('3'), noAnswer),
      report('D'),
      { ordStatus: 'NEW', unknown: false, doneForDay: false },
    ],
    ['of an order that waits acknowledges it', placed, report('D'), { ordStatus: 'NEW', acked: true }],
  ]);
});

describe('a split', () => {
  const filled = history(working, fill(10, 'a'));
  const doubled = {
    orderQty: 200,
    cumQty: 20,
    leavesQty: 180,
    execs: [['a', 20, 0, -1]],
  } satisfies Partial<EncodedOrder>;
  checkEffects([
    ['scales the fills', filled, split(200), doubled],
    [
      'rounds each down',
      filled,
      split(39),
      { orderQty: 39, cumQty: 3, leavesQty: 36, execs: [['a', 3, 0, -1]] },
    ],
    [
      'of an order without fills has nothing to scale',
      working,
      split(200),
      { orderQty: 200, leavesQty: 200 },
    ],
    [
      'scales what a replace asks for',
      history(working, askCancel('Y', 'X'), askReplace('Z', 'X', 151)),
      split(50),
      {
        orderQty: 50,
        leavesQty: 50,
        requests: [
          { clOrdId: 'Y', kind: 'CANCEL', orderQty: null, pending: false },
          { clOrdId: 'Z', kind: 'REPLACE', orderQty: 75, pending: false },
        ],
      },
    ],
    ['to the same size changes nothing', filled, split(100, 30), {}],
    ['without a size changes nothing', filled, split(null, 30), {}],
    [
      'of a cash order without a size sets it',
      history(cash, fill(10, 'a')),
      split(20),
      { orderQty: 20, leavesQty: 10 },
    ],
    [
      'of an order of nothing sets its size',
      history(place(0), ack),
      split(20),
      { orderQty: 20, leavesQty: 20 },
    ],
    [
      'scales what is missing',
      missing,
      split(200),
      { orderQty: 200, cumQty: 20, missingQty: 60, leavesQty: 120, execs: [['a', 20, 0, -1]] },
    ],
    [
      'with one less than the fills come to takes that',
      filled,
      split(200, 19),
      { ...doubled, cumQty: 19, leavesQty: 181 },
    ],
    ['with what the fills come to takes that', filled, split(200, 20), doubled],
    ['with one more has it missing', filled, split(200, 21), { ...doubled, missingQty: 1, leavesQty: 179 }],
    [
      'with a total of its own forgets what was missing',
      missing,
      split(200, 20),
      { ...doubled, missingQty: 0 },
    ],
  ]);
});
