/**
 * StrategyDirective: one strategic decision, with its four optional sub-directives and the policy of its batch
 * (spec 2 and 3; RoutingDirective is decision 4's name for the routing sub-directive).
 *
 * Sub-directives are hints to whoever plans. The runtime executes commands and reads of a directive only its ids,
 * scope, targets and policy.
 */
import { z } from 'zod';
import { CausalityChainSchema } from './causality.js';
import { cmp } from './decimal.js';
import { DirectiveScope, SIDES } from './enums.js';
import { ExecutionPolicySchema } from './execution-policy.js';
import { foreignId, fraction, idOf, nonNegative, positive, prose, symbol, timestamp } from './primitives.js';
import { dto, list, optional, type Tidy, unique } from './structure.js';

/** One directive names at most as many plans as a batch may have commands. */
const TARGETS_MAX = 10_000;
const RATIONALE_MAX = 4_000;

const PriceZoneSchema = dto('PriceZone', { min: positive, max: positive }, (zone, issue) => {
  if (cmp(zone.min, zone.max) > 0) issue(['max'], 'must not be below min');
});

export const EntryDirectiveSchema = dto('EntryDirective', {
  symbol,
  direction: z.enum(SIDES),
  timing_preference: fraction.default('0.5'),
  preferred_price_zone: optional(PriceZoneSchema),
  /** A fraction of the price. */
  max_acceptable_slippage: nonNegative.default('0.005'),
});
export type EntryDirective = z.output<typeof EntryDirectiveSchema>;
export type EntryDirectiveInput = z.input<typeof EntryDirectiveSchema>;

export const SizeDirectiveSchema = dto('SizeDirective', {
  max_risk_amount: positive,
  aggressiveness: fraction.default('0.5'),
  account_risk_pct: fraction.default('0.02'),
});
export type SizeDirective = z.output<typeof SizeDirectiveSchema>;
export type SizeDirectiveInput = z.input<typeof SizeDirectiveSchema>;

export const ExitDirectiveSchema = dto('ExitDirective', {
  profit_taking_preference: fraction.default('0.5'),
  risk_reward_ratio: positive.default('2.0'),
  stop_loss_tolerance: nonNegative.default('0.02'),
});
export type ExitDirective = z.output<typeof ExitDirectiveSchema>;
export type ExitDirectiveInput = z.input<typeof ExitDirectiveSchema>;

export const RoutingDirectiveSchema = dto('RoutingDirective', {
  execution_urgency: fraction.default('0.5'),
  max_total_slippage_pct: nonNegative.default('0.01'),
});
export type RoutingDirective = z.output<typeof RoutingDirectiveSchema>;
export type RoutingDirectiveInput = z.input<typeof RoutingDirectiveSchema>;

const targets = optional(list(idOf('TPL'), { max: TARGETS_MAX, rule: unique() }));

const WireSchema = dto(
  'StrategyDirective',
  {
    directive_id: idOf('STR'),
    strategy_planner_id: foreignId,
    decision_timestamp: optional(timestamp),
    causality: CausalityChainSchema,
    scope: z.enum(DirectiveScope),
    confidence: fraction,
    target_plan_ids: targets,
    /** Spec 4's name for target_plan_ids. */
    target_trade_ids: targets,
    entry_directive: optional(EntryDirectiveSchema),
    size_directive: optional(SizeDirectiveSchema),
    exit_directive: optional(ExitDirectiveSchema),
    routing_directive: optional(RoutingDirectiveSchema),
    execution_policy: optional(ExecutionPolicySchema),
    rationale: optional(prose(RATIONALE_MAX)),
  },
  ({ scope, target_plan_ids, target_trade_ids }, issue) => {
    if (target_plan_ids != null && target_trade_ids != null) {
      issue(['target_trade_ids'], 'is an alias of target_plan_ids: give one of them, not both');
      return;
    }
    const field = target_trade_ids == null ? 'target_plan_ids' : 'target_trade_ids';
    const count = (target_plan_ids ?? target_trade_ids ?? []).length;
    if (scope === 'NEW_TRADE' && count > 0) issue([field], 'must be empty for NEW_TRADE');
    if (scope !== 'NEW_TRADE' && count === 0) issue([field], `${scope} requires target_trade_ids`);
  },
);

/** What goes in may name its targets target_trade_ids; what comes out calls them target_plan_ids. */
export const StrategyDirectiveSchema = WireSchema.transform((wire) => {
  const { target_trade_ids, ...directive } = wire;
  return { ...directive, target_plan_ids: directive.target_plan_ids ?? target_trade_ids ?? [] } as Canonical;
}).meta({ title: 'StrategyDirective' });

type Wire = z.output<typeof WireSchema>;
type Canonical = Tidy<
  Omit<Wire, 'target_plan_ids' | 'target_trade_ids'> & { target_plan_ids: readonly string[] }
>;

export type StrategyDirective = z.output<typeof StrategyDirectiveSchema>;
export type StrategyDirectiveInput = z.input<typeof StrategyDirectiveSchema>;
