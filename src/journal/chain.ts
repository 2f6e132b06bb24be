/**
 * The chain: what stands in headers, epochs and seals, and what they prove.
 *
 * Pure. A commit's frames and one seal make a block. The seal carries the SHA-256 over the previous seal's hash and the
 * block's bytes (I20): per block, because per record it would cost more than all else. Nothing behind the last seal
 * was ever acknowledged.
 */
import { createHash } from 'node:crypto';

export const FORMAT = 'fillwright-journal';
/** Of frames and records together; a reader takes this one and all before it. */
export const FORMAT_VERSION = 1;
/** What the first segment's first block is chained to. */
export const NO_HASH = '0'.repeat(64);

/** Where a journal stands after a seal. */
export interface Mark {
  /** The last record sealed. */
  readonly n: number;
  readonly epoch: number;
  readonly hash: string;
  /** Number of the segment, from 1, and the byte in it behind the seal. */
  readonly segment: number;
  readonly byte: number;
}

export const ORIGIN: Mark = { n: 0, epoch: 0, hash: NO_HASH, segment: 1, byte: 0 };

export interface Header {
  readonly format: string;
  readonly v: number;
  readonly epoch: number;
  readonly segment: number;
  /** Number of the first record in this segment. */
  readonly first: number;
  /** Hash of the last seal of the segment before. */
  readonly prev: string;
}

export const headerText = (mark: Mark, epoch: number, v: number = FORMAT_VERSION): string =>
  JSON.stringify({
    format: FORMAT,
    v,
    epoch,
    segment: mark.segment,
    first: mark.n + 1,
    prev: mark.hash,
  } satisfies Header);

export const epochText = (epoch: number): string => `{"epoch":${epoch}}`;

export const sealText = (n: number, epoch: number, hash: string): string =>
  `{"n":${n},"epoch":${epoch},"sha256":"${hash}"}`;

/** How each record begins: the journal reads its number without parsing it. */
export const recordStart = (n: number): string => `{"n":${n},`;

export const blockHash = (before: string, block: Uint8Array): string =>
  createHash('sha256').update(before).update(block).digest('hex');
