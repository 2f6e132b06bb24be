import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { mul, neg } from '../../src/dtos/decimal.js';
import { costBps, feesOf, makerShare, participation, ratio } from '../../src/runtime/report/figures.js';

const traded = (side: 'BUY' | 'SELL', filled: string, price: string) => ({
  side,
  filled,
  notional: mul(filled, price),
});

describe('cost against a benchmark', () => {
  test.each<['BUY' | 'SELL', string, string]>([
    ['BUY', '100.1', '10'],
    ['BUY', '99.9', '-10'],
    ['SELL', '99.9', '10'],
    ['SELL', '100.1', '-10'],
    ['BUY', '100', '0'],
    ['SELL', '100', '0'],
  ])('is positive where it cost: %s at %s against 100 is %s bps', (side, price, bps) => {
    expect(costBps(traded(side, '3', price), '100')).toBe(bps);
  });

  test('is rounded to four decimals once, half to even', () => {
    expect(costBps(traded('BUY', '1', '60000.01'), '60000')).toBe('0.0017');
    expect(costBps({ side: 'BUY', filled: '1', notional: '100.0000005' }, '100')).toBe('0');
    expect(costBps({ side: 'BUY', filled: '1', notional: '100.0000015' }, '100')).toBe('0.0002');
  });

  test('is null, never 0, without a benchmark or a fill', () => {
    expect(costBps(traded('BUY', '1', '100'), null)).toBeNull();
    expect(costBps(traded('BUY', '1', '100'), '0')).toBeNull();
    expect(costBps({ side: 'BUY', filled: '0', notional: '0' }, '100')).toBeNull();
  });

  test('of a seller is that of a buyer with the sign turned, whatever was traded', () => {
    const cents = fc.integer({ min: 1, max: 100_000_000 }).map((n) => mul(String(n), '0.01'));
    fc.assert(
      fc.property(cents, cents, cents, (filled, price, benchmark) => {
        const buyer = costBps(traded('BUY', filled, price), benchmark) ?? '';
        expect(costBps(traded('SELL', filled, price), benchmark)).toBe(neg(buyer));
      }),
      { numRuns: 100 },
    );
  });
});

describe('participation', () => {
  test('is own over own and others', () => {
    expect(participation('1', '3')).toBe('0.25');
    expect(participation('1', '0')).toBe('1');
    expect(participation('0', '3')).toBe('0');
    expect(participation('1', '2')).toBe('0.333333');
  });

  test('is null where nobody counted, or nothing traded', () => {
    expect(participation('1', null)).toBeNull();
    expect(participation('0', '0')).toBeNull();
  });
});

describe('fees and makers', () => {
  test('fees are summed by asset, rebates too, and an unnamed asset stays apart', () => {
    const fill = (commission: string, commissionAsset?: string) => ({
      quantity: '1',
      commission,
      commissionAsset,
    });
    const fills = [
      fill('0.1', 'USDT'),
      fill('0.01', 'BNB'),
      fill('-0.3', 'USDT'),
      fill('2'),
      { quantity: '1' },
    ];
    expect(feesOf(fills)).toEqual([
      { asset: 'USDT', amount: '-0.2' },
      { asset: 'BNB', amount: '0.01' },
      { asset: null, amount: '2' },
    ]);
    expect(feesOf([{ quantity: '1' }])).toEqual([]);
  });

  test('the maker share is of the quantity whose liquidity was told', () => {
    const fills = [
      { quantity: '3', liquidity: 'MAKER' as const },
      { quantity: '1', liquidity: 'TAKER' as const },
      { quantity: '100' },
    ];
    expect(makerShare(fills)).toBe('0.75');
    expect(makerShare([{ quantity: '1' }])).toBeNull();
    expect(makerShare([])).toBeNull();
  });

  test('a ratio of nothing is null', () => {
    expect(ratio('1', '4')).toBe('0.25');
    expect(ratio('0', '0')).toBeNull();
    expect(ratio('0', null)).toBeNull();
  });
});
