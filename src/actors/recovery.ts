/**
 * What a restart means for the orders in flight, inside the fold of the `open` that marks it.
 *
 * Owns the questions: an order whose intent is durable may have been sent or not, so it is UNKNOWN until the venue has
 * spoken (I2, I4); an open one may have filled meanwhile; a cancel that was asked for is asked for again. Nothing is
 * placed here: what was never sent goes out again only once its absence is established.
 */
import type { OrderRow } from '../book/book.js';
import type { Fold } from './fold.js';
import { lose } from './order-fate.js';
import { askCancel, askQuery, query } from './orders.js';
import type { GroupRow, World } from './world.js';

/** Takes up every order that the venue may hold; `venue`: those of one venue only, after its connection came back. */
export function resumeOrders(world: World, fold: Fold, venue?: string): void {
  for (const group of world.groups.values()) {
    if (group.book.open.size === 0 || (venue !== undefined && group.venue !== venue)) continue;
    for (const row of [...group.book.open.values()])
      if (row.phase === 'SENT') resume(world, fold, group, row);
  }
}

function resume(world: World, fold: Fold, group: GroupRow, row: OrderRow): void {
  // A person settles it; the venue may know by now what it did not.
  if (row.escalated) return askQuery(fold, group, row);
  row.queries = 0; // a new round of questions
  if (!row.state.acked && !row.state.unknown)
    lose(world, fold, group, row, 'not acknowledged before the restart');
  // A listing tells of it with its executions, which an answer about one order does not.
  else if (row.state.unknown || row.cancelRequested || !world.venues.lists.includes(group.venue))
    query(world, fold, group, row);
  if (row.cancelRequested) askCancel(fold, group, row);
}
