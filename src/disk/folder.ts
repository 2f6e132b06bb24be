/**
 * The disk port over one folder of the file system.
 *
 * Owns descriptors, fdatasync and the lock file. A lock names its process so that it can be told when that process has
 * gone: by pid, start time and boot where the system shows them, and only on the same host. A lock of another host is
 * never taken: nobody here can say whether its holder lives.
 */
import { createHash } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fdatasync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  linkSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { hostname } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import type { Disk, DiskFile, DiskLock } from '../ports/disk.js';

/** The folder is made when something is first written into it. */
export function openFolder(path: string): Disk {
  const folder = resolve(path);
  const made: string[] = [];
  const at = (name: string): string => join(folder, name);
  const make = (): void => {
    for (let each = folder; !existsSync(each); each = dirname(each)) made.unshift(each);
    // One by one: Node's recursive mkdir never returns where the system refuses a directory without saying why.
    for (const each of made.splice(0)) {
      mkdirSync(each);
      syncFolder(dirname(each));
    }
  };
  return {
    names: () => (existsSync(folder) ? readdirSync(folder) : []),
    open(name) {
      make();
      return openFile(at(name));
    },
    rename: (from, to) => renameSync(at(from), at(to)),
    remove: (name) => rmSync(at(name), { force: true }),
    syncNames: () => syncFolder(folder),
    lock(name, holder) {
      make();
      return takeLock(at(name), holder);
    },
  };
}

function syncFolder(path: string): void {
  // Windows opens no folder, and needs no sync of one.
  if (process.platform === 'win32') return;
  const fd = openSync(path, 'r');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

const codeOf = (error: unknown): string | undefined => (error as NodeJS.ErrnoException).code;

function openFd(path: string): number {
  try {
    return openSync(path, 'r+');
  } catch (error) {
    const code = codeOf(error);
    if (code === 'ENOENT') return openSync(path, 'wx+');
    // Whoever only reads may do so; a write then says what is wrong.
    if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') return openSync(path, 'r');
    throw error;
  }
}

function openFile(path: string): DiskFile {
  const fd = openFd(path);
  return {
    get size() {
      return fstatSync(fd).size;
    },
    read(from, to) {
      const bytes = Buffer.allocUnsafe(Math.max(0, to - from));
      let read = 0;
      while (read < bytes.length) {
        const got = readSync(fd, bytes, read, bytes.length - read, from + read);
        if (got === 0) break;
        read += got;
      }
      return bytes.subarray(0, read);
    },
    write(at, bytes) {
      for (let done = 0; done < bytes.length; )
        done += writeSync(fd, bytes, done, bytes.length - done, at + done);
    },
    sync: () =>
      new Promise((done, failed) => fdatasync(fd, (error) => (error === null ? done() : failed(error)))),
    truncate: (size) => ftruncateSync(fd, size),
    close: () => closeSync(fd),
  };
}

interface Holder {
  readonly pid: number;
  readonly host: string;
  /** When the process started and the machine did, as the system counts; null where it does not say. */
  readonly started: string | null;
  readonly boot: string | null;
  readonly holder: string;
}

/** Locks taken here, by file, with what stands in them: one that reads otherwise is another's by now. */
const OURS = new Map<string, string>();
let releasesAtExit = false;

/** Not needed for the next writer, who would find this process gone; it spares people a file to wonder about. */
function releaseAtExit(): void {
  if (releasesAtExit) return;
  releasesAtExit = true;
  process.on('exit', () => {
    for (const path of OURS.keys()) release(path);
  });
}

function takeLock(path: string, holder: string): DiskLock | { readonly heldBy: string } {
  const mine = (text: string): string => `${JSON.stringify({ ...thisProcess(), holder: text })}\n`;
  for (let attempt = 0; attempt < 2; attempt++) {
    const own = mine(holder);
    if (createLock(path, own)) return heldLock(path, own, mine);
    const text = readLock(path);
    if (text === null) continue;
    const other = parseHolder(text);
    if (other === null || isAlive(other, path)) return { heldBy: describe(other, text, path) };
    if (takeOver(path, text, own)) return heldLock(path, own, mine);
  }
  return { heldBy: `whoever took ${path} just now` };
}

/** Whole or not at all: another process never reads half a holder. */
function createLock(path: string, text: string): boolean {
  const draft = `${path}.${process.pid}`;
  writeFileSync(draft, text);
  try {
    linkSync(draft, path);
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    if (!NO_LINKS.includes(codeOf(error) ?? '')) throw error;
  } finally {
    rmSync(draft, { force: true });
  }
  return createUnlinked(path, text);
}

/** File systems without hard links say one of these. */
const NO_LINKS: readonly string[] = ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'];

function createUnlinked(path: string, text: string): boolean {
  try {
    writeFileSync(path, text, { flag: 'wx' });
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  }
}

function heldLock(path: string, text: string, mine: (holder: string) => string): DiskLock {
  OURS.set(path, text);
  releaseAtExit();
  return {
    note(holder) {
      if (!isStillOurs(path)) return;
      const draft = `${path}.${process.pid}`;
      const renamed = mine(holder);
      writeFileSync(draft, renamed);
      renameSync(draft, path);
      OURS.set(path, renamed);
    },
    release: () => release(path),
  };
}

const isStillOurs = (path: string): boolean => OURS.has(path) && OURS.get(path) === readLock(path);

function release(path: string): void {
  if (isStillOurs(path)) rmSync(path, { force: true });
  OURS.delete(path);
}

/** Null when it has gone meanwhile. */
function readLock(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null;
    throw error;
  }
}

function parseHolder(text: string): Holder | null {
  try {
    const value = JSON.parse(text) as Partial<Holder> | null;
    return Number.isSafeInteger(value?.pid) && typeof value?.host === 'string' ? (value as Holder) : null;
  } catch {
    return null;
  }
}

function describe(other: Holder | null, text: string, path: string): string {
  const way = `remove ${path} once it is certain that nobody writes there`;
  if (other === null) return `a lock that cannot be read (${text.slice(0, 40).trim()}); ${way}`;
  const who = `process ${other.pid} (${other.holder})`;
  return other.host === hostname() ? who : `${who} on host ${other.host}; ${way}`;
}

/** Claimers that died in the middle of taking over, one after the other: more than this is no accident. */
const CLAIMS_MAX = 8;

/**
 * Puts our lock in the place of a dead one. Only who holds the claim to that very lock may, and a claim is made like a
 * lock: of all who race for a dead writer's journal one gets it, and a live lock is never touched. A claimer that died
 * leaves its claim, and the next claim is one to both.
 */
function takeOver(path: string, stale: string, own: string): boolean {
  const claims: string[] = [];
  for (let text = stale; claims.length < CLAIMS_MAX; ) {
    const claim = `${path}.${createHash('sha256').update(text).digest('hex').slice(0, 16)}`;
    claims.push(claim);
    if (createLock(claim, own)) {
      try {
        // Somebody may have taken over, and let go of the claim, since the dead lock was read.
        if (readLock(path) !== stale) return false;
        const draft = `${path}.${process.pid}`;
        writeFileSync(draft, own);
        renameSync(draft, path);
        return true;
      } finally {
        for (const each of claims) rmSync(each, { force: true });
      }
    }
    const claimed = readLock(claim);
    const claimer = claimed === null ? null : parseHolder(claimed);
    if (claimer === null || isAlive(claimer, claim)) return false;
    text += claimed;
  }
  return false;
}

function isAlive(other: Holder, path: string): boolean {
  if (other.host !== hostname()) return true;
  const own = thisProcess();
  if (other.boot !== own.boot) return false;
  // By start time first: another thread, or another copy of this module, is the same process.
  if (other.pid === process.pid) return own.started === null ? OURS.has(path) : other.started === own.started;
  try {
    process.kill(other.pid, 0);
  } catch (error) {
    return codeOf(error) !== 'ESRCH';
  }
  // A process of that number lives; another one, if it started at another time.
  const started = startOf(other.pid);
  return started === null || other.started === null || started === other.started;
}

function thisProcess(): Omit<Holder, 'holder'> {
  return { pid: process.pid, host: hostname(), started: startOf(process.pid), boot: bootId() };
}

/** Field 22 of Linux' /proc/PID/stat; the name in field 2 may hold blanks and brackets. */
function startOf(pid: number): string | null {
  const stat = procText(`/proc/${pid}/stat`);
  return stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null;
}

const bootId = (): string | null => procText('/proc/sys/kernel/random/boot_id')?.trim() ?? null;

function procText(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}
