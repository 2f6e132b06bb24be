/**
 * One side of a recorded book, less what we took from it.
 *
 * Owns levels, what was taken from each, and the cap that a newer best quote puts on them. A key is a price in
 * integer units that grows towards the best: the price of a bid, the negated price of an ask. Sizes are integer units.
 */
export class BookSide {
  readonly #lot: number;
  /** Ascending: the best level is last, where most changes happen. */
  #keys: number[] = [];
  #sizes: number[] = [];
  readonly #taken = new Map<number, number>();
  /** The newest best quote of this side where it is newer than the levels. */
  #cap: { readonly key: number; readonly size: number } | null = null;

  /** @param lot the smallest size that can trade, in units */
  constructor(lot: number) {
    this.#lot = lot;
  }

  clear(): void {
    this.#keys.length = 0;
    this.#sizes.length = 0;
    this.#taken.clear();
    this.#cap = null;
  }

  /** A level's new absolute size; 0 deletes it. What was taken from it is back. */
  set(key: number, size: number): void {
    const index = this.#indexOf(key);
    const isThere = this.#keys[index] === key;
    if (this.#taken.size > 0) this.#taken.delete(key);
    if (size > 0 && isThere) this.#sizes[index] = size;
    else if (size > 0) {
      this.#keys.splice(index, 0, key);
      this.#sizes.splice(index, 0, size);
    } else if (isThere) {
      this.#keys.splice(index, 1);
      this.#sizes.splice(index, 1);
    }
  }

  /** The side is this one level (none with size 0); what was taken is back. */
  replace(key: number, size: number): void {
    this.#taken.clear();
    this.#keys.length = 0;
    this.#sizes.length = 0;
    if (size > 0) {
      this.#keys.push(key);
      this.#sizes.push(size);
    }
  }

  /** Is the side exactly this one level? */
  isOnly(key: number, size: number): boolean {
    return this.#keys.length === 1 && this.#keys[0] === key && this.#sizes[0] === size;
  }

  /** A best quote newer than the levels: better levels are gone, its own holds no more than it says. */
  cap(key: number, size: number): void {
    this.#cap = { key, size };
  }

  uncap(): void {
    this.#cap = null;
  }

  /** Key of the best level that still holds a lot; null when there is none. */
  best(): number | null {
    for (let index = this.#keys.length - 1; index >= 0; index -= 1) {
      if (this.#free(index) >= this.#lot) return this.#keys[index]!;
    }
    return null;
  }

  /** Key of the best level of the recording that holds a lot, whatever we took; null when there is none. */
  recorded(): number | null {
    for (let index = this.#keys.length - 1; index >= 0; index -= 1) {
      if (this.#size(index) >= this.#lot) return this.#keys[index]!;
    }
    return null;
  }

  /** The recorded best, ours taken or not: orders of ours at this key or better stand at the front. */
  front(): number {
    return this.#cap?.key ?? this.#keys.at(-1) ?? Number.NEGATIVE_INFINITY;
  }

  /** The best price that anything says, whether or not it can be traded with: never below `best()`. */
  sharpest(): number | null {
    const best = this.best();
    if (this.#cap === null || this.#cap.size <= 0) return best;
    return best === null ? this.#cap.key : Math.max(best, this.#cap.key);
  }

  /** Size that stands at a key and was not taken by us: what an order that joins there has ahead of it. */
  sizeAt(key: number): number {
    if (this.#cap !== null && key > this.#cap.key) return 0;
    if (this.#cap !== null && key === this.#cap.key) return this.#cap.size;
    const index = this.#indexOf(key);
    if (this.#keys[index] !== key) return 0;
    return Math.max(0, this.#sizes[index]! - (this.#taken.get(key) ?? 0));
  }

  /** Units in whole lots at `limit` or better, counted up to `wanted`. */
  available(limit: number, wanted: number): number {
    let sum = 0;
    for (
      let index = this.#keys.length - 1;
      index >= 0 && this.#keys[index]! >= limit && sum < wanted;
      index -= 1
    ) {
      sum += this.#wholeLots(this.#free(index));
    }
    return Math.min(sum, wanted);
  }

  /** Takes up to `wanted` units in whole lots at `limit` or better, best first, and tells each level's part. */
  take(limit: number, wanted: number, onTaken: (key: number, units: number) => void): void {
    let left = wanted;
    for (let index = this.#keys.length - 1; index >= 0 && left > 0; index -= 1) {
      const key = this.#keys[index]!;
      if (key < limit) return;
      const units = Math.min(left, this.#wholeLots(this.#free(index)));
      if (units === 0) continue;
      this.#taken.set(key, (this.#taken.get(key) ?? 0) + units);
      left -= units;
      onTaken(key, units);
    }
  }

  #wholeLots(units: number): number {
    return units - (units % this.#lot);
  }

  #free(index: number): number {
    const size = this.#size(index);
    return this.#taken.size === 0 ? size : Math.max(size - (this.#taken.get(this.#keys[index]!) ?? 0), 0);
  }

  /** What the recording holds at a level, under the cap. */
  #size(index: number): number {
    const size = this.#sizes[index]!;
    if (this.#cap === null) return size;
    const key = this.#keys[index]!;
    if (key > this.#cap.key) return 0;
    return key === this.#cap.key && this.#cap.size < size ? this.#cap.size : size;
  }

  /** Index of the first key that is not below `key`. */
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
