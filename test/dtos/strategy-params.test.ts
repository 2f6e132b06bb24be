/** Every rule of strategy_params: what is refused, where, and in which words. */
import { describe, expect, test } from '@jest/globals';
import { StrategyParamsSchema } from '../../src/dtos/strategy-params.js';
import { linesOf, type Wire } from './make.js';

const amount = { quantity: '1', unit: 'BASE' };
const VALID: Readonly<Record<string, Wire>> = {
  SINGLE: {},
  TWAP: { duration_seconds: 600, slices: 5 },
  VWAP: { duration_seconds: 600, curve: ['1', '0', '3.5'] },
  POV: { participation_rate: '0.05' },
  ICEBERG: { visible_ratio: '0.1' },
  DCA: { amount, frequency: '0 9 * * 1-5' },
  LAYERED: { levels: 3, spacing_ticks: 10 },
};

const found = (strategy: string, change: Wire): string[] =>
  linesOf(StrategyParamsSchema, { strategy, ...VALID[strategy], ...change }, 'p').map((line) =>
    line.slice(2),
  );

test.each(Object.keys(VALID))(
  '%s with what it needs is accepted, and without parameters it does not know',
  (name) => {
    expect(found(name, {})).toEqual([]);
    expect(found(name, { slice_count: 3 })).toEqual(['slice_count: unknown key']);
  },
);

test.each<[unknown, string]>([
  [{}, 'p.strategy: is required'],
  [{ strategy: 'SNIPER' }, 'p.strategy: must be one of SINGLE, TWAP, VWAP, POV, ICEBERG, DCA, LAYERED'],
  [{ strategy: 7 }, 'p.strategy: must be one of SINGLE, TWAP, VWAP, POV, ICEBERG, DCA, LAYERED'],
])('%j names no strategy', (value, line) => {
  expect(linesOf(StrategyParamsSchema, value, 'p')).toEqual([line]);
});

describe.each(Object.keys(VALID))('%s refuses what no algorithm takes:', (name) => {
  test.each<[Wire, string]>([
    [{ limit_price: '0' }, 'limit_price: must be positive'],
    [{ order_type: 'STOP' }, 'order_type: must be one of MARKET, LIMIT, STOP_LIMIT'],
    [
      { min_child_quantity: '2', max_child_quantity: '1' },
      'max_child_quantity: must not be below min_child_quantity',
    ],
    [{ max_participation: '0' }, 'max_participation: must be above 0 and at most 1'],
    [{ max_participation: '1.1' }, 'max_participation: must be above 0 and at most 1'],
    [{ size_jitter_pct: '-0.1' }, 'size_jitter_pct: must be between 0 and 1'],
    [{ seed: -1 }, 'seed: must be between 0 and 9007199254740991'],
    [{ on_reject: 'IGNORE' }, 'on_reject: must be one of RETRY, SKIP, STOP'],
    [{ on_deadline: 'IGNORE' }, 'on_deadline: must be one of CANCEL, SWEEP, LEAVE'],
    [{ max_catch_up_factor: '0.9' }, 'max_catch_up_factor: must be at least 1'],
    [
      { duration_seconds: 600, sweep_lead_seconds: 600 },
      'sweep_lead_seconds: must be shorter than duration_seconds',
    ],
    [{ duration_seconds: 0 }, 'duration_seconds: must be between 1 and 31536000'],
    [{ post_only: true, order_type: 'MARKET' }, 'post_only: contradicts order_type MARKET'],
    [{ post_only: true, time_in_force: 'FOK' }, 'post_only: contradicts time_in_force FOK'],
  ])('%j', (change, line) => {
    expect(found(name, change)).toContain(line);
  });
});

test.each(Object.keys(VALID))('%s finds one thing wrong with a duration of nothing', (name) => {
  expect(found(name, { duration_seconds: 0 })).not.toContain(
    'sweep_lead_seconds: must be shorter than duration_seconds',
  );
});

test.each<[string, Wire, string]>([
  ['SINGLE', { chase: { distance_ticks: -1 } }, 'chase.distance_ticks: must be between 0 and 1000000'],
  [
    'SINGLE',
    { chase: { distance_ticks: 0 }, order_type: 'MARKET' },
    'chase: contradicts order_type MARKET: a chased order is a LIMIT',
  ],
  ['SINGLE', { chase: { distance_ticks: 0 }, time_in_force: 'IOC' }, 'chase: contradicts time_in_force IOC'],
  ['TWAP', { slices: null }, 'slices: TWAP requires slices or interval_seconds'],
  ['TWAP', { interval_seconds: 10 }, 'interval_seconds: contradicts slices: give one of them'],
  [
    'TWAP',
    { slices: null, duration_seconds: 31_536_000, interval_seconds: 1 },
    'interval_seconds: gives more than 100000 slices',
  ],
  ['VWAP', { curve: [] }, 'curve: must not be empty'],
  ['VWAP', { curve: ['0', '0.00'] }, 'curve: must have a weight above 0'],
  ['VWAP', { curve: ['1', '-1'] }, 'curve[1]: must not be negative'],
  ['VWAP', { slices: 3, interval_seconds: 10 }, 'interval_seconds: contradicts slices: give one of them'],
  [
    'VWAP',
    { duration_seconds: 31_536_000, interval_seconds: 1 },
    'interval_seconds: gives more than 100000 slices',
  ],
  ['POV', { participation_rate: '1.0' }, 'participation_rate: must be below 1'],
  ['POV', { participation_rate: '0' }, 'participation_rate: must be above 0 and at most 1'],
  [
    'POV',
    { min_rate: '0.1' },
    'participation_rate: contradicts min_rate and max_rate: give one or the other',
  ],
  [
    'POV',
    { participation_rate: null },
    'participation_rate: POV requires participation_rate, or min_rate and max_rate',
  ],
  [
    'POV',
    { participation_rate: null, min_rate: '0.1' },
    'participation_rate: POV requires participation_rate, or min_rate and max_rate',
  ],
  [
    'POV',
    { participation_rate: null, min_rate: '0.2', max_rate: '0.1', duration_seconds: 9 },
    'max_rate: must not be below min_rate',
  ],
  [
    'POV',
    { participation_rate: null, min_rate: '0.1', max_rate: '0.2' },
    'min_rate: a band needs complete_by or duration_seconds to choose within it',
  ],
  ['POV', { on_conflict: 'COMPLETE' }, 'on_conflict: COMPLETE needs complete_by'],
  ['POV', { order_type: 'STOP_LIMIT' }, 'order_type: POV sends MARKET or LIMIT orders'],
  [
    'ICEBERG',
    { display_quantity: '1' },
    'display_quantity: ICEBERG requires visible_ratio or display_quantity, and not both',
  ],
  [
    'ICEBERG',
    { visible_ratio: null },
    'display_quantity: ICEBERG requires visible_ratio or display_quantity, and not both',
  ],
  ['ICEBERG', { time_in_force: 'IOC' }, 'time_in_force: an iceberg rests: IOC contradicts it'],
  ['DCA', { frequency: null }, 'frequency: DCA requires frequency or price_steps, and not both'],
  [
    'DCA',
    { price_steps: [{ price: '1' }] },
    'frequency: DCA requires frequency or price_steps, and not both',
  ],
  ['DCA', { frequency: '* * *' }, 'frequency: must be a cron expression of five or six fields'],
  ['DCA', { frequency: '' }, 'frequency: must be a cron expression of five or six fields'],
  ['DCA', { frequency: '0  0 * *' }, 'frequency: holds what no cron field may'],
  ['DCA', { frequency: '* * * * $' }, 'frequency: holds what no cron field may'],
  ['DCA', { frequency: '@daily' }, 'frequency: must be a cron expression of five or six fields'],
  [
    'DCA',
    { frequency: `0${'1'.repeat(130)} * * * *` },
    'frequency: must be a cron expression of five or six fields',
  ],
  ['DCA', { frequency: 5 }, 'frequency: must be a cron expression, or {period_seconds} from 1 to 31536000'],
  [
    'DCA',
    { frequency: { period_seconds: 0 } },
    'frequency: must be a cron expression, or {period_seconds} from 1 to 31536000',
  ],
  ['DCA', { time_zone: 'Mars/Phobos' }, 'time_zone: must be an IANA time zone such as "Europe/Berlin"'],
  ['DCA', { time_zone: '+01:00' }, 'time_zone: must be an IANA time zone such as "Europe/Berlin"'],
  ['DCA', { amount: undefined }, 'amount: is required'],
  ['DCA', { amount: { quantity: '1', unit: 'LOTS' } }, 'amount.unit: must be one of BASE, QUOTE'],
  ['DCA', { frequency: null, price_steps: [] }, 'price_steps: must not be empty'],
  [
    'DCA',
    { frequency: null, price_steps: [{ price: '1' }], occurrences: 2 },
    'occurrences: contradicts price_steps: each step is placed once',
  ],
  ['DCA', { order_type: 'STOP_LIMIT' }, 'order_type: DCA sends MARKET or LIMIT orders'],
  ['LAYERED', { levels: 201 }, 'levels: must be between 1 and 200'],
  [
    'LAYERED',
    { spacing_ticks: null },
    'price_range: LAYERED requires price_range or spacing_ticks, and not both',
  ],
  [
    'LAYERED',
    { price_range: { min: '1', max: '2' } },
    'price_range: LAYERED requires price_range or spacing_ticks, and not both',
  ],
  [
    'LAYERED',
    { spacing_ticks: null, price_range: { min: '2', max: '1' } },
    'price_range.max: must not be below min',
  ],
  ['LAYERED', { order_type: 'MARKET' }, 'order_type: levels are LIMIT orders'],
  ['LAYERED', { time_in_force: 'FOK' }, 'time_in_force: levels rest: FOK contradicts it'],
])('%s refuses %j', (name, change, line) => {
  expect(found(name, change)).toContain(line);
});
