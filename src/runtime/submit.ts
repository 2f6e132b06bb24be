/**
 * The edge of `submit`: everything that is refused before a batch exists.
 *
 * Owns: parsing, the commands that MODIFY and CLOSE derive (decision 3), venue and listing of each command
 * (decision 16), and the checks that need a listing: lot, tick, leverage, the strategy's own plan. Whatever throws
 * here leaves no record. Scope errors pass: they are journaled (DESIGN section 4, Flow).
 */
import { createHash } from 'node:crypto';
import type { Input, PositionState, VenueFacts } from '../actors/inputs.js';
import { scheduleEnd } from '../machines/group-plan.js';
import { type ErrorCode, FillwrightError, type Issue } from '../dtos/errors.js';
import { type ExecutionCommand, type ExecutionCommandInput, checkScope } from '../dtos/execution-command.js';
import { executionCommandsSchema } from '../dtos/execution-command-batch.js';
import type { IdMinter } from '../dtos/ids.js';
import { parseDto, toJson, validationError } from '../dtos/parse.js';
import {
  type StrategyDirective,
  type StrategyDirectiveInput,
  StrategyDirectiveSchema,
} from '../dtos/strategy-directive.js';
import { cmp, toSteps } from '../dtos/decimal.js';
import type { Instrument, MarketView } from '../dtos/venue.js';
import type { PositionRow } from '../book/positions.js';
import { LEGS_MAX_IMBALANCE } from '../actors/holds.js';
import { tradeIdOf } from '../actors/legs.js';
import { chooseStrategy, type Strategies, strategyOf } from '../strategies/index.js';
import type { Connector } from '../ports/connector.js';
import type { PlatformConfig } from './config.js';
import { parseCommands, planRefusal } from './custom-params.js';

export interface SubmitPorts {
  readonly connectors: Readonly<Record<string, Connector>>;
  readonly config: PlatformConfig;
  readonly strategies: Strategies;
  readonly minter: IdMinter;
  readonly now: () => number;
  readonly view: (symbol: string) => MarketView | null;
  readonly position: (tradeId: string) => PositionRow | undefined;
  /** Was this trade known, and has it left memory? */
  readonly hasLeft: (tradeId: string) => boolean;
  /** From the journal, for a trade that left memory. */
  readonly restore: (tradeId: string) => PositionState | null;
}

type Submit = Extract<Input, { k: 'submit' }>;

export interface Parsed {
  readonly directive: StrategyDirective;
  readonly commands: readonly ExecutionCommand[];
  readonly digest: string;
  /** The last id minted for commands that were derived; null: the host brought them. */
  readonly minted: string | null;
}

const fail = (code: ErrorCode, path: string, message: string, cause?: unknown): FillwrightError =>
  new FillwrightError(code, `${path}: ${message}`, {
    issues: [{ path, message }],
    ...(cause === undefined ? {} : { cause }),
  });

/** Parses what the host gave. @throws VALIDATION */
export function parseSubmission(
  directiveInput: StrategyDirectiveInput,
  commandInputs: readonly ExecutionCommandInput[] | undefined,
  ports: SubmitPorts,
): Parsed {
  const directive = parseDto(StrategyDirectiveSchema, directiveInput, 'directive');
  const digest = createHash('sha256')
    .update(toJson({ directive, commands: commandInputs ?? null }))
    .digest('hex');
  if (commandInputs === undefined) {
    const commands = derived(directive, ports);
    return { directive, commands, digest, minted: commands.at(-1)?.routing_plan?.plan_id ?? null };
  }
  const most = ports.config.orchestration.limits.max_commands_per_batch;
  const commands = parseCommands(commandInputs, most, ports.strategies, 'commands');
  return { directive, commands, digest, minted: null };
}

/** CLOSE: one command per plan, with the platform's closing route. Other scopes say too little to derive from. */
function derived(
  directive: StrategyDirective,
  { config, minter, now }: SubmitPorts,
): readonly ExecutionCommand[] {
  if (directive.scope !== 'CLOSE_EXISTING') {
    const message = `${directive.scope} needs its commands: the directive alone names no plan`;
    throw validationError([{ path: 'commands', message }]);
  }
  const route = config.orchestration.default_close_routing;
  const commands = directive.target_plan_ids.map(
    (target): ExecutionCommandInput => ({
      command_id: minter.mint('EXE', now()),
      causality: { ...directive.causality, strategy_directive_id: directive.directive_id },
      scope: 'CLOSE_EXISTING',
      target_plan_id: target,
      routing_plan: { ...route, plan_id: minter.mint('ROU', now()) },
    }),
  );
  return parseDto(
    executionCommandsSchema(config.orchestration.limits.max_commands_per_batch),
    commands,
    'commands',
  );
}

/** The input of a parsed submission, with all that its fold may read. @throws see `Runtime.submit` */
export function prepareSubmit({ directive, commands, digest, minted }: Parsed, ports: SubmitPorts): Submit {
  const isComplete = commands.every((command) => checkScope(command).length === 0);
  const listed = isComplete
    ? commands.map((command, i) => listedCommand(command, `commands[${i}]`, ports))
    : [];
  const instruments: Record<string, Instrument> = {};
  const venueFacts: Record<string, VenueFacts> = {};
  const views: Record<string, MarketView | null> = {};
  for (const { venue, instrument } of listed) {
    instruments[`${venue}|${instrument.symbol}`] = instrument;
    venueFacts[venue] ??= factsOf(ports.connectors[venue]!);
    views[instrument.symbol] ??= ports.view(instrument.symbol);
  }
  checkPolicy(directive, listed);
  for (const row of listed) checkPlan(row, ports);
  return {
    k: 'submit',
    ...{
      directive,
      commands,
      digest,
      venues: listed.map(({ venue }) => venue),
      venueFacts,
      instruments,
      views,
    },
    ...(minted === null ? {} : { minted }),
    restored: listed.flatMap(({ restored }) => (restored === null ? [] : [restored])),
  };
}

interface Listed {
  readonly command: ExecutionCommand;
  readonly path: string;
  readonly venue: string;
  readonly instrument: Instrument;
  readonly side: 'BUY' | 'SELL';
  readonly restored: PositionState | null;
}

const factsOf = (connector: Connector): VenueFacts => ({
  placeValidityMs: connector.capabilities.placeValidityMs ?? null,
  allowShort: connector.allowShort,
  unlimitedCash: connector.unlimitedCash === true,
  takerFeeBps: connector.takerFeeBps,
  balances: connector.balances(),
  ...abilitiesOf(connector),
});

/** Only what it has: a venue without abilities says nothing of them. */
function abilitiesOf({ capabilities }: Connector): Pick<VenueFacts, 'abilities'> {
  const abilities = {
    ...(capabilities.stopOrders === true ? { stopOrders: true } : {}),
    ...(capabilities.iceberg === true ? { iceberg: true } : {}),
  };
  return Object.keys(abilities).length === 0 ? {} : { abilities };
}

function listedCommand(command: ExecutionCommand, path: string, ports: SubmitPorts): Listed {
  const { symbol, side, restored, venue: held } = subjectOf(command, path, ports);
  const venue = command.routing_plan?.venue ?? held ?? soleVenue(path, ports);
  const connector = ports.connectors[venue];
  if (connector === undefined)
    throw fail('VENUE_REQUIRED', `${path}.routing_plan.venue`, `no connector ${venue}`);
  const account = command.routing_plan?.account;
  if (account !== undefined && account !== connector.account) {
    throw fail(
      'VENUE_REQUIRED',
      `${path}.routing_plan.account`,
      `connector ${venue} does not trade for ${account}`,
    );
  }
  const instrument = connector.instrument(symbol);
  if (instrument === undefined) {
    throw fail('INSTRUMENT_UNKNOWN', `${path}.entry_plan.symbol`, `${venue} does not list ${symbol}`);
  }
  checkAgainst(command, path, connector, instrument);
  checkExits(command, path, side);
  return { command, path, venue, instrument, side, restored };
}

function soleVenue(path: string, { connectors }: SubmitPorts): string {
  const names = Object.keys(connectors);
  if (names.length === 1) return names[0]!;
  const message = `name one of ${names.join(', ')}`;
  throw fail('VENUE_REQUIRED', `${path}.routing_plan.venue`, message);
}

/** What a command is about: its own symbol, or that of the trade it names. */
function subjectOf(command: ExecutionCommand, path: string, ports: SubmitPorts) {
  const tradeId = tradeIdOf(command);
  if (command.scope === 'NEW_TRADE') {
    if (ports.position(tradeId) !== undefined || ports.hasLeft(tradeId)) {
      throw validationError([{ path: `${path}.plan_id`, message: `trade ${tradeId} exists already` }]);
    }
    const { symbol, direction } = command.entry_plan!;
    return { symbol, side: direction, restored: null, venue: undefined };
  }
  const row = ports.position(tradeId);
  if (row !== undefined) return { symbol: row.symbol, side: row.direction, restored: null, venue: row.venue };
  const restored = ports.hasLeft(tradeId) ? ports.restore(tradeId) : null;
  if (restored === null)
    throw validationError([{ path: `${path}.target_plan_id`, message: `no trade ${tradeId}` }]);
  return { symbol: restored.symbol, side: restored.direction, restored, venue: restored.venue };
}

function checkAgainst(
  command: ExecutionCommand,
  path: string,
  connector: Connector,
  instrument: Instrument,
): void {
  const { entry_plan: entry, size_plan: size, exit_plan: exit, routing_plan: routing } = command;
  if (size !== undefined) {
    onStep(size.position_size, instrument.lotSize, 'QUANTITY_OFF_LOT', `${path}.size_plan.position_size`);
    if (cmp(size.leverage, '1') !== 0 && connector.capabilities.leverage !== true) {
      throw fail('LEVERAGE', `${path}.size_plan.leverage`, `${connector.venue} declares no leverage`);
    }
  }
  const prices: [string | undefined, string][] = [
    [entry?.limit_price, 'entry_plan.limit_price'],
    [entry?.stop_price, 'entry_plan.stop_price'],
    [routing?.strategy_params?.limit_price, 'routing_plan.strategy_params.limit_price'],
    [exit?.stop_loss_price, 'exit_plan.stop_loss_price'],
    [exit?.take_profit_price, 'exit_plan.take_profit_price'],
  ];
  for (const [price, field] of prices) {
    if (price !== undefined) onStep(price, instrument.tickSize, 'PRICE_OFF_TICK', `${path}.${field}`);
  }
  if (entry?.order_type === 'STOP_LIMIT' && connector.capabilities.stopOrders !== true) {
    throw validationError([
      { path: `${path}.entry_plan.order_type`, message: `${connector.venue} takes no stop orders` },
    ]);
  }
}

/** A stop lies on the losing side of the target. */
function checkExits({ exit_plan: exit }: ExecutionCommand, path: string, side: 'BUY' | 'SELL'): void {
  const { stop_loss_price: stop, take_profit_price: target } = exit ?? {};
  if (stop === undefined || target === undefined) return;
  const order = cmp(stop, target);
  if (side === 'BUY' ? order < 0 : order > 0) return;
  const message = `of a ${side} must be ${side === 'BUY' ? 'below' : 'above'} take_profit_price ${target}`;
  throw validationError([{ path: `${path}.exit_plan.stop_loss_price`, message }]);
}

function onStep(
  value: string,
  step: string,
  code: 'QUANTITY_OFF_LOT' | 'PRICE_OFF_TICK',
  path: string,
): void {
  try {
    toSteps(value, step, 'EXACT');
  } catch (error) {
    const cause = error as FillwrightError;
    const own = cause.code === 'QUANTITY_TOO_LARGE' ? cause.code : code;
    throw fail(own, path, own === code ? `${value} is not a multiple of ${step}` : cause.message, cause);
  }
}

/** The strategy's own word: can this plan be met at all? */
function checkPlan({ command, instrument, path, venue }: Listed, ports: SubmitPorts): void {
  const connector = ports.connectors[venue]!;
  const routing = command.routing_plan;
  const size = command.size_plan?.position_size;
  try {
    const choice = chooseStrategy(routing, command.entry_plan, ports.strategies);
    if (command.scope !== 'NEW_TRADE' || routing === undefined || size === undefined) return;
    const { abilities } = abilitiesOf(connector);
    const view = ports.view(instrument.symbol);
    const now = ports.now();
    const strategy = strategyOf(choice.strategy, ports.strategies);
    const minutes = routing.max_execution_window_minutes;
    const windowMs = minutes === undefined ? null : minutes * 60_000;
    const spec = { strategy: choice.strategy, params: choice.params, windowMs };
    strategy.check(
      {
        params: choice.params,
        instrument,
        side: command.entry_plan!.direction,
        target: toSteps(size, instrument.lotSize, 'EXACT'),
        maxSlippage: routing.max_slippage_pct,
        startedAt: now,
        endsAt: scheduleEnd(spec, now, ports.strategies),
        ...(view === null ? {} : { startVolume: view.volume ?? '0' }),
        ...(abilities === undefined ? {} : { abilities }),
      },
      view,
    );
  } catch (thrown) {
    const error = planRefusal(thrown);
    const at = error.path === '' ? path : `${path}.${error.path}`;
    const issue: Issue = { path: at, message: error.message };
    throw new FillwrightError(error.code, `${at}: ${error.message}`, { issues: [issue], cause: error });
  }
}

function checkPolicy(directive: StrategyDirective, listed: readonly Listed[]): void {
  const policy = directive.execution_policy;
  if (policy?.mode !== 'COORDINATED') return;
  if (policy.max_leg_imbalance !== undefined && listed.length > LEGS_MAX_IMBALANCE) {
    const message = `takes at most ${LEGS_MAX_IMBALANCE} legs, not ${listed.length}`;
    throw validationError([{ path: 'directive.execution_policy.max_leg_imbalance', message }]);
  }
  const sides = new Map<string, string>();
  for (const { command, path, venue, instrument, side } of listed) {
    const own = command.scope === 'CLOSE_EXISTING' ? (side === 'BUY' ? 'SELL' : 'BUY') : side;
    const key = `${venue}|${command.routing_plan?.account ?? ''}|${instrument.symbol}`;
    const other = sides.get(key);
    if (other !== undefined && other !== own) {
      throw fail('OPPOSITE_SIDES', path, `${instrument.symbol} stands on both sides of a COORDINATED batch`);
    }
    sides.set(key, own);
  }
}
