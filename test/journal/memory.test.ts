/** The journals that touch no disk. */
import { describe, expect, test } from '@jest/globals';
import { createMemoryJournal, createNullJournal } from '../../src/journal/index.js';

describe('the memory journal', () => {
  test('shows a line once it is committed', () => {
    const journal = createMemoryJournal();
    journal.append('a');
    journal.append('b');
    expect([...(journal.lines() ?? [])]).toEqual([]);
    journal.commit();
    journal.append('c');
    expect([...(journal.lines() ?? [])]).toEqual(['a', 'b']);
    journal.commit();
    expect(journal.committed).toEqual(['a', 'b', 'c']);
  });

  test('writes nothing twice', () => {
    const journal = createMemoryJournal();
    journal.append('a');
    journal.commit();
    journal.commit();
    expect(journal.committed).toEqual(['a']);
  });
});

describe('the null journal', () => {
  test('keeps nothing, says so, and counts', () => {
    const journal = createNullJournal();
    journal.append('abc');
    journal.append('d');
    journal.commit();
    expect(journal.lines()).toBeNull();
    expect([journal.lineCount, journal.byteCount]).toEqual([2, 6]);
  });
});
