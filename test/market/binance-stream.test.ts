/** Recorded Binance streams: made-up lines for the rules, the recorded files for the counts. */
import { describe, expect, test } from '@jest/globals';
import { parseScaled } from '../../src/market/scaled.js';
import type { Level, MarketEvent, QuoteEvent } from '../../src/market/event.js';
import { openMarket } from '../../src/market/open.js';
import { dataPath } from '../support/data.js';
import { eventsOf, failureOf, openFiles } from './files.js';

const BASE = 1_723_161_254_000;
/** A line at so many ms and ns after BASE. */
const line = (ms: number, content: unknown, ns = 0) =>
  `${BASE + ms}${String(ns).padStart(6, '0')} ${typeof content === 'string' ? content : JSON.stringify(content)}\n`;
const depth = (U: number, u: number, b: Level[] = [], a: Level[] = [], key = 'btcusdt') => ({
  stream: `${key}@depth@100ms`,
  data: { e: 'depthUpdate', E: 1, s: key, U, u, b, a },
});
const ticker = (u: number, b: string, a: string, key = 'btcusdt') => ({
  stream: `${key}@bookTicker`,
  data: { u, s: key, b, B: '1.0', a, A: '2.0' },
});
const trade = (t: number, p: string, key = 'btcusdt', m: unknown = true) => ({
  stream: `${key}@trade`,
  data: { e: 'trade', E: 1, s: key, t, p, q: '0.5', T: 1, m, M: true },
});
const snapshot = (lastUpdateId: number) => ({ lastUpdateId, bids: [['100.0', '1']], asks: [['101.0', '2']] });

const X = { btcusdt: 'BTC/USDT' };
const kinds = (events: readonly MarketEvent[]) => events.map((event) => `${event.kind}@${event.at - BASE}`);

describe('binance-stream', () => {
  test('diffs wait for the snapshot; those it holds already are dropped, the rest follow it at its time', () => {
    const content =
      line(0, depth(1, 10)) +
      line(1, depth(11, 20, [['99.0', '7']])) +
      line(2, snapshot(15)) +
      line(3, depth(21, 30)) +
      line(4, depth(21, 30));
    const events = eventsOf(openFiles('binance-stream', { 'a.gz': content }, X));
    expect(kinds(events)).toEqual(['snapshot@2', 'depth@2', 'depth@3']);
    expect(events[1]).toMatchObject({ seq: 20, bids: [['99.0', '7']], symbol: 'BTC/USDT' });
  });

  test('a gap in the diffs is refused with file and line, before and after the snapshot', () => {
    const later = line(0, snapshot(10)) + line(1, depth(11, 20)) + line(2, depth(22, 30));
    expect(failureOf('binance-stream', { 'a.gz': later }, X)).toBe(
      'a.gz:3: gap in the depth diffs: 1 updates are missing before U 22',
    );
    const first = line(0, depth(15, 20)) + line(1, snapshot(10));
    expect(failureOf('binance-stream', { 'a.gz': first }, X)).toBe(
      'a.gz:1: gap in the depth diffs: 4 updates are missing before U 15',
    );
  });

  test('a second file of the same symbol goes on where the first one ended', () => {
    const first = line(0, snapshot(10)) + line(1, depth(11, 20));
    const files = { 'a2.gz': line(5, depth(21, 30)), 'a1.gz': first };
    expect(kinds(eventsOf(openFiles('binance-stream', files, X)))).toEqual([
      'snapshot@0',
      'depth@1',
      'depth@5',
    ]);
    const gap = { 'a1.gz': first, 'a2.gz': line(5, depth(25, 30)) };
    expect(failureOf('binance-stream', gap, X)).toMatch(/^a2\.gz:1: gap in the depth diffs: 4/);
  });

  test('files merge by local time to the nanosecond, and a time between milliseconds is raised', () => {
    const files = {
      'a.gz': line(1, trade(1, '100.0'), 2) + line(2, trade(2, '100.0')),
      'b.gz': line(1, trade(9, '5.0', 'ethusdt'), 1),
    };
    const source = openFiles('binance-stream', files, { ...X, ETHUSDT: 'ETH/USDT' });
    const events = eventsOf(source);
    expect(events.map(({ symbol, at }) => `${symbol} ${at - BASE}`)).toEqual([
      'ETH/USDT 2',
      'BTC/USDT 2',
      'BTC/USDT 2',
    ]);
    expect([source.startsAt, source.endsAt]).toEqual([BASE + 2, BASE + 2]);
  });

  test('a best quote and a trade carry what the recording says', () => {
    const content =
      line(0, ticker(7, '100.00000000', '100.01000000')) + line(1, trade(3, '100.0', 'btcusdt', false));
    const [quote, print] = eventsOf(openFiles('binance-stream', { 'a.gz': content }, X));
    expect(quote).toEqual({
      at: BASE,
      symbol: 'BTC/USDT',
      kind: 'quote',
      bid: '100.00000000',
      bidSize: '1.0',
      ask: '100.01000000',
      askSize: '2.0',
      seq: 7,
    });
    expect(print).toMatchObject({
      kind: 'trade',
      price: '100.0',
      quantity: '0.5',
      buyerIsMaker: false,
      id: 3,
    });
  });

  test('one symbol under any key takes every stream, but not two instruments', () => {
    const content = line(0, trade(1, '1.0')) + line(1, trade(2, '2.0', 'ethusdt'));
    expect(failureOf('binance-stream', { 'a.gz': content }, { whatever: 'X' })).toBe(
      'a.gz:2: holds ethusdt beside btcusdt, but one symbol is named',
    );
  });

  test.each([
    ['text', 'hello\n', 'a.gz:1: does not begin with a local time of 19 digits (ns) and a space'],
    [
      'milliseconds',
      `${BASE} {}\n`,
      'a.gz:1: does not begin with a local time of 19 digits (ns) and a space',
    ],
    [
      'unclosed JSON',
      line(0, trade(1, '1.0')) + line(1, '{"stream":'),
      'a.gz:2: is not valid JSON after its time',
    ],
    ['a list', line(0, '[1]'), 'a.gz:1: is not a JSON object after its time'],
    ['no stream', line(0, { data: {} }), 'a.gz:1: has no stream and data, and is no snapshot'],
    [
      'another stream',
      line(0, { stream: 'btcusdt@kline_1m', data: {} }),
      'a.gz:1: stream btcusdt@kline_1m is not depth, bookTicker or trade',
    ],
    ['a price of text', line(0, trade(1, 'NaN')), 'a.gz:1: p is not a decimal string'],
    ['a bad level', line(0, depth(1, 2, [['1', '-2']])), 'a.gz:1: b holds a level that is not [price, size]'],
    ['no side flag', line(0, trade(1, '1', 'btcusdt', 'yes')), 'a.gz:1: m is not true or false'],
    [
      'time that goes back',
      line(5, trade(1, '1')) + line(5, trade(2, '1'), 1) + line(5, trade(3, '1')),
      'a.gz:3: local time goes back',
    ],
    [
      'a bad snapshot',
      line(0, { lastUpdateId: 1.5, bids: [], asks: [] }),
      'a.gz:1: lastUpdateId is not a whole number',
    ],
  ])('%s is refused with its line', (_, content, message) => {
    expect(failureOf('binance-stream', { 'a.gz': content }, X)).toBe(message);
  });

  test('a stream of no named symbol is refused, and so is a symbol without a stream', () => {
    const two = { btcusdt: 'BTC/USDT', ethusdt: 'ETH/USDT' };
    const content = line(0, trade(1, '1.0')) + line(1, trade(2, '2.0', 'solusdt'));
    expect(failureOf('binance-stream', { 'a.gz': content }, two)).toBe(
      'ethusdt: no file holds a stream of this symbol',
    );
    const all = content + line(2, trade(3, '1', 'ethusdt'));
    expect(failureOf('binance-stream', { 'a.gz': all }, two)).toBe(
      'a.gz:2: stream solusdt@trade belongs to no symbol that is named',
    );
  });
});

const FILES = ['btcusdt_20240808', 'btcusdt_20240809', 'ethusdt_20240808', 'ethusdt_20240809'];
const paths = FILES.map((name) => dataPath(`binance-spot/${name}.gz`));
const present = paths.every((path) => path !== null);
if (!present) console.warn('SKIPPED: the recorded binance-spot files are absent');

/** Counts events and compares each best quote with the book rebuilt up to the same update. */
class Audit {
  readonly counts: Record<string, number> = { snapshot: 0, depth: 0, quote: 0, trade: 0 };
  compared = 0;
  agreed = 0;
  readonly #bids = new Map<number, string>();
  readonly #asks = new Map<number, string>();
  readonly #quotes: QuoteEvent[];
  #next = 0;
  #seq = 0;

  constructor(quotes: QuoteEvent[]) {
    this.#quotes = quotes;
  }

  hear(event: MarketEvent): void {
    this.counts[event.kind]! += 1;
    if (event.kind !== 'snapshot' && event.kind !== 'depth') return;
    set(this.#bids, event.bids);
    set(this.#asks, event.asks);
    const newest = this.#newestQuote(event.seq ?? 0);
    if (event.kind === 'depth' && newest !== null && (newest.seq ?? 0) > this.#seq) this.#compare(newest);
    this.#seq = event.seq ?? 0;
  }

  /** The newest quote that is not newer than the book. */
  #newestQuote(seq: number): QuoteEvent | null {
    while (this.#next < this.#quotes.length && (this.#quotes[this.#next]?.seq ?? 0) <= seq) this.#next += 1;
    return this.#quotes[this.#next - 1] ?? null;
  }

  #compare(quote: QuoteEvent): void {
    const bid = Math.max(...this.#bids.keys());
    const ask = Math.min(...this.#asks.keys());
    const same =
      bid === units(quote.bid) &&
      ask === units(quote.ask) &&
      this.#bids.get(bid) === quote.bidSize &&
      this.#asks.get(ask) === quote.askSize;
    this.compared += 1;
    if (same) this.agreed += 1;
  }
}

const units = (price: string | undefined) => parseScaled(price ?? '', 8);

function set(side: Map<number, string>, levels: readonly Level[]): void {
  for (const [price, size] of levels) {
    if (parseScaled(size, 8) === 0) side.delete(units(price));
    else side.set(units(price), size);
  }
}

(present ? describe : describe.skip)('the recorded files', () => {
  const source = openMarket(
    {
      source: 'recorded',
      format: 'binance-stream',
      files: paths.map((path) => path ?? ''),
      symbols: { btcusdt: 'BTC/USDT', ethusdt: 'ETH/USDT' },
    },
    '.',
  );

  test('hold every line as an event but the diffs that the snapshots hold already, in time order', () => {
    const events = eventsOf(source);
    let last = source.startsAt;
    for (const { at } of events) {
      if (at < last) throw new Error(`${at} after ${last}`);
      last = at;
    }
    expect(last).toBe(source.endsAt);
    expect(new Date(source.startsAt).toISOString()).toBe('2024-08-08T23:54:13.938Z');

    const audits = ['BTC/USDT', 'ETH/USDT'].map((symbol) => {
      const own = events.filter((event) => event.symbol === symbol);
      const audit = new Audit(own.filter((event) => event.kind === 'quote'));
      for (const event of own) audit.hear(event);
      return audit;
    });
    // Of 6,495 and 6,470 diffs each first two end before the snapshot.
    expect(audits.map(({ counts }) => counts)).toEqual([
      { snapshot: 1, depth: 6493, quote: 73174, trade: 19904 },
      { snapshot: 1, depth: 6468, quote: 58758, trade: 14515 },
    ]);
    expect(audits.map(({ agreed, compared }) => [agreed, compared])).toEqual([
      [5735, 5737],
      [5362, 5362],
    ]);
  });
});
