import { describe, expect, test } from '@jest/globals';
import { planChart } from '../../src/cli/plan-chart.js';
import type { SliceView } from '../../src/runtime/plan.js';

const plain = (_tone: string, text: string): string => text;
const chart = (slices: readonly SliceView[], width = 40): string[] =>
  planChart(
    { symbol: 'BTC/USDT', side: 'BUY', strategy: 'TWAP', target_quantity: '1', slices },
    width,
    plain,
  );
const at = (second: number): string => `2025-01-06T09:00:${String(second).padStart(2, '0')}.000Z`;
const even = (count: number): SliceView[] =>
  Array.from({ length: count }, (_, k) => ({ at: at(k), quantity: String(1 / count) }));

describe('the chart of a plan', () => {
  test('rises from the first slice to the whole target at the last', () => {
    const lines = chart(even(4));
    expect(lines).toHaveLength(8);
    const rows = lines.slice(0, 6).map((line) => line.slice(line.indexOf('│') + 1));
    const heights = Array.from(
      { length: 37 },
      (_, k) => rows.filter((row) => /\S/.test(row[k] ?? ' ')).length,
    );
    expect(heights[0]).toBe(2);
    expect(heights.at(-1)).toBe(6);
    expect([...heights].sort((a, b) => a - b)).toEqual(heights);
    expect(lines[0]).toMatch(/^1 │ +█$/);
    expect(lines[5]).toMatch(/^0 │█{37}$/);
    expect(lines[7]).toContain('2025-01-06 09:00:00');
    expect(lines[7]).toContain('09:00:03');
  });

  test('keeps to the width that it is given', () => {
    for (const width of [40, 64, 80]) {
      const widest = Math.max(...chart(even(7), width).map((line) => line.length));
      expect(widest).toBeLessThanOrEqual(width);
      expect(widest).toBeGreaterThan(width - 4);
    }
  });

  test('is a ladder where all is sent at once at different prices, the highest on top', () => {
    const rung = (price: string, quantity: string): SliceView => ({ at: at(0), quantity, price });
    const lines = chart([rung('99', '1'), rung('101', '2'), rung('100', '0.5'), rung('100', '0.5')]);
    expect(lines.map((line) => line.trim().split(' ')[0])).toEqual(['101', '100', '99']);
    const widths = lines.map((line) => line.replace(/[^█]/g, '').length);
    expect(widths[1]).toBe(widths[2]);
    expect(widths[0]).toBeGreaterThanOrEqual(2 * (widths[1] ?? 0));
  });

  test('shows the tip of an iceberg beside what it hides', () => {
    const tip = { at: at(0), quantity: '0.05', price: '99' };
    const group = { symbol: 'BTC/USDT', side: 'BUY', strategy: 'ICEBERG', target_quantity: '0.2' } as const;
    const [bar, words] = planChart({ ...group, slices: [tip, tip, tip, tip] }, 40, plain);
    expect(bar).toBe(`${'█'.repeat(10)}${'░'.repeat(30)}`);
    expect(words).toBe('shows 0.05, hides 0.15, 4 tips');
  });

  test('is labelled with what the slices come to, though the target be more', () => {
    const slices = [0, 1, 2].map((k) => ({ at: at(k), quantity: '0.1' }));
    expect(chart(slices)[0]).toMatch(/^0\.3 │/);
  });

  test('is not drawn for one slice, or none', () => {
    expect(chart(even(1))).toEqual([]);
    expect(chart([])).toEqual([]);
    expect(
      chart([
        { at: at(0), quantity: '1' },
        { at: at(0), quantity: '1' },
      ]),
    ).toEqual([]);
  });
});
