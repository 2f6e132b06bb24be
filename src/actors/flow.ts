/**
 * The flow of one command (spec 4): from EXECUTION_DIRECTIVE_READY to exactly one `_flow_stop_*`.
 *
 * Owns the orchestrator's events: TRADE_OPENED, POSITION_MODIFIED, TRADE_CLOSED, TRADE_EXECUTED or EXECUTION_FAILED,
 * and the two stops; the change of stop and target that a command makes in the ledger, and its reversal. What
 * happens after a stop is flow-termination.ts's.
 */
import { holding } from '../book/positions.js';
import { averagePrice, fromFixedPoint } from '../dtos/amount.js';
import type { LedgerEntry } from '../dtos/events.js';
import type { ExecutionCommand } from '../dtos/execution-command.js';
import type { Issue } from '../dtos/errors.js';
import { post } from './fills.js';
import type { EventRef, Fold } from './fold.js';
import { shieldTrade } from './protection.js';
import type { BatchRow, GroupRow, World } from './world.js';

const JOURNAL_TYPES = {
  NEW_TRADE: 'TRADE_OPENED',
  MODIFY_EXISTING: 'POSITION_MODIFIED',
  CLOSE_EXISTING: 'TRADE_CLOSED',
} as const;

const refOf = (group: GroupRow): EventRef => ({ batchId: group.batch.id, groupId: group.id });

/** The command is complete and taken up: its flow begins. */
export function beginFlow(fold: Fold, group: GroupRow): void {
  const { command_id: commandId, scope } = group.command;
  fold.emit('EXECUTION_DIRECTIVE_READY', refOf(group), { commandId, scope });
}

/** A command that lacks what its scope needs: EXECUTION_FAILED, `_flow_stop_error`. */
export function refuseFlow(
  fold: Fold,
  batch: BatchRow,
  command: ExecutionCommand,
  issues: readonly Issue[],
): void {
  const ref: EventRef = { batchId: batch.id };
  const { command_id: commandId, scope } = command;
  const directiveId = batch.directive.directive_id;
  const errorMessage =
    issues.map((issue) => `${issue.path}: ${issue.message}`).join('; ') || 'another command was refused';
  const errorType = issues.length > 0 ? 'ValidationError' : 'BatchRefused';
  fold.emit('EXECUTION_DIRECTIVE_READY', ref, { commandId, scope });
  fold.emit('EXECUTION_FAILED', ref, { commandId, directiveId, errorType, errorMessage });
  fold.emit('_flow_stop_error', ref, { flowId: commandId, reason: `Execution failed: ${errorMessage}` });
  fold.emit('FLOW_TERMINATED', ref, { flowId: commandId, outcome: 'ERROR', durationMs: 0 });
}

/** At the group's end: what became of the trade, then the stop. Each once. */
export function endFlow(world: World, fold: Fold, group: GroupRow): void {
  const { command, batch, book, tradeId } = group;
  const { command_id: commandId, scope } = command;
  const avgPrice = averagePrice(book.amount, book.quantity);
  const executed = book.quantity > 0n || group.success;
  if (executed) {
    applyProtection(world, fold, group);
    if (scope === 'CLOSE_EXISTING') closeTrade(world, group);
    const filledQuantity = fromFixedPoint(book.quantity);
    fold.emit(JOURNAL_TYPES[scope], refOf(group), { commandId, tradeId, filledQuantity, avgPrice });
    fold.emit('TRADE_EXECUTED', refOf(group), {
      commandId,
      directiveId: batch.directive.directive_id,
      strategyId: batch.directive.strategy_planner_id,
      scope,
      fillPrice: avgPrice,
      orderIds: group.orderIds,
      status: group.status,
    });
  } else {
    fail(world, fold, group);
  }
  const reason = group.success
    ? 'Execution completed successfully'
    : `Execution ended ${group.status}: ${group.reason}`;
  fold.emit(group.success ? '_flow_stop_success' : '_flow_stop_error', refOf(group), {
    flowId: commandId,
    reason,
  });
  const outcome = group.success ? 'SUCCESS' : 'ERROR';
  fold.emit('FLOW_TERMINATED', refOf(group), {
    flowId: commandId,
    outcome,
    durationMs: fold.now - group.createdAt,
  });
}

function fail(world: World, fold: Fold, group: GroupRow): void {
  const { command, batch, reason, rejectDetail } = group;
  const isApiFailure = reason === 'execution_error';
  fold.emit('EXECUTION_FAILED', refOf(group), {
    commandId: command.command_id,
    directiveId: batch.directive.directive_id,
    errorType: isApiFailure ? 'ExecutionError' : (reason ?? 'unknown'),
    errorMessage: rejectDetail ?? reason ?? 'not executed',
  });
  const policy = world.rules.onApiFailure;
  if (!isApiFailure || policy === 'rollback_ledger') reverseProtection(world, fold, group);
  if (isApiFailure && policy !== 'continue') {
    const message = `${command.command_id}: ${rejectDetail ?? 'execution failed'}`;
    fold.emit('ALERT', refOf(group), { code: 'EXECUTION_FAILED', message });
  }
}

function closeTrade(world: World, group: GroupRow): void {
  const row = world.positions.get(group.tradeId);
  if (row !== undefined && row.closedAt !== null) row.closeReason ??= group.batch.directive.rationale ?? null;
}

/**
 * Stop and target are the position's from the first order on, or from the end of a command that needs none; what
 * works them is protection.ts's. A command that comes to nothing takes them back; after an API failure as the policy says.
 */
export function applyProtection(world: World, fold: Fold, group: GroupRow): void {
  const plan = group.command.exit_plan;
  const row = world.positions.get(group.tradeId);
  if (plan === undefined || row === undefined || group.protection !== null) return;
  const entry: LedgerEntry = {
    // A late fill brings back what its command had taken back at its end: a fact of its own.
    entryId: group.settled ? `${group.id}/protection/late` : `${group.id}/protection`,
    kind: 'PROTECTION',
    tradeId: group.tradeId,
    asset: group.instrument.base,
    quantity: '0',
    stopLoss: plan.stop_loss_price ?? row.stopLoss,
    takeProfit: plan.take_profit_price ?? row.takeProfit,
  };
  group.protection = { ...entry, stopLoss: row.stopLoss, takeProfit: row.takeProfit };
  row.stopLoss = entry.stopLoss ?? null;
  row.takeProfit = entry.takeProfit ?? null;
  shieldTrade(world, fold, group);
  fold.emit('LEDGER_ENTRY', refOf(group), { entry });
  if (world.rules.postsLedger) post(fold, group.batch.id, entry);
}

/** The ledger states facts: a rollback appends an entry that names what it reverses (decision 12). */
function reverseProtection(world: World, fold: Fold, group: GroupRow): void {
  const before = group.protection;
  const row = world.positions.get(group.tradeId);
  if (before === null || row === undefined) return;
  // Something was bought beside an entry that came to nothing: the trade's exits stay where they are needed.
  if (group.command.scope === 'NEW_TRADE' && holding(row) > 0n) return;
  const plan = group.command.exit_plan;
  // Only what still is as this command set it: a later one has its own say.
  if (row.stopLoss === (plan?.stop_loss_price ?? before.stopLoss)) row.stopLoss = before.stopLoss ?? null;
  if (row.takeProfit === (plan?.take_profit_price ?? before.takeProfit))
    row.takeProfit = before.takeProfit ?? null;
  fold.touchTrade(group.tradeId);
  group.protection = null;
  const entry: LedgerEntry = {
    ...before,
    stopLoss: row.stopLoss,
    takeProfit: row.takeProfit,
    entryId: `${before.entryId}/r`,
    kind: 'REVERSAL',
    reverses: before.entryId,
  };
  fold.emit('LEDGER_ENTRY', refOf(group), { entry });
  if (world.rules.postsLedger) post(fold, group.batch.id, entry);
}
