/** The simulated venue as a connector: refusals, money, latency, races, faults, memory. */
import { describe, expect, test } from '@jest/globals';
import { FillwrightError } from '../../src/dtos/errors.js';
import { createSimulatedVenue } from '../../src/connectors/simulated/venue.js';
import { Harness, type OrderText, order, SYMBOL } from './harness.js';

const quoted = (options: ConstructorParameters<typeof Harness>[0] = {}) => {
  const harness = new Harness(options);
  harness.quote('99 x 100', '100 x 100');
  return harness;
};

describe('a place is refused', () => {
  test.each<[string, OrderText, string]>([
    ['for an unknown symbol', { symbol: 'DOGE/USDT' }, 'unknown symbol DOGE/USDT'],
    ['off the tick', { price: '100.25' }, 'price 100.25 is off the tick'],
    ['without a price', { price: null }, 'price null is off the tick'],
    ['at price zero', { price: '0' }, 'price 0 is off the tick'],
    ['at a negative price', { price: '-1' }, 'price -1 is off the tick'],
    ['off the lot', { quantity: '1.05' }, 'quantity 1.05 is off the lot'],
    ['finer than any lot', { quantity: '1.000001' }, 'quantity 1.000001 is off the lot'],
    ['of nothing', { quantity: '0' }, 'quantity is zero'],
    [
      'below the minimum notional',
      { quantity: '0.1', price: '99.5' },
      'notional 9.95 is below the minimum 10',
    ],
    ['without a limit', { orderType: 'MARKET' }, 'market orders are not accepted'],
    [
      'as a stop off the tick',
      { orderType: 'STOP_LIMIT', stopPrice: '100.1' },
      'stop price 100.1 is off the tick',
    ],
  ])('%s', (_, change, reason) => {
    const venue = quoted();
    expect(venue.place('a', change)).toEqual([`a REJECTED: ${reason}`]);
    expect(venue.query('a')).toEqual(['a NOT_FOUND']);
  });

  test('while the symbol has no book yet, retryably', () => {
    const venue = new Harness();
    venue.venue.place(order('a'));
    expect(venue.reports[0]).toMatchObject({
      type: 'REJECTED',
      retryable: true,
      reason: 'no market for BTC/USDT yet',
    });
    venue.heard();
    expect(venue.venue.view(SYMBOL)).toBeNull();
  });

  test('under the client order id of an open order, which stays open; a finished one frees its id', () => {
    const venue = quoted();
    venue.place('a', { price: '98' });
    expect(venue.place('a', { price: '97' })).toEqual(['a REJECTED: duplicate client order id']);
    expect(venue.query('a')).toEqual(['a NEW 0 @ null']);
    venue.cancel('a');
    expect(venue.place('a', { price: '97' })).toEqual(['a NEW']);
    expect(venue.venue.truth().orders.map(({ connectorOrderId }) => connectorOrderId)).toEqual(['SIM-2']);
  });
});

describe('money', () => {
  const venue = { allow_short: false, balances: { USDT: '1000' }, fees_bps: { maker: '1', taker: '10' } };

  test('fees are bps of the notional in the quote asset, by liquidity', () => {
    const harness = quoted({ venue: { fees_bps: { maker: '-0.5', taker: '7.5' } } });
    harness.venue.place(order('a', { quantity: '0.3' }));
    expect(harness.reports[1]).toMatchObject({
      commission: '0.0225',
      commissionAsset: 'USDT',
      liquidity: 'TAKER',
    });
    harness.heard();
    harness.place('b', { price: '99.5' });
    harness.venue.onMarket({ at: 1, symbol: SYMBOL, kind: 'trade', price: '99', quantity: '1' });
    expect(harness.reports[0]).toMatchObject({ commission: '-0.004975', liquidity: 'MAKER' });
  });

  test('open orders hold back what they may cost, and give it back', () => {
    const harness = quoted({ venue });
    harness.place('a', { price: '98', quantity: '5' });
    expect(harness.venue.balances()).toEqual({ USDT: '509.51' }); // 490 and the greater fee
    expect(harness.place('b', { price: '98', quantity: '5.2' })).toEqual([
      'b REJECTED: insufficient balance of USDT',
    ]);
    harness.cancel('a');
    expect(harness.venue.balances()).toEqual({ USDT: '1000' });
    expect(harness.place('c', { price: '98', quantity: '10' })).toEqual(['c NEW']);
  });

  test('a fill moves both assets and its fee, and frees the rest of what was held', () => {
    const harness = quoted({ venue });
    expect(harness.place('a', { price: '101', quantity: '4' })).toEqual(['a NEW', 'a TRADE 4 @ 100 TAKER']);
    expect(harness.venue.balances()).toEqual({ USDT: '599.6', BTC: '4' });
    harness.place('b', { side: 'SELL', price: '99', quantity: '4' });
    expect(harness.venue.balances()).toEqual({ USDT: '995.204', BTC: '0' });
    expect(harness.venue.truth().balances).toEqual({ USDT: '995.204', BTC: '0' });
  });

  test('selling more than is held is short selling, and more than is free is insufficient', () => {
    const harness = quoted({ venue: { ...venue, balances: { USDT: '0', BTC: '2' } } });
    expect(harness.place('a', { side: 'SELL', quantity: '2.1', price: '101' })).toEqual([
      'a REJECTED: short selling of BTC is not allowed',
    ]);
    harness.place('b', { side: 'SELL', quantity: '1.5', price: '101' });
    expect(harness.place('c', { side: 'SELL', quantity: '1', price: '101' })).toEqual([
      'c REJECTED: insufficient balance of BTC',
    ]);
  });

  test('without balances cash is unlimited and holdings are none', () => {
    const harness = quoted({ venue: { allow_short: false } });
    expect(harness.venue.unlimitedCash).toBe(true);
    expect(harness.venue.balances()).toEqual({});
    expect(harness.place('a', { side: 'SELL' })).toEqual(['a REJECTED: short selling of BTC is not allowed']);
    expect(harness.place('b', { quantity: '100' })).toHaveLength(2);
    expect(harness.venue.truth().balances).toEqual({ USDT: '-10000', BTC: '100' });
    expect(harness.place('c', { side: 'SELL', quantity: '100', price: '99' })).toHaveLength(2);
  });

  test('where short selling is allowed, holdings go negative', () => {
    const harness = quoted({ venue: { ...venue, allow_short: true } });
    harness.place('a', { side: 'SELL', price: '99', quantity: '3' });
    expect(harness.venue.truth().balances).toEqual({ USDT: '1296.703', BTC: '-3' });
  });
});

describe('a cancel', () => {
  test('ends an open order once; afterwards it is too late, and for a stranger unknown', () => {
    const venue = quoted();
    venue.place('a', { price: '98' });
    expect(venue.cancel('a')).toEqual(['a CANCELED: requested']);
    expect(venue.cancel('a')).toEqual(['a CANCEL_REJECTED: too late']);
    expect(venue.cancel('ghost')).toEqual(['ghost CANCEL_REJECTED: unknown order']);
    expect(venue.query('a')).toEqual(['a CANCELED 0 @ null']);
    expect(venue.query('ghost')).toEqual(['ghost NOT_FOUND']);
  });

  test('that loses the race is refused after the fill was reported', () => {
    const venue = quoted({ venue: { latency_ms: 20 } });
    venue.place('a', { price: '99.5' });
    venue.runTo(1020);
    venue.cancel('a');
    venue.trade('99.5', '1', 'SELL');
    expect(venue.runTo(1100)).toEqual(['a NEW', 'a TRADE 1 @ 99.5 MAKER', 'a CANCEL_REJECTED: too late']);
  });
});

describe('latency', () => {
  test('passes each way, and a report says when its event was', () => {
    const venue = quoted({ venue: { latency_ms: 20 } });
    expect(venue.place('a')).toEqual([]);
    expect(venue.runTo(1039)).toEqual([]);
    venue.runTo(1040);
    expect(venue.venue.truth().fills[0]?.at).toBe(1020);
    venue.venue.query('a');
    venue.clock.advanceTo(1045);
    for (; venue.clock.runNext(); );
    expect(venue.reports.map(({ type, at }) => [type, at])).toEqual([['STATUS', 1060]]);
    expect(venue.clock.now()).toBe(1080);
  });

  test('an order meets the book of its arrival, not of its sending', () => {
    const venue = quoted({ venue: { latency_ms: 20 } });
    venue.place('a');
    venue.quote('101 x 1', '102 x 1');
    expect(venue.runTo(1040)).toEqual(['a NEW']);
  });

  test('a place that is under way for longer than its validity is refused', () => {
    const venue = quoted({ venue: { latency_ms: 5001 } });
    expect(venue.venue.capabilities).toEqual({ placeValidityMs: 5000, stopOrders: true });
    venue.place('a');
    expect(venue.runTo(12_000)).toEqual(['a REJECTED: arrived after its validity window']);
  });
});

describe('faults', () => {
  test('a dropped place never exists; a refused one says why; of one whose answer is lost only a query tells', () => {
    const verdicts = { drop: 'DROP', lost: 'ACK_LOST', no: { reject: 'rate limit' }, yes: 'ACCEPT' } as const;
    const onPlace = ({ clientOrderId }: { clientOrderId: string }) =>
      verdicts[clientOrderId as keyof typeof verdicts];
    const venue = quoted({ faults: { onPlace } });
    expect(venue.place('drop')).toEqual([]);
    expect(venue.query('drop')).toEqual(['drop NOT_FOUND']);
    expect(venue.place('no')).toEqual(['no REJECTED: rate limit']);
    expect(venue.place('lost', { quantity: '101' })).toEqual([]);
    expect(venue.query('lost')).toEqual(['lost PARTIALLY_FILLED 100 @ 100']);
    expect(venue.cancel('lost')).toEqual(['lost CANCELED: requested']);
    expect(venue.place('yes', { price: '98' })).toEqual(['yes NEW']);
  });

  test('a cancel can be dropped, refused, or done without an answer', () => {
    const onCancel = (id: string) =>
      id === 'drop' ? 'DROP' : id === 'lost' ? 'ACK_LOST' : { reject: 'busy' };
    const venue = quoted({ faults: { onCancel } });
    for (const id of ['drop', 'lost', 'no']) venue.place(id, { price: '98' });
    expect(venue.cancel('drop')).toEqual([]);
    expect(venue.query('drop')).toEqual(['drop NEW 0 @ null']);
    expect(venue.cancel('lost')).toEqual([]);
    expect(venue.query('lost')).toEqual(['lost CANCELED 0 @ null']);
    expect(venue.cancel('no')).toEqual(['no CANCEL_REJECTED: busy']);
  });
});

describe('reports', () => {
  test('ids begin with the venue’s name, count up, and are the same in every run', () => {
    const run = () => {
      const venue = quoted({ name: 'BINANCE' });
      venue.venue.place(order('a', { quantity: '150' }));
      venue.venue.place(order('b', { side: 'SELL', price: '99' }));
      return venue.reports;
    };
    const reports = run();
    expect(reports.map(({ connectorOrderId }) => connectorOrderId)).toEqual([
      'BINANCE-1',
      'BINANCE-1',
      'BINANCE-2',
      'BINANCE-2',
    ]);
    expect(reports.flatMap((report) => (report.type === 'TRADE' ? [report.execId] : []))).toEqual([
      'BINANCE-X1',
      'BINANCE-X2',
    ]);
    expect(run()).toEqual(reports);
  });

  test('a subscriber that places and cancels from within a report hears everything in order', () => {
    const venue = quoted();
    venue.venue.reports$.subscribe((report) => {
      if (report.clientOrderId === 'a' && report.type === 'TRADE')
        venue.venue.place(order('b', { price: '98' }));
      if (report.clientOrderId === 'b' && report.type === 'NEW') venue.venue.cancel('b');
    });
    venue.place('x', { price: '99.5' });
    venue.place('a', { price: '99.5' });
    expect(venue.trade('99', '1')).toEqual([
      'x TRADE 1 @ 99.5 MAKER',
      'a TRADE 1 @ 99.5 MAKER',
      'b NEW',
      'b CANCELED: requested',
    ]);
  });
});

describe('a lost answer', () => {
  test('takes nothing with it that was to be reported before', () => {
    const onPlace = ({ clientOrderId }: { clientOrderId: string }) =>
      clientOrderId === 'lost' ? 'ACK_LOST' : 'ACCEPT';
    const venue = quoted({ faults: { onPlace } });
    venue.venue.reports$.subscribe((report) => {
      if (report.clientOrderId === 'x' && report.type === 'TRADE')
        venue.venue.place(order('lost', { price: '98' }));
    });
    for (const id of ['x', 'a', 'b']) venue.place(id, { price: '99.5' });
    expect(venue.trade('99', '1')).toEqual([
      'x TRADE 1 @ 99.5 MAKER',
      'a TRADE 1 @ 99.5 MAKER',
      'b TRADE 1 @ 99.5 MAKER',
    ]);
    expect(venue.query('lost')).toEqual(['lost NEW 0 @ null']);
  });
});

describe('memory', () => {
  test('finished orders answer for at least the last 10,000, and older ones are forgotten', () => {
    const venue = quoted();
    for (let index = 0; index < 12_000; index += 1) {
      venue.place(`o${index}`, { price: '50', quantity: '0.2' });
      venue.cancel(`o${index}`);
    }
    expect(venue.query('o2000')).toEqual(['o2000 CANCELED 0 @ null']);
    expect(venue.query('o0')).toEqual(['o0 NOT_FOUND']);
    expect(venue.venue.truth().orders.length).toBeLessThanOrEqual(11_000);
  });
});

describe('configuration', () => {
  const clock = new Harness().clock;

  test('latency, fees and the minimum notional have defaults', () => {
    const venue = createSimulatedVenue({ clock, instruments: { BAC: { tick_size: '0.01', lot_size: '1' } } });
    expect(venue.instrument('BAC')).toEqual({
      symbol: 'BAC',
      tickSize: '0.01',
      lotSize: '1',
      minNotional: '0',
      base: 'BAC',
      quote: 'USD',
    });
    expect([venue.venue, venue.takerFeeBps, venue.allowShort]).toEqual(['SIM', '0', false]);
    expect(venue.instrument('XYZ')).toBeUndefined();
  });

  test.each<[string, object, object, string]>([
    ['an unknown key', { latency: 1 }, {}, 'venue.latency'],
    ['a fee as a number', { fees_bps: { maker: 1 } }, {}, 'venue.fees_bps.maker'],
    ['a negative latency', { latency_ms: -1 }, {}, 'venue.latency_ms'],
    ['a negative balance', { balances: { USDT: '-1' } }, {}, 'venue.balances.USDT'],
    ['a tick of zero', {}, { X: { tick_size: '0', lot_size: '1' } }, 'instruments.X.tick_size'],
    ['an instrument’s unknown key', {}, { X: { tick_size: '1', lot_size: '1', a: 1 } }, 'instruments.X.a'],
  ])('refuses %s with its path', (_, venue, instruments, path) => {
    try {
      createSimulatedVenue({ clock, venue, instruments: instruments as never });
    } catch (error) {
      expect(error instanceof FillwrightError && [error.code, error.path]).toEqual(['VALIDATION', path]);
      return;
    }
    throw new Error('nothing was thrown');
  });
});
