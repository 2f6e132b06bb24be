/** Binance's public trade files. */
import { describe, expect, test } from '@jest/globals';
import { eventsOf, failureOf, openFiles } from './files.js';

const row = (at: string | number, rest = '100.5,0.25,25.125', id = 1) => `${id},${rest},${at},true`;

describe('trades-csv', () => {
  test('a header is optional', () => {
    const header = 'id,price,qty,quote_qty,time,is_buyer_maker';
    const source = openFiles('trades-csv', { 'x.csv': `${header}\n${row(1700000000000)}\n` });
    expect([source.startsAt, source.endsAt, eventsOf(source).length]).toEqual([
      1700000000000, 1700000000000, 1,
    ]);
  });

  test('the seventh column and capitalised booleans of spot files are read', () => {
    const [event] = eventsOf(openFiles('trades-csv', { 'x.csv': '7,1.5,2,3,1700000000000,False,True\n' }));
    expect(event).toEqual({
      at: 1700000000000,
      symbol: 'X',
      kind: 'trade',
      price: '1.5',
      quantity: '2',
      buyerIsMaker: false,
      id: 7,
    });
  });

  test('microseconds are raised to milliseconds', () => {
    const source = openFiles('trades-csv', {
      'x.csv': `${row('1735689600000001')}\n${row('1735689600001000')}\n`,
    });
    expect(eventsOf(source).map(({ at }) => at)).toEqual([1735689600001, 1735689600001]);
  });

  test('files belong to the longest key that their names begin with, and merge by time', () => {
    const files = {
      'BTCUSDT-trades-1.csv': `${row(1700000000020)}\n`,
      'btcusd-trades.csv': `${row(1700000000010)}\n`,
    };
    const source = openFiles('trades-csv', files, { btcusdt: 'BTC/USDT', BTCUSD: 'BTC/USD' });
    expect(eventsOf(source).map(({ symbol }) => symbol)).toEqual(['BTC/USD', 'BTC/USDT']);
    expect([...source.symbols].sort()).toEqual(['BTC/USD', 'BTC/USDT']);
  });

  test.each([
    ['a ragged row', `${row(1700000000000)}\n1,2,3\n`, 'x.csv:2: has 3 columns, not 6'],
    ['a price of text', `${row(1700000000000, 'abc,1,1')}\n`, 'x.csv:1: price is not a number: "abc"'],
    ['a negative price', `${row(1700000000000, '-5,1,1')}\n`, 'x.csv:1: price is not a number: "-5"'],
    ['an exponent', `${row(1700000000000, '1e2,1,1')}\n`, 'x.csv:1: price is not a number: "1e2"'],
    ['a price of zero', `${row(1700000000000, '0.00,1,1')}\n`, 'x.csv:1: price is zero'],
    ['a quantity of zero', `${row(1700000000000, '1,0,1')}\n`, 'x.csv:1: qty is zero'],
    ['an id of text', `q,1,1,1,1700000000000,true\n`, 'x.csv:1: id is not a whole number: "q"'],
    ['no boolean', '1,1,1,1,1700000000000,maybe\n', 'x.csv:1: is_buyer_maker is not true or false: "maybe"'],
    [
      'an unclosed last line',
      `${row(1700000000000)}\n2,100.5,0.25,25.1,17000000`,
      'x.csv:2: has 5 columns, not 6',
    ],
    [
      'seconds',
      `${row(1700000000)}\n`,
      'x.csv:1: time is neither milliseconds nor microseconds: "1700000000"',
    ],
    [
      'a change of unit',
      `${row(1700000000000)}\n${row('1700000000000000')}\n`,
      'x.csv:2: time is neither milliseconds nor microseconds: "1700000000000000"',
    ],
    [
      'times that go back',
      `${row(1700000000005)}\n${row(1700000000004)}\n${row(1700000000009)}\n`,
      'x.csv:2: time goes back by 1',
    ],
    ['another format', '{"stream":"btcusdt@trade"}\n', 'x.csv:1: has 1 columns, not 6 or 7'],
    ['a header alone', 'id,price,qty,quote_qty,time,is_buyer_maker\n', 'x.csv: holds a header and no trade'],
  ])('%s is refused with its line', (_, content, message) => {
    expect(failureOf('trades-csv', { 'x.csv': content })).toBe(message);
  });

  test('a file of no named symbol is refused, and so is a symbol without a file', () => {
    const symbols = { btc: 'BTC/USDT', eth: 'ETH/USDT' };
    const one = `${row(1700000000000)}\n`;
    expect(failureOf('trades-csv', { 'sol.csv': one, 'btc.csv': one }, symbols)).toBe(
      "sol.csv: begins with none of the symbols' keys btc, eth",
    );
    expect(failureOf('trades-csv', { 'btc.csv': one }, symbols)).toBe(
      'eth: no file is of this symbol (ETH/USDT)',
    );
  });
});
