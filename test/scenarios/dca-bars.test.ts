/** DCA by cron and by period over recorded bars: hourly for two days, weekly for four years, each occurrence once. */
import { readFileSync } from 'node:fs';
import { afterAll, describe, expect } from '@jest/globals';
import { unzipSync } from 'fflate';
import type { GroupView } from '../../src/index.js';
import { cleanUp, entry, opening, play, recording } from './support.js';

afterAll(cleanUp);

const FOLDER = 'coinbase-minute/btcusd_';
const minutes = recording(
  ['20180404', '20180405'].flatMap((day) => [`${FOLDER}${day}_quote.zip`, `${FOLDER}${day}_trade.zip`]),
);
const daily = recording([`${FOLDER}daily_trade.zip`]);

const HOUR = 3_600_000;
const WEEK = 7 * 24 * HOUR;
/** An occurrence that is asked for later than this is none. */
const GRACE = 60_000;

interface Plan {
  readonly files: readonly string[];
  readonly from: string;
  readonly frequency: string | { readonly period_seconds: number };
  readonly amount: string;
  readonly until: { readonly duration_seconds: number } | { readonly occurrences: number };
}

/** Works one DCA through the bars; its group. */
async function save({ files, from, frequency, amount, until }: Plan): Promise<GroupView> {
  const params = {
    strategy: 'DCA',
    frequency,
    amount: { quantity: amount, unit: 'QUOTE' },
    ...until,
  };
  const { batches } = await play({
    market: { source: 'recorded', format: 'lean-bars', files, symbols: { btcusd: 'BTC/USD' } },
    instruments: { 'BTC/USD': { tick_size: '0.01', lot_size: '0.00000001', min_notional: '1' } },
    venue: { latency_ms: 100 },
    directives: [
      entry({
        n: 1,
        at: from,
        commands: [opening({ n: 1, symbol: 'BTC/USD', side: 'BUY', size: '10', params })],
      }),
    ],
  });
  return batches[0]!.groups[0]!;
}

/** The occurrence of every order, epoch ms; throws for an order that belongs to none. */
function occurrencesOf(group: GroupView, first: number, period: number): number[] {
  return group.orders.map(({ created_at: created }) => {
    const at = Date.parse(created);
    const occurrence = first + Math.floor((at - first) / period) * period;
    if (at - occurrence > GRACE) throw new Error(`an order at ${created}, no occurrence`);
    return occurrence;
  });
}

/** What the ask of the quote bar of a time held. */
function offered(): (at: number) => number {
  const rows = minutes.files
    .filter((file) => file.includes('quote'))
    .flatMap((file, day) => {
      const [content] = Object.values(unzipSync(readFileSync(file)));
      const lines = Buffer.from(content ?? [])
        .toString('latin1')
        .trim()
        .split('\n');
      return lines.map((line) => {
        const [ms = '', , , , , , , , , , size] = line.trim().split(',');
        return { at: Date.parse('2018-04-04T00:00:00Z') + day * 24 * HOUR + Number(ms), size: Number(size) };
      });
    });
  return (at) => rows.findLast((row) => row.at <= at)?.size ?? 0;
}

const every = (first: number, period: number, count: number): number[] =>
  Array.from({ length: count }, (_, k) => first + k * period);

const print = (name: string, { orders, filled_quantity, avg_price }: GroupView): void => {
  const short = orders.filter(({ status }) => status !== 'FILLED').length;
  process.stdout.write(
    `DCA ${name}: ${orders.length} occurrences, ${short} of them short, ${filled_quantity} at ${avg_price}\n`,
  );
};

describe('an hourly DCA over two days of minute bars', () => {
  minutes.testOn.each<[string, Plan['frequency']]>([
    ['cron', '0 * * * *'],
    ['period', { period_seconds: 3600 }],
  ])('buys each of the 48 hours once by %s', async (name, frequency) => {
    const from = '2018-04-04T00:00:00Z';
    const first = Date.parse(from);
    const plan = {
      files: minutes.files,
      from,
      frequency,
      amount: '100',
      until: { duration_seconds: 48 * 3600 },
    };
    const group = await save(plan);
    print(`hourly by ${name}`, group);
    expect(occurrencesOf(group, first, HOUR)).toEqual(every(first, HOUR, 48));
    // An occurrence is one order: where the quote held less than it asked for, the rest is let go.
    const offers = offered();
    for (const { created_at: created, quantity, fills } of group.orders) {
      const bought = fills.reduce((sum, fill) => sum + Number(fill.filled_quantity), 0);
      expect(bought).toBeCloseTo(Math.min(Number(quantity), offers(Date.parse(created))), 7);
    }
  });
});

describe('a weekly DCA over the daily bars of 2014 to 2018', () => {
  daily.testOn.each<[string, Plan['frequency']]>([
    ['cron', '0 0 * * 1'],
    ['period', { period_seconds: WEEK / 1000 }],
  ])('buys each Monday once by %s', async (name, frequency) => {
    const from = '2014-12-01T00:00:00Z';
    const first = Date.parse(from);
    const count = Math.floor((Date.parse('2018-08-13T00:00:00Z') - first) / WEEK) + 1;
    const plan = { files: daily.files, from, frequency, amount: '10', until: { occurrences: count } };
    const group = await save(plan);
    print(`weekly by ${name}`, group);
    expect(occurrencesOf(group, first, WEEK)).toEqual(every(first, WEEK, count));
    expect(count).toBe(194);
  });
});
