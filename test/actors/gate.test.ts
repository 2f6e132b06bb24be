/**
 * The send gate: every reason why an order may not go out, each alone and at both sides of its bound; and the order that
 * goes out. The rows are no more than what the gate reads: whole runs are in test/runtime.
 */
import { describe, expect, test } from '@jest/globals';
import { Fold } from '../../src/actors/fold.js';
import { cancelAll, place, retryGate } from '../../src/actors/orders.js';
import type { PlannedOrder } from '../../src/strategies/index.js';
import { ACK_TIMEOUT, NOW, rowsOf, type Setting, TARGET, toldBy, UNKNOWN_HOLD } from './rows.js';

const LEAST = 4;

const PLANNED: PlannedOrder = {
  ...{ quantity: LEAST, orderType: 'LIMIT', timeInForce: 'IOC', price: '100', stopPrice: null },
  ...{ postOnly: false, reduceOnly: false },
};

type Case = Setting & { readonly planned?: Partial<PlannedOrder> };

/** One planned order at the gate of one group; what came of it. */
function at(setting: Case = {}) {
  const { world, group } = rowsOf(setting);
  const fold = new Fold(world, NOW, {});
  const went = place(world, fold, group, 0, { ...PLANNED, ...setting.planned });
  const [event] = fold.events as unknown as Record<string, unknown>[];
  return { went, event, fold, world, group };
}

const blockOf = (setting: Setting): unknown => {
  const { went, event, fold } = at(setting);
  if (went) return null;
  const block = event?.['block'];
  expect(event).toMatchObject({ type: 'ORDER_BLOCKED', batchId: 'BAT_1', groupId: 'EXG_1' });
  expect([fold.effects, toldBy(fold)]).toEqual([[], [['group', { type: 'ORDER_BLOCKED', block }]]]);
  return [block, event?.['reason']];
};

describe('the gate', () => {
  test('lets an order out that nothing holds back', () => {
    expect(blockOf({})).toBeNull();
  });

  test.each<[string, Setting, unknown]>([
    ['its group is stopping', { stopping: true }, ['DEFER', 'stopping']],
    ['its batch is stopping', { batchStopping: true }, ['DEFER', 'stopping']],
    ['an unwind, and its batch is stopping', { batchStopping: true, role: 'UNWIND' }, null],
    ['everything is killed', { kills: ['all'] }, ['STOP', 'killed']],
    ['its batch is killed', { kills: ['batch:BAT_1'] }, ['STOP', 'killed']],
    [
      'a protection, and its batch is killed',
      { kills: ['batch:BAT_1'], role: 'PROTECTION', held: LEAST },
      null,
    ],
    ['a protection of as much as is held', { role: 'PROTECTION', held: LEAST }, null],
    ['a protection of more', { role: 'PROTECTION', held: LEAST - 1 }, ['DEFER', 'exceeds the position']],
    [
      'a protection with more open',
      { role: 'PROTECTION', held: LEAST, leaves: 1 },
      ['DEFER', 'exceeds the position'],
    ],
    [
      'a protection with more in doubt',
      { role: 'PROTECTION', held: LEAST, unknown: 1 },
      ['DEFER', 'exceeds the position'],
    ],
    ['its venue is killed', { kills: ['venue:SIM'] }, ['STOP', 'killed']],
    ['its symbol is killed', { kills: ['symbol:BTC/USDT'] }, ['STOP', 'killed']],
    ['others are killed', { kills: ['batch:BAT_2', 'venue:ALT', 'symbol:ETH/USDT'] }, null],
    ['its venue is down', { down: ['SIM'] }, ['DEFER', 'venue down']],
    ['another venue is down', { down: ['ALT'] }, null],
    ['its batch is over at this moment', { timeoutAt: NOW }, null],
    ['its batch is over', { timeoutAt: NOW - 1 }, ['DEFER', 'after the batch deadline']],
    ['an unwind, and its batch is over', { timeoutAt: NOW - 1, role: 'UNWIND' }, null],
    ['it fills the target exactly (I5)', { filled: TARGET - LEAST }, null],
    ['it is a lot too much (I5)', { filled: TARGET - LEAST + 1 }, ['STOP', 'exceeds target (I5)']],
    ['it fills the target with what is open and in doubt (I5)', { filled: 1, leaves: 2, unknown: 3 }, null],
    ['more is open than that (I5)', { filled: 1, leaves: 3, unknown: 3 }, ['STOP', 'exceeds target (I5)']],
    [
      'more is in doubt than that (I5)',
      { filled: 1, leaves: 2, unknown: 4 },
      ['STOP', 'exceeds target (I5)'],
    ],
    ['there is no target (I5)', { target: null }, ['STOP', 'exceeds target (I5)']],
  ])('%s', (_when, setting, blocked) => {
    expect(blockOf(setting)).toEqual(blocked);
  });

  test.each<[string, Setting, unknown]>([
    ['for a moment less than it may be', { unknownSince: NOW - UNKNOWN_HOLD + 1 }, null],
    [
      'for as long as it may be',
      { unknownSince: NOW - UNKNOWN_HOLD },
      ['DEFER', 'a sibling order is unknown'],
    ],
    ['its own, not a sibling’s', { unknownSince: NOW - UNKNOWN_HOLD, ownUnknown: 1 }, null],
    ['and it is an unwind', { unknownSince: NOW - UNKNOWN_HOLD, role: 'UNWIND' }, null],
    ['and the batch is INDEPENDENT', { unknownSince: NOW - UNKNOWN_HOLD, mode: 'INDEPENDENT' }, null],
  ])('COORDINATED, an order is unknown %s', (_when, setting, blocked) => {
    expect(blockOf({ mode: 'COORDINATED', ...setting })).toEqual(blocked);
  });

  const BOUND = { policy: { max_leg_imbalance: '0.2' } };

  test.each<[string, Setting, unknown]>([
    ['by as much as allowed', { ...BOUND, filled: 4, siblingFilled: 2 }, null],
    ['by more', { ...BOUND, filled: 5, siblingFilled: 2 }, ['DEFER', 'ahead of the slowest leg']],
    ['by more, and it is an unwind', { ...BOUND, filled: 5, siblingFilled: 2, role: 'UNWIND' }, null],
    [
      'by more, and the batch is INDEPENDENT',
      { ...BOUND, filled: 5, siblingFilled: 2, mode: 'INDEPENDENT' },
      null,
    ],
    ['of one that has nothing to fill', { ...BOUND, filled: 5, siblingTarget: 0 }, null],
    ['of one without a target', { ...BOUND, filled: 5, siblingTarget: null }, null],
    ['no bound', { filled: 6 }, null],
    ['no policy', { filled: 6, policy: null }, null],
    ['behind', { ...BOUND, filled: 0, siblingFilled: 9 }, null],
  ])('COORDINATED, ahead of a sibling: %s', (_when, setting, blocked) => {
    expect(blockOf({ mode: 'COORDINATED', ...setting })).toEqual(blocked);
  });
});

const retryOf = (setting: Setting): unknown => {
  const { world, group } = rowsOf(setting);
  const blocked = retryGate(world, NOW, group);
  return blocked && [blocked.block, blocked.reason];
};

describe('the gate of an order that waits for a retry', () => {
  const STOPPED = ['STOP', 'stopped while it waited for a retry'];
  test.each<[string, Setting, unknown]>([
    ['nothing holds it back', { leaves: LEAST }, null],
    ['its group is stopping', { stopping: true }, STOPPED],
    ['an unwind, and its group is stopping', { stopping: true, role: 'UNWIND' }, STOPPED],
    ['its batch is stopping', { batchStopping: true }, STOPPED],
    ['an unwind, and its batch is stopping', { batchStopping: true, role: 'UNWIND' }, null],
    ['its symbol is killed', { kills: ['symbol:BTC/USDT'] }, STOPPED],
    ['others are killed', { kills: ['symbol:ETH/USDT'] }, null],
    ['its batch is over at this moment', { timeoutAt: NOW }, null],
    ['its batch is over', { timeoutAt: NOW - 1 }, STOPPED],
    ['a late fill has left its room (I5)', { filled: TARGET - LEAST, leaves: LEAST }, null],
    [
      'a late fill has taken its room (I5)',
      { filled: TARGET - LEAST + 1, leaves: LEAST },
      ['STOP', 'exceeds target (I5)'],
    ],
    ['an amend has taken its room (I5)', { leaves: LEAST, cap: 3 }, ['STOP', 'exceeds target (I5)']],
    ['a protection of as much as is held', { role: 'PROTECTION', held: LEAST, leaves: LEAST }, null],
    [
      'a protection of more',
      { role: 'PROTECTION', held: LEAST - 1, leaves: LEAST },
      ['STOP', 'exceeds the position'],
    ],
    ['its venue is down', { down: ['SIM'] }, ['DEFER', 'venue down']],
    ['another venue is down', { down: ['ALT'] }, null],
    [
      'a sibling is unknown',
      { mode: 'COORDINATED', unknownSince: NOW - UNKNOWN_HOLD },
      ['DEFER', 'a sibling order is unknown'],
    ],
  ])('%s', (_when, setting, blocked) => {
    expect(retryOf(setting)).toEqual(blocked);
  });
});

describe('an order that goes out', () => {
  test('is journaled as it is sent, reserved, staged once, and waited for', () => {
    const { fold, group } = at({ planned: { postOnly: true } });
    const wire = {
      ...{ clientOrderId: 'key0key0key0000000', symbol: 'BTC/USDT', side: 'BUY', orderType: 'LIMIT' },
      ...{
        timeInForce: 'IOC',
        quantity: '4',
        price: '100',
        stopPrice: null,
        postOnly: true,
        reduceOnly: false,
      },
    };
    expect(fold.events).toEqual([
      {
        ...{ seq: 1, type: 'ORDER_INTENT', at: NOW, cause: null, batchId: 'BAT_1', groupId: 'EXG_1' },
        ...{ orderId: 'ORD_1', slot: 0, attempt: 0, ...wire },
      },
    ]);
    expect(fold.effects).toMatchObject([
      { type: 'PLACE', key: wire.clientOrderId, venue: 'SIM', order: wire },
      { type: 'ARM', key: `o:${wire.clientOrderId}`, at: NOW + ACK_TIMEOUT },
    ]);
    expect(group.orderIds).toEqual(['ORD_1']);
    expect([group.book.leaves, group.book.open.size]).toEqual([LEAST, 1]);
  });

  test.each<[string, Case, boolean]>([
    ['of a leg', {}, false],
    ['that its plan says', { planned: { reduceOnly: true } }, true],
    ['of a close', { closes: true }, true],
    ['of an unwind', { role: 'UNWIND' }, true],
  ])('reduces only: %s', (_what, setting, reduceOnly) => {
    expect(at(setting).event).toMatchObject({ type: 'ORDER_INTENT', reduceOnly });
  });

  test('shows what it may show, and everything where nothing is said', () => {
    expect(at({ planned: { displayQuantity: 1 } }).event).toMatchObject({ displayQuantity: '1' });
    expect(at().event).not.toHaveProperty('displayQuantity');
  });

  test('is canceled once, not while it is still to leave', () => {
    const { fold, world, group } = at();
    cancelAll(world, fold, group);
    expect(fold.events.map(({ type }) => type)).toEqual(['ORDER_INTENT']);
    const later = new Fold(world, NOW + 1, {});
    cancelAll(world, later, group);
    cancelAll(world, later, group);
    const id = 'key0key0key0000000';
    expect(later.events).toMatchObject([{ type: 'ORDER_CANCEL_REQUESTED', clientOrderId: id }]);
    expect(later.effects).toMatchObject([
      { type: 'CANCEL', key: `${id}/c`, venue: 'SIM', clientOrderId: id },
      { type: 'ARM', key: `o:${id}`, at: NOW + 1 + ACK_TIMEOUT },
    ]);
  });
});
