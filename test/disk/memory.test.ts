/** The disk in memory: what a crash keeps, and what each fault does. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { drawFaults, MemoryDisk } from '../../src/disk/index.js';

const bytes = (text: string): Uint8Array => Buffer.from(text);
const textOf = (disk: MemoryDisk, name: string): string => Buffer.from(disk.bytes(name)).toString();

function diskWith(text: string): MemoryDisk {
  const disk = new MemoryDisk();
  const file = disk.open('a');
  file.write(0, bytes(text));
  void file.sync();
  disk.syncNames();
  return disk;
}

describe('a crash', () => {
  test('drops what was not synced', () => {
    const disk = diskWith('durable');
    const file = disk.open('a');
    file.write(7, bytes(' lost'));
    file.write(0, bytes('DUR'));
    expect(Buffer.from(disk.durableBytes('a')).toString()).toBe('durable');
    expect(textOf(disk, 'a')).toBe('DURable lost');
    disk.crash();
    expect(textOf(disk, 'a')).toBe('durable');
  });

  test('keeps as many unsynced operations as it is told, and bytes of the next', () => {
    const disk = diskWith('0123');
    const file = disk.open('a');
    file.write(4, bytes('45'));
    file.write(6, bytes('6789'));
    disk.crash({ operations: () => 1, bytes: () => 3 });
    expect(textOf(disk, 'a')).toBe('012345678');
  });

  test('brings back what an unsynced truncation cut off', () => {
    const disk = diskWith('0123456');
    const file = disk.open('a');
    file.truncate(2);
    file.write(2, bytes('xyz'));
    disk.crash();
    expect(textOf(disk, 'a')).toBe('0123456');
  });

  test('forgets names that were not synced, or the later ones of them', () => {
    const disk = diskWith('a');
    const rename = (): void => {
      disk.rename('a', 'b');
      void disk.open('c').sync();
    };
    rename();
    disk.crash();
    expect(disk.names()).toEqual(['a']);
    rename();
    disk.crash({ names: () => 1 });
    expect(disk.names()).toEqual(['b']);
  });

  test('ends the handles and the locks of its process; a kill does too, and loses nothing', () => {
    const disk = diskWith('a');
    const file = disk.open('a');
    expect(disk.lock('l', 'first')).toHaveProperty('release');
    expect(disk.lock('l', 'second')).toEqual({ heldBy: 'first' });
    file.write(1, bytes('b'));
    disk.kill();
    expect(() => file.write(2, bytes('c'))).toThrow('EBADF');
    expect(textOf(disk, 'a')).toBe('ab');
    expect(disk.lock('l', 'third')).toHaveProperty('release');
  });

  test('leaves a prefix of what was done, whatever it keeps', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ maxLength: 9 })), fc.nat(), fc.nat(), (writes, kept, part) => {
        const disk = diskWith('');
        const file = disk.open('a');
        for (const text of writes) file.write(file.size, bytes(text));
        disk.crash({
          operations: (_, count) => kept % (count + 1),
          bytes: (_, length) => part % (length + 1),
        });
        const all = Buffer.concat(writes.map(bytes));
        const left = disk.bytes('a');
        expect(Buffer.from(left)).toEqual(all.subarray(0, left.length));
      }),
    );
  });
});

describe('a fault', () => {
  const faulty = (fault: Parameters<typeof drawFaults>[1], seed = 1) => {
    let state = seed;
    const random = (): number => {
      state = (state * 48_271) % 2_147_483_647;
      return state / 2_147_483_647;
    };
    return new MemoryDisk({ fault: drawFaults(random, fault) });
  };

  test('error refuses an operation, and does nothing', () => {
    const disk = faulty({ error: 1 });
    const file = disk.open('a');
    expect(() => file.write(0, bytes('abc'))).toThrow(/EIO|ENOSPC/);
    expect(() => file.sync()).toThrow(/EIO|ENOSPC/);
    expect(() => file.read(0, 1)).toThrow(/EIO|ENOSPC/);
    expect(textOf(disk, 'a')).toBe('');
  });

  test('short writes a part, and throws', () => {
    const disk = faulty({ short: 1 });
    expect(() => disk.open('a').write(0, bytes('abcdefgh'))).toThrow(/of 8 bytes/);
    expect('abcdefgh'.startsWith(textOf(disk, 'a'))).toBe(true);
    expect(textOf(disk, 'a')).not.toBe('abcdefgh');
  });

  test('lost leaves zeros, where the size says that something is', () => {
    const disk = faulty({ lost: 1 });
    disk.open('a').write(0, bytes('abc'));
    expect([...disk.bytes('a')]).toEqual([0, 0, 0]);
  });

  test('flip changes one bit', () => {
    const disk = faulty({ flip: 1 });
    disk.put('a', new Uint8Array(8));
    const ones = (read: Uint8Array): number =>
      read.reduce((sum, byte) => sum + byte.toString(2).split('1').length - 1, 0);
    expect(ones(disk.open('a').read(0, 8))).toBe(1);
    expect(ones(disk.bytes('a'))).toBe(0);
  });

  test('comes at the same operations for the same seed', () => {
    const run = (seed: number): string => {
      const disk = faulty({ error: 0.1, short: 0.1, lost: 0.1, misdirected: 0.1, flip: 0.1 }, seed);
      const file = disk.open('a');
      const met: string[] = [];
      for (let i = 0; i < 200; i++) {
        try {
          file.write(i * 3, bytes('abc'));
          met.push('ok');
        } catch (error) {
          met.push((error as Error).message);
        }
      }
      return met.join() + Buffer.from(disk.bytes('a')).toString('hex');
    };
    expect(run(7)).toBe(run(7));
    expect(run(7)).not.toBe(run(8));
  });
});
