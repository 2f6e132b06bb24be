/** What could come next, as `fillwright replay --at` tells it: the events a state handles, the messages that move an order. */
import { describe, expect, test } from '@jest/globals';
import { legalBatchEvents, legalGroupEvents, legalOrderEvents } from '../../src/machines/legal.js';
import { ORDER_STATUSES, ORDER_TABLE } from '../../src/machines/order/index.js';

describe('a group', () => {
  test.each([
    ['pending', ['AMEND', 'DUE', 'ORDER_BLOCKED', 'ORDER_PLACED', 'START', 'STOP']],
    [
      'active.closing',
      [
        'DUE',
        'ORDER_BLOCKED',
        'ORDER_ENDED',
        'ORDER_FILLED',
        'ORDER_PLACED',
        'STOP',
        'TARGET_REACHED',
        'UNKNOWN_CHANGED',
      ],
    ],
    ['completed', []],
    ['settling', []],
    ['no such state', []],
    ['pending.no such state', ['AMEND', 'DUE', 'ORDER_BLOCKED', 'ORDER_PLACED', 'START', 'STOP']],
    ['no.such.state', []],
  ])(
    'in %s hears what that state and those around it name, in the order of the alphabet',
    (state, events) => {
      expect(legalGroupEvents(state)).toEqual(events);
    },
  );
});

describe('a batch', () => {
  test.each([
    ['INDEPENDENT', 'active.working', ['LEG_FAILED', 'LEG_SETTLED', 'STOP']],
    ['SEQUENTIAL', 'refused', ['LEG_FAILED', 'LEG_SETTLED', 'STOP']],
    ['COORDINATED', 'active.working', ['LEG_FAILED', 'LEG_SETTLED', 'STOP', 'UNWINDS_CHANGED']],
    [
      'COORDINATED',
      'active.unwinding',
      ['GRACE_OVER', 'LEG_FAILED', 'LEG_SETTLED', 'STOP', 'UNWINDS_CHANGED'],
    ],
    ['COORDINATED', 'active', []],
  ] as const)('of %s in %s hears what its topology names there', (mode, state, events) => {
    expect(legalBatchEvents(mode, state)).toEqual(events);
  });
});

describe('an order', () => {
  test.each(ORDER_STATUSES)('that is %s is moved by the messages whose cell leads elsewhere', (status) => {
    const moving = ORDER_TABLE.filter((cell) => cell.status === status).filter(({ next }) =>
      next.some((other) => other !== status),
    );
    expect(legalOrderEvents(status)).toEqual(moving.map(({ message }) => message));
  });

  test('that is NEW is moved by a trade, a cancel and an end, and not by a question', () => {
    const legal = legalOrderEvents('NEW');
    expect(legal).toEqual(expect.arrayContaining(['TRADE', 'CANCELED', 'EXPIRED', 'PENDING_CANCEL']));
    for (const message of ['STATUS_REQUEST', 'NEW', 'CANCEL_REJECT']) expect(legal).not.toContain(message);
  });
});
