/**
 * Reports that no venue can mean: quantities and prices that are no decimals, fields that are not their type's. A
 * venue's facts are operating conditions, so such a report stops nothing; it books nothing either, and the order is
 * asked about.
 *
 * Owns only the finding, and what of a report is taken in at all. What follows from it is order-fate.ts's.
 */
import { type Fixed, toFixedPoint } from '../dtos/amount.js';
import type { AccountReport, Report } from '../dtos/venue.js';

/** The fields of each type, beside those of all. */
const FIELDS: Readonly<Record<Report['type'], readonly string[]>> = {
  NEW: [],
  TRADE: ['execId', 'quantity', 'price', 'liquidity', 'commission', 'commissionAsset'],
  TRADE_CANCEL: ['execId', 'execRefId', 'price'],
  TRADE_CORRECT: ['execId', 'execRefId', 'quantity', 'price'],
  CANCELED: ['reason', 'cumQty'],
  EXPIRED: ['reason', 'cumQty'],
  DONE_FOR_DAY: ['reason', 'cumQty'],
  STOPPED: ['reason', 'cumQty'],
  REJECTED: ['reason', 'retryable'],
  CANCEL_REJECTED: ['reason'],
  STATUS: ['status', 'cumQty', 'avgPx'],
  NOT_FOUND: [],
  NO_ANSWER: ['request', 'reason'],
};
/** Quantities are counted in whole lots, as safe integers (decision 0004). */
const LOTS_MAX = BigInt(Number.MAX_SAFE_INTEGER);
const STATUSES = ['NEW', 'PARTIALLY_FILLED', 'FILLED', 'CANCELED', 'REJECTED', 'EXPIRED'];

const isKnown = (type: string): type is Report['type'] => Object.hasOwn(FIELDS, type);

/** By type, what each field is: a string unless said otherwise. */
const SHAPES: Readonly<
  Record<string, Readonly<Record<string, 'string' | 'integer' | 'boolean' | 'nullable'>>>
> = Object.fromEntries(
  Object.entries(FIELDS).map(([type, fields]) => [
    type,
    Object.assign(Object.create(null), {
      ...Object.fromEntries(fields.map((field) => [field, 'string'])),
      ...{ type: 'string', clientOrderId: 'string', connectorOrderId: 'string', at: 'integer' },
      ...(type === 'REJECTED' ? { retryable: 'boolean' } : {}),
      ...(type === 'STATUS' ? { avgPx: 'nullable' } : {}),
    }),
  ]),
);
const NO_TYPE = SHAPES['NEW']!;

function isPlain(shape: (typeof SHAPES)[string], key: string, value: unknown): boolean {
  const wanted = shape[key];
  if (wanted === 'string') return typeof value === 'string';
  if (wanted === 'integer') return Number.isSafeInteger(value);
  if (wanted === 'nullable') return value === null || typeof value === 'string';
  return wanted === 'boolean' && typeof value === 'boolean';
}

/**
 * What is taken in of a report: the fields of its type that are what they should be. The same object where all are,
 * as they nearly always are. `now` stands in for a time that is none.
 */
export function plainReport(report: Report, now: number): Report {
  const given = report as unknown as Readonly<Record<string, unknown>>;
  const type = String(report.type);
  const shape = isKnown(type) ? SHAPES[type]! : NO_TYPE;
  let isClean = given['clientOrderId'] !== undefined && given['at'] !== undefined;
  for (const key in given) if (given[key] !== undefined && !isPlain(shape, key, given[key])) isClean = false;
  if (isClean) return report;
  const clean: Record<string, unknown> = { type, clientOrderId: String(given['clientOrderId']), at: now };
  for (const key in given) if (isPlain(shape, key, given[key])) clean[key] = given[key];
  return clean as unknown as Report;
}

/** What is taken in of a venue's word on its account: a row that makes no sense is as good as not listed. */
export function plainAccount(report: AccountReport, now: number): AccountReport {
  if (report.type !== 'MASS_STATUS') return report;
  const orders = report.orders.filter(
    ({ clientOrderId: id, connectorOrderId, quantity, cumQty, avgPx }) =>
      (id === null || typeof id === 'string') &&
      typeof connectorOrderId === 'string' &&
      isPositive(quantity) &&
      isUnsigned(cumQty) &&
      (avgPx === null || isSigned(avgPx)),
  );
  const fills = report.fills
    .map((fill) => plainReport(fill, now) as typeof fill)
    .filter((fill) => flawOf(fill) === null);
  if (orders.length === report.orders.length && fills.every((fill, i) => fill === report.fills[i]))
    return report;
  return { ...report, orders, fills };
}

const UNSIGNED = /^\d+(\.\d+)?$/;
const SIGNED = /^-?\d+(\.\d+)?$/;
const ABOVE_ZERO = /[1-9]/;

const isUnsigned = (text: unknown): boolean => typeof text === 'string' && UNSIGNED.test(text);
const isPositive = (text: unknown): boolean => isUnsigned(text) && ABOVE_ZERO.test(String(text));
const isSigned = (text: unknown): boolean => typeof text === 'string' && SIGNED.test(text);

/** The field that makes no sense, with its value; null for a report that can be booked. */
export function flawOf(report: Report, lot: Fixed = 0n): string | null {
  const flaw = (field: string, value: unknown): string => `${field} ${JSON.stringify(value) ?? 'absent'}`;
  if (!isKnown(report.type)) return flaw('type', report.type);
  for (const key of FIELDS[report.type]) {
    if (key !== 'execId' && key !== 'execRefId') continue;
    const id = (report as unknown as Readonly<Record<string, unknown>>)[key];
    if (typeof id !== 'string') return flaw(key, id);
  }
  switch (report.type) {
    case 'TRADE':
      if (report.commission !== undefined && !isSigned(report.commission))
        return flaw('commission', report.commission);
      return isPositive(report.quantity) && isCountable(report.quantity)
        ? priceFlaw(report.price)
        : flaw('quantity', report.quantity);
    case 'TRADE_CORRECT':
      return isUnsigned(report.quantity) && isCountable(report.quantity)
        ? priceFlaw(report.price)
        : flaw('quantity', report.quantity);
    case 'TRADE_CANCEL':
      return report.price === undefined ? null : priceFlaw(report.price);
    case 'STATUS':
      if (!STATUSES.includes(report.status)) return flaw('status', report.status);
      if (!isUnsigned(report.cumQty) || !isCountable(report.cumQty)) return flaw('cumQty', report.cumQty);
      return report.avgPx === null || isSigned(report.avgPx) ? null : flaw('avgPx', report.avgPx);
    case 'CANCELED':
    case 'EXPIRED':
    case 'DONE_FOR_DAY':
    case 'STOPPED':
      return report.cumQty === undefined || (isUnsigned(report.cumQty) && isCountable(report.cumQty))
        ? null
        : flaw('cumQty', report.cumQty);
    default:
      return null;
  }

  function isCountable(quantity: string): boolean {
    return lot === 0n || toFixedPoint(quantity) / lot <= LOTS_MAX;
  }

  // Spreads and some futures trade below zero.
  function priceFlaw(price: unknown): string | null {
    return isSigned(price) ? null : flaw('price', price);
  }
}
