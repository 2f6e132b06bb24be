/** Each execution report, field by field: what it changes, and what it leaves. */
import { describe } from '@jest/globals';
import type { EncodedOrder } from '../../../src/machines/order/index.js';
import {
  ack,
  checkEffects,
  askCancel,
  history,
  fill,
  noAnswer,
  onRequest,
  place,
  report,
  verdict,
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

const overnight = history(place(100, { timeInForce: 'GTC' }), ack);
const REVIVED = { ended: null, byVerdict: false, leavesQty: 100 };

describe('a report that the venue has the order', () => {
  checkEffects([
    ['New acknowledges', placed, ack, { ordStatus: 'NEW', acked: true }],
    ['New again changes nothing', working, ack, {}],
    ['New again does not settle an unknown order', unsure, ack, {}],
    [
      'New again names the quantity of a cash order',
      cash,
      report('0', { orderQty: 500 }),
      { orderQty: 500, leavesQty: 500 },
    ],
    [
      'New does not change a quantity',
      placed,
      report('New', { orderQty: 500 }),
      { ordStatus: 'NEW', acked: true },
    ],
    [
      'Pending New settles an unknown order',
      history(placed, noAnswer),
      report('Pending New'),
      { ordStatus: 'PENDING_NEW', unknown: false },
    ],
    ['Pending New changes nothing else', placed, report('Pending New'), {}],
    [
      'Pending New undoes a verdict of absence',
      absent,
      report('Pending New'),
      { ordStatus: 'PENDING_NEW', ...REVIVED },
    ],
    ['New undoes a verdict of absence', absent, ack, { ordStatus: 'NEW', acked: true, ...REVIVED }],
    ['Pending New leaves a rejection of the venue', rejected, report('Pending New'), {}],
    ['New after a rejection of the venue leaves it', rejected, ack, { acked: true }],
    ['Pending New leaves a verdict of a cancel', gone, report('Pending New'), {}],
    ['New after a verdict of a cancel leaves it', gone, ack, { acked: true }],
    [
      'one without a rule acknowledges and settles',
      history(placed, noAnswer),
      report('Triggered'),
      { ordStatus: 'NEW', acked: true, unknown: false },
    ],
  ]);
});

describe('a fill', () => {
  const ten = { cumQty: 10, execs: [['a', 10, 0, -1]] } satisfies Partial<EncodedOrder>;
  const one = { ordStatus: 'PARTIALLY_FILLED', leavesQty: 90, ...ten } satisfies Partial<EncodedOrder>;
  checkEffects([
    ['books and acknowledges', placed, fill(10, 'a'), { ...one, acked: true }],
    ['settles an unknown order', unsure, fill(10, 'a'), { ...one, unknown: false }],
    [
      'without an id books into no log',
      working,
      report('Trade', { lastQty: 10 }),
      { ordStatus: 'PARTIALLY_FILLED', cumQty: 10, leavesQty: 90 },
    ],
    ['of nothing settles an unknown order', unsure, fill(0, 'a'), { ordStatus: 'NEW', unknown: false }],
    [
      'of a cash order without a quantity leaves nothing to trade',
      cash,
      fill(10, 'a'),
      { ordStatus: 'PARTIALLY_FILLED', ...ten },
    ],
    ['names the quantity of a cash order', cash, fill(10, 'a', { orderQty: 100 }), { ...one, orderQty: 100 }],
    ['does not change a quantity', working, fill(10, 'a', { orderQty: 500 }), one],
    ['undoes a rejection of the venue', rejected, fill(10, 'a'), { ...one, acked: true, ended: null }],
    [
      'undoes a verdict of absence',
      absent,
      fill(10, 'a'),
      { ...one, acked: true, ended: null, byVerdict: false },
    ],
    ['leaves a verdict of a cancel', gone, fill(10, 'a'), { ...ten, acked: true }],
    ['leaves a cancel', canceled, fill(10, 'a'), ten],
    [
      'ends the night of a GTC order',
      history(overnight, report('3')),
      fill(10, 'a'),
      { ...one, doneForDay: false },
    ],
    ['does not reopen a day order', history(working, report('3')), fill(10, 'a'), ten],
    [
      'of less than is missing counts into that',
      missing,
      fill(29, 'b'),
      {
        cumQty: 39,
        missingQty: 1,
        execs: [
          ['a', 10, 0, -1],
          ['b', 29, 0, -1],
        ],
      },
    ],
    [
      'of what is missing leaves nothing missing',
      missing,
      fill(30, 'b'),
      {
        cumQty: 40,
        missingQty: 0,
        execs: [
          ['a', 10, 0, -1],
          ['b', 30, 0, -1],
        ],
      },
    ],
    [
      'of more than is missing takes the rest of the leaves',
      missing,
      fill(31, 'b'),
      {
        cumQty: 41,
        missingQty: 0,
        leavesQty: 59,
        execs: [
          ['a', 10, 0, -1],
          ['b', 31, 0, -1],
        ],
      },
    ],
  ]);
});

describe('an end', () => {
  const marks = history(overnight, report('Stopped'), report('3'));
  const over = { ordStatus: 'CANCELED', ended: 'CANCELED', leavesQty: 0 } satisfies Partial<EncodedOrder>;
  checkEffects([
    [
      'takes the marks of day and guarantee away',
      marks,
      report('Canceled'),
      { ...over, doneForDay: false, stopped: false },
    ],
    [
      'settles an unknown order, and acknowledges none',
      history(placed, noAnswer),
      report('Canceled'),
      { ...over, unknown: false },
    ],
    ['stands against another', canceled, report('Expired'), {}],
    [
      'stands instead of a verdict',
      gone,
      report('Expired'),
      { ordStatus: 'EXPIRED', ended: 'EXPIRED', byVerdict: false },
    ],
    [
      'stands instead of a verdict of absence',
      absent,
      report('Canceled'),
      { ordStatus: 'CANCELED', ended: 'CANCELED', byVerdict: false },
    ],
    [
      'names the quantity of a cash order',
      cash,
      report('4', { orderQty: 100 }),
      { ordStatus: 'CANCELED', ended: 'CANCELED', orderQty: 100 },
    ],
  ]);
});

describe('a rejection', () => {
  const ended = { ordStatus: 'REJECTED', ended: 'REJECTED', leavesQty: 0 } satisfies Partial<EncodedOrder>;
  const twice = history(working, place(100));
  const duplicate = report('Rejected', { ordRejReason: '6' });
  checkEffects([
    ['under the id of the order is of the order', working, report('8'), ended],
    [
      'under the id of the order is of the order though a request bears it too',
      history(working, askCancel('X', 'X')),
      report('8'),
      { ...ended, requests: [] },
    ],
    [
      'under the id of a request is of the request',
      history(working, askCancel('Y', 'X')),
      report('8', { clOrdId: 'Y' }),
      { requests: [], pastIds: ['Y'] },
    ],
    [
      'under another id is of the order, which takes that id',
      working,
      report('8', { clOrdId: 'Q' }),
      { ...ended, clOrdId: 'Q', pastIds: ['X'] },
    ],
    ['of an order with fills is none', history(working, fill(10, 'a')), report('8'), {}],
    [
      'of an order with missing fills is none',
      history(placed, noAnswer, verdict('PARTIALLY_FILLED', 40)),
      report('8'),
      {},
    ],
    [
      'of an order with as many fills as are missing is none',
      history(working, fill(20, 'a'), verdict('NEW', 40)),
      report('8'),
      {},
    ],
    ['of a second order leaves the first', twice, report('8'), { duplicates: 0 }],
    [
      'of a second order leaves one that waits',
      history(place(100), place(100)),
      duplicate,
      { duplicates: 0 },
    ],
    ['of an order that waits is of the order', history(place(100), place(100)), report('8'), ended],
    ['for duplicity of an acknowledged order is none', working, duplicate, {}],
    ['for duplicity of an order that waits is of the order', placed, duplicate, ended],
    [
      'for duplicity of the third leaves the second',
      history(twice, place(100)),
      duplicate,
      { duplicates: 1 },
    ],
  ]);
});

describe('a pending report', () => {
  const request = { clOrdId: 'Y', kind: 'CANCEL', orderQty: null, pending: true } as const;
  checkEffects([
    [
      'undoes a verdict of absence',
      absent,
      onRequest('6', 'Y', 'X'),
      { ordStatus: 'PENDING_CANCEL', requests: [request], ...REVIVED },
    ],
    ['adds nothing to what is over', canceled, onRequest('6', 'Y', 'X'), {}],
    ['adds nothing to what is over by a verdict', gone, onRequest('6', 'Y', 'X'), {}],
    [
      'settles an unknown order',
      unsure,
      onRequest('6', 'Y', 'X'),
      { ordStatus: 'PENDING_CANCEL', unknown: false, requests: [request] },
    ],
    [
      'settles an unknown order again',
      history(working, onRequest('6', 'Y', 'X'), noAnswer),
      onRequest('6', 'Y', 'X'),
      { ordStatus: 'PENDING_CANCEL', unknown: false },
    ],
    [
      'without an id is of a request under that of the order',
      working,
      report('E', { clOrdId: null }),
      { ordStatus: 'PENDING_REPLACE', requests: [{ ...request, clOrdId: 'X', kind: 'REPLACE' }] },
    ],
  ]);
});

describe('a replacement', () => {
  const to = (orderQty: number | null) => report('Replaced', { orderQty });
  checkEffects([
    ['of a cash order without a quantity leaves it without', cash, to(null), {}],
    ['takes the quantity of the report', working, to(120), { orderQty: 120, leavesQty: 120 }],
    ['without a quantity keeps it', working, to(null), {}],
    [
      'acknowledges and settles',
      history(placed, noAnswer),
      to(null),
      { ordStatus: 'NEW', acked: true, unknown: false },
    ],
    ['to one above what is filled and missing leaves one', missing, to(41), { orderQty: 41, leavesQty: 1 }],
    [
      'to what is filled and missing fills',
      missing,
      to(40),
      { ordStatus: 'FILLED', orderQty: 40, leavesQty: 0 },
    ],
    ['to less than that fills at that', missing, to(39), { ordStatus: 'FILLED', orderQty: 40, leavesQty: 0 }],
    ['ends the night', history(overnight, report('3')), to(null), { ordStatus: 'NEW', doneForDay: false }],
  ]);
});

describe('a mark', () => {
  const night = report('Done for Day', { execId: 'n' });
  checkEffects([
    [
      'ends the day of a day order for good',
      working,
      report('3'),
      { ordStatus: 'DONE_FOR_DAY', doneForDay: true, leavesQty: 0 },
    ],
    [
      'ends the day of a GTC order for the night',
      overnight,
      report('3'),
      { ordStatus: 'DONE_FOR_DAY', doneForDay: true },
    ],
    [
      'is noted by its id',
      overnight,
      night,
      { ordStatus: 'DONE_FOR_DAY', doneForDay: true, execs: [['n', 0, 1, -1]] },
    ],
    ['that comes again does not end the next day', history(overnight, night, report('D')), night, {}],
    [
      'without an id ends the next day too',
      history(overnight, report('3'), report('D')),
      report('3'),
      { ordStatus: 'DONE_FOR_DAY', doneForDay: true },
    ],
    ['guarantees', placed, report('7'), { ordStatus: 'STOPPED', stopped: true, acked: true }],
    ['is not set on what is over, but noted', canceled, night, { execs: [['n', 0, 1, -1]] }],
    ['of a guarantee is not set on what is over', canceled, report('7'), {}],
    [
      'is set where a verdict of absence was wrong',
      absent,
      report('7'),
      { ordStatus: 'STOPPED', stopped: true, acked: true, ...REVIVED },
    ],
  ]);
});
