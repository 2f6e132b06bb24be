/**
 * A venue that knows the truth and tells it badly: requests are lost or late, orders are refused, filled in parts or
 * early, answers are lost, late or repeated. Until `calmAt`; from then on everything arrives and is answered.
 *
 * Owns the truth about its orders (`orders`), and what no runtime may ever do to it (`violations`). Fills are never
 * lost, only late: what a lost fill takes is a reconciliation.
 */
import type { PlaceOrder } from '../../src/dtos/venue.js';
import type { Clock } from '../../src/ports/clock.js';
import { ScriptedConnector, type ScriptedOptions } from './scripted-connector.js';

export interface StormyOrder {
  readonly order: PlaceOrder;
  isOpen: boolean;
  /** Tenths: the lot is 0.1. */
  cum: number;
  readonly quantity: number;
}

const tenths = (text: string): number => Math.round(Number(text) * 10);
const text = (lots: number): string => (lots / 10).toFixed(1).replace(/\.0$/, '');

/** A small generator: the same seed, the same storm (mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

export class StormyVenue extends ScriptedConnector {
  readonly orders = new Map<string, StormyOrder>();
  readonly violations: string[] = [];
  readonly #clock: Clock;
  readonly #calmAt: number;
  readonly #next: () => number;
  /** When the last report of each order arrives: later ones do not overtake it. */
  readonly #arrivals = new Map<string, number>();
  #fills = 0;

  constructor({
    calmAt,
    seed,
    ...options
  }: ScriptedOptions & { readonly calmAt: number; readonly seed: number }) {
    super(options);
    this.#clock = options.clock;
    this.#calmAt = calmAt;
    this.#next = randomFrom(seed);
    this.onPlace = (order) => this.#onPlace(order);
    this.onCancel = (id) => this.#arrive(() => this.#cancel(id));
    this.onQuery = (id) => this.#arrive(() => this.#query(id));
  }

  #chance(odds: number): boolean {
    const drawn = this.#next();
    return this.#clock.now() < this.#calmAt && drawn < odds;
  }

  #within(ms: number): number {
    return Math.floor(this.#next() * ms);
  }

  /** A request may be lost, or late: below the validity of a place. */
  #arrive(act: () => void): void {
    if (this.#chance(0.12)) return;
    const delay = this.#chance(0.3) ? this.#within(4_000) : 0;
    if (delay === 0) act();
    else this.#clock.at(this.#clock.now() + delay, act);
  }

  /** A report may be late or repeated; lost as well, unless it is a fill. `line`: reports of one keep their order. */
  #tell(line: string, report: () => void, canBeLost = true): void {
    if (canBeLost && this.#chance(0.12)) return;
    const delay = this.#chance(0.3) ? this.#within(canBeLost ? 3_000 : 40_000) : 0;
    const last = this.#arrivals.get(line) ?? 0;
    const at = Math.max(this.#clock.now() + delay, last);
    this.#arrivals.set(line, at);
    const times = this.#chance(0.15) ? 2 : 1;
    for (let i = 0; i < times; i++) {
      if (delay === 0 && last < this.#clock.now()) report();
      else this.#clock.at(at, report);
    }
  }

  #onPlace(order: PlaceOrder): void {
    if (this.#chance(0.06)) throw new Error('socket hang up');
    this.#arrive(() => this.#accept(order));
  }

  #accept(order: PlaceOrder): void {
    const { clientOrderId: id } = order;
    if (this.orders.has(id)) {
      this.violations.push(`${id} arrived twice`);
      return;
    }
    if (this.#chance(0.15)) {
      const isPassing = this.#chance(0.5);
      this.#tell(id, () => this.reject(id, isPassing ? 'overload' : 'refused', isPassing));
      return;
    }
    const entry: StormyOrder = { order, isOpen: true, cum: 0, quantity: tenths(order.quantity) };
    this.orders.set(id, entry);
    const fillsFirst = this.#chance(0.2);
    if (!fillsFirst) this.#tell(id, () => this.ack(id));
    if (order.timeInForce === 'IOC') this.#fillSome(entry, this.#chance(0.3));
    else if (this.#next() < 0.5) this.#fillSome(entry, true);
    if (fillsFirst) this.#tell(id, () => this.ack(id));
    if (order.timeInForce === 'IOC' && entry.isOpen) this.#end(entry, 'immediate-or-cancel remainder');
    if (entry.isOpen && this.#next() < 0.6) {
      this.#clock.at(this.#clock.now() + this.#within(20_000), () =>
        this.#fillSome(entry, this.#chance(0.5)),
      );
    }
    if (entry.isOpen && this.#chance(0.1)) {
      this.#clock.at(this.#clock.now() + this.#within(20_000), () => {
        if (entry.isOpen) this.#end(entry, 'self-match prevention');
      });
    }
  }

  #fillSome(entry: StormyOrder, isPart: boolean): void {
    if (!entry.isOpen) return;
    const leaves = entry.quantity - entry.cum;
    const lots = isPart ? Math.max(1, Math.floor(leaves * this.#next())) : leaves;
    entry.cum += lots;
    if (entry.cum === entry.quantity) entry.isOpen = false;
    this.#fills += 1;
    const { clientOrderId: id, price } = entry.order;
    const execId = `F${this.#fills}`;
    this.#tell(id, () => this.fill(id, text(lots), price ?? '100', { execId }), false);
  }

  #end(entry: StormyOrder, reason: string): void {
    entry.isOpen = false;
    const { clientOrderId: id } = entry.order;
    this.#tell(id, () => this.canceled(id, reason), entry.order.timeInForce !== 'IOC');
  }

  #cancel(id: string): void {
    const entry = this.orders.get(id);
    if (entry === undefined) return this.#tell(id, () => this.cancelReject(id, 'unknown order'));
    if (!entry.isOpen) return this.#tell(id, () => this.cancelReject(id, 'too late'));
    if (this.#chance(0.15)) return this.#tell(id, () => this.cancelReject(id, 'auction'));
    this.#end(entry, 'requested');
  }

  #query(id: string): void {
    const entry = this.orders.get(id);
    const line = `${id}?`; // answers come another way than reports, and overtake fills that are late
    if (entry === undefined) return this.#tell(line, () => this.notFound(id));
    const { cum, quantity, isOpen, order } = entry;
    const live = cum === 0 ? 'NEW' : 'PARTIALLY_FILLED';
    const status = isOpen ? live : cum === quantity ? 'FILLED' : 'CANCELED';
    const price = order.price ?? '100';
    this.#tell(line, () => this.status(id, status, text(cum), cum === 0 ? null : price));
  }

  /** Orders that are open here and now. */
  get open(): string[] {
    return [...this.orders].filter(([, { isOpen }]) => isOpen).map(([id]) => id);
  }
}
