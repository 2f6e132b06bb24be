/**
 * A book rebuilt for checking, independent of the one in src that the simulated venue trades against.
 *
 * Owns: levels from snapshots and diffs, the best quote where it is newer, and what earlier orders of ours took from
 * a level until the market names it again. Prices and sizes are whole units of 1e-8. At one moment the market comes
 * before our orders. ticks.ts reads the markets.
 */
import type { FillView, GroupView, OrderView } from '../../src/index.js';

const PLACES = 8;

/** Whole units of 1e-8. */
export function units(text: string): number {
  const [whole = '', decimals = ''] = text.split('.');
  return Number(`${whole}${decimals.padEnd(PLACES, '0')}`);
}

export type Level = readonly [price: string, size: string];

/** One message of one symbol's market; `at` in epoch ms, raised. */
export type Tick = { readonly at: number; readonly seq: number } & (
  | { readonly kind: 'levels'; readonly bids: readonly Level[]; readonly asks: readonly Level[] }
  | { readonly kind: 'quote'; readonly bid: Level; readonly ask: Level }
  | { readonly kind: 'trade'; readonly price: string; readonly size: string }
);

/** 1 where a higher price is worse: for a buyer. */
const signOf = (order: { readonly side: 'BUY' | 'SELL' }): 1 | -1 => (order.side === 'BUY' ? 1 : -1);

export class CheckBook {
  readonly #ticks: Iterator<Tick>;
  #head: Tick | null;
  #levelsSeq = 0;
  #quoteSeq = 0;
  #quote: { readonly bid: Level; readonly ask: Level } = { bid: ['0', '0'], ask: ['0', '0'] };
  readonly #bids = new Map<number, number>();
  readonly #asks = new Map<number, number>();
  readonly #taken = { BUY: new Map<number, number>(), SELL: new Map<number, number>() };
  /** Prices of the newest moment's trades. */
  #traded: number[] = [];

  constructor(ticks: Iterable<Tick>) {
    this.#ticks = ticks[Symbol.iterator]();
    this.#head = this.#next();
  }

  #next(): Tick | null {
    const { value, done } = this.#ticks.next();
    return done === true ? null : value;
  }

  /** Applies every tick up to and including a moment. */
  advance(at: number): void {
    while (this.#head !== null && this.#head.at <= at) {
      if (this.#head.at < at) this.#traded = [];
      this.#apply(this.#head);
      this.#head = this.#next();
    }
  }

  #apply(tick: Tick): void {
    if (tick.kind === 'trade') this.#traded.push(units(tick.price));
    else if (tick.kind === 'quote') {
      this.#quoteSeq = tick.seq;
      this.#quote = tick;
    } else {
      this.#levelsSeq = tick.seq;
      this.#set(this.#bids, tick.bids, this.#taken.SELL);
      this.#set(this.#asks, tick.asks, this.#taken.BUY);
    }
  }

  #set(side: Map<number, number>, levels: readonly Level[], taken: Map<number, number>): void {
    for (const [price, size] of levels) {
      const key = units(price);
      taken.delete(key);
      if (units(size) === 0) side.delete(key);
      else side.set(key, units(size));
    }
  }

  /** What an order can have: [price, size] best first; of a newer best quote never better and never more. */
  #opposite(side: 'BUY' | 'SELL'): [number, number][] {
    const sign = signOf({ side });
    const [best, most] = (side === 'BUY' ? this.#quote.ask : this.#quote.bid).map(units) as [number, number];
    const isNewer = this.#quoteSeq > this.#levelsSeq;
    return [...(side === 'BUY' ? this.#asks : this.#bids)]
      .filter(([price]) => !isNewer || (price - best) * sign >= 0)
      .map(([price, size]): [number, number] => {
        const shown = isNewer && price === best ? Math.min(size, most) : size;
        return [price, shown - (this.#taken[side].get(price) ?? 0)];
      })
      .sort(([a], [b]) => (a - b) * sign);
  }

  /** Walks the book as this order would at its arrival, and takes what it walked. Rows of `quantity@price` in units. */
  walk(order: OrderView, lot: string): string[] {
    const sign = signOf(order);
    const limit = units(order.price ?? '0');
    const step = units(lot);
    let left = units(order.quantity);
    const rows: string[] = [];
    for (const [level, size] of this.#opposite(order.side)) {
      const part = Math.min(left, size - (size % step));
      if ((level - limit) * sign > 0 || left === 0) break;
      if (part <= 0) continue;
      this.#taken[order.side].set(level, (this.#taken[order.side].get(level) ?? 0) + part);
      left -= part;
      rows.push(`${part}@${level}`);
    }
    return rows;
  }

  /** Did the market trade or quote the other side at a resting order's price or beyond it at this moment? */
  reaches(order: OrderView): boolean {
    const sign = signOf(order);
    const limit = units(order.price ?? '0');
    const best = this.#opposite(order.side).find(([, size]) => size > 0)?.[0];
    const isQuoted = best !== undefined && (best - limit) * sign <= 0;
    return isQuoted || this.#traded.some((price) => (price - limit) * sign <= 0);
  }
}

export interface Verified {
  /** Fills that took exactly what the book held, level by level. */
  readonly taken: number;
  /** Fills of resting orders at their own price, at a moment when the market was there. */
  readonly made: number;
  /** What does not match. */
  readonly wrong: readonly string[];
}

interface Check {
  readonly at: number;
  run(book: CheckBook): void;
}

/** Checks every fill of one symbol's groups against its market. `latency`: ms from a place to its arrival. */
export function verifyFills(
  ticks: Iterable<Tick>,
  groups: readonly GroupView[],
  { lot, latency }: { readonly lot: string; readonly latency: number },
): Verified {
  const count = { taken: 0, made: 0 };
  const wrong: string[] = [];
  const made = (order: OrderView, fill: FillView): Check => ({
    at: Date.parse(fill.executed_at),
    run(book) {
      if (fill.fill_price === order.price && book.reaches(order)) count.made += 1;
      else wrong.push(`maker ${fill.filled_quantity}@${fill.fill_price} at ${fill.executed_at}`);
    },
  });
  const arrived = (order: OrderView): Check => ({
    at: Date.parse(order.created_at) + latency,
    run(book) {
      const takers = order.fills.filter((fill) => fill.liquidity === 'TAKER');
      const rows = takers.map((fill) => `${units(fill.filled_quantity)}@${units(fill.fill_price)}`);
      const expected = book.walk(order, lot);
      if (rows.join() === expected.join()) count.taken += rows.length;
      else wrong.push(`${order.client_order_id}: ${rows.join()} instead of ${expected.join()}`);
    },
  });
  // What the venue refused took nothing.
  const orders = groups.flatMap((group) => group.orders).filter(({ status }) => status !== 'REJECTED');
  const checks = orders.flatMap((order) => [
    arrived(order),
    ...order.fills.filter(({ liquidity }) => liquidity === 'MAKER').map((fill) => made(order, fill)),
  ]);
  const book = new CheckBook(ticks);
  for (const check of checks.sort((a, b) => a.at - b.at)) {
    book.advance(check.at);
    check.run(book);
  }
  return { ...count, wrong };
}
