/** What becomes of an order on its way: dropped before it left, canceled, asked for; and whether it still fits. */
import { describe, expect, test } from '@jest/globals';
import { Fold } from '../../src/actors/fold.js';
import {
  arm,
  askCancel,
  askQuery,
  cancelAll,
  disarm,
  exceedsHolding,
  filterPlaces,
  isOverdue,
  outgrew,
  place,
  query,
  send,
} from '../../src/actors/orders.js';
import { type GroupRow, orderOf as heldOrderOf } from '../../src/actors/world.js';
import type { OrderRow } from '../../src/book/book.js';
import type { PlannedOrder } from '../../src/strategies/index.js';
import { ACK_TIMEOUT, NOW, orderOf, rowsOf, type Setting, TARGET, toldBy } from './rows.js';

const ID = 'key0key0key0000000';
const REF = { batchId: 'BAT_1', groupId: 'EXG_1', orderId: 'ORD_1' };
const ENDED = [['group', { type: 'ORDER_ENDED', outcome: 'NOT_SENT' }]];

/** A group with one order, in a fold that has not touched it. */
function withOrder(setting: Setting = {}, phase: 'WAITING' | 'SENT' = 'SENT') {
  const { world, batch, group } = rowsOf(setting);
  const row = orderOf(group, phase);
  const fold = new Fold(world, NOW, {});
  return { world, batch, group, row, fold };
}

/** The same with its place staged in this fold. */
function withPlace(setting: Setting = {}) {
  const { world, group, row, fold, batch } = withOrder(setting);
  send(world, fold, group, row);
  return { world, group, row, fold, batch, types: () => fold.effects.map(({ type }) => type) };
}

describe('a staged place', () => {
  test.each<[string, Setting]>([
    ['its group is stopping', { stopping: true }],
    ['it is of a leg, and its batch is stopping', { batchStopping: true }],
    ['it is of an unwind, and its group is stopping', { role: 'UNWIND', stopping: true }],
  ])('is dropped when %s', (_when, setting) => {
    const { fold, group, row, types } = withPlace(setting);
    const { gen } = row;
    expect(gen).toBeGreaterThan(0);
    expect(filterPlaces(fold)).toBe(true);
    expect(types()).toEqual(['ARM', 'DISARM']);
    expect(fold.effects.at(-1)).toEqual({ type: 'DISARM', key: `o:${ID}` });
    expect(fold.events.at(-1)).toMatchObject({
      ...{ type: 'ORDER_NOT_SENT', ...REF, clientOrderId: ID, reason: 'stopped before it was sent' },
    });
    expect(toldBy(fold)).toEqual(ENDED);
    expect([group.book.leaves, group.book.open.size, row.phase]).toEqual([0, 0, 'ENDED']);
  });

  test.each<[string, Setting]>([
    ['nothing stops', {}],
    ['it is of an unwind, and its batch is stopping', { role: 'UNWIND', batchStopping: true }],
    ['it is of a protection, and its batch is stopping', { role: 'PROTECTION', batchStopping: true }],
  ])('stays when %s', (_when, setting) => {
    const { fold, group, types } = withPlace(setting);
    expect(filterPlaces(fold)).toBe(false);
    expect(types()).toEqual(['PLACE', 'ARM']);
    expect([fold.events.length, group.book.open.size, toldBy(fold)]).toEqual([1, 1, []]);
  });

  test('is dropped once', () => {
    const { fold, types } = withPlace({ stopping: true });
    expect([filterPlaces(fold), filterPlaces(fold)]).toEqual([true, false]);
    expect(types()).toEqual(['ARM', 'DISARM']);
  });

  test('leaves a row that is packed with the fold', () => {
    const { fold, group } = withPlace({ stopping: true });
    filterPlaces(fold);
    const row = heldOrderOf(group, ID);
    fold.packEnded();
    expect(heldOrderOf(group, ID)).not.toBe(row);
    expect(heldOrderOf(group, ID)).toMatchObject({ clientOrderId: ID, resolvedBy: 'runtime' });
  });
});

describe('a planned order', () => {
  test('of a slot takes that slot’s id, and tells whether it went', () => {
    const { world, group } = rowsOf();
    const fold = new Fold(world, NOW, {});
    const planned = {
      ...{ quantity: TARGET, orderType: 'LIMIT', timeInForce: 'GTC', price: '1', stopPrice: null },
      ...{ postOnly: false, reduceOnly: false },
    } as PlannedOrder;
    expect(place(world, fold, group, 35, planned)).toBe(true);
    expect(group.book.open.get('key0key0key0000z00')).toMatchObject({ slot: 35, attempt: 0, sentAt: NOW });
    expect(place(world, fold, group, 36, planned)).toBe(false);
  });
});

describe('a deadline', () => {
  test('is disarmed where one is armed, once', () => {
    const { fold, row } = withOrder();
    disarm(fold, row);
    expect(fold.effects).toEqual([]);
    arm(fold, row, NOW + 1);
    expect([row.gen, fold.effects]).toEqual([1, [{ type: 'ARM', key: `o:${ID}`, gen: 1, at: NOW + 1 }]]);
    disarm(fold, row);
    disarm(fold, row);
    expect([row.gen, fold.effects.slice(1)]).toEqual([0, [{ type: 'DISARM', key: `o:${ID}` }]]);
  });
});

describe('a stop', () => {
  test('drops what waits for a retry, and asks the venue for nothing', () => {
    const { world, fold, group, row } = withOrder({}, 'WAITING');
    arm(fold, row, NOW + 1);
    cancelAll(world, fold, group);
    expect(fold.events).toMatchObject([
      { type: 'ORDER_NOT_SENT', ...REF, clientOrderId: ID, reason: 'stopped while it waited for a retry' },
    ]);
    expect(fold.effects.slice(1)).toEqual([{ type: 'DISARM', key: `o:${ID}` }]);
    expect(toldBy(fold)).toEqual(ENDED);
    expect(group.book.open.size).toBe(0);
  });

  test('cancels what is open, with a new round of questions', () => {
    const { world, fold, group, row } = withOrder();
    row.queries = 3;
    cancelAll(world, fold, group);
    expect(fold.events).toMatchObject([{ type: 'ORDER_CANCEL_REQUESTED', ...REF, clientOrderId: ID }]);
    expect(fold.effects).toEqual([
      { type: 'CANCEL', key: `${ID}/c`, venue: 'SIM', clientOrderId: ID },
      { type: 'ARM', key: `o:${ID}`, gen: 1, at: NOW + ACK_TIMEOUT },
    ]);
    expect([row.queries, row.cancelRequested, toldBy(fold)]).toEqual([0, true, []]);
  });

  test('asks once for a cancel that is under way', () => {
    const { world, fold, group, row } = withOrder();
    Object.assign(row, { cancelRequested: true, queries: 3 });
    cancelAll(world, fold, group);
    expect([fold.events, fold.effects, row.queries]).toEqual([[], [], 3]);
  });

  test('asks for no cancel of a place that has still to leave', () => {
    const { world, fold, group, types } = withPlace();
    cancelAll(world, fold, group);
    expect([types(), fold.events.length]).toEqual([['PLACE', 'ARM'], 1]);
  });
});

describe('a question', () => {
  const asked = (ask: (fold: Fold, row: OrderRow) => void) => {
    const { fold, row } = withOrder();
    row.queries = 2;
    ask(fold, row);
    return [row.queries, row.gen, fold.effects];
  };
  const about = { venue: 'SIM', clientOrderId: ID };
  const { world, group } = rowsOf();

  test('is staged under its number, and no more', () => {
    const effects = [{ type: 'QUERY', key: `${ID}/q2`, ...about }];
    expect(asked((fold, row) => askQuery(fold, group, row))).toEqual([2, 0, effects]);
  });

  test('is counted and waited for where it begins a wait', () => {
    const [queries, , effects] = asked((fold, row) => query(world, fold, group, row));
    expect([queries, effects]).toEqual([
      3,
      [
        { type: 'QUERY', key: `${ID}/q3`, ...about },
        { type: 'ARM', key: `o:${ID}`, gen: expect.any(Number), at: NOW + ACK_TIMEOUT },
      ],
    ]);
  });

  test('for a cancel once more is told from the first', () => {
    const effects = [{ type: 'CANCEL', key: `${ID}/c2`, ...about }];
    expect(asked((fold, row) => askCancel(fold, group, row))).toEqual([2, 0, effects]);
  });
});

describe('an order that was let out', () => {
  test.each<[string, Setting, boolean]>([
    ['fills its target', { leaves: 6, filled: 3, unknown: 1 }, false],
    ['is a lot beyond its target', { leaves: 6, filled: 3, unknown: 2 }, true],
    ['fills the cap it was amended to', { leaves: 5, cap: 5 }, false],
    ['is beyond the cap it was amended to', { leaves: 6, cap: 5 }, true],
    ['is beyond the target, within a cap above it', { leaves: 6, target: 5, cap: 7 }, true],
    ['has no target any more', { leaves: 1, target: null, cap: TARGET }, true],
  ])('%s', (_what, setting, isTooMuch) => {
    expect(outgrew(rowsOf(setting).group)).toBe(isTooMuch);
  });

  test.each<[string, number, GroupRow['role'], boolean]>([
    ['as much as is held', 2, 'PROTECTION', false],
    ['a lot more', 3, 'PROTECTION', true],
    ['a lot more, of a leg', 3, 'LEG', false],
    ['a lot more, of an unwind', 3, 'UNWIND', false],
  ])('is counted with what is open and in doubt: %s', (_what, quantity, role, isTooMuch) => {
    const { world, group } = rowsOf({ leaves: 1, unknown: 2, held: 5, role });
    expect(exceedsHolding(world, group, quantity)).toBe(isTooMuch);
  });

  test.each<[string, Setting, boolean]>([
    ['at its batch’s deadline', { timeoutAt: NOW }, false],
    ['after it', { timeoutAt: NOW - 1 }, true],
    ['after it, of an unwind', { timeoutAt: NOW - 1, role: 'UNWIND' }, false],
    ['after it, of a protection', { timeoutAt: NOW - 1, role: 'PROTECTION' }, false],
    ['without a deadline', { timeoutAt: null }, false],
  ])('is overdue: %s', (_when, setting, overdue) => {
    expect(isOverdue(rowsOf(setting).group, NOW)).toBe(overdue);
  });
});
