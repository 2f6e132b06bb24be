/** Hazards: answers that come to nothing, refusals without end, tiny rests, operators' typing errors, broken parts. */
import { describe, expect, test } from '@jest/globals';
import { createMemoryJournal } from '../../src/journal/index.js';
import type { Journal } from '../../src/ports/journal.js';
import {
  audit,
  BTC,
  batch,
  close,
  codeOf,
  coordinated,
  ETH,
  isPending,
  leg,
  modify,
  Rig,
  sequential,
  tradeId,
} from './rig.js';

const SECONDS = 1000;

describe('a venue that answers everything and does nothing', () => {
  test('is asked to cancel a bounded number of times, then a person is called', async () => {
    const rig = await Rig.open();
    rig.venue.onPlace = ({ clientOrderId }) => rig.venue.ack(clientOrderId);
    rig.venue.onCancel = (id) => rig.venue.cancelReject(id, 'no');
    rig.venue.onQuery = (id) => rig.venue.status(id, 'NEW');
    const handle = await rig.submit(batch([leg({ limit: '99' })]));
    await handle.cancel('enough');
    await rig.pass(3600 * SECONDS);
    expect(rig.venue.cancels.length).toBeLessThan(20);
    expect((await handle.result()).escalated).toHaveLength(1);
    expect(audit(rig)).toEqual([]);
  });

  test('escalates an order once, however often its cancel is asked for', async () => {
    const rig = await Rig.open({ venue: { placeValidityMs: null } });
    const handle = await rig.submit(batch([leg({ limit: '99' })]));
    await rig.pass(3600 * SECONDS);
    await handle.cancel('enough');
    await rig.pass(3600 * SECONDS);
    const [intent] = rig.events('ORDER_INTENT');
    expect((await handle.result()).escalated).toEqual([intent?.orderId]);
    expect(rig.runtime.openBatches).toBe(1);
  });

  test('refuses every attempt of an unwind: the rest is a residual with its reason', async () => {
    const rig = await Rig.open();
    rig.venue.onPlace = ({ clientOrderId, symbol, side }) => {
      if (side === 'BUY' && symbol === BTC) rig.venue.fill(clientOrderId);
      else rig.venue.reject(clientOrderId, 'halted instrument');
    };
    const handle = await rig.submit(coordinated([leg({ n: 1 }), leg({ n: 2, symbol: ETH })]));
    await rig.pass(120 * SECONDS);
    expect(await handle.result()).toMatchObject({
      status: 'PARTIAL',
      residuals: [{ symbol: BTC, quantity: '1', reason: 'halted instrument' }],
    });
    expect(rig.venue.places.filter(({ side }) => side === 'SELL')).toHaveLength(3);
    expect(rig.codes()).toContain('RESIDUAL');
    expect(audit(rig)).toEqual([]);
  });
});

describe('a cancel that a group needs in order to go on', () => {
  const twice = { strategy: 'SINGLE', order_type: 'LIMIT', duration_seconds: 600 };

  /** A resting order whose price is amended; its cancel is under way. */
  async function amended() {
    const rig = await Rig.open();
    await rig.submit(batch([leg({ limit: '99', params: twice })]));
    const id = rig.venue.id();
    await rig.at((venue) => venue.ack(id));
    await rig.runtime.amend(rig.group().group_id, { limit_price: '99.5' });
    await rig.settle();
    expect(rig.venue.cancels).toEqual([id]);
    expect(rig.venue.places).toHaveLength(1);
    return { rig, id };
  }

  test('is repeated when it was lost, and only then the order goes out at the new price', async () => {
    const { rig, id } = await amended();
    await rig.pass(30 * SECONDS);
    expect(rig.venue.cancels).toHaveLength(2);
    await rig.at((venue) => venue.canceled(id));
    expect(rig.venue.places.at(-1)).toMatchObject({ price: '99.5', quantity: '1' });
    expect(audit(rig)).toEqual([]);
  });

  test('is asked for again when the venue refused it and the order is open', async () => {
    const { rig, id } = await amended();
    await rig.at((venue) => venue.cancelReject(id, 'auction'));
    await rig.at((venue) => venue.status(id, 'PARTIALLY_FILLED', '0.2', '99'));
    await rig.pass(1 * SECONDS);
    expect(rig.venue.cancels).toHaveLength(2);
    await rig.at((venue) => venue.canceled(id));
    expect(rig.venue.places.at(-1)).toMatchObject({ price: '99.5', quantity: '0.8' });
    expect(audit(rig)).toEqual([]);
  });

  test('is asked for again when its order was lost and is found open', async () => {
    const { rig, id } = await amended();
    await rig.at((venue) => venue.noAnswer(id));
    await rig.at((venue) => venue.status(id, 'NEW'));
    await rig.pass(31 * SECONDS);
    expect(rig.venue.cancels.length).toBeGreaterThan(1);
    await rig.at((venue) => venue.canceled(id));
    expect(rig.venue.places.at(-1)).toMatchObject({ price: '99.5' });
  });

  test('that loses against the fill places nothing', async () => {
    const { rig, id } = await amended();
    await rig.at((venue) => {
      venue.fill(id);
      venue.cancelReject(id, 'too late');
    });
    await rig.pass(600 * SECONDS);
    expect(rig.venue.places).toHaveLength(1);
    expect(rig.group().status).toBe('COMPLETED');
  });
});

describe('an order that never left', () => {
  test('is not brought to life by the venue refusing its cancel as unknown', async () => {
    const rig = await Rig.open();
    rig.venue.onCancel = (id) => rig.venue.cancelReject(id, 'unknown order');
    const { directive, commands } = batch([leg()]);
    const submitted = rig.runtime.submit(directive, commands);
    const killed = rig.runtime.kill('all', 'fire drill', 'alice');
    await Promise.all([submitted, killed]);
    await rig.pass(600 * SECONDS);
    expect(rig.venue.places).toEqual([]);
    expect(rig.group()).toMatchObject({ status: 'CANCELLED', filled_quantity: '0' });
    const [intent] = rig.events('ORDER_INTENT');
    const verdict = { status: 'CANCELED', cumQty: '0', avgPx: null, evidence: 'none' } as const;
    expect(await codeOf(rig.runtime.resolveOrder(intent?.orderId ?? '', verdict, 'alice'))).toBe(
      'UNKNOWN_ORDER',
    );
    expect(audit(rig)).toEqual([]);
  });
});

describe('a cancel that overtakes its place', () => {
  test('is sent again when the order is acknowledged after all', async () => {
    const rig = await Rig.open();
    const handle = await rig.submit(batch([leg({ limit: '99' })]));
    const id = rig.venue.id();
    await handle.cancel('enough');
    await rig.at((venue) => {
      venue.cancelReject(id, 'unknown order');
      venue.notFound(id);
    });
    await rig.at((venue) => venue.ack(id));
    expect(rig.venue.cancels).toEqual([id, id]);
    await rig.at((venue) => venue.canceled(id));
    expect((await handle.result()).status).toBe('CANCELLED');
    expect(audit(rig)).toEqual([]);
  });
});

describe('a retry that waits', () => {
  test('is held back by a sibling of unknown fate like any other order', async () => {
    const rig = await Rig.open({
      plan: { retry_policy: { initial_delay_ms: 6000, max_delay_ms: 60_000, backoff_strategy: 'constant' } },
    });
    rig.venue.onPlace = ({ clientOrderId, symbol }) => {
      if (symbol === BTC) rig.venue.noAnswer(clientOrderId);
      else rig.venue.reject(clientOrderId, 'rate limit', true);
    };
    await rig.submit(coordinated([leg({ n: 1, limit: '99' }), leg({ n: 2, symbol: ETH, limit: '99' })]));
    rig.venue.onPlace = ({ clientOrderId }) => rig.venue.fill(clientOrderId);
    await rig.pass(20 * SECONDS);
    expect(rig.venue.places).toHaveLength(2);
    await rig.at((venue) => venue.status(venue.id(0), 'FILLED', '1', '99'));
    await rig.pass(2 * SECONDS);
    expect(rig.venue.places).toHaveLength(3);
    expect(rig.statuses()).toEqual(['COMPLETED', 'COMPLETED']);
    expect(audit(rig)).toEqual([]);
  });
});

describe('a trade that others touch', () => {
  test('wakes no leg of a SEQUENTIAL batch before its turn (I16)', async () => {
    const rig = await Rig.open();
    rig.venue.onCancel = (id) => rig.venue.canceled(id);
    const first = await rig.submit(batch([leg({ n: 1, limit: '99' })]));
    await rig.at((venue) => venue.fill(venue.id(0), '0.5'));
    await rig.submit(sequential([leg({ n: 2, symbol: ETH, limit: '99' }), close(1)]));
    await first.cancel('enough');
    await rig.settle();
    expect(rig.venue.places.map(({ symbol }) => symbol)).toEqual([BTC, ETH]);
    await rig.at((venue) => venue.fill(venue.id(1)));
    expect(rig.venue.places.at(-1)).toMatchObject({ symbol: BTC, side: 'SELL', quantity: '0.5' });
    expect(audit(rig)).toEqual([]);
  });

  test('worth less than the venue takes is closed as dust', async () => {
    const rig = await Rig.open({ venue: { minNotional: '25' } });
    await rig.submit(batch([leg({ n: 1 })]));
    await rig.at((venue) => {
      venue.fill(venue.id(), '0.2');
      venue.canceled(venue.id());
    });
    const handle = await rig.submit(batch([close(1)]));
    await rig.pass(60 * SECONDS);
    expect(rig.venue.places).toHaveLength(1);
    const result = await handle.result();
    expect(result).toMatchObject({ status: 'COMPLETED', dust: [{ symbol: BTC, quantity: '0.2' }] });
    expect(rig.events('_flow_stop_success')).toHaveLength(1);
    expect(audit(rig)).toEqual([]);
  });

  test('less than the minimum away from its new size is left as it is', async () => {
    const rig = await Rig.open({ venue: { minNotional: '25' } });
    rig.venue.fillsAll();
    await rig.submit(batch([leg({ n: 1 })]));
    const handle = await rig.submit(batch([modify(1, { size: '1.1' })]));
    await rig.pass(60 * SECONDS);
    expect(rig.venue.places).toHaveLength(1);
    expect(await isPending(handle.result())).toBe(false);
    expect(rig.positions()).toEqual({ [tradeId(1)]: '1' });
  });
});

describe('typing errors of an operator', () => {
  test('are refused at the edge and poison nothing', async () => {
    const rig = await Rig.open();
    rig.venue.rests();
    await rig.submit(batch([leg({ limit: '99' })]));
    const { group_id } = rig.group();
    const { runtime } = rig;
    const orderId = rig.events('ORDER_INTENT')[0]?.orderId ?? '';
    const verdict = { status: 'FILLED', cumQty: '1', avgPx: '99', evidence: 'telephone' } as const;
    const resolve = (change: object, by = 'alice') =>
      codeOf(runtime.resolveOrder(orderId, { ...verdict, ...change }, by));
    for (const change of [
      { cumQty: 'all' },
      { cumQty: '-1' },
      { cumQty: '1e3' },
      { avgPx: 'NaN' },
      { status: 'GONE' },
      { evidence: '' },
    ]) {
      expect([change, await resolve(change)]).toEqual([change, 'VALIDATION']);
    }
    expect(await resolve({}, '')).toBe('VALIDATION');
    expect(await codeOf(runtime.rearm('all', ''))).toBe('VALIDATION');
    for (const change of [
      { limit_price: 'abc' },
      { limit_price: '-1' },
      { working_cap: '0' },
      {},
      { price: '1' },
    ]) {
      expect([change, await codeOf(runtime.amend(group_id, change as object))]).toEqual([
        change,
        'VALIDATION',
      ]);
    }
    expect(await codeOf(runtime.amend(group_id, { working_cap: '1.05' }))).toBe('QUANTITY_OFF_LOT');
    expect(rig.events('POISON')).toEqual([]);
    expect(rig.group().status).toBe('ACTIVE');
    await runtime.kill('all', '', ''); // a kill never fails on its form
    expect(rig.events('KILL_LATCHED')).toMatchObject([{ by: 'unnamed', reason: 'not given' }]);
  });
});

describe('broken parts', () => {
  test('a connector that throws on cancel keeps no other order from being canceled at a halt', async () => {
    const memory = createMemoryJournal();
    let fails = false;
    const journal: Journal = {
      ...memory,
      commit() {
        if (fails) throw new Error('disk full');
        memory.commit();
      },
    };
    const rig = await Rig.open({
      plan: { error_handling: { on_journal_failure: 'fail_execution' } },
      journal,
    });
    rig.venue.onPlace = ({ clientOrderId }) => rig.venue.ack(clientOrderId);
    await rig.submit(batch([1, 2, 3].map((n) => leg({ n, limit: '99' }))));
    rig.venue.onCancel = (id) => {
      if (id === rig.venue.id(0)) throw new Error('socket closed');
    };
    fails = true;
    await rig.at((venue) => venue.fill(venue.id(2), '0.1'));
    expect(rig.venue.cancels).toEqual([rig.venue.id(0), rig.venue.id(1), rig.venue.id(2)]);
  });

  test('an alert sink and an inspector that throw stop nothing', async () => {
    const rig = await Rig.open({
      more: {
        alerts: {
          alert: () => {
            throw new Error('pager down');
          },
        },
        inspect: () => {
          throw new Error('inspector down');
        },
      },
    });
    rig.venue.onPlace = ({ clientOrderId }) => {
      rig.venue.fill(clientOrderId, '0.7');
      rig.venue.fill(clientOrderId, '0.7');
    };
    const handle = await rig.submit(batch([leg()]));
    expect((await handle.result()).status).toBe('COMPLETED');
    expect(rig.events('OVERFILL')).toHaveLength(1);
  });

  test('a repeated submission is not acknowledged before the first one is durable', async () => {
    const memory = createMemoryJournal();
    const commits: (() => void)[] = [];
    const journal: Journal = {
      ...memory,
      commit: () =>
        new Promise<void>((resolve) =>
          commits.push(() => {
            memory.commit();
            resolve();
          }),
        ),
    };
    const rig = await Rig.open({ journal });
    commits.shift()?.();
    const { directive, commands } = batch([leg()]);
    const first = rig.runtime.submit(directive, commands);
    while (commits.length === 0) await Promise.resolve();
    if (commits.length === 1 && memory.committed.length === 0) commits.shift()?.();
    for (let i = 0; i < 10; i++) await Promise.resolve();
    const second = rig.runtime.submit(directive, commands);
    expect([await isPending(first), await isPending(second)]).toEqual([true, true]);
    expect(rig.venue.places).toEqual([]);
    while (commits.length > 0) {
      commits.shift()?.();
      for (let i = 0; i < 10; i++) await Promise.resolve();
    }
    expect((await second).id).toBe((await first).id);
    expect(rig.venue.places).toHaveLength(1);
  });

  test('close() tells whoever still waits for a result', async () => {
    const rig = await Rig.open();
    const handle = await rig.submit(batch([leg({ limit: '99' })]));
    const result = codeOf(handle.result());
    await rig.runtime.close();
    expect(await result).toBe('CLOSED');
    expect(await codeOf(handle.result())).toBe('CLOSED');
    expect(rig.venue.isClosed).toBe(true);
  });

  test('what a ledger says after close() reopens nothing', async () => {
    let refuse: (error: Error) => void = () => {};
    const ledger = { post: () => new Promise<void>((_, reject) => (refuse = reject)) };
    const rig = await Rig.open({ more: { ledger } });
    rig.venue.fillsAll();
    await rig.submit(batch([leg()]));
    const lines = rig.lines().length;
    await rig.runtime.close();
    refuse(new Error('too late'));
    await Promise.resolve();
    await rig.runtime.settle();
    expect(rig.lines()).toHaveLength(lines);
  });
});
