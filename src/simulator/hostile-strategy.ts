/**
 * A host's strategy that goes wrong (kind 36): it plans well for a while, then throws, answers nonsense, or asks for
 * more than its target. Its group has to end FAILED, nothing else may suffer.
 *
 * Owns what it does wrong. A loop that never ends is beyond any guard in the same thread, and is none of it.
 */
import {
  type CustomStrategy,
  type Decision,
  defineStrategy,
  marketablePrice,
  type PlannedOrder,
  roomOf,
} from '../strategies/index.js';

export const HOSTILE = 'HOSTILE';

export const VICES = [
  ...(['THROWS', 'ANSWERS_NOTHING', 'NOT_A_NUMBER', 'NEGATIVE', 'FRACTION', 'ABOVE_TARGET'] as const),
  ...(['TOO_MANY', 'OFF_TICK', 'WAKES_BEFORE', 'KEEPS_NO_JSON', 'WRITES', 'BEYOND_SLIPPAGE'] as const),
] as const;
export type Vice = (typeof VICES)[number];

interface Params {
  readonly vice: Vice;
  /** Sound answers before the first bad one. */
  readonly after: number;
}
interface State {
  readonly answers: number;
}

const PAUSE_MS = 700;

/** What it answers instead; `sound` is the order that it would place. */
function wrong(
  vice: Vice,
  sound: PlannedOrder,
  good: Decision<State>,
  context: object,
  now: number,
): unknown {
  const withOrder = (change: Partial<Record<keyof PlannedOrder, unknown>>) => ({
    ...good,
    orders: [{ ...sound, ...change }],
  });
  switch (vice) {
    case 'THROWS':
      throw new Error('a defect of the strategy');
    case 'ANSWERS_NOTHING':
      return undefined;
    case 'NOT_A_NUMBER':
      return withOrder({ quantity: Number.NaN });
    case 'NEGATIVE':
      return withOrder({ quantity: -1 });
    case 'FRACTION':
      return withOrder({ quantity: 0.5 });
    case 'ABOVE_TARGET':
      return withOrder({ quantity: 1e9 });
    case 'TOO_MANY':
      return { ...good, orders: Array.from({ length: 1_000 }, () => sound) };
    case 'OFF_TICK':
      return withOrder({ price: `${sound.price}1` });
    case 'WAKES_BEFORE':
      return { ...good, orders: [], wakeAt: now - 1 };
    case 'KEEPS_NO_JSON':
      return { ...good, state: { answers: () => 1 } };
    case 'WRITES':
      Object.assign(context, { target: 1e9 });
      return good;
    case 'BEYOND_SLIPPAGE':
      return withOrder({ price: sound.price.replace(/^\d+/, (whole) => (Number(whole) * 3).toString()) });
  }
}

export const hostileStrategy = defineStrategy<Params, State>({
  name: HOSTILE,
  params: ({ vice, after }) => ({ vice, after }) as Params,
  asksOnOrderEnd: false,
  duration: ({ duration_seconds: seconds }) => (seconds === undefined ? null : seconds * 1_000),
  check: () => undefined,
  initial: () => ({ answers: 0 }),
  schedule: () => [],
  decide(context, { answers }, progress, view, now): Decision<State> {
    const { side, maxSlippage, instrument, params, target } = context;
    const price = marketablePrice({
      ...{ side, view, maxSlippage, tick: instrument.tickSize },
      limitPrice: progress.limitPrice ?? params.limit_price ?? null,
    });
    const state = { answers: answers + 1 };
    if (price === null)
      return { state, orders: [], wakeAt: now + PAUSE_MS, exhausted: false, deferred: true };
    const quantity = Math.min(Math.max(1, Math.floor(target / 5)), roomOf(progress));
    const order: PlannedOrder = {
      ...{ quantity, price, orderType: 'LIMIT', timeInForce: 'IOC', stopPrice: null },
      ...{ postOnly: false, reduceOnly: params.reduce_only },
    };
    const orders = quantity > 0 ? [order] : [];
    const good: Decision<State> = {
      state,
      orders,
      wakeAt: now + PAUSE_MS,
      exhausted: false,
      deferred: false,
    };
    return answers < params.after ? good : (wrong(params.vice, order, good, context, now) as Decision<State>);
  },
}) as unknown as CustomStrategy;
