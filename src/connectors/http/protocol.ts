/**
 * What a venue that is a process of its own says over HTTP: JSON, one dialect, small enough to write in a page.
 *
 *     GET    /instruments                      → Instrument[]
 *     POST   /orders            a PlaceOrder with valid_until (epoch ms) → {connectorOrderId}
 *     DELETE /orders/ID         → {}           ID is the client order id
 *     GET    /orders/ID         → OrderStatusAnswer
 *     GET    /account?since=MS  → AccountAnswer
 *     GET    /events            → one JSON object a line, for as long as the connection lasts: VenueEvent
 *
 * A refusal is a status from 400 to 499 with {code, message}: 404 for an unknown order, 409 for a client order id that
 * is taken, 429 where the same may be tried again. Anything else, silence included, says nothing about an order's fate.
 *
 * Owns the shapes and their schemas: what arrives is parsed before anyone believes it.
 */
import { z } from 'zod';
import { nonNegative, positive, symbol } from '../../dtos/primitives.js';

const TEXT_MAX = 256;
const text = z.string().max(TEXT_MAX);
const time = z.int().min(0);
const side = z.enum(['BUY', 'SELL']);

export const InstrumentsSchema = z.array(
  z.strictObject({
    symbol,
    tickSize: positive,
    lotSize: positive,
    minNotional: nonNegative,
    base: text,
    quote: text,
  }),
);

export const PlacedSchema = z.strictObject({ connectorOrderId: text });

export const RefusalSchema = z.strictObject({ code: text, message: text });

export const OrderStatusSchema = z.strictObject({
  at: time,
  connectorOrderId: text,
  status: z.enum(['NEW', 'PARTIALLY_FILLED', 'FILLED', 'CANCELED', 'REJECTED', 'EXPIRED']),
  cumQty: nonNegative,
  avgPx: positive.nullable(),
});

const trade = z.strictObject({
  type: z.literal('TRADE'),
  at: time,
  clientOrderId: text,
  connectorOrderId: text,
  execId: text,
  quantity: positive,
  price: positive,
  liquidity: z.enum(['MAKER', 'TAKER']),
});

export const AccountSchema = z.strictObject({
  at: time,
  orders: z.array(
    z.strictObject({
      clientOrderId: text.nullable(),
      connectorOrderId: text,
      symbol,
      side,
      quantity: positive,
      cumQty: nonNegative,
      avgPx: positive.nullable(),
    }),
  ),
  fills: z.array(trade),
});

export const VenueEventSchema = z.discriminatedUnion('type', [
  trade,
  z.strictObject({
    type: z.enum(['CANCELED', 'EXPIRED']),
    at: time,
    clientOrderId: text,
    connectorOrderId: text,
    reason: text,
    cumQty: nonNegative,
  }),
  z.strictObject({
    type: z.literal('QUOTE'),
    at: time,
    symbol,
    bid: positive,
    ask: positive,
    last: positive,
  }),
]);
export type VenueEvent = z.output<typeof VenueEventSchema>;
