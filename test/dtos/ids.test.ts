import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { HashCycle } from '../../src/dtos/ids.js';
import { ID_PATTERNS, ID_PREFIXES, IdMinter, idAtMs, idHash, isId } from '../../src/dtos/index.js';

const AT = Date.UTC(2025, 9, 28, 14, 30, 22, 500);
const prefixes = Object.values(ID_PREFIXES);
const anyPrefix = fc.constantFrom(...prefixes);
const anyTime = fc.integer({ min: 0, max: Date.UTC(9999, 11, 31, 23, 59, 59, 999) });

describe('the grammar of ids', () => {
  test('8 hex digits for every prefix but EXG, which has 5 of 0-9a-z', () => {
    expect(isId('EXE', 'EXE_20251028_143020_b7c4d890')).toBe(true);
    expect(isId('EXG', 'EXG_20251028_143022_z8g3c')).toBe(true);
    expect(isId('EXE', 'EXE_20251028_143020_b7c4d')).toBe(false);
    expect(isId('EXE', 'EXE_20251028_143020_g7c4d890')).toBe(false);
    expect(isId('EXE', 'EXE_20251028_143020_B7C4D890')).toBe(false);
    expect(isId('EXG', 'EXG_20251028_143022_b7c4d890')).toBe(false);
    expect(isId('EXE', 'EXE_20251028_143020_b7c4d890\n')).toBe(false);
    expect(isId('STR', 'EXE_20251028_143020_b7c4d890')).toBe(false);
  });

  test.each([
    '20250230_000000',
    '20251301_000000',
    '20250001_000000',
    '20250100_000000',
    '20250101_240000',
    '20250101_006000',
    '20250101_000060',
    '20230229_000000',
  ])('the stamp %s names no real second', (stamp) => {
    expect(isId('EXE', `EXE_${stamp}_b7c4d890`)).toBe(false);
  });

  test('a leap day is real', () => {
    expect(isId('EXE', 'EXE_20240229_235959_b7c4d890')).toBe(true);
  });

  test('stamp and hash can be read back', () => {
    expect(idAtMs('EXG_20251028_143022_a8f3c')).toBe(Date.UTC(2025, 9, 28, 14, 30, 22));
    expect(idHash('EXG_20251028_143022_a8f3c')).toBe('a8f3c');
    expect(idHash('EXE_20251028_143020_b7c4d890')).toBe('b7c4d890');
  });
});

describe('the minter', () => {
  test('mints valid ids stamped with the second they were minted at', () => {
    fc.assert(
      fc.property(fc.string(), anyPrefix, anyTime, (seed, prefix, at) => {
        const minted = new IdMinter(seed).mint(prefix, at);
        expect(ID_PATTERNS[prefix].test(minted)).toBe(true);
        expect(isId(prefix, minted)).toBe(true);
        expect(idAtMs(minted)).toBe(Math.floor(at / 1000) * 1000);
      }),
      { numRuns: 200 },
    );
  });

  test('gives the same ids to the same questions and other ids to another seed', () => {
    fc.assert(
      fc.property(fc.string(), fc.array(fc.tuple(anyPrefix, anyTime), { maxLength: 20 }), (seed, asked) => {
        const mint = (minter: IdMinter): string[] => asked.map(([prefix, at]) => minter.mint(prefix, at));
        expect(mint(new IdMinter(seed))).toEqual(mint(new IdMinter(seed)));
      }),
      { numRuns: 50 },
    );
    expect(new IdMinter('a').mint('EXE', AT)).not.toBe(new IdMinter('b').mint('EXE', AT));
    expect(new IdMinter('a').mint('EXG', AT)).not.toBe(new IdMinter('b').mint('EXG', AT));
  });

  test.each(['EXG', 'EXE'] as const)('100,000 %s ids within one second differ', (prefix) => {
    const minter = new IdMinter('one second');
    const ids = new Set<string>();
    for (let i = 0; i < 100_000; i++) ids.add(minter.mint(prefix, AT));
    expect(ids.size).toBe(100_000);
    expect(new Set([...ids].map(idAtMs)).size).toBe(1);
  });

  test('refuses a time that the stamp cannot write', () => {
    const minter = new IdMinter('times');
    for (const at of [Number.NaN, -1, Number.POSITIVE_INFINITY, Date.UTC(10_000, 0, 1)]) {
      expect(() => minter.mint('EXE', at)).toThrow('between 1970 and 9999');
    }
  });
});

describe('a cycle of hashes', () => {
  const SIZE = 36;
  const pairs = (seconds: readonly number[], step: number): [number, number][] => {
    const cycle = new HashCycle(SIZE, step, 5);
    return seconds.map((second) => [cycle.next(second), cycle.state]);
  };

  test('never repeats a second and hash together, whatever the clock does', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 5 }), { maxLength: 300 }),
        fc.constantFrom(1, 5, 7, 25, 35),
        (seconds, step) => {
          const seen = pairs(seconds, step).map(([second, hash]) => `${second}/${hash}`);
          expect(new Set(seen).size).toBe(seconds.length);
        },
      ),
      { numRuns: 100 },
    );
  });

  test('moves to the next free second when one second uses up every hash', () => {
    const stamped = pairs(new Array<number>(2 * SIZE + 1).fill(100), 7).map(([second]) => second);
    expect(stamped.slice(0, SIZE)).toEqual(new Array(SIZE).fill(100));
    expect(stamped.slice(SIZE, 2 * SIZE)).toEqual(new Array(SIZE).fill(101));
    expect(stamped[2 * SIZE]).toBe(102);
  });
});
