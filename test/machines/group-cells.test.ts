/**
 * Every cell (atomic state × event type) of the group machine, illegal ones too, from one table; and the table of
 * final statuses. The table is complete when every cell and every guarded candidate of the definition stands in it.
 */
import { describe, expect, test } from '@jest/globals';
import type { Reason } from '../../src/dtos/events.js';
import { type Final, groupFinal } from '../../src/machines/causes.js';
import type { GroupContext } from '../../src/machines/group-model.js';
import { T0 } from '../strategies/support.js';
import { stateText, typesOf } from './charts.js';
import { due, GROUP_EVENTS, groupChart, IDLE, single } from './group-facts.js';
import { FINALS, ONE_OF_EACH, situation, STATES, TABLE, TRANSIENT } from './group-table.js';

const withoutOut = ({ out: _, ...rest }: GroupContext): Omit<GroupContext, 'out'> => rest;

describe('the group machine, cell by cell', () => {
  test.each(
    TABLE.map((row) => [`${row.from} + ${row.event.type} (${row.when}) → ${row.next}`, row] as const),
  )('%s', (_, row) => {
    const before = situation(row);
    const { shot } = groupChart.step(before, row.event);
    expect(stateText(shot.value)).toBe(row.next);
    if (row.out !== null) expect(typesOf(shot.context)).toEqual(row.out);
    if (row.after !== undefined) expect(shot.context).toMatchObject(row.after);
    expect(shot.status).toBe(FINALS.includes(row.next) ? 'done' : 'active');
    if (row.out === null) {
      expect(shot.context).toEqual(before.context);
      expect(shot.context.out).toBe(before.context.out);
    }
    if (row.out?.includes('UNEXPECTED') !== true) return;
    expect(shot.context.out).toEqual([{ type: 'UNEXPECTED', event: row.event.type }]);
    expect(withoutOut(shot.context)).toEqual(withoutOut(before.context));
  });

  test.each(FINALS)('%s absorbs every event', (state) => {
    const context = situation({ from: 'closing' }).context;
    const shot = groupChart.place(state, context);
    for (const event of ONE_OF_EACH) expect(groupChart.step(shot, event).shot).toBe(shot);
  });

  test('settling handles no event and never rests', () => {
    const context = situation({ from: 'closing' }).context;
    for (const event of ONE_OF_EACH) {
      const { shot } = groupChart.step(groupChart.place('settling', context), event);
      expect(stateText(shot.value)).toBe('cancelled');
      expect(shot.context.totals).toBe(context.totals);
    }
  });

  test('the machine hears exactly the event types of its union', () => {
    expect(groupChart.machine.events.filter((type) => type !== '*').sort()).toEqual([...GROUP_EVENTS].sort());
    expect(ONE_OF_EACH.map((event) => event.type).sort()).toEqual([...GROUP_EVENTS].sort());
  });

  test('no cell is missing from the table', () => {
    const listed = new Set(TABLE.map((row) => `${STATES[row.from]} ${row.event.type}`));
    const cells = groupChart.atomic
      .filter((state) => !TRANSIENT.includes(state) && !FINALS.includes(state))
      .flatMap((state) => GROUP_EVENTS.map((type) => `${state} ${type}`));
    expect(cells.filter((cell) => !listed.has(cell))).toEqual([]);
    expect(cells).toHaveLength(3 * GROUP_EVENTS.length);
  });

  test('no candidate is missing from the table', () => {
    const seen = new Set(TABLE.flatMap((row) => groupChart.step(situation(row), row.event).taken));
    expect(groupChart.candidates.filter((name) => !seen.has(name))).toEqual([]);
  });

  test('a wake before START is a mistake of the caller', () => {
    const shot = groupChart.initial({ spec: single() });
    expect(() => groupChart.step(shot, due(0, T0, IDLE))).toThrow('a group plans only after START');
  });
});

/** DESIGN section 4's rows of causes, and decision 20's; target_reached is a cause only while the group was full. */
const CAUSES: Record<Reason, 'requested' | 'error' | 'short' | 'done'> = {
  cancel_requested: 'requested',
  kill: 'requested',
  execution_error: 'error',
  control_stop: 'error',
  pre_check: 'error',
  scope_error: 'error',
  timeout: 'short',
  market_ended: 'short',
  legging_time: 'short',
  sibling_failed: 'short',
  schedule_ended: 'short',
  venue_canceled: 'short',
  venue_expired: 'short',
  cap_reached: 'short',
  target_reached: 'short',
  no_order_needed: 'short',
  budget_spent: 'done',
  stopped_out: 'short',
  strategy_fault: 'error',
};

const ENDS: Record<'requested' | 'error' | 'short' | 'done', { some: Final; none: Final }> = {
  requested: { some: 'CANCELLED', none: 'CANCELLED' },
  error: { some: 'FAILED', none: 'FAILED' },
  short: { some: 'PARTIAL', none: 'CANCELLED' },
  done: { some: 'COMPLETED', none: 'COMPLETED' },
};

describe("a settled group's status, first match", () => {
  const causes = Object.entries(CAUSES) as [Reason, keyof typeof ENDS][];

  test.each([null, ...causes.map(([cause]) => cause)])('filled = target outranks %s', (cause) => {
    expect(groupFinal({ full: true, anyFill: true, cause })).toBe('COMPLETED');
    expect(groupFinal({ full: true, anyFill: false, cause })).toBe('COMPLETED');
  });

  test.each(causes)('%s below the target is %s', (cause, kind) => {
    expect(groupFinal({ full: false, anyFill: true, cause })).toBe(ENDS[kind].some);
    expect(groupFinal({ full: false, anyFill: false, cause })).toBe(ENDS[kind].none);
  });

  test('an end without a cause is short', () => {
    expect(groupFinal({ full: false, anyFill: true, cause: null })).toBe('PARTIAL');
    expect(groupFinal({ full: false, anyFill: false, cause: null })).toBe('CANCELLED');
  });
});
