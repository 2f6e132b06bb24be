/**
 * The error catalogue: every code the package can throw, whether a retry can help, and what it means.
 *
 * Owns: `FillwrightError`, `ERRORS`, `ErrorCode`. Owns no policy: who retries is decided elsewhere.
 * Outcomes of the market are values, never errors; an exception is misuse or broken infrastructure.
 */

interface ErrorEntry {
  readonly retryable: boolean;
  readonly meaning: string;
}

/** One row per code; docs, types and code are compared by a test. */
export const ERRORS = {
  VALIDATION: { retryable: false, meaning: 'input does not match its schema; `issues` names each path' },
  SCOPE: { retryable: false, meaning: 'a command lacks the plans or targets that its scope requires' },
  CONFIG: { retryable: false, meaning: 'the platform configuration is invalid' },
  DUPLICATE_DIRECTIVE: { retryable: false, meaning: 'the directive id was used before with other content' },
  VENUE_REQUIRED: { retryable: false, meaning: 'no connector fits, or several do and none is named' },
  INSTRUMENT_UNKNOWN: { retryable: false, meaning: 'the venue does not list this symbol' },
  QUANTITY_OFF_LOT: { retryable: false, meaning: 'a target quantity is not a multiple of the lot size' },
  QUANTITY_TOO_LARGE: { retryable: false, meaning: 'a quantity exceeds 2^53 lots' },
  PRICE_OFF_TICK: { retryable: false, meaning: 'a price is not a multiple of the tick size' },
  PLAN_INFEASIBLE: { retryable: false, meaning: 'no schedule can meet the venue minimum with this plan' },
  STRATEGY_UNAVAILABLE: { retryable: false, meaning: 'the chosen execution strategy is not installed' },
  LEVERAGE: { retryable: false, meaning: 'the connector does not declare leverage' },
  OPPOSITE_SIDES: { retryable: false, meaning: 'a COORDINATED batch holds opposite sides of one instrument' },
  UNKNOWN_BATCH: { retryable: false, meaning: 'no batch has this id' },
  UNKNOWN_GROUP: { retryable: false, meaning: 'no live group has this id' },
  UNKNOWN_ORDER: { retryable: false, meaning: 'no order has this id' },
  UNKNOWN_FILL: { retryable: false, meaning: 'no fill has this id' },
  AMEND_REFUSED: {
    retryable: false,
    meaning: 'the change is below what is filled, open or unknown, or above the target',
  },
  UNWINDING: { retryable: false, meaning: 'the batch is unwinding; cancel it with {abandon: true}' },
  KILLED: { retryable: false, meaning: 'a kill is latched for this scope; re-arm it by name first' },
  CLOSED: { retryable: false, meaning: 'the runtime is closed' },
  HALTED: { retryable: false, meaning: 'the runtime stopped on a poisoned input or a failed journal' },
  JOURNAL: { retryable: false, meaning: 'the journal refused a write' },
  JOURNAL_DAMAGED: {
    retryable: false,
    meaning: 'a journal is not what was written; the message names record and byte',
  },
  JOURNAL_LOCKED: { retryable: false, meaning: 'another writer has the journal' },
  JOURNAL_VERSION: {
    retryable: false,
    meaning: 'another version wrote the journal, and this one cannot go on with it',
  },
  CONNECTOR: { retryable: true, meaning: 'a venue cannot be reached, or speaks another language' },
  LEDGER: { retryable: true, meaning: 'the ledger refused an entry' },
  MARKET_DATA: { retryable: false, meaning: 'a market data file is unreadable or malformed' },
  SCENARIO: { retryable: false, meaning: 'a scenario file is unreadable or malformed' },
  USAGE: { retryable: false, meaning: 'the command line is wrong' },
  UNMUTABLE: { retryable: false, meaning: 'a field of a group that never changes was to be changed' },
  INVARIANT: { retryable: false, meaning: 'a defect of the package itself; please report it' },
} as const satisfies Record<string, ErrorEntry>;

export type ErrorCode = keyof typeof ERRORS;

/** One finding: where (`directive.commands[0].size_plan.position_size`) and what. */
export interface Issue {
  readonly path: string;
  readonly message: string;
}

/** The one error class. `code` is stable; `path` and `issues` locate the cause; `cause` is never swallowed. */
export class FillwrightError extends Error {
  readonly code: ErrorCode;
  readonly retryable: boolean;
  readonly issues: readonly Issue[];

  constructor(
    code: ErrorCode,
    message: string,
    options: { issues?: readonly Issue[]; path?: string; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'FillwrightError';
    this.code = code;
    this.retryable = ERRORS[code].retryable;
    this.issues = options.issues ?? (options.path === undefined ? [] : [{ path: options.path, message }]);
  }

  /** The path of the first issue, '' when none is known. */
  get path(): string {
    return this.issues[0]?.path ?? '';
  }
}

/** The message of what was thrown: a host's port or strategy may throw anything. */
export function messageOf(thrown: unknown): string {
  if (thrown instanceof Error) return thrown.message;
  return typeof thrown === 'string' ? thrown : 'something unreadable';
}

/** Asserts what only our own defect can break. Stays on in production. Never use it on a venue's facts. */
export function invariant(condition: unknown, what: string): asserts condition {
  if (!condition) throw new FillwrightError('INVARIANT', `Invariant: ${what}`);
}
