/**
 * What the simulated venue accepts: its filters and its money check, and the words of each refusal.
 *
 * Owns nothing that changes. The order of the checks is the order of the refusals: symbol, type, quantity, shown
 * quantity, price, duplicate, no market yet, notional, post-only, balance.
 */
import { add, cmp, mul } from '../../dtos/decimal.js';
import type { PlaceOrder, Side } from '../../dtos/venue.js';
import type { Account } from './account.js';
import type { Market } from './market.js';

/** The prices and quantity of an acceptable order, in the market's units. */
export interface Sizes {
  readonly price: number;
  readonly stopPrice: number | null;
  readonly quantity: number;
  /** What shows of it at most. */
  readonly display: number;
}

export interface Accepted {
  readonly market: Market;
  readonly sizes: Sizes;
}

/** As a REJECTED report says it. */
export interface Refusal {
  readonly reason: string;
  readonly retryable?: boolean;
}

export interface ReviewContext {
  readonly market: Market | undefined;
  readonly account: Account;
  readonly isDuplicate: boolean;
  readonly allowShort: boolean;
  /** The greater of the fees, as a fraction: what a BUY holds back beside its notional. */
  readonly feeRate: string;
  readonly takesStops: boolean;
  readonly takesIcebergs: boolean;
}

export function reviewOrder(request: PlaceOrder, context: ReviewContext): Accepted | Refusal {
  const { market, isDuplicate } = context;
  if (market === undefined) return { reason: `unknown symbol ${request.symbol}` };
  const sizes = readSizes(request, market, context);
  if ('reason' in sizes) return sizes;
  if (isDuplicate) return { reason: 'duplicate client order id' };
  if (!market.hasBook) return { reason: `no market for ${request.symbol} yet`, retryable: true };
  const { minNotional } = market.instrument;
  const notional = mul(market.priceText(sizes.price), request.quantity);
  if (cmp(notional, minNotional) < 0)
    return { reason: `notional ${notional} is below the minimum ${minNotional}` };
  const { postOnly, side } = request;
  if (postOnly && sizes.stopPrice === null && wouldCross(market, side, sizes.price))
    return { reason: POST_ONLY };
  return moneyObjection(request, notional, market, context) ?? { market, sizes };
}

export const POST_ONLY = 'post-only order would cross';

/** Would an order trade at once against the best price that anything recorded says? */
export function wouldCross(market: Market, side: Side, price: number): boolean {
  const opposite = (side === 'BUY' ? market.asks : market.bids).sharpest();
  return opposite !== null && (side === 'BUY' ? -opposite <= price : opposite >= price);
}

/** What an open BUY of this notional holds back. */
export const withFee = (notional: string, feeRate: string): string => add(notional, mul(notional, feeRate));

function readSizes(request: PlaceOrder, market: Market, context: ReviewContext): Sizes | Refusal {
  const { orderType } = request;
  if (orderType === 'MARKET') return { reason: 'market orders are not accepted' };
  if (orderType === 'STOP_LIMIT' && !context.takesStops) return { reason: 'stop orders are not accepted' };
  const quantity = market.sizeOf(request.quantity);
  if (quantity === null || quantity % market.lot !== 0)
    return { reason: `quantity ${request.quantity} is off the lot` };
  if (quantity === 0) return { reason: 'quantity is zero' };
  const display = readDisplay(request.displayQuantity, quantity, market, context);
  if (typeof display === 'object') return display;
  const price = onTick(request.price, market);
  if (price === null) return { reason: `price ${request.price} is off the tick` };
  if (orderType === 'LIMIT') return { price, stopPrice: null, quantity, display };
  const stopPrice = onTick(request.stopPrice, market);
  if (stopPrice === null) return { reason: `stop price ${request.stopPrice} is off the tick` };
  return { price, stopPrice, quantity, display };
}

function readDisplay(
  text: string | undefined,
  quantity: number,
  market: Market,
  { takesIcebergs }: ReviewContext,
): number | Refusal {
  if (text === undefined) return quantity;
  if (!takesIcebergs) return { reason: 'display quantities are not accepted' };
  const display = market.sizeOf(text);
  if (display === null || display % market.lot !== 0)
    return { reason: `display quantity ${text} is off the lot` };
  if (display === 0) return { reason: 'display quantity is zero' };
  if (display > quantity) return { reason: `display quantity ${text} is above the quantity` };
  return display;
}

function onTick(text: string | null, market: Market): number | null {
  const price = text === null ? null : market.priceOf(text);
  return price === null || price === 0 || price % market.tick !== 0 ? null : price;
}

function moneyObjection(
  { side, quantity }: PlaceOrder,
  notional: string,
  { instrument: { base, quote } }: Market,
  { account, allowShort, feeRate }: ReviewContext,
): Refusal | null {
  if (side === 'BUY') {
    const isCovered = !account.isLimited || account.covers(quote, withFee(notional, feeRate));
    return isCovered ? null : { reason: `insufficient balance of ${quote}` };
  }
  if (allowShort || account.covers(base, quantity)) return null;
  const isHeld = cmp(account.total(base), quantity) >= 0;
  return { reason: isHeld ? `insufficient balance of ${base}` : `short selling of ${base} is not allowed` };
}
