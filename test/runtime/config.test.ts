import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { FillwrightError } from '../../src/dtos/errors.js';
import { backoffDelay, parseConfig } from '../../src/runtime/config.js';

function refusal(value: unknown, file?: string): FillwrightError {
  try {
    parseConfig(value, file);
  } catch (error) {
    if (error instanceof FillwrightError) return error;
    throw error;
  }
  throw new Error('was accepted');
}

const execution = (plan_execution: object) => ({ orchestration: { plan_execution } });
const live = (error_handling: object) => ({ environment: 'live', ...execution({ error_handling }) });

describe('defaults', () => {
  test("are spec 4's, value by value, but a journal failure ends the run", () => {
    expect(parseConfig({}).orchestration.plan_execution).toEqual({
      enabled: true,
      timeout_seconds: 30,
      retry_policy: {
        max_retries: 3,
        backoff_strategy: 'exponential',
        initial_delay_ms: 100,
        max_delay_ms: 5000,
      },
      error_handling: {
        on_api_failure: 'rollback_ledger',
        on_ledger_failure: 'alert_admin',
        on_journal_failure: 'fail_execution',
      },
      monitoring: { log_all_executions: true, alert_on_slow_execution_ms: 1000, metrics_enabled: true },
    });
  });

  test('coordinate, limit and terminate as designed', () => {
    const { coordination, limits, flow_termination } = parseConfig(undefined).orchestration;
    expect(coordination).toEqual({
      unknown_hold_seconds: 5,
      settle_grace_seconds: 5,
      unwind: { collar_bps: 100, max_attempts: 3, deadline_seconds: 60 },
      defer_retry_ms: 1000,
    });
    expect(limits).toEqual({ max_commands_per_batch: 10_000, history_groups: 1000 });
    expect(flow_termination).toEqual({ alert_on_error: true });
  });

  test('route a derived close as one marketable order', () => {
    const routing = parseConfig({}).orchestration.default_close_routing;
    expect(routing).not.toHaveProperty('plan_id');
    expect(routing.max_slippage_pct).toBe('0.01');
    expect(routing.strategy_params).toBeUndefined();
  });

  test('the environment is backtest', () => {
    expect(parseConfig({}).environment).toBe('backtest');
  });

  test.each(['backtest', 'paper', 'live'])('are safe in %s', (environment) => {
    const config = parseConfig({ environment });
    expect(config.orchestration.plan_execution.error_handling.on_journal_failure).toBe('fail_execution');
    expect(config.unsafe).toEqual([]);
  });
});

describe('values', () => {
  const accepted: [string, object][] = [
    ['enabled', { enabled: false }],
    ['timeout_seconds', { timeout_seconds: 1 }],
    ['max_retries', { retry_policy: { max_retries: 0 } }],
    ['linear', { retry_policy: { backoff_strategy: 'linear' } }],
    ['exponential', { retry_policy: { backoff_strategy: 'exponential' } }],
    ['constant', { retry_policy: { backoff_strategy: 'constant' } }],
    ['initial_delay_ms', { retry_policy: { initial_delay_ms: 0 } }],
    ['max_delay_ms', { retry_policy: { max_delay_ms: 60_000 } }],
    ['rollback_ledger', { error_handling: { on_api_failure: 'rollback_ledger' } }],
    ['alert_only', { error_handling: { on_api_failure: 'alert_only' } }],
    ['api continue', { error_handling: { on_api_failure: 'continue' } }],
    ['alert_admin', { error_handling: { on_ledger_failure: 'alert_admin' } }],
    ['rollback_api', { error_handling: { on_ledger_failure: 'rollback_api' } }],
    ['ledger continue', { error_handling: { on_ledger_failure: 'continue' } }],
    ['journal continue', { error_handling: { on_journal_failure: 'continue' } }],
    ['journal alert_admin', { error_handling: { on_journal_failure: 'alert_admin' } }],
    ['fail_execution', { error_handling: { on_journal_failure: 'fail_execution' } }],
    ['log_all_executions', { monitoring: { log_all_executions: false } }],
    ['alert_on_slow_execution_ms', { monitoring: { alert_on_slow_execution_ms: 250 } }],
    ['metrics_enabled', { monitoring: { metrics_enabled: false } }],
  ];

  test.each(accepted)('%s is taken over and the rest stays as it was', (_name, plan_execution) => {
    const config = parseConfig(execution(plan_execution)).orchestration.plan_execution;
    expect(config).toMatchObject(plan_execution);
    expect(Object.keys(config)).toEqual(Object.keys(parseConfig({}).orchestration.plan_execution));
  });

  const refused: [string, unknown][] = [
    ['orchestration.plan_execution.timeout_seconds', execution({ timeout_seconds: 0 })],
    ['orchestration.plan_execution.timeout_seconds', execution({ timeout_seconds: 1.5 })],
    ['orchestration.plan_execution.timeout_seconds', execution({ timeout_seconds: '30' })],
    ['orchestration.plan_execution.enabled', execution({ enabled: 'yes' })],
    [
      'orchestration.plan_execution.retry_policy.max_retries',
      execution({ retry_policy: { max_retries: -1 } }),
    ],
    [
      'orchestration.plan_execution.retry_policy.backoff_strategy',
      execution({ retry_policy: { backoff_strategy: 'fibonacci' } }),
    ],
    [
      'orchestration.plan_execution.error_handling.on_api_failure',
      execution({ error_handling: { on_api_failure: 'alert_admin' } }),
    ],
    ['orchestration.plan_execution.max_retry', execution({ max_retry: 3 })],
    ['orchestration.plan_execution.retry_policy.jitter', execution({ retry_policy: { jitter: true } })],
    [
      'orchestration.coordination.unwind.collar',
      { orchestration: { coordination: { unwind: { collar: 1 } } } },
    ],
    [
      'orchestration.limits.max_commands_per_batch',
      { orchestration: { limits: { max_commands_per_batch: 0 } } },
    ],
    ['orchestration.default_close_routing.speed', { orchestration: { default_close_routing: { speed: 1 } } }],
    ['profiles.paper.plan_execution.enabeld', { profiles: { paper: { plan_execution: { enabeld: true } } } }],
    ['profiles.staging', { profiles: { staging: {} } }],
    ['environment', { environment: 'production' }],
    ['platform', { platform: {} }],
  ];

  test.each(refused)('%s is refused by its path', (path, value) => {
    const error = refusal(value, 'platform.yaml');
    expect(error.code).toBe('CONFIG');
    expect(error.issues.map((issue) => issue.path)).toContain(path);
    expect(error.message.startsWith('platform.yaml: ')).toBe(true);
  });

  test.each([[null], [[]], ['text'], [7]])('%j is no configuration', (value) => {
    if (value === null) expect(parseConfig(value).environment).toBe('backtest');
    else expect(refusal(value).code).toBe('CONFIG');
  });

  test('a close routing replaces the default as a whole and has no id', () => {
    const default_close_routing = {
      execution_urgency: '1',
      visibility_preference: '1',
      max_slippage_pct: '0.02',
      must_complete_immediately: true,
    };
    const config = parseConfig({ orchestration: { default_close_routing } });
    expect(config.orchestration.default_close_routing).toEqual(default_close_routing);
    const withId = { ...default_close_routing, plan_id: 'ROU_20250101_000000_00000000' };
    const error = refusal({ orchestration: { default_close_routing: withId } });
    expect(error.path).toBe('orchestration.default_close_routing.plan_id');
  });
});

describe('profiles', () => {
  const value = {
    orchestration: { plan_execution: { timeout_seconds: 10, retry_policy: { max_retries: 1 } } },
    profiles: {
      paper: { plan_execution: { retry_policy: { initial_delay_ms: 50 } } },
      live: { plan_execution: { timeout_seconds: 5 } },
    },
  };

  test('merge key by key over the common part', () => {
    const { plan_execution } = parseConfig({ ...value, environment: 'paper' }).orchestration;
    expect(plan_execution.timeout_seconds).toBe(10);
    expect(plan_execution.retry_policy).toMatchObject({
      max_retries: 1,
      initial_delay_ms: 50,
      max_delay_ms: 5000,
    });
  });

  test('apply to their own environment only', () => {
    expect(parseConfig(value).orchestration.plan_execution.timeout_seconds).toBe(10);
    expect(parseConfig({ ...value, environment: 'live' }).orchestration.plan_execution.timeout_seconds).toBe(
      5,
    );
  });
});

describe('safety (decision 12)', () => {
  test.each(['continue', 'alert_admin'])('live refuses on_journal_failure %s', (setting) => {
    const error = refusal(live({ on_journal_failure: setting }));
    expect(error.code).toBe('CONFIG');
    expect(error.path).toBe('orchestration.plan_execution.error_handling.on_journal_failure');
  });

  test('live refuses on_ledger_failure continue and names the profile that says so', () => {
    const profiles = { live: { plan_execution: { error_handling: { on_ledger_failure: 'continue' } } } };
    const error = refusal({ environment: 'live', profiles });
    expect(error.path).toBe('profiles.live.plan_execution.error_handling.on_ledger_failure');
  });

  test('elsewhere the same values are listed as unsafe', () => {
    const error_handling = { on_journal_failure: 'alert_admin', on_ledger_failure: 'continue' };
    expect(parseConfig({ environment: 'paper', ...execution({ error_handling }) }).unsafe).toEqual([
      'orchestration.plan_execution.error_handling.on_journal_failure: alert_admin',
      'orchestration.plan_execution.error_handling.on_ledger_failure: continue',
    ]);
  });

  test('nothing is unsafe when the journal stops the run', () => {
    expect(
      parseConfig(execution({ error_handling: { on_journal_failure: 'fail_execution' } })).unsafe,
    ).toEqual([]);
  });
});

describe('the parsed configuration', () => {
  test('is frozen to its leaves', () => {
    const config = parseConfig({});
    expect(Object.isFrozen(config.orchestration.plan_execution.retry_policy)).toBe(true);
    expect(Object.isFrozen(config.orchestration.default_close_routing)).toBe(true);
  });

  test('parses to itself', () => {
    const config = parseConfig({ environment: 'paper' });
    expect(parseConfig(config)).toBe(config);
  });

  test('does not take the defaults along when it is merged', () => {
    parseConfig(execution({ timeout_seconds: 99 }));
    expect(parseConfig({}).orchestration.plan_execution.timeout_seconds).toBe(30);
  });
});

describe('backoffDelay', () => {
  const policy = { max_retries: 9, initial_delay_ms: 100, max_delay_ms: 5000 };

  test('grows linearly, exponentially or not at all', () => {
    const delays = (backoff_strategy: 'linear' | 'exponential' | 'constant') =>
      [1, 2, 3, 4].map((attempt) => backoffDelay({ ...policy, backoff_strategy }, attempt));
    expect(delays('linear')).toEqual([100, 200, 300, 400]);
    expect(delays('exponential')).toEqual([100, 200, 400, 800]);
    expect(delays('constant')).toEqual([100, 100, 100, 100]);
  });

  test('never exceeds max_delay_ms and never shrinks', () => {
    const strategies = fc.constantFrom('linear' as const, 'exponential' as const, 'constant' as const);
    fc.assert(
      fc.property(strategies, fc.integer({ min: 1, max: 2000 }), (backoff_strategy, attempt) => {
        const delay = backoffDelay({ ...policy, backoff_strategy }, attempt);
        expect(delay).toBeLessThanOrEqual(policy.max_delay_ms);
        expect(backoffDelay({ ...policy, backoff_strategy }, attempt + 1)).toBeGreaterThanOrEqual(delay);
      }),
      { numRuns: 100 },
    );
  });
});
