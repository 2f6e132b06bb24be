/**
 * Whole numbers for the auditor: a decimal string as units of 10⁻⁸, in arithmetic of its own.
 *
 * Owns parsing and printing. Worlds keep quantities below 10⁷ and prices below 10⁶, so that units are safe integers;
 * products are BigInts.
 */

export const UNIT = 100_000_000;
const PLACES = 8;

/** Units of a decimal string; NaN for text that is no decimal, or has more than eight decimals. */
export function unitsOf(text: string): number {
  let value = 0;
  let decimals = -1;
  let at = text.charCodeAt(0) === 45 ? 1 : 0;
  const isNegative = at === 1;
  if (at === text.length) return Number.NaN;
  for (; at < text.length; at++) {
    const digit = text.charCodeAt(at) - 48;
    if (digit === -2 && decimals < 0) decimals = 0;
    else if (digit < 0 || digit > 9) return Number.NaN;
    else if (decimals < PLACES) {
      value = value * 10 + digit;
      if (decimals >= 0) decimals += 1;
    } else if (digit !== 0) return Number.NaN;
  }
  for (let i = Math.max(0, decimals); i < PLACES; i++) value *= 10;
  return isNegative ? -value : value;
}

/** The shortest decimal string of these units. */
export function textOf(units: number): string {
  const sign = units < 0 ? '-' : '';
  const digits = String(Math.abs(units)).padStart(PLACES + 1, '0');
  const whole = digits.slice(0, -PLACES);
  const rest = digits.slice(-PLACES).replace(/0+$/, '');
  return rest === '' ? `${sign}${whole}` : `${sign}${whole}.${rest}`;
}
