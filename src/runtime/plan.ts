/**
 * The schedule a scenario would follow, without sending anything (DESIGN section 8, `plan`).
 *
 * Owns: what each command trades and when, were every slice filled at once. Places no order and starts no runtime;
 * quantities and prices come from the strategies' own `schedule`, seen at the market's first view at each
 * directive's time. A strategy that has none ahead, as POV, is asked along the market instead (plan-ahead.ts).
 */
import { SimulatedClock } from '../clock/simulated-clock.js';
import { createSimulatedVenue, type SimulatedVenue } from '../connectors/simulated/venue.js';
import { cmp, fromSteps, sub, toSteps } from '../dtos/decimal.js';
import { FillwrightError } from '../dtos/errors.js';
import type { ExecutionCommand } from '../dtos/execution-command.js';
import { toTimestamp } from '../dtos/time.js';
import type { Side } from '../dtos/venue.js';
import { openMarket } from '../market/open.js';
import { Replay } from '../market/replay.js';
import { chooseStrategy, installed, type StrategyContext, strategyOf } from '../strategies/index.js';
import { planRefusal } from './custom-params.js';
import { followed } from './plan-ahead.js';
import type { Scenario, ScenarioEntry } from './scenario.js';
import { SCENARIO_VENUE } from './scenario-checks.js';

/** Base quantity, quote price; `price` is absent where it is decided when the slice is due. */
export interface SliceView {
  readonly at: string;
  readonly quantity: string;
  readonly price?: string;
}

/** `target_quantity` null: the command needs no order. */
export interface GroupPlan {
  readonly symbol: string;
  readonly side: Side | null;
  readonly strategy: string;
  readonly target_quantity: string | null;
  readonly slices: readonly SliceView[];
}

export interface BatchPlan {
  readonly directive_id: string;
  readonly mode: string;
  readonly groups: readonly GroupPlan[];
}

export interface ScenarioPlan {
  readonly market: string;
  readonly batches: readonly BatchPlan[];
}

/** What earlier directives of the scenario are assumed to have opened: as if all of it had filled. */
interface Assumed {
  readonly symbol: string;
  readonly side: Side;
  readonly quantity: string;
}

/** One command as it would be traded, `quantity` null for none. */
interface Leg {
  readonly symbol: string;
  readonly side: Side | null;
  readonly quantity: string | null;
  readonly command: Pick<ExecutionCommand, 'routing_plan' | 'entry_plan'>;
  readonly path: string;
}

/**
 * Plans every directive of a scenario, in file order.
 * @throws PLAN_INFEASIBLE with file and path, when no schedule can meet the venue's minimum; MARKET_DATA
 */
export function planScenario(scenario: Scenario): ScenarioPlan {
  const source = openMarket(scenario.market, scenario.baseDir, scenario.instruments);
  const clock = new SimulatedClock(source.startsAt);
  const { instruments } = scenario;
  const venue = createSimulatedVenue({ clock, instruments, venue: scenario.venue, name: SCENARIO_VENUE });
  const replay = new Replay({ clock, source, venue });
  const plans = new Map<ScenarioEntry, BatchPlan>();
  const assumed = new Map<string, Assumed>();
  const plan = (entry: ScenarioEntry): void => {
    plans.set(entry, planEntry(scenario, entry, assumed, venue, clock.now()));
  };
  for (const entry of scenario.entries) if (entry.at !== null) clock.at(entry.at, () => plan(entry));
  const waiting = scenario.entries.filter((entry) => entry.at === null);
  const isShown = (entry: ScenarioEntry): boolean =>
    entry.symbols.every((symbol) => venue.view(symbol) !== null);
  do {
    for (let next = waiting[0]; next !== undefined && isShown(next); next = waiting[0]) {
      waiting.shift();
      plan(next);
    }
  } while (plans.size < scenario.entries.length && replay.step());
  for (const entry of waiting) plan(entry);
  return { market: source.name, batches: scenario.entries.flatMap((entry) => plans.get(entry) ?? []) };
}

function planEntry(
  scenario: Scenario,
  entry: ScenarioEntry,
  assumed: Map<string, Assumed>,
  venue: SimulatedVenue,
  now: number,
): BatchPlan {
  const { directive } = entry.parsed;
  const mode = directive.execution_policy?.mode ?? 'INDEPENDENT';
  const root = `directives[${scenario.entries.indexOf(entry)}]`;
  const groups: GroupPlan[] = [];
  let startedAt = now;
  for (const leg of legsOf(scenario, entry, assumed, root)) {
    const group = planLeg(leg, { scenario, venue, startedAt });
    groups.push(group);
    const last = group.slices.at(-1);
    // The next leg starts when this one is done, which is with its last slice were each filled at once.
    if (mode === 'SEQUENTIAL' && last !== undefined) startedAt = Date.parse(last.at);
  }
  return { directive_id: directive.directive_id, mode, groups };
}

function legsOf(
  scenario: Scenario,
  entry: ScenarioEntry,
  assumed: Map<string, Assumed>,
  root: string,
): Leg[] {
  const { directive, commands } = entry.parsed;
  if (entry.commands !== undefined) {
    return commands.map((command, i) => legOf(command, assumed, `${root}.commands[${i}]`));
  }
  const routing = { plan_id: '', ...scenario.config.orchestration.default_close_routing };
  return directive.target_plan_ids.map((trade) => {
    const path = `${root}.directive`;
    if (directive.scope !== 'CLOSE_EXISTING') return untraded({}, assumed.get(trade)?.symbol ?? '', path);
    return closing(trade, assumed, { routing_plan: routing }, path);
  });
}

const opposite = (side: Side): Side => (side === 'BUY' ? 'SELL' : 'BUY');

const untraded = (command: Leg['command'], symbol: string, path: string): Leg => ({
  symbol,
  side: null,
  quantity: null,
  command,
  path,
});

function closing(trade: string, assumed: Map<string, Assumed>, command: Leg['command'], path: string): Leg {
  const held = assumed.get(trade);
  if (held === undefined) return untraded(command, '', path);
  assumed.delete(trade);
  return { symbol: held.symbol, side: opposite(held.side), quantity: held.quantity, command, path };
}

function legOf(command: ExecutionCommand, assumed: Map<string, Assumed>, path: string): Leg {
  const { entry_plan: entry, size_plan: size } = command;
  const trade = command.plan_id ?? command.target_plan_id ?? '';
  if (command.scope === 'CLOSE_EXISTING') return closing(trade, assumed, command, path);
  const held = assumed.get(trade);
  const symbol = entry?.symbol ?? held?.symbol ?? '';
  const side = held?.side ?? entry?.direction;
  if (size === undefined || side === undefined) return untraded(command, symbol, path);
  assumed.set(trade, { symbol, side, quantity: size.position_size });
  // MODIFY's position_size is the new total (decision 3): the difference is traded.
  const change = sub(size.position_size, held?.quantity ?? '0');
  const order = cmp(change, '0');
  if (order === 0) return untraded(command, symbol, path);
  return order > 0
    ? { symbol, side, quantity: change, command, path }
    : { symbol, side: opposite(side), quantity: change.slice(1), command, path };
}

interface Moment {
  readonly scenario: Scenario;
  readonly venue: SimulatedVenue;
  readonly startedAt: number;
}

function planLeg(leg: Leg, { scenario, venue, startedAt }: Moment): GroupPlan {
  const { symbol, side, quantity, command, path } = leg;
  const instrument = venue.instrument(symbol);
  const strategies = installed(scenario.strategies);
  const { strategy, params } = chooseStrategy(command.routing_plan, command.entry_plan, strategies);
  if (quantity === null || side === null || instrument === undefined) {
    return { symbol, side, strategy, target_quantity: null, slices: [] };
  }
  const planner = strategyOf(strategy, strategies);
  const window = command.routing_plan?.max_execution_window_minutes;
  const spans = [planner.duration(params), window === undefined ? null : window * 60_000];
  const ends = spans.flatMap((ms) => (ms === null ? [] : [startedAt + ms]));
  const view = venue.view(symbol);
  const context: StrategyContext<unknown> = {
    params,
    instrument,
    side,
    target: toSteps(quantity, instrument.lotSize, 'EXACT'),
    maxSlippage: command.routing_plan?.max_slippage_pct ?? '0',
    startedAt,
    endsAt: ends.length === 0 ? null : Math.min(...ends),
    abilities: venue.capabilities,
    startVolume: view?.volume,
  };
  const planned = located(`${scenario.file}: ${path}`, () => {
    planner.check(context, view);
    const ahead = planner.schedule(context, view);
    return ahead.length > 0 ? ahead : followed(scenario, planner, context);
  });
  const slices = planned.map((slice) => ({
    at: toTimestamp(slice.at),
    quantity: fromSteps(slice.quantity, instrument.lotSize),
    ...(slice.price === null ? {} : { price: slice.price }),
  }));
  return { symbol, side, strategy, target_quantity: quantity, slices };
}

/** Names the file and the command in front of what a strategy refuses. */
function located<T>(where: string, plan: () => T): T {
  try {
    return plan();
  } catch (thrown) {
    const error = planRefusal(thrown);
    const path = error.path === '' ? '' : `.${error.path}`;
    throw new FillwrightError(error.code, `${where}${path}: ${error.message}`, {
      issues: error.issues,
      cause: error,
    });
  }
}
