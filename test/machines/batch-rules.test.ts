/** The batch charts' guards and updates by themselves: each condition at both of its ends, each effect whole. */
import { describe, expect, test } from '@jest/globals';
import {
  type BatchContext,
  type BatchEvent,
  batchGuards,
  batchUpdates,
  initialContext,
} from '../../src/machines/batch-rules.js';
import { EMPTY_TALLY } from '../../src/machines/causes.js';
import {
  ALL_SUCCEEDED,
  ALL_UNWINDABLE,
  blocked,
  CHARTS,
  graceOver,
  legFailed,
  legSettled,
  MODES,
  NOTHING,
  RESIDUAL,
  start,
  stop,
  tallyOf,
  UNWOUND,
  unwindsChanged,
} from './batch-facts.js';
import { stateText } from './charts.js';

const INPUT = { mode: 'COORDINATED', legs: 2, onLegFailure: 'UNWIND' } as const;
const contextOf = (change: Partial<BatchContext> = {}): BatchContext => ({
  ...initialContext({ input: INPUT }),
  ...change,
});

describe('a batch begins', () => {
  test('with nothing told, its legs counted, and fills to be offset where its policy says UNWIND', () => {
    expect(initialContext({ input: INPUT })).toEqual({
      ...{ mode: 'COORDINATED', legs: 2, next: 0, cause: null, reason: null, fills: 'UNWIND' },
      ...{ graceOver: false, tally: { ...EMPTY_TALLY, legs: 2 }, out: [] },
    });
    expect(initialContext({ input: { ...INPUT, onLegFailure: 'CANCEL_PENDING' } }).fills).toBe('HOLD');
  });
});

describe('a guard', () => {
  type Row = readonly [keyof typeof batchGuards, string, Partial<BatchContext>, BatchEvent, boolean];
  const rows: readonly Row[] = [
    ['succeeded', 'a leg that did', {}, legSettled(true, NOTHING), true],
    ['succeeded', 'a leg that did not', {}, legSettled(false, NOTHING), false],
    ['succeeded', 'no leg at all', {}, { ...stop('kill', NOTHING), success: true } as BatchEvent, false],
    ['unwindsDone', 'nothing is left to offset', {}, unwindsChanged(UNWOUND), true],
    ['unwindsDone', 'something is', {}, unwindsChanged({ ...UNWOUND, unwindable: 1 }), false],
    ['unwindsDone', 'it is held', { fills: 'HOLD' }, unwindsChanged({ ...UNWOUND, unwindable: 1 }), true],
    ['unwindsDone', 'an unwind lives', {}, unwindsChanged({ ...UNWOUND, unwindsLive: 1 }), false],
    ['unwindsDone', 'a leg lives', {}, unwindsChanged({ ...UNWOUND, settled: 1 }), false],
    ['stopsUnwinds', 'a kill', {}, stop('kill', NOTHING), true],
    ['stopsUnwinds', 'who abandons', {}, stop('cancel_requested', NOTHING, { abandon: true }), true],
    ['stopsUnwinds', 'another stop', {}, stop('timeout', NOTHING), false],
    ['stopsUnwinds', 'no stop', {}, { ...legFailed(NOTHING, 'kill'), abandon: true } as BatchEvent, false],
    ['allSettled', 'all succeeded', {}, legSettled(true, ALL_SUCCEEDED), true],
    ['allSettled', 'it has not heard why one failed', {}, legSettled(true, ALL_UNWINDABLE), false],
    ['allSettled', 'it has', { reason: 'kill' }, legSettled(true, ALL_UNWINDABLE), true],
  ];

  test.each(rows)('%s: %s', (name, _when, context, event, holds) => {
    expect(batchGuards[name](contextOf(context), event)).toBe(holds);
  });
});

describe('an update', () => {
  const out = (name: keyof typeof batchUpdates, context: Partial<BatchContext>, event: BatchEvent) =>
    batchUpdates[name](contextOf(context), event).out;

  test('stopLegs names why the batch stops, and tells the legs the cause of a stop, or of their sibling', () => {
    expect(out('stopLegs', { reason: 'timeout' }, stop('timeout', NOTHING))).toEqual([
      { type: 'STOPPING', reason: 'timeout' },
      { type: 'STOP_LEGS', cause: 'timeout' },
    ]);
    expect(out('stopLegs', {}, legSettled(false, NOTHING))).toEqual([
      { type: 'STOPPING', reason: 'execution_error' },
      { type: 'STOP_LEGS', cause: 'sibling_failed' },
    ]);
  });

  test('refuseLegs hands on what refused the batch, the pre-check where nothing else did', () => {
    expect(out('refuseLegs', { cause: 'kill' }, blocked())).toEqual([{ type: 'STOP_LEGS', cause: 'kill' }]);
    expect(out('refuseLegs', {}, blocked())).toEqual([{ type: 'STOP_LEGS', cause: 'pre_check' }]);
  });

  test('stopUnwinds holds the fills, and hands on the cause of the stop', () => {
    const stopped = batchUpdates.stopUnwinds(contextOf(), stop('kill', RESIDUAL));
    expect(stopped).toEqual(
      contextOf({ fills: 'HOLD', tally: RESIDUAL, out: [{ type: 'STOP_UNWINDS', cause: 'kill' }] }),
    );
    expect(out('stopUnwinds', {}, unwindsChanged(NOTHING))).toEqual([
      { type: 'STOP_UNWINDS', cause: 'cancel_requested' },
    ]);
  });

  test('settle tells the target as the reason of what completed, the first reason of all else, an error where none is', () => {
    const ended = { reason: 'timeout', tally: ALL_SUCCEEDED } as const;
    const settled = { type: 'SETTLED', keeps: false };
    expect(out('settle', ended, NO_EVENT)).toEqual([
      { ...settled, status: 'COMPLETED', reason: 'target_reached' },
    ]);
    expect(out('settle', { ...ended, tally: NOTHING }, NO_EVENT)).toEqual([
      { ...settled, status: 'FAILED', reason: 'timeout' },
    ]);
    expect(out('settle', { tally: NOTHING, fills: 'KEEP' }, NO_EVENT)).toEqual([
      { ...settled, status: 'FAILED', reason: 'execution_error', keeps: true },
    ]);
  });

  const NO_EVENT = graceOver(NOTHING);

  test('record leaves cause, reason and fills to the events that have some', () => {
    const before = contextOf({ cause: 'timeout', reason: 'timeout', fills: 'HOLD' });
    expect(batchUpdates.record(before, unwindsChanged(UNWOUND))).toEqual({ ...before, tally: UNWOUND });
    expect(batchUpdates.record(before, graceOver(UNWOUND))).toEqual({
      ...before,
      tally: UNWOUND,
      graceOver: true,
    });
  });

  test('record rules an unwind out by a kill, which takes back no wish to keep the fills', () => {
    const killed = (context: Partial<BatchContext>) =>
      batchUpdates.record(contextOf(context), stop('kill', NOTHING)).fills;
    expect(killed({})).toBe('HOLD');
    expect(killed({ fills: 'KEEP', cause: 'cancel_requested' })).toBe('KEEP');
    const other = batchUpdates.record(contextOf(), stop('timeout', NOTHING));
    expect(other).toMatchObject({ fills: 'UNWIND', cause: 'timeout', reason: 'timeout' });
  });
});

describe('a refused batch of every mode', () => {
  test.each(MODES)('%s remembers what stopped it, and ends by it', (mode) => {
    const chart = CHARTS[mode];
    let shot = chart.initial({ ...INPUT, mode });
    ({ shot } = chart.step(shot, stop('kill', tallyOf())));
    expect(shot.context).toMatchObject({ cause: 'kill', out: [{ type: 'STOP_LEGS', cause: 'kill' }] });
    ({ shot } = chart.step(shot, legSettled(false, tallyOf({ settled: 2 }))));
    expect(stateText(shot.value)).toBe('cancelled');
    expect((shot as { readonly output?: unknown }).output).toEqual({ status: 'CANCELLED' });
  });

  test('SEQUENTIAL counts what the leg that stops it has come to', () => {
    const chart = CHARTS.SEQUENTIAL;
    let shot = chart.initial({ ...INPUT, mode: 'SEQUENTIAL' });
    ({ shot } = chart.step(shot, start()));
    const tally = tallyOf({ settled: 1, withFills: 1 });
    ({ shot } = chart.step(shot, legSettled(false, tally)));
    expect(shot.context.tally).toEqual(tally);
  });

  test.each([legSettled(false, ALL_UNWINDABLE), unwindsChanged(ALL_UNWINDABLE)])(
    'COORDINATED counts what its rollback has to offset',
    (event) => {
      const chart = CHARTS.COORDINATED;
      let shot = chart.initial(INPUT);
      for (const one of [start(), legFailed(NOTHING), event]) ({ shot } = chart.step(shot, one));
      expect(stateText(shot.value)).toBe('active.unwinding');
      expect(shot.context.tally).toEqual(ALL_UNWINDABLE);
    },
  );
});
