/**
 * The group chart's vocabulary: each guard and each update it names, as a pure function of context and event.
 *
 * Owns nothing of the order in which they apply: that is the topology (group.ts). What an update makes of the context
 * stands in group-plan.ts.
 */
import type { Reason } from '../dtos/events.js';
import { STRATEGIES, type Strategies } from '../strategies/registry.js';
import type { GroupContext, GroupEvent, Totals } from './group-model.js';
import {
  asksOnEnd,
  afterReject,
  amended,
  askLater,
  awaitsQuiet,
  cancelForSweep,
  capOf,
  doneReason,
  endReached,
  endsShort,
  final,
  faultOf,
  isFull,
  NONE,
  planEnds,
  planFaults,
  planned,
  quiet,
  reached,
  rejectStops,
  stopped,
  sweepAt,
} from './group-plan.js';

type Guard = (context: GroupContext, event: GroupEvent) => boolean;
type Update = (context: GroupContext, event: GroupEvent) => GroupContext;

const totalsIn = (context: GroupContext, event: GroupEvent): Totals =>
  'totals' in event ? event.totals : context.totals;

/** Guards that ask no strategy. */
const guards = {
  stale: (context, event) =>
    event.type === 'DUE' && event.gen !== (event.triggered === true ? context.watchGen : context.gen),
  needsNoOrder: (context) => context.spec.target === null,
  endReached: (context, event) => event.type === 'DUE' && endReached(context, event.now),
  leavesOrders: (context, event) =>
    event.type === 'DUE' &&
    context.spec.onDeadline === 'LEAVE' &&
    endReached(context, event.now) &&
    !quiet(event.totals),
  sweepMustWait: (context, event) =>
    event.type === 'DUE' &&
    context.sweep === 'NONE' &&
    reached(sweepAt(context), event.now) &&
    !quiet(event.totals),
  full: (context, event) => 'totals' in event && isFull(context, event.totals),
  fullAndQuiet: (context, event) => 'totals' in event && isFull(context, event.totals) && quiet(event.totals),
  capReached: (context, event) =>
    'totals' in event &&
    quiet(event.totals) &&
    event.totals.filled >= capOf(context, event) &&
    !isFull(context, event.totals),
  rejectStops: (context, event) =>
    event.type === 'ORDER_ENDED' && event.outcome === 'REJECTED' && rejectStops(context),
  rejected: (_context, event) => event.type === 'ORDER_ENDED' && event.outcome === 'REJECTED',
  notSent: (_context, event) => event.type === 'ORDER_ENDED' && event.outcome === 'NOT_SENT',
  awaitedQuiet: (context, event) => 'totals' in event && awaitsQuiet(context) && quiet(event.totals),
  endsShort: (context, event) => event.type === 'ORDER_ENDED' && endsShort(context, event.totals),
  skipEndsShort: (context, event) =>
    event.type === 'ORDER_ENDED' && context.spec.onReject === 'SKIP' && endsShort(context, event.totals),
  asksOnFill: (context) => !context.exhausted && !awaitsQuiet(context),
  blockStops: (context, event) =>
    event.type === 'ORDER_BLOCKED' &&
    (event.block === 'STOP' || (event.block === 'SLOT' && rejectStops(context))),
  blockEndsShort: (context, event) =>
    event.type === 'ORDER_BLOCKED' &&
    event.block === 'SLOT' &&
    context.spec.onReject === 'SKIP' &&
    endsShort(context, event.totals),
  blockDefers: (_context, event) => event.type === 'ORDER_BLOCKED' && event.block === 'DEFER',
  quiet: (context) => quiet(context.totals),
  endsCompleted: (context) => final(context) === 'COMPLETED',
  endsCancelled: (context) => final(context) === 'CANCELLED',
  endsFailed: (context) => final(context) === 'FAILED',
} satisfies Record<string, Guard>;

/** The chart's guards over these strategies. */
export const groupGuardsOf = (strategies: Strategies) =>
  ({
    ...guards,
    planFaults: (context, event) =>
      (event.type === 'START' || event.type === 'DUE') && planFaults(context, event, strategies),
    planEnds: (context, event) => event.type === 'DUE' && planEnds(context, event, strategies),
    asksOnEnd: (context, event) =>
      event.type === 'ORDER_ENDED' && !context.exhausted && asksOnEnd(context, event.outcome, strategies),
  }) satisfies Record<string, Guard>;

/** Updates that ask no strategy. */
const updates = {
  /** What an order's end leaves to remember while more may come: every event brings its own totals. */
  note: (context, event) =>
    event.type === 'ORDER_ENDED' && event.outcome === 'FILLED' && context.rejects > 0
      ? { ...context, rejects: 0, out: NONE }
      : context,
  record: (context, event) => ({
    ...context,
    totals: totalsIn(context, event),
    rejects: event.type === 'ORDER_ENDED' && event.outcome === 'FILLED' ? 0 : context.rejects,
    out: NONE,
  }),
  leave: (context, event) => ({
    ...context,
    totals: totalsIn(context, event),
    exhausted: true,
    planAt: null,
    ask: null,
    askAt: null,
    out: NONE,
  }),
  cancelForSweep: (context, event) => cancelForSweep(context, totalsIn(context, event)),
  askAfterQuiet: (context, event) => {
    if (!('totals' in event) || !('now' in event)) return context;
    const ask = context.sweep === 'AWAITING' ? 'SWEEP' : 'REPRICE';
    return askLater({ ...context, repricing: false }, event.totals, ask, event.now);
  },
  askDeferred: (context, event) =>
    'totals' in event && 'now' in event
      ? askLater(context, event.totals, 'REPRICE', event.now + context.spec.deferMs)
      : context,
  askOnEnd: (context, event) =>
    'totals' in event && 'now' in event ? askLater(context, event.totals, 'ORDER_ENDED', event.now) : context,
  askOnFill: (context, event) =>
    'totals' in event && 'now' in event ? askLater(context, event.totals, 'FILL', event.now) : context,
  amend: (context, event) => (event.type === 'AMEND' ? amended(context, event) : context),
  becomeActive: (context) => ({ ...context, out: [{ type: 'ACTIVE' }] }),
  beginClosing: (context) => ({
    ...context,
    out: [
      ...context.out,
      { type: 'CLOSING', cause: context.cause ?? 'execution_error', ...faultOf(context) },
      { type: 'CANCEL_ALL' },
    ],
  }),
  settle: (context) => {
    const status = final(context);
    const reason: Reason =
      status === 'COMPLETED' ? doneReason(context) : (context.cause ?? 'execution_error');
    return { ...context, out: [...context.out, { type: 'SETTLED', status, reason, ...faultOf(context) }] };
  },
  unexpected: (context, event) => ({ ...context, out: [{ type: 'UNEXPECTED', event: event.type }] }),
} satisfies Record<string, Update>;

/** The chart's updates over these strategies. */
export const groupUpdatesOf = (strategies: Strategies) =>
  ({
    ...updates,
    plan: (context, event) =>
      event.type === 'START' || event.type === 'DUE' ? planned(context, event, strategies) : context,
    askAfterReject: (context, event) =>
      'totals' in event && 'now' in event
        ? afterReject(context, event.totals, event.now, strategies)
        : context,
    stop: (context, event) => stopped(context, event, strategies),
  }) satisfies Record<string, Update>;

export const groupGuards = groupGuardsOf(STRATEGIES);
export const groupUpdates = groupUpdatesOf(STRATEGIES);
