/** What the simulated venue tells of the market itself: volume, intervals, changes of its prices. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Tape } from '../../src/connectors/simulated/tape.js';
import { add, div, mul } from '../../src/dtos/decimal.js';
import type { MarketView } from '../../src/dtos/venue.js';
import { SimulatedClock } from '../../src/clock/simulated-clock.js';
import { createSimulatedVenue } from '../../src/connectors/simulated/venue.js';
import { openMarket } from '../../src/market/open.js';
import { dataPath } from '../support/data.js';
import { Harness, order, SYMBOL } from './harness.js';

const at = (harness: Harness, ms: number): Harness => {
  harness.runTo(ms);
  return harness;
};

describe('volume', () => {
  test('is absent while nothing has traded, then counts every recorded trade whole, and none of ours', () => {
    const harness = new Harness();
    harness.quote('99 x 5', '100 x 5');
    harness.place('a', { timeInForce: 'IOC' });
    expect(harness.venue.view(SYMBOL)).not.toHaveProperty('volume');
    harness.trade('100', '0.123456789012');
    harness.trade('99', '12345678901234.5');
    expect(harness.venue.view(SYMBOL)?.volume).toBe('12345678901234.623456789012');
  });

  const bars = dataPath('coinbase-minute/btcusd_20180404_trade.zip');
  if (bars === null) console.warn('SKIPPED: the recorded coinbase-minute files are absent');
  (bars === null ? test.skip : test)('of replayed minute bars is that of the bars', () => {
    const source = openMarket(
      { source: 'recorded', format: 'lean-bars', files: [bars ?? ''], symbols: { btcusd: SYMBOL } },
      '.',
    );
    const clock = new SimulatedClock(source.startsAt);
    const venue = createSimulatedVenue({
      clock,
      instruments: { [SYMBOL]: { tick_size: '0.01', lot_size: '0.1' } },
    });
    let volume = '0';
    for (const event of source.events()) {
      venue.onMarket(event);
      if (event.kind === 'trade') volume = add(volume, event.quantity);
      if (event.at === source.startsAt + 59_999) expect(venue.view(SYMBOL)?.volume).toBe('7.14319709');
    }
    expect(venue.view(SYMBOL)?.volume).toBe(volume);
    expect(venue.interval(SYMBOL, source.startsAt, source.endsAt ?? 0)?.volume).toBe(volume);
  });
});

describe('an interval', () => {
  test('has volume and average of what traded from its first to its last millisecond', () => {
    const harness = new Harness();
    harness.trade('100', '1');
    at(harness, 2000).trade('102', '3');
    at(harness, 3000).trade('110', '1');
    expect(harness.venue.interval(SYMBOL, 1000, 2000)).toMatchObject({ volume: '4', vwap: '101.5' });
    expect(harness.venue.interval(SYMBOL, 1001, 2999)).toMatchObject({ volume: '3', vwap: '102' });
    expect(harness.venue.interval(SYMBOL, 2001, 2999)).toEqual({ volume: '0', vwap: null, twap: '102' });
    expect(harness.venue.interval(SYMBOL, 0, 999)).toBeNull();
    expect(harness.venue.interval(SYMBOL, 3000, 2000)).toBeNull();
    expect(harness.venue.interval('DOGE/USDT', 0, 9000)).toBeNull();
  });

  test('weighs the mid of the best quote, else the last trade, by how long it stood', () => {
    const harness = new Harness();
    harness.quote('99 x 5', '100 x 5'); // 99.5 for a second
    at(harness, 2000).quote('100 x 5', '101.5 x 5'); // 100.75 for three
    at(harness, 5000).quoteSide('ask', '0 x 0'); // nothing for one: no trade was seen
    at(harness, 6000).trade('103', '1'); // 103 for one
    const twap = (from: number, to: number) => harness.venue.interval(SYMBOL, from, to)?.twap;
    expect(twap(1000, 5000)).toBe('100.4375');
    expect(twap(1000, 6000)).toBe('100.4375');
    expect(twap(0, 7000)).toBe('100.95'); // (99.5 + 3 × 100.75 + 103) ÷ 5
    expect(twap(2000, 2000)).toBe('100.75');
    expect(twap(1999, 2000)).toBe('99.5');
    expect(harness.venue.interval(SYMBOL, 5200, 5300)).toBeNull();
  });

  test('does not see what our orders did to the book', () => {
    const harness = new Harness();
    harness.quote('99 x 5', '100 x 5');
    harness.place('a', { quantity: '5', timeInForce: 'IOC' });
    expect(harness.venue.view(SYMBOL)?.ask).toBeNull();
    at(harness, 1500).quoteSide('bid', '99 x 4');
    expect(harness.venue.interval(SYMBOL, 1000, 2000)).toEqual({ volume: '0', vwap: null, twap: '99.5' });
  });

  test('agrees with sums made the obvious way, whenever it is asked', () => {
    const cents = fc.integer({ min: 1, max: 300_000 });
    const happening = fc.record({
      wait: fc.nat(4),
      price: cents,
      size: cents,
      ask: fc.tuple(fc.nat(60), fc.nat(60)),
    });
    fc.assert(
      fc.property(fc.array(happening, { minLength: 1, maxLength: 30 }), (all) => {
        const tape = new Tape(2);
        const trades: { at: number; price: string; size: string }[] = [];
        const references = new Map<number, number>();
        let now = 0;
        for (const { wait, price, size, ask } of all) {
          now += wait;
          const trade = { at: now, price: String(price / 100), size: String(size / 100) };
          trades.push(trade);
          tape.trade(now, trade.price, trade.size);
          references.set(now, price);
          tape.reference(now, 2 * price);
          const [from, to] = ask[0] <= ask[1] ? ask : [ask[1], ask[0]];
          const within = trades.filter((each) => each.at >= from && each.at <= to);
          const volume = within.reduce((sum, each) => add(sum, each.size), '0');
          const turnover = within.reduce((sum, each) => add(sum, mul(each.price, each.size)), '0');
          const stood: number[] = [];
          let reference: number | undefined;
          for (let ms = 0; ms <= to; ms += 1) {
            reference = references.get(ms) ?? reference;
            if (reference !== undefined && ms >= from && (ms < to || stood.length === 0))
              stood.push(reference);
          }
          const area = String(stood.reduce((sum, each) => sum + each, 0));
          const expected =
            stood.length === 0
              ? null
              : {
                  volume,
                  vwap: volume === '0' ? null : div(turnover, volume, 8),
                  twap: div(area, String(100 * stood.length), 8),
                };
          expect(tape.interval(from, to)).toEqual(expected);
        }
      }),
      { numRuns: 300 },
    );
  });
});

describe('a watcher', () => {
  const watched = () => {
    const harness = new Harness();
    harness.quote('99 x 5', '100 x 5');
    const told: (string | null)[][] = [];
    const onChange = ({ bid, ask, last }: MarketView) => void told.push([bid, ask, last]);
    return { harness, told, stop: harness.venue.watch(SYMBOL, onChange) };
  };

  test('hears of each change of best bid, best ask or last trade, and of nothing else, until it stops', () => {
    const { harness, told, stop } = watched();
    harness.quote('99 x 7', '100 x 5');
    harness.trade('100', '1');
    harness.trade('100', '2');
    harness.quote('98.5 x 7', '100 x 5');
    expect(told.splice(0)).toEqual([
      ['99', '100', '100'],
      ['98.5', '100', '100'],
    ]);
    stop();
    stop();
    harness.trade('101', '1');
    expect(told).toEqual([]);
  });

  test('hears of what we took from the book with the next event', () => {
    const { harness, told } = watched();
    harness.place('a', { quantity: '5', timeInForce: 'IOC' });
    expect(told).toEqual([]);
    harness.quoteSide('bid', '99 x 4');
    expect(told).toEqual([['99', null, null]]);
  });

  test('hears after our orders were matched and reported, and may place and stop from within', () => {
    const { harness, stop } = watched();
    harness.place('a', { price: '99.5' });
    harness.heard();
    const heard: string[][] = [];
    harness.venue.watch(SYMBOL, () => {
      stop();
      heard.push(harness.heard());
      harness.venue.place(order('b', { price: '98' }));
    });
    harness.trade('99', '1');
    expect(heard).toEqual([['a TRADE 1 @ 99.5 MAKER']]);
    expect(harness.query('b')).toEqual(['b NEW 0 @ null']);
  });

  test('that comes before the market hears its first event', () => {
    const harness = new Harness();
    let count = 0;
    harness.venue.watch(SYMBOL, () => {
      count += 1;
    });
    harness.quote('99 x 5', '100 x 5');
    expect(count).toBe(1);
  });
});
