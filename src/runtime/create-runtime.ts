/**
 * createRuntime: the composition root, and the first of the five files of the main path
 * (create-runtime → supervisor → batch machine → group machine → order gateway).
 *
 * Owns how the parts are wired, and the public verbs: each becomes an input. Decides nothing about trading.
 */
import { Subject, type Subscription } from 'rxjs';
import { Deadlines } from '../actors/deadlines.js';
import { FlowTermination } from '../actors/flow-termination.js';
import { Gateway } from '../actors/gateway.js';
import type { Input } from '../actors/inputs.js';
import type { Rules } from '../actors/rules.js';
import { plainAccount, plainReport } from '../actors/malformed.js';
import { Supervisor } from '../actors/supervisor.js';
import { type BatchRow, createWorld, type World } from '../actors/world.js';
import { PositionBook, positionDto } from '../book/positions.js';
import { systemClock } from '../clock/system-clock.js';
import { FillwrightError } from '../dtos/errors.js';
import type { EventOf, RuntimeEvent } from '../dtos/events.js';
import type { ExecutionCommandInput } from '../dtos/execution-command.js';
import { IdMinter } from '../dtos/ids.js';
import type { StrategyDirectiveInput } from '../dtos/strategy-directive.js';
import { randomIds } from '../ids/ids.js';
import type { Alert } from '../ports/alerts.js';
import { installed, type Strategies } from '../strategies/index.js';
import type { Clock } from '../ports/clock.js';
import type { Journal } from '../ports/journal.js';
import type { MarketData } from '../ports/market-data.js';
import type { BatchHandle, Causes, KillScope, OrderVerdict, Runtime, RuntimeOptions } from './api.js';
import { type PlatformConfig, parseConfig } from './config.js';
import { Handles } from './handles.js';
import { Keeper, type KeeperPorts } from './keeper.js';
import { journalOf } from './journal-of.js';
import { batchFrom, causesFrom, directiveFrom, positionFrom } from './lookup.js';
import { createMetrics, type Metrics } from './metrics.js';
import { parseAmend, parseVerdict, parseWords } from './operator-input.js';
import { hashOf, hostOf, marketDataOf, scopeText } from './parts.js';
import { PriceWatch } from './price-watch.js';
import { looksBack, viewsFor, withOrigins } from './reads.js';
import { checkDeployment, POSITIONS_MAX, type Past, recover } from './recovery.js';
import { rulesOf } from './rules.js';
import { Sequencer } from './sequencer.js';
import { parseSubmission, prepareSubmit, type SubmitPorts } from './submit.js';
import { causesOf, groupDto, resultOfRow } from './views.js';
import { VERSION } from './version.js';

/** Deadlines taken at one wake; the rest follow in the next inputs. */
const DUE_MAX = 1_024;

/**
 * Builds a runtime. On a journal that holds records it goes on where they end: it folds them, asks the venues about
 * every order in flight, and re-arms what is due. Else nothing is sent before `submit`.
 * @throws CONFIG when the configuration is invalid, refused in this environment, or in `live` another than the
 *   journal's; JOURNAL_DAMAGED when the journal's records do not fold to what they hold; USAGE without a connector,
 *   or for a strategy that cannot be installed; JOURNAL, JOURNAL_LOCKED, JOURNAL_DAMAGED or JOURNAL_VERSION when the
 *   journal cannot be opened
 */
export async function createRuntime(options: RuntimeOptions): Promise<Runtime> {
  const config = parseConfig(options.config);
  if (Object.keys(options.connectors).length === 0)
    throw new FillwrightError('USAGE', 'a runtime needs a connector');
  const journal = await journalOf(options.journal, config.environment);
  try {
    const rules = rulesOf(config, {
      postsLedger: options.ledger !== undefined,
      benchmarks: marketDataOf(options).interval !== undefined,
    });
    const strategies = installed(options.strategies);
    const past = recover(journal, rules, strategies);
    if (past !== null) checkDeployment(past, config, options.acceptConfig);
    return new EmbeddedRuntime(options, config, { journal, rules, strategies, past });
  } catch (error) {
    if (journal !== options.journal) await journal.close();
    throw error;
  }
}

/** What is settled before the runtime is put together. */
interface Ground {
  readonly journal: Journal;
  readonly rules: Rules;
  readonly strategies: Strategies;
  /** What the journal held; null for an empty one. */
  readonly past: Past | null;
}

class EmbeddedRuntime implements Runtime {
  readonly events$ = new Subject<RuntimeEvent>();
  readonly flows$ = new Subject<EventOf<'FLOW_TERMINATED'>>();
  private readonly clock: Clock;
  private readonly journal: Journal;
  private readonly market: MarketData;
  private readonly world: World;
  private readonly sequencer: Sequencer;
  private readonly gateway: Gateway;
  private readonly deadlines: Deadlines;
  private readonly handles = new Handles((batchId) => this.canceller(batchId));
  private readonly subscriptions: Subscription[];
  private readonly submitPorts: SubmitPorts;
  /** Directive ids ever submitted here, for telling a repetition after its batch left memory; about 80 bytes each. */
  private readonly seen: Set<string>;
  /** Asked once: a file journal reads itself whole to answer. */
  private readonly keepsLines: boolean;
  private readonly epoch: number;
  private readonly opened: Extract<Input, { k: 'open' }>;
  private readonly keeper: Keeper;
  /** The last id minted at the edge, as journaled. */
  private lastMinted: string | null;
  private readonly metrics: Metrics;
  private readonly watches: PriceWatch;
  private disarmTimer: (() => void) | null = null;
  private timerAt: number | null = null;
  private isClosed = false;

  constructor(
    private readonly options: RuntimeOptions,
    private readonly config: PlatformConfig,
    { journal, rules, strategies, past }: Ground,
  ) {
    this.clock = options.clock ?? systemClock();
    this.journal = journal;
    this.metrics = createMetrics(config.orchestration.plan_execution.monitoring.metrics_enabled);
    this.keepsLines = past !== null || this.journal.lines() !== null;
    this.market = marketDataOf(options);
    this.watches = new PriceWatch({
      market: this.market,
      clock: this.clock,
      enqueue: (input) => this.sequencer.enqueue(input),
    });
    this.deadlines = past?.deadlines() ?? new Deadlines();
    this.seen = past?.seen ?? new Set();
    const host = hostOf(options, strategies);
    past?.adopt(host);
    const positions = (): PositionBook => new PositionBook(POSITIONS_MAX, this.keepsLines);
    this.world = past?.world ?? createWorld(rules, host, positions(), strategies);
    this.epoch = (past?.epoch ?? 0) + 1;
    this.lastMinted = past?.lastMinted ?? null;
    this.keeper = this.createKeeper(past);
    this.gateway = this.createGateway();
    this.sequencer = this.createSequencer(past?.n ?? 0);
    const seed = past?.opened?.seed ?? (options.ids ?? randomIds()).seed();
    this.submitPorts = this.portsOfSubmit(seed);
    this.opened = this.open(seed, rules);
    this.subscriptions = this.listen();
    if (past !== null) this.resume(past);
  }

  private createKeeper(past: Past | null): Keeper {
    const ports: KeeperPorts = {
      journal: this.journal,
      every: this.config.orchestration.recovery.snapshot_records,
      deadlines: this.deadlines,
      watches: this.watches,
      state: () => {
        const { world, seen, lastMinted, epoch, opened } = this;
        return { world, seen, lastMinted, epoch, opened };
      },
    };
    return new Keeper(ports, past);
  }

  private createGateway(): Gateway {
    const { connectors, ledger = null } = this.options;
    return new Gateway(this.world, {
      connectors,
      deadlines: this.deadlines,
      watches: this.keeper,
      interval: (symbol, from, to) => this.market.interval?.(symbol, from, to) ?? null,
      ledger,
      enqueue: (input) => {
        if (!this.isClosed) this.sequencer.enqueue(input);
      },
      now: () => this.clock.now(),
    });
  }

  private createSequencer(startsAfter: number): Sequencer {
    const supervisor = new Supervisor(this.world);
    return new Sequencer({
      journal: this.journal,
      now: () => this.clock.now(),
      startsAfter,
      prepare: (input) => withOrigins(this.world, this.journal, input),
      looksBack: (input) => looksBack(this.world, input),
      fold: (input, at) => {
        const folded = supervisor.fold(input, at);
        this.keeper.folded(input);
        if (input.k === 'submit') this.lastMinted = input.minted ?? this.lastMinted;
        return folded;
      },
      publish: this.publisher(),
      perform: (effects) => this.gateway.perform(effects),
      afterGroup: () => {
        this.setTimer();
        if (this.keeper.isDue(this.sequencer.records)) this.snapshot();
      },
      onJournalFailure: (error) => this.onJournalFailure(error),
      onHalt: (error) => this.onHalt(error),
    });
  }

  /** Of a state that a defect or a lost record has touched there is none. */
  private snapshot(): void {
    if (this.sequencer.halted === null) this.keeper.save(this.sequencer.latest());
  }

  /** What the last process may not have done any more: prices to watch, and entries that a ledger tells by their id. */
  private resume(past: Past): void {
    for (const watched of past.watches.values()) this.watches.set(watched);
    this.gateway.perform(past.recentPosts());
  }

  private portsOfSubmit(seed: string): SubmitPorts {
    const minter = new IdMinter(`${seed}:edge`);
    if (this.lastMinted !== null) minter.resumeAfter(this.lastMinted);
    return {
      minter,
      connectors: this.options.connectors,
      config: this.config,
      strategies: this.world.strategies,
      now: () => this.clock.now(),
      view: (symbol) => this.market.view(symbol),
      position: (tradeId) => this.world.positions.get(tradeId),
      hasLeft: (tradeId) => this.world.positions.hasLeft(tradeId),
      restore: (tradeId) => positionFrom(this.journal, tradeId),
    };
  }

  private open(seed: string, rules: Rules): Extract<Input, { k: 'open' }> {
    const { environment, unsafe } = this.config;
    const head = { seed, environment, configHash: hashOf(this.config), version: VERSION, unsafe };
    const lists = Object.entries(this.options.connectors).flatMap(([venue, { massStatus }]) =>
      massStatus === undefined ? [] : [venue],
    );
    const listing = lists.length === 0 ? {} : { lists };
    const input = { k: 'open', ...head, epoch: this.epoch, ...listing, rules } as const;
    this.sequencer.enqueue(input);
    return input;
  }

  /** Reports only enqueue; what of them makes no sense at all stays outside. */
  private listen(): Subscription[] {
    const now = (): number => this.clock.now();
    const enqueue = (input: Input): void => this.sequencer.enqueue(input);
    return Object.entries(this.options.connectors).flatMap(([venue, { reports$, accounts$ }]) => [
      reports$.subscribe((report) => enqueue({ k: 'report', venue, report: plainReport(report, now()) })),
      ...(accounts$ === undefined
        ? []
        : [
            accounts$.subscribe((report) =>
              enqueue({ k: 'account', venue, report: plainAccount(report, now()) }),
            ),
          ]),
    ]);
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
    const now = this.clock.now();
    const isLate = (this.deadlines.nextAt() ?? now) < now;
    const due = this.deadlines.popDue(now, DUE_MAX);
    // After a standstill a batch whose time is over hears that first, not what its legs would have done meanwhile.
    if (isLate) due.sort((a, b) => Number(b.id.endsWith(':timeout')) - Number(a.id.endsWith(':timeout')));
    for (const { id, gen } of due) {
      this.sequencer.enqueue({ k: 'due', id, gen, views: viewsFor(this.world, this.market, id) });
    }
    this.setTimer();
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
    return row.entity === null ? this.handles.settled(resultOfRow(row)) : this.handles.open(row.id, row);
  }

  batch(batchId: string): BatchHandle {
    const row = this.world.batches.get(batchId);
    if (row !== undefined) return this.handleOf(row);
    const result = batchFrom(this.journal, batchId);
    if (result === null)
      throw new FillwrightError('UNKNOWN_BATCH', `neither memory nor journal knows ${batchId}`);
    return this.handles.settled(result);
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

  async reconcile(by = 'host'): Promise<void> {
    await this.ask({ k: 'reconcile', by });
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
    this.snapshot();
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
