import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { add, cmp, fromSteps, max, min, mul, sub, toMultiple } from '../../src/dtos/decimal.js';
import type { MarketView, Side } from '../../src/dtos/venue.js';
import {
  limitTerms,
  marketablePrice,
  marketableTerms,
  referencePrice,
  venueMinimum,
} from '../../src/strategies/price.js';
import { BTC, view } from './support.js';

const price = (
  side: Side,
  market: MarketView | null,
  maxSlippage = '0.01',
  limitPrice: string | null = null,
) => marketablePrice({ side, view: market, maxSlippage, tick: '0.01', limitPrice });

describe('the reference price', () => {
  test('is the mid of the best quote', () => {
    expect(referencePrice(view('100.00', '100.01', '7'))).toBe('100.005');
  });

  test('is the last trade when a side of the quote is missing', () => {
    expect(referencePrice(view('99', null, '100.5'))).toBe('100.5');
  });

  test('is the one side there is when there is no trade either', () => {
    expect(referencePrice(view(null, '101.10'))).toBe('101.1');
    expect(referencePrice(view('99', null))).toBe('99');
  });

  test('is null with nothing, and with a price that is not positive', () => {
    expect(referencePrice(null)).toBeNull();
    expect(referencePrice(view(null, null))).toBeNull();
    expect(referencePrice(view(null, null, '0'))).toBeNull();
  });
});

describe('the marketable price', () => {
  test('floors a BUY and raises a SELL to the tick', () => {
    const market = view('100.00', '100.01');
    expect(price('BUY', market)).toBe('101');
    expect(price('SELL', market)).toBe('99.01');
    expect(price('BUY', market, '0.001')).toBe('100.1');
    expect(price('SELL', market, '0.001')).toBe('99.91');
  });

  test('stays within the limit price', () => {
    const market = view('100', '100');
    expect(price('BUY', market, '0.01', '100.5')).toBe('100.5');
    expect(price('BUY', market, '0.01', '105')).toBe('101');
    expect(price('SELL', market, '0.01', '99.5')).toBe('99.5');
    expect(price('SELL', market, '0.01', '95')).toBe('99');
  });

  test('is null for a BUY whose bound lies below one tick', () => {
    expect(price('BUY', view('0.001', '0.001'))).toBeNull();
  });

  test('is one tick for a SELL that accepts any price', () => {
    expect(price('SELL', view('100', '100'), '1')).toBe('0.01');
  });

  test('equals decimal arithmetic, and never passes a bound', () => {
    const cents = fc.integer({ min: 1, max: 100_000_000_000 }).map((n) => fromSteps(n, '0.0001'));
    const slippage = fc.integer({ min: 0, max: 99_999_999 }).map((n) => fromSteps(n, '0.00000001'));
    const tick = fc.constantFrom('0.00000001', '0.01', '0.05', '0.25', '1', '10');
    const limit = fc.option(cents);
    const side = fc.constantFrom<Side>('BUY', 'SELL');
    fc.assert(
      fc.property(
        side,
        cents,
        cents,
        slippage,
        tick,
        limit,
        (way, bid, ask, maxSlippage, step, limitPrice) => {
          const isBuy = way === 'BUY';
          const mid = mul(add(bid, ask), '0.5');
          let bound = mul(mid, isBuy ? add('1', maxSlippage) : sub('1', maxSlippage));
          if (limitPrice !== null) bound = isBuy ? min(bound, limitPrice) : max(bound, limitPrice);
          const exact = toMultiple(bound, step, isBuy ? 'FLOOR' : 'CEIL');
          const expected = cmp(exact, '0') > 0 ? exact : null;
          const got = marketablePrice({
            side: way,
            view: view(bid, ask),
            maxSlippage,
            tick: step,
            limitPrice,
          });
          expect(got).toBe(expected);
          if (got !== null) expect(cmp(got, bound) * (isBuy ? 1 : -1)).toBeLessThanOrEqual(0);
        },
      ),
      { numRuns: 1000 },
    );
  });
});

describe('the terms of a limit order', () => {
  test('never pass the limit', () => {
    expect(limitTerms('BUY', '100.019', '0.01')?.price).toBe('100.01');
    expect(limitTerms('SELL', '100.011', '0.01')?.price).toBe('100.02');
  });

  test('are null when the limit is below one tick', () => {
    expect(limitTerms('BUY', '0.001', '0.01')).toBeNull();
  });
});

describe("the venue's minimum", () => {
  const market = { ...BTC, minNotional: '5' };
  const terms = (side: Side) =>
    marketableTerms({ side, view: view('100', '100'), maxSlippage: '0.1', tick: '0.01', limitPrice: null });

  test('is the fewest lots worth the minimum notional', () => {
    expect(venueMinimum(market, limitTerms('BUY', '100', '0.01'))).toBe(50);
    expect(venueMinimum(market, limitTerms('BUY', '99.99', '0.01'))).toBe(51);
  });

  test('is measured by the lower of reference and order price', () => {
    expect(venueMinimum(market, terms('BUY'))).toBe(50);
    expect(venueMinimum(market, terms('SELL'))).toBe(56);
  });

  test('is one lot without a minimum notional or without a price', () => {
    expect(venueMinimum(BTC, terms('BUY'))).toBe(1);
    expect(venueMinimum({ ...BTC, minNotional: '0.00' }, terms('BUY'))).toBe(1);
    expect(venueMinimum(market, null)).toBe(1);
  });

  test('stays a safe integer when a lot is worth next to nothing', () => {
    const dust = { ...market, lotSize: '0.00000001', minNotional: '1000000000' };
    expect(venueMinimum(dust, limitTerms('BUY', '0.00000001', '0.00000001'))).toBe(Number.MAX_SAFE_INTEGER);
  });
});
