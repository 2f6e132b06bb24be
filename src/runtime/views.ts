/** Read-only views of the world: group DTOs, causes, results. Owns only the translation from rows to public shapes. */
import { legRow } from '../actors/remainders.js';
import type { BatchRow, GroupRow, World } from '../actors/world.js';
import type { OrderRow } from '../book/book.js';
import { fromSteps } from '../dtos/decimal.js';
import type { ExecutionGroup } from '../dtos/execution-group.js';
import { toTimestamp } from '../dtos/time.js';
import type { BatchResult, Causes } from './api.js';

/** Connector ids of a group; a SINGLE one names its one order, the latest (decision 9). */
const orderIdsOf = (group: GroupRow): string[] =>
  group.strategy === 'SINGLE' ? group.connectorIds.slice(-1) : [...group.connectorIds];

/** The ExecutionGroup DTO of a row (spec 5). */
export function groupDto(group: GroupRow): ExecutionGroup {
  const { target, book, instrument, status } = group;
  const counted = target === null ? 0 : Math.min(book.filled, target);
  const ended = toTimestamp(group.updatedAt);
  const params = group.spec.params as Record<string, string | number | boolean>;
  return Object.freeze({
    group_id: group.id,
    parent_directive_id: group.command.command_id,
    execution_strategy: group.strategy,
    order_ids: orderIdsOf(group),
    status,
    created_at: toTimestamp(group.createdAt),
    updated_at: ended,
    target_quantity: target === null ? null : fromSteps(target, instrument.lotSize),
    filled_quantity: target === null ? null : fromSteps(counted, instrument.lotSize),
    cancelled_at: status === 'CANCELLED' ? ended : null,
    completed_at: status === 'COMPLETED' ? ended : null,
    metadata: { ...params, orders_placed: group.orderIds.length },
    ...(group.overfilled > 0 ? { overfilled_quantity: fromSteps(group.overfilled, instrument.lotSize) } : {}),
    ...(group.offsets === null ? {} : { offsets_group_id: group.offsets.id }),
    ...(group.reason === null ? {} : { reason: group.reason }),
    symbol: group.symbol,
    side: group.side,
  });
}

const isNamed = (row: OrderRow, id: string): boolean =>
  row.orderId === id || row.clientOrderId === id || row.fillIds.includes(id);

/** The chain of a fill or order that memory still holds; null otherwise. */
export function causesOf(world: World, id: string): Causes | null {
  for (const group of world.groups.values()) {
    for (const rows of [group.book.open.values(), group.book.ended.values(id)]) {
      for (const row of rows) if (isNamed(row, id)) return chainOf(group, row, id);
    }
  }
  return null;
}

function chainOf(group: GroupRow, row: OrderRow, id: string): Causes {
  const { batch, command, offsets } = group;
  const { origin } = batch.directive.causality;
  return {
    fillId: row.fillIds.includes(id) ? id : null,
    orderId: row.orderId,
    clientOrderId: row.clientOrderId,
    groupId: group.id,
    offsetsGroupId: offsets?.id ?? null,
    batchId: batch.id,
    commandId: command.command_id,
    directiveId: batch.directive.directive_id,
    strategyId: batch.directive.strategy_planner_id,
    origin: { id: origin.id, type: origin.type },
  };
}

/** What a settled batch that memory still holds came to. */
export function resultOfRow(row: BatchRow): BatchResult {
  const { id: batchId, status, reason, residuals, kept, dust, escalated } = row;
  return { batchId, status, reason, legs: row.legs.map(legRow), residuals, kept, dust, escalated };
}
