/**
 * The guard around a host's strategy (fault 36): whatever it throws or answers becomes a decision that can be taken.
 *
 * Owns what a sound answer is: lots within the room, prices on the tick and within the bounds that the command gives,
 * a wake that lies ahead, a state that JSON carries. Anything else is a fault, in words; the group machine ends its
 * group with them. A loop that never returns is beyond any guard in the same thread.
 */
import { cmp, isZero, type Lots, toSteps } from '../dtos/decimal.js';
import { messageOf } from '../dtos/errors.js';
import { deepFreeze, toJson } from '../dtos/parse.js';
import { ORDER_TYPES, TIMES_IN_FORCE } from '../dtos/enums.js';
import type { MarketView } from '../dtos/venue.js';
import { SLICES_MAX } from '../dtos/primitives.js';
import type {
  Decision,
  PlannedOrder,
  PlannedSlice,
  PriceBand,
  Progress,
  Strategy,
  StrategyContext,
} from './contract.js';
import { roomOf } from './orders.js';
import type { CommonParams } from './params.js';
import { marketablePrice } from './price.js';

/** As many levels as a built-in ladder may have. */
const ORDERS_MAX = 200;
/** Characters of a state: it is kept with the group and written into every snapshot. */
const STATE_MAX = 65_536;
const PLAIN = /^\d{1,20}(\.\d{1,18})?$/;

/** The state of a strategy that could not even begin. */
interface Faulted {
  readonly $fault: string;
}

const isFaulted = (state: unknown): state is Faulted =>
  typeof state === 'object' && state !== null && typeof (state as Partial<Faulted>).$fault === 'string';

const wordsOf = (error: unknown): string => messageOf(error).slice(0, 200);

const fault = (state: unknown, what: string): Decision<unknown> => ({
  ...{ state, orders: [], wakeAt: null, exhausted: true, deferred: false, fault: what },
});

/** How long it runs, or what is wrong with its answer. */
function durationOf(strategy: Strategy<unknown, unknown>, params: unknown): number | null | { flaw: string } {
  try {
    const ms = strategy.duration(params);
    if (ms === null || (Number.isSafeInteger(ms) && ms >= 0)) return ms;
    return { flaw: `duration answered ${String(ms)}, not whole milliseconds or null` };
  } catch (error) {
    return { flaw: `duration threw: ${wordsOf(error)}` };
  }
}

/** The same strategy, whose every answer can be taken. What is refused before anything is sent still throws. */
export function guarded(strategy: Strategy<unknown, unknown>): Strategy<unknown, unknown> {
  const { name, asksOnOrderEnd, asksOnFill, seesSlots } = strategy;
  // Called on the strategy itself, which may be an instance of a class.
  return Object.freeze({
    name,
    asksOnOrderEnd: asksOnOrderEnd === true,
    asksOnFill: asksOnFill === true,
    seesSlots: (params) =>
      typeof seesSlots === 'function' ? attempt(() => seesSlots(params)) === true : seesSlots === true,
    duration(params) {
      const ms = durationOf(strategy, params);
      return typeof ms === 'object' && ms !== null ? null : ms;
    },
    check: (context, view) => strategy.check(sealed(context), sealedView(view)),
    initial(context) {
      const ms = durationOf(strategy, context.params);
      if (typeof ms === 'object' && ms !== null) return { $fault: ms.flaw };
      try {
        const state = strategy.initial(sealed(context)) ?? null;
        const flaw = stateFlaw(state);
        return flaw === null ? deepFreeze(state) : { $fault: flaw };
      } catch (error) {
        return { $fault: `initial threw: ${wordsOf(error)}` };
      }
    },
    decide(context, state, progress, view, now, ask) {
      if (isFaulted(state)) return fault(state, state.$fault);
      try {
        const given = [sealed(context), state, progress, sealedView(view), now, ask] as const;
        const decision = copied(strategy.decide(...given));
        if (typeof decision === 'string') return fault(state, decision);
        const flaw = flawOf(decision, { context, progress, view, now } as Situation);
        return flaw === null ? decision : fault(state, flaw);
      } catch (error) {
        return fault(state, `decide threw: ${wordsOf(error)}`);
      }
    },
    schedule(context, view) {
      const slices = strategy.schedule(sealed(context), sealedView(view));
      const flaw = scheduleFlaw(slices, context.target);
      if (flaw !== null) throw new Error(`the schedule of ${name} ${flaw}`);
      return slices;
    },
  } satisfies Strategy<unknown, unknown>);
}

/** What other groups share is not a strategy's to write into. */
const sealed = (context: StrategyContext<unknown>): StrategyContext<unknown> =>
  Object.freeze({ ...context, instrument: Object.freeze({ ...context.instrument }) });
const sealedView = (view: MarketView | null): MarketView | null =>
  view === null ? null : Object.freeze({ ...view });

/** Only the fields of the contract, read once: what is checked is what is taken. What is wrong, where it is none. */
function copied(decision: Decision<unknown>): Decision<unknown> | string {
  if (typeof decision !== 'object' || decision === null || !Array.isArray(decision.orders))
    return 'decide answered no decision with orders';
  const { orders, wakeAt, exhausted, deferred, cancels, watch, done } = decision;
  if (orders.length > ORDERS_MAX) return `${orders.length} orders at once, more than ${ORDERS_MAX}`;
  return deepFreeze({
    ...{ state: decision.state ?? null, orders: [...orders].map(copiedOrder), wakeAt, exhausted, deferred },
    ...(cancels === undefined ? {} : { cancels }),
    ...(watch === undefined ? {} : { watch: { ...watch } }),
    ...(done === undefined ? {} : { done }),
  });
}

function copiedOrder(order: PlannedOrder): PlannedOrder {
  const { quantity, orderType, timeInForce, price, stopPrice, postOnly, reduceOnly, displayQuantity } = order;
  return {
    ...{ quantity, orderType, timeInForce, price, stopPrice, postOnly, reduceOnly },
    ...(displayQuantity === undefined ? {} : { displayQuantity }),
  };
}

function scheduleFlaw(slices: readonly PlannedSlice[], target: Lots): string | null {
  if (!Array.isArray(slices)) return 'is no list of slices';
  if (slices.length > SLICES_MAX) return `has ${slices.length} slices, more than ${SLICES_MAX}`;
  let total = 0;
  for (const [i, { at, quantity, price }] of slices.entries()) {
    if (!Number.isSafeInteger(at) || !Number.isSafeInteger(quantity) || quantity <= 0)
      return `has ${String(quantity)} lots at ${String(at)} as slice ${i + 1}`;
    if (price !== null && !isPrice(price)) return `has the price ${String(price)} in slice ${i + 1}`;
    total += quantity;
  }
  return total > target ? `comes to ${total} lots of ${target}` : null;
}

function attempt<T>(call: () => T): T | null {
  try {
    return call();
  } catch {
    return null;
  }
}

function stateFlaw(state: unknown): string | null {
  try {
    const text = state === undefined ? 'null' : toJson(state);
    return text.length > STATE_MAX ? `a state of more than ${STATE_MAX} characters` : null;
  } catch {
    return 'a state that JSON cannot hold';
  }
}

interface Situation {
  readonly context: StrategyContext<CommonParams>;
  readonly progress: Progress;
  readonly view: MarketView | null;
  readonly now: number;
}

/** What is wrong with an answer; null: nothing. */
function flawOf(decision: Decision<unknown>, situation: Situation): string | null {
  const { orders, wakeAt, watch } = decision;
  if (typeof decision.exhausted !== 'boolean' || typeof decision.deferred !== 'boolean')
    return 'exhausted and deferred must be true or false';
  if (wakeAt !== null && !(Number.isSafeInteger(wakeAt) && wakeAt > situation.now))
    return `wakeAt ${String(wakeAt)} is no whole millisecond after now, ${situation.now}`;
  if (decision.cancels === true && orders.length > 0) return 'orders beside cancels';
  return (
    ordersFlaw(orders, situation) ??
    (watch === undefined ? null : watchFlaw(watch)) ??
    stateFlaw(decision.state)
  );
}

function ordersFlaw(orders: readonly PlannedOrder[], situation: Situation): string | null {
  let total = 0;
  for (const order of orders) {
    if (!Number.isSafeInteger(order.quantity) || order.quantity <= 0)
      return `an order of ${String(order.quantity)} lots`;
    total += order.quantity;
    const flaw = termsFlaw(order) ?? priceFlaw(order, situation);
    if (flaw !== null) return flaw;
  }
  const room = roomOf(situation.progress);
  return total > room ? `${total} lots where ${room} are left` : null;
}

function termsFlaw({
  orderType,
  timeInForce,
  stopPrice,
  postOnly,
  reduceOnly,
  displayQuantity,
  quantity,
}: PlannedOrder) {
  if ((orderType as string) === 'MARKET' || !ORDER_TYPES.includes(orderType))
    return `orderType ${String(orderType)}: LIMIT or STOP_LIMIT, a market order is a marketable IOC LIMIT`;
  if (!TIMES_IN_FORCE.includes(timeInForce)) return `timeInForce ${String(timeInForce)}`;
  if (typeof postOnly !== 'boolean' || typeof reduceOnly !== 'boolean')
    return 'postOnly and reduceOnly must be true or false';
  if ((orderType === 'STOP_LIMIT') !== (stopPrice !== null))
    return `stopPrice ${String(stopPrice)} of a ${orderType}`;
  if (
    displayQuantity === undefined ||
    (Number.isSafeInteger(displayQuantity) && displayQuantity > 0 && displayQuantity <= quantity)
  )
    return null;
  return `displayQuantity ${String(displayQuantity)}`;
}

const isPrice = (price: unknown): price is string =>
  typeof price === 'string' && PLAIN.test(price) && !isZero(price);

/** On the tick, and no worse than the limit price, or than the slippage bound where there is none. */
function priceFlaw(order: PlannedOrder, { context, progress, view }: Situation): string | null {
  const { instrument, side, params, maxSlippage } = context;
  const { price, stopPrice } = order;
  for (const value of stopPrice === null ? [price] : [price, stopPrice]) {
    if (!isPrice(value)) return `price ${String(value)} is no positive decimal string`;
    if (attempt(() => toSteps(value, instrument.tickSize, 'EXACT')) === null)
      return `price ${value} is not a multiple of the tick ${instrument.tickSize}`;
  }
  const limit = progress.limitPrice ?? params.limit_price ?? null;
  const tick = instrument.tickSize;
  const bound = limit ?? marketablePrice({ side, view, maxSlippage, tick, limitPrice: null });
  if (bound === null)
    return 'an order with neither a reference price nor limit_price to bound it; defer instead';
  const beyond = side === 'BUY' ? cmp(price, bound) : cmp(bound, price);
  if (beyond <= 0) return null;
  return `price ${price} beyond ${limit === null ? 'max_slippage_pct' : 'limit_price'}, ${bound}`;
}

function watchFlaw(watch: PriceBand): string | null {
  const { price, above, below } = watch;
  const isBand =
    ['BID', 'ASK', 'LAST', 'VOLUME'].includes(price) &&
    (above === null || isPrice(above)) &&
    (below === null || isPrice(below));
  return isBand ? null : 'a watch that is no price band';
}
