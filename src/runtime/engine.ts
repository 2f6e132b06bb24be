/**
 * The engine: the parts of a runtime, wired. Inputs go in through `ask`, events and effects come out.
 *
 * Owns clock and timer, what is heard of venues, what follows a commit, how a journal's failure or a defect stops
 * everything, and the order of closing. The public verbs are create-runtime.ts's; decides nothing about trading.
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
import { PositionBook } from '../book/positions.js';
import { systemClock } from '../clock/system-clock.js';
import { FillwrightError } from '../dtos/errors.js';
import type { EventOf, RuntimeEvent } from '../dtos/events.js';
import { IdMinter } from '../dtos/ids.js';
import { randomIds } from '../ids/ids.js';
import type { Alert } from '../ports/alerts.js';
import type { Strategies } from '../strategies/index.js';
import type { Clock } from '../ports/clock.js';
import type { Journal } from '../ports/journal.js';
import type { MarketData } from '../ports/market-data.js';
import type { BatchHandle, RuntimeOptions } from './api.js';
import type { PlatformConfig } from './config.js';
import { Handles } from './handles.js';
import { Keeper, type KeeperPorts } from './keeper.js';
import { positionFrom } from './lookup.js';
import { createMetrics, type Metrics } from './metrics.js';
import { hashOf, hostOf, marketDataOf } from './parts.js';
import { PriceWatch } from './price-watch.js';
import { looksBack, viewsFor, withOrigins } from './reads.js';
import { POSITIONS_MAX, type Past } from './recovery.js';
import { Sequencer } from './sequencer.js';
import type { SubmitPorts } from './submit.js';
import { VERSION } from './version.js';

/** Deadlines taken at one wake; the rest follow in the next inputs. */
const DUE_MAX = 1_024;

/** What is settled before the runtime is put together. */
export interface Ground {
  readonly journal: Journal;
  readonly rules: Rules;
  readonly strategies: Strategies;
  /** What the journal held; null for an empty one. */
  readonly past: Past | null;
}

export class Engine {
  readonly events$ = new Subject<RuntimeEvent>();
  readonly flows$ = new Subject<EventOf<'FLOW_TERMINATED'>>();
  readonly journal: Journal;
  readonly world: World;
  readonly sequencer: Sequencer;
  readonly handles: Handles;
  readonly submitPorts: SubmitPorts;
  /** Directive ids ever submitted here, for telling a repetition after its batch left memory; about 80 bytes each. */
  readonly seen: Set<string>;
  /** Asked once: a file journal reads itself whole to answer. */
  readonly keepsLines: boolean;
  private readonly clock: Clock;
  private readonly market: MarketData;
  private readonly gateway: Gateway;
  private readonly deadlines: Deadlines;
  private readonly subscriptions: Subscription[];
  private readonly epoch: number;
  private readonly opened: Extract<Input, { k: 'open' }>;
  private readonly keeper: Keeper;
  /** The last id minted at the edge, as journaled. */
  private lastMinted: string | null;
  private readonly metrics: Metrics;
  private readonly watches: PriceWatch;
  private disarmTimer: (() => void) | null = null;
  private timerAt: number | null = null;
  private closed = false;

  constructor(
    private readonly options: RuntimeOptions,
    readonly config: PlatformConfig,
    cancelOf: (batchId: string) => BatchHandle['cancel'],
    { journal, rules, strategies, past }: Ground,
  ) {
    this.handles = new Handles(cancelOf);
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
        if (!this.closed) this.sequencer.enqueue(input);
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
    const at = this.closed || this.sequencer.halted !== null ? null : this.deadlines.nextAt();
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

  get isClosed(): boolean {
    return this.closed;
  }

  /**
   * Puts an input through; resolves once it is journaled, with the batch that it made or named.
   * @throws what its fold refused it with; CLOSED, HALTED, JOURNAL
   */
  ask(input: Input): Promise<BatchRow | null> {
    if (this.closed) return Promise.reject(new FillwrightError('CLOSED', 'the runtime is closed'));
    return new Promise((resolve, reject) => {
      this.sequencer.enqueue(input, (outcome) => {
        if ('error' in outcome) reject(outcome.error);
        else if (outcome.folded.refusal !== null) reject(outcome.folded.refusal);
        else resolve(outcome.folded.batch);
      });
    });
  }

  /** Waits until nothing is left to do, keeps a snapshot, and stops. */
  async close(): Promise<void> {
    if (this.closed) return;
    await this.sequencer.settle();
    this.snapshot();
    this.closed = true;
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
