/**
 * Heap: bytes per live group, of a TWAP and by strategy, and what stays of settled ones.
 *
 * `heapUsed` is an argument: it has to collect garbage first, which takes `node --expose-gc` (bench/heap.mjs).
 */
import { rounded } from './statistics.mjs';
import { LEGS, withStrategy } from './strategies.mjs';
import {
  createBatch,
  createIds,
  drive,
  INSTRUMENTS,
  openRuntime,
  PRICE,
  START,
  submitAll,
  VENUE,
} from './workload.mjs';

/** A client order id's characters that name the slot (src/actors/world.ts), base 36. */
const SLOT = [12, 16];

/** Fills the first slots of each group at once; from `heldFrom` on it only acknowledges, and remembers nothing. */
function holdingVenue(lib, now) {
  const instant = lib.createInstantVenue({ name: VENUE, instruments: INSTRUMENTS, price: PRICE, now });
  let listener = null;
  const venue = {
    venue: VENUE,
    capabilities: {},
    allowShort: true,
    takerFeeBps: '0',
    heldFrom: Number.POSITIVE_INFINITY,
    held: 0,
    reports$: {
      subscribe(next) {
        listener = next;
        return instant.reports$.subscribe(next);
      },
    },
    instrument: (symbol) => instant.instrument(symbol),
    view: (symbol) => ({ ...instant.view(symbol), volume: String((now() - START) / 1_000) }),
    balances: () => null,
    place(order) {
      const { clientOrderId } = order;
      if (Number.parseInt(clientOrderId.slice(...SLOT), 36) < venue.heldFrom) return instant.place(order);
      venue.held += 1;
      listener({ type: 'NEW', clientOrderId, connectorOrderId: `${VENUE}-H${venue.held}`, at: now() });
    },
    cancel: (clientOrderId) => instant.cancel(clientOrderId),
    query: (clientOrderId) => instant.query(clientOrderId),
  };
  return venue;
}

/** What one measurement held must be gone before the next one begins, or it is freed in the middle of that. */
async function letGo(runtime) {
  await runtime.close();
  await new Promise((resolve) => setTimeout(resolve, 50));
}

/** Heap per live group, each with one live order, when `filledSlices` of its ten slices have been filled. */
async function liveBytes(lib, { legs, filledSlices }, heapUsed) {
  const journal = lib.createNullJournal();
  const open = await openRuntime(lib, { journal, venue: (now) => holdingVenue(lib, now) });
  const { runtime, connector } = open;
  const ids = createIds(lib, 'live');
  await submitAll(runtime, [createBatch(lib, ids, 1)]);
  await drive(open);
  const before = heapUsed();
  connector.heldFrom = filledSlices;
  await submitAll(runtime, [createBatch(lib, ids, legs)]);
  await drive(open, () => connector.held >= legs);
  const bytes = heapUsed() - before;
  const live = runtime.groups().filter((group) => group.status === 'ACTIVE').length;
  await letGo(runtime);
  return { filled_slices: filledSlices, live_groups: live, bytes_per_group: Math.round(bytes / live) };
}

/** At the first live order, and late in life. */
export async function runLive(lib, { legs, filledSlices }, heapUsed) {
  const rows = [];
  for (const filled of filledSlices)
    rows.push(await liveBytes(lib, { legs, filledSlices: filled }, heapUsed));
  return rows;
}

/** Heap per live group of one strategy, each with all the orders live that it has at first. */
async function workingBytes(lib, name, { legs }, heapUsed) {
  const open = await openRuntime(lib, {
    journal: lib.createNullJournal(),
    venue: (now) => holdingVenue(lib, now),
  });
  const { runtime, connector } = open;
  const ids = createIds(lib, 'working');
  const batchOf = (count) => {
    const batch = createBatch(lib, ids, count);
    return { ...batch, commands: batch.commands.map((command) => withStrategy(command, name)) };
  };
  await submitAll(runtime, [batchOf(1)]);
  await drive(open);
  const before = heapUsed();
  connector.heldFrom = 0;
  await submitAll(runtime, [batchOf(legs)]);
  await drive(open, () => connector.held >= legs);
  const bytes = heapUsed() - before;
  const live = runtime.groups().filter((group) => group.status === 'ACTIVE').length;
  const { held } = connector;
  await letGo(runtime);
  return { strategy: name, live_groups: live, live_orders: held, bytes_per_group: Math.round(bytes / live) };
}

/** One row per strategy. */
export async function runWorking(lib, sizes, heapUsed) {
  const rows = [];
  for (const name of Object.keys(LEGS)) rows.push(await workingBytes(lib, name, sizes, heapUsed));
  return rows;
}

/** Heap after so many settled groups, the journal kept nowhere; growth is per group between the first mark and the last. */
export async function runGrowth(lib, { legs, marks }, heapUsed) {
  const open = await openRuntime(lib, { journal: lib.createNullJournal() });
  const ids = createIds(lib, 'growth');
  const rows = [];
  let settled = 0;
  for (const mark of marks) {
    for (; settled < mark; settled += legs) {
      await submitAll(open.runtime, [createBatch(lib, ids, legs)]);
      await drive(open);
    }
    rows.push({ settled_groups: settled, heap_bytes: heapUsed() });
  }
  const held = open.runtime.groups().length;
  await open.runtime.close();
  const [first, last] = [rows[0], rows.at(-1)];
  const span = last.settled_groups - first.settled_groups;
  const growth = rounded((last.heap_bytes - first.heap_bytes) / span, 2);
  return { batch_legs: legs, held_groups: held, rows, bytes_per_settled_group: growth };
}
