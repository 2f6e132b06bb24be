/**
 * Progress of a run on stderr: bars that are redrawn on a terminal, one line per ten per cent elsewhere.
 *
 * Owns when to draw. Draws on events, not on time: nothing here reads a clock.
 */
import type { LegProgress, Projection, RuntimeEvent } from '../index.js';
import type { Output, Paint } from './io.js';
import { statusTone } from './io.js';
import { slippageText } from './report.js';
import { renderTable } from './table.js';

const BAR_WIDTH = 20;
const LEGS_SHOWN_MAX = 12;
const EIGHTHS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'] as const;

export interface Progress {
  readonly onEvent: (event: RuntimeEvent, projection: Projection) => void;
}

export const silent: Progress = { onEvent() {} };

/** Per cent of a leg's target, 0 to 100; for display only. */
function percent(leg: LegProgress): number {
  if (leg.target === null) return leg.status === 'COMPLETED' ? 100 : 0;
  return Math.min(100, (100 * Number(leg.filled)) / Number(leg.target));
}

/** Per cent of a leg's time that has gone by, null when it has no end. */
function schedule(leg: LegProgress, now: number): number | null {
  if (leg.startedAt === null || leg.endsAt === null || leg.endsAt <= leg.startedAt) return null;
  return Math.min(100, (100 * (now - leg.startedAt)) / (leg.endsAt - leg.startedAt));
}

/** A line per leg and ten per cent, and one per status. */
export function lineProgress(stderr: Output): Progress {
  const shown = new Map<string, number>();
  return {
    onEvent(event, projection) {
      if (event.type === 'BATCH_SETTLED') {
        stderr.write(`${event.batchId} ${event.status} ${event.reason}\n`);
        return;
      }
      if (event.type !== 'FILL' && event.type !== 'GROUP_SETTLED') return;
      const leg = projection.leg(event.groupId ?? '');
      if (leg === null) return;
      const step = Math.floor(percent(leg) / 10);
      if (event.type === 'FILL' && step <= (shown.get(leg.groupId) ?? 0)) return;
      shown.set(leg.groupId, step);
      const what = event.type === 'GROUP_SETTLED' ? ` ${event.status} ${event.reason}` : '';
      const name = leg.unwind ? `unwind ${leg.symbol}` : leg.symbol;
      stderr.write(`${leg.batchId} ${name} ${leg.side} ${leg.strategy} ${percent(leg).toFixed(0)}%${what}\n`);
    },
  };
}

/** Bars, redrawn in place when a leg moved by a per cent or changed its status. */
export function barProgress(stderr: Output, paint: Paint): Progress {
  let drawn = 0;
  const seen = new Map<string, string>();
  return {
    onEvent(event, projection) {
      if (event.groupId === undefined && event.type !== 'BATCH_SETTLED') return;
      const leg = event.groupId === undefined ? null : projection.leg(event.groupId);
      if (leg !== null) {
        const picture = `${leg.status} ${percent(leg).toFixed(0)}`;
        if (seen.get(leg.groupId) === picture) return;
        seen.set(leg.groupId, picture);
      }
      const lines = picture(projection.legs(), event.at, paint, stderr.columns ?? 100);
      const up = drawn === 0 ? '' : `\u001b[${drawn}A\u001b[J`;
      stderr.write(`${up}${lines.join('\n')}\n`);
      drawn = lines.length;
    },
  };
}

/** The newest legs, the rest counted. */
function picture(legs: readonly LegProgress[], now: number, paint: Paint, columns: number): string[] {
  const shown = legs.slice(-LEGS_SHOWN_MAX);
  const rows = shown.map((leg) => {
    const due = schedule(leg, now);
    return [
      leg.unwind ? `unwind ${leg.symbol}` : leg.symbol,
      leg.side,
      leg.strategy,
      bar(percent(leg), due),
      `${percent(leg).toFixed(1)}%`,
      due === null ? '' : `sched ${due.toFixed(1)}%`,
      slippageText(leg.slippageBps),
      `${leg.orders} orders`,
      { text: leg.status, paint: (text: string) => paint(statusTone(leg.status), text) },
    ];
  });
  const right = { title: '', align: 'right' as const };
  const left = { title: '' };
  const table = renderTable([left, left, left, left, right, right, right, right, left], rows, ' ');
  const hidden = legs.length - shown.length;
  const head = `${new Date(now).toISOString()}  ${legs.length} ${legs.length === 1 ? 'leg' : 'legs'}${hidden > 0 ? ` (${hidden} above)` : ''}`;
  // A line that wraps would break the redraw, which counts lines; colour codes are not counted, they only add.
  return [head, ...table].map((line) => (line.length > columns + 20 ? line.slice(0, columns) : line));
}

/** Twenty cells filled to the eighth; `│` marks where the schedule is. */
export function bar(filled: number, due: number | null): string {
  const eighths = Math.round((filled * BAR_WIDTH * 8) / 100);
  const full = '█'.repeat(Math.floor(eighths / 8));
  const cells = [...`${full}${EIGHTHS[eighths % 8] ?? ''}`.padEnd(BAR_WIDTH, '░')];
  if (due !== null) cells[Math.min(BAR_WIDTH - 1, Math.round((due * BAR_WIDTH) / 100))] = '│';
  return cells.join('');
}
