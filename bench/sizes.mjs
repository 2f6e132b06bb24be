/** How much each figure runs: in full on request, tiny inside the tests so that the benchmark cannot rot. */

export const FULL = {
  throughput: { batches: 10, legs: 200, rounds: 5 },
  flatness: { legs: [10, 100, 1_000, 10_000], groups: 2_000, rounds: 5 },
  planner: { schedules: 10_000, rounds: 5 },
  live: { legs: 10_000, filledSlices: [0, 5] },
  growth: { legs: 100, marks: [20_000, 60_000, 100_000] },
};

export const TINY = {
  throughput: { batches: 2, legs: 10, rounds: 1 },
  flatness: { legs: [2, 20], groups: 20, rounds: 1 },
  planner: { schedules: 20, rounds: 1 },
  live: { legs: 20, filledSlices: [0, 5] },
  growth: { legs: 10, marks: [20, 40] },
};
