/**
 * Checks of what is posted to the ledger: I21 and I24. Each is a function named after its invariant.
 *
 * Owns the judgement of one entry when it leaves, and of all of them at rest.
 */
import type { LedgerEntry } from '../../dtos/events.js';
import type { Model } from './model.js';
import { unitsOf } from './units.js';

/** I21: a fill is posted after its record. */
export function i21EntryAfterRecord(model: Model, { kind, entryId }: LedgerEntry): void {
  if (kind !== 'FILL' && kind !== 'COMMISSION') return;
  const fillId = kind === 'FILL' ? entryId : entryId.slice(0, -'/c'.length);
  if (!model.fillIds.has(fillId))
    model.found('I21', 'i21EntryAfterRecord', `${entryId} is posted, and no record has its fill`);
}

/** I24, at rest: each fill was posted, by the process that booked it or by the next. */
export function i24LedgerHasFills(model: Model): void {
  for (const fillId of model.fillIds)
    if (!model.posted.has(fillId))
      return model.found('I24', 'i24LedgerHasFills', `the ledger was never told of ${fillId}`);
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
  const [base, paid, quote] = [exactOf(quantity), exactOf(price), exactOf(contraQuantity)];
  const off = base * paid + quote * SCALE;
  if (off > TOLERANCE || off < -TOLERANCE)
    model.found('I24', 'i24EntryBalances', `${entryId}: ${quantity} × ${price} against ${contraQuantity}`);
}

/** Decimal places that count here; average prices have more than an order's. */
const PLACES = 18;
const SCALE = 10n ** BigInt(PLACES);
/** An average price is rounded: a millionth of the quote. */
const TOLERANCE = SCALE * 10n ** BigInt(PLACES - 6);

function exactOf(text: string): bigint {
  const [whole = '', decimals = ''] = text.replace('-', '').split('.');
  const value = BigInt(`${whole}${decimals.slice(0, PLACES).padEnd(PLACES, '0')}`);
  return text.startsWith('-') ? -value : value;
}
