/**
 * Fields of the CSV formats: decimals, times, and their order.
 *
 * Owns the checks that lean-tick, lean-bars and trades-csv share.
 */
import { isRealDate } from '../dtos/time.js';
import { type DataFile, fail, type Line } from './files.js';
import { isPlainDecimal, parseWhole } from './scaled.js';

/** A positive or zero decimal string. @throws MARKET_DATA with the column's name */
export function decimalField(line: Line, text: string | undefined, column: string): string {
  if (text === undefined || !isPlainDecimal(text)) fail(line, `${column} is not a number: ${quoted(text)}`);
  return text;
}

/** A decimal string above zero. @throws MARKET_DATA */
export function positiveField(line: Line, text: string | undefined, column: string): string {
  const value = decimalField(line, text, column);
  if (!/[1-9]/.test(value)) fail(line, `${column} is zero`);
  return value;
}

/** A whole number below 2^53. @throws MARKET_DATA */
export function wholeField(line: Line, text: string | undefined, column: string): number {
  const value = parseWhole(text ?? '');
  if (value < 0) fail(line, `${column} is not a whole number: ${quoted(text)}`);
  return value;
}

export const quoted = (text: string | undefined): string => JSON.stringify((text ?? '').slice(0, 40));

/** Milliseconds of a day, which has no more of them than a New York day of 25 hours. */
export function timeOfDay(line: Line, text: string | undefined): number {
  const ms = wholeField(line, text, 'time');
  if (ms >= 25 * 3_600_000) fail(line, `time is beyond the day: ${ms}`);
  return ms;
}

/** Passes lines on while their times do not go back. */
export class TimeOrder {
  #last = Number.NEGATIVE_INFINITY;

  /** @throws MARKET_DATA when `at` is before the previous line's */
  check(line: Line, at: number): void {
    if (at < this.#last) fail(line, `time goes back by ${this.#last - at}`);
    this.#last = at;
  }
}

/** The date `YYYYMMDD` in a file's name as [year, month, day]. @throws MARKET_DATA */
export function dateOfFile(file: DataFile): readonly [number, number, number] {
  const digits = /(?<!\d)(\d{4})(\d\d)(\d\d)(?!\d)/.exec(file.base);
  const date = digits === null ? null : ([Number(digits[1]), Number(digits[2]), Number(digits[3])] as const);
  if (date === null || !isRealDate(...date)) fail(file, 'has no date YYYYMMDD in its name');
  return date;
}
