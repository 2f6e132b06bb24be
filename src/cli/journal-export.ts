/**
 * `fillwright journal export`: for questions that `show` does not answer.
 *
 * Owns where it goes: JSON lines to stdout or a file, SQLite always to a file. A journal that is damaged leaves no file
 * behind, and an earlier export is replaced only by a whole one.
 */
import { closeSync, existsSync, openSync, realpathSync, renameSync, rmSync, writeSync } from 'node:fs';
import { type JournalRecord, type JournalSummary, journalRecords, Projection } from '../index.js';
import { usage } from './args.js';
import { printJson } from './command.js';
import type { Filter } from './journal-filter.js';
import type { Shown } from './journal-show.js';
import { SqliteExport } from './journal-sqlite.js';

/** @throws USAGE, JOURNAL_DAMAGED */
export async function exportJournal(path: string, { args, io, filter }: Shown): Promise<void> {
  const isSqlite = args.value('format') === 'sqlite';
  const out = args.value('out') ?? (isSqlite ? `${path}.sqlite` : null);
  if (out === null) {
    const { tornAt } = eachRecord(path, filter, (record) => io.stdout.write(`${JSON.stringify(record)}\n`));
    if (tornAt !== null) io.stderr.write(`torn tail at byte ${tornAt}\n`);
    return;
  }
  if (existsSync(out) && realpathSync(out) === realpathSync(path))
    throw usage(`${out}: is the journal itself; --out takes another file`);
  const draft = `${out}.partial`;
  let done: Exported;
  try {
    rmSync(draft, { force: true });
    done = isSqlite ? await toSqlite(path, draft, filter) : toLines(path, draft, filter);
    renameSync(draft, out);
  } catch (error) {
    rmSync(draft, { force: true, recursive: true });
    // Of the file system: what is ours says itself what is wrong.
    const { syscall, message } = error as NodeJS.ErrnoException;
    throw syscall === undefined ? error : usage(`${out}: cannot be written: ${message}`);
  }
  if (args.flag('json')) printJson(io, { out, records: done.records, torn_at: done.tornAt });
  else {
    io.stdout.write(`${done.records} records to ${out}\n`);
    if (done.tornAt !== null) io.stdout.write(`torn tail at byte ${done.tornAt}\n`);
  }
}

interface Exported {
  readonly records: number;
  readonly tornAt: number | null;
}

function eachRecord(
  path: string,
  filter: Filter,
  take: (record: JournalRecord) => void,
  before: (record: JournalRecord) => void = () => {},
): JournalSummary {
  const reading = journalRecords(path);
  for (let step = reading.next(); ; step = reading.next()) {
    if (step.done === true) return step.value;
    before(step.value);
    const record = filter(step.value);
    if (record !== null) take(record);
  }
}

function toLines(path: string, file: string, filter: Filter): Exported {
  const fd = openSync(file, 'w');
  let records = 0;
  try {
    const { tornAt } = eachRecord(path, filter, (record) => {
      records += 1;
      writeSync(fd, `${JSON.stringify(record)}\n`);
    });
    return { records, tornAt };
  } finally {
    closeSync(fd);
  }
}

async function toSqlite(path: string, file: string, filter: Filter): Promise<Exported> {
  const projection = new Projection();
  const database = await SqliteExport.create(file);
  try {
    const { tornAt } = eachRecord(
      path,
      filter,
      (record) => database.add(record),
      ({ events }) => {
        for (const event of events) projection.apply(event);
      },
    );
    database.finish(projection.batches());
    return { records: database.records, tornAt };
  } finally {
    database.close();
  }
}
