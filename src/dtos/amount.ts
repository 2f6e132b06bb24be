/**
 * Exact running sums on the hot path: fixed-point bigints, where decimal.js would be parsed anew for each fill.
 *
 * A `Fixed` is a decimal at scale 12, an `Amount` (quantity × price) at scale 24. Exact for every value with at most
 * 12 decimals; a venue that sends more is rounded half-even there.
 */
import { div, round } from './decimal.js';

export type Fixed = bigint;
export type Amount = bigint;

const SCALE = 12;
const PAD = '0'.repeat(SCALE);

/** `"61671.55"` → 61671550000000000n. */
export function toFixedPoint(value: string): Fixed {
  const dot = value.indexOf('.');
  if (dot < 0) return BigInt(value + PAD);
  const decimals = value.length - dot - 1;
  if (decimals > SCALE) return toFixedPoint(round(value, SCALE));
  return BigInt(value.slice(0, dot) + value.slice(dot + 1) + PAD.slice(decimals));
}

function format(value: bigint, scale: number): string {
  const negative = value < 0n;
  const digits = (negative ? -value : value).toString().padStart(scale + 1, '0');
  let end = digits.length;
  while (end > digits.length - scale && digits.charCodeAt(end - 1) === 48) end -= 1;
  const whole = digits.slice(0, digits.length - scale);
  const text = end > whole.length ? `${whole}.${digits.slice(whole.length, end)}` : whole;
  return negative ? `-${text}` : text;
}

/** The shortest decimal string of a fixed-point value. */
export const fromFixedPoint = (value: Fixed): string => format(value, SCALE);
/** The shortest decimal string of an amount. */
export const fromAmount = (value: Amount): string => format(value, 2 * SCALE);

/** Amount ÷ quantity as a price, half-even to 12 decimals; null when the quantity is 0. */
export function averagePrice(amount: Amount, quantity: Fixed): string | null {
  if (quantity === 0n) return null;
  if (amount % quantity === 0n) return fromFixedPoint(amount / quantity);
  return div(fromAmount(amount), fromFixedPoint(quantity), SCALE);
}

/** Whole lots of a quantity, and whether it was a multiple; a venue may fill off the lot. */
export function lotsOf(quantity: Fixed, lot: Fixed): { readonly lots: number; readonly exact: boolean } {
  const whole = quantity / lot;
  const exact = whole * lot === quantity;
  // An off-lot fill counts as the next whole lot: what is open is never understated against the target (I5).
  return { lots: Number(exact ? whole : whole + 1n), exact };
}
