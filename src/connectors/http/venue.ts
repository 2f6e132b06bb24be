/**
 * A connector to a venue that is a process of its own, over HTTP (protocol.ts): requests out, events in as a stream.
 *
 * Owns the translation, the order of requests about one order, and the connection's state. Retries no place and judges
 * no order: an answer that is late, broken or missing is NO_ANSWER. What a stream misses while it is down stays missed:
 * the reconciliation that follows CONNECTION UP finds it.
 */
import { type Observable, Subject } from 'rxjs';
import { FillwrightError } from '../../dtos/errors.js';
import type { AccountReport, Instrument, MarketView, PlaceOrder, Report } from '../../dtos/venue.js';
import type { Clock } from '../../ports/clock.js';
import type { Capabilities, Connector } from '../../ports/connector.js';
import type { MarketData } from '../../ports/market-data.js';
import {
  AccountSchema,
  InstrumentsSchema,
  OrderStatusSchema,
  PlacedSchema,
  RefusalSchema,
  type VenueEvent,
  VenueEventSchema,
} from './protocol.js';

export interface HttpVenueOptions {
  readonly clock: Clock;
  /** `http://127.0.0.1:4711`; no path. */
  readonly url: string;
  /** What `routing_plan.venue` and the journal call it. */
  readonly name: string;
  /** How long the venue takes a place after it was sent, ms; what arrives later it refuses (I4). Default 2000. */
  readonly placeValidityMs?: number;
  /** How long an answer is awaited, ms. Default 5000. */
  readonly answerMs?: number;
}

type Answer =
  | { readonly ok: true; readonly body: unknown }
  | { readonly ok: false; readonly status: number; readonly code: string; readonly message: string }
  | { readonly lost: string };

/** Between two attempts to reach the event stream, ms. */
const RECONNECT_MS = 250;
/** A line of the event stream longer than this is no event. */
const LINE_LENGTH_MAX = 65_536;

export interface HttpVenue extends Connector, MarketData {
  readonly accounts$: Observable<AccountReport>;
  massStatus(since: number): void;
  close(): void;
}

/**
 * Connects: the listing is read and the event stream is open when the promise resolves.
 * @throws CONNECTOR when the venue cannot be reached or answers nonsense
 */
export async function connectHttpVenue(options: HttpVenueOptions): Promise<HttpVenue> {
  const venue = new ProcessVenue(options);
  await venue.open();
  return venue;
}

class ProcessVenue implements HttpVenue {
  readonly venue: string;
  readonly capabilities: Capabilities;
  readonly reports$ = new Subject<Report>();
  readonly accounts$ = new Subject<AccountReport>();
  readonly allowShort = true;
  readonly unlimitedCash = true;
  readonly takerFeeBps = '0';
  private instruments = new Map<string, Instrument>();
  private readonly views = new Map<string, MarketView>();
  private readonly watchers = new Map<string, Set<(view: MarketView) => void>>();
  /** The last request about each order that has one under way: the next one waits for it. */
  private readonly busy = new Map<string, Promise<void>>();
  private readonly abort = new AbortController();
  private isDown = false;

  constructor(private readonly options: HttpVenueOptions) {
    this.venue = options.name;
    this.capabilities = { stopOrders: true, placeValidityMs: options.placeValidityMs ?? 2000 };
  }

  async open(): Promise<void> {
    const answer = await this.request('GET', '/instruments');
    if (!('ok' in answer) || !answer.ok) throw this.unreachable(answer);
    const listed = InstrumentsSchema.safeParse(answer.body);
    if (!listed.success) throw this.unreachable({ lost: `its listing: ${listed.error.issues[0]?.message}` });
    this.instruments = new Map(listed.data.map((instrument) => [instrument.symbol, instrument]));
    const stream = await this.connect();
    if ('lost' in stream) throw this.unreachable(stream);
    void this.read(stream);
  }

  instrument(symbol: string): Instrument | undefined {
    return this.instruments.get(symbol);
  }

  balances() {
    return null;
  }

  view(symbol: string): MarketView | null {
    return this.views.get(symbol) ?? null;
  }

  watch(symbol: string, onChange: (view: MarketView) => void): () => void {
    const watching = this.watchers.get(symbol) ?? new Set();
    this.watchers.set(symbol, watching.add(onChange));
    return () => void watching.delete(onChange);
  }

  place(order: PlaceOrder): void {
    const { clientOrderId } = order;
    const valid_until = this.options.clock.now() + (this.capabilities.placeValidityMs ?? 0);
    this.inTurn(clientOrderId, async () => {
      const answer = await this.request('POST', '/orders', { ...order, valid_until });
      const placed = 'ok' in answer && answer.ok ? PlacedSchema.safeParse(answer.body) : null;
      if (placed?.success === true) return this.tell({ type: 'NEW', clientOrderId, ...placed.data });
      // A taken id says that the order exists, not what became of it: asked, never refused (fault 9).
      if ('ok' in answer && !answer.ok && answer.status !== 409) {
        const { message: reason, status } = answer;
        return this.tell({ type: 'REJECTED', clientOrderId, reason, retryable: status === 429 });
      }
      return this.lose(clientOrderId, 'PLACE', answer);
    });
  }

  cancel(clientOrderId: string): void {
    this.inTurn(clientOrderId, async () => {
      const answer = await this.request('DELETE', `/orders/${encodeURIComponent(clientOrderId)}`);
      if ('lost' in answer) return this.lose(clientOrderId, 'CANCEL', answer);
      if (answer.ok) return; // CANCELED comes as an event
      const reason = answer.status === 404 ? 'unknown order' : answer.message;
      return this.tell({ type: 'CANCEL_REJECTED', clientOrderId, reason });
    });
  }

  query(clientOrderId: string): void {
    this.inTurn(clientOrderId, async () => {
      const answer = await this.request('GET', `/orders/${encodeURIComponent(clientOrderId)}`);
      if ('ok' in answer && !answer.ok && answer.status === 404)
        return this.tell({ type: 'NOT_FOUND', clientOrderId });
      const known = 'ok' in answer && answer.ok ? OrderStatusSchema.safeParse(answer.body) : null;
      if (known?.success !== true) return this.lose(clientOrderId, 'QUERY', answer);
      return this.tell({ type: 'STATUS', clientOrderId, ...known.data });
    });
  }

  massStatus(since: number): void {
    void this.request('GET', `/account?since=${since}`).then((answer) => {
      const known = 'ok' in answer && answer.ok ? AccountSchema.safeParse(answer.body) : null;
      if (known?.success !== true || this.abort.signal.aborted) return;
      this.accounts$.next({ type: 'MASS_STATUS', since, balances: null, ...known.data });
    });
  }

  close(): void {
    this.abort.abort();
  }

  private unreachable(answer: Answer): FillwrightError {
    const why = 'lost' in answer ? answer.lost : 'message' in answer ? answer.message : 'no listing';
    return new FillwrightError('CONNECTOR', `${this.venue} at ${this.options.url}: ${why}`);
  }

  /** A cancel must not overtake its place. */
  private inTurn(clientOrderId: string, act: () => Promise<void>): void {
    const before = this.busy.get(clientOrderId) ?? Promise.resolve();
    const mine: Promise<void> = before.then(act).finally(() => {
      if (this.busy.get(clientOrderId) === mine) this.busy.delete(clientOrderId);
    });
    this.busy.set(clientOrderId, mine);
  }

  private tell(
    report: Report extends infer R ? (R extends Report ? Omit<R, 'at'> & { at?: number } : never) : never,
  ): void {
    if (!this.abort.signal.aborted) this.reports$.next({ at: this.options.clock.now(), ...report } as Report);
  }

  private lose(clientOrderId: string, request: 'PLACE' | 'CANCEL' | 'QUERY', answer: Answer): void {
    const reason = 'lost' in answer ? answer.lost : 'an answer that is none';
    this.tell({ type: 'NO_ANSWER', clientOrderId, request, reason });
  }

  /** One request, sent once; never rejects. */
  private async request(method: string, path: string, body?: object): Promise<Answer> {
    const { url, clock, answerMs = 5000 } = this.options;
    const late = new AbortController();
    const disarm = clock.at(clock.now() + answerMs, () => late.abort());
    try {
      const response = await fetch(url + path, {
        method,
        signal: AbortSignal.any([late.signal, this.abort.signal]),
        ...(body === undefined
          ? {}
          : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
      });
      const parsed: unknown = await response.json();
      if (response.ok) return { ok: true, body: parsed };
      const refusal = RefusalSchema.safeParse(parsed);
      if (response.status >= 500 || !refusal.success) return { lost: `status ${response.status}` };
      return { ok: false, status: response.status, ...refusal.data };
    } catch (error) {
      return { lost: late.signal.aborted ? `no answer in ${answerMs} ms` : (error as Error).message };
    } finally {
      disarm();
    }
  }

  private async connect(): Promise<ReadableStream<Uint8Array> | { readonly lost: string }> {
    try {
      const response = await fetch(`${this.options.url}/events`, { signal: this.abort.signal });
      if (response.ok && response.body !== null) return response.body;
      return { lost: `status ${response.status}` };
    } catch (error) {
      return { lost: (error as Error).message };
    }
  }

  /** Reads events until the stream ends, then connects again, for as long as the connector is open. */
  private async read(first: ReadableStream<Uint8Array>): Promise<void> {
    let stream: ReadableStream<Uint8Array> | { readonly lost: string } = first;
    while (!this.abort.signal.aborted) {
      if ('lost' in stream) this.down(stream.lost);
      else {
        this.up();
        await this.drain(stream);
        this.down('the event stream ended');
      }
      await this.pause();
      stream = await this.connect();
    }
  }

  private async drain(stream: ReadableStream<Uint8Array>): Promise<void> {
    const decoder = new TextDecoder();
    let rest = '';
    try {
      for await (const bytes of stream) {
        const lines = (rest + decoder.decode(bytes, { stream: true })).split('\n');
        rest = lines.pop() ?? '';
        for (const line of lines) this.hear(line);
        if (rest.length > LINE_LENGTH_MAX) return;
      }
    } catch {
      // A stream that breaks has ended: what it did not say is found by reconciliation.
    }
  }

  private hear(line: string): void {
    let value: unknown;
    try {
      value = JSON.parse(line);
    } catch {
      return; // half a line, or garbage: the same as an event that never came
    }
    const parsed = VenueEventSchema.safeParse(value);
    if (parsed.success && !this.abort.signal.aborted) this.onEvent(parsed.data);
  }

  private onEvent(event: VenueEvent): void {
    if (event.type !== 'QUOTE') return this.reports$.next(event);
    const { symbol, bid, ask, last, at } = event;
    const view = { bid, ask, last, at };
    this.views.set(symbol, view);
    for (const onChange of this.watchers.get(symbol) ?? []) onChange(view);
  }

  private up(): void {
    if (this.isDown) this.connection('UP');
    this.isDown = false;
  }

  private down(reason: string): void {
    if (!this.isDown && !this.abort.signal.aborted) this.connection('DOWN', reason);
    this.isDown = true;
  }

  private connection(state: 'UP' | 'DOWN', reason?: string): void {
    const at = this.options.clock.now();
    this.accounts$.next({ type: 'CONNECTION', at, state, ...(reason === undefined ? {} : { reason }) });
  }

  private pause(): Promise<void> {
    const { clock } = this.options;
    return new Promise((resolve) => clock.at(clock.now() + RECONNECT_MS, resolve));
  }
}
