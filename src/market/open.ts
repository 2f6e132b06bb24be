/**
 * The `market` block → a market source.
 *
 * Owns the choice of the format. A source reads its files when it is opened and parses them as it is iterated.
 */
import { FillwrightError } from '../dtos/errors.js';
import { binanceStream } from './binance-stream.js';
import type { MarketConfig, MarketFormat } from './config.js';
import type { MarketSource } from './event.js';
import { type DataFile, readDataFiles } from './files.js';
import { leanBars } from './lean-bars.js';
import { leanTick } from './lean-tick.js';
import type { Symbols } from './symbols.js';
import { type Steps, synthetic } from './synthetic.js';
import { tradesCsv } from './trades-csv.js';

const FORMATS: Record<MarketFormat, (files: readonly DataFile[], symbols: Symbols) => MarketSource> = {
  'binance-stream': binanceStream,
  'lean-tick': leanTick,
  'lean-bars': leanBars,
  'trades-csv': tradesCsv,
};

/**
 * Opens a market. Relative files count from `baseDir`; `instruments` gives a synthetic market its ticks and lots
 * (0.01 and 0.00001 without).
 * @throws USAGE for `source: venue`, which is connected to and never replayed
 * @throws MARKET_DATA `file:line: message` for a file that is missing, damaged or malformed, here or while iterating
 */
export function openMarket(
  config: MarketConfig,
  baseDir: string,
  instruments: Readonly<Record<string, Steps>> = {},
): MarketSource {
  if (config.source === 'venue') {
    const message = 'a venue process runs on real time: its market cannot be opened and replayed';
    throw new FillwrightError('USAGE', `market.source: ${message}`, { path: 'market.source' });
  }
  if (config.source === 'synthetic') return synthetic(config, instruments);
  return FORMATS[config.format](readDataFiles(config.files, baseDir), config.symbols);
}
