/**
 * Which journal a runtime writes: the one it was given, the durable one at a path, or its environment's default.
 *
 * Owns the defaults of the profiles: `backtest` keeps it in memory and syncs no file, `paper` and `live` are durable.
 */
import { join } from 'node:path';
import type { Environment } from './config.js';
import { createMemoryJournal, openDurableJournal } from '../journal/index.js';
import type { Journal } from '../ports/journal.js';

/** Below the working directory. */
export const defaultJournalPath = (environment: Environment): string =>
  join('.fillwright', `${environment}.journal`);

/** @throws JOURNAL, JOURNAL_LOCKED, JOURNAL_DAMAGED, JOURNAL_VERSION */
export async function journalOf(
  given: Journal | string | undefined,
  environment: Environment,
): Promise<Journal> {
  const isBacktest = environment === 'backtest';
  const path = given ?? (isBacktest ? undefined : defaultJournalPath(environment));
  if (path === undefined) return createMemoryJournal();
  if (typeof path !== 'string') return path;
  return openDurableJournal({ path, sync: !isBacktest });
}
