/** Protection of a position by stop and target, native and watched: what is raised, what it covers, how it ends. */
import { describe, expect, test } from '@jest/globals';
import { createMemoryJournal } from '../../src/journal/index.js';
import { Guarded } from './guarded.js';
import { audit, BTC, batch, coordinated, ETH, leg, modify, tradeId } from './rig.js';

const EXIT = { stop: '90', take: '110' };
const entry = (options: object = {}) => batch([leg({ n: 1, limit: '100', exit: EXIT, ...options })]);

/** Bought whole at once, between its stop and its target. */
async function held(isNative: boolean, exit: object = EXIT) {
  const bench = await Guarded.open({ isNative });
  const handle = await bench.rig.submit(batch([leg({ n: 1, exit })]));
  return { bench, handle };
}

const NATIVE = ['SELL 1 stop 90 @89.1'];
const WATCHED = ['SELL 1 @110'];

describe.each([
  ['native', true, NATIVE],
  ['watched', false, WATCHED],
])('a %s protection', (_name, isNative, rests) => {
  test('is live once the position is, and outlives its batch', async () => {
    const { bench, handle } = await held(isNative);
    expect(await handle.result()).toMatchObject({ status: 'COMPLETED' });
    expect(bench.resting()).toEqual(rests);
    expect(bench.protections()).toEqual(['LIVE']);
    expect(bench.venue.places.at(-1)).toMatchObject({ reduceOnly: true });
    expect(audit(bench.rig)).toEqual([]);
  });

  test('sells at the stop, and its target goes with it', async () => {
    const { bench } = await held(isNative);
    await bench.price(89.5);
    expect(bench.held()).toEqual({});
    expect(bench.resting()).toEqual([]);
    expect(bench.protections()).toEqual(['COMPLETED target_reached 1']);
    await bench.price(120);
    expect(bench.rig.events('FILL')).toHaveLength(2);
    expect(audit(bench.rig)).toEqual([]);
  });

  test('sells at the target, and its stop goes with it', async () => {
    const { bench } = await held(isNative);
    await bench.price(111);
    expect(bench.held()).toEqual({});
    expect(bench.protections()).toEqual(['COMPLETED target_reached 1']);
    await bench.price(80);
    expect(bench.resting()).toEqual([]);
    expect(bench.rig.events('FILL')).toHaveLength(2);
    expect(audit(bench.rig)).toEqual([]);
  });

  test('never has stop and target at the venue together', async () => {
    const { bench } = await held(isNative);
    for (const price of [109, 111, 95, 112, 108, 100]) {
      bench.venue.move(BTC, price);
      expect(bench.resting().length).toBeLessThanOrEqual(1);
      await bench.rig.pass(500);
      expect(bench.resting().length).toBeLessThanOrEqual(1);
    }
  });

  test('of a stop alone, and of a target alone', async () => {
    const stop = (await held(isNative, { stop: '90' })).bench;
    await stop.price(200);
    expect(stop.held()).toEqual({ [tradeId(1)]: '1' });
    await stop.price(89.5);
    expect(stop.held()).toEqual({});
    const target = (await held(isNative, { take: '110' })).bench;
    await target.price(50);
    expect(target.held()).toEqual({ [tradeId(1)]: '1' });
    await target.price(110);
    expect(target.held()).toEqual({});
  });

  test('of a short buys it back', async () => {
    for (const price of [111, 89]) {
      const bench = await Guarded.open({ isNative });
      await bench.rig.submit(batch([leg({ n: 1, side: 'SELL', exit: { stop: '110', take: '90' } })]));
      expect(bench.resting()).toEqual([isNative ? 'BUY 1 stop 110 @111.1' : 'BUY 1 @90']);
      await bench.price(price);
      expect(bench.held()).toEqual({});
      expect(bench.rig.events('FILL').map(({ side, quantity }) => `${side} ${quantity}`)).toEqual([
        'SELL 1',
        'BUY 1',
      ]);
      expect(audit(bench.rig)).toEqual([]);
    }
  });

  test('follows an entry fill by fill, within the target that the entry has', async () => {
    const bench = await Guarded.open({ isNative });
    await bench.rig.submit(entry());
    expect(bench.protections()).toEqual([]);
    for (const [lots, quantity] of [
      [2, '0.2'],
      [3, '0.5'],
      [5, '1'],
    ] as const) {
      await bench.fill(lots);
      await bench.rig.pass(0);
      expect(bench.resting().at(-1)).toBe(
        isNative ? `SELL ${quantity} stop 90 @89.1` : `SELL ${quantity} @110`,
      );
    }
    expect(bench.cover()).toEqual({ target: '1', cap: '1' });
    expect(bench.protections()).toEqual(['LIVE']);
    expect(audit(bench.rig)).toEqual([]);
  });

  test('of a TWAP grows slice by slice, and its stop ends the slices that are left', async () => {
    const bench = await Guarded.open({ isNative });
    const params = { strategy: 'TWAP', duration_seconds: 40, slices: 4 };
    const handle = await bench.rig.submit(batch([leg({ n: 1, size: '0.8', params, exit: EXIT })]));
    await bench.rig.pass(10_500);
    expect(bench.held()).toEqual({ [tradeId(1)]: '0.4' });
    expect(bench.resting()).toEqual([isNative ? 'SELL 0.4 stop 90 @89.1' : 'SELL 0.4 @110']);
    await bench.price(89.5);
    await bench.rig.pass(60_000);
    expect(await handle.result()).toMatchObject({
      status: 'PARTIAL',
      legs: [{ reason: 'stopped_out', filledQuantity: '0.4' }],
    });
    expect(bench.held()).toEqual({});
    const stopped = bench.rig.events('GROUP_CLOSING').find(({ reason }) => reason === 'stopped_out');
    expect(bench.rig.all()[(stopped?.cause ?? 0) - 1]).toMatchObject({ type: 'FILL', side: 'SELL' });
    expect(audit(bench.rig)).toEqual([]);
  });

  test('leads back to the directive that set it', async () => {
    const { bench } = await held(isNative);
    await bench.price(89.5);
    const fill = bench.rig.events('FILL').at(-1);
    expect(bench.rig.runtime.causes(fill?.fillId ?? '')).toMatchObject({
      groupId: bench.ids()[0],
      commandId: leg({ n: 1 }).command_id,
      directiveId: batch([leg({ n: 1 })]).directive.directive_id,
      origin: { id: 'tick-1', type: 'TICK' },
    });
    const created = bench.rig.events('GROUP_CREATED').at(-1);
    expect(bench.rig.all()[(created?.cause ?? 0) - 1]).toMatchObject({ type: 'FILL', side: 'BUY' });
  });

  test('is untouched by its batch: timeout, cancel, failure of a sibling', async () => {
    type Handle = Awaited<ReturnType<Guarded['rig']['submit']>>;
    const endings: ((bench: Guarded, handle: Handle) => unknown)[] = [
      (bench) => bench.rig.pass(31_000),
      (_bench, handle) => handle.cancel('enough'),
      (bench) => bench.venue.drop(bench.open(1)), // the sibling's order
    ];
    for (const end of endings) {
      const bench = await Guarded.open({ isNative });
      const legs = [leg({ n: 1, limit: '100', exit: EXIT }), leg({ n: 2, symbol: ETH, limit: '100' })];
      const handle = await bench.rig.submit(
        coordinated(legs, { timeout_seconds: 30, on_leg_failure: 'CANCEL_PENDING' }),
      );
      await bench.fill(4);
      await end(bench, handle);
      await bench.rig.pass(31_000);
      expect((await handle.result()).status).not.toBe('COMPLETED');
      expect(bench.held()).toEqual({ [tradeId(1)]: '0.4' });
      expect(bench.resting()).toEqual([isNative ? 'SELL 0.4 stop 90 @89.1' : 'SELL 0.4 @110']);
      expect(bench.protections()).toEqual(['LIVE']);
      await bench.price(89.5);
      expect(bench.held()).toEqual({});
      expect(audit(bench.rig)).toEqual([]);
    }
  });

  test('of one trade leaves another of the same instrument alone', async () => {
    const bench = await Guarded.open({ isNative });
    await bench.rig.submit(batch([leg({ n: 1, exit: EXIT })]));
    await bench.rig.submit(batch([leg({ n: 2, size: '0.5', exit: { stop: '80', take: '130' } })]));
    await bench.price(89.5);
    expect(bench.held()).toEqual({ [tradeId(2)]: '0.5' });
    expect(bench.resting()).toEqual([isNative ? 'SELL 0.5 stop 80 @79.2' : 'SELL 0.5 @130']);
    expect(audit(bench.rig)).toEqual([]);
  });

  test('covers no more than commissions in the base asset have left', async () => {
    const bench = await Guarded.open({ isNative, commission: '0.004' });
    await bench.rig.submit(batch([leg({ n: 1, exit: EXIT })]));
    expect(bench.held()).toEqual({ [tradeId(1)]: '0.96' });
    expect(bench.resting()).toEqual([isNative ? 'SELL 0.9 stop 90 @89.1' : 'SELL 0.9 @110']);
    await bench.price(89.5);
    expect(bench.held()).toEqual({ [tradeId(1)]: '0.06' });
    await bench.rig.pass(60_000);
    expect(bench.resting()).toEqual([]);
    expect(audit(bench.rig)).toEqual([]);
  });

  test('is not raised for dust, and does not come again for what is left below the minimum', async () => {
    const bench = await Guarded.open({
      isNative,
      venue: { clock: undefined as never, minNotional: '28' } as never,
    });
    await bench.rig.submit(entry({ size: '1' }));
    await bench.fill(2); // 20 of notional
    expect(bench.protections()).toEqual([]);
    await bench.fill(1); // 30 at 100, 26.7 at the stop
    expect(bench.protections()).toEqual(['LIVE']);
    await bench.price(89);
    await bench.rig.pass(600_000);
    expect(bench.protections().filter((end) => end !== 'LIVE')).toHaveLength(1);
    expect(bench.rig.events('GROUP_CREATED').length).toBeLessThanOrEqual(3);
    expect(bench.held()).toEqual({ [tradeId(1)]: '0.3' });
    expect(audit(bench.rig)).toEqual([]);
  });

  test('cannot be amended or canceled by itself', async () => {
    const { bench } = await held(isNative);
    const id = bench.ids()[0] ?? '';
    await expect(bench.rig.runtime.amend(id, { working_cap: '0.5' } as never)).rejects.toMatchObject({
      code: expect.stringMatching(/AMEND_REFUSED|VALIDATION/),
    });
    await expect(bench.rig.runtime.cancelGroup(id, 'no')).rejects.toMatchObject({ code: 'AMEND_REFUSED' });
    expect(bench.resting()).toEqual(rests);
  });
});

describe('an exit plan', () => {
  test('is accepted in live, and live orders come of it', async () => {
    const bench = await Guarded.open({ environment: 'live', journal: createMemoryJournal() });
    const handle = await bench.rig.submit(batch([leg({ n: 1, exit: EXIT })]));
    expect(await handle.result()).toMatchObject({ status: 'COMPLETED' });
    expect(bench.resting()).toEqual(NATIVE);
    expect(bench.rig.codes()).not.toContain('UNPROTECTED');
  });

  test('of a leg of a COORDINATED pair that is stopped out counts as its failure', async () => {
    const bench = await Guarded.open();
    const pair = [leg({ n: 1, limit: '100', exit: EXIT }), leg({ n: 2, symbol: ETH, limit: '100' })];
    const handle = await bench.rig.submit(coordinated(pair));
    await bench.fill(4);
    await bench.fill(5, 1);
    await bench.price(89.5);
    await bench.rig.pass(60_000);
    expect(await handle.result()).toMatchObject({ status: 'FAILED', reason: 'stopped_out', residuals: [] });
    expect(bench.held()).toEqual({});
    expect(audit(bench.rig)).toEqual([]);
  });

  test('on a trade held without one protects it from then on', async () => {
    const bench = await Guarded.open();
    await bench.rig.submit(batch([leg({ n: 1 })]));
    expect(bench.resting()).toEqual([]);
    await bench.rig.submit(batch([modify(1, { exit: EXIT })]));
    expect(bench.resting()).toEqual(NATIVE);
    expect(audit(bench.rig)).toEqual([]);
  });
});
