/**
 * Looking things up in the journal: causes, old orders, old trades, old directives, once they have left memory.
 *
 * Owns reading; a scan costs the journal's length, and happens for what is older than the bounded history only.
 */
import type { LateOrigin, PositionState } from '../actors/inputs.js';
import { add, cmp, neg, sub } from '../dtos/decimal.js';
import type { EventOf, RuntimeEvent } from '../dtos/events.js';
import type { Journal } from '../ports/journal.js';
import type { BatchResult, Causes } from './api.js';

interface Line {
  readonly input: {
    readonly k: string;
    readonly directive?: { readonly directive_id: string };
    readonly digest?: string;
  };
  readonly events: readonly RuntimeEvent[];
}

const ANY = /"events":/;
const OF_ORDER = /"(?:ORDER_INTENT|FILL|FILL_REVERSED)"/;
const OF_GROUP = /"(?:GROUP_CREATED|GROUP_STARTED|FILL|FILL_REVERSED)"/;

function* linesWith(journal: Journal, text: string): Iterable<Line> {
  for (const line of journal.lines() ?? []) if (line.includes(text)) yield JSON.parse(line) as Line;
}

/** `types`: of what kinds; other lines that hold the text need not be parsed. */
function* eventsWith(journal: Journal, text: string, types = ANY): Iterable<RuntimeEvent> {
  for (const line of journal.lines() ?? [])
    if (line.includes(text) && types.test(line)) yield* (JSON.parse(line) as Line).events;
}

const find = <T extends RuntimeEvent['type']>(
  journal: Journal,
  text: string,
  type: T,
  test: (event: EventOf<T>) => boolean,
): EventOf<T> | null => {
  for (const event of eventsWith(journal, text)) {
    if (event.type === type && test(event as EventOf<T>)) return event as EventOf<T>;
  }
  return null;
};

/** The chain of a fill, order or client order id; null when the journal does not hold it. */
export function causesFrom(journal: Journal, id: string): Causes | null {
  const fill = id.startsWith('FIL_') ? find(journal, id, 'FILL', (event) => event.fillId === id) : null;
  const orderId = fill?.orderId ?? id;
  const intent = find(
    journal,
    orderId,
    'ORDER_INTENT',
    (event) => event.orderId === orderId || event.clientOrderId === id,
  );
  if (intent === null || intent.groupId === undefined || intent.batchId === undefined) return null;
  const group = find(journal, intent.groupId, 'GROUP_CREATED', (event) => event.groupId === intent.groupId);
  const batch = find(journal, intent.batchId, 'BATCH_CREATED', (event) => event.batchId === intent.batchId);
  if (group === null || batch === null) return null;
  return {
    fillId: fill?.fillId ?? null,
    orderId: intent.orderId ?? '',
    clientOrderId: intent.clientOrderId,
    groupId: intent.groupId,
    offsetsGroupId: group.offsetsGroupId ?? null,
    batchId: intent.batchId,
    commandId: group.commandId,
    directiveId: batch.directiveId,
    strategyId: batch.strategyId,
    origin: { id: batch.originId, type: batch.originType },
  };
}

type Change = EventOf<'FILL' | 'FILL_REVERSED'>;

/** Who an order was, for a report that comes after its group left memory. */
export function lateOriginFrom(journal: Journal, clientOrderId: string): LateOrigin | null {
  const { intent, changes } = orderFrom(journal, clientOrderId);
  const { orderId, groupId, batchId } = intent ?? {};
  if (orderId === undefined || groupId === undefined || batchId === undefined) return null;
  const found = groupFrom(journal, groupId);
  if (found === null) return null;
  const { side, symbol, planId, venue, lotSize } = found.group;
  const implied = impliedIn(changes);
  return {
    ...{ orderId, groupId, batchId, side, symbol, tradeId: planId, venue, lotSize },
    executions: executionsIn(changes),
    ...(found.room === null ? {} : { room: found.room }),
    ...(implied === null ? {} : { implied }),
  };
}

/** An order's intent, and what it has booked: one pass for both. */
function orderFrom(journal: Journal, clientOrderId: string) {
  let intent: EventOf<'ORDER_INTENT'> | null = null;
  const changes: Change[] = [];
  for (const event of eventsWith(journal, clientOrderId, OF_ORDER)) {
    if (!('clientOrderId' in event) || event.clientOrderId !== clientOrderId) continue;
    if (event.type === 'ORDER_INTENT') intent ??= event;
    else if (event.type === 'FILL' || event.type === 'FILL_REVERSED') changes.push(event);
  }
  return { intent, changes };
}

/** A group, and its target less what it has filled; a closing one's target is told only when it starts. */
function groupFrom(journal: Journal, groupId: string) {
  let group: EventOf<'GROUP_CREATED'> | null = null;
  let target: string | null = null;
  let filled = '0';
  for (const event of eventsWith(journal, groupId, OF_GROUP)) {
    if (event.groupId !== groupId) continue;
    if (event.type === 'GROUP_CREATED') group = event;
    if (event.type === 'GROUP_CREATED' || event.type === 'GROUP_STARTED') target = event.targetQuantity;
    else if (event.type === 'FILL') filled = add(filled, event.quantity);
    else if (event.type === 'FILL_REVERSED') filled = sub(filled, event.quantity);
  }
  return group === null ? null : { group, room: target === null ? null : sub(target, filled) };
}

/** Booked without an execution, less what executions have replaced since. */
function impliedIn(changes: readonly Change[]): NonNullable<LateOrigin['implied']> | null {
  let quantity = '0';
  let price = '0';
  for (const event of changes) {
    if (event.connectorFillId !== null) continue;
    quantity = event.type === 'FILL' ? add(quantity, event.quantity) : sub(quantity, event.quantity);
    price = event.price;
  }
  return cmp(quantity, '0') > 0 ? { quantity, price } : null;
}

function executionsIn(changes: readonly Change[]): LateOrigin['executions'] {
  const found = new Map<string, LateOrigin['executions'][number]>();
  for (const event of changes) {
    const { type, connectorFillId: execId, quantity, price, commission, commissionAsset } = event;
    if (execId === null) continue;
    const fee =
      commission === undefined || commissionAsset === undefined ? {} : { commission, commissionAsset };
    const known = found.get(execId) ?? { execId, quantity, price, ...fee };
    found.set(execId, { ...known, isReversed: type === 'FILL_REVERSED' });
  }
  return [...found.values()];
}

/** A trade's fills, for a command that names it after it left the position book. */
export function positionFrom(journal: Journal, tradeId: string): PositionState | null {
  const groups = new Map<string, EventOf<'GROUP_CREATED'>>();
  for (const event of eventsWith(journal, tradeId)) {
    if (event.type === 'GROUP_CREATED' && event.planId === tradeId && event.groupId !== undefined)
      groups.set(event.groupId, event);
  }
  const [first] = groups.values();
  if (first === undefined || first.batchId === undefined) return null;
  const { batchId, symbol, venue, side } = first;
  const batch = find(journal, batchId, 'BATCH_CREATED', (event) => event.batchId === batchId);
  const fills = [...groups.keys()].flatMap((groupId) => fillsOf(journal, groupId));
  return {
    ...{ tradeId, strategyId: batch?.strategyId ?? '', venue, symbol, base: symbol.split('/')[0] ?? symbol },
    ...{ direction: side, openedAt: first.at, fills },
  };
}

function fillsOf(journal: Journal, groupId: string): PositionState['fills'][number][] {
  const fills: PositionState['fills'][number][] = [];
  for (const event of eventsWith(journal, groupId)) {
    if (event.groupId !== groupId) continue;
    if (event.type === 'FILL') {
      const { side, quantity, price, commission, commissionAsset, executedAt: at } = event;
      fills.push({
        ...{ side, quantity, price, at },
        ...(commission === undefined ? {} : { commission }),
        ...(commissionAsset === undefined ? {} : { commissionAsset }),
      });
    } else if (event.type === 'FILL_REVERSED') {
      const { side } = fills[0] ?? { side: 'BUY' as const };
      fills.push({
        side: side === 'BUY' ? 'SELL' : 'BUY',
        quantity: event.quantity,
        price: event.price,
        at: event.at,
        ...(event.commission === undefined ? {} : { commission: neg(event.commission) }),
        ...(event.commissionAsset === undefined ? {} : { commissionAsset: event.commissionAsset }),
      });
    }
  }
  return fills;
}

/** An earlier submission of this directive: its digest and how its batch ended, if it has. */
export function directiveFrom(
  journal: Journal,
  directiveId: string,
): { readonly digest: string; readonly result: BatchResult | null } | null {
  for (const line of linesWith(journal, directiveId)) {
    if (line.input.k !== 'submit' || line.input.directive?.directive_id !== directiveId) continue;
    const created = line.events.find((event) => event.type === 'BATCH_CREATED');
    if (created === undefined) continue; // refused: it became no batch, and may come again
    const batchId = created.batchId ?? '';
    return { digest: line.input.digest ?? '', result: batchFrom(journal, batchId) };
  }
  return null;
}

/** How a batch ended; null when the journal shows no end of it. */
export function batchFrom(journal: Journal, batchId: string): BatchResult | null {
  const settled = find(journal, batchId, 'BATCH_SETTLED', (event) => event.batchId === batchId);
  return settled === null ? null : resultOf(settled);
}

/** A batch's terminal event as its result. */
export const resultOf = (event: EventOf<'BATCH_SETTLED'>): BatchResult => ({
  batchId: event.batchId ?? '',
  status: event.status,
  reason: event.reason,
  legs: event.legs,
  residuals: event.residuals,
  kept: event.kept,
  dust: event.dust,
  escalated: [],
});
