/** What a restart finds again, what it asks, and what it never does twice. */
import { STRATEGIES } from '../../src/strategies/index.js';
import { describe, expect, test } from '@jest/globals';
import { SimulatedClock } from '../../src/clock/simulated-clock.js';
import type { RuntimeEvent } from '../../src/dtos/events.js';
import { seededIds } from '../../src/ids/ids.js';
import { createMemoryJournal, parseJournal } from '../../src/journal/index.js';
import { createMemoryLedger } from '../../src/ledger/memory.js';
import type { Runtime, RuntimeOptions } from '../../src/runtime/api.js';
import { parseConfig } from '../../src/runtime/config.js';
import { createRuntime } from '../../src/runtime/create-runtime.js';
import { recover } from '../../src/runtime/recovery.js';
import { rulesOf } from '../../src/runtime/rules.js';
import {
  type Batch,
  batch,
  close,
  codeOf,
  coordinated,
  ETH,
  isPending,
  leg,
  modify,
  T0,
  tradeId,
} from '../runtime/rig.js';
import { ScriptedConnector } from '../support/scripted-connector.js';
import { canonical } from './canonical.js';
import { endings, judge, STORIES, tell } from './stories.js';
import { passTime } from '../support/pass-time.js';

const rules = rulesOf(parseConfig({}), { postsLedger: false, benchmarks: false });

/** A desk whose process can be left where it stands and started anew on what its journal holds. */
class Desk {
  readonly clock = new SimulatedClock(T0);
  venue = new ScriptedConnector({ clock: this.clock });
  lines: readonly string[] = [];
  runtime!: Runtime;
  #journal = createMemoryJournal();

  constructor(readonly options: Partial<RuntimeOptions> = {}) {}

  /** Starts on the first `records` records; the process before is never heard of again. */
  async start(records = Number.POSITIVE_INFINITY, options: Partial<RuntimeOptions> = {}): Promise<this> {
    const kept = this.#journal.committed.slice(0, records);
    this.venue.reports$.unsubscribe();
    const { places } = this.venue;
    this.venue = new ScriptedConnector({ clock: this.clock });
    for (const order of places) this.venue.place(order);
    this.venue.requests.length = 0;
    this.#journal = createMemoryJournal(kept);
    this.runtime = await createRuntime({
      connectors: { SIM: this.venue },
      clock: this.clock,
      journal: this.#journal,
      ids: seededIds('test'),
      ...this.options,
      ...options,
    });
    await this.runtime.settle();
    return this;
  }

  async submit({ directive, commands }: Batch) {
    const handle = await this.runtime.submit(directive, commands);
    await this.pass(0);
    return handle;
  }

  pass(ms: number): Promise<void> {
    return passTime(this.clock, this.runtime, ms);
  }

  get records(): number {
    return this.#journal.committed.length;
  }

  events(): RuntimeEvent[] {
    const text = this.#journal.committed.map((line) => `${line}\n`).join('');
    return parseJournal(text).records.flatMap(({ events }) => events);
  }

  types(from = 0): string[] {
    return this.events()
      .slice(from)
      .map(({ type }) => type);
  }

  committed(): readonly string[] {
    return this.#journal.committed;
  }
}

const resting = () => batch([leg({ limit: '100' })]);

describe('a restart', () => {
  test('appends its opening and nothing else, and sends no order', async () => {
    const desk = await new Desk().start();
    await desk.submit(resting());
    desk.venue.ack(desk.venue.id(0));
    await desk.pass(0);
    const before = desk.records;
    await desk.start();
    expect(desk.records).toBe(before + 1);
    expect(desk.events().at(-1)).toMatchObject({ type: 'RUNTIME_OPENED', epoch: 2 });
    expect(desk.venue.places).toEqual([]);
    expect(desk.venue.queries).toHaveLength(1);
  });

  test('takes an order that may have been sent or not for UNKNOWN, and asks', async () => {
    const desk = await new Desk().start();
    await desk.submit(resting());
    const id = desk.venue.id(0);
    const seq = desk.events().length;
    await desk.start();
    const [opened, unknown] = desk.events().slice(seq);
    expect(unknown).toMatchObject({ type: 'ORDER_UNKNOWN', clientOrderId: id, cause: opened?.seq });
    expect(desk.venue.requests).toEqual([{ kind: 'QUERY', at: T0, clientOrderId: id }]);
  });

  test('leads to the same state however often it is repeated', async () => {
    const desk = await new Desk().start();
    await desk.submit(coordinated([leg({ n: 1, limit: '100' }), leg({ n: 2, symbol: ETH })]));
    desk.venue.ack(desk.venue.id(0));
    await desk.pass(0);
    const states: unknown[] = [];
    for (let i = 0; i < 3; i++) {
      await desk.start();
      const past = recover(createMemoryJournal(desk.committed()), rules, STRATEGIES)!;
      const { groups, batches } = canonical(past.state()) as {
        readonly groups: unknown;
        readonly batches: unknown;
      };
      states.push(JSON.parse(JSON.stringify({ groups, batches }).replaceAll(/"gen":\d+/g, '"gen":0')));
    }
    expect(states[1]).toEqual(states[0]);
    expect(states[2]).toEqual(states[0]);
  });

  test('gives the directive its batch again, and the batch its handle', async () => {
    const desk = await new Desk().start();
    const { id } = await desk.submit(resting());
    desk.venue.ack(desk.venue.id(0));
    await desk.pass(0);
    await desk.start();
    const again = await desk.submit(resting());
    expect(again.id).toBe(id);
    expect(desk.runtime.batch(id)).toBe(again);
    const statuses: string[] = [];
    again.status$.subscribe((status) => statuses.push(status));
    expect(statuses).toEqual(['ACTIVE']);
    const result = again.result();
    expect(await isPending(result)).toBe(true);
    desk.venue.fill([...desk.venue.queries].at(-1) ?? '');
    await desk.pass(0);
    expect((await result).status).toBe('COMPLETED');
    await desk.start();
    expect((await desk.runtime.batch(id).result()).status).toBe('COMPLETED');
    expect(() => desk.runtime.batch('BAT_20250106_090000_00000000')).toThrow('neither memory nor journal');
  });

  test('never mints an id again, at the edge neither', async () => {
    const desk = await new Desk().start();
    desk.venue.fillsAll();
    await desk.submit(batch([leg({ n: 1 }), leg({ n: 2, symbol: ETH })]));
    const closing = (n: number, trade: number): Batch => {
      const { directive } = batch([close(trade, { n })]);
      return { directive, commands: undefined as never };
    };
    await desk.submit(closing(91, 1));
    await desk.start();
    desk.venue.fillsAll();
    await desk.submit(closing(92, 2));
    const minted = desk
      .committed()
      .flatMap(
        (line) =>
          (JSON.parse(line) as { input: { commands?: { command_id: string }[] } }).input.commands ?? [],
      )
      .map(({ command_id }) => command_id);
    expect(new Set(minted).size).toBe(minted.length);
    const orders = desk
      .events()
      .flatMap((event) => (event.type === 'ORDER_INTENT' ? [event.orderId, event.clientOrderId] : []));
    expect(new Set(orders).size).toBe(orders.length);
  });

  test('keeps a kill latched until it is re-armed by name', async () => {
    const desk = await new Desk().start();
    await desk.runtime.kill('all', 'drill', 'me');
    await desk.start();
    expect(await codeOf(desk.runtime.submit(resting().directive, resting().commands))).toBe('KILLED');
    await desk.runtime.rearm('all', 'me');
    await desk.submit(resting());
    expect(desk.venue.places).toHaveLength(1);
  });

  test('asks again for a cancel that was asked for', async () => {
    const desk = await new Desk().start();
    const { id } = await desk.submit(resting());
    const order = desk.venue.id(0);
    desk.venue.ack(order);
    await desk.pass(0);
    await desk.runtime.batch(id).cancel('enough');
    await desk.start();
    expect(desk.venue.cancels).toEqual([order]);
    desk.venue.canceled(order);
    await desk.pass(0);
    expect((await desk.runtime.batch(id).result()).status).toBe('CANCELLED');
  });

  test('opens nothing after a timeout that passed meanwhile', async () => {
    const desk = await new Desk().start();
    const params = { strategy: 'TWAP', duration_seconds: 100, slices: 10 };
    const { id } = await desk.submit(batch([leg({ params })], { timeout_seconds: 60 }));
    desk.venue.ack(desk.venue.id(0));
    desk.venue.fill(desk.venue.id(0));
    await desk.pass(0);
    desk.clock.advanceTo(T0 + 75_000);
    await desk.start();
    await desk.pass(100_000);
    expect(desk.venue.places).toEqual([]);
    expect(await desk.runtime.batch(id).result()).toMatchObject({ status: 'PARTIAL', reason: 'timeout' });
  });

  test('sends no burst for slices that it has missed', async () => {
    const desk = await new Desk().start();
    const params = { strategy: 'TWAP', duration_seconds: 100, slices: 10 };
    await desk.submit(batch([leg({ params })]));
    desk.venue.fill(desk.venue.id(0));
    await desk.pass(0);
    desk.clock.advanceTo(T0 + 55_000);
    await desk.start();
    desk.venue.fillsAll();
    await desk.pass(0);
    expect(desk.venue.places).toHaveLength(1);
    expect(Number(desk.venue.places[0]?.quantity)).toBeLessThanOrEqual(0.3);
  });

  test('tells the ledger again what it may not have heard, under the same entries', async () => {
    const ledger = createMemoryLedger();
    const desk = await new Desk({ ledger }).start();
    desk.venue.fillsAll();
    await desk.submit(batch([leg()]));
    const told = ledger.entries.map(({ entryId }) => entryId);
    await desk.start();
    expect(ledger.entries.map(({ entryId }) => entryId)).toEqual([...told, ...told]);
  });

  test('moves a protection on', async () => {
    const desk = await new Desk().start();
    desk.venue.fillsAll();
    await desk.submit(batch([leg({ n: 1, exit: { stop: '90' } })]));
    await desk.start();
    desk.venue.fillsAll();
    expect(desk.runtime.openProtections).toBe(1);
    await desk.submit(batch([modify(1, { n: 2, exit: { stop: '95' } })]));
    await desk.pass(60_000);
    expect(desk.events().filter(({ type }) => type === 'GROUP_AMENDED')).toMatchObject([{ stopLoss: '95' }]);
    expect(desk.runtime.positions().map(({ trade_id }) => trade_id)).toEqual([tradeId(1)]);
  });
});

describe('a journal that does not fold', () => {
  const started = async (): Promise<readonly string[]> => {
    const desk = await new Desk().start();
    desk.venue.fillsAll();
    await desk.submit(batch([leg()]));
    return desk.committed();
  };
  const openOn = (lines: readonly string[]) => {
    const clock = new SimulatedClock(T0);
    return createRuntime({
      connectors: { SIM: new ScriptedConnector({ clock }) },
      clock,
      journal: createMemoryJournal(lines),
    });
  };

  test('is refused, and the record named', async () => {
    const lines = [...(await started())];
    const at = lines.findIndex((line) => line.includes('BATCH_ACTIVE'));
    lines[at] = (lines[at] ?? '').replace('"type":"BATCH_ACTIVE"', '"type":"BATCH_STOPPING"');
    await expect(openOn(lines)).rejects.toThrow(
      /^record \d+ folds to #\d+ BATCH_ACTIVE where it holds #\d+ BATCH_STOPPING/,
    );
    await expect(openOn(lines)).rejects.toThrow(`record ${at + 1} `);
    expect(await codeOf(openOn(lines))).toBe('JOURNAL_DAMAGED');
  });

  test('is refused when a record is missing or no JSON', async () => {
    const lines = await started();
    expect(await codeOf(openOn([...lines.slice(0, 2), ...lines.slice(3)]))).toBe('JOURNAL_DAMAGED');
    expect(await codeOf(openOn([...lines.slice(0, 2), '{', ...lines.slice(3)]))).toBe('JOURNAL_DAMAGED');
  });

  test('but for a poisoned record goes on: what its fold had changed went with its process', async () => {
    const lines = await started();
    const n = lines.length + 1;
    const poison = { seq: 0, type: 'POISON', at: T0, cause: null, error: 'defect' };
    const input = { k: 'cancelGroup', groupId: 'none', reason: 'x' };
    const runtime = await openOn([...lines, JSON.stringify({ n, t: T0, input, events: [poison] })]);
    await runtime.settle();
    expect(runtime.groups()).toHaveLength(1);
    await runtime.close();
  });
});

describe('another configuration', () => {
  const live = (timeout_seconds: number) => ({
    environment: 'live' as const,
    orchestration: { plan_execution: { timeout_seconds } },
  });

  test('is refused in live, both hashes named, unless it is accepted by its own', async () => {
    const desk = await new Desk().start(0, { config: live(30) });
    const error = (await desk
      .start(undefined, { config: live(20) })
      .catch((thrown: unknown) => thrown)) as Error;
    expect(error.message).toMatch(/[0-9a-f]{16}.*[0-9a-f]{16}/);
    const acceptConfig = /acceptConfig: '([0-9a-f]+)'/.exec(error.message)?.[1] ?? '';
    await desk.start(undefined, { config: live(20), acceptConfig });
    expect(desk.events().filter(({ type }) => type === 'RUNTIME_OPENED')).toHaveLength(2);
  });

  test('is recorded elsewhere; old records keep the rules of their time', async () => {
    const desk = await new Desk().start(0, {
      config: { orchestration: { plan_execution: { timeout_seconds: 3 } } },
    });
    await desk.submit(resting());
    await desk.pass(4000);
    expect(desk.types()).toContain('ORDER_UNKNOWN');
    await desk.start(undefined, { config: { orchestration: { plan_execution: { timeout_seconds: 60 } } } });
    await desk.start();
    const hashes = desk
      .events()
      .flatMap((event) => (event.type === 'RUNTIME_OPENED' ? [event.configHash] : []));
    expect(new Set(hashes).size).toBe(3);
  });
});

describe('a crash in recovery', () => {
  test.each(Object.keys(STORIES))('changes nothing of the end: %s', async (name) => {
    const story = STORIES[name]!;
    const whole = await tell(story);
    const mayEnd = [...endings(whole), ...(story.mayEnd ?? [])];
    for (let record = 2; record <= whole.lines.length; record += 2) {
      for (const when of ['COMMITTED', 'ACTED'] as const) {
        // The opening of the second process is record + 1: it dies with it, and the third a little later.
        const deaths = [
          { record, when },
          { record: record + 1, when },
          { record: record + 3, when },
        ];
        const told = await tell(story, deaths, 50);
        expect({ record, when, found: judge(told) }).toEqual({ record, when, found: [] });
        expect(mayEnd).toContain(endings(told)[0]);
      }
    }
  });
});
