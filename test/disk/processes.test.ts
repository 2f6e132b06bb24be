/** Real processes on a real disk: killed while they commit, and racing for the lock of one that was killed. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import { afterAll, describe, expect, test } from '@jest/globals';
import { openDurableJournal, verifyJournal } from '../../src/journal/index.js';
import { ROOT } from '../house/source.js';

const entry = join(ROOT, 'dist/index.js');
const isBuilt = existsSync(entry);
if (!isBuilt) console.warn('SKIPPED: processes run dist, which is not built: npm run build');

const folder = mkdtempSync(join(tmpdir(), 'fillwright-processes-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Commits records in groups, and prints the last number once it is told that it is durable. */
const WRITER = `
  const { openDurableJournal } = await import(${JSON.stringify(pathToFileURL(entry).href)});
  const journal = await openDurableJournal({ path: process.argv[1], segmentBytes: 40_000 });
  for (let n = journal.last + 1; ; ) {
    const size = 1 + (n % 5);
    for (let i = 0; i < size; i++, n++)
      journal.append(JSON.stringify({ n, t: n, input: { k: 'open', pad: 'x'.repeat(n % 400) }, events: [] }));
    await journal.commit();
    process.stdout.write(n - 1 + '\\n');
  }`;

/** Says whether it got the journal, and keeps it until its input ends. */
const TAKER = `
  const { openDurableJournal } = await import(${JSON.stringify(pathToFileURL(entry).href)});
  process.stdin.once('data', async () => {
    try {
      await openDurableJournal({ path: process.argv[1] });
      process.stdout.write('taken\\n');
    } catch (error) {
      process.stdout.write(error.code + '\\n');
    }
    process.stdin.on('end', () => process.exit());
  });
  process.stdout.write('ready\\n');`;

const start = (script: string, path: string): ChildProcess =>
  spawn(process.execPath, ['--input-type=module', '-e', script, path], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });

const linesOf = (child: ChildProcess): AsyncIterator<string> =>
  createInterface({ input: child.stdout! })[Symbol.asyncIterator]();

const kill = async (child: ChildProcess): Promise<void> => {
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
};

/** Runs the writer until it has acknowledged so many commits, kills it, and gives the last number that it told. */
async function writeAndKill(path: string, commits: number): Promise<number> {
  const child = start(WRITER, path);
  let told = 0;
  const lines = linesOf(child);
  for (let i = 0; i < commits; i++) told = Number((await lines.next()).value);
  await kill(child);
  for (let step = await lines.next(); step.done !== true; step = await lines.next())
    told = Number(step.value);
  return told;
}

describe('processes', () => {
  (isBuilt ? test : test.skip)(
    'killed while they commit lose nothing that they had told',
    async () => {
      const path = join(folder, 'killed.journal');
      let told = 0;
      for (const commits of [1, 25, 150]) {
        const before = told;
        told = await writeAndKill(path, commits);
        expect(told).toBeGreaterThan(before);
        expect(verifyJournal(path).records).toBeGreaterThanOrEqual(told);
      }
      const journal = await openDurableJournal({ path });
      expect(journal.epoch).toBe(4);
      expect([...journal.lines()].length).toBeGreaterThanOrEqual(told);
      await journal.close();
    },
    60_000,
  );

  (isBuilt ? test : test.skip)(
    'racing for the lock of one that was killed: one gets it',
    async () => {
      const path = join(folder, 'raced.journal');
      await writeAndKill(path, 1);
      expect(existsSync(`${path}.lock`)).toBe(true);
      const takers = Array.from({ length: 4 }, () => start(TAKER, path));
      const lines = takers.map(linesOf);
      for (const line of lines) expect((await line.next()).value).toBe('ready');
      for (const taker of takers) taker.stdin!.write('go\n');
      const answers = await Promise.all(lines.map(async (line) => (await line.next()).value as string));
      expect(answers.sort()).toEqual(['JOURNAL_LOCKED', 'JOURNAL_LOCKED', 'JOURNAL_LOCKED', 'taken']);
      await Promise.all(takers.map(kill));
    },
    60_000,
  );
});
