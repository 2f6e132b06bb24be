/**
 * A venue's word against what somebody established in its stead: a person's verdict, or the proof of absence.
 *
 * Owns only the finding: INCIDENT and its alert. What the report changes is booked by order-fate.ts all the same.
 */
import type { OrderRow } from '../book/book.js';
import type { Report } from '../dtos/venue.js';
import type { Fold } from './fold.js';
import type { GroupRow } from './world.js';

export const refOf = (group: GroupRow, row: OrderRow) => ({
  batchId: group.batch.id,
  groupId: group.id,
  orderId: row.orderId,
});

/** What was held of an order before a report of it. */
export const noted = ({ phase, filled, state }: OrderRow, report: Report) => ({
  report,
  ended: phase === 'ENDED',
  filled,
  ordStatus: state.ordStatus,
});

/** The venue's word against a verdict: it is booked all the same, and a person has to look (DESIGN section 4). */
export function noteContradiction(
  fold: Fold,
  group: GroupRow,
  row: OrderRow,
  before: ReturnType<typeof noted>,
): void {
  if (!before.ended || row.resolvedBy === null) return;
  const { type } = before.report;
  const ends = type === 'CANCELED' || type === 'EXPIRED' || type === 'REJECTED';
  const agrees = row.filled === before.filled && row.state.ordStatus === before.ordStatus;
  if (agrees && !(ends && before.ordStatus === 'FILLED')) return;
  const what = `${type} of ${row.clientOrderId} contradicts ${before.ordStatus}, established by ${row.resolvedBy}`;
  fold.emit('INCIDENT', refOf(group, row), { what });
  fold.emit('ALERT', refOf(group, row), { code: 'INCIDENT', message: what });
}
