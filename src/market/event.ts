/**
 * What a market source yields: recorded or synthetic market data, in time order.
 *
 * Owns the shapes only. Prices and sizes stay the decimal strings of the recording; whoever keeps a book parses
 * them to integers (scaled.ts). Who trades against it is connectors/simulated.
 */
import type { DecimalString } from '../dtos/decimal.js';

/** Price and absolute size; size 0 deletes the level. */
export type Level = readonly [price: DecimalString, size: DecimalString];

interface EventBase {
  /** Epoch ms UTC. A time between two milliseconds is raised: no event is seen before it happened. */
  readonly at: number;
  readonly symbol: string;
}

/** The whole book. `seq`: the venue's update id, shared by book and best quote; absent where there is none. */
export interface SnapshotEvent extends EventBase {
  readonly kind: 'snapshot';
  readonly bids: readonly Level[];
  readonly asks: readonly Level[];
  readonly seq?: number;
}

/** Levels that changed, with their new absolute sizes. */
export interface DepthEvent extends EventBase {
  readonly kind: 'depth';
  readonly bids: readonly Level[];
  readonly asks: readonly Level[];
  readonly seq?: number;
}

/** The best quote, one side or both. Price "0": that side is empty. A price without a size: any size. */
export interface QuoteEvent extends EventBase {
  readonly kind: 'quote';
  readonly bid?: DecimalString;
  readonly bidSize?: DecimalString;
  readonly ask?: DecimalString;
  readonly askSize?: DecimalString;
  readonly seq?: number;
}

/** A trade. `buyerIsMaker`: the seller was the aggressor; null or absent where the recording does not say. */
export interface TradeEvent extends EventBase {
  readonly kind: 'trade';
  readonly price: DecimalString;
  readonly quantity: DecimalString;
  readonly buyerIsMaker?: boolean | null;
  readonly id?: number;
}

export type MarketEvent = SnapshotEvent | DepthEvent | QuoteEvent | TradeEvent;

export interface MarketSource {
  /** For people. A synthetic source says "synthetic". */
  readonly name: string;
  readonly symbols: readonly string[];
  /** No event is earlier. Epoch ms UTC. */
  readonly startsAt: number;
  /** No event is later; null for a source without an end. */
  readonly endsAt: number | null;
  /** From the beginning, at each call. @throws MARKET_DATA while iterating, naming file and line */
  events(): Iterable<MarketEvent>;
}
