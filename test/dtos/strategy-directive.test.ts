import { describe, expect, test } from '@jest/globals';
import {
  CausalityChainSchema,
  DispositionEnvelopeSchema,
  ExecutionPolicySchema,
  parseDto,
  StrategyDirectiveSchema,
} from '../../src/dtos/index.js';
import { causality, directive, id, linesOf } from './make.js';

const lines = (change: Record<string, unknown>): string[] =>
  linesOf(StrategyDirectiveSchema, directive(change), 'directive');
const parsed = (change: Record<string, unknown>) =>
  parseDto(StrategyDirectiveSchema, directive(change), 'directive');

describe('StrategyDirective', () => {
  test('a minimal NEW_TRADE directive has no targets and no policy', () => {
    expect(parsed({})).toEqual({
      directive_id: id('STR'),
      strategy_planner_id: 'momentum',
      decision_timestamp: '2025-10-28T14:30:22Z',
      causality: { ...causality(), signal_ids: [], risk_ids: [], order_ids: [], fill_ids: [] },
      scope: 'NEW_TRADE',
      confidence: '0.85',
      target_plan_ids: [],
    });
  });

  test('sub-directives take their defaults', () => {
    const sub = parsed({
      entry_directive: { symbol: 'BTC/USDT', direction: 'BUY' },
      size_directive: { max_risk_amount: '100' },
      exit_directive: {},
      routing_directive: {},
      execution_policy: {},
    });
    expect(sub.entry_directive).toEqual({
      symbol: 'BTC/USDT',
      direction: 'BUY',
      timing_preference: '0.5',
      max_acceptable_slippage: '0.005',
    });
    expect(sub.size_directive).toEqual({
      max_risk_amount: '100',
      aggressiveness: '0.5',
      account_risk_pct: '0.02',
    });
    expect(sub.exit_directive).toEqual({
      profit_taking_preference: '0.5',
      risk_reward_ratio: '2.0',
      stop_loss_tolerance: '0.02',
    });
    expect(sub.routing_directive).toEqual({ execution_urgency: '0.5', max_total_slippage_pct: '0.01' });
    expect(sub.execution_policy).toEqual({ mode: 'INDEPENDENT', on_leg_failure: 'UNWIND' });
  });

  test('target_trade_ids is an alias of target_plan_ids', () => {
    const targets = [id('TPL', 1), id('TPL', 2)];
    const byAlias = parsed({ scope: 'CLOSE_EXISTING', target_trade_ids: targets });
    const byName = parsed({ scope: 'CLOSE_EXISTING', target_plan_ids: targets });
    expect(byAlias).toEqual(byName);
    expect(byAlias.target_plan_ids).toEqual(targets);
    expect(Object.keys(byAlias)).not.toContain('target_trade_ids');
  });

  test('name and alias together are an error, even when they agree', () => {
    const targets = [id('TPL', 1)];
    expect(lines({ scope: 'CLOSE_EXISTING', target_plan_ids: targets, target_trade_ids: targets })).toEqual([
      'directive.target_trade_ids: is an alias of target_plan_ids: give one of them, not both',
    ]);
  });

  test.each(['MODIFY_EXISTING', 'CLOSE_EXISTING'])('%s requires targets', (scope) => {
    const expected = [`directive.target_plan_ids: ${scope} requires target_trade_ids`];
    expect(lines({ scope })).toEqual(expected);
    expect(lines({ scope, target_plan_ids: [] })).toEqual(expected);
    expect(lines({ scope, target_plan_ids: null })).toEqual(expected);
  });

  test('NEW_TRADE takes no targets', () => {
    expect(lines({ target_plan_ids: [id('TPL')] })).toEqual([
      'directive.target_plan_ids: must be empty for NEW_TRADE',
    ]);
    expect(lines({ target_trade_ids: [id('TPL')] })).toEqual([
      'directive.target_trade_ids: must be empty for NEW_TRADE',
    ]);
    expect(lines({ target_plan_ids: [] })).toEqual([]);
  });

  test('targets are unique trade ids', () => {
    const twice = { scope: 'CLOSE_EXISTING', target_plan_ids: [id('TPL', 1), id('TPL', 1)] };
    expect(lines(twice)).toEqual(['directive.target_plan_ids: must contain unique values']);
    expect(lines({ scope: 'CLOSE_EXISTING', target_plan_ids: [id('TPL', 1), id('EXE', 1)] })).toEqual([
      'directive.target_plan_ids[1]: must match TPL_YYYYMMDD_HHMMSS_xxxxxxxx',
    ]);
  });

  test('causality is required, down to its origin', () => {
    expect(lines({ causality: undefined })).toEqual(['directive.causality: is required']);
    expect(lines({ causality: {} })).toEqual(['directive.causality.origin: is required']);
    expect(lines({ causality: { origin: { id: 'x', type: 'RUMOUR' } } })).toEqual([
      'directive.causality.origin.type: must be one of TICK, NEWS, SCHEDULE',
    ]);
  });

  test('a price zone that ends before it starts is refused', () => {
    const entry_directive = {
      symbol: 'AAPL',
      direction: 'SELL',
      preferred_price_zone: { min: '101', max: '100.5' },
    };
    expect(lines({ entry_directive })).toEqual([
      'directive.entry_directive.preferred_price_zone.max: must not be below min',
    ]);
  });
});

describe('ExecutionPolicy', () => {
  test('keeps every field it is given', () => {
    const policy = {
      mode: 'COORDINATED',
      timeout_seconds: 30,
      on_leg_failure: 'CANCEL_PENDING',
      max_leg_imbalance: '0.2',
      max_legging_seconds: 5,
    };
    expect(parseDto(ExecutionPolicySchema, policy, 'policy')).toEqual(policy);
  });

  test.each(['PARALLEL', 'ATOMIC', 'sequential', '', null, 1])(
    'mode %p of the legacy enum or none is refused',
    (mode) => {
      expect(lines({ execution_policy: { mode } })[0]).toMatch(
        /^directive\.execution_policy\.mode: must be one of INDEPENDENT, COORDINATED, SEQUENTIAL/,
      );
    },
  );

  test.each(['rollback_on_failure', 'metadata', 'execution_mode'])('%s is gone', (key) => {
    expect(lines({ execution_policy: { [key]: {} } })).toEqual([
      `directive.execution_policy.${key}: unknown key`,
    ]);
  });
});

describe('CausalityChain', () => {
  test('checks our ids and leaves those of other systems opaque', () => {
    const chain = {
      ...causality(),
      signal_ids: ['SIG-7'],
      risk_ids: ['THR_20251028_160530_abc123'],
      fill_ids: ['f1'],
    };
    expect(linesOf(CausalityChainSchema, chain, 'causality')).toEqual([
      'causality.fill_ids[0]: must match FIL_YYYYMMDD_HHMMSS_xxxxxxxx',
    ]);
  });
});

describe('DispositionEnvelope', () => {
  test('PUBLISH names its event in UPPER_SNAKE_CASE', () => {
    const check = (value: unknown): string[] => linesOf(DispositionEnvelopeSchema, value, 'envelope');
    expect(check({ disposition: 'PUBLISH' })).toEqual(['envelope.event_name: PUBLISH requires event_name']);
    expect(check({ disposition: 'PUBLISH', event_name: 'tradeDone' })[0]).toContain(
      'must be UPPER_SNAKE_CASE',
    );
    expect(
      check({ disposition: 'PUBLISH', event_name: 'TRADE_DONE', event_payload: { a: [null, 1] } }),
    ).toEqual([]);
    expect(check({ disposition: 'STOP' })).toEqual([]);
  });
});
