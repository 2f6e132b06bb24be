import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { dueAfter, lastDue, type SlotGrid } from '../../src/strategies/slots.js';

const grid = (count: number, span: number, sway = 0, horizon = span): SlotGrid => ({
  count,
  span,
  sway,
  horizon,
});

const times = (slots: SlotGrid, seed = 0): number[] =>
  Array.from({ length: slots.count }, (_, k) => dueAfter(slots, seed, k));

const jittered = fc
  .record({
    count: fc.integer({ min: 1, max: 60 }),
    extra: fc.integer({ min: 0, max: 100_000 }),
    pct: fc.integer({ min: 0, max: 100 }),
    seed: fc.nat(),
  })
  .map(({ count, extra, pct, seed }) => {
    const span = count + extra;
    return { slots: grid(count, span, Math.floor(((span / count) * pct) / 100)), seed };
  });

describe('slot times', () => {
  test('divide a span that the count does not divide, without drift', () => {
    expect(times(grid(7, 1000))).toEqual([0, 142, 285, 428, 571, 714, 857]);
  });

  test('stay exact a year on', () => {
    const slots = grid(100_000, 31_536_000_000);
    expect(dueAfter(slots, 0, 99_999)).toBe(Number((99_999n * 31_536_000_000n) / 100_000n));
  });

  test('are in order, inside the window and near the grid, jittered or not', () => {
    fc.assert(
      fc.property(jittered, ({ slots, seed }) => {
        const even = times({ ...slots, sway: 0 });
        const moved = times(slots, seed);
        expect(moved.every((at, k) => at > (moved[k - 1] ?? -1))).toBe(true);
        expect(moved.every((at, k) => Math.abs(at - even[k]!) <= slots.sway)).toBe(true);
        expect(moved.at(-1)).toBeLessThan(slots.horizon);
      }),
      { numRuns: 1000 },
    );
  });

  test('stay before the horizon when the interval is longer than it', () => {
    for (let seed = 0; seed < 200; seed++) {
      expect(dueAfter(grid(1, 60_000, 60_000, 100), seed, 0)).toBeLessThan(100);
    }
  });

  test('move with the seed', () => {
    const slots = grid(20, 60_000, 1000);
    expect(times(slots, 1)).toEqual(times(slots, 1));
    expect(times(slots, 1)).not.toEqual(times(slots, 2));
  });
});

describe('the last slot due', () => {
  test('is found as a search through all slots finds it', () => {
    fc.assert(
      fc.property(jittered, fc.integer({ min: -10, max: 120_000 }), ({ slots, seed }, elapsed) => {
        const expected = times(slots, seed).filter((at) => at <= elapsed).length - 1;
        expect(lastDue(slots, seed, elapsed)).toBe(expected);
      }),
      { numRuns: 1000 },
    );
  });
});
