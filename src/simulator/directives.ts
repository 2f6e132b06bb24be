/**
 * Random directives: all three modes, all seven strategies, exit plans, MODIFY and CLOSE, and hostile ones.
 *
 * Owns what a world submits. Most are feasible; one that is refused is no finding, as long as it is refused whole.
 */
import type { ExecutionCommandInput } from '../dtos/execution-command.js';
import type { StrategyDirectiveInput } from '../dtos/strategy-directive.js';
import { textOf, unitsOf } from './audit/units.js';
import { HOSTILE, VICES } from './hostile-strategy.js';
import { LISTINGS, type Listing } from './market.js';
import { Random } from './random.js';
import { strategyParams, type Terms } from './strategy-params.js';
import { type Action, STORM_MS, type WorldOptions } from './world.js';

const stamp = (n: number): string => `20250106_090000_${n.toString(16).padStart(8, '0')}`;
const tradeId = (n: number): string => `TPL_${stamp(n)}`;

const MODES = ['INDEPENDENT', 'SEQUENTIAL', 'COORDINATED', 'COORDINATED'] as const;
/** Last directives leave time to work before the calm. */
const LAST_AT = STORM_MS - 15_000;

interface Trade {
  readonly id: string;
  readonly listing: Listing;
  readonly side: 'BUY' | 'SELL';
  readonly venue: string;
}

interface Maker {
  readonly random: Random;
  readonly options: WorldOptions;
  readonly trades: Trade[];
  /** Numbers ids. */
  n: number;
}

/** `hostilePpm`: how many of them are hostile (kind 36), parts per million. */
export function directiveActions(seed: number, options: WorldOptions, hostilePpm: number): Action[] {
  const maker: Maker = { random: new Random(seed, 'directives'), options, trades: [], n: 1 };
  const hostility = new Random(seed, 'hostile');
  const { random } = maker;
  const count = random.from(5, 12);
  const times = Array.from({ length: count }, () => random.below(LAST_AT)).sort((a, b) => a - b);
  return times.flatMap((at): Action[] => {
    const submitted = directive(maker, at);
    const hostile = hostility.chance(hostilePpm * 10) ? [hostileOf(hostility, submitted, at)] : [];
    const isLed = hostility.chance(hostilePpm * 10);
    return [...hostile, { at, do: 'submit', ...(isLed ? ledByHostile(hostility, submitted) : submitted) }];
  });
}

interface Submission {
  readonly directive: StrategyDirectiveInput;
  readonly commands?: readonly ExecutionCommandInput[];
}

function directive(maker: Maker, at: number): Submission {
  const { random, trades } = maker;
  const which = trades.length === 0 || at < 10_000 ? 0 : random.below(10);
  if (which < 7) return newTrades(maker);
  if (which < 8) return { ...change(maker) };
  return close(maker);
}

const origin = (n: number) => ({ origin: { id: `tick-${n}`, type: 'TICK' as const } });

function head(maker: Maker, scope: string, targets: readonly string[], policy: object | null) {
  const n = maker.n++;
  return {
    directive_id: `STR_${stamp(n)}`,
    strategy_planner_id: `planner-${n % 3}`,
    decision_timestamp: '2025-01-06T09:00:00Z',
    causality: origin(n),
    scope,
    confidence: '0.8',
    ...(scope === 'NEW_TRADE' ? {} : { target_plan_ids: targets }),
    ...(policy === null ? {} : { execution_policy: policy }),
  } as StrategyDirectiveInput;
}

function policy({ random }: Maker, mode: (typeof MODES)[number]): object {
  return {
    mode,
    timeout_seconds: random.from(8, 45),
    on_leg_failure: random.chance(750_000) ? 'UNWIND' : 'CANCEL_PENDING',
    ...(mode === 'COORDINATED' && random.chance(200_000)
      ? { max_leg_imbalance: '0.3', max_legging_seconds: random.from(3, 15) }
      : {}),
  };
}

function newTrades(maker: Maker): Submission {
  const { random } = maker;
  const mode = random.pick(MODES);
  const first = random.below(3);
  const count = random.from(1, mode === 'COORDINATED' ? 3 : 4);
  const commands = Array.from({ length: count }, (_, i) =>
    newTrade(maker, LISTINGS[(first + i) % 3] as Listing),
  );
  return { directive: head(maker, 'NEW_TRADE', [], policy(maker, mode)), commands };
}

/** A quantity of 40 to 600 quote units, in whole lots. */
function sizeOf(random: Random, { instrument, start }: Listing): number {
  const lot = unitsOf(instrument.lotSize);
  return Math.max(1, Math.floor((random.from(40, 600) * 1e16) / start / lot)) * lot;
}

function newTrade(maker: Maker, listing: Listing): ExecutionCommandInput {
  const { random, options } = maker;
  const n = maker.n++;
  const { symbol } = listing.instrument;
  const side = random.pick(['BUY', 'SELL'] as const);
  const venue = random.pick(options.venues);
  const size = sizeOf(random, listing);
  const terms = strategyParams(random, { listing, side, size, options });
  maker.trades.push({ id: tradeId(n), listing, side, venue });
  const { entry, params } = terms;
  return {
    command_id: `EXE_${stamp(n)}`,
    causality: origin(n),
    scope: 'NEW_TRADE',
    plan_id: tradeId(n),
    entry_plan: { plan_id: `ENT_${stamp(n)}`, symbol, direction: side, ...entry },
    size_plan: { plan_id: `SIZ_${stamp(n)}`, position_size: textOf(size) },
    ...(random.chance(250_000) ? { exit_plan: exitPlan(random, n, listing, side) } : {}),
    routing_plan: routing(maker, n, params, venue),
  } as ExecutionCommandInput;
}

function routing({ random, options }: Maker, n: number, params: Terms['params'], venue: string): object {
  return {
    plan_id: `ROU_${stamp(n)}`,
    execution_urgency: '0.5',
    visibility_preference: '0.5',
    max_slippage_pct: random.pick(['0.002', '0.01', '0.05']),
    ...(random.chance(200_000) ? { min_fill_ratio: random.pick(['0.5', '0.9']) } : {}),
    ...(params === null ? {} : { strategy_params: params }),
    ...(options.venues.length > 1 ? { venue } : {}),
  };
}

function exitPlan(random: Random, n: number, { instrument, start }: Listing, side: 'BUY' | 'SELL'): object {
  const tick = unitsOf(instrument.tickSize);
  const away = (percent: number): string => textOf(Math.round((start * (100 + percent)) / 100 / tick) * tick);
  const sign = side === 'BUY' ? -1 : 1;
  const which = random.below(3);
  return {
    plan_id: `EXT_${stamp(n)}`,
    ...(which === 1 ? {} : { stop_loss_price: away(sign * random.from(1, 6)) }),
    ...(which === 0 ? {} : { take_profit_price: away(-sign * random.from(1, 6)) }),
  };
}

/** MODIFY of an earlier trade: a new total, new exits, or both. */
function change(maker: Maker): Submission {
  const { random, trades } = maker;
  const { id, listing, side } = random.pick(trades);
  const n = maker.n++;
  const resizes = random.chance(700_000);
  const command = {
    command_id: `EXE_${stamp(n)}`,
    causality: origin(n),
    scope: 'MODIFY_EXISTING',
    target_plan_id: id,
    ...(resizes
      ? {
          size_plan: { plan_id: `SIZ_${stamp(n)}`, position_size: textOf(sizeOf(random, listing)) },
          routing_plan: routing(maker, n, null, ''),
        }
      : {}),
    ...(!resizes || random.chance(300_000) ? { exit_plan: exitPlan(random, n, listing, side) } : {}),
  } as ExecutionCommandInput;
  const { routing_plan: plan } = command as { routing_plan?: { venue?: string } };
  if (plan !== undefined) delete plan.venue;
  return {
    directive: head(maker, 'MODIFY_EXISTING', [id], policy(maker, random.pick(MODES))),
    commands: [command],
  };
}

/** CLOSE of one or two trades, at times with a command of its own. */
function close(maker: Maker): Submission {
  const { random, trades } = maker;
  const ids = [...new Set([random.pick(trades).id, random.pick(trades).id])].slice(0, random.from(1, 2));
  return { directive: head(maker, 'CLOSE_EXISTING', ids, policy(maker, random.pick(MODES))) };
}

/** The same directive, its first command worked by a strategy that goes wrong. */
function ledByHostile(random: Random, { directive, commands }: Submission): Submission {
  const [first, ...others] = (commands ?? []) as readonly Record<string, unknown>[];
  const entry = first?.['entry_plan'] as { readonly order_type: string } | undefined;
  if (first === undefined || entry === undefined || entry.order_type === 'STOP_LIMIT')
    return { directive, ...(commands === undefined ? {} : { commands }) };
  const own = { vice: random.pick(VICES), after: random.below(4), duration_seconds: random.from(5, 30) };
  const routing_plan = {
    ...(first['routing_plan'] as object),
    strategy_params: { strategy: HOSTILE, ...own },
  };
  return {
    directive,
    commands: [{ ...first, routing_plan }, ...others] as unknown as ExecutionCommandInput[],
  };
}

const BAD_SIZES = ['NaN', '-1', '0', '1e9', 'Infinity', '0.00000000000000000001', ''];

/** The same directive with one number that is none, under an id of its own. */
function hostileOf(random: Random, { directive, commands }: Submission, at: number): Action {
  const n = 0xf0000000 + random.below(0x0fffffff);
  const own = { ...directive, directive_id: `STR_${stamp(n)}` } as StrategyDirectiveInput;
  const first = commands?.[0] as Record<string, unknown> | undefined;
  const bad =
    first?.['size_plan'] === undefined
      ? { command_id: 'EXE_nonsense' }
      : random.chance(300_000)
        ? slices(first)
        : {
            size_plan: { plan_id: `SIZ_${stamp(n)}`, position_size: random.pick(BAD_SIZES) },
          };
  const changed = { ...(first ?? {}), ...bad } as ExecutionCommandInput;
  return { at, do: 'submit', hostile: true, directive: own, commands: [changed] };
}

const slices = (command: Record<string, unknown>) => ({
  routing_plan: {
    ...(command['routing_plan'] as object),
    strategy_params: { strategy: 'TWAP', duration_seconds: 10, slices: 1_000_000_000 },
  },
});
