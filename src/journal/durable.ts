/**
 * The durable journal: an append-only file of framed, checksummed and hash-chained records over the disk port.
 *
 * Owns how it is opened (the lock first, then the proof, then the epoch) and what a runtime sees of it. writer.ts
 * writes, scan.ts says what damage is, docs/reference/journal.md shows the format.
 */
import { basename, dirname } from 'node:path';
import { openFolder } from '../disk/folder.js';
import { FillwrightError } from '../dtos/errors.js';
import type { Disk, DiskLock } from '../ports/disk.js';
import type { Journal, Snapshot } from '../ports/journal.js';
import { recordStart } from './chain.js';
import { isPromise } from './promise.js';
import { guarded, type Source, scan } from './scan.js';
import { lockName, segmentsOf } from './segments.js';
import { type Kept, writeSnapshot } from './snapshot.js';
import { markBefore, type Store, storeOf, survey } from './survey.js';
import { SegmentWriter } from './writer.js';

export interface DurableJournalOptions {
  /** The active segment: a file; older segments, lock and snapshot stand beside it. */
  readonly path: string;
  /** In place of the file system: then `path` is a name on it. */
  readonly disk?: Disk;
  /** True (default): a commit resolves once it is on the disk. False: it is written, at once; for backtests. */
  readonly sync?: boolean;
  /** A segment that would grow beyond this is closed first. Default 64 MiB. */
  readonly segmentBytes?: number;
  /**
   * How much is proved before the journal opens: everything (default), or what stands behind the latest snapshot when
   * there is one; the rest then is when it is read.
   */
  readonly verify?: 'all' | 'tail';
}

export interface DurableJournal extends Journal {
  /** Counts the writers that this journal has had, this one included. */
  readonly epoch: number;
  /** Number of the last committed record, 0 for none. */
  readonly last: number;
  /** Where the sealed part ended when it was opened, if something unsealed stood behind it: that is cut. */
  readonly tornAt: number | null;
  lines(after?: number): Iterable<string>;
  snapshot(): Snapshot | null;
  saveSnapshot(snapshot: Snapshot): void;
}

const SEGMENT_BYTES = 64 * 1024 * 1024;

/**
 * Opens a journal for writing, and proves what it holds. A new one is not on the disk before its first commit.
 * @throws JOURNAL_LOCKED when another writer has it, JOURNAL_DAMAGED naming record and byte, JOURNAL_VERSION, JOURNAL
 */
export async function openDurableJournal(options: DurableJournalOptions): Promise<DurableJournal> {
  const { path, sync = true, segmentBytes = SEGMENT_BYTES, verify = 'all' } = options;
  const disk = options.disk ?? openFolder(dirname(path));
  const store = storeOf(disk, options.disk === undefined ? basename(path) : path, path);
  // Nothing to lose yet, and a backtest that is refused leaves nothing behind: the lock waits for the first commit.
  const isLazy = !sync && guarded(path, () => segmentsOf(disk, store.name).files.length === 0);
  const lock = isLazy ? null : takeLock(store);
  const writer = proved(store, { lock, verify, sync, segmentBytes });
  try {
    await writer.open();
  } catch (error) {
    await writer.close();
    throw error;
  }
  return journalOf(store, writer);
}

interface Opening {
  readonly lock: DiskLock | null;
  readonly verify: 'all' | 'tail';
  readonly sync: boolean;
  readonly segmentBytes: number;
}

function proved(store: Store, { lock, verify, sync, segmentBytes }: Opening): SegmentWriter {
  try {
    const takes = (): DiskLock => takeLock(store);
    return new SegmentWriter(store, survey(store, verify), { sync, segmentBytes, lock, takeLock: takes });
  } catch (error) {
    lock?.release();
    throw error;
  }
}

function takeLock({ disk, name, path }: Store): DiskLock {
  const taken = guarded(path, () => disk.lock(lockName(name), 'opening'), 'open');
  if (!('heldBy' in taken)) return taken;
  throw new FillwrightError('JOURNAL_LOCKED', `${path}: another writer has it: ${taken.heldBy}`, { path });
}

function journalOf(store: Store, writer: SegmentWriter): DurableJournal {
  const { found } = writer;
  let snapshot: Kept | null = found.snapshot;
  let saving: Promise<void> | null = null;
  let next = found.mark.n + 1;
  return {
    epoch: writer.epoch,
    tornAt: found.tornAt,
    get last() {
      return writer.mark.n;
    },
    append(line) {
      if (!line.startsWith(recordStart(next))) {
        const what = `record ${next} comes next, not ${line.slice(0, 24)}`;
        throw new FillwrightError('JOURNAL', `${store.path}: ${what}`, { path: store.path });
      }
      next += 1;
      writer.append(line);
    },
    commit: () => writer.commit(),
    lines: (after = 0) => linesOf(store, writer, after),
    snapshot: () => snapshot,
    saveSnapshot({ n, state }) {
      if (saving !== null || n > writer.mark.n) return;
      const mark = n === writer.mark.n ? writer.mark : markBefore(writer.marks, n);
      snapshot = { n, state, mark };
      const written = writeSnapshot(store.disk, store.name, snapshot);
      if (!isPromise(written)) return;
      saving = written.then(() => {
        saving = null;
      });
    },
    async close() {
      await saving;
      await writer.close();
    },
  };
}

/** Committed records behind `after`, proved again as they are read. */
function* linesOf(store: Store, writer: SegmentWriter, after: number): Generator<string> {
  const { n: last } = writer.mark;
  if (after >= last) return;
  const start = markBefore(writer.marks, after);
  const source: Source = {
    disk: store.disk,
    label: store.label,
    count: writer.mark.segment,
    // Asked for when it is opened: a rotation may have come in between, or stopped half way.
    file: (segment) => segmentsOf(store.disk, store.name).files[segment - 1] ?? store.name,
  };
  let n = start.n;
  for (const { records } of scan(source, start)) {
    for (const record of records) {
      n += 1;
      if (n > after) yield record.toString('utf8');
      if (n === last) return;
    }
  }
}
