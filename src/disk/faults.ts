/**
 * Disk faults drawn from a seed: the same seed, the same faults at the same operations.
 *
 * Owns the drawing alone; memory.ts says what a fault does.
 */
import type { DiskFault, DiskOperation } from './memory.js';

/** Chance per operation, 0 to 1; absent: never. */
export interface FaultRates {
  readonly error?: number;
  readonly short?: number;
  readonly lost?: number;
  readonly misdirected?: number;
  readonly flip?: number;
}

/** Which operations a kind can meet. */
const MEETS: Readonly<Record<keyof FaultRates, readonly DiskOperation['kind'][]>> = {
  error: ['read', 'write', 'sync', 'truncate', 'rename', 'syncNames'],
  short: ['write'],
  lost: ['write'],
  misdirected: ['write'],
  flip: ['read', 'write'],
};

const KINDS: readonly (keyof FaultRates)[] = ['error', 'short', 'lost', 'misdirected', 'flip'];

/** For `MemoryDiskOptions.fault`. `random` gives numbers from 0 up to, not including, 1. */
export function drawFaults(
  random: () => number,
  rates: FaultRates,
): (operation: DiskOperation) => DiskFault | null {
  return (operation) => {
    for (const kind of KINDS) {
      const rate = rates[kind] ?? 0;
      if (rate > 0 && MEETS[kind].includes(operation.kind) && random() < rate)
        return make(kind, operation, random);
    }
    return null;
  };
}

function make(kind: keyof FaultRates, { at, length }: DiskOperation, random: () => number): DiskFault {
  const below = (limit: number): number => Math.floor(random() * limit);
  const code = random() < 0.5 ? 'EIO' : 'ENOSPC';
  if (kind === 'error') return { kind, code };
  if (kind === 'short') return { kind, code, keep: below(length) };
  if (kind === 'misdirected') return { kind, to: below(at + 1) };
  return kind === 'lost' ? { kind } : { kind, bit: below(Math.max(1, length) * 8) };
}
