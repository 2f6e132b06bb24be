/** LEAN ticks and bars. */
import { describe, expect, test } from '@jest/globals';
import { add, div, mul } from '../../src/dtos/decimal.js';
import type { MarketEvent, TradeEvent } from '../../src/market/event.js';
import { midnightInNewYork } from '../../src/market/lean-tick.js';
import { openMarket } from '../../src/market/open.js';
import { dataPath } from '../support/data.js';
import { eventsOf, failureOf, openFiles } from './files.js';

const MIDNIGHT = Date.parse('2013-10-08T04:00:00Z');
const TRADES = 'bac_20131008_tick_trade.zip';
const QUOTES = 'bac_20131008_tick_quote.zip';

const isTrade = (event: MarketEvent): event is TradeEvent => event.kind === 'trade';

describe('lean-tick', () => {
  test('rows become quotes of one side and trades, prices ÷ 10000, times in New York', () => {
    const files = {
      [TRADES]: '1000,138050,200,P,2000,0\n',
      [QUOTES]: '1000,138000,1000,0,0,P,1,0\n1000,0,0,139200,500,P,1,0\n',
    };
    const source = openFiles('lean-tick', files, { bac: 'BAC' });
    const at = MIDNIGHT + 1000;
    expect(eventsOf(source)).toEqual([
      { at, symbol: 'BAC', kind: 'quote', bid: '13.8', bidSize: '1000' },
      { at, symbol: 'BAC', kind: 'quote', ask: '13.92', askSize: '500' },
      { at, symbol: 'BAC', kind: 'trade', price: '13.805', quantity: '200', buyerIsMaker: null },
    ]);
    expect([source.startsAt, source.endsAt]).toEqual([at, at]);
  });

  test('suspicious rows are skipped', () => {
    const files = { [TRADES]: '1,138000,1,P,0,1\n2,138000,1,P,0,0\n' };
    expect(eventsOf(openFiles('lean-tick', files)).map(({ at }) => at)).toEqual([MIDNIGHT + 2]);
  });

  test.each([
    [2013, 10, 8, '2013-10-08T04:00:00.000Z'],
    [2013, 12, 2, '2013-12-02T05:00:00.000Z'],
    [2024, 3, 10, '2024-03-10T05:00:00.000Z'], // the day the clocks go forward, at 2 in the morning
    [2024, 3, 11, '2024-03-11T04:00:00.000Z'],
    [2024, 11, 3, '2024-11-03T04:00:00.000Z'],
    [2024, 11, 4, '2024-11-04T05:00:00.000Z'],
  ])('midnight of %i-%i-%i in New York is %s', (year, month, day, iso) => {
    expect(new Date(midnightInNewYork(year, month, day)).toISOString()).toBe(iso);
  });

  test.each([
    ['a ragged row', TRADES, '1,138000,1,P,0,0\n2,138000,1,P\n', `${TRADES}:2: has 4 columns, not 6`],
    ['another format', TRADES, '1,2,3\n', `${TRADES}:1: has 3 columns, neither a trade's 6 nor a quote's 8`],
    [
      'a price with a point',
      TRADES,
      '1,13.80,1,P,0,0\n',
      `${TRADES}:1: price is not a whole number: "13.80"`,
    ],
    ['a quantity of zero', TRADES, '1,138000,0,P,0,0\n', `${TRADES}:1: price or quantity is zero`],
    [
      'a time beyond the day',
      TRADES,
      '90000000,138000,1,P,0,0\n',
      `${TRADES}:1: time is beyond the day: 90000000`,
    ],
    ['a flag of text', TRADES, '1,138000,1,P,0,no\n', `${TRADES}:1: suspicious is neither 0 nor 1: "no"`],
    [
      'times that go back',
      TRADES,
      '2,138000,1,P,0,0\n1,138000,1,P,0,0\n',
      `${TRADES}:2: time goes back by 1`,
    ],
    ['no date', 'bac_trade.zip', '1,138000,1,P,0,0\n', 'bac_trade.zip: has no date YYYYMMDD in its name'],
    [
      'no real date',
      'bac_20130230.zip',
      '1,1,1,P,0,0\n',
      'bac_20130230.zip: has no date YYYYMMDD in its name',
    ],
  ])('%s is refused', (_, name, content, message) => {
    expect(failureOf('lean-tick', { [name]: content })).toBe(message);
  });
});

describe('lean-bars', () => {
  const DAY = Date.parse('2018-04-04T00:00:00Z');
  const at = (events: readonly MarketEvent[]) => events.map((event) => event.at - DAY);

  test('a trade bar is four trades of a quarter each: open, low, high, close when it rose', () => {
    const events = eventsOf(
      openFiles('lean-bars', { 'btcusd_20180404_trade.zip': '60000,10,13,9,12,1.00000001\n' }),
    );
    expect(at(events)).toEqual([60_000, 80_000, 100_000, 119_999]);
    expect(events.filter(isTrade).map(({ price, quantity }) => [price, quantity])).toEqual([
      ['10', '0.25'],
      ['9', '0.25'],
      ['13', '0.25'],
      ['12', '0.25000001'],
    ]);
  });

  test('a bar that closed where it opened visits its low first', () => {
    const events = eventsOf(openFiles('lean-bars', { 'x_20180404_t.zip': '0,10,13,9,10,4\n' }));
    expect(events.filter(isTrade).map(({ price }) => price)).toEqual(['10', '9', '13', '10']);
  });

  test('a bar that fell visits its high first, and a quote bar goes by its bid', () => {
    const row = '0,10,13,9,8.5,1.5,11,14,10,9.5,2.5\n';
    const events = eventsOf(openFiles('lean-bars', { 'btcusd_20180404_quote.zip': row }));
    expect(events).toMatchObject([
      { kind: 'quote', bid: '10', bidSize: '1.5', ask: '11', askSize: '2.5' },
      { bid: '13', ask: '14' },
      { bid: '9', ask: '10' },
      { bid: '8.5', ask: '9.5' },
    ]);
  });

  test('a daily bar lasts its day, and the source ends with the last bar', () => {
    const source = openFiles('lean-bars', { 'btcusd.zip': '20141201 00:00,300,370,300,370,4\n' });
    const start = Date.parse('2014-12-01T00:00:00Z');
    expect(eventsOf(source).map((event) => event.at - start)).toEqual([
      0, 28_800_000, 57_600_000, 86_399_999,
    ]);
    expect([source.startsAt - start, source.endsAt]).toEqual([0, start + 86_399_999]);
  });

  test('quotes come before trades of the same moment, however the files are listed', () => {
    const files = {
      'x_20180404_trade.zip': '0,1,1,1,1,4\n',
      'x_20180404_quote.zip': '0,1,1,1,1,1,2,2,2,2,1\n',
    };
    const kinds = eventsOf(openFiles('lean-bars', files)).map(({ kind }) => kind);
    expect(kinds).toEqual(Array.from({ length: 4 }, () => ['quote', 'trade']).flat());
  });

  test('a bar without volume has no trades', () => {
    expect(eventsOf(openFiles('lean-bars', { 'x_20180404_t.zip': '0,1,1,1,1,0\n' }))).toEqual([]);
  });

  test.each([
    [
      'overlapping bars',
      'x_20180404_t.zip',
      '0,1,1,1,1,4\n59000,1,1,1,1,4\n',
      'x_20180404_t.zip:2: time goes back by 999',
    ],
    [
      'a bad day',
      'x.zip',
      '20141301 00:00,1,1,1,1,1\n',
      'x.zip:1: time is not YYYYMMDD HH:MM: "20141301 00:00"',
    ],
    ['a bad price', 'x_20180404_t.zip', '0,1,x,1,1,4\n', 'x_20180404_t.zip:1: high is not a number: "x"'],
    [
      'another format',
      'x_20180404_t.zip',
      '0,1\n',
      "x_20180404_t.zip:1: has 2 columns, neither a trade bar's 6 nor a quote bar's 11",
    ],
  ])('%s are refused', (_, name, content, message) => {
    expect(failureOf('lean-bars', { [name]: content })).toBe(message);
  });
});

const bac = [TRADES, QUOTES].map((name) => dataPath(`us-equity-tick/${name}`));
if (bac.includes(null)) console.warn('SKIPPED: the recorded us-equity-tick files are absent');

(bac.includes(null) ? test.skip : test)(
  'the recorded BAC session has every row, its volume and its VWAP',
  () => {
    const files = bac.map((path) => path ?? '');
    const source = openMarket(
      { source: 'recorded', format: 'lean-tick', files, symbols: { bac: 'BAC' } },
      '.',
    );
    let trades = 0;
    let quotes = 0;
    const session: TradeEvent[] = [];
    const [open, close] = [Date.parse('2013-10-08T13:30:00Z'), Date.parse('2013-10-08T20:00:00Z')];
    for (const event of source.events()) {
      if (!isTrade(event)) quotes += 1;
      else {
        trades += 1;
        if (event.at >= open && event.at < close) session.push(event);
      }
    }
    expect([trades, quotes]).toEqual([125_872, 576_096]);
    let volume = 0;
    let value = 0;
    for (const { quantity, price } of session) {
      volume += Number(quantity);
      value += Math.round(Number(price) * 10_000) * Number(quantity);
    }
    expect(volume).toBe(88_190_451);
    expect(div(mul(String(value), '0.0001'), String(volume), 4)).toBe('13.7783');
  },
);

const bars = ['btcusd_20180404_trade', 'btcusd_20180404_quote', 'btcusd_daily_trade'].map((name) =>
  dataPath(`coinbase-minute/${name}.zip`),
);
if (bars.includes(null)) console.warn('SKIPPED: the recorded coinbase-minute files are absent');

(bars.includes(null) ? test.skip : test)('the recorded bars have every row and keep their volume', () => {
  const open = (...paths: (string | null | undefined)[]) =>
    openMarket(
      {
        source: 'recorded',
        format: 'lean-bars',
        files: paths.map((path) => path ?? ''),
        symbols: { btcusd: 'BTC/USD' },
      },
      '.',
    );
  const events = eventsOf(open(bars[0], bars[1]));
  expect(events.filter(isTrade)).toHaveLength(1007 * 4);
  expect(events.length - 1007 * 4).toBe(1437 * 4);
  const firstBar = events.filter(isTrade).slice(0, 4);
  expect(firstBar.reduce((sum, { quantity }) => add(sum, quantity), '0')).toBe('7.14319709');
  const daily = open(bars[2]);
  expect(eventsOf(daily)).toHaveLength(1318 * 4);
  expect(new Date(daily.endsAt ?? 0).toISOString()).toBe('2018-08-13T23:59:59.999Z');
});
