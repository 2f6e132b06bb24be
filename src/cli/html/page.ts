/**
 * The execution report as one self-contained page: summary, table of groups, and a card with charts for each group.
 *
 * Owns the page. It loads nothing and needs no script; its policy forbids both. Every chart has its figures as text.
 */
import type { BatchReport, ExecutionReport, GroupReport } from '../../index.js';
import { feesText, percentText, roleOf, slippageText } from '../report.js';
import { type Child, el, join, type Markup, styleSheet } from './markup.js';
import { kindCharts, RUNGS_MAX } from './kind-charts.js';
import { priceChart } from './price-chart.js';
import { progressChart } from './progress-chart.js';
import { STYLE } from './style.js';

const ROWS_MAX = 500;
const POLICY = "default-src 'none'; style-src 'unsafe-inline'";

/** `name`: what the report is of, such as the journal's file name. */
export function reportPage(report: ExecutionReport, name: string): string {
  const title = `Execution report: ${name}`;
  const head = el(
    'head',
    {},
    el('meta', { charset: 'utf-8' }),
    el('meta', { name: 'viewport', content: 'width=device-width, initial-scale=1' }),
    el('meta', { 'http-equiv': 'Content-Security-Policy', content: POLICY }),
    el('title', {}, title),
    styleSheet(STYLE),
  );
  const groups = report.batches.flatMap((batch) => [...batch.groups, ...(batch.protections ?? [])]);
  const main = el(
    'main',
    {},
    el('h1', {}, title),
    el('p', { class: 'muted' }, period(report)),
    el(
      'section',
      { class: 'card', 'aria-label': 'Summary' },
      ...report.batches.map(batchSummary),
      groupsTable(groups),
    ),
    ...groups.map(groupCard),
    footnotes(),
  );
  return `<!doctype html>\n${el('html', { lang: 'en' }, head, el('body', {}, main)).html}\n`;
}

function period({ environment, from, to, batches }: ExecutionReport): string {
  const count = `${batches.length} ${batches.length === 1 ? 'batch' : 'batches'}`;
  return from === null
    ? 'an empty journal'
    : `${environment ?? 'unknown environment'}, ${count}, ${from} to ${to}`;
}

const status = (word: string): Markup => el('span', { class: `status ${word}` }, word);

function batchSummary(batch: BatchReport): Markup {
  const left = [
    ...batch.residuals.map(({ symbol, quantity, reason }) => `residual ${quantity} ${symbol} (${reason})`),
    ...batch.kept.map(({ symbol, quantity }) => `kept ${quantity} ${symbol}`),
    ...batch.dust.map(({ symbol, quantity }) => `dust ${quantity} ${symbol}`),
  ];
  return el(
    'p',
    {},
    status(batch.status),
    ` ${batch.mode}${batch.reason === null ? '' : `, ${batch.reason}`} `,
    el('span', { class: 'id' }, batch.batch_id),
    left.length > 0 && `: ${left.join('; ')}`,
  );
}

const nameOf = (group: GroupReport): string =>
  `${roleOf(group)}${group.symbol} ${group.side} ${group.strategy}`;

/** `text` cells and, from `n` on, right-aligned ones. */
function table(
  caption: string,
  titles: readonly string[],
  rows: readonly (readonly Child[])[],
  n: number,
): Markup {
  const kind = (i: number) => (i >= n ? { class: 'n' } : {});
  const head = titles.map((title, i) => el('th', { scope: 'col', ...kind(i) }, title));
  const body = rows.map((row) => el('tr', {}, ...row.map((cell, i) => el('td', kind(i), cell))));
  return el(
    'div',
    { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': caption },
    el(
      'table',
      {},
      el('caption', {}, caption),
      el('thead', {}, el('tr', {}, ...head)),
      el('tbody', {}, ...body),
    ),
  );
}

function groupsTable(groups: readonly GroupReport[]): Markup {
  const titles = [
    'group',
    'status',
    'filled',
    'target',
    'scheduled',
    'average',
    'vs arrival',
    'vs VWAP',
    'rejects',
  ];
  const rows = groups.map((group) => [
    el('a', { href: `#${group.group_id}` }, nameOf(group)),
    status(group.status),
    group.filled_quantity,
    group.target_quantity ?? 'n/a',
    group.scheduled_at_end ?? 'n/a',
    group.avg_price ?? 'n/a',
    slippageText(group.slippage_bps),
    slippageText(group.vs_vwap_bps),
    String(group.rejects),
  ]);
  return table('Groups', titles, rows, 2);
}

function figures(group: GroupReport): Markup {
  const { target_quantity: target, filled_pct: part } = group;
  const pairs: [string, string | null][] = [
    [
      'filled',
      `${group.filled_quantity} of ${target ?? 'n/a'}${part === null ? '' : ` (${percentText(part)})`}`,
    ],
    ['scheduled by its end', group.scheduled_at_end],
    ['average price', group.avg_price],
    ['arrival price', group.arrival_price],
    ['interval VWAP', group.interval_vwap],
    ['interval TWAP', group.interval_twap],
    ['cost vs arrival', slippageText(group.slippage_bps)],
    ['cost vs VWAP', slippageText(group.vs_vwap_bps)],
    ['cost vs TWAP', slippageText(group.vs_twap_bps)],
    ['participation', percentText(group.participation)],
    ['maker share', percentText(group.maker_share)],
    ['fees', feesText(group.fees)],
    ['orders, rejects', `${group.orders}, ${group.rejects}`],
    ['unfilled because', group.unfilled_reason ?? 'nothing is missing'],
  ];
  const missing = group.unfilled_reason === null && part !== '1';
  const shown = missing ? pairs.slice(0, -1) : pairs;
  return el(
    'dl',
    {},
    ...shown.map(([name, text]) => el('div', {}, el('dt', {}, name), el('dd', {}, text ?? 'n/a'))),
  );
}

function groupCard(group: GroupReport): Markup {
  const progress = progressChart(group, `${group.group_id}-progress`);
  const price = priceChart(group, `${group.group_id}-price`);
  const charts = [progress, ...kindCharts(group, group.group_id), price].filter((chart) => chart !== null);
  return el(
    'section',
    { class: 'card', id: group.group_id, 'aria-label': nameOf(group) },
    el('h3', {}, nameOf(group), ' ', status(group.status)),
    el('p', { class: 'id' }, `${group.group_id} of ${group.batch_id}`),
    figures(group),
    charts.length === 0
      ? el('p', { class: 'muted' }, 'Nothing to draw: it never started, or had nothing to trade.')
      : legend(group),
    ...charts.map((chart) =>
      el(
        'div',
        { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': `chart of ${nameOf(group)}` },
        chart,
      ),
    ),
    tables(group),
  );
}

/** A line or marker as the charts draw it, beside its name. */
function legend({ rungs, schedule, participation_band: band }: GroupReport): Markup {
  const sample = (shape: Markup, name: string): Markup =>
    el('li', {}, el('svg', { width: 26, height: 12, 'aria-hidden': 'true' }, shape), name);
  const line = (kind: string): Markup => el('line', { class: `line ${kind}`, x1: 1, y1: 6, x2: 25, y2: 6 });
  return el(
    'ul',
    { class: 'legend' },
    sample(line('filled'), 'filled'),
    schedule.length > 0 && sample(line('schedule'), 'schedule'),
    schedule.length > 1 && sample(line('bound'), 'one slice ahead, one behind'),
    band !== null && sample(line('bound'), 'participation asked for'),
    sample(el('path', { class: 'maker', d: 'M13 0L19 11L7 11Z' }), 'maker'),
    sample(el('circle', { class: 'taker', cx: 13, cy: 6, r: 5 }), 'taker'),
    sample(el('path', { class: 'reject', d: 'M8 1L18 11M18 1L8 11' }), 'reject'),
    rungs.length > 0 && rungs.length <= RUNGS_MAX && sample(line('rung'), 'price of the ladder'),
  );
}

/** The charts' twin: the same facts as rows. */
function tables(group: GroupReport): Markup {
  const more = (count: number): string => (count > ROWS_MAX ? `, the first ${ROWS_MAX} of ${count}` : '');
  const { fills, schedule, rejections, participations, tips } = group;
  return el(
    'details',
    {},
    el(
      'summary',
      {},
      `Data: ${fills.length} fills, ${schedule.length} scheduled times, ${rejections.length} rejects`,
    ),
    table(
      `Fills${more(fills.length)}`,
      ['time (UTC)', 'liquidity', 'quantity', 'filled', 'price'],
      fills
        .slice(0, ROWS_MAX)
        .map((fill) => [fill.at, fill.liquidity ?? 'n/a', fill.quantity, fill.cumulative, fill.price]),
      2,
    ),
    table(
      `Schedule${more(schedule.length)}`,
      ['time (UTC)', 'scheduled', 'one slice behind', 'one slice ahead'],
      schedule
        .slice(0, ROWS_MAX)
        .map(({ at, cumulative }, k) => [
          at,
          cumulative,
          group.bounds[k]?.lower ?? '',
          group.bounds[k]?.upper ?? '',
        ]),
      1,
    ),
    group.rungs.length > 0 &&
      table(
        'Ladder',
        ['price', 'quantity', 'filled'],
        group.rungs.map(({ price, quantity, filled }) => [price, quantity, filled]),
        0,
      ),
    participations.length > 0 &&
      table(
        `Participation${more(participations.length)}`,
        ['time (UTC)', "others' volume", 'participation'],
        participations
          .slice(0, ROWS_MAX)
          .map(({ at, volume, participation }) => [at, volume, percentText(participation)]),
        1,
      ),
    tips.length > 0 &&
      table(
        `Shown and hidden${more(tips.length)}`,
        ['time (UTC)', 'shown', 'hidden'],
        tips.slice(0, ROWS_MAX).map(({ at, shown, hidden }) => [at, shown, hidden]),
        1,
      ),
    rejections.length > 0 &&
      table(
        `Rejects${more(rejections.length)}`,
        ['time (UTC)', 'order', 'reason'],
        rejections.slice(0, ROWS_MAX).map(({ at, order_id, reason }) => [at, order_id, reason ?? 'n/a']),
        3,
      ),
  );
}

const footnotes = (): Markup =>
  join([
    el('h2', {}, 'How to read it'),
    el(
      'p',
      { class: 'muted' },
      'Cost is side-adjusted, in basis points of the benchmark; positive is cost, n/a means that there is no benchmark. ' +
        'Arrival is the mid of the best quote at the start, else the last trade. VWAP, TWAP and participation are of what ' +
        'others traded from the start of the group to its end. Times are UTC. ' +
        'A schedule is what the strategy planned at its start; amounts in quote are at the price of that moment.',
    ),
  ]);
