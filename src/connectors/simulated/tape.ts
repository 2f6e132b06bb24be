/**
 * What was recorded of one symbol since the market began: others' volume and turnover, and the reference price.
 *
 * Owns the sums, and the intervals between two moments. Orders of ours leave no mark here: neither their fills nor
 * what they took from the book. Exact: sums are bigints (price × size of a busy year exceeds 64 bits).
 *
 * An interval is asked in milliseconds, so what comes within one becomes one entry. Entries are only appended, some
 * 100 bytes each, and found by binary search.
 */
import { type Amount, type Fixed, fromAmount, fromFixedPoint, toFixedPoint } from '../../dtos/amount.js';
import { div, mul } from '../../dtos/decimal.js';
import type { MarketInterval } from '../../ports/market-data.js';

/** What a DTO field holds. */
const PLACES = 8;

/** Σ doubled reference × ms, and the ms for which there was one. */
interface Sum {
  readonly area: bigint;
  readonly span: number;
}
const NOTHING: Sum = { area: 0n, span: 0 };

export class Tape {
  /** Doubled price units in a price of 1. */
  readonly #divisor: string;
  // Trades not summed up yet, as recorded: a replay that nobody asks pays for no bigint.
  #newAt: number[] = [];
  #newPrices: string[] = [];
  #newSizes: string[] = [];
  // After each moment with trades: what had traded by then.
  readonly #tradedAt: number[] = [];
  readonly #volumes: Fixed[] = [];
  readonly #turnovers: Amount[] = [];
  #volume: Fixed = 0n;
  #turnover: Amount = 0n;
  // Each change of the reference, doubled so that a mid between two units is whole; NaN where there is none.
  readonly #changedAt: number[] = [];
  readonly #doubled: number[] = [];
  /** What had stood until each change. Extended when an interval is asked for. */
  readonly #sums: Sum[] = [];

  /** @param pricePlaces decimals of the units in which the reference comes */
  constructor(pricePlaces: number) {
    this.#divisor = `2${'0'.repeat(pricePlaces)}`;
  }

  /** Base quantity that traded since the beginning; undefined while nothing has. */
  get volume(): string | undefined {
    this.#sumUp();
    return this.#tradedAt.length === 0 ? undefined : fromFixedPoint(this.#volume);
  }

  /** A recorded trade, whole: also what is finer than the lot. */
  trade(at: number, price: string, quantity: string): void {
    this.#newAt.push(at);
    this.#newPrices.push(price);
    this.#newSizes.push(quantity);
  }

  /** The reference from `at` on, times two, in price units; NaN for none. */
  reference(at: number, doubled: number): void {
    if (Object.is(this.#doubled.at(-1) ?? Number.NaN, doubled)) return;
    const index = slotOf(this.#changedAt, at);
    this.#doubled[index] = doubled;
  }

  /** What traded and stood from `from` to `to`, epoch ms, both included; null: nothing did. */
  interval(from: number, to: number): MarketInterval | null {
    if (from > to) return null;
    this.#sumUp();
    const before = lastAt(this.#tradedAt, from - 1);
    const end = lastAt(this.#tradedAt, to);
    const volume = (this.#volumes[end] ?? 0n) - (this.#volumes[before] ?? 0n);
    const turnover = (this.#turnovers[end] ?? 0n) - (this.#turnovers[before] ?? 0n);
    const twap = this.#twap(from, to);
    if (volume === 0n) return twap === null ? null : { volume: '0', vwap: null, twap };
    const traded = fromFixedPoint(volume);
    return { volume: traded, vwap: div(fromAmount(turnover), traded, PLACES), twap };
  }

  #sumUp(): void {
    if (this.#newAt.length === 0) return;
    for (let each = 0; each < this.#newAt.length; each += 1) {
      const size = toFixedPoint(this.#newSizes[each]!);
      this.#volume += size;
      this.#turnover += toFixedPoint(this.#newPrices[each]!) * size;
      const index = slotOf(this.#tradedAt, this.#newAt[each]!);
      this.#volumes[index] = this.#volume;
      this.#turnovers[index] = this.#turnover;
    }
    this.#newAt = [];
    this.#newPrices = [];
    this.#newSizes = [];
  }

  #twap(from: number, to: number): string | null {
    this.#extend();
    const start = this.#sumAt(from);
    const end = this.#sumAt(to);
    const span = end.span - start.span;
    if (span > 0) return this.#price(end.area - start.area, span);
    // Nothing stood for a millisecond: the reference of the last moment, if there is one.
    const doubled = this.#doubled[lastAt(this.#changedAt, to)] ?? Number.NaN;
    return Number.isNaN(doubled) ? null : this.#price(BigInt(doubled), 1);
  }

  /** Sums up to the newest change: they depend on earlier changes only, so that they stay. */
  #extend(): void {
    for (let index = this.#sums.length; index < this.#changedAt.length; index += 1) {
      this.#sums.push(index === 0 ? NOTHING : this.#sumFrom(index - 1, this.#changedAt[index]!));
    }
  }

  #sumAt(at: number): Sum {
    const index = lastAt(this.#changedAt, at);
    return index < 0 ? NOTHING : this.#sumFrom(index, at);
  }

  /** The sum at `at`, which is not after the change that follows `index`. */
  #sumFrom(index: number, at: number): Sum {
    const sum = this.#sums[index]!;
    const doubled = this.#doubled[index]!;
    const ms = at - this.#changedAt[index]!;
    if (Number.isNaN(doubled) || ms === 0) return sum;
    return { area: sum.area + BigInt(doubled) * BigInt(ms), span: sum.span + ms };
  }

  #price(area: bigint, span: number): string {
    return div(area.toString(), mul(this.#divisor, String(span)), PLACES);
  }
}

/** The entry of this moment: the last one, or a new one behind it. Time never goes back here. */
function slotOf(times: number[], at: number): number {
  const last = times.length - 1;
  if (last >= 0 && at <= times[last]!) return last;
  times.push(at);
  return last + 1;
}

/** Index of the last time that is not after `at`; −1 where there is none. */
function lastAt(times: readonly number[], at: number): number {
  let low = 0;
  let high = times.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (times[middle]! <= at) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
