/** The runtime over the durable journal: what leaves only after its record is on the disk, and what a bad disk stops. */
import { describe, expect, test } from '@jest/globals';
import { MemoryDisk, type MemoryDiskOptions } from '../../src/disk/index.js';
import { type DurableJournal, openDurableJournal } from '../../src/journal/index.js';
import { type Batch, batch, codeOf, coordinated, leg, Rig } from './rig.js';

const NAME = 'run.journal';

async function open(
  options: MemoryDiskOptions = {},
): Promise<{ rig: Rig; disk: MemoryDisk; journal: DurableJournal }> {
  const disk = new MemoryDisk({ isAsync: true, ...options });
  const journal = await openDurableJournal({ disk, path: NAME });
  return { rig: await Rig.open({ journal }), disk, journal };
}

const isDurable = (disk: MemoryDisk, text: string): boolean =>
  Buffer.from(disk.durableBytes(NAME)).toString('utf8').includes(text);

const BATCHES: readonly (readonly [string, () => Batch])[] = [
  ['INDEPENDENT', () => batch([leg({ limit: '99' }), leg({ n: 2, limit: '99' })])],
  ['COORDINATED', () => coordinated([leg({ limit: '99' }), leg({ n: 2, limit: '99' })])],
];

describe('with a durable journal', () => {
  test.each(BATCHES)(
    'in %s each place and each event comes after its record is on the disk',
    async (_, make) => {
      const { rig, disk } = await open();
      let places = 0;
      rig.venue.onPlace = ({ clientOrderId }) => {
        places += 1;
        expect(isDurable(disk, clientOrderId)).toBe(true);
        rig.venue.ack(clientOrderId);
        rig.venue.fill(clientOrderId, '0.1');
      };
      let events = 0;
      rig.runtime.events$.subscribe(({ seq }) => {
        events += 1;
        expect(isDurable(disk, `"seq":${seq},`)).toBe(true);
      });
      const { directive, commands } = make();
      await rig.runtime.submit(directive, commands);
      expect(isDurable(disk, directive.directive_id)).toBe(true);
      await rig.settle();
      expect(places).toBeGreaterThan(0);
      expect(events).toBeGreaterThan(places);
    },
  );

  test('the same inputs leave the same bytes, and the lines that a journal in memory has', async () => {
    const run = async (rig: Rig): Promise<string[]> => {
      rig.venue.onPlace = ({ clientOrderId }) => rig.venue.fill(clientOrderId, '1');
      await rig.submit(batch([leg(), leg({ n: 2 })]));
      return rig.lines();
    };
    const [first, second] = [await open(), await open()];
    const lines = await run(first.rig);
    expect(await run(second.rig)).toEqual(lines);
    expect(second.disk.bytes(NAME)).toEqual(first.disk.bytes(NAME));
    expect(await run(await Rig.open())).toEqual(lines);
  });
});

describe('a disk that fails', () => {
  test.each(['write', 'sync'] as const)(
    'at a %s: nothing opens any more, what is open is canceled',
    async (kind) => {
      let fails = false;
      const { rig, disk } = await open({
        fault: (operation) => (fails && operation.kind === kind ? { kind: 'error', code: 'EIO' } : null),
      });
      rig.venue.onPlace = ({ clientOrderId }) => rig.venue.ack(clientOrderId);
      await rig.submit(batch([leg({ limit: '99' })]));
      const [first] = rig.venue.places;
      fails = true;
      const before = disk.counts.sync;
      expect(await codeOf(rig.submit(batch([leg({ n: 2 })])))).toBe('JOURNAL');
      fails = false;
      expect(await codeOf(rig.submit(batch([leg({ n: 3 })])))).toBe('JOURNAL');
      await rig.at((venue) => venue.fill(first?.clientOrderId ?? '', '0.1'));
      expect(rig.venue.places).toEqual([first]);
      expect(rig.venue.cancels).toContain(first?.clientOrderId);
      expect(disk.counts.sync - before).toBe(kind === 'sync' ? 1 : 0);
      expect(rig.codes()).toContain('JOURNAL');
    },
  );
});
