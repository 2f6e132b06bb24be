/** How much each figure runs: in full on request, tiny inside the tests so that the benchmark cannot rot. */

export const FULL = {
  throughput: { batches: 10, legs: 200, rounds: 5 },
  flatness: { legs: [10, 100, 1_000, 10_000], groups: 2_000, rounds: 5 },
  planner: { groups: 10_000, rounds: 5 },
  journal: { legs: 1_000, rounds: 5, submits: 1_000, records: 100_000 },
  /** Its own script, bench/recovery.mjs: it needs gigabytes. */
  recovery: { records: 1_000_000, groups: 1_000 },
  live: { legs: 10_000, filledSlices: [0, 5] },
  working: { legs: 2_000 },
  growth: { legs: 100, marks: [20_000, 60_000, 100_000] },
};

export const TINY = {
  throughput: { batches: 2, legs: 10, rounds: 1 },
  flatness: { legs: [2, 20], groups: 20, rounds: 1 },
  planner: { groups: 20, rounds: 1 },
  journal: { legs: 20, rounds: 1, submits: 5, records: 250 },
  recovery: { records: 200, groups: 10 },
  live: { legs: 20, filledSlices: [0, 5] },
  working: { legs: 20 },
  growth: { legs: 10, marks: [20, 40] },
};
