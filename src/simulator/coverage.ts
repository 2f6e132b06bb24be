/**
 * Coverage: which fault kinds struck in which lifecycle states.
 *
 * Owns the matrix, its sum over many runs, and which cells cannot be reached, each with its reason.
 */
import { type LifeState, STATES } from './audit/states.js';
import { FAULTS } from './faults.js';

const WIDTH = STATES.length;
const INDEX = new Map<LifeState, number>(STATES.map((state, index) => [state, index]));

export class Coverage {
  /** Strikes by kind × state. */
  readonly #cells = new Float64Array((FAULTS.length + 1) * WIDTH);

  hit(n: number, states: Iterable<LifeState>): void {
    for (const state of states) this.#cells[n * WIDTH + (INDEX.get(state) as number)]! += 1;
  }

  /** The strikes as plain numbers, to be sent from one thread to another. */
  cells(): Float64Array {
    return this.#cells.slice();
  }

  addCells(cells: Float64Array): void {
    for (let i = 0; i < this.#cells.length; i++) this.#cells[i]! += cells[i] ?? 0;
  }

  strikes(n: number, state: LifeState): number {
    return this.#cells[n * WIDTH + (INDEX.get(state) as number)] as number;
  }

  /** As the command line prints it. */
  toJson(): CoverageReport {
    const missed: string[] = [];
    const excluded: { readonly cells: string; readonly reason: string }[] = [];
    const kinds: Record<string, Record<string, number>> = {};
    let reachable = 0;
    for (const { n, name, excluded: reason } of FAULTS) {
      if (reason !== undefined) {
        excluded.push({ cells: `${n} ${name} × all`, reason });
        continue;
      }
      const row: Record<string, number> = {};
      for (const state of STATES) {
        const count = this.strikes(n, state);
        const why = unreachable(n, state);
        if (why !== null) {
          if (count === 0) excluded.push({ cells: `${n} ${name} × ${state}`, reason: why });
          continue;
        }
        reachable += 1;
        row[state] = count;
        if (count === 0) missed.push(`${n} ${name} × ${state}`);
      }
      kinds[`${n} ${name}`] = row;
    }
    return { reachable, reached: reachable - missed.length, missed, kinds, excluded };
  }
}

export interface CoverageReport {
  readonly reachable: number;
  readonly reached: number;
  readonly missed: readonly string[];
  readonly kinds: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly excluded: readonly { readonly cells: string; readonly reason: string }[];
}

/** Kinds that strike one order: none exists while its group, or its batch, is pending. */
const OF_ORDERS: ReadonlySet<number> = new Set([
  ...[7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 23, 24, 26, 28, 32],
]);
/** Kinds that strike a place on its way, or when it arrives. */
const OF_PLACES: ReadonlySet<number> = new Set([7, 9, 10, 12, 24]);
/** Kinds that strike an order that is open at the venue. */
const OF_OPEN: ReadonlySet<number> = new Set([11, 15, 20, 21, 32]);

const PENDING = 'strikes an order, and there is none before its group and batch are active';
const PLACED =
  'strikes a place: its order has been sent, and nothing else is known of it; what closes sends none';
const OPEN = 'strikes an order that is open at the venue; a bust is drawn at its execution, and falls later';
const CANCELED = 'strikes at the arrival of a cancel, when the order is being canceled or unknown';

/** Why a kind cannot strike in a state; null when it can. */
function unreachable(n: number, state: LifeState): string | null {
  if (OF_ORDERS.has(n) && (state === 'group.PENDING' || state === 'batch.PENDING')) return PENDING;
  if (OF_PLACES.has(n) && PLACED_NOT.has(state)) return PLACED;
  if (OF_OPEN.has(n) && (state === 'order.ENDED' || state === 'group.SETTLED')) return OPEN;
  if (n === 15 && (state === 'order.SENT' || state === 'order.ACKED' || state === 'order.PARTIAL'))
    return CANCELED;
  if (n === 14 && state === 'order.SENT') return CANCELED;
  return null;
}

const PLACED_NOT: ReadonlySet<LifeState> = new Set<LifeState>([
  ...(['order.ACKED', 'order.PARTIAL', 'order.UNKNOWN', 'order.CANCELING', 'order.ENDED'] as const),
  ...(['group.CLOSING', 'group.SETTLED'] as const),
]);
