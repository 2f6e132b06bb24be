/**
 * Settled groups and orders per second, of the runtime and of the hand-written floor.
 *
 * Both carry out the same batches in turns, in one process, so that a machine that slows down slows both. Trust the
 * ratio: of processor times, which others on the machine change least, and the median over the rounds. Parsing and the
 * journal are in the time, making the inputs is not.
 */
import { runFloor } from './floor.mjs';
import { median, rounded, timedBoth } from './statistics.mjs';
import { createBatches, drive, openRuntime, SLICES, submitAll } from './workload.mjs';

const WARM_UP = 2;

async function runRuntime(lib, sizes) {
  const journal = lib.createMemoryJournal();
  const batches = createBatches(lib, sizes);
  const open = await openRuntime(lib, { journal });
  const times = await timedBoth(async () => {
    await submitAll(open.runtime, batches);
    await drive(open);
  });
  await open.runtime.close();
  return { ...times, lines: journal.committed };
}

async function runByHand(lib, sizes) {
  const journal = lib.createMemoryJournal();
  const batches = createBatches(lib, sizes);
  const times = await timedBoth(() => runFloor(lib, { journal, batches }));
  return { ...times, lines: journal.committed };
}

/** One run of each: how long it took (ms), and the journal it left. */
export async function runBoth(lib, sizes) {
  return { runtime: await runRuntime(lib, sizes), floor: await runByHand(lib, sizes) };
}

/** `batches` × `legs` ten-slice TWAPs, `rounds` times after two rounds of warm-up. */
export async function runThroughput(lib, { batches, legs, rounds }) {
  const groups = batches * legs;
  const orders = groups * SLICES;
  const runtime = [];
  const floor = [];
  for (let round = -WARM_UP; round < rounds; round++) {
    const both = await runBoth(lib, { batches, legs });
    if (round < 0) continue;
    runtime.push(both.runtime);
    floor.push(both.floor);
  }
  const rates = (runs) => {
    const ms = median(runs.map((run) => run.ms));
    const cpuMs = median(runs.map((run) => run.cpuMs));
    return {
      ms: rounded(ms),
      groups_per_second: Math.round((groups * 1_000) / ms),
      orders_per_second: Math.round((orders * 1_000) / ms),
      cpu_us_per_order: rounded((cpuMs * 1_000) / orders, 1),
    };
  };
  const ratio = rounded(median(runtime.map(({ cpuMs }, round) => floor[round].cpuMs / cpuMs)), 3);
  return { batches, legs, groups, orders, rounds, runtime: rates(runtime), floor: rates(floor), ratio };
}
