/**
 * Keeps snapshots while a runtime runs: every so many records, and at its close.
 *
 * Owns when one is due, and the watched prices as the folds left them: the price watch forgets a band when it fires,
 * the state when that has been folded.
 */
import type { Deadlines, Due } from '../actors/deadlines.js';
import type { Input } from '../actors/inputs.js';
import type { Watched } from '../actors/watches.js';
import type { Journal } from '../ports/journal.js';
import type { Past } from './recovery.js';
import { type State, writeSnapshot } from './snapshot.js';

/** The last record that is committed and acted upon. */
export interface Latest {
  readonly n: number;
  readonly at: number;
  readonly line: string;
  /** Inputs that came after it, and are not folded. */
  readonly waiting: readonly Input[];
}

export interface KeeperPorts {
  readonly journal: Journal;
  /** Records between two snapshots; 0: none. */
  readonly every: number;
  readonly deadlines: Deadlines;
  readonly watches: { set(watched: Watched): void; clear(id: string): void };
  readonly state: () => Pick<State, 'world' | 'seen' | 'lastMinted' | 'epoch' | 'opened'>;
}

export class Keeper {
  private readonly standing: Map<string, Watched>;
  private savedAt: number;

  constructor(
    private readonly ports: KeeperPorts,
    past: Past | null,
  ) {
    this.standing = new Map(past?.watches);
    this.savedAt = past?.snapshotAt ?? 0;
  }

  set(watched: Watched): void {
    this.standing.delete(watched.id); // the latest comes last
    this.standing.set(watched.id, watched);
    this.ports.watches.set(watched);
  }

  clear(id: string): void {
    this.standing.delete(id);
    this.ports.watches.clear(id);
  }

  folded(input: Input): void {
    if (input.k === 'tick' && this.standing.get(input.id)?.gen === input.gen) this.standing.delete(input.id);
  }

  /** Is a snapshot due after this record? */
  isDue(n: number): boolean {
    const { every } = this.ports;
    return every > 0 && n - this.savedAt >= every;
  }

  save({ n, at, line, waiting }: Latest): void {
    const { journal, deadlines, state } = this.ports;
    if (journal.saveSnapshot === undefined || n === this.savedAt || line === '') return;
    this.savedAt = n;
    const text = writeSnapshot(
      {
        ...state(),
        at,
        deadlines: [...dueOf(waiting, at), ...deadlines.list()],
        watches: [...this.standing.values()],
      },
      line,
    );
    journal.saveSnapshot({ n, state: text });
  }
}

/** Deadlines that have come due and are not folded: the heap has let go of them. */
const dueOf = (waiting: readonly Input[], at: number): (Due & { readonly at: number })[] =>
  waiting.flatMap((input) => (input.k === 'due' ? [{ id: input.id, gen: input.gen, at }] : []));
