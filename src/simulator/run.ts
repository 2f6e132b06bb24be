/**
 * Runs one world: storm, calm, end; moves time, kills and restarts the process, and asks the auditor at the end.
 *
 * Owns the loop and its phases. The same world gives the same trace, whatever the machine: nothing here reads a clock,
 * a locale or the order of a hash.
 */
import { createHash, type Hash } from 'node:crypto';
import { i24LedgerHasFills } from './audit/ledger.js';
import type { Finding } from './audit/model.js';
import {
  i07FillsEqual,
  i14AllFlowsStop,
  i24PositionsAddUp,
  i31NothingShed,
  i33AllEnd,
  i34KilledIsEmpty,
  i35SameOpenOrders,
} from './audit/quiet.js';
import { Coverage } from './coverage.js';
import { checkFold } from './fold-check.js';
import { Operator } from './operator.js';
import type { Process, StoreOptions } from './process.js';
import { Stage } from './stage.js';
import { STORM_MS, WORLD_START, type World } from './world.js';

/** How long a batch may take to end once faults have stopped. */
const SETTLE_MS = 1_800_000;
/** The last report of an execution comes at most this late; also what a bust waits. */
const LATEST_REPORT_MS = 120_000;
const DOWN_MS_MAX = 15_000;
const SECOND_MS = 1_000;

export interface RunResult {
  readonly seed: number;
  readonly steps: number;
  /** Of the steps: records committed to the journal, and the events in these. */
  readonly records: number;
  readonly events: number;
  readonly findings: readonly Finding[];
  /** SHA-256 over every committed line. */
  readonly traceHash: string;
  /** Strikes by kind and state, as Coverage keeps them. */
  readonly cells: Float64Array;
  readonly restarts: number;
  readonly submitted: number;
  readonly refused: number;
  readonly orders: number;
  /** Commits that were begun, those that a crash or the disk cut short too. */
  readonly commits: number;
}

export interface RunOptions extends StoreOptions {
  /** Hears of each committed line. */
  readonly onLine?: (line: string) => void;
}

export const runWorld = (world: World, options: RunOptions = {}): Promise<RunResult> =>
  new Run(world, options).run();

class Run {
  readonly #coverage = new Coverage();
  readonly #hash: Hash = createHash('sha256');
  readonly #stage: Stage;
  readonly #operator: Operator;
  readonly #world: World;
  #isReopening = false;
  /** Timers that run before the process does anything. */
  #stalled = 0;
  /** Its journal has failed; until it is started anew it only cancels. */
  #doomed: Process | null = null;

  constructor(world: World, options: RunOptions) {
    this.#world = world;
    const committed = (line: string): void => {
      this.#hash.update(line).update('\n');
      options.onLine?.(line);
    };
    this.#stage = new Stage(world, committed, this.#coverage, options);
    this.#operator = new Operator(this.#stage);
  }

  async run(): Promise<RunResult> {
    const { clock, auditor } = this.#stage;
    await this.#open();
    this.#operator.begin();
    this.#eachSecond();
    const calmAt = WORLD_START + STORM_MS;
    await this.#drive(() => clock.now() >= calmAt);
    this.#calm();
    await this.#drive(() => this.#hasSettled() || clock.now() > calmAt + SETTLE_MS);
    if (!this.#isOver()) await this.#end();
    return {
      seed: this.#world.seed,
      steps: auditor.model.steps,
      records: auditor.model.records,
      events: auditor.model.events,
      findings: auditor.findings,
      traceHash: this.#hash.digest('hex'),
      cells: this.#coverage.cells(),
      restarts: this.#stage.restarts,
      submitted: this.#operator.submitted,
      refused: this.#operator.refused,
      orders: auditor.model.orders.size,
      commits: this.#stage.store.commits,
    };
  }

  #isOver(): boolean {
    const { findings, model } = this.#stage.auditor;
    return findings.length > 0 || model.steps >= this.#world.steps;
  }

  /** What a dead process believes counts for nothing: its last fold was never committed. */
  #hasSettled(): boolean {
    const { runtime, process } = this.#stage;
    return process?.isDead === false && runtime?.idle === true && runtime.openBatches === 0;
  }

  /** Moves time until `done`, a finding, or the last step allowed. */
  async #drive(done: () => boolean): Promise<void> {
    const { clock } = this.#stage;
    for (;;) {
      await this.#rest();
      if (this.#isOver() || done()) return;
      if (!clock.runNext()) {
        // Nothing is to come, but for the burial of a process that died of its last act.
        if (this.#stage.process?.isDead === true) continue;
        return;
      }
      // While the process stands still, what happens waits in its queue, and is committed together.
      for (; this.#stalled > 0 && clock.runNext(); this.#stalled--);
    }
  }

  /** Lets the process come to rest; a dead one is buried, and opened again later. */
  async #rest(): Promise<void> {
    const stage = this.#stage;
    const { runtime, process } = stage;
    if (runtime !== null && process !== null) {
      if (!runtime.idle) void runtime.settle();
      if (this.#operator.isBusy) {
        this.#operator.isBusy = false;
        for (let i = 0; i < 6; i++) await null;
        if (!runtime.idle) void runtime.settle();
      }
      if (process.isDead) this.#bury();
      else if (process.journalFailed) this.#restartSoon();
      else if (runtime.idle) {
        stage.noteRest();
        i31NothingShed(stage.auditor, stage.delivered);
      }
    }
    this.#operator.tend();
    if (this.#isReopening) {
      this.#isReopening = false;
      await this.#open();
    }
  }

  #restartSoon(): void {
    const { clock, process } = this.#stage;
    if (process === null || this.#doomed === process) return;
    this.#doomed = process;
    clock.at(clock.now() + SECOND_MS, () => process.die());
  }

  #bury(): void {
    const { clock, faults } = this.#stage;
    this.#stage.bury();
    const down = faults.isCalm ? 0 : faults.of(1).below(DOWN_MS_MAX);
    clock.at(clock.now() + down, () => {
      this.#isReopening = true;
    });
  }

  async #open(): Promise<void> {
    const stage = this.#stage;
    const { model } = stage.auditor;
    const isRestart = stage.store.lines.length > 0;
    try {
      await stage.open();
    } catch (error) {
      model.found('I22', 'i22Recovers', `a restart failed: ${(error as Error).message}`);
      return;
    }
    if (isRestart) this.#operator.resume();
    if (isRestart && stage.faults.strikes(2)) stage.process?.dieWithin(stage.faults.of(2).below(4));
  }

  /** What is drawn per second: crashes between inputs, freezes, disconnects, kills. */
  #eachSecond(): void {
    const { clock, faults } = this.#stage;
    clock.at(clock.now() + SECOND_MS, () => {
      if (faults.isCalm) return;
      this.#eachSecond();
      if (faults.strikes(31)) this.#stage.process?.die();
      if (faults.strikes(29)) this.#stall();
      if (faults.strikes(33)) this.#operator.strike();
      if (this.#stage.process?.isDead === false && this.#stage.medium.isGuarded && faults.strikes(6))
        void this.#stage.medium.intrude().then((what) => {
          if (what !== null) this.#stage.auditor.model.found('I26', 'i26OneWriter', what);
        });
      for (const [venue, line] of this.#stage.lines)
        if (!line.isDown && faults.strikes(25)) this.#disconnect(venue);
    });
  }

  /** The loop is blocked: time goes by, or much happens before anything is worked off. */
  #stall(): void {
    const { clock, faults } = this.#stage;
    const random = faults.of(29);
    if (random.chance(300_000)) clock.advanceTo(clock.now() + random.from(1_000, 30_000));
    this.#stalled = random.from(1, 40);
    // A kill waits in the queue too, between what was folded before it and what is sent after it.
    if (this.#world.faults[33] === undefined || !random.chance(250_000)) return;
    clock.at(clock.now() + random.below(200), () => {
      this.#stage.noteFault(33);
      this.#operator.strike();
    });
  }

  #disconnect(venue: string): void {
    const { clock, faults, lines, exchanges } = this.#stage;
    const line = lines.get(venue);
    const random = faults.of(25);
    const until = clock.now() + random.from(1_000, 20_000);
    const replayed = random.below(8);
    if (random.chance(300_000)) exchanges.get(venue)?.cancelAll('connection lost');
    line?.goDown(until);
    // Half-open: nobody notices.
    const isTold = this.#world.options.lists && random.chance(600_000);
    if (isTold) this.#stage.tellConnection(venue, 'DOWN');
    clock.at(until, () => {
      line?.comeUp(replayed);
      if (isTold) this.#stage.tellConnection(venue, 'UP');
    });
  }

  #calm(): void {
    const { faults, lines } = this.#stage;
    faults.calm();
    for (const line of lines.values()) if (line.isDown) line.comeUp(4);
  }

  /** Protections end, the last reports come, and everything must agree. */
  async #end(): Promise<void> {
    const stage = this.#stage;
    const { clock, auditor } = stage;
    const { model } = auditor;
    i33AllEnd(model);
    if (this.#isOver()) return;
    this.#operator.finish();
    const until = clock.now() + LATEST_REPORT_MS;
    await this.#drive(() => clock.now() >= until);
    const { runtime } = stage;
    if (this.#isOver() || runtime === null) return;
    const truth = [...stage.exchanges.values()].flatMap(({ orders }) => [...orders.values()]);
    i34KilledIsEmpty(model, stage.openAtVenues);
    i35SameOpenOrders(model, truth);
    i07FillsEqual(model, truth);
    i14AllFlowsStop(auditor);
    i24PositionsAddUp(model, runtime.positions());
    i24LedgerHasFills(model);
    checkFold(stage, runtime);
    await runtime.close();
  }
}
