/**
 * The matching engine of the simulated venue: one account's orders against recorded books.
 *
 * Owns matching, cancelling, and the books of orders and money; review.ts says what is accepted. Knows no latency,
 * no faults, no subscribers: it says what happened through `emit`, in the order in which it happened.
 *
 * Rules:
 * - A marketable order takes levels, best first, at each level's price, in whole lots.
 * - What rests joins behind the recorded size at its price. Recorded trades at that price by an aggressor of the
 *   other side consume first what is ahead, then the order; orders of ours at one price fill oldest first. Where the
 *   recording does not name the aggressor, either side is consumed, buyers first.
 * - A trade beyond its price, or an opposite quote beyond its price, fills it entirely; an opposite quote at its
 *   price fills it as far as that quote's size goes. Always at its own limit, as maker.
 * - Of an iceberg (`displayQuantity`) only the tip stands in the queue. When it is gone the next tip joins behind the
 *   recorded size at its price, and behind our other orders there. What trades beyond its price takes all of it.
 * - Orders of this account never trade with each other.
 * - `reduceOnly` means nothing here: this is a cash account, whose holdings the balance check guards. DAY orders
 *   rest as GTC does: the venue has no session.
 */
import { add, div, isZero, max, mul, neg, round, sub } from '../../dtos/decimal.js';
import { invariant } from '../../dtos/errors.js';
import type { AccountReport, Instrument, PlaceOrder, Report } from '../../dtos/venue.js';
import type { MarketEvent } from '../../market/event.js';
import { Account } from './account.js';
import type { BookSide } from './book-side.js';
import type { VenueConfig } from './config.js';
import type { Ladder } from './ladder.js';
import { Market } from './market.js';
import type { VenueFill, VenueOrder } from './order.js';
import { POST_ONLY, reviewOrder, type Sizes, wouldCross, withFee } from './review.js';

/** Finished orders whose status can surely be asked for; older ones go a slack at a time. */
const HISTORY = 10_000;
const HISTORY_SLACK = 1000;
/** Executions that a listing surely tells of. */
const TRADES = 100_000;
/** Commissions and average prices are rounded to what a DTO field holds. */
const PLACES = 8;
const BPS = '0.0001';

export interface EngineOptions {
  readonly name: string;
  readonly instruments: readonly Instrument[];
  readonly config: VenueConfig;
  readonly now: () => number;
  readonly emit: (report: Report) => void;
}

type Trade = Extract<Report, { readonly type: 'TRADE' }>;
export type Listing = Extract<AccountReport, { readonly type: 'MASS_STATUS' }>;

export class Engine {
  readonly account: Account;
  readonly #options: EngineOptions;
  readonly #markets = new Map<string, Market>();
  readonly #open = new Map<string, VenueOrder>();
  /** Oldest first. A client order id that is used again, once its order ended, answers for the newer order. */
  readonly #finished = new Map<string, VenueOrder>();
  readonly #feeRate: string;
  /** The latest, oldest first: what a listing tells. */
  #trades: Trade[] = [];
  #orders = 0;
  #executions = 0;

  constructor(options: EngineOptions) {
    this.#options = options;
    const { config, instruments } = options;
    this.account = new Account(config.balances ?? null);
    this.#feeRate = mul(max('0', max(config.fees_bps.maker, config.fees_bps.taker)), BPS);
    for (const instrument of instruments) this.#markets.set(instrument.symbol, new Market(instrument));
  }

  market(symbol: string): Market | undefined {
    return this.#markets.get(symbol);
  }

  /** Open orders, then finished ones as far as they are remembered. */
  find(clientOrderId: string): VenueOrder | undefined {
    return this.#open.get(clientOrderId) ?? this.#finished.get(clientOrderId);
  }

  *orders(): Iterable<VenueOrder> {
    yield* this.#finished.values();
    yield* this.#open.values();
  }

  place(request: PlaceOrder): void {
    const { clientOrderId, symbol } = request;
    const review = reviewOrder(request, {
      market: this.#markets.get(symbol),
      account: this.account,
      isDuplicate: this.#open.has(clientOrderId),
      allowShort: this.#options.config.allow_short,
      feeRate: this.#feeRate,
      takesStops: this.#options.config.stop_orders,
      takesIcebergs: this.#options.config.native_iceberg,
    });
    if ('reason' in review) {
      this.#options.emit({ type: 'REJECTED', clientOrderId, at: this.#options.now(), ...review });
      return;
    }
    const { market, sizes } = review;
    const order = this.#accept(request, sizes);
    if (order.stopPrice !== null && !isTriggered(order, market.last)) this.#awaitStop(market, order);
    else this.#work(market, order);
  }

  cancel(clientOrderId: string): void {
    const order = this.#open.get(clientOrderId);
    if (order !== undefined) {
      this.#end(order, 'requested');
      return;
    }
    const reason = this.#finished.has(clientOrderId) ? 'too late' : 'unknown order';
    this.#options.emit({ type: 'CANCEL_REJECTED', clientOrderId, at: this.#options.now(), reason });
  }

  query(clientOrderId: string): void {
    const order = this.find(clientOrderId);
    const at = this.#options.now();
    if (order === undefined) {
      this.#options.emit({ type: 'NOT_FOUND', clientOrderId, at });
      return;
    }
    const { connectorOrderId, status } = order;
    const cumQty = this.#marketOf(order).sizeText(order.quantity - order.leaves);
    const avgPx = isZero(cumQty) ? null : div(order.cost, cumQty, PLACES);
    this.#options.emit({ type: 'STATUS', clientOrderId, connectorOrderId, at, status, cumQty, avgPx });
  }

  /** Everything open, and the executions from `since` on. */
  listing(since: number): Listing {
    const orders = [...this.#open.values()].map((order) => {
      const { connectorOrderId, request } = order;
      const { clientOrderId, symbol, side, quantity } = request;
      const cumQty = this.#marketOf(order).sizeText(order.quantity - order.leaves);
      const avgPx = isZero(cumQty) ? null : div(order.cost, cumQty, PLACES);
      return { clientOrderId, connectorOrderId, symbol, side, quantity, cumQty, avgPx };
    });
    const trades = this.#trades;
    let from = trades.length;
    while (from > 0 && trades[from - 1]!.at >= since) from -= 1;
    const balances = this.account.totals();
    const at = this.#options.now();
    return { type: 'MASS_STATUS', at, since, orders, fills: trades.slice(from), balances };
  }

  onMarket(event: MarketEvent): void {
    const market = this.#markets.get(event.symbol);
    if (market === undefined) return;
    if (event.kind === 'trade') {
      const { price, quantity } = market.readTrade(event);
      this.#matchTrade(market, price, quantity, event.buyerIsMaker ?? null);
      market.recordTrade(event, price, quantity);
      this.#triggerStops(market, price);
    } else {
      market.applyBook(event);
      this.#matchQuote(market, market.buys, market.asks);
      this.#matchQuote(market, market.sells, market.bids);
    }
  }

  #accept(request: PlaceOrder, sizes: Sizes): VenueOrder {
    this.#orders += 1;
    const connectorOrderId = `${this.#options.name}-${this.#orders}`;
    const order: VenueOrder = {
      request,
      connectorOrderId,
      ...sizes,
      leaves: sizes.quantity,
      shown: 0,
      status: 'NEW',
      queueAhead: 0,
      cost: '0',
      locked: '0',
      waits: 'NOWHERE',
      fills: [],
    };
    const { clientOrderId } = request;
    this.#finished.delete(clientOrderId);
    this.#open.set(clientOrderId, order);
    this.#relock(order);
    this.#options.emit({ type: 'NEW', clientOrderId, connectorOrderId, at: this.#options.now() });
    return order;
  }

  // Matching

  /** Takes what is marketable; the rest waits or is canceled, as its time in force says. */
  #work(market: Market, order: VenueOrder): void {
    const { side, timeInForce, postOnly } = order.request;
    const opposite = side === 'BUY' ? market.asks : market.bids;
    if (postOnly && wouldCross(market, side, order.price)) {
      this.#end(order, POST_ONLY);
      return;
    }
    const limit = -ownKey(order);
    if (timeInForce === 'FOK' && opposite.available(limit, order.quantity) < order.quantity) {
      this.#end(order, 'fill-or-kill cannot fill at once');
      return;
    }
    const taken: { key: number; units: number }[] = [];
    opposite.take(limit, order.leaves, (key, units) => taken.push({ key, units }));
    for (const { key, units } of taken) this.#fill(market, order, Math.abs(key), units, 'TAKER');
    if (order.leaves === 0) return;
    if (timeInForce === 'IOC') this.#end(order, 'immediate-or-cancel remainder');
    else this.#rest(market, order);
  }

  #rest(market: Market, order: VenueOrder): void {
    const isBuy = order.request.side === 'BUY';
    const key = ownKey(order);
    order.queueAhead = (isBuy ? market.bids : market.asks).sizeAt(key);
    order.shown = Math.min(order.display, order.leaves);
    order.waits = 'IN_BOOK';
    (isBuy ? market.buys : market.sells).add(key, order);
  }

  /** Shows the next tip, at the end of the queue, when the one before is gone. True when there was one to show. */
  #showNextTip(market: Market, order: VenueOrder): boolean {
    if (order.leaves === 0 || order.shown > 0) return false;
    (order.request.side === 'BUY' ? market.buys : market.sells).remove(ownKey(order), order);
    this.#rest(market, order);
    return true;
  }

  #awaitStop(market: Market, order: VenueOrder): void {
    order.waits = 'FOR_STOP';
    (order.request.side === 'BUY' ? market.buyStops : market.sellStops).add(stopKey(order), order);
  }

  #triggerStops(market: Market, last: number): void {
    for (const [stops, reached] of [
      [market.buyStops, -last],
      [market.sellStops, last],
    ] as const) {
      for (let key = stops.best(); key !== null && key >= reached; key = stops.best()) {
        for (const order of [...stops.at(key)]) {
          stops.remove(key, order);
          order.waits = 'NOWHERE';
          this.#work(market, order);
        }
      }
    }
  }

  /** Opposite quotes against our resting orders. */
  #matchQuote(market: Market, own: Ladder, opposite: BookSide): void {
    for (let key = own.best(); key !== null; key = own.best()) {
      const best = opposite.best();
      if (best === null || key < -best) return;
      if (key > -best) this.#fillAllAt(market, own, key);
      else {
        const order = own.at(key)[0];
        invariant(order !== undefined, 'a price of the ladder holds an order');
        order.queueAhead = 0; // an offer at its price: whatever stood before it is gone
        opposite.take(best, order.shown, (_, units) =>
          this.#fill(market, order, order.price, units, 'MAKER'),
        );
        this.#showNextTip(market, order);
      }
    }
  }

  #matchTrade(market: Market, price: number, quantity: number, buyerIsMaker: boolean | null): void {
    const { buys, sells } = market;
    for (let key = buys.best(); key !== null && key > price; key = buys.best())
      this.#fillAllAt(market, buys, key);
    for (let key = sells.best(); key !== null && -key < price; key = sells.best())
      this.#fillAllAt(market, sells, key);
    let left = quantity;
    if (buyerIsMaker !== false) left = this.#consume(market, buys.at(price), left);
    if (buyerIsMaker !== true) this.#consume(market, sells.at(-price), left);
  }

  #fillAllAt(market: Market, own: Ladder, key: number): void {
    for (const order of [...own.at(key)]) this.#fill(market, order, order.price, order.leaves, 'MAKER');
  }

  /** A recorded trade at our price: first what is ahead, then us, oldest first. Returns what is left of it. */
  #consume(market: Market, orders: readonly VenueOrder[], quantity: number): number {
    if (orders.length === 0) return quantity;
    let left = quantity;
    let passed = 0; // recorded size that has traded ahead of the order in hand
    const queue = [...orders]; // grows by the tips that are shown meanwhile
    for (const order of queue) {
      const ahead = Math.min(Math.max(order.queueAhead - passed, 0), left);
      passed += ahead;
      left -= ahead;
      order.queueAhead = Math.max(0, order.queueAhead - passed);
      const units = Math.min(order.shown, left - (left % market.lot));
      if (units === 0) continue; // always so while something is ahead: it took what was left
      left -= units;
      this.#fill(market, order, order.price, units, 'MAKER');
      if (this.#showNextTip(market, order)) queue.push(order);
    }
    return left;
  }

  // Orders and money

  #fill(
    market: Market,
    order: VenueOrder,
    priceUnits: number,
    units: number,
    liquidity: 'MAKER' | 'TAKER',
  ): void {
    invariant(units > 0 && units <= order.leaves, 'a fill is positive and at most the leaves');
    const { clientOrderId, symbol, side } = order.request;
    const { base, quote } = market.instrument;
    const price = market.priceText(priceUnits);
    const quantity = market.sizeText(units);
    const notional = mul(price, quantity);
    const { fees_bps } = this.#options.config;
    const bps = liquidity === 'MAKER' ? fees_bps.maker : fees_bps.taker;
    const commission = round(mul(mul(notional, bps), BPS), PLACES);
    this.#executions += 1;
    const execId = `${this.#options.name}-X${this.#executions}`;
    const at = this.#options.now();
    const money = { commission, commissionAsset: quote, liquidity };
    const fill: VenueFill = { execId, clientOrderId, symbol, side, quantity, price, at, ...money };
    order.fills.push(fill);
    order.leaves -= units;
    order.shown = Math.max(0, order.shown - units);
    order.cost = add(order.cost, notional);
    order.status = order.leaves === 0 ? 'FILLED' : 'PARTIALLY_FILLED';
    this.account.move(base, side === 'BUY' ? quantity : neg(quantity));
    this.account.move(quote, sub(side === 'BUY' ? neg(notional) : notional, commission));
    this.#relock(order);
    if (order.leaves === 0) this.#finish(order);
    const { connectorOrderId } = order;
    const trade: Trade = {
      ...{ type: 'TRADE', clientOrderId, connectorOrderId, at, execId, quantity, price, ...money },
    };
    this.#trades.push(trade);
    if (this.#trades.length > 2 * TRADES) this.#trades = this.#trades.slice(-TRADES);
    this.#options.emit(trade);
  }

  /** Ends what is open of an order. */
  #end(order: VenueOrder, reason: string): void {
    order.status = 'CANCELED';
    this.#finish(order);
    const { connectorOrderId, request } = order;
    const at = this.#options.now();
    this.#options.emit({
      type: 'CANCELED',
      clientOrderId: request.clientOrderId,
      connectorOrderId,
      at,
      reason,
    });
  }

  #finish(order: VenueOrder): void {
    const { clientOrderId, side } = order.request;
    const market = this.#marketOf(order);
    if (order.waits === 'IN_BOOK') (side === 'BUY' ? market.buys : market.sells).remove(ownKey(order), order);
    if (order.waits === 'FOR_STOP')
      (side === 'BUY' ? market.buyStops : market.sellStops).remove(stopKey(order), order);
    order.waits = 'NOWHERE';
    order.shown = 0;
    this.#open.delete(clientOrderId);
    this.#relock(order);
    this.#finished.set(clientOrderId, order);
    if (this.#finished.size >= HISTORY + HISTORY_SLACK) this.#forgetOldest();
  }

  // In one pass over the front of the map: each single eviction would walk over the gaps of those before it.
  #forgetOldest(): void {
    for (const oldest of this.#finished.keys()) {
      if (this.#finished.size <= HISTORY) return;
      this.#finished.delete(oldest);
    }
  }

  /** Brings what the account holds back for an order in line with what is open of it. */
  #relock(order: VenueOrder): void {
    const { request } = order;
    const market = this.#marketOf(order);
    const { base, quote } = market.instrument;
    const isBuy = request.side === 'BUY';
    if (isBuy ? !this.account.isLimited : this.#options.config.allow_short) return;
    const isOpen = this.#open.has(request.clientOrderId);
    const leaves = market.sizeText(order.leaves);
    const needed = isBuy ? withFee(mul(market.priceText(order.price), leaves), this.#feeRate) : leaves;
    const locked = isOpen ? needed : '0';
    this.account.lock(isBuy ? quote : base, sub(locked, order.locked));
    order.locked = locked;
  }

  #marketOf(order: VenueOrder): Market {
    const market = this.#markets.get(order.request.symbol);
    invariant(market !== undefined, 'an accepted order has a market');
    return market;
  }
}

const ownKey = (order: VenueOrder): number => (order.request.side === 'BUY' ? order.price : -order.price);

// The lowest buy stop and the highest sell stop trigger first.
const stopKey = (order: VenueOrder): number =>
  (order.request.side === 'BUY' ? -1 : 1) * (order.stopPrice ?? order.price);

function isTriggered(order: VenueOrder, last: number | null): boolean {
  if (order.stopPrice === null) return true;
  if (last === null) return false;
  return order.request.side === 'BUY' ? last >= order.stopPrice : last <= order.stopPrice;
}
