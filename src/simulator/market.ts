/**
 * The market of a world: one price walk per symbol, in whole ticks, and what the runtime is shown of it.
 *
 * Owns prices, the quotes that the venue matches against, and kind 35 (bad reference prices), which strikes between
 * the truth and the view. Costs one timer for all symbols.
 */
import type { Instrument, MarketView } from '../dtos/venue.js';
import type { Clock } from '../ports/clock.js';
import type { MarketData, MarketInterval } from '../ports/market-data.js';
import { textOf, unitsOf } from './audit/units.js';
import type { FaultDraws } from './fault-draws.js';
import { Random } from './random.js';

export const TICK_MS = 500;
const CALM_TICK_MS = 2_000;
/** A walk turns back here, in parts of its start. */
const LOW = 0.7;
const HIGH = 1.3;

export interface Listing {
  readonly instrument: Instrument;
  /** Units of 10⁻⁸. */
  readonly start: number;
}

const listing = (symbol: string, tickSize: string, lotSize: string, start: string): Listing => {
  const [base = '', quote = ''] = symbol.split('/');
  return { instrument: { symbol, tickSize, lotSize, minNotional: '1', base, quote }, start: unitsOf(start) };
};

/** What worlds trade. */
export const LISTINGS: readonly Listing[] = [
  listing('BTC/USDT', '0.01', '0.001', '100'),
  listing('ETH/USDT', '0.01', '0.01', '20'),
  listing('SOL/USDT', '0.001', '0.1', '5'),
];

/** One symbol; prices in ticks. */
export interface Book {
  readonly instrument: Instrument;
  readonly tick: number;
  readonly lot: number;
  readonly startTicks: number;
  mid: number;
  spread: number;
  volume: number;
  at: number;
  shown: MarketView | null;
}

export interface MarketOptions {
  readonly seed: number;
  /** It tells of its changes. */
  readonly watches: boolean;
  readonly benchmarks: boolean;
  /** So long nothing is known of any price, from this time of the world on. */
  readonly silentMs: number;
  readonly silentFrom: number;
}

export class WalkMarket implements MarketData {
  readonly watch?: NonNullable<MarketData['watch']>;
  readonly interval?: NonNullable<MarketData['interval']>;
  readonly books = new Map<string, Book>();
  /** Called after each move of the market, before anybody who watches. */
  onMove: () => void = () => undefined;

  readonly #watchers = new Map<string, Set<(view: MarketView) => void>>();
  readonly #random: Random;
  readonly #silence: { readonly from: number; readonly to: number };

  constructor(
    private readonly clock: Clock,
    private readonly faults: FaultDraws,
    options: MarketOptions,
  ) {
    this.#random = new Random(options.seed, 'market');
    const from = clock.now() + options.silentFrom;
    this.#silence = { from, to: from + options.silentMs };
    for (const { instrument, start } of LISTINGS) {
      const tick = unitsOf(instrument.tickSize);
      const startTicks = start / tick;
      const at = clock.now();
      const lot = unitsOf(instrument.lotSize);
      const book: Book = {
        ...{ instrument, tick, lot, startTicks, mid: startTicks, spread: 2, volume: 0, at, shown: null },
      };
      this.books.set(instrument.symbol, book);
    }
    if (options.watches) this.watch = (symbol, onChange) => this.#watch(symbol, onChange);
    if (options.benchmarks) this.interval = (symbol) => this.#interval(symbol);
    this.#arm();
  }

  bid(book: Book): number {
    return book.mid - (book.spread >> 1);
  }

  ask(book: Book): number {
    return book.mid + book.spread - (book.spread >> 1);
  }

  view(symbol: string): MarketView | null {
    const book = this.books.get(symbol);
    if (book === undefined) return null;
    if (this.#isSilent()) return null;
    const view = this.#shown(book);
    return this.faults.strikes(35) ? this.#bad(view) : view;
  }

  /** Moves every walk now. */
  move(): void {
    const random = this.#random;
    for (const book of this.books.values()) {
      const reach = random.chance(20_000) ? 200 : 6;
      const step = random.from(-reach, reach);
      const next = book.mid + step;
      book.mid = next < book.startTicks * LOW || next > book.startTicks * HIGH ? book.mid - step : next;
      book.spread = random.from(1, 4);
      book.volume += random.from(0, 400) * book.lot;
      book.at = this.clock.now();
      book.shown = null;
    }
    this.onMove();
    if (this.#isSilent()) return;
    for (const [symbol, watchers] of this.#watchers) {
      const book = this.books.get(symbol);
      if (book === undefined) continue;
      const view = this.#shown(book);
      for (const tell of [...watchers]) tell(view);
    }
  }

  #isSilent(): boolean {
    const now = this.clock.now();
    return now >= this.#silence.from && now < this.#silence.to;
  }

  #arm(): void {
    const pause = this.faults.isCalm ? CALM_TICK_MS : TICK_MS;
    this.clock.at(this.clock.now() + pause, () => {
      this.move();
      this.#arm();
    });
  }

  #shown(book: Book): MarketView {
    book.shown ??= {
      bid: textOf(this.bid(book) * book.tick),
      ask: textOf(this.ask(book) * book.tick),
      last: textOf(book.mid * book.tick),
      at: book.at,
      volume: textOf(book.volume),
    };
    return book.shown;
  }

  /** Nothing, one side, crossed, zero, stale. */
  #bad(view: MarketView): MarketView | null {
    const { bid, ask } = view;
    const random = this.faults.of(35);
    switch (random.below(6)) {
      case 0:
        return null;
      case 1:
        return { ...view, bid: null, last: null };
      case 2:
        return { ...view, bid: ask, ask: bid };
      case 3:
        return { ...view, bid: '0', ask: '0', last: '0' };
      case 4:
        return { ...view, bid: null, ask: null, last: null };
      default:
        return { ...view, at: view.at - random.from(1_000, 600_000) };
    }
  }

  #watch(symbol: string, onChange: (view: MarketView) => void): () => void {
    const watchers = this.#watchers.get(symbol) ?? new Set();
    this.#watchers.set(symbol, watchers);
    watchers.add(onChange);
    return () => watchers.delete(onChange);
  }

  #interval(symbol: string): MarketInterval | null {
    const book = this.books.get(symbol);
    if (book === undefined) return null;
    const price = textOf(book.mid * book.tick);
    return { volume: textOf(book.volume), vwap: price, twap: price };
  }
}
