/**
 * A whole trading day of one share, for checks: its trades read from the file, one order worked through it.
 *
 * Owns sums over the recorded trades, independent of src/market, and the scenario around one command.
 */
import { readFileSync } from 'node:fs';
import { unzipSync } from 'fflate';
import type { GroupView } from '../../src/index.js';
import { entry, opening, play, recording } from './support.js';

export const SECOND = 1000;
export const MINUTE = 60 * SECOND;
const FOLDER = 'us-equity-tick/bac_20131008_tick_';
export const { testOn, files } = recording([`${FOLDER}trade.zip`, `${FOLDER}quote.zip`]);

/** New York is at UTC-4 in October; regular hours are 9:30 to 16:00. */
const MIDNIGHT = Date.parse('2013-10-08T04:00:00Z');
export const OPEN = Date.parse('2013-10-08T13:30:00Z');
export const CLOSE = Date.parse('2013-10-08T20:00:00Z');
export const DAY_SECONDS = (CLOSE - OPEN) / SECOND;

export interface Print {
  readonly at: number;
  readonly quantity: string;
  readonly price: number;
}

/** Every recorded trade of the day, before and after regular hours too. */
export function prints(): Print[] {
  const [content] = Object.values(unzipSync(readFileSync(files[0] ?? '')));
  const rows = Buffer.from(content ?? [])
    .toString('latin1')
    .trim()
    .split('\n');
  return rows.map((row) => {
    const [ms, price, quantity = '', , , suspicious] = row.trim().split(',');
    if (suspicious !== '0') throw new Error(`a suspicious row: ${row}`);
    return { at: MIDNIGHT + Number(ms), quantity, price: Number(price) / 10_000 };
  });
}

/** A running sum, to be asked for any time (included). */
export class Sum {
  readonly #at: number[] = [];
  readonly #sums: number[] = [];

  constructor(rows: Iterable<{ readonly at: number; readonly quantity: string | number }>) {
    let sum = 0;
    for (const { at, quantity } of [...rows].sort((a, b) => a.at - b.at)) {
      sum += Number(quantity);
      this.#at.push(at);
      this.#sums.push(sum);
    }
  }

  until(time: number): number {
    let [low, high] = [0, this.#at.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#at[middle]! <= time) low = middle + 1;
      else high = middle;
    }
    return this.#sums[low - 1] ?? 0;
  }

  /** After `from`, up to and including `to`. */
  between(from: number, to: number): number {
    return this.until(to) - this.until(from);
  }
}

/** The volume-weighted price of what traded from `from` (included) to `to` (not included). */
export function vwapOf(rows: readonly Print[], from: number, to: number): number {
  let [volume, turnover] = [0, 0];
  for (const { at, quantity, price } of rows) {
    if (at < from || at >= to) continue;
    volume += Number(quantity);
    turnover += Number(quantity) * price;
  }
  return turnover / volume;
}

/** Our fills as rows of a `Sum`. */
export const filledRows = (group: GroupView) =>
  group.orders
    .flatMap(({ fills }) => fills)
    .map((fill) => ({ at: Date.parse(fill.executed_at), quantity: fill.filled_quantity }));

export interface DayOrder {
  readonly side?: 'BUY' | 'SELL';
  readonly size: string;
  readonly limit?: string;
  readonly params: object;
}

const SYMBOL = 'BAC';
const LATENCY_MS = 20;

/** A scenario that starts one order at the opening of regular hours. */
export const dayScenario = ({ side = 'BUY', size, limit, params }: DayOrder) => ({
  market: { source: 'recorded', format: 'lean-tick', files, symbols: { bac: SYMBOL } },
  instruments: { [SYMBOL]: { tick_size: '0.01', lot_size: '1', min_notional: '0' } },
  venue: { latency_ms: LATENCY_MS, allow_short: true },
  directives: [
    entry({
      n: 1,
      at: new Date(OPEN).toISOString(),
      commands: [
        opening({
          ...{ n: 1, symbol: SYMBOL, side, size, params },
          ...(limit === undefined ? {} : { limit }),
        }),
      ],
    }),
  ],
});

/** Works one order through the day; the group it became. */
export async function workDay(order: DayOrder): Promise<GroupView> {
  const { batches } = await play(dayScenario(order));
  const group = batches[0]?.groups[0];
  if (group === undefined) throw new Error('no group');
  return group;
}
