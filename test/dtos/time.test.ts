import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { toMs, toTimestamp } from '../../src/dtos/index.js';
import { isRealDate, timestampProblem } from '../../src/dtos/time.js';

describe('timestamps', () => {
  test('every millisecond from 0001 to 9999 goes to text and back', () => {
    const range = { min: Date.parse('0001-01-01T00:00:00Z'), max: Date.UTC(9999, 11, 31) };
    fc.assert(
      fc.property(fc.integer(range), (ms) => {
        expect(timestampProblem(toTimestamp(ms))).toBeNull();
        expect(toMs(toTimestamp(ms))).toBe(ms);
      }),
      { numRuns: 200 },
    );
  });

  test('a day is real exactly when the calendar gives it back', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1600, max: 2500 }),
        fc.integer({ min: 0, max: 13 }),
        fc.integer({ min: 0, max: 32 }),
        (year, month, day) => {
          const date = new Date(Date.UTC(year, month - 1, day));
          const back =
            date.getUTCFullYear() === year && date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
          expect(isRealDate(year, month, day)).toBe(back);
        },
      ),
      { numRuns: 500 },
    );
  });

  test.each([
    '2025-10-28T14:30:22Z',
    '2025-10-28T14:30:22.1Z',
    '2025-10-28T14:30:22.123Z',
    '2024-02-29T23:59:59Z',
  ])('%s is accepted', (text) => {
    expect(timestampProblem(text)).toBeNull();
  });

  test.each([
    ['2025-10-28T14:30:22', 'naive'],
    ['2025-10-28T14:30:22.123', 'naive'],
    ['2025-10-28T14:30:22+00:00', 'not an offset'],
    ['2025-10-28T14:30:22+02:00', 'not an offset'],
    ['2025-10-28T14:30:22.123456Z', 'finer than milliseconds'],
    ['2025-02-30T00:00:00Z', 'not a real date'],
    ['2023-02-29T00:00:00Z', 'not a real date'],
    ['2025-13-01T00:00:00Z', 'not a real date'],
    ['2025-01-01T24:00:00Z', 'not a real date'],
    ['2025-01-01T23:59:60Z', 'not a real date'],
    ['2025-10-28 14:30:22Z', 'ISO-8601'],
    ['2025-10-28T14:30Z', 'ISO-8601'],
    ['2025-10-28t14:30:22z', 'ISO-8601'],
    ['20251028T143022Z', 'ISO-8601'],
    ['2025-10-28', 'ISO-8601'],
    ['1761661822', 'ISO-8601'],
    ['٢٠٢٥-10-28T14:30:22Z', 'ISO-8601'],
    ['', 'ISO-8601'],
    ['2'.repeat(1_000_000), 'ISO-8601'],
  ])('%.40s is refused: %s', (text, why) => {
    expect(timestampProblem(text)).toContain(why);
  });
});
