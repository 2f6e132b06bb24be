/**
 * Recovery: folds a journal's records again, which gives the state (I22).
 *
 * Owns reading the records, the fold without effects, the check that it comes to the events that are recorded, and
 * what the fold had staged that outlives a process: deadlines, watched prices, entries for the ledger. Performs
 * nothing and asks nobody; what a restart asks the venues is decided in the fold of its `open` (actors/recovery.ts).
 */
import { Deadlines } from '../actors/deadlines.js';
import type { Effect } from '../actors/fold.js';
import { releaseGroup } from '../actors/groups.js';
import { createPureHost, type Host } from '../actors/host.js';
import type { Input } from '../actors/inputs.js';
import type { Rules } from '../actors/rules.js';
import { type Folded, Supervisor } from '../actors/supervisor.js';
import type { Watched } from '../actors/watches.js';
import { createWorld, type World } from '../actors/world.js';
import type { Strategies } from '../strategies/index.js';
import { PositionBook } from '../book/positions.js';
import { FillwrightError } from '../dtos/errors.js';
import type { RuntimeEvent } from '../dtos/events.js';
import { type JournalRecord, parseRecord } from '../journal/index.js';
import type { Journal } from '../ports/journal.js';
import type { PlatformConfig } from './config.js';
import { hashOf } from './parts.js';
import { readSnapshot, type State } from './snapshot.js';

/** Trades kept in memory; those least recently touched are read back from the journal when a command names them. */
export const POSITIONS_MAX = 10_000;
/** A commit holds no more inputs: of older records every effect was performed before the next was appended. */
const COMMIT_INPUTS_MAX = 256;

type Open = Extract<Input, { readonly k: 'open' }>;
type Post = Extract<Effect, { readonly type: 'POST' }>;

/**
 * How closely a fold is compared with what is recorded. HEADS: number, type, cause and subject of each event, which
 * tell a minter, a machine or a book that went another way; WHOLE: every field, which costs more than the fold.
 */
export type Check = 'HEADS' | 'WHOLE';

/** A runtime's state while records are folded into it. */
export class Past {
  readonly world: World;
  /** By key, in the order of arming: the heap is made once, from what is left. */
  private readonly armed = new Map<string, { readonly gen: number; readonly at: number }>();
  readonly watches = new Map<string, Watched>();
  /** Directive ids ever submitted. */
  readonly seen: Set<string>;
  /** The last record folded, and its time. */
  n = 0;
  at = 0;
  epoch = 0;
  opened: Open | null = null;
  lastMinted: string | null = null;
  /** The record of the snapshot that this began with; 0: none. */
  snapshotAt = 0;
  private posts: { readonly n: number; readonly effect: Post }[] = [];
  private readonly supervisor: Supervisor;

  constructor(
    world: World,
    private readonly check: Check = 'HEADS',
    from: { readonly n: number; readonly state: State } | null = null,
  ) {
    this.world = world;
    this.supervisor = new Supervisor(world);
    this.seen = new Set(from?.state.seen);
    if (from === null) return;
    const { deadlines, watches, lastMinted, epoch, opened, at } = from.state;
    for (const { id, gen, at: due } of deadlines) this.armed.set(id, { gen, at: due });
    for (const watched of watches) this.watches.set(watched.id, watched);
    Object.assign(this, { lastMinted, epoch, opened, at, n: from.n, snapshotAt: from.n });
  }

  /** What is written down of it. */
  state(): State {
    const { world, watches, seen, lastMinted, epoch, opened, at } = this;
    return {
      ...{ world, seen, lastMinted, epoch, opened, at },
      ...{ deadlines: [...this.armed].map(([id, due]) => ({ id, ...due })), watches: [...watches.values()] },
    };
  }

  /** What is due, and when. */
  deadlines(): Deadlines {
    const deadlines = new Deadlines();
    for (const [id, { gen, at }] of this.armed) deadlines.arm(id, gen, at);
    return deadlines;
  }

  /**
   * `line`: the record's own text, where it is at hand: a fold that writes the same events needs no second look.
   * Gives what the fold has staged, none of which is performed again.
   * @throws JOURNAL_DAMAGED when the record does not follow, or folds to other events than it holds
   */
  take(record: JournalRecord, line = ''): readonly Effect[] {
    const { events } = record;
    const folded = this.advance(record, events[0]?.type === 'POISON');
    if (folded === null) return [];
    if (line !== '' && line.endsWith(`,"events":${JSON.stringify(folded.events)}}`)) return folded.effects;
    const difference = differenceOf(folded.events, events, this.check);
    if (difference !== null) throw damaged(record.n, `${difference}${this.writtenBy()}`);
    return folded.effects;
  }

  /** Null: the record is of a fold that threw and stopped the runtime; what it had changed went with the process. */
  private advance({ n, t, input }: Omit<JournalRecord, 'events'>, isPoison: boolean): Folded | null {
    if (n !== this.n + 1) throw damaged(n, `follows record ${this.n}`);
    this.n = n;
    this.at = t;
    if (isPoison) return null;
    const given = input as unknown as Input;
    this.note(given);
    const folded = this.fold(n, t, given);
    for (const effect of folded.effects) this.stage(effect);
    for (const event of folded.events) this.release(event);
    return folded;
  }

  /** What went to the ledger last, and perhaps never arrived. */
  recentPosts(): readonly Post[] {
    return this.posts.filter(({ n }) => n > this.n - COMMIT_INPUTS_MAX).map(({ effect }) => effect);
  }

  /** Moves every machine to the host that runs it from here on. */
  adopt(host: Host): void {
    const { world } = this;
    for (const [id, group] of world.groups)
      if (group.entity !== null) group.entity = host.restoreGroup(id, group.entity.save());
    for (const [id, batch] of world.batches)
      if (batch.entity !== null) batch.entity = host.restoreBatch(id, batch.mode, batch.entity.save());
    world.host = host;
  }

  private fold(n: number, t: number, input: Input): Folded {
    try {
      return this.supervisor.fold(input, t);
    } catch (cause) {
      throw damaged(n, `cannot be folded again: ${(cause as Error).message}${this.writtenBy()}`, cause);
    }
  }

  private note(input: Input): void {
    if (input.k === 'open') {
      this.epoch = input.epoch ?? 1;
      this.opened = input;
    } else if (input.k === 'submit') {
      this.seen.add(input.directive.directive_id);
      this.lastMinted = input.minted ?? this.lastMinted;
    } else if (input.k === 'due') {
      if (this.armed.get(input.id)?.gen === input.gen) this.armed.delete(input.id);
    } else if (input.k === 'tick' && this.watches.get(input.id)?.gen === input.gen)
      this.watches.delete(input.id);
  }

  private stage(effect: Effect): void {
    switch (effect.type) {
      case 'ARM':
        this.armed.delete(effect.key); // the latest comes last
        this.armed.set(effect.key, { gen: effect.gen, at: effect.at });
        return;
      case 'DISARM':
        this.armed.delete(effect.key);
        return;
      case 'WATCH': {
        const { key: id, gen, symbol, band } = effect;
        this.watches.delete(id); // the latest comes last
        this.watches.set(id, { id, gen, symbol, band });
        return;
      }
      case 'UNWATCH':
        this.watches.delete(effect.key);
        return;
      case 'POST':
        this.posts.push({ n: this.n, effect });
        if (this.posts.length > 4 * COMMIT_INPUTS_MAX)
          this.posts = this.posts.filter(({ n }) => n > this.n - COMMIT_INPUTS_MAX);
    }
  }

  /** Part of a flow's termination, which follows its commit. */
  private release(event: RuntimeEvent): void {
    if (event.type !== '_flow_stop_success' && event.type !== '_flow_stop_error') return;
    const group = event.groupId === undefined ? undefined : this.world.groups.get(event.groupId);
    if (group !== undefined) releaseGroup(group);
  }

  private writtenBy(): string {
    return this.opened === null ? '' : ` (written by version ${this.opened.version})`;
  }
}

/** A world before its first record. */
const emptyWorld = (rules: Rules, strategies: Strategies): World =>
  createWorld(rules, createPureHost(strategies), new PositionBook(POSITIONS_MAX, true), strategies);

/** Nothing yet: records are folded into it one by one, and compared whole. */
export const emptyPast = (rules: Rules, strategies: Strategies): Past =>
  new Past(emptyWorld(rules, strategies), 'WHOLE');

/** The state that a journal holds; null for an empty one, or one that keeps nothing. @throws JOURNAL_DAMAGED */
export function recover(journal: Journal, rules: Rules, strategies: Strategies): Past | null {
  const past = fromSnapshot(journal, rules, strategies) ?? new Past(emptyWorld(rules, strategies));
  for (const line of journal.lines(past.n) ?? []) past.take(parseRecord(line, past.n + 1));
  return past.opened === null ? null : past;
}

/** Null: there is none, or none to be trusted. */
function fromSnapshot(journal: Journal, rules: Rules, strategies: Strategies): Past | null {
  const snapshot = journal.snapshot?.() ?? null;
  if (snapshot === null || snapshot.n < 1) return null;
  for (const line of journal.lines(snapshot.n - 1) ?? []) {
    const world = emptyWorld(rules, strategies);
    const state = readSnapshot(snapshot.state, line, world);
    return state === null ? null : new Past(state.world, 'HEADS', { n: snapshot.n, state });
  }
  return null; // it stands for a record that the journal does not hold
}

/** Where real money is at stake, a journal goes on with the configuration it was last opened with, or one named. */
export function checkDeployment(
  { opened }: Past,
  config: PlatformConfig,
  accepted: string | undefined,
): void {
  const hash = hashOf(config);
  if (opened === null || opened.configHash === hash || accepted === hash) return;
  if (opened.environment !== 'live' && config.environment !== 'live') return;
  throw new FillwrightError(
    'CONFIG',
    `the journal was last opened in ${opened.environment} with configuration ${opened.configHash}, this is ${hash} in ${config.environment}; acceptConfig: '${hash}' takes it`,
  );
}

const damaged = (n: number, what: string, cause?: unknown): FillwrightError =>
  new FillwrightError('JOURNAL_DAMAGED', `record ${n} ${what}`, {
    path: `record ${n}`,
    ...(cause === undefined ? {} : { cause }),
  });

/** What the fold made other than what is recorded; null when they agree. */
function differenceOf(
  made: readonly RuntimeEvent[],
  kept: readonly RuntimeEvent[],
  check: Check,
): string | null {
  for (let i = 0; i < kept.length; i++) {
    const [own, other] = [made[i], kept[i]!];
    if (own !== undefined && isSame(own, other, check)) continue;
    return `folds to ${textOf(own)} where it holds ${textOf(other)}`;
  }
  const extra = made[kept.length];
  return extra === undefined ? null : `folds to ${textOf(extra)}, which it does not hold`;
}

function isSame(a: RuntimeEvent, b: RuntimeEvent, check: Check): boolean {
  if (check === 'WHOLE') return JSON.stringify(a) === JSON.stringify(b);
  return (
    a.seq === b.seq &&
    a.type === b.type &&
    a.cause === b.cause &&
    a.groupId === b.groupId &&
    a.orderId === b.orderId &&
    a.batchId === b.batchId
  );
}

const textOf = (event: RuntimeEvent | undefined): string =>
  event === undefined ? 'nothing' : `#${event.seq} ${event.type}`;
