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

  test('refuses an iceberg, a layered plan or another style that is not installed, where it was asked for', () => {
    const asked: [RoutingWishes, string, string][] = [
      [{ visibility_preference: '0.1' }, 'ICEBERG', 'routing_plan.visibility_preference'],
      [
        { visibility_preference: '0.11', chunk_distribution: 'UNIFORM' },
        'LAYERED',
        'routing_plan.chunk_distribution',
      ],
      [{ preferred_execution_style: 'VWAP' }, 'VWAP', 'routing_plan.preferred_execution_style'],
    ];
    for (const [routing, name, path] of asked) {
      const error = refused(routing);
      expect(error).toMatchObject({ code: 'STRATEGY_UNAVAILABLE', path });
      expect(error.message).toContain(name);
      expect(error.message).toContain('SINGLE, TWAP');
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

describe('the registry', () => {
  test('holds each strategy under its name', () => {
    expect([...STRATEGIES.keys()]).toEqual(['SINGLE', 'TWAP']);
    for (const [name, strategy] of STRATEGIES) expect(strategy.name).toBe(name);
    expect(strategyOf('SINGLE')).toBe(single);
  });

  test('refuses a name that is not installed', () => {
    expect(refusal(() => strategyOf('POV')).code).toBe('STRATEGY_UNAVAILABLE');
  });

  test("returns a host's strategy as it is, frozen", () => {
    const own = { ...single, name: 'OWN' };
    expect(defineStrategy(own)).toBe(own);
    expect(Object.isFrozen(own)).toBe(true);
  });
});
