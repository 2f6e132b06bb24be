/**
 * What can be known of a scenario's commands before anything runs: symbols, lots, ticks, strategies, venue.
 *
 * Owns findings with their paths. The runtime checks again at submit: a host's commands never pass through here.
 */
import { cmp, toSteps } from '../dtos/decimal.js';
import { FillwrightError, type Issue } from '../dtos/errors.js';
import type { ExecutionCommand } from '../dtos/execution-command.js';
import type { StrategyDirective } from '../dtos/strategy-directive.js';
import { chooseStrategy, type Strategies } from '../strategies/index.js';

/** The key under which a scenario's simulated venue is connected; `routing_plan.venue` may name it. */
export const SCENARIO_VENUE = 'simulated';
/** The key of a venue that is a process of its own. */
export const PROCESS_VENUE = 'process';

/** Findings stop here: a broken scenario of 10,000 commands must stay cheap to report. */
const ISSUES_MAX = 100;

export interface ParsedEntry {
  readonly directive: StrategyDirective;
  readonly commands: readonly ExecutionCommand[];
}

/** Null: only the venue knows the sizes. */
type Instruments = Readonly<Record<string, { readonly lot_size: string; readonly tick_size: string } | null>>;

/** What commands are held against. */
interface Known {
  /** Every symbol of the market. */
  readonly instruments: Instruments;
  readonly venue: string;
  readonly strategies: Strategies;
}

/** Every finding over all directives, in file order. */
export function checkEntries(
  entries: readonly ParsedEntry[],
  { instruments, venue, strategies }: Known,
): Issue[] {
  const issues: Issue[] = [];
  const opened = new Map<string, string>();
  const ids = new Map<string, number>();
  for (const [index, { directive, commands }] of entries.entries()) {
    const root = `directives[${index}]`;
    const before = ids.get(directive.directive_id);
    if (before !== undefined) {
      issues.push({
        path: `${root}.directive.directive_id`,
        message: `is used by directives[${before}] too`,
      });
    }
    ids.set(directive.directive_id, index);
    for (const [i, command] of commands.entries()) {
      if (issues.length >= ISSUES_MAX) return issues;
      const at = `${root}.commands[${i}]`;
      const trade = command.plan_id ?? command.target_plan_id;
      const symbol = command.entry_plan?.symbol ?? (trade === undefined ? undefined : opened.get(trade));
      if (command.scope === 'NEW_TRADE' && command.plan_id !== undefined && opened.has(command.plan_id))
        issues.push({ path: `${at}.plan_id`, message: `${command.plan_id} is opened by another command` });
      if (command.plan_id !== undefined && symbol !== undefined) opened.set(command.plan_id, symbol);
      issues.push(...checkSizes(command, symbol, instruments, at));
      issues.push(...checkRouting(command, at, venue, strategies));
    }
    if (directive.execution_policy?.mode === 'COORDINATED') issues.push(...oppositeSides(commands, root));
  }
  return issues;
}

function checkSizes(
  command: ExecutionCommand,
  symbol: string | undefined,
  instruments: Instruments,
  root: string,
): Issue[] {
  if (symbol === undefined) return [];
  const instrument = instruments[symbol];
  if (instrument === undefined) {
    const known = Object.keys(instruments).join(', ');
    return [{ path: `${root}.entry_plan.symbol`, message: `${symbol} is not in the market (${known})` }];
  }
  if (instrument === null) return [];
  const { lot_size: lot, tick_size: tick } = instrument;
  const params = command.routing_plan?.strategy_params;
  const at = (path: string): string => `${root}.${path}`;
  return [
    ...offStep(command.size_plan?.position_size, lot, 'lot size', at('size_plan.position_size')),
    ...offStep(command.entry_plan?.limit_price, tick, 'tick size', at('entry_plan.limit_price')),
    ...offStep(command.entry_plan?.stop_price, tick, 'tick size', at('entry_plan.stop_price')),
    ...offStep(command.exit_plan?.stop_loss_price, tick, 'tick size', at('exit_plan.stop_loss_price')),
    ...offStep(command.exit_plan?.take_profit_price, tick, 'tick size', at('exit_plan.take_profit_price')),
    ...offStep(params?.limit_price, tick, 'tick size', at('routing_plan.strategy_params.limit_price')),
  ];
}

function offStep(value: string | undefined, step: string, what: string, path: string): Issue[] {
  if (value === undefined) return [];
  try {
    toSteps(value, step, 'EXACT');
    return [];
  } catch (error) {
    if (!(error instanceof FillwrightError)) throw error;
    const off = error.code === 'QUANTITY_OFF_LOT';
    return [{ path, message: off ? `${value} is not a multiple of the ${what} ${step}` : error.message }];
  }
}

/** The venue must be the scenario's, leverage is not simulated, and the strategy must be installed. */
function checkRouting(
  command: ExecutionCommand,
  root: string,
  venue: string,
  strategies: Strategies,
): Issue[] {
  const issues: Issue[] = [];
  const { routing_plan: routing, size_plan: size, entry_plan: entry } = command;
  if (size !== undefined && cmp(size.leverage, '1') !== 0) {
    issues.push({ path: `${root}.size_plan.leverage`, message: `the venue '${venue}' has no leverage` });
  }
  if (routing === undefined) return issues;
  if (routing.venue !== undefined && routing.venue !== venue) {
    issues.push({
      path: `${root}.routing_plan.venue`,
      message: `a scenario has only the venue '${venue}'`,
    });
  }
  try {
    chooseStrategy(routing, entry, strategies);
  } catch (error) {
    if (!(error instanceof FillwrightError)) throw error;
    const path = error.path === '' ? 'routing_plan' : error.path;
    issues.push({ path: `${root}.${path}`, message: error.issues[0]?.message ?? error.message });
  }
  return issues;
}

/** COORDINATED refuses opposite sides of one account × instrument (DESIGN section 4). */
function oppositeSides(commands: readonly ExecutionCommand[], root: string): Issue[] {
  const sides = new Map<string, string>();
  const issues: Issue[] = [];
  for (const [i, { entry_plan: entry, routing_plan: routing }] of commands.entries()) {
    if (entry === undefined) continue;
    const key = `${routing?.account ?? ''} ${entry.symbol}`;
    const side = sides.get(key) ?? entry.direction;
    if (side !== entry.direction) {
      const path = `${root}.commands[${i}].entry_plan.direction`;
      issues.push({ path, message: `COORDINATED refuses opposite sides of ${entry.symbol}` });
    }
    sides.set(key, side);
  }
  return issues;
}
