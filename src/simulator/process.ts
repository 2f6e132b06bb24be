/**
 * One life of the process: from the moment a runtime is opened to its death. What is dead does nothing any more.
 *
 * Owns the clock and the journal as a mortal process sees them, and the moments at which it dies (1, 3, 5, 27, 31).
 * The committed lines outlive it; what was only appended does not.
 */
import type { Clock } from '../ports/clock.js';
import type { Journal } from '../ports/journal.js';
import type { JournaledRecord } from './audit/auditor.js';
import type { FaultDraws } from './fault-draws.js';
import type { Medium } from './medium.js';

/** A death that is no draw: at the n-th commit of the whole world, before or after it. */
export interface Death {
  readonly commit: number;
  readonly when: 'before' | 'after';
}

export interface StoreOptions {
  /** The process dies at this commit, beside what the world draws. */
  readonly dies?: Death;
  /** Hears of the lines that one commit made durable. */
  readonly onCommit?: (lines: readonly string[]) => void;
}

/** What outlives every process: the lines, and what the auditor has read in them. */
export class Store {
  readonly lines: string[] = [];
  readonly records: JournaledRecord[] = [];
  /** Begun so far, by every process. */
  commits = 0;

  constructor(readonly options: StoreOptions) {}
}

interface Crash {
  readonly when: 'before' | 'after' | 'effect';
  readonly n: number;
}

export class Process {
  isDead = false;
  /** The journal has refused a write: nothing may open any more (I25). */
  journalFailed = false;
  readonly clock: Clock;
  readonly journal: Journal;
  #next: Crash | null = null;
  #pending: string[] = [];
  /** Effects until death; null: it is not coming. */
  #effectsLeft: number | null = null;

  constructor(
    private readonly base: Clock,
    private readonly faults: FaultDraws,
    private readonly store: Store,
    private readonly medium: Medium,
    /** Hears of each line once it is durable. */
    private readonly committed: (line: string) => void,
    /** Hears of the journal's failure, before anything follows from it. */
    private readonly failed: () => void,
  ) {
    this.clock = { now: () => base.now(), at: (at, callback) => this.#at(at, callback) };
    this.journal = {
      append: (line) => {
        this.#pending.push(line);
      },
      commit: () => this.#commit(),
      lines: (after = 0) => (after === 0 ? store.lines : store.lines.slice(after)),
      close: () => undefined,
      ...(medium.snapshots === undefined
        ? {}
        : { snapshot: medium.snapshots.load, saveSnapshot: (snapshot) => this.#save(snapshot) }),
    };
  }

  die(): void {
    this.isDead = true;
  }

  /** It dies at its next commit, or now. */
  crash(when: 'now' | 'before' | 'after' | 'effect', n: number): void {
    if (when === 'now') this.die();
    else this.#next = { when, n };
  }

  /** It dies before the n-th effect from now on. */
  dieWithin(effects: number): void {
    this.#effectsLeft = effects;
  }

  /** An effect is about to leave; false: the process has died before it. */
  effect(): boolean {
    if (this.isDead) return false;
    if (this.#effectsLeft !== null && this.#effectsLeft-- <= 0) {
      this.die();
      return false;
    }
    return true;
  }

  #save(snapshot: Parameters<NonNullable<Journal['saveSnapshot']>>[0]): void {
    if (!this.isDead) this.medium.snapshots?.save(snapshot);
  }

  #at(at: number, callback: () => void): () => void {
    const late = this.faults.strikes(27) ? this.faults.of(27).below(5_000) : 0;
    const due = late === 0 ? at : Math.max(at, this.base.now()) + late;
    return this.base.at(due, () => {
      if (!this.isDead) callback();
    });
  }

  #commit(): void {
    if (this.isDead || this.journalFailed) throw new Error('the process is dead');
    const crash = this.#crashNow();
    const pending = this.#pending;
    this.#pending = [];
    if (crash?.when === 'before') return this.#crashBefore(pending);
    try {
      this.medium.write(pending);
    } catch (error) {
      this.journalFailed = true;
      this.failed();
      throw error;
    }
    for (const line of pending) this.#keep(line);
    this.store.options.onCommit?.(pending);
    if (crash?.when === 'after') this.die();
    if (crash?.when === 'effect') this.#effectsLeft = crash.n;
  }

  #crashNow(): Crash | null {
    const next = this.#next;
    this.#next = null;
    const { dies } = this.store.options;
    this.store.commits += 1;
    if (dies?.commit === this.store.commits) return { when: dies.when, n: 0 };
    if (next !== null || !this.faults.strikes(1)) return next;
    const random = this.faults.of(1);
    return { when: random.pick(['before', 'after', 'effect'] as const), n: random.below(3) };
  }

  /** The tail is torn somewhere: whole records before the tear survive, the rest is cut at the next opening. */
  #crashBefore(pending: readonly string[]): never {
    for (const line of this.medium.tear(pending)) this.#keep(line);
    this.die();
    throw new Error('the process is dead');
  }

  #keep(line: string): void {
    this.store.lines.push(line);
    this.committed(line);
  }
}
