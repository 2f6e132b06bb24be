/**
 * createRuntime: the composition root, and the first of the five files of the main path
 * (create-runtime → supervisor → batch machine → group machine → order gateway).
 *
 * Owns how the parts are wired, and the public verbs: each becomes an input. Decides nothing about trading.
 */
import { createHash } from 'node:crypto';
import { Subject, type Subscription } from 'rxjs';
import type { InspectionEvent } from 'xstate';
import { Deadlines } from '../actors/deadlines.js';
import { FlowTermination } from '../actors/flow-termination.js';
import { Gateway } from '../actors/gateway.js';
import { createActorHost, createPureHost, type Host } from '../actors/host.js';
import type { Input, Views } from '../actors/inputs.js';
import { Supervisor } from '../actors/supervisor.js';
import { type BatchRow, createWorld, groupOfOrder, type World } from '../actors/world.js';
import { PositionBook, positionDto } from '../book/positions.js';
import { systemClock } from '../clock/system-clock.js';
import { FillwrightError } from '../dtos/errors.js';
import type { EventOf, RuntimeEvent } from '../dtos/events.js';
import type { ExecutionCommandInput } from '../dtos/execution-command.js';
import { IdMinter } from '../dtos/ids.js';
import { toJson } from '../dtos/parse.js';
import type { StrategyDirectiveInput } from '../dtos/strategy-directive.js';
import type { MarketView } from '../dtos/venue.js';
import { randomIds } from '../ids/ids.js';
import { createMemoryJournal } from '../journal/index.js';
import type { Alert } from '../ports/alerts.js';
import type { Clock } from '../ports/clock.js';
import type { Journal } from '../ports/journal.js';
import type { MarketData } from '../ports/market-data.js';
import type {
  BatchHandle,
  Causes,
  Inspect,
  KillScope,
  OrderVerdict,
  Runtime,
  RuntimeOptions,
} from './api.js';
import { type PlatformConfig, parseConfig } from './config.js';
import { Handles } from './handles.js';
import { causesFrom, directiveFrom, lateOriginFrom, positionFrom } from './lookup.js';
import { createMetrics, type Metrics } from './metrics.js';
import { parseAmend, parseVerdict, parseWords } from './operator-input.js';
import { PriceWatch } from './price-watch.js';
import { rulesOf } from './rules.js';
import { Sequencer } from './sequencer.js';
import { parseSubmission, prepareSubmit, type SubmitPorts } from './submit.js';
import { causesOf, groupDto, resultOfRow } from './views.js';
import { VERSION } from './version.js';

/** Trades kept in memory; those least recently touched are read back from the journal when a command names them. */
const POSITIONS_MAX = 10_000;
/** Deadlines taken at one wake; the rest follow in the next inputs. */
const DUE_MAX = 1_024;

/**
 * Builds a runtime. Nothing is sent before `submit`.
 * @throws CONFIG when the configuration is invalid, or refused in this environment; USAGE without a connector
 */
export async function createRuntime(options: RuntimeOptions): Promise<Runtime> {
  const config = parseConfig(options.config);
  if (Object.keys(options.connectors).length === 0)
    throw new FillwrightError('USAGE', 'a runtime needs a connector');
  if (config.environment === 'live' && options.journal === undefined) {
    throw new FillwrightError(
      'CONFIG',
      'environment live needs a journal: what is kept in memory is lost in a crash',
    );
  }
  return new EmbeddedRuntime(options, config);
}

function marketDataOf(options: RuntimeOptions): MarketData {
  if (options.marketData !== undefined) return options.marketData;
  for (const connector of Object.values(options.connectors)) {
    if ('view' in connector && typeof connector.view === 'function')
      return connector as unknown as MarketData;
  }
  return { view: () => null };
}

/** An inspector watches the fold from inside: what it throws must not poison it. */
const harmless =
  (inspect: Inspect) =>
  (event: InspectionEvent): void => {
    try {
      if (typeof inspect === 'function') inspect(event);
      else inspect.next?.(event);
    } catch {
      // An observer's failure is its own; it has the event stream to find out what it missed.
    }
  };

const hostOf = (options: RuntimeOptions): Host =>
  options.host === 'pure' ? createPureHost() : createActorHost(options.inspect && harmless(options.inspect));

const scopeText = (scope: KillScope): string => {
  if (scope === 'all') return 'all';
  if ('batchId' in scope) return `batch:${scope.batchId}`;
  return 'venue' in scope ? `venue:${scope.venue}` : `symbol:${scope.symbol}`;
};

class EmbeddedRuntime implements Runtime {
  readonly events$ = new Subject<RuntimeEvent>();
  readonly flows$ = new Subject<EventOf<'FLOW_TERMINATED'>>();
  private readonly clock: Clock;
  private readonly journal: Journal;
  private readonly market: MarketData;
  private readonly world: World;
  private readonly sequencer: Sequencer;
  private readonly gateway: Gateway;
  private readonly deadlines = new Deadlines();
  private readonly handles = new Handles((batchId) => this.canceller(batchId));
  private readonly subscriptions: Subscription[];
  private readonly submitPorts: SubmitPorts;
  /** Directive ids ever submitted here, for telling a repetition after its batch left memory; about 80 bytes each. */
  private readonly seen = new Set<string>();
  /** Asked once: a file journal reads itself whole to answer. */
  private readonly keepsLines: boolean;
  private readonly metrics: Metrics;
  private readonly watches: PriceWatch;
  private disarmTimer: (() => void) | null = null;
  private timerAt: number | null = null;
  private isClosed = false;

  constructor(
    private readonly options: RuntimeOptions,
    private readonly config: PlatformConfig,
  ) {
    this.clock = options.clock ?? systemClock();
    this.journal = options.journal ?? createMemoryJournal();
    this.metrics = createMetrics(config.orchestration.plan_execution.monitoring.metrics_enabled);
    this.keepsLines = this.journal.lines() !== null;
    this.market = marketDataOf(options);
    this.watches = new PriceWatch({
      market: this.market,
      clock: this.clock,
      enqueue: (input) => this.sequencer.enqueue(input),
    });
    const rules = rulesOf(config, {
      postsLedger: options.ledger !== undefined,
      benchmarks: this.market.interval !== undefined,
    });
    this.world = createWorld(rules, hostOf(options), new PositionBook(POSITIONS_MAX, this.keepsLines));
    const supervisor = new Supervisor(this.world);
    const now = (): number => this.clock.now();
    this.gateway = new Gateway(this.world, {
      connectors: options.connectors,
      deadlines: this.deadlines,
      watches: this.watches,
      interval: (symbol, from, to) => this.market.interval?.(symbol, from, to) ?? null,
      ledger: options.ledger ?? null,
      enqueue: (input) => {
        if (!this.isClosed) this.sequencer.enqueue(input);
      },
      now,
    });
    this.sequencer = new Sequencer({
      journal: this.journal,
      now,
      prepare: (input) => this.withOrigin(input),
      fold: (input, at) => supervisor.fold(input, at),
      publish: this.publisher(),
      perform: (effects) => this.gateway.perform(effects),
      afterGroup: () => this.setTimer(),
      onJournalFailure: (error) => this.onJournalFailure(error),
      onHalt: (error) => this.onHalt(error),
    });
    const seed = (options.ids ?? randomIds()).seed();
    this.submitPorts = this.portsOfSubmit(seed);
    this.subscriptions = this.listen();
    this.open(seed);
  }

  private portsOfSubmit(seed: string): SubmitPorts {
    return {
      connectors: this.options.connectors,
      config: this.config,
      minter: new IdMinter(`${seed}:edge`),
      now: () => this.clock.now(),
      view: (symbol) => this.market.view(symbol),
      position: (tradeId) => this.world.positions.get(tradeId),
      hasLeft: (tradeId) => this.world.positions.hasLeft(tradeId),
      restore: (tradeId) => positionFrom(this.journal, tradeId),
    };
  }

  private open(seed: string): void {
    const { environment, unsafe } = this.config;
    const configHash = createHash('sha256').update(toJson(this.config)).digest('hex').slice(0, 16);
    this.sequencer.enqueue({ k: 'open', seed, environment, configHash, version: VERSION, unsafe });
  }

  /** Reports only enqueue. */
  private listen(): Subscription[] {
    return Object.entries(this.options.connectors).map(([venue, connector]) =>
      connector.reports$.subscribe((report) => this.sequencer.enqueue({ k: 'report', venue, report })),
    );
  }

  /** A report about an order that has left memory by the time it is folded brings along what the journal knows of it. */
  private withOrigin(input: Input): Input {
    if (input.k !== 'report' || groupOfOrder(this.world, input.report.clientOrderId) !== undefined)
      return input;
    const origin = lateOriginFrom(this.journal, input.report.clientOrderId);
    return origin === null ? input : { ...input, origin };
  }

  /** After the commit: handles, observers, termination, metrics, alerts; a throwing observer stays by itself. */
  private publisher(): (events: readonly RuntimeEvent[]) => void {
    const { orchestration } = this.config;
    const { metrics } = this;
    const alert = (alert: Alert): void => this.alert(alert);
    const logsAll = orchestration.plan_execution.monitoring.log_all_executions;
    const termination = new FlowTermination(this.world, {
      notify: (notice) => {
        if (logsAll || notice.outcome === 'ERROR') this.flows$.next(notice);
      },
      record: (notice) => metrics.flow(notice),
      alert,
      alertOnError: orchestration.flow_termination.alert_on_error,
    });
    return (events) => {
      for (const event of events) {
        termination.on(event);
        metrics.event(event);
        this.handles.route(event);
        if (event.type === 'ALERT') alert(event);
        if (this.events$.observed) this.events$.next(event);
      }
    };
  }

  /** An alert sink that throws must not stop what it watches. */
  private alert(alert: Alert): void {
    try {
      this.options.alerts?.alert(alert);
    } catch {
      this.metrics.alertLost();
    }
  }

  private onJournalFailure(error: Error): boolean {
    const policy = this.config.orchestration.plan_execution.error_handling.on_journal_failure;
    const goesOn = policy !== 'fail_execution';
    const message = `${error.message}${goesOn ? '; going on without it, UNSAFE' : '; nothing opens any more'}`;
    if (policy !== 'continue') this.alert({ code: 'JOURNAL', message, at: this.clock.now() });
    return goesOn;
  }

  /** Nothing opens any more; what is open at the venues is canceled (I25). */
  private onHalt(error: FillwrightError): void {
    this.gateway.halted = true;
    this.alert({ code: error.code, message: error.message, at: this.clock.now() });
    for (const group of this.world.groups.values()) {
      for (const row of group.book.open.values()) {
        if (row.phase === 'SENT') this.gateway.cancel(group.venue, row.clientOrderId);
      }
    }
    this.disarmTimer?.();
    this.disarmTimer = null;
    this.watches.close();
    this.handles.fail(error);
  }

  /** One timer for all deadlines. */
  private setTimer(): void {
    const at = this.isClosed || this.sequencer.halted !== null ? null : this.deadlines.nextAt();
    if (at === this.timerAt && this.disarmTimer !== null) return;
    this.disarmTimer?.();
    this.timerAt = at;
    this.disarmTimer = at === null ? null : this.clock.at(at, () => this.onTimer());
  }

  private onTimer(): void {
    this.disarmTimer = null;
    for (const { id, gen } of this.deadlines.popDue(this.clock.now(), DUE_MAX)) {
      this.sequencer.enqueue({ k: 'due', id, gen, views: this.viewsFor(id) });
    }
    this.setTimer();
  }

  /** What the fold of this deadline may read of the market. */
  private viewsFor(id: string): Views {
    const kind = id.slice(0, 2);
    const key = id.slice(2);
    if (kind === 'g:' || kind === 's:') {
      const group = this.world.groups.get(key);
      return group === undefined ? {} : { [group.symbol]: this.market.view(group.symbol) };
    }
    if (kind !== 'b:' || !id.endsWith(':start')) return {};
    const views: Record<string, MarketView | null> = {};
    for (const leg of this.world.batches.get(key.slice(0, -':start'.length))?.legs ?? []) {
      views[leg.symbol] ??= this.market.view(leg.symbol);
    }
    return views;
  }

  private ask(input: Input): Promise<BatchRow | null> {
    if (this.isClosed) return Promise.reject(new FillwrightError('CLOSED', 'the runtime is closed'));
    return new Promise((resolve, reject) => {
      this.sequencer.enqueue(input, (outcome) => {
        if ('error' in outcome) reject(outcome.error);
        else if (outcome.folded.refusal !== null) reject(outcome.folded.refusal);
        else resolve(outcome.folded.batch);
      });
    });
  }

  async submit(
    directive: StrategyDirectiveInput,
    commands?: readonly ExecutionCommandInput[],
  ): Promise<BatchHandle> {
    if (this.isClosed) throw new FillwrightError('CLOSED', 'the runtime is closed');
    if (this.sequencer.halted !== null) throw this.sequencer.halted;
    if (!this.config.orchestration.plan_execution.enabled) {
      throw new FillwrightError('CONFIG', 'orchestration.plan_execution.enabled is false');
    }
    const parsed = parseSubmission(directive, commands, this.submitPorts);
    const earlier = this.earlier(parsed.directive.directive_id, parsed.digest);
    if (earlier !== null) {
      await this.sequencer.committed(); // nothing is acknowledged before it is durable (I21)
      if (this.sequencer.halted !== null) throw this.sequencer.halted;
      return earlier;
    }
    const input = prepareSubmit(parsed, this.submitPorts);
    this.refuseKilled(input);
    if (this.keepsLines) this.seen.add(parsed.directive.directive_id);
    const batch = await this.ask(input);
    if (batch === null) throw new FillwrightError('INVARIANT', 'Invariant: a submit makes a batch');
    return this.handleOf(batch);
  }

  /** Decision 17: the same directive again gives the existing handle; with other content it is refused. */
  private earlier(directiveId: string, digest: string): BatchHandle | null {
    const row = this.world.byDirective.get(directiveId);
    const old =
      row === undefined && this.seen.has(directiveId) ? directiveFrom(this.journal, directiveId) : null;
    const known = row ?? old;
    if (known === null) return null;
    if (known.digest !== digest) {
      throw new FillwrightError(
        'DUPLICATE_DIRECTIVE',
        `${directiveId} was submitted before with other content`,
      );
    }
    if (row !== undefined) return this.handleOf(row);
    return old?.result === null || old === null ? null : this.handles.settled(old.result);
  }

  private handleOf(row: BatchRow): BatchHandle {
    return row.entity === null ? this.handles.settled(resultOfRow(row)) : this.handles.open(row.id);
  }

  private canceller(batchId: string): BatchHandle['cancel'] {
    return async (reason, { unwind = true, abandon = false } = {}) => {
      await this.ask({ k: 'cancelBatch', batchId, reason, unwind, abandon });
    };
  }

  private refuseKilled(input: Extract<Input, { k: 'submit' }>): void {
    const { kills } = this.world;
    if (kills.size === 0) return;
    const scopes = [
      'all',
      ...input.venues.map((v) => `venue:${v}`),
      ...Object.keys(input.views).map((s) => `symbol:${s}`),
    ];
    const hit = scopes.find((scope) => kills.has(scope));
    if (hit !== undefined) throw new FillwrightError('KILLED', `${hit} is killed: re-arm it first`);
  }

  groups(): ReturnType<Runtime['groups']> {
    return [...this.world.groups.values()].map(groupDto);
  }

  positions(): ReturnType<Runtime['positions']> {
    return this.world.positions
      .all()
      .filter((row) => row.opened > 0n)
      .map(positionDto);
  }

  async amend(groupId: string, change: { limit_price?: string; working_cap?: string }): Promise<void> {
    const group = this.world.groups.get(groupId);
    if (group === undefined) throw new FillwrightError('UNKNOWN_GROUP', `no live group ${groupId}`);
    await this.ask({ k: 'amend', groupId, ...parseAmend(change, group.instrument) });
  }

  async cancelGroup(groupId: string, reason: string): Promise<void> {
    await this.ask({ k: 'cancelGroup', groupId, reason });
  }

  async kill(scope: KillScope, reason: string, by: string): Promise<void> {
    // A kill never fails on its form: what is missing is journaled as missing.
    const named = { reason: `${reason}` || 'not given', by: `${by}` || 'unnamed' };
    await this.ask({ k: 'kill', scope: scopeText(scope), ...named });
  }

  async rearm(scope: KillScope, by: string): Promise<void> {
    await this.ask({ k: 'rearm', scope: scopeText(scope), by: parseWords(by, 'by') });
  }

  async resolveOrder(orderId: string, verdict: OrderVerdict, by: string): Promise<void> {
    await this.ask({ k: 'resolve', orderId, verdict: parseVerdict(verdict), by: parseWords(by, 'by') });
  }

  causes(id: string): Causes {
    const causes = causesOf(this.world, id) ?? causesFrom(this.journal, id);
    if (causes === null) throw new FillwrightError('UNKNOWN_FILL', `neither memory nor journal knows ${id}`);
    return causes;
  }

  async endMarket(): Promise<void> {
    await this.ask({ k: 'marketEnd' });
  }

  get idle(): boolean {
    return this.sequencer.idle;
  }

  settle(): Promise<void> {
    return this.sequencer.settle();
  }

  get openProtections(): number {
    return this.world.openProtections;
  }

  get openBatches(): number {
    return this.world.openBatches;
  }

  async close(): Promise<void> {
    if (this.isClosed) return;
    await this.settle();
    this.isClosed = true;
    this.disarmTimer?.();
    this.watches.close();
    for (const subscription of this.subscriptions) subscription.unsubscribe();
    await this.journal.close();
    for (const connector of Object.values(this.options.connectors)) await connector.close?.();
    this.world.host.close();
    this.handles.fail(new FillwrightError('CLOSED', 'the runtime is closed'));
    this.events$.complete();
    this.flows$.complete();
  }
}
