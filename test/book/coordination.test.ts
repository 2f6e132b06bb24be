/** The pre-check of COORDINATED, and what an unwind can still offset. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { exposureOf, type LegFacts, preCheck } from '../../src/book/coordination.js';
import { toFixedPoint } from '../../src/dtos/amount.js';
import type { Instrument } from '../../src/dtos/venue.js';

const instrument: Instrument = {
  symbol: 'BTC/USDT',
  tickSize: '0.01',
  lotSize: '0.1',
  minNotional: '10',
  base: 'BTC',
  quote: 'USDT',
};
const facts = (change: Partial<LegFacts> = {}): LegFacts => ({
  index: 0,
  venue: 'SIM',
  symbol: 'BTC/USDT',
  side: 'BUY',
  instrument,
  target: 10,
  maxSlippage: '0.01',
  limitPrice: null,
  allowShort: false,
  unlimitedCash: false,
  takerFeeBps: '10',
  balances: { USDT: '1000', BTC: '1' },
  reference: '100',
  ...change,
});
const NONE: ReadonlyMap<string, string> = new Map();

describe('the pre-check', () => {
  test('needs cash for the worst price that the order may pay, and its fee', () => {
    // 1 BTC at 100 + 1 %, and 10 bps of that.
    const enough = { USDT: '101.101' };
    expect(preCheck([facts({ balances: enough })], NONE)).toMatchObject({
      ok: true,
      holds: [{ leg: 0, key: 'SIM|USDT', amount: '101.101' }],
    });
    expect(preCheck([facts({ balances: { USDT: '101.1' } })], NONE)).toMatchObject({
      ok: false,
      block: 'STOP',
      leg: 0,
    });
  });

  test('takes a limit price for what it is', () => {
    expect(preCheck([facts({ limitPrice: '90' })], NONE)).toMatchObject({ holds: [{ amount: '90.09' }] });
  });

  test('needs the inventory of a SELL, unless it may go short', () => {
    expect(preCheck([facts({ side: 'SELL', target: 10 })], NONE)).toMatchObject({
      holds: [{ key: 'SIM|BTC', amount: '1' }],
    });
    expect(preCheck([facts({ side: 'SELL', target: 11 })], NONE)).toMatchObject({ ok: false, block: 'STOP' });
    expect(preCheck([facts({ side: 'SELL', target: 11, allowShort: true })], NONE)).toEqual({
      ok: true,
      holds: [],
    });
  });

  test('sums what legs draw from one balance, and subtracts what other batches hold', () => {
    const legs = [facts({ index: 0, target: 50 }), facts({ index: 1, target: 49 })];
    expect(preCheck(legs, NONE)).toMatchObject({ ok: false, leg: 1 });
    expect(preCheck(legs.slice(0, 1), new Map([['SIM|USDT', '494.4']]))).toMatchObject({ ok: true });
    expect(preCheck(legs.slice(0, 1), new Map([['SIM|USDT', '494.6']]))).toMatchObject({ ok: false, leg: 0 });
    expect(preCheck(legs.slice(0, 1), new Map([['OTHER|USDT', '999']]))).toMatchObject({ ok: true });
  });

  test('defers without a reference, refuses below the minimum, asks nothing of a leg without an order', () => {
    expect(preCheck([facts({ reference: null })], NONE)).toMatchObject({ ok: false, block: 'DEFER' });
    expect(preCheck([facts({ reference: '9', target: 1 })], NONE)).toMatchObject({
      ok: false,
      block: 'STOP',
    });
    expect(preCheck([facts({ target: null, reference: null })], NONE)).toEqual({ ok: true, holds: [] });
    expect(preCheck([facts({ balances: null })], NONE)).toEqual({ ok: true, holds: [] });
    expect(preCheck([facts({ unlimitedCash: true, balances: {} })], NONE)).toEqual({ ok: true, holds: [] });
  });
});

describe('exposure', () => {
  const lot = toFixedPoint('0.1');
  const of = (net: string, held: string, price: string | null = '100') =>
    exposureOf({ net: toFixedPoint(net), held: toFixedPoint(held), lot }, instrument, price);

  test('is the lesser of net fills and position, in whole lots; the rest is dust', () => {
    expect(of('1.25', '2')).toEqual({ lots: 12, dust: '0.05' });
    expect(of('2', '1.25')).toEqual({ lots: 12, dust: '0.05' });
    expect(of('1', '0')).toEqual({ lots: 0, dust: null });
  });

  test('below lot or minimum notional is dust as a whole', () => {
    expect(of('0.05', '1')).toEqual({ lots: 0, dust: '0.05' });
    expect(of('0.1', '1', '99')).toEqual({ lots: 0, dust: '0.1' });
    expect(of('0.1', '1', '100')).toEqual({ lots: 1, dust: null });
    expect(of('0.1', '1', null)).toEqual({ lots: 1, dust: null });
  });

  test('never exceeds what was filled (I18)', () => {
    const amount = fc.integer({ min: 0, max: 10 ** 6 });
    fc.assert(
      fc.property(amount, amount, (net, held) => {
        const texts = [net, held].map((n) => (n / 1000).toFixed(3)) as [string, string];
        const { lots, dust } = of(...texts);
        const total = BigInt(lots) * lot + toFixedPoint(dust ?? '0');
        const least = net < held ? toFixedPoint(texts[0]) : toFixedPoint(texts[1]);
        expect(total).toBe(least);
      }),
      { numRuns: 200 },
    );
  });
});
