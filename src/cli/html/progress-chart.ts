/**
 * Filled against schedule over time: schedule grey, bounds dashed, fills stepped.
 *
 * Owns this picture of one group. Draws what the report says; computes no figure.
 */
import type { GroupReport } from '../../index.js';
import { axes, drawing, labels, MARGIN, markKind, marks, ms, timeScale, WIDTH } from './chart.js';
import { el, type Markup } from './markup.js';
import { linear, type Point, type Scale, stepPath } from './scale.js';

const HEIGHT = 440;

const quantityMax = (group: GroupReport): number =>
  Math.max(
    Number(group.target_quantity ?? '0'),
    Number(group.schedule.at(-1)?.cumulative ?? '0'),
    Number(group.fills.at(-1)?.cumulative ?? '0'),
  );

/** Null for a group that never started or had nothing to trade: there is nothing to draw. */
export function progressChart(group: GroupReport, id: string): Markup | null {
  const x = timeScale(group);
  const most = quantityMax(group);
  if (x === null || !(most > 0)) return null;
  const y = linear(0, most * 1.05, HEIGHT - MARGIN.bottom, MARGIN.top);
  const about = {
    title: `${group.symbol} ${group.side} ${group.strategy}: filled against schedule`,
    description: describe(group),
  };
  const yTitle = `quantity, ${group.symbol.split('/')[0] ?? ''}`;
  return drawing(
    id,
    HEIGHT,
    about,
    axes({ x, y, height: HEIGHT, yTitle }),
    targetLine(group, y),
    ...scheduleLines(group, x, y),
    el('path', { class: 'line filled', d: filledPath(group, x, y) }),
    marks(marksOf(group, x, y)),
    labels(labelsOf(group, y), HEIGHT),
  );
}

function describe(group: GroupReport): string {
  const target = group.target_quantity ?? 'no target';
  const due = group.scheduled_at_end === null ? '' : `, ${group.scheduled_at_end} scheduled by its end`;
  return `${group.filled_quantity} of ${target} filled${due}, in ${group.fills.length} fills; ${group.rejects} rejects.`;
}

function targetLine(group: GroupReport, y: Scale): Markup | null {
  if (group.target_quantity === null) return null;
  const at = y.at(Number(group.target_quantity));
  return el('line', { class: 'line target', x1: MARGIN.left, y1: at, x2: WIDTH - MARGIN.right, y2: at });
}

/** One slice has no bounds: everything is within them. */
function scheduleLines(group: GroupReport, x: Scale, y: Scale): Markup[] {
  const { schedule, bounds } = group;
  const first = schedule[0];
  if (first === undefined) return [];
  const right = WIDTH - MARGIN.right;
  const start: Point = { x: x.at(ms(first.at)), y: y.at(0) };
  const path = (kind: string, values: readonly (readonly [string, string])[]): Markup => {
    const points = values.map(([at, quantity]) => ({ x: x.at(ms(at)), y: y.at(Number(quantity)) }));
    return el('path', { class: `line ${kind}`, d: stepPath(start, points, right) });
  };
  const planned = path(
    'schedule',
    schedule.map(({ at, cumulative }) => [at, cumulative]),
  );
  if (schedule.length < 2) return [planned];
  return [
    path(
      'bound upper',
      bounds.map(({ at, upper }) => [at, upper]),
    ),
    path(
      'bound lower',
      bounds.map(({ at, lower }) => [at, lower]),
    ),
    planned,
  ];
}

/** To the group's end: after it nothing changes. */
function filledPath(group: GroupReport, x: Scale, y: Scale): string {
  const points = group.fills.map(({ at, cumulative }) => ({ x: x.at(ms(at)), y: y.at(Number(cumulative)) }));
  const start = group.started_at === null ? x.from : ms(group.started_at);
  const end = group.ended_at === null ? WIDTH - MARGIN.right : x.at(ms(group.ended_at));
  return stepPath({ x: x.at(start), y: y.at(0) }, points, Math.max(end, points.at(-1)?.x ?? end));
}

function marksOf(group: GroupReport, x: Scale, y: Scale) {
  const fills = group.fills.map((fill) => ({
    x: x.at(ms(fill.at)),
    y: y.at(Number(fill.cumulative)),
    kind: markKind(fill.liquidity),
    text: `${fill.at}: ${fill.quantity} at ${fill.price}, ${fill.liquidity ?? 'liquidity not told'}`,
  }));
  const rejects = group.rejections.map(({ at, reason }) => ({
    x: x.at(ms(at)),
    y: y.at(Number(group.fills.findLast((fill) => ms(fill.at) <= ms(at))?.cumulative ?? '0')),
    kind: 'reject' as const,
    text: `${at}: rejected${reason === null ? '' : `, ${reason}`}`,
  }));
  return [...fills, ...rejects];
}

function labelsOf(group: GroupReport, y: Scale) {
  const { target_quantity: target } = group;
  const filled = group.fills.at(-1)?.cumulative ?? '0';
  return [
    ...(target === null ? [] : [{ y: y.at(Number(target)), text: `target ${target}`, kind: 'target' }]),
    { y: y.at(Number(filled)), text: `filled ${filled}`, kind: 'filled' },
  ];
}
