/**
 * Decimal arithmetic on decimal strings, and the step between a decimal string and whole lots or ticks.
 *
 * Owns: the only import of decimal.js. Inside the runtime a quantity is a whole number of lots (`Lots`, a safe
 * integer); decimal strings stand at the edges: DTOs, reports, journal. Never a float in between.
 */
import { Decimal } from 'decimal.js';
import { FillwrightError } from './errors.js';

// 20 digits (the default) rounds 12345678901234567890.5 + 1e-8; 60 holds every sum and product of two fields.
const D = Decimal.clone({ precision: 60, toExpNeg: -60, toExpPos: 60, rounding: Decimal.ROUND_HALF_EVEN });

/** A decimal string, e.g. `"0.015"`: no sign but `-`, no exponent, at most 20 digits, 8 of them decimals. */
export type DecimalString = string;
/** A whole number of an instrument's lots. */
export type Lots = number;

export const add = (a: string, b: string): string => new D(a).plus(b).toFixed();
export const sub = (a: string, b: string): string => new D(a).minus(b).toFixed();
export const mul = (a: string, b: string): string => new D(a).times(b).toFixed();
export const neg = (a: string): string => new D(a).negated().plus(0).toFixed();
export const abs = (a: string): string => new D(a).abs().toFixed();
/** Up to this many characters a decimal is one double of its own, and doubles keep the order of decimals. */
const DOUBLE_LENGTH = 15;
const isDouble = (a: string): boolean => a.length <= DOUBLE_LENGTH && /^-?\d/.test(a);

/** −1, 0 or 1 as a is below, equal to or above b. */
export function cmp(a: string, b: string): number {
  if (!isDouble(a) || !isDouble(b)) return new D(a).cmp(b);
  const [x, y] = [Number(a), Number(b)];
  return x === y ? 0 : x < y ? -1 : 1;
}
export const isZero = (a: string): boolean => (isDouble(a) ? Number(a) === 0 : new D(a).isZero());
export const min = (a: string, b: string): string => (cmp(a, b) <= 0 ? a : b);
export const max = (a: string, b: string): string => (cmp(a, b) >= 0 ? a : b);
/** a ÷ b, rounded half-even to `places` decimals (16 unless told). */
export const div = (a: string, b: string, places = 16): string =>
  new D(a).div(b).toDecimalPlaces(places).toFixed();
/** Rounded half-even to `places` decimals, trailing zeros dropped. */
export const round = (a: string, places: number): string => new D(a).toDecimalPlaces(places).toFixed();
/** The same value in its shortest form: `"1.50"` → `"1.5"`. */
export const normal = (a: string): string => new D(a).toFixed();

export type Rounding = 'FLOOR' | 'CEIL' | 'EXACT';
const MODES = { FLOOR: Decimal.ROUND_FLOOR, CEIL: Decimal.ROUND_CEIL } as const;

const placesOf = (value: string): number => {
  const dot = value.indexOf('.');
  return dot < 0 ? 0 : value.length - dot - 1;
};

/** A plain decimal without sign as a whole number of its `places`-th decimals, −1 where that leaves 2^53. */
function scaled(value: string, places: number): number {
  const own = placesOf(value);
  if (value.length + places - own > DOUBLE_LENGTH || !/^\d+(\.\d+)?$/.test(value)) return -1;
  const digits = own === 0 ? value : value.slice(0, -own - 1) + value.slice(-own);
  return Number(digits) * 10 ** (places - own);
}

/** Steps by whole numbers, as nearly every call can; null where decimal.js has to do it. */
function quickSteps(value: string, step: string, rounding: Rounding): number | null {
  const places = Math.max(placesOf(value), placesOf(step));
  const [whole, one] = [scaled(value, places), scaled(step, places)];
  if (whole < 0 || one <= 0) return null;
  const rest = whole % one;
  if (rest === 0) return whole / one;
  if (rounding === 'EXACT') return null;
  return (whole - rest) / one + (rounding === 'CEIL' ? 1 : 0);
}

/**
 * How many whole steps (lots or ticks) a value holds.
 * EXACT throws QUANTITY_OFF_LOT when it is not a multiple; every mode throws QUANTITY_TOO_LARGE beyond 2^53.
 */
export function toSteps(value: string, step: string, rounding: Rounding): number {
  const quick = quickSteps(value, step, rounding);
  if (quick !== null) return quick;
  const quotient = new D(value).div(step);
  const whole = rounding === 'EXACT' ? quotient : quotient.toDecimalPlaces(0, MODES[rounding]);
  if (!whole.isInteger())
    throw new FillwrightError('QUANTITY_OFF_LOT', `${value} is not a multiple of ${step}`);
  const steps = whole.toNumber();
  if (!Number.isSafeInteger(steps))
    throw new FillwrightError('QUANTITY_TOO_LARGE', `${value} exceeds 2^53 steps of ${step}`);
  return steps + 0; // never −0
}

/** `steps` × `step` as a decimal string. */
export const fromSteps = (steps: number, step: string): string => new D(step).times(steps).toFixed();

/** `value` floored (or raised) to a whole multiple of `step`. */
export function toMultiple(value: string, step: string, rounding: 'FLOOR' | 'CEIL'): string {
  return new D(value).div(step).toDecimalPlaces(0, MODES[rounding]).times(step).toFixed();
}
