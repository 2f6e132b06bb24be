/**
 * The figures of an execution report: cost against a benchmark, participation, fees, maker share.
 *
 * Owns the formulas. Exact decimals; a figure without what it is measured by is null, never 0. Decides nothing.
 */
import { add, cmp, div, isZero, mul, sub } from '../../dtos/decimal.js';
import type { Side } from '../../dtos/venue.js';

/** Decimals of a figure in bps, and of a fraction. */
const BPS_PLACES = 4;
const RATIO_PLACES = 6;

/** What a group traded: base quantity, and what it came to in quote. */
export interface Traded {
  readonly side: Side;
  readonly filled: string;
  readonly notional: string;
}

/** The fields of a fill that the figures read. */
export interface FillFacts {
  readonly quantity: string;
  readonly liquidity?: 'MAKER' | 'TAKER' | undefined;
  readonly commission?: string | undefined;
  readonly commissionAsset?: string | undefined;
}

/** Fees in one asset; negative = rebates. `asset` null where the venue named none. */
export interface Fee {
  readonly asset: string | null;
  readonly amount: string;
}

/**
 * Cost against a benchmark price, bps of the benchmark: what a buyer paid above it, a seller got below it. Positive =
 * cost. Null without a benchmark or a fill.
 */
export function costBps({ side, filled, notional }: Traded, benchmark: string | null): string | null {
  if (benchmark === null || cmp(benchmark, '0') <= 0 || isZero(filled)) return null;
  const fair = mul(benchmark, filled);
  const cost = side === 'BUY' ? sub(notional, fair) : sub(fair, notional);
  return div(mul(cost, '10000'), fair, BPS_PLACES);
}

/** Own ÷ (own + others') volume, a fraction. Null where nobody knows the others' or nothing traded at all. */
export function participation(own: string, others: string | null): string | null {
  if (others === null) return null;
  const all = add(own, others);
  return isZero(all) ? null : div(own, all, RATIO_PLACES);
}

/** `part` ÷ `whole`, a fraction; null of nothing. */
export const ratio = (part: string, whole: string | null): string | null =>
  whole === null || isZero(whole) ? null : div(part, whole, RATIO_PLACES);

/** The maker's part of the quantity whose liquidity the venue told, a fraction; null where it told none. */
export function makerShare(fills: readonly FillFacts[]): string | null {
  let told = '0';
  let made = '0';
  for (const { quantity, liquidity } of fills) {
    if (liquidity === undefined) continue;
    told = add(told, quantity);
    if (liquidity === 'MAKER') made = add(made, quantity);
  }
  return ratio(made, told);
}

/** Commissions summed by asset, in the order in which assets first appear. */
export function feesOf(fills: readonly FillFacts[]): Fee[] {
  const sums = new Map<string | null, string>();
  for (const { commission, commissionAsset } of fills) {
    if (commission === undefined) continue;
    const asset = commissionAsset ?? null;
    sums.set(asset, add(sums.get(asset) ?? '0', commission));
  }
  return [...sums].map(([asset, amount]) => ({ asset, amount }));
}
