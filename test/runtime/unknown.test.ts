/** UNKNOWN: an order whose fate at the venue is not established keeps its room until the venue tells it. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { audit, batch, codeOf, isPending, leg, Rig, type RigOptions, T0, tradeId } from './rig.js';

const TWAP = { strategy: 'TWAP', duration_seconds: 100, slices: 10 };
const MINUTE = 60_000;

/** One resting order of 1 at 99, sent and not answered. */
async function sent(options: RigOptions = {}, command = leg({ limit: '99' })) {
  const rig = await Rig.open(options);
  const handle = await rig.submit(batch([command]));
  return { rig, handle, id: rig.venue.id() };
}

/** The same, UNKNOWN: 30 seconds (`timeout_seconds`) passed without a word. */
async function lost(options: RigOptions = {}) {
  const opened = await sent(options);
  await opened.rig.pass(30_000);
  return opened;
}

const net = (rig: Rig): number => {
  const sum = (events: readonly { readonly quantity: string }[]) =>
    events.reduce((total, { quantity }) => total + Math.round(Number(quantity) * 10), 0);
  return (sum(rig.events('FILL')) - sum(rig.events('FILL_REVERSED'))) / 10;
};

describe('an order becomes UNKNOWN', () => {
  test('when no acknowledgement comes within timeout_seconds, and the venue is asked', async () => {
    const { rig, id } = await sent();
    await rig.pass(29_999);
    expect(rig.events('ORDER_UNKNOWN')).toEqual([]);
    await rig.pass(1);
    expect(rig.events('ORDER_UNKNOWN')).toMatchObject([
      { clientOrderId: id, reason: 'no acknowledgement in time' },
    ]);
    expect(rig.venue.queries).toEqual([id]);
    expect(rig.group().status).toBe('ACTIVE');
    expect(audit(rig)).toEqual([]);
  });

  test('when the connector says that a place got no answer', async () => {
    const { rig, id } = await sent();
    await rig.at((venue) => venue.noAnswer(id));
    expect(rig.events('ORDER_UNKNOWN')).toMatchObject([{ clientOrderId: id, reason: 'gateway timeout' }]);
    expect(rig.venue.times('QUERY', T0)).toEqual([0]);
    expect(rig.venue.places).toHaveLength(1);
  });

  test('when the connector throws in place: it may have been sent', async () => {
    const rig = await Rig.open();
    rig.venue.onPlace = () => {
      throw new Error('socket closed');
    };
    const handle = await rig.submit(batch([leg({ limit: '99' })]));
    expect(rig.events('ORDER_UNKNOWN')).toMatchObject([{ reason: 'the connector threw: socket closed' }]);
    expect(rig.venue.queries).toEqual([rig.venue.id()]);
    expect(await isPending(handle.result())).toBe(true);
    await rig.at((venue) => venue.status(venue.id(), 'FILLED', '1', '99'));
    expect((await handle.result()).status).toBe('COMPLETED');
    expect(rig.venue.places).toHaveLength(1);
    expect(audit(rig)).toEqual([]);
  });

  test('not by an acknowledged order that stays silent', async () => {
    const { rig, id } = await sent();
    await rig.at((venue) => venue.ack(id));
    await rig.pass(60 * MINUTE);
    expect(rig.events('ORDER_UNKNOWN')).toEqual([]);
    expect(rig.venue.queries).toEqual([]);
  });

  test('not by a NO_ANSWER that comes after its acknowledgement', async () => {
    const { rig, id } = await sent();
    await rig.at((venue) => {
      venue.ack(id);
      venue.fill(id);
      venue.noAnswer(id);
    });
    expect(rig.events('ORDER_UNKNOWN')).toEqual([]);
    expect(rig.group().status).toBe('COMPLETED');
  });
});

describe('while an order is UNKNOWN', () => {
  test('its slot gets no other order (I6): not by an amend, not by a sweep', async () => {
    const params = { duration_seconds: 60, on_deadline: 'SWEEP', sweep_lead_seconds: 5 };
    const { rig, id } = await sent({}, leg({ limit: '99', params }));
    await rig.pass(30_000);
    const { group_id: groupId } = rig.group();
    expect(await codeOf(rig.runtime.amend(groupId, { limit_price: '100' }))).toBe('AMEND_REFUSED');
    await rig.pass(25_000);
    expect(rig.venue.cancels).toEqual([id]);
    expect(rig.venue.places).toHaveLength(1);
    await rig.pass(5 * MINUTE);
    expect(rig.venue.places).toHaveLength(1);
    expect(rig.group().status).toBe('ACTIVE');
    expect(audit(rig)).toEqual([]);
  });

  test('a sweep goes out once it is known what is left', async () => {
    const params = { duration_seconds: 60, on_deadline: 'SWEEP', sweep_lead_seconds: 5 };
    const { rig, id } = await sent({}, leg({ limit: '99', params }));
    await rig.pass(56_000);
    await rig.at((venue) => venue.status(id, 'CANCELED', '0.3', '99'));
    expect(rig.venue.places.map(({ quantity }) => quantity)).toEqual(['1', '0.7']);
    expect(audit(rig)).toEqual([]);
  });

  test('a schedule places its other slices only, and waits with its end (I5, I12)', async () => {
    const rig = await Rig.open();
    rig.venue.onPlace = ({ clientOrderId }) => {
      if (rig.venue.places.length > 1) rig.venue.fill(clientOrderId);
    };
    const handle = await rig.submit(batch([leg({ params: TWAP })]));
    await rig.pass(2 * MINUTE);
    expect(rig.venue.places.map(({ quantity }) => quantity)).toEqual(Array(10).fill('0.1'));
    expect(rig.positions()).toEqual({ [tradeId(1)]: '0.9' });
    expect(rig.group().status).toBe('ACTIVE');
    expect(await isPending(handle.result())).toBe(true);
    await rig.at((venue) => venue.status(venue.id(), 'FILLED', '0.1', '100'));
    expect(await handle.result()).toMatchObject({ status: 'COMPLETED' });
    expect(audit(rig)).toEqual([]);
  });

  test('a batch timeout and a cancel end nothing before its fate is known (I4, I12)', async () => {
    const rig = await Rig.open();
    const handle = await rig.submit(
      batch([leg({ limit: '99' })], { mode: 'INDEPENDENT', timeout_seconds: 60 }),
    );
    await rig.pass(2 * MINUTE);
    expect(rig.group().status).toBe('ACTIVE');
    expect(await isPending(handle.result())).toBe(true);
    await rig.at((venue) => venue.status(venue.id(), 'CANCELED'));
    expect(await handle.result()).toMatchObject({ status: 'CANCELLED', reason: 'timeout' });
    expect(audit(rig)).toEqual([]);
  });
});

describe('a schedule at a venue that loses answers', () => {
  const MOODS = [
    'fills',
    'fills unheard',
    'dies unheard',
    'half fills unheard',
    'rests unheard',
    'arrives late',
  ] as const;

  /** Each order meets the next mood. Returns what truly filled, in tenths. */
  function moody(rig: Rig, moods: readonly (typeof MOODS)[number][]) {
    const { venue } = rig;
    const truth = new Map<string, { mood: string; filled: number; status: 'NEW' | 'CANCELED' | 'FILLED' }>();
    const tell = (id: string): void => {
      const order = truth.get(id);
      if (order === undefined) return;
      const asked = venue.queries.filter((query) => query === id).length;
      if (order.mood === 'arrives late' && asked < 2) return venue.notFound(id);
      venue.status(id, order.status, String(order.filled / 10), order.filled > 0 ? '100' : null);
    };
    venue.onPlace = ({ clientOrderId: id, quantity }) => {
      const mood = moods[truth.size % moods.length] ?? 'fills';
      const all = Math.round(Number(quantity) * 10);
      const filled = mood.startsWith('fills') ? all : mood === 'half fills unheard' ? Math.floor(all / 2) : 0;
      const isOpen = mood === 'rests unheard' || mood === 'arrives late';
      truth.set(id, { mood, filled, status: isOpen ? 'NEW' : filled === all ? 'FILLED' : 'CANCELED' });
      if (mood === 'fills') venue.fill(id);
    };
    venue.onQuery = tell;
    venue.onCancel = (id) => {
      const order = truth.get(id);
      if (order === undefined || order.status !== 'NEW') return venue.cancelReject(id, 'too late');
      order.status = 'CANCELED';
      venue.canceled(id);
    };
    return () => [...truth.values()].reduce((sum, { filled }) => sum + filled, 0);
  }

  test('books what truly filled, never more than the target, and comes to an end (I5, I6, I12)', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom(...MOODS), { minLength: 1, maxLength: 12 }),
        async (moods) => {
          const rig = await Rig.open({ plan: { timeout_seconds: 4 } });
          const filled = moody(rig, moods);
          const handle = await rig.submit(batch([leg({ params: TWAP })]));
          await rig.pass(10 * MINUTE);
          expect(net(rig)).toBe(filled() / 10);
          expect(filled()).toBeLessThanOrEqual(10);
          expect(rig.group()).toMatchObject({ filled_quantity: String(filled() / 10) });
          expect((await handle.result()).escalated).toEqual([]);
          expect(['COMPLETED', 'PARTIAL', 'CANCELLED']).toContain(rig.group().status);
          expect(audit(rig)).toEqual([]);
        },
      ),
      { numRuns: 40 },
    );
  });
});

describe('the answer to the query', () => {
  test('open: the order works on, and nothing more is asked', async () => {
    const { rig, id } = await lost();
    await rig.at((venue) => venue.status(id, 'NEW'));
    expect(rig.events('ORDER_RESOLVED')).toMatchObject([{ clientOrderId: id, status: 'NEW', by: 'venue' }]);
    expect(rig.group().order_ids).toEqual([`V-${id}`]);
    await rig.pass(60 * MINUTE);
    expect(rig.venue.queries).toHaveLength(1);
    await rig.at((venue) => venue.fill(id));
    expect(rig.group()).toMatchObject({ status: 'COMPLETED', filled_quantity: '1' });
    expect(audit(rig)).toEqual([]);
  });

  test('filled: the implied fill is booked once, at the average price', async () => {
    const { rig, handle, id } = await lost();
    await rig.at((venue) => {
      venue.status(id, 'FILLED', '1', '98.5');
      venue.status(id, 'FILLED', '1', '98.5');
    });
    expect(rig.events('FILL')).toMatchObject([{ connectorFillId: null, quantity: '1', price: '98.5' }]);
    expect(await handle.result()).toMatchObject({ status: 'COMPLETED' });
    expect(rig.positions()).toEqual({ [tradeId(1)]: '1' });
    expect(audit(rig)).toEqual([]);
  });

  test('filled, some of it known: the missing rest is implied, at the price the average leaves for it', async () => {
    const { rig, id } = await sent();
    await rig.at((venue) => {
      venue.noAnswer(id);
      venue.fill(id, '0.5', '99', { execId: 'A' });
      venue.noAnswer(id);
      venue.status(id, 'FILLED', '1', '98');
    });
    expect(rig.events('FILL')).toMatchObject([
      { connectorFillId: 'A', quantity: '0.5', price: '99' },
      { connectorFillId: null, quantity: '0.5', price: '97' },
    ]);
    expect(rig.runtime.positions()[0]?.entry_price).toBe('98');
  });

  test('executions that come after it take the place of what it implied: nothing counts twice', async () => {
    const { rig, id } = await lost();
    await rig.at((venue) => venue.status(id, 'FILLED', '1', '98.5'));
    await rig.at((venue) => venue.fill(id, '0.4', '98', { execId: 'A' }));
    expect(rig.events('FILL_REVERSED')).toMatchObject([
      { connectorFillId: null, quantity: '0.4', price: '98.5' },
    ]);
    expect(rig.positions()).toEqual({ [tradeId(1)]: '1' });
    await rig.at((venue) => venue.fill(id, '0.6', '98', { execId: 'B' }));
    expect(rig.positions()).toEqual({ [tradeId(1)]: '1' });
    expect(rig.runtime.positions()[0]?.entry_price).toBe('98');
    expect(rig.group()).toMatchObject({ status: 'COMPLETED', filled_quantity: '1' });
    expect(rig.codes()).not.toContain('LATE_FILL');
    expect(rig.events('INCIDENT')).toEqual([]);
    expect(rig.events('OVERFILL')).toEqual([]);
    expect(audit(rig)).toEqual([]);
  });

  test.each([
    ['CANCELED', '0.3', { status: 'PARTIAL', reason: 'venue_canceled', filled_quantity: '0.3' }],
    ['CANCELED', '0', { status: 'CANCELLED', reason: 'venue_canceled', filled_quantity: '0' }],
    ['EXPIRED', '0', { status: 'CANCELLED', reason: 'venue_expired', filled_quantity: '0' }],
    ['REJECTED', '0', { status: 'FAILED', reason: 'execution_error', filled_quantity: '0' }],
  ] as const)('%s with %s filled ends order and group', async (status, cumQty, expected) => {
    const { rig, id } = await lost();
    await rig.at((venue) => venue.status(id, status, cumQty, cumQty === '0' ? null : '99'));
    expect(rig.group()).toMatchObject(expected);
    expect(rig.events('ORDER_ENDED')).toMatchObject([{ status, filledQuantity: cumQty }]);
    expect(rig.venue.places).toHaveLength(1);
    expect(audit(rig)).toEqual([]);
  });

  test('comes as an acknowledgement: the late word resolves it as well', async () => {
    const { rig, id } = await lost();
    await rig.at((venue) => venue.ack(id));
    expect(rig.events('ORDER_RESOLVED')).toMatchObject([{ status: 'NEW', by: 'venue' }]);
    expect(rig.codes()).toEqual(['SLOW_EXECUTION']);
  });

  test('does not come: it is asked again each timeout_seconds', async () => {
    const { rig } = await lost();
    await rig.pass(90_000);
    expect(rig.venue.times('QUERY', T0)).toEqual([30_000, 60_000, 90_000, 120_000]);
    expect(rig.venue.places).toHaveLength(1);
  });

  test('and executions, in any order of arrival, come to the same fills', async () => {
    const words = ['status', 'A', 'B', 'C', 'B', 'status'] as const;
    const order = fc.shuffledSubarray([...words.keys()], { minLength: words.length });
    const sizes = { A: '0.2', B: '0.3', C: '0.5' } as const;
    await fc.assert(
      fc.asyncProperty(order, async (indexes) => {
        const { rig, id } = await sent();
        await rig.at((venue) => venue.noAnswer(id));
        for (const i of indexes) {
          const word = words[i] ?? 'status';
          await rig.at((venue) => {
            if (word === 'status') venue.status(id, 'FILLED', '1', '99');
            else venue.fill(id, sizes[word], '99', { execId: word });
          });
        }
        expect(net(rig)).toBe(1);
        expect(rig.positions()).toEqual({ [tradeId(1)]: '1' });
        expect(rig.group()).toMatchObject({ status: 'COMPLETED', filled_quantity: '1' });
        expect(audit(rig)).toEqual([]);
      }),
      { numRuns: 30 },
    );
  });
});

describe('absence', () => {
  const plan = { timeout_seconds: 2 };

  test('is not proved by "not found" before the place can surely not arrive any more', async () => {
    const { rig, id } = await sent({ plan });
    rig.venue.onQuery = () => rig.venue.notFound(id);
    await rig.pass(9_999);
    expect(rig.venue.times('QUERY', T0)).toEqual([2_000]);
    expect(rig.venue.places).toHaveLength(1);
    await rig.at((venue) => venue.ack(id));
    await rig.pass(5 * MINUTE);
    expect(rig.venue.places).toHaveLength(1);
    expect(rig.group()).toMatchObject({ status: 'ACTIVE', order_ids: [`V-${id}`] });
    expect(audit(rig)).toEqual([]);
  });

  test('is not proved by one "not found" after that', async () => {
    const { rig, id } = await sent({ plan });
    rig.venue.onQuery = () => {
      if (rig.venue.queries.length === 2) rig.venue.notFound(id);
    };
    await rig.pass(12_000);
    await rig.at((venue) => venue.status(id, 'NEW'));
    await rig.pass(5 * MINUTE);
    expect(rig.venue.places).toHaveLength(1);
    expect(rig.events('ORDER_RESENT')).toEqual([]);
    expect(rig.events('ORDER_RESOLVED')).toMatchObject([{ status: 'NEW' }]);
  });

  test('said twice after that lets it go out again: same client order id, same bytes', async () => {
    const { rig, handle, id } = await sent({ plan });
    rig.venue.onQuery = () => rig.venue.notFound(id);
    await rig.pass(10_100);
    expect(rig.venue.times('QUERY', T0)).toEqual([2_000, 10_000, 10_100]);
    expect(rig.venue.times('PLACE', T0)).toEqual([0, 10_100]);
    expect(rig.venue.places[1]).toEqual(rig.venue.places[0]);
    expect(rig.events('ORDER_RESENT')).toMatchObject([{ clientOrderId: id, retry: 1 }]);
    expect(rig.events('ORDER_INTENT')).toHaveLength(1);
    await rig.at((venue) => venue.fill(id));
    expect(await handle.result()).toMatchObject({ status: 'COMPLETED' });
    expect(audit(rig)).toEqual([]);
  });

  test('again and again ends the order as refused once the retries are used up, and its group FAILED', async () => {
    const { rig, handle, id } = await sent({ plan });
    rig.venue.onQuery = () => rig.venue.notFound(id);
    await rig.pass(5 * MINUTE);
    expect(rig.venue.times('PLACE', T0)).toEqual([0, 10_100, 20_200, 30_300]);
    expect(rig.events('ORDER_RESENT').map(({ retry }) => retry)).toEqual([1, 2, 3]);
    expect(rig.events('ORDER_ENDED')).toMatchObject([
      { status: 'REJECTED', filledQuantity: '0', reason: 'the venue never took the order' },
    ]);
    expect(rig.group()).toMatchObject({ status: 'FAILED', reason: 'execution_error' });
    expect(await handle.result()).toMatchObject({ status: 'FAILED' });
    expect(rig.events('EXECUTION_FAILED')).toMatchObject([
      { errorMessage: 'the venue never took the order' },
    ]);
    expect(audit(rig)).toEqual([]);
  });

  test('is final at once where the platform allows no retry', async () => {
    const { rig, id } = await sent({ plan: { ...plan, retry_policy: { max_retries: 0 } } });
    rig.venue.onQuery = () => rig.venue.notFound(id);
    await rig.pass(5 * MINUTE);
    expect(rig.venue.places).toHaveLength(1);
    expect(rig.group().status).toBe('FAILED');
  });

  test('of an order that nobody wants any more ends it: nothing goes out again', async () => {
    const { rig, handle, id } = await sent({ plan });
    rig.venue.onQuery = () => rig.venue.notFound(id);
    await rig.pass(3_000);
    await handle.cancel('enough');
    await rig.pass(5 * MINUTE);
    expect(rig.venue.places).toHaveLength(1);
    expect(await handle.result()).toMatchObject({ status: 'CANCELLED', reason: 'cancel_requested' });
    expect(audit(rig)).toEqual([]);
  });

  test('that the venue later disproves: the fill is booked and raises INCIDENT', async () => {
    const { rig, id } = await sent({ plan: { ...plan, retry_policy: { max_retries: 0 } } });
    rig.venue.onQuery = () => rig.venue.notFound(id);
    await rig.pass(5 * MINUTE);
    await rig.at((venue) => venue.fill(id, '0.4'));
    expect(rig.positions()).toEqual({ [tradeId(1)]: '0.4' });
    expect(rig.group()).toMatchObject({ status: 'FAILED', filled_quantity: '0.4' });
    expect(rig.events('INCIDENT')).toHaveLength(1);
    expect(rig.events('INCIDENT')[0]?.what).toContain('established by runtime');
  });
});

describe('an order that cannot rest', () => {
  /** Acknowledged and filled in part; the report that its remainder has ended was lost. */
  async function endless() {
    const { rig, handle, id } = await sent({}, leg());
    await rig.at((venue) => {
      venue.ack(id);
      venue.fill(id, '0.4');
    });
    return { rig, handle, id };
  }

  test('and whose end is not reported is asked for, and ends by the answer', async () => {
    const { rig, handle, id } = await endless();
    await rig.pass(29_999);
    expect(rig.venue.queries).toEqual([]);
    await rig.pass(1);
    expect(rig.venue.queries).toEqual([id]);
    await rig.at((venue) => venue.status(id, 'CANCELED', '0.4', '101'));
    expect(await handle.result()).toMatchObject({ status: 'PARTIAL', legs: [{ filledQuantity: '0.4' }] });
    expect(audit(rig)).toEqual([]);
  });

  test('is asked for again while the venue says that it is open, and is never given up for that', async () => {
    const { rig, handle, id } = await endless();
    rig.venue.onQuery = () => rig.venue.status(id, 'PARTIALLY_FILLED', '0.4', '101');
    await rig.pass(15 * MINUTE);
    expect(rig.venue.queries.length).toBeGreaterThan(10);
    expect(rig.codes()).not.toContain('ORDER_ESCALATED');
    await rig.at((venue) => venue.fill(id, '0.6'));
    expect(await handle.result()).toMatchObject({ status: 'COMPLETED' });
    expect(audit(rig)).toEqual([]);
  });
});
