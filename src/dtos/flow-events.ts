/**
 * The three event DTOs of spec 4: TRADE_EXECUTED, EXECUTION_FAILED and the flow's completion.
 *
 * `directive_id` and `flow_id` are the command's id: spec 4's "execution directive" (decision 4).
 */
import { z } from 'zod';
import { DirectiveScope, GroupStatus } from './enums.js';
import { foreignId, idOf, positive, prose, timestamp, token } from './primitives.js';
import { dto, list, optional } from './structure.js';

const ORDERS_MAX = 1_000_000;
const MESSAGE_MAX = 4_000;

/** A command ended with a fill, or succeeded without an order. `fill_price` is the average, absent without fills. */
export const TradeExecutedSchema = dto('TradeExecuted', {
  directive_id: idOf('EXE'),
  strategy_id: foreignId,
  scope: z.enum(DirectiveScope),
  execution_time: timestamp,
  fill_price: optional(positive),
  /** The first order, as spec 4 has it; `order_ids` are all of them. */
  order_id: optional(foreignId),
  order_ids: list(foreignId, { max: ORDERS_MAX }).default([]),
  status: z.enum(GroupStatus),
  target_trade_ids: list(idOf('TPL'), { max: 10_000 }).default([]),
});
export type TradeExecuted = z.output<typeof TradeExecutedSchema>;
export type TradeExecutedInput = z.input<typeof TradeExecutedSchema>;

/** A command ended without a fill, or was refused by its scope. */
export const ExecutionFailedSchema = dto('ExecutionFailed', {
  directive_id: idOf('EXE'),
  error_type: token(128),
  error_message: prose(MESSAGE_MAX),
  timestamp,
});
export type ExecutionFailed = z.output<typeof ExecutionFailedSchema>;
export type ExecutionFailedInput = z.input<typeof ExecutionFailedSchema>;

const ErrorDetailsSchema = dto('ErrorDetails', { error_type: token(128), error_message: prose(MESSAGE_MAX) });

/** Payload of `_flow_stop_success` and `_flow_stop_error`; one per flow. */
export const FlowCompletionSchema = dto('FlowCompletion', {
  flow_id: idOf('EXE'),
  completion_time: timestamp,
  reason: prose(MESSAGE_MAX),
  final_state: z.enum(['SUCCESS', 'ERROR']),
  error_details: optional(ErrorDetailsSchema),
});
export type FlowCompletion = z.output<typeof FlowCompletionSchema>;
export type FlowCompletionInput = z.input<typeof FlowCompletionSchema>;
