/** The one door: nothing leaves before its record is durable, a fold that throws stops everything, order is order. */
import { describe, expect, test } from '@jest/globals';
import type { Folded } from '../../src/actors/supervisor.js';
import type { Input } from '../../src/actors/inputs.js';
import type { FillwrightError } from '../../src/dtos/errors.js';
import type { RuntimeEvent } from '../../src/dtos/events.js';
import type { Report } from '../../src/dtos/venue.js';
import { createMemoryJournal, type JournalRecord } from '../../src/journal/index.js';
import type { Journal } from '../../src/ports/journal.js';
import type { BatchHandle } from '../../src/runtime/api.js';
import { type Outcome, Sequencer } from '../../src/runtime/sequencer.js';
import { audit, BTC, batch, codeOf, ETH, leg, Rig, SOL } from './rig.js';

/** A journal whose commits wait until the test lets them through. */
class HeldJournal implements Journal {
  readonly #inner = createMemoryJournal();
  #waiting: { readonly resolve: () => void; readonly reject: (error: Error) => void }[] = [];
  isHolding = false;

  append(line: string): void {
    this.#inner.append(line);
  }

  commit(): void | Promise<void> {
    if (!this.isHolding) return this.#inner.commit();
    return new Promise<void>((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
    }).then(() => this.#inner.commit());
  }

  lines(): readonly string[] {
    return this.#inner.committed;
  }

  close(): void {}

  get waiting(): number {
    return this.#waiting.length;
  }

  /** The oldest commit becomes durable. */
  async release(): Promise<void> {
    this.#waiting.shift()?.resolve();
    await turns();
  }

  async fail(): Promise<void> {
    this.#waiting.shift()?.reject(new Error('disk full'));
    await turns();
  }

  /** Everything from here on commits at once. */
  async open(): Promise<void> {
    this.isHolding = false;
    while (this.#waiting.length > 0) await this.release();
  }
}

/** Lets promises run; no clock is involved. */
async function turns(): Promise<void> {
  for (let i = 0; i < 20; i++) await Promise.resolve();
}

/** Is this promise unsettled still? */
async function isOpen(promise: Promise<unknown>): Promise<boolean> {
  let open = true;
  const settle = (): void => {
    open = false;
  };
  promise.then(settle, settle);
  for (let i = 0; i < 20; i++) await Promise.resolve();
  return open;
}

async function heldRig(): Promise<{ rig: Rig; journal: HeldJournal }> {
  const journal = new HeldJournal();
  const rig = await Rig.open({ journal });
  await rig.settle();
  journal.isHolding = true;
  return { rig, journal };
}

describe('before the commit', () => {
  test('nothing reaches the connector, nobody sees an event, and submit() does not resolve', async () => {
    const { rig, journal } = await heldRig();
    const seen = rig.seen.length;
    const { directive, commands } = batch([leg()]);
    const submitted = rig.runtime.submit(directive, commands);
    await turns();
    expect(journal.waiting).toBe(1);
    expect(rig.venue.requests).toEqual([]);
    expect(rig.seen).toHaveLength(seen);
    expect(await isOpen(submitted)).toBe(true);
    expect(rig.runtime.idle).toBe(false);
    await journal.release();
    expect(rig.venue.places).toHaveLength(1);
    expect(rig.seen.map(({ type }) => type).slice(seen)).toContain('ORDER_INTENT');
    expect(await isOpen(submitted)).toBe(false);
    await journal.open();
  });

  test('a repetition of the same directive is not acknowledged either', async () => {
    const { rig, journal } = await heldRig();
    const { directive, commands } = batch([leg()]);
    const first = rig.runtime.submit(directive, commands);
    await turns();
    const second = rig.runtime.submit(directive, commands);
    expect(await isOpen(second)).toBe(true);
    await journal.open();
    expect((await second).id).toBe((await first).id);
    expect(rig.venue.places).toHaveLength(1);
  });

  test('a request to cancel is not acknowledged, and no cancel goes out', async () => {
    const { rig, journal } = await heldRig();
    journal.isHolding = false;
    const handle = await rig.submit(batch([leg({ limit: '100' })]));
    journal.isHolding = true;
    const canceled = handle.cancel('enough');
    await turns();
    expect(rig.venue.cancels).toEqual([]);
    expect(await isOpen(canceled)).toBe(true);
    await journal.release();
    expect(rig.venue.cancels).toEqual([rig.venue.id(0)]);
    await journal.open();
  });

  test('result() of a batch that is settled in memory does not resolve', async () => {
    const { rig, journal } = await heldRig();
    journal.isHolding = false;
    const handle = await rig.submit(batch([leg()]));
    journal.isHolding = true;
    rig.venue.fill(rig.venue.id(0));
    await turns();
    expect(await isOpen(handle.result())).toBe(true);
    await journal.open();
    await rig.settle();
    expect((await handle.result()).status).toBe('COMPLETED');
  });
});

describe('a place that waits for its commit', () => {
  /** A second batch's place is folded in one group of inputs with what stops it. */
  async function overtaken(stop: (rig: Rig, handle: BatchHandle) => Promise<unknown>) {
    const { rig, journal } = await heldRig();
    journal.isHolding = false;
    const twap = { strategy: 'TWAP', duration_seconds: 10, slices: 2 };
    const handle = await rig.submit(batch([leg({ params: twap })]));
    await rig.at((venue) => venue.fill(venue.id(0)));
    journal.isHolding = true;
    rig.clock.advanceTo(rig.clock.nextAt() ?? 0);
    rig.clock.runNext(); // the second slice is due: it goes into the queue
    const stopped = stop(rig, handle); // and so does this, right behind it
    await turns();
    await journal.open();
    await stopped;
    await rig.settle();
    return { rig, handle };
  }

  test.each([
    ['cancel()', (_rig: Rig, handle: BatchHandle) => handle.cancel('enough')],
    ['cancelGroup', (rig: Rig) => rig.runtime.cancelGroup(rig.group().group_id, 'enough')],
    ['kill', (rig: Rig) => rig.runtime.kill('all', 'halt', 'me')],
    ['the end of the market', (rig: Rig) => rig.runtime.endMarket()],
  ])('is not sent when %s is folded in the meantime', async (_what, stop) => {
    const { rig, handle } = await overtaken(stop);
    expect(rig.events('ORDER_INTENT')).toHaveLength(2);
    expect(rig.venue.places).toHaveLength(1);
    const lost = rig.events('ORDER_INTENT')[1]?.clientOrderId;
    expect(rig.events('ORDER_NOT_SENT').map(({ clientOrderId }) => clientOrderId)).toEqual([lost]);
    expect((await handle.result()).legs).toMatchObject([{ filledQuantity: '0.5' }]);
    expect(audit(rig)).toEqual([]);
  });

  test('is sent when nothing stops it', async () => {
    const { rig } = await overtaken(() => Promise.resolve());
    expect(rig.venue.places).toHaveLength(2);
    expect(rig.events('ORDER_NOT_SENT')).toEqual([]);
  });

  test('is not sent when its commit fails: nothing opens, what is open is canceled, the caller hears', async () => {
    const { rig, journal } = await heldRig();
    journal.isHolding = false;
    await rig.submit(batch([leg({ n: 1, limit: '100' })]));
    journal.isHolding = true;
    const { directive, commands } = batch([leg({ n: 2, symbol: ETH })]);
    const submitted = rig.runtime.submit(directive, commands);
    const code = codeOf(submitted);
    await turns();
    await journal.fail();
    expect(await code).toBe('JOURNAL');
    expect(rig.venue.places.map(({ symbol }) => symbol)).toEqual([BTC]);
    expect(rig.venue.cancels).toContain(rig.venue.id(0));
    expect(rig.codes()).toContain('JOURNAL');
  });
});

describe('a fold that throws', () => {
  /** A report that cannot be read stands for any defect: its getter throws inside the fold, and JSON leaves it out. */
  const unreadable = (clientOrderId: string, at: number): Report =>
    Object.defineProperty({ type: 'TRADE', clientOrderId, quantity: '1', price: '100', at }, 'execId', {
      enumerable: false,
      get() {
        throw new Error('a defect');
      },
    }) as unknown as Report;

  async function poisoned() {
    const rig = await Rig.open();
    rig.venue.onPlace = ({ clientOrderId }) => rig.venue.ack(clientOrderId);
    const open = await rig.submit(batch([leg({ n: 1, limit: '100' })]));
    const waiter = open.result();
    const code = codeOf(waiter);
    rig.venue.reports$.next(unreadable(rig.venue.id(0), rig.clock.now()));
    const { directive, commands } = batch([leg({ n: 2, symbol: ETH })]);
    const behind = codeOf(rig.runtime.submit(directive, commands));
    await rig.runtime.settle();
    return { rig, code, behind };
  }

  test('leaves its input in the journal as POISON, last of all', async () => {
    const { rig } = await poisoned();
    const last = JSON.parse(rig.lines().at(-1) ?? '{}') as JournalRecord;
    expect(last.input).toMatchObject({ k: 'report', report: { type: 'TRADE' } });
    expect(last.events).toMatchObject([{ type: 'POISON', error: 'a defect' }]);
    expect(rig.seen.at(-1)?.type).toBe('POISON');
  });

  test('cancels what is open and alerts', async () => {
    const { rig } = await poisoned();
    expect(rig.venue.cancels).toEqual([rig.venue.id(0)]);
    expect(rig.codes()).toContain('HALTED');
  });

  test('rejects whoever waits, and whoever comes afterwards', async () => {
    const { rig, code, behind } = await poisoned();
    expect([await code, await behind]).toEqual(['HALTED', 'HALTED']);
    const { directive, commands } = batch([leg({ n: 3, symbol: SOL })]);
    expect(await codeOf(rig.runtime.submit(directive, commands))).toBe('HALTED');
    expect(await codeOf(rig.runtime.kill('all', 'halt', 'me'))).toBe('HALTED');
    expect(rig.venue.places).toHaveLength(1);
  });

  test('keeps back the places of the same commit: their intents stand in the journal, nothing opens', async () => {
    const rig = await Rig.open();
    rig.venue.onPlace = ({ clientOrderId }) => rig.venue.ack(clientOrderId);
    await rig.submit(batch([leg({ n: 1, limit: '100' })]));
    const { directive, commands } = batch([leg({ n: 2, symbol: ETH })]);
    const submitted = codeOf(rig.runtime.submit(directive, commands));
    rig.venue.reports$.next(unreadable(rig.venue.id(0), rig.clock.now())); // right behind it, in one commit
    await rig.runtime.settle();
    await submitted;
    expect(rig.events('ORDER_INTENT')).toHaveLength(2);
    expect(rig.venue.places).toHaveLength(1);
  });

  test('is the last input that is journaled: time brings no more', async () => {
    const { rig } = await poisoned();
    const lines = rig.lines().length;
    await rig.pass(120_000);
    expect(rig.lines()).toHaveLength(lines);
  });
});

describe('the order of things', () => {
  const input = (n: number): Input => ({ k: 'cancelGroup', groupId: `${n}`, reason: '' });
  const event = (seq: number): RuntimeEvent => ({
    seq,
    type: 'INCIDENT',
    at: 0,
    cause: null,
    what: `${seq}`,
  });

  interface Parts {
    readonly journal?: Journal;
    readonly refuse?: (n: number) => boolean;
    readonly perform?: () => void;
  }

  function sequencer(options: Parts = {}) {
    const log: string[] = [];
    const journal = options.journal ?? createMemoryJournal();
    const made: Sequencer = new Sequencer({
      journal: {
        append: (line) => {
          log.push(`append ${(JSON.parse(line) as JournalRecord).n}`);
          journal.append(line);
        },
        commit: () => {
          log.push('commit');
          return journal.commit();
        },
        lines: () => journal.lines(),
        close: () => {},
      },
      now: () => 7,
      prepare: (given) => given,
      fold: (folded): Folded => {
        const n = Number('groupId' in folded ? folded.groupId : 0);
        log.push(`fold ${n}`);
        if (n === 10) made.enqueue(input(11)); // what a fold leads to comes after what was there
        const isRefused = options.refuse?.(n) ?? false;
        const refusal = isRefused ? ({ code: 'UNKNOWN_GROUP' } as FillwrightError) : null;
        return { events: isRefused ? [] : [event(n)], effects: [], refusal, batch: null };
      },
      publish: ([published]) => void log.push(`publish ${published?.seq ?? '-'}`),
      perform: () => {
        log.push('perform');
        options.perform?.();
      },
      afterGroup: () => void log.push('after'),
      onJournalFailure: () => false,
      onHalt: (error) => void log.push(`halt ${error.code}`),
    });
    return { made, log, journal };
  }

  test('is fold, append, commit, and only then events, effects, callers', async () => {
    const { made, log } = sequencer();
    made.enqueue(input(1), () => log.push('done 1'));
    made.enqueue(input(2), () => log.push('done 2'));
    await made.settle();
    expect(log).toEqual([
      ...['fold 1', 'append 1', 'fold 2', 'append 2', 'commit'],
      ...['publish 1', 'perform', 'done 1', 'publish 2', 'perform', 'done 2', 'after'],
    ]);
  });

  test.each([null, new Error('a defect')])('ends where what follows a commit throws (%s)', async (thrown) => {
    const { made, log } = sequencer({
      perform: () => {
        throw thrown;
      },
    });
    made.enqueue(input(1), () => log.push('done 1'));
    made.enqueue(input(2), () => log.push('done 2'));
    await made.settle();
    made.enqueue(input(3), (outcome) => log.push('error' in outcome ? outcome.error.code : 'folded'));
    expect(made.idle).toBe(true);
    expect(log.slice(5)).toEqual([
      ...[
        'publish 1',
        'perform',
        'halt HALTED',
        'done 1',
        'publish 2',
        'perform',
        'done 2',
        'after',
        'HALTED',
      ],
    ]);
  });

  test('keeps inputs in the order in which they came, those of a fold behind the ones that waited', async () => {
    const { made, log } = sequencer();
    for (const n of [10, 20, 30]) made.enqueue(input(n));
    await made.settle();
    expect(log.filter((entry) => entry.startsWith('fold'))).toEqual([
      'fold 10',
      'fold 20',
      'fold 30',
      'fold 11',
    ]);
  });

  test('folds nothing further while a commit is under way', async () => {
    const journal = new HeldJournal();
    journal.isHolding = true;
    const { made, log } = sequencer({ journal });
    made.enqueue(input(1));
    await turns();
    made.enqueue(input(2));
    await turns();
    expect(log).toEqual(['fold 1', 'append 1', 'commit']);
    await journal.open();
    await made.settle();
    expect(log.filter((entry) => entry.startsWith('fold'))).toEqual(['fold 1', 'fold 2']);
  });

  test('bounds the inputs of one commit', async () => {
    const { made, log } = sequencer();
    for (let n = 1; n <= 600; n++) made.enqueue(input(100 + n));
    await made.settle();
    expect(log.filter((entry) => entry === 'commit')).toHaveLength(3);
    expect(log.filter((entry) => entry.startsWith('append'))).toHaveLength(600);
  });

  test('numbers records without a gap: a refused input without events leaves none', async () => {
    const { made, journal } = sequencer({ refuse: (n) => n === 2 });
    const outcomes: Outcome[] = [];
    for (const n of [1, 2, 3]) made.enqueue(input(n), (outcome) => outcomes.push(outcome));
    await made.settle();
    const records = [...(journal.lines() ?? [])].map((line) => JSON.parse(line) as JournalRecord);
    expect(records.map(({ n, input: { groupId } }) => [n, groupId])).toEqual([
      [1, '1'],
      [2, '3'],
    ]);
    expect(outcomes.map((outcome) => 'folded' in outcome && outcome.folded.refusal !== null)).toEqual([
      false,
      true,
      false,
    ]);
  });

  test('a journal that refuses to append halts before anything is published', async () => {
    const journal: Journal = {
      append() {
        throw new Error('disk full');
      },
      commit() {},
      lines: () => null,
      close() {},
    };
    const { made, log } = sequencer({ journal });
    const outcomes: Outcome[] = [];
    for (const n of [1, 2]) made.enqueue(input(n), (outcome) => outcomes.push(outcome));
    await made.settle();
    expect(log).toContain('halt JOURNAL');
    expect(log.filter((entry) => entry.startsWith('publish') || entry === 'perform')).toEqual([]);
    expect(outcomes.map((outcome) => 'error' in outcome && outcome.error.code)).toEqual([
      'JOURNAL',
      'JOURNAL',
    ]);
  });
});
