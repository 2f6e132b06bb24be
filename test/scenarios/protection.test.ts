/** Stops that are hit and targets that are taken on a made-up market, at the simulated venue, native and watched. */
import { afterAll, describe, expect, test } from '@jest/globals';
import { type GroupView, loadScenario, openMarket } from '../../src/index.js';
import {
  cleanUp,
  entry,
  fillsOf,
  opening,
  type Played,
  planId,
  play,
  row,
  writeScenario,
} from './support.js';

afterAll(cleanUp);

const BTC = 'BTC/USDT';
const [STOP, TARGET] = [59_960, 60_040];
const SEEDS = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12];
const START = Date.UTC(2025, 0, 6, 9, 0, 0);

interface Plan {
  readonly seed: number;
  readonly isNative: boolean;
  readonly side?: 'BUY' | 'SELL';
  readonly params?: object;
}

function scenario({ seed, isNative, side = 'BUY', params }: Plan) {
  const [stop, take] = side === 'BUY' ? [STOP, TARGET] : [TARGET, STOP];
  const command = {
    ...opening({ n: 1, symbol: BTC, side, size: '0.5', ...(params === undefined ? {} : { params }) }),
    exit_plan: {
      plan_id: 'EXT_20250106_090000_00000001',
      stop_loss_price: String(stop),
      take_profit_price: String(take),
    },
  };
  return {
    environment: 'backtest',
    market: {
      source: 'synthetic',
      seed,
      symbols: { [BTC]: '60000' },
      start: '2025-01-06T09:00:00Z',
      duration_seconds: 900,
    },
    venue: {
      latency_ms: 20,
      fees_bps: { maker: '1', taker: '4' },
      allow_short: side === 'SELL',
      stop_orders: isNative,
    },
    directives: [entry({ n: 1, commands: [command] })],
  };
}

/** Which of the two the market's trades reach first once the position is held, by a reading of its own. */
function firstReached(
  plan: Plan,
  from: number,
): { readonly what: 'LOW' | 'HIGH'; readonly at: number } | null {
  const { market, baseDir, instruments } = loadScenario(writeScenario(scenario(plan)));
  for (const event of openMarket(market, baseDir, instruments).events()) {
    if (event.kind !== 'trade' || event.at <= from) continue;
    if (Number(event.price) <= STOP) return { what: 'LOW', at: event.at };
    if (Number(event.price) >= TARGET) return { what: 'HIGH', at: event.at };
  }
  return null;
}

const guardsOf = ({ batches }: Played) => batches.flatMap(({ protections }) => protections ?? []);

const ordersOf = (guard: GroupView): string[] =>
  guard.orders.map(({ order_type, time_in_force, status }) => `${order_type} ${time_in_force} ${status}`);

/** The one protection of a run: what it exited at, and by which orders. */
async function exitOf(plan: Plan) {
  const played = await play(scenario(plan));
  const guards = guardsOf(played);
  expect(guards).toHaveLength(1);
  const [guard] = guards as [GroupView];
  expect(guard).toMatchObject({ status: 'COMPLETED', filled_quantity: '0.5', target_quantity: '0.5' });
  expect(played.result.runtime.positions()).toMatchObject([{ trade_id: planId(1), position_size: '0' }]);
  return { price: Number(guard.avg_price), orders: ordersOf(guard), fills: fillsOf(guard) };
}

describe.each([
  ['native', true],
  ['watched', false],
])('a %s protection', (_name, isNative) => {
  test.each(['BUY', 'SELL'] as const)('of a %s exits at what the market reaches first', async (side) => {
    const seen = { stop: 0, target: 0 };
    for (const seed of SEEDS) {
      const plan = { seed, isNative, side };
      const first = firstReached(plan, START + 1000);
      const { price, orders } = await exitOf(plan);
      const [low, high] = side === 'BUY' ? ['stop', 'target'] : ['target', 'stop'];
      const what = (first?.what === 'LOW' ? low : high) as 'stop' | 'target';
      seen[what] += 1;
      const gain = (side === 'BUY' ? price - TARGET : STOP - price) >= 0;
      const near = Math.abs(price - (first?.what === 'LOW' ? STOP : TARGET)) <= 10;
      expect({ seed, what, near, gain }).toEqual({ seed, what, near: true, gain: what === 'target' });
      const expected = {
        stop: isNative ? ['STOP_LIMIT GTC FILLED'] : ['LIMIT GTC CANCELED', 'LIMIT IOC FILLED'],
        target: isNative ? ['STOP_LIMIT GTC CANCELED', 'LIMIT GTC FILLED'] : ['LIMIT GTC FILLED'],
      };
      expect({ seed, orders }).toEqual({ seed, orders: expected[what] });
    }
    expect(Math.min(seen.stop, seen.target)).toBeGreaterThan(2);
  });

  test('of a TWAP grows with its slices, and a stop ends those that are left', async () => {
    const params = { strategy: 'TWAP', duration_seconds: 600, slices: 20 };
    const played = await play(scenario({ seed: 2, isNative, params }));
    const leg = played.batches[0]?.groups[0];
    expect(leg).toMatchObject({ status: 'PARTIAL', reason: 'stopped_out' });
    const sold = guardsOf(played).reduce((sum, { filled_quantity }) => sum + Number(filled_quantity), 0);
    expect(sold).toBeCloseTo(Number(leg?.filled_quantity), 9);
    expect(guardsOf(played)[0]).toMatchObject({ target_quantity: '0.5' });
    expect(played.result.runtime.positions()).toMatchObject([{ position_size: '0' }]);
  });

  test('that nothing reaches ends with its market, and its position is said to stand alone', async () => {
    const alerts: string[] = [];
    const content = scenario({ seed: 1, isNative });
    const sink = { alert: ({ code }: { readonly code: string }) => alerts.push(code) };
    const short = { ...content, market: { ...content.market, duration_seconds: 10 } };
    const played = await play(short, { alerts: sink });
    expect(guardsOf(played).map(row)).toEqual([`protect ${BTC} SELL SINGLE CANCELLED 0/0.5 market_ended`]);
    expect(alerts).toEqual(['UNPROTECTED']);
    expect(played.result.runtime.positions()).toMatchObject([{ position_size: '0.5' }]);
  });

  test('writes the same journal twice, and on both hosts', async () => {
    const content = scenario({ seed: 5, isNative });
    const { lines } = await play(content);
    expect((await play(content)).lines).toEqual(lines);
    expect((await play(content, { host: 'pure' })).lines).toEqual(lines);
  });
});
