/**
 * The four plans of a command: entry, size, exit and routing.
 *
 * Owns what each plan may say by itself. What plans must agree on stands in execution-command.ts.
 */
import { z } from 'zod';
import { ChunkDistribution, ORDER_TYPES, SIDES } from './enums.js';
import {
  atLeastOne,
  fraction,
  idOf,
  integer,
  positive,
  positiveFraction,
  SLICES_MAX,
  symbol,
  token,
  upperSnake,
} from './primitives.js';
import { StrategyParamsSchema } from './strategy-params.js';
import { dto, optional } from './structure.js';

const WINDOW_MINUTES_MAX = 525_600;

/** What to trade, which way, with which kind of order. Prices are quote per base. */
export const EntryPlanSchema = dto(
  'EntryPlan',
  {
    plan_id: idOf('ENT'),
    symbol,
    direction: z.enum(SIDES),
    order_type: z.enum(ORDER_TYPES),
    limit_price: optional(positive),
    stop_price: optional(positive),
  },
  (plan, issue) => {
    if (plan.order_type !== 'MARKET' && plan.limit_price == null) {
      issue(['limit_price'], `${plan.order_type} requires limit_price`);
    }
    if (plan.order_type === 'STOP_LIMIT' && plan.stop_price == null) {
      issue(['stop_price'], 'STOP_LIMIT requires stop_price');
    }
    if (plan.order_type !== 'STOP_LIMIT' && plan.stop_price != null) {
      issue(['stop_price'], `${plan.order_type} takes no stop_price`);
    }
  },
);
export type EntryPlan = z.output<typeof EntryPlanSchema>;
export type EntryPlanInput = z.input<typeof EntryPlanSchema>;

/** How much. `position_size` is base quantity and for MODIFY_EXISTING the new total (decision 3). */
export const SizePlanSchema = dto('SizePlan', {
  plan_id: idOf('SIZ'),
  position_size: positive,
  /** Quote quantity. */
  position_value: optional(positive),
  risk_amount: optional(positive),
  leverage: atLeastOne.default('1'),
});
export type SizePlan = z.output<typeof SizePlanSchema>;
export type SizePlanInput = z.input<typeof SizePlanSchema>;

/** Where the trade ends: at least one of the two prices. */
export const ExitPlanSchema = dto(
  'ExitPlan',
  { plan_id: idOf('EXT'), stop_loss_price: optional(positive), take_profit_price: optional(positive) },
  (plan, issue) => {
    if (plan.stop_loss_price == null && plan.take_profit_price == null) {
      issue(['stop_loss_price'], 'an exit plan requires stop_loss_price or take_profit_price');
    }
  },
);
export type ExitPlan = z.output<typeof ExitPlanSchema>;
export type ExitPlanInput = z.input<typeof ExitPlanSchema>;

/**
 * How to trade. Slippage, immediacy and window MUST be respected; style and chunk hints MAY be interpreted.
 * `min_fill_ratio`: the leg succeeds from this part of its target on. `venue` and `account`: decision 16.
 */
export const RoutingPlanSchema = dto(
  'RoutingPlan',
  {
    plan_id: idOf('ROU'),
    execution_urgency: fraction,
    visibility_preference: fraction,
    max_slippage_pct: fraction,
    must_complete_immediately: z.boolean().default(false),
    max_execution_window_minutes: optional(integer(1, WINDOW_MINUTES_MAX)),
    preferred_execution_style: optional(upperSnake),
    chunk_count_hint: optional(integer(1, SLICES_MAX)),
    chunk_distribution: optional(z.enum(ChunkDistribution)),
    min_fill_ratio: optional(positiveFraction),
    strategy_params: optional(StrategyParamsSchema),
    venue: optional(token(64)),
    account: optional(token(64)),
  },
  (plan, issue) => {
    if (plan.must_complete_immediately && plan.max_execution_window_minutes != null) {
      issue(['max_execution_window_minutes'], 'contradicts must_complete_immediately');
    }
  },
);
export type RoutingPlan = z.output<typeof RoutingPlanSchema>;
export type RoutingPlanInput = z.input<typeof RoutingPlanSchema>;
