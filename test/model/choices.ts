/** What can happen next: the venue's moves (moves.ts), deadlines, the operator's. Owns which are enabled in a state. */
import type { GroupRow } from '../../src/actors/world.js';
import type { OrderRow } from '../../src/book/book.js';
import { batchOf, type Case, type Choice, commit, fire, groupOf, groupsOf, machineOf, take } from './case.js';
import { venueMoves } from './moves.js';
import { SCOPES } from './scope.js';
import { finish } from './venue.js';

const QUESTIONS_MAX = 20;

/** Nobody answers until the runtime gives up asking. */
function silence(one: Case, id: string): void {
  const isEscalated = (): boolean => groupOf(one, id)?.book.open.get(id)?.escalated ?? true;
  for (let i = 0; i < QUESTIONS_MAX && !isEscalated(); i++) fire(one, `o:${id}`);
}

/** A named person has found out that the venue never had it. */
function absent(one: Case, { clientOrderId, orderId }: OrderRow): void {
  const truth = one.venue.get(clientOrderId);
  if (truth !== undefined) finish(truth, 'ABSENT');
  const verdict = { status: 'REJECTED', cumQty: '0', avgPx: null, evidence: 'asked by phone' } as const;
  take(one, { k: 'resolve', orderId, verdict, by: 'ops' });
}

function orderDeadlines(one: Case, group: GroupRow, row: OrderRow): Choice[] {
  const { silence: isSilent, repeats, unknownUnwinds, unwindFaults } = SCOPES[one.setup.scope];
  const id = row.clientOrderId;
  if (!one.timers.has(`o:${id}`) || one.waiting.length > 0) return [];
  const isLeg = group.role === 'LEG';
  const isAsked = row.state.unknown || row.cancelRequested;
  const moves: Choice[] = [];
  if ((!isAsked && (isLeg || unknownUnwinds)) || (!row.state.unknown && repeats)) {
    moves.push({ label: `unanswered ${id}`, by: 'time', run: (next) => fire(next, `o:${id}`) });
  }
  if (isAsked && isSilent && (isLeg || unwindFaults)) {
    moves.push({ label: `silence ${id}`, by: 'time', run: (next) => silence(next, id) });
  }
  return moves;
}

function orderMoves(one: Case, group: GroupRow): Choice[] {
  const moves: Choice[] = [];
  for (const row of group.book.open.values()) {
    const truth = one.venue.get(row.clientOrderId);
    if (truth === undefined) continue;
    moves.push(...orderDeadlines(one, group, row));
    if (!row.state.unknown || truth.at !== 'FLYING') continue;
    const label = `verdict absent ${row.clientOrderId}`;
    moves.push({ label, by: 'venue', run: (next) => absent(next, row) });
  }
  return moves;
}

/**
 * Does this deadline do anything here? A leg's own end is the batch's timeout, which always comes first. Once the batch
 * has stopped its timeout does nothing any more, nor does its grace once it unwinds. An unwind's timer is its deadline
 * while its order is live, and the next order's else.
 */
function isHeeded(one: Case, id: string): boolean {
  const { repeats, unwindFaults } = SCOPES[one.setup.scope];
  const batch = batchOf(one);
  const phase = batch.entity?.state();
  if (id.startsWith('o:') || batch.legs.some((leg) => id === `g:${leg.id}`)) return false;
  if (id.endsWith(':timeout')) return repeats || phase === 'active.working';
  if (id.endsWith(':grace')) return repeats || phase === 'active.cancelling';
  if (!id.startsWith('g:')) return true;
  return unwindFaults || one.supervisor.world.groups.get(id.slice(2))?.book.open.size === 0;
}

function nameOf(id: string): string {
  if (id.startsWith('b:')) return id.slice(id.lastIndexOf(':') + 1);
  return `${id.startsWith('s:') ? 'view' : 'timer'} ${id.slice(2)}`;
}

function timeMoves(one: Case): Choice[] {
  const moves: Choice[] = [];
  for (const id of one.timers.keys()) {
    if (isHeeded(one, id)) moves.push({ label: nameOf(id), by: 'time', run: (next) => fire(next, id) });
  }
  for (const group of groupsOf(one)) if (!group.settled) moves.push(...orderMoves(one, group));
  return moves;
}

function cancel(one: Case, label: string, flags: { unwind: boolean; abandon: boolean }): Choice {
  const batchId = batchOf(one).id;
  const input = { k: 'cancelBatch', batchId, reason: 'asked', ...flags } as const;
  return { label, by: 'operator', run: (next) => take(next, input) };
}

/** Requests that only repeat what was decided are made where `repeats` says so. */
function operatorMoves(one: Case): Choice[] {
  const { repeats } = SCOPES[one.setup.scope];
  const batch = batchOf(one);
  const machine = machineOf(one);
  const moves: Choice[] = [];
  if (repeats || machine?.cause === null) {
    moves.push(cancel(one, 'cancel', { unwind: true, abandon: false }));
    moves.push(cancel(one, 'cancel, keep', { unwind: false, abandon: false }));
  }
  if (batch.entity?.state() === 'active.unwinding' && (repeats || machine?.fills === 'UNWIND')) {
    moves.push(cancel(one, 'abandon', { unwind: true, abandon: true }));
  }
  const decides = repeats || !batch.stopping || machine?.fills === 'UNWIND';
  if (decides && one.supervisor.world.kills.size === 0) {
    const input = { k: 'kill', scope: 'all', by: 'ops', reason: 'asked' } as const;
    moves.push({ label: 'kill', by: 'operator', run: (next) => take(next, input) });
  }
  return moves;
}

/** Everything that can happen in this state. */
export function choicesOf(one: Case): Choice[] {
  const choices: Choice[] = venueMoves(one);
  if (one.waiting.length > 0) choices.push({ label: 'commit', by: 'time', run: commit });
  return one.seen.ends.length > 0 ? choices : [...choices, ...timeMoves(one), ...operatorMoves(one)];
}
