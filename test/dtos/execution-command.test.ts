import { describe, expect, test } from '@jest/globals';
import { checkScope, ExecutionCommandSchema, parseDto } from '../../src/dtos/index.js';
import {
  command,
  entryPlan,
  id,
  linesOf,
  routingPlan,
  sizePlan,
  twap,
  type Wire,
  withParams,
} from './make.js';

const lines = (value: unknown): string[] => linesOf(ExecutionCommandSchema, value, 'command');
const changed = (change: Wire): string[] => lines(command(change));
const PARAMS = 'command.routing_plan.strategy_params';

/** What checkScope says of a command that parses. */
const scope = (change: Wire): string[] =>
  checkScope(parseDto(ExecutionCommandSchema, command(change), 'command')).map(
    (i) => `${i.path}: ${i.message}`,
  );

describe('ExecutionCommand', () => {
  test('target_trade_id is an alias of target_plan_id', () => {
    const close = { scope: 'CLOSE_EXISTING', plan_id: undefined };
    const byAlias = parseDto(
      ExecutionCommandSchema,
      command({ ...close, target_trade_id: id('TPL') }),
      'command',
    );
    const byName = parseDto(
      ExecutionCommandSchema,
      command({ ...close, target_plan_id: id('TPL') }),
      'command',
    );
    expect(byAlias).toEqual(byName);
    expect(byAlias.target_plan_id).toBe(id('TPL'));
    expect(Object.keys(byAlias)).not.toContain('target_trade_id');
  });

  test('name and alias together are an error', () => {
    expect(changed({ plan_id: null, target_plan_id: id('TPL'), target_trade_id: id('TPL') })).toEqual([
      'command.target_trade_id: is an alias of target_plan_id: give one of them, not both',
    ]);
  });

  test('a command cannot target the trade that it opens', () => {
    expect(changed({ plan_id: id('TPL', 3), target_plan_id: id('TPL', 3) })).toEqual([
      'command.target_plan_id: must not be its own plan_id',
    ]);
    expect(changed({ plan_id: id('TPL', 3), target_trade_id: id('TPL', 3) })).toEqual([
      'command.target_trade_id: must not be its own plan_id',
    ]);
  });

  test.each([
    ['command_id', { command_id: id('STR') }],
    ['entry_plan.plan_id', { entry_plan: entryPlan({ plan_id: id('SIZ') }) }],
    ['size_plan.plan_id', { size_plan: sizePlan({ plan_id: id('ENT') }) }],
    ['exit_plan.plan_id', { exit_plan: { plan_id: id('ENT'), stop_loss_price: '1' } }],
    ['routing_plan.plan_id', { routing_plan: routingPlan({ plan_id: id('ENT') }) }],
  ])('%s has its own prefix', (path, change) => {
    expect(changed(change)[0]).toMatch(
      new RegExp(`^command\\.${path}: must match [A-Z]{3}_YYYYMMDD_HHMMSS_xxxxxxxx$`),
    );
  });

  test('every plan requires its id', () => {
    const noId = { plan_id: undefined };
    const exit_plan = { stop_loss_price: '1' };
    expect(
      changed({
        entry_plan: entryPlan(noId),
        size_plan: sizePlan(noId),
        exit_plan,
        routing_plan: routingPlan(noId),
      }),
    ).toEqual([
      'command.entry_plan.plan_id: is required',
      'command.size_plan.plan_id: is required',
      'command.exit_plan.plan_id: is required',
      'command.routing_plan.plan_id: is required',
    ]);
  });
});

describe('plans', () => {
  test.each([
    [{ order_type: 'LIMIT' }, ['limit_price: LIMIT requires limit_price']],
    [
      { order_type: 'STOP_LIMIT' },
      ['limit_price: STOP_LIMIT requires limit_price', 'stop_price: STOP_LIMIT requires stop_price'],
    ],
    [{ order_type: 'STOP_LIMIT', limit_price: '1' }, ['stop_price: STOP_LIMIT requires stop_price']],
    [{ order_type: 'STOP_LIMIT', limit_price: '1', stop_price: '2' }, []],
    [{ order_type: 'LIMIT', limit_price: '1', stop_price: '2' }, ['stop_price: LIMIT takes no stop_price']],
    [{ order_type: 'STOP' }, ['order_type: must be one of MARKET, LIMIT, STOP_LIMIT']],
    [{ direction: 'LONG' }, ['direction: must be one of BUY, SELL']],
  ])('entry plan %j', (change, expected) => {
    expect(changed({ entry_plan: entryPlan(change) })).toEqual(
      expected.map((line) => `command.entry_plan.${line}`),
    );
  });

  test('leverage is 1 unless told, and never below', () => {
    const parsed = parseDto(ExecutionCommandSchema, command(), 'command');
    expect(parsed.size_plan?.leverage).toBe('1');
    expect(changed({ size_plan: sizePlan({ leverage: '0.99' }) })).toEqual([
      'command.size_plan.leverage: must be at least 1',
    ]);
  });

  test('an exit plan names at least one price', () => {
    expect(changed({ exit_plan: { plan_id: id('EXT') } })[0]).toContain(
      'requires stop_loss_price or take_profit_price',
    );
    expect(changed({ exit_plan: { plan_id: id('EXT'), take_profit_price: '9' } })).toEqual([]);
  });

  test('immediate completion contradicts a window', () => {
    const plan = routingPlan({ must_complete_immediately: true, max_execution_window_minutes: 5 });
    expect(changed({ routing_plan: plan })).toEqual([
      'command.routing_plan.max_execution_window_minutes: contradicts must_complete_immediately',
    ]);
  });

  test.each([
    ['min_fill_ratio', '0', 'must be above 0 and at most 1'],
    ['min_fill_ratio', '1.00000001', 'must be above 0 and at most 1'],
    ['execution_urgency', '1.1', 'must be between 0 and 1'],
    ['max_slippage_pct', '-0.1', 'must be between 0 and 1'],
    ['chunk_count_hint', 0, 'must be between 1 and 100000'],
    ['chunk_distribution', 'EVEN', 'must be one of UNIFORM, FRONT_LOADED, BACK_LOADED, RANDOM'],
    ['venue', 'bi nance', 'must be printable ASCII without spaces'],
  ])('routing plan %s = %j is refused', (field, value, why) => {
    expect(changed({ routing_plan: routingPlan({ [field]: value }) })).toEqual([
      `command.routing_plan.${field}: ${why}`,
    ]);
  });
});

describe('strategy_params', () => {
  test('a TWAP takes its defaults', () => {
    const parsed = parseDto(ExecutionCommandSchema, withParams(twap()), 'command');
    expect(parsed.routing_plan?.strategy_params).toEqual({
      strategy: 'TWAP',
      duration_seconds: 600,
      slices: 10,
      post_only: false,
      reduce_only: false,
      size_jitter_pct: '0',
      time_jitter_pct: '0',
      on_reject: 'STOP',
      max_catch_up_factor: '3',
      on_deadline: 'CANCEL',
    });
  });

  test.each(['twap', 'toString', '__proto__', '', 5, null])('strategy %p is unknown', (strategy) => {
    expect(lines(withParams({ strategy }))).toEqual([
      `${PARAMS}.strategy: must be one of SINGLE, TWAP, VWAP, POV, ICEBERG, DCA, LAYERED`,
    ]);
  });

  test.each<[Wire, string]>([
    [twap({ slices: undefined }), 'slices: TWAP requires slices or interval_seconds'],
    [twap({ interval_seconds: 60 }), 'interval_seconds: contradicts slices: give one of them'],
    [twap({ slices: 0 }), 'slices: must be between 1 and 100000'],
    [twap({ slices: 100_001 }), 'slices: must be between 1 and 100000'],
    [twap({ duration_seconds: undefined }), 'duration_seconds: is required'],
    [
      twap({ duration_seconds: 31_536_000, slices: null, interval_seconds: 1 }),
      'interval_seconds: gives more than 100000 slices',
    ],
    [twap({ post_only: true, order_type: 'MARKET' }), 'post_only: contradicts order_type MARKET'],
    [twap({ post_only: true, time_in_force: 'IOC' }), 'post_only: contradicts time_in_force IOC'],
    [twap({ post_only: true, time_in_force: 'FOK' }), 'post_only: contradicts time_in_force FOK'],
    [
      twap({ min_child_quantity: '2', max_child_quantity: '1' }),
      'max_child_quantity: must not be below min_child_quantity',
    ],
    [twap({ max_catch_up_factor: '0.5' }), 'max_catch_up_factor: must be at least 1'],
    [twap({ size_jitter_pct: '1.5' }), 'size_jitter_pct: must be between 0 and 1'],
    [twap({ seed: -1 }), 'seed: must be between 0 and 9007199254740991'],
    [twap({ seed: -0 }), 'seed: must not be negative zero'],
    [twap({ sweep_lead_seconds: 600 }), 'sweep_lead_seconds: must be shorter than duration_seconds'],
    [{ strategy: 'SINGLE', chase: {} }, 'chase.distance_ticks: is required'],
    [{ strategy: 'SINGLE', slices: 2 }, 'slices: unknown key'],
  ])('%j is refused: %s', (params, why) => {
    expect(lines(withParams(params, { order_type: 'MARKET' }))).toEqual([`${PARAMS}.${why}`]);
  });

  test('100,000 slices by interval are still allowed', () => {
    expect(lines(withParams(twap({ duration_seconds: 200_001, slices: null, interval_seconds: 2 })))).toEqual(
      [],
    );
  });
});

describe('agreement of strategy_params and entry plan', () => {
  const limit = { order_type: 'LIMIT', limit_price: '100.50' };

  test('repeating or omitting is fine, by value', () => {
    expect(lines(withParams(twap({ order_type: 'LIMIT', limit_price: '100.5' }), limit))).toEqual([]);
    expect(lines(withParams(twap(), limit))).toEqual([]);
    expect(lines(withParams(twap({ limit_price: '7' }), { order_type: 'MARKET' }))).toEqual([]);
  });

  test('a difference is an error at the parameter', () => {
    expect(lines(withParams(twap({ order_type: 'MARKET' }), limit))).toEqual([
      `${PARAMS}.order_type: differs from entry_plan.order_type LIMIT`,
    ]);
    expect(lines(withParams(twap({ limit_price: '100.51' }), limit))).toEqual([
      `${PARAMS}.limit_price: differs from entry_plan.limit_price 100.50`,
    ]);
  });

  test('post_only contradicts the entry plan’s MARKET', () => {
    expect(lines(withParams(twap({ post_only: true }), { order_type: 'MARKET' }))).toEqual([
      `${PARAMS}.post_only: contradicts entry_plan.order_type MARKET`,
    ]);
    expect(lines(withParams(twap({ post_only: true }), limit))).toEqual([]);
  });

  test('without an entry plan the parameters must be complete by themselves', () => {
    const modify = (params: Wire): string[] =>
      changed({
        scope: 'MODIFY_EXISTING',
        plan_id: null,
        target_plan_id: id('TPL'),
        entry_plan: null,
        routing_plan: routingPlan({ strategy_params: params }),
      });
    expect(modify(twap({ order_type: 'LIMIT' }))).toEqual([
      `${PARAMS}.limit_price: LIMIT requires limit_price`,
    ]);
    expect(modify(twap({ order_type: 'STOP_LIMIT', limit_price: '1' }))).toEqual([
      `${PARAMS}.order_type: STOP_LIMIT requires entry_plan.stop_price`,
    ]);
    expect(modify(twap({ order_type: 'LIMIT', limit_price: '1' }))).toEqual([]);
    expect(modify(twap())).toEqual([]);
  });
});

describe('completeness by scope', () => {
  const none = { entry_plan: null, size_plan: null, exit_plan: null, routing_plan: null };
  const onlyExit = { ...none, exit_plan: { plan_id: id('EXT'), stop_loss_price: '90' } };

  test('a complete command of each scope lacks nothing', () => {
    expect(scope({})).toEqual([]);
    expect(
      scope({ ...onlyExit, scope: 'MODIFY_EXISTING', plan_id: null, target_plan_id: id('TPL') }),
    ).toEqual([]);
    expect(
      scope({
        ...none,
        scope: 'CLOSE_EXISTING',
        plan_id: null,
        target_plan_id: id('TPL'),
        routing_plan: routingPlan(),
      }),
    ).toEqual([]);
  });

  test('NEW_TRADE requires entry, size, routing and its own trade id', () => {
    expect(scope({ ...onlyExit, plan_id: null })).toEqual([
      'command.entry_plan: NEW_TRADE requires entry_plan',
      'command.size_plan: NEW_TRADE requires size_plan',
      'command.routing_plan: NEW_TRADE requires routing_plan',
      'command.plan_id: NEW_TRADE requires plan_id',
    ]);
    expect(scope({ target_plan_id: id('TPL', 9) })).toEqual([
      'command.target_plan_id: NEW_TRADE takes no target_plan_id',
    ]);
  });

  test('MODIFY_EXISTING requires its target', () => {
    expect(scope({ scope: 'MODIFY_EXISTING', plan_id: null })).toEqual([
      'command.target_plan_id: MODIFY_EXISTING requires target_trade_ids',
    ]);
  });

  test('CLOSE_EXISTING requires its target and a routing plan', () => {
    expect(scope({ scope: 'CLOSE_EXISTING', routing_plan: null })).toEqual([
      'command.target_plan_id: CLOSE_EXISTING requires target_trade_ids',
      'command.routing_plan: CLOSE_EXISTING requires routing_plan',
      'command.plan_id: CLOSE_EXISTING takes no plan_id',
    ]);
  });

  test.each(['NEW_TRADE', 'MODIFY_EXISTING', 'CLOSE_EXISTING'])(
    '%s without any plan does not parse',
    (name) => {
      expect(changed({ ...none, scope: name })).toEqual([`command: ${name} requires at least one plan`]);
    },
  );

  test('a command built without the schema is checked for its plans as well', () => {
    const built = { ...parseDto(ExecutionCommandSchema, command(onlyExit), 'command') };
    delete (built as { exit_plan?: unknown }).exit_plan;
    expect(checkScope({ ...built, scope: 'MODIFY_EXISTING' }, 'commands[4]')[0]).toEqual({
      path: 'commands[4]',
      message: 'MODIFY_EXISTING requires at least one plan',
    });
  });
});
