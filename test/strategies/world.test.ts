/** The world that the planners' property tests run in: it lets good planners pass and catches bad ones. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Decision, Strategy } from '../../src/strategies/contract.js';
import type { SinglePlanParams } from '../../src/strategies/params.js';
import { single } from '../../src/strategies/single.js';
import { twap } from '../../src/strategies/twap.js';
import { contextOf, MINUTE, singleParams, T0, twapParams } from './support.js';
import { runWorld, scripts } from './world.js';

const RUNS = { numRuns: 1000 };
const ON_REJECT = fc.constantFrom('STOP', 'SKIP', 'RETRY');
const ON_DEADLINE = fc.constantFrom('CANCEL', 'SWEEP', 'LEAVE');

describe('the planners that are there', () => {
  test('a TWAP keeps its promises', () => {
    fc.assert(
      fc.property(scripts(), ON_REJECT, ON_DEADLINE, (script, on_reject, on_deadline) => {
        const context = contextOf(twapParams({ on_reject, on_deadline }), { endsAt: T0 + 10 * MINUTE });
        runWorld(twap, context, script, { isSchedule: true });
      }),
      RUNS,
    );
  });

  test('a SINGLE keeps its promises', () => {
    fc.assert(
      fc.property(scripts(), ON_REJECT, fc.integer({ min: 1, max: 4 }), (script, on_reject, attempts) => {
        runWorld(single, contextOf(singleParams({ on_reject, attempts, retry_delay_ms: 100 })), script);
      }),
      RUNS,
    );
  });
});

describe('the world', () => {
  test('reaches every end, fills late, and leaves orders unknown', () => {
    const ends = new Set<string>();
    let partial = 0;
    let isUnknown = false;
    const property = fc.property(scripts(), ON_REJECT, ON_DEADLINE, (script, on_reject, on_deadline) => {
      const context = contextOf(twapParams({ on_reject, on_deadline }), { endsAt: T0 + 10 * MINUTE });
      const { end, filled } = runWorld(twap, context, script, {
        onDecision: ({ progress }) => {
          isUnknown ||= progress.unknown > 0;
        },
      });
      ends.add(end);
      if (filled > 0 && filled < context.target) partial++;
    });
    fc.assert(property, { numRuns: 1000, seed: 7 });
    expect([...ends].sort()).toEqual(['ENDED', 'FULL', 'SHORT', 'STOPPED']);
    expect(partial).toBeGreaterThan(100);
    expect(isUnknown).toBe(true);
  });

  /** SINGLE with a fault in its answers. */
  const faulty = (
    fault: (decision: Decision<unknown>, now: number) => object,
  ): Strategy<SinglePlanParams, unknown> => ({
    ...(single as Strategy<SinglePlanParams, unknown>),
    decide: (...args) => {
      const decision = (single as Strategy<SinglePlanParams, unknown>).decide(...args);
      return { ...decision, ...fault(decision, args[4]) };
    },
  });
  const sized = (change: (quantity: number) => number) =>
    faulty(({ orders }) => ({
      orders: orders.map((order) => ({ ...order, quantity: change(order.quantity) })),
    }));
  let calls = 0;

  test.each<[string, Strategy<SinglePlanParams, unknown>, RegExp]>([
    ['proposes more than the room', sized((lots) => lots + 1), /W1: 1001 lots/],
    ['sends dust', sized(() => 1), /W2: an order worth/],
    ['sends broken lots', sized((lots) => lots / 3), /W2: an order of 333\.3/],
    ['answers differently when asked again', faulty(() => ({ state: { calls: calls++ } })), /W3/],
    ['sleeps for ever', faulty(() => ({ orders: [], exhausted: false, wakeAt: null })), /W4: asleep/],
    [
      'wakes at once without end',
      faulty(() => ({ orders: [], exhausted: false, wakeAt: T0 })),
      /W4: woken again/,
    ],
    ['cancels nothing', faulty(() => ({ orders: [], cancels: true })), /W5: cancels nothing/],
    ['is done with an order on the way', faulty(() => ({ done: true })), /W5/],
    ['never ends', faulty((_, now) => ({ orders: [], exhausted: false, wakeAt: now + 1 })), /W7/],
  ])('catches a planner that %s', (_, strategy, problem) => {
    const context = contextOf(singleParams(), {
      instrument: { ...contextOf(null).instrument, minNotional: '5' },
    });
    const market = { mid: 10_000, half: 1, sides: 'BOTH' } as const;
    const step = {
      fates: ['REST'],
      turns: ['STAY'],
      when: 0,
      late: 0,
      market,
      traded: 0,
      amend: null,
    } as const;
    const script = { steps: [step], countsVolume: true };
    expect(() => runWorld(strategy, context, script, { asksMax: 50 })).toThrow(problem);
  });

  test('catches a schedule that makes up for an outage at once', () => {
    const hasty: typeof twap = {
      ...twap,
      decide: (context, ...rest) =>
        twap.decide({ ...context, params: { ...context.params, max_catch_up_factor: '9' } }, ...rest),
      initial: (context) =>
        twap.initial({ ...context, params: { ...context.params, max_catch_up_factor: '9' } }),
    };
    const market = { mid: 10_000, half: 1, sides: 'BOTH' } as const;
    const step = {
      fates: ['FILL'],
      turns: ['STAY'],
      when: 0,
      late: 0,
      market,
      traded: 0,
      amend: null,
    } as const;
    const script = { steps: [step, { ...step, late: 8 * MINUTE }], countsVolume: true };
    const context = contextOf(twapParams());
    expect(() => runWorld(hasty, context, script, { isSchedule: true })).toThrow(/W6: \d+ lots where 300/);
    runWorld(twap, context, script, { isSchedule: true });
  });
});
