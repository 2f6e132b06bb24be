/** Watched prices against a plain list: every way of setting, clearing and leaving a band. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type Watched, Watches } from '../../src/actors/watches.js';
import { cmp, sub } from '../../src/dtos/decimal.js';
import type { MarketView } from '../../src/dtos/venue.js';
import type { PriceBand } from '../../src/strategies/contract.js';

const SYMBOLS = ['A', 'B'] as const;
const priceIn = ({ bid, ask, last, volume }: MarketView, price: PriceBand['price']): string | null =>
  ({
    ...{ BID: bid, ASK: ask, LAST: last, LAST_OR_BID: last ?? bid, LAST_OR_ASK: last ?? ask },
    VOLUME: volume ?? null,
  })[price];

/** A market that counts its subscriptions. */
class Feed {
  readonly listeners = new Map<string, (view: MarketView) => void>();

  watch = (symbol: string, onChange: (view: MarketView) => void): (() => void) => {
    if (this.listeners.has(symbol)) throw new Error(`${symbol} is subscribed twice`);
    this.listeners.set(symbol, onChange);
    return () => void this.listeners.delete(symbol);
  };

  tell(symbol: string, view: MarketView): void {
    this.listeners.get(symbol)?.(view);
  }
}

const view = (bid: string | null, ask: string | null, last: string | null): MarketView => ({
  bid,
  ask,
  last,
  at: 0,
});

const lastBand = (id: string, gen: number, above: string | null, below: string | null): Watched => ({
  id,
  gen,
  symbol: 'A',
  band: { price: 'LAST', above, below },
});

/** The same, as slowly and plainly as can be. */
class PlainList {
  #watched: Watched[] = [];

  get size(): number {
    return this.#watched.length;
  }

  get symbols(): string[] {
    return [...new Set(this.#watched.map(({ symbol }) => symbol))].sort();
  }

  set(watched: Watched): void {
    this.clear(watched.id);
    this.#watched.push(watched);
  }

  clear(id: string): void {
    this.#watched = this.#watched.filter((each) => each.id !== id);
  }

  see(symbol: string, now: MarketView): string[] {
    const left = this.#watched.flatMap((watched) => {
      const price = priceIn(now, watched.band.price);
      if (watched.symbol !== symbol || price === null) return [];
      const { above, below } = watched.band;
      const beyond = [
        ...(above === null ? [] : [sub(price, above)]),
        ...(below === null ? [] : [sub(below, price)]),
      ].filter((distance) => cmp(distance, '0') >= 0);
      const furthest = beyond.sort(cmp).at(-1);
      return furthest === undefined ? [] : [{ watched, furthest }];
    });
    left.sort((a, b) => cmp(b.furthest, a.furthest)); // stable: equals stay in the order of set
    for (const { watched } of left) this.clear(watched.id);
    return left.map(({ watched }) => `${watched.id}/${watched.gen}`);
  }
}

const price = fc.integer({ min: 1, max: 12 }).map((n) => String(n / 4));
const maybe = fc.option(price);
const step = (ids: number) =>
  fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({
        do: fc.constant('set' as const),
        id: fc.nat(ids).map((n) => `w${n}`),
        symbol: fc.constantFrom(...SYMBOLS),
        band: fc.record({
          price: fc.constantFrom('BID', 'ASK', 'LAST', 'LAST_OR_BID', 'LAST_OR_ASK', 'VOLUME'),
          above: maybe,
          below: maybe,
        }),
      }),
    },
    {
      weight: 3,
      arbitrary: fc.record({ do: fc.constant('clear' as const), id: fc.nat(ids).map((n) => `w${n}`) }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        do: fc.constantFrom('tell' as const, 'poll' as const),
        symbol: fc.constantFrom(...SYMBOLS),
        view: fc.tuple(maybe, maybe, maybe, maybe).map(([bid, ask, last, volume]) => ({
          ...view(bid, ask, last),
          ...(volume === null ? {} : { volume }),
        })),
      }),
    },
  );
type Step = ReturnType<typeof step> extends fc.Arbitrary<infer T> ? T : never;

function compare(steps: readonly Step[]): void {
  const feed = new Feed();
  const fired: string[] = [];
  const watches = new Watches({ watch: feed.watch, fire: (id, gen) => fired.push(`${id}/${gen}`) });
  const list = new PlainList();
  for (const [gen, one] of steps.entries()) {
    if (one.do === 'set') {
      const watched = { id: one.id, gen, symbol: one.symbol, band: one.band };
      watches.set(watched);
      list.set(watched);
    } else if (one.do === 'clear') {
      watches.clear(one.id);
      list.clear(one.id);
    } else {
      if (one.do === 'tell') feed.tell(one.symbol, one.view);
      else watches.poll((symbol) => (symbol === one.symbol ? one.view : null));
      expect(fired.splice(0)).toEqual(list.see(one.symbol, one.view));
    }
    expect(watches.size).toBe(list.size);
    expect([...feed.listeners.keys()].sort()).toEqual(list.symbols);
  }
  watches.close();
  expect([watches.size, feed.listeners.size]).toEqual([0, 0]);
}

describe('watches', () => {
  test('fire as a plain list would, and subscribe to exactly the symbols that are watched', () => {
    fc.assert(fc.property(fc.array(step(8), { maxLength: 40 }), compare), { numRuns: 1000 });
  });

  test('fire as a plain list would when most bounds are dead and the heaps get compacted', () => {
    const many = fc.array(step(120), { minLength: 300, maxLength: 500 });
    fc.assert(fc.property(many, compare), { numRuns: 10 });
  });

  test('compare prices exactly, and fire at the bound itself', () => {
    const feed = new Feed();
    const fired: string[] = [];
    const watches = new Watches({ watch: feed.watch, fire: (id) => fired.push(id) });
    watches.set(lastBand('a', 1, '9007199254740993.00000001', '0.1'));
    feed.tell('A', view(null, null, '9007199254740993'));
    feed.tell('A', view('0.05', '99999999999999999', null));
    expect(fired).toEqual([]);
    feed.tell('A', view(null, null, '9007199254740993.00000001'));
    expect(fired).toEqual(['a']);
  });

  test('that are set, replaced or cleared by one that fires are safe, and wait for the next change', () => {
    const feed = new Feed();
    const fired: string[] = [];
    const watches: Watches = new Watches({
      watch: feed.watch,
      fire: (id, gen) => {
        fired.push(`${id}/${gen}`);
        if (id !== 'first') return;
        watches.clear('cleared');
        watches.set(lastBand('replaced', 2, '1', null));
        watches.set(lastBand('first', 2, '1', null));
      },
    });
    watches.set(lastBand('first', 1, '2', null));
    watches.set(lastBand('cleared', 1, '3', null));
    watches.set(lastBand('replaced', 1, '3', null));
    feed.tell('A', view(null, null, '5'));
    expect(fired.splice(0)).toEqual(['first/1']);
    watches.clear('first');
    feed.tell('A', view(null, null, '5'));
    expect(fired).toEqual(['replaced/2']);
    expect([watches.size, feed.listeners.size]).toEqual([0, 0]);
  });

  test('without a source that tells changes fire with a poll', () => {
    const fired: [string, number, string, MarketView][] = [];
    const watches = new Watches({ fire: (...told) => fired.push(told) });
    watches.set(lastBand('a', 7, '10', null));
    watches.poll(() => null);
    watches.poll(() => view('11', '11', '9'));
    expect(fired).toEqual([]);
    const now = view(null, null, '10.5');
    watches.poll(() => now);
    watches.poll(() => now);
    expect(fired).toEqual([['a', 7, 'A', now]]);
  });

  test('look at no band that the market has not reached, however many there are', () => {
    const feed = new Feed();
    const watches = new Watches({ watch: feed.watch, fire: () => undefined });
    let looks = 0;
    for (let index = 0; index < 1000; index += 1) {
      const band = { price: 'LAST', above: String(1000 + index), below: String(index + 1) } as const;
      const counted = new Proxy(band, {
        get: (target, key) => {
          looks += 1;
          return Reflect.get(target, key);
        },
      });
      watches.set({ ...lastBand(`w${index}`, 1, null, null), band: counted });
    }
    watches.clear('w999'); // its lower bound is the highest
    expect(looks).toBeGreaterThan(0);
    looks = 0;
    for (let round = 0; round < 100; round += 1) feed.tell('A', view(null, null, '999.5'));
    expect(looks).toBe(0);
    expect(watches.size).toBe(999);
  });
});
