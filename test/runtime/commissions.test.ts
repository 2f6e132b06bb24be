/** Commissions in the base asset: what they take from a holding, and that a bust gives them back. */
import { describe, expect, test } from '@jest/globals';
import { createMemoryLedger } from '../../src/ledger/memory.js';
import { audit, BTC, batch, close, leg, Rig, tradeId } from './rig.js';

const FEE = { commission: '0.004', commissionAsset: 'BTC' };

async function bought(size = '1') {
  const ledger = createMemoryLedger();
  const rig = await Rig.open({ more: { ledger } });
  rig.venue.rests();
  await rig.submit(batch([leg({ n: 1, size, limit: '100' })]));
  return { rig, ledger, id: rig.venue.id(0) };
}

const bust = (clientOrderId: string, execId: string, execRefId: string) =>
  ({ type: 'TRADE_CANCEL', clientOrderId, execId, execRefId, price: '100' }) as const;

describe('a bust', () => {
  test('gives back the commission of its execution: position and ledger agree (I24)', async () => {
    const { rig, ledger, id } = await bought();
    await rig.at((venue) => {
      venue.fill(id, '0.4', '100', { execId: 'A', ...FEE });
      venue.fill(id, '0.3', '100', { execId: 'B', ...FEE });
    });
    expect(rig.positions()).toEqual({ [tradeId(1)]: '0.692' });
    await rig.at((venue) => venue.report(bust(id, 'C', 'B')));
    expect(rig.positions()).toEqual({ [tradeId(1)]: '0.396' });
    expect(ledger.balances.get('BTC')).toBe('0.396');
    expect(rig.events('FILL_REVERSED')).toMatchObject([{ connectorFillId: 'B', ...FEE }]);
    expect(audit(rig)).toEqual([]);
  });

  test('of an order that ended long ago gives it back too', async () => {
    const { rig, ledger, id } = await bought('0.4');
    await rig.at((venue) => venue.fill(id, '0.4', '100', { execId: 'A', ...FEE }));
    expect(rig.group().status).toBe('COMPLETED');
    await rig.at((venue) => venue.report(bust(id, 'C', 'A')));
    expect(rig.positions()).toEqual({});
    expect(ledger.balances.get('BTC')).toBe('0');
  });

  test('of a corrected execution gives back what the first one had cost, once', async () => {
    const { rig, ledger, id } = await bought();
    await rig.at((venue) => {
      venue.fill(id, '0.4', '100', { execId: 'A', ...FEE });
      venue.report({
        ...{ type: 'TRADE_CORRECT', clientOrderId: id, execId: 'B', execRefId: 'A' },
        ...{ quantity: '0.3', price: '99' },
      });
    });
    expect(rig.positions()).toEqual({ [tradeId(1)]: '0.296' });
    await rig.at((venue) => venue.report(bust(id, 'C', 'B')));
    await rig.at((venue) => venue.report(bust(id, 'C', 'B')));
    expect(rig.positions()).toEqual({});
    expect(ledger.balances.get('BTC')).toBe('0');
  });

  test('of an order whose group has left memory gives back what the journal says it cost', async () => {
    const ledger = createMemoryLedger();
    const rig = await Rig.open({ more: { ledger }, orchestration: { limits: { history_groups: 1 } } });
    rig.venue.onPlace = ({ clientOrderId }) => {
      rig.venue.ack(clientOrderId);
      rig.venue.fill(clientOrderId, undefined, undefined, { execId: `X${clientOrderId}`, ...FEE });
    };
    for (const n of [1, 2, 3]) await rig.submit(batch([leg({ n })]));
    const id = rig.venue.id(0);
    await rig.at((venue) => venue.report(bust(id, 'C', `X${id}`)));
    expect(rig.events('FILL_REVERSED')).toMatchObject([{ clientOrderId: id, ...FEE }]);
    expect(rig.positions()[tradeId(1)]).toBeUndefined();
    expect(ledger.balances.get('BTC')).toBe('1.992');
  });
});

describe('a short that pays in the base asset', () => {
  test('still owes what its buy-back has cost', async () => {
    const ledger = createMemoryLedger();
    const rig = await Rig.open({ more: { ledger } });
    rig.venue.fillsAll();
    await rig.submit(batch([leg({ n: 1, side: 'SELL' })]));
    rig.venue.onPlace = ({ clientOrderId }) => {
      rig.venue.ack(clientOrderId);
      rig.venue.fill(clientOrderId, undefined, undefined, { execId: 'X', ...FEE });
    };
    await rig.submit(batch([close(1, { side: 'BUY', symbol: BTC })]));
    expect(rig.positions()).toEqual({ [tradeId(1)]: '0.004' });
    expect(ledger.balances.get('BTC')).toBe('-0.004');
  });
});
