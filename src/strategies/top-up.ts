/**
 * A slice that is not done with its first order: when what is missing of it is sent again, and how much.
 *
 * Owns that time and that bound. An IOC takes what the book shows and no more; without another try, what one slice
 * missed is spread over all that follow, and the schedule is behind for hours after one thin quote. A slice's orders
 * together never fill more than the slice was to place, so no try makes up for an outage; and tries that find nothing
 * come ever more rarely, down to one a minute. Which slice fires, and how much, is for schedule.ts.
 */
import type { Lots } from '../dtos/decimal.js';
import type { Progress, StrategyContext } from './contract.js';
import type { CommonParams } from './params.js';

/** How long after a try, ms: a second, and twice as long after each that found nothing. */
export const TOP_UP_MS = 1000;
const TOP_UP_MS_MAX = 60_000;
const VAIN_MAX = 10;

/** The latest slice while it may be topped up. Plain JSON; null in its place: nothing is missing, or it stays so. */
export interface SliceWork {
  /** Lots that filled and open may reach by this slice's orders. */
  readonly goal: Lots;
  /** Lots filled when its latest order went out. */
  readonly filled: Lots;
  /** When it is topped up, epoch ms. Null: once an order's end asks for it. */
  readonly at: number | null;
  /** Orders in a row that found nothing. */
  readonly vain: number;
}

const paced = (vain: number): number => Math.min(TOP_UP_MS_MAX, TOP_UP_MS * 2 ** Math.min(vain, VAIN_MAX));

/** MARKET alone: a limit waits for its price. */
export const takes = ({ params }: StrategyContext<CommonParams>): boolean =>
  (params.order_type ?? 'MARKET') === 'MARKET';

/** A slice of `lots` goes out. */
export function begun(
  context: StrategyContext<CommonParams>,
  { filled }: Progress,
  lots: Lots,
): SliceWork | null {
  return lots === 0 || !takes(context) ? null : { goal: filled + lots, filled, at: null, vain: 0 };
}

/** Another order of the slice goes out, or nothing can yet. */
export const triedAgain = (work: SliceWork, { filled }: Progress): SliceWork => ({
  ...work,
  filled,
  at: null,
  vain: filled > work.filled ? 0 : work.vain + 1,
});

/** Lots of the slice that are neither filled nor open nor unknown. */
export const missingOf = ({ goal }: SliceWork, { filled, leaves, unknown }: Progress): Lots =>
  Math.max(0, goal - filled - leaves - unknown);

/** The time at which it is looked at again. */
export const waiting = (work: SliceWork, now: number): SliceWork =>
  work.at === null ? { ...work, at: now + paced(work.vain) } : work;

/**
 * The slice as a look finds it that is no try: with a time once something is missing, null once nothing can be. SKIP
 * lets go of what was refused; an order that found anything was not.
 */
export function looked(
  { params }: StrategyContext<CommonParams>,
  work: SliceWork,
  progress: Progress,
  now: number,
): SliceWork | null {
  if (missingOf(work, progress) === 0) return progress.live === 0 ? null : work;
  if (work.at !== null) return work;
  const hasFound = progress.filled > work.filled;
  if (params.on_reject === 'SKIP' && !hasFound) return null;
  return waiting(hasFound ? { ...work, vain: 0 } : work, now);
}
