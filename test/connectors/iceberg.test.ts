/** Icebergs and stop orders at the simulated venue. */
import { describe, expect, test } from '@jest/globals';
import { Harness, type OrderText } from './harness.js';

const withBook = (bids: string, asks: string, venue = {}) => {
  const harness = new Harness({ venue: { native_iceberg: true, ...venue } });
  harness.book(bids, asks);
  return harness;
};

const shown = (harness: Harness): Record<string, string> =>
  Object.fromEntries(harness.venue.truth().orders.map((each) => [each.clientOrderId, each.shown]));

describe('an iceberg', () => {
  const iceberg = { quantity: '3', displayQuantity: '1' } as const;

  test('shows a tip, and the next one joins behind the recorded size at its price', () => {
    const venue = withBook('100 x 2', '101 x 1');
    venue.place('a', iceberg);
    expect(shown(venue)).toEqual({ a: '1' });
    expect(venue.trade('100', '2.4', 'SELL')).toEqual(['a TRADE 0.4 @ 100 MAKER']);
    expect(shown(venue)).toEqual({ a: '0.6' });
    expect(venue.trade('100', '0.6', 'SELL')).toEqual(['a TRADE 0.6 @ 100 MAKER']);
    expect(shown(venue)).toEqual({ a: '1' });
    expect(venue.trade('100', '2', 'SELL')).toEqual([]); // two recorded stand before the new tip
    expect(venue.trade('100', '1', 'SELL')).toEqual(['a TRADE 1 @ 100 MAKER']);
  });

  test('one trade takes tip, recorded size behind it, and next tip in their order', () => {
    const venue = withBook('100 x 2', '101 x 1');
    venue.place('a', iceberg);
    venue.depth('100 x 5', ''); // three more behind the tip
    expect(venue.trade('100', '5.9', 'SELL')).toEqual(['a TRADE 1 @ 100 MAKER']);
    expect(venue.trade('100', '0.1', 'SELL')).toEqual([]);
    expect(venue.query('a')).toEqual(['a PARTIALLY_FILLED 1 @ 100']);
  });

  test('alone at its price is taken tip after tip by one trade', () => {
    const venue = withBook('99 x 2', '101 x 1');
    venue.place('a', iceberg);
    expect(venue.trade('100', '2.5', 'SELL')).toEqual([
      'a TRADE 1 @ 100 MAKER',
      'a TRADE 1 @ 100 MAKER',
      'a TRADE 0.5 @ 100 MAKER',
    ]);
    expect(shown(venue)).toEqual({ a: '0.5' });
  });

  test('loses its priority to our other orders at its price with each tip', () => {
    const venue = withBook('99 x 2', '101 x 1');
    venue.place('a', iceberg);
    venue.place('b', { quantity: '1' });
    expect(venue.trade('100', '2.5', 'SELL')).toEqual([
      'a TRADE 1 @ 100 MAKER',
      'b TRADE 1 @ 100 MAKER',
      'a TRADE 0.5 @ 100 MAKER',
    ]);
  });

  test('takes with all of its quantity, and shows a tip of what rests', () => {
    const venue = withBook('99 x 2', '100 x 1.5');
    expect(venue.place('a', iceberg)).toEqual(['a NEW', 'a TRADE 1.5 @ 100 TAKER']);
    expect(shown(venue)).toEqual({ a: '1' });
    expect(venue.depth('', '100 x 1.2')).toEqual(['a TRADE 1 @ 100 MAKER', 'a TRADE 0.2 @ 100 MAKER']);
    expect(shown(venue)).toEqual({ a: '0.3' });
  });

  test('SELL is filled whole by a trade beyond its price, and shows nothing once it has ended', () => {
    const venue = withBook('99 x 2', '103 x 1');
    venue.place('a', { ...iceberg, side: 'SELL', price: '101' });
    expect(venue.trade('101.5', '0.1', 'BUY')).toEqual(['a TRADE 3 @ 101 MAKER']);
    venue.place('b', iceberg);
    venue.cancel('b');
    expect(shown(venue)).toEqual({ a: '0', b: '0' });
  });

  test.each<[string, OrderText, object, string]>([
    ['above the quantity', { displayQuantity: '1.1' }, {}, 'display quantity 1.1 is above the quantity'],
    ['off the lot', { displayQuantity: '0.25' }, {}, 'display quantity 0.25 is off the lot'],
    ['of nothing', { displayQuantity: '0' }, {}, 'display quantity is zero'],
    [
      'at a venue without icebergs',
      { displayQuantity: '1' },
      { native_iceberg: false },
      'display quantities are not accepted',
    ],
  ])('with a display quantity %s is refused', (_, change, venue, reason) => {
    expect(withBook('99 x 1', '101 x 1', venue).place('a', change)).toEqual([`a REJECTED: ${reason}`]);
  });

  test('is a capability only where the venue is configured for it, and stop orders unless it is not', () => {
    const capabilities = (venue: object) => new Harness({ venue }).venue.capabilities;
    expect(capabilities({ native_iceberg: true })).toEqual({
      placeValidityMs: 5000,
      stopOrders: true,
      iceberg: true,
    });
    expect(capabilities({ stop_orders: false })).toEqual({ placeValidityMs: 5000 });
  });
});

describe('a stop-limit order', () => {
  const stop = { orderType: 'STOP_LIMIT', stopPrice: '105', price: '106' } as const;

  test('is refused by a venue without stop orders', () => {
    const venue = withBook('100 x 1', '101 x 1', { stop_orders: false });
    expect(venue.place('a', stop)).toEqual(['a REJECTED: stop orders are not accepted']);
  });

  test('is triggered by trades alone, never by quotes or levels', () => {
    const venue = withBook('100 x 1', '101 x 1');
    venue.place('a', stop);
    expect(venue.depth('', '101 x 0, 107 x 1')).toEqual([]);
    expect(venue.depth('106.5 x 1', '')).toEqual([]);
    expect(shown(venue)).toEqual({ a: '0' });
    expect(venue.query('a')).toEqual(['a NEW 0 @ null']);
  });

  test('rests at its limit when it is triggered beyond it, behind the size there', () => {
    const venue = withBook('106 x 2', '108 x 5');
    venue.place('a', stop);
    expect(venue.trade('107', '9', 'BUY')).toEqual([]);
    expect(shown(venue)).toEqual({ a: '1' });
    expect(venue.trade('106', '2.5', 'SELL')).toEqual(['a TRADE 0.5 @ 106 MAKER']);
  });

  test('SELL takes the bids down to its limit and rests with what is left', () => {
    const venue = withBook('95 x 1, 94 x 1, 92 x 5', '101 x 1');
    venue.place('a', { ...stop, side: 'SELL', stopPrice: '96', price: '93', quantity: '3' });
    expect(venue.trade('96', '1', 'SELL')).toEqual(['a TRADE 1 @ 95 TAKER', 'a TRADE 1 @ 94 TAKER']);
    expect(shown(venue)).toEqual({ a: '1' });
  });

  test('one trade triggers those that it reaches on both sides, each once', () => {
    const venue = withBook('100 x 9', '101 x 9');
    venue.trade('103', '1');
    venue.place('sell', { ...stop, side: 'SELL', stopPrice: '102', price: '99', timeInForce: 'IOC' });
    venue.place('buy', { ...stop, stopPrice: '104', price: '105', timeInForce: 'IOC' });
    expect(venue.trade('102', '1')).toEqual(['sell TRADE 1 @ 100 TAKER']);
    expect(venue.trade('104', '1')).toEqual(['buy TRADE 1 @ 101 TAKER']);
    expect(venue.trade('102', '1')).toEqual([]);
  });

  test('that is post-only and would cross once triggered is canceled; a fill-or-kill that cannot fill, too', () => {
    const venue = withBook('100 x 1', '101 x 1');
    venue.place('a', { ...stop, postOnly: true });
    venue.place('b', { ...stop, quantity: '2', timeInForce: 'FOK' });
    expect(venue.trade('105', '1')).toEqual([
      'a CANCELED: post-only order would cross',
      'b CANCELED: fill-or-kill cannot fill at once',
    ]);
  });

  test('that is an iceberg shows a tip once it rests', () => {
    const venue = withBook('100 x 1', '108 x 1');
    venue.place('a', { ...stop, quantity: '2', displayQuantity: '0.5' });
    expect(venue.trade('105', '1')).toEqual([]);
    expect(shown(venue)).toEqual({ a: '0.5' });
  });
});
