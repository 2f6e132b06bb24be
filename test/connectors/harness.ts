/** A simulated venue with one instrument and a hand-fed market, for tests. */
import { SimulatedClock } from '../../src/clock/simulated-clock.js';
import { createSimulatedVenue, type SimulatedVenueOptions } from '../../src/connectors/simulated/venue.js';
import type { PlaceOrder, Report } from '../../src/dtos/venue.js';
import type { Level, MarketEvent } from '../../src/market/event.js';

export const SYMBOL = 'BTC/USDT';

/** What a test says of an order; the rest is a GTC LIMIT BUY of 1 at 100. */
export type OrderText = Partial<PlaceOrder>;

export function order(clientOrderId: string, change: OrderText = {}): PlaceOrder {
  return {
    clientOrderId,
    symbol: SYMBOL,
    side: 'BUY',
    orderType: 'LIMIT',
    timeInForce: 'GTC',
    quantity: '1',
    price: '100',
    stopPrice: null,
    postOnly: false,
    reduceOnly: false,
    ...change,
  };
}

export class Harness {
  readonly clock = new SimulatedClock(1000);
  readonly venue;
  readonly reports: Report[] = [];

  constructor(options: Partial<Omit<SimulatedVenueOptions, 'clock'>> = {}) {
    this.venue = createSimulatedVenue({
      clock: this.clock,
      instruments: { [SYMBOL]: { tick_size: '0.5', lot_size: '0.1', min_notional: '10' } },
      ...options,
      venue: { allow_short: true, ...options.venue },
    });
    this.venue.reports$.subscribe((report) => this.reports.push(report));
  }

  place(clientOrderId: string, change: OrderText = {}): string[] {
    this.venue.place(order(clientOrderId, change));
    return this.heard();
  }

  cancel(clientOrderId: string): string[] {
    this.venue.cancel(clientOrderId);
    return this.heard();
  }

  query(clientOrderId: string): string[] {
    this.venue.query(clientOrderId);
    return this.heard();
  }

  /** Both sides as `price x size`. */
  quote(bid: string, ask: string, seq?: number): string[] {
    const [bidPrice = '', bidSize = ''] = bid.split(' x ');
    const [askPrice = '', askSize = ''] = ask.split(' x ');
    const numbered = seq === undefined ? {} : { seq };
    return this.hear({
      ...this.#where(),
      kind: 'quote',
      bid: bidPrice,
      bidSize,
      ask: askPrice,
      askSize,
      ...numbered,
    });
  }

  quoteSide(side: 'bid' | 'ask', text: string): string[] {
    const [price = '', size = ''] = text.split(' x ');
    const sided = side === 'bid' ? { bid: price, bidSize: size } : { ask: price, askSize: size };
    return this.hear({ ...this.#where(), kind: 'quote', ...sided });
  }

  book(bids: string, asks: string, seq?: number): string[] {
    const numbered = seq === undefined ? {} : { seq };
    return this.hear({
      ...this.#where(),
      kind: 'snapshot',
      bids: levels(bids),
      asks: levels(asks),
      ...numbered,
    });
  }

  depth(bids: string, asks: string, seq?: number): string[] {
    const numbered = seq === undefined ? {} : { seq };
    return this.hear({
      ...this.#where(),
      kind: 'depth',
      bids: levels(bids),
      asks: levels(asks),
      ...numbered,
    });
  }

  /** `aggressor`: who took; null where the recording does not say. */
  trade(price: string, quantity: string, aggressor: 'BUY' | 'SELL' | null = null): string[] {
    const buyerIsMaker = aggressor === null ? null : aggressor === 'SELL';
    return this.hear({ ...this.#where(), kind: 'trade', price, quantity, buyerIsMaker });
  }

  /** Runs timers up to `at`, epoch ms, and returns what was reported. */
  runTo(at: number): string[] {
    for (let next = this.clock.nextAt(); next !== null && next <= at; next = this.clock.nextAt())
      this.clock.runNext();
    this.clock.advanceTo(at);
    return this.heard();
  }

  hear(event: MarketEvent): string[] {
    this.venue.onMarket(event);
    return this.heard();
  }

  /** Reports since the last call, a line each. */
  heard(): string[] {
    return this.reports.splice(0).map(textOf);
  }

  #where() {
    return { at: this.clock.now(), symbol: SYMBOL } as const;
  }
}

/** `100 x 1, 99 x 2` → levels. */
function levels(text: string): Level[] {
  if (text === '') return [];
  return text.split(', ').map((level) => {
    const [price = '', size = ''] = level.split(' x ');
    return [price, size] as const;
  });
}

function textOf(report: Report): string {
  const { type, clientOrderId } = report;
  if (type === 'TRADE')
    return `${clientOrderId} TRADE ${report.quantity} @ ${report.price} ${report.liquidity}`;
  if (type === 'STATUS') return `${clientOrderId} ${report.status} ${report.cumQty} @ ${report.avgPx}`;
  if ('reason' in report) return `${clientOrderId} ${type}: ${report.reason}`;
  return `${clientOrderId} ${type}`;
}
