import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type PovParamsInput, PovParamsSchema } from '../../src/dtos/strategy-params.js';
import { toTimestamp } from '../../src/dtos/time.js';
import type { MarketView, Side } from '../../src/dtos/venue.js';
import type { StrategyContext } from '../../src/strategies/contract.js';
import { mulDiv } from '../../src/strategies/lots.js';
import type { PovPlanParams } from '../../src/strategies/params.js';
import { shareOf } from '../../src/strategies/participation.js';
import { type PovState, pov } from '../../src/strategies/pov.js';
import { BTC, contextOf, EVEN, MINUTE, Planner, progressOf, T0 } from './support.js';
import { runWorld, scripts } from './world.js';

type Change = Partial<Omit<StrategyContext<PovPlanParams>, 'params'>>;

const SECOND = 1000;
const context = (params: Partial<PovParamsInput> = {}, change: Change = {}) => {
  const rate = params.min_rate === undefined ? { participation_rate: '0.2' } : {};
  const wire = { strategy: 'POV', ...rate, ...params };
  const endsAt = wire.duration_seconds == null ? null : T0 + wire.duration_seconds * SECOND;
  return contextOf<PovPlanParams>(PovParamsSchema.parse(wire), { startVolume: '1000', endsAt, ...change });
};
const planner = (...args: Parameters<typeof context>) =>
  new Planner<PovPlanParams, PovState>(pov, context(...args));
/** The market after others have traded this many lots of 0.001 since the start. */
const traded = (lots: number): MarketView => ({ ...EVEN, volume: String(1000 + lots / 1000) });
const refusal = (...args: Parameters<typeof context>): string => {
  try {
    pov.check(context(...args), EVEN);
  } catch (error) {
    return `${(error as { path?: string }).path}: ${(error as Error).message}`;
  }
  return 'accepted';
};

describe('a POV', () => {
  test('sends its share of what others have traded since the start, and looks again each interval', () => {
    const asked = planner();
    const first = asked.ask('START', T0, progressOf(1000), traded(0));
    expect(first).toMatchObject({ orders: [], wakeAt: T0 + SECOND, exhausted: false });
    // 20 % of all that trades is a quarter of what others trade.
    const second = asked.ask('WAKE', T0 + SECOND, progressOf(1000), traded(400));
    expect(second).toMatchObject({ orders: [{ quantity: 100 }], wakeAt: T0 + 2 * SECOND });
    const third = asked.ask('WAKE', T0 + 2 * SECOND, progressOf(1000, { filled: 100 }), traded(480));
    expect(third.orders).toMatchObject([{ quantity: 20 }]);
  });

  test('is asked at once when as much trades as in ten of its intervals, and answers it', () => {
    const asked = planner();
    expect(asked.ask('START', T0, progressOf(9000), traded(0)).watch).toBeUndefined();
    const usual = asked.ask('WAKE', T0 + SECOND, progressOf(9000), traded(80));
    expect(usual.watch).toEqual({ price: 'VOLUME', above: '1000.88', below: null });
    const burst = asked.ask('TRIGGER', T0 + 1300, progressOf(9000, { filled: 20 }), traded(4080));
    expect(burst).toMatchObject({ orders: [{ quantity: 1000 }], wakeAt: T0 + 2 * SECOND });
    // Ten times 4,080 lots in 1.3 s.
    expect(burst.watch).toEqual({
      price: 'VOLUME',
      above: '1035.46461538461538461',
      below: null,
    });
  });

  test('watches no volume before any traded, nor without a count', () => {
    const asked = planner();
    expect(asked.ask('WAKE', T0 + SECOND, progressOf(1000), traded(0)).watch).toBeUndefined();
    expect(asked.ask('WAKE', T0 + SECOND, progressOf(1000), EVEN).watch).toBeUndefined();
  });

  test('without include_own_fills takes its rate of what others trade', () => {
    const asked = planner({ include_own_fills: false });
    expect(asked.ask('WAKE', T0 + SECOND, progressOf(1000), traded(400)).orders).toMatchObject([
      { quantity: 80 },
    ]);
  });

  test('sends nothing while nobody trades, or nobody counts', () => {
    const asked = planner();
    expect(asked.ask('WAKE', T0 + SECOND, progressOf(1000), traded(3)).orders).toEqual([]);
    expect(asked.ask('WAKE', T0 + 2 * SECOND, progressOf(1000), EVEN)).toMatchObject({
      orders: [],
      wakeAt: T0 + 3 * SECOND,
    });
    expect(asked.ask('WAKE', T0 + 3 * SECOND, progressOf(1000), null).orders).toEqual([]);
  });

  test('counts what is open and unknown as traded', () => {
    const asked = planner();
    const open = progressOf(1000, { leaves: 60, unknown: 40, live: 2 });
    expect(asked.ask('WAKE', T0 + SECOND, open, traded(400)).orders).toEqual([]);
    expect(asked.ask('WAKE', T0 + 2 * SECOND, open, traded(440)).orders).toMatchObject([{ quantity: 10 }]);
  });

  test('a count that starts anew stands for nothing traded', () => {
    const asked = planner();
    const restarted = { ...EVEN, volume: '5' };
    expect(asked.ask('WAKE', T0 + SECOND, progressOf(1000), restarted).orders).toEqual([]);
  });

  test('after an outage sends at most max_catch_up_factor times what an interval brings, one order a look', () => {
    const asked = planner({ max_catch_up_factor: '2' }, { target: 100_000 });
    // 250 lots due by the tenth second, 25 a second, while it slept.
    const late = asked.ask('WAKE', T0 + 10 * SECOND, progressOf(100_000), traded(1000));
    expect(late.orders).toMatchObject([{ quantity: 50 }]);
    const next = asked.ask('WAKE', T0 + 11 * SECOND, progressOf(100_000, { filled: 50 }), traded(1100));
    expect(next.orders).toMatchObject([{ quantity: 50 }]);
  });

  test('a band goes no slower than its least and no faster than its most, and evenly to the end between', () => {
    const band = { min_rate: '0.1', max_rate: '0.2', duration_seconds: 100, interval_seconds: 10 };
    const due = (lots: number) =>
      planner(band).ask('WAKE', T0 + 10 * SECOND, progressOf(1000), traded(lots)).orders;
    expect(due(100)).toMatchObject([{ quantity: 25 }]);
    expect(due(600)).toMatchObject([{ quantity: 100 }]);
    expect(due(1800)).toMatchObject([{ quantity: 200 }]);
  });

  test('ends at complete_by with what it has, or completes by it', () => {
    const by = { complete_by: toTimestamp(T0 + MINUTE), interval_seconds: 10 };
    const kept = planner(by);
    kept.ask('WAKE', T0 + 40 * SECOND, progressOf(1000), traded(0));
    expect(kept.ask('WAKE', T0 + 50 * SECOND, progressOf(1000), traded(40)).orders).toMatchObject([
      { quantity: 10 },
    ]);
    const over = kept.ask('WAKE', T0 + MINUTE, progressOf(1000, { filled: 10 }), traded(400));
    expect(over).toMatchObject({ orders: [], exhausted: true, wakeAt: null });
    const forced = planner({ ...by, on_conflict: 'COMPLETE' });
    forced.ask('START', T0, progressOf(1000), traded(0));
    expect(
      forced.ask('WAKE', T0 + 50 * SECOND, progressOf(1000, { filled: 900 }), traded(40)).orders,
    ).toMatchObject([{ quantity: 100 }]);
  });

  test('cancels what rests at complete_by, unless it may stay', () => {
    const by = { complete_by: toTimestamp(T0 + MINUTE), order_type: 'LIMIT', limit_price: '99' } as const;
    const resting = progressOf(1000, { leaves: 10, live: 1 });
    expect(planner(by).ask('WAKE', T0 + MINUTE, resting, traded(0)).cancels).toBe(true);
    const left = planner({ ...by, on_deadline: 'LEAVE' }).ask('WAKE', T0 + MINUTE, resting, traded(0));
    expect([left.cancels, left.exhausted]).toEqual([undefined, true]);
  });

  test('sends no child below the minimum, and leaves no rest below it', () => {
    const instrument = { ...BTC, minNotional: '5' };
    const asked = planner({}, { instrument, target: 120 });
    expect(asked.ask('WAKE', T0 + SECOND, progressOf(120), traded(196)).orders).toEqual([]);
    expect(asked.ask('WAKE', T0 + 2 * SECOND, progressOf(120), traded(320)).orders).toMatchObject([
      { quantity: 70 },
    ]);
  });

  test('has no schedule: nobody knows yet what the market will trade', () => {
    expect(pov.schedule(context(), EVEN)).toEqual([]);
  });
});

describe('the check of a POV', () => {
  const PATH = 'routing_plan.strategy_params';
  test.each<[string, Partial<PovPlanParams>, Change, string]>([
    [
      'a rate of 1',
      { participation_rate: '1' },
      {},
      `${PATH}.participation_rate: participation_rate must be above 0`,
    ],
    [
      'a rate of 0',
      { participation_rate: '0' },
      {},
      `${PATH}.participation_rate: participation_rate must be above 0`,
    ],
    [
      'a rate that is none',
      { participation_rate: 'NaN' },
      {},
      `${PATH}.participation_rate: participation_rate must`,
    ],
    [
      'a negative rate',
      { participation_rate: '-0.1' },
      {},
      `${PATH}.participation_rate: participation_rate must`,
    ],
    ['an interval of 0', { interval_seconds: 0 }, {}, `${PATH}.interval_seconds: interval_seconds must be`],
    [
      'an interval that is none',
      { interval_seconds: Number.NaN },
      {},
      `${PATH}.interval_seconds: interval_seconds`,
    ],
    ['a rate and a band', { min_rate: '0.1', max_rate: '0.2' }, {}, `${PATH}: a POV takes either`],
    [
      'half a band',
      { participation_rate: undefined, min_rate: '0.1' } as never,
      {},
      `${PATH}: a POV takes either`,
    ],
    [
      'COMPLETE without a time',
      { on_conflict: 'COMPLETE' },
      {},
      `${PATH}.on_conflict: COMPLETE needs complete_by`,
    ],
    ['a time that is none', { complete_by: 'soon' }, {}, `${PATH}.complete_by: complete_by`],
    [
      'a time before the first look',
      { complete_by: toTimestamp(T0) },
      {},
      `${PATH}.complete_by: complete_by`,
    ],
    ['a target of 0', {}, { target: 0 }, 'size_plan.position_size: the target must be'],
    [
      'a target below the minimum',
      {},
      { target: 10, instrument: { ...BTC, minNotional: '5' } },
      `${PATH}: 0.01 BTC/USDT falls below the venue minimum of 5 USDT; at least 0.05 BTC/USDT is needed`,
    ],
  ])('refuses %s', (_, params, change, message) => {
    const made = { ...context(), ...change, params: { ...context().params, ...params } };
    expect(() => pov.check(made, EVEN)).toThrow(
      expect.objectContaining({ code: 'PLAN_INFEASIBLE' }) as unknown as Error,
    );
    try {
      pov.check(made, EVEN);
    } catch (error) {
      const { path, message: text } = error as { path: string; message: string };
      expect(`${path}: ${text.replace(`${path}: `, '')}`).toContain(message);
    }
  });

  test('takes what can be met', () => {
    expect(refusal()).toBe('accepted');
    expect(refusal({ min_rate: '0.1', max_rate: '0.2', duration_seconds: 60 })).toBe('accepted');
  });
});

const contexts = fc
  .record({
    pace: fc.oneof(
      fc.constantFrom('0.01', '0.2', '0.9').map((participation_rate) => ({ participation_rate })),
      fc.constantFrom(
        { min_rate: '0.05', max_rate: '0.3', duration_seconds: 1800 },
        { min_rate: '0.1', max_rate: '0.1', duration_seconds: 600 },
      ),
    ),
    end: fc.oneof(
      fc.constant({ duration_seconds: 1800 }),
      fc.constantFrom<'RATE' | 'COMPLETE'>('RATE', 'COMPLETE').map((on_conflict) => ({
        ...{ complete_by: toTimestamp(T0 + 15 * MINUTE), on_conflict, duration_seconds: 1800 },
      })),
    ),
    own: fc.boolean(),
    interval: fc.constantFrom(1, 7, 60),
    factor: fc.constantFrom('1', '1.5', '3'),
    bounds: fc.constantFrom({}, { max_child_quantity: '0.3' }, { min_child_quantity: '0.02' }),
    onReject: fc.constantFrom<'STOP' | 'SKIP' | 'RETRY'>('STOP', 'SKIP', 'RETRY'),
    onDeadline: fc.constantFrom<'CANCEL' | 'SWEEP' | 'LEAVE'>('CANCEL', 'SWEEP', 'LEAVE'),
    isLimit: fc.boolean(),
    side: fc.constantFrom<Side>('BUY', 'SELL'),
    target: fc.integer({ min: 60, max: 100_000 }),
    minNotional: fc.constantFrom('0', '5'),
  })
  .map((c) => {
    const isSwept = c.onDeadline === 'SWEEP' && 'complete_by' in c.end;
    return context(
      {
        ...{ interval_seconds: c.interval, include_own_fills: c.own, max_catch_up_factor: c.factor },
        ...{ on_reject: c.onReject, on_deadline: isSwept ? 'CANCEL' : c.onDeadline },
        ...(c.isLimit ? { order_type: 'LIMIT', limit_price: c.side === 'BUY' ? '101' : '99' } : {}),
        ...c.bounds,
        ...c.end,
        ...c.pace,
      } as Partial<PovParamsInput>,
      {
        side: c.side,
        target: c.target,
        instrument: { ...BTC, minNotional: c.minNotional },
        startVolume: undefined,
      },
    );
  });

describe('in every world a POV', () => {
  /** Others' lots by the view, since the volume that the group first saw. */
  const othersOf = (view: MarketView | null, start: string | undefined): number =>
    view?.volume === undefined || start === undefined
      ? 0
      : Math.max(0, Math.floor((Number(view.volume) - Number(start)) * 1000 + 0.5));

  test('keeps the rules of every planner, its rate, one order at a time, and sends no burst after an outage', () => {
    fc.assert(
      fc.property(contexts, scripts(), (made, script) => {
        const { interval_seconds: seconds, max_catch_up_factor: factor, on_conflict: conflict } = made.params;
        const interval = seconds * SECOND;
        let sawAt = made.startedAt;
        runWorld(pov, made, script, {
          onDecision: ({ ask, now, decision, progress, view, context: { startVolume, params } }) => {
            const isLate = now - sawAt >= 2 * interval;
            if (view?.volume !== undefined && !decision.deferred) sawAt = now;
            const [order, second] = decision.orders;
            if (second !== undefined) throw new Error('two orders at once');
            if (order === undefined || ask === 'SWEEP' || decision.state.swept || conflict === 'COMPLETE')
              return;
            const own = progress.filled + progress.leaves + progress.unknown + order.quantity;
            const rate = params.participation_rate ?? params.max_rate ?? '0';
            const due = shareOf(othersOf(view, startVolume), rate, params.include_own_fills);
            if (own > due) throw new Error(`${own} lots where ${due} are the share`);
            if (!isLate) return;
            const usual = mulDiv(due, interval, Math.max(interval, now - made.startedAt), 'CEIL');
            // What two orders at the minimum cannot share goes at once.
            // At the order's own price: the market of a world may fall to where the minimum is thousands of lots.
            const least = Math.max(
              20,
              Math.ceil(Number(made.instrument.minNotional) / Number(order.price) / 0.001) + 10,
            );
            const most = Math.max(2 * least, Math.ceil(usual * Number(factor)));
            if (order.quantity > most) throw new Error(`${order.quantity} lots where ${most} are the most`);
          },
        });
      }),
      { numRuns: 1000 },
    );
  });
});
