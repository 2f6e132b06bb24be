/** COORDINATED, as long as all goes well: the pre-check, what a leg must wait for, and when a leg has succeeded. */
import { describe, expect, test } from '@jest/globals';
import type { BatchHandle } from '../../src/runtime/api.js';
import {
  audit,
  BTC,
  coordinated,
  ETH,
  type LegOptions,
  leg,
  quantities,
  Rig,
  type RigOptions,
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

const TWAP = { strategy: 'TWAP', duration_seconds: 10, slices: 10 };

const pair = (policy: object = {}, first: LegOptions = {}, second: LegOptions = {}) =>
  coordinated([leg({ n: 1, ...first }), leg({ n: 2, symbol: ETH, ...second })], policy);

/** Two resting LIMIT legs: BTC and ETH, 1 each at 100. */
const resting = (policy: object = {}) => pair(policy, { limit: '100' }, { limit: '100' });

const sent = (rig: Rig): string[] =>
  rig.venue.places.map(({ side, quantity, symbol }) => `${side} ${quantity} ${symbol.slice(0, 3)}`);

const blocks = (rig: Rig): string[] =>
  rig.events('ORDER_BLOCKED').map(({ block, reason }) => `${block}: ${reason}`);

const reasons = (rig: Rig): string[] =>
  rig.events('GROUP_SETTLED').map(({ status, reason }) => `${status} ${reason}`);

async function outcome(rig: Rig, handle: BatchHandle) {
  expect(audit(rig)).toEqual([]);
  return quantities(await handle.result());
}

const nothing = { residuals: [], kept: [], dust: [] };

describe('the pre-check', () => {
  async function refused(options: RigOptions, ...legs: [LegOptions, LegOptions]) {
    const rig = await Rig.open(options);
    const handle = await rig.submit(pair({}, ...legs));
    expect(rig.venue.requests).toEqual([]);
    expect(await outcome(rig, handle)).toEqual({
      status: 'FAILED',
      reason: 'pre_check',
      filled: ['0', '0'],
      ...nothing,
    });
    return rig;
  }

  test('refuses a sale of what is not there, and names the leg that it blames', async () => {
    const rig = await refused(
      { venue: { allowShort: false, balances: { ETH: '0.9', USDT: '1000' } } },
      { side: 'BUY' },
      { side: 'SELL' },
    );
    expect(blocks(rig)).toEqual(['STOP: needs 1 ETH, 0.9 are free']);
    expect(reasons(rig)).toEqual(['CANCELLED sibling_failed', 'FAILED pre_check']);
  });

  test('counts fees and the slippage allowed into the cash that the legs need together', async () => {
    const venue = { takerFeeBps: '10', balances: { USDT: '202.201' } };
    const rig = await refused({ venue }, {}, {});
    expect(blocks(rig)).toEqual(['STOP: needs 202.202 USDT, 202.201 are free']);
  });

  test('lets pass what is just enough', async () => {
    const rig = await Rig.open({ venue: { takerFeeBps: '10', balances: { USDT: '200.2' } } });
    rig.venue.fillsAll();
    const handle = await rig.submit(resting());
    expect((await outcome(rig, handle)).status).toBe('COMPLETED');
  });

  test('refuses what the reference, once it comes, puts below the minimum notional', async () => {
    const rig = await Rig.open({ venue: { minNotional: '10' } });
    rig.venue.price(ETH, null);
    const handle = await rig.submit(pair());
    rig.venue.price(ETH, '9');
    await rig.pass(1000);
    expect(blocks(rig)).toEqual([
      `DEFER: no reference price of ${ETH}`,
      'STOP: 9.09 USDT is below the venue minimum',
    ]);
    expect(rig.venue.requests).toEqual([]);
    expect(await outcome(rig, handle)).toMatchObject({ status: 'FAILED', reason: 'pre_check' });
  });

  test('waits for a reference, and then starts every leg at once', async () => {
    const rig = await Rig.open();
    rig.venue.price(ETH, null);
    const handle = await rig.submit(pair());
    await rig.pass(1500);
    expect(rig.venue.requests).toEqual([]);
    expect(rig.statuses()).toEqual(['PENDING', 'PENDING']);
    rig.venue.price(ETH, '50');
    rig.venue.fillsAll();
    await rig.pass(1000);
    expect(rig.venue.times('PLACE', T0)).toEqual([2000, 2000]);
    expect((await outcome(rig, handle)).status).toBe('COMPLETED');
  });

  test('is bounded by the timeout: without a reference nothing was ever sent', async () => {
    const rig = await Rig.open();
    rig.venue.price(ETH, null);
    const handle = await rig.submit(pair({ timeout_seconds: 3 }));
    await rig.pass(2999);
    expect(await isOpen(handle.result())).toBe(true);
    await rig.pass(1);
    expect(await outcome(rig, handle)).toMatchObject({ status: 'FAILED', reason: 'timeout' });
    expect(reasons(rig)).toEqual(['CANCELLED timeout', 'CANCELLED timeout']);
    rig.venue.price(ETH, '100');
    await rig.pass(60_000);
    expect(rig.venue.requests).toEqual([]);
  });

  test('gives way to a cancel while it waits', async () => {
    const rig = await Rig.open();
    rig.venue.price(ETH, null);
    const handle = await rig.submit(pair());
    await handle.cancel('not today');
    await rig.settle();
    expect(await outcome(rig, handle)).toMatchObject({ status: 'CANCELLED', reason: 'cancel_requested' });
  });

  test.each([
    ['one symbol', { symbol: BTC }, ['CANCELLED kill', 'CANCELLED sibling_failed']],
    ['the venue', { venue: 'SIM' }, ['CANCELLED kill', 'CANCELLED kill']],
  ])(
    'ends the whole batch when %s is killed while it waits, and sends nothing',
    async (_what, scope, legs) => {
      const rig = await Rig.open();
      rig.venue.price(ETH, null);
      const handle = await rig.submit(pair());
      await rig.runtime.kill(scope, 'halt', 'me');
      rig.venue.price(ETH, '100');
      await rig.pass(5000);
      expect(rig.venue.requests).toEqual([]);
      expect(reasons(rig)).toEqual(legs);
      expect(await outcome(rig, handle)).toMatchObject({ status: 'CANCELLED', reason: 'kill' });
    },
  );

  test('ends the whole batch when one of its groups is canceled while it waits', async () => {
    const rig = await Rig.open();
    rig.venue.price(ETH, null);
    const handle = await rig.submit(pair());
    await rig.runtime.cancelGroup(rig.group(1).group_id, 'not this one');
    rig.venue.price(ETH, '100');
    await rig.pass(5000);
    expect(rig.venue.requests).toEqual([]);
    expect(await outcome(rig, handle)).toMatchObject({ status: 'CANCELLED', reason: 'cancel_requested' });
  });
});

describe('what one batch holds back', () => {
  const cash = (USDT: string): RigOptions => ({ venue: { balances: { USDT } } });
  const next = (n: number, size = '1') =>
    coordinated([
      leg({ n, symbol: SOL, size, limit: '100' }),
      leg({ n: n + 1, symbol: BTC, size, limit: '100' }),
    ]);

  test('is missing to the pre-check of another until it has settled', async () => {
    const rig = await Rig.open(cash('399.9'));
    rig.venue.rests();
    const first = await rig.submit(resting());
    await rig.submit(next(10));
    expect(blocks(rig)).toEqual(['STOP: needs 200 USDT, 199.9 are free']);
    await first.cancel('make room');
    await rig.settle();
    const third = await rig.submit(next(20));
    expect(sent(rig)).toHaveLength(4);
    expect(await isOpen(third.result())).toBe(true);
    expect(audit(rig)).toEqual([]);
  });

  test('is given back with each fill, which the venue has taken from its balance by then', async () => {
    const rig = await Rig.open(cash('400'));
    rig.venue.rests();
    await rig.submit(resting());
    await rig.at((venue) => {
      venue.fill(venue.id(0), '0.5', '100');
      venue.freeBalances = { USDT: '350' };
    });
    await rig.submit(next(10, '1.1'));
    expect(blocks(rig)).toEqual(['STOP: needs 220 USDT, 200 are free']);
    await rig.submit(next(20));
    expect(sent(rig)).toHaveLength(4);
    expect(audit(rig)).toEqual([]);
  });
});

describe('a leg that is blocked in the starting fold', () => {
  test.each([
    ['first', BTC],
    ['last', SOL],
  ])('keeps every sibling from the connector, though it is the %s', async (_which, symbol) => {
    const rig = await Rig.open();
    const legs = [leg({ n: 1 }), leg({ n: 2, symbol: ETH }), leg({ n: 3, symbol: SOL })];
    const { directive, commands } = coordinated(legs);
    const killed = rig.runtime.kill({ symbol }, 'halt', 'me'); // queued ahead of the submit, which cannot know of it
    const handle = await rig.runtime.submit(directive, commands);
    await killed;
    await rig.settle();
    expect(rig.venue.requests).toEqual([]);
    expect(blocks(rig)).toContain('STOP: killed');
    const intents = rig.events('ORDER_INTENT').map(({ orderId }) => orderId);
    expect(rig.events('ORDER_NOT_SENT').map(({ orderId }) => orderId)).toEqual(intents);
    const { status, filled } = await outcome(rig, handle);
    expect([status, filled]).toEqual(['FAILED', ['0', '0', '0']]);
  });
});

describe('unknown_hold_seconds', () => {
  test('keeps siblings from opening while an order is unknown, and lets them go on afterwards', async () => {
    const rig = await Rig.open({ orchestration: { coordination: { unknown_hold_seconds: 3 } } });
    rig.venue.onPlace = ({ clientOrderId, symbol }) =>
      symbol === BTC ? rig.venue.noAnswer(clientOrderId) : rig.venue.fill(clientOrderId);
    const handle = await rig.submit(pair({}, { limit: '100' }, { params: TWAP }));
    await rig.pass(2999);
    const slices = () => sent(rig).filter((order) => order.endsWith('ETH'));
    expect(slices()).toHaveLength(3);
    await rig.pass(4001);
    expect(slices()).toHaveLength(3);
    expect(blocks(rig)).toContain('DEFER: a sibling order is unknown');
    expect(rig.events('LEG_FAILED')).toEqual([]);
    await rig.at((venue) => venue.status(venue.id(0), 'NEW'));
    await rig.pass(3000);
    await rig.at((venue) => venue.fill(venue.id(0)));
    expect(await outcome(rig, handle)).toMatchObject({ status: 'COMPLETED', filled: ['1', '1'] });
  });
});

describe('max_leg_imbalance', () => {
  async function uneven(policy: object) {
    const rig = await Rig.open();
    rig.venue.onPlace = ({ clientOrderId, symbol }) =>
      symbol === BTC ? rig.venue.ack(clientOrderId) : rig.venue.fill(clientOrderId);
    rig.venue.onCancel = (id) => rig.venue.canceled(id);
    const handle = await rig.submit(
      pair({ max_leg_imbalance: '0.2', ...policy }, { limit: '100' }, { params: TWAP }),
    );
    return { rig, handle };
  }

  test('stops a leg that runs ahead until the slowest has come after', async () => {
    const { rig, handle } = await uneven({});
    await rig.pass(5000);
    const slices = () => sent(rig).filter((order) => order.endsWith('ETH')).length;
    expect(slices()).toBe(3);
    expect(blocks(rig)).toContain('DEFER: ahead of the slowest leg');
    await rig.at((venue) => venue.fill(venue.id(0), '0.2'));
    await rig.pass(1000);
    expect(slices()).toBeGreaterThan(3);
    await rig.at((venue) => venue.fill(venue.id(0), '0.8'));
    await rig.pass(10_000);
    expect(await outcome(rig, handle)).toMatchObject({ status: 'COMPLETED', filled: ['1', '1'] });
  });

  test('longer than max_legging_seconds counts as a failure, and what was filled is sent back', async () => {
    const { rig, handle } = await uneven({ max_legging_seconds: 4 });
    await rig.pass(5999);
    expect(rig.events('BATCH_STOPPING')).toEqual([]);
    await rig.pass(1);
    expect(rig.events('BATCH_STOPPING')).toMatchObject([{ at: T0 + 6000, reason: 'legging_time' }]);
    expect(sent(rig).at(-1)).toBe('SELL 0.3 ETH');
    expect(await outcome(rig, handle)).toEqual({
      status: 'FAILED',
      reason: 'legging_time',
      filled: ['0', '0.3'],
      ...nothing,
    });
  });

  test('that ends in time is forgiven', async () => {
    const { rig } = await uneven({ max_legging_seconds: 4 });
    await rig.pass(4000);
    await rig.at((venue) => venue.fill(venue.id(0), '0.3'));
    await rig.pass(2500);
    expect(rig.events('BATCH_STOPPING')).toEqual([]);
    expect(audit(rig)).toEqual([]);
  });
});

describe('min_fill_ratio', () => {
  async function filled(quantity: string) {
    const rig = await Rig.open();
    const handle = await rig.submit(pair({}, { routing: { min_fill_ratio: '0.6' } }));
    await rig.at((venue) => {
      venue.fill(venue.id(1));
      venue.fill(venue.id(0), quantity);
      venue.canceled(venue.id(0), 'immediate-or-cancel remainder');
    });
    return { rig, handle };
  }

  test('reached is success: the batch is COMPLETED with a PARTIAL leg', async () => {
    const { rig, handle } = await filled('0.6');
    expect(rig.statuses()).toEqual(['PARTIAL', 'COMPLETED']);
    expect(await outcome(rig, handle)).toEqual({
      status: 'COMPLETED',
      reason: 'target_reached',
      filled: ['0.6', '1'],
      ...nothing,
    });
  });

  test('missed by one lot is failure: both legs are sent back', async () => {
    const { rig, handle } = await filled('0.5');
    expect(sent(rig).slice(2).sort()).toEqual(['SELL 0.5 BTC', 'SELL 1 ETH']);
    await rig.at((venue) => venue.fill(venue.id(2)));
    await rig.at((venue) => venue.fill(venue.id(3)));
    expect(await outcome(rig, handle)).toMatchObject({ status: 'FAILED', residuals: [] });
  });

  test('is met where only dust is missing', async () => {
    const rig = await Rig.open({ venue: { minNotional: '20' } });
    const handle = await rig.submit(pair());
    await rig.at((venue) => {
      venue.fill(venue.id(1));
      venue.fill(venue.id(0), '0.9');
      venue.canceled(venue.id(0), 'immediate-or-cancel remainder');
    });
    expect(await outcome(rig, handle)).toMatchObject({ status: 'COMPLETED', filled: ['0.9', '1'] });
  });
});
