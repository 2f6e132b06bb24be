/** What a protection gives way to: closes, unwinds, reductions; and the commands that move it. */
import { describe, expect, test } from '@jest/globals';
import { Guarded, type GuardedOptions } from './guarded.js';
import { audit, BTC, batch, close, coordinated, ETH, leg, modify, tradeId } from './rig.js';

const EXIT = { stop: '90', take: '110' };

/** One lot of ten is held, protected natively; cancels wait for `flush` from here on. */
async function lazy(options: GuardedOptions = {}) {
  const bench = await Guarded.open(options);
  await bench.rig.submit(batch([leg({ n: 1, exit: EXIT })]));
  bench.venue.moods.lazy = true;
  return bench;
}

const sells = (bench: Guarded): string[] =>
  bench.venue.places.flatMap(({ side, quantity, stopPrice }) =>
    side === 'SELL' && stopPrice === null ? [quantity] : [],
  );

describe('CLOSE_EXISTING', () => {
  test('sends nothing before the venue has confirmed that the protection is gone', async () => {
    const bench = await lazy();
    const handle = await bench.rig.submit(batch([close(1)]));
    expect(bench.resting()).toEqual(['SELL 1 stop 90 @89.1']);
    expect(sells(bench)).toEqual([]);
    await bench.flush();
    expect(sells(bench)).toEqual(['1']);
    expect(await handle.result()).toMatchObject({ status: 'COMPLETED' });
    expect(bench.held()).toEqual({});
    expect(bench.protections()).toEqual(['CANCELLED cancel_requested 0']);
    expect(audit(bench.rig)).toEqual([]);
  });

  test('sells only what a stop that won the race has left', async () => {
    for (const [isThin, rest] of [
      [false, []],
      [true, ['0.9']],
    ] as const) {
      const bench = await lazy();
      const handle = await bench.rig.submit(batch([close(1)]));
      bench.venue.moods.thin = isThin;
      bench.venue.move(BTC, 90);
      bench.venue.moods.thin = false;
      await bench.flush();
      expect(sells(bench)).toEqual(rest);
      expect(await handle.result()).toMatchObject({ status: 'COMPLETED' });
      expect(bench.held()).toEqual({});
      expect(audit(bench.rig)).toEqual([]);
    }
  });

  test('that the venue refuses leaves the position protected again', async () => {
    const bench = await Guarded.open();
    await bench.rig.submit(batch([leg({ n: 1, exit: EXIT })]));
    bench.venue.moods.refusals = 1;
    const handle = await bench.rig.submit(batch([close(1)]));
    expect(await handle.result()).toMatchObject({ status: 'FAILED', reason: 'execution_error' });
    expect(bench.resting()).toEqual(['SELL 1 stop 90 @89.1']);
    expect(bench.protections()).toEqual(['CANCELLED cancel_requested 0', 'LIVE']);
    expect(audit(bench.rig)).toEqual([]);
  });

  test('that leaves a rest has the rest protected again', async () => {
    const bench = await Guarded.open();
    await bench.rig.submit(batch([leg({ n: 1, exit: EXIT })]));
    bench.venue.moods.thin = true;
    await bench.rig.submit(batch([close(1)]));
    expect(bench.held()).toEqual({ [tradeId(1)]: '0.9' });
    expect(bench.resting()).toEqual(['SELL 0.9 stop 90 @89.1']);
    bench.venue.moods.thin = false;
    await bench.price(89.5);
    expect(bench.held()).toEqual({});
    expect(audit(bench.rig)).toEqual([]);
  });

  test('that is killed while it waits leaves a position that is said to stand alone', async () => {
    const bench = await lazy();
    await bench.rig.submit(batch([close(1)]));
    await bench.rig.runtime.kill('all', 'stop', 'me');
    await bench.flush();
    await bench.rig.pass(60_000);
    expect(sells(bench)).toEqual([]);
    expect(bench.resting()).toEqual([]);
    expect(bench.alerts()).toHaveLength(1);
    expect(audit(bench.rig)).toEqual([]);
  });

  test('that its batch times out while it waits has the position protected again', async () => {
    const bench = await lazy();
    bench.venue.moods.lostRequests = 1;
    await bench.rig.submit(batch([close(1)], { timeout_seconds: 5 }));
    await bench.rig.pass(6_000);
    bench.venue.calm();
    await bench.rig.pass(60_000);
    expect(sells(bench)).toEqual([]);
    expect(bench.resting()).toEqual(['SELL 1 stop 90 @89.1']);
    expect(bench.held()).toEqual({ [tradeId(1)]: '1' });
    expect(audit(bench.rig)).toEqual([]);
  });
});

describe('an unwind', () => {
  /** BTC is bought and protected, ETH will fail: the rollback sells BTC. */
  async function failing() {
    const bench = await Guarded.open();
    const pair = [leg({ n: 1, exit: EXIT }), leg({ n: 2, symbol: ETH, limit: '100' })];
    const handle = await bench.rig.submit(coordinated(pair));
    expect(bench.resting()).toEqual(['BUY 1 @100', 'SELL 1 stop 90 @89.1']);
    bench.venue.moods.lazy = true;
    bench.venue.drop(bench.open(0));
    await bench.rig.settle();
    return { bench, handle };
  }

  test('waits for the protection to be gone, then sends back what is held', async () => {
    const { bench, handle } = await failing();
    expect(sells(bench)).toEqual([]);
    await bench.flush();
    expect(sells(bench)).toEqual(['1']);
    expect(await handle.result()).toMatchObject({ status: 'FAILED', residuals: [] });
    expect(bench.held()).toEqual({});
    expect(audit(bench.rig)).toEqual([]);
  });

  test('sends back only what the stop that won the race has left', async () => {
    for (const [isThin, rest] of [
      [false, []],
      [true, ['0.9']],
    ] as const) {
      const { bench, handle } = await failing();
      bench.venue.moods.thin = isThin;
      bench.venue.move(BTC, 90);
      bench.venue.moods.thin = false;
      await bench.flush();
      expect(sells(bench)).toEqual(rest);
      expect(await handle.result()).toMatchObject({ status: 'FAILED', residuals: [] });
      expect(bench.held()).toEqual({});
      expect(audit(bench.rig)).toEqual([]);
    }
  });

  test('that leaves a residual leaves it protected', async () => {
    const { bench, handle } = await failing();
    bench.venue.moods.refusals = 20;
    await bench.flush();
    await bench.rig.pass(90_000);
    bench.venue.calm();
    expect(await handle.result()).toMatchObject({ status: 'PARTIAL', residuals: [{ quantity: '1' }] });
    expect(bench.protections().at(-1)).toBe('LIVE');
    await bench.price(89.5);
    await bench.rig.pass(10_000);
    expect(bench.held()).toEqual({});
    expect(audit(bench.rig)).toEqual([]);
  });
});

describe('MODIFY_EXISTING', () => {
  test.each([
    ['stop', { stop: '95' }, 'SELL 1 stop 95 @94.05'],
    ['target', { take: '120' }, 'SELL 1 stop 90 @89.1'],
    ['both', { stop: '85', take: '105' }, 'SELL 1 stop 85 @84.15'],
  ])('moves the %s without an order of its own', async (_what, exit, rests) => {
    const bench = await Guarded.open();
    await bench.rig.submit(batch([leg({ n: 1, exit: EXIT })]));
    const handle = await bench.rig.submit(batch([modify(1, { exit })]));
    await bench.rig.pass(100);
    expect(await handle.result()).toMatchObject({ status: 'COMPLETED', legs: [{ targetQuantity: null }] });
    expect(bench.resting()).toEqual([rests]);
    expect(bench.protections()).toEqual(['LIVE']);
    const { stop = '90', take = '110' } = exit as { stop?: string; take?: string };
    expect(bench.rig.events('GROUP_AMENDED')).toMatchObject([{ stopLoss: stop, takeProfit: take }]);
    await bench.price(Number(take) + 1);
    expect(bench.held()).toEqual({});
    expect(audit(bench.rig)).toEqual([]);
  });

  test('of a watched stop moves what is watched', async () => {
    const bench = await Guarded.open({ isNative: false });
    await bench.rig.submit(batch([leg({ n: 1, exit: { stop: '90' } })]));
    await bench.rig.submit(batch([modify(1, { exit: { stop: '80' } })]));
    await bench.price(85);
    expect(bench.held()).toEqual({ [tradeId(1)]: '1' });
    await bench.price(79.5);
    expect(bench.held()).toEqual({});
    expect(audit(bench.rig)).toEqual([]);
  });

  test('to more has more protected, to less has less', async () => {
    const bench = await Guarded.open();
    await bench.rig.submit(batch([leg({ n: 1, exit: EXIT })]));
    await bench.rig.submit(batch([modify(1, { n: 50, size: '1.5' })]));
    await bench.rig.pass(100);
    expect(bench.resting()).toEqual(['SELL 1.5 stop 90 @89.1']);
    expect(bench.protections()).toEqual(['CANCELLED cancel_requested 0', 'LIVE']);
    await bench.rig.submit(batch([modify(1, { n: 51, size: '0.4' })]));
    await bench.rig.pass(100);
    expect(bench.resting()).toEqual(['SELL 0.4 stop 90 @89.1']);
    expect(bench.held()).toEqual({ [tradeId(1)]: '0.4' });
    expect(audit(bench.rig)).toEqual([]);
  });

  test('to less sells only after the protection holds no more than it leaves', async () => {
    const bench = await lazy();
    await bench.rig.submit(batch([modify(1, { size: '0.4' })]));
    expect(sells(bench)).toEqual([]);
    await bench.flush();
    await bench.rig.pass(100);
    expect(sells(bench)).toEqual(['0.6']);
    expect(bench.resting()).toEqual(['SELL 0.4 stop 90 @89.1']);
    expect(audit(bench.rig)).toEqual([]);
  });

  test.each([
    [false, []],
    [true, ['0.5']],
  ])('to less counts what a stop that won the race has sold (in part: %s)', async (isPart, sold) => {
    const bench = await lazy();
    const handle = await bench.rig.submit(batch([modify(1, { size: '0.4' })]));
    bench.venue.fillPart(bench.open(), isPart ? 1 : 10);
    await bench.flush();
    await bench.rig.pass(100);
    expect(sells(bench)).toEqual(sold);
    expect(await handle.result()).toMatchObject({ status: 'COMPLETED' });
    expect(bench.held()).toEqual(isPart ? { [tradeId(1)]: '0.4' } : {});
    expect(audit(bench.rig)).toEqual([]);
  });

  test('to less at a limit has the rest protected, and all of it when it ends short', async () => {
    const bench = await Guarded.open();
    await bench.rig.submit(batch([leg({ n: 1, exit: EXIT })]));
    const params = { order_type: 'LIMIT', limit_price: '105' };
    await bench.rig.submit(batch([modify(1, { size: '0.4', params })]));
    await bench.rig.pass(100);
    expect(bench.resting().sort()).toEqual(['SELL 0.4 stop 90 @89.1', 'SELL 0.6 @105']);
    bench.venue.fillPart(bench.open(0), 1);
    bench.venue.fillPart(bench.open(1), 1);
    await bench.rig.pass(100);
    const reduction = bench.rig.events('GROUP_CREATED').find(({ scope }) => scope === 'MODIFY_EXISTING');
    bench.venue.drop(bench.open(bench.resting().indexOf('SELL 0.5 @105')));
    await bench.rig.pass(2_000);
    expect(
      bench.rig.events('GROUP_SETTLED').find(({ groupId }) => groupId === reduction?.groupId),
    ).toBeDefined();
    expect(bench.resting()).toEqual(['SELL 0.8 stop 90 @89.1']);
    expect(audit(bench.rig)).toEqual([]);
  });

  test('that the venue refuses has its stop taken back, and the old one live again', async () => {
    const bench = await Guarded.open({ plan: { error_handling: { on_api_failure: 'rollback_ledger' } } });
    await bench.rig.submit(batch([leg({ n: 1, exit: EXIT })]));
    bench.venue.moods.refusals = 1;
    await bench.rig.submit(batch([modify(1, { size: '2', exit: { stop: '95' } })]));
    await bench.rig.pass(1_000);
    expect(bench.rig.runtime.positions()[0]).toMatchObject({ stop_loss: '90', take_profit: '110' });
    expect(bench.resting()).toEqual(['SELL 1 stop 90 @89.1']);
    expect(audit(bench.rig)).toEqual([]);
  });

  test('that fails takes back only what no later one has set', async () => {
    const bench = await Guarded.open({ plan: { error_handling: { on_api_failure: 'rollback_ledger' } } });
    await bench.rig.submit(batch([leg({ n: 1, exit: EXIT })]));
    await bench.rig.submit(
      batch(
        [
          modify(1, {
            n: 50,
            size: '2',
            exit: { stop: '95' },
            params: { order_type: 'LIMIT', limit_price: '99' },
          }),
        ],
        {
          timeout_seconds: 20,
        },
      ),
    );
    await bench.rig.submit(batch([modify(1, { n: 51, exit: { stop: '97' } })]));
    await bench.rig.pass(60_000);
    expect(bench.rig.runtime.positions()[0]).toMatchObject({ stop_loss: '97' });
    expect(audit(bench.rig)).toEqual([]);
  });
});
