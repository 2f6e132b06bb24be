/**
 * The people and programs around the runtime: they submit, cancel, amend, kill, re-arm, and settle what escalates.
 *
 * Owns what an action does, and what may come of it: a refusal is an error of the catalogue, anything else a finding.
 * After a crash it submits again what was not answered (decision 17).
 */
import { FillwrightError, messageOf } from '../dtos/errors.js';
import type { BatchHandle, KillScope, OrderVerdict, Runtime } from '../runtime/api.js';
import type { OrderRow } from './audit/model.js';
import { i30NoSecret } from './audit/secret.js';
import { textOf } from './audit/units.js';
import { HOSTILE } from './hostile-strategy.js';
import { LISTINGS } from './market.js';
import type { Stage } from './stage.js';
import type { Action } from './world.js';

type Submit = Extract<Action, { do: 'submit' }>;

/** Codes that mean a defect of ours, whatever was asked. */
const DEFECTS = ['INVARIANT', 'HALTED'];
/** How long a person takes over an escalated order: beyond the last place that may still arrive. */
const VERDICT_MS = 15_000;

export class Operator {
  submitted = 0;
  refused = 0;
  readonly #unanswered = new Set<Submit>();
  readonly #batchIds: string[] = [];
  #verdictArmed = false;
  #isOver = false;
  /** Something was asked whose answer needs a turn of the process's own queue. */
  isBusy = false;

  constructor(private readonly stage: Stage) {}

  /** Arms every action of the world. */
  begin(): void {
    const { clock, world } = this.stage;
    const start = clock.now();
    for (const action of world.actions) clock.at(start + action.at, () => this.#perform(action));
  }

  /** A new process: what the last one has not answered is asked again. */
  resume(): void {
    for (const submit of [...this.#unanswered]) this.#perform(submit);
    if (this.#isOver) this.finish();
  }

  /** A person looks at what has escalated. */
  tend(): void {
    const { clock, auditor } = this.stage;
    if (this.#verdictArmed || auditor.model.escalatedOrders === 0) return;
    this.#verdictArmed = true;
    clock.at(clock.now() + VERDICT_MS, () => {
      this.#verdictArmed = false;
      for (const row of auditor.model.orders.values()) if (row.isEscalated && row.isOpen) this.#resolve(row);
    });
  }

  /** A kill of something, re-armed later (kind 33). */
  strike(): void {
    const random = this.stage.faults.of(33);
    const scope = random.pick(['all', 'venue', 'symbol', 'batch'] as const);
    this.#kill({ at: 0, do: 'kill', scope, pick: random.below(1_000), rearmAfter: random.from(100, 8_000) });
  }

  /** Everything is killed, and nobody re-arms it any more. */
  finish(): void {
    this.#isOver = true;
    const { runtime } = this.stage;
    if (runtime !== null) this.#ask(runtime.kill('all', 'the end of the world', 'desk'));
  }

  #perform(action: Action): void {
    const { runtime } = this.stage;
    if (runtime === null) {
      if (action.do === 'submit' && action.hostile !== true) this.#unanswered.add(action);
      return;
    }
    switch (action.do) {
      case 'submit':
        return this.#submit(runtime, action);
      case 'cancelBatch': {
        const handle = this.#batch(runtime, action.pick);
        const { unwind, abandon } = action;
        if (handle !== null) this.#ask(handle.cancel('a change of mind', { unwind, abandon }));
        return;
      }
      case 'cancelGroup': {
        const group = this.#group(runtime, action.pick);
        if (group !== null) this.#ask(runtime.cancelGroup(group.group_id, 'a change of mind'));
        return;
      }
      case 'amend':
        return this.#amend(runtime, action);
      case 'kill':
        return this.#kill(action);
      case 'crash':
        return this.stage.process?.crash(action.when, action.n);
    }
  }

  #submit(runtime: Runtime, action: Submit): void {
    this.submitted += 1;
    if (action.hostile === true) this.stage.noteFault(36);
    else this.#unanswered.add(action);
    if (isLedByHostile(action)) this.stage.noteFault(36);
    const answer = runtime.submit(action.directive, action.commands).then((handle) => {
      this.#unanswered.delete(action);
      if (!this.#batchIds.includes(handle.id)) this.#batchIds.push(handle.id);
      const { model } = this.stage.auditor;
      if (action.hostile === true)
        model.found('I36', 'hostileRefused', `${action.directive.directive_id} was accepted`);
      if (!model.batches.has(handle.id))
        model.found('I21', 'i21AnswerAfterRecord', `${handle.id} is acknowledged before its record`);
    });
    this.#ask(answer, () => this.#unanswered.delete(action));
  }

  #amend(runtime: Runtime, { pick, ticks, cap }: Extract<Action, { do: 'amend' }>): void {
    const group = this.#group(runtime, pick);
    const row = group === null ? undefined : this.stage.auditor.model.groups.get(group.group_id);
    const book = row === undefined ? undefined : this.stage.market.books.get(row.symbol);
    if (group === null || row === undefined || book === undefined || row.target === null) return;
    const lots = cap === null ? null : Math.floor((row.target / book.lot / 1_000) * cap);
    this.#ask(
      runtime.amend(group.group_id, {
        ...(ticks === null ? {} : { limit_price: textOf((book.mid + ticks) * book.tick) }),
        ...(lots === null || lots === 0 ? {} : { working_cap: textOf(lots * book.lot) }),
      }),
    );
  }

  #kill({ scope, pick, rearmAfter }: Extract<Action, { do: 'kill' }>): void {
    const { runtime, clock, world } = this.stage;
    if (runtime === null) return;
    const target = this.#scope(scope, pick, world.options.venues);
    if (target === null) return;
    this.#ask(runtime.kill(target, 'practice', 'desk'));
    const rearm = (): void => {
      if (this.#isOver) return;
      const now = this.stage.runtime;
      if (now === null) clock.at(clock.now() + 1_000, rearm);
      else this.#ask(now.rearm(target, 'desk'), () => clock.at(clock.now() + 1_000, rearm));
    };
    clock.at(clock.now() + rearmAfter, rearm);
  }

  #scope(scope: string, pick: number, venues: readonly string[]): KillScope | null {
    if (scope === 'all') return 'all';
    if (scope === 'venue') return { venue: venues[pick % venues.length] as string };
    if (scope === 'symbol') return { symbol: LISTINGS[pick % LISTINGS.length]?.instrument.symbol as string };
    const batchId = this.#batchIds[pick % Math.max(1, this.#batchIds.length)];
    return batchId === undefined ? null : { batchId };
  }

  #batch(runtime: Runtime, pick: number): BatchHandle | null {
    const id = this.#batchIds[pick % Math.max(1, this.#batchIds.length)];
    try {
      return id === undefined ? null : runtime.batch(id);
    } catch (error) {
      this.#judge(error);
      return null;
    }
  }

  #group(runtime: Runtime, pick: number) {
    const live = runtime.groups().filter(({ status }) => status === 'PENDING' || status === 'ACTIVE');
    return live[pick % Math.max(1, live.length)] ?? null;
  }

  /** What the exchange's own books say, by a named person. */
  #resolve(row: OrderRow): void {
    const { runtime } = this.stage;
    if (runtime === null) return;
    const { truth } = row;
    const cum = truth?.cum ?? 0;
    const execution = truth === null ? undefined : [...truth.executions.values()].at(-1);
    const verdict: OrderVerdict = {
      status: truth === null ? 'REJECTED' : statusOf(truth),
      cumQty: textOf(cum),
      avgPx: cum === 0 ? null : (execution?.price ?? null),
      evidence: "the venue's statement",
    };
    this.#ask(runtime.resolveOrder(row.orderId, verdict, 'desk'));
  }

  #ask(answer: Promise<unknown>, failed: () => void = () => undefined): void {
    this.isBusy = true;
    const { process } = this.stage;
    answer.catch((error: unknown) => {
      // A process that is dead or has lost its journal answers nothing that counts.
      if (process?.isDead === true || process?.journalFailed === true) return;
      failed();
      this.#judge(error);
    });
  }

  #judge(error: unknown): void {
    const { model } = this.stage.auditor;
    this.refused += 1;
    i30NoSecret(model, 'a refusal', String(error));
    if (error instanceof FillwrightError && !DEFECTS.includes(error.code)) return;
    model.found('I36', 'typedRefusal', `refused with ${messageOf(error)}`);
  }
}

const isLedByHostile = ({ commands = [] }: Submit): boolean =>
  commands.some(({ routing_plan: routing }) => (routing?.strategy_params?.strategy as string) === HOSTILE);

function statusOf({ isOpen, cum, quantity }: NonNullable<OrderRow['truth']>): OrderVerdict['status'] {
  if (isOpen) return cum > 0 ? 'PARTIALLY_FILLED' : 'NEW';
  return cum >= quantity ? 'FILLED' : 'CANCELED';
}
