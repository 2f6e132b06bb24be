/**
 * The execution report: per group, what was asked, what came of it, and what it cost.
 *
 * Owns the report's shape and how the schedule is laid beside the fills. A pure function of a journal: every figure is
 * the projection's own (projection.ts), the schedule is its planner's (trace.ts). Wire names; decimal strings; UTC.
 */
import { add, cmp, fromSteps, sub } from '../../dtos/decimal.js';
import { toTimestamp } from '../../dtos/time.js';
import type { JournalRecord } from '../../journal/record.js';
import {
  type CustomStrategy,
  installed,
  type PlannedSlice,
  type Strategies,
} from '../../strategies/index.js';
import { Projection } from '../projection.js';
import type { BatchView, GroupView } from '../run-view.js';
import { ratio } from './figures.js';
import {
  bandOf,
  type ParticipationBand,
  type ParticipationPoint,
  participationsOf,
  type RungView,
  rungsOf,
  type TipPoint,
  tipsOf,
} from './kinds.js';
import { type GroupTrace, plannedSlices, Trace } from './trace.js';

/** From `at` on, so much in all: base quantity. */
export interface SchedulePoint {
  readonly at: string;
  readonly cumulative: string;
}

/** One slice behind the schedule, and one ahead of it: base quantity, from `at` on. */
export interface BoundsPoint {
  readonly at: string;
  readonly lower: string;
  readonly upper: string;
}

export interface ReportedFill {
  readonly at: string;
  readonly quantity: string;
  readonly cumulative: string;
  readonly price: string;
  readonly liquidity: 'MAKER' | 'TAKER' | null;
}

export interface ReportedReject {
  readonly at: string;
  readonly order_id: string;
  readonly reason: string | null;
}

/** One group. Figures and their meaning as in GroupView; `filled_pct` is a fraction ("0.01" = 1 %). */
export interface GroupReport extends Omit<GroupView, 'orders'> {
  readonly batch_id: string;
  /** Orders sent or meant to be. */
  readonly orders: number;
  readonly filled_pct: string | null;
  /** What the schedule had due when the group ended, or when the journal does; null without a schedule. */
  readonly scheduled_at_end: string | null;
  /** Null while it runs, and when nothing is missing. */
  readonly unfilled_reason: string | null;
  readonly started_at: string | null;
  readonly ended_at: string | null;
  readonly schedule: readonly SchedulePoint[];
  readonly bounds: readonly BoundsPoint[];
  /** Of a schedule that names different prices, and of a DCA; see kinds.ts. */
  readonly rungs: readonly RungView[];
  /** POV only. */
  readonly participations: readonly ParticipationPoint[];
  readonly participation_band: ParticipationBand | null;
  /** ICEBERG only. */
  readonly tips: readonly TipPoint[];
  readonly fills: readonly ReportedFill[];
  readonly rejections: readonly ReportedReject[];
}

/** `protections`: of trades that the batch opened; absent when there are none. */
export interface BatchReport extends Omit<BatchView, 'groups' | 'protections'> {
  readonly groups: readonly GroupReport[];
  readonly protections?: readonly GroupReport[];
}

/** `from` and `to`: times of the first and the last record, null of an empty journal. */
export interface ExecutionReport {
  readonly environment: string | null;
  readonly from: string | null;
  readonly to: string | null;
  readonly batches: readonly BatchReport[];
}

export interface ReportOptions {
  /** The host's own strategies: without them their groups have no schedule. */
  readonly strategies?: readonly CustomStrategy[];
}

/**
 * The report of a journal's lines, oldest first.
 * @throws SyntaxError when a line is not JSON; a journal adapter hands out only lines that it has checked
 */
export function executionReport(lines: Iterable<string>, options: ReportOptions = {}): ExecutionReport {
  return reportOf(parsed(lines), options);
}

function* parsed(lines: Iterable<string>): Iterable<JournalRecord> {
  for (const line of lines) yield JSON.parse(line) as JournalRecord;
}

/** The same of records, as `parseJournal` gives them. */
export function reportOf(records: Iterable<JournalRecord>, options: ReportOptions = {}): ExecutionReport {
  const strategies = installed(options.strategies);
  const projection = new Projection();
  const trace = new Trace();
  for (const record of records) {
    for (const event of record.events) projection.apply(event);
    trace.apply(record);
  }
  const { environment, from, to } = trace;
  const batches = projection.batches().map(({ groups, protections, ...batch }) => {
    const report = (group: GroupView) => groupReport(batch.batch_id, group, trace, strategies);
    const guards = protections === undefined ? {} : { protections: protections.map(report) };
    return { ...batch, groups: groups.map(report), ...guards };
  });
  return { environment, from: stamp(from), to: stamp(to), batches };
}

const stamp = (at: number | null): string | null => (at === null ? null : toTimestamp(at));

function groupReport(batchId: string, group: GroupView, trace: Trace, strategies: Strategies): GroupReport {
  const own = trace.group(group.group_id);
  const { orders, ...figures } = group;
  const slices = own === undefined ? [] : plannedSlices(own, strategies);
  const steps = stepsOf(slices);
  const lot = own?.instrument?.lotSize ?? '1';
  const quantity = (lots: number): string => fromSteps(lots, lot);
  const until = own?.endedAt ?? trace.to ?? 0;
  const due = steps.findLast((step) => step.at <= until)?.total ?? 0;
  return {
    ...figures,
    batch_id: batchId,
    orders: orders.length,
    filled_pct: ratio(group.filled_quantity, group.target_quantity),
    scheduled_at_end: steps.length === 0 ? null : quantity(due),
    unfilled_reason: unfilledReason(group, own?.detail ?? null),
    started_at: stamp(own?.started?.at ?? null),
    ended_at: stamp(own?.endedAt ?? null),
    schedule: steps.map(({ at, total }) => ({ at: toTimestamp(at), cumulative: quantity(total) })),
    bounds: steps.map(({ at }, k) => ({
      at: toTimestamp(at),
      lower: quantity(steps[k - 1]?.total ?? 0),
      upper: quantity((steps[k + 1] ?? steps[k])?.total ?? 0),
    })),
    rungs: rungsOf(slices, lot, group),
    participations: participationsOf(group, own),
    participation_band: bandOf(own),
    tips: tipsOf(group, own),
    fills: fillsOf(group),
    rejections: rejectionsOf(own),
  };
}

/** The schedule's running total at each time that has slices, lots. */
interface Step {
  readonly at: number;
  readonly total: number;
}

function stepsOf(slices: readonly PlannedSlice[]): Step[] {
  const steps: Step[] = [];
  let total = 0;
  for (const { at, quantity } of [...slices].sort((a, b) => a.at - b.at)) {
    total += quantity;
    if (steps.at(-1)?.at === at) steps.pop();
    steps.push({ at, total });
  }
  return steps;
}

/** By the venue's time; fills of one moment in the order of their orders. */
function fillsOf(group: GroupView): ReportedFill[] {
  let cumulative = '0';
  return group.orders
    .flatMap((order) => order.fills)
    .sort((a, b) => Date.parse(a.executed_at) - Date.parse(b.executed_at))
    .map((fill) => {
      cumulative = add(cumulative, fill.filled_quantity);
      return {
        at: fill.executed_at,
        quantity: fill.filled_quantity,
        cumulative,
        price: fill.fill_price,
        liquidity: fill.liquidity ?? null,
      };
    });
}

const rejectionsOf = (trace: GroupTrace | undefined): ReportedReject[] =>
  (trace?.refused ?? []).map(({ orderId, at, reason }) => ({
    at: toTimestamp(at),
    order_id: orderId,
    reason,
  }));

function unfilledReason(group: GroupView, detail: string | null): string | null {
  const { target_quantity: target, filled_quantity: filled, status, reason } = group;
  if (status === 'PENDING' || status === 'ACTIVE' || target === null) return null;
  if (cmp(sub(target, filled), '0') <= 0) return null;
  return detail === null ? reason : `${reason}: ${detail}`;
}
