/**
 * What no DCA can be made of: refused before anything is sent, with what would do.
 *
 * Owns these refusals. Where an amount is in quote currency and there is no price yet, its size is not judged.
 */
import { cmp, fromSteps, isZero, type Lots } from '../dtos/decimal.js';
import type { MarketView } from '../dtos/venue.js';
import {
  checkCommon,
  childBounds,
  infeasible,
  minimumText,
  quantityText,
  requireDecimal,
  requireWhole,
} from './check.js';
import { type Amount, amountLots, type Context, costOf, lotsWithin, timetableOf } from './dca-amount.js';
import { isBeyondLimit, stepTerms } from './dca-ladder.js';
import { firstOccurrence, occurrenceAfter } from './occurrences.js';
import { childTerms } from './orders.js';
import { type Terms, venueMinimum } from './price.js';

const ROOT = 'routing_plan.strategy_params';

const refuse = (field: string, message: string): Error => infeasible(message, `${ROOT}.${field}`);

/** Parameters that other algorithms take and this one would ignore. */
function checkUnused({ params }: Context): void {
  for (const field of ['size_jitter_pct', 'time_jitter_pct'] as const) {
    if (!isZero(params[field]))
      throw refuse(field, `a DCA keeps to its amounts and times: ${field} must be 0`);
  }
  if (params.max_participation !== undefined) {
    throw refuse('max_participation', 'a DCA keeps to its amount; choose a POV, or a smaller amount');
  }
  if (params.order_type === 'STOP_LIMIT') {
    throw refuse('order_type', 'a DCA sends MARKET or LIMIT orders, not STOP_LIMIT');
  }
}

/** Hosts may call a planner without the schemas. */
function requireAmount(amount: Amount, field: string): void {
  const { quantity, unit } = (amount ?? {}) as Partial<Amount>;
  if (quantity === undefined || (unit !== 'BASE' && unit !== 'QUOTE')) {
    throw refuse(field, 'an amount has a quantity and a unit, BASE or QUOTE');
  }
  requireDecimal(`${field}.quantity`, quantity);
}

function checkTimes(context: Context): void {
  const { frequency, occurrences } = context.params;
  if (typeof frequency !== 'string') requireWhole('frequency.period_seconds', frequency?.period_seconds ?? 0);
  if (occurrences !== undefined) requireWhole('occurrences', occurrences);
  const table = timetableOf(context);
  if (firstOccurrence(table) !== null) return;
  const first = occurrenceAfter({ ...table, endsAt: null }, table.startedAt - 1);
  throw refuse(
    'frequency',
    first === null
      ? `${JSON.stringify(frequency)} never comes`
      : `no occurrence of ${JSON.stringify(frequency)} falls before the end; the first is at ${new Date(first).toISOString()}`,
  );
}

const amountText = (context: Context, { unit }: Amount, lots: Lots, terms: Terms): string =>
  unit === 'BASE'
    ? quantityText(context, lots)
    : `${costOf(context, lots, terms.price)} ${context.instrument.quote} (${quantityText(context, lots)} at ${terms.price})`;

/** One amount at one price: not below the minimum, not above the target or max_child_quantity. */
function checkAmount(context: Context, amount: Amount, terms: Terms, field: string): void {
  const { minChild, maxChild } = childBounds(context);
  const venueLeast = venueMinimum(context.instrument, terms);
  const least = Math.max(venueLeast, minChild);
  const lots = amountLots(context, amount, terms.price);
  const said = `${amount.quantity} ${amount.unit === 'BASE' ? context.instrument.base : context.instrument.quote}`;
  if (lots < least) {
    throw refuse(
      field,
      `an amount of ${said} falls below ${minimumText(context, venueLeast, minChild)}; ` +
        `at least ${amountText(context, amount, least, terms)} is needed`,
    );
  }
  const most = Math.min(context.target, maxChild);
  if (lots > most) {
    const bound = maxChild < context.target ? 'max_child_quantity' : 'the target';
    throw refuse(
      field,
      `an amount of ${said} exceeds ${bound}; at most ${amountText(context, amount, most, terms)} can be met`,
    );
  }
}

function checkBudget(context: Context, terms: Terms): void {
  const { budget } = context.params;
  if (budget === undefined) return;
  const least = Math.max(venueMinimum(context.instrument, terms), childBounds(context).minChild);
  if (lotsWithin(context, budget, terms.price, least) >= least) return;
  const { quote } = context.instrument;
  throw refuse(
    'budget',
    `a budget of ${budget} ${quote} buys not even the minimum; ` +
      `at least ${costOf(context, least, terms.price)} ${quote} is needed at ${terms.price}`,
  );
}

function checkLadder(context: Context): void {
  const { params } = context;
  if (params.time_in_force === 'IOC' || params.time_in_force === 'FOK') {
    throw refuse(
      'time_in_force',
      `price steps rest: ${params.time_in_force} contradicts them; GTC or DAY would do`,
    );
  }
  const { price_steps: steps } = params;
  if (!Array.isArray(steps) || steps.length === 0)
    throw refuse('price_steps', 'price_steps is a list of steps');
  for (const [k, { price, amount }] of (steps as NonNullable<typeof params.price_steps>).entries()) {
    const field = `price_steps[${k}]`;
    requireDecimal(`${field}.price`, price);
    if (amount !== undefined) requireAmount(amount, `${field}.amount`);
    if (isBeyondLimit(context, price)) {
      throw refuse(`${field}.price`, `${price} is beyond limit_price ${params.limit_price}`);
    }
    const terms = stepTerms(context, price, null);
    if (terms === null)
      throw refuse(`${field}.price`, `${price} is below one tick of ${context.instrument.tickSize}`);
    const where = amount === undefined ? 'amount.quantity' : `${field}.amount.quantity`;
    checkAmount(context, amount ?? params.amount, terms, where);
    if (k === 0) checkBudget(context, terms);
  }
}

/**
 * Throws PLAN_INFEASIBLE: no occurrence before the end, an amount or a budget below what the venue takes, an amount
 * above the target or `max_child_quantity`, a step beyond the limit, and parameters that a DCA would ignore.
 */
export function check(context: Context, view: MarketView | null): void {
  const { params } = context;
  const isLadder = params.price_steps !== undefined;
  // The steps name their own prices.
  checkCommon(isLadder ? { ...context, params: { ...params, order_type: 'MARKET' } } : context);
  if (params.duration_seconds !== undefined) requireWhole('duration_seconds', params.duration_seconds);
  if (isLadder === (params.frequency !== undefined)) {
    throw refuse('frequency', 'a DCA takes either frequency or price_steps');
  }
  checkUnused(context);
  requireAmount(params.amount, 'amount');
  requireDecimal('budget', params.budget);
  if (isLadder) return checkLadder(context);
  checkTimes(context);
  const terms = childTerms(context, null, view);
  if (terms !== null) {
    checkAmount(context, params.amount, terms, 'amount.quantity');
    checkBudget(context, terms);
  } else if (params.amount.unit === 'BASE' && cmp(params.amount.quantity, context.instrument.lotSize) < 0) {
    throw refuse(
      'amount.quantity',
      `an amount of ${params.amount.quantity} falls below one lot; at least ${fromSteps(1, context.instrument.lotSize)} is needed`,
    );
  }
}
