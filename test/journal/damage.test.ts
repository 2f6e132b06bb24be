/** Damage: every byte of a small journal, holes, lost and misdirected writes; and torn tails, which are none. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { MemoryDisk } from '../../src/disk/index.js';
import {
  contentOf,
  NAME,
  open,
  record,
  records,
  type Refusal,
  refusalOf,
  text,
  withFile,
  write,
  written,
} from './support.js';

const GROUPS = [[record(1), record(2)], [record(3)], [record(4), record(5), record(6)]];

/** After which byte how many records are sealed. */
function seals(bytes: Uint8Array): { byte: number; n: number }[] {
  const found = [{ byte: 0, n: 0 }];
  let byte = 0;
  for (const line of Buffer.from(bytes).toString('utf8').split('\n').slice(0, -1)) {
    byte += Buffer.byteLength(line) + 1;
    if (line.startsWith('S')) found.push({ byte, n: (JSON.parse(line.slice(21)) as { n: number }).n });
  }
  return found;
}

const isRefusal = (content: object): content is Refusal => 'code' in content;

describe('a tail torn at any byte', () => {
  test('is cut to the last seal and reported; the journal goes on', async () => {
    const disk = await written(GROUPS);
    const whole = disk.bytes(NAME);
    const sealed = seals(whole);
    for (let cut = 0; cut <= whole.length; cut++) {
      const { byte, n } = sealed.filter((seal) => seal.byte <= cut).at(-1)!;
      const torn = withFile(disk, NAME, whole.slice(0, cut));
      const expected = { lines: records(n), tornAt: byte === cut ? null : byte };
      for (const sync of [true, false]) {
        const copy = withFile(torn, NAME, torn.bytes(NAME));
        expect([cut, await contentOf(copy, { sync })]).toEqual([cut, expected]);
        const journal = await open(copy, { sync });
        await write(journal, [record(n + 1)]);
        await journal.close();
        expect([cut, await contentOf(copy)]).toEqual([cut, { lines: records(n + 1), tornAt: null }]);
      }
    }
  });

  test('of a later epoch is cut as well', async () => {
    const disk = await written([[record(3)]], { disk: await written([records(2)]) });
    const whole = disk.bytes(NAME);
    const sealed = seals(whole);
    for (let cut = 0; cut < whole.length; cut++) {
      const { n } = sealed.filter((seal) => seal.byte <= cut).at(-1)!;
      expect([cut, await contentOf(withFile(disk, NAME, whole.slice(0, cut)))]).toMatchObject([
        cut,
        { lines: records(n) },
      ]);
    }
  });
});

describe('damage', () => {
  const damages = async (disk: MemoryDisk, change: (bytes: Uint8Array) => void): Promise<unknown> => {
    const bytes = Uint8Array.from(disk.bytes(NAME));
    change(bytes);
    return contentOf(withFile(disk, NAME, bytes));
  };

  test('of any bit of any byte is found, and named by record and byte', async () => {
    const disk = await written(GROUPS);
    const size = disk.bytes(NAME).length;
    for (let at = 0; at < size; at++) {
      for (let bit = 0; bit < 8; bit++) {
        const found = (await damages(disk, (bytes) => {
          bytes[at] = bytes[at]! ^ (1 << bit);
        })) as Refusal;
        expect([at, bit, found.code]).toEqual([at, bit, 'JOURNAL_DAMAGED']);
        expect(found.message).toMatch(/^run\.journal: record \d+ at byte \d+: /);
      }
    }
  }, 60_000);

  test('of any byte, to any other value, is found', async () => {
    const disk = await written([[record(1)], [record(2)]]);
    const size = disk.bytes(NAME).length;
    await fc.assert(
      fc.asyncProperty(fc.nat(size - 1), fc.integer({ min: 1, max: 255 }), async (at, change) => {
        const found = await damages(disk, (bytes) => {
          bytes[at] = bytes[at]! ^ change;
        });
        expect(found).toMatchObject({ code: 'JOURNAL_DAMAGED' });
      }),
      { numRuns: 500 },
    );
  });

  test('leaves the disk as it is', async () => {
    const disk = await written(GROUPS);
    const bytes = disk.bytes(NAME);
    bytes[150] = bytes[150]! ^ 1;
    const bad = withFile(disk, NAME, bytes);
    await contentOf(bad);
    expect(bad.bytes(NAME)).toEqual(bytes);
    expect(bad.names()).toEqual([NAME]);
  });

  test('of a zeroed block of 512 bytes is found wherever it lies', async () => {
    const disk = await written([records(5), records(9, 6), records(14, 10)]);
    const size = disk.bytes(NAME).length;
    for (let at = 0; at < size; at++)
      expect([at, await damages(disk, (bytes) => bytes.fill(0, at, at + 512))]).toMatchObject([
        at,
        { code: 'JOURNAL_DAMAGED' },
      ]);
  });

  test('of a whole line taken out, doubled, or exchanged is found', async () => {
    const disk = await written(GROUPS);
    const lines = text(disk).split('\n').slice(0, -1);
    const without = lines.flatMap((_, i) =>
      i === lines.length - 1 ? [] : [lines.filter((__, k) => k !== i)],
    );
    const doubled = lines.map((_, i) => lines.flatMap((line, k) => (k === i ? [line, line] : [line])));
    const swapped = lines.slice(1).map((line, i) => {
      const copy = [...lines];
      [copy[i], copy[i + 1]] = [line, lines[i] as string];
      return copy;
    });
    for (const changed of [...without, ...doubled, ...swapped]) {
      const bytes = Buffer.from(`${changed.join('\n')}\n`);
      expect(await contentOf(withFile(disk, NAME, bytes))).toMatchObject({ code: 'JOURNAL_DAMAGED' });
    }
  });

  test('of a record rewritten with a true checksum is found by the chain', async () => {
    const disk = await written([[record(1)], [record(2)]]);
    const other = await written([[record(1).replace('open', 'shut')], [record(2)]]);
    const [mine, theirs] = [text(disk).split('\n'), text(other).split('\n')];
    const forged = [mine[0], theirs[1], ...mine.slice(2)].join('\n');
    const found = await contentOf(withFile(disk, NAME, Buffer.from(forged)));
    expect(found).toMatchObject({
      code: 'JOURNAL_DAMAGED',
      message: expect.stringContaining('record 1 at byte 0'),
    });
  });

  test('a lost write in the middle or at the end is found at the next opening', async () => {
    for (const kind of ['lost', 'misdirected'] as const) {
      for (const nth of [1, 2, 3]) {
        let writes = 0;
        const disk = new MemoryDisk({
          fault: (operation) => {
            if (operation.kind !== 'write') return null;
            writes += 1;
            return writes === nth
              ? kind === 'lost'
                ? { kind }
                : { kind, to: operation.at === 0 ? 9 : operation.at >> 1 }
              : null;
          },
        });
        const journal = await open(disk);
        // A writer that sees its file grow by itself stops at once; else the next reader tells.
        await refusalOf(write(journal, ...GROUPS));
        await journal.close();
        const copy = withFile(disk, NAME, disk.bytes(NAME));
        expect([kind, nth, await contentOf(copy)]).toMatchObject([kind, nth, { code: 'JOURNAL_DAMAGED' }]);
      }
    }
  });

  test('a bit that flips on the way from the disk is found', async () => {
    const disk = await written(GROUPS);
    for (let bit = 0; bit < 8_000; bit += 37) {
      let hit = false;
      const bad = withFile(disk, NAME, disk.bytes(NAME), {
        fault: ({ kind, length }) => {
          if (kind !== 'read' || hit) return null;
          hit = true;
          return { kind: 'flip', bit: bit % (length * 8) };
        },
      });
      expect(await contentOf(bad)).toMatchObject({ code: 'JOURNAL_DAMAGED' });
    }
  });

  test('a newer format is no damage, and is refused', async () => {
    const { FrameWriter } = await import('../../src/journal/frame.js');
    const frames = new FrameWriter();
    frames.add('H', JSON.stringify({ format: 'fillwright-journal', v: 2 }));
    const disk = new MemoryDisk();
    disk.put(NAME, frames.bytes());
    expect(await contentOf(disk)).toMatchObject({ code: 'JOURNAL_VERSION' });
  });
});

describe('any bytes at all', () => {
  test('are read, cut or refused with a typed error', async () => {
    const whole = (await written(GROUPS)).bytes(NAME);
    const mixed = fc.tuple(fc.nat(whole.length), fc.uint8Array({ maxLength: 200 }), fc.nat(whole.length));
    const noise = fc.oneof(
      fc.uint8Array({ maxLength: 2_000 }),
      mixed.map(([from, middle, to]) => Buffer.concat([whole.slice(0, from), middle, whole.slice(to)])),
      fc.string({ maxLength: 400 }).map((tail) => Buffer.concat([whole, Buffer.from(tail)])),
      // A length far beyond the end asks for no memory.
      fc.constant(Buffer.from('H 999999999 00000000 {')),
    );
    await fc.assert(
      fc.asyncProperty(noise, async (bytes) => {
        const disk = new MemoryDisk();
        disk.put(NAME, bytes);
        const content = await contentOf(disk);
        if (isRefusal(content)) expect(content.code).toMatch(/^JOURNAL_DAMAGED$/);
        else expect(records(6).slice(0, content.lines.length)).toEqual(content.lines);
      }),
      { numRuns: 1_000 },
    );
  });
});

describe('a disk that refuses', () => {
  const groups = records(8).map((line) => [line]);

  test.each(['EIO', 'ENOSPC'] as const)(
    'with %s at any operation: the commit fails, and so do all later ones',
    async (code) => {
      for (let nth = 1; nth <= 40; nth++) {
        let writes = 0;
        const disk = new MemoryDisk({
          isAsync: nth % 2 === 0,
          fault: ({ n, kind }) => {
            if (kind === 'write') writes += 1;
            return n === nth ? { kind: 'error', code } : null;
          },
        });
        const journal = await open(disk, { segmentBytes: 600 });
        let done = 0;
        let failure: Refusal | null = null;
        for (const group of groups) {
          failure = await refusalOf(() => write(journal, group));
          if (failure !== null) break;
          done += 1;
        }
        if (failure === null) continue;
        expect(failure.code).toBe('JOURNAL');
        const before = writes;
        const syncs = disk.counts.sync;
        journal.append(record(done + 2));
        expect(await refusalOf(() => journal.commit())).toEqual(failure);
        expect([writes, disk.counts.sync]).toEqual([before, syncs]);
        expect([...journal.lines()]).toEqual(records(done));
        disk.crash();
        expect([nth, await contentOf(disk)]).toMatchObject([nth, { lines: records(done) }]);
      }
    },
  );

  test('a short write fails, at every byte, and its part is cut as a torn tail', async () => {
    for (let keep = 0; keep < 300; keep++) {
      let writes = 0;
      const disk = new MemoryDisk({
        fault: ({ kind, length }) => {
          if (kind !== 'write') return null;
          writes += 1;
          return writes === 2 ? { kind: 'short', code: 'ENOSPC', keep: Math.min(keep, length - 1) } : null;
        },
      });
      const journal = await open(disk);
      await write(journal, [record(1)]);
      expect(await refusalOf(() => write(journal, [record(2)]))).toMatchObject({ code: 'JOURNAL' });
      expect(await refusalOf(() => journal.commit())).toMatchObject({ code: 'JOURNAL' });
      await journal.close();
      expect(await contentOf(disk)).toMatchObject({ lines: [record(1)] });
    }
  });

  test('a read error refuses the opening, and the lock is free again', async () => {
    const disk = withFile(await written([records(1)]), NAME, (await written([records(1)])).bytes(NAME), {
      fault: ({ kind, n }) => (kind === 'read' && n === 1 ? { kind: 'error', code: 'EIO' } : null),
    });
    expect(await refusalOf(open(disk))).toMatchObject({ code: 'JOURNAL' });
    expect(await contentOf(disk)).toMatchObject({ lines: records(1) });
  });
});
