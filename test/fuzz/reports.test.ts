/** Venue reports of any shape: the runtime goes on, books nothing that makes no sense, and says what it saw. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Report } from '../../src/dtos/venue.js';
import { audit, batch, leg, Rig } from '../runtime/rig.js';

const JUNK = fc.oneof(
  fc.constantFrom<unknown>(
    'NaN',
    'Infinity',
    '-1',
    '1e5',
    '',
    ' 1',
    '0x10',
    '1,5',
    '9'.repeat(40),
    null,
    undefined,
    -0,
    0,
  ),
  fc.string({ maxLength: 12 }),
  fc.double(),
  fc.anything({ maxDepth: 1 }),
);
const TYPES = [
  ...['NEW', 'TRADE', 'TRADE_CANCEL', 'TRADE_CORRECT', 'CANCELED', 'EXPIRED', 'DONE_FOR_DAY', 'STOPPED'],
  ...['REJECTED', 'CANCEL_REJECTED', 'STATUS', 'NOT_FOUND', 'NO_ANSWER'],
];
const FIELDS = [
  'execId',
  'execRefId',
  'quantity',
  'price',
  'cumQty',
  'avgPx',
  'status',
  'reason',
  'commission',
  'at',
  'connectorOrderId',
];

/** A report of a known type about a known or an unknown order, some of its fields junk, some absent. */
const REPORT = fc.record({
  type: fc.constantFrom(...TYPES),
  isOurs: fc.boolean(),
  fields: fc.dictionary(fc.constantFrom(...FIELDS), JUNK, { maxKeys: 6 }),
});

const VALID = {
  at: 0,
  execId: 'X9',
  execRefId: 'X9',
  quantity: '0.1',
  price: '100',
  cumQty: '0',
  avgPx: null,
  status: 'NEW',
  reason: 'junk',
  request: 'PLACE',
};

describe('a venue that says anything', () => {
  test('stops nothing, and leads to no execution booked twice, no order twice, no invalid group', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(REPORT, { minLength: 1, maxLength: 12 }), async (reports) => {
        const rig = await Rig.open({ venue: { placeValidityMs: null } });
        rig.venue.rests();
        await rig.submit(batch([leg({ n: 1, size: '2', limit: '100' })]));
        for (const { type, isOurs, fields } of reports) {
          const clientOrderId = isOurs ? rig.venue.id(0) : 'nobodys00000000000';
          const report = { ...VALID, type, clientOrderId, ...fields } as unknown as Report;
          await rig.at((venue) => venue.reports$.next(report));
        }
        await rig.pass(1000);
        expect(rig.all().filter(({ type }) => type === 'POISON')).toEqual([]);
        expect(audit(rig)).toEqual([]);
        for (const { quantity, price } of rig.events('FILL'))
          expect([quantity, price]).toEqual([
            expect.stringMatching(/^\d+(\.\d+)?$/),
            expect.stringMatching(/^-?\d+(\.\d+)?$/),
          ]);
        // It still takes work, and still says what became of it.
        const handle = await rig.submit(batch([leg({ n: 2 })]));
        await rig.at((venue) => venue.fill(venue.id(-1)));
        expect((await handle.result()).status).toBe('COMPLETED');
      }),
      { numRuns: 400 },
    );
  });
});
