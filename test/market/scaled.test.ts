/** Scaled integers against the general decimals. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { cmp, toMultiple, toSteps } from '../../src/dtos/decimal.js';
import { formatScaled, isPlainDecimal, parseExact, parseScaled, placesOf } from '../../src/market/scaled.js';

/** Decimals of up to 6 + 10 digits, trailing zeros included. */
const decimals = fc
  .tuple(
    fc.integer({ min: 0, max: 999_999 }),
    fc.string({ unit: fc.constantFrom(...'0123456789'), maxLength: 10 }),
  )
  .map(([whole, fraction]) => (fraction === '' ? String(whole) : `${whole}.${fraction}`));

describe('parseScaled', () => {
  test('agrees with decimal arithmetic, down and up', () => {
    fc.assert(
      fc.property(decimals, fc.integer({ min: 0, max: 9 }), (text, places) => {
        const step = formatScaled(1, places);
        expect(parseScaled(text, places)).toBe(toSteps(text, step, 'FLOOR'));
        expect(parseScaled(text, places, true)).toBe(toSteps(text, step, 'CEIL'));
        expect(formatScaled(parseScaled(text, places), places)).toBe(toMultiple(text, step, 'FLOOR'));
        expect(isPlainDecimal(text)).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  test('exact values round-trip and inexact ones are null', () => {
    fc.assert(
      fc.property(decimals, fc.integer({ min: 0, max: 9 }), (text, places) => {
        const exact = parseExact(text, places);
        const floor = toMultiple(text, formatScaled(1, places), 'FLOOR');
        expect(exact === null).toBe(cmp(floor, text) !== 0);
      }),
      { numRuns: 300 },
    );
  });

  test.each(['', '.', '1.', '.5', '1.2.3', '-1', '+1', '1e3', ' 1', '1 ', 'NaN', '0x10', '１', '1,5'])(
    '%j is not a decimal',
    (text) => {
      expect([parseScaled(text, 4), isPlainDecimal(text), parseExact(text, 4)]).toEqual([
        Number.NaN,
        false,
        null,
      ]);
    },
  );

  test('a value beyond 2^53 stays at the greatest safe integer', () => {
    expect(parseScaled('99999999999999999999', 8)).toBe(Number.MAX_SAFE_INTEGER);
    expect(parseExact('99999999999999999999', 0)).toBeNull();
  });
});

describe('placesOf', () => {
  test.each([
    ['1', 0],
    ['0.01', 2],
    ['0.0500', 2],
    ['10', 0],
    ['1.000', 0],
    ['0.00000001', 8],
  ])('%s needs %i decimals', (step, places) => {
    expect(placesOf(step)).toBe(places);
  });
});

describe('formatScaled', () => {
  test.each([
    [0, 4, '0'],
    [5, 4, '0.0005'],
    [123450, 4, '12.345'],
    [-2500, 2, '-25'],
    [7, 0, '7'],
    [9_007_199_254_740_991, 8, '90071992.54740991'],
  ])('%i at %i places is %s', (value, places, text) => {
    expect(formatScaled(value, places)).toBe(text);
  });
});
