/**
 * Scenario files (DESIGN section 8): one file with a market, a venue and directives, validated as a whole up front.
 *
 * Owns: the file's shape, relative paths, defaults, and that every finding names file and path. Opens no market
 * and runs nothing (runtime/simulation.ts does); what commands must satisfy is in scenario-checks.ts.
 */
import { existsSync } from 'node:fs';
import { dirname, isAbsolute, join } from 'node:path';
import { z } from 'zod';
import {
  type InstrumentConfig,
  InstrumentConfigSchema,
  type VenueConfig,
  VenueConfigSchema,
} from '../connectors/simulated/config.js';
import { FillwrightError, type Issue } from '../dtos/errors.js';
import { checkScope, type ExecutionCommandInput } from '../dtos/execution-command.js';
import { parseDto } from '../dtos/parse.js';
import { symbol, timestamp } from '../dtos/primitives.js';
import { type StrategyDirectiveInput, StrategyDirectiveSchema } from '../dtos/strategy-directive.js';
import { toMs } from '../dtos/time.js';
import { type MarketConfig, MarketConfigSchema } from '../market/config.js';
import { type CustomStrategy, installed, type Strategies } from '../strategies/index.js';
import { type PlatformConfig, parseConfig } from './config.js';
import { parseCommands } from './custom-params.js';
import { readDocument } from './document.js';
import { checkEntries, type ParsedEntry, PROCESS_VENUE, SCENARIO_VENUE } from './scenario-checks.js';

/** One directive of a scenario. `directive` and `commands` are as written, for `submit`; `parsed` as understood. */
export interface ScenarioEntry {
  /** Simulated time of submission, epoch ms; null = as soon as the market shows every symbol. */
  readonly at: number | null;
  readonly directive: StrategyDirectiveInput;
  readonly commands: readonly ExecutionCommandInput[] | undefined;
  readonly parsed: ParsedEntry;
  /** Symbols that its commands name. */
  readonly symbols: readonly string[];
}

export interface Scenario {
  /** As given. */
  readonly file: string;
  readonly baseDir: string;
  readonly market: MarketConfig;
  /** Every symbol of the market, listed or defaulted; a venue process has its own instead. */
  readonly instruments: Readonly<Record<string, InstrumentConfig>>;
  readonly venue: VenueConfig;
  readonly config: PlatformConfig;
  readonly entries: readonly ScenarioEntry[];
  /** The host's own that it was loaded with: its commands may name them beside the built-in ones. */
  readonly strategies: readonly CustomStrategy[];
}

export interface ScenarioOptions {
  /** A platform configuration in place of the one that the scenario names. */
  readonly config?: string;
  /** The host's own strategies, beside the built-in ones. */
  readonly strategies?: readonly CustomStrategy[];
}

const ScenarioSchema = z.strictObject({
  environment: z.enum(['backtest', 'paper', 'live']).optional(),
  market: MarketConfigSchema,
  instruments: z.record(symbol, InstrumentConfigSchema).default({}),
  venue: VenueConfigSchema.optional(),
  config: z.string().min(1).optional(),
  directives: z
    .array(
      z.strictObject({ at: timestamp.optional(), directive: z.unknown(), commands: z.unknown().optional() }),
    )
    .min(1),
});

/**
 * Sizes of a symbol that the scenario does not list: tick 0.01, no minimum notional, and lots of 0.00001 for
 * BASE/QUOTE or 1 for a ticker.
 */
export function defaultInstrument(name: string): InstrumentConfig {
  return { tick_size: '0.01', lot_size: name.includes('/') ? '0.00001' : '1', min_notional: '0' };
}

/**
 * Loads and validates a scenario (YAML or JSON); relative paths count from its file. Nothing runs.
 *
 * @throws SCENARIO unreadable or malformed (`FILE:LINE:COL: message`), or a file it names is missing
 * @throws VALIDATION `FILE: directives[0].commands[0].size_plan.position_size: message`
 * @throws CONFIG the platform configuration, with its own file's name
 */
export function loadScenario(file: string, options: ScenarioOptions = {}): Scenario {
  return readScenario(readDocument(file), file, options);
}

/** Validates the content of a scenario file that has been read. @throws as `loadScenario` */
function readScenario(value: unknown, file: string, options: ScenarioOptions = {}): Scenario {
  const strategies = installed(options.strategies);
  return named(file, () => {
    const raw = dropRoot(() => parseDto(ScenarioSchema, value, ''));
    if (raw.environment === 'live') {
      throw invalid([{ path: 'environment', message: 'live is refused: a scenario has no live connectors' }]);
    }
    checkVenueMarket(raw);
    const baseDir = dirname(file);
    checkFiles(raw.market, baseDir, file);
    const config = loadConfigFor(raw, file, options.config);
    const symbols = marketSymbols(raw.market);
    const instruments = Object.fromEntries(
      symbols.map((name) => [name, raw.instruments[name] ?? defaultInstrument(name)]),
    );
    const entries = raw.directives.map((entry, index) => parseEntry(entry, index, config, strategies));
    const parsed = entries.map((entry) => entry.parsed);
    const isProcess = raw.market.source === 'venue';
    const known = isProcess ? Object.fromEntries(symbols.map((name) => [name, null])) : instruments;
    const venue = isProcess ? PROCESS_VENUE : SCENARIO_VENUE;
    const issues = [
      ...unlisted(raw.instruments, symbols),
      ...checkEntries(parsed, { instruments: known, venue, strategies }),
    ];
    if (issues.length > 0) throw invalid(issues);
    return {
      file,
      baseDir,
      market: raw.market,
      instruments,
      venue: raw.venue ?? parseDto(VenueConfigSchema, {}, 'venue'),
      config,
      entries,
      strategies: options.strategies ?? [],
    };
  });
}

/** Reads `platform.yaml`. @throws SCENARIO unreadable or malformed; CONFIG `FILE: orchestration…: message` */
export function loadConfig(file: string): PlatformConfig {
  return parseConfig(readDocument(file), file);
}

/** The symbols that a market carries, in the order of its configuration. */
function marketSymbols(market: MarketConfig): string[] {
  switch (market.source) {
    case 'recorded':
      return [...new Set(Object.values(market.symbols))];
    case 'synthetic':
      return Object.keys(market.symbols);
    case 'venue':
      return [...new Set(market.symbols)];
  }
}

/** A venue of its own brings its own sizes, fees and balances, and real time. */
function checkVenueMarket({ market, venue, environment, instruments }: Raw): void {
  if (market.source !== 'venue') return;
  const message = 'contradicts market.source venue: the venue says it itself';
  if (venue !== undefined) throw invalid([{ path: 'venue', message }]);
  if (Object.keys(instruments).length > 0) throw invalid([{ path: 'instruments', message }]);
  if (environment === 'backtest')
    throw invalid([{ path: 'environment', message: 'market.source venue runs on real time: paper' }]);
}

type Raw = z.output<typeof ScenarioSchema>;

function parseEntry(
  entry: Raw['directives'][number],
  index: number,
  config: PlatformConfig,
  strategies: Strategies,
): ScenarioEntry {
  const root = `directives[${index}]`;
  const directive = parseDto(StrategyDirectiveSchema, entry.directive, `${root}.directive`);
  const max = config.orchestration.limits.max_commands_per_batch;
  const commands =
    entry.commands === undefined ? [] : parseCommands(entry.commands, max, strategies, `${root}.commands`);
  if (entry.commands === undefined && directive.scope === 'NEW_TRADE') {
    throw invalid([{ path: `${root}.commands`, message: 'NEW_TRADE requires commands' }]);
  }
  const symbols = commands.flatMap((command) =>
    command.entry_plan === undefined ? [] : [command.entry_plan.symbol],
  );
  return {
    at: entry.at === undefined ? null : toMs(entry.at),
    // Parsed above: the schema accepts exactly these types.
    directive: entry.directive as StrategyDirectiveInput,
    commands: entry.commands as readonly ExecutionCommandInput[] | undefined,
    parsed: { directive, commands },
    symbols: [...new Set(symbols)],
  };
}

function checkFiles(market: MarketConfig, baseDir: string, file: string): void {
  if (market.source !== 'recorded') return;
  for (const [index, name] of market.files.entries()) {
    if (existsSync(isAbsolute(name) ? name : join(baseDir, name))) continue;
    const path = `market.files[${index}]`;
    const message = `no such file: ${name}`;
    throw new FillwrightError('SCENARIO', `${file}: ${path}: ${message}`, { issues: [{ path, message }] });
  }
}

function loadConfigFor(raw: Raw, file: string, override: string | undefined): PlatformConfig {
  const given =
    raw.config === undefined || isAbsolute(raw.config) ? raw.config : join(dirname(file), raw.config);
  const source = override ?? given;
  const value = source === undefined ? {} : (readDocument(source) ?? {});
  const isMap = typeof value === 'object' && !Array.isArray(value);
  // The scenario says where it runs; a configuration file may be shared by all environments.
  const inForce = isMap && raw.environment !== undefined ? { ...value, environment: raw.environment } : value;
  const config = parseConfig(inForce, source);
  if (config.environment === 'live') {
    const message = 'live is refused: a scenario has no live connectors';
    throw new FillwrightError('CONFIG', `${source}: environment: ${message}`, { path: 'environment' });
  }
  return config;
}

function unlisted(instruments: Readonly<Record<string, unknown>>, symbols: readonly string[]): Issue[] {
  return Object.keys(instruments)
    .filter((name) => !symbols.includes(name))
    .map((name) => ({
      path: `instruments[${JSON.stringify(name)}]`,
      message: `the market carries only ${symbols.join(', ')}`,
    }));
}

function invalid(issues: readonly Issue[]): FillwrightError {
  const first = issues[0];
  const more = issues.length > 1 ? ` (+${issues.length - 1} more)` : '';
  return new FillwrightError('VALIDATION', `${first?.path}: ${first?.message}${more}`, { issues });
}

/** A scenario's own fields have no root: `.market.seed` reads `market.seed`. */
function dropRoot<T>(parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof FillwrightError) || error.code !== 'VALIDATION') throw error;
    throw invalid(
      error.issues.map((issue) => ({ ...issue, path: issue.path.replace(/^\./, '') || 'scenario' })),
    );
  }
}

/** Puts the file in front of a validation's message. */
function named<T>(file: string, load: () => T): T {
  try {
    return load();
  } catch (error) {
    if (!(error instanceof FillwrightError) || error.code !== 'VALIDATION') throw error;
    throw new FillwrightError('VALIDATION', `${file}: ${error.message}`, {
      issues: error.issues,
      cause: error,
    });
  }
}

/**
 * Validates a file by what it holds: a scenario, or a platform configuration. Beyond loading, a scenario's commands
 * must be complete for their scope; `run` journals what is incomplete and ends such a batch FAILED.
 * @throws as `loadScenario` and `loadConfig`; SCOPE `FILE: directives[0].commands[0].size_plan: NEW_TRADE requires size_plan`
 */
export function validateFile(file: string): 'scenario' | 'platform configuration' {
  const value = readDocument(file);
  const keys = typeof value === 'object' && value !== null ? Object.keys(value) : [];
  if (keys.some((key) => key === 'orchestration' || key === 'profiles') || keys.join() === 'environment') {
    parseConfig(value, file);
    return 'platform configuration';
  }
  const { entries } = readScenario(value, file);
  const issues = entries.flatMap(({ parsed }, index) =>
    parsed.commands.flatMap((command, i) => checkScope(command, `directives[${index}].commands[${i}]`)),
  );
  if (issues.length > 0)
    throw new FillwrightError('SCOPE', `${file}: ${invalid(issues).message}`, { issues });
  return 'scenario';
}
