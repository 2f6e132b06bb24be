/**
 * When the occurrences of a DCA are: by a cron expression in a time zone, or every so many seconds from the start.
 *
 * Owns this arithmetic, and the only import of croner, of which it uses the calendar and never the timers. Does not
 * own what an occurrence buys, nor which of them were missed (dca.ts). Epoch ms throughout; nothing is stored but
 * parsed expressions, a memo of a pure function.
 *
 * Summer time: an expression with one time of day (`30 2 * * *`) runs once a day, after the gap where the clock jumps
 * over it, and at the first of two where the clock repeats it. Any other (`0 * * * *`) leaves out hours that do not
 * exist and runs in both of two.
 */
import { Cron } from 'croner';
import type { DcaParams } from '../dtos/strategy-params.js';
import { infeasible } from './check.js';

const PATH = 'routing_plan.strategy_params.frequency';

/** Occurrences from `startedAt` (included) to before `endsAt`; null: without end. */
export interface Timetable {
  readonly frequency: NonNullable<DcaParams['frequency']>;
  /** IANA name; for cron only. */
  readonly timeZone: string;
  readonly startedAt: number;
  readonly endsAt: number | null;
}

const MEMO_MAX = 256;
const memo = new Map<string, Cron>();

/** Throws PLAN_INFEASIBLE for an expression or a zone that means nothing. */
function cronOf(expression: string, timeZone: string): Cron {
  const key = `${timeZone} ${expression}`;
  const known = memo.get(key);
  if (known !== undefined) return known;
  const parsed = parse(expression, timeZone);
  // The oldest goes: whoever still uses it pays for one parse.
  if (memo.size >= MEMO_MAX) memo.delete(memo.keys().next().value as string);
  memo.set(key, parsed);
  return parsed;
}

function parse(expression: string, timeZone: string): Cron {
  try {
    return new Cron(expression, { timezone: timeZone, mode: '5-or-6-parts', paused: true });
  } catch (error) {
    const why = (error as Error).message.replace(/^CronPattern: /, '');
    throw infeasible(`${JSON.stringify(expression)} is no cron expression: ${why}`, PATH);
  }
}

/** The first occurrence later than `at`; null when none comes before the end, or ever. */
export function occurrenceAfter(table: Timetable, at: number): number | null {
  const { frequency, timeZone, startedAt, endsAt } = table;
  const from = Math.max(at, startedAt - 1);
  let next: number | null;
  if (typeof frequency === 'string') {
    next = cronOf(frequency, timeZone).nextRun(new Date(from))?.getTime() ?? null;
  } else {
    const period = frequency.period_seconds * 1000;
    next = startedAt + Math.floor((from - startedAt) / period + 1) * period;
  }
  return next === null || (endsAt !== null && next >= endsAt) ? null : next;
}

/** The last occurrence at or before `at`; null when there was none since the start. */
export function occurrenceBy(table: Timetable, at: number): number | null {
  const { frequency, timeZone, startedAt, endsAt } = table;
  const to = endsAt === null ? at : Math.min(at, endsAt - 1);
  if (to < startedAt) return null;
  if (typeof frequency === 'string') {
    const [last] = cronOf(frequency, timeZone).previousRuns(1, new Date(to + 1));
    const time = last?.getTime() ?? null;
    return time === null || time < startedAt ? null : time;
  }
  const period = frequency.period_seconds * 1000;
  return to - ((to - startedAt) % period);
}

/** The first occurrence; null: not one falls before the end. */
export const firstOccurrence = (table: Timetable): number | null =>
  occurrenceAfter(table, table.startedAt - 1);
