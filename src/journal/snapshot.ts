/**
 * The snapshot beside a journal: a state after a record, tied to the seal that it was saved behind.
 *
 * A cache: whatever is wrong with it, it is ignored, and the journal says the same, later. Owns its file and the proof
 * that it belongs to this journal; the state's meaning is the runtime's.
 */
import type { Disk } from '../ports/disk.js';
import type { Snapshot } from '../ports/journal.js';
import type { Mark } from './chain.js';
import { FrameWriter, readFrame } from './frame.js';
import { isPromise } from './promise.js';
import { FileBytes, snapshotName } from './segments.js';

const VERSION = 1;

/** A snapshot with the seal at or before its record. */
export interface Kept extends Snapshot {
  readonly mark: Mark;
}

/** Null when there is none, or none that can be read. */
export function readSnapshot(disk: Disk, name: string): Kept | null {
  try {
    const file = snapshotName(name);
    if (!disk.names().includes(file)) return null;
    const opened = disk.open(file);
    try {
      return parse(new FileBytes(opened, opened.size));
    } finally {
      opened.close();
    }
  } catch {
    return null;
  }
}

function parse(bytes: FileBytes): Kept | null {
  const head = readFrame(bytes, 0);
  if (head === 'torn' || 'damage' in head || head.kind !== 'P') return null;
  const body = readFrame(bytes, head.to);
  if (body === 'torn' || 'damage' in body || body.kind !== 'Q' || body.to !== bytes.end) return null;
  const { v, n, mark } = JSON.parse(head.payload.toString('utf8')) as { v: number; n: number; mark: Mark };
  return v === VERSION ? { n, mark, state: body.payload.toString('utf8') } : null;
}

/**
 * Replaces the snapshot: written beside it, made durable, then renamed.
 * Returns a promise when the disk syncs by itself; neither throws nor rejects.
 */
export function writeSnapshot(disk: Disk, name: string, { n, state, mark }: Kept): void | Promise<void> {
  const target = snapshotName(name);
  const draft = `${target}.new`;
  try {
    const frames = new FrameWriter();
    frames.add('P', JSON.stringify({ v: VERSION, n, mark }));
    frames.add('Q', state);
    const file = disk.open(draft);
    const close = (): void => ignoring(() => file.close());
    const publish = (): void => {
      close();
      ignoring(() => {
        disk.rename(draft, target);
        disk.syncNames();
      });
    };
    file.truncate(0);
    file.write(0, frames.bytes());
    const syncing = file.sync();
    if (isPromise(syncing)) return syncing.then(publish, close);
    publish();
  } catch {
    // A snapshot that could not be written is one that was not taken.
  }
}

function ignoring(run: () => void): void {
  try {
    run();
  } catch {
    // As above.
  }
}
