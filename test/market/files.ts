/** Recorded files made for a test, in a folder of their own. */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { zipSync } from 'fflate';
import { FillwrightError } from '../../src/dtos/errors.js';
import type { MarketConfig, MarketFormat } from '../../src/market/config.js';
import type { MarketEvent, MarketSource } from '../../src/market/event.js';
import { openMarket } from '../../src/market/open.js';

type Files = Readonly<Record<string, string | Uint8Array>>;

/** Writes files and names their folder. `.gz` and `.zip` are packed, unless the content is bytes already. */
export function folderOf(files: Files): string {
  const folder = mkdtempSync(join(tmpdir(), 'fillwright-market-'));
  for (const [name, content] of Object.entries(files))
    writeFileSync(join(folder, name), packed(name, content));
  return folder;
}

function packed(name: string, content: string | Uint8Array): string | Uint8Array {
  if (typeof content !== 'string') return content;
  if (name.endsWith('.gz')) return gzipSync(content);
  return name.endsWith('.zip') ? zipSync({ 'content.csv': Buffer.from(content) }) : content;
}

/** Opens files made for the test; `symbols` defaults to the one symbol X of any file. */
export function openFiles(
  format: MarketFormat,
  files: Files,
  symbols: Record<string, string> = { x: 'X' },
): MarketSource {
  const config: MarketConfig = { source: 'recorded', format, files: Object.keys(files), symbols };
  return openMarket(config, folderOf(files));
}

export const eventsOf = (source: MarketSource): MarketEvent[] => [...source.events()];

/** The message of the MARKET_DATA error that opening or reading throws. */
export function failureOf(format: MarketFormat, files: Files, symbols?: Record<string, string>): string {
  return messageOf(() => eventsOf(openFiles(format, files, symbols)));
}

/** The message of the MARKET_DATA error that an action throws; anything else fails the test. */
export function messageOf(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    if (error instanceof FillwrightError && error.code === 'MARKET_DATA') return error.message;
    throw error;
  }
  throw new Error('nothing was thrown');
}
