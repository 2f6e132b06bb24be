/**
 * The venue's moves: what may become true of each order next, and what the venue says of it.
 *
 * A late fill of an unwind comes only while nothing was sent after it: later it would be the venue's own overfill
 * (decision 7), which no runtime can prevent.
 */
import type { GroupRow } from '../../src/actors/world.js';
import type { OrderRow } from '../../src/book/book.js';
import type { Report } from '../../src/dtos/venue.js';
import { type Case, type Choice, groupOf, take } from './case.js';
import { SCOPES } from './scope.js';
import {
  accept,
  canceled,
  cancelRejected,
  execute,
  expired,
  finish,
  hasUntold,
  rejected,
  restOf,
  status,
  type Truth,
  tell,
} from './venue.js';

type Move = (truth: Truth, at: number) => Report;

const moveOf = (truth: Truth, name: string, from: Move): Choice => ({
  label: `${name} ${truth.id}`,
  by: 'venue',
  run(one) {
    const own = one.venue.get(truth.id);
    if (own === undefined) throw new Error(`no order ${truth.id}`);
    take(one, { k: 'report', venue: 'sim', report: from(own, one.now) });
  },
});

const fills =
  (lots: number): Move =>
  (truth, at) => {
    execute(truth, lots);
    return tell(truth, at);
  };

/** Found by a query, `lots` executed meanwhile; an order that never rests is over then. */
const found =
  (lots: number, isTold: boolean): Move =>
  (truth, at) => {
    truth.at = 'OPEN';
    if (lots > 0) execute(truth, lots);
    if (truth.immediate && truth.end === null) finish(truth, 'EXPIRED');
    return answered(isTold)(truth, at);
  };

/** What the venue says when asked; the executions that it counts may come after it, or be lost. */
const answered =
  (isTold: boolean): Move =>
  (truth, at) => {
    if (isTold) truth.told = truth.fills.length;
    return status(truth, at);
  };

/** The cancel loses the race: the rest fills, and the venue answers the cancel first. */
const race: Move = (truth, at) => {
  execute(truth, restOf(truth));
  return cancelRejected(truth, at);
};

const lateFill: Move = (truth, at) => {
  truth.late = true;
  execute(truth, 1);
  return tell(truth, at);
};

const lotsUpTo = (most: number): number[] => Array.from({ length: most }, (_, i) => i + 1);

function inFlight(one: Case, truth: Truth, isUnknown: boolean): Choice[] {
  const { early, parts, repeats } = SCOPES[one.setup.scope];
  const lots = parts ? lotsUpTo(truth.quantity) : [truth.quantity];
  const moves = [moveOf(truth, 'ack', accept), moveOf(truth, 'reject', rejected)];
  if (early) moves.push(...lots.map((n) => moveOf(truth, `fill ${n} before ack`, fills(n))));
  if (!isUnknown || !truth.query) return moves;
  return [...moves, ...[0, ...lots].map((n) => moveOf(truth, `found ${n}`, found(n, !repeats)))];
}

function open(one: Case, truth: Truth): Choice[] {
  const { refusals, unwindFaults } = SCOPES[one.setup.scope];
  const moves = lotsUpTo(restOf(truth)).map((lots) => moveOf(truth, `fill ${lots}`, fills(lots)));
  if (truth.cancel) moves.push(moveOf(truth, 'canceled', canceled));
  if (truth.cancel && refusals && (unwindFaults || !truth.immediate)) moves.push(moveOf(truth, 'race', race));
  if (truth.immediate) moves.push(moveOf(truth, 'expire', expired));
  return moves;
}

function movesOf(one: Case, truth: Truth, row: OrderRow | undefined): Choice[] {
  const { repeats, refusals } = SCOPES[one.setup.scope];
  if (truth.at === 'FLYING') return inFlight(one, truth, row?.state.unknown ?? false);
  const moves: Choice[] = truth.at === 'OPEN' ? open(one, truth) : [];
  if (row !== undefined && truth.query) moves.push(moveOf(truth, 'status', answered(!repeats)));
  if (hasUntold(truth)) moves.push(moveOf(truth, 'tell', tell));
  const isRefused = truth.at === 'ENDED' && truth.cancel && (repeats || (refusals && row !== undefined));
  if (isRefused) moves.push(moveOf(truth, 'cancel rejected', cancelRejected));
  return moves;
}

/** May this order's late fill come now? */
export function canFillLate(one: Case, truth: Truth, group: GroupRow): boolean {
  if (truth.late || restOf(truth) === 0 || hasUntold(truth)) return false;
  if (truth.end !== 'CANCELED' && truth.end !== 'EXPIRED') return false;
  const { unwindFaults } = SCOPES[one.setup.scope];
  if (group.role === 'LEG') return unwindFaults || group.unwinding.length === 0;
  if (!unwindFaults) return false;
  const ids = [...one.venue.keys()].filter((id) => groupOf(one, id)?.offsets === group.offsets);
  const isStaged = one.waiting.some(
    (effect) => effect.type === 'PLACE' && effect.group.offsets === group.offsets,
  );
  return ids.at(-1) === truth.id && !isStaged;
}

export function venueMoves(one: Case): Choice[] {
  const moves: Choice[] = [];
  for (const truth of one.venue.values()) {
    const group = groupOf(one, truth.id);
    if (group === undefined) continue;
    moves.push(...movesOf(one, truth, group.book.open.get(truth.id)));
    if (canFillLate(one, truth, group)) moves.push(moveOf(truth, 'late fill', lateFill));
  }
  return moves;
}
