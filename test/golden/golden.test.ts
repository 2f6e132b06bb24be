/**
 * Golden journals: written once, they fold to the same events and the same state on every change.
 *
 * `GOLDEN=write` writes them anew, for a change that is meant to journal otherwise; the difference is then reviewed.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { parseJournal } from '../../src/journal/index.js';
import { replayJournal } from '../../src/runtime/replay.js';
import type { Death } from '../support/crash.js';
import { STORIES, tell } from '../recovery/stories.js';

const GOLDEN: Readonly<Record<string, { readonly story: string; readonly deaths?: readonly Death[] }>> = {
  'coordinated-unwind': { story: 'a coordinated batch whose second leg is refused, and its unwind' },
  'coordinated-timeout': { story: 'a coordinated batch that runs into its timeout with an order open' },
  unknown: { story: 'an order that never arrives, and goes out again' },
  protection: { story: 'a protected entry whose target is reached' },
  kill: { story: 'a kill while an order rests' },
  restart: {
    story: 'two legs at once, one in slices, one resting',
    deaths: [
      { record: 4, when: 'COMMITTED' },
      { record: 9, when: 'ACTED' },
    ],
  },
};

const pathOf = (name: string, kind: string): string => `test/golden/${name}.${kind}`;
const textOf = (value: unknown): string => `${JSON.stringify(value, null, 1)}\n`;

if (process.env['GOLDEN'] === 'write') {
  mkdirSync('test/golden', { recursive: true });
  for (const [name, { story, deaths = [] }] of Object.entries(GOLDEN)) {
    const { lines } = await tell(STORIES[story]!, deaths);
    const text = lines.map((line) => `${line}\n`).join('');
    writeFileSync(pathOf(name, 'jsonl'), text);
    writeFileSync(pathOf(name, 'state.txt'), textOf(replayJournal(parseJournal(text).records)));
  }
}

describe('a golden journal', () => {
  test.each(Object.keys(GOLDEN))('folds to its events and its state: %s', (name) => {
    const { records } = parseJournal(readFileSync(pathOf(name, 'jsonl'), 'utf8'), name);
    expect(records.length).toBeGreaterThan(5);
    expect(textOf(replayJournal(records))).toBe(readFileSync(pathOf(name, 'state.txt'), 'utf8'));
  });

  test.each(Object.keys(GOLDEN))('can be replayed to each of its events: %s', (name) => {
    const { records } = parseJournal(readFileSync(pathOf(name, 'jsonl'), 'utf8'), name);
    for (const { events } of records) {
      for (const { seq } of events) {
        const view = replayJournal(records, { at: { seq } });
        expect(view.seq).toBe(seq);
        expect(view.causes[0]?.seq).toBe(seq);
      }
    }
  });
});
