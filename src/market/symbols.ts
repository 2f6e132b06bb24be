/**
 * Which instrument a recording is of: the keys of `symbols` against stream names and file names.
 *
 * Owns the matching rule: case does not matter; a stream `btcusdt@…` belongs to the key `btcusdt`; a file belongs to
 * the longest key that its base name begins with; with exactly one symbol every file is that symbol's.
 */
import type { DataFile } from './files.js';
import { fail } from './files.js';

export type Symbols = Readonly<Record<string, string>>;

/** The symbol of each file. @throws MARKET_DATA for a file without a symbol, or a symbol without a file */
export function symbolsOfFiles(files: readonly DataFile[], symbols: Symbols): Map<DataFile, string> {
  const found = new Map<DataFile, string>();
  for (const file of files) {
    const symbol = symbolOfFile(file, symbols);
    if (symbol === null)
      fail(file, `begins with none of the symbols' keys ${Object.keys(symbols).join(', ')}`);
    found.set(file, symbol);
  }
  const covered = new Set(found.values());
  for (const [key, symbol] of Object.entries(symbols)) {
    if (!covered.has(symbol)) fail({ name: key }, `no file is of this symbol (${symbol})`);
  }
  return found;
}

/** The symbol that the file's name says; null when it says none. */
export function symbolOfFile(file: DataFile, symbols: Symbols): string | null {
  const entries = Object.entries(symbols);
  const only = entries[0];
  if (entries.length === 1 && only !== undefined) return only[1];
  const base = file.base.toLowerCase();
  const fitting = entries.filter(([key]) => base.startsWith(key.toLowerCase()));
  fitting.sort(([a], [b]) => b.length - a.length);
  return fitting[0]?.[1] ?? null;
}
