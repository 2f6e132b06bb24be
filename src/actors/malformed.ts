/**
 * Reports that no venue can mean: quantities and prices that are no decimals. A venue's facts are operating
 * conditions, so such a report stops nothing; it books nothing either, and the order is asked about.
 *
 * Owns only the finding. What follows from it is orders.ts's.
 */
import type { Report } from '../dtos/venue.js';

const UNSIGNED = /^\d+(\.\d+)?$/;
const SIGNED = /^-?\d+(\.\d+)?$/;
const ABOVE_ZERO = /[1-9]/;

const isUnsigned = (text: unknown): boolean => typeof text === 'string' && UNSIGNED.test(text);
const isPositive = (text: unknown): boolean => isUnsigned(text) && ABOVE_ZERO.test(String(text));
const isSigned = (text: unknown): boolean => typeof text === 'string' && SIGNED.test(text);

/** The field that makes no sense, with its value; null for a report that can be booked. */
export function flawOf(report: Report): string | null {
  const flaw = (field: string, value: unknown): string => `${field} ${JSON.stringify(value) ?? 'absent'}`;
  switch (report.type) {
    case 'TRADE':
      if (report.commission !== undefined && !isSigned(report.commission))
        return flaw('commission', report.commission);
      return isPositive(report.quantity) ? priceFlaw(report.price) : flaw('quantity', report.quantity);
    case 'TRADE_CORRECT':
      return isUnsigned(report.quantity) ? priceFlaw(report.price) : flaw('quantity', report.quantity);
    case 'TRADE_CANCEL':
      return report.price === undefined ? null : priceFlaw(report.price);
    case 'STATUS':
      if (!isUnsigned(report.cumQty)) return flaw('cumQty', report.cumQty);
      return report.avgPx === null || isSigned(report.avgPx) ? null : flaw('avgPx', report.avgPx);
    default:
      return null;
  }

  // Spreads and some futures trade below zero.
  function priceFlaw(price: unknown): string | null {
    return isSigned(price) ? null : flaw('price', price);
  }
}
