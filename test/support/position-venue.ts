/**
 * A venue with a price: orders rest, stops wait for it, and whatever a price reaches is filled. It can be made slow
 * (reports wait, cancels wait), deaf (requests and answers lost) and thin (a lot at a time).
 *
 * Owns the truth about its orders. Fills, and the end of what rested, are never lost, only late: what their loss
 * takes is a reconciliation.
 */
import type { PlaceOrder } from '../../src/dtos/venue.js';
import { ScriptedConnector, type ScriptedOptions } from './scripted-connector.js';

export interface VenueOrder {
  readonly order: PlaceOrder;
  readonly quantity: number;
  cum: number;
  isOpen: boolean;
  readonly fills: { readonly execId: string; readonly lots: number }[];
  /** A stop whose price was reached, or an order that never waited for one. */
  isTriggered: boolean;
}

/** The lot is 0.1: tenths are whole lots. */
export const lotsOf = (text: string): number => Math.round(Number(text) * 10);
const textOf = (lots: number): string => (lots / 10).toFixed(1).replace(/\.0$/, '');

export interface Moods {
  /** One lot at a time is filled. */
  thin: boolean;
  /** Reports wait until `flush`. */
  slow: boolean;
  /** Cancels wait until `flush`: what a price reaches first is filled. */
  lazy: boolean;
  /** So many places and cancels, and so many acknowledgements, are lost from now on. */
  lostRequests: number;
  lostAnswers: number;
  /** So many places are refused from now on. */
  refusals: number;
}

export class PositionVenue extends ScriptedConnector {
  readonly orders = new Map<string, VenueOrder>();
  readonly moods: Moods = {
    ...{ thin: false, slow: false, lazy: false, lostRequests: 0, lostAnswers: 0, refusals: 0 },
  };
  readonly #last = new Map<string, number>();
  #count = 0;
  #waiting: (() => void)[] = [];

  /** `commission`: in the base asset, for each lot of a BUY. */
  constructor(
    options: ScriptedOptions,
    private readonly commission: string | null = null,
  ) {
    super(options);
    this.onPlace = (order) => this.#place(order);
    this.onCancel = (id) => this.#cancel(id);
    this.onQuery = (id) => this.#query(id);
  }

  #lastOf(symbol: string): number {
    return this.#last.get(symbol) ?? 100;
  }

  /** The price moves, and meets what rests. */
  move(symbol: string, price: number): void {
    this.#last.set(symbol, price);
    this.price(symbol, String(price));
    for (const entry of this.orders.values()) this.#match(entry);
  }

  /** What waited comes: reports first, then cancels. */
  flush(): void {
    while (this.#waiting.length > 0) this.#waiting.shift()?.();
  }

  /** Part of an open order fills, whatever the price. */
  fillPart(id: string, lots: number): void {
    const entry = this.orders.get(id);
    if (entry?.isOpen === true) this.#fill(entry, Math.min(lots, entry.quantity - entry.cum));
  }

  /** The venue ends an order by itself. */
  drop(id: string): void {
    const entry = this.orders.get(id);
    if (entry?.isOpen !== true) return;
    entry.isOpen = false;
    this.#tell(() => this.canceled(id, 'self-match prevention'), false);
  }

  /** The venue takes its last execution of an order back; an order that was done stays done. */
  bust(id: string): boolean {
    const entry = this.orders.get(id);
    const last = entry?.fills.pop();
    if (entry === undefined || last === undefined) return false;
    entry.cum -= last.lots;
    const { execId } = last;
    this.#tell(
      () => this.report({ type: 'TRADE_CANCEL', clientOrderId: id, execId: `B${execId}`, execRefId: execId }),
      false,
    );
    return true;
  }

  /** Calm: nothing is lost or late from now on. */
  calm(): void {
    Object.assign(this.moods, { slow: false, lazy: false, lostRequests: 0, lostAnswers: 0, refusals: 0 });
    this.flush();
  }

  #loses(what: 'lostRequests' | 'lostAnswers' | 'refusals'): boolean {
    if (this.moods[what] === 0) return false;
    this.moods[what] -= 1;
    return true;
  }

  #tell(report: () => void, canBeLost: boolean): void {
    if (canBeLost && this.#loses('lostAnswers')) return;
    if (this.moods.slow) this.#waiting.push(report);
    else report();
  }

  #place(order: PlaceOrder): void {
    const { clientOrderId: id, quantity, stopPrice } = order;
    if (this.#loses('lostRequests')) return;
    if (this.#loses('refusals')) return this.#tell(() => this.reject(id, 'not now'), false);
    const entry = {
      order,
      quantity: lotsOf(quantity),
      cum: 0,
      isOpen: true,
      isTriggered: stopPrice === null,
      fills: [],
    };
    this.orders.set(id, entry);
    this.#tell(() => this.ack(id), true);
    this.#match(entry);
    if (order.timeInForce === 'IOC' && entry.isOpen) {
      entry.isOpen = false;
      this.#tell(() => this.canceled(id, 'immediate-or-cancel remainder'), true);
    }
  }

  #match(entry: VenueOrder): void {
    const { side, price, stopPrice, timeInForce, reduceOnly } = entry.order;
    if (!entry.isOpen) return;
    const sells = side === 'SELL';
    const now = this.#lastOf(entry.order.symbol);
    if (stopPrice !== null && (sells ? now <= Number(stopPrice) : now >= Number(stopPrice)))
      entry.isTriggered = true;
    if (!entry.isTriggered || (!reduceOnly && timeInForce !== 'IOC')) return; // resting entries fill by `fillPart`
    const isMet = sells ? now >= Number(price) : now <= Number(price);
    const leaves = entry.quantity - entry.cum;
    if (isMet) this.#fill(entry, this.moods.thin ? 1 : leaves);
  }

  #fill(entry: VenueOrder, lots: number): void {
    entry.cum += lots;
    if (entry.cum === entry.quantity) entry.isOpen = false;
    const { clientOrderId: id, side, symbol } = entry.order;
    const [base = ''] = symbol.split('/');
    const isTaxed = this.commission !== null && side === 'BUY';
    const fee = isTaxed
      ? { commission: (Number(this.commission) * lots).toFixed(3), commissionAsset: base }
      : {};
    const execId = `F${++this.#count}`;
    entry.fills.push({ execId, lots });
    const price = String(this.#lastOf(symbol));
    this.#tell(() => this.fill(id, textOf(lots), price, { execId, ...fee }), false);
  }

  #cancel(id: string): void {
    if (this.#loses('lostRequests')) return;
    const act = (): void => {
      const entry = this.orders.get(id);
      if (entry === undefined) return this.#tell(() => this.cancelReject(id, 'unknown order'), true);
      if (!entry.isOpen) return this.#tell(() => this.cancelReject(id, 'too late'), true);
      entry.isOpen = false;
      this.#tell(() => this.canceled(id), true);
    };
    if (this.moods.lazy) this.#waiting.push(act);
    else act();
  }

  /** Answers come another way than reports, and overtake them. */
  #query(id: string): void {
    const entry = this.orders.get(id);
    if (entry === undefined) return this.notFound(id);
    const { cum, quantity, isOpen, order } = entry;
    const live = cum === 0 ? 'NEW' : 'PARTIALLY_FILLED';
    const status = isOpen ? live : cum === quantity ? 'FILLED' : 'CANCELED';
    this.status(id, status, textOf(cum), cum === 0 ? null : (order.price ?? '100'));
  }
}
