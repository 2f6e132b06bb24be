/** A snapshot and the records after it give the state that all records give; one that is not to be trusted is ignored. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createMemoryJournal } from '../../src/journal/index.js';
import type { Journal, Snapshot } from '../../src/ports/journal.js';
import { parseConfig } from '../../src/runtime/config.js';
import { type Past, recover } from '../../src/runtime/recovery.js';
import { rulesOf } from '../../src/runtime/rules.js';
import { writeSnapshot } from '../../src/runtime/snapshot.js';
import { canonical } from './canonical.js';
import { STRATEGIES } from '../../src/strategies/index.js';
import { STORIES, tell } from './stories.js';

const rules = rulesOf(parseConfig({}), { postsLedger: false, benchmarks: false });
const names = Object.keys(STORIES);

const journalOf = (lines: readonly string[], snapshot: Snapshot | null = null): Journal => ({
  ...createMemoryJournal(lines),
  snapshot: () => snapshot,
});

function recovered(lines: readonly string[], snapshot: Snapshot | null = null): Past {
  const past = recover(journalOf(lines, snapshot), rules, STRATEGIES);
  if (past === null) throw new Error('the journal is empty');
  return past;
}

const snapshotAfter = (lines: readonly string[], n: number): Snapshot => ({
  n,
  state: writeSnapshot(recovered(lines.slice(0, n)).state(), lines[n - 1] ?? ''),
});

describe('a snapshot', () => {
  test.each(names)('with its tail gives the state of the whole: %s', async (name) => {
    const { lines } = await tell(STORIES[name]!);
    const whole = canonical(recovered(lines).state());
    for (let n = 1; n <= lines.length; n++) {
      const past = recovered(lines, snapshotAfter(lines, n));
      expect(past.snapshotAt).toBe(n);
      expect(canonical(past.state())).toEqual(whole);
    }
  });

  test('gives it whatever crashed before, wherever it was taken', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...names),
        fc.nat(40),
        fc.constantFrom('COMMITTED' as const, 'ACTED' as const),
        fc.double({ min: 0, max: 1, noNaN: true }),
        async (name, record, when, share) => {
          const { lines } = await tell(STORIES[name]!, [{ record: record + 1, when }]);
          const n = Math.max(1, Math.floor(share * lines.length));
          const past = recovered(lines, snapshotAfter(lines, n));
          expect(past.snapshotAt).toBe(n);
          expect(canonical(past.state())).toEqual(canonical(recovered(lines).state()));
        },
      ),
      { numRuns: 60 },
    );
  });

  test('is ignored when it is damaged, of another build, or of another journal', async () => {
    const { lines } = await tell(STORIES[names[0]!]!);
    const good = snapshotAfter(lines, 8);
    expect(recovered(lines, good).snapshotAt).toBe(8);
    const bad: Snapshot[] = [
      { n: 8, state: good.state.slice(0, -20) },
      { n: 8, state: '' },
      { n: 8, state: good.state.replace('"form":', '"farm":') },
      { n: 8, state: good.state.replace(/"version":"[^"]*"/, '"version":"9.9.9"') },
      { n: 7, state: good.state },
      { n: lines.length + 5, state: good.state },
    ];
    const whole = canonical(recovered(lines).state());
    for (const snapshot of bad) {
      const past = recovered(lines, snapshot);
      expect(past.snapshotAt).toBe(0);
      expect(canonical(past.state())).toEqual(whole);
    }
  });

  test('is kept every so many records and at the close, and read at the next start', async () => {
    const kept: Snapshot[] = [];
    const told = await tell(
      { ...STORIES[names[0]!]!, config: { recovery: { snapshot_records: 5 } } },
      [],
      0,
      {
        saveSnapshot: (snapshot) => void kept.push(snapshot),
      },
    );
    await told.runtime.close();
    expect(kept.length).toBeGreaterThan(2);
    for (const snapshot of kept) {
      const past = recovered(told.lines.slice(0, snapshot.n), snapshot);
      expect(past.snapshotAt).toBe(snapshot.n);
      expect(canonical(past.state())).toEqual(canonical(recovered(told.lines.slice(0, snapshot.n)).state()));
    }
    expect(kept.at(-1)?.n).toBe(told.lines.length);
  });
});
