/** The venue that fills everything at once. */
import { describe, expect, test } from '@jest/globals';
import { createInstantVenue } from '../../src/connectors/instant/venue.js';
import type { Report } from '../../src/dtos/venue.js';
import { order } from './harness.js';

describe('the instant venue', () => {
  const setUp = () => {
    const venue = createInstantVenue({ name: 'FAST', price: '50', now: () => 7 });
    const reports: Report[] = [];
    venue.reports$.subscribe((report) => reports.push(report));
    return { venue, reports };
  };

  test('fills a place whole, at its limit, before place returns', () => {
    const { venue, reports } = setUp();
    venue.place(order('a', { quantity: '2.5', price: '49' }));
    venue.place(order('b', { price: null }));
    expect(reports).toEqual([
      {
        type: 'TRADE',
        clientOrderId: 'a',
        connectorOrderId: 'FAST-1',
        at: 7,
        execId: 'FAST-X1',
        quantity: '2.5',
        price: '49',
        liquidity: 'TAKER',
      },
      expect.objectContaining({ clientOrderId: 'b', execId: 'FAST-X2', price: '50' }),
    ]);
  });

  test('refuses a cancel as too late, and says that it cannot answer a query', () => {
    const { venue, reports } = setUp();
    venue.cancel('a');
    venue.query('a');
    expect(reports.map(({ type }) => type)).toEqual(['CANCEL_REJECTED', 'NO_ANSWER']);
  });

  test('lists any symbol at a constant quote, or only those it was given', () => {
    const { venue } = setUp();
    expect(venue.instrument('ETH/BTC')).toMatchObject({ base: 'ETH', quote: 'BTC' });
    expect(venue.view('ETH/BTC')).toEqual({ bid: '50', ask: '50', last: '50', at: 7 });
    const listed = createInstantVenue({ price: '1', instruments: {} });
    expect([listed.instrument('ETH/BTC'), listed.view('ETH/BTC')]).toEqual([undefined, null]);
  });
});
