/**
 * What is done after the commit: the second check of each place, every effect by its type, and what a port that throws
 * or is missing comes to.
 */
import { describe, expect, test } from '@jest/globals';
import { Deadlines } from '../../src/actors/deadlines.js';
import type { Effect } from '../../src/actors/fold.js';
import { Gateway, type GatewayPorts } from '../../src/actors/gateway.js';
import type { Input } from '../../src/actors/inputs.js';
import type { LedgerEntry } from '../../src/dtos/events.js';
import type { Connector } from '../../src/ports/connector.js';
import { NOW, orderOf, rowsOf, type Setting } from './rows.js';

const ID = 'key0key0key0000000';
const OPEN = 4;

/** A venue that notes what it is asked, and throws where it is told to. */
function venueOf(calls: unknown[][], thrown: { readonly value: unknown } | null): Connector {
  const note =
    (what: string) =>
    (asked: unknown): void => {
      calls.push([what, asked]);
      if (thrown !== null) throw thrown.value;
    };
  const requests = { place: note('place'), cancel: note('cancel'), query: note('query') };
  return { ...requests, massStatus: note('massStatus') } as unknown as Connector;
}

interface Around extends Setting {
  readonly connectors?: GatewayPorts['connectors'];
  readonly throws?: { readonly value: unknown };
  readonly ledger?: GatewayPorts['ledger'];
  readonly interval?: GatewayPorts['interval'];
}

function around(setting: Around = {}) {
  const { world, group } = rowsOf(setting);
  const row = orderOf(group);
  const [calls, inputs]: [unknown[][], Input[]] = [[], []];
  const deadlines = new Deadlines();
  const gateway = new Gateway(world, {
    connectors: setting.connectors ?? { SIM: venueOf(calls, setting.throws ?? null) },
    deadlines,
    watches: {
      set: (watched) => calls.push(['set', watched]),
      clear: (id) => calls.push(['clear', id]),
    },
    interval: setting.interval ?? (() => null),
    ledger: setting.ledger ?? null,
    enqueue: (input) => inputs.push(input),
    now: () => NOW,
  });
  const key = row.clientOrderId;
  const place: Effect = { type: 'PLACE', key, venue: 'SIM', order: row.wire, group, row };
  return { gateway, calls, inputs, deadlines, place, wire: row.wire };
}

const about = { venue: 'SIM', clientOrderId: ID };
const CANCEL: Effect = { type: 'CANCEL', key: `${ID}/c`, ...about };
const QUERY: Effect = { type: 'QUERY', key: `${ID}/q1`, ...about };
const LIST: Effect = { type: 'LIST', key: 'l', venue: 'SIM', since: 5 };

/** Why a place of four lots does not leave; null: it left. */
function refusalOf(setting: Setting, isHalted = false): unknown {
  const { gateway, calls, inputs, place, wire } = around(setting);
  gateway.halted = isHalted;
  gateway.perform([place]);
  if (inputs.length === 0) {
    expect(calls).toEqual([['place', wire]]);
    return null;
  }
  expect(calls).toEqual([]);
  expect(inputs).toEqual([{ k: 'notSent', clientOrderId: ID, reason: expect.any(String) }]);
  return (inputs[0] as { readonly reason: string }).reason;
}

describe('the second check', () => {
  test('lets a place out that nothing holds back', () => {
    expect(refusalOf({})).toBeNull();
  });

  test('refuses everything once the runtime is halted', () => {
    expect(refusalOf({}, true)).toBe('the runtime is halted');
  });

  test.each<[string, Setting, string | null]>([
    ['everything is killed', { kills: ['all'] }, 'killed'],
    ['its batch is killed', { kills: ['batch:BAT_1'] }, 'killed'],
    ['its venue is killed', { kills: ['venue:SIM'] }, 'killed'],
    ['its symbol is killed', { kills: ['symbol:BTC/USDT'] }, 'killed'],
    ['others are killed', { kills: ['batch:BAT_2', 'venue:ALT', 'symbol:ETH/USDT'] }, null],
    ['its venue is down', { down: ['SIM'] }, 'venue down'],
    ['another venue is down', { down: ['ALT'] }, null],
    ['its batch is over at this moment', { timeoutAt: NOW }, null],
    ['its batch is over', { timeoutAt: NOW - 1 }, 'after the batch deadline'],
    ['an unwind, and its batch is over', { timeoutAt: NOW - 1, role: 'UNWIND' }, null],
    ['its group is stopping', { stopping: true }, 'stopped before it was sent'],
    [
      'an unwind, and its group is stopping',
      { stopping: true, role: 'UNWIND' },
      'stopped before it was sent',
    ],
    ['its batch is stopping', { batchStopping: true }, 'stopped before it was sent'],
    ['an unwind, and its batch is stopping', { batchStopping: true, role: 'UNWIND' }, null],
    [
      'a protection, and its batch is stopping',
      { batchStopping: true, role: 'PROTECTION', held: OPEN },
      null,
    ],
    ['a protection of more than is held', { role: 'PROTECTION', held: OPEN - 1 }, 'exceeds the position'],
    ['a leg of more than is held', { held: OPEN - 1 }, null],
    ['it fills what a late fill has left (I5)', { filled: 6 }, null],
    ['a late fill has taken its room (I5)', { filled: 7 }, 'exceeds target (I5)'],
    ['an amend has taken its room (I5)', { cap: OPEN - 1 }, 'exceeds target (I5)'],
  ])('%s', (_when, setting, reason) => {
    expect(refusalOf(setting)).toBe(reason);
  });

  test('is made for each place by itself, at the moment it would leave', () => {
    const { gateway, calls, inputs, place } = around();
    const { group } = place as Extract<Effect, { type: 'PLACE' }>;
    gateway.perform([place]);
    group.stopping = true;
    gateway.perform([place]);
    expect([calls.length, inputs.length]).toEqual([1, 1]);
  });

  test('holds no cancel and no question back, halted or killed', () => {
    const { gateway, calls, inputs } = around({ kills: ['all'], down: ['SIM'], stopping: true });
    gateway.halted = true;
    gateway.perform([CANCEL, QUERY]);
    gateway.cancel('SIM', 'another');
    expect([calls, inputs]).toEqual([
      [
        ['cancel', ID],
        ['query', ID],
        ['cancel', 'another'],
      ],
      [],
    ]);
  });
});

describe('an effect', () => {
  test('arms and disarms a deadline', () => {
    const { gateway, deadlines } = around();
    gateway.perform([{ type: 'ARM', key: 'a', gen: 7, at: 10 }]);
    gateway.perform([{ type: 'ARM', key: 'b', gen: 8, at: 10 }]);
    gateway.perform([{ type: 'DISARM', key: 'a' }]);
    expect([deadlines.popDue(9, 9), deadlines.popDue(10, 9)]).toEqual([[], [{ id: 'b', gen: 8 }]]);
  });

  test('watches a price and lets it go', () => {
    const { gateway, calls } = around();
    const band = { price: 'LAST', above: '2', below: null } as const;
    gateway.perform([
      { type: 'WATCH', key: 'g:1', gen: 3, symbol: 'BTC/USDT', band },
      { type: 'UNWATCH', key: 'g:2' },
    ]);
    expect(calls).toEqual([
      ['set', { id: 'g:1', gen: 3, symbol: 'BTC/USDT', band }],
      ['clear', 'g:2'],
    ]);
  });

  test('asks a venue for one order, for a cancel, and for its list', () => {
    const { gateway, calls, inputs } = around();
    gateway.perform([QUERY, CANCEL, LIST]);
    expect([calls, inputs]).toEqual([
      [
        ['query', ID],
        ['cancel', ID],
        ['massStatus', 5],
      ],
      [],
    ]);
  });

  test('brings what traded meanwhile back, where the market tells', () => {
    const told: unknown[][] = [];
    const traded = { volume: '3', vwap: '100', twap: null };
    const interval = (...asked: unknown[]) => {
      told.push(asked);
      return told.length === 1 ? traded : null;
    };
    const { gateway, inputs } = around({ interval });
    const group = { batchId: 'BAT_1', groupId: 'EXG_1' };
    const effect: Effect = { type: 'BENCHMARK', key: 'm', ...group, symbol: 'BTC/USDT', from: 1, to: 2 };
    gateway.perform([effect, effect]);
    expect(told).toEqual([
      ['BTC/USDT', 1, 2],
      ['BTC/USDT', 1, 2],
    ]);
    expect(inputs).toEqual([{ k: 'benchmark', ...group, from: 1, to: 2, ...traded }]);
  });
});

describe('a connector that throws', () => {
  test('has told nothing of an order’s fate, and those after it are still asked', () => {
    const { gateway, calls, inputs, place, wire } = around({ throws: { value: new Error('no socket') } });
    gateway.perform([place, CANCEL, QUERY]);
    expect(calls).toEqual([
      ['place', wire],
      ['cancel', ID],
      ['query', ID],
    ]);
    expect(inputs).toEqual(
      ['PLACE', 'CANCEL', 'QUERY'].map((request) => ({
        ...{ k: 'report', venue: 'SIM' },
        report: {
          ...{ type: 'NO_ANSWER', clientOrderId: ID, request, at: NOW },
          reason: 'the connector threw: no socket',
        },
      })),
    );
  });

  test.each<[string, unknown, string]>([
    ['nothing', undefined, 'something unreadable'],
    ['null', null, 'something unreadable'],
    ['a text', 'no socket', 'no socket'],
    ['what has no text', Object.create(null), 'something unreadable'],
  ])('%s is taken as any other, and its text told', (_what, value, text) => {
    const { gateway, inputs } = around({ throws: { value } });
    gateway.perform([CANCEL]);
    expect(inputs).toMatchObject([{ report: { reason: `the connector threw: ${text}` } }]);
  });

  test('on a list is asked again at its deadline', () => {
    const { gateway, calls, inputs } = around({ throws: { value: new Error('no socket') } });
    gateway.perform([LIST, CANCEL]);
    expect(calls.map(([what]) => what)).toEqual(['massStatus', 'cancel']);
    expect(inputs).toMatchObject([{ k: 'report', report: { request: 'CANCEL' } }]);
  });

  test('is not one that is missing, or that cannot list: those say nothing', () => {
    const missing = around({ connectors: {} });
    missing.gateway.perform([missing.place, CANCEL, QUERY, LIST]);
    expect(missing.inputs).toEqual([]);
    const listless = around({ connectors: { SIM: {} as Connector } });
    listless.gateway.perform([LIST]);
    expect(listless.inputs).toEqual([]);
  });
});

describe('a ledger', () => {
  const entry = { entryId: 'FIL_1', kind: 'FILL' } as LedgerEntry;
  const POST: Effect = { type: 'POST', key: 'FIL_1', entry, batchId: 'BAT_1' };
  const failed = { k: 'ledgerFailed', entry, batchId: 'BAT_1', error: 'no disk' };
  const rest = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

  test.each<[string, () => void | Promise<void>, unknown[]]>([
    ['takes it at once', () => undefined, []],
    ['takes it later', () => Promise.resolve(), []],
    ['rejects it', () => Promise.reject(new Error('no disk')), [failed]],
    ['rejects it and says nothing', () => Promise.reject(), [{ ...failed, error: 'something unreadable' }]],
    [
      'throws',
      () => {
        throw new Error('no disk');
      },
      [failed],
    ],
  ])('that gets an entry and %s', async (_what, answer, inputs) => {
    const posted: LedgerEntry[] = [];
    const ledger = {
      post: (each: LedgerEntry) => {
        posted.push(each);
        return answer();
      },
    };
    const { gateway, inputs: enqueued } = around({ ledger });
    gateway.perform([POST]);
    await rest();
    expect([posted, enqueued]).toEqual([[entry], inputs]);
  });

  test('that is missing misses nothing', () => {
    const { gateway, inputs } = around();
    gateway.perform([POST]);
    expect(inputs).toEqual([]);
  });
});
