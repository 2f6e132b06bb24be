/** The ledger: double entry over whole runs; facts are appended, never taken away (I24). */
import { describe, expect, test } from '@jest/globals';
import { add, mul, neg } from '../../src/dtos/decimal.js';
import type { LedgerEntry } from '../../src/dtos/events.js';
import { createMemoryLedger } from '../../src/ledger/memory.js';
import { batch, BTC, close, coordinated, ETH, leg, modify, Rig, tradeId } from '../runtime/rig.js';

/** What each side of each entry moves, by asset, with the other side valued at the entry's price. */
function imbalance({ quantity, contraQuantity, price, asset, contraAsset }: LedgerEntry): string {
  if (contraQuantity === undefined) return quantity;
  if (contraAsset === `fees:${asset}`) return add(quantity, contraQuantity);
  return add(mul(quantity, price ?? '1'), contraQuantity);
}

describe('a ledger over a run', () => {
  async function run() {
    const ledger = createMemoryLedger();
    const rig = await Rig.open({ more: { ledger } });
    const fees = { commission: '0.05', commissionAsset: 'USDT' };
    rig.venue.onPlace = ({ clientOrderId, quantity, price, stopPrice }) => {
      if (stopPrice === null) rig.venue.fill(clientOrderId, quantity, price ?? '100', fees);
      else rig.venue.ack(clientOrderId); // the stop waits
    };
    rig.venue.onCancel = (id) => rig.venue.canceled(id);
    await rig.submit(batch([leg({ n: 1, exit: { stop: '90' } }), leg({ n: 2, symbol: ETH, side: 'SELL' })]));
    await rig.submit(batch([modify(1, { n: 50, size: '1.5' })]));
    await rig.at((venue) =>
      venue.report({
        type: 'TRADE_CANCEL',
        clientOrderId: venue.id(0),
        execId: 'bust',
        execRefId: 'X1',
        price: '101',
      }),
    );
    await rig.submit(batch([close(1, { n: 90 })]));
    rig.venue.onPlace = ({ clientOrderId, symbol }) =>
      symbol === BTC
        ? rig.venue.fill(clientOrderId, undefined, undefined, fees)
        : rig.venue.reject(clientOrderId);
    await rig.submit(coordinated([leg({ n: 3 }), leg({ n: 4, symbol: ETH })]));
    return { rig, ledger };
  }

  test('balances in each entry: what one side gains the other loses', async () => {
    const { ledger } = await run();
    expect(ledger.entries.length).toBeGreaterThan(10);
    for (const entry of ledger.entries)
      expect([entry.entryId, imbalance(entry)]).toEqual([entry.entryId, '0']);
  });

  test('balances per asset over all entries, fees included', async () => {
    const { rig, ledger } = await run();
    const sums = new Map<string, string>();
    const book = (asset: string, quantity: string): void =>
      void sums.set(asset, add(sums.get(asset) ?? '0', quantity));
    for (const { asset, quantity, contraAsset, contraQuantity } of ledger.entries) {
      book(asset, quantity);
      if (contraAsset !== undefined && contraQuantity !== undefined) book(contraAsset, contraQuantity);
    }
    expect(Object.fromEntries(ledger.balances)).toEqual(Object.fromEntries(sums));
    const paid = rig.events('FILL').reduce((sum, { commission = '0' }) => add(sum, commission), '0');
    const back = rig.events('FILL_REVERSED').reduce((sum, { commission = '0' }) => add(sum, commission), '0');
    expect(back).not.toBe('0');
    expect(sums.get('fees:USDT')).toBe(add(paid, neg(back)));
    const held = rig.runtime.positions().filter(({ symbol }) => symbol === BTC);
    expect(sums.get('BTC')).toBe(held.reduce((sum, { position_size }) => add(sum, position_size), '0'));
    expect(rig.positions()).toMatchObject({ [tradeId(2)]: '1' });
    expect(neg(sums.get('ETH') ?? '0')).toBe('1');
  });

  test('gives every entry an id of its own, and every reversal what it reverses', async () => {
    const { rig, ledger } = await run();
    const ids = ledger.entries.map(({ entryId }) => entryId);
    expect(new Set(ids).size).toBe(ids.length);
    const reversals = ledger.entries.filter(({ kind }) => kind === 'REVERSAL');
    expect(reversals).toMatchObject([
      { asset: 'BTC', reverses: 'X1' },
      { asset: 'USDT', contraAsset: 'fees:USDT', reverses: 'X1' },
    ]);
    const fills = new Set(rig.events('FILL').map(({ fillId }) => fillId));
    for (const { kind, entryId } of ledger.entries)
      if (kind === 'FILL') expect(fills.has(entryId)).toBe(true);
  });
});
