/** Ended orders kept as text come back as they were. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { applyReport, createGroupBook, type GroupBook, type OrderRow, reserve } from '../../src/book/book.js';
import { EndedOrders } from '../../src/book/ended.js';
import type { Report } from '../../src/dtos/venue.js';

function placed(book: GroupBook, n: number, quantity = 10): OrderRow {
  const clientOrderId = `0spnt00hos12${n.toString(36).padStart(4, '0')}00`;
  const wire = {
    clientOrderId,
    symbol: 'BTC/USDT',
    side: 'BUY',
    orderType: 'LIMIT',
    timeInForce: 'IOC',
    quantity: '0.1',
    price: '61671.55',
    stopPrice: null,
    postOnly: false,
    reduceOnly: true,
  } as const;
  const orderId = `ORD_20250106_090000_${n.toString(16).padStart(8, '0')}`;
  return reserve(
    book,
    { clientOrderId, orderId, slot: n, attempt: 0, wire, quantity, createdAt: 5 + n },
    'SENT',
  );
}

function trade(row: OrderRow, execId: string, quantity: string): Report {
  const { clientOrderId } = row;
  return {
    type: 'TRADE',
    clientOrderId,
    at: 9,
    execId,
    quantity,
    price: '61000.5',
    connectorOrderId: `V-${execId}`,
  };
}

/** Orders 0 … count − 1, each filled whole. */
function filledBook(count: number): { readonly book: GroupBook; readonly rows: readonly OrderRow[] } {
  const book = createGroupBook('0.01');
  const rows = Array.from({ length: count }, (_, n) => placed(book, n));
  for (const [n, row] of rows.entries()) {
    applyReport(book, row, trade(row, `x${n}`, '0.1'));
    row.fillIds.push(`FIL_20250106_090000_0000000${n}`);
  }
  return { book, rows };
}

const idOf = (rows: readonly OrderRow[], n: number): string => rows[n]?.clientOrderId ?? '';

describe('ended orders', () => {
  test('an older one is another object with the same content', () => {
    const { book, rows } = filledBook(4);
    const first = book.ended.get(idOf(rows, 0));
    expect(first).toEqual(rows[0]);
    expect(first).not.toBe(rows[0]);
  });

  test('content is kept for any mix of fills, cancels and rejections', () => {
    const reports = fc.array(fc.constantFrom('FILL', 'CANCELED', 'REJECTED', 'EXPIRED'), { maxLength: 6 });
    fc.assert(
      fc.property(
        reports,
        fc.boolean(),
        fc.integer({ min: 0, max: 3 }),
        (kinds, cancelRequested, resends) => {
          const book = createGroupBook('0.01');
          const row = placed(book, 1);
          for (const [i, kind] of kinds.entries()) {
            const { clientOrderId } = row;
            const end = { type: kind, clientOrderId, at: 9, reason: 'because' } as Report;
            applyReport(book, row, kind === 'FILL' ? trade(row, `x${i}`, '0.02') : end);
          }
          Object.assign(row, { phase: 'ENDED', leaves: 0, unknown: 0, cancelRequested, resends });
          const ended = new EndedOrders();
          ended.set(row);
          ended.set(placed(book, 2));
          expect(ended.get(row.clientOrderId)).toEqual(row);
        },
      ),
      { numRuns: 100 },
    );
  });

  test('what a late report changes is what the next one finds', () => {
    const { book, rows } = filledBook(3);
    const row = book.ended.get(idOf(rows, 0));
    if (row === undefined) throw new Error('order 0 was lost');
    applyReport(book, row, trade(row, 'late', '0.05'));
    expect(book.ended.get(idOf(rows, 2))?.filled).toBe(10);
    expect(book.ended.get(idOf(rows, 1))?.filled).toBe(10);
    expect(book.ended.get(idOf(rows, 0))?.filled).toBe(15);
    expect(book.filled).toBe(35);
  });

  test('a repeated execution of an older order counts nothing', () => {
    const { book, rows } = filledBook(3);
    const row = book.ended.get(idOf(rows, 0));
    if (row === undefined) throw new Error('order 0 was lost');
    expect(applyReport(book, row, trade(row, 'x0', '0.1'))).toBeNull();
    expect(book.filled).toBe(30);
  });

  test('a bust brings an older order back among the open ones', () => {
    const { book, rows } = filledBook(3);
    const row = book.ended.get(idOf(rows, 0));
    if (row === undefined) throw new Error('order 0 was lost');
    const { clientOrderId } = row;
    applyReport(book, row, { type: 'TRADE_CANCEL', clientOrderId, at: 9, execId: 'b0', execRefId: 'x0' });
    expect(book.open.get(clientOrderId)).toBe(row);
    expect([book.ended.get(clientOrderId), book.ended.size, book.filled, book.leaves]).toEqual([
      undefined,
      2,
      20,
      10,
    ]);
  });

  test('all of them are listed, and those that an id names are found', () => {
    const { book, rows } = filledBook(4);
    expect([...book.ended.values()].map((row) => row.slot)).toEqual([0, 1, 2, 3]);
    const named = [...book.ended.values(rows[1]?.orderId)].map((row) => row.slot);
    expect(named).toEqual([1, 3]); // the latest is not text: whoever asks compares
  });
});
