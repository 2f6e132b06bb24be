/** What a report tells of one kind of strategy, held against the run's own figures. */
import { afterAll, describe, expect, test } from '@jest/globals';
import { add, cmp } from '../../src/dtos/decimal.js';
import { executionReport, type GroupReport } from '../../src/runtime/report/execution-report.js';
import { commandFor, scenarioFor } from '../runtime/scenario-files.js';
import { cleanUp, play } from '../scenarios/support.js';

afterAll(cleanUp);

async function reported(strategy_params: object, size = '0.4', entry: object = {}): Promise<GroupReport> {
  const commands = [commandFor({ size, entry, routing: { strategy_params } })];
  const { lines } = await play(scenarioFor({ commands }));
  const [group] = executionReport(lines).batches.flatMap((batch) => [...batch.groups]);
  if (group === undefined) throw new Error('no group');
  return group;
}

describe('of a POV', () => {
  test('participation ends at the figure of the whole, and its band is the rate', async () => {
    const pov = { strategy: 'POV', participation_rate: '0.02', interval_seconds: 5 };
    const { participations, participation, participation_band: band } = await reported(pov);
    expect(participations.length).toBeGreaterThan(2);
    expect(participations.at(-1)?.participation).toBe(participation);
    expect(band).toEqual({ min: '0.02', max: '0.02' });
    const volumes = participations.map(({ volume }) => Number(volume));
    expect(volumes).toEqual([...volumes].sort((a, b) => a - b));
  });

  test("a rate of others' volume is told as one of all", async () => {
    const pov = { strategy: 'POV', participation_rate: '0.25', include_own_fills: false };
    expect((await reported(pov)).participation_band).toEqual({ min: '0.2', max: '0.2' });
  });

  test('a band is told as it is', async () => {
    const pov = { strategy: 'POV', min_rate: '0.05', max_rate: '0.2', duration_seconds: 60 };
    expect((await reported(pov)).participation_band).toEqual({ min: '0.05', max: '0.2' });
  });
});

describe('of an ICEBERG', () => {
  test('no more shows than its tip, and shown, hidden and filled are the target', async () => {
    const iceberg = { strategy: 'ICEBERG', display_quantity: '0.1', limit_price: '61000' };
    const entry = { order_type: 'LIMIT', limit_price: '61000' };
    const { tips, fills, filled_quantity: filled } = await reported(iceberg, '0.4', entry);
    expect(filled).toBe('0.4');
    expect(tips.length).toBeGreaterThanOrEqual(8);
    expect(tips[0]).toMatchObject({ shown: '0.1', hidden: '0.3' });
    expect(tips.at(-1)).toMatchObject({ shown: '0', hidden: '0' });
    expect(tips.every(({ shown }) => cmp(shown, '0.1') <= 0)).toBe(true);
    for (const { at, shown, hidden } of tips) {
      const done = fills.filter((fill) => fill.at <= at).reduce((sum, fill) => add(sum, fill.quantity), '0');
      expect(cmp(add(add(shown, hidden), done), '0.4')).toBeGreaterThanOrEqual(0);
    }
  });
});

describe('of a ladder', () => {
  test('a LAYERED has a rung per level, with what filled there', async () => {
    const range = { min: '50000', max: '61000' };
    const layered = { strategy: 'LAYERED', levels: 2, price_range: range, limit_price: '61000' };
    const { rungs } = await reported(layered, '0.4', { order_type: 'LIMIT', limit_price: '61000' });
    expect(rungs).toEqual([
      { price: '61000', quantity: '0.2', filled: '0.2' },
      { price: '50000', quantity: '0.2', filled: '0' },
    ]);
  });

  test('a DCA by the clock has a rung per price that it paid; they come to what it filled', async () => {
    const amount = { quantity: '0.05', unit: 'BASE' };
    const dca = { strategy: 'DCA', frequency: { period_seconds: 20 }, amount, occurrences: 5 };
    const { rungs, filled_quantity: filled } = await reported(dca, '0.25');
    expect(rungs.length).toBeGreaterThan(1);
    expect(rungs.reduce((sum, rung) => add(sum, rung.filled), '0')).toBe(filled);
    expect(rungs.map(({ price }) => Number(price))).toEqual(
      rungs.map(({ price }) => Number(price)).sort((a, b) => b - a),
    );
  });

  test('others have none of this', async () => {
    const twap = { strategy: 'TWAP', duration_seconds: 30, slices: 3 };
    expect(await reported(twap)).toMatchObject({
      ...{ rungs: [], tips: [], participations: [], participation_band: null },
    });
  });
});
