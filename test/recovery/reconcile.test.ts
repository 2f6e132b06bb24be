/** The venue's listing against our belief: what differs becomes an event with a cause, what agrees none. */
import { describe, expect, test } from '@jest/globals';
import { SimulatedClock } from '../../src/clock/simulated-clock.js';
import type { RuntimeEvent } from '../../src/dtos/events.js';
import { seededIds } from '../../src/ids/ids.js';
import { createMemoryJournal, parseJournal } from '../../src/journal/index.js';
import type { Runtime } from '../../src/runtime/api.js';
import { createRuntime } from '../../src/runtime/create-runtime.js';
import { type Batch, batch, leg, T0 } from '../runtime/rig.js';
import { type Fate, FaithfulVenue } from '../support/faithful-venue.js';
import { passTime } from '../support/pass-time.js';

const RESTS: Fate = { fills: [] };

class Desk {
  readonly clock = new SimulatedClock(T0);
  readonly journal = createMemoryJournal();
  readonly venue: FaithfulVenue;
  runtime!: Runtime;
  /** Swallows what the venue reports of single orders. */
  isDeaf = false;

  constructor(fate: (place: number) => Fate = () => RESTS, options: { readonly massStatus?: boolean } = {}) {
    this.venue = new FaithfulVenue({ clock: this.clock, fate: (_order, place) => fate(place), ...options });
    const tell = this.venue.reports$.next.bind(this.venue.reports$);
    this.venue.reports$.next = (report) => {
      if (!this.isDeaf) tell(report);
    };
  }

  async open(orchestration: object = {}): Promise<this> {
    this.runtime = await createRuntime({
      connectors: { SIM: this.venue },
      clock: this.clock,
      journal: this.journal,
      ids: seededIds('test'),
      config: { orchestration },
    });
    await this.pass(0);
    return this;
  }

  async submit({ directive, commands }: Batch): Promise<void> {
    await this.runtime.submit(directive, commands);
    await this.pass(100);
  }

  pass(ms: number): Promise<void> {
    return passTime(this.clock, this.runtime, ms);
  }

  async reconcile(): Promise<void> {
    await this.runtime.reconcile();
    await this.pass(100);
  }

  events(): RuntimeEvent[] {
    const text = this.journal.committed.map((line) => `${line}\n`).join('');
    return parseJournal(text).records.flatMap(({ events }) => events);
  }

  /** Types of the events since `seq`. */
  since(seq: number): string[] {
    return this.events()
      .slice(seq)
      .map(({ type }) => type);
  }

  get seq(): number {
    return this.events().length;
  }
}

const resting = () => batch([leg({ limit: '100' })]);

describe('a reconciliation', () => {
  test('books a fill that was never reported, by its execution id and with its cause', async () => {
    const desk = await new Desk().open();
    await desk.submit(resting());
    desk.isDeaf = true;
    desk.venue.trade(desk.venue.id(0), 4);
    desk.isDeaf = false;
    const before = desk.seq;
    await desk.reconcile();
    const [reconciled, fill] = desk.events().slice(before);
    expect(reconciled).toMatchObject({ type: 'RECONCILED', venue: 'SIM', fills: 1 });
    expect(fill).toMatchObject({
      type: 'FILL',
      quantity: '0.4',
      connectorFillId: 'X1',
      cause: reconciled?.seq,
    });
    desk.venue.trade(desk.venue.id(0));
    await desk.pass(100);
    expect(desk.runtime.openBatches).toBe(0);
    expect(desk.runtime.positions()[0]?.position_size).toBe('1');
  });

  test('emits nothing the second time', async () => {
    const desk = await new Desk().open();
    await desk.submit(resting());
    desk.isDeaf = true;
    desk.venue.trade(desk.venue.id(0), 4);
    desk.isDeaf = false;
    desk.venue.foreign = [
      {
        clientOrderId: 'web-1',
        connectorOrderId: 'V-90',
        symbol: 'BTC/USDT',
        side: 'SELL',
        quantity: '3',
        cumQty: '0',
        avgPx: null,
      },
    ];
    await desk.reconcile();
    const before = desk.seq;
    await desk.reconcile();
    await desk.reconcile();
    expect(desk.since(before)).toEqual([]);
  });

  test("tells of somebody else's order once, and leaves it alone", async () => {
    const desk = await new Desk().open();
    desk.venue.foreign = [
      {
        clientOrderId: null,
        connectorOrderId: 'V-90',
        symbol: 'BTC/USDT',
        side: 'SELL',
        quantity: '3',
        cumQty: '0',
        avgPx: null,
      },
    ];
    await desk.reconcile();
    await desk.reconcile();
    const external = desk.events().filter(({ type }) => type === 'EXTERNAL');
    expect(external).toMatchObject([{ kind: 'ORDER', id: 'V-90', quantity: '3' }]);
    expect(desk.venue.requests).toEqual([]);
  });

  test('asks about an order that the list lacks: absence from one list proves nothing', async () => {
    const desk = await new Desk(() => ({ fills: [], cancelAfterMs: 500 })).open();
    await desk.submit(resting());
    desk.isDeaf = true;
    await desk.pass(1000);
    desk.isDeaf = false;
    expect(desk.runtime.openBatches).toBe(1);
    await desk.reconcile();
    expect(desk.venue.queries).toEqual([desk.venue.id(0)]);
    expect(desk.runtime.openBatches).toBe(0);
  });

  test('of a venue without lists asks order by order', async () => {
    const desk = await new Desk(() => ({ fills: [], cancelAfterMs: 500 }), { massStatus: false }).open();
    await desk.submit(resting());
    desk.isDeaf = true;
    await desk.pass(1000);
    desk.isDeaf = false;
    await desk.reconcile();
    expect(desk.venue.queries).toEqual([desk.venue.id(0)]);
    expect(desk.runtime.openBatches).toBe(0);
  });

  test('cancels an order that two lists show open after its end was told', async () => {
    const desk = await new Desk().open();
    await desk.submit(resting());
    desk.venue.canceled(desk.venue.id(0), 'told too early');
    await desk.pass(100);
    expect(desk.runtime.openBatches).toBe(0);
    await desk.reconcile();
    expect(desk.venue.cancels).toEqual([]);
    await desk.reconcile();
    expect(desk.venue.cancels).toEqual([desk.venue.id(0)]);
    expect(desk.events().filter(({ type }) => type === 'INCIDENT')).toHaveLength(1);
  });

  test('takes an order that the venue no longer knows for UNKNOWN, and asks until a person has to', async () => {
    const desk = await new Desk().open({ plan_execution: { timeout_seconds: 1 } });
    await desk.submit(resting());
    desk.venue.orders.clear();
    await desk.reconcile();
    await desk.pass(60_000);
    const types = desk.events().map(({ type }) => type);
    expect(types).toContain('ORDER_UNKNOWN');
    expect(types).toContain('ORDER_ESCALATED');
    expect(desk.runtime.openBatches).toBe(1);
  });

  test('asks again after a question that nobody answered', async () => {
    const desk = await new Desk(() => RESTS, { massStatus: false }).open();
    await desk.submit(resting());
    const answer = desk.venue.onQuery;
    desk.venue.onQuery = () => {};
    await desk.reconcile();
    await desk.pass(60_000);
    desk.venue.onQuery = answer;
    desk.isDeaf = true;
    desk.venue.trade(desk.venue.id(0));
    desk.isDeaf = false;
    await desk.pass(30_000); // the time that an answer may take
    expect(desk.runtime.openBatches).toBe(0);
  });

  test('comes by itself every interval', async () => {
    const desk = await new Desk().open({ reconciliation: { interval_seconds: 30 } });
    await desk.submit(resting());
    desk.isDeaf = true;
    desk.venue.trade(desk.venue.id(0));
    desk.isDeaf = false;
    await desk.pass(29_000);
    expect(desk.runtime.openBatches).toBe(1);
    await desk.pass(2000);
    expect(desk.runtime.openBatches).toBe(0);
  });
});

describe('holdings', () => {
  test('that moved otherwise than by our fills are told of once', async () => {
    const desk = await new Desk().open();
    desk.venue.holdings = { USDT: '1000', BTC: '2' };
    await desk.reconcile();
    await desk.submit(resting());
    desk.venue.trade(desk.venue.id(0), 4);
    await desk.pass(100);
    desk.venue.holdings = { USDT: '960', BTC: '2.4' };
    await desk.reconcile();
    const differences = () => desk.events().filter(({ type }) => type === 'BALANCE_DIFFERENCE');
    expect(differences()).toEqual([]);
    desk.venue.holdings = { USDT: '950', BTC: '2.4' };
    await desk.reconcile();
    await desk.reconcile();
    expect(differences()).toMatchObject([{ asset: 'USDT', expected: '960', actual: '950' }]);
  });

  test('that a listing tells from before our last fill are not judged', async () => {
    const desk = await new Desk().open();
    desk.venue.holdings = { USDT: '1000' };
    await desk.reconcile();
    await desk.submit(resting());
    const old = desk.venue.listing(0);
    await desk.pass(1000);
    desk.venue.trade(desk.venue.id(0), 4);
    await desk.pass(100);
    desk.venue.accounts$.next(old);
    await desk.pass(100);
    expect(desk.events().filter(({ type }) => type === 'BALANCE_DIFFERENCE')).toEqual([]);
  });
});

describe('a venue that cannot be reached', () => {
  const down = (desk: Desk) =>
    desk.venue.accounts$.next({ type: 'CONNECTION', at: desk.clock.now(), state: 'DOWN' });
  const up = (desk: Desk) =>
    desk.venue.accounts$.next({ type: 'CONNECTION', at: desk.clock.now(), state: 'UP' });

  test('gets nothing that opens until its return is reconciled', async () => {
    const desk = await new Desk(() => ({ fills: [{ afterMs: 0, tenths: 'REST' }] })).open();
    down(desk);
    await desk.pass(0);
    await desk.submit(resting());
    await desk.pass(5000);
    expect(desk.venue.places).toHaveLength(0);
    up(desk);
    await desk.pass(5000);
    expect(desk.venue.places).toHaveLength(1);
    expect(desk.runtime.openBatches).toBe(0);
    expect(
      desk
        .events()
        .filter(({ type }) => type.startsWith('VENUE_'))
        .map(({ type }) => type),
    ).toEqual(['VENUE_DOWN', 'VENUE_UP']);
  });

  test('neither gets again nor loses an order that was taken for absent and then is there', async () => {
    const desk = await new Desk(() => 'LOST').open({ plan_execution: { timeout_seconds: 60 } });
    await desk.submit(resting());
    const id = desk.venue.id(0);
    await desk.pass(59_950); // asked at 60 s, and denied once
    down(desk);
    desk.venue.notFound(id);
    await desk.pass(0);
    desk.venue.ack(id);
    await desk.pass(5000);
    up(desk);
    await desk.pass(5000);
    const [group] = desk.runtime.groups();
    await desk.runtime.cancelGroup(group?.group_id ?? '', 'enough');
    await desk.pass(100);
    expect(desk.venue.places).toHaveLength(1);
    expect(desk.venue.cancels).toEqual([id]);
  });

  test('is told again of a cancel that it did not hear', async () => {
    const desk = await new Desk().open();
    await desk.submit(resting());
    const hear = desk.venue.onCancel;
    desk.venue.onCancel = () => {};
    down(desk);
    await desk.pass(0);
    const [group] = desk.runtime.groups();
    await desk.runtime.cancelGroup(group?.group_id ?? '', 'enough');
    await desk.pass(600_000);
    expect(desk.events().filter(({ type }) => type === 'ORDER_ESCALATED')).toEqual([]);
    desk.venue.onCancel = hear;
    up(desk);
    await desk.pass(1000);
    expect(desk.runtime.openBatches).toBe(0);
  });
});
