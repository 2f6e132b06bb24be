/**
 * Volume curves: how much of a day's volume falls into which part of it.
 *
 * Owns a curve's arithmetic (exact, in BigInt), the slices that follow it, and the curve of a recorded history. Does not
 * own when slices are due (slots.ts) nor what fires (vwap.ts).
 */
import type { DecimalString, Lots } from '../dtos/decimal.js';
import { infeasible } from './check.js';
import { draw, mulDiv, PPM, type SizeBounds } from './lots.js';

const PLACES = 8;
const WEIGHT = /^\d+(\.\d+)?$/;
const BUCKETS_MAX = 100_000;
const SIZE_STREAM = 1;

const isWeight = (text: unknown): text is DecimalString => typeof text === 'string' && WEIGHT.test(text);

/** A weight in its eighth decimals; what lies beyond is dropped. */
function units(weight: DecimalString): bigint {
  const dot = weight.indexOf('.');
  const whole = dot < 0 ? weight : weight.slice(0, dot);
  const decimals = dot < 0 ? '' : weight.slice(dot + 1, dot + 1 + PLACES);
  return BigInt(whole + decimals.padEnd(PLACES, '0'));
}

/** A curve of equal buckets over `duration` ms, to be asked for any time within. */
export interface Curve {
  readonly duration: number;
  readonly weights: readonly bigint[];
  /** Sum of the weights before each bucket. */
  readonly before: readonly bigint[];
}

/** Throws PLAN_INFEASIBLE for a curve without weight, or with one that is no decimal of at least 0. */
export function curveOf(weights: readonly DecimalString[], duration: number): Curve {
  const path = 'routing_plan.strategy_params.curve';
  if (!Array.isArray(weights)) throw infeasible('a curve is a list of weights', path);
  if (weights.length < 1 || weights.length > BUCKETS_MAX) {
    throw infeasible(`a curve has 1 to ${BUCKETS_MAX} weights, not ${weights.length}`, path);
  }
  const parsed = weights.map((weight, i) => {
    if (isWeight(weight)) return units(weight);
    throw infeasible(`a weight must be a decimal of at least 0, not ${String(weight)}`, `${path}[${i}]`);
  });
  const before = [0n];
  for (const weight of parsed) before.push(before.at(-1)! + weight);
  if (before.at(-1) === 0n) throw infeasible('the curve must have a weight above 0', path);
  return { duration, weights: parsed, before };
}

/** The weight of the first `elapsed` ms (0 … duration), linear within a bucket; scaled by the duration, so exact. */
export function weightUntil({ duration, weights, before }: Curve, elapsed: number): bigint {
  const scaled = BigInt(elapsed) * BigInt(weights.length);
  const whole = BigInt(duration);
  const bucket = Number(scaled / whole);
  if (bucket >= weights.length) return before[weights.length]! * whole;
  return before[bucket]! * whole + weights[bucket]! * (scaled - BigInt(bucket) * whole);
}

/**
 * Lots of `total` before each of `times` (ms after the start, rising) as the curve up to `end` has them, rounded half
 * up, so that slices from one time to the next sum exactly to `total`. Null: the curve has no weight before `end`.
 */
export function lotsAt(curve: Curve, total: Lots, times: readonly number[], end: number): Lots[] | null {
  const all = weightUntil(curve, end);
  if (all === 0n) return null;
  const twice = 2n * BigInt(total);
  return times.map((at) => Number((twice * weightUntil(curve, at) + all) / (2n * all)));
}

/** Slices of a curve. Plain JSON. `slots[j]`: the slot of slice j; `before[j]`: lots of the slices before it. */
export interface CurveSlices {
  readonly slots: readonly number[];
  /** One longer than `slots`; its last is the target. */
  readonly before: readonly Lots[];
}

/** Sizes within the bounds: too small waits for the slots after it, too large is passed on; `left` fits nowhere. */
function fitted(sizes: readonly Lots[], { minimum, maximum }: SizeBounds) {
  const slots: number[] = [];
  const lots: Lots[] = [];
  let left = 0;
  for (let k = 0; k < sizes.length; k++) {
    left += sizes[k]!;
    if (sizes[k] === 0 || left < minimum) continue;
    const taken = Math.min(left, maximum);
    slots.push(k);
    lots.push(taken);
    left -= taken;
  }
  for (let j = lots.length - 1; j >= 0 && left > 0; j--) {
    const more = Math.min(left, maximum - lots[j]!);
    lots[j]! += more;
    left -= more;
  }
  return { slots, lots, left };
}

/** Moves each boundary between two slices by a draw of its own: no slice strays further than its jitter and bounds. */
function jittered(lots: readonly Lots[], { minimum, maximum, jitterPpm }: SizeBounds, seed: number): Lots[] {
  const sway = lots.map((size) =>
    Math.max(0, Math.min(mulDiv(size, jitterPpm, PPM, 'FLOOR'), size - minimum, maximum - size)),
  );
  const before = [0];
  let sum = 0;
  for (let j = 0; j < lots.length; j++) {
    sum += lots[j]!;
    const half = j + 1 < lots.length ? Math.floor(Math.min(sway[j]!, sway[j + 1]!) / 2) : 0;
    before.push(sum - half + draw(seed, SIZE_STREAM, j, 2 * half + 1));
  }
  return before;
}

/**
 * Slices of the sizes that a curve gives its slots. A size of 0 places nothing. One below the minimum waits for the
 * slots after it, the last for those before: fewer slices, no dust. What exceeds the maximum is passed on the same way;
 * `left` is what no slice can carry. Nothing at all reaches the minimum: one slice of everything.
 */
export function curveSlices(sizes: readonly Lots[], bounds: SizeBounds, seed: number) {
  const { slots, lots, left } = fitted(sizes, bounds);
  if (slots.length > 0) return { slots, before: jittered(lots, bounds, seed), left };
  const first = Math.max(
    0,
    sizes.findIndex((size) => size > 0),
  );
  const total = sizes.reduce((sum, size) => sum + size, 0);
  return { slots: [first], before: [0, total], left: Math.max(0, total - bounds.maximum) };
}

/** A trade, or a bar by the time it began. `at` epoch ms, `quantity` base quantity. */
export interface VolumeRow {
  readonly at: number;
  readonly quantity: DecimalString;
}

/**
 * The curve of a recorded history, as `strategy_params.curve` takes it: the base quantity traded in each of `buckets`
 * equal parts of `from` (included) to `to` (not included), epoch ms. Rows outside are passed over; a bucket may be
 * "0". For several days map `at` to the time of day. Throws PLAN_INFEASIBLE when nothing traded at all.
 */
export function volumeCurve(
  rows: Iterable<VolumeRow>,
  { from, to, buckets }: { readonly from: number; readonly to: number; readonly buckets: number },
): DecimalString[] {
  if (!Number.isSafeInteger(from) || !Number.isSafeInteger(to) || from >= to) {
    throw infeasible(`a curve needs whole times, from before to, not ${from} and ${to}`, 'from');
  }
  if (!Number.isSafeInteger(buckets) || buckets < 1 || buckets > BUCKETS_MAX) {
    throw infeasible(`a curve has 1 to ${BUCKETS_MAX} buckets, not ${buckets}`, 'buckets');
  }
  const sums = Array.from({ length: buckets }, () => 0n);
  let all = 0n;
  for (const { at, quantity } of rows) {
    if (!isWeight(quantity))
      throw infeasible(`a traded quantity must be a decimal, not ${quantity}`, 'quantity');
    if (!(at >= from && at < to)) continue;
    const traded = units(quantity);
    sums[mulDiv(Math.floor(at) - from, buckets, to - from, 'FLOOR')]! += traded;
    all += traded;
  }
  if (all === 0n) throw infeasible('nothing traded in this time: no curve can be made of it', 'rows');
  return sums.map(text);
}

/** Eighth decimals as the shortest decimal string. */
function text(value: bigint): DecimalString {
  const digits = value.toString().padStart(PLACES + 1, '0');
  const decimals = digits.slice(-PLACES).replace(/0+$/, '');
  const whole = digits.slice(0, -PLACES);
  return decimals === '' ? whole : `${whole}.${decimals}`;
}
