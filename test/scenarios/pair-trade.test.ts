/** Pair trades on a recording: both legs well, one refused, one filled in part at the timeout. */
import { afterAll, describe, expect, test } from '@jest/globals';
import type { GroupView } from '../../src/index.js';
import { units, type Verified, verifyFills } from './book.js';
import { binance, brief, cleanUp, entry, FEES, fillsOf, INSTRUMENTS, opening, play } from './support.js';
import { binanceTicks } from './ticks.js';

const { testOn, market, btc, eth } = binance(['20240808']);
const LATENCY_MS = 20;
const start = '2024-08-08T23:55:00Z';
const COORDINATED = { mode: 'COORDINATED', timeout_seconds: 58 };
afterAll(cleanUp);

type Commands = readonly [object, object];
const scenario = (policy: object, commands: Commands, venue: object = { allow_short: true }) => ({
  market,
  instruments: INSTRUMENTS,
  venue: { latency_ms: LATENCY_MS, fees_bps: FEES, ...venue },
  directives: [entry({ n: 1, at: start, policy, commands })],
});

function verified(groups: readonly GroupView[]): Verified[] {
  const of = (symbol: string) => groups.filter((group) => group.symbol === symbol);
  return [
    verifyFills(binanceTicks(btc), of('BTC/USDT'), { lot: '0.00001', latency: LATENCY_MS }),
    verifyFills(binanceTicks(eth), of('ETH/USDT'), { lot: '0.0001', latency: LATENCY_MS }),
  ];
}

const buyBtc = opening({ n: 1, symbol: 'BTC/USDT', side: 'BUY', size: '0.5' });
const sellEth = opening({ n: 2, symbol: 'ETH/USDT', side: 'SELL', size: '12' });
// A maker order far below the bid: it cannot stand.
const crossing = opening({
  n: 2,
  symbol: 'ETH/USDT',
  side: 'SELL',
  size: '12',
  limit: '2600',
  params: { strategy: 'SINGLE', post_only: true },
});
// The market comes down to it just before the timeout: a part is taken.
const patient = opening({ n: 1, symbol: 'BTC/USDT', side: 'BUY', size: '0.2', limit: '61780' });

const BOUGHT = 'BTC/USDT BUY SINGLE COMPLETED 0.5/0.5 @61833.2735576 target_reached';
const BOUGHT_FILLS = ['0.12646@61832', '0.00036@61833.67', '0.34432@61833.68', '0.02886@61834'].map(
  (fill) => `${fill} TAKER`,
);

describe('both legs well', () => {
  testOn('fills both at once, level by level', async () => {
    const { batches } = await play(scenario(COORDINATED, [buyBtc, sellEth]));
    const groups = batches[0]?.groups ?? [];
    expect(brief(batches[0])).toEqual({
      end: 'COORDINATED COMPLETED target_reached',
      legs: [BOUGHT, 'ETH/USDT SELL SINGLE COMPLETED 12/12 @2682.96 target_reached'],
      left: [],
    });
    expect(groups.map(fillsOf)).toEqual([BOUGHT_FILLS, ['12@2682.96 TAKER']]);
    expect(verified(groups)).toEqual([
      { taken: 4, made: 0, wrong: [] },
      { taken: 1, made: 0, wrong: [] },
    ]);
    // Lots of 0.00001 times cents, over 0.5: the average above, in units of 1e-7.
    const notional = 12646n * 6183200n + 36n * 6183367n + 34432n * 6183368n + 2886n * 6183400n;
    expect(notional * 2n).toBe(618332735576n);
  });
});

describe('one leg refused by the venue', () => {
  testOn('COORDINATED: the other leg is sold again, and nothing is left', async () => {
    const { batches } = await play(scenario(COORDINATED, [buyBtc, crossing]));
    const groups = batches[0]?.groups ?? [];
    expect(brief(batches[0])).toEqual({
      end: 'COORDINATED FAILED execution_error',
      legs: [
        BOUGHT,
        'ETH/USDT SELL SINGLE FAILED 0/12 execution_error',
        'unwind BTC/USDT SELL SINGLE COMPLETED 0.5/0.5 @61831.99 target_reached',
      ],
      left: [],
    });
    expect(groups[2]?.offsets_group_id).toBe(groups[0]?.group_id);
    expect(verified(groups)).toEqual([
      { taken: 5, made: 0, wrong: [] },
      { taken: 0, made: 0, wrong: [] },
    ]);
  });

  testOn('COORDINATED with CANCEL_PENDING: what filled is the residual', async () => {
    const policy = { ...COORDINATED, on_leg_failure: 'CANCEL_PENDING' };
    const { batches } = await play(scenario(policy, [buyBtc, crossing]));
    expect(brief(batches[0])).toEqual({
      end: 'COORDINATED PARTIAL execution_error',
      legs: [BOUGHT, 'ETH/USDT SELL SINGLE FAILED 0/12 execution_error'],
      left: ['residual 0.5 BTC/USDT (not_unwound)'],
    });
  });

  testOn('INDEPENDENT: the other leg stays as it is', async () => {
    const { batches } = await play(scenario({ mode: 'INDEPENDENT' }, [buyBtc, crossing]));
    expect(brief(batches[0])).toEqual({
      end: 'INDEPENDENT PARTIAL execution_error',
      legs: [BOUGHT, 'ETH/USDT SELL SINGLE FAILED 0/12 execution_error'],
      left: [],
    });
  });
});

describe('one leg without inventory', () => {
  const venue = { allow_short: false, balances: { USDT: '100000' } };

  testOn('COORDINATED: the pre-check refuses the batch before any order', async () => {
    const { batches, lines } = await play(scenario(COORDINATED, [buyBtc, sellEth], venue));
    expect(brief(batches[0])).toEqual({
      end: 'COORDINATED FAILED pre_check',
      legs: [
        'BTC/USDT BUY SINGLE CANCELLED 0/0.5 sibling_failed',
        'ETH/USDT SELL SINGLE FAILED 0/12 pre_check',
      ],
      left: [],
    });
    expect(lines.join('\n')).not.toContain('ORDER_INTENT');
    expect(lines.join('\n')).toContain('needs 12 ETH, 0 are free');
  });

  testOn('COORDINATED: cash without limit buys no inventory, and the pre-check knows', async () => {
    const { batches, lines } = await play(scenario(COORDINATED, [buyBtc, sellEth], { allow_short: false }));
    expect(batches[0]).toMatchObject({ status: 'FAILED', reason: 'pre_check' });
    expect(lines.join('\n')).not.toContain('ORDER_INTENT');
  });

  testOn('INDEPENDENT: the venue refuses that leg, the other fills', async () => {
    const { batches, lines } = await play(scenario({ mode: 'INDEPENDENT' }, [buyBtc, sellEth], venue));
    expect(brief(batches[0])).toEqual({
      end: 'INDEPENDENT PARTIAL execution_error',
      legs: [BOUGHT, 'ETH/USDT SELL SINGLE FAILED 0/12 execution_error'],
      left: [],
    });
    expect(lines.join('\n')).toContain('short selling of ETH is not allowed');
  });
});

describe('one leg filled in part at the timeout', () => {
  const LEGS = [
    'BTC/USDT BUY SINGLE PARTIAL 0.04329/0.2 @61780 timeout',
    'ETH/USDT SELL SINGLE COMPLETED 12/12 @2682.96 target_reached',
  ];

  testOn('COORDINATED: both are sent back by exactly what they filled', async () => {
    const { batches } = await play(scenario(COORDINATED, [patient, sellEth]));
    const groups = batches[0]?.groups ?? [];
    expect(brief(batches[0])).toEqual({
      end: 'COORDINATED FAILED timeout',
      legs: [
        ...LEGS,
        'unwind ETH/USDT BUY SINGLE COMPLETED 12/12 @2682.81 target_reached',
        'unwind BTC/USDT SELL SINGLE COMPLETED 0.04329/0.04329 @61783.72 target_reached',
      ],
      left: [],
    });
    expect(fillsOf(groups[0])).toEqual(['0.02329@61780 MAKER', '0.02@61780 MAKER']);
    expect(verified(groups)).toEqual([
      { taken: 1, made: 2, wrong: [] },
      { taken: 2, made: 0, wrong: [] },
    ]);
  });

  testOn('is filled by no more than the recording traded at its price, and at that price alone', async () => {
    const from = Date.parse(start) + LATENCY_MS;
    const until = Date.parse(start) + 58_000;
    let there = 0;
    let beyond = 0;
    for (const tick of binanceTicks(btc)) {
      if (tick.kind !== 'trade' || tick.at < from || tick.at > until) continue;
      if (units(tick.price) === units('61780')) there += units(tick.size);
      if (units(tick.price) < units('61780')) beyond += 1;
    }
    expect(beyond).toBe(0);
    expect(there).toBeGreaterThanOrEqual(units('0.04329'));
  });

  testOn('INDEPENDENT: each leg keeps what it has', async () => {
    const policy = { ...COORDINATED, mode: 'INDEPENDENT' };
    const { batches } = await play(scenario(policy, [patient, sellEth]));
    expect(brief(batches[0])).toEqual({ end: 'INDEPENDENT PARTIAL timeout', legs: LEGS, left: [] });
  });
});

test('a pair below the venue minimum is refused at submission, with the quantity that would do', async () => {
  const small = opening({ n: 2, symbol: 'ETH/USDT', side: 'SELL', size: '0.001' });
  const made = {
    source: 'synthetic',
    seed: 1,
    symbols: { 'BTC/USDT': '60000', 'ETH/USDT': '2700' },
    start,
    duration_seconds: 60,
  };
  await expect(play({ ...scenario(COORDINATED, [buyBtc, small]), market: made })).rejects.toMatchObject({
    code: 'PLAN_INFEASIBLE',
    message: expect.stringContaining('at least 0.0019 ETH/USDT is needed'),
  });
});
