/**
 * When slices are due: an even grid over the horizon, each slot moved by a seeded jitter.
 *
 * Owns slot times. Does not own sizes (lots.ts) or what fires (twap.ts). Whole milliseconds, computed from the slot's
 * number: no sum of rounded intervals, so no drift, and no table.
 */
import { draw } from './lots.js';

const TIME_STREAM = 2;

/** `count` slots over `span` ms from the start. Plain JSON. */
export interface SlotGrid {
  readonly count: number;
  readonly span: number;
  /** Jitter: a slot moves at most this far, ms. */
  readonly sway: number;
  /** No slot is moved to this time after the start or later, ms. */
  readonly horizon: number;
}

/** Slot k unjittered, ms after the start: ⌊k × span ÷ count⌋, in parts that stay below 2^53. */
function gridAt({ span, count }: SlotGrid, k: number): number {
  const whole = Math.floor(span / count);
  return k * whole + Math.floor((k * (span - whole * count)) / count);
}

/** When slot k is due, ms after the start. Jitter stops halfway to either neighbour: slots never change order. */
export function dueAfter(grid: SlotGrid, seed: number, k: number): number {
  const at = gridAt(grid, k);
  if (grid.sway === 0) return at;
  const back = k === 0 ? 0 : Math.floor((at - gridAt(grid, k - 1)) / 2);
  const ahead = Math.ceil((gridAt(grid, k + 1) - at) / 2) - 1;
  const from = at - Math.min(grid.sway, back);
  const to = Math.min(at + Math.min(grid.sway, ahead), Math.max(from, grid.horizon - 1));
  return from + draw(seed, TIME_STREAM, k, to - from + 1);
}

/** The last slot due at or before `elapsed` ms after the start; −1 before the first. */
export function lastDue(grid: SlotGrid, seed: number, elapsed: number): number {
  if (elapsed < 0) return -1;
  let k = Math.min(grid.count - 1, Math.floor((elapsed / grid.span) * grid.count));
  while (k + 1 < grid.count && dueAfter(grid, seed, k + 1) <= elapsed) k++;
  while (k >= 0 && dueAfter(grid, seed, k) > elapsed) k--;
  return k;
}
