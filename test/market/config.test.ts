/** The market block of a scenario. */
import { describe, expect, test } from '@jest/globals';
import { FillwrightError } from '../../src/dtos/errors.js';
import { parseDto } from '../../src/dtos/parse.js';
import { MarketConfigSchema } from '../../src/market/config.js';

const recorded = { source: 'recorded', format: 'lean-tick', files: ['a.zip'], symbols: { bac: 'BAC' } };
const synthetic = {
  source: 'synthetic',
  seed: 1,
  symbols: { 'BTC/USDT': '61000' },
  start: '2024-01-01T00:00:00Z',
  duration_seconds: 60,
};

function pathsOf(value: unknown): string[] {
  try {
    parseDto(MarketConfigSchema, value, 'market');
    return [];
  } catch (error) {
    if (error instanceof FillwrightError) return error.issues.map(({ path }) => path);
    throw error;
  }
}

describe('MarketConfigSchema', () => {
  test('takes both sources', () => {
    expect([pathsOf(recorded), pathsOf(synthetic)]).toEqual([[], []]);
  });

  test.each([
    ['an unknown key', { ...recorded, seed: 1 }, 'market.seed'],
    ['an unknown source', { ...recorded, source: 'live' }, 'market.source'],
    ['an unknown format', { ...recorded, format: 'csv' }, 'market.format'],
    ['no files', { ...recorded, files: [] }, 'market.files'],
    ['an empty file name', { ...recorded, files: [''] }, 'market.files[0]'],
    ['no symbols', { ...recorded, symbols: {} }, 'market.symbols'],
    ['one symbol under two keys', { ...recorded, symbols: { a: 'BAC', b: 'BAC' } }, 'market.symbols'],
    ['a symbol that is none', { ...recorded, symbols: { a: 'b ac' } }, 'market.symbols.a'],
    ['a start price of zero', { ...synthetic, symbols: { X: '0' } }, 'market.symbols.X'],
    ['a start price as a number', { ...synthetic, symbols: { X: 5 } }, 'market.symbols.X'],
    ['a start without a zone', { ...synthetic, start: '2024-01-01T00:00:00' }, 'market.start'],
    ['no duration', { ...synthetic, duration_seconds: 0 }, 'market.duration_seconds'],
    ['a negative seed', { ...synthetic, seed: -1 }, 'market.seed'],
  ])('refuses %s', (_, value, path) => {
    expect(pathsOf(value)).toEqual([path]);
  });
});
