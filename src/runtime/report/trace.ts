/**
 * What a journal says of a group beyond the projection: the context its planner was given, when it ended, what the
 * venue refused and why.
 *
 * Owns the reading of inputs (listings, commands, views) and the schedule made anew from them. The planner is a pure
 * function: the same context and view give the schedule that the group had. Sends nothing.
 */
import { add, sub, toSteps } from '../../dtos/decimal.js';
import type { EventOf, RuntimeEvent } from '../../dtos/events.js';
import type { ExecutionCommand } from '../../dtos/execution-command.js';
import type { Instrument, MarketView } from '../../dtos/venue.js';
import type { JournalRecord } from '../../journal/record.js';
import { type PlannedSlice, type Strategies, strategyOf } from '../../strategies/index.js';

/** The fields of an input that are read, each where its kind has it. */
interface InputFacts {
  readonly commands?: readonly ExecutionCommand[];
  readonly instruments?: Readonly<Record<string, Instrument>>;
  readonly views?: Readonly<Record<string, MarketView | null>>;
}

export interface Refused {
  readonly orderId: string;
  /** Epoch ms. */
  readonly at: number;
  readonly reason: string | null;
}

/** One group as the journal tells it; times are epoch ms. */
export interface GroupTrace {
  readonly created: EventOf<'GROUP_CREATED'>;
  readonly instrument: Instrument | null;
  readonly maxSlippage: string;
  started: EventOf<'GROUP_STARTED'> | null;
  /** What the planner saw at the start. */
  view: MarketView | null;
  /** From here on no slice is sent. */
  endedAt: number | null;
  /** Why the last order was refused, where that ended the group. */
  detail: string | null;
  readonly refused: Refused[];
  /** Of a POV: what had traded in all when its planner looked, from the start on. */
  readonly volumes: { readonly at: number; readonly volume: string }[];
  /** Of an ICEBERG, after each change: base quantity open, and filled. */
  readonly open: { readonly at: number; readonly open: string; readonly filled: string }[];
  /** What is open of each of its orders. */
  readonly leaves: Map<string, string>;
}

/** The fold. Feed it every record in order. */
export class Trace {
  readonly #groups = new Map<string, GroupTrace>();
  /** POV groups that work: what trades meanwhile is noted for them. */
  readonly #followers = new Set<GroupTrace>();
  readonly #instruments = new Map<string, Instrument>();
  /** By command id. */
  readonly #slippage = new Map<string, string>();
  environment: string | null = null;
  /** Times of the first and the last record, epoch ms. */
  from: number | null = null;
  to: number | null = null;

  apply(record: JournalRecord): void {
    this.from ??= record.t;
    this.to = record.t;
    const input = record.input as InputFacts;
    for (const [key, instrument] of Object.entries(input.instruments ?? {}))
      this.#instruments.set(key, instrument);
    for (const { command_id: id, routing_plan: routing } of input.commands ?? [])
      if (routing !== undefined) this.#slippage.set(id, routing.max_slippage_pct);
    for (const event of record.events) this.#applyEvent(event, input);
    this.#noteVolumes(record.t, input);
  }

  group(groupId: string): GroupTrace | undefined {
    return this.#groups.get(groupId);
  }

  #applyEvent(event: RuntimeEvent, input: InputFacts): void {
    if (event.type === 'RUNTIME_OPENED') this.environment = event.environment;
    if (event.type === 'GROUP_CREATED') this.#create(event);
    const group = this.#groups.get(event.groupId ?? '');
    if (group === undefined) return;
    if (group.created.strategy === 'ICEBERG') noteOpen(group, event);
    switch (event.type) {
      case 'GROUP_STARTED':
        group.started = event;
        group.view = input.views?.[group.created.symbol] ?? null;
        // As the planner has it: a source that has shown itself and counted nothing yet stands at 0.
        if (group.view !== null) this.#noteVolume(group, event.at, group.view.volume ?? '0');
        break;
      case 'GROUP_CLOSING':
        group.endedAt ??= event.at;
        break;
      case 'GROUP_SETTLED':
        group.endedAt ??= event.at;
        group.detail = event.detail ?? null;
        break;
      case 'GROUP_BENCHMARKED':
        noteEnd(group, event);
        this.#followers.delete(group);
        break;
      case 'ORDER_ENDED':
      case 'ORDER_RESOLVED':
        noteRefused(group, event);
        break;
    }
  }

  #create(event: EventOf<'GROUP_CREATED'>): void {
    const group = this.#newGroup(event);
    this.#groups.set(event.groupId ?? '', group);
    if (event.strategy === 'POV') this.#followers.add(group);
  }

  #noteVolumes(at: number, { views }: InputFacts): void {
    if (views === undefined) return;
    for (const group of this.#followers) {
      const volume = views[group.created.symbol]?.volume;
      if (group.started !== null && volume !== undefined) this.#noteVolume(group, at, volume);
    }
  }

  #noteVolume(group: GroupTrace, at: number, volume: string): void {
    if (this.#followers.has(group) && group.volumes.at(-1)?.at !== at) group.volumes.push({ at, volume });
  }

  #newGroup(created: EventOf<'GROUP_CREATED'>): GroupTrace {
    return {
      created,
      instrument: this.#instruments.get(`${created.venue}|${created.symbol}`) ?? null,
      maxSlippage: this.#slippage.get(created.commandId) ?? '0',
      started: null,
      view: null,
      endedAt: null,
      detail: null,
      refused: [],
      volumes: [],
      open: [],
      leaves: new Map(),
    };
  }
}

/** What traded until the end is told last. */
function noteEnd({ volumes }: GroupTrace, { to, volume }: EventOf<'GROUP_BENCHMARKED'>): void {
  const first = volumes[0];
  if (first === undefined) return;
  if (volumes.at(-1)?.at === to && volumes.length > 1) volumes.pop();
  volumes.push({ at: to, volume: add(first.volume, volume) });
}

/** What is open and filled after an event about an order of this group. */
function noteOpen(group: GroupTrace, event: RuntimeEvent): void {
  const { leaves, open } = group;
  const orderId = event.orderId ?? '';
  let filled = open.at(-1)?.filled ?? '0';
  switch (event.type) {
    case 'ORDER_INTENT':
      leaves.set(orderId, event.quantity);
      break;
    case 'FILL':
      filled = add(filled, event.quantity);
      if (leaves.has(orderId)) leaves.set(orderId, sub(leaves.get(orderId) ?? '0', event.quantity));
      break;
    case 'FILL_REVERSED':
      filled = sub(filled, event.quantity);
      break;
    case 'ORDER_ENDED':
    case 'ORDER_NOT_SENT':
      leaves.delete(orderId);
      break;
    default:
      return;
  }
  open.push({ at: event.at, open: [...leaves.values()].reduce(add, '0'), filled });
}

/** An order's last word counts: a verdict that a later report contradicts is taken back. */
function noteRefused(group: GroupTrace, event: EventOf<'ORDER_ENDED'> | EventOf<'ORDER_RESOLVED'>): void {
  const orderId = event.orderId ?? '';
  const at = group.refused.findIndex((refused) => refused.orderId === orderId);
  if (event.status !== 'REJECTED') {
    if (at >= 0) group.refused.splice(at, 1);
    return;
  }
  const reason = (event.type === 'ORDER_ENDED' ? event.reason : event.evidence) ?? null;
  if (at < 0) group.refused.push({ orderId, at: event.at, reason });
}

/**
 * The slices that the group's planner had before it; none for a group that never started, needed no order, or whose
 * strategy this version does not know. Where a command named no routing plan (a close by the configured routing) the
 * slippage bound is not in the journal: prices are then shown without it, times and quantities stay the same.
 */
export function plannedSlices(trace: GroupTrace, strategies: Strategies): readonly PlannedSlice[] {
  const { created, started, instrument, maxSlippage, view } = trace;
  const quantity = started?.targetQuantity ?? null;
  if (started === null || instrument === null || quantity === null) return [];
  try {
    const context = {
      params: created.strategyParams,
      instrument,
      side: created.side,
      target: toSteps(quantity, instrument.lotSize, 'EXACT'),
      maxSlippage,
      startedAt: started.at,
      endsAt: started.endsAt,
      ...(view?.volume === undefined ? {} : { startVolume: view.volume }),
    };
    return strategyOf(created.strategy, strategies).schedule(context, view);
  } catch {
    // A report of an old journal, or of a strategy at fault, still tells what happened.
    return [];
  }
}
