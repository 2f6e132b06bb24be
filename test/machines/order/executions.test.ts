/** Executions that come late, twice, or in the wrong order; order values that are branched, kept, and written out. */
import { describe, expect, test } from '@jest/globals';
import {
  decodeOrder,
  encodeOrder,
  type OrderMessage,
  type OrderState,
} from '../../../src/machines/order/index.js';
import { ack, given, bust, continued, correct, course, fill, place, report, shape } from './orders.js';

const sum = (...messages: readonly OrderMessage[]): number => given(place(1000), ...messages).cumQty;

describe('an execution', () => {
  test('counts once, and its repetition returns the same order', () => {
    const order = given(place(1000), fill(10, 'a'));
    expect(continued(order, fill(10, 'a'))).toBe(order);
    expect(continued(order, fill(99, 'a'))).toBe(order);
  });

  test('without an id counts each time it is said', () => {
    expect(sum(report('Trade', { lastQty: 10 }), report('Trade', { lastQty: 10, execId: '' }))).toBe(20);
  });

  test('of no quantity books nothing and keeps its id free', () => {
    expect(sum(fill(0, 'a'), fill(10, 'a'))).toBe(10);
  });

  test('that is busted before it arrives counts nothing', () => {
    expect(sum(bust('b', 'a'), fill(10, 'a'))).toBe(0);
  });

  test('that is corrected before it arrives counts its corrected size', () => {
    expect(sum(correct('b', 'a', 7), fill(10, 'a'))).toBe(7);
  });

  test('is busted once', () => {
    const order = given(place(1000), fill(10, 'a'), fill(5, 'c'), bust('b', 'a'));
    expect(order.cumQty).toBe(5);
    expect(continued(order, bust('b', 'a'))).toBe(order);
    expect(continued(order, bust('d', 'a'))).toBe(order);
  });

  test('that nothing names cannot be busted or corrected', () => {
    const order = given(place(1000), fill(10, 'a'));
    expect(continued(order, report('Trade Cancel', { execId: 'b' }))).toBe(order);
    expect(continued(order, report('Trade Correct', { execId: 'b', lastQty: 1 }))).toBe(order);
  });
});

describe('a correction', () => {
  test('is corrected again by its own id or by that of the original', () => {
    expect(sum(fill(10, 'a'), correct('b', 'a', 7), correct('c', 'b', 5))).toBe(5);
    expect(sum(fill(10, 'a'), correct('b', 'a', 7), correct('c', 'a', 5))).toBe(5);
    expect(sum(fill(10, 'a'), correct('b', 'a', 7), bust('c', 'a'))).toBe(0);
  });

  test('of the price alone keeps the size, and its id names the execution from then on', () => {
    expect(sum(fill(10, 'a'), correct('b', 'a', null))).toBe(10);
    expect(sum(fill(10, 'a'), correct('b', 'a', null), bust('c', 'b'))).toBe(0);
  });

  test('repeated returns the same order', () => {
    const order = given(place(1000), fill(10, 'a'), correct('b', 'a', 7));
    expect(continued(order, correct('b', 'a', 7))).toBe(order);
    const unnamed = report('Trade Correct', { execRefId: 'b', lastQty: 7 });
    expect(continued(order, unnamed)).toBe(order);
  });

  test('of a busted execution counts nothing', () => {
    expect(sum(fill(10, 'a'), bust('b', 'a'), correct('c', 'a', 7))).toBe(0);
    expect(sum(fill(10, 'a'), bust('b', 'a'), correct('d', 'c', 5), correct('c', 'a', 7))).toBe(0);
  });

  test('opens and fills an order as its quantity goes down and up', () => {
    expect(
      course(place(100), fill(100, 'a'), correct('b', 'a', 60), correct('c', 'b', 100)).slice(1),
    ).toEqual([
      ['FILLED', 100, 100, 0],
      ['PARTIALLY_FILLED', 100, 60, 40],
      ['FILLED', 100, 100, 0],
    ]);
  });
});

describe('an order value', () => {
  test('is not changed by what becomes of the orders made from it', () => {
    const order = given(place(1000), ack, fill(10, 'a'), fill(20, 'b'));
    const before = JSON.stringify(encodeOrder(order));
    const left = continued(order, fill(1, 'x'), bust('y', 'a'));
    const right = continued(order, fill(2, 'x'), correct('y', 'b', 5), fill(3, 'a'));
    expect([left.cumQty, right.cumQty]).toEqual([21, 17]);
    expect(JSON.stringify(encodeOrder(order))).toBe(before);
    expect(continued(order, bust('z', 'b')).cumQty).toBe(10);
    expect(continued(left, fill(9, 'x')).cumQty).toBe(21);
  });

  test('goes through JSON and carries on as before', () => {
    const order = given(place(1000), ack, fill(10, 'a'), correct('b', 'a', 7), fill(20, 'c'), bust('d', 'c'));
    const copy = decodeOrder(JSON.parse(JSON.stringify(encodeOrder(order))));
    expect(encodeOrder(copy)).toEqual(encodeOrder(order));
    expect(continued(copy, fill(20, 'c'))).toBe(copy);
    expect(continued(copy, bust('e', 'a')).cumQty).toBe(0);
    expect(decodeOrder(encodeOrder(given(place(5))))).toEqual(given(place(5)));
  });

  test('with thousands of fills knows each of them, and shares one history with the values before it', () => {
    let order: OrderState = given(place(1_000_000), ack);
    const early = continued(order, fill(1, 'e0'));
    order = early;
    for (let n = 1; n < 5000; n++) order = continued(order, fill(1, `e${n}`));
    expect(order.cumQty).toBe(5000);
    expect(order.execs?.log).toBe(early.execs?.log);
    for (const n of [0, 11, 12, 13, 2500, 4999]) expect(continued(order, fill(1, `e${n}`))).toBe(order);
    expect(early.cumQty).toBe(1);
    expect(continued(early, fill(1, 'e4999')).cumQty).toBe(2);
    expect(continued(order, bust('b', 'e2500')).cumQty).toBe(4999);
  });
});

describe('misuse', () => {
  test.each([
    ['orderQty', () => given(place(1.5))],
    ['orderQty', () => given(place(-1))],
    ['lastQty', () => given(place(1), fill(Number.NaN, 'a'))],
    ['cumQty', () => given(place(1), { msgType: 'V', ordStatus: 'NEW', cumQty: 2 ** 53 })],
    ['msgType', () => given({ msgType: 'Z' as 'D' })],
  ])('a %s that cannot be is refused', (path, act) => {
    expect(act).toThrow(expect.objectContaining({ code: 'VALIDATION', path }));
  });

  test('codes, printed names, our names and null are read alike', () => {
    for (const execType of ['4', 'Canceled', 'CANCELED', 'canceled', 'Cancelled']) {
      expect(shape(given(place(10), report(execType, { lastQty: null, execId: null })))).toEqual([
        'CANCELED',
        10,
        0,
        0,
      ]);
    }
  });
});
