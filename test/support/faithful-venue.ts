/**
 * A venue that keeps the truth about its orders whoever listens: what it does with one depends on the order alone.
 *
 * Owns the truth (`orders`, `arrivals`), answers to cancel, query and mass status. A report that nobody hears is not
 * told again, but `query` and `massStatus` tell what is so.
 */
import { Subject } from 'rxjs';
import type { SimulatedClock } from '../../src/clock/simulated-clock.js';
import type { AccountReport, PlaceOrder, Report } from '../../src/dtos/venue.js';
import { ScriptedConnector, type ScriptedOptions } from './scripted-connector.js';

type Trade = Extract<Report, { readonly type: 'TRADE' }>;

export interface TrueOrder {
  readonly order: PlaceOrder;
  readonly connectorOrderId: string;
  status: 'NEW' | 'PARTIALLY_FILLED' | 'FILLED' | 'CANCELED';
  /** Tenths: the lot is 0.1. */
  cum: number;
  readonly quantity: number;
  readonly fills: Trade[];
}

/** What becomes of an order. `fills`: tenths, each so many ms after its arrival; LOST: it never arrives. */
export type Fate =
  | 'LOST'
  | { readonly reject: string }
  | {
      readonly fills: readonly { readonly afterMs: number; readonly tenths: number | 'REST' }[];
      /** Ends it as the venue's own decision. */
      readonly cancelAfterMs?: number;
    };

export const tenths = (text: string): number => Math.round(Number(text) * 10);
export const textOf = (lots: number): string => (lots / 10).toFixed(1).replace(/\.0$/, '');

export class FaithfulVenue extends ScriptedConnector {
  readonly orders = new Map<string, TrueOrder>();
  /** How often each client order id arrived that the venue does not refuse. */
  readonly arrivals = new Map<string, number>();
  readonly accounts$ = new Subject<AccountReport>();
  massStatus?: (since: number) => void;
  /** What the account holds; null: the venue tells nothing. */
  holdings: Readonly<Record<string, string>> | null = null;
  /** Orders of others on the account. */
  foreign: Extract<AccountReport, { readonly type: 'MASS_STATUS' }>['orders'] = [];
  readonly #clock: SimulatedClock;
  readonly #latency: number;
  #fills = 0;

  constructor({
    fate,
    latency = 5,
    massStatus = true,
    ...options
  }: ScriptedOptions & {
    readonly clock: SimulatedClock;
    readonly fate: (order: PlaceOrder, place: number) => Fate;
    readonly latency?: number;
    readonly massStatus?: boolean;
  }) {
    super(options);
    this.#clock = options.clock;
    this.#latency = latency;
    let places = 0;
    this.onPlace = (order) => {
      const own = fate(order, places++);
      if (own !== 'LOST') this.#later(() => this.#arrive(order, own));
    };
    this.onCancel = (id) => this.#later(() => this.#cancel(id));
    this.onQuery = (id) => this.#later(() => this.#query(id));
    if (massStatus) this.massStatus = (since) => this.#later(() => this.accounts$.next(this.listing(since)));
  }

  get open(): string[] {
    return [...this.orders].filter(([, order]) => isOpen(order)).map(([id]) => id);
  }

  listing(since: number): Extract<AccountReport, { readonly type: 'MASS_STATUS' }> {
    const own = [...this.orders].filter(([, order]) => isOpen(order));
    return {
      type: 'MASS_STATUS',
      at: this.#clock.now(),
      since,
      orders: [
        ...own.map(([clientOrderId, { order, connectorOrderId, cum }]) => ({
          ...{ clientOrderId, connectorOrderId, symbol: order.symbol, side: order.side },
          ...{
            quantity: order.quantity,
            cumQty: textOf(cum),
            avgPx: cum === 0 ? null : (order.price ?? '100'),
          },
        })),
        ...this.foreign,
      ],
      fills: [...this.orders.values()].flatMap(({ fills }) => fills.filter(({ at }) => at >= since)),
      balances: this.holdings,
    };
  }

  /** Fills so many tenths, as much as is open. */
  trade(id: string, lots: number | 'REST' = 'REST'): void {
    const entry = this.orders.get(id);
    if (entry === undefined || !isOpen(entry)) return;
    const leaves = entry.quantity - entry.cum;
    const traded = lots === 'REST' ? leaves : Math.min(lots, leaves);
    entry.cum += traded;
    entry.status = entry.cum === entry.quantity ? 'FILLED' : 'PARTIALLY_FILLED';
    this.#fills += 1;
    const trade: Trade = {
      ...{ type: 'TRADE', clientOrderId: id, connectorOrderId: entry.connectorOrderId },
      ...{ at: this.#clock.now(), execId: `X${this.#fills}`, quantity: textOf(traded) },
      price: entry.order.price ?? '100',
    };
    entry.fills.push(trade);
    this.reports$.next(trade);
  }

  #later(act: () => void): void {
    this.#clock.at(this.#clock.now() + this.#latency, act);
  }

  #arrive(order: PlaceOrder, fate: Exclude<Fate, 'LOST'>): void {
    const { clientOrderId: id } = order;
    if ('reject' in fate) return this.reject(id, fate.reject);
    this.arrivals.set(id, (this.arrivals.get(id) ?? 0) + 1);
    if (this.orders.has(id)) return;
    const connectorOrderId = `V-${this.orders.size + 1}`;
    const quantity = tenths(order.quantity);
    this.orders.set(id, { order, connectorOrderId, status: 'NEW', cum: 0, quantity, fills: [] });
    this.report({ type: 'NEW', clientOrderId: id, connectorOrderId });
    for (const { afterMs, tenths: lots } of fate.fills) {
      if (afterMs === 0) this.trade(id, lots);
      else this.#clock.at(this.#clock.now() + afterMs, () => this.trade(id, lots));
    }
    if (order.timeInForce === 'IOC') this.#end(id, 'immediate-or-cancel remainder');
    const { cancelAfterMs } = fate;
    if (cancelAfterMs !== undefined)
      this.#clock.at(this.#clock.now() + cancelAfterMs, () => this.#end(id, 'halted'));
  }

  #end(id: string, reason: string): void {
    const entry = this.orders.get(id);
    if (entry === undefined || !isOpen(entry)) return;
    entry.status = 'CANCELED';
    this.canceled(id, reason);
  }

  #cancel(id: string): void {
    const entry = this.orders.get(id);
    if (entry === undefined) this.cancelReject(id, 'unknown order');
    else if (!isOpen(entry)) this.cancelReject(id, 'too late');
    else this.#end(id, 'requested');
  }

  #query(id: string): void {
    const entry = this.orders.get(id);
    if (entry === undefined) return this.notFound(id);
    const { cum, status, order } = entry;
    this.status(id, status, textOf(cum), cum === 0 ? null : (order.price ?? '100'));
  }
}

const isOpen = ({ status }: TrueOrder): boolean => status === 'NEW' || status === 'PARTIALLY_FILLED';
