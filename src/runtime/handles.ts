/**
 * Batch handles: what `submit` gives back, fed by the event stream.
 *
 * Owns routing an event to the one handle it concerns (no handle listens to the whole stream), the status stream and
 * the result. A settled batch's handle needs the runtime no more.
 */
import { type Observable, ReplaySubject, Subject } from 'rxjs';
import type { BatchStatus } from '../dtos/enums.js';
import type { FillwrightError } from '../dtos/errors.js';
import type { RuntimeEvent } from '../dtos/events.js';
import type { BatchHandle, BatchResult } from './api.js';
import { resultOf } from './lookup.js';

type Cancel = BatchHandle['cancel'];

interface Standing {
  readonly status: BatchStatus;
  readonly escalated: readonly string[];
}

const NEW: Standing = { status: 'PENDING', escalated: [] };

class Handle implements BatchHandle {
  private readonly statuses = new ReplaySubject<BatchStatus>(1);
  private readonly events = new Subject<RuntimeEvent>();
  private readonly waiters: {
    readonly resolve: (result: BatchResult) => void;
    readonly reject: (error: FillwrightError) => void;
  }[] = [];
  private failure: FillwrightError | null = null;
  private final: BatchResult | null = null;
  private escalated: readonly string[];
  private status: BatchStatus;

  constructor(
    readonly id: string,
    readonly cancel: Cancel,
    { status, escalated }: Standing,
  ) {
    this.status = status;
    this.escalated = escalated;
    this.statuses.next(status);
  }

  get status$(): Observable<BatchStatus> {
    return this.statuses;
  }

  get events$(): Observable<RuntimeEvent> {
    return this.events;
  }

  result(): Promise<BatchResult> {
    if (this.final !== null) return Promise.resolve(this.final);
    if (this.escalated.length > 0) return Promise.resolve(this.interim());
    if (this.failure !== null) return Promise.reject(this.failure);
    return new Promise((resolve, reject) => this.waiters.push({ resolve, reject }));
  }

  /** The state while an order is escalated: not terminal, and it may yet become so. */
  private interim(): BatchResult {
    const { id: batchId, status, escalated } = this;
    return { batchId, status, reason: null, legs: [], residuals: [], kept: [], dust: [], escalated };
  }

  take(event: RuntimeEvent): void {
    if (this.events.observed) this.events.next(event);
    switch (event.type) {
      case 'BATCH_ACTIVE':
        this.become('ACTIVE');
        break;
      case 'ORDER_ESCALATED':
        if (event.orderId !== undefined) this.escalated = [...new Set([...this.escalated, event.orderId])];
        this.tell(this.interim());
        break;
      case 'ORDER_RESOLVED':
        this.escalated = this.escalated.filter((orderId) => orderId !== event.orderId);
        break;
      case 'BATCH_SETTLED':
        this.end(resultOf(event));
        break;
    }
  }

  end(result: BatchResult): void {
    this.final = result;
    this.become(result.status);
    this.tell(result);
    this.statuses.complete();
    this.events.complete();
  }

  private become(status: BatchStatus): void {
    this.status = status;
    this.statuses.next(status);
  }

  private tell(result: BatchResult): void {
    for (const { resolve } of this.waiters.splice(0)) resolve(result);
  }

  /** The runtime has stopped: this batch will not be seen to end here. */
  fail(error: FillwrightError): void {
    this.failure = error;
    for (const { reject } of this.waiters.splice(0)) reject(error);
  }
}

export class Handles {
  private readonly live = new Map<string, Handle>();

  constructor(private readonly canceller: (batchId: string) => Cancel) {}

  /** The handle of a batch that lives; `now`: how it stands, where its events came before this process. */
  open(batchId: string, now: Standing = NEW): BatchHandle {
    const known = this.live.get(batchId);
    if (known !== undefined) return known;
    const handle = new Handle(batchId, this.canceller(batchId), now);
    this.live.set(batchId, handle);
    return handle;
  }

  /** The handle of a batch that has ended. */
  settled(result: BatchResult): BatchHandle {
    const handle = new Handle(result.batchId, this.canceller(result.batchId), NEW);
    handle.end(result);
    return handle;
  }

  /** Whoever waits for a live batch hears that the runtime has stopped. */
  fail(error: FillwrightError): void {
    for (const handle of this.live.values()) handle.fail(error);
  }

  /** Gives an event to the handle of its batch; a new batch gets its handle here, before any other event of it. */
  route(event: RuntimeEvent): void {
    if (event.batchId === undefined) return;
    if (event.type === 'BATCH_CREATED') this.open(event.batchId);
    const handle = this.live.get(event.batchId);
    if (handle === undefined) return;
    if (event.type === 'BATCH_SETTLED') this.live.delete(event.batchId);
    handle.take(event);
  }
}
