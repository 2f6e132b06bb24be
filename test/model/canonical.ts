/**
 * A state as text, for telling whether it was met before. Ids, times and reasons are left out; legs are sorted, since
 * they differ by name only. Two states of one text enable the same events and lead to the same texts.
 */
import type { OrderRow } from '../../src/book/book.js';
import type { Effect } from '../../src/actors/fold.js';
import type { GroupRow } from '../../src/actors/world.js';
import type { Tally } from '../../src/machines/causes.js';
import type { GroupContext } from '../../src/machines/group-model.js';
import type { Reason } from '../../src/dtos/events.js';
import type { SingleState } from '../../src/strategies/single.js';
import { batchOf, type Case, contextOf, groupOf, machineOf } from './case.js';
import { SCOPES } from './scope.js';
import { filledOf, hasUntold, restOf, type Truth } from './venue.js';

const bit = (value: boolean): string => (value ? '1' : '0');

/** Of a cause only its class decides anything: asked for, an error, or neither. */
function causeClass(cause: Reason | null): string {
  if (cause === null) return '-';
  if (cause === 'kill' || cause === 'cancel_requested') return 'R';
  return cause === 'execution_error' || cause === 'control_stop' ? 'E' : 'O';
}

function truthText(truth: Truth | undefined): string {
  if (truth === undefined) return 'staged';
  const untold = truth.fills.slice(truth.told).join('+');
  const flags = bit(truth.cancel) + bit(truth.query) + bit(truth.late);
  return `${truth.end ?? truth.at}${filledOf(truth)}u${untold}${flags}`;
}

/** An order that is over everywhere matters only for what may still be told of it. */
function orderText(one: Case, row: OrderRow): string {
  const truth = one.venue.get(row.clientOrderId);
  if (
    row.phase === 'ENDED' &&
    truth === undefined &&
    !one.waiting.some((effect) => effect.key === row.clientOrderId)
  ) {
    return 'over:0';
  }
  if (row.phase === 'ENDED' && truth !== undefined && truth.at === 'ENDED' && !hasUntold(truth)) {
    const canBeLate =
      !truth.late && restOf(truth) > 0 && (truth.end === 'CANCELED' || truth.end === 'EXPIRED');
    return `over${row.filled}:${bit(canBeLate && mayBeLate(one, row))}`;
  }
  const { state } = row;
  if (row.phase === 'ENDED') return `ended${row.filled}m${state.missingQty}/${truthText(truth)}`;
  const flags = bit(row.cancelRequested) + bit(row.escalated) + bit(one.timers.has(`o:${row.clientOrderId}`));
  return `${state.ordStatus}${row.phase}${row.filled}m${state.missingQty}${flags}/${truthText(truth)}`;
}

function machineText(one: Case, group: GroupRow): string {
  const context = contextOf<GroupContext>(group.entity);
  if (context === null || group.settled) return '';
  const planner = context.state as SingleState | null;
  const endsAt = context.plan?.endsAt ?? null;
  const isOver = group.role === 'UNWIND' && endsAt !== null && one.now >= endsAt;
  const phase = group.entity?.state() ?? '';
  // A closing group only waits for its orders; its cause names its status, and no status of a group decides anything
  // in a COORDINATED batch but its success.
  if (phase === 'active.closing') return phase;
  const timers = bit(one.timers.has(`g:${group.id}`)) + bit(one.timers.has(`s:${group.id}`));
  const { ask, rejects, exhausted } = context;
  return [phase, planner?.attempts, ask, rejects, bit(exhausted) + bit(isOver) + timers].join();
}

/** Late fills of unwinds are not explored in every scope. */
const mayBeLate = (one: Case, row: OrderRow): boolean =>
  SCOPES[one.setup.scope].unwindFaults || groupOf(one, row.clientOrderId)?.role === 'LEG';

const effectText = (effect: Effect): string =>
  effect.type + (effect.key.startsWith('b:') ? effect.key.slice(-5) : '');

/** Of a settled group whose orders are over everywhere only its quantity is left, and for an unwind its leg has that. */
const DONE = 'done';

function groupText(one: Case, group: GroupRow): string {
  const { book, status, stopping, failed, success } = group;
  const totals = `${book.filled},${book.leaves},${book.unknown}`;
  const flags = group.settled ? bit(success) : bit(stopping) + bit(failed);
  const orders = [...book.ended.values(), ...book.open.values()].map((row) => orderText(one, row));
  const effects = one.waiting
    .filter((effect) => effect.key.startsWith(group.key) || effect.key.includes(group.id))
    .map(effectText);
  const isDone = group.settled && orders.every((text) => text.startsWith('over') && text.endsWith('0'));
  if (isDone && group.role === 'UNWIND') return DONE;
  return `${group.settled ? 'over' : status}(${machineText(one, group)})${totals}${flags}[${orders.join(' ')}]<${effects.join()}>`;
}

function legText(one: Case, leg: GroupRow): string {
  const batch = batchOf(one);
  const unwinds = batch.unwinds
    .filter((group) => group.offsets === leg)
    .map((group) => groupText(one, group))
    .filter((text) => text !== DONE);
  const isPending = bit(batch.pendingUnwinds.includes(leg));
  return `${leg.target}:${groupText(one, leg)}o${leg.offset}p${isPending}{${unwinds.sort().join('|')}}`;
}

/** What the topology of COORDINATED reads of its tally. */
const tallyText = ({ settled, succeeded, unwindable, unwindsSent, unwindsLive, residual }: Tally): string =>
  `${settled},${succeeded},${unwindable},${unwindsLive}${bit(unwindsSent > 0)}${bit(residual)}`;

export function canonical(one: Case): string {
  const batch = batchOf(one);
  const context = machineOf(one);
  const { id, tally, status, entity, stopping, blockedLeg } = batch;
  // Once the batch has stopped its timeout does nothing any more, nor does its grace once it unwinds.
  const phase = entity?.state() ?? '';
  const runs = (timer: string): string => bit(one.timers.has(`b:${id}:${timer}`));
  const timers =
    phase === 'active.working' ? runs('timeout') : phase === 'active.cancelling' ? runs('grace') : '';
  const effects = one.waiting.filter((effect) => effect.key.includes(id)).map(effectText);
  const head = [
    status,
    phase,
    causeClass(context?.cause ?? null),
    context?.fills,
    tallyText(tally),
    bit(stopping) + blockedLeg,
    timers,
    effects.join(' '),
    // A stopped batch sends no leg any more, and a kill rules its unwinds out: the latch changes nothing that is left.
    bit(!stopping && one.supervisor.world.kills.size > 0) +
      bit(phase === 'active.cancelling' && (context?.graceOver ?? false)),
  ].join(';');
  return `${head}\n${batch.legs
    .map((leg) => legText(one, leg))
    .sort()
    .join('\n')}`;
}
