/** The packaged scenarios, whose markets are made up from a seed: every leg, fill, unwind and residual exactly. */
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import {
  createMemoryJournal,
  type FillView,
  loadScenario,
  openMarket,
  runScenario,
  type SimulationOptions,
} from '../../src/index.js';
import { verifyFills } from './book.js';
import { brief } from './support.js';
import { ticksOf } from './ticks.js';

const done = (mode: string) => `${mode} COMPLETED target_reached`;

/** By scenario: each batch's end, then its legs, unwinds last. */
const OUTCOMES: Readonly<Record<string, readonly (readonly [end: string, ...legs: string[]])[]>> = {
  'pair-trade': [
    [
      done('COORDINATED'),
      'BTC/USDT BUY TWAP COMPLETED 0.5/0.5 @60014.49978 target_reached',
      'ETH/USDT SELL TWAP COMPLETED 12/12 @2500.02 target_reached',
    ],
  ],
  'pair-trade-rejected-leg': [
    [
      'COORDINATED FAILED execution_error',
      'BTC/USDT BUY SINGLE COMPLETED 0.5/0.5 @60003 target_reached',
      'ETH/USDT SELL SINGLE FAILED 0/12 execution_error',
      'unwind BTC/USDT SELL SINGLE COMPLETED 0.5/0.5 @60000 target_reached',
    ],
  ],
  'pair-trade-timeout': [
    [
      'COORDINATED FAILED timeout',
      'AAPL BUY SINGLE COMPLETED 200/200 @185.01 target_reached',
      'MSFT SELL SINGLE PARTIAL 50/90 @410.04 timeout',
      'unwind AAPL SELL SINGLE COMPLETED 200/200 @185.08885 target_reached',
      'unwind MSFT BUY SINGLE COMPLETED 50/50 @409.94 target_reached',
    ],
  ],
  'multi-leg': [
    [
      done('COORDINATED'),
      'BTC/USDT BUY TWAP COMPLETED 0.25/0.25 @59982.50316 target_reached',
      'ETH/USDT BUY TWAP COMPLETED 6/6 @2499.066672 target_reached',
      'SOL/USDT SELL TWAP COMPLETED 200/200 @150.0333332 target_reached',
    ],
  ],
  'flash-crash-exit': [
    [
      done('INDEPENDENT'),
      'BTC/USDT BUY SINGLE COMPLETED 0.4/0.4 @60004.62615 target_reached',
      'ETH/USDT BUY SINGLE COMPLETED 10/10 @2500.12 target_reached',
      'SOL/USDT BUY SINGLE COMPLETED 150/150 @150.01 target_reached',
    ],
    [
      done('INDEPENDENT'),
      'BTC/USDT SELL SINGLE COMPLETED 0.4/0.4 @60031.506225 target_reached',
      'ETH/USDT SELL SINGLE COMPLETED 10/10 @2500.36 target_reached',
      'SOL/USDT SELL SINGLE COMPLETED 150/150 @150.17 target_reached',
    ],
  ],
  dca: [
    [
      done('INDEPENDENT'),
      'BTC/USDT BUY SINGLE COMPLETED 0.05/0.05 @59985 target_reached',
      'BTC/USDT BUY SINGLE COMPLETED 0.05/0.05 @59970 target_reached',
      'BTC/USDT BUY SINGLE COMPLETED 0.05/0.05 @59940 target_reached',
    ],
  ],
  vwap: [[done('INDEPENDENT'), 'BTC/USDT BUY VWAP COMPLETED 2/2 @60082.20837 target_reached']],
  pov: [[done('INDEPENDENT'), 'BTC/USDT BUY POV COMPLETED 3/3 @60013.24788 target_reached']],
  iceberg: [[done('INDEPENDENT'), 'BTC/USDT BUY ICEBERG COMPLETED 0.5/0.5 @59955 target_reached']],
  layered: [[done('INDEPENDENT'), 'BTC/USDT BUY LAYERED COMPLETED 0.6/0.6 @59956.66633333 target_reached']],
  'dca-schedule': [
    [done('INDEPENDENT'), 'BTC/USDT BUY DCA COMPLETED 0.04972/0.1 @59983.17598552 budget_spent'],
  ],
  'protected-entry': [
    [
      done('INDEPENDENT'),
      'BTC/USDT BUY TWAP COMPLETED 0.2/0.2 @60022.4985 target_reached',
      'protect BTC/USDT SELL SINGLE COMPLETED 0.2/0.2 @59946 target_reached',
    ],
  ],
  rotation: [
    [
      done('SEQUENTIAL'),
      'BTC/USDT SELL TWAP COMPLETED 0.8/0.8 @59985.0001125 target_reached',
      'ETH/USDT BUY TWAP COMPLETED 19/19 @2499.60000021 target_reached',
    ],
  ],
  rebalancing: [
    [
      done('INDEPENDENT'),
      'BTC/USDT SELL TWAP COMPLETED 0.3/0.3 @60006 target_reached',
      'ETH/USDT SELL TWAP COMPLETED 5/5 @2499.43 target_reached',
      'SOL/USDT BUY TWAP COMPLETED 120/120 @150.03583333 target_reached',
      'XRP/USDT BUY TWAP COMPLETED 20000/20000 @0.6010111 target_reached',
    ],
  ],
};

const LATENCY_MS = 20;

async function run(name: string, options: SimulationOptions = {}) {
  const url = new URL(`../../examples/scenarios/${name}.yaml`, import.meta.url);
  const scenario = loadScenario(fileURLToPath(url));
  const journal = createMemoryJournal();
  const { projection } = await runScenario(scenario, { journal, ...options });
  return { scenario, batches: projection.batches(), lines: [...(journal.lines() ?? [])] };
}

describe.each(Object.entries(OUTCOMES))('%s', (name, outcomes) => {
  test('ends in exactly these figures, with nothing left', async () => {
    const { batches } = await run(name);
    expect(batches.map(brief)).toEqual(outcomes.map(([end, ...legs]) => ({ end, legs, left: [] })));
  });

  test('takes from its market only what was there', async () => {
    const { scenario, batches } = await run(name);
    const { market, baseDir, instruments } = scenario;
    // A protection's order waits for its stop, of which the check knows nothing: legs and unwinds only.
    const groups = batches.flatMap((batch) => batch.groups);
    let fills = 0;
    for (const [symbol, { lot_size: lot }] of Object.entries(instruments)) {
      const ticks = ticksOf(openMarket(market, baseDir, instruments), symbol);
      const of = groups.filter((group) => group.symbol === symbol);
      const { taken, made, wrong } = verifyFills(ticks, of, { lot, latency: LATENCY_MS });
      expect(wrong).toEqual([]);
      fills += taken + made;
    }
    expect(fills).toBe(groups.flatMap(({ orders }) => orders.flatMap((order) => order.fills)).length);
  });

  test('writes the same journal as actors and through the pure step', async () => {
    expect((await run(name, { host: 'pure' })).lines).toEqual((await run(name)).lines);
  });
});

test('the check of fills finds a price, a quantity and a fill that the market did not have', async () => {
  const { scenario, batches } = await run('pair-trade-rejected-leg');
  const { market, baseDir, instruments } = scenario;
  const wrongOf = (fill: (fill: FillView) => FillView) => {
    const groups = (batches[0]?.groups ?? [])
      .filter(({ symbol }) => symbol === 'BTC/USDT')
      .map((group) => ({
        ...group,
        orders: group.orders.map((order) => ({ ...order, fills: order.fills.map(fill) })),
      }));
    const ticks = ticksOf(openMarket(market, baseDir, instruments), 'BTC/USDT');
    return verifyFills(ticks, groups, { lot: '0.00001', latency: LATENCY_MS }).wrong.length;
  };
  expect(wrongOf((fill) => fill)).toBe(0);
  expect(wrongOf((fill) => ({ ...fill, fill_price: '60001.5' }))).toBe(2);
  expect(wrongOf((fill) => ({ ...fill, filled_quantity: '0.49999' }))).toBe(2);
  // As a maker's, each is also missing among what was taken, and its order's price is another.
  expect(wrongOf((fill) => ({ ...fill, liquidity: 'MAKER' }))).toBe(4);
});
