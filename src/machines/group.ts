/**
 * The group statechart: pending → active{working, closing} → completed | cancelled | failed | partial.
 *
 * Owns: when a group plans, stops, settles, and its final status. Pure: no I/O, no clock, no ids; every event
 * carries the time and the book's totals, effects are data in `context.out`, consumed by identity. Does not own
 * orders (the book does), nor the decision whether an order may go out (the gate does).
 *
 * Every event to a live group is handled or reported: '*' puts UNEXPECTED into `out`. No `after`: time comes as DUE.
 */
import { setup } from 'xstate';
import type { Final } from './causes.js';
import { asActions, asGuards, quickly } from './chart.js';
import { type GroupContext, type GroupEvent, type GroupSpec, NO_TOTALS } from './group-model.js';
import { final, NONE } from './group-plan.js';
import { groupGuards, groupGuardsOf, groupUpdates, groupUpdatesOf } from './group-rules.js';
import { STRATEGIES, type Strategies } from '../strategies/registry.js';

const groupSetup = setup({
  types: {
    context: {} as GroupContext,
    events: {} as GroupEvent,
    input: {} as { spec: GroupSpec },
    output: {} as { status: Final },
  },
  guards: asGuards<GroupContext, GroupEvent, keyof typeof groupGuards>(groupGuards),
  actions: asActions<GroupContext, GroupEvent, keyof typeof groupUpdates>(groupUpdates),
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
    cap: input.spec.cap ?? input.spec.target ?? 0,
    limitPrice: null,
    totals: NO_TOTALS,
    cause: null,
    exhausted: false,
    sweep: 'NONE',
    ask: null,
    repricing: false,
    watchGen: null,
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
        START: [
          { guard: 'needsNoOrder', target: 'settling', actions: 'record' },
          { guard: 'planFaults', target: 'settling', actions: 'stop' },
          { actions: 'plan' },
        ],
        DUE: [
          { guard: 'stale', actions: 'record' },
          { guard: 'endReached', target: 'settling', actions: 'stop' },
          { guard: 'planFaults', target: 'settling', actions: 'stop' },
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
              { guard: 'planFaults', target: 'closing', actions: 'stop' },
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
              { actions: 'note' },
            ],
            ORDER_PLACED: { actions: 'note' },
            ORDER_FILLED: [{ guard: 'asksOnFill', actions: 'askOnFill' }, { actions: 'note' }],
            ORDER_BLOCKED: [
              { guard: 'blockStops', target: 'closing', actions: 'stop' },
              { guard: 'blockEndsShort', target: 'closing', actions: 'stop' },
              { guard: 'blockDefers', actions: 'askDeferred' },
              { actions: 'askAfterReject' },
            ],
            UNKNOWN_CHANGED: { actions: 'note' },
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
            ORDER_FILLED: { actions: 'record' },
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

/** The group machine as it runs where nobody inspects it: steps within a state are taken by table. */
export const quickGroupMachine = quickly<typeof groupMachine, GroupContext, GroupEvent>(groupMachine, {
  guards: groupGuards,
  updates: groupUpdates,
});

/** The same two over a runtime's strategies; the built-in ones alone make no new machine. */
export function groupMachinesOf(strategies: Strategies) {
  if (strategies === STRATEGIES) return { drawn: groupMachine, quick: quickGroupMachine };
  const [guards, updates] = [groupGuardsOf(strategies), groupUpdatesOf(strategies)];
  const drawn = groupMachine.provide({
    guards: asGuards<GroupContext, GroupEvent, keyof typeof guards>(guards),
    actions: asActions<GroupContext, GroupEvent, keyof typeof updates>(updates),
  });
  const quick = quickly<typeof groupMachine, GroupContext, GroupEvent>(drawn, { guards, updates });
  return { drawn, quick };
}
