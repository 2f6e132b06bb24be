/** Amend: a new limit price or working cap for a group at work, within what is filled, open and unknown. */
import { describe, expect, test } from '@jest/globals';
import { audit, batch, codeOf, leg, Rig, tradeId } from './rig.js';

const TWAP = { strategy: 'TWAP', duration_seconds: 100, slices: 10 };

/** A rig with one group: a resting order of 1 at 99, acknowledged. */
async function resting() {
  const rig = await Rig.open();
  const handle = await rig.submit(batch([leg({ limit: '99' })]));
  const id = rig.venue.id();
  await rig.at((venue) => venue.ack(id));
  return { rig, handle, id, groupId: rig.group().group_id };
}

/** A rig with one TWAP of ten slices, each filled at once, after `passed` ms. */
async function slicing(passed: number) {
  const rig = await Rig.open();
  rig.venue.fillsAll();
  const handle = await rig.submit(batch([leg({ params: TWAP })]));
  await rig.pass(passed);
  return { rig, handle, groupId: rig.group().group_id };
}

describe('amend of the limit price', () => {
  test('cancels, waits for the confirmation, and places the rest anew at the new price', async () => {
    const { rig, handle, id, groupId } = await resting();
    await rig.at((venue) => venue.fill(id, '0.3'));
    await rig.runtime.amend(groupId, { limit_price: '98.5' });
    await rig.settle();
    expect(rig.events('GROUP_AMENDED')).toMatchObject([{ groupId, limitPrice: '98.5', workingCap: '1' }]);
    expect(rig.venue.cancels).toEqual([id]);
    expect(rig.venue.places).toHaveLength(1);
    await rig.at((venue) => venue.canceled(id));
    expect(rig.venue.places[1]).toMatchObject({ quantity: '0.7', price: '98.5' });
    const next = rig.venue.id(1);
    expect(next).not.toBe(id);
    await rig.at((venue) => venue.fill(next));
    expect(await handle.result()).toMatchObject({ status: 'COMPLETED' });
    expect(audit(rig)).toEqual([]);
  });

  test('counts what fills while the cancel is under way (I5)', async () => {
    const { rig, id, groupId } = await resting();
    await rig.runtime.amend(groupId, { limit_price: '98.5' });
    await rig.at((venue) => {
      venue.fill(id, '0.4');
      venue.canceled(id);
    });
    expect(rig.venue.places[1]).toMatchObject({ quantity: '0.6', price: '98.5' });
    expect(audit(rig)).toEqual([]);
  });

  test('places nothing when the order filled in the meantime', async () => {
    const { rig, handle, id, groupId } = await resting();
    await rig.runtime.amend(groupId, { limit_price: '98.5' });
    await rig.at((venue) => {
      venue.fill(id);
      venue.cancelReject(id, 'too late');
    });
    expect(rig.venue.places).toHaveLength(1);
    expect(await handle.result()).toMatchObject({ status: 'COMPLETED' });
  });

  test('holds for the slices to come', async () => {
    const rig = await Rig.open();
    rig.venue.fillsAll();
    await rig.submit(batch([leg({ limit: '99', params: TWAP })]));
    await rig.pass(15_000);
    await rig.runtime.amend(rig.group().group_id, { limit_price: '98' });
    await rig.pass(100_000);
    expect(rig.venue.places.map(({ price }) => price)).toEqual([
      ...Array(2).fill('99'),
      ...Array(8).fill('98'),
    ]);
    expect(rig.group().status).toBe('COMPLETED');
  });

  test('off the tick is refused', async () => {
    const { rig, groupId } = await resting();
    expect(await codeOf(rig.runtime.amend(groupId, { limit_price: '98.555' }))).toBe('PRICE_OFF_TICK');
    expect(rig.venue.cancels).toEqual([]);
  });
});

describe('amend of the working cap', () => {
  test('ends the work there: success is measured against the cap, the target stays', async () => {
    const { rig, handle, groupId } = await slicing(25_000);
    await rig.runtime.amend(groupId, { working_cap: '0.5' });
    await rig.pass(100_000);
    expect(rig.positions()).toEqual({ [tradeId(1)]: '0.5' });
    expect(rig.group()).toMatchObject({ status: 'PARTIAL', reason: 'cap_reached', target_quantity: '1' });
    expect(await handle.result()).toMatchObject({ status: 'COMPLETED', legs: [{ success: true }] });
    expect(rig.events('_flow_stop_success')).toHaveLength(1);
    expect(audit(rig)).toEqual([]);
  });

  test('to what is filled already ends the group at once', async () => {
    const { rig, handle, groupId } = await slicing(25_000);
    await rig.runtime.amend(groupId, { working_cap: '0.3' });
    await rig.settle();
    expect(rig.group()).toMatchObject({ status: 'PARTIAL', reason: 'cap_reached', filled_quantity: '0.3' });
    expect(await handle.result()).toMatchObject({ status: 'COMPLETED' });
  });

  test('can be raised again, up to the target', async () => {
    const { rig, handle, groupId } = await slicing(25_000);
    await rig.runtime.amend(groupId, { working_cap: '0.4' });
    await rig.runtime.amend(groupId, { working_cap: '1' });
    await rig.pass(100_000);
    expect(rig.group()).toMatchObject({ status: 'COMPLETED', filled_quantity: '1' });
    expect(await handle.result()).toMatchObject({ status: 'COMPLETED' });
  });

  test.each([
    ['above the target', '1.1'],
    ['below what is filled', '0.2'],
  ])('%s is refused', async (_where, cap) => {
    const { rig, groupId } = await slicing(25_000);
    expect(await codeOf(rig.runtime.amend(groupId, { working_cap: cap }))).toBe('AMEND_REFUSED');
    expect(rig.events('GROUP_AMENDED')).toEqual([]);
  });

  test('below what is filled and open is refused', async () => {
    const { rig, id, groupId } = await resting();
    await rig.at((venue) => venue.fill(id, '0.3'));
    expect(await codeOf(rig.runtime.amend(groupId, { working_cap: '0.9' }))).toBe('AMEND_REFUSED');
    expect(rig.venue.cancels).toEqual([]);
  });

  test('off the lot is refused', async () => {
    const { rig, groupId } = await slicing(25_000);
    expect(await codeOf(rig.runtime.amend(groupId, { working_cap: '0.55' }))).toBe('QUANTITY_OFF_LOT');
  });
});

describe('amend', () => {
  test('is refused while an order of the group is UNKNOWN', async () => {
    const rig = await Rig.open();
    await rig.submit(batch([leg({ limit: '99' })]));
    await rig.at((venue) => venue.noAnswer(venue.id()));
    const change = rig.runtime.amend(rig.group().group_id, { limit_price: '98' });
    expect(await codeOf(change)).toBe('AMEND_REFUSED');
    expect(rig.venue.cancels).toEqual([]);
  });

  test('is refused to a group that is ending, ended or not there', async () => {
    const { rig, handle, id, groupId } = await resting();
    await handle.cancel('enough');
    expect(await codeOf(rig.runtime.amend(groupId, { limit_price: '98' }))).toBe('AMEND_REFUSED');
    await rig.at((venue) => venue.canceled(id));
    expect(await codeOf(rig.runtime.amend(groupId, { limit_price: '98' }))).toBe('UNKNOWN_GROUP');
    expect(await codeOf(rig.runtime.amend('EXG_20250106_090000_zzzzz', { limit_price: '98' }))).toBe(
      'UNKNOWN_GROUP',
    );
  });

  test.each([
    ['a price that is no decimal string', { limit_price: '1e2' }],
    ['a price of zero', { limit_price: '0' }],
    ['a negative price', { limit_price: '-98' }],
    ['a cap that is no decimal string', { working_cap: 'half' }],
    ['nothing at all', {}],
  ])('refuses %s', async (_what, change) => {
    const { rig, groupId } = await resting();
    expect(await codeOf(rig.runtime.amend(groupId, change))).toBe('VALIDATION');
    expect(rig.venue.cancels).toEqual([]);
    expect(rig.events('GROUP_AMENDED')).toEqual([]);
  });
});
