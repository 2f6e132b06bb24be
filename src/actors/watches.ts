/**
 * Watched prices: each band is told once, as soon as the market leaves it.
 *
 * Owns which bands are watched, and the subscriptions to their symbols. A band has an id and a generation; setting an
 * id again replaces it. Knows nothing of what a band means: that is decided by whoever `fire` tells.
 *
 * The bounds of a symbol stand in heaps, one per price and side, nearest to the market first, so that a change that
 * leaves no band costs the same however many are watched. Dead bounds go when they reach the top, or when a heap is
 * compacted at half dead.
 */
import { type Fixed, toFixedPoint } from '../dtos/amount.js';
import type { MarketView } from '../dtos/venue.js';
import type { PriceBand } from '../strategies/contract.js';

export interface Watched {
  readonly id: string;
  readonly gen: number;
  readonly symbol: string;
  readonly band: PriceBand;
}

export interface WatchPorts {
  /** Absent: prices are seen at each `poll` only. */
  readonly watch?: ((symbol: string, onChange: (view: MarketView) => void) => () => void) | undefined;
  /** May set and clear; what it sets is first looked at with the next change or poll. Must not throw. */
  readonly fire: (id: string, gen: number, symbol: string, view: MarketView) => void;
}

/** One side of a watched band. `key` is the bound, negated for a lower one: it is met at `key` or above. */
interface Bound {
  readonly watched: Watched;
  readonly key: Fixed;
  readonly order: number;
}

interface Due {
  readonly bound: Bound;
  readonly distance: Fixed;
}

const COMPACT_MIN = 64;
const before = (a: Bound, b: Bound): boolean => a.key < b.key || (a.key === b.key && a.order < b.order);

/** Bounds of one price on one side, the lowest key first. */
class Bounds {
  #heap: Bound[] = [];
  #live = 0;
  readonly #isLive: (bound: Bound) => boolean;

  constructor(isLive: (bound: Bound) => boolean) {
    this.#isLive = isLive;
  }

  get isEmpty(): boolean {
    return this.#live === 0;
  }

  add(bound: Bound): void {
    this.#live += 1;
    const heap = this.#heap;
    let at = heap.length;
    heap.push(bound);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!before(bound, heap[parent]!)) break;
      heap[at] = heap[parent]!;
      at = parent;
    }
    heap[at] = bound;
  }

  /** One of them is dead now. */
  bury(): void {
    this.#live -= 1;
    if (this.#heap.length <= COMPACT_MIN || this.#heap.length <= 2 * this.#live) return;
    // Ascending is a heap already.
    this.#heap = this.#heap.filter(this.#isLive).sort((a, b) => (before(a, b) ? -1 : 1));
  }

  /** Takes out every live bound that `key` meets; they count as live until they are buried. */
  takeMet(key: Fixed, due: Due[]): void {
    for (let top = this.#heap[0]; top !== undefined; top = this.#heap[0]) {
      const isLive = this.#isLive(top);
      if (isLive && top.key > key) return;
      this.#pop();
      if (isLive) due.push({ bound: top, distance: key - top.key });
    }
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let at = 0;
    for (let child = 1; child < heap.length; child = 2 * at + 1) {
      const right = child + 1;
      if (right < heap.length && before(heap[right]!, heap[child]!)) child = right;
      if (!before(heap[child]!, last)) break;
      heap[at] = heap[child]!;
      at = child;
    }
    heap[at] = last;
  }
}

type Price = PriceBand['price'];

const PRICES = [
  'BID',
  'ASK',
  'LAST',
  'LAST_OR_BID',
  'LAST_OR_ASK',
  'VOLUME',
] as const satisfies readonly Price[];

function priceIn({ bid, ask, last, volume }: MarketView, price: Price): string | null {
  switch (price) {
    case 'BID':
      return bid;
    case 'ASK':
      return ask;
    case 'LAST':
      return last;
    case 'LAST_OR_BID':
      return last ?? bid;
    case 'LAST_OR_ASK':
      return last ?? ask;
    case 'VOLUME':
      return volume ?? null;
  }
}

interface Watching {
  readonly above: Readonly<Record<Price, Bounds>>;
  readonly below: Readonly<Record<Price, Bounds>>;
  /** Live bands. */
  count: number;
  readonly unsubscribe: () => void;
}

export class Watches {
  readonly #ports: WatchPorts;
  readonly #armed = new Map<string, Watched>();
  readonly #symbols = new Map<string, Watching>();
  #count = 0;

  constructor(ports: WatchPorts) {
    this.#ports = ports;
  }

  /** Watched bands. */
  get size(): number {
    return this.#armed.size;
  }

  /** Replaces the band of the same id. One that the price has left already fires with the next change or poll. */
  set(given: Watched): void {
    // Its own object: a band that is given twice is two.
    const watched = { ...given };
    const { id, symbol, band } = watched;
    const old = this.#armed.get(id);
    const watching = this.#watching(symbol);
    watching.count += 1;
    this.#armed.set(id, watched);
    const order = this.#count++;
    if (band.above !== null)
      watching.above[band.price].add({ watched, order, key: toFixedPoint(band.above) });
    if (band.below !== null)
      watching.below[band.price].add({ watched, order, key: -toFixedPoint(band.below) });
    if (old !== undefined) this.#bury(old); // after the new one: the symbol stays subscribed
  }

  clear(id: string): void {
    const watched = this.#armed.get(id);
    if (watched === undefined) return;
    this.#armed.delete(id);
    this.#bury(watched);
  }

  /** Looks at every watched symbol: for a source that tells no changes. */
  poll(view: (symbol: string) => MarketView | null): void {
    for (const symbol of [...this.#symbols.keys()]) {
      const now = view(symbol);
      if (now !== null) this.#see(symbol, now);
    }
  }

  close(): void {
    for (const { unsubscribe } of this.#symbols.values()) unsubscribe();
    this.#symbols.clear();
    this.#armed.clear();
  }

  /** Fires what the view has left: the bound that it is furthest beyond first, then in the order of `set`. */
  #see(symbol: string, view: MarketView): void {
    const watching = this.#symbols.get(symbol);
    if (watching === undefined) return;
    const due: Due[] = [];
    for (const price of PRICES) {
      const above = watching.above[price];
      const below = watching.below[price];
      if (above.isEmpty && below.isEmpty) continue;
      const text = priceIn(view, price);
      if (text === null) continue;
      const value = toFixedPoint(text);
      above.takeMet(value, due);
      below.takeMet(-value, due);
    }
    if (due.length > 1) due.sort(byDistance);
    for (const { bound } of due) {
      const { watched } = bound;
      // Fired by its other bound, or replaced or cleared by one that was fired before it.
      if (this.#armed.get(watched.id) !== watched) continue;
      this.#armed.delete(watched.id);
      this.#bury(watched);
      this.#ports.fire(watched.id, watched.gen, symbol, view);
    }
  }

  #watching(symbol: string): Watching {
    const known = this.#symbols.get(symbol);
    if (known !== undefined) return known;
    const unsubscribe = this.#ports.watch?.(symbol, (view) => this.#see(symbol, view)) ?? (() => undefined);
    const watching = { above: this.#sides(), below: this.#sides(), count: 0, unsubscribe };
    this.#symbols.set(symbol, watching);
    return watching;
  }

  #sides(): Record<Price, Bounds> {
    const isLive = ({ watched }: Bound): boolean => this.#armed.get(watched.id) === watched;
    const sides: Partial<Record<Price, Bounds>> = {};
    for (const price of PRICES) sides[price] = new Bounds(isLive);
    return sides as Record<Price, Bounds>;
  }

  /** Counts a band that is no longer armed out of its heaps, and leaves the symbol with its last one. */
  #bury({ symbol, band }: Watched): void {
    const watching = this.#symbols.get(symbol);
    if (watching === undefined) return;
    if (band.above !== null) watching.above[band.price].bury();
    if (band.below !== null) watching.below[band.price].bury();
    watching.count -= 1;
    if (watching.count > 0) return;
    this.#symbols.delete(symbol);
    watching.unsubscribe();
  }
}

function byDistance(a: Due, b: Due): number {
  if (a.distance !== b.distance) return a.distance > b.distance ? -1 : 1;
  return a.bound.order - b.bound.order;
}
