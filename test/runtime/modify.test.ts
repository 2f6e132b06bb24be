/** What MODIFY means for a trade that is held or still being worked. */
import { describe, expect, test } from '@jest/globals';
import { audit, type Batch, batch, close, leg, modify, Rig, tradeId, type LegOptions } from './rig.js';

/** Orders of the commands themselves: a stop that waits is the protection's. */
const worked = (rig: Rig) => rig.venue.places.filter(({ stopPrice }) => stopPrice === null);

const sent = (rig: Rig): string[] =>
  worked(rig).map(({ side, quantity, symbol }) => `${side} ${quantity} ${symbol.slice(0, 3)}`);

describe('MODIFY', () => {
  async function modified(options: LegOptions, size = '1') {
    const rig = await Rig.open();
    rig.venue.fillsAll();
    await rig.submit(batch([leg({ n: 1, size, exit: { stop: '90' } })]));
    const handle = await rig.submit(batch([modify(1, options)]));
    expect(audit(rig)).toEqual([]);
    return { rig, result: await handle.result() };
  }

  test.each([
    ['up', '1.5', 'BUY 0.5 BTC', false],
    ['down', '0.4', 'SELL 0.6 BTC', true],
  ])('of the total %s trades the difference', async (_way, size, order, reduceOnly) => {
    const { rig, result } = await modified({ size });
    expect(sent(rig).slice(1)).toEqual([order]);
    expect(worked(rig)[1]?.reduceOnly).toBe(reduceOnly);
    expect(result.status).toBe('COMPLETED');
    expect(rig.positions()).toEqual({ [tradeId(1)]: size });
  });

  test('to the total that is held needs no order', async () => {
    const { rig, result } = await modified({ size: '1' });
    expect(sent(rig)).toHaveLength(1);
    expect(result).toMatchObject({ status: 'COMPLETED', legs: [{ targetQuantity: null }] });
  });

  test('of the stop alone completes without an order, and the position carries the new stop', async () => {
    const { rig, result } = await modified({ exit: { stop: '95' } });
    expect(sent(rig)).toHaveLength(1);
    expect(result).toMatchObject({ status: 'COMPLETED', legs: [{ targetQuantity: null, success: true }] });
    expect(rig.runtime.positions()[0]).toMatchObject({ position_size: '1', stop_loss: '95' });
    expect(rig.types(rig.group(-1).group_id)).not.toContain('GROUP_ACTIVE');
  });

  /** 1 BTC is held; the venue acknowledges and then lets the test answer. */
  async function busy(...batches: Batch[]) {
    const rig = await Rig.open();
    rig.venue.fillsAll();
    await rig.submit(batch([leg({ n: 1 })]));
    rig.venue.onPlace = ({ clientOrderId }) => rig.venue.ack(clientOrderId);
    for (const one of batches) await rig.submit(one);
    for (const { clientOrderId } of rig.venue.places.slice(1))
      await rig.at((venue) => venue.fill(clientOrderId));
    expect(audit(rig)).toEqual([]);
    return rig;
  }

  test('of a total that another one is about to reach trades nothing twice', async () => {
    const rig = await busy(
      batch([modify(1, { n: 50, size: '0.4' })]),
      batch([modify(1, { n: 51, size: '0.4' })]),
    );
    expect(sent(rig)).toEqual(['BUY 1 BTC', 'SELL 0.6 BTC']);
    expect(rig.positions()).toEqual({ [tradeId(1)]: '0.4' });
  });

  test('counts from the total that another one is about to reach', async () => {
    const rig = await busy(
      batch([modify(1, { n: 50, size: '0.4' })]),
      batch([modify(1, { n: 51, size: '0.3' })]),
    );
    expect(sent(rig)).toEqual(['BUY 1 BTC', 'SELL 0.6 BTC', 'SELL 0.1 BTC']);
    expect(rig.positions()).toEqual({ [tradeId(1)]: '0.3' });
  });

  test('beside a CLOSE that is at work sells nothing that the CLOSE sells', async () => {
    const rig = await busy(batch([close(1)]), batch([modify(1, { n: 51, size: '0.4' })]));
    expect(sent(rig)).toEqual(['BUY 1 BTC', 'SELL 1 BTC', 'BUY 0.4 BTC']);
    expect(rig.positions()).toEqual({ [tradeId(1)]: '0.4' });
  });

  test('beside an entry that is still worked counts what that one has still to fill', async () => {
    const rig = await Rig.open();
    rig.venue.rests();
    await rig.submit(batch([leg({ n: 1, limit: '100' })]));
    await rig.at((venue) => venue.fill(venue.id(0), '0.3'));
    await rig.submit(batch([modify(1, { size: '1.5' })]));
    expect(sent(rig)).toEqual(['BUY 1 BTC', 'BUY 0.5 BTC']);
    await rig.at((venue) => venue.fill(venue.id(1)));
    await rig.at((venue) => venue.fill(venue.id(0), '0.7'));
    expect(rig.positions()).toEqual({ [tradeId(1)]: '1.5' });
    expect(audit(rig)).toEqual([]);
  });

  test('to less than an entry at work will fill sells no more than is held by now', async () => {
    const rig = await Rig.open();
    rig.venue.rests();
    await rig.submit(batch([leg({ n: 1, limit: '100' })]));
    await rig.at((venue) => venue.fill(venue.id(0), '0.3'));
    await rig.submit(batch([modify(1, { size: '0.5' })]));
    expect(sent(rig)).toEqual(['BUY 1 BTC', 'SELL 0.3 BTC']);
    expect(audit(rig)).toEqual([]);
  });
});
