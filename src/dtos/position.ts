/** Position: the ledger's view of one trade (spec 4, `_update_ledger`). `trade_id` is the command's plan id. */
import { z } from 'zod';
import { SIDES } from './enums.js';
import { foreignId, idOf, nonNegative, positive, prose, symbol, timestamp } from './primitives.js';
import { dto, optional } from './structure.js';

export const PositionSchema = dto(
  'Position',
  {
    trade_id: idOf('TPL'),
    strategy_id: foreignId,
    symbol,
    direction: z.enum(SIDES),
    /** Average, quote per base. */
    entry_price: positive,
    /** Base quantity held; 0 once closed. */
    position_size: nonNegative,
    stop_loss: optional(positive),
    take_profit: optional(positive),
    opened_at: timestamp,
    closed_at: optional(timestamp),
    exit_price: optional(positive),
    close_reason: optional(prose(4_000)),
  },
  (position, issue) => {
    const closed = position.closed_at;
    if (closed != null && Date.parse(closed) < Date.parse(position.opened_at)) {
      issue(['closed_at'], 'must not be before opened_at');
    }
  },
);
export type Position = z.output<typeof PositionSchema>;
export type PositionInput = z.input<typeof PositionSchema>;
