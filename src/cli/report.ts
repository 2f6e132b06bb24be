/**
 * What a run came to, for a person: one table over batches and legs, what is left, where to look next.
 *
 * Owns wording and layout; every figure comes from the view.
 */
import type { BatchView, GroupView } from '../index.js';
import { type Paint, statusTone } from './io.js';
import { type Cell, type Column, renderTable } from './table.js';

export interface ReportOptions {
  readonly file: string;
  readonly market: string;
  readonly journal: string | null;
  /** Settings that live would refuse; shown where a journal was written. */
  readonly unsafe: readonly string[];
  readonly paint: Paint;
  /** What to do next is not said. */
  readonly plain?: true;
  /** Columns of the terminal; absent: as wide as it gets. */
  readonly width?: number | undefined;
}

/** `dropped`: left out first where the terminal is too narrow for all, highest first; never without. */
interface GroupColumn extends Column {
  readonly dropped?: number;
  cell(group: GroupView, paint: Paint): string | Cell;
}

const figure = (title: string, cell: (group: GroupView) => string, dropped?: number): GroupColumn => ({
  title,
  align: 'right',
  cell,
  ...(dropped === undefined ? {} : { dropped }),
});

const COLUMNS: readonly GroupColumn[] = [
  {
    title: 'leg',
    cell: (group) => `${roleOf(group)}${group.symbol}`,
  },
  { title: 'side', cell: (group) => group.side },
  { title: 'strategy', cell: (group) => group.strategy },
  {
    title: 'status',
    cell: ({ status }, paint) => ({ text: status, paint: (text) => paint(statusTone(status), text) }),
  },
  figure('filled/target', (group) => `${group.filled_quantity}/${group.target_quantity ?? '-'}`),
  figure('average', (group) => group.avg_price ?? 'n/a'),
  figure('arrival', (group) => group.arrival_price ?? 'n/a', 3),
  figure('vs arrival', (group) => slippageText(group.slippage_bps)),
  figure('vs VWAP', (group) => slippageText(group.vs_vwap_bps), 2),
  figure('vs TWAP', (group) => slippageText(group.vs_twap_bps), 3),
  figure('of volume', (group) => percentText(group.participation), 4),
  figure('fees', (group) => feesText(group.fees), 6),
  figure('maker', (group) => percentText(group.maker_share), 5),
  figure('fills', (group) => String(group.orders.reduce((sum, order) => sum + order.fills.length, 0)), 7),
  figure('rejects', (group) => String(group.rejects), 1),
  { title: 'reason', cell: (group) => group.reason ?? '' },
];

/** What a group is there for, where it is no leg: it sends a leg back, or protects a position. */
export function roleOf(group: Pick<GroupView, 'offsets_group_id' | 'protects_trade_id'>): string {
  if (group.offsets_group_id !== undefined) return 'unwind ';
  return group.protects_trade_id === undefined ? '' : 'protect ';
}

/** Lines of the report, without a trailing newline. */
export function reportLines(batches: readonly BatchView[], options: ReportOptions): string[] {
  const { paint } = options;
  const lines = [`market   ${options.market}`];
  for (const batch of batches) {
    lines.push('', headLine(batch, paint));
    lines.push(...groupTable([...batch.groups, ...(batch.protections ?? [])], options));
    lines.push(...remainderLines(batch, paint));
  }
  lines.push('');
  if (options.journal !== null) {
    lines.push(`journal  ${options.journal}`);
    for (const setting of options.unsafe) lines.push(paint('dim', `unsafe   ${setting} (refused in live)`));
  }
  return options.plain === true ? lines : [...lines, ...hints(batches, options)];
}

/** `BAT_…  COORDINATED  COMPLETED  target_reached` */
export function headLine(batch: Omit<BatchView, 'groups' | 'protections'>, paint: Paint): string {
  const reason = batch.reason === null ? '' : `  ${batch.reason}`;
  return `${batch.batch_id}  ${batch.mode}  ${paint(statusTone(batch.status), batch.status)}${reason}`;
}

/** Every column, or as many as fit the terminal. */
export function groupTable(
  groups: readonly GroupView[],
  { paint, width = Number.POSITIVE_INFINITY }: Pick<ReportOptions, 'paint' | 'width'>,
): string[] {
  const render = (columns: readonly GroupColumn[], brush: Paint): string[] =>
    renderTable(
      columns,
      groups.map((group) => columns.map((column) => column.cell(group, brush))),
      '  ',
    );
  // Measured without colour: its codes take no room on the screen.
  const fits = (columns: readonly GroupColumn[]): boolean =>
    render(columns, (_tone, text) => text).every((line) => line.length <= width);
  let columns = COLUMNS;
  while (!fits(columns)) {
    const first = Math.max(0, ...columns.map(({ dropped }) => dropped ?? 0));
    if (first === 0) break;
    columns = columns.filter(({ dropped }) => dropped !== first);
  }
  return render(columns, paint);
}

/** Positive = cost. */
export function slippageText(bps: string | null): string {
  if (bps === null) return 'n/a';
  return `${bps.startsWith('-') || bps === '0' ? '' : '+'}${bps}bps`;
}

/** A fraction as per cent: `0.0425` → `4.25%`. Two decimals at most; nothing that is there or missing is rounded away. */
export function percentText(fraction: string | null): string {
  if (fraction === null) return 'n/a';
  const percent = Number(fraction) * 100;
  if (percent > 0 && percent < 0.01) return '<0.01%';
  if (percent < 100 && percent > 99.99) return '>99.99%';
  return `${Number(percent.toFixed(2))}%`;
}

/** Negative = rebates. */
export const feesText = (fees: GroupView['fees']): string =>
  fees.length === 0
    ? 'n/a'
    : fees.map(({ asset, amount }) => `${amount} ${asset ?? '(asset not told)'}`).join(', ');

export function remainderLines(batch: Omit<BatchView, 'groups' | 'protections'>, paint: Paint): string[] {
  return [
    ...batch.residuals.map(
      ({ symbol, quantity, reason }) => `  ${paint('red', 'residual')}  ${quantity} ${symbol} (${reason})`,
    ),
    ...batch.kept.map(
      ({ symbol, quantity }) => `  kept      ${quantity} ${symbol} (closing fills are never unwound)`,
    ),
    ...batch.dust.map(
      ({ symbol, quantity }) => `  dust      ${quantity} ${symbol} (below the venue's minimum)`,
    ),
  ];
}

function hints(batches: readonly BatchView[], { file, journal }: ReportOptions): string[] {
  const next: string[] = [];
  if (journal !== null) {
    next.push(`fillwright report ${journal} --html report.html   to see it drawn`);
    next.push(`fillwright journal show ${journal}`);
  } else next.push(`fillwright run ${file} --journal run.journal   to see why each order went where it went`);
  if (batches.every((batch) => batch.status !== 'COMPLETED'))
    next.push(`fillwright plan ${file}   to see the schedule`);
  return next.map((line, i) => `${i === 0 ? 'next     ' : '         '}${line}`);
}
