/**
 * Whole lots over slices: how many slices, how large each, and how far a slice may stray from its plan.
 *
 * Owns slice sizes and the seeded draw behind every jitter. Does not own time (twap.ts) or prices (price.ts).
 * All of it is arithmetic on safe integers. Nothing is stored per slice: the k-th size is a function of (sizes, k),
 * so that 100,000 slices cost what ten do.
 */
import type { Lots } from '../dtos/decimal.js';

/** Parts per million: the resolution of jitters and of the catch-up factor. */
export const PPM = 1_000_000;

/** a × b ÷ c in whole numbers, exact where the product leaves 2^53. */
export function mulDiv(a: number, b: number, c: number, rounding: 'FLOOR' | 'CEIL'): number {
  const product = a * b;
  if (product <= Number.MAX_SAFE_INTEGER) {
    return rounding === 'FLOOR' ? Math.floor(product / c) : Math.ceil(product / c);
  }
  const up = rounding === 'CEIL' ? BigInt(c) - 1n : 0n;
  return Number((BigInt(a) * BigInt(b) + up) / BigInt(c));
}

const mix = (hash: number, word: number): number => {
  const h = Math.imul(hash ^ word, 0x9e3779b1);
  return h ^ (h >>> 15);
};

/** The k-th draw of a stream: a whole number in 0 … width − 1, the same for the same arguments, always. */
export function draw(seed: number, stream: number, k: number, width: number): number {
  let h = mix(mix(mix(mix(0x2545f491, seed >>> 0), Math.floor(seed / 2 ** 32)), stream), k);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return Math.floor((((h ^ (h >>> 16)) >>> 0) / 2 ** 32) * width);
}

const SIZE_STREAM = 1;

/** Sizes of `count` slices that sum to `total`. Plain JSON. */
export interface SliceSizes {
  readonly total: Lots;
  readonly count: number;
  /** Lots of every slice; the first `spare` slices carry one more. */
  readonly base: Lots;
  readonly spare: number;
  /** Jitter: no slice strays further than this from its even share. */
  readonly sway: Lots;
}

export interface SizeBounds {
  readonly minimum: Lots;
  readonly maximum: Lots;
  readonly jitterPpm: number;
}

/**
 * `total` lots over at most `count` slices: fewer where a slice would fall below the minimum, at least one.
 * Jitter gives way to the bounds.
 */
export function sliceSizes(total: Lots, count: number, bounds: SizeBounds): SliceSizes {
  const slices = Math.max(1, Math.min(count, Math.floor(total / bounds.minimum)));
  const base = Math.floor(total / slices);
  const spare = total - base * slices;
  const above = bounds.maximum - base - (spare > 0 ? 1 : 0);
  const sway = Math.min(mulDiv(base, bounds.jitterPpm, PPM, 'FLOOR'), base - bounds.minimum, above);
  return { total, count: slices, base, spare, sway: slices === 1 ? 0 : Math.max(0, sway) };
}

/**
 * Lots of the slices before slice k. Jitter moves each boundary between two slices by a draw of its own, within a
 * band as wide as `sway`: sizes then stray at most that far, and the sum stays exact without a table.
 */
export function lotsBefore(sizes: SliceSizes, seed: number, k: number): Lots {
  if (k <= 0) return 0;
  if (k >= sizes.count) return sizes.total;
  const even = k * sizes.base + Math.min(k, sizes.spare);
  return sizes.sway === 0
    ? even
    : even - Math.floor(sizes.sway / 2) + draw(seed, SIZE_STREAM, k, sizes.sway + 1);
}

/** Lots of slice k as planned. */
export const sliceLots = (sizes: SliceSizes, seed: number, k: number): Lots =>
  lotsBefore(sizes, seed, k + 1) - lotsBefore(sizes, seed, k);

/**
 * The most that can be placed of `wanted`, out of `room`: 0 below `least`, and never so that a rest below `least`
 * stays for later slices: they get a whole minimum, or all of it.
 */
export function placeable(wanted: Lots, room: Lots, least: Lots, isLast: boolean): Lots {
  let lots = Math.min(wanted, room);
  if (!isLast && lots < room && room - lots < least) lots = room - least;
  return lots >= least ? lots : 0;
}
