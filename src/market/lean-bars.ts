/**
 * LEAN bars in UTC (crypto): minute bars of trades or quotes, and daily bars of trades, as zipped CSV.
 *
 * Trade bar: time,o,h,l,c,volume. Quote bar: ms,bid o,h,l,c,size,ask o,h,l,c,size. A minute's time is ms since
 * midnight of the date in the file's name; a daily bar's is `YYYYMMDD HH:MM`; both are the bar's start.
 *
 * A bar says what its prices were, not when. Here each becomes four points: the open at the bar's start, the low
 * and the high after a third and two thirds (the low first when the bar closes at or above its open, else the high;
 * a quote bar goes by its bid), and the close in its last millisecond. Every trade point carries a quarter of the
 * volume, rounded to 8 decimals, the close what is left; every quote point carries the bar's sizes. At equal times
 * quotes come before trades.
 */
import { div, mul, sub } from '../dtos/decimal.js';
import { isRealDate, isRealTime } from '../dtos/time.js';
import { dateOfFile, decimalField, positiveField, quoted, TimeOrder, timeOfDay } from './csv.js';
import type { MarketEvent, MarketSource } from './event.js';
import { type DataFile, fail, fieldsOf, firstLine, lastLine, type Line, linesOf } from './files.js';
import { parseScaled } from './scaled.js';
import { type FileStream, recordedSource } from './source.js';
import { symbolsOfFiles, type Symbols } from './symbols.js';

const TRADE_COLUMNS = 6;
const QUOTE_COLUMNS = 11;
const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const PLACES = 8;

/** @throws MARKET_DATA */
export function leanBars(files: readonly DataFile[], symbols: Symbols): MarketSource {
  const owners = symbolsOfFiles(files, symbols);
  const streams = files.map((file) => ({
    columns: columnsOf(file),
    stream: stream(file, owners.get(file)!),
  }));
  streams.sort((a, b) => b.columns - a.columns);
  return recordedSource(
    'lean-bars',
    streams.map(({ stream }) => stream),
  );
}

function columnsOf(file: DataFile): number {
  const line = firstLine(file);
  const columns = line.text.split(',').length;
  if (columns === TRADE_COLUMNS || columns === QUOTE_COLUMNS) return columns;
  return fail(
    line,
    `has ${columns} columns, neither a trade bar's ${TRADE_COLUMNS} nor a quote bar's ${QUOTE_COLUMNS}`,
  );
}

function stream(file: DataFile, symbol: string): FileStream {
  const columns = columnsOf(file);
  const first = firstLine(file);
  const isDaily = columns === TRADE_COLUMNS && first.text.includes(' ');
  const period = isDaily ? DAY_MS : MINUTE_MS;
  const midnight = isDaily ? 0 : Date.UTC(...monthFromZero(dateOfFile(file)));
  const timeOf = (line: Line, text: string | undefined): number =>
    isDaily ? dayStart(line, text) : midnight + timeOfDay(line, text);
  const startOf = (line: Line): number => timeOf(line, fieldsOf(line, columns)[0]);
  return {
    file,
    symbol,
    startsAt: startOf(first),
    endsAt: startOf(lastLine(file)) + period - 1,
    *events() {
      const order = new TimeOrder();
      for (const line of linesOf(file)) {
        const fields = fieldsOf(line, columns);
        const at = timeOf(line, fields[0]);
        // A bar lasts its whole period: the next one begins no earlier than its end.
        order.check(line, at);
        order.check(line, at + period - 1);
        const bar = { line, fields, at, symbol, period };
        yield* columns === TRADE_COLUMNS ? trades(bar) : quotes(bar);
      }
    },
  };
}

const monthFromZero = ([year, month, day]: readonly [number, number, number]) =>
  [year, month - 1, day] as const;

function dayStart(line: Line, text: string | undefined): number {
  const part = /^(\d{4})(\d\d)(\d\d) (\d\d):(\d\d)$/.exec(text ?? '');
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0] = part?.slice(1).map(Number) ?? [];
  const isReal = part !== null && isRealDate(year, month, day) && isRealTime(hour, minute, 0);
  if (!isReal) fail(line, `time is not YYYYMMDD HH:MM: ${quoted(text)}`);
  return Date.UTC(year, month - 1, day, hour, minute);
}

interface Bar {
  readonly line: Line;
  readonly fields: readonly string[];
  readonly at: number;
  readonly symbol: string;
  readonly period: number;
}

/** Open, high, low, close: columns of a bar, relative to its open. */
const LOW_FIRST = [0, 2, 1, 3] as const;
const HIGH_FIRST = [0, 1, 2, 3] as const;

/** The order of the four points, and when each comes. */
function path(prices: readonly string[], { at, period }: Bar): { column: number; at: number }[] {
  const open = parseScaled(prices[0] ?? '', PLACES);
  const close = parseScaled(prices[3] ?? '', PLACES);
  const third = Math.floor(period / 3);
  const times = [at, at + third, at + 2 * third, at + period - 1];
  return (close >= open ? LOW_FIRST : HIGH_FIRST).map((column, index) => ({ column, at: times[index]! }));
}

const PRICE_NAMES = ['open', 'high', 'low', 'close'] as const;

function pricesFrom({ line, fields }: Bar, column: number, side: string): string[] {
  return PRICE_NAMES.map((name, index) => positiveField(line, fields[column + index], `${side}${name}`));
}

function* trades(bar: Bar): Generator<MarketEvent> {
  const prices = pricesFrom(bar, 1, '');
  const volume = decimalField(bar.line, bar.fields[5], 'volume');
  const quarter = div(volume, '4', PLACES);
  const rest = sub(volume, mul(quarter, '3'));
  for (const [index, { column, at }] of path(prices, bar).entries()) {
    const quantity = index === 3 ? rest : quarter;
    if (!/[1-9]/.test(quantity)) continue; // a bar of nothing, or of less than four units of 1e-8
    yield { at, symbol: bar.symbol, kind: 'trade', price: prices[column]!, quantity, buyerIsMaker: null };
  }
}

function* quotes(bar: Bar): Generator<MarketEvent> {
  const bids = pricesFrom(bar, 1, 'bid ');
  const asks = pricesFrom(bar, 6, 'ask ');
  const bidSize = decimalField(bar.line, bar.fields[5], 'bid size');
  const askSize = decimalField(bar.line, bar.fields[10], 'ask size');
  for (const { column, at } of path(bids, bar)) {
    yield { at, symbol: bar.symbol, kind: 'quote', bid: bids[column]!, bidSize, ask: asks[column]!, askSize };
  }
}
