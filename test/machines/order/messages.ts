/** Messages about one order (id X, 2 lots; requests Y and Z), enough of each kind to reach every cell of the table. */
import type { OrderMessage } from '../../../src/machines/order/index.js';

const report = (execType: string, more: Partial<OrderMessage> = {}): OrderMessage => ({
  msgType: '8',
  clOrdId: 'X',
  execType,
  orderQty: 2,
  ...more,
});

const Y = { clOrdId: 'Y', origClOrdId: 'X' };
const Z = { clOrdId: 'Z', origClOrdId: 'X' };
const FATES = ['NEW', 'PARTIALLY_FILLED', 'FILLED', 'CANCELED', 'REJECTED', 'EXPIRED'];
const TOTALS = [null, 0, 1, 2];

/** What we send, and what only we say. */
const OURS: readonly OrderMessage[] = [
  { msgType: 'D', clOrdId: 'X', orderQty: 2, timeInForce: 'DAY' },
  { msgType: 'D', clOrdId: 'X', orderQty: 2, timeInForce: 'GTC' },
  { msgType: 'F', ...Y, orderQty: 2 },
  { msgType: 'G', ...Y, orderQty: 1 },
  { msgType: 'G', ...Y, orderQty: 3 },
  { msgType: 'H', clOrdId: 'X' },
  { msgType: 'T', clOrdId: 'X' },
];

const TRADES: readonly OrderMessage[] = [
  report('TRADE', { lastQty: 1, execId: 'a' }),
  report('TRADE', { lastQty: 1, execId: 'b' }),
  report('TRADE', { lastQty: 2, execId: 'c' }),
  report('TRADE_CANCEL', { execId: 'd', execRefId: 'a' }),
  report('TRADE_CANCEL', { execId: 'e', execRefId: 'c' }),
  report('TRADE_CORRECT', { execId: 'f', execRefId: 'a', lastQty: 2 }),
  report('TRADE_CORRECT', { execId: 'g', execRefId: 'c', lastQty: 1 }),
];

const REPORTS: readonly OrderMessage[] = [
  report('PENDING_NEW'),
  report('NEW'),
  report('DONE_FOR_DAY'),
  report('STOPPED'),
  report('PENDING_CANCEL', Y),
  report('PENDING_CANCEL'),
  report('PENDING_REPLACE', Z),
  report('PENDING_REPLACE', Y),
  report('REPLACED', { ...Y, orderQty: null }),
  report('REPLACED', { ...Z, orderQty: 1 }),
  report('REPLACED', { ...Z, orderQty: 4 }),
  report('RESTATED', { orderQty: 1 }),
  report('RESTATED', { orderQty: 4 }),
  report('CANCELED', Y),
  report('EXPIRED'),
  report('REJECTED'),
  report('REJECTED', { ordRejReason: 'Duplicate order' }),
  report('TRIGGERED'),
];

const ANSWERS: readonly OrderMessage[] = [
  { msgType: '9', ...Y },
  { msgType: '9', ...Y, cxlRejReason: 'Too late to cancel' },
  { msgType: '9', ...Y, cxlRejReason: 'Unknown order' },
  report('ORDER_STATUS'),
  report('ORDER_STATUS', { orderQty: 0 }),
  ...FATES.flatMap((ordStatus) => TOTALS.map((cumQty) => report('ORDER_STATUS', { ordStatus, cumQty }))),
  ...FATES.flatMap((ordStatus) =>
    TOTALS.map((cumQty): OrderMessage => ({ msgType: 'V', clOrdId: 'X', ordStatus, cumQty, orderQty: 2 })),
  ),
];

export const MESSAGES: readonly OrderMessage[] = [...OURS, ...TRADES, ...REPORTS, ...ANSWERS];
