import { describe, expect, test } from '@jest/globals';
import { FillwrightError } from '../../src/dtos/errors.js';
import {
  chooseStrategy,
  defineStrategy,
  type EntryTerms,
  type RoutingWishes,
  STRATEGIES,
  single,
  strategyOf,
} from '../../src/strategies/index.js';
import { singleParams, twapParams } from './support.js';

const MARKET: EntryTerms = { order_type: 'MARKET' };
const LIMIT: EntryTerms = { order_type: 'LIMIT', limit_price: '99' };

const refusal = (run: () => unknown): FillwrightError => {
  try {
    run();
  } catch (error) {
    if (error instanceof FillwrightError) return error;
  }
  throw new Error('nothing was refused');
};
const refused = (routing: RoutingWishes): FillwrightError => refusal(() => chooseStrategy(routing, MARKET));

describe('the translation matrix', () => {
  test('chooses SINGLE when nothing asks for more', () => {
    const choice = chooseStrategy({ visibility_preference: '0.5' }, MARKET);
    expect(choice).toEqual({ strategy: 'SINGLE', params: singleParams({ order_type: 'MARKET' }) });
    expect(chooseStrategy(undefined, undefined).params.order_type).toBe('MARKET');
  });

  test('lets strategy_params win over the preferred style', () => {
    const routing = { strategy_params: singleParams(), preferred_execution_style: 'TWAP' };
    expect(chooseStrategy(routing, MARKET).strategy).toBe('SINGLE');
  });

  test('lets the preferred style win over visibility and chunks', () => {
    const routing: RoutingWishes = {
      preferred_execution_style: 'SINGLE',
      visibility_preference: '0',
      chunk_distribution: 'UNIFORM',
    };
    expect(chooseStrategy(routing, MARKET).strategy).toBe('SINGLE');
  });

  test('reads the style MARKET as one order', () => {
    expect(chooseStrategy({ preferred_execution_style: 'MARKET' }, MARKET).strategy).toBe('SINGLE');
  });

  test('refuses a style that is not installed, where it was asked for', () => {
    const error = refused({ preferred_execution_style: 'SNIPER' });
    expect(error).toMatchObject({
      code: 'STRATEGY_UNAVAILABLE',
      path: 'routing_plan.preferred_execution_style',
    });
    expect(error.message).toContain('SNIPER is not installed (SINGLE, TWAP');
  });

  test('refuses a style that needs parameters no hint can give', () => {
    for (const style of ['VWAP', 'POV', 'DCA'].filter((name) => STRATEGIES.has(name))) {
      const error = refused({ preferred_execution_style: style });
      expect(error).toMatchObject({ code: 'PLAN_INFEASIBLE', path: 'routing_plan.strategy_params' });
      expect(error.message).toMatch(/needs strategy_params with .*; a TWAP needs only a window/);
    }
  });

  test('completes the parameters from the entry plan', () => {
    const stop: EntryTerms = { order_type: 'STOP_LIMIT', limit_price: '99', stop_price: '98' };
    expect(chooseStrategy({}, stop).params).toMatchObject(stop);
    expect(chooseStrategy({ strategy_params: twapParams() }, LIMIT).params).toMatchObject({
      ...LIMIT,
      duration_seconds: 600,
    });
  });

  test('keeps what the parameters say themselves', () => {
    const own = twapParams({ limit_price: '101', time_in_force: 'DAY' });
    const { params } = chooseStrategy({ strategy_params: own }, MARKET);
    expect(params).toEqual({ ...own, order_type: 'MARKET' });
  });

  test('gives a TWAP without parameters the window and the hinted slices, ten unless hinted', () => {
    const routing = { preferred_execution_style: 'TWAP', max_execution_window_minutes: 30 };
    expect(chooseStrategy(routing, MARKET).params).toMatchObject({ duration_seconds: 1800, slices: 10 });
    const hinted = chooseStrategy({ ...routing, chunk_count_hint: 6 }, MARKET);
    expect(hinted).toMatchObject({ strategy: 'TWAP', params: { slices: 6, on_reject: 'STOP' } });
  });

  test('refuses a TWAP without a duration', () => {
    const error = refused({ preferred_execution_style: 'TWAP' });
    expect(error.code).toBe('PLAN_INFEASIBLE');
    expect(error.message).toMatch(/max_execution_window_minutes, or strategy_params/);
  });

  test('refuses a TWAP that must complete immediately', () => {
    const error = refused({ strategy_params: twapParams(), must_complete_immediately: true });
    expect(error).toMatchObject({ code: 'PLAN_INFEASIBLE', path: 'routing_plan.must_complete_immediately' });
  });

  test('lets no LIMIT rest that must complete immediately, unless it is told how long it lives', () => {
    const now = { must_complete_immediately: true };
    expect(chooseStrategy(now, LIMIT).params.time_in_force).toBe('IOC');
    expect(chooseStrategy({}, LIMIT).params.time_in_force).toBeUndefined();
    const maker = { ...now, strategy_params: singleParams({ post_only: true }) };
    expect(chooseStrategy(maker, LIMIT).params.time_in_force).toBeUndefined();
    const own = { ...now, strategy_params: singleParams({ time_in_force: 'FOK' }) };
    expect(chooseStrategy(own, LIMIT).params.time_in_force).toBe('FOK');
  });
});

describe('urgency', () => {
  const single = (execution_urgency: string, entry = LIMIT) =>
    chooseStrategy({ execution_urgency }, entry).params;

  test('lets a LIMIT take only from 0.8 on, and rest only up to 0.2', () => {
    expect(single('0.8')).toMatchObject({ time_in_force: 'IOC', post_only: false });
    expect(single('0.79')).toEqual(single('0.21'));
    expect(single('0.79').time_in_force).toBeUndefined();
    expect(single('0.2')).toMatchObject({ post_only: true });
    expect(single('0.2').time_in_force).toBeUndefined();
  });

  test('changes no MARKET or STOP_LIMIT order', () => {
    const stop: EntryTerms = { order_type: 'STOP_LIMIT', limit_price: '99', stop_price: '98' };
    for (const entry of [MARKET, stop]) {
      for (const urgency of ['0', '1']) expect(single(urgency, entry)).toEqual(single('0.5', entry));
    }
  });

  test('gives way to must_complete_immediately', () => {
    const routing = { execution_urgency: '0', must_complete_immediately: true };
    expect(chooseStrategy(routing, LIMIT).params).toMatchObject({ time_in_force: 'IOC', post_only: false });
  });

  test('makes fewer or more slices, unless their number is hinted', () => {
    const slices = (execution_urgency: string, hint: RoutingWishes = {}) =>
      chooseStrategy(
        {
          ...{ preferred_execution_style: 'TWAP', max_execution_window_minutes: 10, execution_urgency },
          ...hint,
        },
        MARKET,
      ).params;
    expect(slices('0.9')).toMatchObject({ slices: 5 });
    expect(slices('0.5')).toMatchObject({ slices: 10 });
    expect(slices('0.1')).toMatchObject({ slices: 20 });
    expect(slices('0.1', { chunk_count_hint: 3 })).toMatchObject({ slices: 3 });
  });

  test('is not read beside strategy_params', () => {
    const routing = { strategy_params: singleParams(), execution_urgency: '1' };
    expect(chooseStrategy(routing, LIMIT).params.time_in_force).toBeUndefined();
  });
});

describe('chunk_distribution of a TWAP', () => {
  const window = { preferred_execution_style: 'TWAP', max_execution_window_minutes: 10 };

  test('RANDOM lets its slices vary, and asks for a TWAP by itself', () => {
    for (const routing of [window, { max_execution_window_minutes: 10 }]) {
      expect(chooseStrategy({ ...routing, chunk_distribution: 'RANDOM' }, MARKET)).toMatchObject({
        ...{ strategy: 'TWAP', params: { size_jitter_pct: '0.5', duration_seconds: 600 } },
      });
    }
    expect(chooseStrategy({ ...window, chunk_distribution: 'UNIFORM' }, MARKET).params).toMatchObject({
      size_jitter_pct: '0',
    });
  });

  test('FRONT_LOADED and BACK_LOADED are refused with what would do', () => {
    const error = refused({ ...window, chunk_distribution: 'BACK_LOADED' });
    expect(error).toMatchObject({ code: 'PLAN_INFEASIBLE', path: 'routing_plan.chunk_distribution' });
    expect(error.message).toContain('a VWAP with such a curve');
  });
});

describe('an iceberg from hints', () => {
  test('shows what visibility_preference says, at the entry limit', () => {
    for (const routing of [{}, { preferred_execution_style: 'ICEBERG' }]) {
      expect(chooseStrategy({ ...routing, visibility_preference: '0.1' }, LIMIT)).toMatchObject({
        ...{ strategy: 'ICEBERG', params: { visible_ratio: '0.1', limit_price: '99', order_type: 'LIMIT' } },
      });
    }
    expect(chooseStrategy({ visibility_preference: '0.11' }, LIMIT).strategy).toBe('SINGLE');
  });

  test('only rests when patient, and rests when urgent', () => {
    const at = (execution_urgency: string) =>
      chooseStrategy({ visibility_preference: '0.1', execution_urgency }, LIMIT).params;
    expect(at('0.1').post_only).toBe(true);
    expect(at('0.9').time_in_force).toBeUndefined();
  });

  test('needs a price, something to show, and time', () => {
    expect(refused({ visibility_preference: '0.1' }).path).toBe('entry_plan.limit_price');
    const limit = (routing: RoutingWishes) => refusal(() => chooseStrategy(routing, LIMIT)).path;
    expect(limit({ visibility_preference: '0' })).toBe('routing_plan.visibility_preference');
    expect(limit({ visibility_preference: '0.1', must_complete_immediately: true })).toBe(
      'routing_plan.must_complete_immediately',
    );
  });
});

describe('a LAYERED from hints', () => {
  const even: RoutingWishes = { chunk_distribution: 'UNIFORM', max_slippage_pct: '0.02' };

  test('reaches from the limit away from the market as far as the slippage bound', () => {
    const range = (direction: 'BUY' | 'SELL') => chooseStrategy(even, { ...LIMIT, direction }).params;
    expect(range('BUY')).toMatchObject({ levels: 5, price_range: { min: '97.02', max: '99' } });
    expect(range('SELL')).toMatchObject({ levels: 5, price_range: { min: '99', max: '100.98' } });
  });

  test('has the hinted levels and distribution', () => {
    const routing: RoutingWishes = { ...even, chunk_distribution: 'BACK_LOADED', chunk_count_hint: 8 };
    expect(chooseStrategy(routing, LIMIT)).toMatchObject({
      ...{ strategy: 'LAYERED', params: { levels: 8, distribution: 'BACK_LOADED' } },
    });
  });

  test('is refused without a price, with too many levels, down to nothing, or at random', () => {
    const limit = (routing: RoutingWishes) =>
      refusal(() => chooseStrategy({ ...even, ...routing }, LIMIT)).path;
    expect(refused(even).path).toBe('entry_plan.limit_price');
    expect(limit({ chunk_count_hint: 201 })).toBe('routing_plan.chunk_count_hint');
    expect(limit({ max_slippage_pct: '1' })).toBe('routing_plan.max_slippage_pct');
    expect(limit({ preferred_execution_style: 'LAYERED', chunk_distribution: 'RANDOM' })).toBe(
      'routing_plan.chunk_distribution',
    );
  });
});

describe('the registry', () => {
  test('holds each strategy under its name', () => {
    expect([...STRATEGIES.keys()]).toEqual(
      expect.arrayContaining(['SINGLE', 'TWAP', 'ICEBERG', 'DCA', 'LAYERED']),
    );
    for (const [name, strategy] of STRATEGIES) expect(strategy.name).toBe(name);
    expect(strategyOf('SINGLE')).toBe(single);
  });

  test('refuses a name that is not installed', () => {
    expect(refusal(() => strategyOf('SNIPER')).code).toBe('STRATEGY_UNAVAILABLE');
  });

  test("returns a host's strategy as it is, frozen", () => {
    const own = { ...single, name: 'OWN' };
    expect(defineStrategy(own)).toBe(own);
    expect(Object.isFrozen(own)).toBe(true);
  });
});
