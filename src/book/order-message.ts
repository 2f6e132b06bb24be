/**
 * A venue's report as the message that the order table reads.
 *
 * Owns the translation into FIX's words. What the message does to the order is machines/order's.
 */
import type { Lots } from '../dtos/decimal.js';
import type { Report } from '../dtos/venue.js';
import type { ExecType, OrderMessage } from '../machines/order/index.js';

/** FIX 102: why a cancel was refused, where the venue says so in the words of dtos/venue.ts. */
const CANCEL_REJECTS: Readonly<Record<string, string>> = { 'too late': '0', 'unknown order': '1' };

/** `lastQty`: of an execution, its quantity in lots. */
export function orderMessageOf(report: Report, lastQty: Lots): OrderMessage {
  const clOrdId = report.clientOrderId;
  switch (report.type) {
    case 'CANCEL_REJECTED':
      return {
        msgType: '9',
        clOrdId: null, // of the request that is open: there is one at most
        origClOrdId: clOrdId,
        cxlRejReason: CANCEL_REJECTS[report.reason] ?? null,
      };
    case 'STATUS':
    case 'NOT_FOUND':
    case 'NO_ANSWER':
      return { msgType: 'H', clOrdId }; // decided by whoever asked: they establish nothing by themselves
    case 'TRADE':
      return { msgType: '8', clOrdId, execType: 'TRADE', lastQty, execId: report.execId };
    case 'TRADE_CANCEL':
    case 'TRADE_CORRECT': {
      const { type, execId, execRefId } = report;
      return { msgType: '8', clOrdId, execType: type, lastQty, execId, execRefId };
    }
    default:
      return { msgType: '8', clOrdId, execType: report.type satisfies ExecType };
  }
}
