/** A thread of a campaign: runs the worlds of a task and hands their results back. Owns nothing else. */
import { parentPort } from 'node:worker_threads';
import { FAULTS } from './faults.js';
import type { Task } from './fleet.js';
import { type RunResult, runWorld } from './run.js';
import { worldOf } from './world-of.js';

parentPort?.on('message', async ({ from, count, kinds }: Task) => {
  const faults = FAULTS.filter(({ n }) => kinds.includes(n));
  const results: RunResult[] = [];
  for (let seed = from; seed < from + count; seed++) results.push(await runWorld(worldOf(seed, faults)));
  parentPort?.postMessage(results);
});
