/** The synthetic market: the same on every machine, and a possible market at every moment. */
import { describe, expect, test } from '@jest/globals';
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { parseScaled } from '../../src/market/scaled.js';
import type { Level, MarketEvent } from '../../src/market/event.js';
import { openMarket } from '../../src/market/open.js';
import { messageOf } from './files.js';

const open = (seed: number, symbols: Record<string, string>, duration_seconds = 60) =>
  openMarket({ source: 'synthetic', seed, symbols, start: '2024-01-01T00:00:00Z', duration_seconds }, '.');
const eventsOf = (source: { events(): Iterable<MarketEvent> }) => [...source.events()];

function set(side: Map<number, number>, levels: readonly Level[]): void {
  for (const [price, size] of levels) {
    if (size === '0') side.delete(parseScaled(price, 2));
    else side.set(parseScaled(price, 2), parseScaled(size, 5));
  }
}

describe('synthetic', () => {
  test('says what it is, and when it starts and ends', () => {
    const source = open(7, { 'BTC/USDT': '61000' });
    expect(source.name).toBe('synthetic (seed 7)');
    expect([source.startsAt, source.endsAt]).toEqual([Date.UTC(2024, 0, 1), Date.UTC(2024, 0, 1, 0, 1)]);
  });

  test('a seed gives one market, byte for byte, on every machine', () => {
    const text = JSON.stringify(eventsOf(open(7, { 'BTC/USDT': '61000', X: '13.5' })));
    expect(createHash('sha256').update(text).digest('hex')).toMatchInlineSnapshot(
      `"3717fb79d95156707c261ef57d6f90b206be7e456bbbda8bfd803be10371e160"`,
    );
  });

  test('another seed gives another market, and so does a seed that differs above 32 bits', () => {
    const [a, b, c] = [1, 2, 1 + 2 ** 32].map((seed) => JSON.stringify(eventsOf(open(seed, { X: '100' }))));
    expect(new Set([a, b, c]).size).toBe(3);
  });

  test('the path of a symbol does not depend on which others run beside it', () => {
    const alone = eventsOf(open(3, { X: '100' }));
    const beside = eventsOf(open(3, { Y: '7', X: '100' })).filter(({ symbol }) => symbol === 'X');
    expect(beside).toEqual(alone);
  });

  test('every book is uncrossed with ten levels a side, and every trade is at its best price', () => {
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 11, max: 10_000_000 }), (seed, cents) => {
        const bids = new Map<number, number>();
        const asks = new Map<number, number>();
        for (const event of open(seed, { X: (cents / 100).toFixed(2) }, 30).events()) {
          if (event.kind === 'quote') throw new Error('no quotes are expected');
          const bid = Math.max(...bids.keys());
          const ask = Math.min(...asks.keys());
          if (event.kind === 'trade') {
            const price = parseScaled(event.price, 2);
            expect(price).toBe(event.buyerIsMaker ? bid : ask);
            continue;
          }
          set(bids, event.bids);
          set(asks, event.asks);
          expect([bids.size, asks.size]).toEqual([10, 10]);
          expect(Math.max(...bids.keys())).toBeLessThan(Math.min(...asks.keys()));
          expect(Math.min(...bids.keys())).toBeGreaterThan(0);
          expect(Math.min(...bids.values(), ...asks.values())).toBeGreaterThan(0);
        }
      }),
      { numRuns: 25 },
    );
  });

  test('trades come several times a second over an hour, and the price moves', () => {
    const events = eventsOf(open(11, { X: '100' }, 3600));
    const trades = events.filter(({ kind }) => kind === 'trade');
    expect(trades.length / 3600).toBeGreaterThan(3);
    expect(new Set(trades.map((trade) => (trade.kind === 'trade' ? trade.price : ''))).size).toBeGreaterThan(
      20,
    );
    expect(events.at(-1)?.at).toBe(Date.UTC(2024, 0, 1, 1));
  });

  test('ticks and lots are the instrument’s', () => {
    const config = {
      source: 'synthetic',
      seed: 1,
      symbols: { X: '50' },
      start: '2024-01-01T00:00:00Z',
      duration_seconds: 60,
    } as const;
    for (const event of openMarket(config, '.', { X: { tick_size: '0.25', lot_size: '5' } }).events()) {
      if (event.kind !== 'snapshot' && event.kind !== 'depth') continue;
      for (const [price, size] of [...event.bids, ...event.asks]) {
        expect([parseScaled(price, 2) % 25, parseScaled(size, 0) % 5]).toEqual([0, 0]);
      }
    }
  });

  test('a start price of too few ticks is refused', () => {
    expect(messageOf(() => open(1, { X: '0.10' }))).toBe(
      'X: start price 0.10 is below 0.11, which a ten-level book needs',
    );
  });
});
