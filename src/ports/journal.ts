/**
 * The journal port: an append-only sequence of lines, one record {n, t, input, events} each.
 *
 * Small on purpose: durability (framing, checksums, group commit) belongs to an adapter. `append` only buffers;
 * nothing counts as journaled before `commit` has returned (or its promise resolved).
 */
export interface Journal {
  /** A durable journal takes record n only after record n - 1. */
  append(line: string): void;
  /** Makes everything appended durable. A throw or rejection is final: the runtime opens nothing afterwards (I25). */
  commit(): void | Promise<void>;
  /** Every committed line after record `after` (default 0: all), oldest first; null for a journal that keeps nothing. */
  lines(after?: number): Iterable<string> | null;
  close(): void | Promise<void>;
  /** The latest whole snapshot; null for none. Absent: the journal keeps none, and recovery begins at the first record. */
  snapshot?(): Snapshot | null;
  /** Keeps a state; only after the record that it stands for is committed. May fail silently: it is a cache. */
  saveSnapshot?(snapshot: Snapshot): void;
}

/** A state after record `n`, as text. A cache of the fold: without it the journal says the same, later. */
export interface Snapshot {
  readonly n: number;
  readonly state: string;
}
