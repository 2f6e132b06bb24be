/**
 * What holds a COORDINATED leg back while its siblings are in doubt or behind (DESIGN section 4).
 *
 * Owns two rules: after `unknown_hold_seconds` of an UNKNOWN order nothing of its siblings opens; a leg further ahead
 * of the slowest than `max_leg_imbalance` sends nothing opening, and an imbalance beyond `max_legging_seconds` counts
 * as a failure. Both make a slot wait (DEFER); neither cancels.
 */
import { cmp, div, sub } from '../dtos/decimal.js';
import type { Fold } from './fold.js';
import type { BatchRow, GroupRow, World } from './world.js';

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

const ratioOf = (leg: GroupRow): string =>
  leg.target === null || leg.target === 0 ? '1' : div(String(leg.book.filled), String(leg.target));

/** The legs of such a batch are few (LEGS_MAX_IMBALANCE at submit), so that a scan is bounded. */
function slowestRatio(batch: BatchRow): string {
  let least = '1';
  for (const leg of batch.legs) {
    const ratio = ratioOf(leg);
    if (cmp(ratio, least) < 0) least = ratio;
  }
  return least;
}

function isAhead(batch: BatchRow, leg: GroupRow): boolean {
  const bound = batch.directive.execution_policy?.max_leg_imbalance;
  if (bound === undefined) return false;
  return cmp(sub(ratioOf(leg), slowestRatio(batch)), bound) > 0;
}

/** The most legs a batch with max_leg_imbalance may have. */
export const LEGS_MAX_IMBALANCE = 100;

/** After a fill: has an imbalance begun or ended? Arms or disarms the legging deadline. */
export function watchImbalance(fold: Fold, batch: BatchRow): void {
  const policy = batch.directive.execution_policy;
  const seconds = policy?.max_legging_seconds;
  if (batch.mode !== 'COORDINATED' || batch.stopping || seconds === undefined) return;
  const bound = policy?.max_leg_imbalance ?? '0';
  const slowest = slowestRatio(batch);
  const isUneven = batch.legs.some((leg) => cmp(sub(ratioOf(leg), slowest), bound) > 0);
  if (isUneven === (batch.imbalancedSince !== null)) return;
  batch.imbalancedSince = isUneven ? fold.now : null;
  const key = `b:${batch.id}:legging`;
  if (isUneven) fold.arm(key, fold.now + seconds * 1000);
  else fold.stage({ type: 'DISARM', key });
}
