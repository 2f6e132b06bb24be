/** The market data port: the reference that a decision is made against, read once per input and journaled with it. */
import type { DecimalString } from '../dtos/decimal.js';
import type { MarketView } from '../dtos/venue.js';

export interface MarketData {
  /** The current view, or null when nothing is known of the symbol yet. */
  view(symbol: string): MarketView | null;
  /**
   * Calls back after each change of the symbol's view, until the returned function is called. Without it watched
   * prices (SINGLE's chase, synthetic stops) are looked at once a second.
   */
  watch?(symbol: string, onChange: (view: MarketView) => void): () => void;
  /** What traded from `from` to `to` (epoch ms, both included), for the benchmarks of a report; null: nothing known. */
  interval?(symbol: string, from: number, to: number): MarketInterval | null;
}

/** Others' trading in an interval: base quantity, and prices in quote per base. Null where nothing traded or stood. */
export interface MarketInterval {
  readonly volume: DecimalString;
  /** Quote turnover ÷ volume. */
  readonly vwap: DecimalString | null;
  /** The reference price (mid of the best quote, else last trade) weighted by how long it stood. */
  readonly twap: DecimalString | null;
}
