/** The tests that spec 5, section 8 lists, in its order, and the mutation contract of its section 4. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  EXECUTION_GROUP_EXAMPLES,
  type ExecutionGroup,
  ExecutionGroupSchema,
  ExecutionStrategyType,
  fillRatio,
  GROUP_TRANSITIONS,
  type GroupChange,
  GroupStatus,
  isTerminalGroupStatus,
  mutateGroup,
  parseDto,
  remainingQuantity,
} from '../../src/dtos/index.js';
import { group, linesOf, type Wire } from './make.js';

const parsed = (change: Wire = {}): ExecutionGroup => parseDto(ExecutionGroupSchema, group(change), 'group');
const lines = (change: Wire): string[] => linesOf(ExecutionGroupSchema, group(change), 'group');
const LATER = '2025-10-28T14:35:15Z';
const active = (change: Wire = {}): ExecutionGroup =>
  parsed({ status: 'ACTIVE', filled_quantity: '0', ...change });
const inStatus = (status: GroupStatus, change: Wire = {}): ExecutionGroup =>
  parsed({
    status,
    filled_quantity: '10',
    ...(status === 'CANCELLED' ? { cancelled_at: LATER } : {}),
    ...(status === 'COMPLETED' ? { completed_at: LATER } : {}),
    updated_at: LATER,
    ...change,
  });

describe('creation', () => {
  test('a minimal group has its optional fields null', () => {
    const minimal = parseDto(
      ExecutionGroupSchema,
      {
        group_id: 'EXG_20251028_143022_a8f3c',
        parent_directive_id: 'EXE_20251028_143020_b7c4d890',
        execution_strategy: 'SINGLE',
        order_ids: [],
        status: 'PENDING',
        created_at: '2025-10-28T14:30:22Z',
        updated_at: '2025-10-28T14:30:22Z',
      },
      'group',
    );
    expect(minimal).toMatchObject({
      target_quantity: null,
      filled_quantity: null,
      cancelled_at: null,
      completed_at: null,
      metadata: null,
    });
  });

  test('a full group keeps every field', () => {
    const full = {
      ...group({ order_ids: ['binance_1'], status: 'CANCELLED', cancelled_at: LATER, updated_at: LATER }),
      filled_quantity: '100.0',
      completed_at: null,
      metadata: { chunks_placed: 1 },
      overfilled_quantity: '0.5',
      offsets_group_id: 'EXG_20251028_143021_a8f3c',
      reason: 'cancel_requested',
      symbol: 'BTC/USDT',
      side: 'SELL',
    };
    expect(parseDto(ExecutionGroupSchema, full, 'group')).toEqual(full);
  });

  test('metadata is free-form JSON', () => {
    const metadata = { chunk_size: '10', interval_seconds: 300, nested: [null, { deep: true }] };
    expect(parsed({ metadata }).metadata).toEqual(metadata);
  });

  test('the five examples of the specification are valid', () => {
    expect(EXECUTION_GROUP_EXAMPLES.map((example) => [example.execution_strategy, example.status])).toEqual([
      ['TWAP', 'ACTIVE'],
      ['ICEBERG', 'ACTIVE'],
      ['TWAP', 'CANCELLED'],
      ['DCA', 'COMPLETED'],
      ['SINGLE', 'COMPLETED'],
    ]);
    for (const example of EXECUTION_GROUP_EXAMPLES) {
      expect(parseDto(ExecutionGroupSchema, example, 'example')).toEqual(example);
    }
    expect(fillRatio(EXECUTION_GROUP_EXAMPLES[0] as ExecutionGroup)).toBe('0.3');
  });
});

describe('validation', () => {
  test.each([
    'EXG_20251028_143022_A8F3C',
    'EXG_20251028_143022_a8f3',
    'EXG_20251028_143022_a8f3c0',
    'EXE_20251028_143022_a8f3c',
    'EXG_2025102_143022_a8f3c',
    '',
  ])('group_id %p breaks the pattern', (group_id) => {
    expect(lines({ group_id })).toEqual([
      'group.group_id: group_id must match pattern EXG_YYYYMMDD_HHMMSS_xxxxx',
    ]);
  });

  test.each(['EXE_20251028_143020_b7c4d', 'EXE_20251028_095958_h5c6d7e8', 'STR_20251028_143020_b7c4d890'])(
    'parent_directive_id %p breaks the pattern',
    (parent_directive_id) => {
      expect(lines({ parent_directive_id })).toEqual([
        'group.parent_directive_id: parent_directive_id must be valid ExecutionDirective ID',
      ]);
    },
  );

  test('an id with an impossible date is refused', () => {
    expect(lines({ group_id: 'EXG_20250230_143022_a8f3c' })).toEqual([
      'group.group_id: holds a date or time that does not exist',
    ]);
  });

  test('duplicate order ids are refused', () => {
    expect(lines({ order_ids: ['a', 'b', 'a'] })).toEqual([
      'group.order_ids: order_ids must contain unique values',
    ]);
  });

  test('filled_quantity cannot exceed target_quantity', () => {
    const expected = ['group.filled_quantity: filled_quantity cannot exceed target_quantity'];
    expect(lines({ filled_quantity: '100.00000001' })).toEqual(expected);
    expect(lines({ filled_quantity: '100.00000000' })).toEqual([]);
    expect(lines({ filled_quantity: '9' })).toEqual([]);
  });

  test('a group is not both cancelled and completed', () => {
    expect(lines({ cancelled_at: LATER, completed_at: LATER })).toEqual([
      'group.cancelled_at: Group cannot be both cancelled and completed',
    ]);
  });

  test.each(['0', '0.00', '-1'])('target_quantity %s is not positive', (target_quantity) => {
    expect(lines({ target_quantity })).toEqual(['group.target_quantity: target_quantity must be positive']);
  });

  test('filled_quantity cannot be negative', () => {
    expect(lines({ filled_quantity: '-0.1' })).toEqual([
      'group.filled_quantity: filled_quantity cannot be negative',
    ]);
    expect(lines({ filled_quantity: '0' })).toEqual([]);
  });

  test('updated_at cannot be before created_at, to the millisecond', () => {
    const expected = ['group.updated_at: updated_at cannot be before created_at'];
    expect(lines({ created_at: '2025-10-28T14:30:22.001Z', updated_at: '2025-10-28T14:30:22Z' })).toEqual(
      expected,
    );
    expect(lines({ created_at: '2025-10-28T14:30:22.1Z', updated_at: '2025-10-28T14:30:22.100Z' })).toEqual(
      [],
    );
  });

  test('a group cannot offset itself', () => {
    expect(lines({ offsets_group_id: 'EXG_20251028_143022_a8f3c' })).toEqual([
      'group.offsets_group_id: a group cannot offset itself',
    ]);
  });
});

describe('strategies', () => {
  test('SINGLE has no order before the first acknowledgement, one after it, never two', () => {
    const single = { execution_strategy: 'SINGLE', target_quantity: null };
    expect(lines({ ...single, order_ids: [] })).toEqual([]);
    expect(lines({ ...single, order_ids: ['a'] })).toEqual([]);
    expect(lines({ ...single, order_ids: ['a', 'b'] })).toEqual([
      'group.order_ids: SINGLE strategy must have exactly 1 order',
    ]);
  });

  test.each(['TWAP', 'DCA', 'LAYERED'])('%s requires target_quantity', (execution_strategy) => {
    expect(lines({ execution_strategy })).toEqual([]);
    expect(lines({ execution_strategy, target_quantity: null })).toEqual([
      'group.target_quantity: Must be set for quantity-driven strategies',
    ]);
  });

  test('ICEBERG requires visible_ratio in its metadata', () => {
    const expected = ['group.metadata.visible_ratio: Iceberg must specify visible_ratio in metadata'];
    const iceberg = { execution_strategy: 'ICEBERG' };
    expect(lines({ ...iceberg, metadata: { visible_ratio: 0.2 } })).toEqual([]);
    expect(lines({ ...iceberg, metadata: {} })).toEqual(expected);
    expect(lines({ ...iceberg, metadata: { visible_ratio: null } })).toEqual(expected);
    expect(lines({ ...iceberg })).toEqual(expected);
  });

  test.each(['VWAP', 'POV'])('%s requires nothing more', (execution_strategy) => {
    expect(lines({ execution_strategy, target_quantity: null })).toEqual([]);
  });

  test.each(['twap', 'SNIPER', null, 3])('execution_strategy %p is refused', (execution_strategy) => {
    expect(lines({ execution_strategy })[0]).toBe(
      `group.execution_strategy: must be one of ${Object.values(ExecutionStrategyType).join(', ')}`,
    );
  });
});

describe('status', () => {
  const statuses = Object.values(GroupStatus);
  const allowed = new Set([
    'PENDING ACTIVE',
    'PENDING COMPLETED',
    'PENDING CANCELLED',
    'PENDING FAILED',
    'ACTIVE COMPLETED',
    'ACTIVE CANCELLED',
    'ACTIVE FAILED',
    'ACTIVE PARTIAL',
  ]);
  const cells = statuses.flatMap((from) =>
    statuses.filter((to) => to !== from).map((to) => [from, to] as const),
  );

  test.each(cells)('%s → %s is as the table says', (from, to) => {
    const change: GroupChange = {
      status: to,
      updated_at: LATER,
      ...(to === 'CANCELLED' ? { cancelled_at: LATER } : {}),
      ...(to === 'COMPLETED' ? { completed_at: LATER } : {}),
    };
    const act = (): ExecutionGroup => mutateGroup(inStatus(from), change);
    expect(GROUP_TRANSITIONS[from].includes(to)).toBe(allowed.has(`${from} ${to}`));
    if (allowed.has(`${from} ${to}`)) expect(act().status).toBe(to);
    else expect(act).toThrow(expect.objectContaining({ code: 'UNMUTABLE', path: 'group.status' }));
  });

  test('four statuses are terminal', () => {
    expect(statuses.filter(isTerminalGroupStatus)).toEqual(['COMPLETED', 'CANCELLED', 'FAILED', 'PARTIAL']);
  });

  test('CANCELLED and COMPLETED require their timestamps', () => {
    expect(lines({ status: 'CANCELLED' })).toEqual([
      'group.cancelled_at: CANCELLED status requires cancelled_at timestamp',
    ]);
    expect(lines({ status: 'COMPLETED' })).toEqual([
      'group.completed_at: COMPLETED status requires completed_at timestamp',
    ]);
    expect(() => mutateGroup(active(), { status: 'CANCELLED', updated_at: LATER })).toThrow(
      'CANCELLED status requires cancelled_at timestamp',
    );
  });
});

describe('mutation', () => {
  test('an order id is appended in a new frozen value; the old one stays', () => {
    const before = active({ order_ids: ['a'] });
    const after = mutateGroup(before, { order_ids: ['a', 'b'], updated_at: LATER });
    expect(after.order_ids).toEqual(['a', 'b']);
    expect(after.updated_at).toBe(LATER);
    expect(before.order_ids).toEqual(['a']);
    expect(Object.isFrozen(after) && Object.isFrozen(after.order_ids)).toBe(true);
  });

  test.each([[[]], [['b']], [['b', 'a']]])(
    'order ids are neither taken away nor replaced: %j',
    (order_ids) => {
      expect(() => mutateGroup(active({ order_ids: ['a'] }), { order_ids, updated_at: LATER })).toThrow(
        expect.objectContaining({ code: 'UNMUTABLE', path: 'group.order_ids' }),
      );
    },
  );

  test('fill progress, reason and metadata change', () => {
    const after = mutateGroup(active(), {
      filled_quantity: '87.5',
      overfilled_quantity: '1',
      reason: 'timeout',
      metadata: { chunks_placed: 4 },
      updated_at: LATER,
    });
    expect(after).toMatchObject({
      filled_quantity: '87.5',
      reason: 'timeout',
      metadata: { chunks_placed: 4 },
    });
    expect(fillRatio(after)).toBe('0.875');
    expect(remainingQuantity(after)).toBe('12.5');
  });

  test('a bust takes filled_quantity back', () => {
    expect(
      mutateGroup(active({ filled_quantity: '5' }), { filled_quantity: '2', updated_at: LATER })
        .filled_quantity,
    ).toBe('2');
  });

  test('a change that breaks a rule is refused as a whole', () => {
    expect(() => mutateGroup(active(), { filled_quantity: '100.1', updated_at: LATER })).toThrow(
      expect.objectContaining({ code: 'VALIDATION', path: 'group.filled_quantity' }),
    );
  });

  test.each([
    ['group_id', 'EXG_20251028_143022_bbbbb'],
    ['parent_directive_id', 'EXE_20251028_143020_bbbbbbbb'],
    ['execution_strategy', 'VWAP'],
    ['created_at', '2025-10-28T14:30:21Z'],
    ['target_quantity', '200'],
    ['offsets_group_id', 'EXG_20251028_143022_bbbbb'],
    ['symbol', 'ETH/USDT'],
    ['side', 'BUY'],
  ])('%s never changes', (field, value) => {
    const change = { updated_at: LATER, [field]: value } as GroupChange;
    expect(() => mutateGroup(active(), change)).toThrow(
      expect.objectContaining({
        code: 'UNMUTABLE',
        path: `group.${field}`,
        message: `${field} never changes`,
      }),
    );
  });

  test.each(['COMPLETED', 'CANCELLED', 'FAILED', 'PARTIAL'] as const)(
    'a %s group takes the quantity of a late fill and nothing else',
    (status) => {
      const terminal = inStatus(status);
      const late = mutateGroup(terminal, {
        filled_quantity: '11',
        overfilled_quantity: '1',
        updated_at: LATER,
      });
      expect(late).toEqual({ ...terminal, filled_quantity: '11', overfilled_quantity: '1' });
      for (const change of [
        { order_ids: ['z'] },
        { reason: 'x' },
        { cancelled_at: LATER },
        { status: 'ACTIVE' as const },
      ]) {
        expect(() => mutateGroup(terminal, { ...change, updated_at: LATER })).toThrow(
          expect.objectContaining({ code: 'UNMUTABLE', path: `group.${Object.keys(change)[0]}` }),
        );
      }
    },
  );

  test('filled and remaining add up to the target', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e9 }), fc.integer({ min: 0, max: 1e9 }), (target, filled) => {
        const done = Math.min(target, filled);
        const value = active({ target_quantity: `${target}`, filled_quantity: `${done}` });
        expect(Number(remainingQuantity(value)) + done).toBe(target);
        expect(Number(fillRatio(value))).toBeCloseTo(done / target, 12);
      }),
      { numRuns: 50 },
    );
    const untargeted = parsed({ execution_strategy: 'POV', target_quantity: null });
    expect([fillRatio(untargeted), remainingQuantity(untargeted)]).toEqual([null, null]);
  });
});

describe('serialization', () => {
  test('a group survives JSON', () => {
    for (const example of EXECUTION_GROUP_EXAMPLES) {
      expect(parseDto(ExecutionGroupSchema, JSON.parse(JSON.stringify(example)), 'group')).toEqual(example);
    }
  });
});
