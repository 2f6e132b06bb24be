/** Time travel: the state at any point of a journal, what was legal next, and the causes of an event. */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { type JournalRecord, parseJournal } from '../../src/journal/index.js';
import { replayJournal } from '../../src/runtime/replay.js';
import { cli } from '../cli/harness.js';
import { T0 } from '../runtime/rig.js';
import { STORIES, type Told, tell } from '../recovery/stories.js';

let told: Told;
let text: string;
let records: readonly JournalRecord[];

beforeAll(async () => {
  told = await tell(STORIES['a coordinated batch whose second leg is refused, and its unwind']!);
  text = told.lines.map((line) => `${line}\n`).join('');
  records = parseJournal(text).records;
});

const seqOf = (type: string): number => told.events.find((event) => event.type === type)?.seq ?? 0;

describe('a replay', () => {
  test('shows the end unless told otherwise', () => {
    const view = replayJournal(records);
    expect(view.seq).toBe(told.events.length);
    expect(view.batches).toMatchObject([{ status: 'FAILED', reason: 'execution_error' }]);
    expect(view.legal_next).toEqual([]);
  });

  test('shows the state after any event', () => {
    const view = replayJournal(records, { at: { seq: seqOf('BATCH_ACTIVE') } });
    expect(view.batches[0]?.status).toBe('ACTIVE');
    expect(view.batches[0]?.groups.map(({ status }) => status)).toEqual(['PENDING', 'PENDING']);
  });

  test('shows the state at any time', () => {
    const view = replayJournal(records, { at: { time: T0 } });
    expect(view.batches[0]?.groups.flatMap(({ orders }) => orders.map(({ status }) => status))).toEqual([
      'PENDING_NEW',
      'PENDING_NEW',
    ]);
    expect(replayJournal(records, { at: { time: T0 - 1 } })).toMatchObject({ seq: 0, at: null, batches: [] });
  });

  test('says what was legal next for each batch, group and order', () => {
    const { legal_next } = replayJournal(records, { at: { time: T0 } });
    expect(legal_next.map(({ entity, state }) => `${entity} ${state}`)).toEqual([
      'batch active.working',
      'group active.working',
      'order PENDING_NEW',
      'group active.working',
      'order PENDING_NEW',
    ]);
    const [batch, group, order] = legal_next;
    expect(batch?.events).toEqual(['LEG_FAILED', 'LEG_SETTLED', 'STOP', 'UNWINDS_CHANGED']);
    expect(group?.events).toContain('ORDER_ENDED');
    expect(order?.events).toEqual(expect.arrayContaining(['NEW', 'TRADE', 'REJECTED', 'NO_ANSWER']));
  });

  test('tells the chain of causes up to the input', () => {
    const { causes } = replayJournal(records, { cause: seqOf('BATCH_UNWINDING') });
    expect(causes[0]?.type).toBe('BATCH_UNWINDING');
    expect(causes.at(-1)?.input).toBe('report');
    for (const [i, { seq }] of causes.entries()) if (i > 0) expect(seq).toBeLessThan(causes[i - 1]!.seq);
  });

  test('refuses a journal whose events are not what its inputs fold to, and names the record', () => {
    const changed = text.replace('"filledQuantity":"1"', '"filledQuantity":"2"');
    expect(changed).not.toBe(text);
    expect(() => replayJournal(parseJournal(changed).records)).toThrow(/^record \d+ folds to #\d+ /);
  });

  test('refuses a point beyond the end', () => {
    expect(() => replayJournal(records, { at: { seq: 9999 } })).toThrow('ends at event');
    expect(() => replayJournal(records, { cause: 9999 })).toThrow('there is no event 9999');
  });
});

describe('fillwright replay', () => {
  test('prints the view, and exits 9 for a journal that does not fold', async () => {
    const file = join(mkdtempSync(join(tmpdir(), 'replay-')), 'run.jsonl');
    writeFileSync(file, text);
    const whole = await cli(['replay', file, '--json']);
    expect(whole.code).toBe(0);
    expect(JSON.parse(whole.out)).toEqual({ v: 1, ...replayJournal(records) });
    const early = await cli(['replay', file, '--at', '5', '--json']);
    expect(JSON.parse(early.out)).toMatchObject({ v: 1, seq: 5 });
    expect((await cli(['replay', file, '--at', 'noon'])).code).toBe(2);
    expect((await cli(['replay', file])).out).toContain('Led to by');
    writeFileSync(file, text.replace('"filledQuantity":"1"', '"filledQuantity":"2"'));
    expect((await cli(['replay', file])).code).toBe(9);
  });
});
