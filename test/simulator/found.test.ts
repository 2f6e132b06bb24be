/**
 * Defects that worlds have found, each as the smallest story that shows it. The seed is gone with the defect; the
 * story stays.
 */
import { describe, expect, test } from '@jest/globals';
import { Subject } from 'rxjs';
import { SimulatedClock } from '../../src/clock/simulated-clock.js';
import type { AccountReport } from '../../src/dtos/venue.js';
import {
  audit,
  BTC,
  batch,
  close,
  codeOf,
  coordinated,
  ETH,
  leg,
  modify,
  Rig,
  SOL,
  T0,
  tradeId,
} from '../runtime/rig.js';
import { ScriptedConnector } from '../support/scripted-connector.js';

type RigParts = Parameters<typeof Rig.open>[1];

const RESTING = { limit: '100' };

/** BTC fills, ETH is refused: an unwind of 1 BTC is on its way. */
async function unwinding() {
  const rig = await Rig.open({ plan: { retry_policy: { max_retries: 2, initial_delay_ms: 100 } } });
  rig.venue.onCancel = (id) => rig.venue.canceled(id);
  const handle = await rig.submit(
    coordinated([leg({ n: 1, ...RESTING }), leg({ n: 2, symbol: ETH, ...RESTING })]),
  );
  await rig.at((venue) => {
    venue.ack(venue.id(0));
    venue.fill(venue.id(0), '1');
    venue.reject(venue.id(1), 'margin');
  });
  return { rig, handle };
}

/** A settled batch of 1 BTC at 99, pushed out of the bounded history; `before` plays its one order. */
async function forgotten(before: (rig: Rig, id: string) => Promise<unknown>, parts?: RigParts) {
  const rig = await Rig.open({ orchestration: { limits: { history_groups: 1 } } }, parts);
  rig.venue.rests();
  await rig.submit(batch([leg({ n: 1, limit: '99' })]));
  const id = rig.venue.id();
  await before(rig, id);
  rig.venue.fillsAll();
  for (const n of [2, 3]) await rig.submit(batch([leg({ n, symbol: ETH })]));
  await rig.settle();
  expect(rig.runtime.groups().some(({ symbol }) => symbol === BTC)).toBe(false);
  return { rig, id };
}

/** One order without an acknowledgement, denied often enough to go out again. */
async function resent(rig: Rig): Promise<string> {
  const id = rig.venue.id();
  rig.venue.onQuery = (asked) => rig.venue.notFound(asked);
  while (rig.events('ORDER_RESENT').length === 0 && rig.clock.now() < 1e15) await rig.pass(1_000);
  rig.venue.onQuery = () => {};
  return id;
}

describe('an unwind', () => {
  test('that is refused for a passing cause is tried again, though its batch is stopping', async () => {
    const { rig } = await unwinding();
    const first = rig.venue.id(-1);
    await rig.at((venue) => venue.reject(first, 'overload', true));
    await rig.pass(150);
    expect(rig.venue.id(-1)).toBe(`${first.slice(0, -2)}01`);
    expect(rig.events('ORDER_NOT_SENT')).toEqual([]);
  });

  test('that a venue overfills late leaves a residual the other way round', async () => {
    const { rig, handle } = await unwinding();
    const first = rig.venue.id(-1);
    await rig.at((venue) => {
      venue.ack(first);
      venue.canceled(first, 'immediate or cancel');
    });
    await rig.pass(1_500);
    const second = rig.venue.id(-1);
    expect(second).not.toBe(first);
    await rig.at((venue) => {
      venue.fill(first, '0.4');
      venue.fill(second, '1');
    });
    const { status, residuals } = await handle.result();
    expect({ status, residuals }).toMatchObject({
      status: 'PARTIAL',
      residuals: [{ symbol: BTC, quantity: '-0.4', reason: 'unwind_overfilled' }],
    });
    expect(audit(rig)).toEqual([]);
  });
});

describe('a fill that a venue takes back', () => {
  test('while its unwind is under way leaves what the unwind then sends, as a residual', async () => {
    const { rig, handle } = await unwinding();
    const [leg_, unwind] = [rig.venue.id(0), rig.venue.id(-1)];
    const { connectorFillId } = rig.events('FILL')[0] ?? {};
    await rig.at((venue) => {
      venue.report({
        ...{ type: 'TRADE_CANCEL', clientOrderId: leg_, execId: 'B', execRefId: connectorFillId ?? '' },
      });
      venue.fill(unwind, '1');
    });
    expect(await handle.result()).toMatchObject({
      status: 'PARTIAL',
      residuals: [{ symbol: BTC, quantity: '-1', reason: 'unwind_overfilled' }],
    });
  });
});

describe('a fill that is taken back after its unwind', () => {
  test('is a residual in the status of its batch too', async () => {
    const rig = await Rig.open();
    rig.venue.onCancel = (id) => id === rig.venue.id(0) && rig.venue.canceled(id);
    const legs = [BTC, ETH, SOL].map((symbol, i) => leg({ n: i + 1, symbol, ...RESTING }));
    const handle = await rig.submit(coordinated(legs));
    const [btc, eth, sol] = [rig.venue.id(0), rig.venue.id(1), rig.venue.id(2)];
    await rig.at((venue) => {
      venue.fill(btc, '1', '100', { execId: 'A' });
      venue.ack(sol);
      venue.reject(eth, 'margin');
    });
    // SOL's cancel stays unanswered: BTC is sent back after the grace.
    await rig.pass(6_000);
    await rig.at((venue) => venue.fill(venue.id(-1), '1'));
    await rig.at((venue) =>
      venue.report({ type: 'TRADE_CANCEL', clientOrderId: btc, execId: 'B', execRefId: 'A' }),
    );
    await rig.at((venue) => {
      venue.canceled(btc);
      venue.canceled(sol);
    });
    expect(await handle.result()).toMatchObject({
      status: 'PARTIAL',
      residuals: [{ symbol: BTC, quantity: '-1' }],
    });
  });
});

describe('an order that went out again', () => {
  test('is asked about when a refusal comes that may be the late answer to its first sending', async () => {
    const rig = await Rig.open();
    await rig.submit(batch([leg({ n: 1, ...RESTING })], { timeout_seconds: 600 }));
    const id = await resent(rig);
    await rig.at((venue) => venue.reject(id, 'margin'));
    expect(rig.events('ORDER_ENDED')).toEqual([]);
    expect(rig.events('ORDER_UNKNOWN').at(-1)?.reason).toContain('sent more than once');
    await rig.at((venue) => venue.status(id, 'NEW'));
    expect(rig.events('ORDER_RESOLVED').at(-1)).toMatchObject({ clientOrderId: id, status: 'NEW' });
    expect(rig.statuses()).toEqual(['ACTIVE']);
  });

  test('does not go out when a late fill has taken its room meanwhile (I5)', async () => {
    const rig = await Rig.open();
    const twap = { strategy: 'TWAP', duration_seconds: 400, slices: 2, on_reject: 'SKIP' };
    await rig.submit(batch([leg({ n: 1, params: twap })], { timeout_seconds: 600 }));
    const first = rig.venue.id(0);
    await rig.at((venue) => {
      venue.ack(first);
      venue.canceled(first, 'immediate or cancel');
    });
    await rig.pass(200_000);
    const second = rig.venue.id(-1);
    expect(second).not.toBe(first);
    await rig.at((venue) => venue.fill(first, '0.5'));
    rig.venue.onQuery = (asked) => rig.venue.notFound(asked);
    await rig.pass(120_000);
    const sent = rig.venue.places.filter(({ clientOrderId }) => clientOrderId === second);
    expect({ sent: sent.length, quantity: sent[0]?.quantity }).toEqual({ sent: 1, quantity: '1' });
    expect(rig.events('ORDER_NOT_SENT').map(({ reason }) => reason)).toContain('exceeds target (I5)');
  });
});

describe('an order whose group has left memory', () => {
  test('counts an execution once that a status had implied before', async () => {
    const { rig, id } = await forgotten(async (rig, id) => {
      await rig.at((venue) => venue.noAnswer(id));
      await rig.at((venue) => venue.status(id, 'FILLED', '1', '99'));
    });
    expect(rig.positions()[tradeId(1)]).toBe('1');
    await rig.at((venue) => venue.fill(id, '0.4', '99', { execId: 'A' }));
    await rig.at((venue) => venue.fill(id, '0.6', '99', { execId: 'B' }));
    expect(rig.positions()[tradeId(1)]).toBe('1');
    expect(rig.events('FILL_REVERSED').map(({ quantity }) => quantity)).toEqual(['0.4', '0.6']);
  });

  test('counts an execution once even when everything comes in one commit', async () => {
    const rig = await Rig.open({ orchestration: { limits: { history_groups: 1 } } });
    rig.venue.rests();
    for (const n of [1, 2, 3])
      await rig.submit(batch([leg({ n, symbol: n === 1 ? BTC : ETH, limit: '99' })]));
    const [first, second, third] = [rig.venue.id(0), rig.venue.id(1), rig.venue.id(2)];
    await rig.at((venue) => venue.noAnswer(first));
    await rig.at((venue) => {
      venue.status(first, 'FILLED', '1', '99');
      venue.fill(second, '1');
      venue.fill(third, '1');
      venue.fill(first, '1', '99', { execId: 'A' });
    });
    expect(rig.positions()[tradeId(1)]).toBe('1');
  });

  test('names what is filled beyond its target (I9)', async () => {
    const { rig, id } = await forgotten((rig, id) =>
      rig.at((venue) => venue.fill(id, '1', '99', { execId: 'A' })),
    );
    await rig.at((venue) => venue.fill(id, '0.3', '99', { execId: 'B' }));
    expect(rig.events('OVERFILL')).toMatchObject([{ excess: '0.3' }]);
    expect(rig.codes()).toContain('OVERFILL');
  });

  test('is no orphan when a report of it makes no sense', async () => {
    const { rig, id } = await forgotten((rig, id) => rig.at((venue) => venue.fill(id, '1', '99')));
    await rig.at((venue) => venue.fill(id, 'NaN', '99', { execId: 'B' }));
    expect(rig.events('ORPHAN')).toEqual([]);
    expect(rig.events('INCIDENT').map(({ what }) => what)).toEqual([expect.stringContaining('NaN')]);
  });
});

describe('a batch', () => {
  test('counts a fill that came after its leg had settled', async () => {
    const rig = await Rig.open();
    rig.venue.onCancel = (id) => rig.venue.canceled(id);
    const handle = await rig.submit(
      batch([leg({ n: 1, ...RESTING }), leg({ n: 2, symbol: ETH, ...RESTING })], { timeout_seconds: 60 }),
    );
    const [btc, eth] = [rig.venue.id(0), rig.venue.id(1)];
    await rig.at((venue) => {
      for (const id of [btc, eth]) venue.ack(id);
      venue.canceled(btc, 'self-match prevention');
    });
    await rig.at((venue) => venue.fill(btc, '0.2'));
    await rig.at((venue) => venue.canceled(eth, 'self-match prevention'));
    expect((await handle.result()).status).toBe('PARTIAL');
  });

  test('that failed and whose position its own stop has closed has no residual, and ends FAILED', async () => {
    const rig = await Rig.open();
    rig.venue.onCancel = (id) => rig.venue.canceled(id);
    const policy = { on_leg_failure: 'CANCEL_PENDING', timeout_seconds: 60 };
    const legs = [leg({ n: 1, exit: { stop: '90' } }), leg({ n: 2, symbol: ETH, ...RESTING })];
    const handle = await rig.submit(coordinated(legs, policy));
    await rig.at((venue) => {
      venue.fill(venue.id(0), '1');
      venue.ack(venue.id(1));
    });
    rig.venue.price(BTC, '85');
    await rig.pass(3_000);
    await rig.at((venue) => venue.fill(venue.id(-1), '1', '85'));
    expect(rig.positions()[tradeId(1)]).toBe('0');
    await rig.pass(60_000);
    expect(await handle.result()).toMatchObject({ status: 'FAILED', residuals: [] });
  });
});

describe('a MODIFY that sells what its trade holds', () => {
  test('starts once, though its trade is looked after again before it has placed its order', async () => {
    const rig = await Rig.open({ venue: { minNotional: '20' } });
    rig.venue.rests();
    await rig.submit(batch([leg({ n: 1, size: '0.2', limit: '100', exit: { stop: '90' } })]));
    await rig.at((venue) => venue.fill(venue.id(0), '0.1'));
    await rig.submit(batch([modify(1, { n: 50, size: '0.1' })]));
    expect(rig.events('GROUP_STARTED')).toHaveLength(2);
  });
});

describe('a kill that ends two legs in one fold', () => {
  test.each(['INDEPENDENT', 'SEQUENTIAL', 'COORDINATED'])(
    'is the reason of their batch, %s, though the first of them had nothing to do',
    async (mode) => {
      const rig = await Rig.open();
      await rig.submit(batch([leg({ n: 1, ...RESTING }), leg({ n: 2, symbol: ETH, ...RESTING })]));
      await rig.at((venue) => {
        for (const k of [0, 1]) venue.ack(venue.id(k));
        venue.fill(venue.id(1), '0.5');
      });
      // The venue does not answer their cancels: both closes wait for what is still to come of their trades.
      const handle = await rig.submit(batch([close(1, { n: 90 }), close(2, { n: 91 })], { mode }));
      await rig.runtime.kill({ venue: 'SIM' }, 'maintenance', 'alice');
      expect(await handle.result()).toMatchObject({
        ...{ status: 'CANCELLED', reason: 'kill' },
        legs: [
          { success: true, reason: 'no_order_needed' },
          { success: false, reason: 'kill' },
        ],
      });
    },
  );
});

describe('what an unwind leaves below the minimum notional', () => {
  test('is told as dust, though the price makes it worth more before the batch ends', async () => {
    const rig = await Rig.open({ venue: { minNotional: '10' } });
    rig.venue.onCancel = (id) => rig.venue.canceled(id);
    const legs = [
      leg({ n: 1, ...RESTING }),
      leg({ n: 2, symbol: ETH, ...RESTING }),
      leg({ n: 3, symbol: SOL, ...RESTING }),
    ];
    const handle = await rig.submit(coordinated(legs));
    const [btc, eth, sol] = [rig.venue.id(0), rig.venue.id(1), rig.venue.id(2)];
    await rig.at((venue) => {
      venue.status(btc, 'FILLED', '1', '99');
      venue.fill(eth, '1');
      venue.reject(sol, 'margin');
    });
    const [ofBtc, ofEth] = [rig.venue.id(3), rig.venue.id(4)];
    await rig.at((venue) => {
      venue.fill(ofBtc, '0.9', '99');
      venue.canceled(ofBtc, 'immediate or cancel');
    });
    await rig.pass(5_000);
    await rig.at((venue) => venue.fill(btc, '1', '101'));
    await rig.at((venue) => venue.fill(ofEth, '1'));
    const { residuals, dust } = await handle.result();
    expect({ residuals, dust }).toEqual({ residuals: [], dust: [{ symbol: BTC, quantity: '0.1' }] });
  });
});

describe('a trade that grows again after its stop', () => {
  test('is no residual of the batch that the stop had closed', async () => {
    const rig = await Rig.open();
    const policy = { timeout_seconds: 60 };
    const legs = [leg({ n: 1, exit: { stop: '90' } }), leg({ n: 2, symbol: ETH, ...RESTING })];
    const handle = await rig.submit(coordinated(legs, policy));
    const eth = rig.venue.id(1);
    rig.venue.onCancel = (id) => id !== eth && rig.venue.canceled(id);
    await rig.at((venue) => {
      venue.fill(venue.id(0), '1');
      venue.ack(eth);
    });
    rig.venue.price(BTC, '85');
    await rig.pass(3_000);
    await rig.at((venue) => venue.fill(venue.id(-1), '1', '85'));
    await rig.pass(57_000);
    await rig.submit(batch([modify(1, { n: 50, size: '0.5' })]));
    await rig.at((venue) => venue.fill(venue.id(-1), '0.5', '85'));
    expect(rig.positions()[tradeId(1)]).toBe('0.5');
    await rig.at((venue) => venue.canceled(eth));
    expect(await handle.result()).toMatchObject({ status: 'FAILED', residuals: [] });
  });
});

describe('an execution of a stop that is taken back', () => {
  test('leaves a position that the batch still counts: it ends PARTIAL, not FAILED beside a residual', async () => {
    const rig = await Rig.open();
    const policy = { on_leg_failure: 'CANCEL_PENDING', timeout_seconds: 60 };
    const legs = [leg({ n: 1, ...RESTING, exit: { stop: '90' } }), leg({ n: 2, symbol: ETH, ...RESTING })];
    const handle = await rig.submit(coordinated(legs, policy));
    const [btc, eth] = [rig.venue.id(0), rig.venue.id(1)];
    rig.venue.onCancel = (id) => id === btc && rig.venue.canceled(id);
    await rig.at((venue) => {
      venue.ack(btc);
      venue.ack(eth);
      venue.fill(btc, '0.5');
    });
    rig.venue.price(BTC, '85');
    await rig.pass(3_000);
    const stop = rig.venue.id(-1);
    await rig.at((venue) => venue.fill(stop, '0.5', '85', { execId: 'A' }));
    await rig.at((venue) =>
      venue.report({ type: 'TRADE_CANCEL', clientOrderId: stop, execId: 'B', execRefId: 'A' }),
    );
    await rig.at((venue) => venue.canceled(eth));
    expect(await handle.result()).toMatchObject({
      status: 'PARTIAL',
      residuals: [{ symbol: BTC, quantity: '0.5' }],
    });
  });
});

describe('a close', () => {
  test('cannot be amended before it has read its position', async () => {
    const rig = await Rig.open();
    await rig.submit(batch([leg({ n: 1, ...RESTING })], { timeout_seconds: 600 }));
    await rig.at((venue) => venue.fill(venue.id(0), '0.5'));
    // The entry is canceled first, and nobody has confirmed that yet.
    await rig.submit(batch([close(1)], { timeout_seconds: 600 }));
    const waiting = rig.runtime.groups().find(({ status }) => status === 'PENDING');
    expect(await codeOf(rig.runtime.amend(waiting?.group_id ?? '', { working_cap: '0.1' }))).toBe(
      'AMEND_REFUSED',
    );
  });
});

describe('an unwind that waits for the protection of its trade to give way', () => {
  test('cannot be amended before it has read what is left to send back', async () => {
    const rig = await Rig.open();
    const legs = [leg({ n: 1, ...RESTING, exit: { stop: '90' } }), leg({ n: 2, symbol: ETH, ...RESTING })];
    await rig.submit(coordinated(legs, { timeout_seconds: 600 }));
    await rig.at((venue) => {
      venue.fill(venue.id(0), '1');
      venue.ack(venue.id(1));
    });
    await rig.at((venue) => venue.reject(venue.id(1), 'margin'));
    const waiting = rig.runtime.groups().find(({ status }) => status === 'PENDING');
    expect(waiting?.symbol).toBe(BTC);
    expect(await codeOf(rig.runtime.amend(waiting?.group_id ?? '', { working_cap: '0.5' }))).toBe(
      'AMEND_REFUSED',
    );
  });
});

describe('two fills of an old group in one listing', () => {
  test('are counted one after the other: what goes beyond the target is named (I9)', async () => {
    const clock = new SimulatedClock(T0);
    const accounts$ = new Subject<AccountReport>();
    const venue = Object.assign(new ScriptedConnector({ clock }), { accounts$ });
    const { rig, id } = await forgotten(
      async (rig, id) => {
        await rig.at((venue) => venue.fill(id, '0.4', '99', { execId: 'A' }));
        await rig.at((venue) => venue.canceled(id, 'self-match prevention'));
      },
      { clock, venue },
    );
    const trade = { type: 'TRADE', clientOrderId: id, quantity: '0.5', price: '99' } as const;
    const at = clock.now();
    const fills = ['B', 'C'].map((execId) => ({ ...trade, execId, at }));
    accounts$.next({ type: 'MASS_STATUS', at, since: T0, orders: [], fills, balances: null });
    await rig.settle();
    expect(rig.positions()[tradeId(1)]).toBe('1.4');
    expect(rig.events('OVERFILL')).toMatchObject([{ excess: '0.4' }]);
  });
});

describe('a sweep without a price', () => {
  test('is asked for again once a second, not over and over at one moment', async () => {
    const rig = await Rig.open();
    const params = { strategy: 'TWAP', duration_seconds: 30, slices: 2, on_reject: 'SKIP' };
    const sweeps = { ...params, on_deadline: 'SWEEP', sweep_lead_seconds: 5 };
    rig.venue.price(BTC, null);
    const handle = await rig.submit(batch([leg({ n: 1, params: sweeps })], { timeout_seconds: 60 }));
    await rig.pass(24_999);
    for (let inputs = 0; inputs < 4; inputs++) {
      rig.clock.runNext();
      await rig.runtime.settle();
    }
    expect(rig.clock.now()).toBe(T0 + 28_000);
    rig.venue.fillsAll();
    rig.venue.price(BTC, '100');
    await rig.pass(2_000);
    expect((await handle.result()).status).toBe('COMPLETED');
  });
});
