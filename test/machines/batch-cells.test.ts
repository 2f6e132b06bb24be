/**
 * Every cell (atomic state × event type) of the three batch topologies, illegal ones too, from one table; and the
 * table of final statuses. Complete when every cell and every guarded candidate of each definition stands in it.
 */
import { describe, expect, test } from '@jest/globals';
import type { Reason } from '../../src/dtos/events.js';
import type { BatchContext, BatchEvent } from '../../src/machines/batch.js';
import { batchFinal, type Tally } from '../../src/machines/causes.js';
import {
  ALL_EMPTY,
  ALL_FAILED,
  ALL_SUCCEEDED,
  ALL_UNWINDABLE,
  BATCH_EVENTS,
  CHARTS,
  legFailed,
  legSettled,
  MODES,
  type Mode,
  NOTHING,
  ONE_DONE,
  RESIDUAL,
  start,
  stop,
  tallyOf,
  UNWOUND,
} from './batch-facts.js';
import { CANCELLING, FINALS, LEADS, ONE_OF_EACH, situation, TABLES, WORKING } from './batch-table.js';
import { stateText, typesOf } from './charts.js';

const withoutOut = ({ out: _, ...rest }: BatchContext): Omit<BatchContext, 'out'> => rest;

describe.each(MODES)('the %s batch machine, cell by cell', (mode) => {
  const chart = CHARTS[mode];
  const table = TABLES[mode];

  test.each(
    table.map((row) => [`${row.from} + ${row.event.type} (${row.when}) → ${row.next}`, row] as const),
  )('%s', (_, row) => {
    const before = situation(mode, row);
    const { shot } = chart.step(before, row.event);
    expect(stateText(shot.value)).toBe(row.next);
    expect(typesOf(shot.context)).toEqual(row.out);
    if (row.after !== undefined) expect(shot.context).toMatchObject(row.after);
    expect(shot.status).toBe(FINALS.includes(row.next) ? 'done' : 'active');
    if (!row.out.includes('UNEXPECTED')) return;
    expect(shot.context.out).toEqual([{ type: 'UNEXPECTED', event: row.event.type }]);
    expect(withoutOut(shot.context)).toEqual(withoutOut(before.context));
  });

  test.each(FINALS)('%s absorbs every event', (state) => {
    const shot = chart.place(state, situation(mode, { from: 'refused' }).context);
    for (const event of ONE_OF_EACH) expect(chart.step(shot, event).shot).toBe(shot);
  });

  test('settling handles no event and never rests', () => {
    const { context } = situation(mode, { from: 'refused' });
    for (const event of ONE_OF_EACH) {
      const { shot } = chart.step(chart.place('settling', context), event);
      expect(stateText(shot.value)).toBe('failed');
      expect(shot.context.tally).toBe(context.tally);
    }
  });

  test('no cell is missing from the table', () => {
    const listed = new Set(table.map((row) => `${row.from} ${row.event.type}`));
    const resting = chart.atomic.filter((state) => state !== 'settling' && !FINALS.includes(state));
    const cells = resting.flatMap((state) => BATCH_EVENTS.map((type) => `${state} ${type}`));
    expect(cells.filter((cell) => !listed.has(cell))).toEqual([]);
    expect(cells).toHaveLength((mode === 'COORDINATED' ? 5 : 4) * BATCH_EVENTS.length);
    expect(Object.keys(LEADS)).toEqual(expect.arrayContaining(resting));
  });

  test('no candidate is missing from the table', () => {
    const seen = new Set(table.flatMap((row) => chart.step(situation(mode, row), row.event).taken));
    expect(chart.candidates.filter((name) => !seen.has(name))).toEqual([]);
  });

  test('the machine hears no event type beyond its union', () => {
    const types = chart.machine.events.filter((type) => type !== '*');
    expect(types.filter((type) => !BATCH_EVENTS.some((known) => known === type))).toEqual([]);
    if (mode === 'COORDINATED') expect(types.sort()).toEqual([...BATCH_EVENTS].sort());
  });
});

/** The details that a row's intent types do not show. */
describe('what the intents of a batch say', () => {
  const outOf = (mode: Mode, from: string, event: BatchEvent, given: Partial<BatchContext> = {}) =>
    CHARTS[mode].step(situation(mode, { from, given }), event).shot.context.out;

  test('legs of a sequence start in order', () => {
    expect(outOf('SEQUENTIAL', 'pending', start())).toContainEqual({ type: 'START_LEG', leg: 0 });
    expect(outOf('SEQUENTIAL', WORKING, legSettled(true, ONE_DONE))).toEqual([{ type: 'START_LEG', leg: 1 }]);
  });

  test("a leg's failure stops its siblings as sibling_failed, a STOP with its own cause", () => {
    expect(outOf('COORDINATED', WORKING, legFailed(NOTHING, 'timeout'))).toEqual([
      { type: 'STOPPING', reason: 'timeout' },
      { type: 'STOP_LEGS', cause: 'sibling_failed' },
      { type: 'ARM_GRACE' },
    ]);
    expect(outOf('INDEPENDENT', WORKING, stop('kill', NOTHING))).toEqual([
      { type: 'STOPPING', reason: 'kill' },
      { type: 'STOP_LEGS', cause: 'kill' },
    ]);
  });

  test('the end names status, reason and whether fills are kept', () => {
    const kept = { fills: 'KEEP', cause: 'cancel_requested', reason: 'cancel_requested' } as const;
    expect(outOf('COORDINATED', CANCELLING, legSettled(false, ALL_UNWINDABLE), kept)).toEqual([
      { type: 'SETTLED', status: 'CANCELLED', reason: 'cancel_requested', keeps: true },
    ]);
    expect(outOf('INDEPENDENT', WORKING, legSettled(true, ALL_SUCCEEDED))).toEqual([
      { type: 'SETTLED', status: 'COMPLETED', reason: 'target_reached', keeps: false },
    ]);
  });
});

describe("a settled batch's status, first match", () => {
  const REQUESTED: readonly Reason[] = ['cancel_requested', 'kill'];
  const OTHER: readonly (Reason | null)[] = [
    null,
    'timeout',
    'execution_error',
    'sibling_failed',
    'pre_check',
  ];
  const ANY = [...REQUESTED, ...OTHER];
  const each = (modes: readonly Mode[], causes: readonly (Reason | null)[], tally: Tally) =>
    new Set(modes.flatMap((mode) => causes.map((cause) => batchFinal(mode, tally, cause))));
  const PLAIN = ['INDEPENDENT', 'SEQUENTIAL'] as const;

  test('every leg succeeded: COMPLETED, whatever was asked', () => {
    expect(each(MODES, ANY, ALL_SUCCEEDED)).toEqual(new Set(['COMPLETED']));
  });

  test('a batch that sent an unwind is not COMPLETED', () => {
    const tally = { ...ALL_SUCCEEDED, unwindsSent: 1 };
    expect(each(['COORDINATED'], ['timeout'], tally)).toEqual(new Set(['FAILED']));
  });

  test('COORDINATED with a residual: PARTIAL, whatever was asked', () => {
    expect(each(['COORDINATED'], ANY, RESIDUAL)).toEqual(new Set(['PARTIAL']));
  });

  test('COORDINATED cancelled or killed: CANCELLED', () => {
    expect(each(['COORDINATED'], REQUESTED, UNWOUND)).toEqual(new Set(['CANCELLED']));
  });

  test('COORDINATED otherwise: FAILED', () => {
    expect(each(['COORDINATED'], OTHER, UNWOUND)).toEqual(new Set(['FAILED']));
    expect(each(['COORDINATED'], OTHER, ALL_EMPTY)).toEqual(new Set(['FAILED']));
  });

  test('other modes cancelled or killed: CANCELLED, fills or not', () => {
    for (const tally of [ALL_UNWINDABLE, ALL_FAILED, ALL_EMPTY]) {
      expect(each(PLAIN, REQUESTED, tally)).toEqual(new Set(['CANCELLED']));
    }
  });

  test('other modes with a fill: PARTIAL', () => {
    expect(each(PLAIN, OTHER, ALL_UNWINDABLE)).toEqual(new Set(['PARTIAL']));
  });

  test('other modes without a fill, a leg FAILED: FAILED', () => {
    expect(each(PLAIN, OTHER, ALL_FAILED)).toEqual(new Set(['FAILED']));
  });

  test('other modes refused before a leg was made: FAILED', () => {
    expect(each(PLAIN, ['pre_check', 'scope_error'], tallyOf({ legs: 0 }))).toEqual(new Set(['FAILED']));
  });

  test('other modes without a fill or failure: CANCELLED', () => {
    expect(each(PLAIN, [null, 'timeout', 'sibling_failed'], ALL_EMPTY)).toEqual(new Set(['CANCELLED']));
  });
});
