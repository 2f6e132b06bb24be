/** Fill: one execution at a venue. `connector_fill_id` is the venue's execution id, by which a fill counts once. */
import { z } from 'zod';
import { LIQUIDITIES } from './enums.js';
import { asset, foreignId, idOf, positive, signedDecimal, timestamp } from './primitives.js';
import { dto, optional } from './structure.js';

export const FillSchema = dto('Fill', {
  fill_id: idOf('FIL'),
  parent_order_id: idOf('ORD'),
  connector_fill_id: optional(foreignId),
  /** Base quantity. */
  filled_quantity: positive,
  /** Quote per base. */
  fill_price: positive,
  liquidity: optional(z.enum(LIQUIDITIES)),
  /** In commission_asset; negative for a rebate. */
  commission: optional(signedDecimal),
  commission_asset: optional(asset),
  executed_at: timestamp,
});
export type Fill = z.output<typeof FillSchema>;
export type FillInput = z.input<typeof FillSchema>;
