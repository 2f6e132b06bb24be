/**
 * Journal records: one line {n, t, input, events} per input, and reading them back from plain JSON lines.
 *
 * Owns the line's shape. Numbers: n counts inputs from 1 without gaps, t is the input's time in epoch ms.
 */
import { FillwrightError } from '../dtos/errors.js';
import type { RuntimeEvent } from '../dtos/events.js';

export interface JournalRecord {
  readonly n: number;
  readonly t: number;
  readonly input: { readonly k: string; readonly [field: string]: unknown };
  readonly events: readonly RuntimeEvent[];
}

export interface JournalContent {
  readonly records: readonly JournalRecord[];
  /** The last line is unfinished: a write that was cut off. Byte offset where it begins, null when there is none. */
  readonly tornAt: number | null;
}

const isRecord = (value: unknown): value is JournalRecord => {
  const record = value as JournalRecord | null;
  return (
    typeof record === 'object' &&
    record !== null &&
    Number.isSafeInteger(record.n) &&
    Number.isSafeInteger(record.t) &&
    typeof record.input?.k === 'string' &&
    Array.isArray(record.events)
  );
};

/**
 * Parses a journal's text.
 * @throws JOURNAL_DAMAGED naming record and byte when a line other than an unfinished last one is no record, or a
 *   number is missing
 */
export function parseJournal(text: string, path = 'journal'): JournalContent {
  const records: JournalRecord[] = [];
  let byte = 0;
  let from = 0;
  while (from < text.length) {
    const end = text.indexOf('\n', from);
    if (end < 0) return { records, tornAt: byte };
    const line = text.slice(from, end);
    records.push(parseLine(line, records.length + 1, byte, path));
    byte += Buffer.byteLength(line) + 1;
    from = end + 1;
  }
  return { records, tornAt: null };
}

export const parseLine = (line: string, n: number, byte: number, path: string): JournalRecord =>
  parseRecord(line, n, `${path}: record ${n} at byte ${byte}`, `${path}:${n}`);

/** Parses the line of record `n`. @throws JOURNAL_DAMAGED */
export function parseRecord(line: string, n: number, what = `record ${n}`, path = what): JournalRecord {
  const damaged = (finding: string, cause?: unknown): FillwrightError =>
    new FillwrightError('JOURNAL_DAMAGED', `${what}: ${finding}`, {
      path,
      ...(cause === undefined ? {} : { cause }),
    });
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (cause) {
    throw damaged('is not JSON', cause);
  }
  if (!isRecord(value)) throw damaged('is not a journal record');
  if (value.n !== n) throw damaged(`carries number ${value.n}`);
  return value;
}
