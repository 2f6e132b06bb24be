/** Further cases of the FIX order state change matrices, written out from the standard's text. Quantities as printed there. */
import { describe, expect, test } from '@jest/globals';
import { isTerminal } from '../../../src/machines/order/index.js';
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
  onRequest,
  place,
  refuse,
  report,
  shape,
} from './orders.js';

describe('cancel', () => {
  test('a cancel is refused because the order filled while it was pending (B.1.c)', () => {
    const rows = course(
      place(10000),
      ack,
      fill(2000, 'a'),
      askCancel('Y', 'X'),
      fill(3000, 'b'),
      onRequest('Pending Cancel', 'Y', 'X'),
      fill(5000, 'c'),
      refuse('Y', 'X', 'Too late to cancel'),
    );
    expect(rows.slice(3)).toEqual([
      ['PARTIALLY_FILLED', 10000, 2000, 8000],
      ['PARTIALLY_FILLED', 10000, 5000, 5000],
      ['PENDING_CANCEL', 10000, 5000, 5000],
      ['PENDING_CANCEL', 10000, 10000, 0],
      ['FILLED', 10000, 10000, 0],
    ]);
  });

  test('a cancel that crosses the acknowledgement still cancels the order (B.1.e)', () => {
    const tail = [onRequest('Pending Cancel', 'Y', 'X'), onRequest('Canceled', 'Y', 'X')];
    const expected = [
      ['PENDING_CANCEL', 10000, 0, 10000],
      ['CANCELED', 10000, 0, 0],
    ];
    expect(course(place(10000), askCancel('Y', 'X'), ack, ...tail).slice(3)).toEqual(expected);
    expect(course(place(10000), ack, askCancel('Y', 'X'), ...tail).slice(3)).toEqual(expected);
  });

  test('a refused cancel of an order not yet acknowledged leaves it pending new', () => {
    const order = given(
      place(10000),
      askCancel('Y', 'X'),
      onRequest('Pending Cancel', 'Y', 'X'),
      refuse('Y', 'X'),
    );
    expect(shape(order)).toEqual(['PENDING_NEW', 10000, 0, 10000]);
    expect(order.requests).toEqual([]);
  });

  test('a venue that answers a cancel request with a rejection refuses the request, not the order', () => {
    const order = given(place(10000), ack, askCancel('Y', 'X'), onRequest('Rejected', 'Y', 'X'));
    expect(shape(order)).toEqual(['NEW', 10000, 0, 10000]);
  });
});

describe('the chain of ids', () => {
  test('a refusal that names the order, or nothing, refuses its oldest request', () => {
    const order = given(
      place(10000),
      ack,
      onRequest('Pending Cancel', 'Y', 'X'),
      onRequest('Pending Replace', 'Z', 'X'),
    );
    expect(continued(order, refuse('X', 'X')).ordStatus).toBe('PENDING_REPLACE');
    expect(continued(order, { msgType: '9' }).ordStatus).toBe('PENDING_REPLACE');
    expect(continued(order, { msgType: '9' }, { msgType: '9' }).ordStatus).toBe('NEW');
    expect(continued(order, refuse('Q', 'X')).ordStatus).toBe('PENDING_CANCEL');
  });

  test('the order takes the id of what was accepted last, and keeps it when its end names an older one', () => {
    const order = given(place(10000), ack, askReplace('Y', 'X', 12000), onRequest('Replaced', 'Y', 'X'));
    expect([order.clOrdId, order.pastIds, order.requests]).toEqual(['Y', ['X'], []]);
    const ended = continued(order, report('Canceled'));
    expect([ended.ordStatus, ended.clOrdId, ended.pastIds]).toEqual(['CANCELED', 'Y', ['X']]);
  });

  test('a request is noted once, and not again under an id that was decided', () => {
    const order = given(place(10000), ack, askCancel('Y', 'X'));
    expect(order.requests).toHaveLength(1);
    expect(continued(order, askCancel('Y', 'X'))).toBe(order);
    const decided = continued(order, refuse('Y', 'X'));
    expect(decided.requests).toEqual([]);
    expect(continued(decided, askCancel('Y', 'X'))).toBe(decided);
  });

  test('a repeated pending report returns the same order, and an order that ended takes on no new request', () => {
    const pending = given(place(10000), ack, onRequest('Pending Cancel', 'Y', 'X'));
    expect(continued(pending, onRequest('Pending Cancel', 'Y', 'X'))).toBe(pending);
    const ended = given(place(10000), ack, report('Canceled'));
    expect(continued(ended, onRequest('Pending Cancel', 'Y', 'X'))).toBe(ended);
  });
});

describe('replace', () => {
  test('a part-filled order is raised while a fill arrives under its old quantity (C.1.b)', () => {
    const rows = course(
      place(10000),
      ack,
      fill(1000, 'a'),
      askReplace('Y', 'X', 12000),
      onRequest('Pending Replace', 'Y', 'X'),
      fill(100, 'b'),
      onRequest('Replaced', 'Y', 'X'),
      fill(10900, 'c', { clOrdId: 'Y' }),
    );
    expect(rows.slice(4)).toEqual([
      ['PENDING_REPLACE', 10000, 1000, 9000],
      ['PENDING_REPLACE', 10000, 1100, 8900],
      ['PARTIALLY_FILLED', 12000, 1100, 10900],
      ['FILLED', 12000, 12000, 0],
    ]);
  });

  test('an order filled wholly while its raise is pending is open again once the raise is confirmed', () => {
    const rows = course(
      place(10000),
      ack,
      askReplace('Y', 'X', 12000),
      onRequest('Pending Replace', 'Y', 'X'),
      fill(10000, 'a'),
      onRequest('Replaced', 'Y', 'X'),
    );
    expect(rows.slice(4)).toEqual([
      ['PENDING_REPLACE', 10000, 10000, 0],
      ['PARTIALLY_FILLED', 12000, 10000, 2000],
    ]);
  });

  test('a replace of the price is refused when the order is canceled meanwhile', () => {
    const rows = course(
      place(10000),
      ack,
      askReplace('Y', 'X', 10000),
      report('Canceled'),
      refuse('Y', 'X', 'Too late to cancel'),
    );
    expect(rows.slice(3)).toEqual([
      ['CANCELED', 10000, 0, 0],
      ['CANCELED', 10000, 0, 0],
    ]);
  });

  test.each([8000, 7000, 1])(
    'a replace to %i, which is not above CumQty, fills the order at what is filled (C.3.b)',
    (asked) => {
      const order = given(
        place(10000),
        ack,
        askReplace('Y', 'X', asked),
        fill(8000, 'a'),
        onRequest('Replaced', 'Y', 'X'),
      );
      expect(shape(order)).toEqual(['FILLED', 8000, 8000, 0]);
    },
  );

  test('a second replace is accepted after the first was refused while pending (D.1.c)', () => {
    const rows = course(
      place(10000),
      ack,
      fill(1000, 'a'),
      askReplace('Y', 'X', 8000),
      onRequest('Pending Replace', 'Y', 'X'),
      fill(500, 'b'),
      refuse('Y', 'X'),
      fill(2000, 'c'),
      askReplace('Z', 'X', 6000),
      onRequest('Pending Replace', 'Z', 'X'),
      fill(500, 'd'),
      onRequest('Replaced', 'Z', 'X'),
      fill(2000, 'e', { clOrdId: 'Z' }),
    );
    expect(rows.slice(4)).toEqual([
      ['PENDING_REPLACE', 10000, 1000, 9000],
      ['PENDING_REPLACE', 10000, 1500, 8500],
      ['PARTIALLY_FILLED', 10000, 1500, 8500],
      ['PARTIALLY_FILLED', 10000, 3500, 6500],
      ['PARTIALLY_FILLED', 10000, 3500, 6500],
      ['PENDING_REPLACE', 10000, 3500, 6500],
      ['PENDING_REPLACE', 10000, 4000, 6000],
      ['PARTIALLY_FILLED', 6000, 4000, 2000],
      ['FILLED', 6000, 6000, 0],
    ]);
  });

  test('a second replace is refused because the first is still pending, which goes through (D.2.d)', () => {
    const rows = course(
      place(10000),
      ack,
      fill(1000, 'a'),
      askReplace('Y', 'X', 8000),
      askReplace('Z', 'Y', 7000),
      onRequest('Pending Replace', 'Y', 'X'),
      refuse('Z', 'X', 'Order already in Pending Cancel or Pending Replace status'),
      fill(500, 'b'),
      onRequest('Replaced', 'Y', 'X'),
      fill(6500, 'c', { clOrdId: 'Y' }),
    );
    expect(rows.slice(5)).toEqual([
      ['PENDING_REPLACE', 10000, 1000, 9000],
      ['PENDING_REPLACE', 10000, 1000, 9000],
      ['PENDING_REPLACE', 10000, 1500, 8500],
      ['PARTIALLY_FILLED', 8000, 1500, 6500],
      ['FILLED', 8000, 8000, 0],
    ]);
  });

  test('a cancel chained to a replace under way outranks it and ends the order', () => {
    const rows = course(
      place(10000),
      ack,
      askReplace('Y', 'X', 12000),
      askCancel('Z', 'Y'),
      onRequest('Pending Replace', 'Y', 'X'),
      onRequest('Pending Cancel', 'Z', 'X'),
      onRequest('Replaced', 'Y', 'X'),
      onRequest('Canceled', 'Z', 'Y'),
    );
    expect(rows.slice(4)).toEqual([
      ['PENDING_REPLACE', 10000, 0, 10000],
      ['PENDING_CANCEL', 10000, 0, 10000],
      ['PENDING_CANCEL', 12000, 0, 12000],
      ['CANCELED', 12000, 0, 0],
    ]);
  });
});

describe('changes that nobody asked for', () => {
  test('the venue declines a part of the quantity, before and after fills (E.1.d)', () => {
    const decline = (orderQty: number) =>
      report('Restated', { orderQty, execRestatementReason: 'Partial decline of OrderQty' });
    const rows = course(place(10000), ack, decline(9000), fill(1000, 'a'), decline(8000), decline(1000));
    expect(rows.slice(2)).toEqual([
      ['NEW', 9000, 0, 9000],
      ['PARTIALLY_FILLED', 9000, 1000, 8000],
      ['PARTIALLY_FILLED', 8000, 1000, 7000],
      ['FILLED', 1000, 1000, 0],
    ]);
  });

  test('a trading halt cancels an order that is not to be reinstated (K.1.b)', () => {
    const order = given(
      place(10000, { execInst: 'Cancel on Trading Halt' }),
      ack,
      report('Canceled', { execRestatementReason: 'Cancel on Trading Halt' }),
    );
    expect(shape(order)).toEqual(['CANCELED', 10000, 0, 0]);
  });

  test('a replacement under the same id changes the quantity at once', () => {
    const order = given(place(10000), ack, fill(1000, 'a'), report('Replaced', { orderQty: 11000 }));
    expect(shape(order)).toEqual(['PARTIALLY_FILLED', 11000, 1000, 10000]);
  });
});

describe('time in force', () => {
  test('a GTC order, restated in the morning, is canceled on request (H.1.c)', () => {
    const rows = course(
      place(10000, { timeInForce: 'Good Till Cancel' }),
      ack,
      fill(2000, 'a'),
      report('Done for Day', { execId: 'b' }),
      report('Restated', { execId: 'c', orderQty: 10000, execRestatementReason: 'GT renewal/restatement' }),
      askCancel('Y', 'X'),
      onRequest('Pending Cancel', 'Y', 'X'),
      onRequest('Canceled', 'Y', 'X'),
    );
    expect(rows.slice(3)).toEqual([
      ['DONE_FOR_DAY', 10000, 2000, 8000],
      ['PARTIALLY_FILLED', 10000, 2000, 8000],
      ['PARTIALLY_FILLED', 10000, 2000, 8000],
      ['PENDING_CANCEL', 10000, 2000, 8000],
      ['CANCELED', 10000, 2000, 0],
    ]);
  });

  test.each(['1', 'GTC', '6', 'Good Till Date'])(
    'an order of time in force %s trades on after its night without a restatement',
    (timeInForce) => {
      const order = given(place(10000, { timeInForce }), ack, report('3'), fill(1000, 'a'));
      expect(shape(order)).toEqual(['PARTIALLY_FILLED', 10000, 1000, 9000]);
    },
  );

  test('a day order that is done books a late fill without opening again', () => {
    const order = given(place(10000, { timeInForce: '0' }), ack, report('3'), fill(1000, 'a'));
    expect(shape(order)).toEqual(['DONE_FOR_DAY', 10000, 1000, 0]);
  });

  test('a GTC order that is done for the day is terminal only when it is full', () => {
    const order = given(place(10000, { timeInForce: 'GTC' }), ack, fill(1000, 'a'));
    expect(isTerminal(continued(order, report('3')))).toBe(false);
    expect(isTerminal(continued(order, fill(9000, 'b'), report('3')))).toBe(true);
    expect(isTerminal(given(place(10000), ack, report('3')))).toBe(true);
  });

  test('the rest of an immediate-or-cancel order is canceled, with or without fills (I.1.b)', () => {
    const ioc = place(10000, { timeInForce: 'Immediate or Cancel' });
    expect(shape(given(ioc, ack, report('Canceled')))).toEqual(['CANCELED', 10000, 0, 0]);
    expect(shape(given(ioc, ack, fill(1000, 'a'), report('4')))).toEqual(['CANCELED', 10000, 1000, 0]);
  });

  test('an order expires with its fills', () => {
    expect(shape(given(place(10000), ack, fill(1000, 'a'), report('Expired')))).toEqual([
      'EXPIRED',
      10000,
      1000,
      0,
    ]);
  });
});

describe('execution cancels and corrects', () => {
  test('a canceled order has its fill busted and gets a new one (J.1.b)', () => {
    const rows = course(
      place(10000),
      ack,
      fill(5000, 'a'),
      askCancel('Y', 'X'),
      onRequest('Pending Cancel', 'Y', 'X'),
      onRequest('Canceled', 'Y', 'X'),
      bust('b', 'a'),
      fill(4000, 'c', { clOrdId: 'Y' }),
    );
    expect(rows.slice(5)).toEqual([
      ['CANCELED', 10000, 5000, 0],
      ['CANCELED', 10000, 0, 0],
      ['CANCELED', 10000, 4000, 0],
    ]);
  });

  test('FIX 4.2 busts and corrects by ExecTransType, repeating the ExecType of the fill', () => {
    const old = (execType: string, execTransType: string, more: object) =>
      report(execType, { execTransType, ...more });
    const rows = course(
      place(10000),
      old('New', 'New', { execId: '0' }),
      old('Partial fill', 'New', { lastShares: 1000, execId: 'a' }),
      old('Fill', '0', { lastShares: 9000, execId: 'b' }),
      old('Fill', 'Cancel', { lastShares: 0, execId: 'c', execRefId: 'a' }),
      old('2', '2', { lastShares: 8000, execId: 'd', execRefId: 'b' }),
      old('Partial fill', 'Status', { execId: 'e', lastShares: 1000 }),
    );
    expect(rows.slice(2)).toEqual([
      ['PARTIALLY_FILLED', 10000, 1000, 9000],
      ['FILLED', 10000, 10000, 0],
      ['PARTIALLY_FILLED', 10000, 9000, 1000],
      ['PARTIALLY_FILLED', 10000, 8000, 2000],
      ['PARTIALLY_FILLED', 10000, 8000, 2000],
    ]);
  });

  test('a bust after a split takes out the execution at its new size', () => {
    const split = report('Restated', {
      orderQty: 20000,
      execRestatementReason: 'GT corporate action',
      execId: 'c',
    });
    const order = given(place(10000, { timeInForce: 'GTC' }), ack, fill(2000, 'a'), fill(500, 'b'), split);
    expect(shape(order)).toEqual(['PARTIALLY_FILLED', 20000, 5000, 15000]);
    expect(shape(continued(order, bust('d', 'a')))).toEqual(['PARTIALLY_FILLED', 20000, 1000, 19000]);
    expect(continued(order, split)).toBe(order);
  });

  test('what a split report counts beyond our fills is missing until its execution comes', () => {
    const split = report('Restated', {
      orderQty: 20000,
      cumQty: 6000,
      execRestatementReason: 0,
    });
    const order = given(place(10000, { timeInForce: 'GTC' }), ack, fill(2000, 'a'), split);
    expect([order.cumQty, order.missingQty, order.leavesQty]).toEqual([4000, 2000, 14000]);
    expect(shape(continued(order, fill(2000, 'b')))).toEqual(['PARTIALLY_FILLED', 20000, 6000, 14000]);
  });
});

describe('stopped', () => {
  test('a guarantee lasts over fills and ends with the last of them', () => {
    const stopped = report('Stopped', { lastQty: 1000 });
    const rows = course(place(10000), ack, stopped, fill(1000, 'a'), fill(9000, 'b'));
    expect(rows.slice(2)).toEqual([
      ['STOPPED', 10000, 0, 10000],
      ['STOPPED', 10000, 1000, 9000],
      ['FILLED', 10000, 10000, 0],
    ]);
  });

  test('the rest of a stopped order can be canceled', () => {
    expect(shape(given(place(10000), ack, report('Stopped'), fill(1000, 'a'), report('Canceled')))).toEqual([
      'CANCELED',
      10000,
      1000,
      0,
    ]);
  });
});

describe('cash orders', () => {
  test('an order by cash has no quantity until the venue names one', () => {
    const cash = place(null, { cashOrderQty: 10000 });
    expect(course(cash, report('Pending New'), report('New', { orderQty: 500 }), fill(500, 'a'))).toEqual([
      ['PENDING_NEW', null, 0, 0],
      ['PENDING_NEW', null, 0, 0],
      ['NEW', 500, 0, 500],
      ['FILLED', 500, 500, 0],
    ]);
  });

  test('a refused order by cash never gets a quantity', () => {
    expect(shape(given(place(null, { cashOrderQty: 10000 }), report('Rejected')))).toEqual([
      'REJECTED',
      null,
      0,
      0,
    ]);
  });
});

describe('duplicates of the order', () => {
  test('a resend is refused, and the next rejection is about the order itself', () => {
    const refused = report('Rejected');
    const rows = course(place(10000), ack, place(10000), refused, refused);
    expect(rows.slice(2)).toEqual([
      ['NEW', 10000, 0, 10000],
      ['NEW', 10000, 0, 10000],
      ['REJECTED', 10000, 0, 0],
    ]);
  });

  test('a rejection for duplicity of a resend does not touch the order that waits for its answer', () => {
    const order = given(place(10000), place(10000), report('Rejected', { ordRejReason: 6 }), ack);
    expect(shape(order)).toEqual(['NEW', 10000, 0, 10000]);
  });

  test('a rejection without a reason is about the order while it waits for its answer', () => {
    expect(shape(given(place(10000), place(10000), report('Rejected')))).toEqual(['REJECTED', 10000, 0, 0]);
  });

  test('a possible resend is no second order, so a rejection after it is about the first', () => {
    const order = given(place(10000), ack);
    expect(continued(order, place(10000, { possResend: true }))).toBe(order);
    expect(continued(order, place(10000)).duplicates).toBe(1);
  });

  test('an order that was refused and is sent again starts anew', () => {
    expect(course(place(10000), report('Rejected'), place(10000), ack).slice(1)).toEqual([
      ['REJECTED', 10000, 0, 0],
      ['PENDING_NEW', 10000, 0, 10000],
      ['NEW', 10000, 0, 10000],
    ]);
  });

  test('an order under another id is another order', () => {
    const first = given(place(10000), ack, correct('a', 'b', 5000));
    expect(shape(continued(first, place(500, { clOrdId: 'A' })))).toEqual(['PENDING_NEW', 500, 0, 500]);
  });
});
