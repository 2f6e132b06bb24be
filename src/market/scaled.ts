/**
 * Decimal strings to scaled integers and back, fast: the arithmetic of books and bars.
 *
 * Owns parsing and formatting only. A scaled integer is the value × 10^places, a safe integer. The general decimals
 * (dtos/decimal.ts) cost a microsecond each; a replay parses millions of levels.
 */

const ZERO = 48;
const POINT = 46;
const SAFE_MAX = Number.MAX_SAFE_INTEGER;
const NOT_A_NUMBER = Number.NaN;
// Module constants: a look-up of a global costs as much as a parsed level where globals are intercepted.
const { abs, min } = Math;

/** Is this an unsigned plain decimal such as `61837.63000000`: digits, at most one point, a digit on each side? */
export function isPlainDecimal(text: string): boolean {
  const { length } = text;
  let points = 0;
  for (let index = 0; index < length; index += 1) {
    const code = text.charCodeAt(index);
    if (code === POINT && index > 0 && index < length - 1) points += 1;
    else if (code < ZERO || code > ZERO + 9) return false;
  }
  return length > 0 && points <= 1;
}

/**
 * `text` × 10^places as a safe integer. Digits beyond `places` are dropped, or raise the last one with `up`;
 * beyond 2^53 it stays at 2^53 − 1; NaN for what is no plain decimal.
 */
export function parseScaled(text: string, places: number, up = false): number {
  let value = 0;
  let decimals = -1;
  let dropped = false;
  const { length } = text;
  for (let index = 0; index < length; index += 1) {
    const code = text.charCodeAt(index);
    if (code >= ZERO && code <= ZERO + 9) {
      if (decimals < places) value = value * 10 + (code - ZERO);
      else if (code !== ZERO) dropped = true;
      if (decimals >= 0 && decimals < places) decimals += 1;
    } else if (code === POINT && decimals < 0 && index > 0 && index < length - 1) decimals = 0;
    else return NOT_A_NUMBER;
  }
  if (length === 0) return NOT_A_NUMBER;
  for (let missing = decimals < 0 ? places : places - decimals; missing > 0; missing -= 1) value *= 10;
  if (up && dropped) value += 1;
  return min(value, SAFE_MAX);
}

/** As `parseScaled`, but null unless the value is exactly representable at `places`. */
export function parseExact(text: string, places: number): number | null {
  const value = parseScaled(text, places);
  return value !== parseScaled(text, places, true) || value === SAFE_MAX ? null : value;
}

/** A whole number of digits alone; −1 for any other text, and from 2^53 − 1 on. */
export function parseWhole(text: string): number {
  let value = 0;
  const { length } = text;
  for (let index = 0; index < length; index += 1) {
    const code = text.charCodeAt(index);
    if (code < ZERO || code > ZERO + 9) return -1;
    value = value * 10 + (code - ZERO);
  }
  return length > 0 && value < SAFE_MAX ? value : -1;
}

/** A scaled integer as the shortest decimal string: (123450, 4) → `12.345`. */
export function formatScaled(value: number, places: number): string {
  const digits = `${abs(value)}`.padStart(places + 1, '0');
  const whole = digits.slice(0, digits.length - places);
  let end = digits.length;
  while (end > whole.length && digits.charCodeAt(end - 1) === ZERO) end -= 1;
  const text = end > whole.length ? `${whole}.${digits.slice(whole.length, end)}` : whole;
  return value < 0 ? `-${text}` : text;
}

/** How many decimals a step such as `0.01` needs: trailing zeros do not count. */
export function placesOf(step: string): number {
  const point = step.indexOf('.');
  return point < 0 ? 0 : step.slice(point + 1).replace(/0+$/, '').length;
}
