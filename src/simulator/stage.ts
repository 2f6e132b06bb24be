/**
 * The stage of a world: simulated time, market, exchanges, lines, auditor, and the runtime that is opened on them.
 *
 * Owns how the parts are wired, the opening of a process, and its end. Moves no time: that is run.ts's.
 */
import { SimulatedClock } from '../clock/simulated-clock.js';
import type { AccountReport, Report } from '../dtos/venue.js';
import { seededIds } from '../ids/ids.js';
import type { MarketData } from '../ports/market-data.js';
import type { Runtime } from '../runtime/api.js';
import { createRuntime } from '../runtime/create-runtime.js';
import { Auditor } from './audit/auditor.js';
import { i30NoSecret } from './audit/secret.js';
import { statesOf } from './audit/states.js';
import { Connection } from './connection.js';
import type { Coverage } from './coverage.js';
import { FaultDraws, thrown } from './fault-draws.js';
import { hostileStrategy } from './hostile-strategy.js';
import { Line } from './line.js';
import { DiskMedium, type Medium, MemoryMedium } from './medium.js';
import { WalkMarket } from './market.js';
import { Process, Store, type StoreOptions } from './process.js';
import { Random } from './random.js';
import { SimulatedExchange } from './venue.js';
import { WORLD_START, type World } from './world.js';

export const UNWIND_ATTEMPTS = 3;

/** Executions that a process may have heard of and not kept. */
const isExecution = ({ type }: Report): boolean =>
  type === 'TRADE' || type === 'TRADE_CANCEL' || type === 'TRADE_CORRECT';

export class Stage {
  readonly clock = new SimulatedClock(WORLD_START);
  readonly faults: FaultDraws;
  readonly market: WalkMarket;
  readonly auditor: Auditor;
  readonly store: Store;
  readonly medium: Medium;
  readonly exchanges = new Map<string, SimulatedExchange>();
  readonly lines = new Map<string, Line>();
  runtime: Runtime | null = null;
  process: Process | null = null;
  restarts = 0;
  #connections = new Map<string, Connection>();
  /** Reports handed to the process that lives. */
  delivered = 0;
  /** Executions handed over since the process was last at rest, by venue. */
  #unsettled: { readonly venue: string; readonly report: Report }[] = [];

  constructor(
    readonly world: World,
    private readonly committed: (line: string) => void,
    private readonly coverage: Coverage,
    stored: StoreOptions = {},
  ) {
    this.store = new Store(stored);
    const { options, seed } = world;
    const { placeValidityMs } = options;
    this.auditor = new Auditor({ placeValidityMs, unwindAttemptsMax: UNWIND_ATTEMPTS, lists: options.lists });
    const { model } = this.auditor;
    this.faults = new FaultDraws(seed, world.faults, (n, id) => coverage.hit(n, statesOf(model, id)));
    this.medium =
      options.disk === 'faulty'
        ? new DiskMedium(this.faults, options.snapshotRecords > 0, (text) =>
            i30NoSecret(model, 'a snapshot', text),
          )
        : new MemoryMedium(this.faults);
    this.market = new WalkMarket(this.clock, this.faults, { seed, ...options });
    const random = new Random(seed, 'latency');
    for (const name of options.venues) this.#open(name, random.pick([0, 0, 5, 20]));
    this.market.onMove = () => {
      for (const exchange of this.exchanges.values()) exchange.moved();
    };
  }

  #open(name: string, latencyMs: number): void {
    const { clock, faults, market, auditor } = this;
    const { baseFees, depth, saysTotals } = this.world.options;
    const line = new Line({
      ...{ clock, faults, latencyMs, reconciles: this.world.options.lists },
      deliver: (report) => this.#deliver(name, report),
    });
    this.lines.set(name, line);
    const exchange = new SimulatedExchange({
      ...{ name, clock, market, faults, line, truth: auditor, baseFees, depth, saysTotals },
      isBooked: ({ clientOrderId }, { execId }) =>
        auditor.model.orders.get(clientOrderId)?.counted.has(execId) === true,
    });
    this.exchanges.set(name, exchange);
  }

  #deliver(venue: string, report: Report): boolean {
    const connection = this.#connections.get(venue);
    if (this.process === null || this.process.isDead || connection === undefined) return false;
    this.delivered += 1;
    if (isExecution(report)) this.#unsettled.push({ venue, report });
    connection.reports$.next(report);
    return true;
  }

  /** A fault that is no draw of this world has struck. */
  noteFault(n: number): void {
    this.coverage.hit(n, statesOf(this.auditor.model, null));
  }

  /** Everything delivered has been journaled. */
  noteRest(): void {
    if (this.#unsettled.length > 0) this.#unsettled = [];
  }

  /** A process begins. @throws what createRuntime throws */
  async open(): Promise<void> {
    const { clock, faults, store, auditor, options } = { ...this, options: this.world.options };
    const failed = (): void => {
      auditor.journalFailed = true;
    };
    const { medium } = this;
    for (const line of await medium.open(store.lines)) {
      store.lines.push(line);
      this.#keep(line);
    }
    const process = new Process(clock, faults, store, medium, (line) => this.#keep(line), failed);
    this.process = process;
    this.delivered = auditor.reportsJournaled;
    auditor.journalFailed = false;
    this.#connections = new Map();
    for (const [venue, exchange] of this.exchanges) {
      const line = this.lines.get(venue) as Line;
      const connection = new Connection({
        ...{ venue, process, clock, exchange, line, faults, options, market: this.market },
        requests: auditor,
        reported: () => {
          this.delivered += 1;
        },
      });
      this.#connections.set(venue, connection);
    }
    const connectors = Object.fromEntries(this.#connections);
    this.runtime = await createRuntime({
      ...{ connectors, marketData: this.#marketOf(process), journal: process.journal, clock: process.clock },
      ...{ ids: seededIds(`world ${this.world.seed}`), host: options.host, config: this.#config() },
      strategies: [hostileStrategy],
      ledger: {
        post: (entry) => {
          if (!process.effect()) return;
          auditor.posted(entry);
          if (faults.strikes(28)) throw thrown(faults.of(28), 'the books are closed');
        },
      },
      alerts: {
        alert: ({ code, message }) => {
          i30NoSecret(auditor.model, `alert ${code}`, message);
          if (faults.strikes(28)) throw thrown(faults.of(28), 'the pager is broken');
        },
      },
    });
    for (const line of this.lines.values()) line.flush();
  }

  #keep(line: string): void {
    this.committed(line);
    this.store.records.push(this.auditor.record(line));
  }

  /** Prices, until the process dies. */
  #marketOf(process: Process): MarketData {
    const { market } = this;
    const { watch } = market;
    return {
      view: (symbol) => market.view(symbol),
      ...(market.interval === undefined ? {} : { interval: market.interval }),
      ...(watch === undefined
        ? {}
        : {
            watch: (symbol, onChange) => {
              const leave = watch(symbol, (view) => {
                if (process.isDead) leave();
                else onChange(view);
              });
              return leave;
            },
          }),
    };
  }

  #config() {
    const { ackSeconds, maxRetries, historyGroups, reconcileSeconds, snapshotRecords } = this.world.options;
    return {
      environment: 'paper' as const,
      orchestration: {
        plan_execution: {
          timeout_seconds: ackSeconds,
          retry_policy: { max_retries: maxRetries, initial_delay_ms: 200, max_delay_ms: 2_000 },
        },
        coordination: { unwind: { max_attempts: UNWIND_ATTEMPTS, deadline_seconds: 20 } },
        recovery: { snapshot_records: snapshotRecords },
        reconciliation: { interval_seconds: reconcileSeconds },
        limits: { history_groups: historyGroups },
      },
    };
  }

  /** The process is gone; executions that it heard of and did not keep are told again to the next one. */
  bury(): void {
    this.process?.die();
    this.medium.release();
    this.runtime = null;
    this.process = null;
    for (const { venue, report } of this.#unsettled) this.lines.get(venue)?.hold(report);
    this.#unsettled = [];
    this.restarts += 1;
  }

  /** A venue's connection goes or comes, where its connector says so. */
  tellConnection(venue: string, state: 'UP' | 'DOWN'): void {
    const report: AccountReport = { type: 'CONNECTION', at: this.clock.now(), state };
    if (this.process?.isDead === false) this.#connections.get(venue)?.tellAccount(report);
  }

  /** Orders open at the exchanges. */
  get openAtVenues(): number {
    let open = 0;
    for (const exchange of this.exchanges.values()) open += exchange.open.size;
    return open;
  }
}
