import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { curveOf, curveSlices, lotsAt, volumeCurve, weightUntil } from '../../src/strategies/curve.js';

const RUNS = { numRuns: 1000 };
const REFUSED = expect.objectContaining({ code: 'PLAN_INFEASIBLE' });

describe('a curve', () => {
  test('is linear within its buckets', () => {
    const curve = curveOf(['1', '3'], 1000);
    // Scaled by the duration: 4 × 1000 in all.
    expect([0, 250, 500, 750, 1000].map((at) => weightUntil(curve, at) / 100_000_000n)).toEqual([
      0n,
      500n,
      1000n,
      2500n,
      4000n,
    ]);
  });

  test('gives each time its lots, rounded half up, and all of them to the end', () => {
    expect(lotsAt(curveOf(['1', '1', '1'], 3000), 10, [0, 1000, 2000, 3000], 3000)).toEqual([0, 3, 7, 10]);
    expect(lotsAt(curveOf(['1', '1'], 2000), 1, [0, 1000, 2000], 2000)).toEqual([0, 1, 1]);
  });

  test('that is cut is normalised anew', () => {
    expect(lotsAt(curveOf(['3', '1', '96'], 3000), 100, [0, 1000, 2000], 2000)).toEqual([0, 75, 100]);
  });

  test('without weight before the end has no lots', () => {
    expect(lotsAt(curveOf(['0', '0', '5'], 3000), 100, [0, 1000, 2000], 2000)).toBeNull();
  });

  test('is refused without weights, with nothing but zeros, and with what is no decimal', () => {
    for (const weights of [
      [],
      ['0', '0.000'],
      ['1', '-1'],
      ['NaN'],
      ['1e3'],
      [''],
      [1 as unknown as string],
    ]) {
      expect(() => curveOf(weights, 1000)).toThrow(REFUSED);
    }
    expect(() => curveOf(['1', 'x'], 1000)).toThrow(/not x/);
  });

  test('holds weights that no number holds', () => {
    const curve = curveOf(['12345678901234567890', '0.00000001'], 2000);
    expect(lotsAt(curve, 9_007_199_254_740_991, [0, 1000, 2000], 2000)).toEqual([
      0, 9_007_199_254_740_991, 9_007_199_254_740_991,
    ]);
  });
});

describe('the slices of a curve', () => {
  const none = { minimum: 1, maximum: Number.MAX_SAFE_INTEGER, jitterPpm: 0 };

  test('leave out slots of nothing', () => {
    expect(curveSlices([5, 0, 0, 7], none, 0)).toEqual({ slots: [0, 3], before: [0, 5, 12], left: 0 });
  });

  test('below the minimum wait for the slots after them, the last for those before', () => {
    expect(curveSlices([3, 3, 9, 4, 2], { ...none, minimum: 5 }, 0)).toEqual({
      slots: [1, 2, 4],
      before: [0, 6, 15, 21],
      left: 0,
    });
    expect(curveSlices([9, 2], { ...none, minimum: 5 }, 0)).toEqual({ slots: [0], before: [0, 11], left: 0 });
  });

  test('above the maximum pass the rest on, the last ones back', () => {
    expect(curveSlices([9, 1, 2], { ...none, maximum: 5 }, 0)).toEqual({
      slots: [0, 1, 2],
      before: [0, 5, 10, 12],
      left: 0,
    });
    expect(curveSlices([1, 2, 9], { ...none, maximum: 5 }, 0).before).toEqual([0, 2, 7, 12]);
    expect(curveSlices([9, 9], { ...none, maximum: 5 }, 0).left).toBe(8);
  });

  test('are one of everything when nothing reaches the minimum', () => {
    expect(curveSlices([0, 3, 3], { ...none, minimum: 9 }, 0)).toEqual({
      slots: [1],
      before: [0, 6],
      left: 0,
    });
  });

  test('keep their sum and their bounds, whatever curve, jitter and seed', () => {
    const sizes = fc.array(fc.oneof(fc.constant(0), fc.nat(30), fc.nat(100_000)), {
      minLength: 1,
      maxLength: 60,
    });
    fc.assert(
      fc.property(
        sizes,
        fc.nat(40),
        fc.option(fc.nat(5000)),
        fc.nat(1_000_000),
        fc.nat(),
        (slots, least, wide, jitterPpm, seed) => {
          const total = slots.reduce((sum, size) => sum + size, 0);
          const minimum = 1 + least;
          fc.pre(total >= minimum);
          const maximum = wide === null ? Number.MAX_SAFE_INTEGER : 2 * minimum + wide;
          const made = curveSlices(slots, { minimum, maximum, jitterPpm }, seed);
          expect(made.before.at(-1)! + made.left).toBe(total);
          made.slots.forEach((slot, j) => {
            const size = made.before[j + 1]! - made.before[j]!;
            if (size < minimum || size > maximum) throw new Error(`a slice of ${size} lots`);
            if (slots[slot] === 0) throw new Error('a slice in a slot of nothing');
          });
        },
      ),
      RUNS,
    );
  });
});

describe('the curve of a history', () => {
  test('sums what traded in each part of it, empty parts included', () => {
    const rows = [
      { at: 999, quantity: '7' },
      { at: 1000, quantity: '0.5' },
      { at: 1499, quantity: '0.00000001' },
      { at: 2500, quantity: '3' },
      { at: 3000, quantity: '7' },
    ];
    expect(volumeCurve(rows, { from: 1000, to: 3000, buckets: 4 })).toEqual(['0.50000001', '0', '0', '3']);
  });

  test('is a curve that a VWAP takes', () => {
    const curve = volumeCurve([{ at: 5, quantity: '1.5' }], { from: 0, to: 10, buckets: 3 });
    expect(lotsAt(curveOf(curve, 3000), 9, [0, 1000, 2000, 3000], 3000)).toEqual([0, 0, 9, 9]);
  });

  test('is refused when nothing traded, and for broken bounds or rows', () => {
    const whole = { from: 0, to: 10, buckets: 2 };
    expect(() => volumeCurve([], whole)).toThrow(/nothing traded/);
    expect(() => volumeCurve([{ at: 1, quantity: '0' }], whole)).toThrow(REFUSED);
    for (const broken of [
      { buckets: 0 },
      { buckets: 1.5 },
      { buckets: Number.NaN },
      { to: 0 },
      { from: -0.5 },
    ]) {
      expect(() => volumeCurve([{ at: 1, quantity: '1' }], { ...whole, ...broken })).toThrow(REFUSED);
    }
    for (const quantity of ['-1', 'NaN', '', '1e2']) {
      expect(() => volumeCurve([{ at: 1, quantity }], whole)).toThrow(REFUSED);
    }
  });

  test('loses nothing that traded within', () => {
    const row = fc.record({
      at: fc.integer({ min: 0, max: 999 }),
      quantity: fc.integer({ min: 1, max: 10_000 }),
    });
    fc.assert(
      fc.property(fc.array(row, { minLength: 1 }), fc.integer({ min: 1, max: 50 }), (rows, buckets) => {
        const curve = volumeCurve(
          rows.map(({ at, quantity }) => ({ at, quantity: `${quantity}` })),
          { from: 0, to: 1000, buckets },
        );
        expect(curve).toHaveLength(buckets);
        expect(curve.reduce((sum, weight) => sum + Number(weight), 0)).toBe(
          rows.reduce((sum, { quantity }) => sum + quantity, 0),
        );
      }),
      RUNS,
    );
  });
});
