/** Positions by trade: what is held, bounded memory, the DTO. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { holding, PositionBook, positionDto, type TradeHead } from '../../src/book/positions.js';
import { fromFixedPoint, toFixedPoint } from '../../src/dtos/amount.js';

const head = (n: number, direction: 'BUY' | 'SELL' = 'BUY'): TradeHead => ({
  tradeId: `TPL_20250106_090000_0000000${n}`,
  strategyId: 'planner',
  venue: 'SIM',
  symbol: 'BTC/USDT',
  base: 'BTC',
  direction,
});
const fill = (side: 'BUY' | 'SELL', quantity: string, price: string, more: object = {}, sign: 1 | -1 = 1) => {
  const fixed = toFixedPoint(quantity);
  return { side, fixed, amount: fixed * toFixedPoint(price), at: 1_000, sign, ...more };
};

describe('a position', () => {
  test('holds its fills less the commissions taken in the base asset (decision 19)', () => {
    const book = new PositionBook(10, true);
    const commission = { commission: '0.001', commissionAsset: 'BTC' };
    const row = book.book(head(1), fill('BUY', '1', '100', commission));
    book.book(head(1), fill('BUY', '1', '110', { commission: '0.5', commissionAsset: 'USDT' }));
    expect(fromFixedPoint(holding(row))).toBe('1.999');
    expect(positionDto(row)).toMatchObject({ entry_price: '105', position_size: '1.999', direction: 'BUY' });
  });

  test('that is short owes its commissions in the base asset too', () => {
    const book = new PositionBook(10, true);
    book.book(head(1, 'SELL'), fill('SELL', '1', '100'));
    const row = book.book(
      head(1, 'SELL'),
      fill('BUY', '1', '90', { commission: '0.001', commissionAsset: 'BTC' }),
    );
    expect(fromFixedPoint(holding(row))).toBe('0.001');
    book.book(head(1, 'SELL'), fill('BUY', '1', '90', { commission: '0.001', commissionAsset: 'BTC' }, -1));
    expect(fromFixedPoint(holding(row))).toBe('1');
  });

  test('is closed by the other side, and open again when that is taken back', () => {
    const book = new PositionBook(10, true);
    book.book(head(1, 'SELL'), fill('SELL', '2', '100'));
    const row = book.book(head(1, 'SELL'), fill('BUY', '2', '90'));
    expect(positionDto(row)).toMatchObject({
      position_size: '0',
      exit_price: '90',
      closed_at: '1970-01-01T00:00:01.000Z',
    });
    book.book(head(1, 'SELL'), fill('BUY', '2', '90', {}, -1));
    expect(positionDto(row)).toMatchObject({ position_size: '2' });
    expect(positionDto(row)).not.toHaveProperty('closed_at');
  });

  test('of which every fill was taken back is exactly nothing', () => {
    const each = fc.tuple(
      fc.constantFrom('BUY' as const, 'SELL' as const),
      fc.integer({ min: 1, max: 10 ** 9 }),
    );
    fc.assert(
      fc.property(fc.array(each, { minLength: 1, maxLength: 20 }), (fills) => {
        const book = new PositionBook(10, true);
        const texts = fills.map(([side, n]) => [side, (n / 1e6).toFixed(6), (n / 1e3).toFixed(3)] as const);
        for (const [side, quantity, price] of texts) book.book(head(1), fill(side, quantity, price));
        for (const [side, quantity, price] of texts) book.book(head(1), fill(side, quantity, price, {}, -1));
        const row = book.get(head(1).tradeId);
        expect(row).toMatchObject({ opened: 0n, openedAmount: 0n, closed: 0n, closedAmount: 0n });
      }),
      { numRuns: 50 },
    );
  });
});

describe('the position book', () => {
  test('forgets the trades least recently touched, but that they were', () => {
    const book = new PositionBook(2, true);
    for (const n of [1, 2]) book.book(head(n), fill('BUY', '1', '100'));
    book.book(head(1), fill('BUY', '1', '100'));
    book.book(head(3), fill('BUY', '1', '100'));
    expect(book.all().map(({ tradeId }) => tradeId)).toEqual([head(1).tradeId, head(3).tradeId]);
    expect([1, 2, 3].map((n) => book.hasLeft(head(n).tradeId))).toEqual([false, true, false]);
  });

  test('keeps what a stop or target protects, as long as it holds something', () => {
    const book = new PositionBook(2, true);
    for (const n of [1, 2]) book.book(head(n), fill('BUY', '1', '100'));
    Object.assign(book.get(head(1).tradeId) ?? {}, { stopLoss: '90' });
    for (const n of [3, 4]) book.book(head(n), fill('BUY', '1', '100'));
    const ids = (): number[] => book.all().map(({ tradeId }) => Number(tradeId.slice(-1)));
    expect(ids().sort()).toEqual([1, 4]);
    book.book(head(1), fill('SELL', '1', '90'));
    for (const n of [5, 6]) book.book(head(n), fill('BUY', '1', '100'));
    expect(ids().sort()).toEqual([5, 6]);
    expect(book.hasLeft(head(1).tradeId)).toBe(true);
  });

  test('grows beyond its bound rather than let go of what is protected', () => {
    const book = new PositionBook(1, true);
    for (let n = 1; n <= 9; n++) {
      Object.assign(book.book(head(n), fill('BUY', '1', '100')), { takeProfit: '110' });
    }
    expect(book.all()).toHaveLength(9);
  });

  test('opens a trade once, at its first fill', () => {
    const book = new PositionBook(2, true);
    book.open(head(1), 5);
    book.book(head(1), fill('BUY', '1', '100'));
    book.open(head(1), 9);
    expect(book.get(head(1).tradeId)).toMatchObject({ openedAt: 1_000, opened: toFixedPoint('1') });
  });
});
