/** A protection at a venue that refuses, cancels, loses, fills in part, gaps, and takes back. */
import { describe, expect, test } from '@jest/globals';
import { Guarded } from './guarded.js';
import { audit, BTC, batch, close, leg, modify, tradeId } from './rig.js';

const EXIT = { stop: '90', take: '110' };
const STOP = 'SELL 1 stop 90 @89.1';

async function held(isNative = true, exit: object = EXIT) {
  const bench = await Guarded.open({ isNative });
  await bench.rig.submit(batch([leg({ n: 1, exit })]));
  return bench;
}

/** Bought with the order of its protection still to come: what the venue does with that is the test's. */
async function raising(prepare: (bench: Guarded) => void) {
  const bench = await Guarded.open();
  await bench.rig.submit(batch([leg({ n: 1, limit: '100', exit: EXIT })]));
  prepare(bench);
  bench.venue.fillPart(bench.open(), 10);
  await bench.rig.settle();
  return bench;
}

/** Sold in all, whatever the way: never more than was bought. */
const sold = (bench: Guarded): number =>
  [...bench.venue.orders.values()].reduce(
    (sum, { order, cum }) => sum + (order.side === 'SELL' ? cum : 0),
    0,
  );

describe('a native stop', () => {
  test('that is refused is tried again, and after three refusals the runtime watches both prices', async () => {
    const once = await raising(({ venue }) => {
      venue.moods.refusals = 1;
    });
    await once.rig.pass(5_000);
    expect(once.resting()).toEqual([STOP]);
    for (const price of [89, 111]) {
      const bench = await raising(({ venue }) => {
        venue.moods.refusals = 3;
      });
      await bench.rig.pass(60_000);
      expect(bench.resting()).toEqual([]);
      expect(bench.protections()).toEqual(['LIVE']);
      await bench.price(price);
      expect(bench.held()).toEqual({});
      expect(sold(bench)).toBe(10);
      expect(audit(bench.rig)).toEqual([]);
    }
  });

  test('that the venue cancels is placed again', async () => {
    const bench = await held();
    bench.venue.drop(bench.open());
    await bench.rig.pass(100);
    expect(bench.resting()).toEqual([STOP]);
    expect(bench.protections()).toEqual(['LIVE']);
    await bench.price(89.5);
    expect(bench.held()).toEqual({});
    expect(audit(bench.rig)).toEqual([]);
  });

  test('of unknown fate gets no second one beside it, whether it arrived or not', async () => {
    for (const lost of ['lostAnswers', 'lostRequests'] as const) {
      const bench = await raising(({ venue }) => {
        venue.moods[lost] = 1;
      });
      await bench.rig.pass(31_000);
      expect(bench.rig.types()).toContain('ORDER_UNKNOWN');
      await bench.rig.pass(60_000);
      expect(bench.resting()).toEqual([STOP]);
      await bench.price(89.5);
      expect(bench.held()).toEqual({});
      expect(sold(bench)).toBe(10);
      expect(audit(bench.rig)).toEqual([]);
    }
  });

  test('of unknown fate that was hit meanwhile is found out, and nothing is sold twice', async () => {
    const bench = await raising(({ venue }) => {
      venue.moods.lostAnswers = 1;
      venue.moods.slow = true;
    });
    await bench.flush();
    bench.venue.move(BTC, 89.5);
    await bench.rig.pass(60_000);
    bench.venue.calm();
    await bench.rig.pass(60_000);
    expect(bench.held()).toEqual({});
    expect(sold(bench)).toBe(10);
    expect(audit(bench.rig)).toEqual([]);
  });

  test('filled in part covers what is left, and stays', async () => {
    const bench = await held();
    await bench.fill(4);
    expect(bench.resting()).toEqual(['SELL 0.6 stop 90 @89.1']);
    expect(bench.held()).toEqual({ [tradeId(1)]: '0.6' });
    await bench.rig.submit(batch([modify(1, { exit: { stop: '95' } })]));
    await bench.rig.pass(100);
    expect(bench.resting()).toEqual(['SELL 0.6 stop 95 @94.05']);
    await bench.price(94.5);
    expect(bench.held()).toEqual({});
    expect(bench.protections()).toEqual(['COMPLETED target_reached 1']);
    expect(audit(bench.rig)).toEqual([]);
  });

  test('that the market gaps through is taken back, and the rest sold at what there is', async () => {
    const bench = await held();
    await bench.price(80);
    expect(bench.held()).toEqual({});
    expect(bench.rig.events('FILL').at(-1)).toMatchObject({ side: 'SELL', quantity: '1', price: '80' });
    expect(sold(bench)).toBe(10);
    expect(audit(bench.rig)).toEqual([]);
  });

  test('that is hit while a target takes its place sells once', async () => {
    const bench = await held();
    bench.venue.moods.lazy = true;
    await bench.price(111); // the stop is asked to go
    expect(bench.resting()).toEqual([STOP]);
    bench.venue.fillPart(bench.open(), 10); // and has been hit
    await bench.flush();
    await bench.rig.pass(5_000);
    expect(bench.held()).toEqual({});
    expect(sold(bench)).toBe(10);
    expect(audit(bench.rig)).toEqual([]);
  });

  test('comes back when the price leaves the target before the stop was gone', async () => {
    const bench = await held();
    bench.venue.moods.lazy = true;
    await bench.price(111);
    bench.venue.move(BTC, 100);
    bench.venue.moods.lazy = false;
    await bench.flush();
    await bench.rig.pass(5_000);
    expect(bench.resting()).toEqual([STOP]);
    expect(audit(bench.rig)).toEqual([]);
  });
});

describe('a watched stop', () => {
  test('takes the target back first, and sells what a target that was hit has left', async () => {
    const bench = await held(false);
    bench.venue.moods.lazy = true;
    await bench.price(89.5);
    expect(bench.resting()).toEqual(['SELL 1 @110']);
    bench.venue.fillPart(bench.open(), 3);
    await bench.flush();
    await bench.rig.pass(5_000);
    expect(bench.held()).toEqual({});
    expect(sold(bench)).toBe(10);
    expect(audit(bench.rig)).toEqual([]);
  });

  test('works down a thin market a lot at a time, and never turns back', async () => {
    const bench = await held(false);
    bench.venue.moods.thin = true;
    await bench.price(89.5);
    bench.venue.move(BTC, 100);
    await bench.rig.pass(30_000);
    expect(bench.held()).toEqual({});
    expect(sold(bench)).toBe(10);
    expect(audit(bench.rig)).toEqual([]);
  });

  test('that the venue refuses is sent again, a second apart', async () => {
    const bench = await held(false, { stop: '90' });
    bench.venue.moods.refusals = 3;
    await bench.price(89.5);
    await bench.rig.pass(10_000);
    expect(bench.held()).toEqual({});
    expect(bench.venue.places.filter(({ side }) => side === 'SELL')).toHaveLength(4);
    expect(audit(bench.rig)).toEqual([]);
  });
});

describe('the entry', () => {
  test('that fills after its end is protected all the same', async () => {
    for (const before of [0, 3]) {
      const bench = await Guarded.open();
      const handle = await bench.rig.submit(batch([leg({ n: 1, limit: '100', exit: EXIT })]));
      const id = bench.open();
      if (before > 0) await bench.fill(before);
      await handle.cancel('enough');
      await handle.result();
      await bench.rig.at((venue) => venue.fill(id, '0.2', '100'));
      await bench.rig.pass(100);
      expect(bench.rig.codes()).toContain('LATE_FILL');
      const quantity = String((before + 2) / 10);
      expect(bench.held()).toEqual({ [tradeId(1)]: quantity });
      expect(bench.resting()).toEqual([`SELL ${quantity} stop 90 @89.1`]);
      expect(bench.rig.runtime.positions()[0]).toMatchObject({ stop_loss: '90', take_profit: '110' });
      expect(audit(bench.rig)).toEqual([]);
    }
  });

  test('that fills after its stop has sold everything is protected anew', async () => {
    const bench = await Guarded.open();
    await bench.rig.submit(batch([leg({ n: 1, limit: '100', exit: EXIT })]));
    const id = bench.open();
    await bench.fill(3);
    await bench.price(89.5);
    expect(bench.held()).toEqual({});
    bench.venue.move(BTC, 100);
    await bench.rig.at((venue) => venue.fill(id, '0.2', '100'));
    await bench.rig.pass(100);
    expect(bench.resting()).toEqual(['SELL 0.2 stop 90 @89.1']);
    expect(audit(bench.rig)).toEqual([]);
  });

  test('whose fill is taken back has that much less protected', async () => {
    const bench = await Guarded.open();
    await bench.rig.submit(batch([leg({ n: 1, limit: '100', exit: EXIT })]));
    const id = bench.open();
    await bench.fill(4);
    await bench.fill(2);
    bench.venue.bust(id);
    await bench.rig.pass(100);
    expect(bench.resting()).toContain('SELL 0.4 stop 90 @89.1');
    bench.venue.bust(id);
    await bench.rig.pass(100);
    expect(bench.resting()).toEqual(['BUY 1 @100']);
    expect(bench.held()).toEqual({});
    expect(audit(bench.rig)).toEqual([]);
  });

  test('whose fill is taken back before its protection has left keeps that one home', async () => {
    const bench = await Guarded.open();
    await bench.rig.submit(batch([leg({ n: 1, limit: '100', exit: EXIT })]));
    const id = bench.open();
    for (const lots of [4, 2]) bench.venue.fillPart(id, lots);
    await bench.rig.runtime.settle();
    // Both are folded before the commit that lets the order go: the deadline that places it, and the bust.
    bench.rig.clock.at(bench.rig.clock.now(), () => bench.venue.bust(id));
    bench.rig.clock.runNext();
    bench.rig.clock.runNext();
    await bench.rig.pass(5_000);
    const stops = bench.venue.places.filter(({ stopPrice }) => stopPrice !== null);
    expect(stops.map(({ quantity }) => quantity)).toEqual(['0.4']);
    expect(bench.rig.events('ORDER_NOT_SENT')).toMatchObject([{ reason: 'exceeds the position' }]);
    expect(audit(bench.rig)).toEqual([]);
  });

  test('is protected again when a fill of its protection is taken back', async () => {
    const bench = await held();
    const id = bench.open();
    await bench.price(89.5);
    expect(bench.held()).toEqual({});
    bench.venue.move(BTC, 100);
    bench.venue.bust(id);
    await bench.rig.pass(60_000);
    expect(bench.held()).toEqual({ [tradeId(1)]: '1' });
    expect(bench.resting()).toEqual([STOP]);
    expect(audit(bench.rig)).toEqual([]);
  });
});

describe('memory', () => {
  test('of protections that ended is bounded, and causes are still told', async () => {
    const bench = await Guarded.open({ orchestration: { limits: { history_groups: 2 } } });
    for (let n = 1; n <= 5; n++) {
      await bench.rig.submit(batch([leg({ n, exit: EXIT })]));
      await bench.rig.submit(batch([close(n, { n: 90 + n })]));
    }
    expect(bench.rig.runtime.groups().length).toBeLessThan(9);
    expect(bench.rig.runtime.openProtections).toBe(0);
    const first = bench.rig.events('ORDER_INTENT').find(({ stopPrice }) => stopPrice !== null);
    expect(bench.rig.runtime.causes(first?.orderId ?? '')).toMatchObject({
      commandId: leg({ n: 1 }).command_id,
    });
    expect(audit(bench.rig)).toEqual([]);
  });
});
