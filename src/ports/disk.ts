/**
 * The disk port: what a durable journal asks of a file system, small enough for a simulator to break at every byte.
 *
 * Names are flat, within the one folder that the adapter stands for. A throw or rejection of `write`, `sync`, `truncate`
 * or `rename` is final for the journal above it: a failed sync is never tried again (USENIX ATC'20).
 */
export interface Disk {
  names(): readonly string[];
  /** Opens, and creates where absent. */
  open(name: string): DiskFile;
  /** Replaces `to`; durable once `syncNames` has returned. */
  rename(from: string, to: string): void;
  remove(name: string): void;
  /** Makes creations, renames and removals durable. */
  syncNames(): void;
  /** Takes the one lock of this name, and says who holds it when somebody does. Stale locks of dead holders are taken. */
  lock(name: string, holder: string): DiskLock | { readonly heldBy: string };
}

export interface DiskLock {
  /** Renames the holder, for whoever reads the lock; who wrote it stays. */
  note(holder: string): void;
  release(): void;
}

export interface DiskFile {
  /** As the disk has it now: another writer's bytes show. */
  readonly size: number;
  /** Bytes `from` up to, not including, `to`; fewer at the end of the file. */
  read(from: number, to: number): Uint8Array;
  /** All of them, or it throws; a part may then have been written. */
  write(at: number, bytes: Uint8Array): void;
  /** Data durable; size too, where it grew. */
  sync(): void | Promise<void>;
  truncate(size: number): void;
  close(): void;
}
