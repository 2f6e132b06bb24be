/**
 * What an operator says, parsed at the edge: amendments, verdicts, names. A typing error is refused there, for inside
 * a fold it would poison the runtime.
 *
 * Owns the shapes only. Whether a change or verdict is possible is the supervisor's.
 */
import { z } from 'zod';
import { normal, toMultiple, toSteps } from '../dtos/decimal.js';
import { FillwrightError } from '../dtos/errors.js';
import { parseDto, validationError } from '../dtos/parse.js';
import { nonNegative, positive, prose, signedDecimal } from '../dtos/primitives.js';
import { dto, optional } from '../dtos/structure.js';
import type { Instrument } from '../dtos/venue.js';
import type { OrderVerdict } from './api.js';

const WORDS_MAX = 4_000;
const words = prose(WORDS_MAX).min(1, 'must not be empty');

const VerdictSchema = z.strictObject({
  status: z.enum(['NEW', 'PARTIALLY_FILLED', 'FILLED', 'CANCELED', 'REJECTED', 'EXPIRED']),
  cumQty: nonNegative,
  avgPx: signedDecimal.nullable(),
  evidence: words,
});

/** @throws VALIDATION */
export const parseVerdict = (verdict: OrderVerdict): OrderVerdict =>
  parseDto(VerdictSchema, verdict, 'verdict');

/** Who asks, and why: both are journaled, and an empty name is nobody's. @throws VALIDATION */
export const parseWords = (said: string, what: 'by' | 'reason'): string => parseDto(words, said, what);

const AmendSchema = dto('Amend', {
  limit_price: optional(positive),
  working_cap: optional(positive),
});

function requireOnTick(price: string, tickSize: string): void {
  if (toMultiple(price, tickSize, 'FLOOR') === normal(price)) return;
  throw new FillwrightError(
    'PRICE_OFF_TICK',
    `change.limit_price: ${price} is not a multiple of ${tickSize}`,
  );
}

/** @throws VALIDATION also when nothing is to be changed; PRICE_OFF_TICK, QUANTITY_OFF_LOT */
export function parseAmend(change: unknown, { tickSize, lotSize }: Instrument) {
  const { limit_price: limitPrice, working_cap: cap } = parseDto(AmendSchema, change, 'change');
  if (limitPrice === undefined && cap === undefined)
    throw validationError([{ path: 'change', message: 'names neither limit_price nor working_cap' }]);
  if (limitPrice !== undefined) requireOnTick(limitPrice, tickSize);
  return {
    limitPrice: limitPrice ?? null,
    cap: cap === undefined ? null : toSteps(cap, lotSize, 'EXACT'),
  };
}
