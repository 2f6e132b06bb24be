/**
 * A ledger in memory: every entry, and the balance of each asset. Double entry: each entry's two sides are booked.
 *
 * What a host replaces with its own books. Entries are facts and are only appended; a REVERSAL names what it undoes.
 */
import { add } from '../dtos/decimal.js';
import type { LedgerEntry } from '../dtos/events.js';
import type { Ledger } from '../ports/ledger.js';

export interface MemoryLedger extends Ledger {
  readonly entries: readonly LedgerEntry[];
  /** Signed balance by asset. */
  readonly balances: ReadonlyMap<string, string>;
}

export function createMemoryLedger(): MemoryLedger {
  const entries: LedgerEntry[] = [];
  const balances = new Map<string, string>();
  const book = (asset: string, quantity: string): void => {
    balances.set(asset, add(balances.get(asset) ?? '0', quantity));
  };
  return {
    entries,
    balances,
    post(entry) {
      entries.push(entry);
      book(entry.asset, entry.quantity);
      if (entry.contraAsset !== undefined && entry.contraQuantity !== undefined) {
        book(entry.contraAsset, entry.contraQuantity);
      }
    },
  };
}
