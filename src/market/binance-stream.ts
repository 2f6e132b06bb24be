/**
 * Recorded Binance combined streams: `<local ns> <JSON>` a line; depth diffs, best quotes, trades, REST snapshots.
 *
 * Owns the parsing of lines, and the rule by which diffs follow a snapshot (Binance, "How to manage a local order
 * book correctly"). Time is the recorder's local clock alone: it runs beside the exchange's E and T and is never
 * mixed with them. Files of several symbols, and of several days, merge by that clock, to the nanosecond.
 */
import type { Level, MarketEvent, MarketSource } from './event.js';
import { type DataFile, fail, firstLine, lastLine, type Line, linesOf } from './files.js';
import { mergeByTime, type Timed } from './merge.js';
import { isPlainDecimal } from './scaled.js';
import { sourceName } from './source.js';
import { symbolOfFile, type Symbols } from './symbols.js';

/** Diffs that wait for a snapshot; the recorder asks for one at its start, within seconds. */
const WAITING_MAX = 10_000;
const NS_DIGITS = 19;
const MS_DIGITS = 13;

/** A line whose time is known: milliseconds, and the nanoseconds below. */
interface Raw extends Timed {
  readonly at: number;
  readonly sub: number;
  readonly line: Line;
}

type Fields = Readonly<Record<string, unknown>>;

/** @throws MARKET_DATA at once for what the first and last lines show, else while iterating */
export function binanceStream(files: readonly DataFile[], symbols: Symbols): MarketSource {
  for (const key of Object.keys(symbols)) checkCovered(files, symbols, key);
  const times = files.flatMap((file) => [momentOf(timed(firstLine(file))), momentOf(timed(lastLine(file)))]);
  for (const file of files) message(firstLine(file));
  return {
    name: sourceName('binance-stream', files),
    symbols: [...new Set(Object.values(symbols))],
    startsAt: Math.min(...times),
    endsAt: Math.max(...times),
    events: () => replay(files, symbols),
  };
}

function checkCovered(files: readonly DataFile[], symbols: Symbols, key: string): void {
  if (Object.keys(symbols).length === 1) return;
  const mark = `"${key.toLowerCase()}@`;
  if (!files.some(({ bytes }) => bytes.includes(mark)))
    fail({ name: key }, 'no file holds a stream of this symbol');
}

function* replay(files: readonly DataFile[], symbols: Symbols): Generator<MarketEvent> {
  const resolver = new StreamSymbols(symbols);
  const books = new Map<string, DiffSequence>();
  for (const raw of mergeByTime(files.map(rawLines))) {
    const { line } = raw;
    const content = message(line);
    const at = momentOf(raw);
    const symbol = resolver.of(line, content.stream);
    const sequence = books.get(symbol) ?? new DiffSequence();
    books.set(symbol, sequence);
    yield* toEvents(line, content, { at, symbol }, sequence);
  }
}

function* rawLines(file: DataFile): Generator<Raw> {
  let last: Raw | null = null;
  for (const line of linesOf(file)) {
    const raw = timed(line);
    const back = last !== null && (raw.at < last.at || (raw.at === last.at && raw.sub < last.sub));
    if (back) fail(line, 'local time goes back');
    last = raw;
    yield raw;
  }
}

function timed(line: Line): Raw {
  const { text } = line;
  const digits = text.slice(0, NS_DIGITS);
  if (!/^\d{19}$/.test(digits) || text[NS_DIGITS] !== ' ') {
    fail(line, 'does not begin with a local time of 19 digits (ns) and a space');
  }
  return { at: Number(digits.slice(0, MS_DIGITS)), sub: Number(digits.slice(MS_DIGITS)), line };
}

// Raised to the millisecond: what happened at 12.3 ms was not there yet at 12 ms.
const momentOf = ({ at, sub }: Raw): number => (sub > 0 ? at + 1 : at);

interface Message {
  /** null for a REST snapshot. */
  readonly stream: string | null;
  readonly data: Fields;
}

function message(line: Line): Message {
  let parsed: unknown;
  try {
    parsed = JSON.parse(line.text.slice(NS_DIGITS + 1));
  } catch (cause) {
    fail(line, 'is not valid JSON after its time', cause);
  }
  if (!isFields(parsed)) fail(line, 'is not a JSON object after its time');
  if ('lastUpdateId' in parsed) return { stream: null, data: parsed };
  const { stream, data } = parsed;
  if (typeof stream !== 'string' || !isFields(data)) fail(line, 'has no stream and data, and is no snapshot');
  return { stream, data };
}

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Which symbol a line is of: its stream's prefix, or for a snapshot its file's. */
class StreamSymbols {
  readonly #symbols: Symbols;
  readonly #byPrefix = new Map<string, string>();
  readonly #only: string | null;
  /** With a single symbol under a key of the user's own, the one prefix that was seen. */
  #bound: string | null = null;

  constructor(symbols: Symbols) {
    this.#symbols = symbols;
    for (const [key, symbol] of Object.entries(symbols)) this.#byPrefix.set(key.toLowerCase(), symbol);
    const all = Object.values(symbols);
    this.#only = all.length === 1 ? (all[0] ?? null) : null;
  }

  of(line: Line, stream: string | null): string {
    if (stream === null)
      return symbolOfFile(line.file, this.#symbols) ?? fail(line, 'snapshot of an unknown symbol');
    const prefix = stream.slice(0, Math.max(stream.indexOf('@'), 0)).toLowerCase();
    if (this.#only !== null) {
      this.#bound ??= prefix;
      if (this.#bound !== prefix)
        fail(line, `holds ${prefix} beside ${this.#bound}, but one symbol is named`);
      return this.#only;
    }
    return (
      this.#byPrefix.get(prefix) ??
      fail(line, `stream ${stream.slice(0, 60)} belongs to no symbol that is named`)
    );
  }
}

interface Where {
  readonly at: number;
  readonly symbol: string;
}

function toEvents(
  line: Line,
  { stream, data }: Message,
  where: Where,
  sequence: DiffSequence,
): readonly MarketEvent[] {
  if (stream === null) return sequence.snapshot(line, data, where);
  const kind = stream.split('@')[1];
  if (kind === 'bookTicker') return [quote(line, data, where)];
  if (kind === 'trade') return [trade(line, data, where)];
  if (kind === 'depth') return sequence.diff(line, data, where);
  return fail(line, `stream ${stream.slice(0, 60)} is not depth, bookTicker or trade`);
}

// Literals without spread, here and in the other formats: copying two fields costs more than all the rest.
function quote(line: Line, data: Fields, { at, symbol }: Where): MarketEvent {
  return {
    at,
    symbol,
    kind: 'quote',
    bid: decimal(line, data, 'b'),
    bidSize: decimal(line, data, 'B'),
    ask: decimal(line, data, 'a'),
    askSize: decimal(line, data, 'A'),
    seq: whole(line, data, 'u'),
  };
}

function trade(line: Line, data: Fields, { at, symbol }: Where): MarketEvent {
  const buyerIsMaker = data['m'];
  if (typeof buyerIsMaker !== 'boolean') fail(line, 'm is not true or false');
  const price = decimal(line, data, 'p');
  const quantity = decimal(line, data, 'q');
  return { at, symbol, kind: 'trade', price, quantity, buyerIsMaker, id: whole(line, data, 't') };
}

interface Diff {
  readonly first: number;
  readonly last: number;
  readonly bids: readonly Level[];
  readonly asks: readonly Level[];
  readonly line: Line;
}

/**
 * Diffs in their order behind a snapshot. Before one, diffs wait; those that end at or before the snapshot are
 * dropped; the first one applied holds lastUpdateId + 1; each later one begins where the last ended.
 */
class DiffSequence {
  #last: number | null = null;
  #waiting: Diff[] = [];

  snapshot(line: Line, data: Fields, where: Where): MarketEvent[] {
    const seq = whole(line, data, 'lastUpdateId');
    const bids = levels(line, data, 'bids');
    const asks = levels(line, data, 'asks');
    this.#last = seq;
    const waiting = this.#waiting;
    this.#waiting = [];
    const events: MarketEvent[] = [{ ...where, kind: 'snapshot', bids, asks, seq }];
    for (const diff of waiting) events.push(...this.#follow(diff, where));
    return events;
  }

  diff(line: Line, data: Fields, where: Where): MarketEvent[] {
    const diff: Diff = {
      first: whole(line, data, 'U'),
      last: whole(line, data, 'u'),
      bids: levels(line, data, 'b'),
      asks: levels(line, data, 'a'),
      line,
    };
    if (this.#last !== null) return this.#follow(diff, where);
    if (this.#waiting.length === WAITING_MAX) this.#waiting.shift();
    this.#waiting.push(diff);
    return [];
  }

  #follow({ first, last, bids, asks, line }: Diff, where: Where): MarketEvent[] {
    if (this.#last === null || last <= this.#last) return [];
    const missing = first - this.#last - 1;
    if (missing > 0) fail(line, `gap in the depth diffs: ${missing} updates are missing before U ${first}`);
    this.#last = last;
    return [{ ...where, kind: 'depth', bids, asks, seq: last }];
  }
}

function levels(line: Line, data: Fields, key: string): readonly Level[] {
  const value = data[key];
  if (!Array.isArray(value)) fail(line, `${key} is not a list of levels`);
  for (const level of value as readonly unknown[]) {
    const sound = Array.isArray(level) && isDecimal(level[0]) && isDecimal(level[1]);
    if (!sound) fail(line, `${key} holds a level that is not [price, size]`);
  }
  return value as readonly Level[];
}

const isDecimal = (value: unknown): value is string => typeof value === 'string' && isPlainDecimal(value);

function decimal(line: Line, data: Fields, key: string): string {
  const value = data[key];
  if (!isDecimal(value)) fail(line, `${key} is not a decimal string`);
  return value;
}

function whole(line: Line, data: Fields, key: string): number {
  const value = data[key];
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0)
    fail(line, `${key} is not a whole number`);
  return value;
}
