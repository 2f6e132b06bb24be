/**
 * The simulated venue as a connector: requests arrive and reports return after a latency, on an injected clock.
 *
 * Owns latency, faults, subscribers and watchers. What an order does is engine.ts's; how a recording becomes a book is
 * market.ts's. `view` and `balances` are the venue's present truth, without latency.
 */
import { type Observable, Subject } from 'rxjs';
import { parseDto } from '../../dtos/parse.js';
import type { AccountReport, MarketView, PlaceOrder, Report } from '../../dtos/venue.js';
import type { MarketEvent } from '../../market/event.js';
import type { Clock } from '../../ports/clock.js';
import type { Capabilities, Connector } from '../../ports/connector.js';
import type { MarketData, MarketInterval } from '../../ports/market-data.js';
import {
  type InstrumentConfigInput,
  InstrumentConfigSchema,
  toInstrument,
  type VenueConfigInput,
  VenueConfigSchema,
} from './config.js';
import { Engine } from './engine.js';
import type { VenueFill, VenueStatus } from './order.js';

/** A place that is longer under way than this is refused. */
const PLACE_VALIDITY_MS = 5000;

/**
 * What becomes of a request at the venue. DROP: it is lost, and never answered. ACK_LOST: it is done, but what it
 * led to at once is not reported: acknowledgement, immediate fills, cancellation.
 */
export type Verdict = 'ACCEPT' | 'DROP' | 'ACK_LOST' | { readonly reject: string };

/** Asked when the request arrives. */
export interface Faults {
  onPlace?(order: PlaceOrder): Verdict;
  onCancel?(clientOrderId: string): Verdict;
}

export interface SimulatedVenueOptions {
  readonly clock: Clock;
  readonly instruments: Readonly<Record<string, InstrumentConfigInput>>;
  readonly venue?: VenueConfigInput;
  /** Begins every connector order id and execution id. Default `SIM`. */
  readonly name?: string;
  readonly faults?: Faults;
}

/** What is so at the venue, whatever was reported: for tests and auditors. Finished orders: the last 10,000. */
export interface VenueTruth {
  readonly orders: readonly {
    readonly clientOrderId: string;
    readonly connectorOrderId: string;
    readonly status: VenueStatus;
    readonly quantity: string;
    readonly cumQty: string;
    /** Base quantity that stands visibly in the book: an iceberg's tip, all that rests of any other order. */
    readonly shown: string;
    readonly isOpen: boolean;
  }[];
  readonly fills: readonly VenueFill[];
  /** Holdings by asset, what orders hold back included. */
  readonly balances: Readonly<Record<string, string>>;
}

export interface SimulatedVenue extends Connector, MarketData {
  watch(symbol: string, onChange: (view: MarketView) => void): () => void;
  interval(symbol: string, from: number, to: number): MarketInterval | null;
  onMarket(event: MarketEvent): void;
  truth(): VenueTruth;
}

/** @throws VALIDATION for a malformed `venue` or `instruments` block */
export function createSimulatedVenue(options: SimulatedVenueOptions): SimulatedVenue {
  return new Venue(options);
}

interface Watched {
  /** As last told, or as it was when the first watcher came. */
  seen: MarketView | null;
  readonly watchers: Set<{ readonly onChange: (view: MarketView) => void }>;
}

const isSamePrice = (a: MarketView | null, b: MarketView): boolean =>
  a !== null && a.bid === b.bid && a.ask === b.ask && a.last === b.last;

class Venue implements SimulatedVenue {
  readonly venue: string;
  readonly capabilities: Capabilities;
  readonly allowShort: boolean;
  readonly takerFeeBps: string;
  readonly reports$: Observable<Report>;
  readonly accounts$: Observable<AccountReport>;
  readonly #clock: Clock;
  readonly #latency: number;
  readonly #faults: Faults;
  readonly #engine: Engine;
  readonly #reports = new Subject<Report>();
  readonly #accounts = new Subject<AccountReport>();
  /** What happened, not yet on its way: a subscriber may call back only when the engine is at rest. */
  #outbox: Report[] = [];
  #isDelivering = false;
  readonly #watched = new Map<string, Watched>();

  constructor({ clock, instruments, venue = {}, name = 'SIM', faults = {} }: SimulatedVenueOptions) {
    const config = parseDto(VenueConfigSchema, venue, 'venue');
    this.venue = name;
    this.capabilities = {
      placeValidityMs: PLACE_VALIDITY_MS,
      ...(config.stop_orders ? { stopOrders: true } : {}),
      ...(config.native_iceberg ? { iceberg: true } : {}),
    };
    this.allowShort = config.allow_short;
    this.takerFeeBps = config.fees_bps.taker;
    this.reports$ = this.#reports.asObservable();
    this.accounts$ = this.#accounts.asObservable();
    this.#clock = clock;
    this.#latency = config.latency_ms;
    this.#faults = faults;
    this.#engine = new Engine({
      name,
      config,
      instruments: Object.entries(instruments).map(([symbol, block]) =>
        toInstrument(symbol, parseDto(InstrumentConfigSchema, block, `instruments.${symbol}`)),
      ),
      now: () => clock.now(),
      emit: (report) => this.#outbox.push(report),
    });
  }

  instrument(symbol: string) {
    return this.#engine.market(symbol)?.instrument;
  }

  view(symbol: string): MarketView | null {
    return this.#engine.market(symbol)?.view() ?? null;
  }

  /**
   * After each market event that left the best bid, the best ask or the last trade other than last told, once our
   * orders were matched with it and the reports handed on.
   */
  watch(symbol: string, onChange: (view: MarketView) => void): () => void {
    let watched = this.#watched.get(symbol);
    if (watched === undefined) {
      watched = { seen: this.view(symbol), watchers: new Set() };
      this.#watched.set(symbol, watched);
    }
    const { watchers } = watched;
    const watcher = { onChange };
    watchers.add(watcher);
    return () => {
      watchers.delete(watcher);
      if (watchers.size === 0 && this.#watched.get(symbol)?.watchers === watchers)
        this.#watched.delete(symbol);
    };
  }

  interval(symbol: string, from: number, to: number): MarketInterval | null {
    return this.#engine.market(symbol)?.tape.interval(from, to) ?? null;
  }

  get unlimitedCash(): boolean {
    return !this.#engine.account.isLimited;
  }

  balances(): Readonly<Record<string, string>> {
    return this.#engine.account.freeBalances();
  }

  place(order: PlaceOrder): void {
    const sentAt = this.#clock.now();
    this.#send(() => this.#arrive(order, sentAt));
  }

  cancel(clientOrderId: string): void {
    this.#send(() => {
      const verdict = this.#faults.onCancel?.(clientOrderId) ?? 'ACCEPT';
      if (typeof verdict === 'object') {
        const at = this.#clock.now();
        this.#outbox.push({ type: 'CANCEL_REJECTED', clientOrderId, at, reason: verdict.reject });
      } else this.#obey(verdict, () => this.#engine.cancel(clientOrderId));
    });
  }

  query(clientOrderId: string): void {
    this.#send(() => this.#engine.query(clientOrderId));
  }

  /** What is so when the question arrives; it returns behind whatever was reported before. */
  massStatus(since: number): void {
    this.#send(() => {
      const listing = this.#engine.listing(since);
      const tell = (): void => this.#accounts.next(listing);
      if (this.#latency === 0) tell();
      else this.#clock.at(this.#clock.now() + this.#latency, tell);
    });
  }

  onMarket(event: MarketEvent): void {
    this.#engine.onMarket(event);
    if (this.#outbox.length > 0) this.#deliver();
    if (this.#watched.size > 0) this.#tellWatchers(event.symbol);
  }

  truth(): VenueTruth {
    const { account } = this.#engine;
    const all = [...this.#engine.orders()];
    const orders = all.map(({ request, connectorOrderId, status, quantity, leaves, shown }) => ({
      clientOrderId: request.clientOrderId,
      connectorOrderId,
      status,
      quantity: request.quantity,
      cumQty: this.#engine.market(request.symbol)?.sizeText(quantity - leaves) ?? '0',
      shown: this.#engine.market(request.symbol)?.sizeText(shown) ?? '0',
      isOpen: status === 'NEW' || status === 'PARTIALLY_FILLED',
    }));
    return { orders, fills: all.flatMap(({ fills }) => fills), balances: account.totals() };
  }

  #tellWatchers(symbol: string): void {
    const watched = this.#watched.get(symbol);
    const view = watched === undefined ? null : this.view(symbol);
    if (watched === undefined || view === null || isSamePrice(watched.seen, view)) return;
    watched.seen = view;
    for (const watcher of [...watched.watchers]) {
      if (watched.watchers.has(watcher)) watcher.onChange(view);
    }
  }

  #arrive(order: PlaceOrder, sentAt: number): void {
    const at = this.#clock.now();
    const { clientOrderId } = order;
    if (at - sentAt > PLACE_VALIDITY_MS) {
      this.#outbox.push({ type: 'REJECTED', clientOrderId, at, reason: 'arrived after its validity window' });
      return;
    }
    const verdict = this.#faults.onPlace?.(order) ?? 'ACCEPT';
    if (typeof verdict === 'object') {
      this.#outbox.push({ type: 'REJECTED', clientOrderId, at, reason: verdict.reject });
    } else this.#obey(verdict, () => this.#engine.place(order));
  }

  #obey(verdict: 'ACCEPT' | 'DROP' | 'ACK_LOST', action: () => void): void {
    if (verdict === 'DROP') return;
    const before = this.#outbox.length;
    action();
    if (verdict === 'ACK_LOST') this.#outbox.length = before;
  }

  #send(arrival: () => void): void {
    const act = (): void => {
      arrival();
      this.#deliver();
    };
    if (this.#latency === 0) act();
    else this.#clock.at(this.#clock.now() + this.#latency, act);
  }

  #deliver(): void {
    if (this.#latency > 0) {
      const reports = this.#outbox;
      this.#outbox = [];
      if (reports.length > 0) this.#clock.at(this.#clock.now() + this.#latency, () => this.#emit(reports));
      return;
    }
    if (this.#isDelivering) return; // a subscriber called back: the loop below it goes on
    this.#isDelivering = true;
    this.#emit(this.#outbox);
    this.#outbox = [];
    this.#isDelivering = false;
  }

  #emit(reports: readonly Report[]): void {
    for (let index = 0; index < reports.length; index += 1) this.#reports.next(reports[index]!);
  }
}
