/**
 * Binance's public trade files: `id,price,qty,quote_qty,time,is_buyer_maker[,is_best_match]`.
 *
 * With a header or without; plain, .gz or .zip. `time` is in milliseconds (13 digits) or microseconds (16 digits, as
 * spot files are since 2025), the same unit throughout a file.
 */
import type { MarketEvent, MarketSource } from './event.js';
import { positiveField, quoted, TimeOrder, wholeField } from './csv.js';
import { type DataFile, fail, fieldsOf, firstLine, lastLine, type Line, linesOf } from './files.js';
import { type FileStream, recordedSource } from './source.js';
import { symbolsOfFiles, type Symbols } from './symbols.js';

const COLUMNS = [6, 7] as const;
const MS_DIGITS = 13;
const US_DIGITS = 16;

/** @throws MARKET_DATA */
export function tradesCsv(files: readonly DataFile[], symbols: Symbols): MarketSource {
  const owners = symbolsOfFiles(files, symbols);
  return recordedSource(
    'trades-csv',
    files.map((file) => stream(file, owners.get(file)!)),
  );
}

function stream(file: DataFile, symbol: string): FileStream {
  const columns = columnsOf(file);
  const first = firstTrade(file);
  const digits = fieldsOf(first, columns)[4]?.length ?? 0;
  const timeOf = (line: Line, fields: readonly string[]): number => time(line, fields[4], digits);
  const last = lastLine(file);
  return {
    file,
    symbol,
    startsAt: timeOf(first, fieldsOf(first, columns)),
    endsAt: timeOf(last, fieldsOf(last, columns)),
    *events() {
      const order = new TimeOrder();
      for (const line of linesOf(file)) {
        if (line.number < first.number) continue;
        const fields = fieldsOf(line, columns);
        const at = timeOf(line, fields);
        order.check(line, at);
        yield trade(line, fields, { at, symbol });
      }
    },
  };
}

function columnsOf(file: DataFile): number {
  const line = firstLine(file);
  const columns = line.text.split(',').length;
  if (COLUMNS.some((known) => known === columns)) return columns;
  return fail(line, `has ${columns} columns, not ${COLUMNS.join(' or ')}`);
}

/** The first line, or the second where the first is a header. */
function firstTrade(file: DataFile): Line {
  for (const line of linesOf(file)) {
    const isHeader = line.number === 1 && /^"?(trade_?)?id"?,/i.test(line.text);
    if (!isHeader) return line;
  }
  return fail(file, 'holds a header and no trade');
}

function time(line: Line, text: string | undefined, digits: number): number {
  const value = wholeField(line, text, 'time');
  const isMicro = digits === US_DIGITS;
  if (text?.length !== digits || !(isMicro || digits === MS_DIGITS)) {
    fail(line, `time is neither milliseconds nor microseconds: ${quoted(text)}`);
  }
  return isMicro ? Math.ceil(value / 1000) : value;
}

interface Where {
  readonly at: number;
  readonly symbol: string;
}

function trade(line: Line, fields: readonly string[], { at, symbol }: Where): MarketEvent {
  const maker = fields[5]?.toLowerCase();
  if (maker !== 'true' && maker !== 'false')
    fail(line, `is_buyer_maker is not true or false: ${quoted(fields[5])}`);
  return {
    at,
    symbol,
    kind: 'trade',
    price: positiveField(line, fields[1], 'price'),
    quantity: positiveField(line, fields[2], 'qty'),
    buyerIsMaker: maker === 'true',
    id: wholeField(line, fields[0], 'id'),
  };
}
