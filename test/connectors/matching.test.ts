/** How orders meet the recorded market: taking, queueing, crossing, stopping. */
import { describe, expect, test } from '@jest/globals';
import { Harness, order, SYMBOL } from './harness.js';

const withBook = (bids: string, asks: string, seq?: number) => {
  const harness = new Harness();
  harness.book(bids, asks, seq);
  return harness;
};

describe('a marketable order', () => {
  test('walks the levels, best first, each at its own price, and rests with what is left', () => {
    const venue = withBook('99 x 5', '101 x 1, 100 x 0.5, 103 x 9');
    expect(venue.place('a', { quantity: '2', price: '102' })).toEqual([
      'a NEW',
      'a TRADE 0.5 @ 100 TAKER',
      'a TRADE 1 @ 101 TAKER',
    ]);
    expect(venue.query('a')).toEqual(['a PARTIALLY_FILLED 1.5 @ 100.66666667']);
    expect(venue.venue.view(SYMBOL)).toEqual({ bid: '99', ask: '103', last: null, at: 1000 });
  });

  test('SELL walks the bids downwards', () => {
    const venue = withBook('99 x 1, 98 x 1, 97 x 1', '101 x 1');
    expect(venue.place('a', { side: 'SELL', quantity: '3', price: '98', timeInForce: 'IOC' })).toEqual([
      'a NEW',
      'a TRADE 1 @ 99 TAKER',
      'a TRADE 1 @ 98 TAKER',
      'a CANCELED: immediate-or-cancel remainder',
    ]);
  });

  test('takes whole lots of each level and leaves the rest of it', () => {
    const venue = withBook('99 x 1', '100 x 0.27, 100.5 x 0.05, 101 x 5');
    expect(venue.place('a', { price: '101' })).toEqual([
      'a NEW',
      'a TRADE 0.2 @ 100 TAKER',
      'a TRADE 0.8 @ 101 TAKER',
    ]);
  });

  test('does not reach an ask that is finer than any unit and above its limit, nor a bid below', () => {
    const venue = withBook('98.99999 x 1', '100.00001 x 1');
    expect(venue.place('a', { timeInForce: 'IOC' })[1]).toBe('a CANCELED: immediate-or-cancel remainder');
    expect(venue.place('b', { side: 'SELL', price: '99', timeInForce: 'IOC' })[1]).toBe(
      'b CANCELED: immediate-or-cancel remainder',
    );
  });

  test('what was taken stays taken until its level is updated', () => {
    const venue = withBook('99 x 1', '100 x 1, 101 x 1');
    const ioc = { quantity: '1', price: '100', timeInForce: 'IOC' } as const;
    venue.place('a', ioc);
    venue.depth('99 x 3', '101 x 2');
    expect(venue.place('b', ioc)).toEqual(['b NEW', 'b CANCELED: immediate-or-cancel remainder']);
    venue.depth('', '100 x 0.4');
    expect(venue.place('c', ioc)).toEqual([
      'c NEW',
      'c TRADE 0.4 @ 100 TAKER',
      'c CANCELED: immediate-or-cancel remainder',
    ]);
  });

  test('FOK fills whole at once or not at all', () => {
    const venue = withBook('99 x 1', '100 x 1, 101 x 1');
    const fok = { quantity: '2', timeInForce: 'FOK' } as const;
    expect(venue.place('a', { ...fok, price: '100.5' })).toEqual([
      'a NEW',
      'a CANCELED: fill-or-kill cannot fill at once',
    ]);
    expect(venue.place('b', { ...fok, price: '101' })).toEqual([
      'b NEW',
      'b TRADE 1 @ 100 TAKER',
      'b TRADE 1 @ 101 TAKER',
    ]);
  });

  test('own orders do not trade with each other', () => {
    const venue = withBook('99 x 1', '105 x 1');
    venue.place('sell', { side: 'SELL', price: '101' });
    expect(venue.place('buy', { price: '103' })).toEqual(['buy NEW']);
    expect(venue.venue.truth().orders.map(({ isOpen }) => isOpen)).toEqual([true, true]);
  });
});

describe('a book of best quotes', () => {
  test('is one level a side, and a new quote of that side brings back what was taken', () => {
    const venue = new Harness();
    venue.quote('99 x 1', '100 x 1');
    expect(venue.place('a', { quantity: '3', timeInForce: 'IOC' })[1]).toBe('a TRADE 1 @ 100 TAKER');
    venue.quote('98 x 1', '100 x 1'); // only the bid is new
    expect(venue.place('b', { timeInForce: 'IOC' })).toHaveLength(2);
    expect(venue.heard()).toEqual([]);
    venue.quoteSide('ask', '100 x 1');
    expect(venue.place('c', { timeInForce: 'IOC' })).toEqual(['c NEW', 'c TRADE 1 @ 100 TAKER']);
    venue.quote('98 x 1', '100 x 0.7');
    expect(venue.place('d', { timeInForce: 'IOC' })[1]).toBe('d TRADE 0.7 @ 100 TAKER');
  });

  test('keeps the last row of each side', () => {
    const venue = new Harness();
    venue.quoteSide('bid', '99 x 1');
    expect(venue.venue.view(SYMBOL)).toMatchObject({ bid: '99', ask: null });
    venue.quoteSide('ask', '100 x 1');
    venue.quoteSide('bid', '98 x 1');
    expect(venue.venue.view(SYMBOL)).toMatchObject({ bid: '98', ask: '100' });
    venue.quoteSide('ask', '0 x 0');
    expect(venue.venue.view(SYMBOL)).toMatchObject({ bid: '98', ask: null });
  });

  test('of trades alone: the last trade is both sides, with its quantity', () => {
    const venue = new Harness();
    venue.trade('100', '0.5');
    expect(venue.venue.view(SYMBOL)).toEqual({
      bid: '100',
      ask: '100',
      last: '100',
      at: 1000,
      volume: '0.5',
    });
    expect(venue.place('a', { price: '100.5' })).toEqual(['a NEW', 'a TRADE 0.5 @ 100 TAKER']);
    venue.quote('90 x 1', '110 x 1');
    venue.trade('100.5', '0.5');
    expect(venue.venue.view(SYMBOL)).toMatchObject({ bid: '90', ask: '110', last: '100.5' });
  });
});

describe('a best quote newer than the levels', () => {
  const bids = '100 x 5, 99 x 5, 98 x 5';
  const asks = '101 x 5, 102 x 5, 103 x 5';

  test('takes away better levels, caps its own, and adds nothing', () => {
    const venue = withBook(bids, asks, 10);
    venue.quote('99 x 1', '102 x 2', 11);
    expect(venue.venue.view(SYMBOL)).toMatchObject({ bid: '99', ask: '102' });
    expect(venue.place('a', { quantity: '9', price: '103', timeInForce: 'IOC' })).toEqual([
      'a NEW',
      'a TRADE 2 @ 102 TAKER',
      'a TRADE 5 @ 103 TAKER',
      'a CANCELED: immediate-or-cancel remainder',
    ]);
    venue.quote('100.5 x 9', '100.5 x 9', 12);
    expect(venue.venue.view(SYMBOL)).toMatchObject({ bid: '100', ask: '101' });
    expect(venue.place('b', { quantity: '9', price: '101', timeInForce: 'IOC' })[1]).toBe(
      'b TRADE 5 @ 101 TAKER',
    );
  });

  test('is dropped when the levels have caught up, and kept while they are older', () => {
    const venue = withBook(bids, asks, 10);
    venue.quote('99 x 1', '102 x 2', 15);
    venue.depth('97 x 1', '', 14);
    expect(venue.venue.view(SYMBOL)).toMatchObject({ bid: '99', ask: '102' });
    venue.depth('96 x 1', '', 15);
    expect(venue.venue.view(SYMBOL)).toMatchObject({ bid: '100', ask: '101' });
  });

  test('older than the levels is ignored', () => {
    const venue = withBook(bids, asks, 10);
    venue.quote('99 x 1', '102 x 2', 10);
    expect(venue.venue.view(SYMBOL)).toMatchObject({ bid: '100', ask: '101' });
  });

  test('does not bring back what was taken', () => {
    const venue = withBook(bids, asks, 10);
    venue.place('a', { quantity: '5', price: '101' });
    venue.quote('100 x 5', '101 x 4', 11);
    expect(venue.venue.view(SYMBOL)).toMatchObject({ ask: '102' });
    venue.depth('', '101 x 4', 12);
    expect(venue.venue.view(SYMBOL)).toMatchObject({ ask: '101' });
  });
});

describe('a resting order', () => {
  test('waits behind the size at its price, and trades there consume first what is ahead', () => {
    const venue = withBook('100 x 2, 99 x 1', '101 x 1');
    venue.place('a');
    expect(venue.trade('100', '1.5', 'SELL')).toEqual([]);
    expect(venue.trade('100', '0.8', 'SELL')).toEqual(['a TRADE 0.3 @ 100 MAKER']);
    expect(venue.trade('100', '0.75', 'SELL')).toEqual(['a TRADE 0.7 @ 100 MAKER']);
    expect(venue.query('a')).toEqual(['a FILLED 1 @ 100']);
  });

  test('is not filled by trades on the other side, nor at a worse price', () => {
    const venue = withBook('100 x 1', '101 x 1');
    venue.place('a', { price: '100.5' });
    expect(venue.trade('100.5', '9', 'BUY')).toEqual([]);
    expect(venue.trade('101', '9', 'BUY')).toEqual([]);
    expect(venue.trade('100.5', '9', 'SELL')).toEqual(['a TRADE 1 @ 100.5 MAKER']);
  });

  test('is filled by a trade at its price whose aggressor is not recorded', () => {
    const venue = withBook('100 x 1', '101 x 1');
    venue.place('a', { price: '100.5' });
    venue.place('b', { side: 'SELL', price: '100.5' });
    expect(venue.trade('100.5', '1.4')).toEqual(['a TRADE 1 @ 100.5 MAKER', 'b TRADE 0.4 @ 100.5 MAKER']);
  });

  test('advances when the level shrinks below what is ahead, and never falls back when it grows', () => {
    const venue = withBook('100 x 5', '101 x 1');
    venue.place('a');
    venue.depth('100 x 1', '');
    venue.depth('100 x 50', '');
    expect(venue.trade('100', '1', 'SELL')).toEqual([]);
    expect(venue.trade('100', '1', 'SELL')).toEqual(['a TRADE 1 @ 100 MAKER']);
  });

  test('is at the front when a quote shows its level or worse as the best', () => {
    const venue = withBook('100 x 5, 99 x 5', '101 x 1', 1);
    venue.place('a');
    venue.place('b', { price: '99' });
    venue.quote('99 x 2', '101 x 1', 2);
    expect(venue.trade('100', '1', 'SELL')).toEqual(['a TRADE 1 @ 100 MAKER']);
    expect(venue.trade('99', '2.5', 'SELL')).toEqual(['b TRADE 0.5 @ 99 MAKER']);
  });

  test('shares trades at one price with later own orders in their order of arrival', () => {
    const venue = withBook('100 x 1', '101 x 1');
    venue.place('a');
    venue.depth('100 x 3', '');
    venue.place('b');
    expect(venue.trade('100', '2.5', 'SELL')).toEqual(['a TRADE 1 @ 100 MAKER']); // 1 ahead, a, 0.5 of what joined later
    expect(venue.trade('100', '1.5', 'SELL')).toEqual([]);
    expect(venue.trade('100', '2', 'SELL')).toEqual(['b TRADE 1 @ 100 MAKER']);
  });

  test('is filled whole at its own price when a trade goes through it', () => {
    const venue = withBook('100 x 5, 99 x 5', '101 x 1, 102 x 5');
    venue.place('a', { quantity: '3' });
    venue.place('b', { side: 'SELL', price: '102', quantity: '2' });
    expect(venue.trade('99.5', '0.1', 'BUY')).toEqual(['a TRADE 3 @ 100 MAKER']);
    expect(venue.trade('102.5', '0.1', 'BUY')).toEqual(['b TRADE 2 @ 102 MAKER']);
  });

  test('is filled whole at its own price when the opposite quote goes beyond it', () => {
    const venue = withBook('100 x 5', '101 x 1');
    venue.place('a', { quantity: '3' });
    expect(venue.depth('100 x 0', '99.5 x 0.2')).toEqual(['a TRADE 3 @ 100 MAKER']);
    venue.place('b', { side: 'SELL', price: '103', quantity: '2' });
    expect(venue.depth('104 x 0.1', '101 x 0, 99.5 x 0')).toEqual(['b TRADE 2 @ 103 MAKER']);
  });

  test('is filled by an opposite quote at its price as far as that quote goes', () => {
    const venue = withBook('100 x 5', '101 x 1');
    venue.place('a', { quantity: '3' });
    expect(venue.depth('100 x 0', '100 x 2')).toEqual(['a TRADE 2 @ 100 MAKER']);
    expect(venue.depth('', '101 x 2')).toEqual([]);
    expect(venue.depth('', '100 x 2')).toEqual(['a TRADE 1 @ 100 MAKER']);
  });

  test('far from the market is not looked at when the market moves', () => {
    const venue = withBook('100 x 5', '101 x 1');
    let looks = 0;
    for (let index = 0; index < 500; index += 1) {
      const far = order(`f${index}`, { price: '50', quantity: '0.2' });
      const watched = new Proxy(far, {
        get: (target, key) => {
          looks += 1;
          return Reflect.get(target, key);
        },
      });
      venue.venue.place(watched);
    }
    expect(looks).toBeGreaterThan(0);
    looks = 0;
    for (let round = 0; round < 100; round += 1) {
      venue.trade('100', '1', 'SELL');
      venue.depth('99 x 1, 100 x 4', '101 x 2');
      venue.quote('100 x 1', '101 x 1');
    }
    expect(looks).toBe(0);
  });
});

describe('a post-only order', () => {
  test('that would cross is rejected, else it rests', () => {
    const venue = withBook('100 x 1', '101 x 1');
    expect(venue.place('a', { price: '101', postOnly: true })).toEqual([
      'a REJECTED: post-only order would cross',
    ]);
    expect(venue.place('b', { side: 'SELL', price: '100', postOnly: true })).toEqual([
      'b REJECTED: post-only order would cross',
    ]);
    expect(venue.place('c', { price: '100.5', postOnly: true })).toEqual(['c NEW']);
  });

  test('is judged by the sharper of levels and best quote', () => {
    const venue = withBook('100 x 1', '103 x 1', 1);
    venue.quote('100 x 1', '101 x 1', 2);
    expect(venue.place('a', { price: '101', postOnly: true })).toEqual([
      'a REJECTED: post-only order would cross',
    ]);
  });
});

describe('a stop-limit order', () => {
  const stop = { orderType: 'STOP_LIMIT', stopPrice: '105', price: '106' } as const;

  test('waits for the last trade, then is a limit order', () => {
    const venue = withBook('100 x 1', '101 x 1, 105 x 9');
    venue.trade('100', '1');
    expect(venue.place('a', { ...stop, quantity: '2' })).toEqual(['a NEW']);
    expect(venue.trade('104.5', '1')).toEqual([]);
    expect(venue.trade('105', '1')).toEqual(['a TRADE 1 @ 101 TAKER', 'a TRADE 1 @ 105 TAKER']);
  });

  test('SELL triggers downwards, and the nearest stop first', () => {
    const venue = withBook('90 x 1', '101 x 1');
    venue.trade('100', '1');
    const sell = { ...stop, side: 'SELL', price: '80', timeInForce: 'IOC' } as const;
    venue.place('low', { ...sell, stopPrice: '95' });
    venue.place('high', { ...sell, stopPrice: '96' });
    expect(venue.trade('94', '1')).toEqual([
      'high TRADE 1 @ 90 TAKER',
      'low CANCELED: immediate-or-cancel remainder',
    ]);
  });

  test('whose stop is behind the last trade is worked at once', () => {
    const venue = withBook('100 x 1', '101 x 1');
    venue.trade('105', '1');
    expect(venue.place('a', stop)).toEqual(['a NEW', 'a TRADE 1 @ 101 TAKER']);
  });

  test('can be canceled while it waits', () => {
    const venue = withBook('100 x 1', '101 x 1');
    venue.place('a', stop);
    expect(venue.cancel('a')).toEqual(['a CANCELED: requested']);
    expect(venue.trade('106', '1')).toEqual([]);
  });
});
