/** Dollar cost averaging and rebalancing on minute and daily bars, checked against the rows of the files. */
import { readFileSync } from 'node:fs';
import { afterAll, describe, expect } from '@jest/globals';
import { unzipSync } from 'fflate';
import { brief, cleanUp, entry, fillsOf, opening, play, recording, resizing } from './support.js';

const minute = (key: string, kind: string) => `coinbase-minute/${key}_20180404_${kind}.zip`;
const minutes = recording([minute('btcusd', 'quote'), minute('btcusd', 'trade'), minute('ethusd', 'quote')]);
const daily = recording(['coinbase-minute/btcusd_daily_trade.zip']);
afterAll(cleanUp);

/** The rows of a zipped CSV. */
function rowsOf(file: string | undefined): string[][] {
  const [content] = Object.values(unzipSync(readFileSync(file ?? '')));
  return Buffer.from(content ?? [])
    .toString('latin1')
    .trim()
    .split('\n')
    .map((line) => line.trim().split(','));
}

const DAY = Date.parse('2018-04-04T00:00:00Z');
const FEES = { maker: '10', taker: '30' };
const market = {
  source: 'recorded',
  format: 'lean-bars',
  files: minutes.files,
  symbols: { btcusd: 'BTC/USD', ethusd: 'ETH/USD' },
};
const dayMarket = {
  source: 'recorded',
  format: 'lean-bars',
  files: daily.files,
  symbols: { btcusd: 'BTC/USD' },
};
const from = '2018-04-04T01:00:00Z';

describe('dollar cost averaging', () => {
  minutes.testOn(
    'fills each limit at its price in the first minute that trades or quotes there',
    async () => {
      const limits = ['7300', '7100', '6000'];
      const { batches } = await play({
        market,
        venue: { balances: { USD: '10000' }, fees_bps: FEES },
        directives: [
          entry({
            n: 1,
            at: from,
            policy: { timeout_seconds: 43_200 },
            commands: limits.map((limit, i) =>
              opening({ n: i + 1, symbol: 'BTC/USD', side: 'BUY', size: '0.25', limit }),
            ),
          }),
        ],
      });
      expect(brief(batches[0])).toEqual({
        end: 'INDEPENDENT PARTIAL timeout',
        legs: [
          'BTC/USD BUY SINGLE COMPLETED 0.25/0.25 @7300 target_reached',
          'BTC/USD BUY SINGLE COMPLETED 0.25/0.25 @7100 target_reached',
          'BTC/USD BUY SINGLE CANCELLED 0/0.25 timeout',
        ],
        left: [],
      });
      const reached = limits.slice(0, 2).map((limit) => firstMinuteAt(Number(limit)));
      const filled = batches[0]?.groups
        .slice(0, 2)
        .map(({ orders }) => Date.parse(orders[0]?.fills[0]?.executed_at ?? ''));
      expect(filled?.map((at) => Math.floor((at - DAY) / 60_000))).toEqual(reached);
      // 0.25 x 7300 x 10 bps
      expect(batches[0]?.groups[0]?.orders[0]?.fills[0]?.commission).toBe('1.825');
    },
  );

  /** The minute of the first row, from 01:00 on, that trades or offers at a price or below it. */
  function firstMinuteAt(price: number): number {
    const rows = [
      ...rowsOf(minutes.files.find((file) => file.includes('btcusd') && file.includes('trade'))).map(
        (row) => [row[0], row[3]],
      ),
      ...rowsOf(minutes.files.find((file) => file.includes('btcusd') && file.includes('quote'))).map(
        (row) => [row[0], row[8]],
      ),
    ];
    const hits = rows.filter(([at, low]) => Number(at) >= 3_600_000 && Number(low) <= price);
    return Math.min(...hits.map(([at]) => Number(at))) / 60_000;
  }

  daily.testOn('buys on the first of each month at the open of that day', async () => {
    const days = ['20170101', '20170201', '20170301', '20170401'];
    const { batches, result } = await play({
      market: dayMarket,
      directives: days.map((day, i) =>
        entry({
          n: i + 1,
          at: `${day.slice(0, 4)}-${day.slice(4, 6)}-${day.slice(6)}T00:00:00Z`,
          commands: [opening({ n: i + 1, symbol: 'BTC/USD', side: 'BUY', size: '0.1' })],
        }),
      ),
    });
    const opens = days.map((day) => rowsOf(daily.files[0]).find(([at]) => at === `${day} 00:00`)?.[1]);
    expect(opens).toEqual(['973.37', '970', '1147.13', '1088.99']);
    expect(batches.map((batch) => fillsOf(batch.groups[0]))).toEqual(
      opens.map((open) => [`0.1@${open} TAKER`]),
    );
    expect(result.runtime.positions().map((position) => position.entry_price)).toEqual(opens);
  });
});

describe('a rebalancing over a falling day', () => {
  minutes.testOn('trades the difference to each new total at the quotes of that minute', async () => {
    const { batches, result } = await play({
      market,
      venue: { latency_ms: 100 },
      directives: [
        entry({
          n: 1,
          at: from,
          commands: [
            opening({ n: 1, symbol: 'BTC/USD', side: 'BUY', size: '1' }),
            opening({ n: 2, symbol: 'ETH/USD', side: 'BUY', size: '20' }),
          ],
        }),
        entry({
          n: 2,
          at: '2018-04-04T15:00:00Z',
          scope: 'MODIFY_EXISTING',
          trades: [1, 2],
          commands: [resizing(3, 1, '0.4'), resizing(4, 2, '33.5')],
        }),
      ],
    });
    const quote = (key: string, ms: number) =>
      rowsOf(minutes.files.find((file) => file.includes(`${key}_20180404_quote`))).find(
        ([at]) => at === String(ms),
      );
    const [bidOpen, askOpen] = [1, 6];
    const [one, three] = [3_600_000, 54_000_000];
    expect(batches.flatMap(({ groups }) => groups.map(fillsOf))).toEqual([
      [`1@${quote('btcusd', one)?.[askOpen]} TAKER`],
      [`20@${quote('ethusd', one)?.[askOpen]} TAKER`],
      [`0.6@${quote('btcusd', three)?.[bidOpen]} TAKER`],
      [`13.5@${quote('ethusd', three)?.[askOpen]} TAKER`],
    ]);
    expect(batches.map(brief).map(({ end }) => end)).toEqual(
      Array(2).fill('INDEPENDENT COMPLETED target_reached'),
    );
    expect(result.runtime.positions().map((position) => position.position_size)).toEqual(['0.4', '33.5']);
  });
});
