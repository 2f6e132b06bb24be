/**
 * The journal as a file of JSON lines: written at each commit, without fsync.
 *
 * Good for backtests, demonstrations and reading afterwards. It survives the end of the process, not that of the
 * machine: a durable adapter of the same port is for money.
 */
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, statSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { FillwrightError } from '../dtos/errors.js';
import type { Journal } from '../ports/journal.js';

/**
 * Opens `path` for appending on the first commit: a run that is refused before it starts leaves no file.
 * @throws JOURNAL when the file cannot be opened or written, or holds another run already: records are numbered from 1
 */
export function createFileJournal(path: string): Journal {
  if (existsSync(path) && statSync(path).isFile() && statSync(path).size > 0) {
    throw new FillwrightError(
      'JOURNAL',
      `${path} is not empty; a journal is never appended to by another run`,
      { path },
    );
  }
  let fd: number | null = null;
  let pending = '';
  const guard = <T>(what: string, run: () => T): T => {
    try {
      return run();
    } catch (cause) {
      throw new FillwrightError('JOURNAL', `cannot ${what} ${path}: ${(cause as Error).message}`, {
        path,
        cause,
      });
    }
  };
  const open = (): number =>
    guard('open', () => {
      mkdirSync(dirname(path), { recursive: true });
      return openSync(path, 'a');
    });
  return {
    append(line) {
      pending += `${line}\n`;
    },
    commit() {
      if (pending === '') return;
      fd ??= open();
      const to = fd;
      const bytes = Buffer.from(pending, 'utf8');
      pending = '';
      guard('write', () => {
        for (let at = 0; at < bytes.length; ) at += writeSync(to, bytes, at);
      });
    },
    lines(after = 0) {
      return fd === null ? [] : readLines(path).slice(after);
    },
    close() {
      if (fd !== null) closeSync(fd);
      fd = null;
    },
  };
}

/** The whole lines of a journal file; an unfinished last line is left out. */
export function readLines(path: string): string[] {
  const lines = readFileSync(path, 'utf8').split('\n');
  lines.pop();
  return lines;
}
