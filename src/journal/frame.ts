/**
 * Frames: one line of text each, `KIND LENGTH CRC PAYLOAD\n`, so that a person can read a journal with less and grep.
 *
 * Owns their bytes, both ways; pure. KIND is H (segment header), E (a writer's epoch), R (record), S (seal), or P and Q
 * in a snapshot. LENGTH is the payload's bytes in nine decimal digits, CRC the CRC-32C of all before it and of the
 * payload, in eight hexadecimal digits. A payload is JSON in one line, so no byte of it is below 0x20: that tells a
 * frame that was cut off from one whose length was damaged.
 */
import { crc32c } from './crc32c.js';

export type FrameKind = 'H' | 'E' | 'R' | 'S' | 'P' | 'Q';

const KINDS = 'HERSPQ';
/** `R 000000345 ` */
const PREFIX = 12;
/** `R 000000345 9ab3c1f0 ` */
export const HEAD = 21;
const LENGTH_DIGITS = 9;
const PAYLOAD_BYTES_MAX = 10 ** LENGTH_DIGITS - 1;
const NEWLINE = 10;
const SPACE = 32;
/** Texts longer than this are measured before room is made for them: three times too much would be felt. */
const MEASURE_FROM = 1 << 20;

/** Gathers frames; what `bytes` returned is overwritten after `clear`. */
export class FrameWriter {
  private buffer = Buffer.allocUnsafe(1 << 16);
  private end = 0;

  get length(): number {
    return this.end;
  }

  bytes(): Buffer {
    return this.buffer.subarray(0, this.end);
  }

  clear(): void {
    this.end = 0;
  }

  /** @throws RangeError for a payload of a gigabyte */
  add(kind: FrameKind, payload: string): void {
    const most = payload.length > MEASURE_FROM ? Buffer.byteLength(payload) : payload.length * 3;
    this.room(HEAD + most + 1);
    const { buffer, end: at } = this;
    const length = buffer.write(payload, at + HEAD, 'utf8');
    if (length > PAYLOAD_BYTES_MAX) throw new RangeError('a journal record of a gigabyte');
    buffer.write(`${kind} ${String(length).padStart(LENGTH_DIGITS, '0')} `, at, 'latin1');
    const crc = crc32c(buffer, at + HEAD, at + HEAD + length, crc32c(buffer, at, at + PREFIX));
    buffer.write(`${crc.toString(16).padStart(8, '0')} `, at + PREFIX, 'latin1');
    buffer[at + HEAD + length] = NEWLINE;
    this.end = at + HEAD + length + 1;
  }

  private room(needed: number): void {
    if (this.end + needed <= this.buffer.length) return;
    const larger = Buffer.allocUnsafe(Math.max(this.buffer.length * 2, this.end + needed));
    this.buffer.copy(larger, 0, 0, this.end);
    this.buffer = larger;
  }
}

/** Reads a source piece by piece; `end` is where it is taken to end. */
export interface Bytes {
  readonly end: number;
  /** Bytes from `at`, `length` of them or fewer at the end. What was returned stays as it is. */
  get(at: number, length: number): Buffer;
}

export type Frame =
  | { readonly kind: FrameKind; readonly payload: Buffer; readonly to: number }
  /** The source ends within this frame. */
  | 'torn'
  | { readonly damage: string };

const isDigit = (byte: number): boolean => byte >= 48 && byte <= 57;
const isHex = (byte: number): boolean => isDigit(byte) || (byte >= 97 && byte <= 102);

/**
 * The frame that begins at `at`, before the end of the source. An unfinished line at the very end is torn whatever it
 * says; but at the beginning only if it could be a frame: what is no journal must not be cut to one.
 */
export function readFrame(source: Bytes, at: number): Frame {
  const head = source.get(at, HEAD);
  for (let i = 0; i < head.length; i++) {
    if (isHeadByte(head[i]!, i)) continue;
    return at > 0 && cutOff(source, at) === 'torn' ? 'torn' : { damage: 'is no frame' };
  }
  if (head.length < HEAD) return 'torn';
  const length = Number(head.toString('latin1', 2, 2 + LENGTH_DIGITS));
  const to = at + HEAD + length + 1;
  if (to > source.end) return cutOff(source, at + HEAD);
  const frame = source.get(at, HEAD + length + 1);
  if (frame[HEAD + length] !== NEWLINE) return { damage: 'does not end where its length says' };
  const crc = crc32c(frame, HEAD, HEAD + length, crc32c(frame, 0, PREFIX));
  if (crc !== Number.parseInt(head.toString('latin1', PREFIX, PREFIX + 8), 16))
    return { damage: 'does not match its checksum' };
  return {
    kind: String.fromCharCode(head[0]!) as FrameKind,
    payload: frame.subarray(HEAD, HEAD + length),
    to,
  };
}

function isHeadByte(byte: number, i: number): boolean {
  if (i === 0) return KINDS.includes(String.fromCharCode(byte));
  if (i === 1 || i === PREFIX - 1 || i === HEAD - 1) return byte === SPACE;
  return i < PREFIX ? isDigit(byte) : isHex(byte);
}

const PIECE = 1 << 16;

/** Shorter than its length says: cut off, unless what is there could not be the beginning of a payload. */
function cutOff(source: Bytes, from: number): Frame {
  for (let at = from; at < source.end; at += PIECE) {
    for (const byte of source.get(at, PIECE)) {
      if (byte < SPACE) return { damage: 'does not end where its length says' };
    }
  }
  return 'torn';
}
