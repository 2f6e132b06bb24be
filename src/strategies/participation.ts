/**
 * Own volume against the market's: what others have traded since the start, and what a rate of it allows.
 *
 * Owns this arithmetic, and the bound `max_participation` that any planner may be given. Does not own the pace (pov.ts)
 * nor who counts the volume: the market data's adapter does, without our own executions.
 */
import { type DecimalString, type Lots, toSteps } from '../dtos/decimal.js';
import type { MarketView } from '../dtos/venue.js';
import type { Decision, Progress, StrategyContext } from './contract.js';
import { mulDiv } from './lots.js';
import { defer, marketOrder, marketTerms, roomOf } from './orders.js';
import type { CommonParams } from './params.js';
import { fixed, venueMinimum } from './price.js';
import { over } from './resting.js';

/** Rates have eight decimals at most; what lies beyond is dropped, to the safe side. */
const RATE_STEP = '0.00000001';
const RATE_ONE = 100_000_000;
const MOST = BigInt(Number.MAX_SAFE_INTEGER);

/** Lots that others have traded since the start, floored; null when nobody counts. 0 should the count have restarted. */
export function othersLots(context: StrategyContext<unknown>, view: MarketView | null): Lots | null {
  const { startVolume, instrument } = context;
  if (view?.volume === undefined || startVolume === undefined) return null;
  if (view.volume === startVolume) return 0;
  const traded = fixed(view.volume) - fixed(startVolume);
  if (traded <= 0n) return 0;
  const lots = traded / fixed(instrument.lotSize);
  // A market in tiny lots may trade more of them than a number holds.
  return lots > MOST ? Number.MAX_SAFE_INTEGER : Number(lots);
}

/** Own lots at `rate` beside `others`: of all that trades (`ofTotal`: own ÷ (own + others)), or own ÷ others. Floored. */
export function shareOf(others: Lots, rate: DecimalString, ofTotal: boolean): Lots {
  const part = toSteps(rate, RATE_STEP, 'FLOOR');
  if (!ofTotal) return mulDiv(others, part, RATE_ONE, 'FLOOR');
  if (part >= RATE_ONE) return Number.MAX_SAFE_INTEGER;
  return Math.min(Number.MAX_SAFE_INTEGER, mulDiv(others, part, RATE_ONE - part, 'FLOOR'));
}

/**
 * Lots that `max_participation` p still allows: filled + open + unknown ≤ p ÷ (1 − p) × others' volume since the
 * start, so that own ≤ p of all that traded. No bound without the parameter, nor with "1"; 0 while nobody counts
 * volume: a planner then waits.
 */
export function participationRoom(
  context: StrategyContext<CommonParams>,
  progress: Progress,
  view: MarketView | null,
): Lots {
  const rate = context.params.max_participation;
  if (rate === undefined) return Number.MAX_SAFE_INTEGER;
  const own = progress.filled + progress.leaves + progress.unknown;
  return Math.max(0, shareOf(othersLots(context, view) ?? 0, rate, true) - own);
}

/** `roomOf` within `max_participation`: what any planner may place now. */
export const cappedRoom = (
  context: StrategyContext<CommonParams>,
  progress: Progress,
  view: MarketView | null,
): Lots => Math.min(roomOf(progress), participationRoom(context, progress, view));

/**
 * The sweep of a planner that keeps to `max_participation`: one marketable order for all that is left and allowed,
 * whatever `max_child_quantity` says; dust stays. Without a reference price it is asked again.
 */
export function sweepWithin<S>(
  context: StrategyContext<CommonParams>,
  states: { readonly now: S; readonly swept: S },
  progress: Progress,
  view: MarketView | null,
  now: number,
): Decision<S> {
  const done = over(states.swept);
  if (roomOf(progress) === 0) return done;
  const terms = marketTerms(context, progress.limitPrice, view);
  if (terms === null) return defer(states.now, now);
  const lots = cappedRoom(context, progress, view);
  if (lots < venueMinimum(context.instrument, terms)) return done;
  return { ...done, orders: [marketOrder(context, terms, lots)] };
}
