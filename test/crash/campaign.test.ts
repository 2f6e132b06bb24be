/** The crash campaign in small: real processes, a real disk, real SIGKILLs; and a comparison that can find something. */
import { spawnSync } from 'node:child_process';
import { describe, expect, test } from '@jest/globals';

interface Compared {
  compared(venue: readonly object[], events: readonly object[]): { readonly findings: readonly string[] };
}
const { compared } = (await import(
  new URL('../../scripts/crash/compare.mjs', import.meta.url).href
)) as Compared;

const order = { clientOrderId: 'c1', quantity: '2' };
const ACCEPTED = { kind: 'ACCEPT', id: 'V1', order };
const TRADED = { kind: 'TRADE', id: 'V1', execId: 'X1', quantity: '2' };
const EVENTS = [
  { type: 'RUNTIME_OPENED' },
  { type: 'BATCH_CREATED', batchId: 'B1' },
  { type: 'ORDER_INTENT', clientOrderId: 'c1' },
  { type: 'FILL', connectorFillId: 'X1' },
  { type: 'BATCH_SETTLED', batchId: 'B1', status: 'COMPLETED' },
];
const found = (venue: readonly object[], events: readonly object[]) => compared(venue, events).findings;
const without = (type: string) => EVENTS.filter((event) => event.type !== type);

describe('the comparison of venue and journal', () => {
  test('finds nothing where they agree', () => {
    expect(found([ACCEPTED, TRADED], EVENTS)).toEqual([]);
  });

  test.each([
    [
      'an order twice',
      [ACCEPTED, TRADED, { ...ACCEPTED, id: 'V2' }, { kind: 'END', id: 'V2' }],
      EVENTS,
      ['c1: accepted by the venue 2 times'],
    ],
    ['a fill that was lost', [ACCEPTED, TRADED], without('FILL'), ['X1: executed and never booked']],
    ['a fill that was doubled', [ACCEPTED, TRADED], [...EVENTS, EVENTS[3]!], ['X1: booked 2 times']],
    [
      'a fill that never was',
      [ACCEPTED, { kind: 'END', id: 'V1' }],
      EVENTS,
      ['X1: booked and never executed'],
    ],
    [
      'an order nobody meant',
      [ACCEPTED, TRADED],
      without('ORDER_INTENT'),
      ['c1: at the venue without an intent'],
    ],
    ['an order left open', [ACCEPTED], without('FILL'), ['c1: still open at the venue']],
    ['a batch that never ended', [ACCEPTED, TRADED], without('BATCH_SETTLED'), ['B1: never settled']],
  ] as const)('finds %s', (_what, venue, events, findings) => {
    expect(found(venue, events)).toEqual(findings);
  });
});

/** Findings first: they say what went wrong. */
function campaign(...args: string[]) {
  const done = spawnSync(process.execPath, ['scripts/crash/campaign.mjs', ...args], { encoding: 'utf8' });
  return done.status === 0 ? JSON.parse(done.stdout) : [done.status, done.stdout, done.stderr];
}

test('a desk that is killed and started again agrees with its venue in the end', () => {
  expect(campaign('--kills', '3', '--seed', '11')).toMatchObject({ v: 1, kills: 3, findings: [] });
});

test('a run ends with every execution booked, though the stream of its venue tells none', () => {
  const done = campaign('--kills', '0', '--seed', '3', '--faults', '0', '--mute');
  expect(done).toMatchObject({ scenarios: 1, findings: [] });
  expect(done.fills).toBeGreaterThan(0);
});
