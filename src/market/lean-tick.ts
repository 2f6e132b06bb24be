/**
 * LEAN equity ticks: a zipped CSV per day, one of trades and one of quotes.
 *
 * Trade row: ms since midnight New York, price × 10000, shares, exchange, condition, suspicious.
 * Quote row: ms, bid × 10000, bid size, ask × 10000, ask size, exchange, condition, suspicious. A row is one side of
 * the best quote (0 = the other side is absent); the last row of each side is the book. Suspicious rows are skipped.
 * At equal times a quote comes before a trade, which was made on a quote.
 */
import type { MarketEvent, MarketSource } from './event.js';
import { dateOfFile, quoted, TimeOrder, timeOfDay, wholeField } from './csv.js';
import { type DataFile, fail, fieldsOf, firstLine, lastLine, type Line, linesOf } from './files.js';
import { formatScaled } from './scaled.js';
import { type FileStream, recordedSource } from './source.js';
import { symbolsOfFiles, type Symbols } from './symbols.js';

const PRICE_PLACES = 4;
const TRADE_COLUMNS = 6;
const QUOTE_COLUMNS = 8;

/** @throws MARKET_DATA */
export function leanTick(files: readonly DataFile[], symbols: Symbols): MarketSource {
  const owners = symbolsOfFiles(files, symbols);
  const streams = files.map((file) => ({
    columns: columnsOf(file),
    stream: stream(file, owners.get(file)!),
  }));
  streams.sort((a, b) => b.columns - a.columns);
  return recordedSource(
    'lean-tick',
    streams.map(({ stream }) => stream),
  );
}

function columnsOf(file: DataFile): number {
  const line = firstLine(file);
  const columns = line.text.split(',').length;
  if (columns === TRADE_COLUMNS || columns === QUOTE_COLUMNS) return columns;
  return fail(
    line,
    `has ${columns} columns, neither a trade's ${TRADE_COLUMNS} nor a quote's ${QUOTE_COLUMNS}`,
  );
}

function stream(file: DataFile, symbol: string): FileStream {
  const midnight = midnightInNewYork(...dateOfFile(file));
  const columns = columnsOf(file);
  const timeOf = (line: Line): number => midnight + timeOfDay(line, fieldsOf(line, columns)[0]);
  const parse = columns === TRADE_COLUMNS ? trade : quote;
  return {
    file,
    symbol,
    startsAt: timeOf(firstLine(file)),
    endsAt: timeOf(lastLine(file)),
    *events() {
      const order = new TimeOrder();
      for (const line of linesOf(file)) {
        const fields = fieldsOf(line, columns);
        const at = midnight + timeOfDay(line, fields[0]);
        order.check(line, at);
        if (isSuspicious(line, fields[columns - 1])) continue;
        const event = parse(line, fields, { at, symbol });
        if (event !== null) yield event;
      }
    },
  };
}

/** Epoch ms of midnight in New York, whose clock is at UTC−5 or, in summer, UTC−4. */
export function midnightInNewYork(year: number, month: number, day: number): number {
  const fiveUtc = Date.UTC(year, month - 1, day, 5);
  const hour = new Intl.DateTimeFormat('en-US', {
    timeZone: 'America/New_York',
    hour: 'numeric',
    hourCycle: 'h23',
  });
  return fiveUtc - Number(hour.format(fiveUtc)) * 3_600_000;
}

function isSuspicious(line: Line, text: string | undefined): boolean {
  if (text !== '0' && text !== '1') fail(line, `suspicious is neither 0 nor 1: ${quoted(text)}`);
  return text === '1';
}

interface Where {
  readonly at: number;
  readonly symbol: string;
}

function trade(line: Line, fields: readonly string[], { at, symbol }: Where): MarketEvent {
  const units = wholeField(line, fields[1], 'price');
  const quantity = wholeField(line, fields[2], 'quantity');
  if (units === 0 || quantity === 0) fail(line, 'price or quantity is zero');
  const price = formatScaled(units, PRICE_PLACES);
  return { at, symbol, kind: 'trade', price, quantity: String(quantity), buyerIsMaker: null };
}

function quote(line: Line, fields: readonly string[], { at, symbol }: Where): MarketEvent | null {
  const bidUnits = wholeField(line, fields[1], 'bid price');
  const bidSize = String(wholeField(line, fields[2], 'bid size'));
  const askUnits = wholeField(line, fields[3], 'ask price');
  const askSize = String(wholeField(line, fields[4], 'ask size'));
  const bid = formatScaled(bidUnits, PRICE_PLACES);
  const ask = formatScaled(askUnits, PRICE_PLACES);
  if (bidUnits === 0 && askUnits === 0) return null;
  if (askUnits === 0) return { at, symbol, kind: 'quote', bid, bidSize };
  if (bidUnits === 0) return { at, symbol, kind: 'quote', ask, askSize };
  return { at, symbol, kind: 'quote', bid, bidSize, ask, askSize };
}
