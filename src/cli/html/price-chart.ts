/**
 * Prices of the fills over time, beside average, arrival and interval VWAP; the rungs of a ladder.
 *
 * Owns this picture of one group. Draws what the report says; computes no figure.
 */
import type { GroupReport } from '../../index.js';
import { axes, drawing, type Label, labels, MARGIN, markKind, marks, ms, timeScale, WIDTH } from './chart.js';
import { RUNGS_MAX } from './kind-charts.js';
import { el, type Markup } from './markup.js';
import { linear } from './scale.js';

const HEIGHT = 250;

interface Level {
  readonly kind: 'average' | 'arrival' | 'vwap' | 'rung';
  readonly name: string | null;
  readonly price: string;
}

function levelsOf(group: GroupReport): Level[] {
  const named: [Level['kind'], string, string | null][] = [
    ['arrival', 'arrival', group.arrival_price],
    ['vwap', 'VWAP', group.interval_vwap],
    ['average', 'average', group.avg_price],
  ];
  return [
    // A line each as long as they can be told apart.
    ...(group.rungs.length > RUNGS_MAX ? [] : group.rungs).map(({ price }) => ({
      kind: 'rung' as const,
      name: null,
      price,
    })),
    ...named.flatMap(([kind, name, price]) => (price === null ? [] : [{ kind, name, price }])),
  ];
}

/** Null without a fill: a benchmark alone tells nothing. */
export function priceChart(group: GroupReport, id: string): Markup | null {
  const x = timeScale(group);
  if (x === null || group.fills.length === 0) return null;
  const levels = levelsOf(group);
  const prices = [
    ...group.fills.map(({ price }) => Number(price)),
    ...levels.map(({ price }) => Number(price)),
  ];
  const low = prices.reduce((a, b) => Math.min(a, b));
  const high = prices.reduce((a, b) => Math.max(a, b));
  // One price alone is given the room of a basis point, so that it does not look like a cliff.
  const room = Math.max((high - low) * 0.12, high * 0.0001);
  const y = linear(low - room, high + room, HEIGHT - MARGIN.bottom, MARGIN.top);
  const right = WIDTH - MARGIN.right;
  const named: Label[] = levels.flatMap(({ kind, name, price }) =>
    name === null ? [] : [{ y: y.at(Number(price)), text: `${name} ${short(price)}`, kind }],
  );
  return drawing(
    id,
    HEIGHT,
    {
      title: `${group.symbol} ${group.side} ${group.strategy}: prices of the fills`,
      description: describe(group),
    },
    axes({ x, y, height: HEIGHT, yTitle: 'price' }),
    ...levels.map(({ kind, price }) => {
      const at = y.at(Number(price));
      return el('line', { class: `line ${kind}`, x1: MARGIN.left, y1: at, x2: right, y2: at });
    }),
    marks(
      group.fills.map(({ at, price, quantity, liquidity }) => ({
        x: x.at(ms(at)),
        y: y.at(Number(price)),
        kind: markKind(liquidity),
        text: `${at}: ${quantity} at ${price}`,
      })),
    ),
    labels(named, HEIGHT),
  );
}

/** Labels have little room; the table has every digit. */
function short(price: string): string {
  const dot = price.indexOf('.');
  return dot < 0 ? price : price.slice(0, dot + Math.max(3, 9 - dot)).replace(/\.?0+$/, '');
}

function describe({ avg_price: average, arrival_price: arrival, interval_vwap: vwap }: GroupReport): string {
  return `Average ${average ?? 'n/a'}, arrival ${arrival ?? 'n/a'}, interval VWAP ${vwap ?? 'n/a'}.`;
}
