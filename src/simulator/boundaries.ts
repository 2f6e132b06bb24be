/**
 * Every place where a trace can be cut: a crash before and after each commit of a world, and a tail torn at each byte of
 * the journal that it leaves.
 *
 * Owns the enumeration. What a run is and what it must not violate is run.ts's; how a journal is opened, the journal's.
 */
import { MemoryDisk } from '../disk/index.js';
import { openDurableJournal } from '../journal/index.js';
import { runWorld } from './run.js';
import type { World } from './world.js';

/** The lines of each commit. */
export type Commits = readonly (readonly string[])[];

export interface Cuts {
  readonly findings: readonly string[];
  /** How many were tried. */
  readonly cuts: number;
}

/** A world as it runs by itself. */
export async function traceOf(world: World): Promise<Cuts & { readonly commits: Commits }> {
  const commits: (readonly string[])[] = [];
  const run = await runWorld(world, { onCommit: (lines) => commits.push(lines) });
  return {
    commits,
    cuts: run.commits,
    findings: run.findings.map(({ check, message }) => `${check}: ${message}`),
  };
}

/** Runs the world once for each of its commits and either side of it, every `stride`-th of them. */
export async function crashAtEachCommit(world: World, commits: number, stride = 1): Promise<Cuts> {
  const findings: string[] = [];
  let cuts = 0;
  for (let commit = 1; commit <= commits; commit += stride)
    for (const when of ['before', 'after'] as const) {
      cuts += 1;
      const run = await runWorld(world, { dies: { commit, when } });
      for (const { check, message } of run.findings)
        findings.push(`seed ${world.seed}, crash ${when} commit ${commit}: ${check}: ${message}`);
    }
  return { findings, cuts };
}

const NAME = 'trace.journal';
const NUMBER = /^\{"n":\d+/;
const OPTIONS = { path: NAME, segmentBytes: Number.MAX_SAFE_INTEGER };

/**
 * Writes the trace as the durable journal does, and opens what is left of it when it ends at each byte: all of it in
 * its last commit, and before that in pieces of `bytes` or one commit, as what opens costs what stands before the tear.
 * What was sealed has to be there, and what was not is cut and told.
 */
export async function tearAtEachByte(commits: Commits, bytes: number): Promise<Cuts> {
  const torn = [await tear(commits, commits.length - 1)];
  for (const piece of piecesOf(commits, bytes)) torn.push(await tear(piece, 0));
  return {
    findings: torn.flatMap(({ findings }) => findings),
    cuts: torn.reduce((sum, { cuts }) => sum + cuts, 0),
  };
}

/** Each commit once, several together up to this size. */
function piecesOf(commits: Commits, bytes: number): Commits[] {
  const pieces: (readonly string[])[][] = [];
  let size = Number.POSITIVE_INFINITY;
  for (const commit of commits) {
    const length = commit.reduce((sum, line) => sum + line.length, 0);
    size += length;
    if (size > bytes) {
      pieces.push([]);
      size = length;
    }
    pieces.at(-1)?.push(commit);
  }
  return pieces;
}

/** Torn at each byte from this commit on; a piece's records are numbered from 1, as a journal's are. */
async function tear(commits: Commits, first: number): Promise<Cuts> {
  const disk = new MemoryDisk();
  const journal = await openDurableJournal({ ...OPTIONS, disk });
  const ends: { readonly byte: number; readonly lines: number }[] = [{ byte: 0, lines: 0 }];
  let lines = 0;
  for (const commit of commits) {
    for (const line of commit) journal.append(line.replace(NUMBER, `{"n":${++lines}`));
    await journal.commit();
    ends.push({ byte: disk.bytes(NAME).length, lines });
  }
  await journal.close();
  const whole = disk.bytes(NAME);
  const findings: string[] = [];
  const from = Math.max(1, ends[first]?.byte ?? 0);
  let sealed = 0;
  for (let byte = from; byte < whole.length; byte += 1) {
    while ((ends[sealed + 1]?.byte ?? Number.POSITIVE_INFINITY) <= byte) sealed += 1;
    const { byte: end, lines: kept } = ends[sealed]!;
    const found = await openedAt(whole.subarray(0, byte), kept, byte > end);
    if (found !== null) findings.push(`torn at byte ${byte} of ${whole.length}: ${found}`);
  }
  return { findings, cuts: Math.max(0, whole.length - from) };
}

async function openedAt(bytes: Uint8Array, lines: number, isTorn: boolean): Promise<string | null> {
  const disk = new MemoryDisk();
  disk.put(NAME, Uint8Array.from(bytes));
  try {
    const journal = await openDurableJournal({ ...OPTIONS, disk });
    const { last, tornAt } = journal;
    await journal.close();
    if (last !== lines) return `${last} records are left of ${lines} that were sealed`;
    return (tornAt !== null) === isTorn ? null : `the tear is ${isTorn ? 'not told' : 'made up'}`;
  } catch (error) {
    return `it does not open: ${(error as Error).message}`;
  }
}
