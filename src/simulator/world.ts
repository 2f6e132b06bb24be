/**
 * A world: everything that one run depends on, as plain JSON, so that a failing one can be printed, cut and run again.
 *
 * Owns the shape; world-of.ts makes one of a seed. A world holds whole directives, not the seed's recipe for them:
 * taking one out leaves the others as they were. What happens between runtime and venue is drawn from `seed` and
 * `faults`.
 */
import type { ExecutionCommandInput } from '../dtos/execution-command.js';
import type { StrategyDirectiveInput } from '../dtos/strategy-directive.js';
import type { FaultRates } from './fault-draws.js';

export const WORLD_START = Date.UTC(2025, 0, 6, 9, 0, 0);
/** Actions and faults happen within this time; what follows is calm. */
export const STORM_MS = 90_000;
/** Steps of a world at most: far above what any comes to. */
export const STEPS_MAX = 50_000;

export interface WorldOptions {
  readonly venues: readonly string[];
  /** Null: the venue has no validity window, so that absence is never proven. */
  readonly placeValidityMs: number | null;
  readonly ackSeconds: number;
  readonly maxRetries: number;
  /** The market tells of its changes; otherwise it is looked at. */
  readonly watches: boolean;
  readonly benchmarks: boolean;
  /** So long nothing is known of any price, from this time of the world on: what needs one waits. */
  readonly silentMs: number;
  readonly silentFrom: number;
  readonly historyGroups: number;
  readonly stopOrders: boolean;
  readonly iceberg: boolean;
  /** The venue takes its fee in what was bought. */
  readonly baseFees: boolean;
  /** Of an order, the most that one execution takes, in parts per thousand: what is larger trades in pieces. */
  readonly depth: number;
  /** The venues list their orders and executions when asked, and say when their connection goes. */
  readonly lists: boolean;
  /** How often venues are compared with; 0: only after a restart or a reconnect. */
  readonly reconcileSeconds: number;
  readonly host: 'actors' | 'pure';
  /** The journal lies on the durable journal's disk, which breaks; otherwise in memory. */
  readonly disk: 'faulty' | 'none';
  /** The report of an order's end says what it has filled in all (FIX 14). */
  readonly saysTotals: boolean;
  /** Records between two snapshots, on a disk; 0: none. */
  readonly snapshotRecords: number;
}

/** `at`: ms after the start. `pick` chooses among what is live by then. */
export type Action =
  | {
      readonly at: number;
      readonly do: 'submit';
      readonly directive: StrategyDirectiveInput;
      readonly commands?: readonly ExecutionCommandInput[];
      /** Its numbers are no numbers: it must be refused. */
      readonly hostile?: true;
    }
  | {
      readonly at: number;
      readonly do: 'cancelBatch';
      readonly pick: number;
      readonly unwind: boolean;
      readonly abandon: boolean;
    }
  | { readonly at: number; readonly do: 'cancelGroup'; readonly pick: number }
  | {
      readonly at: number;
      readonly do: 'amend';
      readonly pick: number;
      /** Ticks from the mid price; null: the price stays. */
      readonly ticks: number | null;
      /** Parts per thousand of the target; null: the cap stays. */
      readonly cap: number | null;
    }
  | {
      readonly at: number;
      readonly do: 'kill';
      readonly scope: 'all' | 'venue' | 'symbol' | 'batch';
      readonly pick: number;
      readonly rearmAfter: number;
    }
  | {
      readonly at: number;
      /** The process dies: now, or at its next commit, before or after it, or before the n-th effect from then. */
      readonly do: 'crash';
      readonly when: 'now' | 'before' | 'after' | 'effect';
      readonly n: number;
    };

export interface World {
  readonly v: 3;
  readonly seed: number;
  /** Steps after which the run ends, whatever is open then. */
  readonly steps: number;
  readonly faults: FaultRates;
  readonly options: WorldOptions;
  readonly actions: readonly Action[];
}
