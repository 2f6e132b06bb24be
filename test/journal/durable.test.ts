/** The durable journal: what stands on the disk when, one sync per commit, one writer, rotation, snapshots. */
import { describe, expect, test } from '@jest/globals';
import { MemoryDisk } from '../../src/disk/index.js';
import {
  contentOf,
  NAME,
  open,
  record,
  records,
  refusalOf,
  text,
  withFile,
  write,
  written,
} from './support.js';

describe('a durable journal', () => {
  test('is not on the disk before its first commit that has something to write', async () => {
    const disk = new MemoryDisk();
    const journal = await open(disk);
    await journal.commit();
    journal.append(record(1));
    expect(disk.names()).toEqual([]);
    await journal.commit();
    expect(disk.names()).toEqual([NAME]);
    await journal.close();
  });

  test('is text: a header, a line per record, a seal per commit', async () => {
    const disk = await written([[record(1), record(2)], [record(3)]]);
    const lines = text(disk).split('\n');
    expect(lines.map((line) => line.slice(0, 1))).toEqual(['H', 'R', 'R', 'S', 'R', 'S', '']);
    expect(lines[1]?.slice(21)).toBe(record(1));
    expect(lines[5]?.slice(21)).toMatch(/^\{"n":3,"epoch":1,"sha256":"[0-9a-f]{64}"\}$/);
    expect(JSON.parse(lines[0]?.slice(21) ?? '')).toEqual({
      ...{ format: 'fillwright-journal', v: 1, epoch: 1, segment: 1, first: 1, prev: '0'.repeat(64) },
    });
  });

  test('holds what was committed, in order, and nothing that was only appended', async () => {
    const disk = new MemoryDisk();
    const journal = await open(disk);
    await write(journal, records(2));
    journal.append(record(3));
    expect([...journal.lines()]).toEqual(records(2));
    await journal.commit();
    expect([...journal.lines()]).toEqual(records(3));
    expect([...journal.lines(2)]).toEqual([record(3)]);
    expect(journal.last).toBe(3);
    journal.append(record(4));
    await journal.close();
    expect(await contentOf(disk)).toEqual({ lines: records(3), tornAt: null });
  });

  test('carries text beyond ASCII unharmed', async () => {
    const line = '{"n":1,"note":"größer ≥ 🟢"}';
    expect(await contentOf(await written([[line]]))).toEqual({ lines: [line], tornAt: null });
  });

  test('takes no record but the next one', async () => {
    const journal = await open(new MemoryDisk());
    await write(journal, records(2));
    for (const line of [record(2), record(4), '"text"'])
      expect(await refusalOf(() => journal.append(line))).toMatchObject({ code: 'JOURNAL' });
    await write(journal, [record(3)]);
    expect(journal.last).toBe(3);
  });

  test('is the same byte for byte for the same commits', async () => {
    const [first, second] = [await written([records(3)]), await written([records(3)])];
    expect(text(second)).toBe(text(first));
  });

  test('goes on where the last writer stopped, in a new epoch', async () => {
    const disk = await written([records(2)]);
    const journal = await open(disk);
    expect([journal.epoch, journal.last, [...journal.lines()]]).toEqual([2, 2, records(2)]);
    await write(journal, [record(3)]);
    await journal.close();
    const again = await open(disk);
    expect([again.epoch, [...again.lines()]]).toEqual([3, records(3)]);
  });

  test('without sync writes at once, syncs nothing, and a reopened one that commits nothing stays as it was', async () => {
    const disk = new MemoryDisk();
    const journal = await open(disk, { sync: false });
    journal.append(record(1));
    expect(journal.commit()).toBeUndefined();
    expect(disk.counts).toEqual({ write: 1, sync: 0, syncNames: 0 });
    await journal.close();
    const before = text(disk);
    const second = await open(disk, { sync: false });
    await second.commit();
    await second.close();
    expect(text(disk)).toBe(before);
    await written([[record(2)]], { disk, sync: false });
    expect(await contentOf(disk)).toMatchObject({ lines: records(2) });
  });
});

describe('a commit', () => {
  test('is one write and one sync, and none when nothing was appended', async () => {
    const disk = new MemoryDisk({ isAsync: true });
    const journal = await open(disk);
    await write(journal, records(1));
    const { write: writes, sync } = { ...disk.counts };
    await write(journal, records(100, 2), []);
    await journal.commit();
    expect([disk.counts.write - writes, disk.counts.sync - sync]).toEqual([1, 1]);
  });

  test('while another is under way shares the next sync with all that wait', async () => {
    const disk = new MemoryDisk({ isAsync: true });
    const journal = await open(disk);
    await write(journal, records(1));
    const before = disk.counts.sync;
    const commits: (void | Promise<void>)[] = [];
    for (const line of records(50, 2)) {
      journal.append(line);
      commits.push(journal.commit());
    }
    expect(journal.last).toBe(1);
    await Promise.all(commits);
    expect([journal.last, disk.counts.sync - before]).toEqual([50, 2]);
    await journal.close();
    expect(await contentOf(disk)).toEqual({ lines: records(50), tornAt: null });
  });

  test('is not told as done before its sync: a crash before it loses the record, after it nothing', async () => {
    const disk = new MemoryDisk({ isAsync: true });
    const journal = await open(disk);
    await write(journal, records(1));
    journal.append(record(2));
    const committing = journal.commit();
    disk.crash();
    expect(await refusalOf(committing as Promise<void>)).toMatchObject({ code: 'JOURNAL' });
    const reopened = await open(disk);
    expect([...reopened.lines()]).toEqual(records(1));
    await write(reopened, [record(2)]);
    disk.crash();
    expect(await contentOf(disk)).toMatchObject({ lines: records(2) });
  });

  test('makes the new file’s name durable too', async () => {
    const disk = new MemoryDisk();
    await write(await open(disk), records(1));
    disk.crash();
    expect(await contentOf(disk)).toMatchObject({ lines: records(1) });
  });
});

describe('what a dead writer left unsynced', () => {
  test('is durable before it is acted upon', async () => {
    const disk = new MemoryDisk({ isAsync: true });
    const journal = await open(disk);
    await write(journal, records(1));
    journal.append(record(2));
    void Promise.resolve(journal.commit()).catch(() => {});
    disk.kill();
    const reopened = await open(disk);
    expect([...reopened.lines()]).toEqual(records(2));
    disk.crash();
    expect(await contentOf(disk)).toMatchObject({ lines: records(2) });
  });
});

describe('a name that a dead writer left unsynced', () => {
  test('is durable before the journal is written on', async () => {
    let syncs = 0;
    const disk = new MemoryDisk({
      fault: ({ kind }) => (kind === 'sync' && ++syncs === 1 ? { kind: 'error', code: 'EIO' } : null),
    });
    expect(await refusalOf(write(await open(disk), records(1)))).toMatchObject({ code: 'JOURNAL' });
    disk.kill();
    await write(await open(disk), [record(2)]);
    disk.crash();
    expect(await contentOf(disk)).toMatchObject({ lines: records(2) });
  });
});

describe('what a failed sync left in the page cache', () => {
  test.each([
    ['the next writer', 2],
    ['the first one that can open it', 4],
  ])('is brought to the disk by %s, before it is acted upon', async (_, lastBad) => {
    let syncs = 0;
    const disk = new MemoryDisk({
      fault: ({ kind }) => {
        if (kind === 'sync') syncs += 1;
        return kind === 'sync' && syncs > 1 && syncs <= lastBad ? { kind: 'error', code: 'EIO' } : null;
      },
    });
    const journal = await open(disk);
    await write(journal, records(1));
    expect(await refusalOf(write(journal, [record(2)]))).toMatchObject({ code: 'JOURNAL' });
    while (syncs < lastBad) {
      disk.kill();
      expect(await refusalOf(open(disk))).toMatchObject({ code: 'JOURNAL' });
    }
    disk.kill();
    const reopened = await open(disk);
    expect([...reopened.lines()]).toEqual(records(2));
    disk.crash();
    expect(await contentOf(disk)).toMatchObject({ lines: records(2) });
  });
});

describe('one writer', () => {
  test('a second one is refused while the first lives, and taken after', async () => {
    const disk = await written([records(1)]);
    const first = await open(disk);
    expect(await refusalOf(open(disk))).toMatchObject({ code: 'JOURNAL_LOCKED', path: NAME });
    expect((await refusalOf(open(disk)))?.message).toContain('epoch 2');
    await first.close();
    await (await open(disk)).close();
  });

  test('two new ones that waited with their lock: the second commit is refused', async () => {
    const disk = new MemoryDisk();
    const [first, second] = [await open(disk, { sync: false }), await open(disk, { sync: false })];
    await write(first, records(1));
    second.append(record(1));
    expect(await refusalOf(() => second.commit())).toMatchObject({ code: 'JOURNAL_LOCKED' });
    await first.close();
    expect(await refusalOf(() => second.commit())).toMatchObject({ code: 'JOURNAL_LOCKED' });
    expect(await contentOf(disk)).toEqual({ lines: records(1), tornAt: null });
  });

  test('that lost its lock finds the other’s epoch before it writes, and writes nothing ever after', async () => {
    const disk = await written([records(1)]);
    const first = await open(disk);
    disk.breakLock(`${NAME}.lock`);
    const second = await open(disk);
    first.append(record(2));
    expect(await refusalOf(() => first.commit())).toMatchObject({ code: 'JOURNAL_LOCKED' });
    await write(second, [record(2)]);
    first.append(record(3));
    expect(await refusalOf(() => first.commit())).toMatchObject({ code: 'JOURNAL_LOCKED' });
    await second.close();
    expect(await contentOf(disk)).toEqual({ lines: records(2), tornAt: null });
  });
});

describe('rotation', () => {
  const small = { segmentBytes: 1_000 };
  const groups = records(12).map((line) => [line]);

  test('closes segments at their size; the chain and the numbers go on', async () => {
    const disk = await written(groups, small);
    expect(disk.names()).toEqual([NAME, ...[1, 2, 3].map((k) => `${NAME}.0000${k}`)]);
    for (const name of disk.names()) expect(disk.bytes(name).length).toBeLessThanOrEqual(1_000);
    expect(await contentOf(disk, small)).toEqual({ lines: records(12), tornAt: null });
  });

  test('a record larger than a segment has one to itself', async () => {
    const disk = await written([[record(1)], [record(2, 2_000)], [record(3)]], small);
    expect(await contentOf(disk, small)).toEqual({
      lines: [record(1), record(2, 2_000), record(3)],
      tornAt: null,
    });
  });

  test('reading goes on across a rotation that happens meanwhile', async () => {
    const disk = new MemoryDisk();
    const journal = await open(disk, small);
    await write(journal, ...groups.slice(0, 9));
    const reading = journal.lines()[Symbol.iterator]();
    const read = [reading.next().value as string];
    await write(journal, ...groups.slice(9));
    for (let step = reading.next(); step.done !== true; step = reading.next()) read.push(step.value);
    expect(read).toEqual(records(9));
    expect([...journal.lines(8)]).toEqual(records(12, 9));
  });

  test.each(['older', 'oldest', 'active'])('a missing %s segment is damage', async (which) => {
    const disk = await written(groups, small);
    disk.remove({ older: `${NAME}.00002`, oldest: `${NAME}.00001`, active: NAME }[which] ?? '');
    expect(await contentOf(disk)).toMatchObject({ code: 'JOURNAL_DAMAGED' });
  });

  test('segments in the wrong place, or of another journal, are damage', async () => {
    const disk = await written(groups, small);
    const swapped = withFile(disk, `${NAME}.00001`, disk.bytes(`${NAME}.00002`));
    expect(await contentOf(swapped)).toMatchObject({ code: 'JOURNAL_DAMAGED' });
    const other = await written(
      records(12).map((line) => [line.replace('open', 'shut')]),
      small,
    );
    const mixed = withFile(disk, `${NAME}.00002`, other.bytes(`${NAME}.00002`));
    expect(await contentOf(mixed)).toMatchObject({ code: 'JOURNAL_DAMAGED' });
    const cut = withFile(disk, `${NAME}.00002`, disk.bytes(`${NAME}.00002`).slice(0, -40));
    expect(await contentOf(cut)).toMatchObject({ code: 'JOURNAL_DAMAGED' });
  });
});

describe('a snapshot', () => {
  const state = JSON.stringify({ orders: ['größer'] });

  test('is kept beside the journal and found again', async () => {
    const disk = new MemoryDisk();
    const journal = await open(disk);
    expect(journal.snapshot()).toBeNull();
    await write(journal, records(3));
    journal.saveSnapshot({ n: 3, state });
    await write(journal, [record(4)]);
    await journal.close();
    for (const verify of ['all', 'tail'] as const) {
      const again = await open(disk, { verify });
      expect(again.snapshot()).toMatchObject({ n: 3, state });
      expect([...again.lines(3)]).toEqual([record(4)]);
      expect([...again.lines()]).toEqual(records(4));
      await again.close();
    }
  });

  test('is not taken of what is not committed', async () => {
    const journal = await open(new MemoryDisk());
    await write(journal, records(1));
    journal.append(record(2));
    journal.saveSnapshot({ n: 2, state });
    expect(journal.snapshot()).toBeNull();
  });

  test('that is damaged anywhere, or of another journal, is ignored', async () => {
    const disk = new MemoryDisk();
    const journal = await open(disk);
    await write(journal, records(3));
    journal.saveSnapshot({ n: 3, state });
    await journal.close();
    const name = `${NAME}.snapshot`;
    const whole = disk.bytes(name);
    for (let at = 0; at < whole.length; at++) {
      const bytes = Uint8Array.from(whole);
      bytes[at] = bytes[at]! ^ 1;
      for (const each of [bytes, whole.slice(0, at)]) {
        const opened = await open(withFile(disk, name, each));
        expect([at, opened.snapshot(), opened.last]).toEqual([at, null, 3]);
      }
    }
    const others = [
      [[record(1)], [record(2)], [record(3)]],
      [records(3).map((line) => line.replace('open', 'shut'))],
    ];
    for (const groups of others) {
      for (const verify of ['all', 'tail'] as const) {
        const opened = await open(withFile(await written(groups), name, whole), { verify });
        expect([opened.snapshot(), opened.last]).toEqual([null, 3]);
      }
    }
  });

  test('that is ahead of the journal tells that records are lost', async () => {
    const disk = new MemoryDisk();
    const journal = await open(disk);
    await write(journal, records(2));
    const earlier = disk.bytes(NAME);
    await write(journal, [record(3)]);
    journal.saveSnapshot({ n: 3, state });
    await journal.close();
    for (const verify of ['all', 'tail'] as const)
      expect(await contentOf(withFile(disk, NAME, earlier), { verify })).toMatchObject({
        code: 'JOURNAL_DAMAGED',
      });
  });

  test('that cannot be written stops nothing', async () => {
    const disk = new MemoryDisk({
      fault: ({ name }) => (name.includes('snapshot') ? { kind: 'error', code: 'ENOSPC' } : null),
    });
    const journal = await open(disk);
    await write(journal, records(1));
    journal.saveSnapshot({ n: 1, state });
    await write(journal, [record(2)]);
    expect(journal.last).toBe(2);
  });
});
