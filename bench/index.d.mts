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
export interface JournalSizes {
  readonly legs: number;
  readonly rounds: number;
  readonly submits: number;
  readonly records: number;
}
export interface LiveSizes {
  readonly legs: number;
  readonly filledSlices: readonly number[];
}
export interface GrowthSizes {
  readonly legs: number;
  readonly marks: readonly number[];
}
export interface RecoverySizes {
  readonly records: number;
  readonly groups: number;
}
export interface Sizes {
  readonly recovery: RecoverySizes;
  readonly throughput: BatchSizes & { readonly rounds: number };
  readonly flatness: LegsAt;
  readonly planner: { readonly groups: number; readonly rounds: number };
  readonly journal: JournalSizes;
  readonly live: LiveSizes;
  readonly working: { readonly legs: number };
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
export interface Working {
  readonly strategy: string;
  readonly live_groups: number;
  readonly live_orders: number;
  readonly bytes_per_group: number;
}
export interface Planner {
  readonly strategy: string;
  readonly groups: number;
  readonly decisions: number;
  readonly rounds: number;
  readonly us_per_decision: number;
  readonly cpu_us_per_decision: number;
}

export interface JournalFigures {
  readonly throughput: {
    readonly groups_in_flight: number;
    readonly orders: number;
    readonly rounds: number;
    readonly memory_orders_per_second: number;
    readonly durable_orders_per_second: number;
    readonly unsynced_orders_per_second: number;
  };
  readonly idle: {
    readonly submits: number;
    readonly syncs_before_first_place: { readonly min: number; readonly max: number };
    readonly fsync_us: number;
    readonly submit_to_place_us: number;
    readonly beyond_fsync_us: number;
    readonly bound_beyond_fsync_us: number;
  };
  readonly reading: {
    readonly records: number;
    readonly write_us_per_record: number;
    readonly prove_us_per_record: number;
    readonly read_us_per_record: number;
    readonly open_behind_snapshot_ms: number;
  };
}

export const FULL: Sizes;
export const TINY: Sizes;
export const MODULES: readonly string[];
export function loadLib(folder: URL): Promise<Lib>;
export function runBoth(lib: Lib, sizes: BatchSizes): Promise<{ readonly runtime: Run; readonly floor: Run }>;
export function runThroughput(lib: Lib, sizes: Sizes['throughput']): Promise<Throughput>;
export function runFlatness(lib: Lib, sizes: LegsAt): Promise<Flatness>;
export function runPlanner(lib: Lib, sizes: Sizes['planner']): Promise<readonly Planner[]>;
export function runJournal(lib: Lib, sizes: JournalSizes, folder?: string): Promise<JournalFigures>;
export function runLive(lib: Lib, sizes: LiveSizes, heapUsed: () => number): Promise<readonly Live[]>;
export function runWorking(
  lib: Lib,
  sizes: Sizes['working'],
  heapUsed: () => number,
): Promise<readonly Working[]>;
export function runGrowth(lib: Lib, sizes: GrowthSizes, heapUsed: () => number): Promise<Growth>;

export interface Recovery {
  readonly records: number;
  readonly fold_ms: number;
  readonly fold_cpu_ms: number;
  readonly cpu_us_per_record: number;
  readonly snapshot_tail_records: number;
  readonly snapshot_recover_ms: number;
  readonly snapshot_recover_cpu_ms: number;
  readonly snapshot_write_ms: number;
  readonly snapshot_bytes: number;
}
export function runRecovery(lib: Lib, sizes: RecoverySizes): Promise<Recovery>;
