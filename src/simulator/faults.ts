/**
 * The fault catalogue: all thirty-six kinds, where each one is injected, how often at most, or why it cannot occur.
 *
 * Owns the table. When a fault strikes is fault-draws.ts's; what it does stands where it is injected.
 */

/** Where a kind strikes. */
export type InjectionPoint =
  | 'process'
  | 'journal'
  | 'connector'
  | 'venue'
  | 'reports'
  | 'clock'
  | 'market'
  | 'operator'
  | 'submission';

export interface FaultKind {
  readonly n: number;
  readonly name: string;
  readonly fault: string;
  /** Of operations, parts per million; the rate of a seed is drawn from 0 to this. 0: never injected here. */
  readonly maxPpm: number;
  readonly point: InjectionPoint;
  /** What is injected, and onto what a kind that this port does not know is mapped. */
  readonly injection: string;
  /** Why a kind with rate 0 cannot occur in the simulator, and what covers it instead. */
  readonly excluded?: string;
}

const PERCENT = 10_000;

export const FAULTS: readonly FaultKind[] = [
  {
    n: 1,
    name: 'crash-at-commit',
    fault: 'crash before, during or after a write, or after an effect',
    maxPpm: 1_000,
    point: 'process',
    injection:
      'the process dies before a commit, after it, or after the n-th effect; it is opened again on what was committed',
  },
  {
    n: 2,
    name: 'crash-in-recovery',
    fault: 'crash in recovery, snapshot or rotation',
    maxPpm: 50 * PERCENT,
    point: 'process',
    injection: 'the process dies again within the first inputs after a restart; drawn per restart',
  },
  {
    n: 3,
    name: 'torn-tail',
    fault: 'torn tail at any byte',
    maxPpm: 50 * PERCENT,
    point: 'journal',
    injection:
      'at a crash before the commit a part of what was appended survives: on a disk cut at any byte, else whole records; drawn per crash',
  },
  {
    n: 4,
    name: 'bit-rot',
    fault: 'bit flip, zeroed block, lost or misdirected write',
    maxPpm: 100 * PERCENT,
    point: 'journal',
    injection:
      'a bit flips in a copy of the journal, which must be refused or end before its last commit; drawn per restart on a disk. Lost and misdirected writes are those of test/disk',
  },
  {
    n: 5,
    name: 'write-error',
    fault: 'ENOSPC, EIO, short write, failed fsync',
    maxPpm: 1_000,
    point: 'journal',
    injection:
      'a commit throws, on a disk at the write, short or not, or at the sync: nothing opens any more (I25), and the process is started anew a little later',
  },
  {
    n: 6,
    name: 'second-writer',
    fault: 'second process, stale lock',
    maxPpm: 1 * PERCENT,
    point: 'journal',
    injection: 'a second process opens the journal, and must be refused; drawn per second on a disk',
  },
  {
    n: 7,
    name: 'place-timeout',
    fault: 'place times out: lost, placed, filled, or arrives late',
    maxPpm: 15 * PERCENT,
    point: 'connector',
    injection:
      'a place is lost, or arrives within its validity after the venue has denied it, or its answers are lost',
  },
  {
    n: 8,
    name: 'bad-answer',
    fault: '5xx, reset, garbage body',
    maxPpm: 10 * PERCENT,
    point: 'connector',
    injection:
      'the connector throws or reports NO_ANSWER, whether or not the request arrived; or a report makes no sense',
  },
  {
    n: 9,
    name: 'silent-resend',
    fault: 'the HTTP layer silently resends',
    maxPpm: 5 * PERCENT,
    point: 'connector',
    injection:
      'the venue receives the same place twice; it refuses the second, which the connector reports as a STATUS',
  },
  {
    n: 10,
    name: 'reject',
    fault: 'definitive reject; accept, then reject',
    maxPpm: 20 * PERCENT,
    point: 'venue',
    injection: 'REJECTED instead of NEW, or after it',
  },
  {
    n: 11,
    name: 'partial-fill',
    fault: 'partial fills, unfillable dust',
    maxPpm: 60 * PERCENT,
    point: 'venue',
    injection: 'an execution takes a part of the order; at times all but one lot',
  },
  {
    n: 12,
    name: 'fill-before-ack',
    fault: 'fill before acknowledgement',
    maxPpm: 20 * PERCENT,
    point: 'reports',
    injection: 'the executions at acceptance are reported before NEW',
  },
  {
    n: 13,
    name: 'late-fill',
    fault: 'fill after cancel acknowledgement or terminal status',
    maxPpm: 20 * PERCENT,
    point: 'reports',
    injection: 'an execution is reported up to 60 s late, after the end of its order',
  },
  {
    n: 14,
    name: 'cancel-refused',
    fault: 'cancel rejected or without an answer',
    maxPpm: 20 * PERCENT,
    point: 'venue',
    injection: 'CANCEL_REJECTED for a passing cause, or the cancel is lost',
  },
  {
    n: 15,
    name: 'amend-races-fill',
    fault: 'amend races fill',
    maxPpm: 10 * PERCENT,
    point: 'venue',
    injection:
      'an amend is a cancel and a new place: the order fills, wholly or in part, just before its cancel arrives',
  },
  {
    n: 16,
    name: 'duplicate',
    fault: 'duplicate event, empty trade id',
    maxPpm: 50 * PERCENT,
    point: 'reports',
    injection:
      'a report comes twice, at once or later. Execution ids are never empty: the port makes them the key (I7)',
  },
  {
    n: 17,
    name: 'reorder',
    fault: 'reorder, status regression',
    maxPpm: 50 * PERCENT,
    point: 'reports',
    injection: 'a report of one order is overtaken by later ones',
  },
  {
    n: 18,
    name: 'dropped-report',
    fault: 'dropped event, sequence gap',
    maxPpm: 30 * PERCENT,
    point: 'reports',
    injection:
      'a report never comes; executions only where the venue can be asked for all of them (massStatus)',
  },
  {
    n: 19,
    name: 'replay',
    fault: 'replay at reconnect, snapshot without history',
    maxPpm: 30 * PERCENT,
    point: 'reports',
    injection: 'the last reports come again after a reconnect or at any time',
  },
  {
    n: 20,
    name: 'bust',
    fault: 'bust or correction, late',
    maxPpm: 1 * PERCENT,
    point: 'venue',
    injection: 'an execution is taken back or its price corrected, up to 30 s later; drawn per execution',
  },
  {
    n: 21,
    name: 'unsolicited-end',
    fault: 'unsolicited cancel, expiry, self-match prevention',
    maxPpm: 5 * PERCENT,
    point: 'venue',
    injection: 'a resting order is canceled or expires by itself',
  },
  {
    n: 22,
    name: 'foreign-order',
    fault: 'foreign order on the account',
    maxPpm: 2 * PERCENT,
    point: 'venue',
    injection: 'reports of an order that nobody here placed, and its place in every list of open orders',
  },
  {
    n: 23,
    name: 'stale-query',
    fault: 'stale query, lost page, open-only view',
    maxPpm: 20 * PERCENT,
    point: 'connector',
    injection:
      'a query answers with the state of up to the place validity ago, or not at all; a mass status lacks a page',
  },
  {
    n: 24,
    name: 'rate-limit',
    fault: '429, 418, with and without Retry-After',
    maxPpm: 10 * PERCENT,
    point: 'venue',
    injection: 'a ban: places are REJECTED as retryable and queries stay unanswered for 2 s to 30 s',
  },
  {
    n: 25,
    name: 'disconnect',
    fault: 'disconnect, half-open socket, maintenance, cancel on disconnect',
    maxPpm: 5 * PERCENT,
    point: 'connector',
    injection:
      'for 1 s to 20 s nothing arrives either way; at times announced by CONNECTION, at times open orders are canceled; drawn per second',
  },
  {
    n: 26,
    name: 'wall-clock',
    fault: 'wall clock off by a second to a day, freeze, drift',
    maxPpm: 5 * PERCENT,
    point: 'clock',
    injection:
      'the venue stamps reports up to a day off; the own clock is monotonic by its port and only freezes (29)',
  },
  {
    n: 27,
    name: 'timer-late',
    fault: 'timer late; delay beyond 2³¹ ms',
    maxPpm: 5 * PERCENT,
    point: 'clock',
    injection: 'a timer fires up to 5 s late. Long delays belong to the system clock, whose test cuts them',
  },
  {
    n: 28,
    name: 'throw',
    fault: 'throw at an action, guard or listener',
    maxPpm: 5 * PERCENT,
    point: 'connector',
    injection: 'place, cancel and query throw after the request has gone out; alert sink and ledger throw',
  },
  {
    n: 29,
    name: 'slow-consumer',
    fault: 'slow or throwing consumer, loop blocked',
    maxPpm: 2 * PERCENT,
    point: 'clock',
    injection:
      'time jumps by up to 30 s without anything having run, or up to forty events wait together; per second',
  },
  {
    n: 30,
    name: 'old-snapshot',
    fault: 'old snapshot, mixed build or config hash',
    maxPpm: 100 * PERCENT,
    point: 'journal',
    injection:
      'recovery finds an older snapshot, one of another build, or a damaged one; drawn per restart with a snapshot',
  },
  {
    n: 31,
    name: 'kill-process',
    fault: 'SIGKILL, SIGSTOP 30 s, SIGTERM, OOM',
    maxPpm: 1_000,
    point: 'process',
    injection: 'the process dies between two inputs, or stands still for 30 s; drawn per second',
  },
  {
    n: 32,
    name: 'unwind-refused',
    fault: 'unwind rejected, partial, illiquid, venue down',
    maxPpm: 50 * PERCENT,
    point: 'venue',
    injection: 'a reducing order is refused, filled in part or not at all',
  },
  {
    n: 33,
    name: 'kill-switch',
    fault: 'kill at any step',
    maxPpm: 5_000,
    point: 'operator',
    injection:
      'a kill of a random scope, re-armed a little later; drawn per second, and while the loop is blocked (29)',
  },
  {
    n: 34,
    name: 'missing-limit',
    fault: 'missing limit, reload within a batch',
    maxPpm: 0,
    point: 'submission',
    injection: 'none',
    excluded: 'the configuration is frozen when a runtime opens; test/runtime/config holds what it refuses',
  },
  {
    n: 35,
    name: 'bad-price',
    fault: 'stale, crossed, zero or NaN reference price',
    maxPpm: 10 * PERCENT,
    point: 'market',
    injection: 'a view is missing, has one side, is crossed, or carries no price; drawn per look',
  },
  {
    n: 36,
    name: 'bad-algorithm',
    fault: 'algorithm emits NaN, negatives, 10⁹ slices',
    maxPpm: 2 * PERCENT,
    point: 'submission',
    injection:
      'directives with such numbers are submitted, and must be refused whole; or a strategy of the host throws, answers nonsense or asks for more than its target',
  },
];

export const faultNamed = (name: string): FaultKind | undefined =>
  FAULTS.find((fault) => fault.name === name || String(fault.n) === name);
