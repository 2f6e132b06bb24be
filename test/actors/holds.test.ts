/** What a COORDINATED leg holds back of its balances, and when its batch counts as uneven. */
import { describe, expect, test } from '@jest/globals';
import { Fold } from '../../src/actors/fold.js';
import { holdBack, holdsBack, releaseHold, watchImbalance } from '../../src/actors/holds.js';
import type { GroupRow, World } from '../../src/actors/world.js';
import { NOW, rowsOf, type Setting, TARGET } from './rows.js';

const KEY = 'SIM|USDT';
const OTHER = 'SIM|BTC';
const hold = (amount: string, key = KEY) => ({ leg: 0, key, amount });

/** A leg of ten lots that holds 100 USDT back. */
function holding(setting: Setting = {}): { world: World; group: GroupRow } {
  const { world, group } = rowsOf(setting);
  holdBack(world, group, hold('100'));
  return { world, group };
}

const reserved = (world: World): object => Object.fromEntries(world.reserved);

describe('what a leg holds back', () => {
  test('is kept from others, beside what they keep of it', () => {
    const { world, group } = holding();
    expect(reserved(world)).toEqual({ [KEY]: '100' });
    expect(group.hold).toEqual({ key: KEY, total: '100', rest: '100' });
    holdBack(world, rowsOf().group, hold('20.5'));
    holdBack(world, rowsOf().group, hold('3', OTHER));
    expect(reserved(world)).toEqual({ [KEY]: '120.5', [OTHER]: '3' });
  });

  test('shrinks by the share that fills have taken, down to nothing', () => {
    const { world, group } = holding();
    releaseHold(world, group, 3);
    expect([reserved(world), group.hold?.rest]).toEqual([{ [KEY]: '70' }, '70']);
    releaseHold(world, group, 7);
    expect([reserved(world), group.hold?.rest]).toEqual([{}, '0']);
  });

  test('gives back no more than is left, however much is filled', () => {
    const { world, group } = holding();
    holdBack(world, rowsOf().group, hold('20'));
    releaseHold(world, group, TARGET + 1);
    expect([reserved(world), group.hold?.rest]).toEqual([{ [KEY]: '20' }, '0']);
    releaseHold(world, group, 1);
    expect(reserved(world)).toEqual({ [KEY]: '20' });
  });

  test('is given back whole once its batch has settled, and only once', () => {
    const { world, group } = holding();
    releaseHold(world, group, 3);
    releaseHold(world, group, null);
    expect([reserved(world), group.hold?.rest]).toEqual([{}, '0']);
    releaseHold(world, group, null);
    expect(reserved(world)).toEqual({});
  });

  test('is given back whole by a fill where there is no target to share it by', () => {
    const { world, group } = holding({ target: null });
    releaseHold(world, group, 1);
    expect(reserved(world)).toEqual({});
  });

  test('is nothing where nothing was held back', () => {
    const { world, group } = rowsOf();
    releaseHold(world, group, 1);
    expect([reserved(world), group.hold]).toEqual([{}, null]);
  });
});

describe('a leg that has nothing to fill', () => {
  const policy = { max_leg_imbalance: '0.2', max_legging_seconds: 15 };

  test.each([0, null])('is ahead of nobody (target %s)', (target) => {
    const { world, batch, group } = rowsOf({ mode: 'COORDINATED', policy, target, siblingFilled: 7 });
    expect(holdsBack(world, NOW, group)).toBeNull();
    watchImbalance(new Fold(world, NOW, {}), batch);
    expect(batch.imbalancedSince).toBeNull();
  });

  test.each([0, null])('is behind nobody (target %s of the other)', (siblingTarget) => {
    const { world, group } = rowsOf({ mode: 'COORDINATED', policy, siblingTarget, filled: 7 });
    expect(holdsBack(world, NOW, group)).toBeNull();
  });
});

const KEY_LEGGING = 'b:BAT_1:legging';
const ARMED = [{ type: 'ARM', key: KEY_LEGGING, gen: 1, at: NOW + 15_000 }];
const POLICY = { max_legging_seconds: 15, max_leg_imbalance: '0.2' };
const UNEVEN: Setting = { mode: 'COORDINATED', policy: POLICY, filled: 5, siblingFilled: 2 };
const EVEN: Setting = { ...UNEVEN, filled: 4 };

/** After a fill: since when the batch is uneven, and what is done about it. */
function watched(setting: Setting, since: number | null = null) {
  const { world, batch } = rowsOf(setting);
  batch.imbalancedSince = since;
  const fold = new Fold(world, NOW, {});
  watchImbalance(fold, batch);
  return [batch.imbalancedSince, fold.effects];
}

describe('an imbalance', () => {
  test('begins when a leg is further ahead than allowed, and may last max_legging_seconds', () => {
    expect(watched(UNEVEN)).toEqual([NOW, ARMED]);
  });

  test('does not begin at the bound itself', () => {
    expect(watched(EVEN)).toEqual([null, []]);
  });

  test('goes on from where it began', () => {
    expect(watched(UNEVEN, NOW - 1)).toEqual([NOW - 1, []]);
  });

  test('ends at the bound, and its deadline with it', () => {
    expect(watched(EVEN, NOW - 1)).toEqual([null, [{ type: 'DISARM', key: KEY_LEGGING }]]);
  });

  test('is the other leg’s lead as well', () => {
    expect(watched({ ...UNEVEN, filled: 2, siblingFilled: 5 })).toEqual([NOW, ARMED]);
  });

  test('is any difference where only its time is bounded', () => {
    const policy = { max_legging_seconds: 15 };
    expect(watched({ ...UNEVEN, policy, filled: 3 })).toEqual([NOW, ARMED]);
    expect(watched({ ...UNEVEN, policy, filled: 2 })).toEqual([null, []]);
  });

  test('counts what is filled beyond the target as its lead, and the slowest as filled', () => {
    expect(watched({ ...UNEVEN, filled: TARGET + 2, siblingFilled: TARGET })).toEqual([null, []]);
    expect(watched({ ...UNEVEN, filled: TARGET + 3, siblingFilled: TARGET + 1 })).toEqual([NOW, ARMED]);
  });

  test.each<[string, Setting]>([
    ['while the batch is stopping', { batchStopping: true }],
    ['in an INDEPENDENT batch', { mode: 'INDEPENDENT' }],
    ['where its time is not bounded', { policy: { max_leg_imbalance: '0.2' } }],
    ['without a policy', { policy: null }],
  ])('is not watched %s', (_when, setting) => {
    expect(watched({ ...UNEVEN, ...setting })).toEqual([null, []]);
    expect(watched({ ...EVEN, ...setting }, NOW - 1)).toEqual([NOW - 1, []]);
  });
});
