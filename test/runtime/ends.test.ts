/** An order ends when the venue says so, and not before all that it says to have filled is known. */
import { describe, expect, test } from '@jest/globals';
import { audit, isPending, resting, tradeId } from './rig.js';

describe('ends that nobody asked for', () => {
  test.each([
    ['canceled', 'venue_canceled', 'PARTIAL'],
    ['expired', 'venue_expired', 'PARTIAL'],
  ] as const)('an order %s by the venue ends its SINGLE group, reason %s', async (how, reason, status) => {
    const { rig, handle, id } = await resting();
    await rig.at((venue) => {
      venue.fill(id, '0.4');
      venue[how](id);
    });
    expect(rig.group()).toMatchObject({ status, reason, filled_quantity: '0.4' });
    expect((await handle.result()).status).toBe('PARTIAL');
    expect(audit(rig)).toEqual([]);
  });

  test('accept, then reject: the order ends as refused', async () => {
    const { rig, id } = await resting();
    await rig.at((venue) => venue.reject(id, 'margin call'));
    expect(rig.group()).toMatchObject({ status: 'FAILED', reason: 'execution_error' });
    expect(rig.events('GROUP_SETTLED')).toMatchObject([{ detail: 'margin call' }]);
  });

  describe('after more than was heard of', () => {
    /** Canceled with 0.4 filled by the venue's count, and not an execution came. */
    async function short() {
      const { rig, handle, id } = await resting();
      await rig.at((venue) => venue.canceled(id, 'immediate-or-cancel remainder', '0.4'));
      return { rig, handle, id };
    }

    test('end nothing yet: the venue is asked', async () => {
      const { rig, handle, id } = await short();
      expect(rig.venue.queries).toEqual([id]);
      expect(rig.group()).toMatchObject({ status: 'ACTIVE', filled_quantity: '0' });
      expect(await isPending(handle.result())).toBe(true);
      expect(audit(rig)).toEqual([]);
    });

    test('its answer brings what is missing, and the end', async () => {
      const { rig, handle, id } = await short();
      await rig.at((venue) => venue.status(id, 'CANCELED', '0.4', '98'));
      expect(rig.events('FILL')).toMatchObject([{ connectorFillId: null, quantity: '0.4', price: '98' }]);
      expect((await handle.result()).status).toBe('PARTIAL');
      expect(rig.positions()).toEqual({ [tradeId(1)]: '0.4' });
      expect(audit(rig)).toEqual([]);
    });

    test('an execution that was only late counts once beside that answer', async () => {
      const { rig, handle, id } = await short();
      await rig.at((venue) => {
        venue.fill(id, '0.4', '98');
        venue.status(id, 'CANCELED', '0.4', '98');
      });
      expect(rig.events('FILL')).toHaveLength(1);
      expect((await handle.result()).status).toBe('PARTIAL');
      expect(rig.positions()).toEqual({ [tradeId(1)]: '0.4' });
    });

    test('a question without an answer is asked again, and in the end a person is', async () => {
      const { rig, handle, id } = await short();
      await rig.pass(30_000);
      expect(rig.venue.queries).toEqual([id, id]);
      await rig.pass(20 * 30_000);
      expect((await handle.result()).escalated).toHaveLength(1);
      expect(rig.group().status).toBe('ACTIVE');
    });
  });

  test('a count of what was heard of ends the order without a question', async () => {
    const { rig, handle, id } = await resting();
    await rig.at((venue) => {
      venue.fill(id, '0.4');
      venue.canceled(id, 'asked', '0.4');
    });
    expect(rig.venue.queries).toEqual([]);
    expect((await handle.result()).status).toBe('PARTIAL');
  });
});
