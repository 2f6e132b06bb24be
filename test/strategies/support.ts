/** Contexts, views and a little venue for the planners' tests. */
import {
  SingleParamsSchema,
  type TwapParamsInput,
  TwapParamsSchema,
} from '../../src/dtos/strategy-params.js';
import type { Instrument, MarketView } from '../../src/dtos/venue.js';
import type {
  Ask,
  Decision,
  PlannedOrder,
  Progress,
  Strategy,
  StrategyContext,
} from '../../src/strategies/contract.js';
import type { SinglePlanParams, TwapPlanParams } from '../../src/strategies/params.js';

export const T0 = Date.UTC(2025, 0, 6, 9, 0, 0);
export const MINUTE = 60_000;

export const BTC: Instrument = {
  symbol: 'BTC/USDT',
  tickSize: '0.01',
  lotSize: '0.001',
  minNotional: '0',
  base: 'BTC',
  quote: 'USDT',
};

export const view = (bid: string | null, ask: string | null, last: string | null = null): MarketView => ({
  bid,
  ask,
  last,
  at: T0,
});
/** Mid 100. */
export const EVEN = view('99.99', '100.01');

export const twapParams = (change: Partial<TwapParamsInput> = {}): TwapPlanParams =>
  TwapParamsSchema.parse({
    strategy: 'TWAP',
    duration_seconds: 600,
    ...(change.interval_seconds === undefined ? { slices: 10 } : {}),
    ...change,
  });

export const singleParams = (change: Partial<SinglePlanParams> = {}): SinglePlanParams => ({
  ...SingleParamsSchema.parse({ strategy: 'SINGLE' }),
  ...change,
});

export function contextOf<P>(
  params: P,
  change: Partial<Omit<StrategyContext<P>, 'params'>> = {},
): StrategyContext<P> {
  return {
    params,
    instrument: BTC,
    side: 'BUY',
    target: 1000,
    maxSlippage: '0.01',
    startedAt: T0,
    endsAt: null,
    ...change,
  };
}

export const progressOf = (cap: number, change: Partial<Progress> = {}): Progress => ({
  cap,
  limitPrice: null,
  filled: 0,
  leaves: 0,
  unknown: 0,
  live: 0,
  ...change,
});

/** A planner with its state, asked as a group asks it; the state passes through JSON each time. */
export class Planner<P, S> {
  state: S;
  readonly #strategy: Strategy<P, S>;
  readonly #context: StrategyContext<P>;

  constructor(strategy: Strategy<P, S>, context: StrategyContext<P>) {
    this.#strategy = strategy;
    this.#context = context;
    this.state = strategy.initial(context);
  }

  ask(ask: Ask, now: number, progress: Progress, market: MarketView | null = EVEN): Decision<S> {
    const decision = this.#strategy.decide(this.#context, this.state, progress, market, now, ask);
    this.state = JSON.parse(JSON.stringify(decision.state)) as S;
    return decision;
  }
}

export interface Sent {
  readonly at: number;
  readonly order: PlannedOrder;
}

/** Runs a planner to its end with every order filled at once. */
export function runFilling<P, S>(
  strategy: Strategy<P, S>,
  context: StrategyContext<P>,
  market: MarketView | null = EVEN,
): Sent[] {
  const planner = new Planner(strategy, context);
  const sent: Sent[] = [];
  let filled = 0;
  let ask: Ask = 'START';
  for (let now = context.startedAt; ; ask = 'WAKE') {
    const decision = planner.ask(ask, now, progressOf(context.target, { filled }), market);
    for (const order of decision.orders) {
      sent.push({ at: now, order });
      filled += order.quantity;
    }
    if (decision.wakeAt === null) return sent;
    now = decision.wakeAt;
  }
}

export const quantities = (sent: readonly Sent[]): number[] => sent.map(({ order }) => order.quantity);
