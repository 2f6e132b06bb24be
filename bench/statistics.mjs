/** Medians, rounding, and timing: what all figures share. */
import { performance } from 'node:perf_hooks';

export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

export const rounded = (value, places = 2) => Number(value.toFixed(places));

/** How long `work` takes, ms of wall time. */
export const timed = async (work) => (await timedBoth(work)).ms;

/** Wall time, and processor time of this process, collector threads included: what others take away is not in it. */
export async function timedBoth(work) {
  const from = performance.now();
  const used = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(used);
  return { ms: performance.now() - from, cpuMs: (user + system) / 1_000 };
}
