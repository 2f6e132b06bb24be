/** Types of bench/index.mjs. */

/** Everything that the modules named in MODULES export, in one object. */
export type Lib = object;

export interface BatchSizes {
  readonly batches: number;
  readonly legs: number;
}
export interface LegsAt {
  readonly legs: readonly number[];
  readonly groups: number;
  readonly rounds: number;
}
export interface LiveSizes {
  readonly legs: number;
  readonly filledSlices: readonly number[];
}
export interface GrowthSizes {
  readonly legs: number;
  readonly marks: readonly number[];
}
export interface Sizes {
  readonly throughput: BatchSizes & { readonly rounds: number };
  readonly flatness: LegsAt;
  readonly planner: { readonly schedules: number; readonly rounds: number };
  readonly live: LiveSizes;
  readonly growth: GrowthSizes;
}

export interface Run {
  readonly ms: number;
  readonly cpuMs: number;
  readonly lines: readonly string[];
}
export interface Rates {
  readonly ms: number;
  readonly groups_per_second: number;
  readonly orders_per_second: number;
  readonly cpu_us_per_order: number;
}
export interface Throughput extends BatchSizes {
  readonly groups: number;
  readonly orders: number;
  readonly rounds: number;
  readonly runtime: Rates;
  readonly floor: Rates;
  readonly ratio: number;
}
export interface Flatness {
  readonly rounds: number;
  readonly sizes: readonly { readonly legs: number; readonly us_per_group: number }[];
  readonly ratio: number;
  readonly bound: number;
}
export interface Live {
  readonly filled_slices: number;
  readonly live_groups: number;
  readonly bytes_per_group: number;
}
export interface Growth {
  readonly batch_legs: number;
  readonly held_groups: number;
  readonly rows: readonly { readonly settled_groups: number; readonly heap_bytes: number }[];
  readonly bytes_per_settled_group: number;
}
export interface Planner {
  readonly decisions: number;
  readonly rounds: number;
  readonly us_per_decision: number;
}

export const FULL: Sizes;
export const TINY: Sizes;
export const MODULES: readonly string[];
export function loadLib(folder: URL): Promise<Lib>;
export function runBoth(lib: Lib, sizes: BatchSizes): Promise<{ readonly runtime: Run; readonly floor: Run }>;
export function runThroughput(lib: Lib, sizes: Sizes['throughput']): Promise<Throughput>;
export function runFlatness(lib: Lib, sizes: LegsAt): Promise<Flatness>;
export function runPlanner(lib: Lib, sizes: Sizes['planner']): Promise<Planner>;
export function runLive(lib: Lib, sizes: LiveSizes, heapUsed: () => number): Promise<readonly Live[]>;
export function runGrowth(lib: Lib, sizes: GrowthSizes, heapUsed: () => number): Promise<Growth>;
