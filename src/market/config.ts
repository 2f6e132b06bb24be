/**
 * The `market` block of a scenario (DESIGN section 8): its schema, and its type.
 *
 * Owns the words of the block. What they open is in open.ts.
 */
import { z } from 'zod';
import { integer, positive, prose, seconds, symbol, timestamp, token } from '../dtos/primitives.js';
import { list } from '../dtos/structure.js';

export const MARKET_FORMATS = ['binance-stream', 'lean-tick', 'lean-bars', 'trades-csv'] as const;
export type MarketFormat = (typeof MARKET_FORMATS)[number];

const FILES_MAX = 1000;

/** Key in the recording (`btcusdt`) → symbol. Two keys of one symbol would mix two instruments. */
const recordedSymbols = z.record(token(64), symbol).check((payload) => {
  const values = Object.values(payload.value);
  const twice = values.find((value, index) => values.indexOf(value) !== index);
  const message = values.length === 0 ? 'must not be empty' : `names ${twice} twice`;
  if (values.length === 0 || twice !== undefined) {
    payload.issues.push({ code: 'custom', message, input: payload.value });
  }
});

const syntheticSymbols = z
  .record(symbol, positive)
  .refine((value) => Object.keys(value).length > 0, { error: 'must not be empty' });

const SYMBOLS_MAX = 10_000;

/** Plain HTTP goes no further than this machine. */
const venueUrl = z.string().regex(/^http:\/\/(127\.0\.0\.1|localhost|\[::1\]):\d{1,5}$/, {
  error: 'must be http:// on 127.0.0.1, localhost or [::1] with a port and no path',
});

export const MarketConfigSchema = z.discriminatedUnion('source', [
  z.strictObject({
    source: z.literal('recorded'),
    format: z.enum(MARKET_FORMATS),
    files: list(prose(4096).min(1, { error: 'must not be empty' }), { min: 1, max: FILES_MAX }),
    symbols: recordedSymbols,
  }),
  z.strictObject({
    source: z.literal('synthetic'),
    seed: integer(0, Number.MAX_SAFE_INTEGER),
    symbols: syntheticSymbols,
    start: timestamp,
    duration_seconds: seconds,
  }),
  /** Not replayed: a venue that is a process of its own says what it quotes (connectors/http). */
  z.strictObject({
    source: z.literal('venue'),
    url: venueUrl,
    symbols: list(symbol, { min: 1, max: SYMBOLS_MAX }),
  }),
]);

export type MarketConfig = z.output<typeof MarketConfigSchema>;
export type SyntheticConfig = Extract<MarketConfig, { source: 'synthetic' }>;
