/** Reading a journal back: whole, torn, damaged. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseJournal } from '../../src/journal/index.js';

const line = (n: number, note = ''): string =>
  `${JSON.stringify({ n, t: 1000 + n, input: { k: 'open', note }, events: [] })}\n`;

function damage(text: string): { readonly code?: string; readonly message: string; readonly path?: string } {
  try {
    parseJournal(text, 'run.jsonl');
  } catch (error) {
    return error as Error & { readonly code?: string; readonly path?: string };
  }
  return { message: 'read without complaint' };
}

describe('a journal read back', () => {
  test('gives every record, in order', () => {
    const { records, tornAt } = parseJournal(line(1) + line(2));
    expect(records.map(({ n, t }) => [n, t])).toEqual([
      [1, 1001],
      [2, 1002],
    ]);
    expect(tornAt).toBeNull();
  });

  test('may be empty', () => {
    expect(parseJournal('')).toEqual({ records: [], tornAt: null });
  });

  test('ends at a torn tail, wherever the last write was cut off', () => {
    const whole = line(1, 'größer') + line(2, '≥');
    const last = line(3);
    const begin = Buffer.byteLength(whole);
    fc.assert(
      fc.property(fc.integer({ min: 1, max: last.length - 1 }), (cut) => {
        const { records, tornAt } = parseJournal(whole + last.slice(0, cut));
        expect([records.length, tornAt]).toEqual([2, begin]);
      }),
      { numRuns: 50 },
    );
  });

  test.each([
    ['is not JSON', 'gibberish\n'],
    ['is not JSON', '\n'],
    ['is not a journal record', '[]\n'],
    ['is not a journal record', 'null\n'],
    ['is not a journal record', '{"n":3,"t":1,"input":{},"events":[]}\n'],
    ['is not a journal record', '{"n":3,"t":1,"input":{"k":"open"}}\n'],
    ['is not a journal record', '{"n":3,"t":"1","input":{"k":"open"},"events":[]}\n'],
    ['carries number 4', line(4)],
    ['carries number 2', line(2)],
  ])('that %s in the middle is damaged: record and byte are named', (what, bad) => {
    const before = line(1, 'größer ≥') + line(2);
    const error = damage(before + bad + line(4));
    expect(error.code).toBe('JOURNAL_DAMAGED');
    expect(error.path).toBe('run.jsonl:3');
    expect(error.message).toBe(`run.jsonl: record 3 at byte ${Buffer.byteLength(before)}: ${what}`);
  });

  test('whose last whole line is damaged is damaged, not torn', () => {
    expect(damage(`${line(1)}{"n":2\n`).message).toContain('record 2 at byte');
  });
});
