/**
 * What a group of one kind shows beyond its schedule: the participation of a POV, the tip of an iceberg, the rungs of
 * a ladder.
 *
 * Owns these views. Pure functions of a group's view and its trace; exact decimals, wire names.
 */
import { add, cmp, div, fromSteps, isZero, min, mul, sub } from '../../dtos/decimal.js';
import { toTimestamp } from '../../dtos/time.js';
import type { PlannedSlice } from '../../strategies/index.js';
import type { GroupView, OrderView } from '../run-view.js';
import { participation } from './figures.js';
import type { GroupTrace } from './trace.js';

/** Until `at`, from the group's start on: what others traded, and own ÷ (own + others'), a fraction. */
export interface ParticipationPoint {
  readonly at: string;
  readonly volume: string;
  readonly participation: string;
}

/** The band that a POV is to keep to; `min` = `max` for one rate. Own ÷ (own + others'). */
export interface ParticipationBand {
  readonly min: string;
  readonly max: string;
}

/** From `at` on: what the book shows of an iceberg, and what it does not. */
export interface TipPoint {
  readonly at: string;
  readonly shown: string;
  readonly hidden: string;
}

/** One price of a ladder, best price of a seller first: what is to rest there, and what of it has filled. */
export interface RungView {
  readonly price: string;
  readonly quantity: string;
  readonly filled: string;
}

interface KindParams {
  readonly participation_rate?: string;
  readonly min_rate?: string;
  readonly max_rate?: string;
  readonly include_own_fills?: boolean;
  readonly display_quantity?: string;
  readonly visible_ratio?: string;
}

const RATIO_PLACES = 6;
const PRICE_PLACES = 8;

const paramsOf = (trace: GroupTrace): KindParams => (trace.created.strategyParams ?? {}) as KindParams;

interface Filled {
  readonly at: number;
  readonly quantity: string;
}

const fillsOf = (group: GroupView): Filled[] =>
  group.orders
    .flatMap((order) => order.fills)
    .map((fill) => ({ at: Date.parse(fill.executed_at), quantity: fill.filled_quantity }))
    .sort((a, b) => a.at - b.at);

/** Of a POV, at each time that its planner saw the market; empty of any other. */
export function participationsOf(group: GroupView, trace: GroupTrace | undefined): ParticipationPoint[] {
  const [first, ...later] = trace?.volumes ?? [];
  if (first === undefined) return [];
  const fills = fillsOf(group);
  let own = '0';
  let next = 0;
  return later.flatMap(({ at, volume }) => {
    for (let fill = fills[next]; fill !== undefined && fill.at <= at; fill = fills[++next])
      own = add(own, fill.quantity);
    const others = sub(volume, first.volume);
    const part = participation(own, others);
    return part === null ? [] : [{ at: toTimestamp(at), volume: others, participation: part }];
  });
}

export function bandOf(trace: GroupTrace | undefined): ParticipationBand | null {
  if (trace?.created.strategy !== 'POV') return null;
  const { participation_rate: rate, min_rate: least, max_rate: most, include_own_fills } = paramsOf(trace);
  const [low, high] = [least ?? rate, most ?? rate];
  if (low === undefined || high === undefined) return null;
  // Own ÷ others' is told as own ÷ all, as everywhere in a report.
  const ofAll = (r: string): string => (include_own_fills === false ? div(r, add('1', r), RATIO_PLACES) : r);
  return { min: ofAll(low), max: ofAll(high) };
}

/** Of an ICEBERG, after each thing that happened to its orders; empty of any other. */
export function tipsOf(group: GroupView, trace: GroupTrace | undefined): TipPoint[] {
  const { target_quantity: target } = group;
  if (trace === undefined || target === null || trace.created.strategy !== 'ICEBERG') return [];
  const { display_quantity: display, visible_ratio: ratio } = paramsOf(trace);
  const tip = display ?? (ratio === undefined ? target : mul(ratio, target));
  return trace.open.map(({ at, open, filled }) => {
    const shown = min(open, tip);
    const rest = sub(sub(target, filled), shown);
    return { at: toTimestamp(at), shown, hidden: cmp(rest, '0') > 0 ? rest : '0' };
  });
}

/**
 * Of a schedule that names different prices: a rung per price. Of a DCA by the clock: a rung per price that it paid.
 * Empty of any other.
 */
export function rungsOf(slices: readonly PlannedSlice[], lotSize: string, group: GroupView): RungView[] {
  const planned = new Map<string, number>();
  for (const { price, quantity } of slices) {
    if (price !== null) planned.set(price, (planned.get(price) ?? 0) + quantity);
  }
  const rungs =
    planned.size > 1
      ? [...planned].map(([price, lots]) => ({
          price,
          quantity: fromSteps(lots, lotSize),
          filled: filledAt(price, group.orders),
        }))
      : group.strategy === 'DCA'
        ? paid(group.orders)
        : [];
  return rungs.length < 2 ? [] : rungs.sort((a, b) => cmp(b.price, a.price));
}

const filledOf = ({ fills }: OrderView): string =>
  fills.reduce((sum, fill) => add(sum, fill.filled_quantity), '0');

const filledAt = (price: string, orders: readonly OrderView[]): string =>
  orders
    .filter((order) => order.price !== null && cmp(order.price, price) === 0)
    .reduce((sum, order) => add(sum, filledOf(order)), '0');

function paid(orders: readonly OrderView[]): RungView[] {
  const rungs = new Map<string, RungView>();
  for (const order of orders) {
    const filled = filledOf(order);
    if (isZero(filled)) continue;
    const worth = order.fills.reduce(
      (sum, fill) => add(sum, mul(fill.filled_quantity, fill.fill_price)),
      '0',
    );
    const price = div(worth, filled, PRICE_PLACES);
    const same = rungs.get(price) ?? { price, quantity: '0', filled: '0' };
    rungs.set(price, {
      price,
      quantity: add(same.quantity, order.quantity),
      filled: add(same.filled, filled),
    });
  }
  return [...rungs.values()];
}
