/**
 * Holdings at each venue: what our fills have moved since the last listing, against what the venue says.
 *
 * Owns the running sums, and BALANCE_DIFFERENCE. Both sides have to be known: the first listing is only remembered,
 * and one that is older than a fill we have booked is not judged. After a difference the venue's word is the new base,
 * so that it is told once. Whose transfer it was is not ours to know.
 */
import { type Amount, type Fixed, fromAmount, toFixedPoint } from '../dtos/amount.js';
import type { DecimalString } from '../dtos/decimal.js';
import type { Side } from '../dtos/venue.js';
import type { Fold } from './fold.js';
import type { Holdings, World } from './world.js';

export interface Movement {
  readonly base: string;
  readonly quote: string;
  readonly side: Side;
  readonly fixed: Fixed;
  readonly amount: Amount;
  /** −1 takes the fill back. */
  readonly sign: 1 | -1;
  readonly commission?: DecimalString | undefined;
  readonly commissionAsset?: string | undefined;
  readonly at: number;
}

const ONE = toFixedPoint('1');

/** Counts a fill, where the venue tells what it holds. */
export function noteMovement(world: World, venue: string, movement: Movement): void {
  const { venues } = world;
  if (!venues.lists.includes(venue)) return;
  const holdings = of(world, venue);
  const { base, quote, side, fixed, amount, sign, commission, commissionAsset, at } = movement;
  const bought = BigInt(sign) * (side === 'BUY' ? 1n : -1n);
  add(holdings, base, bought * fixed * ONE);
  add(holdings, quote, -bought * amount);
  if (commission !== undefined && commissionAsset !== undefined)
    add(holdings, commissionAsset, -BigInt(sign) * toFixedPoint(commission) * ONE);
  holdings.latest = Math.max(holdings.latest, at);
}

function of({ venues }: World, venue: string): Holdings {
  const known = venues.holdings.get(venue);
  if (known !== undefined) return known;
  const holdings: Holdings = { moved: new Map(), latest: 0, base: null };
  venues.holdings.set(venue, holdings);
  return holdings;
}

function add({ moved }: Holdings, asset: string, amount: Amount): void {
  moved.set(asset, (moved.get(asset) ?? 0n) + amount);
}

/** Compares what the venue says it held at `at` with what our fills have made of the last listing. */
export function compareHoldings(
  world: World,
  fold: Fold,
  venue: string,
  at: number,
  balances: Readonly<Record<string, DecimalString>>,
): void {
  const holdings = of(world, venue);
  if (holdings.latest > at) return;
  const held = new Map(Object.entries(balances).map(([asset, text]) => [asset, toFixedPoint(text) * ONE]));
  const { base, moved } = holdings;
  for (const asset of base === null ? [] : new Set([...base.held.keys(), ...held.keys(), ...moved.keys()])) {
    const expected =
      (base?.held.get(asset) ?? 0n) + (moved.get(asset) ?? 0n) - (base?.moved.get(asset) ?? 0n);
    const actual = held.get(asset) ?? 0n;
    if (actual !== expected) tell(fold, venue, asset, fromAmount(expected), fromAmount(actual));
  }
  holdings.base = { held, moved: new Map(moved) };
}

function tell(fold: Fold, venue: string, asset: string, expected: string, actual: string): void {
  fold.emit('BALANCE_DIFFERENCE', {}, { venue, asset, expected, actual });
  const message = `${venue} holds ${actual} ${asset}; by our fills it would be ${expected}`;
  fold.emit('ALERT', {}, { code: 'BALANCE_DIFFERENCE', message });
}
