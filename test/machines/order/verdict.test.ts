/** Verdicts and status answers, field by field: what they settle, and what of the facts stands against them. */
import { describe, expect, test } from '@jest/globals';
import { encodeOrder, type OrderMessage, stepOrder } from '../../../src/machines/order/index.js';
import {
  absent,
  ack,
  checkEffects,
  askCancel,
  history,
  effect,
  fill,
  given,
  noAnswer,
  onRequest,
  place,
  report,
  verdict,
  placed,
  working,
  rejected,
  canceled,
} from './orders.js';

const unanswered = history(placed, noAnswer);
const filled = history(working, fill(10, 'a'));
const short = history(filled, verdict('PARTIALLY_FILLED', 40));
const cashUnanswered = history(place(null), noAnswer);
const answer = (ordStatus: string | null, cumQty: number | null = null, orderQty: number | null = null) =>
  report('Order Status', { ordStatus, cumQty, orderQty });
const unknownOrder = report('Order Status', { ordRejReason: '5', ordStatus: '4', orderQty: 100 });

const SETTLED = { unknown: false, byVerdict: true, leavesQty: 0 };
describe('the word of a fate', () => {
  test.each([
    ['0', 'NEW'],
    ['New', 'NEW'],
    ['1', 'PARTIALLY_FILLED'],
    ['Partially filled', 'PARTIALLY_FILLED'],
    ['2', 'FILLED'],
    ['Filled', 'FILLED'],
    ['4', 'CANCELED'],
    ['Canceled', 'CANCELED'],
    ['Cancelled', 'CANCELED'],
    ['8', 'REJECTED'],
    ['Rejected', 'REJECTED'],
    ['C', 'EXPIRED'],
    ['Expired', 'EXPIRED'],
  ])('%s is %s, of a verdict and of an answer', (ordStatus, status) => {
    const cumQty = status === 'PARTIALLY_FILLED' ? 40 : null;
    expect(given(unanswered, verdict(ordStatus, cumQty)).ordStatus).toBe(status);
    expect(effect(unanswered, answer(ordStatus, cumQty))).toEqual(
      effect(unanswered, verdict(ordStatus, cumQty)),
    );
  });

  test.each(['6', 'E', 'A', '3', '7', 'Pending Cancel', '', null, undefined])('%p is none', (ordStatus) => {
    expect(() => given(unanswered, { msgType: 'V', ordStatus } as OrderMessage)).toThrow(
      expect.objectContaining({ code: 'VALIDATION', path: 'ordStatus', message: `no verdict: ${ordStatus}` }),
    );
    expect(effect(unanswered, report('Order Status', { ordStatus } as OrderMessage))).toEqual({
      ordStatus: 'PENDING_NEW',
      unknown: false,
    });
  });
});

describe('a verdict', () => {
  const end = (status: string, missingQty = 0) => ({
    ...SETTLED,
    ordStatus: status,
    ended: status,
    ...(missingQty > 0 ? { missingQty, acked: true } : {}),
  });
  checkEffects([
    ['New acknowledges', unanswered, verdict('NEW'), { ordStatus: 'NEW', acked: true, unknown: false }],
    [
      'Partially filled acknowledges, also without a quantity',
      unanswered,
      verdict('1'),
      { ordStatus: 'NEW', acked: true, unknown: false },
    ],
    [
      'Filled fills',
      unanswered,
      verdict('2'),
      { ordStatus: 'FILLED', acked: true, unknown: false, missingQty: 100, leavesQty: 0 },
    ],
    ['Filled with one less ends', unanswered, verdict('2', 99), end('CANCELED', 99)],
    [
      'Filled with one more fills',
      unanswered,
      verdict('2', 101),
      { ordStatus: 'FILLED', acked: true, unknown: false, missingQty: 101, leavesQty: 0 },
    ],
    ['Filled with nothing ends', unanswered, verdict('2', 0), end('CANCELED')],
    ['Canceled acknowledges nothing', unanswered, verdict('4', 0), end('CANCELED')],
    ['Canceled with fills acknowledges', unanswered, verdict('4', 1), end('CANCELED', 1)],
    ['Expired with fills is expired', unanswered, verdict('C', 40), end('EXPIRED', 40)],
    ['Rejected without fills is rejected', unanswered, verdict('8', 0), end('REJECTED')],
    ['Rejected with fills is canceled', unanswered, verdict('8', 1), end('CANCELED', 1)],
    [
      'Rejected of an order with fills is canceled',
      filled,
      verdict('8', 0),
      { ordStatus: 'CANCELED', ended: 'CANCELED', byVerdict: true, leavesQty: 0 },
    ],
    ['without a quantity leaves what is missing', short, verdict('1'), {}],
    ['of less leaves less missing', short, verdict('1', 11), { missingQty: 1, leavesQty: 89 }],
    ['of our fills leaves nothing missing', short, verdict('1', 10), { missingQty: 0, leavesQty: 90 }],
    [
      'of less than our fills leaves nothing missing',
      short,
      verdict('1', 9),
      { missingQty: 0, leavesQty: 90 },
    ],
    [
      'names the quantity of a cash order',
      cashUnanswered,
      { ...verdict('2'), orderQty: 5 },
      { ordStatus: 'FILLED', orderQty: 5, missingQty: 5, acked: true, unknown: false },
    ],
    [
      'Filled of a cash order without a quantity ends nothing',
      cashUnanswered,
      verdict('2', 5),
      { ordStatus: 'PARTIALLY_FILLED', missingQty: 5, acked: true, unknown: false },
    ],
    [
      'does not change a quantity',
      unanswered,
      { ...verdict('NEW'), orderQty: 5 },
      { ordStatus: 'NEW', acked: true, unknown: false },
    ],
  ]);
});

describe('a verdict and what stands', () => {
  const gone = history(unanswered, verdict('4', 0));
  const marked = history(history(place(100, { timeInForce: 'GTC' }), ack), report('Stopped'), report('3'));
  const over = { byVerdict: true, doneForDay: false, stopped: false, leavesQty: 0 };
  const pending = history(working, askCancel('Y', 'X'), onRequest('6', 'Z', 'X'));
  const ask = (clOrdId: string) => ({ clOrdId, kind: 'CANCEL', orderQty: null, pending: false });
  checkEffects([
    ['an end of the venue', canceled, verdict('NEW'), {}],
    ['an end of the venue, with fills', canceled, verdict('1', 40), { missingQty: 40 }],
    [
      'an end of the venue that is full',
      canceled,
      verdict('2', 100),
      { ordStatus: 'FILLED', missingQty: 100 },
    ],
    ['a rejection of the venue, without fills', rejected, verdict('NEW', 0), {}],
    [
      'a rejection of the venue, with one',
      rejected,
      verdict('1', 1),
      { ordStatus: 'PARTIALLY_FILLED', ended: null, acked: true, missingQty: 1, leavesQty: 99 },
    ],
    [
      'a rejection of the venue, canceled with one',
      rejected,
      verdict('4', 1),
      { ordStatus: 'CANCELED', ended: 'CANCELED', byVerdict: true, acked: true, missingQty: 1 },
    ],
    [
      'an earlier verdict',
      gone,
      verdict('NEW'),
      { ordStatus: 'NEW', ended: null, byVerdict: false, acked: true, leavesQty: 100 },
    ],
    ['the same verdict', gone, verdict('4', 0), {}],
    [
      'day and guarantee, of a live order',
      marked,
      verdict('NEW'),
      { ordStatus: 'STOPPED', doneForDay: false },
    ],
    [
      'day and guarantee, of one partly filled',
      marked,
      verdict('1', 40),
      { ordStatus: 'STOPPED', doneForDay: false, missingQty: 40, leavesQty: 60 },
    ],
    ['day and guarantee, of a filled one', marked, verdict('2'), { missingQty: 100, leavesQty: 0 }],
    [
      'day and guarantee, of a canceled one',
      marked,
      verdict('4'),
      { ...over, ordStatus: 'CANCELED', ended: 'CANCELED' },
    ],
    [
      'day and guarantee, of an expired one',
      marked,
      verdict('C'),
      { ...over, ordStatus: 'EXPIRED', ended: 'EXPIRED' },
    ],
    ['pending requests', pending, verdict('NEW'), { ordStatus: 'NEW', requests: [ask('Y'), ask('Z')] }],
    ['requests that are not pending', history(working, askCancel('Y', 'X')), verdict('NEW'), {}],
  ]);

  test('about an order unseen is all that is known of it', () => {
    const order = stepOrder(undefined, { ...verdict('4', 2), orderQty: 5 });
    expect(encodeOrder(order)).toMatchObject({
      ordStatus: 'CANCELED',
      orderQty: 5,
      missingQty: 2,
      phantom: false,
      unknown: false,
    });
  });
});

describe('a status answer', () => {
  const known = history({ msgType: 'H', clOrdId: 'X' });
  const nobodys = { ordStatus: 'REJECTED', ended: 'REJECTED', orderQty: 0, unknown: false, phantom: false };
  checkEffects([
    ['"unknown order" about one of ours', unanswered, unknownOrder, {}],
    ['of no quantity about one of ours', unanswered, answer('4', null, 0), {}],
    ['"unknown order" about one known by name', known, unknownOrder, nobodys],
    ['of no quantity about one known by name', known, answer('0', null, 0), nobodys],
    ['of no word about one known by name', known, answer(null), nobodys],
    [
      'of a status about one known by name',
      known,
      answer('0'),
      { ordStatus: 'NEW', acked: true, unknown: false, phantom: false },
    ],
    [
      'of a quantity about one known by name',
      known,
      answer(null, null, 5),
      { ordStatus: 'PENDING_NEW', orderQty: 5, leavesQty: 5, unknown: false, phantom: false },
    ],
    [
      'of a quantity and fills about one known by name',
      known,
      answer('6', 2, 5),
      {
        ordStatus: 'PARTIALLY_FILLED',
        orderQty: 5,
        missingQty: 2,
        leavesQty: 3,
        unknown: false,
        phantom: false,
      },
    ],
    [
      'without a status settles one of ours',
      unanswered,
      answer(null),
      { ordStatus: 'PENDING_NEW', unknown: false },
    ],
    [
      'without a status counts its fills',
      unanswered,
      answer('E', 40, 500),
      { ordStatus: 'PARTIALLY_FILLED', missingQty: 40, leavesQty: 60, unknown: false },
    ],
    [
      'without a status names the quantity of a cash order',
      cashUnanswered,
      answer(null, null, 5),
      { ordStatus: 'PENDING_NEW', orderQty: 5, leavesQty: 5, unknown: false },
    ],
    [
      'that shows one alive undoes a verdict of absence',
      absent,
      answer('6'),
      { ordStatus: 'PENDING_NEW', ended: null, byVerdict: false, leavesQty: 100 },
    ],
    ['that shows one alive undoes no end', history(unanswered, verdict('4', 0)), answer('6'), {}],
    ['that shows one alive undoes no rejection of the venue', rejected, answer('6'), {}],
    ['without a status changes nothing of what is known', short, answer('Pending Cancel', null, 100), {}],
  ]);

  test.each([
    [{ orderQty: 1.5 }, 'orderQty'],
    [{ cumQty: -1 }, 'cumQty'],
    [{ cumQty: -1, ordStatus: '0' }, 'cumQty'],
  ])('of %j is refused', (quantity, path) => {
    expect(() => given(working, report('Order Status', quantity))).toThrow(
      expect.objectContaining({ code: 'VALIDATION', path }),
    );
  });
});
