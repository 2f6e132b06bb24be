/**
 * The writing end of a durable journal: pending frames, commits, rotation.
 *
 * Owns the order of writes and syncs. A commit is one write and one sync, whatever was appended; at most one sync is in
 * flight, and what is appended meanwhile goes with the next. A writer that lost its lock finds the segment longer than
 * it left it, before each write. Any failure is final: every later commit meets it again (I25).
 */
import { FillwrightError } from '../dtos/errors.js';
import type { DiskFile, DiskLock } from '../ports/disk.js';
import { blockHash, epochText, headerText, type Mark, NO_HASH, ORIGIN, sealText } from './chain.js';
import { FrameWriter, HEAD } from './frame.js';
import { isPromise } from './promise.js';
import { guarded } from './scan.js';
import { nextName, segmentName, segmentsOf } from './segments.js';
import { type Found, keepMark, type Store } from './survey.js';

export interface WriterOptions {
  readonly sync: boolean;
  readonly segmentBytes: number;
  /** Null: taken before the first write. */
  readonly lock: DiskLock | null;
  readonly takeLock: () => DiskLock;
}

/** With the largest numbers. */
const SEAL_BYTES_MAX = HEAD + sealText(2 ** 53, 2 ** 53, NO_HASH).length + 1;

export class SegmentWriter {
  /** Behind the last committed record. */
  mark: Mark;
  readonly epoch: number;
  readonly marks: Mark[];
  private readonly frames = new FrameWriter();
  private readonly isNew: boolean;
  private records = 0;
  private segmentAfter: number;
  private file: DiskFile | null = null;
  private held: DiskLock | null;
  private flight: Promise<void> | null = null;
  private next: Promise<void> | null = null;
  private failure: FillwrightError | null = null;
  private areNamesDirty = false;

  constructor(
    private readonly store: Store,
    readonly found: Found,
    private readonly options: WriterOptions,
  ) {
    this.mark = found.mark;
    this.epoch = found.mark.epoch + 1;
    this.marks = found.marks;
    this.held = options.lock;
    this.segmentAfter = found.segmentAfter;
    this.isNew = found.mark.byte === 0 && found.mark.segment === 1;
    if (this.isNew) this.frames.add('H', headerText(ORIGIN, this.epoch));
    else this.frames.add('E', epochText(this.epoch));
  }

  /**
   * Claims an existing journal for this epoch, durably. Its last block is written once more: its writer may have died
   * between write and sync, or after a sync that failed, and what is acted upon from here on must not vanish.
   */
  async open(): Promise<void> {
    this.held?.note(`epoch ${this.epoch}`);
    if (this.isNew || !this.options.sync) return;
    await this.start(() => {
      const file = this.openFile();
      const { lastBlockAt } = this.found;
      file.write(lastBlockAt, file.read(lastBlockAt, this.mark.byte));
      return this.writeBlock();
    });
  }

  append(line: string): void {
    if (this.failure !== null) return;
    this.frames.add('R', line);
    this.records += 1;
  }

  commit(): void | Promise<void> {
    if (this.failure !== null) {
      if (this.options.sync) return Promise.reject(this.failure);
      throw this.failure;
    }
    // What is in flight then is all there is.
    if (this.records === 0) return this.flight ?? undefined;
    if (this.flight === null) return this.start(() => this.flush());
    this.next ??= this.flight.then(() => {
      this.next = null;
      return this.start(() => this.flush());
    });
    return this.next;
  }

  /** What was appended and not committed is dropped. */
  async close(): Promise<void> {
    await Promise.allSettled([this.flight, this.next]);
    this.failure ??= new FillwrightError('JOURNAL', `${this.store.path} is closed`, {
      path: this.store.path,
    });
    this.file?.close();
    this.file = null;
    this.held?.release();
    this.held = null;
  }

  private start(work: () => void | Promise<void>): void | Promise<void> {
    let done: void | Promise<void>;
    try {
      done = work();
    } catch (error) {
      throw this.fail(error);
    }
    if (!isPromise(done)) return;
    this.flight = done.then(
      () => {
        this.flight = null;
      },
      (error: unknown) => {
        this.flight = null;
        throw this.fail(error);
      },
    );
    return this.flight;
  }

  private fail(cause: unknown): FillwrightError {
    const { path } = this.store;
    const ours = cause instanceof FillwrightError ? cause : null;
    this.failure ??=
      ours ??
      new FillwrightError('JOURNAL', `cannot sync ${path}: ${(cause as Error).message}`, { path, cause });
    this.frames.clear();
    this.records = 0;
    return this.failure;
  }

  private flush(): void | Promise<void> {
    this.openFile();
    const isFull = this.mark.byte + this.frames.length + SEAL_BYTES_MAX > this.options.segmentBytes;
    return after(isFull && this.mark.n > this.segmentAfter ? this.rotate() : undefined, () =>
      this.writeBlock(),
    );
  }

  /** The active segment, without what was never sealed. */
  private openFile(): DiskFile {
    if (this.file !== null) return this.file;
    const { disk, name, path } = this.store;
    this.held ??= this.options.takeLock();
    return guarded(
      path,
      () => {
        this.finishRotation();
        const file = disk.open(name);
        this.file = file;
        // Of an old file too: whoever made it may have died before its name was durable.
        this.areNamesDirty = true;
        this.checkSize(file, this.found.size);
        if (file.size > this.mark.byte) file.truncate(this.mark.byte);
        return file;
      },
      'open',
    );
  }

  /** A new segment that a crash kept from its place is put there. */
  private finishRotation(): void {
    const { disk, name } = this.store;
    if (segmentsOf(disk, name).files.at(-1) !== nextName(name)) return;
    disk.rename(nextName(name), name);
    if (this.options.sync) disk.syncNames();
  }

  private checkSize(file: DiskFile, expected: number): void {
    const { size } = file;
    if (size === expected) return;
    const { path } = this.store;
    const what = `${path} has ${size} bytes where epoch ${this.epoch} left ${expected}: another writer was here`;
    throw new FillwrightError('JOURNAL_LOCKED', what, { path });
  }

  /** One write, one sync; then it counts. */
  private writeBlock(): void | Promise<void> {
    const { frames, mark, epoch } = this;
    const { path } = this.store;
    const file = this.openFile();
    const n = mark.n + this.records;
    const hash = blockHash(mark.hash, frames.bytes());
    frames.add('S', sealText(n, epoch, hash));
    const byte = mark.byte + frames.length;
    guarded(
      path,
      () => {
        this.checkSize(file, mark.byte);
        file.write(mark.byte, frames.bytes());
      },
      'write',
    );
    frames.clear();
    this.records = 0;
    return after(this.options.sync ? file.sync() : undefined, () => {
      if (this.areNamesDirty && this.options.sync) this.store.disk.syncNames();
      this.areNamesDirty = false;
      this.mark = { n, epoch, hash, segment: mark.segment, byte };
      keepMark(this.marks, this.mark);
    });
  }

  /** Closes the active segment: the next one is made whole beside it, and then takes its name. */
  private rotate(): void | Promise<void> {
    const { disk, name, path } = this.store;
    const begin: Mark = { ...this.mark, segment: this.mark.segment + 1, byte: 0 };
    const frames = new FrameWriter();
    frames.add('H', headerText(begin, begin.epoch));
    const hash = blockHash(begin.hash, frames.bytes());
    frames.add('S', sealText(begin.n, begin.epoch, hash));
    const file = guarded(
      path,
      () => {
        const made = disk.open(nextName(name));
        made.truncate(0);
        made.write(0, frames.bytes());
        return made;
      },
      'rotate',
    );
    return after(this.options.sync ? file.sync() : undefined, () => {
      guarded(path, () => this.exchange(this.mark.segment), 'rotate');
      this.file?.close();
      this.file = file;
      this.segmentAfter = begin.n;
      this.mark = { ...begin, hash, byte: frames.length };
      keepMark(this.marks, this.mark);
    });
  }

  /** Each step durable before the next: in no order of their own may both names be lost. */
  private exchange(closed: number): void {
    const { disk, name } = this.store;
    const syncNames = (): void => {
      if (this.options.sync) disk.syncNames();
    };
    syncNames();
    disk.rename(name, segmentName(name, closed));
    syncNames();
    disk.rename(nextName(name), name);
    syncNames();
  }
}

/** Then, at once where there is nothing to wait for. */
function after(done: void | Promise<void>, next: () => void | Promise<void>): void | Promise<void> {
  return isPromise(done) ? done.then(next) : next();
}
