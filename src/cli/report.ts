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
}

const COLUMNS: readonly Column[] = [
  { title: 'leg' },
  { title: 'side' },
  { title: 'strategy' },
  { title: 'status' },
  { title: 'filled/target', align: 'right' },
  { title: 'average', align: 'right' },
  { title: 'arrival', align: 'right' },
  { title: 'slippage', align: 'right' },
  { title: 'fills', align: 'right' },
  { title: 'reason' },
];

/** Lines of the report, without a trailing newline. */
export function reportLines(batches: readonly BatchView[], options: ReportOptions): string[] {
  const { paint } = options;
  const lines = [`market   ${options.market}`];
  for (const batch of batches) {
    const reason = batch.reason === null ? '' : `  ${batch.reason}`;
    lines.push(
      '',
      `${batch.batch_id}  ${batch.mode}  ${paint(statusTone(batch.status), batch.status)}${reason}`,
    );
    lines.push(
      ...renderTable(
        COLUMNS,
        batch.groups.map((group) => groupRow(group, paint)),
        '  ',
      ),
    );
    lines.push(...remainderLines(batch, paint));
  }
  lines.push('');
  if (options.journal !== null) {
    lines.push(`journal  ${options.journal}`);
    for (const setting of options.unsafe) lines.push(paint('dim', `unsafe   ${setting} (refused in live)`));
  }
  return [...lines, ...hints(batches, options)];
}

function groupRow(group: GroupView, paint: Paint): (string | Cell)[] {
  const unwind = group.offsets_group_id !== undefined;
  return [
    unwind ? `unwind ${group.symbol}` : group.symbol,
    group.side,
    group.strategy,
    { text: group.status, paint: (text) => paint(statusTone(group.status), text) },
    `${group.filled_quantity}/${group.target_quantity ?? '-'}`,
    group.avg_price ?? 'n/a',
    group.arrival_price ?? 'n/a',
    slippageText(group.slippage_bps),
    String(group.orders.reduce((sum, order) => sum + order.fills.length, 0)),
    group.reason ?? '',
  ];
}

/** Positive = cost. */
export function slippageText(bps: string | null): string {
  if (bps === null) return 'n/a';
  return `${bps.startsWith('-') || bps === '0' ? '' : '+'}${bps}bps`;
}

function remainderLines(batch: BatchView, paint: Paint): string[] {
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
  if (journal !== null) next.push(`fillwright journal show ${journal}`);
  else next.push(`fillwright run ${file} --journal run.journal   to see why each order went where it went`);
  if (batches.every((batch) => batch.status !== 'COMPLETED'))
    next.push(`fillwright plan ${file}   to see the schedule`);
  return next.map((line, i) => `${i === 0 ? 'next     ' : '         '}${line}`);
}
