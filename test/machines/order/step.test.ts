/** Which order a message is about, and what D, H, 9 and T do, field by field. */
import { describe, expect, test } from '@jest/globals';
import {
  encodeOrder,
  isOpen,
  isTerminal,
  type OrderMessage,
  stepOrder,
  worstLeaves,
} from '../../../src/machines/order/index.js';
import {
  ack,
  askCancel,
  askReplace,
  history,
  effect,
  fill,
  given,
  noAnswer,
  onRequest,
  place,
  refuse,
  report,
  verdict,
  placed,
  working,
} from './orders.js';

const BARE = {
  clOrdId: 'X',
  ordStatus: 'PENDING_NEW',
  orderQty: null,
  cumQty: 0,
  leavesQty: 0,
  missingQty: 0,
  overnight: false,
  acked: false,
  unknown: false,
  phantom: false,
  ended: null,
  byVerdict: false,
  doneForDay: false,
  stopped: false,
  duplicates: 0,
  requests: [],
  pastIds: [],
  execs: null,
};
const UNSEEN = { ...BARE, ordStatus: 'UNKNOWN', unknown: true, phantom: true };

describe('an order', () => {
  test('that is placed is nothing but that', () => {
    expect(encodeOrder(given(placed))).toEqual({ ...BARE, orderQty: 100, leavesQty: 100 });
    expect(Object.keys(encodeOrder(given(working)))).toEqual(Object.keys(BARE));
  });

  test.each<[string, OrderMessage, object]>([
    [
      'a cancel request, with its quantity',
      { ...askCancel('Y', 'X'), orderQty: 100 },
      {
        orderQty: 100,
        leavesQty: 100,
        requests: [{ clOrdId: 'Y', kind: 'CANCEL', orderQty: null, pending: false }],
      },
    ],
    [
      'a replace request, whose quantity is only asked for',
      askReplace('Y', 'X', 100),
      { leavesQty: 100, requests: [{ clOrdId: 'Y', kind: 'REPLACE', orderQty: 100, pending: false }] },
    ],
    ['a question', { msgType: 'H', clOrdId: 'X', orderQty: 100 }, {}],
    ['a question about a GTC order', { msgType: 'H', clOrdId: 'X', timeInForce: 'GTC' }, { overnight: true }],
    ['silence', { ...noAnswer, orderQty: 100 }, {}],
    ['a refusal for another reason', { ...refuse('Y', 'X', 'Other'), orderQty: 100 }, { pastIds: ['Y'] }],
    [
      'a refusal that the venue does not know it',
      { ...refuse('Y', 'X', 'Unknown order'), orderQty: 100 },
      { ordStatus: 'REJECTED', ended: 'REJECTED', unknown: false, phantom: false, pastIds: ['Y'] },
    ],
    [
      'a refusal without a reason',
      refuse('Y', 'X'),
      { ordStatus: 'REJECTED', ended: 'REJECTED', unknown: false, phantom: false, pastIds: ['Y'] },
    ],
    [
      'a refusal that names no reason at all',
      { msgType: '9', clOrdId: 'X' },
      { ordStatus: 'REJECTED', ended: 'REJECTED', unknown: false, phantom: false },
    ],
    [
      'a verdict, with its quantity',
      { ...verdict('New'), orderQty: 100 },
      { ordStatus: 'NEW', orderQty: 100, leavesQty: 100, acked: true, unknown: false, phantom: false },
    ],
    [
      'a report, with its quantity',
      report('New', { orderQty: 100 }),
      { ordStatus: 'NEW', orderQty: 100, leavesQty: 100, acked: true, unknown: false, phantom: false },
    ],
    [
      'a bust of nothing, with its quantity',
      report('Trade Cancel', { orderQty: 100 }),
      { orderQty: 100, leavesQty: 100 },
    ],
    [
      'a rejection',
      report('Rejected', { orderQty: 100 }),
      { ordStatus: 'REJECTED', orderQty: 100, ended: 'REJECTED', unknown: false, phantom: false },
    ],
  ])('of which the first we hear is %s', (_, message, facts) => {
    expect(encodeOrder(stepOrder(undefined, message))).toEqual({ ...UNSEEN, ...facts });
  });

  test.each<[Partial<OrderMessage>, string | null]>([
    [{ clOrdId: 'Y', origClOrdId: 'X' }, 'X'],
    [{ clOrdId: 'X' }, 'X'],
    [{ clOrdId: 'X', origClOrdId: '' }, 'X'],
    [{ clOrdId: '' }, null],
    [{}, null],
  ])('first heard of by %j is %p', (ids, clOrdId) => {
    expect(stepOrder(undefined, { msgType: 'H', ...ids }).clOrdId).toBe(clOrdId);
  });

  test('of no kind is refused, by name', () => {
    for (const msgType of ['Z', '', 'd', undefined, 8])
      for (const order of [undefined, given(working)])
        expect(() => stepOrder(order, { msgType: msgType as 'D' })).toThrow(
          expect.objectContaining({
            code: 'VALIDATION',
            path: 'msgType',
            message: `no such message type: ${msgType}`,
          }),
        );
  });
});

describe('a question', () => {
  test.each(['X', 'Q', null])('changes nothing, whatever it names: %p', (clOrdId) => {
    expect(effect(working, { msgType: 'H', clOrdId })).toEqual({});
  });
});

describe('a status answer is about another order', () => {
  const answer = (clOrdId: string | null, origClOrdId: string | null = null): OrderMessage =>
    report('Order Status', { clOrdId, origClOrdId, orderQty: 7, ordStatus: 'New' });
  const chained = history(working, onRequest('Replaced', 'Y', 'X'), askCancel('Z', 'Y'));

  test.each<[string | null, string | null, boolean]>([
    ['Y', null, false],
    ['Z', 'Y', false],
    ['Z', null, false],
    ['X', null, false],
    [null, null, false],
    ['', '', false],
    ['Q', 'Y', false],
    ['Q', 'X', false],
    ['Z', 'Q', false],
    ['Q', null, true],
    ['Q', '', true],
    ['Q', 'R', true],
  ])('where it names %p and %p: %p', (clOrdId, origClOrdId, isOther) => {
    const next = given(chained, answer(clOrdId, origClOrdId));
    expect([next.orderQty, next.clOrdId]).toEqual(isOther ? [7, origClOrdId || 'Q'] : [100, 'Y']);
  });

  test('where it answers a question about an order unseen, in which the venue may know nothing', () => {
    const unknown = report('Order Status', { clOrdId: 'Q' });
    expect(encodeOrder(given(working, unknown))).toEqual({
      ...BARE,
      clOrdId: 'Q',
      ordStatus: 'REJECTED',
      orderQty: 0,
      ended: 'REJECTED',
    });
  });

  test('never of a telephoned order, which has no id', () => {
    const telephoned = history(report('New', { clOrdId: null, orderQty: 100 }));
    expect(effect(telephoned, answer('Q'))).toEqual({});
  });

  test('and other reports never are', () => {
    expect(effect(working, fill(10, 'a', { clOrdId: 'Q', orderQty: 7 }))).toMatchObject({
      cumQty: 10,
      leavesQty: 90,
    });
    expect(effect(working, report('New', { clOrdId: 'Q', orderQty: 7 }))).toEqual({});
  });
});

describe('an order placed again', () => {
  const rejected = history(placed, noAnswer, verdict('REJECTED', 0), askCancel('Y', 'X'));
  const anew = { ordStatus: 'PENDING_NEW', ended: null, byVerdict: false, requests: [] };

  test.each<[string, OrderMessage]>([
    ['under its id', place(500)],
    ['without an id', place(500, { clOrdId: null })],
    ['under the id of a request', place(500, { clOrdId: 'Y' })],
  ])('%s is a second one', (_, message) => {
    expect(effect(history(working, askCancel('Y', 'X')), message)).toEqual({ duplicates: 1 });
  });

  test('is a third one the third time, and none as a possible resend', () => {
    expect(effect(history(working, place(100)), place(100))).toEqual({ duplicates: 2 });
    expect(effect(working, place(100, { possResend: true }))).toEqual({});
    expect(effect(working, place(100, { possResend: false }))).toEqual({ duplicates: 1 });
  });

  test('under another id is another order', () => {
    const other = given(working, fill(10, 'a'), place(500, { clOrdId: 'Q', timeInForce: '1' }));
    expect(encodeOrder(other)).toEqual({
      ...BARE,
      clOrdId: 'Q',
      orderQty: 500,
      leavesQty: 500,
      overnight: true,
    });
  });

  test.each<[string, number | null, object]>([
    ['its quantity', 100, { leavesQty: 100 }],
    ['another quantity', 50, { orderQty: 50, leavesQty: 50 }],
    ['none', 0, { orderQty: 0 }],
    ['no word of it', null, { leavesQty: 100 }],
  ])('after its rejection starts anew, with %s', (_, orderQty, quantities) => {
    expect(effect(rejected, place(orderQty))).toEqual({ ...anew, ...quantities });
  });

  test('after its rejection is not acknowledged any more', () => {
    expect(effect(history(working, report('Rejected')), place(100))).toEqual({
      ordStatus: 'PENDING_NEW',
      acked: false,
      ended: null,
      leavesQty: 100,
    });
  });

  test('after a cancel is a second one', () => {
    expect(effect(history(working, report('Canceled')), place(100))).toEqual({ duplicates: 1 });
  });

  test('of which only requests were known keeps these', () => {
    const known = history(askCancel('Y', 'X'), refuse('Z', 'X', 'Other'));
    expect(encodeOrder(given(known, place(100, { timeInForce: 'GTC' })))).toEqual({
      ...BARE,
      orderQty: 100,
      leavesQty: 100,
      overnight: true,
      requests: [{ clOrdId: 'Y', kind: 'CANCEL', orderQty: null, pending: false }],
      pastIds: ['Z'],
    });
  });
});

describe('a refused request', () => {
  const asked = history(working, askCancel('Y', 'X'));
  const spent = { requests: [], pastIds: ['Y'] };

  test.each<[string | null, object]>([
    [null, { ...spent, ordStatus: 'NEW', unknown: false }],
    ['Other', { ...spent, ordStatus: 'NEW', unknown: false }],
    ['Too late to cancel', spent],
    ['Unknown order', spent],
  ])('of an unknown order for the reason %p', (reason, changes) => {
    expect(effect(history(asked, noAnswer), refuse('Y', 'X', reason))).toEqual(changes);
    expect(effect(asked, refuse('Y', 'X', reason))).toEqual(spent);
  });

  test('of an order known by name leaves the others, and only the name', () => {
    const known = history(askCancel('Y', 'X'), askCancel('Z', 'X'));
    expect(effect(known, refuse('Y', 'X', 'Too late to cancel'))).toMatchObject({ pastIds: ['Y'] });
    expect(given(known).phantom).toBe(true);
  });
});

describe('silence', () => {
  const cash = history(place(null), ack);

  test.each([
    ['of an order that waits', placed, { ordStatus: 'UNKNOWN', unknown: true }],
    ['of a cash order', cash, { ordStatus: 'UNKNOWN', unknown: true }],
    ['of a filled order', history(working, fill(100, 'a')), {}],
    [
      'of a filled order with a raise under way',
      history(working, fill(100, 'a'), askReplace('Y', 'X', 101)),
      { ordStatus: 'UNKNOWN', unknown: true, leavesQty: 1 },
    ],
    [
      'of a filled order with a replace to what is filled',
      history(working, fill(100, 'a'), askReplace('Y', 'X', 100)),
      {},
    ],
    [
      'of a canceled order with a raise under way',
      history(working, askReplace('Y', 'X', 150), report('Canceled')),
      {},
    ],
    [
      'of a GTC order in its night',
      history(place(100, { timeInForce: '1' }), report('3')),
      { ordStatus: 'UNKNOWN', unknown: true },
    ],
    ['of a day order after its day', history(place(100), report('3')), {}],
    ['of an unknown order', history(working, noAnswer), {}],
  ])('%s', (_, order, changes) => {
    expect(effect(order, noAnswer)).toEqual(changes);
  });
});

describe('what can still trade', () => {
  test('leaves out what is missing, also while unknown', () => {
    const past = history(working, fill(10, 'a'), verdict('PARTIALLY_FILLED', 40));
    const order = given(past);
    expect([order.leavesQty, worstLeaves(order)]).toEqual([60, 60]);
    expect(effect(past, noAnswer)).toEqual({ ordStatus: 'UNKNOWN', unknown: true });
    expect(given(past, askReplace('Y', 'X', 150), noAnswer).leavesQty).toBe(110);
  });

  test.each([
    [[150, 120], 150],
    [[120, 150], 150],
    [[100, 101], 101],
    [[99, 1], 100],
  ])('is that of the largest of the order and requests for %j', ([first, second], most) => {
    const order = given(
      working,
      askReplace('Y', 'X', first!),
      askReplace('Z', 'X', second!),
      askCancel('W', 'X'),
    );
    expect([order.leavesQty, worstLeaves(order)]).toEqual([100, most]);
  });

  test('of a cash order is what a replace asks for', () => {
    expect(worstLeaves(given(place(null), ack))).toBe(0);
    expect(worstLeaves(given(place(null), ack, askReplace('Y', 'X', 5)))).toBe(5);
  });

  test('is nothing only of an order that is over', () => {
    const night = report('Done for Day');
    const cash = given(place(null, { timeInForce: 'GTC' }), ack, fill(10, 'a'), night);
    expect([isTerminal(cash), isOpen(cash)]).toEqual([false, true]);
    const full = given(place(10, { timeInForce: 'GTC' }), ack, fill(10, 'a'), night);
    expect([isTerminal(full), isOpen(full)]).toEqual([true, false]);
  });
});
