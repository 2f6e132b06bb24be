/** COORDINATED, once a leg has failed or a stop was asked: canceling, unwinding, and every way out of it. */
import { describe, expect, test } from '@jest/globals';
import type { BatchHandle } from '../../src/runtime/api.js';
import {
  audit,
  BTC,
  codeOf,
  coordinated,
  ETH,
  type LegOptions,
  leg,
  quantities,
  Rig,
  SOL,
  T0,
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

describe('cancel()', () => {
  async function halfFilled(policy: object = {}) {
    const rig = await Rig.open();
    rig.venue.rests();
    const handle = await rig.submit(resting(policy));
    await rig.at((venue) => venue.fill(venue.id(0), '0.6'));
    return { rig, handle };
  }

  test('cancels every leg, sends the fills back, and ends CANCELLED', async () => {
    const { rig, handle } = await halfFilled();
    await handle.cancel('changed my mind');
    await rig.settle();
    expect(rig.venue.cancels).toEqual([rig.venue.id(0), rig.venue.id(1)]);
    expect(sent(rig).slice(2)).toEqual(['SELL 0.6 BTC']);
    await rig.at((venue) => venue.fill(venue.id(2)));
    expect(await outcome(rig, handle)).toEqual({
      status: 'CANCELLED',
      reason: 'cancel_requested',
      filled: ['0.6', '0'],
      ...nothing,
    });
  });

  test('keeps the fills when asked not to unwind', async () => {
    const { rig, handle } = await halfFilled();
    await handle.cancel('keep them', { unwind: false });
    await rig.settle();
    expect(sent(rig)).toHaveLength(2);
    expect(await outcome(rig, handle)).toEqual({
      status: 'CANCELLED',
      reason: 'cancel_requested',
      filled: ['0.6', '0'],
      residuals: [],
      kept: [`0.6 ${BTC}`],
      dust: [],
    });
  });

  test('is recorded while the legs are being canceled, but cannot turn a rollback into keeping', async () => {
    const { rig, handle } = await halfFilled();
    rig.venue.onCancel = () => {};
    await handle.cancel('first');
    await handle.cancel('second', { unwind: false });
    await rig.at((venue) => venue.canceled(venue.id(0)));
    await rig.at((venue) => venue.canceled(venue.id(1)));
    expect(sent(rig).slice(2)).toEqual(['SELL 0.6 BTC']);
    await rig.at((venue) => venue.fill(venue.id(2)));
    expect(await outcome(rig, handle)).toMatchObject({ status: 'CANCELLED', kept: [] });
  });

  test('is refused while the batch unwinds', async () => {
    const { rig, handle } = await halfFilled();
    await handle.cancel('first');
    await rig.settle();
    expect(await codeOf(handle.cancel('second'))).toBe('UNWINDING');
    expect(await codeOf(handle.cancel('third', { unwind: false }))).toBe('UNWINDING');
    await rig.at((venue) => venue.fill(venue.id(2)));
    expect(await outcome(rig, handle)).toMatchObject({ status: 'CANCELLED', residuals: [] });
    expect(await codeOf(handle.cancel('fourth'))).toBe('UNKNOWN_BATCH');
  });

  test('with abandon stops a running unwind; what it has not sent back is residual', async () => {
    const { rig, handle } = await halfFilled();
    await handle.cancel('first');
    await rig.settle();
    await rig.at((venue) => venue.fill(venue.id(2), '0.2'));
    await handle.cancel('enough', { abandon: true });
    await rig.pass(120_000);
    expect(rig.venue.cancels.at(-1)).toBe(rig.venue.id(2));
    expect(sent(rig)).toHaveLength(3);
    expect(await outcome(rig, handle)).toMatchObject({
      status: 'PARTIAL',
      reason: 'cancel_requested',
      residuals: [`0.4 ${BTC}`],
    });
  });

  test('that loses the race to every fill leaves a COMPLETED batch and nothing to send back', async () => {
    const { rig, handle } = await halfFilled();
    rig.venue.onCancel = () => {};
    await handle.cancel('too late');
    await rig.at((venue) => venue.fill(venue.id(1)));
    await rig.at((venue) => venue.fill(venue.id(0), '0.4'));
    expect(sent(rig)).toHaveLength(2);
    expect(await outcome(rig, handle)).toEqual({
      status: 'COMPLETED',
      reason: 'target_reached',
      filled: ['1', '1'],
      ...nothing,
    });
  });
});

describe('a timeout', () => {
  test('counts as a failure while the legs work, and is ignored afterwards', async () => {
    const rig = await Rig.open();
    rig.venue.rests();
    const handle = await rig.submit(resting({ timeout_seconds: 10 }));
    await rig.at((venue) => venue.fill(venue.id(0), '0.6'));
    await rig.pass(9999);
    expect(rig.venue.cancels).toEqual([]);
    await rig.pass(1);
    expect(sent(rig).slice(2)).toEqual(['SELL 0.6 BTC']);
    await rig.pass(15_000);
    await rig.at((venue) => venue.fill(venue.id(2)));
    expect(await outcome(rig, handle)).toMatchObject({ status: 'FAILED', reason: 'timeout', residuals: [] });
  });

  test('during an unwind changes nothing', async () => {
    const rig = await Rig.open();
    const handle = await rig.submit(pair({ timeout_seconds: 10 }));
    await rig.at((venue) => {
      venue.fill(venue.id(0));
      venue.reject(venue.id(1));
    });
    await rig.at((venue) => venue.ack(venue.id(2)));
    await rig.pass(20_000);
    expect(rig.venue.cancels).toEqual([]);
    await rig.at((venue) => venue.fill(venue.id(2)));
    expect(await outcome(rig, handle)).toMatchObject({
      status: 'FAILED',
      reason: 'execution_error',
      residuals: [],
    });
  });
});

describe('kill', () => {
  async function halfFilled() {
    const rig = await Rig.open();
    rig.venue.onPlace = ({ clientOrderId }) => rig.venue.ack(clientOrderId);
    const handle = await rig.submit(resting());
    await rig.at((venue) => venue.fill(venue.id(0), '0.6'));
    return { rig, handle };
  }

  test('while the legs work stops them, and nothing is sent back', async () => {
    const { rig, handle } = await halfFilled();
    rig.venue.onCancel = (id) => rig.venue.canceled(id);
    await rig.runtime.kill('all', 'halt', 'me');
    await rig.pass(120_000);
    expect(rig.venue.cancels).toEqual([rig.venue.id(0), rig.venue.id(1)]);
    expect(sent(rig)).toHaveLength(2);
    expect((await handle.result()).residuals).toEqual([
      { symbol: BTC, quantity: '0.6', lastPrice: '100', reason: 'kill' },
    ]);
    expect(await outcome(rig, handle)).toMatchObject({ status: 'PARTIAL', reason: 'kill' });
  });

  test('while the legs are being canceled rules the unwind out', async () => {
    const { rig, handle } = await halfFilled();
    await handle.cancel('roll back');
    await rig.runtime.kill({ batchId: handle.id }, 'halt', 'me');
    await rig.at((venue) => venue.canceled(venue.id(0)));
    await rig.at((venue) => venue.canceled(venue.id(1)));
    await rig.pass(120_000);
    expect(sent(rig)).toHaveLength(2);
    expect(await outcome(rig, handle)).toMatchObject({ status: 'PARTIAL', residuals: [`0.6 ${BTC}`] });
  });

  test('stops a running unwind; the rest is residual', async () => {
    const { rig, handle } = await halfFilled();
    rig.venue.onCancel = (id) => rig.venue.canceled(id);
    await handle.cancel('roll back');
    await rig.settle();
    await rig.at((venue) => venue.fill(venue.id(2), '0.5'));
    await rig.runtime.kill('all', 'halt', 'me');
    await rig.pass(120_000);
    expect(rig.venue.cancels.at(-1)).toBe(rig.venue.id(2));
    expect(sent(rig)).toHaveLength(3);
    expect(await outcome(rig, handle)).toMatchObject({ status: 'PARTIAL', residuals: [`0.1 ${BTC}`] });
  });

  test('of one symbol fails its leg, and the siblings are rolled back', async () => {
    const { rig, handle } = await halfFilled();
    rig.venue.onCancel = (id) => rig.venue.canceled(id);
    await rig.runtime.kill({ symbol: ETH }, 'halt', 'me');
    await rig.settle();
    expect(sent(rig).slice(2)).toEqual(['SELL 0.6 BTC']);
    await rig.at((venue) => venue.fill(venue.id(2)));
    const { status, residuals } = await outcome(rig, handle);
    expect([status, residuals]).toEqual(['CANCELLED', []]);
  });
});

describe('settle_grace_seconds', () => {
  test('lets the settled legs unwind without the one that is unknown; that one follows', async () => {
    const rig = await Rig.open({ orchestration: { coordination: { settle_grace_seconds: 7 } } });
    const legs = [leg({ n: 1 }), leg({ n: 2, symbol: ETH }), leg({ n: 3, symbol: SOL })];
    const handle = await rig.submit(coordinated(legs));
    await rig.at((venue) => {
      venue.fill(venue.id(0));
      venue.noAnswer(venue.id(2));
      venue.reject(venue.id(1));
    });
    await rig.pass(6999);
    expect(sent(rig)).toHaveLength(3);
    await rig.pass(1);
    expect(sent(rig).slice(3)).toEqual(['SELL 1 BTC']);
    await rig.at((venue) => venue.fill(venue.id(3)));
    expect(await isOpen(handle.result())).toBe(true);
    await rig.at((venue) => venue.status(venue.id(2), 'FILLED', '1', '100'));
    expect(sent(rig).slice(4)).toEqual(['SELL 1 SOL']);
    await rig.at((venue) => venue.fill(venue.id(4)));
    expect(await outcome(rig, handle)).toEqual({
      status: 'FAILED',
      reason: 'execution_error',
      filled: ['1', '0', '1'],
      ...nothing,
    });
  });

  test('is not waited for when every leg has settled before', async () => {
    const rig = await Rig.open();
    const handle = await rig.submit(pair());
    await rig.at((venue) => {
      venue.fill(venue.id(0));
      venue.reject(venue.id(1));
    });
    expect(rig.venue.times('PLACE', T0)).toEqual([0, 0, 0]);
    await rig.at((venue) => venue.fill(venue.id(2)));
    expect((await outcome(rig, handle)).residuals).toEqual([]);
  });
});
