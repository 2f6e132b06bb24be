/**
 * What holds a COORDINATED leg back while its siblings are in doubt or behind (DESIGN section 4).
 *
 * Owns two rules: after `unknown_hold_seconds` of an UNKNOWN order nothing of its siblings opens; a leg further ahead
 * of the slowest than `max_leg_imbalance` sends nothing opening, and an imbalance beyond `max_legging_seconds` counts
 * as a failure. Both make a slot wait (DEFER); neither cancels. And the balances that its legs hold back.
 */
import type { Hold } from '../book/coordination.js';
import { add, cmp, div, isZero, type Lots, min, mul, sub } from '../dtos/decimal.js';
import type { Fold } from './fold.js';
import type { BatchRow, GroupRow, World } from './world.js';

/** Keeps what a leg will need from other batches' pre-checks. */
export function holdBack(world: World, leg: GroupRow, { key, amount }: Hold): void {
  leg.hold = { key, total: amount, rest: amount };
  world.reserved.set(key, add(world.reserved.get(key) ?? '0', amount));
}

/** Gives back what `lots` filled have taken from the balance by now; null: all that is left, the batch has settled. */
export function releaseHold(world: World, leg: GroupRow, lots: Lots | null): void {
  const { hold, target } = leg;
  if (hold === null) return;
  const share =
    lots === null || target === null ? hold.rest : div(mul(hold.total, String(lots)), String(target));
  const amount = min(share, hold.rest);
  hold.rest = sub(hold.rest, amount);
  const rest = sub(world.reserved.get(hold.key) ?? '0', amount);
  if (isZero(rest)) world.reserved.delete(hold.key);
  else world.reserved.set(hold.key, rest);
}

/** Why this leg may not open now; null when nothing holds it back. */
export function holdsBack(world: World, now: number, group: GroupRow): string | null {
  const { batch } = group;
  if (batch.mode !== 'COORDINATED' || group.role !== 'LEG') return null;
  const { unknownSince } = batch;
  if (
    unknownSince !== null &&
    now - unknownSince >= world.rules.unknownHoldMs &&
    group.unknownOrders < batch.unknownOrders
  ) {
    return 'a sibling order is unknown';
  }
  return isAhead(batch, group) ? 'ahead of the slowest leg' : null;
}

const hasWork = ({ target }: GroupRow): boolean => target !== null && target !== 0;

/** What has nothing to fill is behind nobody. */
const ratioOf = (leg: GroupRow): string =>
  hasWork(leg) ? div(String(leg.book.filled), String(leg.target)) : '1';

/** The legs of such a batch are few (LEGS_MAX_IMBALANCE at submit), so that a scan is bounded. */
function slowestRatio(batch: BatchRow): string {
  let least = '1';
  for (const leg of batch.legs) least = min(least, ratioOf(leg));
  return least;
}

function isAhead(batch: BatchRow, leg: GroupRow): boolean {
  const bound = batch.directive.execution_policy?.max_leg_imbalance;
  if (bound === undefined) return false;
  return isAheadOf(leg, slowestRatio(batch), bound);
}

/** What has nothing to fill is ahead of nobody either. */
const isAheadOf = (leg: GroupRow, slowest: string, bound: string): boolean =>
  hasWork(leg) && cmp(sub(ratioOf(leg), slowest), bound) > 0;

/** The most legs a batch with max_leg_imbalance may have. */
export const LEGS_MAX_IMBALANCE = 100;

/** After a fill: has an imbalance begun or ended? Arms or disarms the legging deadline. */
export function watchImbalance(fold: Fold, batch: BatchRow): void {
  const policy = batch.directive.execution_policy;
  if (batch.mode !== 'COORDINATED' || batch.stopping || policy?.max_legging_seconds === undefined) return;
  const { max_legging_seconds: seconds, max_leg_imbalance: bound = '0' } = policy;
  const slowest = slowestRatio(batch);
  const isUneven = batch.legs.some((leg) => isAheadOf(leg, slowest, bound));
  if (isUneven === (batch.imbalancedSince !== null)) return;
  batch.imbalancedSince = isUneven ? fold.now : null;
  const key = `b:${batch.id}:legging`;
  if (isUneven) fold.arm(key, fold.now + seconds * 1000);
  else fold.stage({ type: 'DISARM', key });
}
