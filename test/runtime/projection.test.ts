import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { add, div, mul } from '../../src/dtos/decimal.js';
import type { EventPayloads, EventType, RuntimeEvent } from '../../src/dtos/events.js';
import { FillSchema } from '../../src/dtos/fill.js';
import { OrderSchema } from '../../src/dtos/order.js';
import { parseDto } from '../../src/dtos/parse.js';
import { Projection, projectJournal } from '../../src/runtime/projection.js';

const BATCH = 'BAT_20250106_090000_00000001';
const GROUP = 'EXG_20250106_090000_00001';
const UNWIND = 'EXG_20250106_090000_00002';
const ORDER = 'ORD_20250106_090000_00000001';
const T0 = Date.parse('2025-01-06T09:00:00Z');

/** Builds events with running seq and time. */
class Tape {
  readonly events: RuntimeEvent[] = [];

  add<T extends EventType>(
    type: T,
    payload: EventPayloads[T],
    head: { groupId?: string; orderId?: string } = {},
  ): this {
    const seq = this.events.length + 1;
    const event = { seq, at: T0 + seq * 1000, cause: null, batchId: BATCH, ...head, type, ...payload };
    this.events.push(event as unknown as RuntimeEvent);
    return this;
  }

  view() {
    const projection = new Projection();
    for (const event of this.events) projection.apply(event);
    return projection.batches();
  }
}

const batch = (tape: Tape): Tape =>
  tape.add('BATCH_CREATED', {
    directiveId: 'STR_20250106_090000_00000001',
    strategyId: 'planner',
    mode: 'COORDINATED',
    timeoutSeconds: null,
    originId: 'tick-1',
    originType: 'TICK',
    legs: 1,
  });

const group = (
  tape: Tape,
  groupId: string,
  side: 'BUY' | 'SELL',
  target: string | null,
  offsetsGroupId?: string,
): Tape =>
  tape.add(
    'GROUP_CREATED',
    {
      commandId: 'EXE_20250106_090000_00000001',
      planId: null,
      scope: 'NEW_TRADE',
      symbol: 'BTC/USDT',
      side,
      venue: 'simulated',
      strategy: 'SINGLE',
      strategyParams: {},
      targetQuantity: target,
      lotSize: '0.00001',
      ...(offsetsGroupId === undefined ? {} : { offsetsGroupId }),
    },
    { groupId },
  );

const started = (tape: Tape, arrivalPrice: string | null): Tape =>
  tape
    .add('GROUP_STARTED', { arrivalPrice, endsAt: T0 + 100_000, targetQuantity: '1' }, { groupId: GROUP })
    .add('GROUP_ACTIVE', {}, { groupId: GROUP });

const intent = (tape: Tape, quantity: string, orderId = ORDER): Tape =>
  tape.add(
    'ORDER_INTENT',
    {
      clientOrderId: 'abc1',
      slot: 0,
      attempt: 0,
      symbol: 'BTC/USDT',
      side: 'BUY',
      orderType: 'LIMIT',
      timeInForce: 'IOC',
      quantity,
      price: '60300',
      stopPrice: null,
      postOnly: false,
      reduceOnly: false,
    },
    { groupId: GROUP, orderId },
  );

let fillNumber = 0;
const fill = (tape: Tape, quantity: string, price: string): Tape => {
  fillNumber += 1;
  const fillId = `FIL_20250106_090000_${fillNumber.toString(16).padStart(8, '0')}`;
  return tape.add(
    'FILL',
    {
      fillId,
      clientOrderId: 'abc1',
      connectorFillId: `v${fillNumber}`,
      symbol: 'BTC/USDT',
      side: 'BUY',
      quantity,
      price,
      liquidity: 'TAKER',
      commission: '0.1',
      commissionAsset: 'USDT',
      executedAt: T0,
    },
    { groupId: GROUP, orderId: ORDER },
  );
};

const accepted = { clientOrderId: 'abc1', connectorOrderId: 'v-1' };
const ofOrder = { groupId: GROUP, orderId: ORDER };
const working = (side: 'BUY' | 'SELL' = 'BUY', arrival: string | null = '60000'): Tape =>
  intent(started(group(batch(new Tape()), GROUP, side, '1'), arrival), '1').add(
    'ORDER_ACCEPTED',
    accepted,
    ofOrder,
  );
const statusOf = (tape: Tape) => tape.view()[0]?.groups[0]?.orders[0]?.status;

describe('an order', () => {
  test('is the Order DTO and each fill the Fill DTO', () => {
    const order = fill(working(), '0.4', '60010').view()[0]?.groups[0]?.orders[0];
    const { fills, ...dto } = order ?? { fills: [] };
    expect(parseDto(OrderSchema, dto, 'order')).toMatchObject({
      client_order_id: 'abc1',
      connector_order_id: 'v-1',
      parent_group_id: GROUP,
      created_at: '2025-01-06T09:00:05.000Z',
    });
    expect(fills.map((row) => parseDto(FillSchema, row, 'fill').filled_quantity)).toEqual(['0.4']);
  });

  test('shows the status beneath until something is pending', () => {
    const tape = intent(started(group(batch(new Tape()), GROUP, 'BUY', '1'), '60000'), '1');
    expect(statusOf(tape)).toBe('PENDING_NEW');
    tape.add('ORDER_ACCEPTED', accepted, ofOrder);
    expect(statusOf(tape)).toBe('NEW');
    expect(statusOf(fill(tape, '0.4', '60000'))).toBe('PARTIALLY_FILLED');
    tape.add('ORDER_CANCEL_REQUESTED', { clientOrderId: 'abc1' }, ofOrder);
    expect(statusOf(tape)).toBe('PENDING_CANCEL');
    tape.add('ORDER_CANCEL_REJECTED', { clientOrderId: 'abc1', reason: 'too late' }, ofOrder);
    expect(statusOf(tape)).toBe('PARTIALLY_FILLED');
    tape.add('ORDER_UNKNOWN', { clientOrderId: 'abc1', reason: 'no answer' }, ofOrder);
    expect(statusOf(tape)).toBe('UNKNOWN');
    tape.add('ORDER_RESOLVED', { clientOrderId: 'abc1', status: 'PARTIALLY_FILLED', by: 'venue' }, ofOrder);
    expect(statusOf(tape)).toBe('PARTIALLY_FILLED');
    expect(statusOf(fill(tape, '0.6', '60000'))).toBe('FILLED');
  });

  test('keeps its end when a late fill is booked', () => {
    const tape = working().add(
      'ORDER_ENDED',
      { clientOrderId: 'abc1', status: 'CANCELED', filledQuantity: '0' },
      ofOrder,
    );
    fill(tape, '0.1', '60000');
    expect(statusOf(tape)).toBe('CANCELED');
    expect(tape.view()[0]?.groups[0]?.filled_quantity).toBe('0.1');
  });

  test('that was never sent is shown as rejected', () => {
    const tape = intent(started(group(batch(new Tape()), GROUP, 'BUY', '1'), null), '1');
    tape.add('ORDER_NOT_SENT', { clientOrderId: 'abc1', reason: 'killed' }, ofOrder);
    expect(statusOf(tape)).toBe('REJECTED');
  });

  test('loses a fill that the venue took back', () => {
    const tape = fill(fill(working(), '0.4', '60000'), '0.2', '60500');
    const busted = `v${fillNumber}`;
    const payload = { clientOrderId: 'abc1', connectorFillId: busted, quantity: '0.2', price: '60500' };
    const view = tape.add('FILL_REVERSED', payload, ofOrder).view()[0]?.groups[0];
    expect(view).toMatchObject({ filled_quantity: '0.4', avg_price: '60000' });
    expect(view?.orders[0]?.fills).toHaveLength(1);
  });
});

describe('a group', () => {
  test('pays slippage when it buys above arrival or sells below it', () => {
    expect(fill(working('BUY'), '1', '60006').view()[0]?.groups[0]?.slippage_bps).toBe('1');
    expect(fill(working('SELL'), '1', '60006').view()[0]?.groups[0]?.slippage_bps).toBe('-1');
    expect(fill(working('BUY'), '1', '60000.01').view()[0]?.groups[0]?.slippage_bps).toBe('0.0017');
  });

  test('has no slippage without a benchmark or without a fill', () => {
    expect(fill(working('BUY', null), '1', '60006').view()[0]?.groups[0]?.slippage_bps).toBeNull();
    expect(working().view()[0]?.groups[0]).toMatchObject({
      slippage_bps: null,
      avg_price: null,
      filled_quantity: '0',
    });
  });

  test('is measured by what others traded once that is known, and by nothing before', () => {
    const tape = fill(working('SELL'), '1', '60000');
    expect(tape.view()[0]?.groups[0]).toMatchObject({
      interval_vwap: null,
      vs_vwap_bps: null,
      vs_twap_bps: null,
      participation: null,
      fees: [{ asset: 'USDT', amount: '0.1' }],
      maker_share: '0',
    });
    const benchmarks = { from: T0, to: T0 + 1000, volume: '9', vwap: '60060', twap: '59940' };
    tape.add('GROUP_BENCHMARKED', benchmarks, { groupId: GROUP });
    expect(tape.view()[0]?.groups[0]).toMatchObject({
      interval_vwap: '60060',
      interval_twap: '59940',
      vs_vwap_bps: '9.99',
      vs_twap_bps: '-10.01',
      participation: '0.1',
    });
  });

  test('counts what the venue refused, not what our own controls held back', () => {
    const rejectsOf = (tape: Tape) => tape.view()[0]?.groups[0]?.rejects;
    const held = working().add('ORDER_NOT_SENT', { clientOrderId: 'abc1', reason: 'killed' }, ofOrder);
    expect(rejectsOf(held)).toBe(0);
    const ended = { clientOrderId: 'abc1', status: 'REJECTED', filledQuantity: '0' } as const;
    expect(rejectsOf(working().add('ORDER_ENDED', ended, ofOrder))).toBe(1);
    const verdict = { clientOrderId: 'abc1', status: 'REJECTED', by: 'desk' } as const;
    const resolved = working().add('ORDER_RESOLVED', verdict, ofOrder);
    expect(rejectsOf(resolved)).toBe(1);
    expect(rejectsOf(resolved.add('ORDER_ENDED', { ...ended, status: 'CANCELED' }, ofOrder))).toBe(0);
  });

  test('never shows more filled than its target', () => {
    expect(fill(working(), '1.5', '60000').view()[0]?.groups[0]?.filled_quantity).toBe('1');
  });

  test('stands in command order, and unwinds stand last', () => {
    const tape = batch(new Tape());
    group(tape, GROUP, 'BUY', '1');
    group(tape, UNWIND, 'SELL', '1', GROUP);
    group(tape, 'EXG_20250106_090000_00003', 'SELL', '2');
    const groups = tape.view()[0]?.groups ?? [];
    expect(groups.map((row) => row.group_id)).toEqual([GROUP, 'EXG_20250106_090000_00003', UNWIND]);
    expect(groups.map((row) => 'offsets_group_id' in row)).toEqual([false, false, true]);
  });

  test('has exactly the fields of the contract', () => {
    expect(Object.keys(working().view()[0]?.groups[0] ?? {})).toEqual([
      'group_id',
      'symbol',
      'side',
      'strategy',
      'status',
      'reason',
      'target_quantity',
      'filled_quantity',
      'avg_price',
      'arrival_price',
      'slippage_bps',
      'orders',
      'interval_vwap',
      'interval_twap',
      'vs_vwap_bps',
      'vs_twap_bps',
      'participation',
      'fees',
      'maker_share',
      'rejects',
    ]);
  });
});

describe('a batch', () => {
  const settled = {
    status: 'PARTIAL',
    reason: 'timeout',
    legs: [],
    residuals: [{ symbol: 'BTC/USDT', quantity: '-0.5', lastPrice: '60000', reason: 'deadline' }],
    kept: [{ symbol: 'ETH/USDT', quantity: '1' }],
    dust: [{ symbol: 'SOL/USDT', quantity: '0.0001' }],
  } as const;

  test('has exactly the fields of the contract, and what it leaves behind', () => {
    const tape = batch(new Tape());
    tape.add('BATCH_ACTIVE', {});
    expect(tape.view()[0]).toMatchObject({ status: 'ACTIVE', reason: null, residuals: [] });
    tape.add('BATCH_STOPPING', { reason: 'timeout' }).add('BATCH_SETTLED', settled);
    expect(tape.view()).toEqual([
      {
        batch_id: BATCH,
        mode: 'COORDINATED',
        status: 'PARTIAL',
        reason: 'timeout',
        residuals: [{ symbol: 'BTC/USDT', quantity: '-0.5', reason: 'deadline' }],
        kept: [{ symbol: 'ETH/USDT', quantity: '1' }],
        dust: [{ symbol: 'SOL/USDT', quantity: '0.0001' }],
        groups: [],
      },
    ]);
  });
});

describe('the fold', () => {
  test('averages any fills to eight decimals', () => {
    const cents = fc
      .integer({ min: 1, max: 10_000_000 })
      .map((n) => `${Math.floor(n / 100)}.${String(n % 100).padStart(2, '0')}`);
    const price = cents.filter((text) => !/^0\.00$/.test(text));
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: 1, max: 1000 }), price), { minLength: 1, maxLength: 20 }),
        (fills) => {
          const tape = working();
          let notional = '0';
          let quantity = '0';
          for (const [lots, at] of fills) {
            const size = mul(String(lots), '0.00001');
            fill(tape, size, at);
            notional = add(notional, mul(size, at));
            quantity = add(quantity, size);
          }
          const view = tape.view()[0]?.groups[0];
          expect(view?.avg_price).toBe(div(notional, quantity, 8));
          expect(view?.filled_quantity).toBe(quantity);
        },
      ),
      { numRuns: 50 },
    );
  });

  test('of a journal is the fold of its events', () => {
    const tape = fill(working(), '0.4', '60010');
    const lines = tape.events.map((event, i) =>
      JSON.stringify({ n: i + 1, t: event.at, input: { k: 'x' }, events: [event] }),
    );
    const projection = projectJournal(lines);
    expect(projection.batches()).toEqual(tape.view());
    expect(projection.last).toEqual({ seq: tape.events.length, at: tape.events.at(-1)?.at });
    const leg = projection.leg(GROUP);
    expect(leg).toMatchObject({ filled: '0.4', target: '1', status: 'ACTIVE', orders: 1, unwind: false });
    expect(leg).toMatchObject({ startedAt: T0 + 3000, endsAt: T0 + 100_000 });
    expect(projection.leg('EXG_20250106_090000_99999')).toBeNull();
  });

  test('does not mind events of orders and groups that it never saw', () => {
    const tape = new Tape().add('FILL', {} as EventPayloads['FILL'], { groupId: GROUP, orderId: ORDER });
    tape.add('GROUP_ACTIVE', {}, { groupId: GROUP }).add('BATCH_ACTIVE', {});
    expect(tape.view()).toEqual([]);
  });
});
