/** The durable journal on a real disk, and the lock file: who lives, who is gone, who cannot be told. */
import { execFileSync, spawn } from 'node:child_process';
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { openFolder } from '../../src/disk/index.js';
import { openDurableJournal, readJournal, verifyJournal } from '../../src/journal/index.js';
import { record, records, refusalOf, write } from '../journal/support.js';

let folder = '';
let path = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fillwright-disk-'));
  path = join(folder, 'deep', 'er', 'run.journal');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('a journal in a folder', () => {
  test('makes the folder, holds what was committed, and leaves no lock behind', async () => {
    const journal = await openDurableJournal({ path });
    expect(existsSync(path)).toBe(false);
    await write(journal, records(2), [record(3)]);
    expect([...journal.lines()]).toEqual(records(3));
    journal.saveSnapshot({ n: 3, state: '{}' });
    await journal.close();
    expect(readdirSync(join(folder, 'deep', 'er')).sort()).toEqual(['run.journal', 'run.journal.snapshot']);
    const again = await openDurableJournal({ path });
    expect([again.last, again.snapshot()?.n]).toEqual([3, 3]);
    await again.close();
  });

  test('is cut at a torn tail, and goes on', async () => {
    const journal = await openDurableJournal({ path });
    await write(journal, records(2), [record(3)]);
    await journal.close();
    truncateSync(path, readFileSync(path).length - 5);
    expect(readJournal(path).records).toHaveLength(2);
    const again = await openDurableJournal({ path });
    expect(again.tornAt).toBe(verifyJournal(path).tornAt ?? again.tornAt);
    expect(again.tornAt).not.toBeNull();
    await write(again, [record(3)]);
    await again.close();
    expect(verifyJournal(path)).toMatchObject({ records: 3, tornAt: null, epoch: 2, format: 'durable' });
  });

  test('rotates, and commits that come together share a sync', async () => {
    const journal = await openDurableJournal({ path, segmentBytes: 2_000 });
    const commits: (void | Promise<void>)[] = [];
    for (const line of records(200)) {
      journal.append(line);
      commits.push(journal.commit());
      if (commits.length % 7 === 0) await Promise.all(commits);
    }
    await Promise.all(commits);
    await journal.close();
    const { records: count, segments } = verifyJournal(path);
    expect(count).toBe(200);
    expect(segments).toBeGreaterThan(3);
  });

  test('refuses what is no journal, and leaves it as it is', async () => {
    const note = join(folder, 'note.txt');
    const texts = [
      ['buy milk', 'JOURNAL_DAMAGED'],
      ['{"n":1,"t":1,"input":{"k":"open"},"events":[]}\n', 'JOURNAL_VERSION'],
    ] as const;
    for (const [text, code] of texts) {
      writeFileSync(note, text);
      expect(await refusalOf(openDurableJournal({ path: note }))).toMatchObject({ code });
      expect(readFileSync(note, 'utf8')).toBe(text);
    }
    expect(await refusalOf(openDurableJournal({ path: folder }))).toMatchObject({ code: 'JOURNAL' });
  });
});

describe('the lock', () => {
  const lockOf = (holder: object): void => writeFileSync(join(folder, 'l'), JSON.stringify(holder));
  const take = () => openFolder(folder).lock('l', 'epoch 1');
  const dead = (): number =>
    Number(execFileSync(process.execPath, ['-p', 'process.pid'], { encoding: 'utf8' }));

  test('names process and epoch, and is refused to a second taker in the same process', () => {
    const held = take();
    expect(JSON.parse(readFileSync(join(folder, 'l'), 'utf8'))).toMatchObject({
      pid: process.pid,
      holder: 'epoch 1',
    });
    expect(take()).toEqual({ heldBy: `process ${process.pid} (epoch 1)` });
    if ('release' in held) held.release();
    expect(readdirSync(folder)).toEqual([]);
  });

  test('that another has taken by now is left to it', () => {
    const held = take();
    writeFileSync(join(folder, 'l'), 'of another');
    if ('release' in held) {
      held.note('epoch 2');
      held.release();
    }
    expect(readFileSync(join(folder, 'l'), 'utf8')).toBe('of another');
  });

  test('of a process that has gone is taken', () => {
    lockOf({ ...ownLock(), pid: dead() });
    expect(take()).toHaveProperty('release');
  });

  test('of this very pid, from before it was given out again, is taken', () => {
    lockOf({ ...ownLock(), started: '1' });
    expect(take()).toHaveProperty('release');
  });

  test('of another start of the machine is taken', () => {
    const own = ownLock();
    if (own.boot === null) return; // the system does not say
    lockOf({ ...own, pid: 1, boot: 'another' });
    expect(take()).toHaveProperty('release');
  });

  test('of another host, or one that cannot be read, is never taken', () => {
    lockOf({ ...ownLock(), host: 'elsewhere' });
    expect(take()).toEqual({ heldBy: expect.stringContaining('on host elsewhere; remove ') });
    writeFileSync(join(folder, 'l'), 'what');
    expect(take()).toEqual({ heldBy: expect.stringContaining('cannot be read') });
  });

  test('of a living process is refused, and taken once it is killed', async () => {
    const other = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
    const ended = new Promise((done) => other.once('exit', done));
    const { started: _, ...own } = ownLock();
    lockOf({ ...own, started: null, pid: other.pid });
    expect(take()).toEqual({ heldBy: expect.stringContaining(`process ${other.pid}`) });
    other.kill('SIGKILL');
    await ended;
    expect(take()).toHaveProperty('release');
  });

  /** What this process writes into a lock file. */
  function ownLock(): {
    pid: number;
    host: string;
    started: string | null;
    boot: string | null;
    holder: string;
  } {
    const held = take();
    const text = readFileSync(join(folder, 'l'), 'utf8');
    if ('release' in held) held.release();
    expect(JSON.parse(text)).toMatchObject({ host: hostname() });
    return JSON.parse(text) as ReturnType<typeof ownLock>;
  }
});
