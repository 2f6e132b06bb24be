/**
 * The executions of one order: each id counts once, busts and corrections find what they mean, in any order of arrival.
 *
 * Owns: the execution log. An order can have thousands of fills, and each fill makes a new order value; copying the
 * history every time would cost the square. So all versions of an order share one append-only log, and a version is a
 * length of it (`seq`): what stands at or after `seq` it does not see. Only the newest version appends in place; an
 * older one that is stepped again (a branch: tests, what-if) first copies the part it sees. As observed from outside
 * every value is immutable.
 */

/** An execution as seen by one version. */
interface Entry {
  readonly id: string;
  readonly qty: number;
  /** The log length at which a bust or correction took it out of the total; OPEN while it counts. */
  closedAt: number;
  /** Position of the correction that stands in its place; −1 for none. Meaningful once closed. */
  next: number;
}

interface Log {
  readonly entries: Entry[];
  /** id → position, built once the log is long enough to make a scan slower than a look-up. */
  index: Map<string | null, number> | null;
}

/** One version's view of the log. */
export interface Executions {
  readonly log: Log;
  readonly seq: number;
}

/** How a bust or correction changes the total; `unseen` is the part of it in an execution that never reached us. */
export interface Amendment {
  readonly execs: Executions;
  readonly delta: number;
  readonly unseen: number;
}

/** id, quantity, closed (0 or 1), next. */
export type EncodedExecution = readonly [id: string, qty: number, closed: 0 | 1, next: number];

/** Below this many entries a scan beats building and asking a Map; most orders never reach it. */
const SCAN_ENTRIES_MAX = 12;
const OPEN = Number.POSITIVE_INFINITY;

const emptyLog = (): Log => ({ entries: [], index: null });

function find(execs: Executions | null, id: string | null): number {
  if (execs === null) return -1;
  const { log, seq } = execs;
  if (log.index !== null) {
    const at = log.index.get(id) ?? -1;
    return at < seq ? at : -1;
  }
  for (let at = 0; at < seq; at++) if (log.entries[at]!.id === id) return at;
  return -1;
}

/** A log that ends exactly at this version, so that it may be appended to. */
function writable(execs: Executions | null): Log {
  if (execs === null) return emptyLog();
  const { log, seq } = execs;
  return log.entries.length === seq ? log : decodeExecutions(encodeExecutions(execs)).log;
}

function append(log: Log, id: string | null, qty: number, closedAt: number, next: number): void {
  const { entries } = log;
  const name = id ?? '';
  if (entries.length === SCAN_ENTRIES_MAX) log.index = new Map(entries.map((entry, at) => [entry.id, at]));
  log.index?.set(name, entries.length);
  entries.push({ id: name, qty, closedAt, next });
}

const view = (log: Log): Executions => ({ log, seq: log.entries.length });

/** The execution that `at` stands for now, corrections followed. For the newest version alone, which sees every link. */
function tip(log: Log, at: number): number {
  let current = at;
  while (log.entries[current]!.next >= 0) current = log.entries[current]!.next;
  return current;
}

/** Has this execution id been counted, or ruled out by a bust or correction that overtook it? No id never has. */
export const hasExecution = (execs: Executions | null, id: string | null): boolean => find(execs, id) >= 0;

/** Adds an execution that `hasExecution` denies. */
export function addExecution(execs: Executions | null, id: string, qty: number): Executions {
  const log = writable(execs);
  append(log, id, qty, OPEN, -1);
  return view(log);
}

/** Remembers the id of a report that is no trade, so that its repetition is recognised. */
export function noteReport(execs: Executions | null, id: string): Executions {
  const log = writable(execs);
  append(log, id, 0, log.entries.length, -1);
  return view(log);
}

/** Takes the execution `ref` out of the total. Null when that changes nothing (repeated, or busted before). */
export function bustExecution(execs: Executions | null, id: string | null, ref: string): Amendment | null {
  if (find(execs, id) >= 0) return null;
  const at = find(execs, ref);
  const log = writable(execs);
  const now = log.entries.length;
  if (at < 0) {
    append(log, ref, 0, now, -1); // the bust overtook its fill, which will then count nothing
    if (id !== null) append(log, id, 0, now, -1);
    return { execs: view(log), delta: 0, unseen: 0 };
  }
  const target = log.entries[tip(log, at)]!;
  if (target.closedAt !== OPEN) return null;
  target.closedAt = now;
  append(log, id, 0, now, -1); // without an id too: the log must grow for older versions to keep their view
  return { execs: view(log), delta: -target.qty, unseen: 0 };
}

/**
 * Puts `qty` (null: the size stays) in the place of the execution `ref`; from then on `id` names it, and `ref` too,
 * since some venues go on naming the original. Null when it changes nothing.
 */
export function correctExecution(
  execs: Executions | null,
  id: string | null,
  ref: string,
  qty: number | null,
): Amendment | null {
  const at = find(execs, ref);
  const own = find(execs, id);
  const log = writable(execs);
  const now = log.entries.length;
  if (own >= 0) return link(log, ref, at, own);
  if (at < 0) {
    append(log, ref, 0, now, now + 1); // the correction overtook its fill; it says itself what was traded
    const size = qty ?? 0;
    append(log, id, size, OPEN, -1);
    return { execs: view(log), delta: size, unseen: size };
  }
  const target = log.entries[tip(log, at)]!;
  if (target.closedAt !== OPEN) {
    if (id === null) return null;
    append(log, id, 0, now, -1); // correction of a busted execution: it stays busted
    return { execs: view(log), delta: 0, unseen: 0 };
  }
  const size = qty ?? target.qty;
  if (id === null && size === target.qty) return null;
  target.closedAt = now;
  target.next = now;
  append(log, id, size, OPEN, -1);
  return { execs: view(log), delta: size - target.qty, unseen: 0 };
}

/**
 * A correction whose own correction or bust came first, so that its id is known already: what is still missing is the
 * link from the execution it corrects. A repeated correction finds the link in place and changes nothing.
 */
function link(log: Log, ref: string, at: number, own: number): Amendment | null {
  const now = log.entries.length;
  if (at < 0) {
    append(log, ref, 0, now, own);
    return { execs: view(log), delta: 0, unseen: 0 };
  }
  const from = tip(log, at);
  const to = tip(log, own);
  if (from === to) return null;
  const old = log.entries[from]!;
  const isBusted = old.closedAt !== OPEN;
  const target = isBusted ? log.entries[to]! : old; // the correction of a busted execution stays busted
  if (target.closedAt !== OPEN) return null;
  target.closedAt = now;
  target.next = isBusted ? -1 : own;
  append(log, null, 0, now, -1);
  return { execs: view(log), delta: -target.qty, unseen: 0 };
}

/** `qty` × `numerator` ÷ `denominator`, whole lots, rounded down. */
export const scaled = (qty: number, numerator: number, denominator: number): number =>
  Number((BigInt(qty) * BigInt(numerator)) / BigInt(denominator));

/** Every execution scaled, as a split does. Copies the log: splits are rare. */
export function scaleExecutions(
  execs: Executions | null,
  numerator: number,
  denominator: number,
): Executions | null {
  if (execs === null) return null;
  const rows = encodeExecutions(execs);
  return decodeExecutions(
    rows.map(([id, qty, closed, next]) => [id, scaled(qty, numerator, denominator), closed, next]),
  );
}

/** The view as plain JSON. */
export function encodeExecutions(execs: Executions | null): EncodedExecution[] {
  if (execs === null) return [];
  const { log, seq } = execs;
  return log.entries.slice(0, seq).map(({ id, qty, closedAt, next }) => {
    const closed = closedAt < seq;
    return [id, qty, closed ? 1 : 0, closed ? next : -1];
  });
}

export function decodeExecutions(rows: readonly EncodedExecution[]): Executions {
  const log = emptyLog();
  // Closed long ago: 0 lies before the end of every view of a log that holds the entry.
  for (const [id, qty, closed, next] of rows) {
    append(log, id, qty, closed === 1 ? 0 : OPEN, next);
  }
  return view(log);
}
