/** The market data port: the reference that a decision is made against, read once per input and journaled with it. */
import type { MarketView } from '../dtos/venue.js';

export interface MarketData {
  /** The current view, or null when nothing is known of the symbol yet. */
  view(symbol: string): MarketView | null;
}
