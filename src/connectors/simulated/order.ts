/** The simulated venue's own record of an order: what it accepted, what was filled, where it stands in its queue. */
import type { PlaceOrder, Side } from '../../dtos/venue.js';

export type VenueStatus = 'NEW' | 'PARTIALLY_FILLED' | 'FILLED' | 'CANCELED';

export interface VenueFill {
  readonly execId: string;
  readonly clientOrderId: string;
  readonly symbol: string;
  readonly side: Side;
  readonly quantity: string;
  readonly price: string;
  readonly commission: string;
  readonly commissionAsset: string;
  readonly liquidity: 'MAKER' | 'TAKER';
  readonly at: number;
}

/** Prices and quantities are the market's integer units. */
export interface VenueOrder {
  readonly request: PlaceOrder;
  readonly connectorOrderId: string;
  readonly price: number;
  readonly stopPrice: number | null;
  readonly quantity: number;
  /** The largest part that shows while it rests: the tip of an iceberg; of any other order all of it. */
  readonly display: number;
  leaves: number;
  /** What of it shows in the book now; 0 while it does not rest. */
  shown: number;
  status: VenueStatus;
  /** Recorded size that trades before this order at its price. */
  queueAhead: number;
  /** Σ price × quantity of the fills. */
  cost: string;
  /** What it holds back of the account: quote asset for a BUY, base asset for a SELL. */
  locked: string;
  waits: 'NOWHERE' | 'IN_BOOK' | 'FOR_STOP';
  readonly fills: VenueFill[];
}
