/** What an unwind sends back, how long it tries, and what it leaves alone. */
import { describe, expect, test } from '@jest/globals';
import type { BatchHandle } from '../../src/runtime/api.js';
import {
  audit,
  BTC,
  batch,
  close,
  coordinated,
  ETH,
  type LegOptions,
  leg,
  modify,
  quantities,
  Rig,
  type RigOptions,
  tradeId,
} from './rig.js';

/** Is this promise unsettled still? */
async function isOpen(promise: Promise<unknown>): Promise<boolean> {
  let open = true;
  const settle = (): void => {
    open = false;
  };
  promise.then(settle, settle);
  for (let i = 0; i < 20; i++) await Promise.resolve();
  return open;
}

const pair = (policy: object = {}, first: LegOptions = {}, second: LegOptions = {}) =>
  coordinated([leg({ n: 1, ...first }), leg({ n: 2, symbol: ETH, ...second })], policy);

/** Two resting LIMIT legs: BTC and ETH, 1 each at 100. */
const resting = (policy: object = {}) => pair(policy, { limit: '100' }, { limit: '100' });

const sent = (rig: Rig): string[] =>
  rig.venue.places.map(({ side, quantity, symbol }) => `${side} ${quantity} ${symbol.slice(0, 3)}`);

async function outcome(rig: Rig, handle: BatchHandle) {
  expect(audit(rig)).toEqual([]);
  return quantities(await handle.result());
}

const nothing = { residuals: [], kept: [], dust: [] };

describe('on_leg_failure', () => {
  /** BTC rests at 100 with 0.6 filled, then ETH is refused. */
  async function failing(policy: object = {}, options: RigOptions = {}) {
    const rig = await Rig.open(options);
    rig.venue.onCancel = (id) => rig.venue.canceled(id);
    const handle = await rig.submit(pair(policy, { limit: '100' }));
    await rig.at((venue) => {
      venue.ack(venue.id(0));
      venue.fill(venue.id(0), '0.6');
      venue.reject(venue.id(1), 'margin');
    });
    return { rig, handle };
  }

  test('CANCEL_PENDING cancels the others and reports what they hold', async () => {
    const { rig, handle } = await failing({ on_leg_failure: 'CANCEL_PENDING' });
    expect(rig.venue.cancels).toEqual([rig.venue.id(0)]);
    expect(sent(rig)).toEqual(['BUY 1 BTC', 'BUY 1 ETH']);
    expect(await outcome(rig, handle)).toMatchObject({ status: 'PARTIAL', reason: 'execution_error' });
    expect((await handle.result()).residuals).toEqual([
      { symbol: BTC, quantity: '0.6', lastPrice: '100', reason: 'not_unwound' },
    ]);
    expect(rig.codes()).toContain('RESIDUAL');
  });

  test('UNWIND sends back exactly what is held, collared, under ids of its own', async () => {
    const { rig, handle } = await failing();
    expect(rig.venue.places[2]).toMatchObject({
      symbol: BTC,
      side: 'SELL',
      quantity: '0.6',
      price: '99',
      timeInForce: 'IOC',
    });
    expect(new Set(rig.venue.places.map(({ clientOrderId }) => clientOrderId)).size).toBe(3);
    const [first, , unwind] = rig.events('GROUP_CREATED');
    expect(unwind).toMatchObject({ targetQuantity: '0.6', offsetsGroupId: first?.groupId });
    await rig.at((venue) => venue.fill(venue.id(2)));
    expect(await outcome(rig, handle)).toEqual({
      status: 'FAILED',
      reason: 'execution_error',
      filled: ['0.6', '0'],
      ...nothing,
    });
    expect(Object.values(rig.positions())[0]).toBe('0');
  });

  test('UNWIND journals the failure of the leg before any cancel', async () => {
    const { rig } = await failing();
    const types = rig.types();
    expect(types.indexOf('LEG_FAILED')).toBeLessThan(types.indexOf('ORDER_CANCEL_REQUESTED'));
  });

  test('UNWIND sends back the fills of the failing leg as well', async () => {
    const rig = await Rig.open();
    rig.venue.rests();
    const handle = await rig.submit(pair({}, { limit: '100' }));
    await rig.at((venue) => {
      venue.fill(venue.id(1), '0.3');
      venue.canceled(venue.id(1), 'immediate-or-cancel remainder');
    });
    expect(sent(rig).slice(2)).toEqual(['SELL 0.3 ETH']);
    await rig.at((venue) => venue.fill(venue.id(2)));
    expect(await outcome(rig, handle)).toMatchObject({
      status: 'FAILED',
      filled: ['0', '0.3'],
      residuals: [],
    });
  });

  test('UNWIND sends back what a venue filled beyond the target', async () => {
    const rig = await Rig.open();
    const handle = await rig.submit(pair());
    await rig.at((venue) => {
      venue.fill(venue.id(0), '1.2');
      venue.reject(venue.id(1));
    });
    expect(sent(rig).slice(2)).toEqual(['SELL 1.2 BTC']);
    await rig.at((venue) => venue.fill(venue.id(2)));
    expect(await outcome(rig, handle)).toMatchObject({ status: 'FAILED', residuals: [] });
    expect(rig.codes()).toContain('OVERFILL');
  });

  test('UNWIND covers what was sold short by buying it back', async () => {
    const rig = await Rig.open();
    const handle = await rig.submit(pair({}, { side: 'SELL' }));
    await rig.at((venue) => {
      venue.fill(venue.id(0));
      venue.reject(venue.id(1));
    });
    expect(sent(rig).slice(2)).toEqual(['BUY 1 BTC']);
    await rig.at((venue) => venue.fill(venue.id(2), '0.4'));
    await rig.at((venue) => venue.canceled(venue.id(2)));
    await rig.pass(10_000);
    expect(sent(rig).slice(3)).toEqual(['BUY 0.6 BTC']);
    await rig.at((venue) => venue.fill(venue.id(3)));
    expect(await outcome(rig, handle)).toMatchObject({ status: 'FAILED', residuals: [] });
  });

  test('UNWIND tries max_attempts times; what is left then is a residual with its reason', async () => {
    const { rig, handle } = await failing(
      {},
      {
        orchestration: { coordination: { unwind: { max_attempts: 3 }, defer_retry_ms: 500 } },
      },
    );
    for (const filled of ['0.1', '0.2', null]) {
      await rig.at((venue) => {
        if (filled !== null) venue.fill(venue.id(-1), filled);
        venue.canceled(venue.id(-1), 'no liquidity');
      });
      await rig.pass(500);
    }
    await rig.pass(120_000);
    expect(sent(rig).slice(2)).toEqual(['SELL 0.6 BTC', 'SELL 0.5 BTC', 'SELL 0.3 BTC']);
    expect(await outcome(rig, handle)).toMatchObject({
      status: 'PARTIAL',
      reason: 'execution_error',
      residuals: [`0.3 ${BTC}`],
    });
    expect((await handle.result()).residuals[0]?.reason).toBe('venue_canceled');
  });

  test('UNWIND that the venue refuses again and again ends as a residual that names the refusal', async () => {
    const { rig, handle } = await failing(
      {},
      {
        orchestration: { coordination: { unwind: { max_attempts: 2 } } },
      },
    );
    rig.venue.onPlace = ({ clientOrderId }) => rig.venue.reject(clientOrderId, 'closed market');
    await rig.at((venue) => venue.reject(venue.id(2), 'closed market'));
    await rig.pass(120_000);
    expect(sent(rig).slice(2)).toEqual(['SELL 0.6 BTC', 'SELL 0.6 BTC']);
    expect((await handle.result()).residuals).toEqual([
      { symbol: BTC, quantity: '0.6', lastPrice: '100', reason: 'closed market' },
    ]);
    expect(await outcome(rig, handle)).toMatchObject({ status: 'PARTIAL' });
  });

  test('UNWIND gives up at its deadline', async () => {
    const { rig, handle } = await failing(
      {},
      {
        orchestration: { coordination: { unwind: { deadline_seconds: 20 } } },
      },
    );
    await rig.at((venue) => venue.ack(venue.id(2)));
    await rig.pass(19_999);
    expect(await isOpen(handle.result())).toBe(true);
    await rig.pass(1);
    expect(await outcome(rig, handle)).toMatchObject({ status: 'PARTIAL', residuals: [`0.6 ${BTC}`] });
  });
});

describe('a late fill', () => {
  test('of a settled leg is taken up while the others are still being canceled', async () => {
    const rig = await Rig.open();
    rig.venue.onPlace = ({ clientOrderId }) => rig.venue.ack(clientOrderId);
    const handle = await rig.submit(resting());
    await rig.at((venue) => venue.fill(venue.id(0), '0.2'));
    await handle.cancel('roll back');
    await rig.at((venue) => venue.canceled(venue.id(0)));
    await rig.at((venue) => venue.fill(venue.id(0), '0.1'));
    expect(rig.events('FILL').at(-1)?.late).toBe(true);
    await rig.at((venue) => venue.canceled(venue.id(1)));
    expect(sent(rig).slice(2)).toEqual(['SELL 0.3 BTC']);
    await rig.at((venue) => venue.fill(venue.id(2)));
    expect(await outcome(rig, handle)).toMatchObject({ status: 'CANCELLED', residuals: [] });
  });

  test('during an unwind is sent back by an unwind of its own', async () => {
    const rig = await Rig.open();
    rig.venue.rests();
    const handle = await rig.submit(resting());
    await rig.at((venue) => venue.fill(venue.id(0), '0.2'));
    await handle.cancel('roll back');
    await rig.settle();
    await rig.at((venue) => venue.fill(venue.id(0), '0.1'));
    expect(sent(rig).slice(2)).toEqual(['SELL 0.2 BTC', 'SELL 0.1 BTC']);
    await rig.at((venue) => venue.fill(venue.id(2)));
    expect(await isOpen(handle.result())).toBe(true);
    await rig.at((venue) => venue.fill(venue.id(3)));
    expect(await outcome(rig, handle)).toMatchObject({ status: 'CANCELLED', residuals: [] });
    expect(Object.values(rig.positions())[0]).toBe('0');
  });
});

describe('what a rollback leaves alone', () => {
  test('keeps the fills of closing legs: they are never bought back', async () => {
    const rig = await Rig.open();
    rig.venue.fillsAll();
    await rig.submit(batch([leg({ n: 1 })]));
    await rig.submit(batch([leg({ n: 2, symbol: ETH })]));
    rig.venue.onPlace = ({ clientOrderId, symbol }) =>
      symbol === BTC ? rig.venue.fill(clientOrderId) : rig.venue.reject(clientOrderId);
    const handle = await rig.submit(coordinated([close(1, { n: 91 }), close(2, { n: 92, symbol: ETH })]));
    expect(sent(rig).slice(2)).toEqual(['SELL 1 BTC', 'SELL 1 ETH']);
    expect(await outcome(rig, handle)).toEqual({
      status: 'FAILED',
      reason: 'execution_error',
      filled: ['1', '0'],
      residuals: [],
      kept: [`-1 ${BTC}`],
      dust: [],
    });
  });

  test('keeps the fills of reduce_only legs', async () => {
    const rig = await Rig.open();
    const handle = await rig.submit(pair({}, { side: 'SELL', params: { reduce_only: true } }));
    await rig.at((venue) => {
      venue.fill(venue.id(0));
      venue.reject(venue.id(1));
    });
    expect(sent(rig)).toHaveLength(2);
    expect(await outcome(rig, handle)).toMatchObject({ status: 'FAILED', kept: [`-1 ${BTC}`] });
  });

  test('reports what is below the minimum notional as dust, which is no residual', async () => {
    const rig = await Rig.open({ venue: { minNotional: '20' } });
    rig.venue.rests();
    const handle = await rig.submit(resting());
    await rig.at((venue) => {
      venue.fill(venue.id(0), '0.1');
      venue.canceled(venue.id(1), 'delisted');
    });
    expect(sent(rig)).toHaveLength(2);
    expect(await outcome(rig, handle)).toMatchObject({
      status: 'FAILED',
      residuals: [],
      dust: [`0.1 ${BTC}`],
    });
  });

  test('sends back what fees in the base asset have left, down to the lot', async () => {
    const rig = await Rig.open();
    const handle = await rig.submit(pair());
    await rig.at((venue) => {
      venue.fill(venue.id(0), '1', '100', { commission: '0.05', commissionAsset: 'BTC' });
      venue.reject(venue.id(1));
    });
    expect(sent(rig).slice(2)).toEqual(['SELL 0.9 BTC']);
    await rig.at((venue) => venue.fill(venue.id(2)));
    expect(await outcome(rig, handle)).toMatchObject({
      status: 'FAILED',
      residuals: [],
      dust: [`0.05 ${BTC}`],
    });
  });

  test('sends back what this batch has bought, and leaves what its trade held before', async () => {
    const rig = await Rig.open();
    rig.venue.fillsAll();
    await rig.submit(batch([leg({ n: 1 })]));
    await rig.submit(batch([leg({ n: 2, symbol: ETH })]));
    rig.venue.onPlace = () => {};
    const legs = [modify(1, { n: 51, size: '1.5' }), modify(2, { n: 52, size: '1.5' })];
    const handle = await rig.submit(coordinated(legs));
    await rig.at((venue) => {
      venue.fill(venue.id(2));
      venue.reject(venue.id(3));
    });
    expect(sent(rig).slice(4)).toEqual(['SELL 0.5 BTC']);
    await rig.at((venue) => venue.fill(venue.id(4)));
    expect(await outcome(rig, handle)).toMatchObject({ status: 'FAILED', residuals: [] });
    expect(rig.positions()).toEqual({ [tradeId(1)]: '1', [tradeId(2)]: '1' });
    await rig.pass(120_000);
    expect(rig.venue.places).toHaveLength(5);
  });
});
