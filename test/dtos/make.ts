/** Valid wire inputs to bend in tests; every call gives fresh objects. */
import type {
  ExecutionCommandInput,
  ExecutionGroupInput,
  Issue,
  StrategyDirectiveInput,
} from '../../src/dtos/index.js';
import { FillwrightError, parseDto } from '../../src/dtos/index.js';

type Schema = Parameters<typeof parseDto>[0];
export type Wire = Record<string, unknown>;

const hex = (n: number): string => n.toString(16).padStart(8, '0');
export const id = (prefix: string, n = 0): string => `${prefix}_20251028_143022_${hex(n)}`;

export const causality = (): { origin: { id: string; type: 'TICK' } } => ({
  origin: { id: 'tick-1', type: 'TICK' },
});

export const directive = (change: Wire = {}): StrategyDirectiveInput =>
  ({
    directive_id: id('STR'),
    strategy_planner_id: 'momentum',
    decision_timestamp: '2025-10-28T14:30:22Z',
    causality: causality(),
    scope: 'NEW_TRADE',
    confidence: '0.85',
    ...change,
  }) as StrategyDirectiveInput;

export const entryPlan = (change: Wire = {}): Wire => ({
  plan_id: id('ENT'),
  symbol: 'BTC/USDT',
  direction: 'BUY',
  order_type: 'MARKET',
  ...change,
});

export const sizePlan = (change: Wire = {}): Wire => ({
  plan_id: id('SIZ'),
  position_size: '1.5',
  ...change,
});

export const routingPlan = (change: Wire = {}): Wire => ({
  plan_id: id('ROU'),
  execution_urgency: '0.5',
  visibility_preference: '0.5',
  max_slippage_pct: '0.01',
  ...change,
});

export const command = (change: Wire = {}, n = 0): ExecutionCommandInput =>
  ({
    command_id: id('EXE', n),
    causality: causality(),
    scope: 'NEW_TRADE',
    plan_id: id('TPL', n),
    entry_plan: entryPlan(),
    size_plan: sizePlan(),
    routing_plan: routingPlan(),
    ...change,
  }) as ExecutionCommandInput;

/** A command whose strategy_params are these. */
export const withParams = (params: unknown, entry: Wire = {}): ExecutionCommandInput =>
  command({ entry_plan: entryPlan(entry), routing_plan: routingPlan({ strategy_params: params }) });

export const twap = (change: Wire = {}): Wire => ({
  strategy: 'TWAP',
  duration_seconds: 600,
  slices: 10,
  ...change,
});

export const group = (change: Wire = {}): ExecutionGroupInput =>
  ({
    group_id: 'EXG_20251028_143022_a8f3c',
    parent_directive_id: 'EXE_20251028_143020_b7c4d890',
    execution_strategy: 'TWAP',
    order_ids: [],
    status: 'PENDING',
    created_at: '2025-10-28T14:30:22Z',
    updated_at: '2025-10-28T14:30:22Z',
    target_quantity: '100.0',
    ...change,
  }) as ExecutionGroupInput;

export const order = (change: Wire = {}): Wire => ({
  order_id: id('ORD'),
  parent_group_id: 'EXG_20251028_143022_a8f3c',
  client_order_id: 'a8f3c00001a',
  symbol: 'BTC/USDT',
  side: 'BUY',
  order_type: 'LIMIT',
  time_in_force: 'GTC',
  quantity: '1',
  price: '100',
  status: 'NEW',
  created_at: '2025-10-28T14:30:22Z',
  updated_at: '2025-10-28T14:30:22Z',
  ...change,
});

export const fill = (change: Wire = {}): Wire => ({
  fill_id: id('FIL'),
  parent_order_id: id('ORD'),
  filled_quantity: '0.5',
  fill_price: '100',
  executed_at: '2025-10-28T14:30:23.123Z',
  ...change,
});

/** The issues that a value raises, [] when it parses. Anything but a VALIDATION error is thrown on. */
export function issuesOf(schema: Schema, value: unknown, root: string): readonly Issue[] {
  try {
    parseDto(schema, value, root);
    return [];
  } catch (error) {
    if (error instanceof FillwrightError && error.code === 'VALIDATION') return error.issues;
    throw error;
  }
}

/** `path: message` of each issue. */
export const linesOf = (schema: Schema, value: unknown, root: string): string[] =>
  issuesOf(schema, value, root).map(({ path, message }) => `${path}: ${message}`);
