/** A graph as text: what is shared stays shared, circles close, and numbers that JSON lacks come back. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { decodeGraph, encodeGraph } from '../../src/runtime/graph.js';

class Counter {
  constructor(public count = 0) {}
  next(): number {
    this.count += 1;
    return this.count;
  }
}

const again = (root: object): unknown => decodeGraph(encodeGraph(root, { Counter }), { Counter });

describe('a graph', () => {
  test('of any plain data comes back equal', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string({ minLength: 1 }), fc.jsonValue()), (data) => {
        expect(again(data)).toEqual(JSON.parse(JSON.stringify(data)));
      }),
      { numRuns: 1000 },
    );
  });

  test('keeps maps, sets, bigints, infinities, and what is no number', () => {
    const data = {
      m: new Map<unknown, unknown>([
        ['a', 1n],
        [2, new Set([3n])],
      ]),
      i: [Infinity, -Infinity, NaN],
    };
    expect(again(data)).toEqual(data);
  });

  test('keeps circles and what is shared', () => {
    const shared = { n: 1 };
    const data: { self?: object; a: object; b: object } = { a: shared, b: shared };
    data.self = data;
    const back = again(data) as typeof data;
    expect(back.self).toBe(back);
    expect(back.a).toBe(back.b);
  });

  test('keeps instances of the classes that are named, and refuses others', () => {
    const back = again({ counter: new Counter(4) }) as { readonly counter: Counter };
    expect(back.counter.next()).toBe(5);
    expect(() => encodeGraph({ at: new Date(0) }, {})).toThrow('Date');
  });

  test('goes as deep as it must', () => {
    let chain: { next: object | null } = { next: null };
    for (let i = 0; i < 100_000; i++) chain = { next: chain };
    let depth = 0;
    for (let at = again(chain) as typeof chain | null; at !== null; at = at.next as typeof chain | null)
      depth += 1;
    expect(depth).toBe(100_001);
  });
});
