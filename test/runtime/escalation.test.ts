/** An order that nothing establishes: cancels without an answer, ESCALATED, a person's verdict, the venue against it. */
import { describe, expect, test } from '@jest/globals';
import type { OrderVerdict } from '../../src/runtime/api.js';
import { audit, batch, codeOf, isPending, leg, Rig, type RigOptions, T0, tradeId } from './rig.js';

const MINUTE = 60_000;

/** One resting order of 1 at 99, sent and not answered. */
async function sent(options: RigOptions = {}) {
  const rig = await Rig.open(options);
  const handle = await rig.submit(batch([leg({ limit: '99' })]));
  return { rig, handle, id: rig.venue.id() };
}

const GONE: OrderVerdict = { status: 'CANCELED', cumQty: '0', avgPx: null, evidence: 'phone call' };

/** A venue without a bound on how late a place may arrive denied the order ten times. */
async function escalated() {
  const opened = await sent({ venue: { placeValidityMs: null } });
  const { rig, id } = opened;
  rig.venue.onQuery = () => rig.venue.notFound(id);
  const waiting = opened.handle.result();
  await rig.pass(10 * MINUTE);
  const orderId = rig.events('ORDER_INTENT')[0]?.orderId ?? '';
  return { ...opened, waiting, orderId };
}

describe('escalation', () => {
  test('comes after ten queries that established nothing; the venue is not asked any more', async () => {
    const { rig, id, orderId } = await escalated();
    expect(rig.venue.times('QUERY', T0)).toEqual(Array.from({ length: 10 }, (_, k) => (k + 1) * 30_000));
    expect(rig.events('ORDER_ESCALATED')).toMatchObject([
      { at: T0 + 330_000, orderId, clientOrderId: id, reason: 'unresolved after 10 queries' },
    ]);
    expect(rig.events('GROUP_ESCALATED')).toMatchObject([{ unknown: 1 }]);
    expect(rig.codes()).toEqual(['ORDER_ESCALATED']);
    expect(rig.venue.places).toHaveLength(1);
    expect(rig.group().status).toBe('ACTIVE');
    expect(audit(rig)).toEqual([]);
  });

  test('lets result() return, with the orders that wait for a person', async () => {
    const { waiting, handle, orderId } = await escalated();
    expect(await waiting).toMatchObject({ status: 'ACTIVE', escalated: [orderId] });
    expect(await handle.result()).toMatchObject({ status: 'ACTIVE', escalated: [orderId] });
  });

  test('is settled by a named verdict, journaled with what it rests on', async () => {
    const { rig, handle, orderId } = await escalated();
    await rig.runtime.resolveOrder(orderId, GONE, 'alice');
    await rig.settle();
    expect(rig.events('ORDER_RESOLVED')).toMatchObject([
      { orderId, status: 'CANCELED', by: 'alice', evidence: 'phone call' },
    ]);
    expect(rig.group()).toMatchObject({ status: 'CANCELLED', reason: 'venue_canceled' });
    expect(await handle.result()).toMatchObject({ status: 'CANCELLED', escalated: [] });
    expect(rig.lines().some((line) => line.includes('"k":"resolve"') && line.includes('alice'))).toBe(true);
    expect(audit(rig)).toEqual([]);
  });

  test('by a verdict that it filled: the implied fill is booked, its executions replace it without INCIDENT', async () => {
    const { rig, handle, id, orderId } = await escalated();
    const verdict = { status: 'FILLED', cumQty: '1', avgPx: '98', evidence: 'statement' } as const;
    await rig.runtime.resolveOrder(orderId, verdict, 'alice');
    expect(await handle.result()).toMatchObject({ status: 'COMPLETED' });
    expect(rig.events('FILL')).toMatchObject([{ connectorFillId: null, quantity: '1', price: '98' }]);
    await rig.at((venue) => venue.fill(id, '1', '98.1', { execId: 'A' }));
    expect(rig.positions()).toEqual({ [tradeId(1)]: '1' });
    expect(rig.runtime.positions()[0]?.entry_price).toBe('98.1');
    expect(rig.events('INCIDENT')).toEqual([]);
    expect(audit(rig)).toEqual([]);
  });

  test('by a verdict that it is open: the order works on', async () => {
    const { rig, handle, id, orderId } = await escalated();
    await rig.runtime.resolveOrder(orderId, { ...GONE, status: 'NEW' }, 'alice');
    await rig.settle();
    expect(rig.group().status).toBe('ACTIVE');
    expect(await isPending(handle.result())).toBe(true);
    await rig.at((venue) => venue.fill(id));
    expect(await handle.result()).toMatchObject({ status: 'COMPLETED', escalated: [] });
    expect(rig.events('INCIDENT')).toEqual([]);
  });

  test('ends by itself when the venue speaks after all', async () => {
    const { rig, handle, id } = await escalated();
    await rig.at((venue) => venue.fill(id));
    expect(rig.events('ORDER_RESOLVED')).toMatchObject([{ status: 'FILLED', by: 'venue' }]);
    expect(await handle.result()).toMatchObject({ status: 'COMPLETED', escalated: [] });
  });

  test('needs a verdict about an open order that says something new: UNKNOWN_ORDER otherwise', async () => {
    const { rig, orderId } = await escalated();
    const { runtime } = rig;
    expect(await codeOf(runtime.resolveOrder('ORD_20250106_090000_00000000', GONE, 'alice'))).toBe(
      'UNKNOWN_ORDER',
    );
    await runtime.resolveOrder(orderId, GONE, 'alice');
    expect(await codeOf(runtime.resolveOrder(orderId, GONE, 'alice'))).toBe('UNKNOWN_ORDER');
  });

  test('of several orders ends with the last of them', async () => {
    const rig = await Rig.open({ venue: { placeValidityMs: null } });
    const handle = await rig.submit(batch([leg({ n: 1, limit: '99' }), leg({ n: 2, limit: '99' })]));
    await rig.pass(10 * MINUTE);
    const [first = '', second = ''] = rig.events('ORDER_INTENT').map(({ orderId }) => orderId);
    expect((await handle.result()).escalated).toEqual([first, second]);
    await rig.runtime.resolveOrder(first, GONE, 'alice');
    expect(await handle.result()).toMatchObject({ status: 'ACTIVE', escalated: [second] });
    await rig.runtime.resolveOrder(second, GONE, 'bob');
    expect(await handle.result()).toMatchObject({ status: 'CANCELLED', escalated: [] });
  });
});

describe('a verdict', () => {
  test.each([
    ['of no status', { ...GONE, status: 'PENDING_NEW' }],
    ['with a quantity that is no decimal string', { ...GONE, cumQty: 'some' }],
    ['with a negative quantity', { ...GONE, cumQty: '-1' }],
    ['with a price that is no decimal string', { ...GONE, avgPx: '1e2' }],
    ['without evidence', { ...GONE, evidence: '' }],
  ])('%s is refused, and changes nothing', async (_what, verdict) => {
    const { rig, orderId } = await escalated();
    const lines = rig.lines().length;
    expect(await codeOf(rig.runtime.resolveOrder(orderId, verdict as OrderVerdict, 'alice'))).toBe(
      'VALIDATION',
    );
    expect(rig.lines()).toHaveLength(lines);
    expect(rig.group().status).toBe('ACTIVE');
  });

  test('needs a name', async () => {
    const { rig, orderId } = await escalated();
    expect(await codeOf(rig.runtime.resolveOrder(orderId, GONE, ''))).toBe('VALIDATION');
  });
});

describe('a venue that contradicts a verdict', () => {
  async function judged(verdict: OrderVerdict = GONE) {
    const opened = await escalated();
    await opened.rig.runtime.resolveOrder(opened.orderId, verdict, 'alice');
    await opened.rig.settle();
    opened.rig.venue.onQuery = () => {};
    return opened;
  }

  test('by a fill of an order called canceled: it is booked, the group stays ended, INCIDENT names both', async () => {
    const { rig, id } = await judged();
    await rig.at((venue) => venue.fill(id, '0.4'));
    expect(rig.positions()).toEqual({ [tradeId(1)]: '0.4' });
    expect(rig.group()).toMatchObject({ status: 'CANCELLED', filled_quantity: '0.4' });
    expect(rig.events('FILL')).toMatchObject([{ quantity: '0.4', late: true }]);
    expect(rig.events('INCIDENT')).toMatchObject([
      { what: `TRADE of ${id} contradicts CANCELED, established by alice` },
    ]);
    expect(rig.codes()).toEqual(expect.arrayContaining(['INCIDENT', 'LATE_FILL']));
    expect(audit(rig)).toEqual([]);
  });

  test('by calling the order dead that was called filled', async () => {
    const { rig, id } = await judged({ status: 'FILLED', cumQty: '1', avgPx: '99', evidence: 'a guess' });
    await rig.at((venue) => venue.canceled(id));
    expect(rig.events('INCIDENT')).toMatchObject([
      { what: `CANCELED of ${id} contradicts FILLED, established by alice` },
    ]);
  });

  test('by a late answer to a query: found filled', async () => {
    const { rig, id } = await judged();
    await rig.at((venue) => venue.status(id, 'FILLED', '1', '98'));
    expect(rig.positions()).toEqual({ [tradeId(1)]: '1' });
    expect(rig.events('INCIDENT')).toMatchObject([
      { what: `STATUS of ${id} contradicts CANCELED, established by alice` },
    ]);
  });

  test('by a late answer to a query: found open, and it is asked to cancel it', async () => {
    const { rig, id } = await judged();
    await rig.at((venue) => venue.status(id, 'NEW'));
    expect(rig.events('INCIDENT')).toHaveLength(1);
    expect(rig.venue.cancels).toEqual([id]);
    await rig.at((venue) => venue.canceled(id));
    await rig.pass(10 * MINUTE);
    expect(rig.events('ORDER_ESCALATED')).toHaveLength(1);
    expect(audit(rig)).toEqual([]);
  });

  test('is no contradiction where it agrees', async () => {
    const { rig, id } = await judged();
    await rig.at((venue) => {
      venue.canceled(id);
      venue.status(id, 'CANCELED');
      venue.notFound(id);
    });
    expect(rig.events('INCIDENT')).toEqual([]);
    expect(rig.group().status).toBe('CANCELLED');
  });
});

describe('cancels', () => {
  async function canceling(options: RigOptions = {}) {
    const opened = await sent(options);
    await opened.rig.at((venue) => venue.ack(opened.id));
    await opened.handle.cancel('enough');
    await opened.rig.settle();
    return opened;
  }

  test('that are refused lead to a query, and to another cancel when the order is found open', async () => {
    const { rig, handle, id } = await canceling();
    expect(rig.venue.cancels).toEqual([id]);
    await rig.at((venue) => venue.cancelReject(id, 'busy'));
    expect(rig.events('ORDER_CANCEL_REJECTED')).toMatchObject([{ clientOrderId: id, reason: 'busy' }]);
    expect(rig.venue.queries).toEqual([id]);
    await rig.at((venue) => venue.status(id, 'NEW'));
    await rig.pass(1_000);
    expect(rig.venue.cancels).toEqual([id, id]);
    expect(await isPending(handle.result())).toBe(true);
    await rig.at((venue) => venue.canceled(id));
    expect(await handle.result()).toMatchObject({ status: 'CANCELLED', reason: 'cancel_requested' });
    expect(audit(rig)).toEqual([]);
  });

  test('that are refused as too late assume nothing: the query tells of the fill', async () => {
    const { rig, handle, id } = await canceling();
    await rig.at((venue) => venue.cancelReject(id, 'too late'));
    expect(rig.group().status).toBe('ACTIVE');
    expect(rig.venue.queries).toEqual([id]);
    await rig.at((venue) => venue.status(id, 'FILLED', '1', '99'));
    expect(await handle.result()).toMatchObject({ status: 'COMPLETED' });
    expect(audit(rig)).toEqual([]);
  });

  test('of an order that the venue says it does not know end nothing by themselves (I4)', async () => {
    const { rig, handle, id } = await canceling();
    await rig.at((venue) => venue.cancelReject(id, 'unknown order'));
    expect(rig.group().status).toBe('ACTIVE');
    expect(rig.venue.queries).toEqual([id]);
    await rig.at((venue) => venue.notFound(id));
    expect(rig.group().status).toBe('ACTIVE');
    await rig.at((venue) => venue.status(id, 'CANCELED', '0.2', '99'));
    expect(rig.group()).toMatchObject({ status: 'CANCELLED', filled_quantity: '0.2' });
    expect(await handle.result()).toMatchObject({ status: 'CANCELLED' });
  });

  test('that are refused again and again while the order is found open call a person too', async () => {
    const { rig, handle, id } = await canceling();
    rig.venue.onCancel = () => rig.venue.cancelReject(id, 'busy');
    rig.venue.onQuery = () => rig.venue.status(id, 'NEW');
    await rig.at((venue) => venue.cancelReject(id, 'busy'));
    await rig.pass(10 * MINUTE);
    expect(rig.venue.queries).toHaveLength(10);
    expect(rig.events('ORDER_ESCALATED')).toHaveLength(1);
    expect(await handle.result()).toMatchObject({ status: 'ACTIVE' });
    await rig.at((venue) => venue.canceled(id));
    expect(await handle.result()).toMatchObject({ status: 'CANCELLED', escalated: [] });
    expect(audit(rig)).toEqual([]);
  });

  test('that stay unanswered are repeated, each with a query; then a person is called', async () => {
    const { rig, handle, id } = await canceling();
    await rig.pass(10 * MINUTE);
    expect(rig.venue.times('CANCEL', T0)).toEqual(Array.from({ length: 11 }, (_, k) => k * 30_000));
    expect(rig.venue.times('QUERY', T0)).toEqual(Array.from({ length: 10 }, (_, k) => (k + 1) * 30_000));
    expect(rig.events('ORDER_ESCALATED')).toHaveLength(1);
    expect((await handle.result()).escalated).toHaveLength(1);
    await rig.at((venue) => venue.canceled(id));
    expect(await handle.result()).toMatchObject({ status: 'CANCELLED', escalated: [] });
    expect(audit(rig)).toEqual([]);
  });

  test('whose answer is lost are not taken for refused or done', async () => {
    const { rig, id } = await canceling();
    await rig.at((venue) => venue.noAnswer(id, 'CANCEL'));
    expect(rig.group().status).toBe('ACTIVE');
    expect(rig.events('ORDER_UNKNOWN')).toEqual([]);
    await rig.pass(30_000);
    expect(rig.venue.cancels).toEqual([id, id]);
  });

  test('on which the connector throws are repeated as well', async () => {
    const { rig, handle, id } = await sent();
    await rig.at((venue) => venue.ack(id));
    rig.venue.onCancel = () => {
      if (rig.venue.cancels.length === 1) throw new Error('socket closed');
      rig.venue.canceled(id);
    };
    await handle.cancel('enough');
    await rig.pass(30_000);
    expect(rig.venue.cancels).toEqual([id, id]);
    expect(await handle.result()).toMatchObject({ status: 'CANCELLED' });
  });

  test('of an UNKNOWN order go out at once, and its fate is still asked for', async () => {
    const { rig, handle, id } = await sent();
    await rig.pass(30_000);
    await handle.cancel('enough');
    await rig.settle();
    expect(rig.venue.cancels).toEqual([id]);
    await rig.pass(30_000);
    expect(rig.venue.queries.length).toBeGreaterThan(1);
    await rig.at((venue) => venue.status(id, 'NEW'));
    expect(await isPending(handle.result())).toBe(true);
    await rig.pass(30_000);
    expect(rig.venue.cancels.length).toBeGreaterThan(1);
    await rig.at((venue) => venue.canceled(id));
    expect(await handle.result()).toMatchObject({ status: 'CANCELLED' });
    expect(audit(rig)).toEqual([]);
  });
});
