/** The builders give wire JSON that the schemas and the runtime take, with names, defaults and ids of their own. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  coordinated,
  type Duration,
  dca,
  iceberg,
  independent,
  layered,
  namedLegs,
  pov,
  sequential,
  single,
  twap,
  vwap,
} from '../src/builders.js';
import { ERRORS, FillwrightError } from '../src/dtos/errors.js';
import { checkScope } from '../src/dtos/execution-command.js';
import { executionCommandsSchema } from '../src/dtos/execution-command-batch.js';
import { parseDto } from '../src/dtos/parse.js';
import { StrategyDirectiveSchema } from '../src/dtos/strategy-directive.js';
import { createInstantVenue, createRuntime, seededIds, SimulatedClock } from '../src/index.js';

const at = '2025-01-06T09:00:00Z';
const buy = { symbol: 'BTC/USDT', side: 'BUY', quantity: '1.5' } as const;
const sell = { symbol: 'ETH/USDT', side: 'SELL', quantity: '22' } as const;

const pair = (options: { seed?: string } = { seed: 'a' }) =>
  coordinated(
    { long: twap({ ...buy, over: '30m', slices: 20 }), short: twap({ ...sell, over: '30m', every: '90s' }) },
    { at, timeout: '45m', maxLegImbalance: '0.1', maxLegging: '2m', ...options },
  );

const commandsOf = (built: { readonly commands: readonly unknown[] }) =>
  parseDto(executionCommandsSchema(), built.commands, 'commands');

function refusal(build: () => unknown): FillwrightError {
  try {
    build();
  } catch (error) {
    if (error instanceof FillwrightError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

describe('what is built', () => {
  test('is a directive with its policy, in wire names', () => {
    const { directive } = pair();
    expect(parseDto(StrategyDirectiveSchema, directive, 'directive')).toMatchObject({
      strategy_planner_id: 'host',
      decision_timestamp: at,
      causality: { origin: { id: 'host', type: 'SCHEDULE' } },
      scope: 'NEW_TRADE',
      confidence: '1',
      execution_policy: {
        mode: 'COORDINATED',
        timeout_seconds: 2_700,
        on_leg_failure: 'UNWIND',
        max_leg_imbalance: '0.1',
        max_legging_seconds: 120,
      },
    });
  });

  test('has a complete command per leg, in the order written', () => {
    const built = pair();
    const [long, short] = commandsOf(built);
    expect(long).toMatchObject({
      scope: 'NEW_TRADE',
      causality: { strategy_directive_id: built.directive.directive_id },
      entry_plan: { symbol: 'BTC/USDT', direction: 'BUY', order_type: 'MARKET' },
      size_plan: { position_size: '1.5' },
      routing_plan: {
        max_slippage_pct: '0.005',
        strategy_params: { strategy: 'TWAP', duration_seconds: 1_800, slices: 20 },
      },
    });
    expect(short).toMatchObject({
      entry_plan: { symbol: 'ETH/USDT', direction: 'SELL' },
      routing_plan: { strategy_params: { strategy: 'TWAP', duration_seconds: 1_800, interval_seconds: 90 } },
    });
    expect(commandsOf(built).flatMap((command) => checkScope(command))).toEqual([]);
  });

  test('survives JSON', () => {
    const built = pair();
    const copy = JSON.parse(JSON.stringify(built)) as typeof built;
    expect(commandsOf(copy)).toEqual(commandsOf(built));
  });

  test.each([
    ['MARKET', {}],
    ['LIMIT', { limitPrice: '60000' }],
    ['STOP_LIMIT', { limitPrice: '60000', stopPrice: '59000' }],
  ])('a leg is %s by the prices it names: %j', (type, prices) => {
    const [command] = commandsOf(independent({ leg: single({ ...buy, ...prices }) }, { at, seed: 'a' }));
    expect(command?.entry_plan?.order_type).toBe(type);
  });

  test('passes venue, account, slippage, fill ratio and further parameters on', () => {
    const leg = single({
      ...{ ...buy, limitPrice: '60000', venue: 'paper', account: 'main', maxSlippage: '0.01' },
      ...{ minFillRatio: '0.9', over: '2h', params: { post_only: true, on_reject: 'RETRY' } },
    });
    const [command] = commandsOf(sequential({ leg }, { at, seed: 'a' }));
    expect(command?.routing_plan).toMatchObject({
      ...{ venue: 'paper', account: 'main', max_slippage_pct: '0.01', min_fill_ratio: '0.9' },
      strategy_params: { strategy: 'SINGLE', duration_seconds: 7_200, post_only: true, on_reject: 'RETRY' },
    });
  });

  test.each([
    ['INDEPENDENT', independent],
    ['SEQUENTIAL', sequential],
    ['COORDINATED', coordinated],
  ] as const)('%s is the mode of its builder', (mode, build) => {
    expect(build({ leg: single(buy) }, { at }).directive.execution_policy?.mode).toBe(mode);
  });
});

describe('a leg of each algorithm', () => {
  const at99 = { ...buy, limitPrice: '99' };
  test.each([
    [
      vwap({ ...buy, over: '1h', curve: ['3', '1'], slices: 8, params: { reforecast: true } }),
      { strategy: 'VWAP', duration_seconds: 3_600, curve: ['3', '1'], slices: 8, reforecast: true },
    ],
    [
      pov({ ...buy, rate: '0.05', over: '1d' }),
      { strategy: 'POV', participation_rate: '0.05', duration_seconds: 86_400 },
    ],
    [
      iceberg({ ...at99, visible: '0.1', params: { native: 'NEVER' } }),
      { strategy: 'ICEBERG', visible_ratio: '0.1', native: 'NEVER' },
    ],
    [
      dca({ ...buy, amount: { quantity: '50', unit: 'QUOTE' }, every: '1d', occurrences: 7 }),
      { strategy: 'DCA', frequency: { period_seconds: 86_400 }, occurrences: 7, time_zone: 'UTC' },
    ],
    [
      dca({
        ...{ ...buy, amount: { quantity: '0.1', unit: 'BASE' }, budget: '900', over: '2h' },
        every: { cron: '0 9 * * 1-5', timeZone: 'Europe/Berlin' },
      }),
      {
        ...{ strategy: 'DCA', frequency: '0 9 * * 1-5', time_zone: 'Europe/Berlin' },
        ...{ budget: '900', duration_seconds: 7_200, amount: { quantity: '0.1', unit: 'BASE' } },
      },
    ],
    [
      layered({ ...at99, levels: 4, range: { min: '95', max: '99' }, params: { max_open: 2 } }),
      { strategy: 'LAYERED', levels: 4, price_range: { min: '95', max: '99' }, max_open: 2 },
    ],
  ])('says what its terms say: %#', (leg, params) => {
    const [command] = commandsOf(independent({ leg }, { at, seed: 'a' }));
    expect(command?.routing_plan?.strategy_params).toMatchObject(params);
    expect(leg.strategy).toBe(params.strategy);
    expect(command?.entry_plan?.limit_price).toBe(leg.entry.limit_price ?? undefined);
    expect(command === undefined ? [] : checkScope(command)).toEqual([]);
  });
});

describe('ids', () => {
  test('are a function of seed, time and legs', () => {
    expect(pair()).toEqual(pair());
    expect(pair({ seed: 'b' }).directive.directive_id).not.toBe(pair().directive.directive_id);
    expect(pair().directive.directive_id).toMatch(/^STR_20250106_090000_/);
  });

  test('differ from build to build without a seed', () => {
    expect(pair({}).directive.directive_id).not.toBe(pair({}).directive.directive_id);
  });

  test('of each leg are found by its name', () => {
    const built = pair();
    expect(built.legs).toEqual({
      long: {
        strategy: 'TWAP',
        commandId: built.commands[0]?.command_id,
        tradeId: built.commands[0]?.plan_id,
      },
      short: {
        strategy: 'TWAP',
        commandId: built.commands[1]?.command_id,
        tradeId: built.commands[1]?.plan_id,
      },
    });
    const strategy: 'TWAP' = built.legs.long.strategy;
    expect(strategy).toBe('TWAP');
    // @ts-expect-error no leg has this name
    expect(built.legs.middle).toBeUndefined();
  });
});

describe('durations', () => {
  test.each([
    ['45s', 45],
    ['30m', 1_800],
    ['2h', 7_200],
    ['1d', 86_400],
  ] as const)('%s are %d seconds', (over, seconds) => {
    expect(twap({ ...buy, over, slices: 2 }).routing.strategy_params).toMatchObject({
      duration_seconds: seconds,
    });
  });

  test('of any whole number and unit are exact', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 999_999_999 }), (n) => {
        expect(single({ ...buy, over: `${n}m` }).routing.strategy_params).toMatchObject({
          duration_seconds: n * 60,
        });
      }),
      { numRuns: 50 },
    );
  });

  test.each(['0s', '1.5m', '-3m', '90', 'm', '1h30m', '', ' 3m', '1e3s', '٣m'])('%j is refused', (text) => {
    const error = refusal(() => twap({ ...buy, over: text as Duration, slices: 2 }));
    expect(error.code).toBe('VALIDATION');
    expect(error.path).toBe('over');
    expect(error.message).toBe(
      `over: must be a whole number with s, m, h or d, such as 45s or 30m, not ${JSON.stringify(text)}`,
    );
  });

  test.each([
    ['timeout', () => coordinated({ leg: single(buy) }, { at, timeout: 'soon' as Duration })],
    ['maxLegging', () => coordinated({ leg: single(buy) }, { at, maxLegging: 'soon' as Duration })],
    ['every', () => twap({ ...buy, over: '1m', every: 'soon' as Duration })],
    ['every', () => dca({ ...buy, amount: { quantity: '1', unit: 'BASE' }, every: 'soon' as Duration })],
  ])('a malformed one is named: %s', (path, build) => {
    expect(refusal(build).path).toBe(path);
  });
});

describe('what is refused when it is built', () => {
  test.each(['', '2', '-a', 'a b'])(
    'the leg name %j, which would not keep its place or is no name',
    (name) => {
      const error = refusal(() => sequential({ [name]: single(buy) }, { at }));
      expect([error.code, error.path]).toEqual(['VALIDATION', 'legs']);
    },
  );

  test.each(['2025-01-06', '2025-01-06T09:00:00', '2025-02-30T09:00:00Z'])('the time %s', (text) => {
    expect(refusal(() => independent({ leg: single(buy) }, { at: text })).path).toBe('at');
  });

  test('carries a code of the catalogue', () => {
    expect(ERRORS).toHaveProperty(refusal(() => independent({ leg: single(buy) }, { at: '' })).code);
  });
});

describe('with a runtime', () => {
  const open = () =>
    createRuntime({
      connectors: { paper: createInstantVenue({ price: '60000' }) },
      clock: new SimulatedClock(Date.parse(at)),
      ids: seededIds('builders'),
    });

  test('a built batch is carried out and its legs are found by name', async () => {
    const runtime = await open();
    const built = coordinated({ long: single(buy), short: single(sell) }, { at, seed: 'a' });
    const batch = await runtime.submit(built.directive, built.commands);
    const legs = namedLegs(built, await batch.result());
    expect(legs?.long).toMatchObject({ symbol: 'BTC/USDT', status: 'COMPLETED', filledQuantity: '1.5' });
    expect(legs?.short).toMatchObject({ symbol: 'ETH/USDT', status: 'COMPLETED', filledQuantity: '22' });
    expect(runtime.groups().map((group) => group.parent_directive_id)).toEqual([
      built.legs.long.commandId,
      built.legs.short.commandId,
    ]);
    expect(runtime.positions().map((position) => position.trade_id)).toContain(built.legs.long.tradeId);
    await runtime.close();
  });

  test('the same object submitted twice is one batch', async () => {
    const runtime = await open();
    const built = independent({ leg: single(buy) }, { at });
    const first = await runtime.submit(built.directive, built.commands);
    const again = await runtime.submit(built.directive, built.commands);
    expect(again.id).toBe(first.id);
    expect(runtime.groups()).toHaveLength(1);
    await runtime.close();
  });

  test('an escalated result has no legs yet, and another batch has other legs', () => {
    const built = pair();
    expect(namedLegs(built, { legs: [], escalated: ['ORD_20250106_090000_00000001'] })).toBeNull();
    expect(refusal(() => namedLegs(built, { legs: [], escalated: [] })).code).toBe('USAGE');
  });
});
