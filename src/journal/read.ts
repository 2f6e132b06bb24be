/**
 * Reading a journal file without opening it for writing: for the command line, reports, tests.
 *
 * Owns telling the formats apart: the durable one with all its segments, and the plain JSON lines of version 0.1, which
 * can be read and never continued. Needs no lock: a writer's unfinished block reads as a torn tail.
 */
import { closeSync, openSync, readFileSync, readSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { openFolder } from '../disk/folder.js';
import { ORIGIN } from './chain.js';
import { type JournalContent, type JournalRecord, parseJournal, parseLine } from './record.js';
import { guarded, scan } from './scan.js';
import { sourceOf, storeOf } from './survey.js';

export interface JournalSummary {
  readonly format: 'durable' | 'lines';
  readonly records: number;
  readonly segments: number;
  /** Writers that the journal has had; null for plain lines. */
  readonly epoch: number | null;
  /** The last seal's; null for plain lines. */
  readonly hash: string | null;
  /** Where something unfinished begins, in the active segment; null when there is none. */
  readonly tornAt: number | null;
}

/**
 * Record by record, each proved before it is given; the summary at the end.
 * @throws JOURNAL_DAMAGED naming record and byte, JOURNAL_VERSION, JOURNAL when it cannot be read
 */
export function* journalRecords(path: string): Generator<JournalRecord, JournalSummary> {
  if (isPlain(path)) return yield* plainRecords(path);
  const source = sourceOf(storeOf(openFolder(dirname(path)), basename(path), path));
  const blocks = scan(source, ORIGIN);
  let n = 0;
  for (let step = blocks.next(); ; step = blocks.next()) {
    if (step.done === true) {
      const { mark, tornAt } = step.value;
      const { epoch, hash } = mark;
      return { format: 'durable', records: mark.n, segments: source.count, epoch, hash, tornAt };
    }
    const { records, from, mark } = step.value;
    for (const record of records) {
      n += 1;
      yield parseLine(record.toString('utf8'), n, from, source.label(source.file(mark.segment)));
    }
  }
}

/** Everything at once. @throws as `journalRecords` does */
export function readJournal(path: string): JournalContent {
  const records: JournalRecord[] = [];
  const reading = journalRecords(path);
  for (let step = reading.next(); ; step = reading.next()) {
    if (step.done === true) return { records, tornAt: step.value.tornAt };
    records.push(step.value);
  }
}

/** Proves every block and every record. @throws as `journalRecords` does */
export function verifyJournal(path: string): JournalSummary {
  const reading = journalRecords(path);
  for (let step = reading.next(); ; step = reading.next()) if (step.done === true) return step.value;
}

function* plainRecords(path: string): Generator<JournalRecord, JournalSummary> {
  const text = guarded(path, () => readFileSync(path, 'utf8'));
  const { records, tornAt } = parseJournal(text, path);
  yield* records;
  return { format: 'lines', records: records.length, segments: 1, epoch: null, hash: null, tornAt };
}

/** A plain journal begins with a brace, a durable one with its header's H. */
export function isPlain(path: string): boolean {
  let fd: number;
  try {
    fd = openSync(path, 'r');
  } catch {
    return false; // a rotation that a crash cut off may have left the name free
  }
  try {
    const first = Buffer.alloc(1);
    return guarded(path, () => readSync(fd, first, 0, 1, 0)) === 1 && first.toString('latin1') === '{';
  } finally {
    closeSync(fd);
  }
}
