/**
 * Checks of what is posted to the ledger: I21 and I24. Each is a function named after its invariant.
 *
 * Owns the judgement of one entry, when it leaves.
 */
import type { LedgerEntry } from '../../dtos/events.js';
import type { Model } from './model.js';
import { UNIT, unitsOf } from './units.js';

/** I21: a fill is posted after its record. */
export function i21EntryAfterRecord(model: Model, { kind, entryId }: LedgerEntry): void {
  if (kind !== 'FILL' && kind !== 'COMMISSION') return;
  const fillId = kind === 'FILL' ? entryId : entryId.slice(0, -'/c'.length);
  if (!model.fillIds.has(fillId))
    model.found('I21', 'i21EntryAfterRecord', `${entryId} is posted, and no record has its fill`);
}

/** I24: each entry balances at its price. */
export function i24EntryBalances(model: Model, entry: LedgerEntry): void {
  const { kind, quantity, contraQuantity, price, entryId } = entry;
  if (kind === 'PROTECTION' || contraQuantity === undefined) return;
  if (kind === 'COMMISSION') {
    if (unitsOf(quantity) !== -unitsOf(contraQuantity))
      model.found('I24', 'i24EntryBalances', `${entryId}: ${quantity} against ${contraQuantity}`);
    return;
  }
  if (price === undefined) return;
  const paid = BigInt(unitsOf(quantity)) * BigInt(unitsOf(price));
  const contra = contraUnits(contraQuantity);
  if (contra !== null && contra !== -paid)
    model.found('I24', 'i24EntryBalances', `${entryId}: ${quantity} × ${price} against ${contraQuantity}`);
}

/** Quote amounts may have sixteen decimals: units of 10⁻¹⁶. */
function contraUnits(text: string): bigint | null {
  const [whole = '', decimals = ''] = text.replace('-', '').split('.');
  if (decimals.length > 16) return null;
  const value = BigInt(whole) * BigInt(UNIT) * BigInt(UNIT) + BigInt(decimals.padEnd(16, '0'));
  return text.startsWith('-') ? -value : value;
}
