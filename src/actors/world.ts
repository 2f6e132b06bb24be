/**
 * The supervisor's state: batches, groups, positions, latches, the bounded history. Plain rows, one writer.
 *
 * Owns the shapes and how rows are found. Rows are written by the files of this folder only, inside a fold; nothing
 * here acts. Machines live behind `Entity`, orders inside each group's book.
 */
import type { GroupBook, OrderRow } from '../book/book.js';
import type { PositionBook } from '../book/positions.js';
import type { Amount, Fixed } from '../dtos/amount.js';
import type { DecimalString, Lots } from '../dtos/decimal.js';
import type { BatchStatus, GroupStatus, StrategyName } from '../dtos/enums.js';
import type { LedgerEntry, Reason, Remainder, Residual } from '../dtos/events.js';
import type { ExecutionCommand } from '../dtos/execution-command.js';
import { IdMinter, idAtMs } from '../dtos/ids.js';
import type { StrategyDirective } from '../dtos/strategy-directive.js';
import type { Instrument, Side } from '../dtos/venue.js';
import type { BatchEvent, BatchIntent } from '../machines/batch.js';
import type { Tally } from '../machines/causes.js';
import type { GroupEvent, GroupIntent, GroupSpec } from '../machines/group-model.js';
import { STRATEGIES, type Strategies } from '../strategies/index.js';
import type { Entity, Host } from './host.js';
import type { VenueFacts } from './inputs.js';
import type { Rules } from './rules.js';

export type { Rules };

export interface GroupRow {
  readonly id: string;
  /** Beginning of every client order id of this group. */
  readonly key: string;
  readonly batch: BatchRow;
  /** Leg number, or the unwind's number. */
  readonly index: number;
  /** PROTECTION hangs under its trade; `batch` is then only where it came from. */
  readonly role: 'LEG' | 'UNWIND' | 'PROTECTION';
  readonly offsets: GroupRow | null;
  readonly command: ExecutionCommand;
  readonly tradeId: string;
  readonly symbol: string;
  readonly side: Side;
  readonly venue: string;
  readonly facts: VenueFacts;
  readonly instrument: Instrument;
  readonly strategy: StrategyName;
  /** Settled at START for a closing leg: what its trade holds by then. */
  spec: GroupSpec;
  target: Lots | null;
  successAt: Lots;
  /** Fills of a closing order are never offset. */
  readonly closes: boolean;
  readonly createdAt: number;
  readonly book: GroupBook;
  entity: Entity<GroupEvent, GroupIntent> | null;
  status: GroupStatus;
  reason: Reason | null;
  updatedAt: number;
  orderIds: string[];
  connectorIds: string[];
  cap: Lots;
  limitPrice: DecimalString | null;
  arrivalPrice: DecimalString | null;
  lastPrice: DecimalString | null;
  startedAt: number | null;
  /** A price is watched for it. */
  watches: boolean;
  /** Closing has begun: nothing of this group may open any more. */
  stopping: boolean;
  failed: boolean;
  success: boolean;
  settled: boolean;
  /** What unwinds of this leg have filled, at fixed point. */
  offset: Fixed;
  /** The live unwinds of this leg. */
  unwinding: GroupRow[];
  /** What it left was last found to be too little for a venue, at the price of that moment. */
  leavesDust: boolean;
  /** What this leg of a COORDINATED batch still holds back, by `venue|asset`. */
  hold: { readonly key: string; readonly total: DecimalString; rest: DecimalString } | null;
  /** A closing leg that has read its position: other closes of the trade wait for it. */
  started: boolean;
  /** It sends the position back, and its trade's protection has been asked to give way. */
  clears: boolean;
  rejectDetail: string | null;
  overfilled: Lots;
  unknownOrders: number;
  escalated: boolean;
  /** What the trade's stop and target were before: a rollback restores them. */
  protection: LedgerEntry | null;
}

export interface BatchRow {
  readonly id: string;
  readonly directive: StrategyDirective;
  readonly digest: string;
  readonly mode: 'INDEPENDENT' | 'COORDINATED' | 'SEQUENTIAL';
  readonly timeoutMs: number | null;
  readonly createdAt: number;
  readonly legs: GroupRow[];
  readonly unwinds: GroupRow[];
  entity: Entity<BatchEvent, BatchIntent> | null;
  tally: { -readonly [K in keyof Tally]: Tally[K] };
  status: BatchStatus;
  reason: Reason | null;
  timeoutAt: number | null;
  /** Settled legs whose fills a rollback would offset, not yet taken up. */
  pendingUnwinds: GroupRow[];
  /** Legs whose unwinds ended and left something. */
  readonly residualLegs: Set<GroupRow>;
  /** The leg that the pre-check refused. */
  blockedLeg: number | null;
  /** A leg failed or a stop was asked: places of its legs are dropped, unwinds go on. */
  stopping: boolean;
  unwindsStopped: boolean;
  unknownOrders: number;
  unknownSince: number | null;
  imbalancedSince: number | null;
  residuals: Residual[];
  kept: Remainder[];
  dust: Remainder[];
  escalated: string[];
}

/** A trade with a stop or target. */
export interface Shield {
  /** The leg that set them last. */
  leg: GroupRow;
  /** The live protective group. */
  group: GroupRow | null;
  /** It was said that the position stands alone. */
  alone: boolean;
  /** What the trade held, and its exits, when its protection found nothing more that it could place. */
  spent: string | null;
}

/** What our fills have moved at a venue, against what it says (holdings.ts): sums at the scale of amounts, by asset. */
export interface Holdings {
  readonly moved: Map<string, Amount>;
  /** When our latest fill was executed, by the venue's clock. */
  latest: number;
  /** The last listing, and what our fills had moved by then; null before the first. */
  base: { readonly held: ReadonlyMap<string, Amount>; readonly moved: ReadonlyMap<string, Amount> } | null;
}

/** What is known of the venues as a whole. */
export interface Venues {
  /** When the journal's first runtime opened: nothing of ours is older. */
  openedAt: number;
  /** Those that list all their orders at once when asked. */
  lists: readonly string[];
  /** Generation of the timer of reconciliations. */
  gen: number;
  /** DOWN: unreachable. RECONCILING: back, and not compared yet. Nothing opens at either. */
  readonly down: Map<string, 'DOWN' | 'RECONCILING'>;
  /** When each was last compared, by its own listing's time. */
  readonly listed: Map<string, number>;
  readonly holdings: Map<string, Holdings>;
  /** What was told once: others' orders and executions, contradictions. Bounded. */
  readonly told: Set<string>;
}

export interface World {
  /** As the last `open` said. */
  rules: Rules;
  host: Host;
  /** Installed here: the built-in ones and the host's own. */
  readonly strategies: Strategies;
  minter: IdMinter;
  seq: number;
  /** Generations of deadlines: never reused, so that a stale one is known. */
  gen: number;
  readonly batches: Map<string, BatchRow>;
  readonly byDirective: Map<string, BatchRow>;
  /** Groups by id and by client order id key: live ones, and settled ones within the history. */
  readonly groups: Map<string, GroupRow>;
  readonly keys: Map<string, GroupRow>;
  /** Settled batches, oldest first; dropped beyond `historyGroups` groups. */
  readonly settledBatches: BatchRow[];
  settledGroups: number;
  openBatches: number;
  readonly positions: PositionBook;
  /** What COORDINATED batches hold back until they settle, by `venue|asset`. */
  readonly reserved: Map<string, DecimalString>;
  readonly kills: Set<string>;
  /** Executions of orders that left memory, booked or taken back since: the journal may not show them yet. */
  readonly oldReports: Set<string>;
  readonly shields: Map<string, Shield>;
  openProtections: number;
  /** The market has ended: nothing is protected any more. */
  marketEnded: boolean;
  /** Oldest first, bounded as settled batches are. */
  readonly settledProtections: GroupRow[];
  readonly venues: Venues;
  /** Unsettled groups by trade: what a CLOSE stops before it reads the position. */
  readonly byTrade: Map<string, GroupRow[]>;
}

export function createWorld(
  rules: Rules,
  host: Host,
  positions: PositionBook,
  strategies: Strategies = STRATEGIES,
): World {
  return {
    rules,
    host,
    strategies,
    minter: new IdMinter(''),
    seq: 0,
    gen: 0,
    batches: new Map(),
    byDirective: new Map(),
    groups: new Map(),
    keys: new Map(),
    settledBatches: [],
    settledGroups: 0,
    openBatches: 0,
    positions,
    reserved: new Map(),
    kills: new Set(),
    oldReports: new Set(),
    shields: new Map(),
    openProtections: 0,
    marketEnded: false,
    settledProtections: [],
    byTrade: new Map(),
    venues: {
      openedAt: 0,
      lists: [],
      gen: 0,
      down: new Map(),
      listed: new Map(),
      holdings: new Map(),
      told: new Set(),
    },
  };
}

/** Is anything latched that covers this group? */
export function isKilled(
  world: World,
  group: Pick<GroupRow, 'batch' | 'venue' | 'symbol' | 'role'>,
): boolean {
  if (world.kills.size === 0) return false;
  return (
    world.kills.has('all') ||
    (group.role !== 'PROTECTION' && world.kills.has(`batch:${group.batch.id}`)) ||
    world.kills.has(`venue:${group.venue}`) ||
    world.kills.has(`symbol:${group.symbol}`)
  );
}

const KEY_LENGTH = 12;

/** `EXG_20251028_143022_a8f3c` → 12 characters of [0-9a-z]: the second since 1970 in base 36, then the hash. */
export function groupKey(groupId: string): string {
  const second = (idAtMs(groupId) / 1000).toString(36).padStart(7, '0');
  return second.slice(-7) + groupId.slice(-5);
}

/** The group that a client order id of ours belongs to; undefined when it is not held any more, or not ours. */
export const groupOfOrder = (world: World, clientOrderId: string): GroupRow | undefined =>
  world.keys.get(clientOrderId.slice(0, KEY_LENGTH));

/** Client order id: a function of group, slot and attempt; at most 32 of [0-9A-Za-z] (DESIGN section 6). */
export const clientOrderIdOf = (group: GroupRow, slot: number, attempt: number): string =>
  `${group.key}${slot.toString(36).padStart(4, '0')}${attempt.toString(36).padStart(2, '0')}`;

const OWN_ID = /^[0-9a-z]{18,32}$/;
/** Has it the form of our client order ids? Another's never has to be looked for in the journal. */
export const isOwnId = (clientOrderId: string): boolean => OWN_ID.test(clientOrderId);

export const orderOf = (group: GroupRow, clientOrderId: string): OrderRow | undefined =>
  group.book.open.get(clientOrderId) ?? group.book.ended.get(clientOrderId);

/** The group and row of a client order id, where both are held. */
export function findOrder(group: GroupRow | undefined, clientOrderId: string): OrderRow | undefined {
  return group === undefined ? undefined : orderOf(group, clientOrderId);
}
