/**
 * What a journal's files hold, proved before anybody writes to it, and where its seals stand.
 *
 * Owns the survey and the marks that reading from a record on begins at. Changes nothing on the disk.
 */
import type { Disk, DiskFile } from '../ports/disk.js';
import { type Mark, ORIGIN, sealText } from './chain.js';
import { FrameWriter } from './frame.js';
import { damaged, guarded, type Source, scan } from './scan.js';
import { segmentsOf, snapshotName } from './segments.js';
import { type Kept, readSnapshot } from './snapshot.js';

/** Where a journal stands, and how its files are named in errors. */
export interface Store {
  readonly disk: Disk;
  readonly name: string;
  readonly path: string;
  readonly label: (file: string) => string;
}

export function storeOf(disk: Disk, name: string, path: string): Store {
  const folder = path.slice(0, path.length - name.length);
  return { disk, name, path, label: (file) => folder + file };
}

export interface Found {
  readonly mark: Mark;
  /**
   * Where the last block with records begins, or the segment: that block's sync may have failed, and those of the
   * writers that opened the journal after it.
   */
  readonly lastBlockAt: number;
  /** The last record of the segment before the active one. */
  readonly segmentAfter: number;
  readonly tornAt: number | null;
  /** Size of the active segment, what is unsealed included. */
  readonly size: number;
  readonly marks: Mark[];
  /** One that belongs to this journal. */
  readonly snapshot: Kept | null;
}

/** Seals remembered, so that reading from a record on begins near it. */
const MARK_BYTES = 64 * 1024;

/** Every segment's first seal, and then one per so many bytes. */
export function keepMark(marks: Mark[], mark: Mark): void {
  const last = marks.at(-1);
  if (last !== undefined && last.segment === mark.segment && mark.byte - last.byte < MARK_BYTES) return;
  marks.push(mark);
}

/** The latest seal known at or before record `n`. */
export function markBefore(marks: readonly Mark[], n: number): Mark {
  let [low, high] = [-1, marks.length];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (marks[middle]!.n <= n) low = middle;
    else high = middle;
  }
  return marks[low] ?? ORIGIN;
}

/** The files as they are now. @throws JOURNAL_DAMAGED when one is missing */
export function sourceOf({ disk, name, path, label }: Store): Source {
  const { files, gap } = guarded(path, () => segmentsOf(disk, name));
  if (gap !== null) throw damaged(label(gap.name), 1, 0, gap.what);
  return { disk, label, count: files.length, file: (segment) => files[segment - 1] ?? name };
}

/** @throws JOURNAL_DAMAGED, JOURNAL_VERSION, JOURNAL */
export function survey(store: Store, verify: 'all' | 'tail'): Found {
  const source = sourceOf(store);
  const kept = readSnapshot(store.disk, store.name);
  const start = verify === 'tail' && kept !== null && isSeal(kept.mark, source) ? kept.mark : ORIGIN;
  const marks: Mark[] = [];
  if (start !== ORIGIN) marks.push(start);
  let last = { mark: start, from: start.byte };
  let segmentAfter = start.n;
  let isOurs = start !== ORIGIN;
  const blocks = scan(source, start);
  for (let step = blocks.next(); ; step = blocks.next()) {
    if (step.done === true) {
      const { mark, tornAt } = step.value;
      checkSnapshot(store, kept, mark);
      const { from: lastBlockAt } = last;
      const snapshot = isOurs ? kept : null;
      return { mark, lastBlockAt, segmentAfter, tornAt, size: sizeOfActive(source), marks, snapshot };
    }
    const { mark, from, records } = step.value;
    isOurs ||= kept !== null && isSame(kept.mark, mark);
    if (mark.segment !== last.mark.segment) segmentAfter = last.mark.n;
    const isSettled = mark.segment === last.mark.segment && records.length === 0;
    last = { mark, from: isSettled ? last.from : from };
    keepMark(marks, mark);
  }
}

/** A snapshot is only saved behind records that were durable: one that is ahead of them tells that some are gone. */
function checkSnapshot(store: Store, kept: Kept | null, end: Mark): void {
  if (kept === null || kept.n <= end.n) return;
  const what = `${store.label(snapshotName(store.name))} is a state after record ${kept.n}: records are lost`;
  throw damaged(store.path, end.n + 1, end.byte, what);
}

const isSame = (a: Mark, b: Mark): boolean =>
  a.n === b.n && a.hash === b.hash && a.segment === b.segment && a.byte === b.byte;

/** This very seal stands there: its hash says that all before it is what the snapshot was taken behind. */
function isSeal(mark: Mark, source: Source): boolean {
  if (mark.segment > source.count) return false;
  const seal = new FrameWriter();
  seal.add('S', sealText(mark.n, mark.epoch, mark.hash));
  const from = mark.byte - seal.length;
  return (
    from >= 0 && withFile(source, mark.segment, (file) => seal.bytes().equals(file.read(from, mark.byte)))
  );
}

function withFile<T>({ disk, file, label }: Source, segment: number, use: (file: DiskFile) => T): T {
  const name = file(segment);
  return guarded(label(name), () => {
    const opened = disk.open(name);
    try {
      return use(opened);
    } finally {
      opened.close();
    }
  });
}

const sizeOfActive = (source: Source): number =>
  source.count === 0 ? 0 : withFile(source, source.count, ({ size }) => size);
