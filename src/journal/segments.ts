/**
 * The files of a journal: names, their order, and reading them piece by piece.
 *
 * `PATH` is the active segment, `PATH.00001`, `PATH.00002`, … the older ones, `PATH.new` one that a rotation has not
 * put in its place yet, `PATH.lock` the lock and `PATH.snapshot` the cache.
 */
import type { Disk, DiskFile } from '../ports/disk.js';
import type { Bytes } from './frame.js';

export const segmentName = (name: string, number: number): string =>
  `${name}.${String(number).padStart(5, '0')}`;
export const lockName = (name: string): string => `${name}.lock`;
export const snapshotName = (name: string): string => `${name}.snapshot`;
export const nextName = (name: string): string => `${name}.new`;

/** Files from the oldest to the active one; segment k stands at index k - 1. */
export interface Segments {
  readonly files: readonly string[];
  /** What is wrong with the set of files, null for nothing. */
  readonly gap: { readonly name: string; readonly what: string } | null;
}

/** `files` is empty for a journal that does not exist. */
export function segmentsOf(disk: Disk, name: string): Segments {
  const names = new Set(disk.names());
  const older = [...names]
    .map((each) => (each.startsWith(`${name}.`) ? each.slice(name.length + 1) : ''))
    .filter((rest) => /^\d{5,}$/.test(rest))
    .map(Number)
    .sort((a, b) => a - b);
  const files = older.map((number) => segmentName(name, number));
  const missing = older.findIndex((number, index) => number !== index + 1);
  if (missing >= 0) {
    return { files, gap: { name: segmentName(name, missing + 1), what: 'is missing' } };
  }
  if (names.has(name)) return { files: [...files, name], gap: null };
  // A crash between the two renames of a rotation.
  if (files.length > 0 && names.has(nextName(name))) return { files: [...files, nextName(name)], gap: null };
  return { files, gap: files.length === 0 ? null : { name, what: 'is missing, its older segments are not' } };
}

const PIECE = 1 << 20;

/** A file as frames are read from it: a window that moves forward. */
export class FileBytes implements Bytes {
  private from = 0;
  private window: Buffer = Buffer.alloc(0);

  constructor(
    private readonly file: DiskFile,
    readonly end: number,
  ) {}

  get(at: number, length: number): Buffer {
    const to = Math.min(this.end, at + length);
    if (at < this.from || to > this.from + this.window.length) {
      const bytes = this.file.read(at, Math.min(this.end, Math.max(to, at + PIECE)));
      this.window = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      this.from = at;
    }
    return this.window.subarray(at - this.from, Math.max(at, to) - this.from);
  }
}
