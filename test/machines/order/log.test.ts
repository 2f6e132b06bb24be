/** The execution log as it is written out: what each report adds to it, and what busts and corrections find in it. */
import { describe, expect, test } from '@jest/globals';
import {
  type EncodedExecution,
  encodeExecutions,
  encodeOrder,
  hasExecution,
  type OrderMessage,
} from '../../../src/machines/order/index.js';
import { bust, continued, correct, effect, fill, given, history, place, report } from './orders.js';

const start = history(place(1000));
const logOf = (messages: readonly OrderMessage[]): readonly EncodedExecution[] | null =>
  encodeOrder(given(start, messages)).execs;
const sum = (messages: readonly OrderMessage[]): number => given(start, messages).cumQty;
const unnamed = (message: OrderMessage): OrderMessage => ({ ...message, execId: null });
const fills = (count: number): OrderMessage[] => Array.from({ length: count }, (_, n) => fill(1, `e${n}`));

const A: EncodedExecution = ['a', 10, 0, -1];
const C: EncodedExecution = ['c', 5, 0, -1];
const NOTED: EncodedExecution = ['b', 0, 1, -1];
const two = [fill(10, 'a'), fill(5, 'c')];

describe('the log', () => {
  test.each<[string, readonly OrderMessage[], readonly EncodedExecution[] | null, number]>([
    ['of an order without fills is none', [], null, 0],
    ['has no place for a fill without an id', [unnamed(fill(10, ''))], null, 10],
    ['holds fills in turn', two, [A, C], 15],
    ['closes what is busted', [...two, bust('b', 'a')], [['a', 10, 1, -1], C, NOTED], 5],
    [
      'closes what is busted without an id',
      [...two, unnamed(bust('', 'a'))],
      [['a', 10, 1, -1], C, ['', 0, 1, -1]],
      5,
    ],
    ['notes a bust that came first', [bust('b', 'a')], [['a', 0, 1, -1], NOTED], 0],
    ['notes one without an id by its execution', [unnamed(bust('', 'a'))], [['a', 0, 1, -1]], 0],
    ['links a correction', [...two, correct('b', 'a', 7)], [['a', 10, 1, 2], C, ['b', 7, 0, -1]], 12],
    ['links one of the price', [...two, correct('b', 'a', null)], [['a', 10, 1, 2], C, ['b', 10, 0, -1]], 15],
    [
      'links one without an id',
      [...two, unnamed(correct('', 'a', 7))],
      [['a', 10, 1, 2], C, ['', 7, 0, -1]],
      12,
    ],
    [
      'links a correction that came first',
      [correct('b', 'a', 7)],
      [
        ['a', 0, 1, 1],
        ['b', 7, 0, -1],
      ],
      7,
    ],
    [
      'counts none for one of the price',
      [correct('b', 'a', null)],
      [
        ['a', 0, 1, 1],
        ['b', 0, 0, -1],
      ],
      0,
    ],
    [
      'notes a correction of what is busted',
      [fill(10, 'a'), bust('b', 'a'), correct('d', 'a', 7)],
      [['a', 10, 1, -1], NOTED, ['d', 0, 1, -1]],
      0,
    ],
    [
      'links backwards where the fill comes last of all',
      [fill(7, 'b'), correct('b', 'a', 7)],
      [
        ['b', 7, 0, -1],
        ['a', 0, 1, 0],
      ],
      7,
    ],
    [
      'takes the fill out where its correction was corrected before',
      [fill(10, 'a'), correct('d', 'b', 5), correct('b', 'a', 7)],
      [
        ['a', 10, 1, 1],
        ['b', 0, 1, 2],
        ['d', 5, 0, -1],
        ['', 0, 1, -1],
      ],
      5,
    ],
    [
      'takes a correction of a correction out where the fill was busted',
      [fill(10, 'a'), bust('x', 'a'), correct('d', 'b', 5), correct('b', 'a', 7)],
      [
        ['a', 10, 1, -1],
        ['x', 0, 1, -1],
        ['b', 0, 1, 3],
        ['d', 5, 1, -1],
        ['', 0, 1, -1],
      ],
      0,
    ],
  ])('%s', (_, messages, log, cumQty) => {
    expect([logOf(messages), sum(messages)]).toEqual([log, cumQty]);
  });

  test('of no executions is written out as no rows', () => {
    expect(encodeExecutions(null)).toEqual([]);
  });

  test('has an index from the thirteenth entry on', () => {
    const of = (count: number) => given(start, fills(count)).execs!.log;
    expect(of(11).index).toBeNull();
    expect(of(12).index).toBeNull();
    expect(of(13).index!.size).toBe(13);
    expect([...of(15).index!]).toEqual(Array.from({ length: 15 }, (_, n) => [`e${n}`, n]));
  });
});

describe('a value with an older history', () => {
  test.each([1, 11, 12, 13, 20])('of %d fills does not see the one that a later value has next', (count) => {
    const order = given(start, fills(count));
    const later = continued(order, fill(1, 'next'), fill(1, 'last'));
    expect([later.cumQty, hasExecution(later.execs, 'next')]).toEqual([count + 2, true]);
    expect([hasExecution(order.execs, 'next'), hasExecution(order.execs, 'last')]).toEqual([false, false]);
    expect(continued(order, fill(5, 'next')).cumQty).toBe(count + 5);
  });

  test('knows its executions, and neither an id it never saw nor none', () => {
    for (const count of [3, 20]) {
      const { execs } = given(start, fills(count), unnamed(bust('', 'e0')));
      expect(['e0', 'e2', 'e99', null].map((id) => hasExecution(execs, id))).toEqual([
        true,
        true,
        false,
        false,
      ]);
    }
    expect([hasExecution(null, 'e0'), hasExecution(null, null)]).toEqual([false, false]);
  });

  test('has its fill where a later value busted or corrected it', () => {
    const order = given(start, two);
    for (const later of [bust('b', 'a'), correct('b', 'a', 7)]) {
      continued(order, later);
      expect(encodeOrder(order).execs).toEqual([A, C]);
      expect(continued(order, bust('z', 'a')).cumQty).toBe(5);
    }
  });
});

describe('these change nothing', () => {
  test.each<[string, readonly OrderMessage[], OrderMessage]>([
    ['a bust under the id of another bust', [...two, bust('b', 'a')], bust('b', 'c')],
    ['a bust under the id of the first fill', two, bust('a', 'c')],
    ['a bust under the id of a bust that came first', [bust('b', 'q'), fill(5, 'c')], bust('b', 'c')],
    ['a fill under the id of a bust that came first', [bust('b', 'q')], fill(5, 'b')],
    ['a bust of a bust', [...two, bust('b', 'a')], bust('d', 'b')],
    ['a bust of a bust that came first', [bust('b', 'q'), fill(5, 'c')], bust('d', 'b')],
    ['a second bust, without an id', [...two, bust('b', 'a')], unnamed(bust('', 'a'))],
    ['a correction without an id of what is busted', [...two, bust('b', 'a')], unnamed(correct('', 'a', 7))],
    ['a correction without an id to the same size', two, unnamed(correct('', 'a', 10))],
    ['a correction of an execution by itself', two, correct('a', 'a', 7)],
    [
      'a correction under the id of what it was linked to',
      [...two, correct('b', 'a', 7)],
      correct('b', 'a', 9),
    ],
    [
      'a correction whose own correction was busted, of what is busted',
      [fill(10, 'a'), bust('x', 'a'), correct('d', 'b', 5), bust('y', 'd')],
      correct('b', 'a', 7),
    ],
    ['a bust of a report that was no trade', [...two, report('Stopped', { execId: 'r' })], bust('x', 'r')],
  ])('%s', (_, before, message) => {
    expect(effect(history(start, before), message)).toEqual({});
  });
});

describe('corrections find what they mean', () => {
  test.each<[string, readonly OrderMessage[], number]>([
    ['one without an id counts its own size', [...two, unnamed(correct('', 'a', 7))], 12],
    ['a bust through a link to the first entry', [fill(7, 'b'), correct('b', 'a', 7), bust('x', 'a')], 0],
    [
      'a second one of what is busted stays out',
      [...two, bust('b', 'a'), correct('d', 'a', 7), correct('f', 'd', 6)],
      5,
    ],
    [
      'one that comes before its fill is corrected by the fill’s id',
      [correct('b', 'a', 7), correct('d', 'a', 3)],
      3,
    ],
    [
      'a chain of three is busted from its head',
      [...two, correct('b', 'a', 7), correct('d', 'b', 3), bust('x', 'a')],
      5,
    ],
    [
      'nothing more is busted where a late link took a correction out',
      [...two, bust('x', 'a'), correct('d', 'b', 4), correct('b', 'a', 7), bust('y', 'd')],
      5,
    ],
  ])('%s', (_, messages, cumQty) => {
    expect(sum(messages)).toBe(cumQty);
  });

  test('after JSON as before', () => {
    const order = given(
      start,
      fills(12),
      correct('k', 'e3', 4),
      unnamed(bust('', 'e5')),
      correct('m', 'k', 6),
    );
    const rows = encodeOrder(order).execs!;
    expect([order.cumQty, rows.length]).toEqual([16, 15]);
    expect(rows.slice(-3)).toEqual([
      ['k', 4, 1, 14],
      ['', 0, 1, -1],
      ['m', 6, 0, -1],
    ]);
  });
});
