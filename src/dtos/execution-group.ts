/**
 * ExecutionGroup: the family tree of orders that carry one command out (spec 5).
 *
 * Owns the fields, every row of spec 5's validation tables in its own words, the status table and the mutation
 * contract. A group is a frozen value; each change gives a new one (decision 8). Creates no order, sums no fill.
 */
import { z } from 'zod';
import { cmp, div, sub } from './decimal.js';
import { ExecutionStrategyType, GroupStatus, SIDES, type StrategyName } from './enums.js';
import { FillwrightError } from './errors.js';
import { parseDto } from './parse.js';
import {
  foreignId,
  idOf,
  nonNegativeDecimal,
  positive,
  positiveDecimal,
  prose,
  symbol,
  timestamp,
} from './primitives.js';
import { jsonObject, list, type Rule, unique, withRule } from './structure.js';

/** 100,000 slices, each tried again a few times. */
const ORDERS_MAX = 1_000_000;

const nullable = <T extends z.ZodType>(schema: T, description: string) =>
  schema.nullable().default(null).meta({ description });

const shape = {
  group_id: idOf('EXG', 'group_id must match pattern EXG_YYYYMMDD_HHMMSS_xxxxx').meta({
    description: 'Unique execution group ID',
  }),
  parent_directive_id: idOf('EXE', 'parent_directive_id must be valid ExecutionDirective ID').meta({
    description: 'Parent ExecutionDirective ID',
  }),
  execution_strategy: z.enum(ExecutionStrategyType).meta({ description: 'Execution strategy type' }),
  order_ids: list(foreignId, { max: ORDERS_MAX, rule: unique('order_ids must contain unique values') }).meta({
    description: 'List of connector order IDs',
  }),
  status: z.enum(GroupStatus).meta({ description: 'Group lifecycle status' }),
  created_at: timestamp.meta({ format: 'date-time', description: 'Group creation timestamp (UTC)' }),
  updated_at: timestamp.meta({ format: 'date-time', description: 'Last update timestamp (UTC)' }),
  target_quantity: nullable(
    positiveDecimal('target_quantity must be positive'),
    'Target quantity (Decimal as string)',
  ),
  filled_quantity: nullable(
    nonNegativeDecimal('filled_quantity cannot be negative'),
    'Filled quantity (Decimal as string)',
  ),
  cancelled_at: nullable(timestamp, 'Cancellation timestamp'),
  completed_at: nullable(timestamp, 'Completion timestamp'),
  metadata: nullable(jsonObject, 'Strategy-specific metadata (JSON)'),
  // Beside the specification's twelve; absent where they do not apply.
  overfilled_quantity: positive.optional().meta({ description: 'What the venue filled beyond the target' }),
  offsets_group_id: idOf('EXG').optional().meta({ description: 'The group whose fills this unwind offsets' }),
  reason: prose(4_000).optional().meta({ description: 'Why the group ended' }),
  symbol: symbol.optional(),
  side: z.enum(SIDES).optional(),
};

type Fields = z.output<z.ZodObject<typeof shape>>;

/** Spec 5, section 3.2. */
const crossFieldRule: Rule<Fields> = (group, issue) => {
  const { filled_quantity: filled, target_quantity: target } = group;
  if (filled !== null && target !== null && cmp(filled, target) > 0) {
    issue(['filled_quantity'], 'filled_quantity cannot exceed target_quantity');
  }
  if (group.cancelled_at !== null && group.completed_at !== null) {
    issue(['cancelled_at'], 'Group cannot be both cancelled and completed');
  }
  if (group.status === 'CANCELLED' && group.cancelled_at === null) {
    issue(['cancelled_at'], 'CANCELLED status requires cancelled_at timestamp');
  }
  if (group.status === 'COMPLETED' && group.completed_at === null) {
    issue(['completed_at'], 'COMPLETED status requires completed_at timestamp');
  }
  if (Date.parse(group.updated_at) < Date.parse(group.created_at)) {
    issue(['updated_at'], 'updated_at cannot be before created_at');
  }
  if (group.offsets_group_id === group.group_id) issue(['offsets_group_id'], 'a group cannot offset itself');
};

const QUANTITY_DRIVEN: ReadonlySet<ExecutionStrategyType> = new Set(['TWAP', 'DCA', 'LAYERED']);

/** Spec 5, section 3.3. A SINGLE has no order id before the first acknowledgement (decision 9). */
const strategyRule: Rule<Fields> = (group, issue) => {
  const strategy = group.execution_strategy;
  if (QUANTITY_DRIVEN.has(strategy) && group.target_quantity === null) {
    issue(['target_quantity'], 'Must be set for quantity-driven strategies');
  }
  if (strategy === 'SINGLE' && group.order_ids.length > 1) {
    issue(['order_ids'], 'SINGLE strategy must have exactly 1 order');
  }
  if (strategy === 'ICEBERG' && (group.metadata?.['visible_ratio'] ?? null) === null) {
    issue(['metadata', 'visible_ratio'], 'Iceberg must specify visible_ratio in metadata');
  }
};

export const ExecutionGroupSchema = z
  .strictObject(shape)
  .check(withRule(crossFieldRule), withRule(strategyRule))
  .meta({ title: 'ExecutionGroup' });
/** A host's own strategy stands under its own name; what is parsed as spec 5 has it is one of its enum. */
export type ExecutionGroup = Readonly<
  Omit<z.output<typeof ExecutionGroupSchema>, 'execution_strategy'> & { execution_strategy: StrategyName }
>;
export type ExecutionGroupInput = z.input<typeof ExecutionGroupSchema>;

/** Spec 5, section 2.5, and the three that DESIGN section 4 adds: a group may end before any order. */
export const GROUP_TRANSITIONS: Readonly<Record<GroupStatus, readonly GroupStatus[]>> = {
  PENDING: ['ACTIVE', 'COMPLETED', 'CANCELLED', 'FAILED'],
  ACTIVE: ['COMPLETED', 'CANCELLED', 'FAILED', 'PARTIAL'],
  COMPLETED: [],
  CANCELLED: [],
  FAILED: [],
  PARTIAL: [],
};

export const isTerminalGroupStatus = (status: GroupStatus): boolean => GROUP_TRANSITIONS[status].length === 0;

/** What may change. `order_ids` is the whole list and may only grow at its end. */
export interface GroupChange {
  readonly updated_at: string;
  readonly status?: GroupStatus;
  readonly order_ids?: readonly string[];
  readonly filled_quantity?: string | null;
  readonly overfilled_quantity?: string;
  readonly cancelled_at?: string | null;
  readonly completed_at?: string | null;
  readonly reason?: string;
  /** Written from strategy_params and progress, never read back (decision 10). */
  readonly metadata?: ExecutionGroupInput['metadata'];
}

const MUTABLE: ReadonlySet<string> = new Set<keyof GroupChange>([
  'updated_at',
  'status',
  'order_ids',
  'filled_quantity',
  'overfilled_quantity',
  'cancelled_at',
  'completed_at',
  'reason',
  'metadata',
]);

/** A late fill still counts, whatever the group's status (I11). */
const MUTABLE_WHEN_TERMINAL: ReadonlySet<string> = new Set<keyof GroupChange>([
  'updated_at',
  'filled_quantity',
  'overfilled_quantity',
]);

/**
 * The group after `change`, validated and frozen; the old value stays as it is (spec 5, section 4).
 * @throws UNMUTABLE for a field that never changes, an order id taken away, a status the table does not allow;
 *   VALIDATION for a change that breaks one of the group's rules
 */
export function mutateGroup(group: ExecutionGroup, change: GroupChange): ExecutionGroup {
  for (const field of Object.keys(change)) {
    if (!MUTABLE.has(field)) refuse(field, 'never changes');
    if (isTerminalGroupStatus(group.status) && !MUTABLE_WHEN_TERMINAL.has(field)) {
      refuse(field, `does not change once the group is ${group.status}`);
    }
  }
  const { status, order_ids: orderIds } = change;
  if (status !== undefined && status !== group.status && !GROUP_TRANSITIONS[group.status].includes(status)) {
    refuse('status', `cannot go from ${group.status} to ${status}`);
  }
  if (orderIds !== undefined && !group.order_ids.every((id, index) => orderIds[index] === id)) {
    refuse('order_ids', 'may only grow at its end');
  }
  return parseDto(ExecutionGroupSchema, { ...group, ...change }, 'group');
}

function refuse(field: string, why: string): never {
  throw new FillwrightError('UNMUTABLE', `${field} ${why}`, {
    issues: [{ path: `group.${field}`, message: why }],
  });
}

/** Filled ÷ target, 0 to 1, half-even at 16 decimals; null without a target (spec 5, section 2.7). */
export const fillRatio = (group: ExecutionGroup): string | null =>
  group.target_quantity === null ? null : div(group.filled_quantity ?? '0', group.target_quantity);

/** Target − filled, base quantity; null without a target. */
export const remainingQuantity = (group: ExecutionGroup): string | null =>
  group.target_quantity === null ? null : sub(group.target_quantity, group.filled_quantity ?? '0');
