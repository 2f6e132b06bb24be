import { afterAll, describe, expect, test } from '@jest/globals';
import { add, cmp } from '../../src/dtos/decimal.js';
import type { RuntimeEvent } from '../../src/dtos/events.js';
import { executionReport, type GroupReport } from '../../src/runtime/report/execution-report.js';
import { commandFor, scenarioFor } from '../runtime/scenario-files.js';
import { cleanUp, play } from '../scenarios/support.js';

afterAll(cleanUp);

const twap = (duration_seconds: number, slices: number) => ({
  routing: { strategy_params: { strategy: 'TWAP', duration_seconds, slices } },
});
const groupsOf = (lines: Iterable<string>): GroupReport[] =>
  executionReport(lines).batches.flatMap((batch) => [...batch.groups]);

interface Line {
  events: RuntimeEvent[];
}
/** The same journal with each event changed, or dropped for null. */
const edited = (lines: readonly string[], change: (event: RuntimeEvent) => RuntimeEvent | null): string[] =>
  lines.map((line) => {
    const record = JSON.parse(line) as Line;
    return JSON.stringify({ ...record, events: record.events.flatMap((event) => change(event) ?? []) });
  });
/** The same journal with an event after that of `type`, about the same group. */
const after = (lines: readonly string[], type: RuntimeEvent['type'], payload: object): string[] =>
  lines.map((line) => {
    const record = JSON.parse(line) as Line;
    const events = record.events.flatMap((event) =>
      event.type === type ? [event, { ...event, ...payload } as RuntimeEvent] : [event],
    );
    return JSON.stringify({ ...record, events });
  });

describe('a report', () => {
  test('has the numbers of the run itself, whatever the journal passed through', async () => {
    const commands = [commandFor({ ...twap(60, 4) }), commandFor({ n: 2, direction: 'SELL', size: '0.3' })];
    const { lines, batches } = await play({ ...scenarioFor({ commands }), venue: { allow_short: true } });
    const groups = batches.flatMap((batch) => batch.groups);
    const reported = groupsOf(lines);
    expect(reported).toHaveLength(2);
    for (const [k, { orders, ...figures }] of groups.entries()) {
      expect(reported[k]).toMatchObject(figures);
      expect(reported[k]?.orders).toBe(orders.length);
      expect(reported[k]?.fills.map(({ price }) => price)).toEqual(
        orders.flatMap(({ fills }) => fills.map(({ fill_price }) => fill_price)),
      );
      expect(reported[k]?.fills.at(-1)?.cumulative).toBe(figures.filled_quantity);
    }
  });

  test('rebuilds the schedule that the group had, and its bounds of a slice either way', async () => {
    const { lines } = await play(scenarioFor({ commands: [commandFor({ size: '0.4', ...twap(60, 4) })] }));
    const [group] = groupsOf(lines);
    expect(group?.schedule).toEqual([
      { at: '2025-01-06T09:00:00.000Z', cumulative: '0.1' },
      { at: '2025-01-06T09:00:15.000Z', cumulative: '0.2' },
      { at: '2025-01-06T09:00:30.000Z', cumulative: '0.3' },
      { at: '2025-01-06T09:00:45.000Z', cumulative: '0.4' },
    ]);
    expect(group?.bounds.map(({ lower, upper }) => [lower, upper])).toEqual([
      ['0', '0.2'],
      ['0.1', '0.3'],
      ['0.2', '0.4'],
      ['0.3', '0.4'],
    ]);
    expect(group).toMatchObject({
      scheduled_at_end: '0.4',
      filled_pct: '1',
      unfilled_reason: null,
      rungs: [],
    });
  });

  test('counts as scheduled only what was due when the group ended, and says why the rest is missing', async () => {
    const { lines } = await play(scenarioFor({ commands: [commandFor({ size: '0.5', ...twap(600, 10) })] }));
    const [group] = groupsOf(lines);
    // Two minutes of market, a slice a minute: at 0:00, 1:00 and 2:00 at most.
    expect(group?.schedule).toHaveLength(10);
    expect(['0.1', '0.15']).toContain(group?.scheduled_at_end);
    expect(group).toMatchObject({
      status: 'PARTIAL',
      unfilled_reason: 'market_ended',
      target_quantity: '0.5',
    });
    expect(cmp(group?.filled_quantity ?? '1', group?.scheduled_at_end ?? '0')).toBeLessThanOrEqual(0);
  });

  test('without benchmarks has no cost against them', async () => {
    const { lines } = await play(scenarioFor());
    const [group] = groupsOf(edited(lines, (event) => (event.type === 'GROUP_BENCHMARKED' ? null : event)));
    expect(group).toMatchObject({
      interval_vwap: null,
      interval_twap: null,
      vs_vwap_bps: null,
      vs_twap_bps: null,
      participation: null,
    });
    expect(group?.slippage_bps).not.toBeNull();
  });

  test('measures a group by its benchmarks', async () => {
    const { lines } = await play(scenarioFor());
    const bare = edited(lines, (event) => (event.type === 'GROUP_BENCHMARKED' ? null : event));
    const price = groupsOf(bare)[0]?.avg_price ?? '';
    const payload = { type: 'GROUP_BENCHMARKED', from: 0, to: 1, volume: '1.5', vwap: price, twap: null };
    expect(groupsOf(after(bare, 'GROUP_SETTLED', payload))[0]).toMatchObject({
      interval_vwap: price,
      vs_vwap_bps: '0',
      interval_twap: null,
      vs_twap_bps: null,
      participation: '0.25',
    });
  });

  test('tells each order that the venue refused, and why', async () => {
    const entry = { order_type: 'LIMIT', limit_price: '70000' };
    const routing = { strategy_params: { strategy: 'SINGLE', post_only: true } };
    const { lines } = await play(scenarioFor({ commands: [commandFor({ entry, routing })] }));
    const [group] = groupsOf(lines);
    expect(group).toMatchObject({
      status: 'FAILED',
      rejects: 1,
      fills: [],
      avg_price: null,
      slippage_bps: null,
    });
    expect(group?.rejections).toHaveLength(1);
    expect(group?.rejections[0]?.reason).toContain('post-only');
    expect(group?.unfilled_reason).toMatch(/^execution_error: .*post-only/);
  });

  test('of a journal that stops early shows the group as it was then', async () => {
    const { lines } = await play(scenarioFor({ commands: [commandFor({ ...twap(60, 4) })] }));
    const cut = lines.findIndex((line) => line.includes('"type":"FILL"')) + 1;
    const [group] = groupsOf(lines.slice(0, cut));
    expect(group).toMatchObject({ status: 'ACTIVE', ended_at: null, unfilled_reason: null });
    expect(group?.scheduled_at_end).toBe('0.125');
  });

  test('of a strategy that this version does not know still tells what happened', async () => {
    const { lines } = await play(scenarioFor());
    const foreign = edited(lines, (event) =>
      event.type === 'GROUP_CREATED'
        ? ({ ...event, strategy: 'OF_TOMORROW' } as unknown as RuntimeEvent)
        : event,
    );
    expect(groupsOf(foreign)[0]).toMatchObject({
      filled_quantity: '0.5',
      schedule: [],
      scheduled_at_end: null,
    });
  });

  test('of an empty journal is empty', () => {
    expect(executionReport([])).toEqual({ environment: null, from: null, to: null, batches: [] });
  });

  test('adds up: fills make the filled quantity of every packaged mode', async () => {
    const directive = { execution_policy: { mode: 'SEQUENTIAL' } };
    const commands = [commandFor({ ...twap(20, 4) }), commandFor({ n: 2, ...twap(20, 2) })];
    const { lines } = await play(scenarioFor({ directive, commands }));
    for (const group of groupsOf(lines)) {
      const sum = group.fills.reduce((total, { quantity }) => add(total, quantity), '0');
      expect(sum).toBe(group.filled_quantity);
    }
  });
});
