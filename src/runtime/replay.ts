/**
 * Replay: the state of a journal at any point, what was legal next, and what led to an event. Performs nothing.
 *
 * Owns the view (DESIGN section 8, `replay`) and where it stops. Every record is folded again and compared with what
 * it holds, field by field: a replay that prints has proved that fold(journal) is the state (I22).
 */
import { FillwrightError } from '../dtos/errors.js';
import type { RuntimeEvent } from '../dtos/events.js';
import type { JournalRecord } from '../journal/index.js';
import { legalBatchEvents, legalGroupEvents, legalOrderEvents } from '../machines/legal.js';
import { type CustomStrategy, installed } from '../strategies/index.js';
import { parseConfig } from './config.js';
import { Projection } from './projection.js';
import { emptyPast, type Past } from './recovery.js';
import { rulesOf } from './rules.js';
import type { BatchView } from './run-view.js';

/** After the event of this number, or after the last record of that time (epoch ms); neither: at the end. */
export interface ReplayPoint {
  readonly seq?: number;
  readonly time?: number;
}

/** What a live batch, group or order has a transition for. */
export interface LegalNext {
  readonly entity: 'batch' | 'group' | 'order';
  /** Batch and group ids; client order ids. */
  readonly id: string;
  readonly state: string;
  readonly events: readonly string[];
}

/** A link of a chain, the event asked for first; the last one names the input that it all follows from. */
export interface CauseView {
  readonly seq: number;
  readonly at: string;
  readonly type: string;
  readonly record: number;
  readonly input: string;
  readonly batch_id?: string;
  readonly group_id?: string;
  readonly order_id?: string;
}

export interface ReplayView {
  /** Of the last event; 0 before the first. */
  readonly seq: number;
  readonly at: string | null;
  readonly batches: readonly BatchView[];
  /** Of the record that the last event stands in: within a record nothing rests. */
  readonly legal_next: readonly LegalNext[];
  readonly causes: readonly CauseView[];
}

interface Seen {
  readonly event: RuntimeEvent;
  readonly record: number;
  readonly input: string;
}

export interface ReplayOptions {
  readonly at?: ReplayPoint;
  /** Whose chain is told; the last event's unless told. */
  readonly cause?: number;
  /** The host's own that the journal's runtime had: a journal names them, it does not hold them. */
  readonly strategies?: readonly CustomStrategy[];
}

/**
 * Replays a journal's records up to a point.
 * @throws JOURNAL_DAMAGED when a record does not fold to what it holds; USAGE for a point or event that is not there
 */
export function replayJournal(
  records: Iterable<JournalRecord>,
  { at = {}, cause, strategies }: ReplayOptions = {},
): ReplayView {
  const rules = rulesOf(parseConfig({}), { postsLedger: false, benchmarks: false });
  const past = emptyPast(rules, installed(strategies));
  const projection = new Projection();
  const seen = new Map<number, Seen>();
  let last: RuntimeEvent | null = null;
  for (const record of records) {
    if (at.time !== undefined && record.t > at.time) break;
    past.take(record);
    for (const event of record.events) {
      if (event.seq === 0) continue; // POISON: its record is part of no state
      if (at.seq !== undefined && event.seq > at.seq) break;
      seen.set(event.seq, { event, record: record.n, input: record.input.k });
      projection.apply(event);
      last = event;
    }
    if (at.seq !== undefined && (last?.seq ?? 0) >= at.seq) break;
  }
  if (at.seq !== undefined && (last?.seq ?? 0) < at.seq)
    throw new FillwrightError('USAGE', `the journal ends at event ${last?.seq ?? 0}, before ${at.seq}`);
  return {
    seq: last?.seq ?? 0,
    at: last === null ? null : iso(last.at),
    batches: projection.batches(),
    legal_next: legalNext(past),
    causes: chainOf(seen, cause ?? last?.seq ?? 0),
  };
}

const iso = (at: number): string => new Date(at).toISOString();

function legalNext({ world }: Past): LegalNext[] {
  const found: LegalNext[] = [];
  for (const { id, mode, entity } of world.batches.values()) {
    const state = entity?.state();
    if (state !== undefined)
      found.push({ entity: 'batch', id, state, events: legalBatchEvents(mode, state) });
  }
  for (const { id, entity, settled, book } of world.groups.values()) {
    const state = entity?.state() ?? 'pending';
    if (!settled) found.push({ entity: 'group', id, state, events: legalGroupEvents(state) });
    for (const row of book.open.values()) {
      const { ordStatus } = row.state;
      found.push({
        entity: 'order',
        id: row.clientOrderId,
        state: ordStatus,
        events: legalOrderEvents(ordStatus),
      });
    }
  }
  return found;
}

function chainOf(seen: ReadonlyMap<number, Seen>, seq: number): CauseView[] {
  const chain: CauseView[] = [];
  if (seq === 0 && seen.size === 0) return chain;
  for (let at: number | null = seq; at !== null; ) {
    const link = seen.get(at);
    if (link === undefined) throw new FillwrightError('USAGE', `there is no event ${at} up to this point`);
    chain.push(causeView(link));
    at = link.event.cause;
  }
  return chain;
}

const causeView = ({ event, record, input }: Seen): CauseView => ({
  seq: event.seq,
  at: iso(event.at),
  type: event.type,
  record,
  input,
  ...(event.batchId === undefined ? {} : { batch_id: event.batchId }),
  ...(event.groupId === undefined ? {} : { group_id: event.groupId }),
  ...(event.orderId === undefined ? {} : { order_id: event.orderId }),
});
