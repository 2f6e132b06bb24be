/**
 * Seeded randomness of the simulator: the same seed gives the same numbers on every machine (integers only).
 *
 * Owns the generator. Each fault kind, the market and the plan have a stream of their own, so that taking one away
 * leaves the others as they were: that is what lets a failing world shrink.
 */

/** A 32-bit hash of text (FNV-1a). */
export function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}

/** One stream (mulberry32). */
export class Random {
  #state: number;

  constructor(seed: number, stream: string) {
    this.#state = (Math.imul(seed + 1, 0x9e3779b1) ^ hashOf(stream)) >>> 0;
  }

  /** A whole number from 0 to 2³² − 1. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return (t ^ (t >>> 14)) >>> 0;
  }

  /** A whole number from 0 to n − 1. */
  below(n: number): number {
    return Math.floor((this.next() / 2 ** 32) * n);
  }

  /** A whole number from `low` to `high`, both included. */
  from(low: number, high: number): number {
    return low + this.below(high - low + 1);
  }

  /** True with odds of `ppm` in a million. */
  chance(ppm: number): boolean {
    return ppm > 0 && this.below(1_000_000) < ppm;
  }

  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)] as T;
  }
}
