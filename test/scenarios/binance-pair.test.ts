/**
 * The judged run: a pair trade on a recording of Binance, checked fill by fill against a book rebuilt from the files.
 */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Engine } from '../../src/connectors/simulated/engine.js';
import type { MarketEvent } from '../../src/index.js';
import { verifyFills } from './book.js';
import { binance, brief, cleanUp, entry, FEES, INSTRUMENTS, opening, type Played, play } from './support.js';
import { binanceTicks, momentOf, readLines, staleDiffs } from './ticks.js';

const { testOn, market, btc, eth } = binance(['20240808', '20240809']);
const LINES = 179_318;
const LATENCY_MS = 20;
const start = '2024-08-08T23:55:00Z';
const twap = { strategy: 'TWAP', duration_seconds: 300, slices: 30 };

const content = {
  environment: 'backtest',
  market,
  instruments: INSTRUMENTS,
  venue: { latency_ms: LATENCY_MS, fees_bps: FEES, allow_short: true },
  directives: [
    entry({
      n: 1,
      at: start,
      policy: { mode: 'COORDINATED', timeout_seconds: 360 },
      commands: [
        opening({ n: 1, symbol: 'BTC/USDT', side: 'BUY', size: '60', params: twap }),
        opening({ n: 2, symbol: 'ETH/USDT', side: 'SELL', size: '1300', params: twap }),
      ],
    }),
    // Never reached: the market is replayed to its last line.
    entry({
      n: 2,
      at: start,
      commands: [opening({ n: 3, symbol: 'BTC/USDT', side: 'BUY', size: '0.1', limit: '50000' })],
    }),
  ],
};

/** Runs the scenario and counts the market events that reach the venue. */
async function counted(): Promise<Played & { readonly events: number }> {
  const { onMarket } = Engine.prototype;
  let events = 0;
  Engine.prototype.onMarket = function count(this: Engine, event: MarketEvent) {
    events += 1;
    onMarket.call(this, event);
  };
  try {
    return { ...(await play(content)), events };
  } finally {
    Engine.prototype.onMarket = onMarket;
  }
}

describe('a pair trade on recorded data', () => {
  let runs: Awaited<ReturnType<typeof counted>>[] = [];
  beforeAll(async () => {
    if (testOn === test) runs = [await counted(), await counted()];
  });
  afterAll(() => {
    runs = [];
    cleanUp();
  });

  testOn('completes both legs at the prices of the recording', () => {
    const batches = runs[0]?.batches ?? [];
    expect(brief(batches[0])).toEqual({
      end: 'COORDINATED COMPLETED target_reached',
      legs: [
        'BTC/USDT BUY TWAP COMPLETED 60/60 @61739.0340218 target_reached',
        'ETH/USDT SELL TWAP COMPLETED 1300/1300 @2682.20080358 target_reached',
      ],
      left: [],
    });
  });

  testOn('takes, with every fill, exactly what the recorded book held there', () => {
    const groups = runs[0]?.batches[0]?.groups ?? [];
    const of = (symbol: string) => groups.filter((group) => group.symbol === symbol);
    expect(verifyFills(binanceTicks(btc), of('BTC/USDT'), { lot: '0.00001', latency: LATENCY_MS })).toEqual({
      taken: 212,
      made: 0,
      wrong: [],
    });
    expect(verifyFills(binanceTicks(eth), of('ETH/USDT'), { lot: '0.0001', latency: LATENCY_MS })).toEqual({
      taken: 450,
      made: 0,
      wrong: [],
    });
  });

  testOn('sends thirty equal slices ten seconds apart, each bounded by the slippage allowed', () => {
    for (const group of runs[0]?.batches[0]?.groups ?? []) {
      const times = group.orders.map((order) => Date.parse(order.created_at));
      expect(times).toEqual(Array.from({ length: 30 }, (_, k) => Date.parse(start) + k * 10_000));
      const size = group.symbol === 'BTC/USDT' ? [2] : [43.3334, 43.3333];
      for (const order of group.orders) expect(size).toContain(Number(order.quantity));
    }
  });

  testOn('writes the same journal byte for byte', () => {
    const [first, second] = runs;
    expect(first?.lines.length).toBeGreaterThan(100);
    expect(second?.lines).toEqual(first?.lines);
  });

  testOn('replays every line of both symbols to the last one', () => {
    const files = [...btc, ...eth];
    const counts = files.map((file) => readLines(file).length);
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(LINES);
    const stale = staleDiffs(btc[0] ?? '') + staleDiffs(eth[0] ?? '');
    expect(runs.map((run) => run.events)).toEqual([LINES - stale, LINES - stale]);
    // The cancel that the market's end asks for, there and back.
    const last = Math.max(...files.map((file) => momentOf(readLines(file).at(-1) ?? '')));
    expect(runs[0]?.result.endedAt).toBe(last + 2 * LATENCY_MS);
    expect(brief(runs[0]?.batches[1])).toEqual({
      end: 'INDEPENDENT CANCELLED market_ended',
      legs: ['BTC/USDT BUY SINGLE CANCELLED 0/0.1 market_ended'],
      left: [],
    });
  });
});
