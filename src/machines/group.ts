/**
 * The group statechart: pending → active{working, closing} → completed | cancelled | failed | partial.
 *
 * Owns: when a group plans, stops, settles, and its final status. Pure: no I/O, no clock, no ids; every event
 * carries the time and the book's totals, effects are data in `context.out`, consumed by identity. Does not own
 * orders (the book does), nor the decision whether an order may go out (the gate does).
 *
 * Every event to a live group is handled or reported: '*' puts UNEXPECTED into `out`. No `after`: time comes as DUE.
 */
import { assign, setup } from 'xstate';
import type { Reason } from '../dtos/events.js';
import type { Ask } from '../strategies/contract.js';
import { strategyOf } from '../strategies/registry.js';
import type { Final } from './causes.js';
import { type GroupContext, type GroupEvent, type GroupSpec, NO_TOTALS } from './group-model.js';
import {
  afterReject,
  amended,
  askLater,
  awaitsQuiet,
  capOf,
  causeOf,
  doneReason,
  endReached,
  endsShort,
  final,
  isFull,
  NONE,
  planEnds,
  planned,
  quiet,
  reached,
  rejectStops,
  start,
  sweepAt,
  wake,
} from './group-plan.js';

const groupSetup = setup({
  types: {
    context: {} as GroupContext,
    events: {} as GroupEvent,
    input: {} as { spec: GroupSpec },
    output: {} as { status: Final },
  },
  guards: {
    stale: ({ context, event }) => event.type === 'DUE' && event.gen !== context.gen,
    needsNoOrder: ({ context }) => context.spec.target === null,
    endReached: ({ context, event }) => event.type === 'DUE' && endReached(context, event.now),
    leavesOrders: ({ context, event }) =>
      event.type === 'DUE' &&
      context.spec.onDeadline === 'LEAVE' &&
      endReached(context, event.now) &&
      !quiet(event.totals),
    sweepMustWait: ({ context, event }) =>
      event.type === 'DUE' &&
      context.sweep === 'NONE' &&
      reached(sweepAt(context), event.now) &&
      !quiet(event.totals),
    planEnds: ({ context, event }) => event.type === 'DUE' && planEnds(context, event),
    full: ({ context, event }) => 'totals' in event && isFull(context, event.totals),
    fullAndQuiet: ({ context, event }) =>
      'totals' in event && isFull(context, event.totals) && quiet(event.totals),
    capReached: ({ context, event }) =>
      'totals' in event &&
      quiet(event.totals) &&
      event.totals.filled >= capOf(context, event) &&
      !isFull(context, event.totals),
    rejectStops: ({ context, event }) =>
      event.type === 'ORDER_ENDED' && event.outcome === 'REJECTED' && rejectStops(context),
    rejected: ({ event }) => event.type === 'ORDER_ENDED' && event.outcome === 'REJECTED',
    notSent: ({ event }) => event.type === 'ORDER_ENDED' && event.outcome === 'NOT_SENT',
    awaitedQuiet: ({ context, event }) => 'totals' in event && awaitsQuiet(context) && quiet(event.totals),
    endsShort: ({ context, event }) => event.type === 'ORDER_ENDED' && endsShort(context, event.totals),
    skipEndsShort: ({ context, event }) =>
      event.type === 'ORDER_ENDED' && context.spec.onReject === 'SKIP' && endsShort(context, event.totals),
    asksOnEnd: ({ context, event }) =>
      event.type === 'ORDER_ENDED' && !context.exhausted && strategyOf(context.spec.strategy).asksOnOrderEnd,
    blockStops: ({ context, event }) =>
      event.type === 'ORDER_BLOCKED' &&
      (event.block === 'STOP' || (event.block === 'SLOT' && rejectStops(context))),
    blockEndsShort: ({ context, event }) =>
      event.type === 'ORDER_BLOCKED' &&
      event.block === 'SLOT' &&
      context.spec.onReject === 'SKIP' &&
      endsShort(context, event.totals),
    blockDefers: ({ event }) => event.type === 'ORDER_BLOCKED' && event.block === 'DEFER',
    quiet: ({ context }) => quiet(context.totals),
    endsCompleted: ({ context }) => final(context) === 'COMPLETED',
    endsCancelled: ({ context }) => final(context) === 'CANCELLED',
    endsFailed: ({ context }) => final(context) === 'FAILED',
  },
  actions: {
    plan: assign(({ context, event }) => {
      if (event.type === 'START') return planned(start(context, event), event);
      return event.type === 'DUE' ? planned(context, event) : context;
    }),
    record: assign(({ context, event }) => ({
      totals: 'totals' in event ? event.totals : context.totals,
      rejects: event.type === 'ORDER_ENDED' && event.outcome === 'FILLED' ? 0 : context.rejects,
      out: NONE,
    })),
    leave: assign(({ event, context }) => ({
      totals: 'totals' in event ? event.totals : context.totals,
      exhausted: true,
      planAt: null,
      ask: null,
      askAt: null,
      out: NONE,
    })),
    cancelForSweep: assign(({ context, event }) => {
      const next: GroupContext = {
        ...context,
        totals: 'totals' in event ? event.totals : context.totals,
        sweep: 'AWAITING',
        planAt: null,
        ask: null,
        askAt: null,
        gen: context.gen + 1,
      };
      return { ...next, out: [{ type: 'CANCEL_ALL' }, ...wake(next)] };
    }),
    askAfterQuiet: assign(({ context, event }) => {
      if (!('totals' in event) || !('now' in event)) return context;
      const ask: Ask = context.sweep === 'AWAITING' ? 'SWEEP' : 'REPRICE';
      return askLater({ ...context, repricing: false }, event.totals, ask, event.now);
    }),
    askAfterReject: assign(({ context, event }) =>
      'totals' in event && 'now' in event ? afterReject(context, event.totals, event.now) : context,
    ),
    askDeferred: assign(({ context, event }) =>
      'totals' in event && 'now' in event
        ? askLater(context, event.totals, 'REPRICE', event.now + context.spec.deferMs)
        : context,
    ),
    askOnEnd: assign(({ context, event }) =>
      'totals' in event && 'now' in event
        ? askLater(context, event.totals, 'ORDER_ENDED', event.now)
        : context,
    ),
    amend: assign(({ context, event }) => (event.type === 'AMEND' ? amended(context, event) : context)),
    stop: assign(({ context, event }) => ({
      totals: 'totals' in event ? event.totals : context.totals,
      cause: context.cause ?? causeOf(context, event),
      out: NONE,
    })),
    becomeActive: assign({ out: [{ type: 'ACTIVE' }] as const }),
    beginClosing: assign(({ context }) => ({
      out: [
        ...context.out,
        { type: 'CLOSING', cause: context.cause ?? 'execution_error' },
        { type: 'CANCEL_ALL' },
      ] as const,
    })),
    settle: assign(({ context }) => {
      const status = final(context);
      const reason: Reason =
        status === 'COMPLETED' ? doneReason(context) : (context.cause ?? 'execution_error');
      return { out: [...context.out, { type: 'SETTLED', status, reason }] as const };
    }),
    unexpected: assign(({ event }) => ({ out: [{ type: 'UNEXPECTED', event: event.type }] as const })),
  },
});

export const groupMachine = groupSetup.createMachine({
  id: 'group',
  initial: 'pending',
  context: ({ input }) => ({
    spec: input.spec,
    plan: null,
    endsBy: null,
    state: null,
    slot: 0,
    cap: input.spec.target ?? 0,
    limitPrice: null,
    totals: NO_TOTALS,
    cause: null,
    exhausted: false,
    sweep: 'NONE',
    ask: null,
    repricing: false,
    planAt: null,
    askAt: null,
    gen: 0,
    rejects: 0,
    out: NONE,
  }),
  output: ({ context }) => ({ status: final(context) }),
  states: {
    pending: {
      on: {
        START: [{ guard: 'needsNoOrder', target: 'settling', actions: 'record' }, { actions: 'plan' }],
        DUE: [
          { guard: 'stale', actions: 'record' },
          { guard: 'endReached', target: 'settling', actions: 'stop' },
          { guard: 'planEnds', target: 'settling', actions: 'stop' },
          { actions: 'plan' },
        ],
        ORDER_PLACED: { target: 'active', actions: 'becomeActive' },
        ORDER_BLOCKED: [
          { guard: 'blockStops', target: 'settling', actions: 'stop' },
          { guard: 'blockEndsShort', target: 'settling', actions: 'stop' },
          { guard: 'blockDefers', actions: 'askDeferred' },
          { actions: 'askAfterReject' },
        ],
        STOP: { target: 'settling', actions: 'stop' },
        AMEND: { actions: 'amend' },
        '*': { actions: 'unexpected' },
      },
    },
    active: {
      initial: 'working',
      states: {
        working: {
          on: {
            DUE: [
              { guard: 'stale', actions: 'record' },
              { guard: 'leavesOrders', actions: 'leave' },
              { guard: 'endReached', target: 'closing', actions: 'stop' },
              { guard: 'sweepMustWait', actions: 'cancelForSweep' },
              { guard: 'planEnds', target: 'closing', actions: 'stop' },
              { actions: 'plan' },
            ],
            ORDER_ENDED: [
              { guard: 'fullAndQuiet', target: '#group.completed', actions: ['record', 'settle'] },
              { guard: 'full', target: 'closing', actions: 'stop' },
              { guard: 'capReached', target: 'closing', actions: 'stop' },
              { guard: 'rejectStops', target: 'closing', actions: 'stop' },
              { guard: 'awaitedQuiet', actions: 'askAfterQuiet' },
              { guard: 'skipEndsShort', target: 'closing', actions: 'stop' },
              { guard: 'rejected', actions: 'askAfterReject' },
              { guard: 'notSent', actions: 'askDeferred' },
              { guard: 'endsShort', target: 'closing', actions: 'stop' },
              { guard: 'asksOnEnd', actions: 'askOnEnd' },
              { actions: 'record' },
            ],
            ORDER_PLACED: { actions: 'record' },
            ORDER_BLOCKED: [
              { guard: 'blockStops', target: 'closing', actions: 'stop' },
              { guard: 'blockEndsShort', target: 'closing', actions: 'stop' },
              { guard: 'blockDefers', actions: 'askDeferred' },
              { actions: 'askAfterReject' },
            ],
            UNKNOWN_CHANGED: { actions: 'record' },
            TARGET_REACHED: { target: 'closing', actions: 'stop' },
            STOP: { target: 'closing', actions: 'stop' },
            AMEND: [{ guard: 'capReached', target: 'closing', actions: 'stop' }, { actions: 'amend' }],
            '*': { actions: 'unexpected' },
          },
        },
        closing: {
          entry: 'beginClosing',
          always: { guard: 'quiet', target: '#group.settling' },
          on: {
            ORDER_ENDED: { actions: 'record' },
            UNKNOWN_CHANGED: { actions: 'record' },
            TARGET_REACHED: { actions: 'record' },
            DUE: { actions: 'record' },
            STOP: { actions: 'record' },
            ORDER_PLACED: { actions: 'record' },
            ORDER_BLOCKED: { actions: 'record' },
            '*': { actions: 'unexpected' },
          },
        },
      },
    },
    settling: {
      always: [
        { guard: 'endsCompleted', target: 'completed', actions: 'settle' },
        { guard: 'endsCancelled', target: 'cancelled', actions: 'settle' },
        { guard: 'endsFailed', target: 'failed', actions: 'settle' },
        { target: 'partial', actions: 'settle' },
      ],
    },
    completed: { type: 'final' },
    cancelled: { type: 'final' },
    failed: { type: 'final' },
    partial: { type: 'final' },
  },
});
