/** Deadlines against a plain sorted list: every way of arming, re-arming and disarming. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Deadlines, type Due } from '../../src/actors/deadlines.js';

type Step =
  | { readonly do: 'arm'; readonly id: string; readonly at: number }
  | { readonly do: 'disarm'; readonly id: string }
  | { readonly do: 'pop'; readonly now: number; readonly max: number };

/** The same, as slowly and plainly as can be. */
class SortedList {
  #entries: (Due & { readonly at: number })[] = [];

  get size(): number {
    return this.#entries.length;
  }

  arm(id: string, gen: number, at: number): void {
    this.disarm(id);
    this.#entries.push({ id, gen, at });
  }

  disarm(id: string): void {
    this.#entries = this.#entries.filter((entry) => entry.id !== id);
  }

  nextAt(): number | null {
    return this.#sorted()[0]?.at ?? null;
  }

  popDue(now: number, max: number): Due[] {
    const due = this.#sorted()
      .filter(({ at }) => at <= now)
      .slice(0, max);
    for (const { id } of due) this.disarm(id);
    return due.map(({ id, gen }) => ({ id, gen }));
  }

  /** By time; a stable sort leaves equal times in the order they were armed. */
  #sorted() {
    return [...this.#entries].sort((a, b) => a.at - b.at);
  }
}

const idOf = (n: number): string => `g:${n}`;
const step = (ids: number, times: number): fc.Arbitrary<Step> =>
  fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({
        do: fc.constant('arm' as const),
        id: fc.nat(ids).map(idOf),
        at: fc.nat(times),
      }),
    },
    { weight: 3, arbitrary: fc.record({ do: fc.constant('disarm' as const), id: fc.nat(ids).map(idOf) }) },
    {
      weight: 1,
      arbitrary: fc.record({
        do: fc.constant('pop' as const),
        now: fc.nat(times),
        max: fc.integer({ min: 1, max: 4 }),
      }),
    },
  );

function compare(steps: readonly Step[]): void {
  const heap = new Deadlines();
  const list = new SortedList();
  for (const [gen, one] of steps.entries()) {
    if (one.do === 'arm') {
      heap.arm(one.id, gen, one.at);
      list.arm(one.id, gen, one.at);
    } else if (one.do === 'disarm') {
      heap.disarm(one.id);
      list.disarm(one.id);
    } else {
      expect(heap.popDue(one.now, one.max)).toEqual(list.popDue(one.now, one.max));
    }
    expect([heap.size, heap.nextAt()]).toEqual([list.size, list.nextAt()]);
  }
  expect(heap.popDue(Number.MAX_SAFE_INTEGER, 1000)).toEqual(list.popDue(Number.MAX_SAFE_INTEGER, 1000));
  expect([heap.size, heap.nextAt()]).toEqual([0, null]);
}

describe('deadlines', () => {
  test('come due as from a sorted list', () => {
    fc.assert(fc.property(fc.array(step(8, 10), { maxLength: 60 }), compare), { numRuns: 150 });
  });

  test('come due as from a sorted list when most of the heap is dead and gets compacted', () => {
    const arms = fc.array(step(90, 1000), { minLength: 200, maxLength: 400 });
    fc.assert(fc.property(arms, compare), { numRuns: 15 });
  });

  test('of one moment come due in the order they were armed, also after a compaction', () => {
    const deadlines = new Deadlines();
    for (let i = 0; i < 200; i++) deadlines.arm(idOf(i), i, 5);
    for (let i = 0; i < 200; i++) if (i % 4 !== 3) deadlines.disarm(idOf(i));
    const due = deadlines.popDue(5, 200).map(({ gen }) => gen);
    expect(due).toEqual(Array.from({ length: 50 }, (_, i) => 4 * i + 3));
  });

  test('armed again count from the new time and generation only', () => {
    const deadlines = new Deadlines();
    deadlines.arm('a', 1, 10);
    deadlines.arm('b', 2, 10);
    deadlines.arm('a', 3, 10);
    expect(deadlines.size).toBe(2);
    expect(deadlines.popDue(10, 9)).toEqual([
      { id: 'b', gen: 2 },
      { id: 'a', gen: 3 },
    ]);
  });

  test('are not due a millisecond early', () => {
    const deadlines = new Deadlines();
    deadlines.arm('a', 1, 10);
    expect(deadlines.popDue(9, 9)).toEqual([]);
    expect(deadlines.nextAt()).toBe(10);
    expect(deadlines.popDue(10, 9)).toEqual([{ id: 'a', gen: 1 }]);
  });

  test('beyond the bound of one wake stay armed for the next', () => {
    const deadlines = new Deadlines();
    for (let i = 0; i < 5; i++) deadlines.arm(idOf(i), i, i);
    expect(deadlines.popDue(9, 2).map(({ gen }) => gen)).toEqual([0, 1]);
    expect(deadlines.nextAt()).toBe(2);
    expect(deadlines.popDue(9, 9).map(({ gen }) => gen)).toEqual([2, 3, 4]);
  });
});
