/**
 * strategy_params: what an execution algorithm is told, one strict shape per algorithm, told apart by `strategy`.
 *
 * Values stay as they are on the wire. Whether a schedule can be met is the strategy's own check
 * (strategies/contract.ts); here stands only what is wrong whatever the instrument.
 */
import { z } from 'zod';
import { cmp } from './decimal.js';
import { ExecutionStrategyType, OnDeadline, OnReject, ORDER_TYPES, TIMES_IN_FORCE } from './enums.js';
import { atLeastOne, fraction, integer, positive, SECONDS_MAX, SLICES_MAX, seconds } from './primitives.js';
import { dto, optional, type Rule } from './structure.js';

/** Shared by every algorithm (reference: algorithms, common parameters). */
const commonShape = {
  limit_price: optional(positive),
  order_type: optional(z.enum(ORDER_TYPES)),
  time_in_force: optional(z.enum(TIMES_IN_FORCE)),
  post_only: z.boolean().default(false),
  reduce_only: z.boolean().default(false),
  /** Base quantity of one child order. */
  min_child_quantity: optional(positive),
  max_child_quantity: optional(positive),
  size_jitter_pct: fraction.default('0'),
  time_jitter_pct: fraction.default('0'),
  /** Of the jitter; absent, the group's own seed is used. */
  seed: optional(integer(0, Number.MAX_SAFE_INTEGER)),
  on_reject: z.enum(OnReject).default('STOP'),
  /** A late slice is at most this multiple of its plan. */
  max_catch_up_factor: atLeastOne.default('3'),
  on_deadline: z.enum(OnDeadline).default('CANCEL'),
  sweep_lead_seconds: optional(integer(0, SECONDS_MAX)),
};

type Common = z.output<z.ZodObject<typeof commonShape>> & {
  readonly duration_seconds?: number | null | undefined;
};

const commonRule: Rule<Common> = (params, issue) => {
  if (params.post_only) {
    if (params.order_type === 'MARKET') issue(['post_only'], 'contradicts order_type MARKET');
    if (params.time_in_force === 'IOC' || params.time_in_force === 'FOK') {
      issue(['post_only'], `contradicts time_in_force ${params.time_in_force}`);
    }
  }
  const { min_child_quantity: least, max_child_quantity: most } = params;
  if (least != null && most != null && cmp(least, most) > 0) {
    issue(['max_child_quantity'], 'must not be below min_child_quantity');
  }
  if ((params.sweep_lead_seconds ?? 0) >= (params.duration_seconds ?? Number.POSITIVE_INFINITY)) {
    issue(['sweep_lead_seconds'], 'must be shorter than duration_seconds');
  }
};

/** One order, worked until it is filled or its time is over. */
export const SingleParamsSchema = dto(
  'SingleParams',
  { strategy: z.literal('SINGLE'), ...commonShape, duration_seconds: optional(seconds) },
  commonRule,
);
export type SingleParams = z.output<typeof SingleParamsSchema>;
export type SingleParamsInput = z.input<typeof SingleParamsSchema>;

/** Equal slices over a duration (DESIGN section 4, Schedules). */
export const TwapParamsSchema = dto(
  'TwapParams',
  {
    strategy: z.literal('TWAP'),
    ...commonShape,
    duration_seconds: seconds,
    slices: optional(integer(1, SLICES_MAX)),
    interval_seconds: optional(seconds),
  },
  (params, issue) => {
    commonRule(params, issue);
    const { slices, interval_seconds: interval } = params;
    if (slices == null && interval == null) issue(['slices'], 'TWAP requires slices or interval_seconds');
    if (slices != null && interval != null)
      issue(['interval_seconds'], 'contradicts slices: give one of them');
    if (interval != null && params.duration_seconds / interval >= SLICES_MAX + 1) {
      issue(['interval_seconds'], `gives more than ${SLICES_MAX} slices`);
    }
  },
);
export type TwapParams = z.output<typeof TwapParamsSchema>;
export type TwapParamsInput = z.input<typeof TwapParamsSchema>;

/** Which algorithm, and its parameters. */
export const StrategyParamsSchema = z.discriminatedUnion('strategy', [SingleParamsSchema, TwapParamsSchema], {
  error: (issue) => (issue.code === 'invalid_union' ? unknownStrategy(issue.input) : undefined),
});
export type StrategyParams = z.output<typeof StrategyParamsSchema>;
export type StrategyParamsInput = z.input<typeof StrategyParamsSchema>;

const AVAILABLE = StrategyParamsSchema.options.map((option) => option.in.shape.strategy.value);

/** A strategy of the specification that is not built in is told from a name that nobody knows. */
function unknownStrategy(params: unknown): string {
  const name = (params as { readonly strategy?: unknown }).strategy;
  if (name === undefined) return 'is required';
  const known = typeof name === 'string' && Object.hasOwn(ExecutionStrategyType, name);
  return known ? `strategy ${name} is not available` : `must be one of ${AVAILABLE.join(', ')}`;
}
