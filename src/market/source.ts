/**
 * A recorded source put together from per-file streams.
 *
 * Owns the common part of the formats: name, span, merge. Each format supplies the events of one file.
 */
import type { MarketEvent, MarketSource } from './event.js';
import type { DataFile } from './files.js';
import { mergeByTime } from './merge.js';

/** One file's stream: its events and its span, epoch ms. */
export interface FileStream {
  readonly file: DataFile;
  readonly symbol: string;
  readonly startsAt: number;
  readonly endsAt: number;
  events(): Iterable<MarketEvent>;
}

/** Streams of equal times come in the order of `streams`. */
export function recordedSource(format: string, streams: readonly FileStream[]): MarketSource {
  return {
    name: sourceName(
      format,
      streams.map(({ file }) => file),
    ),
    symbols: [...new Set(streams.map(({ symbol }) => symbol))],
    startsAt: Math.min(...streams.map(({ startsAt }) => startsAt)),
    endsAt: Math.max(...streams.map(({ endsAt }) => endsAt)),
    events: () => mergeByTime(streams.map((stream) => stream.events())),
  };
}

export const sourceName = (format: string, files: readonly DataFile[]): string =>
  `recorded ${format}: ${files.map(({ base }) => base).join(', ')}`;
