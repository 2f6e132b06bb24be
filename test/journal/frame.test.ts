/** Frames and their checksum: known values, and any cut of any payload. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { crc32c } from '../../src/journal/crc32c.js';
import { type Bytes, FrameWriter, readFrame } from '../../src/journal/frame.js';

const source = (bytes: Buffer): Bytes => ({
  end: bytes.length,
  get: (at, length) => bytes.subarray(at, at + length),
});

describe('CRC-32C', () => {
  // RFC 3720, appendix B.4, and the check value of the catalogue of parametrised CRC algorithms.
  test.each([
    [Buffer.from('123456789'), 0xe3069283],
    [Buffer.alloc(32), 0x8a9136aa],
    [Buffer.alloc(32, 0xff), 0x62a8ab43],
    [Buffer.from(Array.from({ length: 32 }, (_, i) => i)), 0x46dd794e],
    [Buffer.alloc(0), 0],
  ])('of %j is known', (bytes, crc) => {
    expect(crc32c(bytes)).toBe(crc);
  });

  test('goes on from that of what precedes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), fc.nat(60), (bytes, cut) => {
        const at = Math.min(cut, bytes.length);
        expect(crc32c(bytes, at, bytes.length, crc32c(bytes, 0, at))).toBe(crc32c(bytes));
      }),
    );
  });
});

describe('a frame', () => {
  const payloads = fc.array(fc.json({ maxDepth: 1 }), { minLength: 1, maxLength: 4 });

  test('is read back whole, and every cut of it is torn', () => {
    fc.assert(
      fc.property(payloads, fc.nat(), (texts, cut) => {
        const frames = new FrameWriter();
        for (const text of texts) frames.add('R', text);
        const bytes = Buffer.from(frames.bytes());
        let at = 0;
        let last = 0;
        for (const text of texts) {
          const frame = readFrame(source(bytes), at);
          if (frame === 'torn' || 'damage' in frame) throw new Error('not read');
          expect([frame.kind, frame.payload.toString('utf8')]).toEqual(['R', text]);
          last = at;
          at = frame.to;
        }
        expect(at).toBe(bytes.length);
        const end = last + 1 + (cut % (bytes.length - last - 1));
        expect(readFrame(source(bytes.subarray(0, end)), last)).toBe('torn');
      }),
    );
  });

  test('larger than the buffer makes it grow', () => {
    const frames = new FrameWriter();
    const large = JSON.stringify('ü'.repeat(3 << 20));
    frames.add('R', '1');
    frames.add('R', large);
    const second = readFrame(source(frames.bytes()), frames.bytes().indexOf(10) + 1);
    expect(second).toMatchObject({ kind: 'R', to: frames.length });
  });
});
