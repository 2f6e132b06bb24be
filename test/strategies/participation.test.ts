import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  cappedRoom,
  othersLots,
  participationRoom,
  shareOf,
  sweepWithin,
} from '../../src/strategies/participation.js';
import { BTC, contextOf, EVEN, progressOf, singleParams, T0 } from './support.js';

const traded = (volume: string) => ({ ...EVEN, volume });
const bounded = (max_participation?: string, startVolume: string | undefined = '100') =>
  contextOf(singleParams(max_participation === undefined ? {} : { max_participation }), { startVolume });

describe("others' volume", () => {
  test('is what was counted since the start, in whole lots', () => {
    expect(othersLots(bounded(), traded('100'))).toBe(0);
    expect(othersLots(bounded(), traded('100.0125'))).toBe(12);
  });

  test('is nothing when the count has restarted below', () => {
    expect(othersLots(bounded(), traded('3'))).toBe(0);
  });

  test('is unknown without a view, a count or a start', () => {
    expect(othersLots(bounded(), null)).toBeNull();
    expect(othersLots(bounded(), EVEN)).toBeNull();
    expect(othersLots(contextOf(singleParams()), traded('100'))).toBeNull();
  });

  test('stops at the largest whole number', () => {
    const context = contextOf(singleParams(), {
      startVolume: '0',
      instrument: { ...BTC, lotSize: '0.00000001' },
    });
    expect(othersLots(context, traded('999999999999'))).toBe(Number.MAX_SAFE_INTEGER);
  });
});

describe('a share', () => {
  test('of all that trades is r ÷ (1 − r) of the others, else r of them', () => {
    expect(shareOf(950, '0.05', true)).toBe(50);
    expect(shareOf(950, '0.05', false)).toBe(47);
    expect(shareOf(1, '1', true)).toBe(Number.MAX_SAFE_INTEGER);
    expect(shareOf(0, '0.99999999', true)).toBe(0);
  });

  test('never exceeds its rate, and is one lot short of it at most', () => {
    const lots = fc.oneof(fc.nat(1000), fc.integer({ min: 0, max: 90_071_992 }));
    fc.assert(
      fc.property(lots, fc.integer({ min: 1, max: 99_999_999 }), (others, part) => {
        const own = shareOf(others, `0.${String(part).padStart(8, '0')}`, true);
        const [whole, rate] = [100_000_000n, BigInt(part)];
        const exceeds = (lots: number) => BigInt(lots) * whole > rate * (BigInt(lots) + BigInt(others));
        expect([exceeds(own), exceeds(own + 1)]).toEqual([false, true]);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('max_participation', () => {
  test('leaves room for its part of all that traded, less what is filled, open or unknown', () => {
    const progress = progressOf(1000, { filled: 20, leaves: 10, unknown: 5, live: 2 });
    // 0.9 others' base units are 900 lots: 100 of 1,000 may be ours.
    expect(participationRoom(bounded('0.1'), progress, traded('100.9'))).toBe(65);
    expect(cappedRoom(bounded('0.1'), progress, traded('100.9'))).toBe(65);
    expect(cappedRoom(bounded('0.1'), progressOf(60, { filled: 40 }), traded('100.9'))).toBe(20);
    expect(participationRoom(bounded('0.1'), progressOf(1000, { filled: 200 }), traded('100.9'))).toBe(0);
  });

  test('leaves none while nobody counts, and bounds nothing where it is absent', () => {
    expect(cappedRoom(bounded('0.1'), progressOf(1000), EVEN)).toBe(0);
    expect(cappedRoom(bounded(), progressOf(1000), EVEN)).toBe(1000);
  });

  test('bounds the sweep, which sends what is allowed and is the last', () => {
    const states = { now: 'before', swept: 'after' };
    const sweep = (volume: string, view = traded(volume)) =>
      sweepWithin(bounded('0.1'), states, progressOf(1000), view, T0);
    expect(sweep('100.9')).toMatchObject({ state: 'after', orders: [{ quantity: 100 }], exhausted: true });
    expect(sweep('100')).toMatchObject({ state: 'after', orders: [], exhausted: true });
    expect(sweepWithin(bounded('0.1'), states, progressOf(1000), null, T0)).toMatchObject({
      state: 'before',
      deferred: true,
    });
  });
});
