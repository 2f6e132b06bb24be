/**
 * The `venue` and `instruments` blocks of a scenario (DESIGN section 8): schemas, defaults, types.
 *
 * Owns the words of the blocks; venue.ts obeys them.
 */
import { z } from 'zod';
import { asset, integer, nonNegative, positive, signedDecimal } from '../../dtos/primitives.js';
import type { Instrument } from '../../dtos/venue.js';

const LATENCY_MS_MAX = 3_600_000;

export const VenueConfigSchema = z.strictObject({
  /** Each way: a request arrives that much later, and so does a report. */
  latency_ms: integer(0, LATENCY_MS_MAX).default(0),
  /** Of the notional, in the quote asset; negative is a rebate. */
  fees_bps: z
    .strictObject({ maker: signedDecimal.default('0'), taker: signedDecimal.default('0') })
    .default({ maker: '0', taker: '0' }),
  /** Holdings may go negative. */
  allow_short: z.boolean().default(false),
  /** Absent: unlimited cash, no holdings. */
  balances: z.record(asset, nonNegative).optional(),
  /** Takes `displayQuantity`: of a resting order only the tip shows. */
  native_iceberg: z.boolean().default(false),
  /** Takes STOP_LIMIT orders, which wait for the last trade. */
  stop_orders: z.boolean().default(true),
});

export const InstrumentConfigSchema = z.strictObject({
  tick_size: positive,
  lot_size: positive,
  min_notional: nonNegative.default('0'),
});

export type VenueConfig = z.output<typeof VenueConfigSchema>;
export type VenueConfigInput = z.input<typeof VenueConfigSchema>;
export type InstrumentConfig = z.output<typeof InstrumentConfigSchema>;
export type InstrumentConfigInput = z.input<typeof InstrumentConfigSchema>;

const DEFAULT_QUOTE = 'USD';

/** `BTC/USDT` trades BTC for USDT; a plain ticker trades itself for USD. A settlement (`:USDT`) is left aside. */
export function toInstrument(symbol: string, config: InstrumentConfig): Instrument {
  const [base = symbol, quote = DEFAULT_QUOTE] = (symbol.split(':')[0] ?? symbol).split('/');
  return {
    symbol,
    tickSize: config.tick_size,
    lotSize: config.lot_size,
    minNotional: config.min_notional,
    base,
    quote,
  };
}
