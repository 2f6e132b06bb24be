/**
 * A synthetic market: per symbol a random walk of the best price, a ten-level book, and trades several times a second.
 *
 * Made up, and says so: not fitted to any real market. Whole ticks and lots on an integer generator, so that a seed
 * gives the same market on every machine; a symbol's path does not depend on which others run beside it.
 */
import { fromSteps, mul, toSteps } from '../dtos/decimal.js';
import type { SyntheticConfig } from './config.js';
import type { Level, MarketEvent, MarketSource } from './event.js';
import { fail } from './files.js';
import { mergeByTime } from './merge.js';
import { formatScaled, parseScaled, placesOf } from './scaled.js';

/** The steps of a symbol's prices and sizes, as an instrument has them. */
export interface Steps {
  readonly tick_size: string;
  readonly lot_size: string;
}

const DEFAULT_STEPS: Steps = { tick_size: '0.01', lot_size: '0.00001' };
const STEP_MS = 250;
const LEVELS = 10;
/** Levels lie this part of the start price apart (half a basis point), one tick at least. */
const LEVELS_PER_PRICE = 20_000;
/** Quote value of the smallest level, 10,000; the largest holds ten times as much. */
const LEVEL_VALUE = '10000';
const LEVEL_SPREAD = 10;

/** @throws MARKET_DATA for a start price of too few ticks */
export function synthetic(
  config: SyntheticConfig,
  steps: Readonly<Record<string, Steps>> = {},
): MarketSource {
  const startsAt = new Date(config.start).getTime();
  const endsAt = startsAt + config.duration_seconds * 1000;
  const symbols = Object.keys(config.symbols);
  const walks = (): Iterable<MarketEvent>[] =>
    symbols.map((symbol) => {
      const walk = new Walk(symbol, config.symbols[symbol]!, steps[symbol] ?? DEFAULT_STEPS, config.seed);
      return walk.events(startsAt, endsAt);
    });
  walks();
  return {
    name: `synthetic (seed ${config.seed})`,
    symbols,
    startsAt,
    endsAt,
    events: () => mergeByTime(walks()),
  };
}

/** 32-bit generator (mulberry32): integer arithmetic only. */
function generator(seed: number, salt: string): (below: number) => number {
  let state = (seed >>> 0) ^ Math.imul(Math.floor(seed / 2 ** 32), 0x9e3779b1);
  for (let index = 0; index < salt.length; index += 1) {
    state = Math.imul(state ^ salt.charCodeAt(index), 0x01000193) >>> 0;
  }
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) * below) / 2 ** 32);
  };
}

class Walk {
  readonly #symbol: string;
  readonly #random: (below: number) => number;
  readonly #tickUnits: number;
  readonly #pricePlaces: number;
  readonly #lotUnits: number;
  readonly #sizePlaces: number;
  /** Ticks between levels. */
  readonly #gap: number;
  readonly #levelLots: number;
  /** Ticks of the best bid; the best ask is one gap above. */
  #best: number;
  /** Lots, best first. */
  readonly #bids: number[];
  readonly #asks: number[];

  constructor(symbol: string, startPrice: string, { tick_size, lot_size }: Steps, seed: number) {
    this.#symbol = symbol;
    this.#random = generator(seed, symbol);
    this.#pricePlaces = placesOf(tick_size);
    this.#tickUnits = parseScaled(tick_size, this.#pricePlaces);
    this.#sizePlaces = placesOf(lot_size);
    this.#lotUnits = parseScaled(lot_size, this.#sizePlaces);
    this.#best = toSteps(startPrice, tick_size, 'FLOOR');
    this.#gap = Math.max(1, Math.floor(this.#best / LEVELS_PER_PRICE));
    if (this.#best <= this.#gap * LEVELS) {
      const least = fromSteps(LEVELS + 1, tick_size);
      fail({ name: symbol }, `start price ${startPrice} is below ${least}, which a ten-level book needs`);
    }
    this.#levelLots = Math.max(1, toSteps(LEVEL_VALUE, mul(startPrice, lot_size), 'FLOOR'));
    this.#bids = Array.from({ length: LEVELS }, () => this.#size());
    this.#asks = Array.from({ length: LEVELS }, () => this.#size());
  }

  *events(startsAt: number, endsAt: number): Generator<MarketEvent> {
    const bids = this.#bids.map((_, index) => this.#level('bid', index));
    const asks = this.#asks.map((_, index) => this.#level('ask', index));
    yield { at: startsAt, symbol: this.#symbol, kind: 'snapshot', bids, asks };
    for (let at = startsAt + STEP_MS; at <= endsAt; at += STEP_MS) {
      for (let trades = this.#random(3); trades > 0; trades -= 1) yield this.#trade(at);
      yield this.#step(at);
    }
  }

  #size(): number {
    return this.#levelLots + this.#random(this.#levelLots * (LEVEL_SPREAD - 1) + 1);
  }

  #price(side: 'bid' | 'ask', index: number): string {
    const ticks = side === 'bid' ? this.#best - index * this.#gap : this.#best + (index + 1) * this.#gap;
    return formatScaled(ticks * this.#tickUnits, this.#pricePlaces);
  }

  #level(side: 'bid' | 'ask', index: number): Level {
    const lots = (side === 'bid' ? this.#bids : this.#asks)[index]!;
    return [this.#price(side, index), formatScaled(lots * this.#lotUnits, this.#sizePlaces)];
  }

  /** A trade takes up to a quarter of the best level, and never all of it. */
  #trade(at: number): MarketEvent {
    const buyerIsMaker = this.#random(2) === 0;
    const side = buyerIsMaker ? 'bid' : 'ask';
    const sizes = buyerIsMaker ? this.#bids : this.#asks;
    const lots = Math.max(1, this.#random(Math.floor(sizes[0]! / 4) + 1));
    sizes[0] = Math.max(1, sizes[0]! - lots);
    const quantity = formatScaled(lots * this.#lotUnits, this.#sizePlaces);
    return { at, symbol: this.#symbol, kind: 'trade', price: this.#price(side, 0), quantity, buyerIsMaker };
  }

  /** The best price moves a gap in half of the steps; on each side one level is drawn anew. */
  #step(at: number): MarketEvent {
    const draw = this.#random(4);
    const atFloor = this.#best <= this.#gap * (LEVELS + 1);
    const move = draw > 1 ? 0 : draw === 1 || atFloor ? 1 : -1;
    const gone = this.#move(move);
    const redrawn = [this.#random(LEVELS), this.#random(LEVELS)] as const;
    this.#bids[redrawn[0]] = this.#size();
    this.#asks[redrawn[1]] = this.#size();
    const far = LEVELS - 1;
    return {
      at,
      symbol: this.#symbol,
      kind: 'depth',
      bids: [...gone.bids, ...[...new Set([0, redrawn[0], far])].map((index) => this.#level('bid', index))],
      asks: [...gone.asks, ...[...new Set([0, redrawn[1], far])].map((index) => this.#level('ask', index))],
    };
  }

  /** Moves the ladder and says which prices left it. */
  #move(move: -1 | 0 | 1): { bids: Level[]; asks: Level[] } {
    if (move === 0) return { bids: [], asks: [] };
    const up = move === 1;
    const bids: Level = [this.#price('bid', up ? LEVELS - 1 : 0), '0'];
    const asks: Level = [this.#price('ask', up ? 0 : LEVELS - 1), '0'];
    this.#best += move * this.#gap;
    shift(this.#bids, up ? 'down' : 'up', this.#size());
    shift(this.#asks, up ? 'up' : 'down', this.#size());
    return { bids: [bids], asks: [asks] };
  }
}

/** `up`: the best level goes and a far one comes; `down`: a new best level comes and the farthest goes. */
function shift(sizes: number[], direction: 'up' | 'down', size: number): void {
  if (direction === 'up') {
    sizes.shift();
    sizes.push(size);
  } else {
    sizes.pop();
    sizes.unshift(size);
  }
}
