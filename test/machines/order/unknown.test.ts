/** UNKNOWN, and the verdicts that resolve it: invariants I4, I5 and I6 as far as one order can hold them. */
import { describe, expect, test } from '@jest/globals';
import { isOpen, isTerminal, isUnknown, stepOrder, worstLeaves } from '../../../src/machines/order/index.js';
import {
  ack,
  given,
  askCancel,
  askReplace,
  bust,
  continued,
  correct,
  course,
  fill,
  noAnswer,
  onRequest,
  place,
  refuse,
  report,
  shape,
  verdict,
} from './orders.js';

describe('no answer in time', () => {
  test('makes an order unknown with its full remainder', () => {
    expect(course(place(100), fill(30, 'a'), noAnswer).at(-1)).toEqual(['UNKNOWN', 100, 30, 70]);
  });

  test('counts the larger of the quantity and an undecided replace', () => {
    const order = given(place(100), ack, fill(30, 'a'), askReplace('Y', 'X', 150), noAnswer);
    expect(shape(order)).toEqual(['UNKNOWN', 100, 30, 120]);
    expect(shape(given(place(100), ack, askReplace('Y', 'X', 50), noAnswer))).toEqual([
      'UNKNOWN',
      100,
      0,
      100,
    ]);
  });

  test('about a raise of a filled order makes it unknown', () => {
    expect(shape(given(place(100), fill(100, 'a'), askReplace('Y', 'X', 150), noAnswer))).toEqual([
      'UNKNOWN',
      100,
      100,
      50,
    ]);
  });

  test.each([
    ['FILLED', [fill(100, 'a')]],
    ['CANCELED', [ack, report('Canceled')]],
    ['REJECTED', [report('Rejected')]],
    ['EXPIRED', [ack, report('Expired')]],
    ['DONE_FOR_DAY', [ack, report('Done for Day')]],
  ] as const)('changes nothing on an order that is %s', (status, messages) => {
    const order = given(place(100), ...messages);
    expect(order.ordStatus).toBe(status);
    expect(stepOrder(order, noAnswer)).toBe(order);
  });

  test('never ends an order, however often it is said', () => {
    const order = given(place(100), noAnswer, noAnswer, noAnswer);
    expect(shape(order)).toEqual(['UNKNOWN', 100, 0, 100]);
    expect([isUnknown(order), isOpen(order), isTerminal(order)]).toEqual([true, false, false]);
  });
});

describe('what the venue says later', () => {
  test.each([
    ['New', 'NEW'],
    ['Pending New', 'PENDING_NEW'],
    ['Canceled', 'CANCELED'],
    ['Rejected', 'REJECTED'],
    ['Expired', 'EXPIRED'],
    ['Triggered', 'NEW'],
  ])('%s makes the unknown order %s', (execType, status) => {
    expect(given(place(100), noAnswer, report(execType)).ordStatus).toBe(status);
  });

  test('a fill shows that the order exists', () => {
    expect(shape(given(place(100), noAnswer, fill(10, 'a')))).toEqual(['PARTIALLY_FILLED', 100, 10, 90]);
  });

  test('a repeated acknowledgement or fill is no news about the request that got no answer', () => {
    const order = given(place(100), ack, fill(10, 'a'), askCancel('Y', 'X'), noAnswer);
    expect(continued(order, ack)).toBe(order);
    expect(continued(order, fill(10, 'a'))).toBe(order);
  });

  test('a refused cancel restores the order, unless the venue claims not to know it or that it is too late', () => {
    const order = given(place(100), ack, askCancel('Y', 'X'), noAnswer);
    expect(continued(order, refuse('Y', 'X')).ordStatus).toBe('NEW');
    expect(continued(order, refuse('Y', 'X', 'Broker option')).ordStatus).toBe('NEW');
    expect(continued(order, refuse('Y', 'X', 'Unknown order')).ordStatus).toBe('UNKNOWN');
    expect(continued(order, refuse('Y', 'X', 'Too late to cancel')).ordStatus).toBe('UNKNOWN');
  });

  test('one "unknown order" about an order of ours proves nothing', () => {
    const order = given(place(100), noAnswer);
    expect(continued(order, report('Order Status', { orderQty: 0, ordRejReason: 'Unknown order' }))).toBe(
      order,
    );
    const open = given(place(100), ack, askCancel('Y', 'X'));
    expect(shape(continued(open, refuse('Y', 'X', 'Unknown order')))).toEqual(['NEW', 100, 0, 100]);
  });
});

describe('a verdict', () => {
  test.each([
    ['NEW', 0, ['NEW', 100, 0, 100]],
    ['PARTIALLY_FILLED', 40, ['PARTIALLY_FILLED', 100, 0, 60]],
    ['FILLED', 100, ['FILLED', 100, 0, 0]],
    ['FILLED', null, ['FILLED', 100, 0, 0]],
    ['FILLED', 60, ['CANCELED', 100, 0, 0]],
    ['CANCELED', 40, ['CANCELED', 100, 0, 0]],
    ['REJECTED', 0, ['REJECTED', 100, 0, 0]],
    ['REJECTED', 40, ['CANCELED', 100, 0, 0]],
    ['EXPIRED', null, ['EXPIRED', 100, 0, 0]],
  ] as const)('%s with %p filled settles an unknown order', (status, cumQty, expected) => {
    expect(shape(given(place(100), noAnswer, verdict(status, cumQty)))).toEqual(expected);
  });

  test('makes missing what it counts beyond our fills, and later fills count into that first', () => {
    const order = given(place(100), fill(10, 'a'), noAnswer, verdict('PARTIALLY_FILLED', 40));
    expect([...shape(order), order.missingQty]).toEqual(['PARTIALLY_FILLED', 100, 10, 60, 30]);
    const late = continued(order, fill(20, 'b'));
    expect([...shape(late), late.missingQty]).toEqual(['PARTIALLY_FILLED', 100, 30, 60, 10]);
    const beyond = continued(late, fill(25, 'c'));
    expect([...shape(beyond), beyond.missingQty]).toEqual(['PARTIALLY_FILLED', 100, 55, 45, 0]);
  });

  test('has a correction of an execution that we never saw count into what is missing', () => {
    const order = given(place(100), noAnswer, verdict('PARTIALLY_FILLED', 40), correct('b', 'a', 25));
    expect([...shape(order), order.missingQty]).toEqual(['PARTIALLY_FILLED', 100, 25, 60, 15]);
  });

  test('of less than our fills takes none of them back', () => {
    expect(shape(given(place(100), fill(40, 'a'), noAnswer, verdict('NEW', 0)))).toEqual([
      'PARTIALLY_FILLED',
      100,
      40,
      60,
    ]);
  });

  test('takes a pending state away, and the late refusal of the request changes no status', () => {
    const order = given(place(100), ack, onRequest('Pending Cancel', 'Y', 'X'), noAnswer, verdict('NEW'));
    expect(order.ordStatus).toBe('NEW');
    expect(continued(order, refuse('Y', 'X')).ordStatus).toBe('NEW');
  });

  test('of absence is overruled by a report that the order exists', () => {
    const absent = given(place(100), noAnswer, verdict('REJECTED', 0));
    expect(shape(continued(absent, ack))).toEqual(['NEW', 100, 0, 100]);
    expect(shape(continued(absent, fill(10, 'a')))).toEqual(['PARTIALLY_FILLED', 100, 10, 90]);
    expect(continued(absent, onRequest('Pending Cancel', 'Y', 'X')).ordStatus).toBe('PENDING_CANCEL');
    expect(continued(absent, report('Canceled')).ordStatus).toBe('CANCELED');
  });

  test('yields to a later verdict, but an end that the venue reported does not', () => {
    expect(given(place(100), noAnswer, verdict('CANCELED'), verdict('NEW')).ordStatus).toBe('NEW');
    expect(given(place(100), ack, report('Canceled'), verdict('NEW')).ordStatus).toBe('CANCELED');
  });

  test('of fills undoes a rejection', () => {
    expect(shape(given(place(100), report('Rejected'), verdict('PARTIALLY_FILLED', 40)))).toEqual([
      'PARTIALLY_FILLED',
      100,
      0,
      60,
    ]);
  });

  test('that settles nothing is refused', () => {
    expect(() => given(place(100), verdict('PENDING_CANCEL'))).toThrow(
      expect.objectContaining({ code: 'VALIDATION', path: 'ordStatus' }),
    );
  });
});

describe('a status answer that names status and quantity', () => {
  test('settles the order as a verdict does', () => {
    const answer = report('Order Status', { ordStatus: 'Canceled', cumQty: 40, orderQty: 100 });
    const order = given(place(100), noAnswer, answer);
    expect([...shape(order), order.missingQty]).toEqual(['CANCELED', 100, 0, 0, 40]);
  });

  test('without a status clears the doubt and keeps what lies beneath', () => {
    const answer = report('Order Status', { orderQty: 100, cumQty: 40 });
    const order = given(place(100), ack, noAnswer, answer);
    expect([...shape(order), order.missingQty]).toEqual(['PARTIALLY_FILLED', 100, 0, 60, 40]);
  });
});

describe('contradictions of the venue', () => {
  test('an order that fills after its rejection is open for all of its rest', () => {
    expect(shape(given(place(100), report('Rejected'), fill(10, 'a')))).toEqual([
      'PARTIALLY_FILLED',
      100,
      10,
      90,
    ]);
  });

  test('a rejection after fills changes nothing: it cannot be this order that is refused', () => {
    const order = given(place(100), ack, fill(10, 'a'));
    expect(continued(order, report('Rejected'))).toBe(order);
  });

  test('a late fill of a canceled order books and opens nothing', () => {
    expect(course(place(100), ack, report('Canceled'), fill(10, 'a'), fill(90, 'b')).slice(2)).toEqual([
      ['CANCELED', 100, 0, 0],
      ['CANCELED', 100, 10, 0],
      ['FILLED', 100, 100, 0],
    ]);
  });

  test('a fill beyond the quantity is booked whole', () => {
    expect(shape(given(place(100), fill(80, 'a'), fill(80, 'b')))).toEqual(['FILLED', 100, 160, 0]);
  });

  test('a late replace does not bring a canceled order back', () => {
    const order = given(
      place(100),
      ack,
      askReplace('Y', 'X', 200),
      askCancel('Z', 'Y'),
      onRequest('Canceled', 'Z', 'Y'),
    );
    expect(shape(continued(order, onRequest('Replaced', 'Y', 'X')))).toEqual(['CANCELED', 200, 0, 0]);
  });

  test('a pending report that comes after its decision changes nothing', () => {
    const refusedOne = given(place(100), ack, askCancel('Y', 'X'), refuse('Y', 'X'));
    expect(continued(refusedOne, onRequest('Pending Cancel', 'Y', 'X'))).toBe(refusedOne);
    const accepted = given(place(100), ack, askReplace('Y', 'X', 200), onRequest('Replaced', 'Y', 'X'));
    expect(continued(accepted, onRequest('Pending Replace', 'Y', 'X'))).toBe(accepted);
  });

  test('a repeated replace does not undo the one that followed it', () => {
    const first = onRequest('Replaced', 'Y', 'X', { orderQty: 200 });
    const order = given(place(100), ack, first, onRequest('Replaced', 'Z', 'Y', { orderQty: 300 }));
    expect(continued(order, first)).toBe(order);
  });

  test('a repeated end of the day does not close the next one', () => {
    const night = report('Done for Day', { execId: 'n' });
    const order = given(place(100, { timeInForce: 'GTC' }), ack, night, fill(10, 'a'));
    expect(continued(order, night)).toBe(order);
  });

  test('a bust of an execution that is missing leaves what a verdict counted', () => {
    const order = given(place(100), noAnswer, verdict('PARTIALLY_FILLED', 40), bust('b', 'a'));
    expect([order.cumQty, order.missingQty, order.leavesQty]).toEqual([0, 40, 60]);
  });
});

describe('worst leaves', () => {
  test('are those of the larger quantity while a replace is undecided', () => {
    const order = given(place(100), ack, fill(10, 'a'), askReplace('Y', 'X', 300));
    expect([order.leavesQty, worstLeaves(order)]).toEqual([90, 290]);
    expect(worstLeaves(continued(order, refuse('Y', 'X')))).toBe(90);
    expect(worstLeaves(continued(order, report('Canceled')))).toBe(0);
  });
});
