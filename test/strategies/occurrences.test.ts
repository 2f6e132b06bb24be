/** The calendar of a DCA: cron in a time zone, summer time, periods, and both directions against each other. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { FillwrightError } from '../../src/dtos/errors.js';
import {
  firstOccurrence,
  occurrenceAfter,
  occurrenceBy,
  type Timetable,
} from '../../src/strategies/occurrences.js';
import { T0 } from './support.js';

const ms = (text: string): number => Date.parse(text);
const iso = (at: number | null): string | null => (at === null ? null : new Date(at).toISOString());

const table = (
  frequency: Timetable['frequency'],
  start: string | number = T0,
  change: Partial<Timetable> = {},
): Timetable => ({
  frequency,
  timeZone: 'UTC',
  startedAt: typeof start === 'string' ? ms(start) : start,
  endsAt: null,
  ...change,
});

function take(timetable: Timetable, count: number): (string | null)[] {
  const found: (string | null)[] = [];
  let at: number | null = timetable.startedAt - 1;
  while (at !== null && found.length < count) {
    at = occurrenceAfter(timetable, at);
    found.push(iso(at)?.replace(':00.000Z', 'Z') ?? null);
  }
  return found;
}

describe('a cron expression', () => {
  test('of five fields has the minute first, of six the second', () => {
    expect(take(table('30 9 * * *'), 2)).toEqual(['2025-01-06T09:30Z', '2025-01-07T09:30Z']);
    expect(iso(firstOccurrence(table('15 30 9 * * *')))).toBe('2025-01-06T09:30:15.000Z');
  });

  test('counts an occurrence at the very start, and none a millisecond before it', () => {
    expect(firstOccurrence(table('0 9 * * *', T0))).toBe(T0);
    expect(iso(firstOccurrence(table('0 9 * * *', T0 + 1)))).toBe('2025-01-07T09:00:00.000Z');
  });

  test('has no occurrence at the end or after it', () => {
    const daily = table('0 9 * * *', T0 + 1);
    expect(firstOccurrence({ ...daily, endsAt: ms('2025-01-07T09:00:00Z') })).toBeNull();
    expect(firstOccurrence({ ...daily, endsAt: ms('2025-01-07T09:00:00.001Z') })).not.toBeNull();
  });

  test('that never comes has no occurrence', () => {
    expect(firstOccurrence(table('0 0 30 2 *'))).toBeNull();
    expect(occurrenceBy(table('0 0 30 2 *'), T0)).toBeNull();
  });

  test('waits for leap days, last days of months and weekdays of months', () => {
    expect(take(table('0 0 29 2 *'), 1)).toEqual(['2028-02-29T00:00Z']);
    expect(take(table('0 0 L * *'), 2)).toEqual(['2025-01-31T00:00Z', '2025-02-28T00:00Z']);
    expect(take(table('0 9 * * MON#1', T0 + 1), 1)).toEqual(['2025-02-03T09:00Z']);
  });

  test('with a day of the month and a day of the week means either', () => {
    expect(take(table('0 0 13 * FRI'), 3)).toEqual([
      '2025-01-10T00:00Z',
      '2025-01-13T00:00Z',
      '2025-01-17T00:00Z',
    ]);
  });

  test('keeps the local time over the change to summer time and back', () => {
    const berlin = { timeZone: 'Europe/Berlin' };
    expect(take(table('0 9 * * *', '2025-03-29T00:00:00Z', berlin), 3)).toEqual([
      '2025-03-29T08:00Z',
      '2025-03-30T07:00Z',
      '2025-03-31T07:00Z',
    ]);
    expect(take(table('0 9 * * *', '2025-10-25T00:00:00Z', berlin), 2)).toEqual([
      '2025-10-25T07:00Z',
      '2025-10-26T08:00Z',
    ]);
  });

  test('of one time a day is neither lost in the gap nor run twice in the hour that repeats', () => {
    const berlin = { timeZone: 'Europe/Berlin' };
    expect(take(table('30 2 * * *', '2025-03-29T12:00:00Z', berlin), 2)).toEqual([
      '2025-03-30T01:00Z',
      '2025-03-31T00:30Z',
    ]);
    expect(take(table('30 2 * * *', '2025-10-25T12:00:00Z', berlin), 2)).toEqual([
      '2025-10-26T00:30Z',
      '2025-10-27T01:30Z',
    ]);
  });

  test('of every hour runs every hour that passes, also where the clock changes', () => {
    const berlin = { timeZone: 'Europe/Berlin' };
    for (const day of ['2025-03-30T00:00:00Z', '2025-10-25T22:00:00Z']) {
      const hours = take(table('0 * * * *', day, berlin), 8).map((text) => ms(text!));
      expect(hours).toEqual(Array.from({ length: 8 }, (_, k) => ms(day) + k * 3_600_000));
    }
  });

  test.each(['61 * * * *', '0 0 * * 8', '0 0 * FOO *', '*/0 * * * *', '0/7 * * * *', 'abc * * * *'])(
    '%s is refused with its path and the reason',
    (expression) => {
      try {
        firstOccurrence(table(expression));
      } catch (error) {
        expect(error).toBeInstanceOf(FillwrightError);
        expect(error).toMatchObject({
          code: 'PLAN_INFEASIBLE',
          path: 'routing_plan.strategy_params.frequency',
        });
        expect((error as Error).message).toContain(`"${expression}" is no cron expression: `);
        expect((error as Error).message).not.toContain('CronPattern');
        return;
      }
      throw new Error('nothing was refused');
    },
  );

  test('gives the same after more expressions than are remembered', () => {
    const daily = table('7 9 * * *');
    const first = firstOccurrence(daily);
    for (let k = 0; k < 300; k++) firstOccurrence(table(`${k % 60} ${k % 24} ${1 + (k % 28)} * *`));
    expect(firstOccurrence(daily)).toBe(first);
  });
});

describe('a period', () => {
  const hourly = table({ period_seconds: 3600 });

  test('counts from the start, which is its first occurrence', () => {
    expect(take(hourly, 3)).toEqual(['2025-01-06T09:00Z', '2025-01-06T10:00Z', '2025-01-06T11:00Z']);
  });

  test('ends before the end', () => {
    expect(take({ ...hourly, endsAt: T0 + 7_200_000 }, 5)).toEqual([
      '2025-01-06T09:00Z',
      '2025-01-06T10:00Z',
      null,
    ]);
  });
});

describe('the last occurrence', () => {
  test('is none before the first, and never before the start', () => {
    expect(occurrenceBy(table('0 9 * * *', T0 + 1), T0 + 1000)).toBeNull();
    expect(occurrenceBy(table({ period_seconds: 60 }), T0 - 1)).toBeNull();
  });

  test('includes the moment itself', () => {
    expect(occurrenceBy(table('0 9 * * *'), T0)).toBe(T0);
    expect(occurrenceBy(table({ period_seconds: 60 }), T0 + 60_000)).toBe(T0 + 60_000);
    expect(occurrenceBy(table({ period_seconds: 60 }), T0 + 59_999)).toBe(T0);
  });

  test('is before the end, however late one asks', () => {
    const ended = { endsAt: T0 + 3_600_000 };
    expect(occurrenceBy(table({ period_seconds: 1800 }, T0, ended), T0 + 1e9)).toBe(T0 + 1_800_000);
    expect(occurrenceBy(table('*/30 * * * *', T0, ended), T0 + 1e9)).toBe(T0 + 1_800_000);
  });
});

test('both directions agree at every moment, in every zone and over every change of the clock', () => {
  const expressions = ['30 2 * * *', '*/30 * * * *', '0 9 * * 1-5', '15 */7 * * * *', '30 1,2 * * *'];
  const days = ['2025-03-09', '2025-03-30', '2025-10-26', '2025-11-02', '2025-04-06', '2018-11-04'];
  const zones = ['UTC', 'Europe/Berlin', 'America/New_York', 'America/Sao_Paulo', 'Australia/Lord_Howe'];
  const frequency = fc.oneof(
    fc.constantFrom(...expressions),
    fc.record({ period_seconds: fc.integer({ min: 1, max: 100_000 }) }),
  );
  fc.assert(
    fc.property(
      fc.record({ frequency, timeZone: fc.constantFrom(...zones), day: fc.constantFrom(...days) }),
      fc.integer({ min: 0, max: 2 * 86_400_000 }),
      fc.option(fc.integer({ min: 1, max: 5 * 86_400_000 })),
      ({ day, ...rest }, elapsed, span) => {
        const startedAt = ms(`${day}T00:00:00Z`) - 86_400_000;
        const timetable = { ...rest, startedAt, endsAt: span === null ? null : startedAt + span };
        const now = startedAt + elapsed;
        const last = occurrenceBy(timetable, now);
        const next = occurrenceAfter(timetable, now);
        if (next !== null) {
          expect(next).toBeGreaterThan(now);
          expect(occurrenceBy(timetable, next)).toBe(next);
          expect(occurrenceBy(timetable, next - 1)).toBe(last);
        }
        if (last !== null) {
          expect(last).toBeLessThanOrEqual(now);
          expect(occurrenceAfter(timetable, last)).toBe(next);
          expect(occurrenceAfter(timetable, last - 1)).toBe(last);
        }
        if (last === null && next !== null) expect(firstOccurrence(timetable)).toBe(next);
      },
    ),
    { numRuns: 1000 },
  );
});
