/**
 * The sequencer: the only door. Inputs go through one queue; each is numbered, folded, journaled as one record, and
 * acted upon after its commit.
 *
 * Owns the order of things: fold → append → commit (per bounded group of inputs) → publish, effects, acknowledgements.
 * A fold that throws leaves its input journaled as POISON and stops everything, loudly. A journal that fails stops
 * whatever opens; cancels still go out (I25). Decides nothing about trading.
 */
import type { Folded } from '../actors/supervisor.js';
import type { Input } from '../actors/inputs.js';
import { FillwrightError, messageOf } from '../dtos/errors.js';
import type { RuntimeEvent } from '../dtos/events.js';
import type { Journal } from '../ports/journal.js';
import type { Latest } from './keeper.js';

export interface SequencerPorts {
  readonly journal: Journal;
  readonly now: () => number;
  /** The input as it is folded and journaled: with what its fold may read of the outside. */
  readonly prepare?: (input: Input) => Input;
  /** Does preparing it read the journal? Then everything before it has to be there: it begins a commit of its own. */
  readonly looksBack?: (input: Input) => boolean;
  readonly fold: (input: Input, now: number) => Folded;
  readonly publish: (events: readonly RuntimeEvent[]) => void;
  readonly perform: (effects: Folded['effects']) => void;
  /** The last record that the journal holds already. */
  readonly startsAfter?: number;
  /** After every commit group: the timer may have to move. */
  readonly afterGroup: () => void;
  /** The journal refused a write. True: go on without it (a non-live profile that says so); else halt. */
  readonly onJournalFailure: (error: Error) => boolean;
  readonly onHalt: (error: FillwrightError) => void;
}

/** What an input came to, for whoever waits for it. */
export type Outcome = { readonly folded: Folded } | { readonly error: FillwrightError };

interface Waiting {
  readonly input: Input;
  readonly done: ((outcome: Outcome) => void) | null;
}

interface Done {
  readonly folded: Folded;
  readonly done: Waiting['done'];
}

/** Inputs of one commit: enough to share its cost, few enough to keep the wait short. */
const COMMIT_INPUTS_MAX = 256;
/** When the consumed front of a queue that never runs empty is cut off. */
const QUEUE_TRIM = 4096;

export class Sequencer {
  private queue: Waiting[] = [];
  private head = 0;
  private n: number;
  private at = 0;
  private line = '';
  private isDraining = false;
  private isScheduled = false;
  private readonly idlers: (() => void)[] = [];
  private readonly committers: (() => void)[] = [];
  halted: FillwrightError | null = null;

  constructor(private readonly ports: SequencerPorts) {
    this.n = ports.startsAfter ?? 0;
  }

  /** True when nothing waits and no commit runs. */
  get idle(): boolean {
    return this.halted !== null || (this.head === this.queue.length && !this.isDraining);
  }

  enqueue(input: Input, done: Waiting['done'] = null): void {
    if (this.halted !== null) {
      done?.({ error: this.halted });
      return;
    }
    this.queue.push({ input, done });
    if (this.isDraining || this.isScheduled) return;
    this.isScheduled = true;
    queueMicrotask(() => {
      this.isScheduled = false;
      this.drain();
    });
  }

  /** The last record of this run, and what is still to be folded; to be read between two groups. */
  latest(): Latest {
    const waiting = this.queue.slice(this.head).map(({ input }) => input);
    return { n: this.n, at: this.at, line: this.line, waiting };
  }

  /** Number of the last record. */
  get records(): number {
    return this.n;
  }

  /** Resolves when idle. Drains at once as far as the journal commits synchronously. */
  settle(): Promise<void> {
    this.drain();
    if (this.idle) return Promise.resolve();
    return new Promise((resolve) => this.idlers.push(resolve));
  }

  /** Works the queue off; returns early while a commit is under way, which then goes on by itself. */
  drain(): void {
    if (this.isDraining) return;
    this.isDraining = true;
    while (this.head < this.queue.length && this.halted === null) {
      const group = this.foldGroup();
      const committing = this.commit();
      if (committing !== null) {
        committing.then(() => {
          this.complete(group);
          this.isDraining = false;
          this.drain();
        });
        return;
      }
      this.complete(group);
    }
    this.isDraining = false;
    this.tellCommitted();
    if (this.idle) for (const resolve of this.idlers.splice(0)) resolve();
  }

  /** Resolves when whatever is folded by now is committed, or never will be: see `halted`. */
  committed(): Promise<void> {
    return this.isDraining ? new Promise((resolve) => this.committers.push(resolve)) : Promise.resolve();
  }

  /** Folds and appends the next inputs, without a commit between them. */
  private foldGroup(): Done[] {
    const group: Done[] = [];
    while (this.head < this.queue.length && group.length < COMMIT_INPUTS_MAX && this.halted === null) {
      const { input: given, done } = this.queue[this.head]!;
      if (group.length > 0 && this.ports.looksBack?.(given) === true) break;
      this.head += 1;
      const t = this.ports.now();
      const n = this.n + 1;
      let input = given;
      let folded: Folded;
      try {
        input = this.ports.prepare?.(given) ?? given;
        folded = this.ports.fold(input, t);
      } catch (error) {
        group.push({ folded: this.poison(n, t, input, error), done });
        break;
      }
      if (folded.refusal === null || folded.events.length > 0) this.append(n, t, input, folded.events);
      group.push({ folded, done });
    }
    const isEmpty = this.head === this.queue.length;
    if (isEmpty || (this.head > QUEUE_TRIM && this.head * 2 > this.queue.length)) {
      this.queue = isEmpty ? [] : this.queue.slice(this.head);
      this.head = 0;
    }
    return group;
  }

  private append(n: number, t: number, input: Input, events: readonly RuntimeEvent[]): void {
    this.n = n;
    this.at = t;
    const line = JSON.stringify({ n, t, input, events });
    this.line = line;
    try {
      this.ports.journal.append(line);
    } catch (error) {
      this.fail(error);
    }
  }

  /** Its event leaves with the commit, as every event does. */
  private poison(n: number, t: number, input: Input, cause: unknown): Folded {
    const error = new FillwrightError(
      'HALTED',
      `input ${n} (${input.k}) could not be folded: ${messageOf(cause)}`,
      { cause },
    );
    const event = { seq: 0, type: 'POISON', at: t, cause: null, error: messageOf(cause) } as const;
    this.append(n, t, input, [event]);
    this.halt(error);
    return { events: [event], effects: [], refusal: error, batch: null };
  }

  private halt(error: FillwrightError): void {
    if (this.halted !== null) return;
    this.halted = error;
    for (const { done } of this.queue.splice(this.head)) done?.({ error });
    this.ports.onHalt(error);
  }

  /** Null: committed. A promise: under way, and it never rejects. */
  private commit(): Promise<void> | null {
    try {
      const committing = this.ports.journal.commit();
      return committing instanceof Promise ? committing.catch((error: unknown) => this.fail(error)) : null;
    } catch (error) {
      this.fail(error);
      return null;
    }
  }

  private fail(cause: unknown): void {
    const failure = cause instanceof Error ? cause : new Error(messageOf(cause));
    if (this.ports.onJournalFailure(failure) || this.halted !== null) return;
    this.halt(new FillwrightError('JOURNAL', `the journal failed: ${failure.message}`, { cause }));
  }

  /** After the commit: events leave, effects are performed, callers hear. After a failed one only the latter. */
  private complete(group: readonly Done[]): void {
    for (const { folded, done } of group) {
      if (this.halted?.code === 'JOURNAL') {
        done?.({ error: this.halted });
        continue;
      }
      this.carryOut(() => {
        this.ports.publish(folded.events);
        this.ports.perform(folded.effects);
      });
      done?.({ folded });
    }
    this.carryOut(() => this.ports.afterGroup());
    this.tellCommitted();
  }

  /** What throws here is a defect, and what it has left undone nobody knows: nothing opens any more. */
  private carryOut(act: () => void): void {
    try {
      act();
    } catch (cause) {
      const message = `what was committed could not be carried out: ${messageOf(cause)}`;
      this.halt(new FillwrightError('HALTED', message, { cause }));
    }
  }

  private tellCommitted(): void {
    for (const resolve of this.committers.splice(0)) resolve();
  }
}
