/** INDEPENDENT and SEQUENTIAL, and what CLOSE means for a trade that is held or still being worked. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { PlaceOrder } from '../../src/dtos/venue.js';
import { createMemoryJournal } from '../../src/journal/index.js';
import {
  audit,
  BTC,
  batch,
  close,
  ETH,
  type LegOptions,
  leg,
  quantities,
  Rig,
  SOL,
  sequential,
  tradeId,
} from './rig.js';

const sent = (rig: Rig): string[] =>
  rig.venue.places.map(({ side, quantity, symbol }) => `${side} ${quantity} ${symbol.slice(0, 3)}`);

const reasons = (rig: Rig): string[] =>
  rig.runtime.groups().map(({ status, reason }) => `${status} ${reason}`);

/** Is this promise unsettled still? */
async function isOpen(promise: Promise<unknown>): Promise<boolean> {
  let open = true;
  const settle = (): void => {
    open = false;
  };
  promise.then(settle, settle);
  for (let i = 0; i < 20; i++) await Promise.resolve();
  return open;
}

const FATES = ['filled', 'partly filled', 'refused', 'refused in passing', 'resting', 'lost'] as const;
type Fate = (typeof FATES)[number];

/** What the venue does with an order of this fate. */
function meet(rig: Rig, fate: Fate, { clientOrderId: id, quantity }: PlaceOrder): void {
  const { venue } = rig;
  const execId = `${id}-x`;
  if (fate === 'refused') return venue.reject(id, 'margin');
  if (fate === 'refused in passing') return venue.reject(id, 'busy', true);
  if (fate === 'lost') return venue.noAnswer(id);
  venue.ack(id);
  if (fate === 'filled') venue.fill(id, undefined, undefined, { execId });
  if (fate === 'partly filled') {
    if (Number(quantity) > 0.1) venue.fill(id, '0.1', undefined, { execId });
    venue.canceled(id, 'immediate-or-cancel remainder');
  }
}

describe('INDEPENDENT', () => {
  const SYMBOLS = [BTC, ETH, SOL] as const;
  const kinds: readonly LegOptions[] = [
    {},
    { limit: '99.5' },
    { side: 'SELL' },
    { params: { strategy: 'TWAP', duration_seconds: 20, slices: 4 } },
  ];

  /** What one leg does, told without what counts over all legs: sequence numbers and minted ids. */
  async function traceOf(
    own: number,
    options: readonly LegOptions[],
    fates: readonly Fate[],
  ): Promise<unknown> {
    const rig = await Rig.open();
    rig.venue.onPlace = (order) =>
      meet(rig, fates[(SYMBOLS as readonly string[]).indexOf(order.symbol)] ?? 'filled', order);
    rig.venue.onCancel = (id) => rig.venue.canceled(id);
    const legs = options.map((option, i) => leg({ n: i + 1, symbol: SYMBOLS[i] ?? BTC, ...option }));
    await rig.submit(batch(legs));
    await rig.pass(60_000);
    const groupId = rig.group(own).group_id;
    const events = rig
      .all()
      .filter((event) => event.groupId === groupId && /^(ORDER|GROUP|LEG|FILL)/.test(event.type))
      .map(({ seq: _seq, cause: _cause, orderId: _order, ...event }) => ({ ...event, fillId: null }));
    const ids = new Set(events.flatMap((event) => ('clientOrderId' in event ? [event.clientOrderId] : [])));
    expect(audit(rig)).toEqual([]);
    return { events, requests: rig.venue.requests.filter(({ clientOrderId }) => ids.has(clientOrderId)) };
  }

  test('a leg does the same whatever becomes of the others', async () => {
    const fate = fc.constantFrom(...FATES);
    const legs = fc.tuple(fc.constantFrom(...kinds), fc.constantFrom(...kinds), fc.constantFrom(...kinds));
    const cases = fc.record({
      legs,
      own: fc.nat(2),
      fates: fc.tuple(fate, fate, fate),
      others: fc.tuple(fate, fate, fate),
    });
    await fc.assert(
      fc.asyncProperty(cases, async ({ legs, own, fates, others }) => {
        const mixed = others.map((other, i) => (i === own ? (fates[i] ?? other) : other));
        expect(await traceOf(own, legs, mixed)).toEqual(await traceOf(own, legs, fates));
      }),
      { numRuns: 25 },
    );
  });

  test.each(FATES)('a leg that works does the same beside one that is %s', async (fate) => {
    const legs = [kinds[3] ?? {}, {}];
    const trace = await traceOf(0, legs, ['filled', fate]);
    expect(trace).toEqual(await traceOf(0, legs, ['filled', 'filled']));
    expect(trace).toMatchObject({ requests: [{ kind: 'PLACE' }, {}, {}, {}] });
  });

  test.each([
    ['filled', 'filled', 'COMPLETED'],
    ['filled', 'refused', 'PARTIAL'],
    ['refused', 'partly filled', 'PARTIAL'],
    ['refused', 'refused', 'FAILED'],
  ] as const)('legs that are %s and %s make a batch that is %s', async (first, second, status) => {
    const rig = await Rig.open();
    rig.venue.onPlace = (order) => meet(rig, order.symbol === BTC ? first : second, order);
    const handle = await rig.submit(batch([leg({ n: 1 }), leg({ n: 2, symbol: ETH })]));
    expect((await handle.result()).status).toBe(status);
    expect(audit(rig)).toEqual([]);
  });

  test('a cancel leaves fills where they are, and ends CANCELLED', async () => {
    const rig = await Rig.open();
    rig.venue.rests();
    const handle = await rig.submit(
      batch([leg({ n: 1, limit: '100' }), leg({ n: 2, symbol: ETH, limit: '100' })]),
    );
    await rig.at((venue) => venue.fill(venue.id(0), '0.3'));
    await handle.cancel('enough');
    await rig.settle();
    expect(quantities(await handle.result())).toEqual({
      status: 'CANCELLED',
      reason: 'cancel_requested',
      filled: ['0.3', '0'],
      residuals: [],
      kept: [],
      dust: [],
    });
    expect(sent(rig)).toHaveLength(2);
    expect(audit(rig)).toEqual([]);
  });
});

describe('SEQUENTIAL', () => {
  const three = (first: LegOptions = {}, policy: object = {}) =>
    sequential([leg({ n: 1, ...first }), leg({ n: 2, symbol: ETH }), leg({ n: 3, symbol: SOL })], policy);

  test('starts each leg after the one before it', async () => {
    const rig = await Rig.open();
    const handle = await rig.submit(three());
    expect(sent(rig)).toEqual(['BUY 1 BTC']);
    await rig.at((venue) => venue.fill(venue.id(0)));
    expect(sent(rig)).toEqual(['BUY 1 BTC', 'BUY 1 ETH']);
    await rig.at((venue) => venue.fill(venue.id(1), '0.9'));
    expect(sent(rig)).toHaveLength(2);
    await rig.at((venue) => venue.fill(venue.id(1), '0.1'));
    await rig.at((venue) => venue.fill(venue.id(2)));
    expect((await handle.result()).status).toBe('COMPLETED');
    expect(audit(rig)).toEqual([]);
  });

  test('places the next leg only when the success of the one before is in the journal', async () => {
    const journal = createMemoryJournal();
    const rig = await Rig.open({ journal });
    const seen: number[] = [];
    rig.venue.onPlace = ({ clientOrderId }) => {
      seen.push(journal.committed.filter((line) => line.includes('"type":"GROUP_SETTLED"')).length);
      rig.venue.fill(clientOrderId);
    };
    await rig.submit(three());
    expect(seen).toEqual([0, 1, 2]);
  });

  test.each([
    ['refused', 'FAILED', 'FAILED execution_error'],
    ['partly filled', 'PARTIAL', 'PARTIAL venue_canceled'],
  ] as const)('never starts the rest after a leg that was %s', async (fate, status, first) => {
    const rig = await Rig.open();
    rig.venue.onPlace = (order) => meet(rig, fate, order);
    const handle = await rig.submit(three());
    await rig.pass(60_000);
    expect(sent(rig)).toEqual(['BUY 1 BTC']);
    expect(reasons(rig)).toEqual([first, 'CANCELLED sibling_failed', 'CANCELLED sibling_failed']);
    expect(rig.events('GROUP_ACTIVE')).toHaveLength(1);
    expect((await handle.result()).status).toBe(status);
    expect(audit(rig)).toEqual([]);
  });

  test('goes on after a partial success, with the later legs as large as they were', async () => {
    const rig = await Rig.open();
    const handle = await rig.submit(three({ routing: { min_fill_ratio: '0.5' } }));
    await rig.at((venue) => {
      venue.fill(venue.id(0), '0.5');
      venue.canceled(venue.id(0), 'immediate-or-cancel remainder');
    });
    expect(sent(rig)).toEqual(['BUY 1 BTC', 'BUY 1 ETH']);
    await rig.at((venue) => venue.fill(venue.id(1)));
    await rig.at((venue) => venue.fill(venue.id(2)));
    expect(quantities(await handle.result())).toMatchObject({
      status: 'COMPLETED',
      filled: ['0.5', '1', '1'],
    });
    expect(audit(rig)).toEqual([]);
  });

  test.each([
    ['cancel', 'CANCELLED', 'cancel_requested'],
    ['timeout', 'PARTIAL', 'timeout'],
    ['kill', 'CANCELLED', 'kill'],
  ] as const)(
    'stops in the middle at a %s: the leg at work is canceled, the rest never start',
    async (how, status, reason) => {
      const rig = await Rig.open();
      const handle = await rig.submit(three({}, { timeout_seconds: 5 }));
      await rig.at((venue) => venue.fill(venue.id(0)));
      await rig.at((venue) => venue.ack(venue.id(1)));
      if (how === 'cancel') await handle.cancel('enough');
      if (how === 'kill') await rig.runtime.kill('all', 'halt', 'me');
      await rig.pass(5000);
      await rig.at((venue) => venue.canceled(venue.id(1)));
      expect(rig.venue.cancels).toEqual([rig.venue.id(1)]);
      expect(sent(rig)).toHaveLength(2);
      expect(rig.statuses()).toEqual(['COMPLETED', 'CANCELLED', 'CANCELLED']);
      expect(await handle.result()).toMatchObject({ status, reason });
      expect(audit(rig)).toEqual([]);
    },
  );

  test('waits for a leg whose order is unknown', async () => {
    const rig = await Rig.open();
    const handle = await rig.submit(three());
    await rig.at((venue) => venue.noAnswer(venue.id(0)));
    await rig.pass(20_000);
    expect(sent(rig)).toHaveLength(1);
    expect(await isOpen(handle.result())).toBe(true);
    await rig.at((venue) => venue.status(venue.id(0), 'FILLED', '1', '100'));
    expect(sent(rig)).toEqual(['BUY 1 BTC', 'BUY 1 ETH']);
    expect(audit(rig)).toEqual([]);
  });

  test('does not start a closing leg out of turn when its trade comes free', async () => {
    const rig = await Rig.open();
    rig.venue.fillsAll();
    await rig.submit(batch([leg({ n: 1 })]));
    rig.venue.rests();
    await rig.submit(batch([leg({ n: 2, symbol: ETH, limit: '90' })]));
    await rig.at((venue) => venue.fill(venue.id(1), '0.5'));
    const handle = await rig.submit(sequential([close(1, { n: 91 }), close(2, { n: 92 })]));
    await rig.at((venue) => venue.fill(venue.id(1), '0.5')); // the entry of trade 2 completes by itself
    expect(sent(rig).slice(2)).toEqual(['SELL 1 BTC']);
    await rig.at((venue) => venue.fill(venue.id(2)));
    expect(sent(rig).slice(3)).toEqual(['SELL 1 ETH']);
    await rig.at((venue) => venue.fill(venue.id(3)));
    expect((await handle.result()).status).toBe('COMPLETED');
    expect(audit(rig)).toEqual([]);
  });
});

describe('CLOSE', () => {
  async function held(quantity = '1') {
    const rig = await Rig.open();
    rig.venue.fillsAll();
    await rig.submit(batch([leg({ n: 1, size: quantity })]));
    rig.venue.onPlace = ({ clientOrderId }) => rig.venue.ack(clientOrderId);
    rig.venue.onCancel = () => {};
    return rig;
  }

  test('sells what is held, reducing only', async () => {
    const rig = await held('0.7');
    const handle = await rig.submit(batch([close(1)]));
    expect(rig.venue.places[1]).toMatchObject({
      symbol: BTC,
      side: 'SELL',
      quantity: '0.7',
      reduceOnly: true,
    });
    await rig.at((venue) => venue.fill(venue.id(1)));
    expect((await handle.result()).status).toBe('COMPLETED');
    expect(rig.positions()).toEqual({ [tradeId(1)]: '0' });
    expect(audit(rig)).toEqual([]);
  });

  test('stops the working orders of its trade first, and closes what is held when they are gone', async () => {
    const rig = await Rig.open();
    rig.venue.onPlace = ({ clientOrderId }) => rig.venue.ack(clientOrderId);
    const entry = await rig.submit(batch([leg({ n: 1, limit: '100' })]));
    await rig.at((venue) => venue.fill(venue.id(0), '0.6'));
    const handle = await rig.submit(batch([close(1)]));
    expect(rig.venue.cancels).toEqual([rig.venue.id(0)]);
    await rig.at((venue) => venue.fill(venue.id(0), '0.1'));
    await rig.pass(2000);
    expect(sent(rig)).toEqual(['BUY 1 BTC']);
    await rig.at((venue) => venue.canceled(venue.id(0)));
    expect(sent(rig)).toEqual(['BUY 1 BTC', 'SELL 0.7 BTC']);
    await rig.at((venue) => venue.fill(venue.id(1)));
    // Its leg was canceled, not the batch: of a batch that was not called off the fills decide.
    expect(await entry.result()).toMatchObject({
      status: 'PARTIAL',
      legs: [{ status: 'CANCELLED', reason: 'cancel_requested', filledQuantity: '0.7' }],
    });
    expect((await handle.result()).status).toBe('COMPLETED');
    expect(rig.group(1).target_quantity).toBe('0.7');
    expect(audit(rig)).toEqual([]);
  });

  test('that comes second waits for the first and sells what it leaves', async () => {
    const rig = await held();
    await rig.submit(batch([close(1, { n: 90 })]));
    const second = await rig.submit(batch([close(1, { n: 91 })]));
    expect(sent(rig).slice(1)).toEqual(['SELL 1 BTC']);
    await rig.at((venue) => {
      venue.fill(venue.id(1), '0.4');
      venue.canceled(venue.id(1), 'immediate-or-cancel remainder');
    });
    expect(sent(rig).slice(2)).toEqual(['SELL 0.6 BTC']);
    await rig.at((venue) => venue.fill(venue.id(2)));
    expect((await second.result()).status).toBe('COMPLETED');
    expect(rig.positions()).toEqual({ [tradeId(1)]: '0' });
    expect(audit(rig)).toEqual([]);
  });

  test('never sells more than is held, however many of them there are and whatever becomes of each', async () => {
    const end = fc.record({ fills: fc.nat(10), when: fc.nat(3) });
    await fc.assert(
      fc.asyncProperty(fc.array(end, { minLength: 2, maxLength: 4 }), async (closes) => {
        const rig = await held();
        for (const k of closes.keys()) await rig.submit(batch([close(1, { n: 90 + k })]));
        for (const [k, { fills, when }] of closes.entries()) {
          await rig.pass(when * 100);
          const order = rig.venue.places[k + 1]; // after the entry, one by one
          if (order === undefined) break;
          await rig.at((venue) => {
            const lots = Math.min(fills, Math.round(Number(order.quantity) * 10));
            if (lots > 0) venue.fill(order.clientOrderId, (lots / 10).toString());
            venue.canceled(order.clientOrderId, 'immediate-or-cancel remainder');
          });
        }
        const sold = rig.events('FILL').filter(({ side }) => side === 'SELL');
        const total = sold.reduce((sum, { quantity }) => sum + Math.round(Number(quantity) * 10), 0);
        expect(total).toBeLessThanOrEqual(10);
        expect(rig.positions()).toEqual({ [tradeId(1)]: ((10 - total) / 10).toString() });
        expect(rig.statuses()).not.toContain('ACTIVE');
        expect(audit(rig)).toEqual([]);
      }),
      { numRuns: 25 },
    );
  });

  test('of nothing completes without an order', async () => {
    const rig = await held();
    rig.venue.fillsAll();
    await rig.submit(batch([close(1, { n: 90 })]));
    const handle = await rig.submit(batch([close(1, { n: 91 })]));
    expect(sent(rig)).toHaveLength(2);
    expect(await handle.result()).toMatchObject({
      status: 'COMPLETED',
      legs: [{ targetQuantity: null, success: true }],
    });
    expect(rig.group(-1)).toMatchObject({
      status: 'COMPLETED',
      reason: 'no_order_needed',
      target_quantity: null,
    });
    expect(rig.events('_flow_stop_success').at(-1)?.flowId).toBe(close(1, { n: 91 }).command_id);
    expect(audit(rig)).toEqual([]);
  });

  test('covers a short position', async () => {
    const rig = await Rig.open();
    rig.venue.fillsAll();
    await rig.submit(batch([leg({ n: 1, side: 'SELL' })]));
    await rig.submit(batch([close(1)]));
    expect(sent(rig)).toEqual(['SELL 1 BTC', 'BUY 1 BTC']);
    expect(rig.positions()).toEqual({ [tradeId(1)]: '0' });
  });

  test('sells what fees have left, down to the lot, and reports the rest as dust', async () => {
    const rig = await Rig.open();
    await rig.submit(batch([leg({ n: 1 })]));
    await rig.at((venue) =>
      venue.fill(venue.id(0), '1', '100', { commission: '0.03', commissionAsset: 'BTC' }),
    );
    rig.venue.fillsAll();
    const handle = await rig.submit(batch([close(1)]));
    expect(sent(rig)[1]).toBe('SELL 0.9 BTC');
    expect(quantities(await handle.result())).toMatchObject({ status: 'COMPLETED', dust: [`0.07 ${BTC}`] });
    expect(audit(rig)).toEqual([]);
  });

  test('sells no more than the venue says is free', async () => {
    const rig = await Rig.open({ venue: { allowShort: false, balances: { BTC: '0.45', USDT: '1000' } } });
    rig.venue.fillsAll();
    await rig.submit(batch([leg({ n: 1 })]));
    await rig.submit(batch([close(1)]));
    expect(sent(rig)[1]).toBe('SELL 0.4 BTC');
  });
});
