/** Kills, re-arms, and the market's end: what becomes of protections, and who hears of it. */
import { describe, expect, test } from '@jest/globals';
import { Guarded } from './guarded.js';
import { audit, BTC, batch, coordinated, ETH, leg, quantities, tradeId } from './rig.js';

const EXIT = { stop: '90', take: '110' };

async function held(isNative = true) {
  const bench = await Guarded.open({ isNative });
  await bench.rig.submit(batch([leg({ n: 1, exit: EXIT })]));
  return bench;
}

describe.each([
  ['native', true, 'SELL 1 stop 90 @89.1'],
  ['watched', false, 'SELL 1 @110'],
])('a kill ends a %s protection', (_name, isNative, rests) => {
  test.each(['all', { venue: 'SIM' }, { symbol: BTC }] as const)(
    'of its scope %j, says so once, and a re-arm raises it again',
    async (scope) => {
      const bench = await held(isNative);
      await bench.rig.runtime.kill(scope, 'test', 'me');
      await bench.rig.pass(60_000);
      expect(bench.resting()).toEqual([]);
      expect(bench.protections()).toEqual(['CANCELLED kill 0']);
      expect(bench.alerts()).toEqual([expect.stringContaining('kill')]);
      await bench.price(80);
      expect(bench.held()).toEqual({ [tradeId(1)]: '1' });
      bench.venue.move('BTC/USDT', 100);
      await bench.rig.runtime.rearm(scope, 'me');
      await bench.rig.pass(100);
      expect(bench.resting()).toEqual([rests]);
      expect(bench.protections()).toEqual(['CANCELLED kill 0', 'LIVE']);
      await bench.price(89.5);
      expect(bench.held()).toEqual({});
      expect(audit(bench.rig)).toEqual([]);
    },
  );
});

describe('a kill', () => {
  test('of another symbol, or of the batch, leaves the protection alone', async () => {
    const bench = await held();
    await bench.rig.runtime.kill({ symbol: ETH }, 'test', 'me');
    const batchId = bench.rig.events('BATCH_CREATED')[0]?.batchId ?? '';
    await bench.rig.runtime.kill({ batchId }, 'test', 'me');
    expect(bench.resting()).toEqual(['SELL 1 stop 90 @89.1']);
    expect(bench.alerts()).toEqual([]);
    await bench.price(89.5);
    expect(bench.held()).toEqual({});
    expect(audit(bench.rig)).toEqual([]);
  });

  test('names the position that a late fill brings while it is latched', async () => {
    const bench = await Guarded.open();
    await bench.rig.submit(batch([leg({ n: 1, limit: '100', exit: EXIT })]));
    bench.venue.moods.lazy = true;
    await bench.rig.runtime.kill('all', 'test', 'me');
    expect(bench.alerts()).toEqual([]);
    bench.venue.fillPart(bench.open(), 4);
    await bench.flush();
    expect(bench.alerts()).toHaveLength(1);
    expect(bench.resting()).toEqual([]);
    await bench.rig.runtime.rearm('all', 'me');
    await bench.rig.pass(100);
    expect(bench.resting()).toEqual(['SELL 0.4 stop 90 @89.1']);
    expect(audit(bench.rig)).toEqual([]);
  });

  test('that is re-armed before the venue has confirmed leaves one protection', async () => {
    const bench = await held();
    bench.venue.moods.lazy = true;
    await bench.rig.runtime.kill('all', 'test', 'me');
    await bench.rig.runtime.rearm('all', 'me');
    await bench.flush();
    await bench.rig.pass(100);
    expect(bench.resting()).toEqual(['SELL 1 stop 90 @89.1']);
    expect(bench.protections()).toEqual(['CANCELLED kill 0', 'LIVE']);
    expect(audit(bench.rig)).toEqual([]);
  });

  test('of one of two scopes that are killed raises nothing yet', async () => {
    const bench = await held();
    await bench.rig.runtime.kill('all', 'test', 'me');
    await bench.rig.runtime.kill({ venue: 'SIM' }, 'test', 'me');
    await bench.rig.runtime.rearm('all', 'me');
    await bench.rig.pass(1_000);
    expect(bench.resting()).toEqual([]);
    await bench.rig.runtime.rearm({ venue: 'SIM' }, 'me');
    await bench.rig.pass(1_000);
    expect(bench.resting()).toEqual(['SELL 1 stop 90 @89.1']);
    expect(audit(bench.rig)).toEqual([]);
  });
});

describe('a kill of one leg of a COORDINATED batch', () => {
  /** BTC is filled in part, ETH whole: both are held when one of the symbols is killed. */
  async function killed(symbol: string) {
    const bench = await Guarded.open();
    const pair = [leg({ n: 1, limit: '100' }), leg({ n: 2, symbol: ETH, limit: '100' })];
    const handle = await bench.rig.submit(coordinated(pair));
    await bench.fill(4);
    await bench.fill(5, 1);
    await bench.rig.runtime.kill({ symbol }, 'test', 'me');
    await bench.rig.pass(120_000);
    return { bench, result: quantities(await handle.result()), all: await handle.result() };
  }

  test('sends nothing of the killed symbol, and rolls the other leg back', async () => {
    const { bench, result, all } = await killed('BTC/USDT');
    expect(result).toMatchObject({ status: 'PARTIAL', residuals: ['0.4 BTC/USDT'] });
    expect(all.residuals[0]).toMatchObject({ reason: 'kill' });
    const unwinds = bench.rig
      .events('GROUP_CREATED')
      .filter(({ offsetsGroupId }) => offsetsGroupId !== undefined);
    expect(unwinds.map(({ symbol }) => symbol)).toEqual([ETH]);
    expect(bench.held()).toEqual({ [tradeId(1)]: '0.4' });
    expect(audit(bench.rig)).toEqual([]);
  });

  test('is the same whichever of the two it is', async () => {
    const { bench, result } = await killed(ETH);
    expect(bench.rig.types()).not.toContain('ORDER_BLOCKED');
    expect(result).toMatchObject({ status: 'PARTIAL', residuals: ['0.5 ETH/USDT'] });
    expect(bench.held()).toEqual({ [tradeId(2)]: '0.5' });
    expect(audit(bench.rig)).toEqual([]);
  });
});

describe("the market's end", () => {
  test.each([true, false])('ends a protection for good, and says so (native: %s)', async (isNative) => {
    const bench = await held(isNative);
    await bench.rig.runtime.endMarket();
    await bench.rig.pass(60_000);
    expect(bench.resting()).toEqual([]);
    expect(bench.protections()).toEqual(['CANCELLED market_ended 0']);
    expect(bench.alerts()).toEqual([expect.stringContaining('market_ended')]);
    expect(bench.rig.runtime.openProtections).toBe(0);
    expect(audit(bench.rig)).toEqual([]);
  });
});
