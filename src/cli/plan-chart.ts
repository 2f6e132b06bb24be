/**
 * A schedule drawn in a terminal: what is due in all over time, a bar per price where it is a ladder, or what shows of
 * an iceberg.
 *
 * Owns the drawing. Floats here are for the eye; the table above it prints the decimal strings.
 */
import type { GroupPlan, SliceView } from '../index.js';
import type { Paint } from './io.js';

const HEIGHT = 6;
const WIDTH_MIN = 20;
const WIDTH_MAX = 96;
const RUNGS_MAX = 40;
const UPWARDS = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'] as const;
const RIGHTWARDS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'] as const;

/** Lines of the chart, `width` columns at most; none for a single slice, which a picture would not make clearer. */
export function planChart(group: GroupPlan, width: number, paint: Paint): string[] {
  const { slices } = group;
  const first = slices[0];
  const last = slices.at(-1);
  if (first === undefined || last === undefined || slices.length < 2) return [];
  if (slices.every(({ at }) => at === first.at)) return atOnce(group, width, paint);
  const total = sumOf(slices);
  const gutter = Math.max(total.length, 1) + 1;
  const cells = Math.min(WIDTH_MAX, Math.max(WIDTH_MIN, width - gutter - 1));
  const levels = levelsOf(slices, cells);
  const rows = Array.from({ length: HEIGHT }, (_, row) => {
    const label = row === 0 ? total : row === HEIGHT - 1 ? '0' : '';
    const line = levels.map((level) => UPWARDS[eighths(level, HEIGHT - 1 - row)]).join('');
    return `${label.padStart(gutter - 1)} ${paint('dim', '│')}${paint('cyan', line.trimEnd())}`;
  });
  const from = clock(first.at);
  const isSameDay = first.at.slice(0, 10) === last.at.slice(0, 10);
  const to = isSameDay ? clock(last.at).slice(11) : clock(last.at);
  const gap = ' '.repeat(Math.max(1, cells - from.length - to.length));
  const axis = `${' '.repeat(gutter)}${paint('dim', `└${'─'.repeat(cells)}`)}`;
  return [...rows, axis, `${' '.repeat(gutter + 1)}${paint('dim', `${from}${gap}${to}`)}`];
}

/** The part of the target that is due by each column's time, 0 to 1; columns run from the first slice to the last. */
function levelsOf(slices: readonly SliceView[], cells: number): number[] {
  const times = slices.map(({ at }) => Date.parse(at));
  const from = times.reduce((a, b) => Math.min(a, b));
  const span = times.reduce((a, b) => Math.max(a, b)) - from;
  const total = slices.reduce((sum, { quantity }) => sum + Number(quantity), 0);
  const due = new Array<number>(cells).fill(0);
  for (const [k, slice] of slices.entries()) {
    const cell = Math.ceil((((times[k] ?? from) - from) / span) * (cells - 1) - 1e-9);
    due[cell] = (due[cell] ?? 0) + Number(slice.quantity) / total;
  }
  const levels: number[] = [];
  for (const part of due) levels.push((levels.at(-1) ?? 0) + part);
  return levels;
}

/** How many eighths of a row a level fills; what is above nothing is shown. */
function eighths(level: number, row: number): number {
  const filled = level > 0 ? Math.max(1, Math.round(level * HEIGHT * 8)) : 0;
  return Math.min(8, Math.max(0, filled - row * 8));
}

/** The sum of decimal strings, with as many decimals as they have: exact for what a chart is labelled with. */
export function sumOf(slices: readonly SliceView[]): string {
  const decimals = Math.min(
    8,
    Math.max(...slices.map(({ quantity }) => quantity.split('.')[1]?.length ?? 0)),
  );
  const sum = slices.reduce((total, { quantity }) => total + Number(quantity), 0).toFixed(decimals);
  return decimals === 0 ? sum : sum.replace(/\.?0+$/, '');
}

/** All at one time: a ladder of prices, or tips of one price, of which the first shows. */
function atOnce({ strategy, slices }: GroupPlan, width: number, paint: Paint): string[] {
  const prices = new Set(slices.map(({ price }) => price));
  if (prices.size > 1) return ladder(slices, width, paint);
  const [shown, ...hidden] = slices;
  if (strategy !== 'ICEBERG' || shown === undefined) return [];
  const share = Number(shown.quantity) / Number(sumOf(slices));
  const words = [`shows ${shown.quantity}`, `hides ${sumOf(hidden)}`, `${slices.length} tips`].join(', ');
  const cells = Math.min(WIDTH_MAX, Math.max(WIDTH_MIN, width));
  const bright = Math.max(1, Math.round(share * cells));
  return [
    `${paint('cyan', '█'.repeat(bright))}${paint('dim', '░'.repeat(Math.max(0, cells - bright)))}`,
    words,
  ];
}

/** A bar per price, the highest price on top; slices of one price are one bar. */
function ladder(slices: readonly SliceView[], width: number, paint: Paint): string[] {
  const rungs = new Map<string, number>();
  for (const { price = 'at the market', quantity } of slices)
    rungs.set(price, (rungs.get(price) ?? 0) + Number(quantity));
  const sorted = [...rungs].sort(([a], [b]) => Number(b) - Number(a));
  const most = Math.max(...rungs.values());
  const gutter = Math.max(...[...rungs.keys()].map((price) => price.length));
  const cells = Math.min(WIDTH_MAX, Math.max(WIDTH_MIN, width - gutter - 2));
  const bars = sorted.slice(0, RUNGS_MAX).map(([price, quantity]) => {
    const parts = Math.max(1, Math.round((quantity / most) * cells * 8));
    const bar = `${'█'.repeat(Math.floor(parts / 8))}${RIGHTWARDS[parts % 8] ?? ''}`;
    return `${price.padStart(gutter)} ${paint('dim', '│')}${paint('cyan', bar)}`;
  });
  const hidden = sorted.length - RUNGS_MAX;
  return hidden > 0 ? [...bars, `… and ${hidden} more prices`] : bars;
}

/** `2025-01-06 09:00:15` */
const clock = (at: string): string => at.slice(0, 19).replace('T', ' ');
