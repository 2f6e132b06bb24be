/** Crashes at every operation of the disk, openings and rotations included; and disks that fail or lie, from a seed. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type CrashKeeps, drawFaults, MemoryDisk } from '../../src/disk/index.js';
import { contentOf, open, record, records, type Refusal, refusalOf, write } from './support.js';

/** mulberry32. */
function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const keeping = (random: () => number): CrashKeeps => ({
  operations: (_, count) => Math.floor(random() * (count + 1)),
  bytes: (_, length) => Math.floor(random() * (length + 1)),
  names: (count) => Math.floor(random() * (count + 1)),
});

const SMALL = { segmentBytes: 900 };

/** Opens, checks that nothing acknowledged is missing, and commits one record after another until the disk stops it. */
async function work(disk: MemoryDisk, acknowledged: number, upTo: number): Promise<number> {
  let last = acknowledged;
  const refusal = await refusalOf(async () => {
    const journal = await open(disk, SMALL);
    const lines = [...journal.lines()];
    expect(lines).toEqual(records(lines.length));
    expect(lines.length).toBeGreaterThanOrEqual(acknowledged);
    last = lines.length;
    while (last < upTo) {
      await write(journal, [record(last + 1)]);
      last += 1;
    }
    await journal.close();
  });
  if (refusal !== null && refusal.code !== 'JOURNAL') throw new Error(`${refusal.code}: ${refusal.message}`);
  return last;
}

/** The machine stops at the n-th operation from now on: that one and all later ones fail. */
function stopping(): { disk: MemoryDisk; stopAt: (n: number) => void; hasStopped: () => boolean } {
  let left = Number.POSITIVE_INFINITY;
  const disk = new MemoryDisk({
    isAsync: true,
    fault: () => {
      left -= 1;
      return left < 0 ? { kind: 'error', code: 'EIO' } : null;
    },
  });
  return {
    disk,
    stopAt: (n) => {
      left = n;
    },
    hasStopped: () => left < 0,
  };
}

describe('a crash', () => {
  test('at any operation, whatever it keeps, loses nothing acknowledged, and so does one while opening after it', async () => {
    for (const seed of [1, 2]) {
      const random = seeded(seed);
      for (let first = 0, done = false; !done; first++) {
        for (let second = 0; second < 14; second += 3) {
          const { disk, stopAt, hasStopped } = stopping();
          stopAt(first);
          let acknowledged = await work(disk, 0, 9);
          done = !hasStopped();
          disk.crash(keeping(random));
          stopAt(second);
          acknowledged = await work(disk, acknowledged, 11);
          disk.crash(keeping(random));
          stopAt(Number.POSITIVE_INFINITY);
          expect(await work(disk, acknowledged, 12)).toBe(12);
          expect([first, second, await contentOf(disk)]).toEqual([
            first,
            second,
            { lines: records(12), tornAt: null },
          ]);
        }
      }
    }
  }, 60_000);

  test('of the process alone keeps every write', async () => {
    for (let at = 0; at < 60; at++) {
      const { disk, stopAt } = stopping();
      stopAt(at);
      const acknowledged = await work(disk, 0, 9);
      disk.kill();
      stopAt(Number.POSITIVE_INFINITY);
      expect(await work(disk, acknowledged, 10)).toBe(10);
    }
  });
});

describe('a disk that fails now and then, and crashes', () => {
  test('never loses what was acknowledged', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(), async (seed) => {
        const random = seeded(seed);
        let healthy = false;
        const draw = drawFaults(random, { error: random() * 0.15, short: random() * 0.15 });
        const disk = new MemoryDisk({
          isAsync: true,
          fault: (operation) => (healthy ? null : draw(operation)),
        });
        let acknowledged = 0;
        for (let round = 0; round < 4; round++) {
          acknowledged = await work(disk, acknowledged, acknowledged + 6);
          if (random() < 0.5) disk.crash(keeping(random));
          else disk.kill();
        }
        healthy = true;
        expect(await work(disk, acknowledged, acknowledged)).toBeGreaterThanOrEqual(acknowledged);
      }),
      { numRuns: 300 },
    );
  }, 60_000);
});

describe('a disk that lies', () => {
  const isRefused = (content: object): content is Refusal => 'code' in content;

  test('is found out, or nothing is missing', async () => {
    let found = 0;
    await fc.assert(
      fc.asyncProperty(fc.nat(), async (seed) => {
        const random = seeded(seed);
        let healthy = false;
        const draw = drawFaults(random, { lost: 0.1, misdirected: 0.1, flip: 0.1 });
        const disk = new MemoryDisk({
          fault: (operation) => (healthy || operation.kind === 'read' ? null : draw(operation)),
        });
        let acknowledged = 0;
        await refusalOf(async () => {
          const journal = await open(disk, SMALL);
          for (; acknowledged < 12; acknowledged++) await write(journal, [record(acknowledged + 1)]);
        });
        disk.kill();
        healthy = true;
        const content = await contentOf(disk);
        if (isRefused(content)) {
          found += 1;
          expect(content.code).toBe('JOURNAL_DAMAGED');
        } else expect(content.lines.slice(0, acknowledged)).toEqual(records(acknowledged));
      }),
      { numRuns: 300 },
    );
    expect(found).toBeGreaterThan(50);
  });
});
