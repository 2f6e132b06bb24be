/**
 * What durability costs: orders per second with each journal while a thousand groups are in flight, how long an order
 * waits for its sync when nothing else happens, and how fast a journal is proved and read back.
 *
 * The folder's disk decides: `fsync_us` is measured in the same run. A RAM disk would flatter all of it.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { median, rounded, timed } from './statistics.mjs';
import {
  createBatches,
  drive,
  INSTRUMENTS,
  openRuntime,
  PRICE,
  SLICES,
  submitAll,
  VENUE,
} from './workload.mjs';

const NAME = 'bench.journal';

/** @param folder where journals are written; default: a temporary one, removed afterwards */
export async function runJournal(lib, sizes, folder = undefined) {
  const place = folder ?? mkdtempSync(join(tmpdir(), 'fillwright-bench-'));
  try {
    return {
      throughput: await throughput(lib, sizes, place),
      idle: await idle(lib, sizes, place),
      reading: await reading(lib, sizes, place),
    };
  } finally {
    if (folder === undefined) rmSync(place, { recursive: true, force: true });
  }
}

const KINDS = ['memory', 'durable', 'unsynced'];

async function journalOf(lib, kind, folder, disk = undefined) {
  if (kind === 'memory') return lib.createMemoryJournal();
  const where = disk === undefined ? { path: join(folder, NAME) } : { path: NAME, disk };
  return lib.openDurableJournal({ ...where, sync: kind === 'durable' });
}

/** All legs in flight at once, each a ten-slice TWAP in phase with the others. */
async function throughput(lib, { legs, rounds }, folder) {
  const rates = Object.fromEntries(KINDS.map((kind) => [kind, []]));
  for (let round = -1; round < rounds; round++) {
    for (const kind of KINDS) {
      const rate = await ordersPerSecond(lib, kind, legs, join(folder, `${kind}${round}`));
      if (round >= 0) rates[kind].push(rate);
    }
  }
  const rows = KINDS.map((kind) => [`${kind}_orders_per_second`, Math.round(median(rates[kind]))]);
  return { groups_in_flight: legs, orders: legs * SLICES, rounds, ...Object.fromEntries(rows) };
}

async function ordersPerSecond(lib, kind, legs, folder) {
  const journal = await journalOf(lib, kind, folder);
  const batches = createBatches(lib, { batches: 1, legs });
  const open = await openRuntime(lib, { journal });
  const ms = await timed(async () => {
    await submitAll(open.runtime, batches);
    await drive(open);
  });
  await open.runtime.close();
  return (legs * SLICES * 1_000) / ms;
}

/** One order at a time: from `submit` to its place, with the syncs in between. */
async function idle(lib, { submits }, folder) {
  const syncs = [];
  const disk = timedDisk(lib.openFolder(join(folder, 'idle')), syncs);
  const journal = await journalOf(lib, 'durable', folder, disk);
  let placed = null;
  const venue = (now) => {
    const instant = lib.createInstantVenue({ name: VENUE, instruments: INSTRUMENTS, price: PRICE, now });
    const place = instant.place.bind(instant);
    instant.place = (order) => {
      placed ??= { at: performance.now(), syncs: syncs.length };
      place(order);
    };
    return instant;
  };
  const open = await openRuntime(lib, { journal, venue });
  const waits = [];
  const counts = [];
  const fsyncs = [];
  const all = createBatches(lib, { batches: submits * 2, legs: 1 });
  for (const [i, batch] of all.entries()) {
    placed = null;
    const [from, before] = [performance.now(), syncs.length];
    await open.runtime.submit(batch.directive, batch.commands);
    await open.runtime.settle();
    if (i < submits) continue; // warm-up
    waits.push(placed.at - from);
    counts.push(placed.syncs - before);
    fsyncs.push(syncs[before]);
  }
  await open.runtime.close();
  return {
    submits,
    syncs_before_first_place: { min: Math.min(...counts), max: Math.max(...counts) },
    fsync_us: Math.round(median(fsyncs) * 1_000),
    submit_to_place_us: Math.round(median(waits) * 1_000),
    beyond_fsync_us: Math.round(median(waits.map((ms, i) => ms - fsyncs[i])) * 1_000),
    bound_beyond_fsync_us: 500,
  };
}

/** The same disk; how long each sync of data took is appended to `syncs`. */
function timedDisk(disk, syncs) {
  return {
    ...disk,
    open(name) {
      const file = disk.open(name);
      return {
        get size() {
          return file.size;
        },
        read: (from, to) => file.read(from, to),
        write: (at, bytes) => file.write(at, bytes),
        truncate: (size) => file.truncate(size),
        close: () => file.close(),
        async sync() {
          const from = performance.now();
          await file.sync();
          syncs.push(performance.now() - from);
        },
      };
    },
  };
}

/** Records of about a kilobyte: written in groups, proved at opening, read back, and opened behind a snapshot. */
async function reading(lib, { records }, folder) {
  const journal = await journalOf(lib, 'unsynced', join(folder, 'reading'));
  const pad = 'x'.repeat(960);
  const writing = await timed(() => {
    for (let n = 1; n <= records; n++) {
      journal.append(`{"n":${n},"t":1736154000000,"input":{"k":"due","pad":"${pad}"},"events":[]}`);
      if (n % 100 === 0 || n === records) journal.commit();
    }
  });
  journal.saveSnapshot({ n: journal.last, state: '{}' });
  await journal.close();
  const proving = await timed(async () =>
    (await journalOf(lib, 'unsynced', join(folder, 'reading'))).close(),
  );
  const path = join(folder, 'reading', NAME);
  const tail = await timed(async () =>
    (await lib.openDurableJournal({ path, sync: false, verify: 'tail' })).close(),
  );
  const again = await lib.openDurableJournal({ path, sync: false, verify: 'tail' });
  let count = 0;
  const lines = await timed(() => {
    for (const line of again.lines()) count += line === '' ? 0 : 1;
  });
  await again.close();
  if (count !== records) throw new Error(`read ${count} of ${records} records`);
  return {
    records,
    write_us_per_record: rounded((writing * 1_000) / records),
    prove_us_per_record: rounded((proving * 1_000) / records),
    read_us_per_record: rounded((lines * 1_000) / records),
    open_behind_snapshot_ms: rounded(tail, 1),
  };
}
