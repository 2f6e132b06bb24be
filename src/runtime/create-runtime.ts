/**
 * createRuntime: where a runtime begins, and the first of the five files of the main path
 * (create-runtime → supervisor → batch machine → group machine → order gateway).
 *
 * Owns the public verbs: each becomes an input. How the parts are wired is engine.ts's. Decides nothing about trading.
 */
import type { Input } from '../actors/inputs.js';
import type { BatchRow } from '../actors/world.js';
import { positionDto } from '../book/positions.js';
import { FillwrightError } from '../dtos/errors.js';
import type { ExecutionCommandInput } from '../dtos/execution-command.js';
import type { StrategyDirectiveInput } from '../dtos/strategy-directive.js';
import { installed } from '../strategies/index.js';
import type { BatchHandle, Causes, KillScope, OrderVerdict, Runtime, RuntimeOptions } from './api.js';
import { type PlatformConfig, parseConfig } from './config.js';
import { Engine, type Ground } from './engine.js';
import { journalOf } from './journal-of.js';
import { batchFrom, causesFrom, directiveFrom } from './lookup.js';
import { parseAmend, parseVerdict, parseWords } from './operator-input.js';
import { marketDataOf, scopeText } from './parts.js';
import { checkDeployment, recover } from './recovery.js';
import { rulesOf } from './rules.js';
import { parseSubmission, prepareSubmit } from './submit.js';
import { causesOf, groupDto, resultOfRow } from './views.js';

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

class EmbeddedRuntime implements Runtime {
  private readonly engine: Engine;

  constructor(options: RuntimeOptions, config: PlatformConfig, ground: Ground) {
    this.engine = new Engine(options, config, (batchId) => this.canceller(batchId), ground);
  }

  get events$(): Runtime['events$'] {
    return this.engine.events$;
  }

  get flows$(): Runtime['flows$'] {
    return this.engine.flows$;
  }

  async submit(
    directive: StrategyDirectiveInput,
    commands?: readonly ExecutionCommandInput[],
  ): Promise<BatchHandle> {
    const { engine } = this;
    const { sequencer, submitPorts } = engine;
    if (engine.isClosed) throw new FillwrightError('CLOSED', 'the runtime is closed');
    if (sequencer.halted !== null) throw sequencer.halted;
    if (!engine.config.orchestration.plan_execution.enabled) {
      throw new FillwrightError('CONFIG', 'orchestration.plan_execution.enabled is false');
    }
    const parsed = parseSubmission(directive, commands, submitPorts);
    const earlier = this.earlier(parsed.directive.directive_id, parsed.digest);
    if (earlier !== null) {
      await sequencer.committed(); // nothing is acknowledged before it is durable (I21)
      if (sequencer.halted !== null) throw sequencer.halted;
      return earlier;
    }
    const input = prepareSubmit(parsed, submitPorts);
    this.refuseKilled(input);
    if (engine.keepsLines) engine.seen.add(parsed.directive.directive_id);
    const batch = await engine.ask(input);
    if (batch === null) throw new FillwrightError('INVARIANT', 'Invariant: a submit makes a batch');
    return this.handleOf(batch);
  }

  /** Decision 17: the same directive again gives the existing handle; with other content it is refused. */
  private earlier(directiveId: string, digest: string): BatchHandle | null {
    const { world, seen, journal } = this.engine;
    const row = world.byDirective.get(directiveId);
    const old = row === undefined && seen.has(directiveId) ? directiveFrom(journal, directiveId) : null;
    const known = row ?? old;
    if (known === null) return null;
    if (known.digest !== digest) {
      throw new FillwrightError(
        'DUPLICATE_DIRECTIVE',
        `${directiveId} was submitted before with other content`,
      );
    }
    if (row !== undefined) return this.handleOf(row);
    return old?.result === null || old === null ? null : this.engine.handles.settled(old.result);
  }

  private handleOf(row: BatchRow): BatchHandle {
    const { handles } = this.engine;
    return row.entity === null ? handles.settled(resultOfRow(row)) : handles.open(row.id, row);
  }

  batch(batchId: string): BatchHandle {
    const row = this.engine.world.batches.get(batchId);
    if (row !== undefined) return this.handleOf(row);
    const result = batchFrom(this.engine.journal, batchId);
    if (result === null)
      throw new FillwrightError('UNKNOWN_BATCH', `neither memory nor journal knows ${batchId}`);
    return this.engine.handles.settled(result);
  }

  private canceller(batchId: string): BatchHandle['cancel'] {
    return async (reason, { unwind = true, abandon = false } = {}) => {
      await this.engine.ask({ k: 'cancelBatch', batchId, reason, unwind, abandon });
    };
  }

  private refuseKilled(input: Extract<Input, { k: 'submit' }>): void {
    const { kills } = this.engine.world;
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
    return [...this.engine.world.groups.values()].map(groupDto);
  }

  positions(): ReturnType<Runtime['positions']> {
    return this.engine.world.positions
      .all()
      .filter((row) => row.opened > 0n)
      .map(positionDto);
  }

  async amend(groupId: string, change: { limit_price?: string; working_cap?: string }): Promise<void> {
    const group = this.engine.world.groups.get(groupId);
    if (group === undefined) throw new FillwrightError('UNKNOWN_GROUP', `no live group ${groupId}`);
    await this.engine.ask({ k: 'amend', groupId, ...parseAmend(change, group.instrument) });
  }

  async cancelGroup(groupId: string, reason: string): Promise<void> {
    await this.engine.ask({ k: 'cancelGroup', groupId, reason });
  }

  async kill(scope: KillScope, reason: string, by: string): Promise<void> {
    // A kill never fails on its form: what is missing is journaled as missing.
    const named = { reason: `${reason}` || 'not given', by: `${by}` || 'unnamed' };
    await this.engine.ask({ k: 'kill', scope: scopeText(scope), ...named });
  }

  async rearm(scope: KillScope, by: string): Promise<void> {
    await this.engine.ask({ k: 'rearm', scope: scopeText(scope), by: parseWords(by, 'by') });
  }

  async resolveOrder(orderId: string, verdict: OrderVerdict, by: string): Promise<void> {
    await this.engine.ask({
      k: 'resolve',
      orderId,
      verdict: parseVerdict(verdict),
      by: parseWords(by, 'by'),
    });
  }

  causes(id: string): Causes {
    const causes = causesOf(this.engine.world, id) ?? causesFrom(this.engine.journal, id);
    if (causes === null) throw new FillwrightError('UNKNOWN_FILL', `neither memory nor journal knows ${id}`);
    return causes;
  }

  async reconcile(by = 'host'): Promise<void> {
    await this.engine.ask({ k: 'reconcile', by });
  }

  async endMarket(): Promise<void> {
    await this.engine.ask({ k: 'marketEnd' });
  }

  get idle(): boolean {
    return this.engine.sequencer.idle;
  }

  settle(): Promise<void> {
    return this.engine.sequencer.settle();
  }

  get openProtections(): number {
    return this.engine.world.openProtections;
  }

  get openBatches(): number {
    return this.engine.world.openBatches;
  }

  close(): Promise<void> {
    return this.engine.close();
  }
}
