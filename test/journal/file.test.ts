/** The journal file: what is on disk when, and what it refuses. */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createFileJournal, parseJournal, readLines } from '../../src/journal/index.js';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fillwright-journal-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const errorOf = (
  run: () => unknown,
): { readonly code?: string; readonly path?: string; readonly message?: string } => {
  try {
    run();
  } catch (error) {
    return error as Error;
  }
  return {};
};

const record = (n: number): string => JSON.stringify({ n, t: 1, input: { k: 'open' }, events: [] });

describe('a journal file', () => {
  test('does not exist before the first commit that has something to write', () => {
    const path = join(folder, 'run.jsonl');
    const journal = createFileJournal(path);
    journal.commit();
    journal.append(record(1));
    expect(existsSync(path)).toBe(false);
    journal.commit();
    expect(readFileSync(path, 'utf8')).toBe(`${record(1)}\n`);
    journal.close();
  });

  test('makes the folders that it stands in', () => {
    const path = join(folder, 'a', 'b', 'run.jsonl');
    const journal = createFileJournal(path);
    journal.append(record(1));
    journal.commit();
    journal.close();
    expect(readLines(path)).toEqual([record(1)]);
  });

  test('holds what was committed, in order, and nothing that was only appended', () => {
    const path = join(folder, 'run.jsonl');
    const journal = createFileJournal(path);
    for (const n of [1, 2]) journal.append(record(n));
    journal.commit();
    journal.append(record(3));
    expect([...(journal.lines() ?? [])]).toEqual([record(1), record(2)]);
    journal.commit();
    expect([...(journal.lines() ?? [])]).toEqual([record(1), record(2), record(3)]);
    journal.close();
    expect(parseJournal(readFileSync(path, 'utf8')).records.map(({ n }) => n)).toEqual([1, 2, 3]);
  });

  test('carries text beyond ASCII unharmed', () => {
    const path = join(folder, 'run.jsonl');
    const journal = createFileJournal(path);
    journal.append('"größer ≥ 🟢"');
    journal.commit();
    journal.close();
    expect(readLines(path)).toEqual(['"größer ≥ 🟢"']);
  });

  test('refuses a file that holds another run, and leaves it as it was', () => {
    const path = join(folder, 'run.jsonl');
    writeFileSync(path, `${record(1)}\n`);
    expect(errorOf(() => createFileJournal(path))).toMatchObject({ code: 'JOURNAL', path });
    expect(readFileSync(path, 'utf8')).toBe(`${record(1)}\n`);
  });

  test('takes an empty file', () => {
    const path = join(folder, 'run.jsonl');
    writeFileSync(path, '');
    const journal = createFileJournal(path);
    journal.append(record(1));
    journal.commit();
    journal.close();
    expect(readLines(path)).toEqual([record(1)]);
  });

  test('names the path when it cannot be opened', () => {
    const path = join(folder, 'taken');
    mkdirSync(path);
    const journal = createFileJournal(path);
    journal.append(record(1));
    const error = errorOf(() => journal.commit());
    expect(error).toMatchObject({ code: 'JOURNAL', path });
    expect(error.message).toContain(`cannot open ${path}`);
  });

  test('read back leaves an unfinished last line out', () => {
    const path = join(folder, 'run.jsonl');
    writeFileSync(path, `${record(1)}\n{"n":2`);
    expect(readLines(path)).toEqual([record(1)]);
  });
});
