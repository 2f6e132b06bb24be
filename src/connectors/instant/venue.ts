/**
 * A venue that fills every order whole, at its limit price, before `place` returns: for benchmarks.
 *
 * Owns no book, no account and no memory: it can lose nothing and prove nothing. Its quote never moves.
 */
import { type Observable, Subject } from 'rxjs';
import type { Instrument, MarketView, PlaceOrder, Report } from '../../dtos/venue.js';
import type { Connector } from '../../ports/connector.js';
import type { MarketData } from '../../ports/market-data.js';

export interface InstantVenueOptions {
  /** Default `INSTANT`. */
  readonly name?: string;
  /** Default: any symbol, tick 0.01, lot 0.00000001. */
  readonly instruments?: Readonly<Record<string, Instrument>>;
  /** Bid, ask and last trade of every symbol. */
  readonly price: string;
  /** Epoch ms UTC that reports and quotes carry. Default: always 0. */
  readonly now?: () => number;
}

export interface InstantVenue extends Connector, MarketData {}

export function createInstantVenue(options: InstantVenueOptions): InstantVenue {
  return new Venue(options);
}

class Venue implements InstantVenue {
  readonly venue: string;
  readonly capabilities = {};
  readonly allowShort = true;
  readonly takerFeeBps = '0';
  readonly reports$: Observable<Report>;
  readonly #options: InstantVenueOptions;
  readonly #now: () => number;
  readonly #reports = new Subject<Report>();
  readonly #instruments = new Map<string, Instrument>();
  #count = 0;

  constructor(options: InstantVenueOptions) {
    this.#options = options;
    this.venue = options.name ?? 'INSTANT';
    this.#now = options.now ?? (() => 0);
    this.reports$ = this.#reports.asObservable();
  }

  instrument(symbol: string): Instrument | undefined {
    const { instruments } = this.#options;
    if (instruments !== undefined) return instruments[symbol];
    const known = this.#instruments.get(symbol) ?? anyInstrument(symbol);
    this.#instruments.set(symbol, known);
    return known;
  }

  view(symbol: string): MarketView | null {
    const { price } = this.#options;
    return this.instrument(symbol) === undefined
      ? null
      : { bid: price, ask: price, last: price, at: this.#now() };
  }

  balances(): null {
    return null;
  }

  /** One TRADE; without a price of its own, at the constant quote. */
  place({ clientOrderId, quantity, price }: PlaceOrder): void {
    this.#count += 1;
    this.#reports.next({
      type: 'TRADE',
      clientOrderId,
      connectorOrderId: `${this.venue}-${this.#count}`,
      at: this.#now(),
      execId: `${this.venue}-X${this.#count}`,
      quantity,
      price: price ?? this.#options.price,
      liquidity: 'TAKER',
    });
  }

  cancel(clientOrderId: string): void {
    this.#reports.next({ type: 'CANCEL_REJECTED', clientOrderId, at: this.#now(), reason: 'too late' });
  }

  /** It remembers no order, so it can answer neither STATUS nor NOT_FOUND truthfully. */
  query(clientOrderId: string): void {
    const reason = 'this venue remembers no orders';
    this.#reports.next({ type: 'NO_ANSWER', clientOrderId, at: this.#now(), request: 'QUERY', reason });
  }
}

function anyInstrument(symbol: string): Instrument {
  const [base = symbol, quote = 'USD'] = symbol.split('/');
  return { symbol, tickSize: '0.01', lotSize: '0.00000001', minNotional: '0', base, quote };
}
