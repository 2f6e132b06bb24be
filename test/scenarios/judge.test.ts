/** The command line as somebody else's script would try it: odd input, refusals, every kind of recording. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { unzipSync } from 'fflate';
import type { BatchView } from '../../src/index.js';
import { cli } from '../cli/harness.js';
import {
  brief,
  cleanUp,
  entry,
  fillsOf,
  freshPath,
  INSTRUMENTS,
  opening,
  planId,
  recording,
  writeScenario,
} from './support.js';

afterAll(cleanUp);

const made = {
  source: 'synthetic',
  seed: 5,
  symbols: { 'BTC/USDT': '60000', 'ETH/USDT': '2500' },
  start: '2025-01-06T09:00:00Z',
  duration_seconds: 60,
};
const buy = (more: object = {}) => opening({ n: 1, symbol: 'BTC/USDT', side: 'BUY', size: '0.5', ...more });
const sound = (commands: readonly object[] = [buy()], more: object = {}) => ({
  market: made,
  instruments: INSTRUMENTS,
  directives: [entry({ n: 1, commands })],
  ...more,
});

/** A copy of a value with another value at a path: `directives[0].commands[0].size_plan.position_size`. */
function bent(content: object, path: string, value: unknown): object {
  const copy = structuredClone(content) as Record<string, unknown>;
  const keys = path.replace(/\[(\d+)\]/g, '.$1').split('.');
  const last = keys.pop() ?? '';
  let at = copy;
  for (const key of keys) at = at[key] as Record<string, unknown>;
  at[last] = value;
  return copy;
}

interface Refusal {
  readonly code: number;
  readonly lines: readonly string[];
  readonly out: string;
  readonly journal: boolean;
}

async function refusal(file: string): Promise<Refusal> {
  const journal = freshPath('refused.journal');
  const { code, out, err } = await cli(['run', file, '--journal', journal]);
  return { code, lines: err.trimEnd().split('\n'), out, journal: existsSync(journal) };
}

const COMMAND = 'directives[0].commands[0]';

describe('a scenario that is wrong', () => {
  const two = sound([buy(), opening({ n: 2, symbol: 'ETH/USDT', side: 'SELL', size: '5' })]);
  test.each<[string, object, string, unknown, number, string]>([
    ['a key nobody knows', sound(), 'marktet', {}, 3, 'marktet'],
    [
      'a key nobody knows, deep down',
      sound(),
      `${COMMAND}.routing_plan.urgency`,
      '1',
      3,
      `${COMMAND}.routing_plan`,
    ],
    [
      'a number for a quantity',
      sound(),
      `${COMMAND}.size_plan.position_size`,
      0.5,
      3,
      `${COMMAND}.size_plan.position_size`,
    ],
    ['a number for a price', sound(), 'market.symbols', { 'BTC/USDT': 60000 }, 3, 'market.symbols'],
    [
      'a quantity off the lot',
      sound(),
      `${COMMAND}.size_plan.position_size`,
      '0.500001',
      3,
      `${COMMAND}.size_plan.position_size`,
    ],
    [
      'an exponent',
      sound(),
      `${COMMAND}.size_plan.position_size`,
      '5e-1',
      3,
      `${COMMAND}.size_plan.position_size`,
    ],
    [
      'a price off the tick',
      sound([buy({ limit: '60000.005' })]),
      'venue',
      {},
      3,
      `${COMMAND}.entry_plan.limit_price`,
    ],
    ['leverage', sound(), `${COMMAND}.size_plan.leverage`, '2', 3, `${COMMAND}.size_plan.leverage`],
    ['another venue', sound(), `${COMMAND}.routing_plan.venue`, 'kraken', 3, `${COMMAND}.routing_plan.venue`],
    [
      'a symbol outside the market',
      sound(),
      `${COMMAND}.entry_plan.symbol`,
      'SOL/USDT',
      3,
      `${COMMAND}.entry_plan.symbol`,
    ],
    [
      'a directive after the end of the market',
      sound(),
      'directives[0].at',
      '2025-01-06T10:00:00Z',
      3,
      'directives[0].at',
    ],
    [
      'the same plan twice',
      two,
      'directives[0].commands[1].plan_id',
      'TPL_20250106_090000_00000001',
      3,
      'directives[0].commands',
    ],
    [
      'a strategy that contradicts the entry plan',
      sound(),
      `${COMMAND}.routing_plan.strategy_params`,
      { strategy: 'SINGLE', order_type: 'LIMIT', limit_price: '60000' },
      3,
      `${COMMAND}.routing_plan.strategy_params`,
    ],
    [
      'a strategy that is not built in',
      sound(),
      `${COMMAND}.routing_plan.strategy_params`,
      { strategy: 'ICEBERG' },
      3,
      `${COMMAND}.routing_plan.strategy_params`,
    ],
    [
      'slices and an interval',
      sound(),
      `${COMMAND}.routing_plan.strategy_params`,
      { strategy: 'TWAP', duration_seconds: 10, slices: 2, interval_seconds: 5 },
      3,
      `${COMMAND}.routing_plan.strategy_params`,
    ],
    ['live', sound(), 'environment', 'live', 3, 'environment'],
  ])('%s: one line that names file and path, no journal', async (_, content, path, value, code, named) => {
    const file = writeScenario(bent(content, path, value));
    const refused = await refusal(file);
    expect(refused).toMatchObject({ code, out: '', journal: false });
    expect(refused.lines).toHaveLength(1);
    expect(refused.lines[0]).toContain(`${file}: ${named}`);
    expect(refused.lines[0]).not.toMatch(/\.[jt]s:\d+:\d+/);
  });

  test('a missing scenario, a missing recording, broken YAML: exit 2, one line, no journal', async () => {
    const broken = writeScenario({});
    writeFileSync(broken, 'market:\n  source: [recorded\n');
    const absent = {
      source: 'recorded',
      format: 'trades-csv',
      files: ['nowhere.csv'],
      symbols: { btcusdt: 'BTC/USDT' },
    };
    const cases: [string, string][] = [
      [`${dirname(broken)}/absent.yaml`, 'absent.yaml: no such file'],
      [writeScenario(sound([buy()], { market: absent, instruments: {} })), 'market.files[0]: no such file'],
      [broken, `${broken}:3:1: `],
    ];
    for (const [file, text] of cases) {
      const refused = await refusal(file);
      expect(refused).toMatchObject({
        code: 2,
        out: '',
        journal: false,
        lines: [expect.stringContaining(text)],
      });
    }
  });

  test('what only the run can refuse is told by file and directive, too', async () => {
    const directives = [
      entry({ n: 1, commands: [buy()] }),
      entry({ n: 2, at: '2025-01-06T09:00:30Z', scope: 'CLOSE_EXISTING', trades: [9] }),
    ];
    const file = writeScenario({ ...sound(), directives });
    expect(await refusal(file)).toMatchObject({
      code: 3,
      journal: false,
      lines: expect.arrayContaining([
        `${file}: directives[1].commands[0].target_plan_id: no trade TPL_20250106_090000_00000009`,
      ]),
    });
  });

  test('one plan opened by two directives is refused before anything runs', async () => {
    const again = { ...opening({ n: 2, symbol: 'BTC/USDT', side: 'BUY', size: '1' }), plan_id: planId(1) };
    const directives = [entry({ n: 1, commands: [buy()] }), entry({ n: 2, commands: [again] })];
    const refused = await refusal(writeScenario({ ...sound(), directives }));
    expect(refused).toMatchObject({ code: 3, journal: false });
    expect(refused.lines).toEqual([expect.stringContaining('directives[1].commands[0].plan_id: TPL_')]);
  });

  test('COORDINATED legs on both sides of one instrument are refused', async () => {
    const commands = [buy(), opening({ n: 2, symbol: 'BTC/USDT', side: 'SELL', size: '0.1' })];
    const content = { ...sound(), directives: [entry({ n: 1, policy: { mode: 'COORDINATED' }, commands })] };
    const refused = await refusal(writeScenario(content));
    expect(refused).toMatchObject({ code: 3, journal: false });
    expect(refused.lines[0]).toContain('directives[0].commands[1].entry_plan.direction: COORDINATED refuses');
  });

  test('a journal that holds something is never overwritten', async () => {
    const journal = freshPath('full.journal');
    writeFileSync(journal, 'precious\n');
    const { code, err } = await cli(['run', writeScenario(sound()), '--journal', journal]);
    expect(code).toBe(2);
    expect(err).toContain(journal);
    expect(readFileSync(journal, 'utf8')).toBe('precious\n');
  });

  test('strategy_params may repeat what the entry plan says', async () => {
    const params = { strategy: 'SINGLE', order_type: 'LIMIT', limit_price: '61000' };
    const { code } = await cli(['run', writeScenario(sound([buy({ limit: '61000', params })])), '--quiet']);
    expect(code).toBe(0);
  });
});

const batchesOf = (out: string): BatchView[] => (JSON.parse(out) as { batches: BatchView[] }).batches;

async function ran(content: object): Promise<{ code: number; batches: BatchView[]; err: string }> {
  const { code, out, err } = await cli(['run', writeScenario(content), '--json', '--quiet']);
  return { code, batches: out === '' ? [] : batchesOf(out), err };
}

describe('every kind of recording', () => {
  test('trades-csv: the last trade is the book', async () => {
    const file = freshPath('BTCUSDT-trades-2025-01-06.csv');
    const rows = [
      '1,60000.00,0.30000,18000.00,1736154000000,false,true',
      '2,60010.00,0.30000,18003.00,1736154001000,true,true',
      '3,60020.00,0.10000,6002.00,1736154002000,false,true',
      '4,60030.00,9.00000,540270.00,1736154003000,false,true',
    ];
    writeFileSync(file, `${rows.join('\n')}\n`);
    const market = {
      source: 'recorded',
      format: 'trades-csv',
      files: [file],
      symbols: { BTCUSDT: 'BTC/USDT' },
    };
    const params = { strategy: 'TWAP', duration_seconds: 3, slices: 3 };
    const { code, batches } = await ran(sound([buy({ size: '0.6', params })], { market, instruments: {} }));
    expect(batches[0]?.groups.map(fillsOf)).toEqual([
      // The third trade was of 0.1 only, and its price is over after the last slice.
      ['0.2@60000 TAKER', '0.2@60010 TAKER', '0.1@60020 TAKER'],
    ]);
    expect(brief(batches[0])).toEqual({
      end: 'INDEPENDENT PARTIAL schedule_ended',
      legs: ['BTC/USDT BUY TWAP PARTIAL 0.5/0.6 @60008 schedule_ended'],
      left: [],
    });
    expect(code).toBe(5);
  });

  const bars = recording([
    'coinbase-minute/btcusd_20180405_quote.zip',
    'coinbase-minute/btcusd_20180405_trade.zip',
  ]);
  bars.testOn('lean-bars: an hour in twelve slices at the bids that open their minutes', async () => {
    const market = {
      source: 'recorded',
      format: 'lean-bars',
      files: bars.files,
      symbols: { btcusd: 'BTC/USD' },
    };
    const params = { strategy: 'TWAP', duration_seconds: 3_600, interval_seconds: 300 };
    const command = opening({ n: 1, symbol: 'BTC/USD', side: 'SELL', size: '0.012', params });
    const { code, batches } = await ran({
      market,
      venue: { balances: { BTC: '0.012' } },
      directives: [entry({ n: 1, at: '2018-04-05T12:00:00Z', commands: [command] })],
    });
    const rows = new Map(zippedRows(bars.files[0]).map(([at, bid]) => [Number(at), bid]));
    const bids = Array.from({ length: 12 }, (_, k) => rows.get(43_200_000 + k * 300_000));
    expect(batches[0]?.groups.map(fillsOf)).toEqual([bids.map((bid) => `0.001@${bid} TAKER`)]);
    expect(brief(batches[0]).legs).toEqual([
      'BTC/USD SELL TWAP COMPLETED 0.012/0.012 @6691.25833333 target_reached',
    ]);
    expect(code).toBe(0);
  });

  const ticks = recording(['quote', 'trade'].map((kind) => `us-equity-tick/bac_20131008_tick_${kind}.zip`));
  ticks.testOn(
    'lean-tick: eight hours of a US session in 96 slices, each at the bid of its moment',
    async () => {
      const market = { source: 'recorded', format: 'lean-tick', files: ticks.files, symbols: { bac: 'BAC' } };
      const params = { strategy: 'TWAP', duration_seconds: 28_800, interval_seconds: 300 };
      const command = opening({ n: 1, symbol: 'BAC', side: 'SELL', size: '48000', params });
      const { code, batches } = await ran({
        market,
        venue: { allow_short: true, latency_ms: LATENCY_MS },
        directives: [entry({ n: 1, at: '2013-10-08T12:00:00Z', commands: [command] })],
      });
      const [group] = batches[0]?.groups ?? [];
      expect(brief(batches[0])).toEqual({
        end: 'INDEPENDENT COMPLETED target_reached',
        legs: ['BAC SELL TWAP COMPLETED 48000/48000 @13.78333333 target_reached'],
        left: [],
      });
      const fills = group?.orders.flatMap((order) => order.fills) ?? [];
      const times = fills.map((fill) => Date.parse(fill.executed_at) - MIDNIGHT_IN_NEW_YORK);
      expect(fills.map((fill) => fill.fill_price)).toEqual(bidsAt(ticks.files[0], times));
      expect(code).toBe(0);
    },
  );
});

const LATENCY_MS = 20;
const MIDNIGHT_IN_NEW_YORK = Date.parse('2013-10-08T04:00:00Z');

function zippedRows(file: string | undefined): string[][] {
  const [content] = Object.values(unzipSync(readFileSync(file ?? '')));
  const text = Buffer.from(content ?? []).toString('latin1');
  return text
    .trim()
    .split('\n')
    .map((line) => line.trim().split(','));
}

/** The bid that the last row before or at each moment (ms of the day, ascending) left standing, in dollars. */
function bidsAt(file: string | undefined, times: readonly number[]): string[] {
  let bid = '';
  let next = 0;
  const bids: string[] = [];
  for (const [at = '', price = '', , , , , , suspicious] of zippedRows(file)) {
    while (next < times.length && Number(at) > (times[next] ?? 0)) {
      bids.push(bid);
      next += 1;
    }
    if (price !== '0' && suspicious === '0') bid = String(Number(price) / 10_000);
  }
  return [...bids, ...times.slice(next).map(() => bid)];
}
