/**
 * The simulated exchange: the truth about orders, executions and balances that the auditor holds the runtime to.
 *
 * Owns acceptance, matching against the market's quotes, cancels, busts, and the faults that change the truth itself
 * (10, 11, 14, 15, 20, 21, 22, 24, 32). What is reported of it, when, how often and whether at all is line.ts's.
 * Shares no code with the venue that scenarios trade at. Quantities are units of 10⁻⁸, prices ticks.
 */
import type { OpenOrder, PlaceOrder, Report } from '../dtos/venue.js';
import type { Clock } from '../ports/clock.js';
import type { TruthExecution, TruthListener, TruthOrder } from './audit/truth.js';
import { textOf, UNIT, unitsOf } from './audit/units.js';
import type { FaultDraws } from './fault-draws.js';
import type { Line } from './line.js';
import type { Book, WalkMarket } from './market.js';

type Status = Extract<Report, { type: 'STATUS' }>['status'];

/** What a query would have said at a time. */
export interface Moment {
  readonly at: number;
  readonly status: Status;
  readonly cum: number;
}

export interface VenueOrder extends TruthOrder {
  readonly connectorOrderId: string;
  readonly book: Book;
  /** Ticks; null for a price that is none. */
  readonly price: number;
  stop: number | null;
  /** Σ quantity × ticks of what counts. */
  notional: number;
  endedAs: 'CANCELED' | 'EXPIRED' | 'REJECTED' | null;
  readonly history: Moment[];
  /** When an execution was last taken back; 0: never. */
  bustedAt: number;
}

const MAKER_BPS = 2n;
const TAKER_BPS = 5n;
/** So far a listing may lag behind; a runtime asks again for a minute more than it has. */
const LAG_MS = 50_000;
/** Levels that a taker reaches. */
const LEVELS = 4;
const BUST_WITHIN_MS = 30_000;
const COPY_ANSWER_MS = 1_000;

export interface VenueParts {
  readonly name: string;
  readonly clock: Clock;
  readonly market: WalkMarket;
  readonly faults: FaultDraws;
  readonly line: Line;
  readonly truth: TruthListener;
  readonly baseFees: boolean;
  /** Of an order, the most that one execution takes, in parts per thousand. */
  readonly depth: number;
  /** The report of an end says what the order has filled in all. */
  readonly saysTotals: boolean;
  readonly isBooked: (order: TruthOrder, execution: TruthExecution) => boolean;
}

export class SimulatedExchange {
  readonly orders = new Map<string, VenueOrder>();
  readonly open = new Set<VenueOrder>();
  /** Client order ids that were refused: nothing more becomes of them. */
  readonly refused = new Set<string>();
  /** Orders of somebody else. */
  readonly foreign: OpenOrder[] = [];
  readonly #parts: VenueParts;
  readonly #executed: {
    readonly execution: TruthExecution;
    readonly report: Extract<Report, { type: 'TRADE' }>;
    wasOmitted: boolean;
  }[] = [];
  readonly #corrected = new Set<TruthExecution>();
  #numbers = 0;
  #bannedUntil = 0;

  constructor(parts: VenueParts) {
    this.#parts = parts;
  }

  get isBanned(): boolean {
    return this.#parts.clock.now() < this.#bannedUntil;
  }

  /** A place has arrived. `isCopy`: the transport's second one. */
  place(order: PlaceOrder, isCopy = false): void {
    const { clientOrderId: id } = order;
    const known = this.orders.get(id);
    if (known !== undefined) {
      if (!isCopy) {
        known.accepted += 1;
        this.#parts.truth.accepted(known, this.#parts.clock.now());
      }
      this.answer(known, this.#parts.clock.now(), COPY_ANSWER_MS);
      return;
    }
    if (isCopy && this.refused.has(id)) return;
    if (!this.#refuses(order)) this.#accept(order);
  }

  #refuses(order: PlaceOrder): boolean {
    const { clock, faults } = this.#parts;
    const { clientOrderId: id } = order;
    if (faults.strikes(24, id)) this.#bannedUntil = clock.now() + faults.of(24).from(2_000, 30_000);
    if (this.isBanned) return this.#reject(order, 'too many requests', true);
    if (order.reduceOnly && faults.strikes(32, id) && faults.of(32).chance(500_000))
      return this.#reject(order, 'reduce only: refused', faults.of(32).chance(300_000));
    if (faults.strikes(10, id) && faults.of(10).chance(600_000))
      return this.#reject(order, 'refused', faults.of(10).chance(400_000));
    const book = this.#bookOf(order);
    if (!order.postOnly || !this.#crosses(order.side, this.#ticks(order, book), book)) return false;
    return this.#reject(order, 'would cross', false);
  }

  #reject(order: PlaceOrder, reason: string, retryable: boolean): true {
    this.refused.add(order.clientOrderId);
    const { clientOrderId } = order;
    const at = this.#parts.clock.now();
    this.#parts.line.tell({
      ...{ type: 'REJECTED', clientOrderId, at, reason },
      ...(retryable ? { retryable } : {}),
    });
    return true;
  }

  #accept(order: PlaceOrder): void {
    const { clock, faults, line, truth } = this.#parts;
    const book = this.#bookOf(order);
    const entry: VenueOrder = {
      ...{ clientOrderId: order.clientOrderId, order, quantity: unitsOf(order.quantity) },
      ...{ cum: 0, peak: 0, isOpen: true, accepted: 1, executions: new Map<string, TruthExecution>() },
      ...{ connectorOrderId: `V${++this.#numbers}`, book, price: this.#ticks(order, book) },
      stop: order.stopPrice === null ? null : unitsOf(order.stopPrice) / book.tick,
      ...{ notional: 0, endedAs: null, history: [], bustedAt: 0 },
    };
    this.orders.set(order.clientOrderId, entry);
    this.open.add(entry);
    this.#note(entry);
    truth.accepted(entry, clock.now());
    const early = faults.strikes(12, order.clientOrderId);
    if (!early) this.#tellNew(entry);
    // Accepted, then refused after all: kind 10's other half.
    if (faults.strikes(10, order.clientOrderId)) return this.#end(entry, 'REJECTED', 'refused after all');
    this.#match(entry, true);
    if (early) line.tell(this.#newOf(entry));
    if (entry.isOpen && order.timeInForce !== 'GTC' && order.timeInForce !== 'DAY')
      this.#end(entry, faults.of(10).chance(500_000) ? 'EXPIRED' : 'CANCELED', 'immediate or cancel');
  }

  #newOf({ clientOrderId, connectorOrderId }: VenueOrder): Report {
    return { type: 'NEW', clientOrderId, connectorOrderId, at: this.#parts.clock.now() };
  }

  #tellNew(entry: VenueOrder): void {
    this.#parts.line.tell(this.#newOf(entry));
  }

  /** A cancel has arrived. */
  cancel(id: string): void {
    const { faults, line, clock } = this.#parts;
    const refuse = (reason: string): void =>
      line.tell({ type: 'CANCEL_REJECTED', clientOrderId: id, at: clock.now(), reason });
    const entry = this.orders.get(id);
    if (entry === undefined) return refuse('unknown order');
    if (entry.isOpen && faults.strikes(15, id)) this.#fill(entry, entry.price, faults.of(15).chance(500_000));
    if (!entry.isOpen)
      return refuse(entry.endedAs === null || faults.of(15).chance(500_000) ? 'too late' : 'unknown order');
    if (faults.strikes(14, id)) return refuse('pending');
    this.#end(entry, 'CANCELED', null);
  }

  /** The market has moved: resting orders fill, stops trigger, and what else happens to orders that rest. */
  moved(): void {
    const { faults } = this.#parts;
    for (const entry of [...this.open]) {
      if (faults.strikes(21, entry.clientOrderId)) {
        const expires = faults.of(21).chance(400_000);
        this.#end(entry, expires ? 'EXPIRED' : 'CANCELED', expires ? 'expired' : 'self-match prevention');
      } else this.#match(entry, false);
    }
    if (faults.strikes(22)) this.#foreign();
  }

  /** Cancels all that is open, as venues do when a connection is lost. */
  cancelAll(reason: string): void {
    for (const entry of [...this.open]) this.#end(entry, 'CANCELED', reason);
  }

  /**
   * Answers with the state of then, at most so late. An execution taken back meanwhile is never stated again: that
   * would be a third word about it, and no runtime could tell which one stands.
   */
  answer(entry: VenueOrder, asOf: number, lateMs: number): boolean {
    const { bustedAt } = entry;
    const moment = entry.history.findLast(({ at }) => at <= Math.max(asOf, bustedAt));
    if (moment === undefined) return false;
    this.#parts.line.answer(this.#status(entry, moment), lateMs, () => entry.bustedAt === bustedAt);
    return true;
  }

  #status(entry: VenueOrder, { status, cum }: Moment): Report {
    const { clientOrderId, connectorOrderId, book } = entry;
    const avgPx =
      cum === 0 ? null : textOf(Math.round((entry.notional / Math.max(1, entry.cum)) * book.tick));
    const at = this.#parts.clock.now();
    return {
      type: 'STATUS',
      clientOrderId,
      connectorOrderId,
      at,
      status,
      cumQty: textOf(cum),
      avgPx: cum > 0 && entry.cum === 0 ? null : avgPx,
    };
  }

  openOrders(): OpenOrder[] {
    const own = [...this.open].map((entry): OpenOrder => {
      const { clientOrderId, connectorOrderId, order } = entry;
      const { symbol, side, quantity } = order;
      return {
        ...{ clientOrderId, connectorOrderId, symbol, side, quantity },
        cumQty: textOf(entry.cum),
        avgPx: null,
      };
    });
    return [...own, ...this.foreign];
  }

  /**
   * As a venue's trade history has them: what was busted is gone, what was corrected stays under its first id. `omits`
   * may leave an execution out of one listing, not of two, and none that is older than what the next listing is sure
   * to be asked for: what no list ever shows, nobody can know.
   */
  executionsSince(since: number, omits: () => boolean): Extract<Report, { type: 'TRADE' }>[] {
    const sure = this.#parts.clock.now() - LAG_MS;
    return this.#executed.flatMap((row) => {
      const { execution, report } = row;
      if (report.at < since || (execution.isBusted && !this.#corrected.has(execution))) return [];
      if (row.wasOmitted || report.at < sure || !omits()) return [report];
      row.wasOmitted = true;
      return [];
    });
  }

  #bookOf(order: PlaceOrder): Book {
    const book = this.#parts.market.books.get(order.symbol);
    if (book === undefined) throw new Error(`the simulated exchange does not list ${order.symbol}`);
    return book;
  }

  #ticks(order: PlaceOrder, book: Book): number {
    return order.price === null ? book.mid : unitsOf(order.price) / book.tick;
  }

  #crosses(side: 'BUY' | 'SELL', price: number, book: Book): boolean {
    const { market } = this.#parts;
    return side === 'BUY' ? price >= market.ask(book) : price <= market.bid(book);
  }

  /** Fills what the market reaches, as a taker on arrival, at its own price when it rested. */
  #match(entry: VenueOrder, takes: boolean): void {
    const { faults } = this.#parts;
    const { book, order } = entry;
    if (entry.stop !== null) {
      const isHit = order.side === 'BUY' ? book.mid >= entry.stop : book.mid <= entry.stop;
      if (!isHit) return;
      entry.stop = null;
    }
    if (!this.#crosses(order.side, entry.price, book)) return;
    if (order.reduceOnly && faults.strikes(32, entry.clientOrderId) && faults.of(32).chance(500_000)) return;
    const isPart = order.timeInForce !== 'FOK' && faults.strikes(11, entry.clientOrderId);
    if (takes) return this.#take(entry, isPart);
    this.#fill(entry, entry.price, isPart);
  }

  /** A taker goes through the levels of the book, one tick apart, as far as its price allows. */
  #take(entry: VenueOrder, isPart: boolean): void {
    const { market } = this.#parts;
    const { book, order, price } = entry;
    const [best, step] = order.side === 'BUY' ? [market.ask(book), 1] : [market.bid(book), -1];
    for (let level = 0; level < LEVELS; level++) {
      const ticks = best + step * level;
      if (!entry.isOpen || (step > 0 ? ticks > price : ticks < price)) return;
      this.#fill(entry, ticks, isPart);
      if (isPart) return;
    }
  }

  #fill(entry: VenueOrder, ticks: number, isPart: boolean): void {
    const { faults } = this.#parts;
    const { lot } = entry.book;
    const leaves = Math.round((entry.quantity - entry.cum) / lot);
    let lots = Math.min(leaves, this.#depthOf(entry));
    if (isPart && leaves > 1) {
      const random = faults.of(11);
      lots = random.chance(150_000) ? leaves - 1 : random.from(1, leaves - 1);
    }
    const execution: TruthExecution = {
      execId: `X${++this.#numbers}`,
      quantity: lots * lot,
      price: textOf(ticks * entry.book.tick),
      isBusted: false,
    };
    entry.executions.set(execution.execId, execution);
    entry.cum += execution.quantity;
    entry.peak = Math.max(entry.peak, entry.cum);
    entry.notional += execution.quantity * ticks;
    if (entry.cum >= entry.quantity) {
      entry.isOpen = false;
      this.open.delete(entry);
    }
    this.#note(entry);
    this.#parts.truth.executed(entry, execution);
    if (!entry.isOpen) this.#parts.truth.ended(entry);
    const report = this.tradeOf(entry, execution);
    this.#executed.push({ execution, report, wasOmitted: false });
    // Of a filled order the next answer tells everything; one that is canceled later only where its end says how much.
    this.#parts.line.tell(report, !entry.isOpen || this.#parts.saysTotals);
    if (faults.strikes(20, entry.clientOrderId)) this.#bustLater(entry, execution, ticks);
  }

  /** The lots that one execution takes at most; whoever wants all or nothing finds all. */
  #depthOf({ quantity, book, order }: VenueOrder): number {
    if (order.timeInForce === 'FOK') return Number.POSITIVE_INFINITY;
    return Math.max(1, Math.ceil((quantity / book.lot / 1_000) * this.#parts.depth));
  }

  tradeOf(
    entry: VenueOrder,
    { execId, quantity, price }: TruthExecution,
  ): Extract<Report, { type: 'TRADE' }> {
    const { order, clientOrderId, connectorOrderId, book } = entry;
    const takes = order.timeInForce === 'IOC';
    const bps = takes ? TAKER_BPS : MAKER_BPS;
    const inBase = this.#parts.baseFees && order.side === 'BUY';
    const notional = (BigInt(quantity) * BigInt(unitsOf(price))) / BigInt(UNIT);
    const fee = ((inBase ? BigInt(quantity) : notional) * bps) / 10_000n;
    return {
      ...{ type: 'TRADE', clientOrderId, connectorOrderId, at: this.#parts.clock.now(), execId },
      ...{ quantity: textOf(quantity), price, liquidity: takes ? 'TAKER' : 'MAKER' },
      ...{
        commission: textOf(Number(fee)),
        commissionAsset: inBase ? book.instrument.base : book.instrument.quote,
      },
    };
  }

  #end(entry: VenueOrder, as: 'CANCELED' | 'EXPIRED' | 'REJECTED', reason: string | null): void {
    entry.isOpen = false;
    entry.endedAs = as;
    this.open.delete(entry);
    this.#note(entry);
    this.#parts.truth.ended(entry);
    const { clientOrderId, connectorOrderId } = entry;
    const at = this.#parts.clock.now();
    const head = { clientOrderId, connectorOrderId, at };
    if (as === 'REJECTED') this.#parts.line.tell({ type: as, ...head, reason: reason ?? 'refused' });
    else {
      const total = this.#parts.saysTotals ? { cumQty: textOf(entry.cum) } : {};
      this.#parts.line.tell({ type: as, ...head, ...total, ...(reason === null ? {} : { reason }) });
    }
  }

  #note(entry: VenueOrder): void {
    const { cum, quantity, isOpen, endedAs } = entry;
    const ended: Status = endedAs ?? (cum >= quantity ? 'FILLED' : 'CANCELED');
    const live: Status = cum > 0 ? 'PARTIALLY_FILLED' : 'NEW';
    entry.history.push({ at: this.#parts.clock.now(), status: isOpen ? live : ended, cum });
  }

  /**
   * Only of orders that have ended: what a venue does with the rest of an open one differs. And only of executions that
   * the runtime has booked: of what a status had implied, a bust that overtakes its execution names no part.
   */
  #bustLater(entry: VenueOrder, execution: TruthExecution, ticks: number): void {
    const { clock, faults } = this.#parts;
    const random = faults.of(20);
    const corrects = random.chance(300_000);
    const byTicks = random.from(-3, 3) || 1;
    clock.at(clock.now() + random.from(1, BUST_WITHIN_MS), () => {
      if (entry.isOpen || execution.isBusted || !this.#parts.isBooked(entry, execution)) return;
      execution.isBusted = true;
      entry.bustedAt = clock.now();
      entry.cum -= execution.quantity;
      entry.notional -= execution.quantity * ticks;
      if (corrects) this.#correct(entry, execution, ticks + byTicks);
      else this.#bust(entry, execution);
      this.#note(entry);
    });
  }

  #bust(entry: VenueOrder, execution: TruthExecution): void {
    const { clientOrderId, connectorOrderId } = entry;
    entry.endedAs ??= 'CANCELED';
    this.#parts.truth.busted(entry, execution, null);
    this.#parts.line.tell({
      ...{ type: 'TRADE_CANCEL', clientOrderId, connectorOrderId, at: this.#parts.clock.now() },
      ...{ execId: `X${++this.#numbers}`, execRefId: execution.execId, price: execution.price },
    });
  }

  #correct(entry: VenueOrder, old: TruthExecution, ticks: number): void {
    const { clientOrderId, connectorOrderId, book } = entry;
    const execId = `X${++this.#numbers}`;
    const price = textOf(ticks * book.tick);
    const execution: TruthExecution = { execId, quantity: old.quantity, price, isBusted: false };
    entry.executions.set(execId, execution);
    this.#corrected.add(old);
    entry.cum += execution.quantity;
    entry.notional += execution.quantity * ticks;
    this.#parts.truth.busted(entry, old, execution);
    this.#parts.line.tell({
      ...{ type: 'TRADE_CORRECT', clientOrderId, connectorOrderId, at: this.#parts.clock.now() },
      ...{ execId, execRefId: old.execId, quantity: textOf(execution.quantity), price },
    });
  }

  /** Somebody else trades on the account. */
  #foreign(): void {
    const { clock, line, market } = this.#parts;
    const n = ++this.#numbers;
    const clientOrderId = `web-${n}`;
    const at = clock.now();
    const book = market.books.values().next().value as Book;
    const { symbol, lotSize } = book.instrument;
    const connectorOrderId = `V${n}`;
    this.foreign.push({
      ...{ clientOrderId, connectorOrderId, symbol, side: 'BUY', quantity: lotSize },
      ...{ cumQty: '0', avgPx: null },
    });
    line.tell({ type: 'NEW', clientOrderId, connectorOrderId, at });
  }
}
