/**
 * What a journal is kept on: memory, or the durable journal on a disk that breaks (kinds 3, 4, 5, 6, 30).
 *
 * Owns the disk and how it fails. Lines that are durable outlive every process; what was only written may.
 */
import { MemoryDisk } from '../disk/index.js';
import type { DiskFault, DiskOperation } from '../disk/memory.js';
import { FillwrightError } from '../dtos/errors.js';
import { type DurableJournal, openDurableJournal } from '../journal/index.js';
import type { Snapshot } from '../ports/journal.js';
import type { FaultDraws } from './fault-draws.js';

export interface Medium {
  /** Lines that an earlier process wrote and was not told of any more; the medium is in use from here on. */
  open(known: readonly string[]): Promise<readonly string[]>;
  /** Makes lines durable. @throws when it cannot (5) */
  write(lines: readonly string[]): void;
  /** The process dies while these are written; gives those that are known to survive. */
  tear(lines: readonly string[]): readonly string[];
  /** Its process is gone. */
  release(): void;
  /** Is there a lock? */
  readonly isGuarded: boolean;
  /** Somebody else opens the same journal (6): what should not have happened; null when it was refused. */
  intrude(): Promise<string | null>;
  readonly snapshots?: {
    readonly load: () => Snapshot | null;
    readonly save: (snapshot: Snapshot) => void;
  };
}

/** Commits at once; of a torn commit the first records may survive (3). */
export class MemoryMedium implements Medium {
  readonly isGuarded = false;

  constructor(private readonly faults: FaultDraws) {}

  async open(): Promise<readonly string[]> {
    return [];
  }

  write(): void {
    if (this.faults.strikes(5)) throw new Error('EIO: no space left, or worse');
  }

  tear(lines: readonly string[]): readonly string[] {
    return this.faults.strikes(3) ? lines.slice(0, this.faults.of(3).below(lines.length + 1)) : [];
  }

  release(): void {}

  async intrude(): Promise<null> {
    return null;
  }
}

const NAME = 'world.journal';
/** Small, so that worlds rotate. */
const SEGMENT_BYTES = 96 * 1024;
const REFUSALS: readonly string[] = ['JOURNAL_DAMAGED', 'JOURNAL_VERSION'];

/** Records, framed, checked and chained, on a disk whose writes and syncs fail, whose bits flip, whose writes tear. */
export class DiskMedium implements Medium {
  readonly isGuarded = true;
  readonly snapshots?: NonNullable<Medium['snapshots']>;
  readonly #disk: MemoryDisk;
  #journal: DurableJournal | null = null;
  #isWriting = false;
  /** The next write is cut: how much of it comes through. */
  #cut: ((length: number) => number) | null = null;
  #older: Snapshot | null = null;
  /** Lines of the last commit: a flip in it cannot be told from a torn tail. */
  #lastBlock = 0;

  constructor(
    private readonly faults: FaultDraws,
    keepsSnapshots: boolean,
    /** Hears of each state that is written down. */
    private readonly saved: (state: string) => void,
  ) {
    this.#disk = new MemoryDisk({ fault: (operation) => this.#fault(operation) });
    if (keepsSnapshots)
      this.snapshots = { load: () => this.#load(), save: (snapshot) => this.#save(snapshot) };
  }

  async open(known: readonly string[]): Promise<readonly string[]> {
    if (known.length > 0 && this.faults.strikes(4)) await this.#rot(known);
    this.#journal = await openDurableJournal({ path: NAME, disk: this.#disk, segmentBytes: SEGMENT_BYTES });
    const lines = [...this.#journal.lines()];
    const lost = known.findIndex((line, i) => lines[i] !== line);
    if (lost >= 0) throw new Error(`record ${lost + 1} was committed, and is not on the disk`);
    const survivors = lines.slice(known.length);
    if (survivors.length > 0) this.#lastBlock = survivors.length;
    return survivors;
  }

  write(lines: readonly string[]): void {
    const journal = this.#journal as DurableJournal;
    for (const line of lines) journal.append(line);
    this.#isWriting = true;
    try {
      void journal.commit();
    } finally {
      this.#isWriting = false;
    }
    this.#lastBlock = lines.length;
  }

  tear(lines: readonly string[]): readonly string[] {
    const { faults } = this;
    this.#cut = faults.strikes(3) ? (length) => faults.of(3).below(length + 1) : () => 0;
    try {
      this.write(lines);
    } catch {
      // As it has to: the process is gone.
    }
    this.#cut = null;
    return [];
  }

  /** The machine goes on, or stops too: what was synced is there either way. */
  release(): void {
    this.#journal = null;
    if (this.faults.of(3).chance(500_000)) this.#disk.kill();
    else this.#disk.crash();
  }

  async intrude(): Promise<string | null> {
    try {
      await openDurableJournal({ path: NAME, disk: this.#disk });
      return 'a second writer has opened the journal';
    } catch (error) {
      if (error instanceof FillwrightError && error.code === 'JOURNAL_LOCKED') return null;
      return `a second writer was refused with ${(error as Error).message}`;
    }
  }

  #fault({ kind, length }: DiskOperation): DiskFault | null {
    if (!this.#isWriting) return null;
    if (this.#cut !== null)
      return kind === 'write' ? { kind: 'short', code: 'EIO', keep: this.#cut(length) } : null;
    if ((kind !== 'write' && kind !== 'sync') || !this.faults.strikes(5)) return null;
    const random = this.faults.of(5);
    const code = random.chance(500_000) ? 'ENOSPC' : 'EIO';
    return kind === 'write' && random.chance(500_000)
      ? { kind: 'short', code, keep: random.below(length) }
      : { kind: 'error', code };
  }

  /** A bit of a copy flips: it is noticed, or was within the last commit, which is then a torn tail. */
  async #rot(known: readonly string[]): Promise<void> {
    const random = this.faults.of(4);
    const copy = new MemoryDisk();
    for (const name of this.#disk.names()) copy.put(name, this.#disk.bytes(name));
    const name = random.pick(
      copy.names().filter((one) => one.startsWith(NAME) && copy.bytes(one).length > 0),
    );
    const bytes = copy.bytes(name);
    const at = random.below(bytes.length);
    bytes[at] = (bytes[at] as number) ^ (1 << random.below(8));
    copy.put(name, bytes);
    let lines: string[];
    try {
      const journal = await openDurableJournal({ path: NAME, disk: copy });
      lines = [...journal.lines()];
    } catch (error) {
      if (error instanceof FillwrightError && REFUSALS.includes(error.code)) return;
      throw error;
    }
    const isPrefix = lines.every((line, i) => i >= known.length || line === known[i]);
    if (!isPrefix || lines.length < known.length - this.#lastBlock)
      throw new Error(`a bit of ${name} flipped at byte ${at}, and ${lines.length} records were read`);
  }

  /** As it was saved; or an older one, one of another build, one that is damaged (30). */
  #load(): Snapshot | null {
    const snapshot = this.#journal?.snapshot() ?? null;
    if (snapshot === null || !this.faults.strikes(30)) return snapshot;
    const { n, state } = snapshot;
    switch (this.faults.of(30).below(3)) {
      case 0:
        return this.#older ?? null;
      case 1:
        return { n, state: state.replace('"version":"', '"version":"0.') };
      default:
        return { n, state: state.slice(0, this.faults.of(30).below(state.length)) };
    }
  }

  #save(snapshot: Snapshot): void {
    this.saved(snapshot.state);
    this.#older = this.#journal?.snapshot() ?? this.#older;
    this.#journal?.saveSnapshot(snapshot);
  }
}
