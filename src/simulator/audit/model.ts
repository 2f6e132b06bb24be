/**
 * The auditor's own picture of the runtime, built from committed journal records alone, and what it finds.
 *
 * Owns the rows and their lookup. Shares nothing with the machines, the book or the actors: quantities are units of
 * 10⁻⁸, statuses are what events say. Rows are written by the files of this folder only.
 */
import type { TruthOrder } from './truth.js';

export interface Finding {
  /** As reference and documents number them: `I5`. */
  readonly invariant: string;
  /** The name of the check. */
  readonly check: string;
  readonly message: string;
  /** The step after which it was found. */
  readonly step: number;
  /** Simulated time, epoch ms. */
  readonly at: number;
}

export type Role = 'LEG' | 'UNWIND' | 'PROTECTION';
export type GroupPhase = 'PENDING' | 'ACTIVE' | 'CLOSING' | 'SETTLED';
export type BatchPhase = 'PENDING' | 'ACTIVE' | 'STOPPING' | 'UNWINDING' | 'SETTLED';

export interface OrderRow {
  readonly clientOrderId: string;
  readonly orderId: string;
  readonly group: GroupRow;
  readonly slot: number;
  readonly quantity: number;
  /** The order's bytes, as its intent names them. */
  readonly wire: string;
  readonly intentAt: number;
  /** From its intent to its end, as the runtime says. */
  isOpen: boolean;
  isAcked: boolean;
  isUnknown: boolean;
  isEscalated: boolean;
  cancelAsked: boolean;
  notSent: boolean;
  /** Ended by a person's verdict, not by the venue. */
  isVerdict: boolean;
  resends: number;
  places: number;
  placedAt: number;
  /** Denials after the place can surely not arrive any more, since it was last sent. */
  denials: number;
  filled: number;
  /** Of `filled`: what no execution has brought yet. */
  implied: number;
  readonly counted: Set<string>;
  readonly reversed: Set<string>;
  truth: TruthOrder | null;
}

export interface GroupRow {
  readonly id: string;
  readonly batch: BatchRow;
  readonly role: Role;
  readonly index: number;
  readonly commandId: string;
  readonly scope: string;
  readonly tradeId: string;
  readonly symbol: string;
  readonly side: 'BUY' | 'SELL';
  readonly venue: string;
  readonly offsets: GroupRow | null;
  target: number | null;
  cap: number | null;
  phase: GroupPhase;
  isStarted: boolean;
  closingReason: string | null;
  status: string | null;
  success: boolean;
  hasFailed: boolean;
  filled: number;
  /** Unfilled quantity of open orders. */
  leaves: number;
  openOrders: number;
  orders: number;
  /** Orders of unknown fate, and since when there has been one without a break. */
  unknowns: number;
  unknownSince: number | null;
  /** Of them: told never to have been sent. */
  notSent: number;
  /** Times that somebody changed its price: what was open went back and came anew. */
  amends: number;
  overfilled: number;
  /** Truth: executed, and open at the exchange. */
  committed: number;
  truthOpen: number;
  /** Executed of orders that the runtime was told have ended, and not reported yet: nobody can count it. */
  hidden: number;
  /** The most of it at any sending: what was sent then may come to so much too much, whichever order arrives last. */
  hiddenAtSend: number;
  readonly slots: Map<number, OrderRow>;
  readonly unwinds: GroupRow[];
  /** The most that one slice of a schedule may place, late or not; null where nothing bounds it. */
  readonly sliceMax: number | null;
  hadReversal: boolean;
  /** Commission in the base asset. */
  baseFees: number;
}

export interface BatchRow {
  readonly id: string;
  readonly directiveId: string;
  readonly strategyId: string;
  readonly mode: string;
  readonly timeoutMs: number | null;
  readonly legs: GroupRow[];
  readonly unwinds: GroupRow[];
  phase: BatchPhase;
  timeoutAt: number | null;
  legFailed: boolean;
  /** What stopped it as a whole; a leg's own failure counts in COORDINATED only. */
  cause: string | null;
  settledStatus: string | null;
  /** Of legs and unwinds; protections hang under their trade. */
  openOrders: number;
  truthOpen: number;
  escalated: number;
}

export class Model {
  readonly orders = new Map<string, OrderRow>();
  readonly groups = new Map<string, GroupRow>();
  readonly batches = new Map<string, BatchRow>();
  readonly orderIds = new Set<string>();
  /** What each trade holds by its fills, positive = long. */
  readonly held = new Map<string, number>();
  readonly kills = new Set<string>();
  /** Venues that cannot be reached, or have come back and not been compared with yet. */
  readonly down = new Map<string, 'DOWN' | 'RECONCILING'>();
  /** Canceled at a halt, though their intent was lost with the record that failed. */
  readonly strayCancels = new Set<string>();
  readonly findings: Finding[] = [];
  /** Fills that are on record. */
  readonly fillIds = new Set<string>();
  /** Entries that left for the ledger. */
  readonly posted = new Set<string>();
  /** What has happened and was checked at once; docs/simulator.md says what counts. */
  steps = 0;
  /** Of them: committed records, and the events in these. */
  records = 0;
  events = 0;
  lastSeq = 0;
  now = 0;
  configHash: string | null = null;
  openBatches = 0;
  openProtections = 0;
  escalatedOrders = 0;

  constructor(
    /** By venue; null: a venue without a window. */
    readonly placeValidityMs: number | null,
    private readonly findingsMax = 20,
  ) {}

  found(invariant: string, check: string, message: string): void {
    if (this.findings.length >= this.findingsMax) return;
    this.findings.push({ invariant, check, message, step: this.steps, at: this.now });
  }
}

/** Notes that an order's fate is, or is no longer, unknown. */
export function setUnknown(row: OrderRow, isUnknown: boolean, at: number): void {
  if (row.isUnknown === isUnknown) return;
  row.isUnknown = isUnknown;
  const { group } = row;
  group.unknowns += isUnknown ? 1 : -1;
  if (group.unknowns === 0) group.unknownSince = null;
  else group.unknownSince ??= at;
}

/** What of an order is open: nothing once it has ended. */
export const leavesOf = ({ isOpen, quantity, filled }: OrderRow): number =>
  isOpen ? Math.max(0, quantity - filled) : 0;
