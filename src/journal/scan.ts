/**
 * Reading a journal: from a seal on, block by block, each proved before it is given out.
 *
 * Owns what damage is, and names record and byte. What stands behind the last seal is no damage when it is what a
 * writer leaves that was cut off: whole frames, then the beginning of one. Everything else is: a flipped bit, a hole,
 * a record too few or too many, zeros (segments are never allocated ahead).
 */
import { FillwrightError } from '../dtos/errors.js';
import type { Disk } from '../ports/disk.js';
import {
  blockHash,
  epochText,
  FORMAT,
  FORMAT_VERSION,
  type Header,
  headerText,
  type Mark,
  recordStart,
  sealText,
} from './chain.js';
import { type Frame, readFrame } from './frame.js';
import { FileBytes } from './segments.js';

export interface Block {
  readonly records: readonly Buffer[];
  /** After this block's seal. */
  readonly mark: Mark;
  /** Where the block begins, in the same segment. */
  readonly from: number;
}

export interface Tail {
  /** Where the sealed part ends. */
  readonly mark: Mark;
  /** The same byte, when something unsealed stands behind it. */
  readonly tornAt: number | null;
}

export interface Source {
  readonly disk: Disk;
  /** How errors name a file. */
  readonly label: (file: string) => string;
  /** How many segments there are; the last one is active. */
  readonly count: number;
  /** The file of a segment, from 1; asked for when it is opened. */
  readonly file: (segment: number) => string;
}

/** @throws JOURNAL_DAMAGED naming record and byte; JOURNAL_VERSION; JOURNAL when a file cannot be read */
export function* scan(source: Source, start: Mark): Generator<Block, Tail> {
  let tail: Tail = { mark: start, tornAt: null };
  for (let segment = start.segment; segment <= source.count; segment++) {
    const from = segment === start.segment ? start : { ...tail.mark, segment, byte: 0 };
    tail = yield* new SegmentScan(source, from).blocks();
  }
  return tail;
}

export const damaged = (path: string, n: number, byte: number, what: string): FillwrightError =>
  new FillwrightError('JOURNAL_DAMAGED', `${path}: record ${n} at byte ${byte}: ${what}`, {
    path: `${path}:${n}`,
  });

/** The unsealed part of a block so far. */
interface Open {
  readonly records: Buffer[];
  n: number;
  epoch: number;
}

class SegmentScan {
  private readonly path: string;
  private readonly file: string;

  constructor(
    private readonly source: Source,
    private mark: Mark,
  ) {
    this.file = source.file(mark.segment);
    this.path = source.label(this.file);
  }

  *blocks(): Generator<Block, Tail> {
    const file = guarded(this.path, () => this.source.disk.open(this.file));
    try {
      const bytes = new FileBytes(
        file,
        guarded(this.path, () => file.size),
      );
      return yield* this.walk(bytes);
    } finally {
      file.close();
    }
  }

  private *walk(bytes: FileBytes): Generator<Block, Tail> {
    let open = this.begin();
    let from = this.mark.byte;
    let at = from;
    while (at < bytes.end) {
      const frame = guarded(this.path, () => readFrame(bytes, at));
      if (frame === 'torn') break;
      if ('damage' in frame) throw this.refusal(bytes, open.n + 1, at, frame.damage);
      if (frame.kind === 'S') {
        const hash = blockHash(this.mark.hash, bytes.get(from, at - from));
        if (frame.payload.toString('latin1') !== sealText(open.n, open.epoch, hash))
          throw this.damaged(this.mark.n + 1, from, 'the block from here does not match its seal');
        this.mark = { ...this.mark, n: open.n, epoch: open.epoch, hash, byte: frame.to };
        yield { records: open.records, mark: this.mark, from };
        open = this.begin();
        from = frame.to;
      } else this.take(frame, at, open);
      at = frame.to;
    }
    return this.end(bytes.end, from);
  }

  private begin(): Open {
    return { records: [], n: this.mark.n, epoch: this.mark.epoch };
  }

  private end(size: number, sealed: number): Tail {
    const isActive = this.mark.segment === this.source.count;
    if (!isActive && (size > sealed || sealed === 0))
      throw this.damaged(this.mark.n + 1, sealed, 'an older segment ends without its seal');
    if (this.mark.segment > 1 && sealed === 0)
      throw this.damaged(this.mark.n + 1, 0, 'the segment has lost its beginning');
    return { mark: this.mark, tornAt: size > sealed ? sealed : null };
  }

  private take(frame: Exclude<Frame, 'torn' | { damage: string }>, at: number, open: Open): void {
    const { kind, payload } = frame;
    if ((kind === 'H') !== (at === 0)) throw this.damaged(open.n + 1, at, 'a header is out of place');
    if (kind === 'H') open.epoch = this.header(payload, open.epoch);
    else if (kind === 'E') {
      if (payload.toString('latin1') !== epochText(open.epoch + 1))
        throw this.damaged(open.n + 1, at, `epoch ${open.epoch + 1} does not follow`);
      open.epoch += 1;
    } else if (kind === 'R') {
      const start = recordStart(open.n + 1);
      if (payload.toString('latin1', 0, start.length) !== start)
        throw this.damaged(
          open.n + 1,
          at,
          `another number stands here: ${payload.toString('latin1', 0, 24)}`,
        );
      open.n += 1;
      open.records.push(payload);
    } else throw this.damaged(open.n + 1, at, `a frame of kind ${kind} is out of place`);
  }

  /** The epoch of the segment's first block: a new one in the first segment, else the one that goes on. */
  private header(payload: Buffer, epoch: number): number {
    const header = parseHeader(payload);
    if (header === null) throw this.damaged(this.mark.n + 1, 0, 'the header is none of this format');
    if (header.v > FORMAT_VERSION) {
      throw new FillwrightError(
        'JOURNAL_VERSION',
        `${this.path}: format version ${header.v}; this build reads up to ${FORMAT_VERSION}`,
        { path: this.path },
      );
    }
    const expected = this.mark.segment === 1 ? 1 : epoch;
    if (payload.toString('latin1') !== headerText(this.mark, expected, header.v))
      throw this.damaged(this.mark.n + 1, 0, 'the header does not follow on the segment before');
    return expected;
  }

  private refusal(bytes: FileBytes, n: number, at: number, what: string): FillwrightError {
    const start = recordStart(1);
    if (at > 0 || bytes.get(0, start.length).toString('latin1') !== start) return this.damaged(n, at, what);
    const plain = 'holds the plain lines of version 0.1, which can be read but not continued';
    return new FillwrightError('JOURNAL_VERSION', `${this.path} ${plain}`, { path: this.path });
  }

  private damaged(n: number, byte: number, what: string): FillwrightError {
    return damaged(this.path, n, byte, what);
  }
}

function parseHeader(payload: Buffer): Header | null {
  try {
    const header = JSON.parse(payload.toString('utf8')) as Partial<Header> | null;
    return header?.format === FORMAT && Number.isSafeInteger(header.v) ? (header as Header) : null;
  } catch {
    return null;
  }
}

/** What a disk throws, as ours. */
export function guarded<T>(path: string, run: () => T, what = 'read'): T {
  try {
    return run();
  } catch (cause) {
    if (cause instanceof FillwrightError) throw cause;
    throw new FillwrightError('JOURNAL', `cannot ${what} ${path}: ${(cause as Error).message}`, {
      path,
      cause,
    });
  }
}
