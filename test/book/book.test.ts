/** The book of one group: the gate's sum, totals that always add up, releases, findings and their stand-ins. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  applyFinding,
  applyReport,
  createGroupBook,
  exceedsTarget,
  type GroupBook,
  markUnknown,
  type NewOrder,
  quantityOf,
  release,
  requestCancel,
  reserve,
  resend,
  totalsOf,
} from '../../src/book/book.js';
import type { OrderRow } from '../../src/book/order-row.js';
import type { Report } from '../../src/dtos/venue.js';

const orderOf = (n: number, lots: number): NewOrder => {
  const clientOrderId = `group0000000${n}`;
  const quantity = (lots / 10).toFixed(1);
  const terms = {
    symbol: 'BTC/USDT',
    side: 'BUY',
    orderType: 'LIMIT',
    timeInForce: 'GTC',
    price: '100',
  } as const;
  const wire = { clientOrderId, ...terms, quantity, stopPrice: null, postOnly: false, reduceOnly: false };
  return { clientOrderId, orderId: `ORD-${n}`, slot: n, attempt: 0, wire, quantity: lots, createdAt: 0 };
};

const opened = (lots = 10): { book: GroupBook; row: OrderRow; id: string } => {
  const book = createGroupBook('0.1');
  const row = reserve(book, orderOf(1, lots), 'SENT');
  return { book, row, id: row.clientOrderId };
};

const trade = (clientOrderId: string, execId: string, quantity: string, price = '100'): Report => ({
  type: 'TRADE',
  clientOrderId,
  execId,
  quantity,
  price,
  at: 0,
});

describe('the gate', () => {
  test('counts filled, open and unknown quantity, and this order, against the target (I5)', () => {
    const { book, row, id } = opened(4);
    expect([exceedsTarget(book, 6, 10), exceedsTarget(book, 7, 10)]).toEqual([false, true]);
    applyReport(book, row, trade(id, 'A', '0.1'));
    markUnknown(book, row);
    expect(totalsOf(book)).toEqual({ filled: 1, leaves: 0, unknown: 3, live: 1 });
    expect([exceedsTarget(book, 6, 10), exceedsTarget(book, 7, 10)]).toEqual([false, true]);
  });

  test('gets back the room of an order that never left', () => {
    const { book, row } = opened(10);
    release(book, row);
    expect(totalsOf(book)).toEqual({ filled: 0, leaves: 0, unknown: 0, live: 0 });
    expect(exceedsTarget(book, 10, 10)).toBe(false);
  });
});

describe('an order that never left', () => {
  test('stays ended whatever is said of its cancel, and lives when the venue fills it', () => {
    const { book, row, id } = opened(10);
    requestCancel(row);
    release(book, row);
    applyReport(book, row, { type: 'CANCEL_REJECTED', clientOrderId: id, at: 0, reason: 'unknown order' });
    expect(totalsOf(book)).toMatchObject({ leaves: 0, live: 0 });
    expect(applyReport(book, row, trade(id, 'A', '0.4'))).toMatchObject({ late: true, reopened: true });
    expect(totalsOf(book)).toEqual({ filled: 4, leaves: 6, unknown: 0, live: 1 });
  });
});

describe('totals', () => {
  const step = fc.record({
    order: fc.integer({ min: 0, max: 2 }),
    what: fc.constantFrom(
      'ack',
      'trade',
      'bust',
      'cancel',
      'canceled',
      'reject',
      'lose',
      'open',
      'dead',
      'expired',
    ),
    lots: fc.integer({ min: 1, max: 4 }),
    exec: fc.integer({ min: 0, max: 5 }),
  });

  function take(
    book: GroupBook,
    row: OrderRow,
    { what, lots, exec }: { what: string; lots: number; exec: number },
  ) {
    const { clientOrderId } = row;
    const base = { clientOrderId, at: 0 };
    switch (what) {
      case 'ack':
        return applyReport(book, row, { ...base, type: 'NEW', connectorOrderId: 'V' });
      case 'trade':
        return applyReport(book, row, trade(clientOrderId, `E${exec}`, (lots / 10).toFixed(1)));
      case 'bust':
        return applyReport(book, row, {
          ...base,
          type: 'TRADE_CANCEL',
          execId: `B${exec}`,
          execRefId: `E${exec}`,
        });
      case 'cancel':
        return requestCancel(row);
      case 'canceled':
      case 'expired':
        return applyReport(book, row, { ...base, type: what === 'canceled' ? 'CANCELED' : 'EXPIRED' });
      case 'reject':
        return applyReport(book, row, { ...base, type: 'REJECTED', reason: 'no' });
      case 'lose':
        return markUnknown(book, row);
      case 'open':
        return applyFinding(book, row, { status: 'NEW', cumQty: '0', avgPx: null });
      default:
        return applyFinding(book, row, { status: 'CANCELED', cumQty: (lots / 10).toFixed(1), avgPx: '99' });
    }
  }

  test('are the sum over the orders after every report, in any order (I8)', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const book = createGroupBook('0.1');
        const rows = [0, 1, 2].map((n) => reserve(book, orderOf(n, 5), 'SENT'));
        for (const one of steps) {
          take(book, rows[one.order]!, one);
          const sum = (of: (row: OrderRow) => number): number => rows.reduce((n, row) => n + of(row), 0);
          expect(totalsOf(book)).toEqual({
            filled: sum(({ filled }) => filled),
            leaves: sum(({ leaves }) => leaves),
            unknown: sum(({ unknown }) => unknown),
            live: rows.filter(({ phase }) => phase !== 'ENDED').length,
          });
          expect(book.quantity).toBe(rows.reduce((n, row) => n + row.quantityFilled, 0n));
          expect(book.amount).toBe(rows.reduce((n, row) => n + row.amount, 0n));
          for (const row of rows) {
            expect(row.filled).toBe(row.state.cumQty + row.state.missingQty);
            expect(row.leaves === 0 || row.unknown === 0).toBe(true);
            expect(row.filled).toBeGreaterThanOrEqual(0);
            expect(book.open.has(row.clientOrderId)).toBe(row.phase !== 'ENDED');
          }
        }
      }),
      { numRuns: 200 },
    );
  });
});

describe('a finding', () => {
  test('books what no execution has brought, at the price that the average leaves for it', () => {
    const { book, row, id } = opened(10);
    applyReport(book, row, trade(id, 'A', '0.4', '100'));
    const applied = applyFinding(book, row, { status: 'FILLED', cumQty: '1', avgPx: '103' });
    expect(applied).toMatchObject({ ended: 'FILLED', fill: { execId: null, quantity: '0.6', price: '105' } });
    expect(applyReport(book, row, trade(id, 'B', '0.6', '105'))).toMatchObject({
      fill: { quantity: '0.6' },
      reversed: { quantity: '0.6', price: '105' },
    });
    expect(quantityOf(book, book.filled)).toBe('1');
  });

  test('that says nothing new is null', () => {
    const { book, row } = opened(10);
    applyFinding(book, row, { status: 'NEW', cumQty: '0', avgPx: null });
    expect(applyFinding(book, row, { status: 'NEW', cumQty: '0', avgPx: null })).toBeNull();
  });
});

describe('cancel requests', () => {
  test('may be refused and asked for again, each refusal heard once', () => {
    const { book, row, id } = opened(10);
    applyReport(book, row, { type: 'NEW', clientOrderId: id, at: 0 });
    const refusal: Report = { type: 'CANCEL_REJECTED', clientOrderId: id, at: 0, reason: 'auction' };
    for (let i = 0; i < 3; i++) {
      requestCancel(row);
      expect(row.cancelRequested).toBe(true);
      expect(applyReport(book, row, refusal)).not.toBeNull();
      expect(row.cancelRequested).toBe(false);
      expect(applyReport(book, row, refusal)).toBeNull();
    }
    expect(row.state.ordStatus).toBe('NEW');
  });
});

describe('a re-send', () => {
  test('makes the order what it was before it was lost', () => {
    const { book, row, id } = opened(10);
    markUnknown(book, row);
    resend(book, row);
    expect(totalsOf(book)).toEqual({ filled: 0, leaves: 10, unknown: 0, live: 1 });
    expect(row).toMatchObject({ resends: 1, notFound: 0 });
    expect(applyReport(book, row, trade(id, 'A', '1'))).toMatchObject({ ended: 'FILLED' });
  });
});
