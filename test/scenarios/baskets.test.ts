/** Several legs on a recording: a flash-crash exit, a basket that belongs together, a rotation. */
import { afterAll, describe, expect } from '@jest/globals';
import { verifyFills } from './book.js';
import {
  binance,
  brief,
  cleanUp,
  entry,
  FEES,
  INSTRUMENTS,
  opening,
  type Played,
  play,
  resizing,
} from './support.js';
import { binanceTicks } from './ticks.js';

const { testOn, market, btc, eth } = binance(['20240808']);
const LATENCY_MS = 20;
const start = '2024-08-08T23:55:00Z';
const later = '2024-08-08T23:56:00Z';
afterAll(cleanUp);

const scenario = (directives: readonly object[], venue: object = { allow_short: true }) => ({
  market,
  instruments: INSTRUMENTS,
  venue: { latency_ms: LATENCY_MS, fees_bps: FEES, ...venue },
  directives,
});

/** How many fills took exactly what the recorded book held; every fill of these scenarios takes. */
function verifiedFills({ batches }: Played): number {
  const groups = batches.flatMap((batch) => batch.groups);
  const check = (files: readonly string[], symbol: string, lot: string) =>
    verifyFills(
      binanceTicks(files),
      groups.filter((group) => group.symbol === symbol),
      { lot, latency: LATENCY_MS },
    );
  const checks = [check(btc, 'BTC/USDT', '0.00001'), check(eth, 'ETH/USDT', '0.0001')];
  expect(checks.flatMap(({ wrong }) => wrong)).toEqual([]);
  return checks.reduce((sum, { taken }) => sum + taken, 0);
}

describe('a flash-crash exit', () => {
  testOn('closes three positions, long and short, with one directive and no commands', async () => {
    const played = await play(
      scenario([
        entry({
          n: 1,
          at: start,
          commands: [
            opening({ n: 1, symbol: 'BTC/USDT', side: 'BUY', size: '3' }),
            opening({ n: 2, symbol: 'ETH/USDT', side: 'SELL', size: '100' }),
            opening({ n: 3, symbol: 'ETH/USDT', side: 'BUY', size: '40' }),
          ],
        }),
        entry({ n: 2, at: later, scope: 'CLOSE_EXISTING', trades: [1, 2, 3] }),
      ]),
    );
    const [, exit] = played.batches;
    expect(brief(exit)).toEqual({
      end: 'INDEPENDENT COMPLETED target_reached',
      legs: [
        'BTC/USDT SELL SINGLE COMPLETED 3/3 @61768.21133587 target_reached',
        'ETH/USDT BUY SINGLE COMPLETED 100/100 @2682.44298753 target_reached',
        'ETH/USDT SELL SINGLE COMPLETED 40/40 @2681.91330878 target_reached',
      ],
      left: [],
    });
    expect(verifiedFills(played)).toBe(141);
    const positions = played.result.runtime.positions();
    expect(positions.map((position) => position.position_size)).toEqual(['0', '0', '0']);
    expect(exit?.groups.flatMap(({ orders }) => orders).every((order) => order.reduce_only)).toBe(true);
  });
});

describe('a basket of three legs', () => {
  const hedge = opening({
    n: 3,
    symbol: 'ETH/USDT',
    side: 'SELL',
    size: '34.5',
    params: { strategy: 'TWAP', duration_seconds: 30, slices: 3 },
  });
  const twap = (slices: number, seconds: number) =>
    opening({
      n: 1,
      symbol: 'BTC/USDT',
      side: 'BUY',
      size: '1',
      params: { strategy: 'TWAP', duration_seconds: seconds, slices },
    });
  const resting = (limit: string) => opening({ n: 2, symbol: 'BTC/USDT', side: 'BUY', size: '0.5', limit });
  const together = (commands: readonly object[]) =>
    scenario([entry({ n: 1, at: start, policy: { mode: 'COORDINATED', timeout_seconds: 60 }, commands })]);

  testOn('completes when all three do', async () => {
    const played = await play(together([twap(4, 20), resting('61840'), hedge]));
    expect(brief(played.batches[0])).toEqual({
      end: 'COORDINATED COMPLETED target_reached',
      legs: [
        'BTC/USDT BUY TWAP COMPLETED 1/1 @61841.9950436 target_reached',
        'BTC/USDT BUY SINGLE COMPLETED 0.5/0.5 @61834.3584614 target_reached',
        'ETH/USDT SELL TWAP COMPLETED 34.5/34.5 @2683.41900586 target_reached',
      ],
      left: [],
    });
    expect(verifiedFills(played)).toBe(21);
  });

  testOn('sends the two that filled back when the third does not', async () => {
    const played = await play(together([twap(5, 50), resting('61700'), hedge]));
    const [batch] = played.batches;
    expect(brief(batch)).toEqual({
      end: 'COORDINATED FAILED timeout',
      legs: [
        'BTC/USDT BUY TWAP COMPLETED 1/1 @61832.5855436 target_reached',
        'BTC/USDT BUY SINGLE CANCELLED 0/0.5 timeout',
        'ETH/USDT SELL TWAP COMPLETED 34.5/34.5 @2683.41900586 target_reached',
        'unwind ETH/USDT BUY SINGLE COMPLETED 34.5/34.5 @2682.2252298 target_reached',
        'unwind BTC/USDT SELL SINGLE COMPLETED 1/1 @61771.3363916 target_reached',
      ],
      left: [],
    });
    const offsets = batch?.groups.slice(3).map((group) => group.offsets_group_id);
    expect(offsets).toEqual([batch?.groups[2]?.group_id, batch?.groups[0]?.group_id]);
    expect(verifiedFills(played)).toBe(33);
    expect(played.result.runtime.positions().map((position) => position.position_size)).toEqual(['0', '0']);
  });
});

describe('a rotation', () => {
  const buyBtc = opening({ n: 2, symbol: 'BTC/USDT', side: 'BUY', size: '2' });
  const sellEth = (more: object) => opening({ n: 1, symbol: 'ETH/USDT', side: 'SELL', size: '50', ...more });
  // What the sale brings is all the cash there is: bought first, BTC would be refused.
  const rotate = (sale: object) =>
    scenario(
      [
        entry({
          n: 1,
          at: start,
          policy: { mode: 'SEQUENTIAL', timeout_seconds: 60 },
          commands: [sale, buyBtc],
        }),
      ],
      { balances: { ETH: '50' } },
    );
  const twap = { strategy: 'TWAP', duration_seconds: 10, slices: 5 };

  testOn('buys with what the sale brought, after the sale', async () => {
    const played = await play(rotate(sellEth({ params: twap })));
    const [sale, purchase] = played.batches[0]?.groups ?? [];
    expect(brief(played.batches[0])).toEqual({
      end: 'SEQUENTIAL COMPLETED target_reached',
      legs: [
        'ETH/USDT SELL TWAP COMPLETED 50/50 @2683.46320174 target_reached',
        'BTC/USDT BUY SINGLE COMPLETED 2/2 @61844.517352 target_reached',
      ],
      left: [],
    });
    expect(verifiedFills(played)).toBe(21);
    const sold = sale?.orders.at(-1)?.fills.at(-1)?.executed_at ?? '';
    // The sale is known one latency after it happened.
    const begins = new Date(Date.parse(sold) + LATENCY_MS).toISOString();
    expect(purchase?.orders[0]?.created_at).toBe(begins);
  });

  testOn('buys nothing when the sale does not fill', async () => {
    const { batches, lines } = await play(rotate(sellEth({ limit: '2690' })));
    expect(brief(batches[0])).toEqual({
      end: 'SEQUENTIAL CANCELLED timeout',
      legs: ['ETH/USDT SELL SINGLE CANCELLED 0/50 timeout', 'BTC/USDT BUY SINGLE CANCELLED 0/2 timeout'],
      left: [],
    });
    expect(lines.join('\n').match(/"ORDER_INTENT"/g)).toHaveLength(1);
  });

  testOn('buys nothing when the sale is refused', async () => {
    const { batches, lines } = await play(rotate(sellEth({ size: '50.0001' })));
    expect(brief(batches[0])).toEqual({
      end: 'SEQUENTIAL FAILED execution_error',
      legs: [
        'ETH/USDT SELL SINGLE FAILED 0/50.0001 execution_error',
        'BTC/USDT BUY SINGLE CANCELLED 0/2 sibling_failed',
      ],
      left: [],
    });
    expect(lines.join('\n').match(/"ORDER_INTENT"/g)).toHaveLength(1);
  });
});

describe('a rebalancing', () => {
  testOn('brings two positions to new totals, one down and one up', async () => {
    const played = await play(
      scenario([
        entry({
          n: 1,
          at: start,
          commands: [
            opening({ n: 1, symbol: 'BTC/USDT', side: 'BUY', size: '1' }),
            opening({ n: 2, symbol: 'ETH/USDT', side: 'BUY', size: '20' }),
          ],
        }),
        entry({
          n: 2,
          at: later,
          scope: 'MODIFY_EXISTING',
          trades: [1, 2],
          commands: [resizing(3, 1, '0.4'), resizing(4, 2, '33.5')],
        }),
      ]),
    );
    expect(brief(played.batches[1])).toEqual({
      end: 'INDEPENDENT COMPLETED target_reached',
      legs: [
        'BTC/USDT SELL SINGLE COMPLETED 0.6/0.6 @61773.253092 target_reached',
        'ETH/USDT BUY SINGLE COMPLETED 13.5/13.5 @2682.21 target_reached',
      ],
      left: [],
    });
    expect(verifiedFills(played)).toBe(23);
    const sizes = played.result.runtime.positions().map((position) => position.position_size);
    expect(sizes).toEqual(['0.4', '33.5']);
  });
});
