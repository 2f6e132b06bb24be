import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { FillwrightError } from '../../src/dtos/errors.js';
import { planScenario } from '../../src/runtime/plan.js';
import { loadScenario } from '../../src/runtime/scenario.js';
import { commandFor, scenarioFor } from './scenario-files.js';

let dir = '';
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'fillwright-'));
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

function plan(content: object) {
  const file = join(dir, 'scenario.json');
  writeFileSync(file, JSON.stringify(content));
  return planScenario(loadScenario(file));
}

const twap = (duration_seconds: number, slices: number) => ({
  routing: { strategy_params: { strategy: 'TWAP', duration_seconds, slices } },
});
const again = (n: number, directive: object, more: object = {}) => {
  const [entry] = scenarioFor({
    directive: { directive_id: `STR_20250106_090000_0000000${n}`, ...directive },
  }).directives;
  return { directive: entry?.directive, ...more };
};

describe('plan', () => {
  test('spreads a TWAP over its duration, whole lots, spare ones first', () => {
    const { batches } = plan(scenarioFor({ commands: [commandFor({ size: '0.10001', ...twap(60, 4) })] }));
    const slices = batches[0]?.groups[0]?.slices ?? [];
    expect(slices.map((slice) => slice.quantity)).toEqual(['0.02501', '0.025', '0.025', '0.025']);
    expect(slices.map((slice) => slice.at)).toEqual([
      '2025-01-06T09:00:00.000Z',
      '2025-01-06T09:00:15.000Z',
      '2025-01-06T09:00:30.000Z',
      '2025-01-06T09:00:45.000Z',
    ]);
  });

  test('starts a directive at its time', () => {
    const { batches } = plan(scenarioFor({ at: '2025-01-06T09:01:00Z' }));
    expect(batches[0]?.groups[0]?.slices[0]?.at).toBe('2025-01-06T09:01:00.000Z');
  });

  test('starts a SEQUENTIAL leg when the one before it is done', () => {
    const directive = { execution_policy: { mode: 'SEQUENTIAL' } };
    const { batches } = plan(
      scenarioFor({ directive, commands: [commandFor({ ...twap(60, 4) }), commandFor({ n: 2 })] }),
    );
    expect(batches[0]?.groups.map((group) => group.slices[0]?.at)).toEqual([
      '2025-01-06T09:00:00.000Z',
      '2025-01-06T09:00:45.000Z',
    ]);
  });

  test('closes what earlier directives open, as if all of it had filled', () => {
    const scenario = scenarioFor({ commands: [commandFor({ size: '0.7' })] });
    const targets = { scope: 'CLOSE_EXISTING', target_plan_ids: ['TPL_20250106_090000_00000001'] };
    const close = again(2, targets, { at: '2025-01-06T09:01:00Z' });
    const { batches } = plan({ ...scenario, directives: [...scenario.directives, close] });
    expect(batches[1]?.groups).toMatchObject([{ symbol: 'BTC/USDT', side: 'SELL', target_quantity: '0.7' }]);
  });

  test('trades the difference to the new total of a MODIFY', () => {
    const scenario = scenarioFor({ commands: [commandFor({ size: '0.7' })] });
    const { plan_id, entry_plan: _, ...command } = commandFor({ n: 2, size: '0.5' });
    const modify = again(
      2,
      { scope: 'MODIFY_EXISTING', target_plan_ids: ['TPL_20250106_090000_00000001'] },
      {
        commands: [{ ...command, scope: 'MODIFY_EXISTING', target_plan_id: 'TPL_20250106_090000_00000001' }],
      },
    );
    expect(plan_id).toBeDefined();
    const { batches } = plan({ ...scenario, directives: [...scenario.directives, modify] });
    expect(batches[1]?.groups).toMatchObject([{ symbol: 'BTC/USDT', side: 'SELL', target_quantity: '0.2' }]);
  });

  test('shows no order for the close of nothing', () => {
    const targets = { scope: 'CLOSE_EXISTING', target_plan_ids: ['TPL_20250106_090000_0000000f'] };
    const { batches } = plan({ ...scenarioFor(), directives: [again(2, targets)] });
    expect(batches[0]?.groups).toMatchObject([{ target_quantity: null, slices: [] }]);
  });

  test('says where a plan cannot be met', () => {
    const instruments = { 'BTC/USDT': { tick_size: '0.01', lot_size: '0.00001', min_notional: '5' } };
    const tiny = {
      ...scenarioFor({ commands: [commandFor({ size: '0.00001', ...twap(60, 4) })] }),
      instruments,
    };
    let error: unknown;
    try {
      plan(tiny);
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(FillwrightError);
    expect(error).toMatchObject({ code: 'PLAN_INFEASIBLE' });
    expect(
      (error as FillwrightError).message.startsWith(
        `${join(dir, 'scenario.json')}: directives[0].commands[0].`,
      ),
    ).toBe(true);
  });

  test('follows the market for a POV, which has no schedule ahead: its target, at its rate of what trades', () => {
    const strategy_params = { strategy: 'POV', participation_rate: '0.1', interval_seconds: 5 };
    const commands = [commandFor({ size: '0.4', routing: { strategy_params } })];
    const { slices = [] } = plan(scenarioFor({ commands })).batches[0]?.groups[0] ?? {};
    expect(slices.length).toBeGreaterThan(1);
    const lots = slices.map(({ quantity }) => Math.round(Number(quantity) * 100_000));
    expect(lots.reduce((sum, quantity) => sum + quantity, 0)).toBe(40_000);
    const times = slices.map(({ at }) => Date.parse(at) % 5000);
    expect(times).toEqual(times.map(() => 0));
    expect(slices.every(({ price }) => Number(price) > 0)).toBe(true);
  });

  test('follows the market to its end, or to that of the duration, and no further', () => {
    const slicesOf = (more: object) => {
      const strategy_params = { strategy: 'POV', participation_rate: '0.001', interval_seconds: 10, ...more };
      const commands = [commandFor({ size: '100', routing: { strategy_params } })];
      return plan(scenarioFor({ commands })).batches[0]?.groups[0]?.slices ?? [];
    };
    const [all, some] = [slicesOf({}), slicesOf({ duration_seconds: 60 })];
    expect(all.length).toBeGreaterThan(some.length);
    expect(all.every(({ at }) => Date.parse(at) <= Date.parse('2025-01-06T09:02:00Z'))).toBe(true);
    expect(some.every(({ at }) => Date.parse(at) < Date.parse('2025-01-06T09:01:00Z'))).toBe(true);
    expect(all.slice(0, some.length)).toEqual(some);
  });
});
