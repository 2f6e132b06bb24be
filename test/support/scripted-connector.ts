/**
 * A venue that does nothing by itself: a test answers each place, cancel and query by hand, or gives it a script.
 *
 * Owns the requests as they came, with their time, and the shapes of answers. Keeps no book and no account. Without
 * a script a request stays unanswered.
 */
import { Subject } from 'rxjs';
import type { Instrument, MarketView, PlaceOrder, Report } from '../../src/dtos/venue.js';
import type { Clock } from '../../src/ports/clock.js';
import type { Capabilities, Connector } from '../../src/ports/connector.js';
import type { MarketData } from '../../src/ports/market-data.js';

export interface ScriptedOptions {
  readonly clock: Clock;
  readonly name?: string;
  /** Default 5000; null: the venue gives no bound. */
  readonly placeValidityMs?: number | null;
  readonly stopOrders?: boolean;
  readonly leverage?: boolean;
  readonly allowShort?: boolean;
  readonly takerFeeBps?: string;
  readonly balances?: Readonly<Record<string, string>> | null;
  readonly lotSize?: string;
  readonly tickSize?: string;
  readonly minNotional?: string;
  /** Price of every symbol that `price` does not set; null: nothing is known. Default "100". */
  readonly price?: string | null;
}

export type Request =
  | {
      readonly kind: 'PLACE';
      readonly at: number;
      readonly clientOrderId: string;
      readonly order: PlaceOrder;
    }
  | { readonly kind: 'CANCEL' | 'QUERY'; readonly at: number; readonly clientOrderId: string };

type Status = Extract<Report, { type: 'STATUS' }>['status'];

export class ScriptedConnector implements Connector, MarketData {
  readonly venue: string;
  readonly capabilities: Capabilities;
  readonly reports$ = new Subject<Report>();
  readonly allowShort: boolean;
  readonly takerFeeBps: string;
  readonly requests: Request[] = [];
  /** Scripts: called within the request, as a venue with no latency would answer. */
  onPlace: (order: PlaceOrder) => void = () => {};
  onCancel: (clientOrderId: string) => void = () => {};
  onQuery: (clientOrderId: string) => void = () => {};
  freeBalances: Readonly<Record<string, string>> | null;
  isClosed = false;
  readonly #options: ScriptedOptions;
  readonly #prices = new Map<string, string | null>();
  readonly #orders = new Map<string, PlaceOrder>();
  #executions = 0;

  constructor(options: ScriptedOptions) {
    this.#options = options;
    const { name = 'SIM', placeValidityMs = 5000, stopOrders = true, leverage = false } = options;
    this.venue = name;
    this.capabilities = { stopOrders, leverage, ...(placeValidityMs === null ? {} : { placeValidityMs }) };
    this.allowShort = options.allowShort ?? true;
    this.takerFeeBps = options.takerFeeBps ?? '0';
    this.freeBalances = options.balances ?? null;
  }

  instrument(symbol: string): Instrument | undefined {
    const [base = symbol, quote] = symbol.split('/');
    if (quote === undefined) return undefined;
    const { tickSize = '0.01', lotSize = '0.1', minNotional = '0' } = this.#options;
    return { symbol, tickSize, lotSize, minNotional, base, quote };
  }

  balances() {
    return this.freeBalances;
  }

  /** Bid, ask and last trade; null: nothing is known of the symbol. */
  price(symbol: string, price: string | null): void {
    this.#prices.set(symbol, price);
  }

  view(symbol: string): MarketView | null {
    const { clock, price: standard = '100' } = this.#options;
    const price = this.#prices.has(symbol) ? (this.#prices.get(symbol) ?? null) : standard;
    return price === null ? null : { bid: price, ask: price, last: price, at: clock.now() };
  }

  place(order: PlaceOrder): void {
    const { clientOrderId } = order;
    this.requests.push({ kind: 'PLACE', at: this.#now(), clientOrderId, order });
    this.#orders.set(clientOrderId, order);
    this.onPlace(order);
  }

  cancel(clientOrderId: string): void {
    this.requests.push({ kind: 'CANCEL', at: this.#now(), clientOrderId });
    this.onCancel(clientOrderId);
  }

  query(clientOrderId: string): void {
    this.requests.push({ kind: 'QUERY', at: this.#now(), clientOrderId });
    this.onQuery(clientOrderId);
  }

  close(): void {
    this.isClosed = true;
  }

  // What came

  get places(): readonly PlaceOrder[] {
    return this.requests.flatMap((request) => (request.kind === 'PLACE' ? [request.order] : []));
  }

  get cancels(): readonly string[] {
    return this.#idsOf('CANCEL');
  }

  get queries(): readonly string[] {
    return this.#idsOf('QUERY');
  }

  /** Times of the requests of one kind, ms after `from`. */
  times(kind: Request['kind'], from: number): number[] {
    return this.requests.filter((request) => request.kind === kind).map(({ at }) => at - from);
  }

  /** The client order id of the k-th place; a negative k counts from the end. */
  id(k = 0): string {
    const order = this.places.at(k);
    if (order === undefined) throw new Error(`there is no place ${k}: ${this.places.length} came`);
    return order.clientOrderId;
  }

  // Answers

  /** Answers need only say what they are about. */
  report(report: Report extends infer R ? (R extends Report ? Omit<R, 'at'> : never) : never): void {
    this.reports$.next({ at: this.#now(), ...report } as Report);
  }

  ack(clientOrderId: string): void {
    this.report({ type: 'NEW', clientOrderId, connectorOrderId: `V-${clientOrderId}` });
  }

  /** All of it, at its own price, unless told. Returns the execution id. */
  fill(
    clientOrderId: string,
    quantity?: string,
    price?: string,
    more: { readonly execId?: string; readonly commission?: string; readonly commissionAsset?: string } = {},
  ): string {
    const order = this.#orders.get(clientOrderId);
    const { execId = `X${++this.#executions}`, ...money } = more;
    this.report({
      type: 'TRADE',
      clientOrderId,
      connectorOrderId: `V-${clientOrderId}`,
      execId,
      quantity: quantity ?? order?.quantity ?? '0',
      price: price ?? order?.price ?? '100',
      ...money,
    });
    return execId;
  }

  canceled(clientOrderId: string, reason?: string, cumQty?: string): void {
    this.report({
      ...{ type: 'CANCELED', clientOrderId },
      ...(reason === undefined ? {} : { reason }),
      ...(cumQty === undefined ? {} : { cumQty }),
    });
  }

  expired(clientOrderId: string): void {
    this.report({ type: 'EXPIRED', clientOrderId });
  }

  reject(clientOrderId: string, reason = 'refused', retryable?: boolean): void {
    this.report({
      type: 'REJECTED',
      clientOrderId,
      reason,
      ...(retryable === undefined ? {} : { retryable }),
    });
  }

  cancelReject(clientOrderId: string, reason = 'too late'): void {
    this.report({ type: 'CANCEL_REJECTED', clientOrderId, reason });
  }

  status(clientOrderId: string, status: Status, cumQty = '0', avgPx: string | null = null): void {
    const connectorOrderId = `V-${clientOrderId}`;
    this.report({ type: 'STATUS', clientOrderId, connectorOrderId, status, cumQty, avgPx });
  }

  notFound(clientOrderId: string): void {
    this.report({ type: 'NOT_FOUND', clientOrderId });
  }

  noAnswer(clientOrderId: string, request: 'PLACE' | 'CANCEL' | 'QUERY' = 'PLACE'): void {
    this.report({ type: 'NO_ANSWER', clientOrderId, request, reason: 'gateway timeout' });
  }

  // Scripts

  /** Every order is filled at its own price but those that wait for their stop price; every cancel is confirmed. */
  fillsAll(): this {
    this.onPlace = ({ clientOrderId, stopPrice }) => {
      this.ack(clientOrderId);
      if (stopPrice === null) this.fill(clientOrderId);
    };
    this.onCancel = (id) => this.canceled(id);
    return this;
  }

  /** Every order rests, every cancel is confirmed. */
  rests(): this {
    this.onPlace = ({ clientOrderId }) => this.ack(clientOrderId);
    this.onCancel = (id) => this.canceled(id);
    return this;
  }

  #now(): number {
    return this.#options.clock.now();
  }

  #idsOf(kind: 'CANCEL' | 'QUERY'): string[] {
    return this.requests.flatMap((request) => (request.kind === kind ? [request.clientOrderId] : []));
  }
}
