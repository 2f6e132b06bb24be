/**
 * A strategy of the host's own: buys in equal clips, each one a step below the price of the last.
 *
 * It is a pure planner under the contract of the built-in ones: asked by the runtime, it answers with orders in lots,
 * a price to watch, and its own memory as plain JSON. Checks, gate, journal, report and rollback are the runtime's.
 */
import {
  type Decision,
  custom,
  defineStrategy,
  executionReport,
  independent,
  marketablePrice,
  roomOf,
  type SharedParams,
  type StrategyContext,
} from 'fillwright';
import { openDesk, start } from './simulated-desk.js';

interface Params {
  readonly clips: number;
  /** Hundredths of a per cent. */
  readonly step_bps: number;
}
interface State {
  readonly sent: number;
}
type Context = StrategyContext<SharedParams & Params>;

const isCount = (value: unknown): value is number => Number.isInteger(value) && (value as number) > 0;

/** Spare lots go to the earliest clips. */
function clip({ target, params: { clips } }: Context, k: number): number {
  return Math.floor(target / clips) + (k < target % clips ? 1 : 0);
}

/** One step further: lower for a buyer. Rounded to the tick by the runtime's own rule. */
function nextPrice({ side, instrument, params }: Context, price: string): string {
  const sign = side === 'BUY' ? -1 : 1;
  const step = Number(instrument.tickSize);
  const ticks = Math.round((Number(price) * (1 + (sign * params.step_bps) / 10_000)) / step);
  return (ticks * step).toFixed(2);
}

export const dip = defineStrategy<Params, State>({
  name: 'DIP',
  params({ clips, step_bps }) {
    if (!isCount(clips) || !isCount(step_bps)) throw new Error('DIP takes clips and step_bps, whole numbers');
    return { clips, step_bps };
  },
  asksOnOrderEnd: false,
  duration: ({ duration_seconds: seconds }) => (seconds === undefined ? null : seconds * 1000),
  check({ target, params }) {
    if (target < params.clips) throw new Error(`${params.clips} clips of ${target} lots: at most ${target}`);
  },
  initial: () => ({ sent: 0 }),
  decide(context, state, progress, view, now): Decision<State> {
    const { side, maxSlippage, instrument, params } = context;
    const touch = side === 'BUY' ? view?.ask : view?.bid;
    const price = marketablePrice({
      ...{ side, view, maxSlippage, tick: instrument.tickSize },
      limitPrice: progress.limitPrice ?? params.limit_price ?? null,
    });
    if (price === null || touch == null) {
      return { state, orders: [], wakeAt: now + 1000, exhausted: false, deferred: true };
    }
    const sent = state.sent + 1;
    const quantity = Math.min(clip(context, state.sent), roomOf(progress));
    const next = nextPrice(context, touch);
    const watched = side === 'BUY' ? { above: null, below: next } : { above: next, below: null };
    const isLast = sent === params.clips;
    return {
      state: { sent },
      orders: [
        {
          ...{ quantity, price, orderType: 'LIMIT', timeInForce: 'IOC', stopPrice: null },
          ...{ postOnly: false, reduceOnly: params.reduce_only },
        },
      ],
      wakeAt: null,
      exhausted: isLast,
      deferred: false,
      ...(isLast ? {} : { watch: { price: side === 'BUY' ? 'ASK' : 'BID', ...watched } }),
    };
  },
  schedule(context, view) {
    let price = (context.side === 'BUY' ? view?.ask : view?.bid) ?? null;
    return Array.from({ length: context.params.clips }, (_, k) => {
      if (price !== null && k > 0) price = nextPrice(context, price);
      return { at: context.startedAt, quantity: clip(context, k), price };
    });
  },
});

const { runtime, journal, work } = await openDesk({ strategies: [dip] });
const leg = { symbol: 'BTC/USDT', side: 'BUY', quantity: '0.3', over: '4m' } as const;
const batch = (clips: number, seed: string) =>
  independent(
    { dips: custom({ ...leg, strategy: 'DIP', params: { clips, step_bps: 1 } }) },
    { at: start, seed },
  );

// Wrong parameters are refused before anything is sent, like those of any strategy.
const wrong = batch(-3, 'wrong');
await runtime.submit(wrong.directive, wrong.commands).catch((error: Error) => console.log(error.message));

const built = batch(3, 'dips');
const handle = await runtime.submit(built.directive, built.commands);
await work();
const { status, legs } = await handle.result();
console.log(status, legs[0]?.filledQuantity, legs[0]?.reason);

const report = executionReport(journal.lines() ?? [], { strategies: [dip] });
for (const { strategy, fills, rungs } of report.batches.flatMap(({ groups }) => groups)) {
  for (const { price, quantity } of rungs) console.log(`${strategy} planned ${quantity} at ${price}`);
  for (const { price, quantity } of fills) console.log(`${strategy} bought  ${quantity} at ${price}`);
}
await runtime.close();
