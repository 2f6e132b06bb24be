/** Fills against a recorded market lie within the recording, rebuilt here from its lines and nothing else. */
import { describe, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { SimulatedClock } from '../../src/clock/simulated-clock.js';
import { createSimulatedVenue, type SimulatedVenue } from '../../src/connectors/simulated/venue.js';
import { openMarket } from '../../src/market/open.js';
import { Replay } from '../../src/market/replay.js';
import { dataPath } from '../support/data.js';
import { order } from './harness.js';

const path = dataPath('binance-spot/btcusdt_20240808.gz');
if (path === null) console.warn('SKIPPED: the recorded binance-spot files are absent');

const SYMBOL = 'BTC/USDT';
const LATENCY = 20;

type Levels = readonly (readonly [string, string])[];

interface Diff {
  readonly u: number;
  readonly b: Levels;
  readonly a: Levels;
}

interface Message {
  readonly lastUpdateId?: number;
  readonly bids?: Levels;
  readonly asks?: Levels;
  readonly stream?: string;
  readonly data?: unknown;
}

interface Side {
  readonly levels: Map<number, number>;
  quote: number;
}

/** Depth-only book and best quote at a local time, read from the lines. */
class Recording {
  readonly bids: Side = { levels: new Map(), quote: 0 };
  readonly asks: Side = { levels: new Map(), quote: 0 };
  readonly #lines: string[];
  #next = 0;
  #waiting: Diff[] = [];
  #synced = false;
  depthSeq = 0;
  quoteSeq = 0;

  constructor(file: string) {
    this.#lines = gunzipSync(readFileSync(file)).toString().trimEnd().split('\n');
  }

  /** Folds in every line up to `ms`, not beyond it by a nanosecond. */
  to(ms: number): void {
    const end = `${ms}000000`;
    for (let line = this.#lines[this.#next]; line !== undefined; line = this.#lines[this.#next]) {
      if (line.slice(0, 19) > end) return;
      this.#fold(JSON.parse(line.slice(20)) as Message);
      this.#next += 1;
    }
  }

  #fold({ lastUpdateId, bids, asks, stream, data }: Message): void {
    if (lastUpdateId !== undefined) {
      this.#synced = true;
      this.#set({ u: lastUpdateId, b: bids ?? [], a: asks ?? [] });
      for (const diff of this.#waiting) if (diff.u > lastUpdateId) this.#set(diff);
    } else if (stream?.includes('@depth')) {
      if (this.#synced) this.#set(data as Diff);
      else this.#waiting.push(data as Diff);
    } else if (stream?.endsWith('@bookTicker')) {
      const { b, a, u } = data as { b: string; a: string; u: number };
      this.bids.quote = Number(b);
      this.asks.quote = Number(a);
      this.quoteSeq = u;
    }
  }

  #set({ u, b, a }: Diff): void {
    this.depthSeq = u;
    for (const [side, changes] of [
      [this.bids, b],
      [this.asks, a],
    ] as const) {
      for (const [price, size] of changes) {
        if (Number(size) === 0) side.levels.delete(Number(price));
        else side.levels.set(Number(price), Number(size));
      }
    }
  }
}

(path === null ? describe.skip : describe)('the recorded BTC/USDT book', () => {
  const source = openMarket(
    { source: 'recorded', format: 'binance-stream', files: [path ?? ''], symbols: { btcusdt: SYMBOL } },
    '.',
  );

  function start() {
    const clock = new SimulatedClock(source.startsAt);
    const venue = createSimulatedVenue({
      clock,
      instruments: { [SYMBOL]: { tick_size: '0.01', lot_size: '0.00001', min_notional: '5' } },
      venue: { latency_ms: LATENCY, allow_short: true },
    });
    return { clock, venue, replay: new Replay({ clock, source, venue }) };
  }

  /** Every 211 ms an order that takes up to some levels, or rests near the market. */
  function trade(clock: SimulatedClock, venue: SimulatedVenue): void {
    let count = 0;
    const next = (): void => {
      const view = venue.view(SYMBOL);
      if (view?.bid != null && view.ask != null) {
        const side = count % 2 === 0 ? 'BUY' : 'SELL';
        const resting = count % 3 === 0;
        const touch = Number(side === 'BUY' ? view.ask : view.bid);
        const away = (side === 'BUY' ? 1 : -1) * (resting ? -0.5 : 15);
        const quantity = ((count % 7) + 1) * (resting ? 0.01 : 0.6);
        venue.place(
          order(`o${count}`, {
            side,
            symbol: SYMBOL,
            price: (touch + away).toFixed(2),
            quantity: quantity.toFixed(5),
            timeInForce: resting ? 'GTC' : 'IOC',
          }),
        );
        count += 1;
      }
      clock.at(clock.now() + 211, next);
    };
    clock.at(clock.now() + 500, next);
  }

  test('no taker fill is better than levels or best quote, and each is a level with at least that size', () => {
    const { clock, venue, replay } = start();
    trade(clock, venue);
    while (!replay.ended) replay.step();
    const { fills } = venue.truth();
    const recording = new Recording(path ?? '');
    const takers = fills.filter(({ liquidity }) => liquidity === 'TAKER');
    expect(takers.length).toBeGreaterThan(2000);
    expect(fills.length - takers.length).toBeGreaterThan(100);
    let worst = 0;
    for (const { at, side, price, quantity } of takers) {
      recording.to(at);
      const { levels, quote } = side === 'BUY' ? recording.asks : recording.bids;
      const better = (a: number, b: number) => (side === 'BUY' ? a < b : a > b);
      const best = side === 'BUY' ? Math.min(...levels.keys()) : Math.max(...levels.keys());
      const paid = Number(price);
      if (better(paid, best))
        throw new Error(`${side} at ${price} is better than the level ${best} at ${at}`);
      const isNewer = recording.quoteSeq > recording.depthSeq;
      if (isNewer && better(paid, quote))
        throw new Error(`${side} at ${price} is better than ${quote} at ${at}`);
      const size = levels.get(paid) ?? 0;
      if (size < Number(quantity)) throw new Error(`${quantity} of ${size} at ${price}, ${at}`);
      worst = Math.max(worst, Math.abs(paid - best));
    }
    expect(worst).toBeLessThan(100);
  });

  test('a second replay gives the same fills', () => {
    const fills = [0, 1].map(() => {
      const { clock, venue, replay } = start();
      trade(clock, venue);
      while (replay.step() && clock.now() < source.startsAt + 60_000);
      return venue.truth().fills;
    });
    expect(fills[0]?.length).toBeGreaterThan(100);
    expect(fills[1]).toEqual(fills[0]);
  });
});
