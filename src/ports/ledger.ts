/**
 * The ledger port: where the facts about positions go, entry by entry, after they are journaled.
 *
 * The runtime keeps its own positions (book/positions.ts) and never reads this port; a host hangs its books here.
 * After a crash the last entries are posted again: `entryId` tells what is known already.
 * A throw or rejection is a ledger failure and follows `error_handling.on_ledger_failure`.
 */
import type { LedgerEntry } from '../dtos/events.js';

export interface Ledger {
  post(entry: LedgerEntry): void | Promise<void>;
}
