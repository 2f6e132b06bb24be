/**
 * The journal port: an append-only sequence of lines, one record {n, t, input, events} each.
 *
 * Small on purpose: durability (framing, checksums, group commit) belongs to an adapter. `append` only buffers;
 * nothing counts as journaled before `commit` has returned (or its promise resolved).
 */
export interface Journal {
  append(line: string): void;
  /** Makes everything appended durable. A throw or rejection is final: the runtime opens nothing afterwards (I25). */
  commit(): void | Promise<void>;
  /** Every committed line, oldest first; null for a journal that keeps nothing. */
  lines(): Iterable<string> | null;
  close(): void | Promise<void>;
}
