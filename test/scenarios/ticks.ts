/**
 * Markets as ticks for book.ts: recordings read from their files, made-up ones from their generator.
 *
 * Owns the reading of Binance's lines for checks, independent of src/market. The recorder's clock is raised to the
 * millisecond.
 */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import type { MarketSource } from '../../src/index.js';
import type { Level, Tick } from './book.js';

const NS_DIGITS = 19;

const read = new Map<string, readonly string[]>();

/** The lines of a gzipped file, kept once read. */
export function readLines(file: string): readonly string[] {
  const lines = read.get(file) ?? gunzipSync(readFileSync(file)).toString('latin1').trimEnd().split('\n');
  read.set(file, lines);
  return lines;
}

/** A line's time in whole milliseconds, raised. */
export const momentOf = (line: string): number =>
  Number((BigInt(line.slice(0, NS_DIGITS)) + 999_999n) / 1_000_000n);

interface Message {
  readonly stream?: string;
  readonly data?: Readonly<Record<string, unknown>>;
  readonly lastUpdateId?: number;
  readonly bids?: readonly Level[];
  readonly asks?: readonly Level[];
}

const messageOf = (line: string): Message => JSON.parse(line.slice(NS_DIGITS + 1)) as Message;

interface Diff {
  readonly U: number;
  readonly u: number;
  readonly b: readonly Level[];
  readonly a: readonly Level[];
}

const isDiff = ({ stream }: Message): boolean => stream?.includes('@depth') === true;

/** Depth diffs that the snapshot of a file covers: they change no book. */
export function staleDiffs(file: string): number {
  const messages = readLines(file).slice(0, 200).map(messageOf);
  const last = messages.find(({ lastUpdateId }) => lastUpdateId !== undefined)?.lastUpdateId ?? 0;
  return messages.filter((message) => isDiff(message) && Number(message.data?.['u']) <= last).length;
}

const levelOf = (data: Message['data'], price: string, size: string): Level => [
  String(data?.[price]),
  String(data?.[size]),
];

/** The ticks of one symbol's files, which follow one another. Diffs before the snapshot wait for it. */
export function* binanceTicks(files: readonly string[]): Generator<Tick> {
  let last: number | null = null;
  let waiting: Diff[] = [];
  for (const file of files) {
    for (const line of readLines(file)) {
      const at = momentOf(line);
      const message = messageOf(line);
      const { stream = '', data, lastUpdateId, bids = [], asks = [] } = message;
      const isSnapshot = lastUpdateId !== undefined;
      if (isSnapshot) {
        last = lastUpdateId;
        yield { at, kind: 'levels', seq: last, bids, asks };
      } else if (isDiff(message)) waiting.push(data as unknown as Diff);
      else if (stream.endsWith('@trade')) {
        yield { at, kind: 'trade', seq: 0, price: String(data?.['p']), size: String(data?.['q']) };
      } else {
        const [bid, ask] = [levelOf(data, 'b', 'B'), levelOf(data, 'a', 'A')];
        yield { at, kind: 'quote', seq: Number(data?.['u']), bid, ask };
      }
      if (last === null) continue;
      for (const { U, u, b, a } of waiting) {
        if (u <= last) continue;
        if (U > last + 1) throw new Error(`updates are missing before ${U}`);
        last = u;
        yield { at, kind: 'levels', seq: u, bids: b, asks: a };
      }
      waiting = [];
    }
  }
}

/** The ticks of one symbol of a made-up market, which has levels and trades. */
export function* ticksOf(source: MarketSource, symbol: string): Generator<Tick> {
  for (const event of source.events()) {
    if (event.symbol !== symbol) continue;
    const { at } = event;
    if (event.kind === 'trade') {
      yield { at, kind: 'trade', seq: 0, price: event.price, size: event.quantity };
    } else if (event.kind !== 'quote') {
      yield { at, kind: 'levels', seq: 0, bids: event.bids, asks: event.asks };
    }
  }
}
