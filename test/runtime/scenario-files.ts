/** Scenario contents for tests: small, valid, on a synthetic market; tests bend what they are about. */

export interface CommandOptions {
  readonly n?: number;
  readonly symbol?: string;
  readonly direction?: 'BUY' | 'SELL';
  readonly size?: string;
  readonly routing?: object;
  readonly entry?: object;
}

/** A valid NEW_TRADE command: buys at the market unless told otherwise. */
export function commandFor(options: CommandOptions = {}) {
  const { n = 1, symbol = 'BTC/USDT', direction = 'BUY', size = '0.5' } = options;
  const stamp = `20250106_090000_${n.toString(16).padStart(8, '0')}`;
  return {
    command_id: `EXE_${stamp}`,
    causality: { origin: { id: `tick-${n}`, type: 'TICK' } },
    scope: 'NEW_TRADE',
    plan_id: `TPL_${stamp}`,
    entry_plan: { plan_id: `ENT_${stamp}`, symbol, direction, order_type: 'MARKET', ...options.entry },
    size_plan: { plan_id: `SIZ_${stamp}`, position_size: size },
    routing_plan: {
      plan_id: `ROU_${stamp}`,
      execution_urgency: '0.7',
      visibility_preference: '0.5',
      max_slippage_pct: '0.005',
      ...options.routing,
    },
  };
}

export interface ScenarioOptions {
  readonly at?: string;
  readonly directive?: object;
  readonly commands?: readonly unknown[];
}

/** A scenario with one directive of one market buy. */
export function scenarioFor({ at, directive, commands = [commandFor()] }: ScenarioOptions = {}) {
  return {
    environment: 'backtest',
    market: {
      source: 'synthetic',
      seed: 1,
      symbols: { 'BTC/USDT': '60000' },
      start: '2025-01-06T09:00:00Z',
      duration_seconds: 120,
    },
    directives: [
      {
        ...(at === undefined ? {} : { at }),
        directive: {
          directive_id: 'STR_20250106_090000_00000001',
          strategy_planner_id: 'test-planner',
          decision_timestamp: '2025-01-06T09:00:00Z',
          causality: { origin: { id: 'tick-1', type: 'TICK' } },
          scope: 'NEW_TRADE',
          confidence: '0.8',
          ...directive,
        },
        commands,
      },
    ],
  };
}
