/**
 * Amounts of a DCA: base or quote quantity, lots, and what is left of a budget.
 *
 * Owns this arithmetic. Lots are whole and floored: no order is worth more than its amount or than the budget left.
 */
import {
  add,
  cmp,
  type DecimalString,
  fromSteps,
  isZero,
  type Lots,
  mul,
  sub,
  toSteps,
} from '../dtos/decimal.js';
import { invariant } from '../dtos/errors.js';
import type { DcaParams } from '../dtos/strategy-params.js';
import type { StrategyContext } from './contract.js';
import type { Timetable } from './occurrences.js';
import type { DcaPlanParams } from './params.js';

export type Context = StrategyContext<DcaPlanParams>;
export type Amount = DcaParams['amount'];

export const NOTHING = '0';

/** price × quantity, quote. */
export const costOf = (context: StrategyContext<unknown>, lots: Lots, price: DecimalString): DecimalString =>
  mul(fromSteps(lots, context.instrument.lotSize), price);

/** The most lots, up to `most`, that `quote` pays for at this price; null: it does not bound them. */
export function lotsWithin(
  context: StrategyContext<unknown>,
  quote: DecimalString | null,
  price: DecimalString,
  most: Lots,
): Lots {
  if (quote === null || cmp(quote, costOf(context, most, price)) >= 0) return most;
  return toSteps(quote, mul(price, context.instrument.lotSize), 'FLOOR');
}

/** What is left of the budget, quote; null without one. */
export const leftOf = (budget: DecimalString | undefined, spent: DecimalString): DecimalString | null =>
  budget === undefined ? null : cmp(spent, budget) >= 0 ? NOTHING : sub(budget, spent);

export const spend = (
  context: StrategyContext<unknown>,
  spent: DecimalString,
  lots: Lots,
  price: DecimalString,
): DecimalString => (isZero(price) ? spent : add(spent, costOf(context, lots, price)));

/** An amount in whole lots at this price, floored; no more than the target and one lot, which no order may reach. */
export function amountLots(context: Context, amount: Amount, price: DecimalString): Lots {
  const { lotSize } = context.instrument;
  const most = context.target + 1;
  if (amount.unit === 'QUOTE') return lotsWithin(context, amount.quantity, price, most);
  // Up to seven characters are fewer lots than a number holds, whatever the lot (8 decimals).
  if (amount.quantity.length < 8) return Math.min(most, toSteps(amount.quantity, lotSize, 'FLOOR'));
  return cmp(amount.quantity, fromSteps(most, lotSize)) >= 0
    ? most
    : toSteps(amount.quantity, lotSize, 'FLOOR');
}

/** Only for a DCA by occurrences. */
export function timetableOf({ params, startedAt, endsAt }: Context): Timetable {
  const { frequency, time_zone: timeZone } = params;
  invariant(frequency !== undefined, 'a DCA without price_steps has a frequency');
  return { frequency, timeZone, startedAt, endsAt };
}
