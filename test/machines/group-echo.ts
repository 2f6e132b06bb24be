/**
 * A planner whose state is what it was asked with, and contexts of a group that runs it: what the group machine's
 * functions hand to a planner, and what they make of its answer, then stands in a context as a whole.
 */
import type { GroupContext, GroupSpec } from '../../src/machines/group-model.js';
import type { Ask, Decision, Strategy, StrategyContext } from '../../src/strategies/contract.js';
import { type AnyStrategy, STRATEGIES, type Strategies } from '../../src/strategies/registry.js';
import { BTC, T0 } from '../strategies/support.js';
import { END, groupChart, single } from './group-facts.js';

type Answers = { readonly [A in Ask]?: Partial<Omit<Decision<unknown>, 'state'>> };

const SILENT = { orders: [], wakeAt: null, exhausted: false, deferred: false } as const;

const echoing = (name: string, asksOnOrderEnd: boolean | 'SHORT'): AnyStrategy => {
  const strategy: Strategy<Answers, unknown> = {
    name,
    asksOnOrderEnd,
    duration: () => null,
    check() {},
    initial: (plan) => ({ begun: plan }),
    decide: (plan, before, progress, view, now, ask) => ({
      ...SILENT,
      ...plan.params[ask],
      state: { before, plan, progress, view, now, ask },
    }),
    schedule: () => [],
  };
  return strategy as AnyStrategy;
};

/** Hears of every end, of none, of those that fell short. */
export type Ear = 'ECHO' | 'DEAF' | 'SHORT';
const EARS = { ECHO: true, DEAF: false, SHORT: 'SHORT' } as const satisfies Record<Ear, boolean | 'SHORT'>;

/** The built-in strategies and these. */
export const WITH_ECHO: Strategies = new Map<string, AnyStrategy>([
  ...STRATEGIES,
  ...Object.entries(EARS).map(([name, asks]) => [name, echoing(name, asks)] as const),
]);

export const echo = (
  answers: Answers,
  change: Partial<GroupSpec> = {},
  strategy: GroupSpec['strategy'] = 'ECHO',
): GroupSpec => single({ strategy, params: answers, ...change });

export const planOf = (
  params: unknown,
  change: Partial<StrategyContext<unknown>> = {},
): StrategyContext<unknown> => ({
  params,
  instrument: BTC,
  side: 'BUY',
  target: 10,
  maxSlippage: '0.01',
  startedAt: T0,
  endsAt: null,
  startVolume: '0',
  ...change,
});

/** The generation of these contexts. */
export const GEN = 7;

/** A group of this spec that has started: nothing planned yet, no end. */
export function contextOf(spec: GroupSpec, change: Partial<GroupContext> = {}): GroupContext {
  const { context } = groupChart.initial({ spec });
  return { ...context, plan: planOf(spec.params), gen: GEN, ...change };
}

/** Its schedule ends then; null: never. */
export const ending = (endsAt: number | null): Partial<GroupContext> => ({ plan: planOf({}, { endsAt }) });

/** It sweeps before its schedule ends. */
export const sweeping = (change: Partial<GroupContext> = {}): GroupContext =>
  contextOf(echo({}, { onDeadline: 'SWEEP' }), { ...ending(END), ...change });
