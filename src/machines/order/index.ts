/** The order table: see step.ts for the rules, table.ts for the overview. */
export { type EncodedExecution, encodeExecutions, type Executions, hasExecution } from './executions.js';
export type { ExecType, MsgType, OrderMessage } from './message.js';
export {
  decodeOrder,
  type EncodedOrder,
  type EndStatus,
  encodeOrder,
  isOpen,
  isTerminal,
  isUnknown,
  ORDER_STATUSES,
  type OrderRequest,
  type OrderState,
  type OrderStatus,
  worstLeaves,
} from './state.js';
export { stepOrder } from './step.js';
export { ORDER_EVENTS, ORDER_TABLE, type OrderCell, type OrderEvent, orderEventOf } from './table.js';
