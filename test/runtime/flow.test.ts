/** Spec 4 from end to end: the orchestrator's eight responsibilities, and the six of the termination handler. */
import { describe, expect, test } from '@jest/globals';
import type { RuntimeEvent } from '../../src/dtos/events.js';
import { createMemoryLedger } from '../../src/ledger/memory.js';
import { audit, BTC, batch, close, coordinated, ETH, leg, modify, Rig, T0, tradeId } from './rig.js';

const FLOW = [
  'EXECUTION_DIRECTIVE_READY',
  'TRADE_EXECUTED',
  'EXECUTION_FAILED',
  '_flow_stop_success',
  '_flow_stop_error',
  'FLOW_TERMINATED',
];
const flowOf = (rig: Rig): string[] => rig.types().filter((type) => FLOW.includes(type));

describe('the orchestrator', () => {
  test('takes a ready command through place, ledger, journal, event and stop, in this order', async () => {
    const ledger = createMemoryLedger();
    const rig = await Rig.open({ more: { ledger } });
    rig.venue.fillsAll();
    await rig.submit(batch([leg()]));
    expect(rig.types()).toEqual([
      'RUNTIME_OPENED',
      'BATCH_CREATED',
      'GROUP_CREATED',
      'EXECUTION_DIRECTIVE_READY',
      'BATCH_ACTIVE',
      'GROUP_STARTED',
      'ORDER_INTENT',
      'GROUP_ACTIVE',
      'ORDER_ACCEPTED',
      'FILL',
      'ORDER_ENDED',
      'GROUP_SETTLED',
      'TRADE_OPENED',
      'TRADE_EXECUTED',
      '_flow_stop_success',
      'FLOW_TERMINATED',
      'BATCH_SETTLED',
    ]);
    expect(ledger.entries.map(({ kind, asset, quantity }) => [kind, asset, quantity])).toEqual([
      ['FILL', 'BTC', '1'],
    ]);
    expect(audit(rig)).toEqual([]);
  });

  test('sends a MARKET order as an IOC LIMIT at the arrival price and its slippage', async () => {
    const rig = await Rig.open();
    await rig.submit(batch([leg({ routing: { max_slippage_pct: '0.005' } })]));
    expect(rig.venue.places).toEqual([
      {
        clientOrderId: rig.venue.id(),
        symbol: BTC,
        side: 'BUY',
        orderType: 'LIMIT',
        timeInForce: 'IOC',
        quantity: '1',
        price: '100.5',
        stopPrice: null,
        postOnly: false,
        reduceOnly: false,
      },
    ]);
    expect(rig.venue.id()).toMatch(/^[0-9A-Za-z]{1,32}$/);
  });

  test('publishes TRADE_EXECUTED with the average price and every order', async () => {
    const rig = await Rig.open();
    rig.venue.onPlace = ({ clientOrderId, quantity }) => {
      rig.venue.fill(clientOrderId, quantity, rig.venue.places.length === 1 ? '100' : '103');
    };
    await rig.submit(batch([leg({ params: { strategy: 'TWAP', duration_seconds: 60, slices: 2 } })]));
    await rig.pass(60_000);
    const [executed] = rig.events('TRADE_EXECUTED');
    expect(executed).toMatchObject({
      scope: 'NEW_TRADE',
      strategyId: 'test-planner',
      fillPrice: '101.5',
      status: 'COMPLETED',
    });
    expect(executed?.orderIds).toEqual(rig.events('ORDER_INTENT').map(({ orderId }) => orderId));
    expect(audit(rig)).toEqual([]);
  });

  test('names the journal entry of each scope: opened, modified, closed', async () => {
    const rig = await Rig.open();
    rig.venue.fillsAll();
    await rig.submit(batch([leg({ n: 1 })]));
    await rig.submit(batch([modify(1, { n: 50, size: '1.5' })]));
    await rig.submit(batch([close(1, { n: 90 })]));
    const names = ['TRADE_OPENED', 'POSITION_MODIFIED', 'TRADE_CLOSED'];
    const entries = rig.all().filter(({ type }) => names.includes(type));
    expect(entries.map((entry) => [entry.type, (entry as { tradeId?: string }).tradeId])).toEqual([
      ['TRADE_OPENED', tradeId(1)],
      ['POSITION_MODIFIED', tradeId(1)],
      ['TRADE_CLOSED', tradeId(1)],
    ]);
    expect(rig.positions()).toEqual({ [tradeId(1)]: '0' });
    expect(audit(rig)).toEqual([]);
  });

  test('ends a refused order with EXECUTION_FAILED and the error stop', async () => {
    const rig = await Rig.open();
    rig.venue.onPlace = ({ clientOrderId }) => rig.venue.reject(clientOrderId, 'insufficient margin');
    const handle = await rig.submit(batch([leg()]));
    expect(rig.events('EXECUTION_FAILED')).toMatchObject([
      { errorType: 'ExecutionError', errorMessage: 'insufficient margin' },
    ]);
    expect(flowOf(rig)).toEqual([
      'EXECUTION_DIRECTIVE_READY',
      'EXECUTION_FAILED',
      '_flow_stop_error',
      'FLOW_TERMINATED',
    ]);
    expect(await handle.result()).toMatchObject({ status: 'FAILED', reason: 'execution_error' });
  });

  test('stops with an error when only part was filled, and still tells what was executed', async () => {
    const rig = await Rig.open();
    await rig.submit(batch([leg()]));
    await rig.at((venue) => {
      venue.fill(venue.id(), '0.4');
      venue.canceled(venue.id(), 'immediate-or-cancel remainder');
    });
    expect(flowOf(rig)).toEqual([
      'EXECUTION_DIRECTIVE_READY',
      'TRADE_EXECUTED',
      '_flow_stop_error',
      'FLOW_TERMINATED',
    ]);
    expect(rig.group()).toMatchObject({
      status: 'PARTIAL',
      filled_quantity: '0.4',
      reason: 'venue_canceled',
    });
  });

  test.each([
    ['entry_plan', { entry_plan: undefined }, 'NEW_TRADE requires entry_plan'],
    ['size_plan', { size_plan: undefined }, 'NEW_TRADE requires size_plan'],
    ['routing_plan', { routing_plan: undefined }, 'NEW_TRADE requires routing_plan'],
  ])('journals the failure of a NEW_TRADE without %s, and sends nothing', async (_plan, lack, message) => {
    const rig = await Rig.open();
    const command = { ...leg(), ...lack };
    const handle = await rig.submit(batch([command, leg({ n: 2 })]));
    expect(await handle.result()).toMatchObject({ status: 'FAILED', reason: 'scope_error' });
    const failures = rig.events('EXECUTION_FAILED');
    expect(failures.map(({ errorType }) => errorType)).toEqual(['ValidationError', 'BatchRefused']);
    expect(failures[0]?.errorMessage).toContain(message);
    expect(rig.venue.requests).toEqual([]);
    expect(audit(rig)).toEqual([]);
  });

  test('refuses a MODIFY without a plan as malformed: no flow, no record', async () => {
    const rig = await Rig.open();
    await rig.settle();
    const lines = rig.lines().length;
    await expect(rig.submit(batch([modify(1)]))).rejects.toMatchObject({ code: 'VALIDATION' });
    await rig.settle();
    expect(rig.lines()).toHaveLength(lines);
  });

  test('gives every command of a batch its own flow', async () => {
    const rig = await Rig.open();
    rig.venue.onPlace = ({ clientOrderId, symbol }) =>
      symbol === BTC ? rig.venue.fill(clientOrderId) : rig.venue.reject(clientOrderId);
    await rig.submit(batch([leg({ n: 1 }), leg({ n: 2, symbol: ETH })]));
    expect(rig.events('_flow_stop_success').map(({ flowId }) => flowId)).toEqual([leg({ n: 1 }).command_id]);
    expect(rig.events('_flow_stop_error').map(({ flowId }) => flowId)).toEqual([leg({ n: 2 }).command_id]);
    expect(audit(rig)).toEqual([]);
  });
});

describe('the termination handler', () => {
  const running = (inspected: string[]): string[] => inspected.filter((id) => id.startsWith('EXG_'));

  async function stopped(outcome: 'fills' | 'rejects') {
    const events: { readonly type: string; readonly actorRef?: unknown }[] = [];
    const rig = await Rig.open({ more: { inspect: (event) => events.push(event) } });
    const flows: RuntimeEvent[] = [];
    rig.runtime.flows$.subscribe((notice) => flows.push(notice));
    await rig.submit(batch([leg()]));
    await rig.pass(250);
    await rig.at((venue) => (outcome === 'fills' ? venue.fill(venue.id()) : venue.reject(venue.id())));
    const actors = events.flatMap(({ actorRef }) => {
      const actor = actorRef as { readonly id: string; getSnapshot(): { status: string } } | undefined;
      return actor === undefined ? [] : [actor];
    });
    return { rig, flows, actors };
  }

  test.each(['fills', 'rejects'] as const)(
    'releases the actors of a flow when its order %s',
    async (outcome) => {
      const { actors } = await stopped(outcome);
      const own = actors.filter(({ id }) => running([id]).length > 0 || id.startsWith('BAT_'));
      expect(own.length).toBeGreaterThan(0);
      expect(own.map((actor) => actor.getSnapshot().status)).not.toContain('active');
    },
  );

  test.each([
    ['fills', 'SUCCESS'],
    ['rejects', 'ERROR'],
  ] as const)(
    'tells whoever watches that a flow which %s ended: %s, with its duration',
    async (how, outcome) => {
      const { flows } = await stopped(how);
      expect(flows).toMatchObject([{ flowId: leg().command_id, outcome, durationMs: 250 }]);
    },
  );

  test('keeps the final state for a post-mortem, in memory and in the journal', async () => {
    const { rig } = await stopped('rejects');
    expect(rig.group()).toMatchObject({ status: 'FAILED', reason: 'execution_error' });
    expect(rig.events('GROUP_SETTLED')).toMatchObject([{ status: 'FAILED', detail: 'refused' }]);
  });

  test('alerts on an error stop where configured', async () => {
    for (const alert_on_error of [true, false]) {
      const rig = await Rig.open({ orchestration: { flow_termination: { alert_on_error } } });
      rig.venue.onPlace = ({ clientOrderId }) => rig.venue.reject(clientOrderId);
      await rig.submit(batch([leg()]));
      expect(rig.codes().includes('FLOW_ERROR')).toBe(alert_on_error);
    }
  });

  test('ends the flow of a command that its scope refuses, too', async () => {
    const rig = await Rig.open();
    const flows: RuntimeEvent[] = [];
    rig.runtime.flows$.subscribe((notice) => flows.push(notice));
    await rig.submit(batch([{ ...leg(), size_plan: undefined }]));
    expect(flows).toMatchObject([{ flowId: leg().command_id, outcome: 'ERROR', durationMs: 0 }]);
  });

  test('releases the unwinds of a batch with their own end', async () => {
    const ids = new Map<string, { getSnapshot(): { status: string } }>();
    const rig = await Rig.open({
      more: {
        inspect: (event) => {
          const actor = (event as unknown as { actorRef?: { id: string; getSnapshot(): { status: string } } })
            .actorRef;
          if (actor !== undefined) ids.set(actor.id, actor);
        },
      },
    });
    rig.venue.onPlace = ({ clientOrderId, symbol }) =>
      symbol === BTC ? rig.venue.fill(clientOrderId) : rig.venue.reject(clientOrderId);
    await rig.submit(coordinated([leg({ n: 1 }), leg({ n: 2, symbol: ETH })]));
    expect(rig.statuses()).toEqual(['COMPLETED', 'FAILED', 'COMPLETED']);
    const left = [...ids].filter(
      ([id, actor]) => id !== 'supervisor' && actor.getSnapshot().status === 'active',
    );
    expect(left.map(([id]) => id)).toEqual([]);
  });
});

describe('time in the journal', () => {
  test('is the time of the input, and each event names the event that led to it', async () => {
    const rig = await Rig.open();
    await rig.submit(batch([leg()]));
    await rig.pass(400);
    await rig.at((venue) => venue.fill(venue.id()));
    const [fill] = rig.events('FILL');
    expect(fill?.at).toBe(T0 + 400);
    const bySeq = new Map(rig.all().map((event) => [event.seq, event.type]));
    const [settled] = rig.events('GROUP_SETTLED');
    const [ended] = rig.events('BATCH_SETTLED');
    expect(bySeq.get(settled?.cause ?? 0)).toBe('ORDER_ENDED');
    expect(bySeq.get(ended?.cause ?? 0)).toBe('GROUP_SETTLED');
  });
});
