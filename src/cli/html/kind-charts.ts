/**
 * What a strategy of one kind has beside its schedule: the participation of a POV, the tip of an iceberg, a ladder.
 *
 * Owns these pictures of one group. Draws what the report says; computes no figure.
 */
import type { GroupReport, RungView, TipPoint } from '../../index.js';
import { percentText } from '../report.js';
import { axes, drawing, labels, MARGIN, ms, timeScale, WIDTH } from './chart.js';
import { el, join, type Markup } from './markup.js';
import { linear, type Point, roundTicks, type Scale, stepPath } from './scale.js';

const HEIGHT = 260;
const ROW = 24;
/** More rungs than this are drawn in bins of price; the table has each. */
export const RUNGS_MAX = 40;
const BINS = 20;

const RIGHT = WIDTH - MARGIN.right;
const nameOf = ({ symbol, side, strategy }: GroupReport): string => `${symbol} ${side} ${strategy}`;

/** The pictures of this group's kind, none for most. */
export function kindCharts(group: GroupReport, id: string): Markup[] {
  return [
    participationChart(group, `${id}-participation`),
    tipChart(group, `${id}-tip`),
    ladderChart(group, `${id}-ladder`),
  ].filter((chart) => chart !== null);
}

/** Own share of the volume since the start, and the band it is to keep to. */
function participationChart(group: GroupReport, id: string): Markup | null {
  const { participations, participation_band: band } = group;
  const x = timeScale(group);
  if (x === null || band === null || participations.length < 2) return null;
  const top = Math.max(Number(band.max) * 1.5, ...participations.map((point) => Number(point.participation)));
  const y = linear(0, top * 100 * 1.08, HEIGHT - MARGIN.bottom, MARGIN.top);
  const at = (fraction: string): number => y.at(Number(fraction) * 100);
  const points = participations.map((point) => ({ x: x.at(ms(point.at)), y: at(point.participation) }));
  const last = participations.at(-1);
  const reached = last === undefined ? 'n/a' : percentText(last.participation);
  const start: Point = { x: points[0]?.x ?? MARGIN.left, y: y.at(0) };
  const bounds = band.min === band.max ? [band.max] : [band.max, band.min];
  const asked = bounds.map(percentText).reverse().join(' to ');
  return drawing(
    id,
    HEIGHT,
    {
      title: `${nameOf(group)}: participation`,
      description: `${reached} of all that traded since the start, ${asked} asked for.`,
    },
    axes({ x, y, height: HEIGHT, yTitle: 'participation, %' }),
    ...bounds.map((bound) =>
      el('line', { class: 'line bound', x1: MARGIN.left, y1: at(bound), x2: RIGHT, y2: at(bound) }),
    ),
    el('path', { class: 'line filled', d: stepPath(start, points, points.at(-1)?.x ?? RIGHT) }),
    labels(
      [
        ...bounds.map((bound) => ({ y: at(bound), text: `asked ${percentText(bound)}`, kind: 'plan' })),
        { y: points.at(-1)?.y ?? 0, text: `reached ${reached}`, kind: 'filled' },
      ],
      HEIGHT,
    ),
  );
}

/** What the book shows of an iceberg, and on top of it what it does not. */
function tipChart(group: GroupReport, id: string): Markup | null {
  const { tips, target_quantity: target } = group;
  const x = timeScale(group);
  const first = tips[0];
  if (x === null || target === null || first === undefined) return null;
  const y = linear(0, Number(target) * 1.08, HEIGHT - MARGIN.bottom, MARGIN.top);
  const most = tips.reduce((a, { shown }) => Math.max(a, Number(shown)), 0);
  const whole = areaOf(tips, x, y, ({ shown, hidden }) => Number(shown) + Number(hidden));
  const seen = areaOf(tips, x, y, ({ shown }) => Number(shown));
  return drawing(
    id,
    HEIGHT,
    {
      title: `${nameOf(group)}: shown and hidden`,
      description: `Of ${target} at most ${most} shows at a time.`,
    },
    axes({ x, y, height: HEIGHT, yTitle: 'shown, hidden' }),
    el('path', { class: 'area hidden', d: whole }),
    el('path', { class: 'area shown', d: seen }),
    labels(
      [
        { y: y.at(most), text: `shown ≤ ${most}`, kind: 'filled' },
        { y: y.at(Number(first.shown) + Number(first.hidden)), text: 'hidden', kind: 'plan' },
      ],
      HEIGHT,
    ),
  );
}

/** A stepped area down to nothing. */
function areaOf(tips: readonly TipPoint[], x: Scale, y: Scale, value: (tip: TipPoint) => number): string {
  const points = tips.map((tip) => ({ x: x.at(ms(tip.at)), y: y.at(value(tip)) }));
  const from = points[0]?.x ?? MARGIN.left;
  const end = points.at(-1)?.x ?? from;
  return `${stepPath({ x: from, y: y.at(0) }, points, end)}V${Math.round(y.at(0))}Z`;
}

/** A bar per price: what is to rest there, and what of it has filled. */
function ladderChart(group: GroupReport, id: string): Markup | null {
  if (group.rungs.length < 2) return null;
  const isBinned = group.rungs.length > RUNGS_MAX;
  const rungs = isBinned ? binned(group.rungs) : group.rungs;
  const most = rungs.reduce((a, { quantity }) => Math.max(a, Number(quantity)), 0);
  const height = MARGIN.top + rungs.length * ROW + MARGIN.bottom;
  const x = linear(0, most * 1.04, MARGIN.left, RIGHT);
  const done = group.rungs.filter(({ filled, quantity }) => filled === quantity).length;
  return drawing(
    id,
    height,
    {
      title: `${nameOf(group)}: ladder`,
      description: `${group.rungs.length} prices from ${group.rungs[0]?.price} to ${group.rungs.at(-1)?.price}, ${done} of them filled.`,
    },
    quantityAxis(x, height, group, isBinned ? 'by price from' : 'by price'),
    ...rungs.map((rung, k) => rungBar(rung, MARGIN.top + k * ROW, x)),
  );
}

/** Too many prices for a bar each: as many equal ranges of price, named by where each begins. For the eye. */
function binned(rungs: readonly RungView[]): RungView[] {
  const prices = rungs.map(({ price }) => Number(price));
  const low = prices.reduce((a, b) => Math.min(a, b));
  const width = (prices.reduce((a, b) => Math.max(a, b)) - low) / BINS;
  const decimals = width >= 10 ? 0 : Math.min(8, Math.max(0, 2 - Math.floor(Math.log10(width))));
  const sums = Array.from({ length: BINS }, () => ({ quantity: 0, filled: 0 }));
  for (const [k, { quantity, filled }] of rungs.entries()) {
    const bin = sums[Math.min(BINS - 1, Math.floor(((prices[k] ?? low) - low) / width))];
    if (bin === undefined) continue;
    bin.quantity += Number(quantity);
    bin.filled += Number(filled);
  }
  const text = (n: number): string => String(Number(n.toFixed(8)));
  return sums
    .map(({ quantity, filled }, k) => ({
      price: (low + k * width).toFixed(decimals),
      quantity: text(quantity),
      filled: text(filled),
    }))
    .reverse();
}

function rungBar({ price, quantity, filled }: RungView, top: number, x: Scale): Markup {
  const bar = (kind: string, size: string, inset: number): Markup =>
    el('rect', {
      class: `bar ${kind}`,
      x: MARGIN.left,
      y: top + inset,
      width: Math.max(0, x.at(Number(size)) - MARGIN.left),
      height: ROW - 2 * inset,
    });
  const middle = top + ROW / 2 + 4;
  return join([
    el('text', { class: 'tick', x: MARGIN.left - 10, y: middle, 'text-anchor': 'end' }, shortPrice(price)),
    bar('planned', quantity, 3),
    bar('done', filled, 7),
    el(
      'text',
      { class: 'tick', x: RIGHT + 8, y: middle },
      filled === quantity ? `${filled} filled` : `${filled} of ${quantity}`,
    ),
  ]);
}

function quantityAxis(x: Scale, height: number, { symbol }: GroupReport, words: string): Markup {
  const bottom = height - MARGIN.bottom;
  const { ticks, decimals } = roundTicks(x.from, x.to, 6);
  return join([
    ...ticks.flatMap((value) => [
      el('line', { class: 'grid', x1: x.at(value), y1: MARGIN.top, x2: x.at(value), y2: bottom }),
      el(
        'text',
        { class: 'tick', x: x.at(value), y: bottom + 19, 'text-anchor': 'middle' },
        value.toFixed(decimals),
      ),
    ]),
    el('line', { class: 'axis', x1: MARGIN.left, y1: bottom, x2: RIGHT, y2: bottom }),
    el(
      'text',
      { class: 'name', x: (MARGIN.left + RIGHT) / 2, y: height - 6, 'text-anchor': 'middle' },
      `quantity, ${symbol.split('/')[0] ?? ''}, ${words}`,
    ),
  ]);
}

/** The table has every digit. */
const shortPrice = (price: string): string => (price.length <= 10 ? price : price.slice(0, 10));
