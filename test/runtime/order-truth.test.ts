/** What the venue says is booked, whenever and in whatever order it says it; each execution counts once. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createMemoryLedger } from '../../src/ledger/memory.js';
import { audit, BTC, batch, coordinated, ETH, leg, Rig, resting, tradeId } from './rig.js';

const TWAP = { strategy: 'TWAP', duration_seconds: 100, slices: 10 };

describe('order of arrival', () => {
  test('books a fill that comes before its acknowledgement', async () => {
    const { rig, id } = await resting({}, false);
    await rig.at((venue) => {
      venue.fill(id, '0.4');
      venue.ack(id);
    });
    expect(rig.group()).toMatchObject({ status: 'ACTIVE', filled_quantity: '0.4', order_ids: [`V-${id}`] });
    expect(rig.events('ORDER_ACCEPTED')).toHaveLength(1);
    expect(audit(rig)).toEqual([]);
  });

  test('counts an execution once, however often it is reported', async () => {
    const { rig, id } = await resting();
    await rig.at((venue) => {
      for (let i = 0; i < 3; i++) venue.fill(id, '0.4', '99', { execId: 'A' });
    });
    await rig.at((venue) => venue.fill(id, '0.4', '99', { execId: 'A' }));
    expect(rig.group().filled_quantity).toBe('0.4');
    expect(rig.positions()).toEqual({ [tradeId(1)]: '0.4' });
    expect(rig.events('FILL')).toHaveLength(1);
  });

  test('any order of the same reports gives the same fills', async () => {
    const reports = ['ack', 'a', 'b', 'c', 'a', 'canceled', 'ack'] as const;
    const order = fc.shuffledSubarray([...reports.keys()], { minLength: reports.length });
    await fc.assert(
      fc.asyncProperty(order, async (indexes) => {
        const { rig, id } = await resting({}, false);
        await rig.at((venue) => {
          for (const i of indexes) {
            const what = reports[i];
            if (what === 'ack') venue.ack(id);
            else if (what === 'canceled') venue.canceled(id);
            else venue.fill(id, '0.2', '99', { execId: String(what) });
          }
        });
        expect(rig.events('FILL')).toHaveLength(3);
        expect(rig.group()).toMatchObject({ filled_quantity: rig.positions()[tradeId(1)] ?? '' });
        expect(rig.positions()).toEqual({ [tradeId(1)]: '0.6' });
        expect(audit(rig)).toEqual([]);
      }),
      { numRuns: 30 },
    );
  });
});

describe('late fills', () => {
  test('books one that comes after the cancel was confirmed, and keeps the group as it ended', async () => {
    const ledger = createMemoryLedger();
    const { rig, handle, id } = await resting({ more: { ledger } });
    await handle.cancel('enough');
    await rig.at((venue) => venue.canceled(id));
    await rig.pass(30_000);
    await rig.at((venue) => venue.fill(id, '0.3'));
    expect(rig.group()).toMatchObject({ status: 'CANCELLED', filled_quantity: '0.3' });
    expect(rig.events('FILL')).toMatchObject([{ quantity: '0.3', late: true }]);
    expect(rig.codes()).toContain('LATE_FILL');
    expect(rig.positions()).toEqual({ [tradeId(1)]: '0.3' });
    expect(ledger.entries.map(({ kind, quantity }) => `${kind} ${quantity}`)).toEqual(['FILL 0.3']);
    expect((await handle.result()).status).toBe('CANCELLED');
    expect(audit(rig)).toEqual([]);
  });

  test('books one that comes while the group waits for its cancel, as an ordinary fill', async () => {
    const { rig, handle, id } = await resting();
    await handle.cancel('enough');
    await rig.at((venue) => {
      venue.fill(id, '0.3');
      venue.canceled(id);
    });
    expect(rig.events('FILL')[0]).not.toHaveProperty('late');
    expect(rig.group()).toMatchObject({ status: 'CANCELLED', filled_quantity: '0.3' });
  });

  test('completes a group whose cancel lost the race against the last fill', async () => {
    const { rig, handle, id } = await resting();
    await handle.cancel('enough');
    await rig.at((venue) => {
      venue.fill(id);
      venue.cancelReject(id, 'too late');
    });
    expect(rig.group()).toMatchObject({ status: 'COMPLETED', filled_quantity: '1' });
    expect((await handle.result()).status).toBe('COMPLETED');
    expect(audit(rig)).toEqual([]);
  });

  test('takes a late fill of a COORDINATED leg into the rollback that is under way', async () => {
    const rig = await Rig.open({ orchestration: { coordination: { settle_grace_seconds: 5 } } });
    const handle = await rig.submit(
      coordinated([leg({ n: 1, limit: '99' }), leg({ n: 2, symbol: ETH, limit: '99' })]),
    );
    const [first, second] = [rig.venue.id(0), rig.venue.id(1)];
    await rig.at((venue) => {
      venue.ack(first);
      venue.ack(second);
      venue.canceled(first, 'self-match');
    });
    await rig.at((venue) => venue.fill(first, '0.4'));
    await rig.at((venue) => venue.canceled(second));
    const unwind = rig.venue.places.at(-1);
    expect(unwind).toMatchObject({ symbol: BTC, side: 'SELL', quantity: '0.4', reduceOnly: true });
    await rig.at((venue) => venue.fill(rig.venue.id(-1)));
    expect(await handle.result()).toMatchObject({ status: 'FAILED', residuals: [] });
    expect(rig.positions()).toEqual({ [tradeId(1)]: '0' });
    expect(audit(rig)).toEqual([]);
  });
});

describe('fills after their group has left memory', () => {
  /** A canceled batch of 1 BTC, pushed out of the bounded history. */
  async function forgotten() {
    const ledger = createMemoryLedger();
    const rig = await Rig.open({ orchestration: { limits: { history_groups: 1 } }, more: { ledger } });
    rig.venue.rests();
    const handle = await rig.submit(batch([leg({ n: 1, limit: '99' })]));
    const id = rig.venue.id();
    await rig.at((venue) => venue.fill(id, '0.2', '99', { execId: 'A' }));
    await handle.cancel('enough');
    rig.venue.fillsAll();
    for (const n of [2, 3]) await rig.submit(batch([leg({ n, symbol: ETH })]));
    await rig.settle();
    expect(
      rig.runtime
        .groups()
        .some(({ parent_directive_id }) => parent_directive_id === leg({ n: 1 }).command_id),
    ).toBe(false);
    return { rig, id, ledger };
  }

  test('are found in the journal and booked: position, ledger, alert', async () => {
    const { rig, id, ledger } = await forgotten();
    const before = ledger.entries.length;
    await rig.at((venue) =>
      venue.fill(id, '0.3', '98', { execId: 'B', commission: '0.01', commissionAsset: 'USDT' }),
    );
    expect(rig.positions()[tradeId(1)]).toBe('0.5');
    const fill = rig.events('FILL').at(-1);
    expect(fill).toMatchObject({ quantity: '0.3', connectorFillId: 'B', late: true, clientOrderId: id });
    expect(rig.codes()).toContain('LATE_FILL');
    expect(ledger.entries.slice(before)).toMatchObject([
      {
        kind: 'FILL',
        entryId: fill?.fillId,
        tradeId: tradeId(1),
        asset: 'BTC',
        quantity: '0.3',
        contraAsset: 'USDT',
        contraQuantity: '-29.4',
      },
      { kind: 'COMMISSION', asset: 'USDT', quantity: '-0.01' },
    ]);
    expect(audit(rig)).toEqual([]);
  });

  test('count once: neither what was booked before, nor two reports of one moment', async () => {
    const { rig, id } = await forgotten();
    await rig.at((venue) => {
      venue.fill(id, '0.2', '99', { execId: 'A' });
      venue.fill(id, '0.3', '98', { execId: 'B' });
      venue.fill(id, '0.3', '98', { execId: 'B' });
    });
    await rig.at((venue) => venue.fill(id, '0.3', '98', { execId: 'B' }));
    expect(rig.positions()[tradeId(1)]).toBe('0.5');
    expect(audit(rig)).toEqual([]);
  });

  test('keep their causes', async () => {
    const { rig, id } = await forgotten();
    await rig.at((venue) => venue.fill(id, '0.3', '98', { execId: 'B' }));
    const fillId = rig.events('FILL').at(-1)?.fillId ?? '';
    expect(rig.runtime.causes(fillId)).toMatchObject({
      fillId,
      clientOrderId: id,
      commandId: leg({ n: 1 }).command_id,
      origin: { id: 'tick-1', type: 'TICK' },
    });
  });

  test('can be busted: the position gives it back, and somebody hears of it', async () => {
    const { rig, id, ledger } = await forgotten();
    const before = ledger.entries.length;
    await rig.at((venue) =>
      venue.report({ type: 'TRADE_CANCEL', clientOrderId: id, execId: 'A2', execRefId: 'A' }),
    );
    expect(rig.positions()[tradeId(1)]).toBeUndefined();
    expect(rig.events('FILL_REVERSED')).toMatchObject([
      { connectorFillId: 'A', quantity: '0.2', price: '99' },
    ]);
    expect(rig.codes()).toContain('FILL_REVERSED');
    expect(ledger.entries.slice(before)).toMatchObject([
      { kind: 'REVERSAL', asset: 'BTC', quantity: '-0.2', contraQuantity: '19.8', reverses: 'A' },
    ]);
    await rig.at((venue) =>
      venue.report({ type: 'TRADE_CANCEL', clientOrderId: id, execId: 'A2', execRefId: 'A' }),
    );
    expect(rig.events('FILL_REVERSED')).toHaveLength(1);
  });
});

describe('orders that are not ours', () => {
  test('are reported as ORPHAN, touch nothing and are not touched', async () => {
    const rig = await Rig.open();
    await rig.at((venue) => venue.fill('somebodyelse0001', '5', '100'));
    expect(rig.events('ORPHAN')).toMatchObject([{ clientOrderId: 'somebodyelse0001', report: 'TRADE' }]);
    expect(rig.codes()).toEqual(['ORPHAN']);
    expect(rig.venue.requests).toEqual([]);
    expect(rig.runtime.positions()).toEqual([]);
  });

  test('include an order id of a group of ours that never had it', async () => {
    const { rig, id } = await resting();
    await rig.at((venue) => venue.fill(`${id.slice(0, -2)}zz`, '1', '100'));
    expect(rig.events('ORPHAN')).toHaveLength(1);
    expect(rig.group().filled_quantity).toBe('0');
  });
});

describe('overfill', () => {
  test('is booked, recorded with its exact excess, alerted, and never shows as filled beyond the target', async () => {
    const { rig, handle, id } = await resting();
    await rig.at((venue) => {
      venue.fill(id, '0.7');
      venue.fill(id, '0.5');
    });
    expect(rig.events('OVERFILL')).toMatchObject([{ excess: '0.2' }]);
    expect(rig.codes()).toContain('OVERFILL');
    expect(rig.group()).toMatchObject({
      status: 'COMPLETED',
      filled_quantity: '1',
      overfilled_quantity: '0.2',
    });
    expect(rig.positions()).toEqual({ [tradeId(1)]: '1.2' });
    expect((await handle.result()).legs[0]).toMatchObject({ filledQuantity: '1.2', success: true });
    const line = rig.lines().find((text) => text.includes('"OVERFILL"'));
    expect(line).toContain('"FILL"');
    expect(audit(rig)).toEqual([]);
  });

  test('by a fill after the end is recorded too, and grows', async () => {
    const { rig, id } = await resting();
    await rig.at((venue) => venue.fill(id));
    await rig.at((venue) => venue.fill(id, '0.1'));
    await rig.at((venue) => venue.fill(id, '0.2'));
    expect(rig.events('OVERFILL').map(({ excess }) => excess)).toEqual(['0.1', '0.3']);
    expect(rig.group()).toMatchObject({ filled_quantity: '1', overfilled_quantity: '0.3' });
  });

  test('of one slice takes room from the slices after it (I5)', async () => {
    const rig = await Rig.open();
    rig.venue.onPlace = ({ clientOrderId, quantity }) => {
      const isFirst = rig.venue.places.length === 1;
      rig.venue.fill(clientOrderId, isFirst ? '0.5' : quantity);
    };
    await rig.submit(batch([leg({ params: TWAP })]));
    await rig.pass(100_000);
    expect(rig.positions()).toEqual({ [tradeId(1)]: '1' });
    expect(rig.events('OVERFILL')).toEqual([]);
    expect(audit(rig)).toEqual([]);
  });
});

describe('busts and corrections', () => {
  test('a bust takes its fill back from order, group, position and ledger', async () => {
    const ledger = createMemoryLedger();
    const { rig, id } = await resting({ more: { ledger } });
    await rig.at((venue) => {
      venue.fill(id, '0.4', '99', { execId: 'A' });
      venue.fill(id, '0.3', '98', { execId: 'B' });
      venue.report({ type: 'TRADE_CANCEL', clientOrderId: id, execId: 'C', execRefId: 'B', price: '98' });
    });
    expect(rig.group().filled_quantity).toBe('0.4');
    expect(rig.positions()).toEqual({ [tradeId(1)]: '0.4' });
    expect(rig.runtime.positions()[0]?.entry_price).toBe('99');
    expect(rig.events('FILL_REVERSED')).toMatchObject([
      { connectorFillId: 'B', quantity: '0.3', price: '98' },
    ]);
    expect(rig.codes()).toContain('FILL_REVERSED');
    expect(ledger.balances.get('BTC')).toBe('0.4');
    expect(ledger.balances.get('USDT')).toBe('-39.6');
    expect(audit(rig)).toEqual([]);
  });

  test('an acknowledgement that comes after an answer has ended the order lists it once', async () => {
    const { rig, id } = await resting({}, false);
    await rig.runtime.cancelGroup(rig.group().group_id, 'enough');
    await rig.at((venue) => {
      venue.status(id, 'CANCELED');
      venue.ack(id);
    });
    expect(rig.group().order_ids).toEqual([`V-${id}`]);
    expect(rig.events('ORDER_ACCEPTED')).toHaveLength(1);
    expect(audit(rig)).toEqual([]);
  });

  test('a bust that is repeated takes nothing more', async () => {
    const { rig, id } = await resting();
    const bust = {
      type: 'TRADE_CANCEL',
      clientOrderId: id,
      execId: 'C',
      execRefId: 'A',
      price: '99',
    } as const;
    await rig.at((venue) => {
      venue.fill(id, '0.4', '99', { execId: 'A' });
      venue.report(bust);
      venue.report(bust);
    });
    expect(rig.group().filled_quantity).toBe('0');
    expect(rig.events('FILL_REVERSED')).toHaveLength(1);
  });

  test('a bust that overtakes its fill leaves that fill without effect', async () => {
    const { rig, id } = await resting();
    await rig.at((venue) => {
      venue.report({ type: 'TRADE_CANCEL', clientOrderId: id, execId: 'C', execRefId: 'A', price: '99' });
      venue.fill(id, '0.4', '99', { execId: 'A' });
    });
    expect(rig.group().filled_quantity).toBe('0');
    expect(rig.events('FILL')).toEqual([]);
  });

  test('a bust of an execution that an answer stands in for is taken back by the next answer', async () => {
    const { rig, handle, id } = await resting();
    const bust = { type: 'TRADE_CANCEL', clientOrderId: id, execId: 'C', execRefId: 'A' } as const;
    await rig.at((venue) => venue.canceled(id, 'asked', '0.4'));
    await rig.at((venue) => venue.status(id, 'CANCELED', '0.4', '98'));
    expect((await handle.result()).status).toBe('PARTIAL');
    await rig.at((venue) => venue.report(bust));
    expect(rig.venue.queries).toEqual([id, id]);
    await rig.at((venue) => venue.status(id, 'CANCELED', '0'));
    expect(rig.events('FILL_REVERSED')).toMatchObject([
      { connectorFillId: null, quantity: '0.4', price: '98' },
    ]);
    expect(rig.positions()).toEqual({});
    await rig.at((venue) => venue.report(bust));
    expect(rig.venue.queries).toHaveLength(2);
    expect(audit(rig)).toEqual([]);
  });

  test.each([
    ['a bust', { type: 'TRADE_CANCEL' }, '0.5'],
    ['a correction', { type: 'TRADE_CORRECT', quantity: '0.1' }, '0.6'],
  ] as const)(
    '%s of what an answer that ended the order had not counted asks for the total behind it',
    async (_, change, total) => {
      const { rig, handle, id } = await resting();
      // 0.4 of 0.8 is taken back, and 0.1 more executed, of which nothing is told.
      await rig.at((venue) => {
        venue.fill(id, '0.4', '99', { execId: 'A' });
        venue.fill(id, '0.4', '99', { execId: 'B' });
      });
      await rig.at((venue) => venue.status(id, 'CANCELED', total, '99'));
      expect((await handle.result()).legs[0]?.filledQuantity).toBe('0.8');
      const report = { clientOrderId: id, execId: 'C', execRefId: 'A', price: '99' } as const;
      await rig.at((venue) => venue.report({ ...report, ...change }));
      expect(rig.venue.queries).toEqual([id]);
      await rig.at((venue) => venue.status(id, 'CANCELED', total, '99'));
      expect(rig.positions()).toEqual({ [tradeId(1)]: total });
      await rig.at((venue) => venue.report({ ...report, ...change }));
      expect(rig.venue.queries).toHaveLength(1);
      expect(audit(rig)).toEqual([]);
    },
  );

  test('a correction replaces quantity and price', async () => {
    const { rig, id } = await resting();
    await rig.at((venue) => {
      venue.fill(id, '0.4', '99', { execId: 'A' });
      venue.report({
        type: 'TRADE_CORRECT',
        clientOrderId: id,
        execId: 'B',
        execRefId: 'A',
        quantity: '0.3',
        price: '98',
      });
    });
    expect(rig.group().filled_quantity).toBe('0.3');
    expect(rig.positions()).toEqual({ [tradeId(1)]: '0.3' });
    expect(rig.runtime.positions()[0]?.entry_price).toBe('98');
    expect(audit(rig)).toEqual([]);
  });

  test('a bust after the end brings the order back at the venue: it is asked to cancel it', async () => {
    const { rig, id } = await resting();
    await rig.at((venue) => venue.fill(id, '1', '99', { execId: 'A' }));
    expect(rig.group().status).toBe('COMPLETED');
    await rig.at((venue) =>
      venue.report({ type: 'TRADE_CANCEL', clientOrderId: id, execId: 'C', execRefId: 'A', price: '99' }),
    );
    expect(rig.group()).toMatchObject({ status: 'COMPLETED', filled_quantity: '0' });
    expect(rig.venue.cancels).toEqual([id]);
    await rig.at((venue) => venue.canceled(id));
    await rig.pass(600_000);
    expect(rig.codes()).not.toContain('ORDER_ESCALATED');
    expect(rig.positions()).toEqual({});
  });
});

describe('fills off the lot', () => {
  test('are booked exactly, alerted, and two parts of a lot make one', async () => {
    const { rig, id } = await resting();
    await rig.at((venue) => {
      venue.fill(id, '0.55');
      venue.fill(id, '0.45');
    });
    expect(rig.codes()).toEqual(['FILL_OFF_LOT', 'FILL_OFF_LOT']);
    expect(rig.positions()).toEqual({ [tradeId(1)]: '1' });
    expect(rig.group()).toMatchObject({ status: 'COMPLETED', filled_quantity: '1' });
    expect(rig.events('OVERFILL')).toEqual([]);
    expect(audit(rig)).toEqual([]);
  });

  test('never let the schedule place beyond its target', async () => {
    const rig = await Rig.open();
    rig.venue.onPlace = ({ clientOrderId }) => {
      rig.venue.fill(clientOrderId, '0.05');
      rig.venue.canceled(clientOrderId);
    };
    await rig.submit(batch([leg({ params: TWAP })]));
    await rig.pass(100_000);
    expect(Number(rig.positions()[tradeId(1)])).toBeLessThanOrEqual(1);
    expect(audit(rig)).toEqual([]);
  });

  test('taken back leave nothing behind', async () => {
    const { rig, id } = await resting();
    await rig.at((venue) => {
      venue.fill(id, '0.55', '99', { execId: 'A' });
      venue.report({ type: 'TRADE_CANCEL', clientOrderId: id, execId: 'C', execRefId: 'A', price: '99' });
    });
    expect(rig.positions()).toEqual({});
    expect(rig.group().filled_quantity).toBe('0');
  });
});

describe('garbage', () => {
  test.each([
    ['not a number', 'NaN'],
    ['an exponent', '1e-1'],
    ['negative', '-0.1'],
    ['zero', '0'],
    ['empty', ''],
  ])(
    'a quantity that is %s books nothing, raises INCIDENT, and the venue is asked',
    async (_what, quantity) => {
      const { rig, id } = await resting();
      await rig.at((venue) => venue.fill(id, quantity, '99'));
      expect(rig.events('FILL')).toEqual([]);
      expect(rig.events('INCIDENT')).toHaveLength(1);
      expect(rig.codes()).toContain('INCIDENT');
      expect(rig.venue.queries).toEqual([id]);
      await rig.at((venue) => venue.status(id, 'PARTIALLY_FILLED', '0.1', '99'));
      expect(rig.group()).toMatchObject({ status: 'ACTIVE', filled_quantity: '0.1' });
      expect(rig.events('POISON')).toEqual([]);
    },
  );
});
