/**
 * A connector as one process sees it: requests pass the auditor, then the faults on their way (7, 8, 9, 23, 25, 28).
 *
 * Owns what becomes of a request between the runtime and the exchange. A place counts as sent, and is told to the
 * auditor, whether or not it arrives.
 */
import { Subject } from 'rxjs';
import type { AccountReport, Instrument, PlaceOrder, Report } from '../dtos/venue.js';
import type { Clock } from '../ports/clock.js';
import type { Capabilities, Connector } from '../ports/connector.js';
import { CANARY } from './audit/secret.js';
import type { RequestListener } from './audit/truth.js';
import { type FaultDraws, thrown } from './fault-draws.js';
import type { Line } from './line.js';
import type { WalkMarket } from './market.js';
import type { Process } from './process.js';
import type { SimulatedExchange } from './venue.js';
import type { WorldOptions } from './world.js';

export interface ConnectionParts {
  readonly venue: string;
  readonly process: Process;
  /** Simulated time itself, which outlives the process. */
  readonly clock: Clock;
  readonly exchange: SimulatedExchange;
  readonly line: Line;
  readonly faults: FaultDraws;
  readonly market: WalkMarket;
  readonly options: WorldOptions;
  readonly requests: RequestListener;
  /** The connector makes a report of its own, or the runtime makes one of what it throws. */
  readonly reported: () => void;
}

const LATE_WITHOUT_WINDOW_MS = 10_000;

/** Half of what absence is proven by: an answer that is stale and late by as much is still older by less. */
const slackOf = (validity: number | null): number => (validity ?? 4_000) >> 1;

export class Connection implements Connector {
  readonly venue: string;
  readonly capabilities: Capabilities;
  readonly reports$ = new Subject<Report>();
  readonly accounts$?: Subject<AccountReport>;
  readonly massStatus?: (since: number) => void;
  readonly allowShort = true;
  readonly takerFeeBps = '5';
  /** As an adapter keeps it; nothing outside may ever show it (I30). */
  readonly credentials = { apiKey: CANARY };
  readonly #parts: ConnectionParts;

  constructor(parts: ConnectionParts) {
    const { placeValidityMs, stopOrders, iceberg } = parts.options;
    this.#parts = parts;
    if (parts.options.lists) {
      this.accounts$ = new Subject();
      this.massStatus = (since) => this.#list(since);
    }
    this.venue = parts.venue;
    this.capabilities = {
      ...(placeValidityMs === null ? {} : { placeValidityMs }),
      ...(stopOrders ? { stopOrders } : {}),
      ...(iceberg ? { iceberg } : {}),
    };
  }

  instrument(symbol: string): Instrument | undefined {
    return this.#parts.market.books.get(symbol)?.instrument;
  }

  balances(): null {
    return null;
  }

  place(order: PlaceOrder): void {
    const { process, requests, clock, faults } = this.#parts;
    const { clientOrderId: id } = order;
    if (!process.effect()) return;
    requests.placed(this.venue, order, clock.now());
    const sentAt = clock.now();
    if (this.#isLost()) return;
    if (faults.strikes(7, id)) return this.#timeOut(order, sentAt);
    if (faults.strikes(8, id)) {
      const random = faults.of(8);
      if (random.chance(600_000)) this.#arrive(() => this.#take(order, sentAt));
      return this.#noAnswer(id, 'PLACE', random.chance(500_000));
    }
    this.#arrive(() => this.#take(order, sentAt));
    if (faults.strikes(9, id)) {
      const copy = (): void => this.#take(order, sentAt, true);
      clock.at(clock.now() + this.#parts.line.latencyMs + faults.of(9).from(1, 500), copy);
    }
    this.#throw(id);
  }

  cancel(id: string): void {
    const { process, requests, clock, faults, exchange } = this.#parts;
    if (!process.effect()) return;
    requests.cancelRequested(id, clock.now());
    if (this.#isLost() || (faults.strikes(14, id) && faults.of(14).chance(500_000))) return;
    if (faults.strikes(8, id)) {
      if (faults.of(8).chance(500_000)) this.#arrive(() => exchange.cancel(id));
      return this.#noAnswer(id, 'CANCEL', faults.of(8).chance(500_000));
    }
    this.#arrive(() => exchange.cancel(id));
    this.#throw(id);
  }

  query(id: string): void {
    const { process, requests, clock, faults } = this.#parts;
    if (!process.effect()) return;
    requests.queried(id, clock.now());
    if (this.#isLost()) return;
    if (faults.strikes(8, id)) return this.#noAnswer(id, 'QUERY', faults.of(8).chance(500_000));
    this.#arrive(() => this.#answer(id));
    this.#throw(id);
  }

  tellAccount(report: AccountReport): void {
    this.accounts$?.next(report);
  }

  /** A listing is true when it is made, and old when it arrives; a page of it may be lost (23), its history too (19). */
  #list(since: number): void {
    const { process, faults, line, clock, exchange } = this.#parts;
    if (!process.effect() || this.#isLost()) return;
    if (faults.strikes(8)) {
      if (faults.of(8).chance(500_000)) throw new Error('HTTP 502');
      return;
    }
    this.#arrive(() => {
      const isBlind = faults.strikes(19);
      const isTorn = faults.strikes(23);
      const random = faults.of(23);
      const kept = <T>(rows: readonly T[]): T[] => rows.filter(() => !isTorn || random.chance(600_000));
      const report: AccountReport = {
        ...{ type: 'MASS_STATUS', at: clock.now(), since, balances: null },
        orders: kept(exchange.openOrders()),
        fills: exchange.executionsSince(since, () => isBlind || (isTorn && random.chance(400_000))),
      };
      const late = line.latencyMs + (faults.strikes(17) ? faults.of(17).below(2_000) : 0);
      const tell = (): void => {
        if (!process.isDead && !line.isDown) this.tellAccount(report);
      };
      if (late === 0) tell();
      else clock.at(clock.now() + late, tell);
    });
  }

  /** Lost, or late: after the venue has denied it, but within its validity. */
  #timeOut(order: PlaceOrder, sentAt: number): void {
    const { clock, faults, options } = this.#parts;
    const random = faults.of(7);
    if (random.chance(400_000)) return;
    const most = options.placeValidityMs ?? LATE_WITHOUT_WINDOW_MS;
    // A little beyond, too: the venue drops such a place.
    clock.at(sentAt + random.from(1, most + 200), () => this.#take(order, sentAt));
  }

  /** At the exchange. A place older than its validity is dropped there. */
  #take(order: PlaceOrder, sentAt: number, isCopy = false): void {
    const { clock, exchange, options } = this.#parts;
    const { placeValidityMs: validity } = options;
    if (validity !== null && clock.now() - sentAt > validity) return;
    exchange.place(order, isCopy);
  }

  #answer(id: string): void {
    const { clock, exchange, faults, line, options } = this.#parts;
    if (exchange.isBanned) return;
    const slack = slackOf(options.placeValidityMs);
    const isStale = faults.strikes(23, id);
    if (isStale && faults.of(23).chance(200_000)) return;
    const asOf = clock.now() - (isStale ? faults.of(23).below(slack) : 0);
    const entry = exchange.orders.get(id);
    if (entry !== undefined && exchange.answer(entry, asOf, slack - 100)) return;
    line.answer({ type: 'NOT_FOUND', clientOrderId: id, at: clock.now() }, slack - 100);
  }

  #isLost(): boolean {
    return this.#parts.line.isDown;
  }

  /** The request travels. */
  #arrive(act: () => void): void {
    const { clock, line } = this.#parts;
    const { latencyMs } = line;
    if (latencyMs === 0) act();
    else clock.at(clock.now() + latencyMs, act);
  }

  #noAnswer(clientOrderId: string, request: 'PLACE' | 'CANCEL' | 'QUERY', throws: boolean): void {
    this.#parts.reported();
    if (throws) throw new Error('HTTP 502');
    const at = this.#parts.clock.now();
    this.reports$.next({ type: 'NO_ANSWER', clientOrderId, at, request, reason: 'HTTP 504' });
  }

  #throw(id: string): void {
    if (!this.#parts.faults.strikes(28, id)) return;
    this.#parts.reported();
    throw thrown(this.#parts.faults.of(28), 'a defect of the adapter');
  }
}
