/** The journal in memory: the default of the backtest profile, and what tests read. Lives as long as the process. */
import type { Journal } from '../ports/journal.js';

/** Keeps every committed line; `lines`: those of an earlier run, to go on from. */
export function createMemoryJournal(
  lines: readonly string[] = [],
): Journal & { readonly committed: readonly string[] } {
  const committed: string[] = [...lines];
  let pending: string[] = [];
  return {
    committed,
    append(line) {
      pending.push(line);
    },
    commit() {
      for (const line of pending) committed.push(line);
      pending = [];
    },
    lines: (after = 0) => (after === 0 ? committed : committed.slice(after)),
    close() {},
  };
}

/** Keeps nothing: for measurements. Late fills and causes beyond the bounded history cannot be resolved with it. */
export function createNullJournal(): Journal & { readonly lineCount: number; readonly byteCount: number } {
  let lineCount = 0;
  let byteCount = 0;
  return {
    get lineCount() {
      return lineCount;
    },
    get byteCount() {
      return byteCount;
    },
    append(line) {
      lineCount += 1;
      byteCount += line.length + 1;
    },
    commit() {},
    lines: () => null,
    close() {},
  };
}
