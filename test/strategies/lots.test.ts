import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  draw,
  lotsBefore,
  mulDiv,
  placeable,
  type SizeBounds,
  type SliceSizes,
  sliceLots,
  sliceSizes,
} from '../../src/strategies/lots.js';

const FREE: SizeBounds = { minimum: 1, maximum: Number.MAX_SAFE_INTEGER, jitterPpm: 0 };

const all = (sizes: SliceSizes, seed = 0): number[] =>
  Array.from({ length: sizes.count }, (_, k) => sliceLots(sizes, seed, k));

const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);

describe('slice sizes', () => {
  test('give spare lots to the earliest slices', () => {
    expect(all(sliceSizes(10, 4, FREE))).toEqual([3, 3, 2, 2]);
  });

  test('use fewer slices than lots are lacking', () => {
    expect(all(sliceSizes(3, 10, FREE))).toEqual([1, 1, 1]);
  });

  test('use fewer slices rather than fall below the minimum', () => {
    expect(all(sliceSizes(100, 10, { ...FREE, minimum: 15 }))).toEqual([17, 17, 17, 17, 16, 16]);
  });

  test('keep one slice when even that is below the minimum', () => {
    expect(all(sliceSizes(3, 10, { ...FREE, minimum: 5 }))).toEqual([3]);
  });

  test('are whole lots within the bounds and sum exactly to the total', () => {
    const arbitrary = fc.record({
      total: fc.oneof(
        fc.integer({ min: 1, max: 5000 }),
        fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
      ),
      count: fc.integer({ min: 1, max: 200 }),
      minimum: fc.integer({ min: 1, max: 60 }),
      jitterPpm: fc.integer({ min: 0, max: 1_000_000 }),
      head: fc.integer({ min: 0, max: 20 }),
      seed: fc.nat({ max: Number.MAX_SAFE_INTEGER }),
    });
    fc.assert(
      fc.property(arbitrary, ({ total, count, minimum, jitterPpm, head, seed }) => {
        const largest = Math.ceil(total / Math.max(1, Math.min(count, Math.floor(total / minimum))));
        const maximum = Math.min(Number.MAX_SAFE_INTEGER, largest + head);
        const sizes = sliceSizes(total, count, { minimum, maximum, jitterPpm });
        const lots = all(sizes, seed);
        expect(lots.every(Number.isSafeInteger)).toBe(true);
        expect(lots.reduce((rest, n) => rest - n, total)).toBe(0);
        expect(sizes.count).toBeLessThanOrEqual(count);
        expect(Math.min(...lots)).toBeGreaterThanOrEqual(Math.min(minimum, total));
        expect(Math.max(...lots)).toBeLessThanOrEqual(maximum);
        const stray = mulDiv(sizes.base, jitterPpm, 1_000_000, 'FLOOR') + 1;
        expect(lots.every((n) => Math.abs(n - sizes.base) <= stray)).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });

  test('jitter strays both ways and uses its whole band', () => {
    const sizes = sliceSizes(100_000, 1000, { ...FREE, jitterPpm: 200_000 });
    const lots = all(sizes, 42);
    expect(Math.min(...lots)).toBeLessThanOrEqual(82);
    expect(Math.max(...lots)).toBeGreaterThanOrEqual(118);
    expect(sum(lots)).toBe(100_000);
  });

  test('are the same for the same seed and others for another', () => {
    const sizes = sliceSizes(10_000, 20, { ...FREE, jitterPpm: 300_000 });
    expect(all(sizes, 7)).toEqual(all(sizes, 7));
    expect(all(sizes, 7)).not.toEqual(all(sizes, 8));
    expect(all(sizes, 2 ** 32 + 7)).not.toEqual(all(sizes, 7));
  });

  test('know what lies before a slice without a table', () => {
    const sizes = sliceSizes(10_007, 13, { ...FREE, jitterPpm: 300_000 });
    const lots = all(sizes, 3);
    for (let k = 0; k <= 13; k++) expect(lotsBefore(sizes, 3, k)).toBe(sum(lots.slice(0, k)));
  });
});

describe('a seeded draw', () => {
  test('covers its range evenly', () => {
    const counts = new Array<number>(10).fill(0);
    for (let k = 0; k < 20_000; k++) counts[draw(5, 1, k, 10)]! += 1;
    for (const count of counts) {
      expect(count).toBeGreaterThan(1800);
      expect(count).toBeLessThan(2200);
    }
  });

  test('differs by seed, by stream and by slice', () => {
    const row = (seed: number, stream: number): number[] =>
      Array.from({ length: 50 }, (_, k) => draw(seed, stream, k, 1000));
    expect(row(1, 1)).not.toEqual(row(2, 1));
    expect(row(1, 1)).not.toEqual(row(1, 2));
    expect(new Set(row(1, 1)).size).toBeGreaterThan(40);
  });

  test('stays below its width', () => {
    fc.assert(
      fc.property(
        fc.nat(),
        fc.nat(),
        fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
        (seed, k, width) => {
          const drawn = draw(seed, 1, k, width);
          expect(Number.isSafeInteger(drawn) && drawn >= 0 && drawn < width).toBe(true);
        },
      ),
      { numRuns: 1000 },
    );
  });
});

describe('a × b ÷ c', () => {
  test('is exact beyond 2^53', () => {
    const big = fc.nat({ max: Number.MAX_SAFE_INTEGER });
    fc.assert(
      fc.property(big, fc.nat({ max: 10_000_000 }), fc.integer({ min: 1, max: 10_000_000 }), (a, b, c) => {
        const exact = (BigInt(a) * BigInt(b)) / BigInt(c);
        const up = (BigInt(a) * BigInt(b)) % BigInt(c) === 0n ? 0n : 1n;
        expect(mulDiv(a, b, c, 'FLOOR')).toBe(Number(exact));
        expect(mulDiv(a, b, c, 'CEIL')).toBe(Number(exact + up));
      }),
      { numRuns: 1000 },
    );
  });
});

describe('what can be placed', () => {
  test('is all that is wanted when a whole minimum remains', () => {
    expect(placeable(10, 100, 5, false)).toBe(10);
  });

  test('leaves later slots a whole minimum or everything, never dust', () => {
    expect(placeable(10, 12, 5, false)).toBe(7);
    expect(placeable(6, 8, 5, false)).toBe(0);
    expect(placeable(8, 8, 5, false)).toBe(8);
  });

  test('is the whole rest in the last slot', () => {
    expect(placeable(8, 8, 5, true)).toBe(8);
    expect(placeable(9, 8, 5, true)).toBe(8);
  });

  test('is nothing below the minimum', () => {
    expect(placeable(4, 4, 5, true)).toBe(0);
    expect(placeable(4, 40, 5, false)).toBe(0);
  });
});
