/**
 * The machines, for drawing, model-testing and other engines: `fillwright/machines`.
 *
 * What runs is what is exported here; nothing else decides a status.
 */
export {
  BATCH_MACHINES,
  type BatchContext,
  type BatchEvent,
  type BatchInput,
  type BatchIntent,
  coordinatedBatch,
  independentBatch,
  sequentialBatch,
} from './batch.js';
export { batchFinal, EMPTY_TALLY, type Final, groupFinal, type Tally } from './causes.js';
export { groupMachine } from './group.js';
export {
  type Block,
  type GroupContext,
  type GroupEvent,
  type GroupIntent,
  type GroupSpec,
  NO_TOTALS,
  type OrderOutcome,
  type Totals,
} from './group-model.js';
export {
  decodeOrder,
  type EncodedOrder,
  encodeOrder,
  isOpen,
  isTerminal,
  isUnknown,
  ORDER_STATUSES,
  ORDER_TABLE,
  type OrderMessage,
  type OrderState,
  stepOrder,
} from './order/index.js';
