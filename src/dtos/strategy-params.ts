/**
 * strategy_params: what an execution algorithm is told, one strict shape per algorithm, told apart by `strategy`.
 *
 * Values stay as they are on the wire. Whether a schedule can be met is the strategy's own check
 * (strategies/contract.ts); here stands only what is wrong whatever the instrument.
 */
import { z } from 'zod';
import { cmp } from './decimal.js';
import { ExecutionStrategyType, OnDeadline, OnReject, ORDER_TYPES, TIMES_IN_FORCE } from './enums.js';
import {
  atLeastOne,
  cron,
  cronProblem,
  fraction,
  integer,
  nonNegative,
  positive,
  positiveFraction,
  SECONDS_MAX,
  SLICES_MAX,
  seconds,
  timestamp,
  timeZone,
} from './primitives.js';
import { dto, list, optional, type Rule } from './structure.js';

const TICKS_MAX = 1_000_000;
const REPLACEMENTS_MAX = 10_000;
/** Levels or price steps of one group: their orders may all be open at once. */
export const LEVELS_MAX = 200;

/** Above 0 and below 1. */
const rate = positiveFraction.check((payload) => {
  if (/^1/.test(payload.value)) {
    payload.issues.push({ code: 'custom', message: 'must be below 1', input: payload.value });
  }
});

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
  /** Filled + open is at most this part of what traded in all since the start; needs a source that counts volume. */
  max_participation: optional(positiveFraction),
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
  const lead = params.sweep_lead_seconds ?? 0;
  if (lead > 0 && lead >= (params.duration_seconds ?? Number.POSITIVE_INFINITY)) {
    issue(['sweep_lead_seconds'], 'must be shorter than duration_seconds');
  }
};

/** One order, worked until it is filled or its time is over. */
export const SingleParamsSchema = dto(
  'SingleParams',
  {
    strategy: z.literal('SINGLE'),
    ...commonShape,
    duration_seconds: optional(seconds),
    /** Follow the near side of the book at `distance_ticks` from it, once it is `refresh_ticks` away. */
    chase: optional(
      dto('Chase', {
        distance_ticks: integer(0, TICKS_MAX),
        refresh_ticks: integer(1, TICKS_MAX).default(1),
        max_replacements: integer(1, REPLACEMENTS_MAX).default(100),
      }),
    ),
  },
  (params, issue) => {
    commonRule(params, issue);
    if (params.chase == null) return;
    if (params.order_type !== undefined && params.order_type !== null && params.order_type !== 'LIMIT') {
      issue(['chase'], `contradicts order_type ${params.order_type}: a chased order is a LIMIT`);
    }
    if (params.time_in_force === 'IOC' || params.time_in_force === 'FOK') {
      issue(['chase'], `contradicts time_in_force ${params.time_in_force}`);
    }
  },
);
export type SingleParams = z.output<typeof SingleParamsSchema>;
/** Its fields beside `strategy`. */
export const SINGLE_FIELDS: readonly string[] = [...Object.keys(commonShape), 'duration_seconds', 'chase'];
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

/** Slices weighted by a volume curve over a duration. `curve`: weights of equal parts of it; normalised. */
export const VwapParamsSchema = dto(
  'VwapParams',
  {
    strategy: z.literal('VWAP'),
    ...commonShape,
    duration_seconds: seconds,
    curve: list(nonNegative, {
      min: 1,
      max: SLICES_MAX,
      rule: (weights, issue) => {
        if (weights.every((weight) => !/[1-9]/.test(weight))) issue([], 'must have a weight above 0');
      },
    }),
    /** Slices per duration; absent: one per weight of the curve. */
    slices: optional(integer(1, SLICES_MAX)),
    interval_seconds: optional(seconds),
    /** Weigh what is left of the curve by the volume that has really traded. */
    reforecast: z.boolean().default(false),
  },
  (params, issue) => {
    commonRule(params, issue);
    const { slices, interval_seconds: interval } = params;
    if (slices != null && interval != null)
      issue(['interval_seconds'], 'contradicts slices: give one of them');
    if (interval != null && params.duration_seconds / interval >= SLICES_MAX + 1) {
      issue(['interval_seconds'], `gives more than ${SLICES_MAX} slices`);
    }
  },
);
export type VwapParams = z.output<typeof VwapParamsSchema>;
export type VwapParamsInput = z.input<typeof VwapParamsSchema>;

/** A share of what the market trades. */
export const PovParamsSchema = dto(
  'PovParams',
  {
    strategy: z.literal('POV'),
    ...commonShape,
    duration_seconds: optional(seconds),
    /** Own volume ÷ volume, below 1. */
    participation_rate: optional(rate),
    /** A band instead: as slow as the end allows, within it. */
    min_rate: optional(rate),
    max_rate: optional(rate),
    /** True: the rate is own ÷ (own + others'); false: own ÷ others'. */
    include_own_fills: z.boolean().default(true),
    /** How often it looks at the market. */
    interval_seconds: seconds.default(1),
    /** When all should be done. */
    complete_by: optional(timestamp),
    /** When the rate cannot make it by then: RATE keeps the rate, COMPLETE keeps the time. */
    on_conflict: z.enum(['RATE', 'COMPLETE']).default('RATE'),
  },
  (params, issue) => {
    commonRule(params, issue);
    const { participation_rate: single, min_rate: least, max_rate: most } = params;
    if (single != null && (least != null || most != null)) {
      issue(['participation_rate'], 'contradicts min_rate and max_rate: give one or the other');
    } else if (single == null && (least == null || most == null)) {
      issue(['participation_rate'], 'POV requires participation_rate, or min_rate and max_rate');
    }
    if (least != null && most != null && cmp(least, most) > 0)
      issue(['max_rate'], 'must not be below min_rate');
    if (least != null && params.complete_by == null && params.duration_seconds == null) {
      issue(['min_rate'], 'a band needs complete_by or duration_seconds to choose within it');
    }
    if (params.on_conflict === 'COMPLETE' && params.complete_by == null) {
      issue(['on_conflict'], 'COMPLETE needs complete_by');
    }
    if (params.order_type === 'STOP_LIMIT') issue(['order_type'], 'POV sends MARKET or LIMIT orders');
  },
);
export type PovParams = z.output<typeof PovParamsSchema>;
export type PovParamsInput = z.input<typeof PovParamsSchema>;

/** One visible tip of a larger LIMIT order. */
export const IcebergParamsSchema = dto(
  'IcebergParams',
  {
    strategy: z.literal('ICEBERG'),
    ...commonShape,
    duration_seconds: optional(seconds),
    /** Of the target; or the base quantity that shows. */
    visible_ratio: optional(positiveFraction),
    display_quantity: optional(positive),
    /** A tip is at most this part smaller than the display quantity; seeded. */
    display_variance_pct: fraction.default('0'),
    /** The filled part of a tip at which the next one is shown; 1: when all of it is gone. */
    refresh_threshold: positiveFraction.default('1'),
    native: z.enum(['PREFER', 'NEVER']).default('PREFER'),
  },
  (params, issue) => {
    commonRule(params, issue);
    if ((params.visible_ratio == null) === (params.display_quantity == null)) {
      issue(['display_quantity'], 'ICEBERG requires visible_ratio or display_quantity, and not both');
    }
    if (params.time_in_force === 'IOC' || params.time_in_force === 'FOK') {
      issue(['time_in_force'], `an iceberg rests: ${params.time_in_force} contradicts it`);
    }
  },
);
export type IcebergParams = z.output<typeof IcebergParamsSchema>;
export type IcebergParamsInput = z.input<typeof IcebergParamsSchema>;

const dcaAmount = dto('DcaAmount', { quantity: positive, unit: z.enum(['BASE', 'QUOTE']) });

/** A union by itself only says that its input is invalid. */
const frequencyProblem = (input: unknown): string =>
  (typeof input === 'string' ? cronProblem(input) : null) ??
  `must be a cron expression, or {period_seconds} from 1 to ${SECONDS_MAX}`;

/** The same amount at every occurrence of a schedule, or at each step of a price ladder. */
export const DcaParamsSchema = dto(
  'DcaParams',
  {
    strategy: z.literal('DCA'),
    ...commonShape,
    duration_seconds: optional(seconds),
    /** A cron expression of five or six fields, or a period from the start. */
    frequency: optional(
      z.union([cron, dto('Period', { period_seconds: seconds })], {
        error: ({ input }) => frequencyProblem(input),
      }),
    ),
    /** IANA name; only for cron. */
    time_zone: timeZone.default('UTC'),
    amount: dcaAmount,
    occurrences: optional(integer(1, SLICES_MAX)),
    /** Quote quantity. */
    budget: optional(positive),
    /** Occurrences that an outage missed: skipped, or the latest one made good. */
    missed: z.enum(['SKIP', 'RUN_ONCE']).default('SKIP'),
    /** Resting LIMIT orders at these prices instead of a schedule, `amount` each unless told. */
    price_steps: optional(
      list(dto('PriceStep', { price: positive, amount: optional(dcaAmount) }), { min: 1, max: LEVELS_MAX }),
    ),
  },
  (params, issue) => {
    commonRule(params, issue);
    if ((params.frequency == null) === (params.price_steps == null)) {
      issue(['frequency'], 'DCA requires frequency or price_steps, and not both');
    }
    if (params.occurrences != null && params.price_steps != null) {
      issue(['occurrences'], 'contradicts price_steps: each step is placed once');
    }
    if (params.order_type === 'STOP_LIMIT') issue(['order_type'], 'DCA sends MARKET or LIMIT orders');
  },
);
export type DcaParams = z.output<typeof DcaParamsSchema>;
export type DcaParamsInput = z.input<typeof DcaParamsSchema>;

/** Resting LIMIT orders over a range of prices. */
export const LayeredParamsSchema = dto(
  'LayeredParams',
  {
    strategy: z.literal('LAYERED'),
    ...commonShape,
    duration_seconds: optional(seconds),
    levels: integer(1, LEVELS_MAX),
    /** From the worst to the best price, or ticks from level to level, away from the near side of the book. */
    price_range: optional(dto('PriceRange', { min: positive, max: positive })),
    spacing_ticks: optional(integer(1, TICKS_MAX)),
    distribution: z.enum(['UNIFORM', 'FRONT_LOADED', 'BACK_LOADED', 'GEOMETRIC']).default('UNIFORM'),
    /** Open at a time; absent: all levels. */
    max_open: optional(integer(1, LEVELS_MAX)),
    /** The next level opens as soon as one has ended; false: when all that are open have. */
    replenish: z.boolean().default(true),
  },
  (params, issue) => {
    commonRule(params, issue);
    const { price_range: range } = params;
    if ((range == null) === (params.spacing_ticks == null)) {
      issue(['price_range'], 'LAYERED requires price_range or spacing_ticks, and not both');
    }
    if (range != null && cmp(range.min, range.max) > 0)
      issue(['price_range', 'max'], 'must not be below min');
    if (params.order_type != null && params.order_type !== 'LIMIT') {
      issue(['order_type'], 'levels are LIMIT orders');
    }
    if (params.time_in_force === 'IOC' || params.time_in_force === 'FOK') {
      issue(['time_in_force'], `levels rest: ${params.time_in_force} contradicts it`);
    }
  },
);
export type LayeredParams = z.output<typeof LayeredParamsSchema>;
export type LayeredParamsInput = z.input<typeof LayeredParamsSchema>;

/** Which algorithm, and its parameters. */
export const StrategyParamsSchema = z.discriminatedUnion(
  'strategy',
  [
    SingleParamsSchema,
    TwapParamsSchema,
    VwapParamsSchema,
    PovParamsSchema,
    IcebergParamsSchema,
    DcaParamsSchema,
    LayeredParamsSchema,
  ],
  { error: (issue) => (issue.code === 'invalid_union' ? unknownStrategy(issue.input) : undefined) },
);
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
