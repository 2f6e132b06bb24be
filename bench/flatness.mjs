/**
 * The cost of one group as its batch grows: it must not depend on how many legs stand beside it.
 *
 * Each round measures every size once; the ratio (largest batch to smallest) is the median over the rounds.
 */
import { median, rounded, timed } from './statistics.mjs';
import { createBatch, createIds, drive, openRuntime, submitAll } from './workload.mjs';

/** Microseconds per group, batches of `legs` one after the other. */
async function usPerGroup(lib, legs, groups) {
  const ids = createIds(lib, 'flat');
  const count = Math.max(1, Math.round(groups / legs));
  const batches = Array.from({ length: count }, () => createBatch(lib, ids, legs));
  const open = await openRuntime(lib, { journal: lib.createNullJournal() });
  const ms = await timed(async () => {
    for (const batch of batches) {
      await submitAll(open.runtime, [batch]);
      await drive(open);
    }
  });
  await open.runtime.close();
  return (ms * 1_000) / (count * legs);
}

/** `legs`: the sizes, ascending; `groups`: how many are run at sizes below that number. */
export async function runFlatness(lib, { legs, groups, rounds }) {
  const times = legs.map(() => []);
  await usPerGroup(lib, legs[0], groups);
  for (let round = 0; round < rounds; round++) {
    for (const [i, size] of legs.entries()) times[i].push(await usPerGroup(lib, size, groups));
  }
  const sizes = legs.map((size, i) => ({ legs: size, us_per_group: rounded(median(times[i]), 1) }));
  const last = times[legs.length - 1];
  const ratio = rounded(median(last.map((us, round) => us / times[0][round])), 3);
  return { rounds, sizes, ratio, bound: 1.5 };
}
