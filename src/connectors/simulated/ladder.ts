/**
 * Our own waiting orders of one side, by price and then by time.
 *
 * Owns their order only. Keys are as in book-side.ts: they grow towards the orders that the market reaches first.
 */
import type { VenueOrder } from './order.js';

const NONE: readonly VenueOrder[] = [];

export class Ladder {
  /** Ascending. */
  readonly #keys: number[] = [];
  readonly #byKey = new Map<number, VenueOrder[]>();

  get isEmpty(): boolean {
    return this.#keys.length === 0;
  }

  /** The key that the market reaches first. */
  best(): number | null {
    return this.#keys.at(-1) ?? null;
  }

  /** Orders at a key, oldest first. */
  at(key: number): readonly VenueOrder[] {
    return this.#byKey.get(key) ?? NONE;
  }

  add(key: number, order: VenueOrder): void {
    const orders = this.#byKey.get(key);
    if (orders !== undefined) {
      orders.push(order);
      return;
    }
    this.#byKey.set(key, [order]);
    this.#keys.splice(this.#indexOf(key), 0, key);
  }

  remove(key: number, order: VenueOrder): void {
    const orders = this.#byKey.get(key);
    const index = orders?.indexOf(order) ?? -1;
    if (orders === undefined || index < 0) return;
    orders.splice(index, 1);
    if (orders.length > 0) return;
    this.#byKey.delete(key);
    this.#keys.splice(this.#indexOf(key), 1);
  }

  /** Keys at `limit` or nearer to the market, best first. The ladder must not change meanwhile. */
  *keysFrom(limit: number): Generator<number> {
    for (let index = this.#keys.length - 1; index >= 0 && this.#keys[index]! >= limit; index -= 1) {
      yield this.#keys[index]!;
    }
  }

  #indexOf(key: number): number {
    let low = 0;
    let high = this.#keys.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#keys[middle]! < key) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
