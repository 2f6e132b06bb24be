/** Parameters that no schema has seen: each planner refuses them by name, or plans them right. */
import { describe, expect, test } from '@jest/globals';
import type { MarketView } from '../../src/dtos/venue.js';
import { STRATEGIES } from '../../src/strategies/registry.js';
import { BTC, contextOf, EVEN, progressOf, T0 } from './support.js';

const COMMON = {
  ...{ post_only: false, reduce_only: false, size_jitter_pct: '0', time_jitter_pct: '0' },
  ...{ on_reject: 'STOP', max_catch_up_factor: '3', on_deadline: 'CANCEL' },
};
/** Sound parameters, and others that the strategy takes as well. */
const SOUND: Readonly<Record<string, readonly [object, readonly string[]]>> = {
  SINGLE: [{}, ['duration_seconds']],
  TWAP: [{ duration_seconds: 600, slices: 7 }, ['interval_seconds']],
  VWAP: [
    { duration_seconds: 600, curve: ['1', '2', '3'], reforecast: false },
    ['slices', 'interval_seconds'],
  ],
  POV: [
    { participation_rate: '0.1', include_own_fills: true, interval_seconds: 1, on_conflict: 'RATE' },
    ['min_rate', 'max_rate', 'complete_by', 'duration_seconds'],
  ],
  ICEBERG: [
    {
      ...{ display_quantity: '0.1', limit_price: '100', display_variance_pct: '0' },
      ...{ refresh_threshold: '1', native: 'PREFER' },
    },
    ['visible_ratio'],
  ],
  DCA: [
    {
      ...{ frequency: { period_seconds: 60 }, amount: { quantity: '0.1', unit: 'BASE' } },
      ...{ time_zone: 'UTC', missed: 'SKIP', occurrences: 3 },
    },
    ['budget', 'price_steps', 'duration_seconds'],
  ],
  LAYERED: [
    { levels: 5, price_range: { min: '98', max: '99' }, distribution: 'UNIFORM', replenish: true },
    ['spacing_ticks', 'max_open'],
  ],
};
const OF_ALL = ['limit_price', 'min_child_quantity', 'max_child_quantity', 'max_participation'];
const WORDS = ['on_reject', 'on_deadline', 'native', 'missed', 'on_conflict', 'distribution', 'time_zone'];
const NONSENSE: readonly unknown[] = [
  ...[
    0,
    -1,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    2.5,
    1e300,
    '',
    'abc',
    'NaN',
    '-1',
    '0',
    '1e5',
    'Infinity',
  ],
  ...['5', '0.00000001', undefined, {}, []],
];
const VIEW: MarketView = { ...EVEN, volume: '1000' };

/** The plan and first decision of what a check lets pass; null: it was refused, by a typed error with its path. */
function planOf(name: string, params: object, change: object = {}) {
  const strategy = STRATEGIES.get(name)!;
  const instrument = { ...BTC, minNotional: '5' };
  const context = contextOf<unknown>(
    { ...COMMON, ...params },
    { instrument, startVolume: '1000', ...change },
  );
  try {
    strategy.check(context, VIEW);
  } catch (error) {
    const { code, path } = error as { code?: string; path?: string };
    if (code !== 'PLAN_INFEASIBLE' || !/^(routing|size)_plan\b/.test(path ?? '')) throw error;
    return null;
  }
  const progress = progressOf(context.target, { slots: [] });
  const decision = strategy.decide(context, strategy.initial(context), progress, VIEW, T0, 'START');
  return { target: context.target, rows: strategy.schedule(context, VIEW), decision };
}

function judge(name: string, params: object, change: object = {}): void {
  const plan = planOf(name, params, change);
  if (plan === null) return;
  const { rows, target, decision } = plan;
  for (const { at, quantity } of rows) {
    if (!Number.isSafeInteger(quantity) || quantity < 1) throw new Error(`a slice of ${quantity} lots`);
    if (!Number.isSafeInteger(at) || at < T0) throw new Error(`a slice at ${at}`);
  }
  const sum = rows.reduce((total, { quantity }) => total + quantity, 0);
  if (name === 'DCA' ? sum > target : name !== 'POV' && sum !== target)
    throw new Error(`${sum} of ${target} lots`);
  const sent = decision.orders.reduce((total, { quantity }) => total + quantity, 0);
  if (!(sent <= target)) throw new Error(`${sent} lots are sent`);
  if (decision.wakeAt !== null && !(decision.wakeAt >= T0)) throw new Error(`woken at ${decision.wakeAt}`);
}

describe.each([...STRATEGIES.keys()])('a %s', (name) => {
  const [sound, more] = SOUND[name]!;
  const base = { ...COMMON, ...sound };
  const fields = [...Object.keys(base), ...more, ...OF_ALL].filter((field) => !WORDS.includes(field));

  test('takes its sound parameters', () => {
    expect(planOf(name, base)).not.toBeNull();
  });

  test('refuses nonsense in any field, with the path of it, or makes a sound plan', () => {
    for (const field of fields) {
      for (const value of NONSENSE) {
        try {
          judge(name, { ...base, [field]: value });
        } catch (error) {
          throw new Error(`${field}: ${JSON.stringify(value) ?? 'undefined'}: ${String(error)}`);
        }
      }
    }
  });

  test('refuses a target or a slippage bound that is none', () => {
    for (const target of [0, -1, Number.NaN, Number.POSITIVE_INFINITY, 2.5, 2 ** 53]) {
      expect(planOf(name, base, { target })).toBeNull();
    }
    for (const maxSlippage of ['', 'NaN', '-1', '2', 'abc', 0.1]) {
      expect(planOf(name, base, { maxSlippage })).toBeNull();
    }
  });

  test('makes a sound plan of any target that reaches the minimum, and refuses the others', () => {
    for (let target = 1; target < 700; target += target < 120 ? 1 : 37) judge(name, base, { target });
    expect(planOf(name, base, { target: 1 })).toBeNull();
  });

  test('makes a sound plan of any end', () => {
    for (const ms of [1, 2, 999, 1000, 60_001, 599_999, 600_000]) judge(name, base, { endsAt: T0 + ms });
  });
});
