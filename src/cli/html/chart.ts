/**
 * What both charts of a group share: the frame, the time axis, the grid, the markers of fills.
 *
 * Owns sizes and looks of axes; knows nothing of schedules or prices.
 */
import type { GroupReport } from '../../index.js';
import { type Child, el, join, type Markup } from './markup.js';
import { linear, roundTicks, type Scale, timeLabel, timeTicks } from './scale.js';

export const WIDTH = 1040;
/** Room at the right for the names of lines. */
export const MARGIN = { left: 88, right: 152, top: 18, bottom: 46 } as const;
/** More markers than this are a smear: those on the same pixels are left out, the line shows every fill. */
const MARKERS_MAX = 600;

export const ms = (iso: string): number => Date.parse(iso);

/** From the start to whatever comes last, with a little room; a moment is widened to a second. */
export function timeScale(group: GroupReport): Scale | null {
  const times = [
    ...[group.started_at, group.ended_at].flatMap((at) => (at === null ? [] : [ms(at)])),
    ...group.schedule.map(({ at }) => ms(at)),
    ...group.fills.map(({ at }) => ms(at)),
    ...group.rejections.map(({ at }) => ms(at)),
  ];
  if (times.length === 0) return null;
  const from = times.reduce((a, b) => Math.min(a, b));
  const to = times.reduce((a, b) => Math.max(a, b));
  const span = Math.max(1000, to - from);
  return linear(from - span * 0.02, from + span * 1.04, MARGIN.left, WIDTH - MARGIN.right);
}

export interface Frame {
  readonly x: Scale;
  readonly y: Scale;
  readonly height: number;
  readonly yTitle: string;
}

const line = (kind: string, x1: number, y1: number, x2: number, y2: number): Markup =>
  el('line', { class: kind, x1, y1, x2, y2 });

/** Grid, tick labels and axis titles. */
export function axes({ x, y, height, yTitle }: Frame): Markup {
  const bottom = height - MARGIN.bottom;
  const right = WIDTH - MARGIN.right;
  const span = x.to - x.from;
  const times = timeTicks(x.from, x.to, 7);
  const values = roundTicks(y.from, y.to, height > 300 ? 6 : 4);
  const days = [...new Set([x.from, x.to].map((at) => new Date(at).toISOString().slice(0, 10)))].join(' to ');
  return join([
    ...values.ticks.flatMap((value) => [
      line('grid', MARGIN.left, y.at(value), right, y.at(value)),
      el(
        'text',
        { class: 'tick', x: MARGIN.left - 10, y: y.at(value) + 4, 'text-anchor': 'end' },
        value.toFixed(values.decimals),
      ),
    ]),
    ...times.ticks.flatMap((at) => [
      line('tickmark', x.at(at), bottom, x.at(at), bottom + 5),
      el(
        'text',
        { class: 'tick', x: x.at(at), y: bottom + 19, 'text-anchor': 'middle' },
        timeLabel(at, times.step, span),
      ),
    ]),
    line('axis', MARGIN.left, bottom, right, bottom),
    el(
      'text',
      { class: 'name', x: (MARGIN.left + right) / 2, y: height - 6, 'text-anchor': 'middle' },
      `time, UTC (${days})`,
    ),
    el(
      'text',
      {
        class: 'name',
        transform: `translate(18 ${Math.round((MARGIN.top + bottom) / 2)}) rotate(-90)`,
        'text-anchor': 'middle',
      },
      yTitle,
    ),
  ]);
}

export interface Mark {
  readonly x: number;
  readonly y: number;
  readonly kind: 'maker' | 'taker' | 'unknown' | 'reject';
  readonly text: string;
}

/** Told apart by shape before colour: maker ▲, taker ●, liquidity not told ◆, reject ✕. */
function shape({ x, y, kind, text }: Mark): Markup {
  const name = el('title', {}, text);
  const at = (dx: number, dy: number): string =>
    `${Math.round((x + dx) * 100) / 100} ${Math.round((y + dy) * 100) / 100}`;
  const mark = `mark ${kind}`;
  if (kind === 'taker') return el('circle', { class: mark, cx: x, cy: y, r: 4.5 }, name);
  if (kind === 'maker')
    return el('path', { class: mark, d: `M${at(0, -6)}L${at(5.5, 4.5)}L${at(-5.5, 4.5)}Z` }, name);
  if (kind === 'reject')
    return el('path', { class: mark, d: `M${at(-5, -5)}L${at(5, 5)}M${at(5, -5)}L${at(-5, 5)}` }, name);
  return el('path', { class: mark, d: `M${at(0, -5.5)}L${at(5.5, 0)}L${at(0, 5.5)}L${at(-5.5, 0)}Z` }, name);
}

export function marks(all: readonly Mark[]): Markup {
  if (all.length <= MARKERS_MAX) return join(all.map(shape));
  const seen = new Set<string>();
  const distinct = all.filter(({ x, y, kind }) => {
    const place = `${kind} ${Math.round(x / 4)} ${Math.round(y / 4)}`;
    return !seen.has(place) && seen.add(place);
  });
  return join(distinct.map(shape));
}

export const markKind = (liquidity: 'MAKER' | 'TAKER' | null): Mark['kind'] =>
  liquidity === null ? 'unknown' : liquidity === 'MAKER' ? 'maker' : 'taker';

export interface Label {
  readonly y: number;
  readonly text: string;
  readonly kind: string;
}

const LABEL_HEIGHT = 15;

/** Names of lines at their right end, pushed apart so that none covers another and none leaves the frame. */
export function labels(all: readonly Label[], height: number): Markup {
  const sorted = [...all].sort((a, b) => a.y - b.y);
  const places = apart(
    sorted.map(({ y }) => y),
    height - MARGIN.bottom,
  );
  const x = WIDTH - MARGIN.right + 8;
  return join(
    sorted.map(({ text, kind }, k) =>
      el('text', { class: `label ${kind}`, x, y: (places[k] ?? 0) + 4 }, text),
    ),
  );
}

/** Ascending places at least a label's height apart: first downwards, then back up from the lowest allowed. */
function apart(wanted: readonly number[], lowest: number): number[] {
  const places: number[] = [];
  for (const y of wanted) places.push(Math.max(y, (places.at(-1) ?? 0) + LABEL_HEIGHT));
  let limit = lowest;
  for (let k = places.length - 1; k >= 0; k--) {
    places[k] = Math.min(places[k] ?? limit, limit);
    limit = (places[k] ?? limit) - LABEL_HEIGHT;
  }
  return places;
}

/** An accessible drawing: named, described, and wide enough to read; a narrow window scrolls it. */
export function drawing(
  id: string,
  height: number,
  about: { readonly title: string; readonly description: string },
  ...children: Child[]
): Markup {
  const attributes = {
    viewBox: `0 0 ${WIDTH} ${height}`,
    width: WIDTH,
    height,
    role: 'img',
    'aria-labelledby': `${id}-title ${id}-desc`,
  };
  return el(
    'svg',
    attributes,
    el('title', { id: `${id}-title` }, about.title),
    el('desc', { id: `${id}-desc` }, about.description),
    ...children,
  );
}
