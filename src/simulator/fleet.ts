/**
 * Seeds over threads: each worker takes the next few seeds, and results come back in the order of seeds.
 *
 * Owns the distribution. What a run gives does not depend on the thread it ran in. Without a built worker beside this
 * file, as in tests of the sources, everything runs in this thread.
 */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import type { FaultKind } from './faults.js';
import { type RunResult, runWorld } from './run.js';
import { worldOf } from './world-of.js';

export interface Seeds {
  readonly from: number;
  readonly seeds: number;
  readonly faults: readonly FaultKind[];
  readonly workers: number;
  readonly signal?: AbortSignal | undefined;
}

/** What a worker is asked for. */
export interface Task {
  readonly from: number;
  readonly count: number;
  /** Numbers of the allowed kinds. */
  readonly kinds: readonly number[];
}

const TASK_SEEDS = 5;
/** Short-lived values are most of what a world makes. */
const YOUNG_MB = 64;
const WORKER = new URL('./worker.js', import.meta.url);

/** Runs the worlds of these seeds; ends early when the signal is aborted or nobody asks for more. */
export async function* runSeeds(options: Seeds): AsyncGenerator<RunResult> {
  const { from, seeds, faults, workers, signal } = options;
  if (workers > 1 && seeds > TASK_SEEDS && existsSync(fileURLToPath(WORKER))) {
    yield* runInWorkers(options);
    return;
  }
  for (let seed = from; seed < from + seeds && signal?.aborted !== true; seed++)
    yield await runWorld(worldOf(seed, faults));
}

async function* runInWorkers({ from, seeds, faults, workers, signal }: Seeds): AsyncGenerator<RunResult> {
  const kinds = faults.map(({ n }) => n);
  const tasks: Task[] = [];
  for (let first = from; first < from + seeds; first += TASK_SEEDS)
    tasks.push({ from: first, count: Math.min(TASK_SEEDS, from + seeds - first), kinds });
  const resourceLimits = { maxYoungGenerationSizeMb: YOUNG_MB };
  const crew = Array.from({ length: workers }, () => new Worker(WORKER, { resourceLimits }));
  const results: Promise<RunResult[]>[] = [];
  // Each worker's next task follows its last: a slot of the round holds what it works on.
  const last = crew.map(() => Promise.resolve<unknown>(undefined));
  try {
    for (const [i, task] of tasks.entries()) {
      const at = i % crew.length;
      const worker = crew[at] as Worker;
      const result = (last[at] as Promise<unknown>).then(() => ask(worker, task));
      last[at] = result;
      results.push(result);
      // A failure is thrown where its turn comes.
      result.catch(() => undefined);
    }
    for (const result of results) {
      if (signal?.aborted === true) return;
      yield* await result;
    }
  } finally {
    await Promise.all(crew.map((worker) => worker.terminate()));
  }
}

function ask(worker: Worker, task: Task): Promise<RunResult[]> {
  return new Promise((resolve, reject) => {
    const failed = (error: Error): void => reject(error);
    worker.once('error', failed);
    worker.once('message', (results: RunResult[]) => {
      worker.off('error', failed);
      resolve(results);
    });
    worker.postMessage(task);
  });
}
