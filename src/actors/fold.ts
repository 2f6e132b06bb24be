/**
 * One fold: an input taken to quiescence. Collects what happened (events) and what is to be done (effects).
 *
 * Owns the worklist and the numbering of events. One worklist, no nested fold: a step that leads to another step
 * pushes it. Effects are staged here and filtered once at the end.
 */
import { invariant } from '../dtos/errors.js';
import type { GroupBook, OrderRow } from '../book/book.js';
import type { EventPayloads, EventType, LedgerEntry, RuntimeEvent } from '../dtos/events.js';
import type { MarketView, PlaceOrder } from '../dtos/venue.js';
import type { PriceBand } from '../strategies/index.js';
import type { Views } from './inputs.js';
import type { BatchEvent } from '../machines/batch.js';
import type { GroupEvent } from '../machines/group-model.js';
import type { BatchRow, GroupRow, World } from './world.js';

export interface PlaceEffect {
  readonly type: 'PLACE';
  readonly key: string;
  readonly venue: string;
  readonly order: PlaceOrder;
  readonly group: GroupRow;
  readonly row: OrderRow;
}

/** What is done after the commit. `key` is stable: entity, slot, attempt. */
export type Effect =
  | PlaceEffect
  | {
      readonly type: 'CANCEL' | 'QUERY';
      readonly key: string;
      readonly venue: string;
      readonly clientOrderId: string;
    }
  | { readonly type: 'ARM'; readonly key: string; readonly gen: number; readonly at: number }
  | { readonly type: 'DISARM'; readonly key: string }
  | {
      readonly type: 'WATCH';
      readonly key: string;
      readonly gen: number;
      readonly symbol: string;
      readonly band: PriceBand;
    }
  | { readonly type: 'UNWATCH'; readonly key: string }
  | { readonly type: 'LIST'; readonly key: string; readonly venue: string; readonly since: number }
  | {
      readonly type: 'BENCHMARK';
      readonly key: string;
      readonly batchId: string;
      readonly groupId: string;
      readonly symbol: string;
      readonly from: number;
      readonly to: number;
    }
  | {
      readonly type: 'POST';
      readonly key: string;
      readonly entry: LedgerEntry;
      readonly batchId: string | null;
    };

export interface EventRef {
  readonly batchId?: string;
  readonly groupId?: string;
  readonly orderId?: string;
}

type WithoutFacts<E> = E extends { readonly type: string } ? Omit<E, 'now' | 'totals' | 'tally'> : never;
/** An event to a machine; time, totals and tally are filled in when it is delivered. */
export type GroupNotice = WithoutFacts<GroupEvent>;
export type BatchNotice = WithoutFacts<BatchEvent>;

/** A step still to be taken in this fold. */
export type Step =
  | {
      readonly to: 'group';
      readonly group: GroupRow;
      readonly notice: GroupNotice;
      readonly cause: number | null;
    }
  | {
      readonly to: 'batch';
      readonly batch: BatchRow;
      readonly notice: BatchNotice;
      readonly cause: number | null;
    }
  | { readonly to: 'startGroup'; readonly group: GroupRow; readonly cause: number | null }
  | { readonly to: 'startBatch'; readonly batch: BatchRow; readonly cause: number | null };

/** A bound on the steps of one input: far above any batch, far below an endless loop. */
const STEPS_MAX = 5_000_000;
const NO_PLACES: readonly PlaceEffect[] = [];

export class Fold {
  readonly events: RuntimeEvent[] = [];
  effects: Effect[] = [];
  /** Client order ids of the places staged here: most folds stage none or one, a batch's first one thousands. */
  private place: string | null = null;
  private places: Set<string> | null = null;
  private readonly steps: Step[] = [];
  /** Steps, and times that all of them were worked off. */
  private taken = 0;
  private readonly books: GroupBook[] = [];
  private trades: Map<string, number | null> | null = null;
  /** The event that led to the step that runs now. */
  private cause: number | null = null;
  private last: number | null = null;

  constructor(
    private readonly world: World,
    readonly now: number,
    private readonly inputViews: Views,
  ) {}

  /** The view of a symbol that this input carries, null when it carries none. */
  view(symbol: string): MarketView | null {
    return this.inputViews[symbol] ?? null;
  }

  /** Does this input carry the symbol's view, even an unknown one? */
  hasView(symbol: string): boolean {
    return Object.hasOwn(this.inputViews, symbol);
  }

  /** Records an event; its number is the cause of what is pushed from here on in this step. */
  emit<T extends EventType>(type: T, ref: EventRef, payload: EventPayloads[T]): number {
    const seq = ++this.world.seq;
    this.last = seq;
    this.events.push({
      seq,
      type,
      at: this.now,
      cause: this.cause,
      ...ref,
      ...payload,
    } as unknown as RuntimeEvent);
    return seq;
  }

  /** What this input leads to from here on follows from this event. */
  because(seq: number): void {
    this.cause = seq;
  }

  stage(effect: Effect): void {
    this.effects.push(effect);
  }

  stagePlace(effect: PlaceEffect): void {
    this.effects.push(effect);
    const { clientOrderId } = effect.order;
    if (this.place === null) this.place = clientOrderId;
    else {
      this.places ??= new Set();
      this.places.add(clientOrderId);
    }
  }

  /** Is this order's place staged here, so that it has not left yet? */
  isStaged(clientOrderId: string): boolean {
    return this.place === clientOrderId || (this.places?.has(clientOrderId) ?? false);
  }

  /** Takes back the staged places that `drop` names. */
  dropPlaces(drop: (place: PlaceEffect) => boolean): readonly PlaceEffect[] {
    if (this.place === null) return NO_PLACES;
    const dropped: PlaceEffect[] = [];
    for (const effect of this.effects) if (effect.type === 'PLACE' && drop(effect)) dropped.push(effect);
    if (dropped.length === 0) return dropped;
    const gone = new Set<Effect>(dropped);
    this.effects = this.effects.filter((effect) => !gone.has(effect));
    for (const { order } of dropped) {
      // An emptied first place stays a place that no order has: '' is no client order id.
      if (this.place === order.clientOrderId) this.place = '';
      this.places?.delete(order.clientOrderId);
    }
    return dropped;
  }

  /** A deadline of its own generation; the caller keeps the number to tell a stale one. */
  arm(key: string, at: number): number {
    const gen = ++this.world.gen;
    this.effects.push({ type: 'ARM', key, gen, at });
    return gen;
  }

  /** `cause`: the event that this follows from; the last one recorded unless told. */
  tellGroup(group: GroupRow, notice: GroupNotice, cause = this.last ?? this.cause): void {
    this.steps.push({ to: 'group', group, notice, cause });
  }

  tellBatch(batch: BatchRow, notice: BatchNotice, cause = this.last ?? this.cause): void {
    this.steps.push({ to: 'batch', batch, notice, cause });
  }

  startGroup(group: GroupRow): void {
    this.steps.push({ to: 'startGroup', group, cause: this.last ?? this.cause });
  }

  startBatch(batch: BatchRow, cause = this.last ?? this.cause): void {
    this.steps.push({ to: 'startBatch', batch, cause });
  }

  /** An order of this book has ended, or was looked at after its end: its row is in hand until the fold is over. */
  noteEnded(book: GroupBook): void {
    this.books.push(book);
  }

  /** Something of this trade changed that its protection may have to follow. */
  touchTrade(tradeId: string): void {
    this.trades ??= new Map();
    if (!this.trades.has(tradeId)) this.trades.set(tradeId, this.last ?? this.cause);
  }

  /** Calls `tend` for each trade touched since the last time, what first touched it being the cause. False: none was. */
  tendTrades(tend: (tradeId: string) => void): boolean {
    const { trades } = this;
    if (trades === null) return false;
    this.trades = null;
    for (const [tradeId, cause] of trades) {
      this.cause = cause;
      this.last = null;
      tend(tradeId);
    }
    return true;
  }

  /** Lets go of ended orders. */
  packEnded(): void {
    for (const book of this.books) book.ended.pack();
  }

  /** Looking again, with nothing to do, counts too: it may never come to rest either. */
  private noteStep(): void {
    this.taken += 1;
    invariant(this.taken < STEPS_MAX, 'one input does not come to rest');
  }

  /** Runs the worklist until it is empty. */
  quiesce(take: (step: Step) => void): void {
    this.noteStep();
    for (let i = 0; i < this.steps.length; i++) {
      this.noteStep();
      const step = this.steps[i]!;
      this.cause = step.cause;
      this.last = null;
      take(step);
    }
    this.steps.length = 0;
  }
}
