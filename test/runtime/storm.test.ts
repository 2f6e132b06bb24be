/**
 * Whole runs against a venue that loses, delays, repeats, refuses and fills in parts: whatever comes, what must hold
 * holds, twice over, on both hosts. Numbers of invariants: reference in docs/ARCHITECTURE.md.
 */
import { describe, expect, test } from '@jest/globals';
import { SimulatedClock } from '../../src/clock/simulated-clock.js';
import { createMemoryLedger } from '../../src/ledger/memory.js';
import type { BatchHandle } from '../../src/runtime/api.js';
import { randomFrom, StormyVenue } from '../support/stormy-venue.js';
import { audit, type Batch, BTC, batch, ETH, leg, Rig, SOL, T0, tradeId } from './rig.js';

const SEEDS = 120;
const CALM_AFTER = 60_000;
const OVER_AFTER = 3_600_000;
const MODES = ['INDEPENDENT', 'SEQUENTIAL', 'COORDINATED'] as const;
const TWAP = { strategy: 'TWAP', duration_seconds: 40, slices: 8 };

/** Three batches of up to three legs; every one has a timeout, so that time brings it to an end. */
function plan(seed: number): Batch[] {
  const next = randomFrom(seed ^ 0x5bd1e995);
  const pick = <T>(of: readonly T[]): T => of[Math.floor(next() * of.length)] as T;
  return MODES.map((_, b) => {
    const legs = [BTC, ETH, SOL].slice(0, 1 + Math.floor(next() * 3)).map((symbol, i) =>
      leg({
        n: b * 10 + i + 1,
        symbol,
        side: pick(['BUY', 'SELL']),
        size: pick(['0.5', '1', '2.4']),
        ...(next() < 0.4 ? { limit: '100' } : {}),
        ...(next() < 0.5 ? { params: { ...TWAP, on_reject: pick(['RETRY', 'SKIP', 'STOP']) } } : {}),
      }),
    );
    const on_leg_failure = pick(['UNWIND', 'UNWIND', 'CANCEL_PENDING']);
    return batch(legs, { mode: pick(MODES), timeout_seconds: 50, on_leg_failure }, 100 + b);
  });
}

async function storm(seed: number, host: 'actors' | 'pure' = 'actors') {
  const clock = new SimulatedClock(T0);
  const venue = new StormyVenue({ clock, seed, calmAt: T0 + CALM_AFTER });
  const ledger = createMemoryLedger();
  const rig = await Rig.open({ host, more: { ledger } }, { clock, venue });
  const handles: BatchHandle[] = [];
  for (const [i, one] of plan(seed).entries()) {
    handles.push(await rig.submit(one));
    if (seed % 3 === i)
      clock.at(T0 + 7_000 + (seed % 11_000), () => void handles[i]?.cancel('storm').catch(() => {}));
    await rig.pass(2_500);
  }
  await rig.pass(OVER_AFTER);
  return { rig, venue, ledger, handles };
}

/** What the runtime holds of each order: executions and what findings implied, less what was taken back. */
function booked(rig: Rig): Map<string, number> {
  const lots = new Map<string, number>();
  for (const event of rig.all()) {
    if (event.type !== 'FILL' && event.type !== 'FILL_REVERSED') continue;
    const sign = event.type === 'FILL' ? 1 : -1;
    const { clientOrderId: id, quantity } = event;
    lots.set(id, (lots.get(id) ?? 0) + sign * Math.round(Number(quantity) * 10));
  }
  return lots;
}

/** Net fills at the venue by symbol, in tenths, of the orders of one batch. */
function netOf(rig: Rig, venue: StormyVenue, batchId: string): Map<string, number> {
  const own = new Set(
    rig.events('ORDER_INTENT').flatMap((e) => (e.batchId === batchId ? [e.clientOrderId] : [])),
  );
  const net = new Map<string, number>();
  for (const [id, { order, cum }] of venue.orders) {
    if (own.has(id))
      net.set(order.symbol, (net.get(order.symbol) ?? 0) + (order.side === 'BUY' ? cum : -cum));
  }
  return net;
}

async function findings(seed: number): Promise<string[]> {
  const { rig, venue, ledger, handles } = await storm(seed);
  const found = [...audit(rig), ...venue.violations];
  if (rig.runtime.openBatches > 0) found.push('a batch did not end once the venue was calm (I33)');
  if (venue.open.length > 0) found.push(`open at the venue after the end: ${venue.open.join(' ')} (I12)`);
  if (rig.events('POISON').length > 0) found.push('POISON');
  if (rig.events('INCIDENT').length > 0) found.push(`INCIDENT: ${rig.events('INCIDENT')[0]?.what}`);
  const lots = booked(rig);
  for (const [id, { cum }] of venue.orders) {
    if ((lots.get(id) ?? 0) !== cum) found.push(`${id}: ${lots.get(id) ?? 0} booked, ${cum} filled (I7)`);
  }
  for (const group of rig.events('GROUP_CREATED')) {
    const orders = rig.events('ORDER_INTENT').filter(({ groupId }) => groupId === group.groupId);
    const filled = orders.reduce(
      (sum, { clientOrderId }) => sum + (venue.orders.get(clientOrderId)?.cum ?? 0),
      0,
    );
    if (filled > Math.round(Number(group.targetQuantity) * 10))
      found.push(`${group.groupId} is overfilled (I5)`);
  }
  for (const handle of handles) {
    const settled = rig.events('BATCH_SETTLED').find(({ batchId }) => batchId === handle.id);
    if (settled === undefined) continue;
    const { status, residuals, legs } = settled;
    const mode = rig.events('BATCH_CREATED').find(({ batchId }) => batchId === handle.id)?.mode;
    if (mode !== 'COORDINATED') continue;
    for (const [symbol, net] of netOf(rig, venue, handle.id)) {
      const residual = residuals.find((one) => one.symbol === symbol)?.quantity ?? '0';
      const sum = legs
        .filter((one) => one.symbol === symbol)
        .reduce((n, one) => n + Number(one.filledQuantity), 0);
      const expected = status === 'COMPLETED' ? Math.abs(sum) * 10 : Math.abs(Number(residual)) * 10;
      if (Math.abs(Math.abs(net) - expected) > 1e-6)
        found.push(`${symbol} ends ${status} with ${net / 10}, residual ${residual} (I17)`);
    }
  }
  const held = rig.runtime.positions().reduce((sum, { direction, position_size, symbol }) => {
    const signed = Number(position_size) * (direction === 'BUY' ? 1 : -1);
    return sum.set(symbol, (sum.get(symbol) ?? 0) + signed);
  }, new Map<string, number>());
  for (const symbol of [BTC, ETH, SOL]) {
    const [base = ''] = symbol.split('/');
    const difference = Math.abs((held.get(symbol) ?? 0) - Number(ledger.balances.get(base) ?? '0'));
    if (difference > 1e-9) found.push(`${base}: positions and ledger differ by ${difference} (I24)`);
  }
  return found;
}

describe('a storm', () => {
  test('leaves no order twice, no fill lost, no leg forgotten', async () => {
    for (let seed = 1; seed <= SEEDS; seed++) {
      expect({ seed, found: await findings(seed) }).toEqual({ seed, found: [] });
    }
  });

  test('writes the same journal twice, and on both hosts (I32)', async () => {
    for (const seed of [1, 2, 3, 5, 8, 13, 21, 34, 55, 89, 144, 233]) {
      const lines = (await storm(seed)).rig.lines();
      expect(lines.length).toBeGreaterThan(20);
      expect((await storm(seed)).rig.lines()).toEqual(lines);
      expect((await storm(seed, 'pure')).rig.lines()).toEqual(lines);
    }
  });

  test('meets what it is there to test', async () => {
    const seen = new Set<string>();
    for (let seed = 1; seed <= 25; seed++) for (const type of (await storm(seed)).rig.types()) seen.add(type);
    for (const type of [
      'ORDER_UNKNOWN',
      'ORDER_RESOLVED',
      'ORDER_RESENT',
      'ORDER_CANCEL_REJECTED',
      'ORDER_NOT_SENT',
      'FILL_REVERSED',
      'LEG_FAILED',
      'BATCH_UNWINDING',
    ])
      expect([type, seen.has(type)]).toEqual([type, true]);
  });

  test('every fill leads back to what caused it all', async () => {
    const { rig } = await storm(7);
    const fills = rig.events('FILL');
    expect(fills.length).toBeGreaterThan(5);
    for (const fill of fills) {
      const causes = rig.runtime.causes(fill.fillId);
      expect(causes).toMatchObject({
        fillId: fill.fillId,
        orderId: fill.orderId,
        clientOrderId: fill.clientOrderId,
        groupId: fill.groupId,
        batchId: fill.batchId,
        strategyId: 'test-planner',
        origin: { type: 'TICK' },
      });
      const command = Number.parseInt(causes.commandId.slice(-8), 16);
      expect(rig.events('GROUP_CREATED').find(({ groupId }) => groupId === fill.groupId)).toMatchObject({
        commandId: causes.commandId,
        planId: tradeId(command),
      });
    }
  });
});
