/**
 * Runs a scenario: market, simulated venue and clock, a runtime, and the loop that moves time.
 *
 * Owns when a directive is submitted, when the market has ended, and that time moves only while the runtime is idle.
 * Decides nothing about orders. The same scenario writes the same journal, byte for byte: ids come from a fixed seed.
 */
import { scheduler } from 'node:timers/promises';
import { SimulatedClock } from '../clock/simulated-clock.js';
import { createSimulatedVenue, type SimulatedVenue } from '../connectors/simulated/venue.js';
import { FillwrightError } from '../dtos/errors.js';
import type { RuntimeEvent } from '../dtos/events.js';
import { toTimestamp } from '../dtos/time.js';
import { seededIds } from '../ids/ids.js';
import type { MarketSource } from '../market/event.js';
import { openMarket } from '../market/open.js';
import { Replay } from '../market/replay.js';
import { createMemoryJournal } from '../journal/index.js';
import type { AlertSink } from '../ports/alerts.js';
import type { Journal } from '../ports/journal.js';
import type { BatchHandle, Inspect, Runtime } from './api.js';
import { createRuntime } from './create-runtime.js';
import { Projection } from './projection.js';
import type { Scenario, ScenarioEntry } from './scenario.js';
import { SCENARIO_VENUE } from './scenario-checks.js';

export interface SimulationOptions {
  /** Default: kept in memory, in every environment: simulated time has nothing to resume. */
  readonly journal?: Journal;
  readonly alerts?: AlertSink;
  /** After each event was folded, in order. */
  readonly onEvent?: (event: RuntimeEvent, projection: Projection) => void;
  readonly inspect?: Inspect;
  readonly host?: 'actors' | 'pure';
  /** Once aborted: nothing more is submitted, every open batch is cancelled, and the run goes on until all settled. */
  readonly signal?: AbortSignal;
}

export interface SimulationResult {
  readonly projection: Projection;
  /** Closed; its positions and groups stay readable. */
  readonly runtime: Runtime;
  /** What the market is called wherever results are shown. */
  readonly market: string;
  /** Simulated time at the end, epoch ms. */
  readonly endedAt: number;
  /** Directives that were submitted. */
  readonly submitted: number;
}

/** Ids of a scenario are a function of this seed and the inputs. */
const ID_SEED = 'scenario';
/** How often the loop lets the process hear signals and write output. */
const STEPS_PER_TURN = 1_024;
/** After the market's end only timers move; a batch that is open this much later will not settle by itself. */
const AFTERMATH_MS_MAX = 24 * 3_600_000;
const AFTERMATH_STEPS_MAX = 1_000_000;

/**
 * Runs a scenario to its end: every directive submitted and every batch settled, or the market over.
 *
 * @throws MARKET_DATA when a file turns out to be damaged; VALIDATION when a directive's time never comes; and what
 *   `submit` throws. Outcomes of batches are in the projection, not thrown.
 */
export async function runScenario(
  scenario: Scenario,
  options: SimulationOptions = {},
): Promise<SimulationResult> {
  const source = openMarket(scenario.market, scenario.baseDir, scenario.instruments);
  checkTimes(scenario, source);
  const clock = new SimulatedClock(source.startsAt);
  const { instruments } = scenario;
  const venue = createSimulatedVenue({ clock, instruments, venue: scenario.venue, name: SCENARIO_VENUE });
  const replay = new Replay({ clock, source, venue });
  const { journal = createMemoryJournal(), alerts, inspect, host } = options;
  const runtime = await createRuntime({
    connectors: { [SCENARIO_VENUE]: venue },
    marketData: venue,
    config: scenario.config,
    clock,
    ids: seededIds(ID_SEED),
    strategies: scenario.strategies,
    journal,
    ...(alerts === undefined ? {} : { alerts }),
    ...(inspect === undefined ? {} : { inspect }),
    ...(host === undefined ? {} : { host }),
  });
  const projection = new Projection();
  const subscription = runtime.events$.subscribe((event) => {
    projection.apply(event);
    options.onEvent?.(event, projection);
  });
  const desk = new Desk(scenario, runtime, venue, clock);
  try {
    await drive({ desk, runtime, clock, replay, signal: options.signal });
    if (options.signal?.aborted !== true) desk.requireAllSubmitted();
  } finally {
    await runtime.close();
    subscription.unsubscribe();
  }
  return { projection, runtime, market: source.name, endedAt: clock.now(), submitted: desk.submitted };
}

interface Drive {
  readonly desk: Desk;
  readonly runtime: Runtime;
  readonly clock: SimulatedClock;
  readonly replay: Replay;
  readonly signal: AbortSignal | undefined;
}

async function drive({ desk, runtime, clock, replay, signal }: Drive): Promise<void> {
  let marketEndedAt: number | null = null;
  let aftermath = 0;
  for (let step = 1; ; step++) {
    if (signal?.aborted === true) desk.cancelAll();
    else desk.submitReady();
    if (!runtime.idle) await runtime.settle();
    await desk.answers();
    if (desk.allSubmitted && runtime.openBatches === 0 && runtime.openProtections === 0) return;
    // A timer of the market's last moment, such as a directive's, still belongs to it.
    if (
      replay.ended &&
      marketEndedAt === null &&
      (replay.nextAt() ?? Number.POSITIVE_INFINITY) > clock.now()
    ) {
      marketEndedAt = clock.now();
      desk.closeDoors();
      await runtime.endMarket();
      continue;
    }
    if (marketEndedAt !== null) {
      aftermath += 1;
      if (clock.now() - marketEndedAt > AFTERMATH_MS_MAX || aftermath > AFTERMATH_STEPS_MAX) return;
    }
    if (!replay.step() && marketEndedAt !== null && runtime.idle) return;
    if (step % STEPS_PER_TURN === 0) await scheduler.yield();
  }
}

/** Hands the scenario's directives in: timed ones by the clock, the others in file order when the market shows. */
class Desk {
  readonly #scenario: Scenario;
  readonly #runtime: Runtime;
  readonly #venue: SimulatedVenue;
  readonly #timers: (() => void)[] = [];
  readonly #handles: BatchHandle[] = [];
  /** Untimed ones that wait for the market, in file order. */
  readonly #waiting: ScenarioEntry[];
  readonly #left: Set<ScenarioEntry>;
  #pending: Promise<void>[] = [];
  #closed = false;
  #cancelled = false;

  constructor(scenario: Scenario, runtime: Runtime, venue: SimulatedVenue, clock: SimulatedClock) {
    this.#scenario = scenario;
    this.#runtime = runtime;
    this.#venue = venue;
    this.#left = new Set(scenario.entries);
    this.#waiting = scenario.entries.filter((entry) => entry.at === null);
    for (const entry of scenario.entries) {
      if (entry.at !== null) this.#timers.push(clock.at(entry.at, () => this.#submit(entry)));
    }
  }

  get submitted(): number {
    return this.#scenario.entries.length - this.#left.size;
  }

  /** True too when nothing more may be submitted. */
  get allSubmitted(): boolean {
    return this.#closed || this.#left.size === 0;
  }

  submitReady(): void {
    for (let next = this.#waiting[0]; next !== undefined && this.#isShown(next); next = this.#waiting[0]) {
      this.#waiting.shift();
      this.#submit(next);
    }
  }

  /** Waits for what was submitted or cancelled; a refusal of `submit` ends the run. */
  async answers(): Promise<void> {
    if (this.#pending.length === 0) return;
    const pending = this.#pending;
    this.#pending = [];
    await Promise.all(pending);
  }

  closeDoors(): void {
    this.#closed = true;
    for (const disarm of this.#timers) disarm();
  }

  cancelAll(): void {
    if (this.#cancelled) return;
    this.#cancelled = true;
    this.closeDoors();
    for (const handle of this.#handles) this.#pending.push(cancelQuietly(handle));
  }

  requireAllSubmitted(): void {
    const [entry] = this.#left;
    if (entry === undefined) return;
    const path = `directives[${this.#scenario.entries.indexOf(entry)}]`;
    throw refused(
      this.#scenario,
      path,
      'was never submitted: the market shows nothing of one of its symbols',
    );
  }

  #isShown(entry: ScenarioEntry): boolean {
    const symbols = entry.symbols;
    if (symbols.length > 0) return symbols.every((symbol) => this.#venue.view(symbol) !== null);
    return Object.keys(this.#scenario.instruments).some((symbol) => this.#venue.view(symbol) !== null);
  }

  #submit(entry: ScenarioEntry): void {
    this.#left.delete(entry);
    const accepted = this.#runtime.submit(entry.directive, entry.commands);
    const located = (error: unknown): never => {
      throw locate(this.#scenario, entry, error);
    };
    this.#pending.push(accepted.then((handle) => void this.#handles.push(handle), located));
  }
}

/** What `submit` refuses by a path of its own is told by the file's: `FILE: directives[0].commands[0]…: message`. */
function locate(scenario: Scenario, entry: ScenarioEntry, error: unknown): unknown {
  if (!(error instanceof FillwrightError) || error.path === '') return error;
  const root = `directives[${scenario.entries.indexOf(entry)}]`;
  const issues = error.issues.map((issue) => ({ ...issue, path: `${root}.${issue.path}` }));
  const message = `${scenario.file}: ${root}.${error.message}`;
  return new FillwrightError(error.code, message, { issues, cause: error });
}

/** A directive due after the market's end would never be submitted: refused before anything runs. */
function checkTimes(scenario: Scenario, source: MarketSource): void {
  const { endsAt } = source;
  if (endsAt === null) return;
  const late = scenario.entries.findIndex((entry) => entry.at !== null && entry.at > endsAt);
  if (late >= 0)
    throw refused(scenario, `directives[${late}].at`, `is after the market's end at ${toTimestamp(endsAt)}`);
}

function refused(scenario: Scenario, path: string, message: string): FillwrightError {
  return new FillwrightError('VALIDATION', `${scenario.file}: ${path}: ${message}`, {
    issues: [{ path, message }],
  });
}

/** A batch that has settled, or is unwinding already, needs no cancel. */
async function cancelQuietly(handle: BatchHandle): Promise<void> {
  try {
    await handle.cancel('interrupted');
  } catch (error) {
    const settled =
      error instanceof FillwrightError && (error.code === 'UNKNOWN_BATCH' || error.code === 'UNWINDING');
    if (!settled) throw error;
  }
}
