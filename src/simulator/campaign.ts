/**
 * Many worlds, one after the other: what each found, what all together reached, and one hash over all traces.
 *
 * Owns the loop over seeds and the report that `fillwright simulate --json` prints.
 */
import { createHash } from 'node:crypto';
import type { Finding } from './audit/model.js';
import { Coverage, type CoverageReport } from './coverage.js';
import { FAULTS, type FaultKind } from './faults.js';
import { runSeeds } from './fleet.js';
import { type RunResult, runWorld } from './run.js';
import { shrink } from './shrink.js';
import { storyOf } from './story.js';
import type { World } from './world.js';
import { worldOf } from './world-of.js';

export interface CampaignOptions {
  readonly seeds: number;
  /** The first seed. */
  readonly from: number;
  /** Kinds that worlds draw from; default: all. */
  readonly faults?: readonly FaultKind[];
  /** Ends with the first seed that finds something. */
  readonly stopsAtFirst?: boolean;
  /** Cuts each failing world down; without it the whole world is reported. */
  readonly shrinks?: boolean;
  /** Threads; 1: this one. The report is the same. */
  readonly workers?: number;
  readonly onRun?: (result: RunResult, done: number) => void;
  /** Aborted: what has been run is reported. */
  readonly signal?: AbortSignal;
}

export interface Violation extends Finding {
  readonly seed: number;
  /** Everything that the same run found, this one first. */
  readonly also: readonly string[];
  /** The shortest world that still fails in this way. */
  readonly world: World;
  /** Its last records about what was found, a line each. */
  readonly story: readonly string[];
}

export interface CampaignReport {
  readonly seeds: number;
  readonly from: number;
  readonly steps: number;
  /** Of the steps: records committed to journals, and the events in these. */
  readonly records: number;
  readonly events: number;
  readonly orders: number;
  readonly restarts: number;
  readonly violations: readonly Violation[];
  readonly trace_hash: string;
  readonly coverage: CoverageReport;
}

/** Runs the worlds of `seeds` seeds from `from` on. */
export async function simulate(options: CampaignOptions): Promise<CampaignReport> {
  const { seeds, from, faults = FAULTS, stopsAtFirst = false, shrinks = true, workers = 1, signal } = options;
  const coverage = new Coverage();
  const hash = createHash('sha256');
  const violations: Violation[] = [];
  let [steps, records, events, orders, restarts, done] = [0, 0, 0, 0, 0, 0];
  for await (const result of runSeeds({ from, seeds, faults, workers, signal })) {
    done += 1;
    steps += result.steps;
    records += result.records;
    events += result.events;
    orders += result.orders;
    restarts += result.restarts;
    coverage.addCells(result.cells);
    hash.update(`${result.seed} ${result.traceHash}\n`);
    const world = worldOf(result.seed, faults);
    if (result.findings.length > 0) violations.push(await violationOf(world, result, shrinks));
    options.onRun?.(result, done);
    if (stopsAtFirst && violations.length > 0) break;
  }
  const trace_hash = hash.digest('hex');
  const counts = { steps, records, events, orders, restarts };
  return { seeds: done, from, ...counts, violations, trace_hash, coverage: coverage.toJson() };
}

/** One world again, as a failure printed it. */
export async function simulateWorld(world: World, shrinks = false): Promise<CampaignReport> {
  const result = await runWorld(world);
  const { seed, steps, records, events, orders, restarts, traceHash, findings } = result;
  const coverage = new Coverage();
  coverage.addCells(result.cells);
  const violations = findings.length === 0 ? [] : [await violationOf(world, result, shrinks)];
  const head = { seeds: 1, from: seed, steps, records, events, orders, restarts, violations };
  return { ...head, trace_hash: traceHash, coverage: coverage.toJson() };
}

async function violationOf(
  world: World,
  { findings, seed }: RunResult,
  shrinks: boolean,
): Promise<Violation> {
  const first = findings[0] as Finding;
  const also = findings.slice(1).map(({ invariant, check, message }) => `${invariant} ${check}: ${message}`);
  const shortest = shrinks ? await shrink(world, first) : world;
  return { ...first, seed, also, world: shortest, story: await storyOf(shortest, first.message) };
}
