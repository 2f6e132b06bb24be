/**
 * Builders: named legs and a few words in, a directive with its commands out, as plain wire JSON for `submit`.
 *
 * Own the defaults, durations as text, and the ids, which are minted once, when the batch is built: submitting the
 * same object twice is one batch (decision 17). Validate nothing that `submit` validates; start nothing. Time is the
 * option `at`; randomness enters by `seed`.
 */
import { BatchExecutionMode, type StrategyName } from './dtos/enums.js';
import { FillwrightError } from './dtos/errors.js';
import type { LegRow } from './dtos/events.js';
import type { ExecutionCommandInput } from './dtos/execution-command.js';
import type { ExecutionPolicyInput } from './dtos/execution-policy.js';
import { IdMinter } from './dtos/ids.js';
import type { EntryPlanInput, RoutingPlanInput } from './dtos/plans.js';
import type { StrategyDirectiveInput } from './dtos/strategy-directive.js';
import type {
  DcaParamsInput,
  IcebergParamsInput,
  LayeredParamsInput,
  PovParamsInput,
  SingleParamsInput,
  TwapParamsInput,
  VwapParamsInput,
} from './dtos/strategy-params.js';
import { timestampProblem, toMs } from './dtos/time.js';
import type { Side } from './dtos/venue.js';
import { randomIds } from './ids/ids.js';

/** A whole number of seconds, minutes, hours or days: `45s`, `30m`, `2h`, `1d`. */
export type Duration = `${number}${'s' | 'm' | 'h' | 'd'}`;

const UNIT_SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600, d: 86_400 };
const DURATION = /^([1-9]\d{0,8})([smhd])$/;
/** A name like `2` would change places with its neighbours: JavaScript lists such keys first. */
const LEG_NAME = /^[A-Za-z_]\w*$/;

const refused = (path: string, message: string): FillwrightError =>
  new FillwrightError('VALIDATION', `${path}: ${message}`, { issues: [{ path, message }] });

function toSeconds(text: string, path: string): number {
  const part = DURATION.exec(text);
  if (part === null) {
    throw refused(
      path,
      `must be a whole number with s, m, h or d, such as 45s or 30m, not ${JSON.stringify(text)}`,
    );
  }
  return Number(part[1]) * (UNIT_SECONDS[part[2] ?? ''] ?? 0);
}

const optionalSeconds = (text: Duration | undefined, path: string): number | undefined =>
  text === undefined ? undefined : toSeconds(text, path);

/** What every leg says. Quantities are base, prices quote, fractions "0.01" = 1 %; all decimal strings. */
export interface LegTerms {
  readonly symbol: string;
  readonly side: Side;
  readonly quantity: string;
  /** Connector key; may be left out where the runtime has one connector. */
  readonly venue?: string;
  readonly account?: string;
  /** LIMIT at this price; without it MARKET, which goes out as a marketable IOC LIMIT. */
  readonly limitPrice?: string;
  /** The most that an order may move away from the reference price. Default "0.005". */
  readonly maxSlippage?: string;
  /** The leg succeeds from this part of its quantity on. Default: all of it. */
  readonly minFillRatio?: string;
}

/** One order. */
export interface SingleTerms extends LegTerms {
  /** With `limitPrice`: STOP_LIMIT. */
  readonly stopPrice?: string;
  /** How long it is worked; without it until it ends by itself or the batch times out. */
  readonly over?: Duration;
  /** Any further strategy_params, in their wire names. */
  readonly params?: Omit<SingleParamsInput, 'strategy' | 'duration_seconds' | 'limit_price' | 'order_type'>;
}

type TwapOwn = 'strategy' | 'duration_seconds' | 'slices' | 'interval_seconds' | 'limit_price' | 'order_type';
/** Even slices over a time: either how many, or how far apart. */
export type TwapTerms = LegTerms & {
  readonly over: Duration;
  /** Any further strategy_params, in their wire names. */
  readonly params?: Omit<TwapParamsInput, TwapOwn>;
} & (
    | { readonly slices: number; readonly every?: never }
    | { readonly every: Duration; readonly slices?: never }
  );

/** What the terms of a leg say by names of their own. */
type Said = 'strategy' | 'duration_seconds' | 'limit_price' | 'order_type';

/** Slices weighted by a volume curve: `curve` is one weight per equal part of `over`, as decimal strings. */
export interface VwapTerms extends LegTerms {
  readonly over: Duration;
  readonly curve: readonly string[];
  /** Default: one slice per weight. */
  readonly slices?: number;
  /** Any further strategy_params, in their wire names. */
  readonly params?: Omit<VwapParamsInput, Said | 'curve' | 'slices' | 'interval_seconds'>;
}

/** A share of what the market trades: `rate` "0.05" is 5 %. */
export interface PovTerms extends LegTerms {
  readonly rate: string;
  /** Default: until it is filled. */
  readonly over?: Duration;
  /** Any further strategy_params, in their wire names. */
  readonly params?: Omit<PovParamsInput, Said | 'participation_rate' | 'min_rate' | 'max_rate'>;
}

/** A resting order of which only `visible`, a fraction of the quantity, shows. */
export interface IcebergTerms extends LegTerms {
  readonly limitPrice: string;
  readonly visible: string;
  readonly over?: Duration;
  /** Any further strategy_params, in their wire names. */
  readonly params?: Omit<IcebergParamsInput, Said | 'visible_ratio' | 'display_quantity'>;
}

/** `amount` at every occurrence: a cron expression or a period. `quantity` is the most it may come to. */
export interface DcaTerms extends LegTerms {
  readonly amount: DcaParamsInput['amount'];
  readonly every: Duration | { readonly cron: string; readonly timeZone?: string };
  readonly occurrences?: number;
  /** Quote quantity. */
  readonly budget?: string;
  readonly over?: Duration;
  /** Any further strategy_params, in their wire names. */
  readonly params?: Omit<
    DcaParamsInput,
    Said | 'amount' | 'frequency' | 'time_zone' | 'occurrences' | 'budget' | 'price_steps'
  >;
}

/** Resting orders over a range of prices; `limitPrice` is the price that none may pass. */
export interface LayeredTerms extends LegTerms {
  readonly limitPrice: string;
  readonly levels: number;
  readonly range: { readonly min: string; readonly max: string };
  readonly over?: Duration;
  /** Any further strategy_params, in their wire names. */
  readonly params?: Omit<LayeredParamsInput, Said | 'levels' | 'price_range' | 'spacing_ticks'>;
}

/** A leg that a strategy of the host's works (`createRuntime({ strategies })`): its name, and what it takes. */
export interface CustomTerms<S extends string = string> extends LegTerms {
  readonly strategy: S;
  readonly over?: Duration;
  /** strategy_params in their wire names: those of every strategy, and its own. */
  readonly params?: Readonly<Record<string, unknown>>;
}

/** A leg without ids: what `single`, `twap` and their like give and the batch builders take. */
export interface Leg<S extends StrategyName = StrategyName> {
  readonly strategy: S;
  readonly quantity: string;
  readonly entry: Omit<EntryPlanInput, 'plan_id'>;
  readonly routing: Omit<RoutingPlanInput, 'plan_id'>;
}

type Params = NonNullable<RoutingPlanInput['strategy_params']>;

function legOf<S extends Params['strategy']>(
  terms: LegTerms & { readonly stopPrice?: string },
  params: Params & { readonly strategy: S },
): Leg<S> {
  const { symbol, side, quantity, venue, account, limitPrice, stopPrice } = terms;
  const resting = stopPrice === undefined ? 'LIMIT' : 'STOP_LIMIT';
  const orderType = limitPrice === undefined && stopPrice === undefined ? 'MARKET' : resting;
  return {
    strategy: params.strategy,
    quantity,
    entry: { symbol, direction: side, order_type: orderType, limit_price: limitPrice, stop_price: stopPrice },
    routing: {
      execution_urgency: '0.5',
      visibility_preference: '0.5',
      max_slippage_pct: terms.maxSlippage ?? '0.005',
      min_fill_ratio: terms.minFillRatio,
      strategy_params: params,
      venue,
      account,
    },
  };
}

/** A leg of one order. @throws VALIDATION for a malformed duration */
export const single = (terms: SingleTerms): Leg<'SINGLE'> =>
  legOf(terms, {
    ...terms.params,
    strategy: 'SINGLE',
    duration_seconds: optionalSeconds(terms.over, 'over'),
  });

/** A leg of even slices over `over`. @throws VALIDATION for a malformed duration */
export const twap = (terms: TwapTerms): Leg<'TWAP'> =>
  legOf(terms, {
    ...terms.params,
    strategy: 'TWAP',
    duration_seconds: toSeconds(terms.over, 'over'),
    slices: terms.slices,
    interval_seconds: optionalSeconds(terms.every, 'every'),
  });

/** A leg of slices weighted by `curve` over `over`. @throws VALIDATION for a malformed duration */
export const vwap = (terms: VwapTerms): Leg<'VWAP'> =>
  legOf(terms, {
    ...terms.params,
    strategy: 'VWAP',
    duration_seconds: toSeconds(terms.over, 'over'),
    curve: terms.curve,
    slices: terms.slices,
  });

/** A leg that follows what others trade. @throws VALIDATION for a malformed duration */
export const pov = (terms: PovTerms): Leg<'POV'> =>
  legOf(terms, {
    ...terms.params,
    strategy: 'POV',
    duration_seconds: optionalSeconds(terms.over, 'over'),
    participation_rate: terms.rate,
  });

/** A leg of one visible tip at a time. @throws VALIDATION for a malformed duration */
export const iceberg = (terms: IcebergTerms): Leg<'ICEBERG'> =>
  legOf(terms, {
    ...terms.params,
    strategy: 'ICEBERG',
    duration_seconds: optionalSeconds(terms.over, 'over'),
    visible_ratio: terms.visible,
  });

/** A leg of the same amount again and again. @throws VALIDATION for a malformed duration */
export const dca = (terms: DcaTerms): Leg<'DCA'> => {
  const { every } = terms;
  return legOf(terms, {
    ...terms.params,
    strategy: 'DCA',
    duration_seconds: optionalSeconds(terms.over, 'over'),
    amount: terms.amount,
    frequency: typeof every === 'string' ? { period_seconds: toSeconds(every, 'every') } : every.cron,
    time_zone: typeof every === 'string' ? undefined : every.timeZone,
    occurrences: terms.occurrences,
    budget: terms.budget,
  });
};

/** A leg of resting orders over a range of prices. @throws VALIDATION for a malformed duration */
export const layered = (terms: LayeredTerms): Leg<'LAYERED'> =>
  legOf(terms, {
    ...terms.params,
    strategy: 'LAYERED',
    duration_seconds: optionalSeconds(terms.over, 'over'),
    levels: terms.levels,
    price_range: terms.range,
  });

/** A leg of the host's own strategy. @throws VALIDATION for a malformed duration */
export const custom = <const S extends string>(terms: CustomTerms<S>): Leg<S> => {
  const params = {
    ...terms.params,
    strategy: terms.strategy,
    duration_seconds: optionalSeconds(terms.over, 'over'),
  };
  // What else it may hold is the strategy's own business: `submit` asks it.
  return { ...legOf(terms, params as unknown as Params), strategy: terms.strategy };
};

export interface BuildOptions {
  /** The decision's time, UTC as `2025-01-06T09:00:00Z`: decision_timestamp, and the stamp of every id. */
  readonly at: string;
  /** Same seed, same `at`, same legs: same ids. One seed belongs to one batch. Default: random. */
  readonly seed?: string;
  /** From activation; then every leg that is not settled is stopped. Default: none. */
  readonly timeout?: Duration;
  /** Who decided: strategy_planner_id. Default `host`. */
  readonly planner?: string;
  /** What set the decision off. Default: a SCHEDULE named as the planner. */
  readonly origin?: { readonly id: string; readonly type: 'TICK' | 'NEWS' | 'SCHEDULE' };
  /** 0 to 1; default "1". */
  readonly confidence?: string;
  readonly rationale?: string;
}

export interface CoordinatedOptions extends BuildOptions {
  /** UNWIND (default) sends back what filled; CANCEL_PENDING cancels and reports it as residual. */
  readonly onLegFailure?: 'UNWIND' | 'CANCEL_PENDING';
  /** How far a leg may be ahead of the slowest, a fraction of its target. */
  readonly maxLegImbalance?: string;
  /** How long the legs may be uneven. */
  readonly maxLegging?: Duration;
}

type Legs = Readonly<Record<string, Leg>>;

/** Wire JSON for `submit(built.directive, built.commands)`, and the ids of each leg by its name. */
export interface BuiltBatch<L extends Legs = Legs> {
  readonly directive: StrategyDirectiveInput;
  readonly commands: readonly ExecutionCommandInput[];
  readonly legs: {
    readonly [K in keyof L]: {
      readonly strategy: L[K]['strategy'];
      /** `flowId` of the leg's flow, `parent_directive_id` of its group. */
      readonly commandId: string;
      /** What MODIFY and CLOSE name as their target. */
      readonly tradeId: string;
    };
  };
}

/** All legs at once; a leg's failure changes nothing for the others. @throws VALIDATION */
export const independent = <const L extends Legs>(legs: L, options: BuildOptions): BuiltBatch<L> =>
  build(legs, options, { mode: BatchExecutionMode.INDEPENDENT });

/** One leg after the other, in the order written; after a failure the rest never start. @throws VALIDATION */
export const sequential = <const L extends Legs>(legs: L, options: BuildOptions): BuiltBatch<L> =>
  build(legs, options, { mode: BatchExecutionMode.SEQUENTIAL });

/** All legs at once; the first failure stops the others, and what filled is sent back. @throws VALIDATION */
export const coordinated = <const L extends Legs>(legs: L, options: CoordinatedOptions): BuiltBatch<L> =>
  build(legs, options, {
    mode: BatchExecutionMode.COORDINATED,
    on_leg_failure: options.onLegFailure ?? 'UNWIND',
    max_leg_imbalance: options.maxLegImbalance,
    max_legging_seconds: optionalSeconds(options.maxLegging, 'maxLegging'),
  });

function build<L extends Legs>(legs: L, options: BuildOptions, policy: ExecutionPolicyInput): BuiltBatch<L> {
  const { at, seed = randomIds().seed(), timeout, planner = 'host', confidence = '1', rationale } = options;
  const problem = timestampProblem(at);
  if (problem !== null) throw refused('at', problem);
  const minter = new IdMinter(`${seed}:build`);
  const atMs = toMs(at);
  const mint = (prefix: Parameters<IdMinter['mint']>[0]): string => minter.mint(prefix, atMs);
  const directiveId = mint('STR');
  const origin = options.origin ?? { id: planner, type: 'SCHEDULE' as const };
  const named = Object.entries(legs).map(([name, leg]) => {
    if (!LEG_NAME.test(name)) throw refused('legs', `${JSON.stringify(name)} is no name for a leg`);
    const command = commandOf(leg, mint, { origin, strategy_directive_id: directiveId });
    return [name, command, leg.strategy] as const;
  });
  return {
    directive: {
      directive_id: directiveId,
      strategy_planner_id: planner,
      decision_timestamp: at,
      causality: { origin },
      scope: 'NEW_TRADE',
      confidence,
      execution_policy: { ...policy, timeout_seconds: optionalSeconds(timeout, 'timeout') },
      rationale,
    },
    commands: named.map(([, command]) => command),
    // The entries are those of `legs`, name by name.
    legs: Object.fromEntries(
      named.map(([name, { command_id, plan_id }, strategy]) => [
        name,
        { strategy, commandId: command_id, tradeId: plan_id },
      ]),
    ) as BuiltBatch<L>['legs'],
  };
}

function commandOf(
  leg: Leg,
  mint: (prefix: Parameters<IdMinter['mint']>[0]) => string,
  causality: ExecutionCommandInput['causality'],
) {
  return {
    command_id: mint('EXE'),
    causality,
    scope: 'NEW_TRADE',
    plan_id: mint('TPL'),
    entry_plan: { plan_id: mint('ENT'), ...leg.entry },
    size_plan: { plan_id: mint('SIZ'), position_size: leg.quantity },
    routing_plan: { plan_id: mint('ROU'), ...leg.routing },
  } as const satisfies ExecutionCommandInput;
}

/**
 * The legs of a result by the names they were built with; null while the result is that of an escalation, which has
 * no legs yet.
 * @throws USAGE when the result is another batch's
 */
export function namedLegs<L extends Legs>(
  built: BuiltBatch<L>,
  result: { readonly legs: readonly LegRow[]; readonly escalated: readonly string[] },
): { readonly [K in keyof L]: LegRow } | null {
  const names = Object.keys(built.legs);
  if (result.legs.length === 0 && result.escalated.length > 0) return null;
  if (result.legs.length !== names.length) {
    throw new FillwrightError(
      'USAGE',
      `the result has ${result.legs.length} legs, the batch ${names.length}`,
    );
  }
  return Object.fromEntries(names.map((name, i) => [name, result.legs[i]])) as { [K in keyof L]: LegRow };
}
