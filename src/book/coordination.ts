/**
 * What COORDINATED batches need to know before they begin and when they roll back. Pure.
 *
 * Owns: the pre-check of every leg (listing, reference, inventory, cash with fees) and what each leg must hold back
 * until the batch settles; what an unwind can still offset and what is dust.
 */
import { type Fixed, fromFixedPoint } from '../dtos/amount.js';
import { add, cmp, type DecimalString, div, fromSteps, type Lots, mul, sub } from '../dtos/decimal.js';
import type { Instrument, Side } from '../dtos/venue.js';

export interface LegFacts {
  readonly index: number;
  readonly venue: string;
  readonly symbol: string;
  readonly side: Side;
  readonly instrument: Instrument;
  readonly target: Lots | null;
  readonly maxSlippage: DecimalString;
  readonly limitPrice: DecimalString | null;
  readonly allowShort: boolean;
  readonly unlimitedCash: boolean;
  readonly takerFeeBps: DecimalString;
  readonly balances: Readonly<Record<string, DecimalString>> | null;
  /** Null while nothing is known of the market. */
  readonly reference: DecimalString | null;
}

/** DEFER: ask again, the reference may come. STOP: refused. */
export type PreCheck =
  | { readonly ok: true; readonly holds: readonly Hold[] }
  | { readonly ok: false; readonly block: 'DEFER' | 'STOP'; readonly leg: number; readonly reason: string };

/** What one leg holds back of an asset until it is filled or its batch settles. */
export interface Hold {
  readonly leg: number;
  /** `venue|asset` */
  readonly key: string;
  readonly amount: DecimalString;
}

/** Checks every leg against balances less what other batches hold (`reserved`, by `venue|asset`). */
export function preCheck(legs: readonly LegFacts[], reserved: ReadonlyMap<string, DecimalString>): PreCheck {
  const holds: Hold[] = [];
  const needs = new Map<string, DecimalString>();
  for (const leg of legs) {
    if (leg.target === null) continue;
    const price = worstPrice(leg);
    if (price === null) return refused(leg, 'DEFER', `no reference price of ${leg.symbol}`);
    const notional = mul(fromSteps(leg.target, leg.instrument.lotSize), price);
    if (cmp(notional, leg.instrument.minNotional) < 0) {
      return refused(leg, 'STOP', `${notional} ${leg.instrument.quote} is below the venue minimum`);
    }
    const hold = holdOf(leg, notional);
    if (hold === null) continue;
    holds.push(hold);
    const needed = add(needs.get(hold.key) ?? '0', hold.amount);
    needs.set(hold.key, needed);
    const asset = hold.key.slice(leg.venue.length + 1);
    const free = sub(leg.balances?.[asset] ?? '0', reserved.get(hold.key) ?? '0');
    if (cmp(needed, free) > 0) return refused(leg, 'STOP', `needs ${needed} ${asset}, ${free} are free`);
  }
  return { ok: true, holds };
}

const refused = (leg: LegFacts, block: 'DEFER' | 'STOP', reason: string): PreCheck => ({
  ok: false,
  block,
  leg: leg.index,
  reason,
});

/** The most a BUY may pay per unit: its limit, or the reference plus the slippage allowed. */
function worstPrice(leg: LegFacts): DecimalString | null {
  if (leg.limitPrice !== null) return leg.limitPrice;
  if (leg.reference === null || leg.side === 'SELL') return leg.reference;
  return mul(leg.reference, add('1', leg.maxSlippage));
}

/** Cash with fees for a BUY, inventory for a SELL; null where nothing has to be there. */
function holdOf(leg: LegFacts, notional: DecimalString): Hold | null {
  if (leg.balances === null) return null;
  const { base, quote, lotSize } = leg.instrument;
  if (leg.side === 'SELL') {
    if (leg.allowShort) return null;
    return { leg: leg.index, key: `${leg.venue}|${base}`, amount: fromSteps(leg.target ?? 0, lotSize) };
  }
  if (leg.unlimitedCash) return null;
  const withFees = mul(notional, add('1', div(leg.takerFeeBps, '10000')));
  return { leg: leg.index, key: `${leg.venue}|${quote}`, amount: withFees };
}

export interface Exposure {
  /** Whole lots that can be sent back, 0 when what is left is dust. */
  readonly lots: Lots;
  /** Below lot or minimum notional: nothing a venue would take. */
  readonly dust: DecimalString | null;
}

/** What of a leg's net fills an unwind can offset. `net` and `held` at fixed point: min(net booked, position left). */
export function exposureOf(
  facts: { readonly net: Fixed; readonly held: Fixed; readonly lot: Fixed },
  instrument: Instrument,
  lastPrice: DecimalString | null,
): Exposure {
  const { net, held } = facts;
  const quantity = held < net ? held : net;
  if (quantity <= 0n) return { lots: 0, dust: null };
  const lots = Number(quantity / facts.lot);
  const whole = BigInt(lots) * facts.lot;
  const tooSmall =
    lots === 0 ||
    (lastPrice !== null && cmp(mul(fromFixedPoint(whole), lastPrice), instrument.minNotional) < 0);
  if (tooSmall) return { lots: 0, dust: fromFixedPoint(quantity) };
  return { lots, dust: quantity > whole ? fromFixedPoint(quantity - whole) : null };
}
