/** What a person can do to a running runtime: kill, re-arm, cancel, ask for causes, submit again, close. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createMemoryJournal } from '../../src/journal/index.js';
import { ScriptedConnector } from '../support/scripted-connector.js';
import { audit, BTC, batch, codeOf, coordinated, ETH, isPending, leg, Rig, tradeId } from './rig.js';

const TWAP = { strategy: 'TWAP', duration_seconds: 100, slices: 10 };
const MINUTE = 60_000;

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

const submitCode = (rig: Rig, ...commands: Parameters<typeof batch>[0]) => {
  const { directive, commands: legs } = batch(commands);
  return codeOf(rig.runtime.submit(directive, legs));
};

describe("kill('all')", () => {
  test('cancels what is open, ends groups and batches CANCELLED, and no timer opens anything afterwards', async () => {
    const { rig, handle } = await slicing(25_000);
    expect(rig.venue.places).toHaveLength(3);
    await rig.runtime.kill('all', 'fat finger', 'alice');
    await rig.pass(10 * MINUTE);
    expect(rig.venue.places).toHaveLength(3);
    expect(rig.events('KILL_LATCHED')).toMatchObject([{ scope: 'all', by: 'alice', reason: 'fat finger' }]);
    expect(rig.codes()).toEqual(['KILL', 'FLOW_ERROR']);
    expect(rig.group()).toMatchObject({ status: 'CANCELLED', reason: 'kill', filled_quantity: '0.3' });
    expect(await handle.result()).toMatchObject({ status: 'CANCELLED', reason: 'kill' });
    expect(audit(rig)).toEqual([]);
  });

  test('waits for the venue to confirm before anything is CANCELLED', async () => {
    const { rig, handle, id } = await resting();
    await rig.runtime.kill('all', 'fat finger', 'alice');
    await rig.settle();
    expect(rig.venue.cancels).toEqual([id]);
    expect(rig.group().status).toBe('ACTIVE');
    expect(await isPending(handle.result())).toBe(true);
    await rig.at((venue) => venue.canceled(id));
    expect(await handle.result()).toMatchObject({ status: 'CANCELLED', reason: 'kill' });
  });

  test('drops a retry that waits for its back-off', async () => {
    const rig = await Rig.open();
    const handle = await rig.submit(batch([leg({ limit: '99' })]));
    await rig.at((venue) => venue.reject(venue.id(), 'too many requests', true));
    expect(rig.group().status).toBe('ACTIVE');
    await rig.runtime.kill('all', 'fat finger', 'alice');
    await rig.pass(MINUTE);
    expect(rig.venue.places).toHaveLength(1);
    expect(rig.events('ORDER_NOT_SENT')).toHaveLength(1);
    expect(await handle.result()).toMatchObject({ status: 'CANCELLED', reason: 'kill' });
    expect(audit(rig)).toEqual([]);
  });

  test('lets no order go out again that the venue turns out not to have', async () => {
    const rig = await Rig.open();
    const handle = await rig.submit(batch([leg({ limit: '99' })]));
    rig.venue.onQuery = (id) => rig.venue.notFound(id);
    await rig.pass(5_000);
    await rig.runtime.kill('all', 'fat finger', 'alice');
    await rig.pass(5 * MINUTE);
    expect(rig.venue.places).toHaveLength(1);
    expect(await handle.result()).toMatchObject({ status: 'CANCELLED', reason: 'kill' });
  });

  test('stops a batch that waits for a reference price', async () => {
    const rig = await Rig.open({ venue: { price: null } });
    const handle = await rig.submit(batch([leg()]));
    await rig.runtime.kill('all', 'fat finger', 'alice');
    rig.venue.price(BTC, '100');
    await rig.pass(MINUTE);
    expect(rig.venue.requests).toEqual([]);
    expect(await handle.result()).toMatchObject({ status: 'CANCELLED', reason: 'kill' });
  });

  test('catches a place whose commit it overtakes: NOT_SENT', async () => {
    const rig = await Rig.open();
    const { directive, commands } = batch([leg({ limit: '99' })]);
    const submitted = rig.runtime.submit(directive, commands);
    await rig.runtime.kill('all', 'fat finger', 'alice');
    const handle = await submitted;
    await rig.settle();
    expect(rig.venue.places).toEqual([]);
    expect(rig.events('ORDER_NOT_SENT')).toMatchObject([{ reason: 'killed' }]);
    expect(await handle.result()).toMatchObject({ status: 'CANCELLED', reason: 'kill' });
    expect(audit(rig)).toEqual([]);
  });

  test('sends nothing back: a COORDINATED batch keeps what it filled, as a residual', async () => {
    const rig = await Rig.open();
    rig.venue.rests();
    const handle = await rig.submit(
      coordinated([leg({ n: 1, limit: '99' }), leg({ n: 2, symbol: ETH, limit: '99' })]),
    );
    await rig.at((venue) => venue.fill(venue.id(0), '0.4'));
    await rig.runtime.kill('all', 'fat finger', 'alice');
    await rig.pass(MINUTE);
    expect(rig.venue.places).toHaveLength(2);
    expect(await handle.result()).toMatchObject({
      status: 'PARTIAL',
      residuals: [{ symbol: BTC, quantity: '0.4' }],
    });
  });

  test('at whatever moment: no place goes out after it (I28)', async () => {
    const moods = fc.array(fc.constantFrom('fills', 'busy', 'silent', 'rests'), {
      minLength: 1,
      maxLength: 12,
    });
    await fc.assert(
      fc.asyncProperty(moods, fc.integer({ min: 0, max: 110_000 }), async (answers, at) => {
        const rig = await Rig.open({ plan: { timeout_seconds: 3 } });
        const { venue } = rig;
        venue.onPlace = ({ clientOrderId: id }) => {
          const answer = answers[venue.places.length % answers.length];
          if (answer === 'fills') venue.fill(id);
          else if (answer === 'busy') venue.reject(id, 'too many requests', true);
          else if (answer === 'rests') venue.ack(id);
        };
        venue.onQuery = (id) => venue.notFound(id);
        venue.onCancel = (id) => venue.canceled(id);
        const handle = await rig.submit(
          coordinated([leg({ n: 1, params: TWAP }), leg({ n: 2, symbol: ETH, params: TWAP })]),
        );
        await rig.pass(at);
        await rig.runtime.kill('all', 'fat finger', 'alice');
        const before = venue.places.length;
        await rig.pass(10 * MINUTE);
        expect(venue.places).toHaveLength(before);
        expect((await handle.result()).status).not.toBe('ACTIVE');
        expect(audit(rig)).toEqual([]);
      }),
      { numRuns: 30 },
    );
  });

  test('refuses what is submitted, until it is re-armed by name', async () => {
    const { rig } = await slicing(0);
    await rig.runtime.kill('all', 'fat finger', 'alice');
    expect(await submitCode(rig, leg({ n: 2 }))).toBe('KILLED');
    await rig.runtime.rearm('all', 'bob');
    expect(rig.events('KILL_REARMED')).toMatchObject([{ scope: 'all', by: 'bob' }]);
    const handle = await rig.submit(batch([leg({ n: 2 })]));
    expect(await handle.result()).toMatchObject({ status: 'COMPLETED' });
  });

  test('is not re-armed by nobody', async () => {
    const rig = await Rig.open();
    await rig.runtime.kill('all', 'fat finger', 'alice');
    expect(await codeOf(rig.runtime.rearm('all', ''))).toBe('VALIDATION');
    expect(await submitCode(rig, leg())).toBe('KILLED');
  });

  test('once re-armed brings nothing back that it stopped', async () => {
    const { rig } = await slicing(25_000);
    await rig.runtime.kill('all', 'fat finger', 'alice');
    await rig.runtime.rearm('all', 'bob');
    await rig.pass(10 * MINUTE);
    expect(rig.venue.places).toHaveLength(3);
    expect(rig.group().status).toBe('CANCELLED');
  });
});

describe('kill of a scope', () => {
  test('symbol: stops its groups in every batch, and leaves the other symbols alone', async () => {
    const rig = await Rig.open();
    rig.venue.fillsAll();
    const handle = await rig.submit(
      batch([leg({ n: 1, params: TWAP }), leg({ n: 2, symbol: ETH, params: TWAP })]),
    );
    await rig.pass(15_000);
    await rig.runtime.kill({ symbol: BTC }, 'odd prices', 'alice');
    await rig.pass(10 * MINUTE);
    const sent = rig.venue.places.map(({ symbol }) => symbol);
    expect([sent.filter((s) => s === BTC).length, sent.filter((s) => s === ETH).length]).toEqual([2, 10]);
    expect(rig.statuses()).toEqual(['CANCELLED', 'COMPLETED']);
    expect(rig.group(0).reason).toBe('kill');
    expect((await handle.result()).status).toBe('PARTIAL');
    expect(await submitCode(rig, leg({ n: 3 }))).toBe('KILLED');
    expect(await submitCode(rig, leg({ n: 4, symbol: ETH }))).toBe('resolved');
    expect(audit(rig)).toEqual([]);
  });

  test('batch: stops it alone; its symbol trades on', async () => {
    const rig = await Rig.open();
    rig.venue.fillsAll();
    const first = await rig.submit(batch([leg({ n: 1, params: TWAP })]));
    const second = await rig.submit(batch([leg({ n: 2, params: TWAP })]));
    await rig.runtime.kill({ batchId: first.id }, 'wrong size', 'alice');
    await rig.pass(100_000);
    expect(await first.result()).toMatchObject({ status: 'CANCELLED', reason: 'kill' });
    expect(await second.result()).toMatchObject({ status: 'COMPLETED' });
    expect(rig.positions()).toEqual({ [tradeId(1)]: '0.1', [tradeId(2)]: '1' });
    expect(await submitCode(rig, leg({ n: 3 }))).toBe('resolved');
  });

  test('venue: stops its groups; the other venue trades on', async () => {
    let rig: Rig | null = null;
    const clock = { now: () => rig?.clock.now() ?? 0, at: () => () => {} };
    const [east, west] = ['EAST', 'WEST'].map((name) => new ScriptedConnector({ clock, name }).fillsAll());
    if (east === undefined || west === undefined) throw new Error('two venues are needed');
    rig = await Rig.open({ more: { connectors: { EAST: east, WEST: west } } });
    const on = (n: number, venue: string) => leg({ n, params: TWAP, routing: { venue } });
    await rig.submit(batch([on(1, 'EAST'), on(2, 'WEST')]));
    await rig.runtime.kill({ venue: 'EAST' }, 'maintenance', 'alice');
    await rig.pass(10 * MINUTE);
    expect([east.places.length, west.places.length]).toEqual([1, 10]);
    expect(rig.statuses()).toEqual(['CANCELLED', 'COMPLETED']);
    expect(await submitCode(rig, on(3, 'EAST'))).toBe('KILLED');
    expect(await submitCode(rig, on(4, 'WEST'))).toBe('resolved');
  });

  test('each latch is re-armed for itself', async () => {
    const rig = await Rig.open();
    rig.venue.fillsAll();
    await rig.runtime.kill('all', 'fat finger', 'alice');
    await rig.runtime.kill({ symbol: BTC }, 'odd prices', 'alice');
    await rig.runtime.rearm('all', 'bob');
    expect(await submitCode(rig, leg({ n: 1 }))).toBe('KILLED');
    await rig.runtime.rearm({ symbol: BTC }, 'bob');
    expect(await submitCode(rig, leg({ n: 1 }))).toBe('resolved');
  });
});

describe('cancel', () => {
  test('of a batch is a request: CANCELLED comes with the confirmation of the venue (decision 6)', async () => {
    const { rig, handle, id } = await resting();
    const statuses: string[] = [];
    handle.status$.subscribe((status) => statuses.push(status));
    await handle.cancel('enough');
    await rig.settle();
    expect(rig.lines().some((line) => line.includes('"k":"cancelBatch"') && line.includes('enough'))).toBe(
      true,
    );
    expect(rig.venue.cancels).toEqual([id]);
    expect(statuses).toEqual(['ACTIVE']);
    await handle.cancel('really');
    await rig.settle();
    expect(rig.venue.cancels).toEqual([id]);
    await rig.at((venue) => venue.canceled(id));
    expect(statuses).toEqual(['ACTIVE', 'CANCELLED']);
    expect(await handle.result()).toMatchObject({ status: 'CANCELLED', reason: 'cancel_requested' });
    expect(await codeOf(handle.cancel('again'))).toBe('UNKNOWN_BATCH');
    expect(audit(rig)).toEqual([]);
  });

  test('of an order that is not acknowledged yet goes out all the same', async () => {
    const rig = await Rig.open();
    const handle = await rig.submit(batch([leg({ limit: '99' })]));
    await handle.cancel('enough');
    await rig.settle();
    expect(rig.venue.cancels).toEqual([rig.venue.id()]);
    await rig.at((venue) => {
      venue.ack(venue.id());
      venue.canceled(venue.id());
    });
    expect(await handle.result()).toMatchObject({ status: 'CANCELLED' });
    expect(audit(rig)).toEqual([]);
  });

  test('of one group leaves the others to their work', async () => {
    const rig = await Rig.open();
    rig.venue.fillsAll();
    const handle = await rig.submit(
      batch([leg({ n: 1, params: TWAP }), leg({ n: 2, symbol: ETH, params: TWAP })]),
    );
    await rig.pass(25_000);
    await rig.runtime.cancelGroup(rig.group(0).group_id, 'enough BTC');
    await rig.pass(100_000);
    expect(rig.runtime.groups().map(({ status, filled_quantity }) => [status, filled_quantity])).toEqual([
      ['CANCELLED', '0.3'],
      ['COMPLETED', '1'],
    ]);
    expect(rig.group(0).reason).toBe('cancel_requested');
    expect((await handle.result()).status).toBe('PARTIAL');
    expect(audit(rig)).toEqual([]);
  });

  test('of a group that is not there or has ended is refused', async () => {
    const { rig, groupId } = await slicing(100_000);
    expect(await codeOf(rig.runtime.cancelGroup('EXG_20250106_090000_zzzzz', 'x'))).toBe('UNKNOWN_GROUP');
    expect(await codeOf(rig.runtime.cancelGroup(groupId, 'x'))).toBe('UNKNOWN_GROUP');
  });
});

describe('submitting the same directive twice', () => {
  const one = batch([leg({ limit: '99' })]);
  const other = batch([leg({ limit: '98' })]);

  test('gives the same handle while its batch lives', async () => {
    const rig = await Rig.open();
    const handle = await rig.submit(one);
    expect(await rig.submit(one)).toBe(handle);
    expect(rig.venue.places).toHaveLength(1);
    expect(rig.events('BATCH_CREATED')).toHaveLength(1);
  });

  test('at one moment makes one batch', async () => {
    const rig = await Rig.open();
    const handles = await Promise.all([0, 1].map(() => rig.runtime.submit(one.directive, one.commands)));
    await rig.settle();
    expect(handles[0]?.id).toBe(handles[1]?.id);
    expect(rig.venue.places).toHaveLength(1);
  });

  test('gives its result once it has ended', async () => {
    const rig = await Rig.open();
    rig.venue.fillsAll();
    const handle = await rig.submit(one);
    const again = await rig.submit(one);
    expect(again.id).toBe(handle.id);
    expect(await again.result()).toEqual(await handle.result());
    expect(rig.venue.places).toHaveLength(1);
  });

  test('gives its result from the journal once it has left the bounded history', async () => {
    const rig = await Rig.open({ orchestration: { limits: { history_groups: 0 } } });
    rig.venue.fillsAll();
    const handle = await rig.submit(one);
    await rig.submit(batch([leg({ n: 2 })]));
    expect(rig.runtime.groups().some(({ parent_directive_id: id }) => id === leg().command_id)).toBe(false);
    const again = await rig.submit(one);
    expect(again.id).toBe(handle.id);
    expect(await again.result()).toEqual(await handle.result());
    expect(rig.venue.places).toHaveLength(2);
  });

  test('with other content is refused, whether its batch lives, has ended or was forgotten', async () => {
    const rig = await Rig.open({ orchestration: { limits: { history_groups: 0 } } });
    const refused = () => codeOf(rig.runtime.submit(other.directive, other.commands));
    const handle = await rig.submit(one);
    expect(await refused()).toBe('DUPLICATE_DIRECTIVE');
    await rig.at((venue) => venue.fill(venue.id()));
    expect((await handle.result()).status).toBe('COMPLETED');
    expect(await refused()).toBe('DUPLICATE_DIRECTIVE');
    rig.venue.fillsAll();
    await rig.submit(batch([leg({ n: 2 })]));
    expect(await refused()).toBe('DUPLICATE_DIRECTIVE');
    expect(rig.venue.places).toHaveLength(2);
  });

  test('is possible after a refusal: what became no batch was not submitted', async () => {
    const rig = await Rig.open();
    await rig.runtime.kill('all', 'fat finger', 'alice');
    expect(await codeOf(rig.runtime.submit(one.directive, one.commands))).toBe('KILLED');
    await rig.runtime.rearm('all', 'bob');
    await rig.submit(one);
    expect(rig.venue.places).toHaveLength(1);
  });
});

describe('causes', () => {
  async function filled(historyGroups: number) {
    const rig = await Rig.open({ orchestration: { limits: { history_groups: historyGroups } } });
    rig.venue.fillsAll();
    const handle = await rig.submit(batch([leg({ params: TWAP })]));
    await rig.pass(100_000);
    await rig.submit(batch([leg({ n: 2, symbol: ETH })]));
    return { rig, handle };
  }

  test.each([
    ['memory', 100],
    ['the journal', 0],
  ])('lead from each fill to what caused it all, by %s', async (_from, historyGroups) => {
    const { rig, handle } = await filled(historyGroups);
    const isHeld = rig.runtime.groups().some(({ parent_directive_id: id }) => id === leg().command_id);
    expect(isHeld).toBe(historyGroups > 0);
    const fills = rig.events('FILL').filter(({ symbol }) => symbol === BTC);
    expect(fills).toHaveLength(10);
    const { directive } = batch([leg()]);
    for (const { fillId, orderId = '', groupId, clientOrderId } of fills) {
      const chain = {
        orderId,
        clientOrderId,
        groupId,
        offsetsGroupId: null,
        batchId: handle.id,
        commandId: leg().command_id,
        directiveId: directive.directive_id,
        strategyId: 'test-planner',
        origin: { id: 'tick-1', type: 'TICK' },
      };
      expect(rig.runtime.causes(fillId)).toEqual({ ...chain, fillId });
      expect(rig.runtime.causes(orderId)).toEqual({ ...chain, fillId: null });
      expect(rig.runtime.causes(clientOrderId)).toEqual({ ...chain, fillId: null });
    }
  });

  test('of an unwind name the group that it offsets', async () => {
    const rig = await Rig.open();
    rig.venue.onPlace = ({ clientOrderId, symbol }) =>
      symbol === BTC ? rig.venue.fill(clientOrderId) : rig.venue.reject(clientOrderId);
    const handle = await rig.submit(coordinated([leg({ n: 1 }), leg({ n: 2, symbol: ETH })]));
    const back = rig.events('FILL').at(-1);
    expect(back?.side).toBe('SELL');
    expect(rig.runtime.causes(back?.fillId ?? '')).toMatchObject({
      offsetsGroupId: rig.group(0).group_id,
      batchId: handle.id,
      commandId: leg().command_id,
    });
  });

  test('of what nobody knows are refused', async () => {
    const { rig } = await filled(0);
    expect(() => rig.runtime.causes('FIL_20250106_090000_00000000')).toThrow(
      expect.objectContaining({ code: 'UNKNOWN_FILL' }),
    );
  });
});

describe('close', () => {
  test('leaves live orders as they are, and refuses everything afterwards', async () => {
    const { rig, handle, groupId } = await resting();
    const { runtime } = rig;
    const waiting = codeOf(handle.result());
    let completed = false;
    runtime.events$.subscribe({ complete: () => (completed = true) });
    await runtime.close();
    expect(rig.venue.cancels).toEqual([]);
    expect(rig.venue.isClosed).toBe(true);
    expect(completed).toBe(true);
    expect(await waiting).toBe('CLOSED');
    const refusals = [
      submitCode(rig, leg({ n: 2 })),
      codeOf(handle.cancel('x')),
      codeOf(runtime.cancelGroup(groupId, 'x')),
      codeOf(runtime.amend(groupId, { limit_price: '98' })),
      codeOf(runtime.kill('all', 'x', 'alice')),
      codeOf(runtime.rearm('all', 'alice')),
      codeOf(runtime.endMarket()),
    ];
    expect(await Promise.all(refusals)).toEqual(refusals.map(() => 'CLOSED'));
  });

  test('takes nothing more from venue or clock', async () => {
    const { rig, id } = await resting();
    const lines = rig.lines().length;
    await rig.runtime.close();
    await rig.runtime.close();
    rig.venue.fill(id);
    await rig.pass(10 * MINUTE);
    expect(rig.lines()).toHaveLength(lines);
    expect(rig.venue.queries).toEqual([]);
  });

  test('waits for what is under way, and closes the journal after it', async () => {
    const memory = createMemoryJournal();
    const steps: string[] = [];
    const journal = {
      append: (line: string) => memory.append(line),
      commit: () => memory.commit(),
      lines: () => memory.lines(),
      close: async () => void steps.push(`closed after ${memory.committed.length} records`),
    };
    const rig = await Rig.open({ journal });
    const { directive, commands } = batch([leg({ limit: '99' })]);
    const submitted = rig.runtime.submit(directive, commands);
    await rig.runtime.close();
    expect((await submitted).id).toMatch(/^BAT_/);
    expect(rig.venue.places).toHaveLength(1);
    expect(steps).toEqual([`closed after ${rig.lines().length} records`]);
  });
});
