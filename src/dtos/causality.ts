/**
 * CausalityChain: ids only, from the origin that set a decision off down to its fills.
 *
 * Ids of other systems (origins, signals, risks) are opaque here; ours are checked by their patterns.
 */
import { z } from 'zod';
import { OriginType } from './enums.js';
import { foreignId, idOf } from './primitives.js';
import { dto, list, optional } from './structure.js';

const SIGNALS_MAX = 1_000;
const ORDERS_MAX = 1_000_000;

export const CausalityOriginSchema = dto('CausalityOrigin', { id: foreignId, type: z.enum(OriginType) });
export type CausalityOrigin = z.output<typeof CausalityOriginSchema>;

export const CausalityChainSchema = dto('CausalityChain', {
  origin: CausalityOriginSchema,
  signal_ids: list(foreignId, { max: SIGNALS_MAX }).default([]),
  risk_ids: list(foreignId, { max: SIGNALS_MAX }).default([]),
  strategy_directive_id: optional(idOf('STR')),
  entry_plan_id: optional(idOf('ENT')),
  size_plan_id: optional(idOf('SIZ')),
  exit_plan_id: optional(idOf('EXT')),
  routing_plan_id: optional(idOf('ROU')),
  execution_command_id: optional(idOf('EXE')),
  order_ids: list(idOf('ORD'), { max: ORDERS_MAX }).default([]),
  fill_ids: list(idOf('FIL'), { max: ORDERS_MAX }).default([]),
});
export type CausalityChain = z.output<typeof CausalityChainSchema>;
export type CausalityChainInput = z.input<typeof CausalityChainSchema>;
