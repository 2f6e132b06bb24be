/** Small durable journals on a disk in memory: writing them, reading them back, and telling how they refuse. */
import { MemoryDisk, type MemoryDiskOptions } from '../../src/disk/index.js';
import type { FillwrightError } from '../../src/dtos/errors.js';
import {
  type DurableJournal,
  type DurableJournalOptions,
  openDurableJournal,
} from '../../src/journal/index.js';

export const NAME = 'run.journal';

export const record = (n: number, pad = 0): string =>
  JSON.stringify({ n, t: n, input: { k: 'open', pad: 'x'.repeat(pad) }, events: [] });

export const records = (last: number, first = 1): string[] =>
  Array.from({ length: last - first + 1 }, (_, i) => record(first + i));

export type Options = Partial<DurableJournalOptions>;

export const open = (disk: MemoryDisk, options: Options = {}): Promise<DurableJournal> =>
  openDurableJournal({ disk, path: NAME, ...options });

/** Commits each group of lines. */
export async function write(journal: DurableJournal, ...groups: readonly string[][]): Promise<void> {
  for (const group of groups) {
    for (const line of group) journal.append(line);
    await journal.commit();
  }
}

/** A disk with a closed journal of these groups. */
export async function written(
  groups: readonly string[][],
  { disk = new MemoryDisk(), ...options }: Options & { disk?: MemoryDisk } = {},
): Promise<MemoryDisk> {
  const journal = await open(disk, options);
  await write(journal, ...groups);
  await journal.close();
  return disk;
}

/** A copy with one file replaced. */
export function withFile(
  disk: MemoryDisk,
  name: string,
  bytes: Uint8Array,
  options: MemoryDiskOptions = {},
): MemoryDisk {
  const copy = new MemoryDisk(options);
  for (const each of disk.names()) copy.put(each, disk.bytes(each));
  copy.put(name, bytes);
  return copy;
}

export interface Refusal {
  readonly code: string;
  readonly message: string;
  readonly path: string;
}

/** How a promise is refused; null when it is not. */
export async function refusalOf(work: Promise<unknown> | (() => unknown)): Promise<Refusal | null> {
  try {
    await (typeof work === 'function' ? work() : work);
    return null;
  } catch (error) {
    const { code, message, path } = error as FillwrightError;
    return { code, message, path };
  }
}

/** What a journal holds when it is opened, or how it refuses. */
export async function contentOf(
  disk: MemoryDisk,
  options: Options = {},
): Promise<{ lines: string[]; tornAt: number | null } | Refusal> {
  try {
    const journal = await open(disk, options);
    const content = { lines: [...journal.lines()], tornAt: journal.tornAt };
    await journal.close();
    return content;
  } catch (error) {
    const { code, message, path } = error as FillwrightError;
    return { code, message, path };
  }
}

export const text = (disk: MemoryDisk, name = NAME): string => Buffer.from(disk.bytes(name)).toString('utf8');
