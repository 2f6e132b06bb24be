/**
 * Order: one child order of a group, as the outside sees it.
 *
 * Filled quantity and average price derive from its fills. Which status follows which is the order table's matter
 * (machines/order).
 */
import { z } from 'zod';
import { ORDER_TYPES, OrderStatus, SIDES, TIMES_IN_FORCE } from './enums.js';
import { clientOrderId, foreignId, idOf, positive, symbol, timestamp } from './primitives.js';
import { dto, optional } from './structure.js';

export const OrderSchema = dto('Order', {
  order_id: idOf('ORD'),
  parent_group_id: idOf('EXG'),
  client_order_id: clientOrderId,
  /** The venue's id, from its first acknowledgement on. */
  connector_order_id: optional(foreignId),
  symbol,
  side: z.enum(SIDES),
  order_type: z.enum(ORDER_TYPES),
  time_in_force: z.enum(TIMES_IN_FORCE),
  quantity: positive,
  price: optional(positive),
  stop_price: optional(positive),
  reduce_only: z.boolean().default(false),
  post_only: z.boolean().default(false),
  status: z.enum(OrderStatus),
  created_at: timestamp,
  updated_at: timestamp,
});
export type Order = z.output<typeof OrderSchema>;
export type OrderInput = z.input<typeof OrderSchema>;
