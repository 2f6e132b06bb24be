/**
 * The disk port in memory, and how it breaks: for tests and the simulator.
 *
 * Owns a disk's truth: what is durable, what only the page cache holds, and what a crash makes of it. Every operation
 * may be met by a fault of the caller's choosing; faults.ts draws them from a seed. Nothing here is random by itself.
 */
import type { Disk, DiskFile, DiskLock } from '../ports/disk.js';

/** What the disk was asked for; `n` counts all operations from 1. */
export interface DiskOperation {
  readonly n: number;
  readonly kind: 'read' | 'write' | 'sync' | 'truncate' | 'rename' | 'syncNames';
  readonly name: string;
  readonly at: number;
  readonly length: number;
}

/** `lost` and `misdirected` writes are acknowledged; `short` ones are cut at `keep` bytes, and throw. */
export type DiskFault =
  | { readonly kind: 'error'; readonly code: 'EIO' | 'ENOSPC' }
  | { readonly kind: 'short'; readonly code: 'EIO' | 'ENOSPC'; readonly keep: number }
  | { readonly kind: 'lost' }
  | { readonly kind: 'misdirected'; readonly to: number }
  | { readonly kind: 'flip'; readonly bit: number };

export interface MemoryDiskOptions {
  /** Called before each operation; null lets it pass. */
  readonly fault?: (operation: DiskOperation) => DiskFault | null;
  /** True: `sync` returns a promise, as a real disk does. */
  readonly isAsync?: boolean;
}

/** How much of what was not synced survives: operations kept whole, in order, and bytes of the write after them. */
export interface CrashKeeps {
  /** Per file: of its unsynced writes and truncations. Default: none. */
  readonly operations?: (name: string, unsynced: number) => number;
  readonly bytes?: (name: string, length: number) => number;
  /** Of the unsynced creations, renames and removals. Default: none. */
  readonly names?: (unsynced: number) => number;
}

interface Change {
  readonly at: number;
  /** Null for a truncation to `at`. */
  readonly bytes: Uint8Array | null;
  readonly before: Uint8Array;
  readonly sizeBefore: number;
  /** `dropped`: a sync failed, and the page cache calls it clean from then on. No later sync brings it to the disk. */
  fate: 'pending' | 'dropped' | 'durable';
}

/** A file, whatever it is called. */
class Inode {
  data = new Uint8Array(1 << 10);
  size = 0;
  unsynced: Change[] = [];

  read(from: number, to: number): Uint8Array {
    return this.data.slice(from, Math.min(to, this.size));
  }

  write(at: number, bytes: Uint8Array): void {
    const copy = Uint8Array.from(bytes);
    const before = this.read(at, at + bytes.length);
    this.unsynced.push({ at, bytes: copy, before, sizeBefore: this.size, fate: 'pending' });
    this.apply(at, copy);
  }

  truncate(size: number): void {
    this.unsynced.push({
      at: size,
      bytes: null,
      before: this.read(size, this.size),
      sizeBefore: this.size,
      fate: 'pending',
    });
    this.resize(size);
  }

  /** The first `count` changes reach the disk, or are taken for clean without it. */
  settle(count: number, isDurable: boolean): void {
    for (const change of this.unsynced.slice(0, count)) {
      if (change.fate === 'pending') change.fate = isDurable ? 'durable' : 'dropped';
    }
    const first = this.unsynced.findIndex(({ fate }) => fate !== 'durable');
    this.unsynced.splice(0, first < 0 ? this.unsynced.length : first);
  }

  get pending(): number {
    return this.unsynced.filter(({ fate }) => fate === 'pending').length;
  }

  /** Back to what is durable, then forward again through what survived. */
  crash(operations: number, bytesOf: (length: number) => number): void {
    const changes = this.unsynced;
    this.unsynced = [];
    for (const { at, before, sizeBefore } of [...changes].reverse()) {
      this.resize(sizeBefore);
      this.data.set(before, at);
    }
    let left = operations;
    for (const { at, bytes, fate } of changes) {
      if (fate === 'dropped') continue;
      if (fate === 'pending') left -= 1;
      if (left < -1) break;
      if (left === -1 && fate === 'pending') {
        if (bytes !== null) this.apply(at, bytes.subarray(0, bytesOf(bytes.length)));
      } else if (bytes === null) this.resize(at);
      else this.apply(at, bytes);
    }
  }

  /** What is durable. */
  durable(): Uint8Array {
    const copy = new Inode();
    copy.write(0, this.read(0, this.size));
    copy.unsynced = [...this.unsynced];
    copy.crash(0, () => 0);
    return copy.read(0, copy.size);
  }

  private apply(at: number, bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.resize(Math.max(this.size, at + bytes.length));
    this.data.set(bytes, at);
  }

  private resize(size: number): void {
    if (size > this.data.length) {
      const larger = new Uint8Array(Math.max(size, this.data.length * 2));
      larger.set(this.data.subarray(0, this.size));
      this.data = larger;
    }
    if (size < this.size) this.data.fill(0, size, this.size);
    this.size = size;
  }
}

type NameChange = (names: Map<string, Inode>) => void;

export class MemoryDisk implements Disk {
  /** How often each was asked for, refused ones included. */
  readonly counts = { write: 0, sync: 0, syncNames: 0 };
  private files = new Map<string, Inode>();
  private durable = new Map<string, Inode>();
  private nameChanges: NameChange[] = [];
  private readonly locks = new Map<string, { holder: string }>();
  private operations = 0;
  /** Handles of before a crash are dead: their process is. */
  private life = 0;

  constructor(private readonly options: MemoryDiskOptions = {}) {}

  names(): readonly string[] {
    return [...this.files.keys()].sort();
  }

  open(name: string): DiskFile {
    let inode = this.files.get(name);
    if (inode === undefined) {
      const made = new Inode();
      inode = made;
      this.rename_((names) => names.set(name, made));
    }
    return this.handle(name, inode);
  }

  rename(from: string, to: string): void {
    this.meet({ kind: 'rename', name: from, at: 0, length: 0 });
    if (!this.files.has(from)) throw diskError('ENOENT', `rename ${from}`);
    this.rename_((names) => {
      const inode = names.get(from);
      if (inode === undefined) return;
      names.delete(from);
      names.set(to, inode);
    });
  }

  remove(name: string): void {
    this.rename_((names) => names.delete(name));
  }

  syncNames(): void {
    this.counts.syncNames += 1;
    this.meet({ kind: 'syncNames', name: '', at: 0, length: 0 });
    this.durable = new Map(this.files);
    this.nameChanges = [];
  }

  lock(name: string, holder: string): DiskLock | { readonly heldBy: string } {
    const held = this.locks.get(name);
    if (held !== undefined) return { heldBy: held.holder };
    const lock = { holder };
    this.locks.set(name, lock);
    return {
      note: (text) => {
        lock.holder = text;
      },
      release: () => {
        if (this.locks.get(name) === lock) this.locks.delete(name);
      },
    };
  }

  /** Takes a lock from whoever holds it, as if that process had seemed dead. */
  breakLock(name: string): void {
    this.locks.delete(name);
  }

  /** The machine stops: what was not synced is gone but for what `keeps` says, locks are stale, handles dead. */
  crash(keeps: CrashKeeps = {}): void {
    const kept = keeps.names?.(this.nameChanges.length) ?? 0;
    const names = new Map(this.durable);
    for (const change of this.nameChanges.slice(0, kept)) change(names);
    for (const [name, inode] of new Map([...this.files, ...names])) {
      const operations = keeps.operations?.(name, inode.pending) ?? 0;
      inode.crash(operations, (length) => keeps.bytes?.(name, length) ?? 0);
    }
    this.files = names;
    this.durable = new Map(names);
    this.nameChanges = [];
    this.kill();
  }

  /** The process stops, the machine does not: every write survives, synced or not. */
  kill(): void {
    this.locks.clear();
    this.life += 1;
  }

  /** A file's bytes now, a copy; empty when there is none. */
  bytes(name: string): Uint8Array {
    const inode = this.files.get(name);
    return inode === undefined ? new Uint8Array() : inode.read(0, inode.size);
  }

  /** The bytes that a crash at this moment would leave under this name. */
  durableBytes(name: string): Uint8Array {
    return this.durable.get(name)?.durable() ?? new Uint8Array();
  }

  /** Puts a file there, durable, whatever it was: how a test damages one at rest. */
  put(name: string, bytes: Uint8Array): void {
    const inode = this.files.get(name) ?? new Inode();
    this.files.set(name, inode);
    this.durable.set(name, inode);
    inode.truncate(0);
    inode.write(0, bytes);
    inode.unsynced = [];
  }

  private rename_(change: NameChange): void {
    change(this.files);
    this.nameChanges.push(change);
  }

  private meet(operation: Omit<DiskOperation, 'n'>): DiskFault | null {
    this.operations += 1;
    const fault = this.options.fault?.({ ...operation, n: this.operations }) ?? null;
    if (fault?.kind === 'error') throw diskError(fault.code, `${operation.kind} ${operation.name}`);
    return fault;
  }

  private handle(name: string, inode: Inode): DiskFile {
    const { life } = this;
    const live = (): Inode => {
      if (life !== this.life) throw diskError('EBADF', name);
      return inode;
    };
    return {
      get size() {
        return live().size;
      },
      read: (from, to) => this.read(name, live(), from, to),
      write: (at, bytes) => this.write(name, live(), at, bytes),
      sync: () => this.sync(name, live()),
      truncate: (size) => {
        this.meet({ kind: 'truncate', name, at: size, length: 0 });
        live().truncate(size);
      },
      close() {},
    };
  }

  private read(name: string, inode: Inode, from: number, to: number): Uint8Array {
    const fault = this.meet({ kind: 'read', name, at: from, length: to - from });
    const bytes = inode.read(from, to);
    if (fault?.kind === 'flip' && bytes.length > 0) {
      const bit = fault.bit % (bytes.length * 8);
      bytes[bit >> 3] = bytes[bit >> 3]! ^ (1 << (bit & 7));
    }
    return bytes;
  }

  private write(name: string, inode: Inode, at: number, bytes: Uint8Array): void {
    this.counts.write += 1;
    const fault = this.meet({ kind: 'write', name, at, length: bytes.length });
    if (fault?.kind === 'short') {
      inode.write(at, bytes.subarray(0, fault.keep));
      throw diskError(fault.code, `write ${name}: ${fault.keep} of ${bytes.length} bytes`);
    }
    if (fault?.kind === 'lost' || fault?.kind === 'misdirected') {
      // The file system believes it: the size grows over what never came.
      if (at + bytes.length > inode.size)
        inode.write(inode.size, new Uint8Array(at + bytes.length - inode.size));
      if (fault.kind === 'misdirected') inode.write(Math.min(fault.to, inode.size), bytes);
      return;
    }
    if (fault?.kind === 'flip') {
      const flipped = Uint8Array.from(bytes);
      const bit = fault.bit % (bytes.length * 8);
      flipped[bit >> 3] = flipped[bit >> 3]! ^ (1 << (bit & 7));
      inode.write(at, flipped);
    } else inode.write(at, bytes);
  }

  private sync(name: string, inode: Inode): void | Promise<void> {
    this.counts.sync += 1;
    const asked = inode.unsynced.length;
    const settle = (): void => {
      try {
        this.meet({ kind: 'sync', name, at: 0, length: 0 });
      } catch (error) {
        inode.settle(asked, false);
        throw error;
      }
      inode.settle(asked, true);
    };
    if (this.options.isAsync !== true) return settle();
    const { life } = this;
    return Promise.resolve().then(() => {
      if (life !== this.life) throw diskError('EBADF', name);
      settle();
    });
  }
}

const diskError = (code: string, what: string): Error =>
  Object.assign(new Error(`${code}: ${what}`), { code });
