/**
 * From values to pixels: linear scales, round ticks, UTC time labels.
 *
 * Owns drawing arithmetic. Numbers here are floats for the eye only; figures are printed from decimal strings.
 */

/** A range of values over a range of pixels. */
export interface Scale {
  readonly from: number;
  readonly to: number;
  at(value: number): number;
}

export function linear(from: number, to: number, pixelFrom: number, pixelTo: number): Scale {
  const perValue = (pixelTo - pixelFrom) / (to - from);
  return { from, to, at: (value) => pixelFrom + (value - from) * perValue };
}

/** Multiples of 1, 2 or 5 × 10^n within the range, about `count` of them. */
export function roundTicks(from: number, to: number, count: number): { ticks: number[]; decimals: number } {
  const rough = (to - from) / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((n) => n * power).find((size) => size >= rough * 0.999) ?? 10 * power;
  const decimals = Math.min(12, Math.max(0, -Math.floor(Math.log10(step) + 1e-9)));
  const first = Math.ceil(from / step - 1e-9);
  const last = Math.floor(to / step + 1e-9);
  const ticks = Array.from({ length: Math.max(0, last - first + 1) }, (_, k) => (first + k) * step);
  return { ticks, decimals };
}

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const TIME_STEPS: readonly number[] = [
  ...[1, 2, 5, 10, 20, 50, 100, 200, 500],
  ...[1, 2, 5, 10, 15, 30].map((n) => n * SECOND),
  ...[1, 2, 5, 10, 15, 30].map((n) => n * MINUTE),
  ...[1, 2, 3, 6, 12].map((n) => n * HOUR),
  ...[1, 2, 7, 14, 30, 90, 365].map((n) => n * DAY),
];

/** Whole seconds, minutes, hours or days (UTC) within the range, at most about `count` of them; else months or years. */
export function timeTicks(from: number, to: number, count: number): { ticks: number[]; step: number } {
  const rough = (to - from) / count;
  const step = TIME_STEPS.find((size) => size >= rough) ?? rough;
  if (step >= 30 * DAY)
    return { ticks: monthTicks(from, to, Math.max(1, Math.ceil(step / (30.5 * DAY)))), step };
  const first = Math.ceil(from / step);
  const length = Math.max(0, Math.floor(to / step) - first + 1);
  return { ticks: Array.from({ length }, (_, k) => (first + k) * step), step };
}

/** Months divide a year, or are whole years: what begins there is looked for. */
const MONTHS: readonly number[] = [1, 3, 6, 12];

function monthTicks(from: number, to: number, wanted: number): number[] {
  const every = MONTHS.find((months) => months >= wanted) ?? Math.ceil(wanted / 12) * 12;
  const year = new Date(from).getUTCFullYear();
  const ticks: number[] = [];
  for (let month = 0; ; month += every) {
    const at = Date.UTC(year, month, 1);
    if (at > to) return ticks;
    if (at >= from) ticks.push(at);
  }
}

/** As much of the time as the step needs: `09:00`, `09:00:15`, `09:00:15.250`, `01-06 09:00`, `2025-01-06`. */
export function timeLabel(at: number, step: number, span: number): string {
  const iso = new Date(at).toISOString();
  if (step >= DAY) return iso.slice(0, 10);
  if (span > DAY) return `${iso.slice(5, 10)} ${iso.slice(11, 16)}`;
  if (step >= MINUTE) return iso.slice(11, 16);
  return step >= SECOND ? iso.slice(11, 19) : iso.slice(11, 23);
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

const two = (n: number): string => String(Math.round(n * 100) / 100);

/** A path of steps: level until the next point's x, then straight to its y; on to `end`. */
export function stepPath(start: Point, points: readonly Point[], end: number): string {
  let path = `M${two(start.x)} ${two(start.y)}`;
  for (const [k, { x, y }] of points.entries()) {
    // Points that fall on the same pixel column are one vertical stroke.
    const next = points[k + 1];
    if (next !== undefined && two(next.x) === two(x)) continue;
    path += `H${two(x)}V${two(y)}`;
  }
  return `${path}H${two(end)}`;
}
