/** `fillwright journal`: proving, showing and exporting what a run wrote; damage and torn tails at the terminal. */
import {
  copyFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import sqlite from 'node-sqlite3-wasm';
import type { JournalRecord } from '../../src/index.js';
import { openDurableJournal } from '../../src/journal/index.js';
import { record, write } from '../journal/support.js';
import { cli } from './harness.js';

const dir = mkdtempSync(join(tmpdir(), 'fillwright-'));
const at = (name: string): string => join(dir, name);
const run = at('run.journal');
let bytes: Buffer = Buffer.alloc(0);

beforeAll(async () => {
  await cli(['run', 'examples/scenarios/pair-trade-rejected-leg.yaml', '--journal', run, '--quiet']);
  bytes = readFileSync(run);
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const file = (name: string, content: Uint8Array | string): string => {
  writeFileSync(at(name), content);
  return at(name);
};
/** Byte behind the last seal but one. */
const lastSealed = (): number => {
  const text = bytes.toString('utf8');
  const seal = text.lastIndexOf('\nS ', text.lastIndexOf('\nS ') - 1);
  return Buffer.byteLength(text.slice(0, text.indexOf('\n', seal + 1) + 1));
};
const recordsOf = (text: string): JournalRecord[] =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as JournalRecord);

describe('journal verify', () => {
  test('says what it proved', async () => {
    const { code, out } = await cli(['journal', 'verify', run]);
    expect(code).toBe(0);
    expect(out).toMatch(/^ok: 11 records in 1 segment, epoch 1, last seal [0-9a-f]{64}\n$/);
    expect(JSON.parse((await cli(['journal', 'verify', run, '--json'])).out)).toMatchObject({
      ...{ v: 1, format: 'durable', records: 11, segments: 1, epoch: 1, torn_at: null },
    });
  });

  test('prints a torn tail and exits 0', async () => {
    const { code, out } = await cli(['journal', 'verify', file('torn', bytes.subarray(0, -20))]);
    expect(code).toBe(0);
    expect(out).toContain(`ok: 10 records in 1 segment`);
    expect(out).toContain(`torn tail at byte ${lastSealed()}\n`);
  });

  test.each(['verify', 'show', 'export'])(
    'exits 9 on damage, naming record and byte, in %s too',
    async (action) => {
      const damaged = Buffer.from(bytes);
      const place = damaged.indexOf('"quantity"');
      damaged[place] = 0x23;
      const path = file('damaged', damaged);
      const { code, err } = await cli(['journal', action, path]);
      expect(code).toBe(9);
      expect(err).toMatch(new RegExp(`^${path}: record 2 at byte \\d+: does not match its checksum\n$`));
    },
  );

  test('goes through every segment', async () => {
    const path = at('segments');
    const journal = await openDurableJournal({ path, sync: false, segmentBytes: 1_000 });
    for (let n = 1; n <= 9; n++) await write(journal, [record(n)]);
    await journal.close();
    expect((await cli(['journal', 'verify', path])).out).toMatch(/^ok: 9 records in 3 segments/);
    writeFileSync(`${path}.00001`, readFileSync(`${path}.00001`).subarray(0, -9));
    const { code, err } = await cli(['journal', 'verify', path]);
    expect([code, err.startsWith(`${path}.00001: record `)]).toEqual([9, true]);
  });

  test('takes the plain lines of version 0.1', async () => {
    const plain = file('plain', `${record(1)}\n${record(2)}\n`);
    expect((await cli(['journal', 'verify', plain])).out).toBe(
      'ok: 2 records plain lines, without checksums\n',
    );
  });
});

describe('journal show', () => {
  test('prints the same of a journal and of its export', async () => {
    const lines = await cli(['journal', 'export', run]);
    const shown = await cli(['journal', 'show', run]);
    expect((await cli(['journal', 'show', file('lines', lines.out)])).out).toBe(shown.out);
    expect(shown.out).toContain('BATCH_SETTLED');
  });

  test('follows a cause through all that it led to, and nothing else', async () => {
    const all = recordsOf((await cli(['journal', 'export', run])).out).flatMap(({ events }) => events);
    const refused = all.find((event) => event.type === 'ORDER_ENDED' && event.status === 'REJECTED')!;
    const { out } = await cli(['journal', 'export', run, '--cause', `${refused.seq}`]);
    const led = recordsOf(out).flatMap(({ events }) => events);
    expect(led.map(({ type }) => type)).toEqual(
      expect.arrayContaining(['ORDER_ENDED', 'LEG_FAILED', 'BATCH_UNWINDING']),
    );
    const seqs = new Set(led.map(({ seq }) => seq));
    for (const event of all) {
      const follows = event.seq === refused.seq || (event.cause !== null && seqs.has(event.cause));
      expect([event.seq, seqs.has(event.seq)]).toEqual([event.seq, follows]);
    }
    const { groupId = '' } = refused;
    const both = await cli(['journal', 'export', run, '--cause', `${refused.seq}`, '--group', groupId]);
    const types = recordsOf(both.out).flatMap(({ events }) => events.map((event) => event.groupId));
    expect(new Set(types)).toEqual(new Set([groupId]));
  });

  test.each([
    [['show', 'x', '--cause', '1x'], "--cause takes an event's number"],
    [['verify', 'x', '--batch', 'b'], '--batch means nothing here'],
    [['show', 'x', '--out', 'y'], '--out means nothing here'],
    [['export', 'x', '--format', 'csv'], '--format must be one of jsonl, sqlite'],
  ])('%j is a usage error', async (args, message) => {
    const { code, err } = await cli(['journal', ...args].map((arg) => (arg === 'x' ? run : arg)));
    expect([code, err.includes(message)]).toEqual([2, true]);
  });
});

describe('journal export', () => {
  test('gives the journal’s own lines', async () => {
    const { out } = await cli(['journal', 'export', run]);
    const own = bytes
      .toString('utf8')
      .split('\n')
      .filter((line) => line.startsWith('R'));
    expect(out.trimEnd().split('\n')).toEqual(own.map((line) => line.slice(21)));
  });

  test('a damaged journal leaves no file, and an earlier export as it was', async () => {
    const path = file('bad', Buffer.concat([bytes.subarray(0, -30), Buffer.from('\n')]));
    const out = file('kept', 'earlier');
    for (const format of ['jsonl', 'sqlite'])
      expect((await cli(['journal', 'export', path, '--format', format, '--out', out])).code).toBe(9);
    expect(readFileSync(out, 'utf8')).toBe('earlier');
    expect(readdirSync(dir).filter((name) => name.startsWith('kept'))).toEqual(['kept']);
  });

  test('never overwrites the journal, and says what cannot be written', async () => {
    expect((await cli(['journal', 'export', run, '--out', run])).code).toBe(2);
    expect(readFileSync(run)).toEqual(bytes);
    const nowhere = await cli(['journal', 'export', run, '--out', join(dir, 'none', 'x')]);
    expect(nowhere).toMatchObject({ code: 2, err: expect.stringContaining('cannot be written') });
  });

  test('to SQLite holds every record and event, and a filtered one what its events name', async () => {
    const path = at('copy.journal');
    copyFileSync(run, path);
    expect((await cli(['journal', 'export', path, '--format', 'sqlite', '--json'])).code).toBe(0);
    const count = (out: string, table: string): unknown => query(out, `SELECT count(*) FROM ${table}`)[0];
    const counts = ['records', 'events', 'batches', 'groups', 'orders', 'fills'];
    expect(counts.map((table) => count(`${path}.sqlite`, table))).toEqual(['11', '43', '1', '3', '3', '2']);
    const [group] = query(`${path}.sqlite`, `SELECT group_id FROM groups WHERE symbol = 'ETH/USDT'`);
    const out = at('eth.sqlite');
    await cli(['journal', 'export', path, '--format', 'sqlite', '--out', out, '--group', `${group}`]);
    expect(counts.slice(3).map((table) => count(out, table))).toEqual(['1', '1', '0']);
    expect(existsSync(`${out}.partial`)).toBe(false);
  });
});

/** Each row as the documents write it. */
function query(path: string, sql: string): string[] {
  const database = new sqlite.Database(path, { readOnly: true });
  try {
    return database.all(sql).map((row) =>
      Object.values(row)
        .map((value) => (value === null ? 'NULL' : String(value)))
        .join(' | '),
    );
  } finally {
    database.close();
  }
}

describe('the questions in docs/reference/journal.md', () => {
  const text = readFileSync('docs/reference/journal.md', 'utf8');
  const blocks = [...text.matchAll(/```sql\n([\s\S]*?)```\n\n```text\n([\s\S]*?)```/g)];
  const out = at('questions.sqlite');
  beforeAll(() => cli(['journal', 'export', run, '--format', 'sqlite', '--out', out]));

  test('are five or more', () => {
    expect(blocks.length).toBeGreaterThanOrEqual(5);
  });

  test.each(blocks.map(([, sql = '', answer = '']) => [sql.trim(), answer.trim()]))(
    'are answered as it says: %s',
    (sql, answer) => {
      expect(query(out, sql)).toEqual(answer.split('\n'));
    },
  );
});
