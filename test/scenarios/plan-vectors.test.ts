/** Schedules of odd shape through `plan --json`: exact slices where one can be made, a named refusal where not. */
import { afterAll, describe, expect, test } from '@jest/globals';
import { cli } from '../cli/harness.js';
import { cleanUp, entry, INSTRUMENTS, opening, writeScenario } from './support.js';

afterAll(cleanUp);

const START = '2025-01-06T09:00:00Z';
const market = {
  ...{ source: 'synthetic', seed: 5, symbols: { 'BTC/USDT': '60000' } },
  ...{ start: START, duration_seconds: 30 },
};

interface Wish {
  readonly size?: string;
  readonly limit?: string;
  readonly routing?: object;
  /** Of the instrument. */
  readonly terms?: object;
}

/** What the plan says: `seconds:lots` of each slice, or the refusal without its file. Lots of 0.00001. */
async function plan(params: object, { size = '0.5', limit, routing, terms }: Wish = {}): Promise<string> {
  const leg = { n: 1, symbol: 'BTC/USDT', side: 'BUY', size, params } as const;
  const command = opening({
    ...leg,
    ...(limit === undefined ? {} : { limit }),
    ...(routing === undefined ? {} : { routing }),
  });
  const instruments = { 'BTC/USDT': { ...INSTRUMENTS['BTC/USDT'], ...terms } };
  const file = writeScenario({
    market,
    instruments,
    directives: [entry({ n: 1, at: START, commands: [command] })],
  });
  const { code, out, err } = await cli(['plan', file, '--json']);
  if (code !== 0)
    return `${code} ${err
      .trim()
      .split(`${file}: `)[1]
      ?.replace(/^directives\[0\]\.commands\[0\]\./, '')}`;
  const [group] = JSON.parse(out).batches[0].groups;
  const rows = group.slices as { readonly at: string; readonly quantity: string }[];
  const from = Date.parse(START);
  return rows
    .map(({ at, quantity }) => `${(Date.parse(at) - from) / 1000}:${Math.round(Number(quantity) * 100_000)}`)
    .join(' ');
}

const FREE = { terms: { min_notional: '0' } };
const twap = (more: object) => ({ strategy: 'TWAP', ...more });
const vwap = (more: object) => ({ strategy: 'VWAP', ...more });
const curve = ['1', '2', '3'];
const LIMIT = { limit: '60000' };
const window = (minutes: number) => ({ routing: { max_execution_window_minutes: minutes } });

describe('a plan', () => {
  test.each<[string, object, Wish, string]>([
    [
      'of whole intervals',
      twap({ duration_seconds: 100, interval_seconds: 30 }),
      {},
      '0:16667 30:16667 60:16666',
    ],
    ['whose interval is the horizon', twap({ duration_seconds: 30, interval_seconds: 30 }), {}, '0:50000'],
    [
      'whose interval is longer than the horizon',
      twap({ duration_seconds: 10, interval_seconds: 30 }),
      {},
      '0:50000',
    ],
    [
      'of lots that do not divide',
      twap({ duration_seconds: 7, slices: 3 }),
      { ...FREE, size: '0.0001' },
      '0:4 2.333:3 4.666:3',
    ],
    [
      'of fewer lots than slices',
      twap({ duration_seconds: 9, slices: 9 }),
      { ...FREE, size: '0.00003' },
      '0:1 3:1 6:1',
    ],
    [
      'below the minimum in its slices',
      twap({ duration_seconds: 100, slices: 10 }),
      { size: '0.0003' },
      '0:10 33.333:10 66.666:10',
    ],
    [
      'that its window cuts',
      twap({ duration_seconds: 600, slices: 3 }),
      window(1),
      '0:16667 20:16667 40:16666',
    ],
    [
      'of an interval longer than its window',
      twap({ duration_seconds: 600, interval_seconds: 90 }),
      window(1),
      '0:50000',
    ],
    [
      'of a lot that is no power of ten',
      twap({ duration_seconds: 90, slices: 7 }),
      { size: '0.9', terms: { lot_size: '0.3' } },
      '0:30000 30:30000 60:30000',
    ],
    ['of a curve', vwap({ duration_seconds: 90, curve }), {}, '0:8333 30:16667 60:25000'],
    [
      'of a curve with nothing in it at times',
      vwap({ duration_seconds: 90, curve: ['0', '1', '0'] }),
      {},
      '30:50000',
    ],
    [
      'of a curve and an interval longer than it',
      vwap({ duration_seconds: 10, curve, interval_seconds: 30 }),
      {},
      '0:50000',
    ],
    [
      'of more slices than the curve has weights',
      vwap({ duration_seconds: 60, curve: ['1', '3'], slices: 4 }),
      {},
      '0:6250 15:6250 30:18750 45:18750',
    ],
    [
      'of a curve that its window cuts',
      vwap({ duration_seconds: 180, curve }),
      window(2),
      '0:16667 60:33333',
    ],
    ['of one lot', vwap({ duration_seconds: 90, curve }), { ...FREE, size: '0.00001' }, '30:1'],
    [
      'of tips that do not divide',
      { strategy: 'ICEBERG', display_quantity: '0.15' },
      LIMIT,
      '0:15000 0:15000 0:15000 0:5000',
    ],
    [
      'of a last tip that would be dust',
      { strategy: 'ICEBERG', display_quantity: '0.1' },
      { ...LIMIT, size: '0.10001' },
      '0:9992 0:9',
    ],
    ['of a display above the target', { strategy: 'ICEBERG', display_quantity: '2' }, LIMIT, '0:50000'],
    [
      'of amounts that do not divide',
      { strategy: 'DCA', frequency: { period_seconds: 3600 }, amount: { quantity: '0.3', unit: 'BASE' } },
      {},
      '0:30000 3600:20000',
    ],
    [
      'of a period longer than its duration',
      {
        strategy: 'DCA',
        frequency: { period_seconds: 600 },
        duration_seconds: 10,
        amount: { quantity: '0.1', unit: 'BASE' },
      },
      {},
      '0:10000',
    ],
    [
      'of levels that do not divide',
      { strategy: 'LAYERED', levels: 3, price_range: { min: '59000', max: '60000' } },
      LIMIT,
      '0:16667 0:16667 0:16666',
    ],
    [
      'of more levels than ticks',
      { strategy: 'LAYERED', levels: 9, price_range: { min: '59999.99', max: '60000' } },
      LIMIT,
      '0:25000 0:25000',
    ],
  ])('%s', async (_, params, wish, slices) => {
    expect(await plan(params, wish)).toBe(slices);
  });
});

describe('a refusal', () => {
  const SLICED = twap({ duration_seconds: 60, slices: 4 });
  const params = 'routing_plan.strategy_params';
  test.each<[string, object, Wish, string]>([
    [
      'of a duration of 0',
      twap({ duration_seconds: 0, slices: 5 }),
      {},
      `3 ${params}.duration_seconds: must be between 1`,
    ],
    [
      'of a negative duration',
      twap({ duration_seconds: -1, slices: 5 }),
      {},
      `3 ${params}.duration_seconds: must be between 1`,
    ],
    [
      'of a broken duration',
      twap({ duration_seconds: 1.5, slices: 5 }),
      {},
      `3 ${params}.duration_seconds: must be an integer`,
    ],
    ['of no slices', twap({ duration_seconds: 9, slices: 0 }), {}, `3 ${params}.slices: must be between 1`],
    [
      'of an interval of 0',
      twap({ duration_seconds: 9, interval_seconds: 0 }),
      {},
      `3 ${params}.interval_seconds: must be between 1`,
    ],
    [
      'of slices and an interval',
      twap({ duration_seconds: 9, slices: 2, interval_seconds: 3 }),
      {},
      `3 ${params}.interval_seconds: contradicts slices`,
    ],
    ['of a size of 0', SLICED, { size: '0' }, '3 size_plan.position_size: must be positive'],
    ['of a negative size', SLICED, { size: '-1' }, '3 size_plan.position_size: must be positive'],
    [
      'of a size that is none',
      SLICED,
      { size: 'NaN' },
      '3 size_plan.position_size: must be a finite decimal, not NaN',
    ],
    [
      'of an endless size',
      SLICED,
      { size: 'Infinity' },
      '3 size_plan.position_size: must be a finite decimal',
    ],
    [
      'of a size off the lot',
      SLICED,
      { size: '0.000001' },
      '3 size_plan.position_size: 0.000001 is not a multiple of the lot size',
    ],
    [
      'of a jitter that is none',
      { ...SLICED, size_jitter_pct: 'NaN' },
      {},
      `3 ${params}.size_jitter_pct: must be a finite decimal`,
    ],
    [
      'of a target below the minimum',
      SLICED,
      { size: '0.00005' },
      `3 ${params}: 4 slices of 0.00001 BTC/USDT fall below the venue minimum of 5 USDT; not even one slice can be met: it takes 0.00009 BTC/USDT`,
    ],
    [
      'of too large slices',
      { ...SLICED, max_child_quantity: '0.1' },
      {},
      `3 ${params}: 4 slices of at most 0.1 (max_child_quantity) cannot carry 0.5 BTC/USDT; at least 5 slices are needed`,
    ],
    [
      'of a curve without weight',
      vwap({ duration_seconds: 90, curve: ['0', '0'] }),
      {},
      `3 ${params}.curve: must have a weight above 0`,
    ],
    [
      'of a negative weight',
      vwap({ duration_seconds: 90, curve: ['1', '-1'] }),
      {},
      `3 ${params}.curve[1]: must not be negative`,
    ],
    [
      'of a weight that is none',
      vwap({ duration_seconds: 90, curve: ['NaN'] }),
      {},
      `3 ${params}.curve[0]: must be a finite decimal, not NaN`,
    ],
    [
      'of a curve that its window leaves without weight',
      vwap({ duration_seconds: 180, curve: ['0', '0', '1'] }),
      window(2),
      `3 ${params}.curve: the curve has no weight before the end`,
    ],
    [
      'of a whole market',
      { strategy: 'POV', participation_rate: '1' },
      {},
      `3 ${params}.participation_rate: must be below 1`,
    ],
    [
      'of a rate that is none',
      { strategy: 'POV', participation_rate: 'NaN' },
      {},
      `3 ${params}.participation_rate: must be a finite decimal`,
    ],
    [
      'of a tip below the minimum',
      { strategy: 'ICEBERG', display_quantity: '0.00001' },
      LIMIT,
      `3 ${params}.display_quantity: a tip of 0.00001 BTC/USDT falls below the venue minimum of 5 USDT; at least 0.00009 BTC/USDT has to show`,
    ],
    [
      'of a period of 0',
      { strategy: 'DCA', frequency: { period_seconds: 0 }, amount: { quantity: '1', unit: 'BASE' } },
      {},
      `3 ${params}.frequency: must be a cron expression, or`,
    ],
    [
      'of a day that never comes',
      { strategy: 'DCA', frequency: '0 0 30 2 *', amount: { quantity: '0.1', unit: 'BASE' } },
      {},
      `3 ${params}.frequency: "0 0 30 2 *" never comes`,
    ],
    [
      'of an amount below the minimum',
      { strategy: 'DCA', frequency: { period_seconds: 60 }, amount: { quantity: '0.00001', unit: 'BASE' } },
      {},
      `3 ${params}.amount.quantity: an amount of 0.00001 BTC falls below the venue minimum of 5 USDT; at least 0.00009 BTC/USDT is needed`,
    ],
    [
      'of no levels',
      { strategy: 'LAYERED', levels: 0, spacing_ticks: 1 },
      LIMIT,
      `3 ${params}.levels: must be between 1`,
    ],
    [
      'of an empty range',
      { strategy: 'LAYERED', levels: 2, price_range: { min: '2', max: '1' } },
      LIMIT,
      `3 ${params}.price_range.max: must not be below min`,
    ],
    [
      'of one order below the minimum',
      { strategy: 'SINGLE' },
      { size: '0.00001' },
      `3 ${params}: one order of 0.00001 BTC/USDT falls below the venue minimum of 5 USDT; at least 0.00009 BTC/USDT is needed`,
    ],
  ])('%s', async (_, wished, wish, text) => {
    expect(await plan(wished, wish)).toContain(text);
  });
});
