/** Each wish of a routing plan changes the plan that comes of it (spec 5, section 2.3): rows with and without it. */
import { describe, expect, test } from '@jest/globals';
import { fromSteps } from '../../src/dtos/decimal.js';
import type { FillwrightError } from '../../src/dtos/errors.js';
import {
  chooseStrategy,
  type EntryTerms,
  type RoutingWishes,
  type StrategyContext,
  strategyOf,
} from '../../src/strategies/index.js';
import { BTC, contextOf, EVEN, MINUTE, progressOf, T0 } from './support.js';

const MARKET: EntryTerms = { order_type: 'MARKET' };
const LIMIT: EntryTerms = { order_type: 'LIMIT', limit_price: '100', direction: 'BUY' };

/** What a command with these wishes would do: its strategy, its slices, and how the first order goes out. */
function planOf(wishes: RoutingWishes, entry: EntryTerms): string {
  const { strategy, params } = chooseStrategy(wishes, entry);
  const planner = strategyOf(strategy);
  const minutes = wishes.max_execution_window_minutes;
  const spans = [planner.duration(params), minutes === undefined ? null : minutes * MINUTE];
  const ends = spans.flatMap((ms) => (ms === null ? [] : [T0 + ms]));
  const context: StrategyContext<unknown> = contextOf<unknown>(params, {
    ...{ target: 1000, instrument: BTC, maxSlippage: wishes.max_slippage_pct ?? '0' },
    endsAt: ends.length === 0 ? null : Math.min(...ends),
  });
  planner.check(context, EVEN);
  const rows = planner
    .schedule(context, EVEN)
    .map(({ at, quantity, price }) => `${(at - T0) / 1000}s ${fromSteps(quantity, '0.001')}@${price}`);
  const [order] = planner.decide(
    ...([context, planner.initial(context), progressOf(1000, { slots: [] }), EVEN, T0, 'START'] as const),
  ).orders;
  const how = `${order?.timeInForce}${order?.postOnly ? ' post-only' : ''}`;
  return `${strategy} ${how}: ${rows.join(', ')}`;
}

const refusalOf = (wishes: RoutingWishes, entry: EntryTerms): string => {
  try {
    return planOf(wishes, entry);
  } catch (error) {
    const { code, path } = error as FillwrightError;
    return `${code} ${path}`;
  }
};

const TWAP = {
  preferred_execution_style: 'TWAP',
  max_execution_window_minutes: 1,
  chunk_count_hint: 2,
} as const;

describe('the rows of the specification', () => {
  test.each<[string, RoutingWishes, EntryTerms, string]>([
    ['a preferred TWAP', TWAP, MARKET, 'TWAP'],
    ['a visibility of 0.1', { visibility_preference: '0.1' }, LIMIT, 'ICEBERG'],
    [
      'a UNIFORM chunk distribution',
      { chunk_distribution: 'UNIFORM', max_slippage_pct: '0.01' },
      LIMIT,
      'LAYERED',
    ],
    ['nothing but an urgency of 0.9', { execution_urgency: '0.9' }, MARKET, 'SINGLE'],
  ])('%s', (_, wishes, entry, strategy) => {
    expect(chooseStrategy(wishes, entry).strategy).toBe(strategy);
    expect(planOf(wishes, entry)).toContain(strategy);
  });
});

describe('a plan changes with', () => {
  const even = { chunk_distribution: 'UNIFORM', max_slippage_pct: '0.01', chunk_count_hint: 2 } as const;
  test.each<[string, RoutingWishes, EntryTerms, string]>([
    ['no urgency', {}, LIMIT, 'SINGLE GTC: 0s 1@100'],
    ['urgency: it takes', { execution_urgency: '0.9' }, LIMIT, 'SINGLE IOC: 0s 1@100'],
    ['patience: it only rests', { execution_urgency: '0.1' }, LIMIT, 'SINGLE GTC post-only: 0s 1@100'],
    [
      'visibility',
      { visibility_preference: '0.1' },
      LIMIT,
      `ICEBERG GTC: ${Array(10).fill('0s 0.1@100').join(', ')}`,
    ],
    [
      'less visibility',
      { visibility_preference: '0.05' },
      LIMIT,
      `ICEBERG GTC: ${Array(20).fill('0s 0.05@100').join(', ')}`,
    ],
    ['more visibility: none is hidden', { visibility_preference: '0.5' }, LIMIT, 'SINGLE GTC: 0s 1@100'],
    ['two chunks', TWAP, MARKET, 'TWAP IOC: 0s 0.5@100, 30s 0.5@100'],
    [
      'three chunks',
      { ...TWAP, chunk_count_hint: 3 },
      MARKET,
      'TWAP IOC: 0s 0.334@100, 20s 0.333@100, 40s 0.333@100',
    ],
    [
      'a longer window',
      { ...TWAP, max_execution_window_minutes: 2 },
      MARKET,
      'TWAP IOC: 0s 0.5@100, 60s 0.5@100',
    ],
    ['a slippage bound', { ...TWAP, max_slippage_pct: '0.02' }, MARKET, 'TWAP IOC: 0s 0.5@102, 30s 0.5@102'],
    ['even chunks', even, LIMIT, 'LAYERED GTC: 0s 0.5@100, 0s 0.5@99'],
    [
      'front-loaded chunks',
      { ...even, chunk_distribution: 'FRONT_LOADED' },
      LIMIT,
      'LAYERED GTC: 0s 0.667@100, 0s 0.333@99',
    ],
    [
      'back-loaded chunks',
      { ...even, chunk_distribution: 'BACK_LOADED' },
      LIMIT,
      'LAYERED GTC: 0s 0.333@100, 0s 0.667@99',
    ],
    [
      'three levels',
      { ...even, chunk_count_hint: 3 },
      LIMIT,
      'LAYERED GTC: 0s 0.334@100, 0s 0.333@99.5, 0s 0.333@99',
    ],
    [
      'a wider slippage bound',
      { ...even, max_slippage_pct: '0.1' },
      LIMIT,
      'LAYERED GTC: 0s 0.5@100, 0s 0.5@90',
    ],
    ['must_complete_immediately', { must_complete_immediately: true }, LIMIT, 'SINGLE IOC: 0s 1@100'],
  ])('%s', (_, wishes, entry, plan) => {
    expect(planOf(wishes, entry)).toBe(plan);
  });

  test('must_complete_immediately: what takes its time is refused where it was asked for', () => {
    const path = 'PLAN_INFEASIBLE routing_plan.must_complete_immediately';
    for (const [wishes, entry] of [
      [TWAP, MARKET],
      [{ visibility_preference: '0.1' }, LIMIT],
      [even, LIMIT],
    ] as const) {
      expect(refusalOf(wishes, entry)).not.toContain('PLAN_INFEASIBLE');
      expect(refusalOf({ ...wishes, must_complete_immediately: true }, entry)).toBe(path);
    }
  });

  test('RANDOM chunks: slices of other sizes that sum to the same', () => {
    const random = planOf({ ...TWAP, chunk_count_hint: 4, chunk_distribution: 'RANDOM' }, MARKET);
    expect(random).not.toBe(planOf({ ...TWAP, chunk_count_hint: 4 }, MARKET));
    const sum = [...random.matchAll(/s ([\d.]+)@/g)].reduce((total, [, size]) => total + Number(size), 0);
    expect(sum).toBeCloseTo(1, 9);
  });

  test('a window: every strategy that would take longer ends with it', () => {
    const twap = { strategy: 'TWAP', duration_seconds: 600, slices: 2 };
    const strategy_params = chooseStrategy(TWAP, MARKET).params;
    const own = { strategy_params: { ...strategy_params, ...twap } } as RoutingWishes;
    expect(planOf(own, MARKET)).toBe('TWAP IOC: 0s 0.5@100, 300s 0.5@100');
    expect(planOf({ ...own, max_execution_window_minutes: 1 }, MARKET)).toBe(
      'TWAP IOC: 0s 0.5@100, 30s 0.5@100',
    );
  });

  test('nothing else once strategy_params say it', () => {
    const own: RoutingWishes = { strategy_params: chooseStrategy(TWAP, MARKET).params as never };
    const plan = planOf(own, MARKET);
    const hints: RoutingWishes = { execution_urgency: '1', visibility_preference: '0', chunk_count_hint: 7 };
    expect(planOf({ ...own, ...hints, preferred_execution_style: 'ICEBERG' }, MARKET)).toBe(plan);
  });
});
