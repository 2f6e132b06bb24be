/**
 * A slice that found too little in the book: when what is left of it is sent again.
 *
 * Owns that time and how often. Does not own how much: the planner's rule for placing anew does (vwap.ts). Without it, what one
 * slice missed is spread over all that follow, and the schedule is behind for hours after one thin quote.
 */
import type { Lots } from '../dtos/decimal.js';
import type { Decision, Progress, StrategyContext } from './contract.js';
import { roomOf } from './orders.js';
import type { CommonParams } from './params.js';

/** How long after its order's end, ms: a second, and twice as long each time. */
const TOP_UP_MS = 1000;
const TOP_UPS_MAX = 4;

/** Plain JSON. */
export interface TopUp {
  /** When the latest slice is topped up, epoch ms. Null: an order's end may ask for it. */
  readonly topUpAt: number | null;
  /** How often it was. */
  readonly topUps: number;
}

export const NO_TOP_UP: TopUp = { topUpAt: null, topUps: 0 };

interface Slices extends TopUp {
  /** Lots that slices placed, whatever became of them. */
  readonly issued: Lots;
}

/**
 * Null: nothing is missing, or it stays so. MARKET alone: a limit waits for its price. Not with SKIP, which lets go of
 * what was refused. `due`: lots of the slices so far.
 */
function topUpTime(
  { params }: StrategyContext<CommonParams>,
  { issued, topUpAt, topUps }: Slices,
  due: Lots,
  progress: Progress,
  now: number,
): number | null {
  if (topUpAt !== null) return topUpAt;
  if ((params.order_type ?? 'MARKET') !== 'MARKET' || params.on_reject === 'SKIP') return null;
  const committed = progress.cap - roomOf(progress);
  if (topUps >= TOP_UPS_MAX || issued <= committed || due <= committed) return null;
  return now + TOP_UP_MS * 2 ** topUps;
}

/** Is the time come? */
export const isTopUpDue = ({ topUpAt }: TopUp, now: number): boolean => topUpAt !== null && now >= topUpAt;

/** The state as the latest slice is topped up. */
export const toppedUp = <S extends TopUp>(state: S): S => ({
  ...state,
  topUpAt: null,
  topUps: state.topUps + 1,
});

/** `decision` waits for the next slice: it wakes earlier where the latest one is to be topped up before that. */
export function withTopUp<S extends Slices>(
  context: StrategyContext<CommonParams>,
  decision: Decision<S>,
  due: Lots,
  progress: Progress,
  now: number,
): Decision<S> {
  const { state, wakeAt } = decision;
  const topUpAt = topUpTime(context, state, due, progress, now);
  if (topUpAt === null || wakeAt === null || topUpAt >= wakeAt) return decision;
  return { ...decision, state: { ...state, topUpAt }, wakeAt: topUpAt };
}
