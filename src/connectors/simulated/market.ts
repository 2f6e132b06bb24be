/**
 * One instrument at the simulated venue: its units, its recorded book, its last trade and tape, our orders that wait
 * there.
 *
 * Owns how market events become a book:
 * - Levels come from snapshot and depth events. Where a recording has both, a best quote that is newer than the
 *   levels only takes away: levels better than it are gone, and its own holds no more than it says. It adds nothing,
 *   so that no fill is better than either of the two recordings.
 * - Without levels, the best quote is the book, one level a side.
 * - Without quotes too, the last trade is both sides of it, with the trade's quantity.
 * What we took from a level stays taken until that level is updated; in a quote-only book until a quote of that side
 * comes: one that names this side alone, or another price or size.
 */
import { FillwrightError } from '../../dtos/errors.js';
import type { Instrument, MarketView } from '../../dtos/venue.js';
import type {
  DepthEvent,
  Level,
  MarketEvent,
  QuoteEvent,
  SnapshotEvent,
  TradeEvent,
} from '../../market/event.js';
import { formatScaled, parseExact, parseScaled, placesOf } from '../../market/scaled.js';
import { BookSide } from './book-side.js';
import { Ladder } from './ladder.js';
import { Tape } from './tape.js';

/** Recorded prices may be finer than the tick: a sub-penny print. */
const PRICE_PLACES_MIN = 4;

type BookKind = 'NONE' | 'TRADES' | 'QUOTES' | 'LEVELS';

export class Market {
  readonly instrument: Instrument;
  readonly #pricePlaces: number;
  readonly #sizePlaces: number;
  readonly tick: number;
  readonly lot: number;
  readonly bids: BookSide;
  readonly asks: BookSide;
  /** Our own resting orders, keyed as the side's levels are. */
  readonly buys = new Ladder();
  readonly sells = new Ladder();
  /** Stop orders: the one that triggers first has the greatest key. */
  readonly buyStops = new Ladder();
  readonly sellStops = new Ladder();
  readonly tape: Tape;
  #kind: BookKind = 'NONE';
  #levelsSeq: number | undefined;
  #quoteSeq: number | undefined;
  #last: number | null = null;
  #at = 0;

  constructor(instrument: Instrument) {
    this.instrument = instrument;
    this.#pricePlaces = Math.max(PRICE_PLACES_MIN, placesOf(instrument.tickSize));
    this.#sizePlaces = placesOf(instrument.lotSize);
    this.tick = parseScaled(instrument.tickSize, this.#pricePlaces);
    this.lot = parseScaled(instrument.lotSize, this.#sizePlaces);
    this.bids = new BookSide(this.lot);
    this.asks = new BookSide(this.lot);
    this.tape = new Tape(this.#pricePlaces);
  }

  /** Has the venue anything to price an order against? */
  get hasBook(): boolean {
    return this.#kind !== 'NONE';
  }

  /** Units of the last trade's price. */
  get last(): number | null {
    return this.#last;
  }

  view(): MarketView | null {
    if (this.#kind === 'NONE') return null;
    const bid = this.bids.best();
    const ask = this.asks.best();
    const { volume } = this.tape;
    return {
      bid: bid === null ? null : this.priceText(bid),
      ask: ask === null ? null : this.priceText(-ask),
      last: this.#last === null ? null : this.priceText(this.#last),
      at: this.#at,
      ...(volume === undefined ? {} : { volume }),
    };
  }

  /** Units of an order's price or quantity; null when it has more decimals than this market counts in. */
  priceOf = (text: string): number | null => parseExact(text, this.#pricePlaces);
  sizeOf = (text: string): number | null => parseExact(text, this.#sizePlaces);
  priceText = (units: number): string => formatScaled(units, this.#pricePlaces);
  sizeText = (units: number): string => formatScaled(units, this.#sizePlaces);

  /** Units of a trade's price and quantity; the quantity is floored to the places of a lot. */
  readTrade(event: TradeEvent): { price: number; quantity: number } {
    return {
      price: this.#units(event.price, this.#pricePlaces),
      quantity: this.#units(event.quantity, this.#sizePlaces),
    };
  }

  /** Keeps the last price, and the tape; where nothing else is known, the trade is the book. */
  recordTrade(event: TradeEvent, price: number, quantity: number): void {
    this.#last = price;
    this.#at = event.at;
    this.tape.trade(event.at, event.price, event.quantity);
    if (this.#kind !== 'LEVELS' && this.#kind !== 'QUOTES') {
      this.#kind = 'TRADES';
      this.bids.replace(price, quantity);
      this.asks.replace(-price, quantity);
    }
    this.#recordReference();
  }

  /** Folds a book event in. Queues ahead of our resting orders shrink with it, and never grow. */
  applyBook(event: Exclude<MarketEvent, TradeEvent>): void {
    this.#at = event.at;
    if (event.kind === 'quote') this.#applyQuote(event);
    else this.#applyLevels(event);
    this.#followFront(this.bids, this.buys);
    this.#followFront(this.asks, this.sells);
    this.#recordReference();
  }

  /** The mid of the recorded best quote, else the last trade. */
  #recordReference(): void {
    const bid = this.bids.recorded();
    const ask = this.asks.recorded();
    const last = this.#last === null ? Number.NaN : 2 * this.#last;
    this.tape.reference(this.#at, bid === null || ask === null ? last : bid - ask);
  }

  #applyLevels(event: SnapshotEvent | DepthEvent): void {
    if (event.kind === 'snapshot' || this.#kind !== 'LEVELS') this.#clear();
    this.#kind = 'LEVELS';
    this.#setLevels(this.bids, 1, event.bids);
    this.#setLevels(this.asks, -1, event.asks);
    this.#levelsSeq = event.seq;
    const isOlder = event.seq !== undefined && this.#quoteSeq !== undefined && event.seq < this.#quoteSeq;
    if (!isOlder) {
      this.bids.uncap();
      this.asks.uncap();
    }
    this.#followLevels(this.bids, this.buys, 1, event);
    this.#followLevels(this.asks, this.sells, -1, event);
  }

  #setLevels(side: BookSide, sign: 1 | -1, levels: readonly Level[]): void {
    for (const [price, size] of levels) side.set(this.#key(price, sign), this.#units(size, this.#sizePlaces));
  }

  #applyQuote(event: QuoteEvent): void {
    if (this.#kind === 'LEVELS') {
      if (event.seq !== undefined && this.#levelsSeq !== undefined && event.seq <= this.#levelsSeq) return;
      this.#quoteSeq = event.seq;
    } else if (this.#kind !== 'QUOTES') {
      this.#clear();
      this.#kind = 'QUOTES';
    }
    const isBoth = event.bid !== undefined && event.ask !== undefined;
    if (event.bid !== undefined) this.#quoteSide(this.bids, 1, event.bid, event.bidSize, isBoth);
    if (event.ask !== undefined) this.#quoteSide(this.asks, -1, event.ask, event.askSize, isBoth);
  }

  #quoteSide(side: BookSide, sign: 1 | -1, price: string, size: string | undefined, isBoth: boolean): void {
    const priced = this.#key(price, sign);
    const isEmpty = priced === 0;
    const key = isEmpty ? Number.NEGATIVE_INFINITY : priced;
    const units = size === undefined ? Number.MAX_SAFE_INTEGER : this.#units(size, this.#sizePlaces);
    if (this.#kind === 'LEVELS') side.cap(key, isEmpty ? 0 : units);
    else if (!isBoth || !side.isOnly(key, units)) side.replace(key, isEmpty ? 0 : units);
  }

  #clear(): void {
    this.bids.clear();
    this.asks.clear();
  }

  #followLevels(side: BookSide, own: Ladder, sign: 1 | -1, event: SnapshotEvent | DepthEvent): void {
    if (own.isEmpty) return;
    if (event.kind === 'snapshot') {
      for (const key of own.keysFrom(Number.NEGATIVE_INFINITY)) shrinkQueues(own, key, side.sizeAt(key));
      return;
    }
    for (const [price] of sign === 1 ? event.bids : event.asks) {
      const key = this.#key(price, sign);
      shrinkQueues(own, key, side.sizeAt(key));
    }
  }

  #followFront(side: BookSide, own: Ladder): void {
    if (own.isEmpty) return;
    for (const key of own.keysFrom(side.front())) shrinkQueues(own, key, side.sizeAt(key));
  }

  // An ask finer than the units is raised and a bid cut: never better than recorded.
  #key(price: string, sign: 1 | -1): number {
    const units = parseScaled(price, this.#pricePlaces, sign < 0);
    if (!(units >= 0)) this.#refuse(price); // NaN
    return units === 0 ? 0 : sign * units;
  }

  #units(text: string, places: number): number {
    const units = parseScaled(text, places);
    return units >= 0 ? units : this.#refuse(text);
  }

  #refuse(text: string): never {
    throw new FillwrightError(
      'MARKET_DATA',
      `${this.instrument.symbol}: ${JSON.stringify(text)} is not a decimal`,
    );
  }
}

function shrinkQueues(own: Ladder, key: number, size: number): void {
  for (const order of own.at(key)) {
    if (size < order.queueAhead) order.queueAhead = size;
  }
}
