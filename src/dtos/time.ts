/**
 * UTC timestamps as text: `YYYY-MM-DDTHH:MM:SS[.mmm]Z` and back to epoch milliseconds.
 *
 * Owns the grammar and the calendar. Knows no clock: the time is always an argument.
 */

/** `2025-10-28T14:30:22Z`: UTC, at most millisecond precision, a date that exists. */
export type Timestamp = string;

const TIMESTAMP = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.\d{1,3})?Z$/;
const DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] as const;

/** Does the proleptic Gregorian calendar have this day? */
export function isRealDate(year: number, month: number, day: number): boolean {
  const leap = month === 2 && year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  return day >= 1 && day <= (DAYS[month - 1] ?? 0) + (leap ? 1 : 0);
}

/** A UTC second has no leap second here: POSIX time cannot hold one. */
export const isRealTime = (hour: number, minute: number, second: number): boolean =>
  hour < 24 && minute < 60 && second < 60;

/** What is wrong with a timestamp's text, or null. */
export function timestampProblem(text: string): string | null {
  if (text.length > 40) return 'must be an ISO-8601 UTC timestamp such as 2025-10-28T14:30:22Z';
  const part = TIMESTAMP.exec(text);
  if (part === null) return grammarProblem(text);
  const real =
    isRealDate(Number(part[1]), Number(part[2]), Number(part[3])) &&
    isRealTime(Number(part[4]), Number(part[5]), Number(part[6]));
  return real ? null : 'is not a real date and time';
}

function grammarProblem(text: string): string {
  const local = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?(\.\d+)?/.exec(text);
  if (local === null) return 'must be an ISO-8601 UTC timestamp such as 2025-10-28T14:30:22Z';
  const zone = text.slice(local[0].length);
  if (zone === '') return 'must be UTC with a trailing Z; a naive timestamp is refused';
  if (/^[+-]\d\d:?\d\d$/.test(zone)) return 'must be UTC with a trailing Z, not an offset';
  if (zone === 'Z' && (local[2]?.length ?? 0) > 4) return 'must not be finer than milliseconds';
  return 'must be an ISO-8601 UTC timestamp such as 2025-10-28T14:30:22Z';
}

/** Epoch milliseconds of a valid timestamp. */
export const toMs = (timestamp: Timestamp): number => Date.parse(timestamp);

/** Epoch milliseconds as a timestamp with three decimals. */
export const toTimestamp = (ms: number): Timestamp => new Date(ms).toISOString();
