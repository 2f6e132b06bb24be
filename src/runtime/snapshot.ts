/**
 * Snapshots: a runtime's state as text, so that recovery need not begin at the first record.
 *
 * Owns what belongs to the state, and when a snapshot is not to be trusted: of another version, damaged, or not of the
 * record that the journal holds under its number. It is a cache of the fold: without it the journal says the same.
 */
import { createHash } from 'node:crypto';
import type { Due } from '../actors/deadlines.js';
import type { SavedMachine } from '../actors/host.js';
import type { Input } from '../actors/inputs.js';
import type { Watched } from '../actors/watches.js';
import type { World } from '../actors/world.js';
import { EndedOrders } from '../book/ended.js';
import { PositionBook } from '../book/positions.js';
import { HashCycle, IdMinter } from '../dtos/ids.js';
import { type Classes, decodeGraph, encodeGraph } from './graph.js';
import { VERSION } from './version.js';

/** Rises when the shape of the state changes: older snapshots are ignored. */
const FORM = 1;

/** Everything that a fold of the records up to `n` leaves. */
export interface State {
  readonly world: World;
  readonly deadlines: readonly (Due & { readonly at: number })[];
  readonly watches: readonly Watched[];
  readonly seen: ReadonlySet<string>;
  readonly lastMinted: string | null;
  readonly epoch: number;
  readonly opened: Extract<Input, { readonly k: 'open' }> | null;
  /** The time of record `n`. */
  readonly at: number;
}

interface Saved extends State {
  readonly form: number;
  readonly version: string;
  /** Names of the world's parts: a build with other ones cannot go on from it. */
  readonly shape: string;
  /** Of the line of record `n`. */
  readonly line: string;
}

const CLASSES: Classes = { EndedOrders, PositionBook, HashCycle, IdMinter };

const hashOfLine = (line: string): string => createHash('sha256').update(line).digest('hex');
const shapeOf = (world: World): string => Object.keys(world).sort().join();

/** The state as text. `line`: that of the record it stands for. */
export function writeSnapshot(state: State, line: string): string {
  const { world } = state;
  const machines = new Map<object, SavedMachine>();
  for (const row of [...world.groups.values(), ...world.batches.values()])
    if (row.entity !== null) machines.set(row.entity, row.entity.save());
  const saved: Saved = {
    ...state,
    ...{ form: FORM, version: VERSION, shape: shapeOf(world), line: hashOfLine(line) },
  };
  // A machine is kept as its state; host and strategies are the process's own.
  const isOwn = (value: object): boolean => value === world.host || value === world.strategies;
  return encodeGraph(saved, CLASSES, (value) => (isOwn(value) ? null : machines.get(value)));
}

/** The state that a snapshot holds, its machines run by the world's host; null when it is not to be trusted. */
export function readSnapshot(text: string, line: string, fresh: World): State | null {
  try {
    const saved = decodeGraph(text, CLASSES) as Saved;
    if (saved.form !== FORM || saved.version !== VERSION || saved.shape !== shapeOf(fresh)) return null;
    if (saved.line !== hashOfLine(line)) return null;
    const { world } = saved;
    const { host, strategies } = fresh;
    Object.assign(world, { host, strategies });
    for (const row of world.groups.values())
      if (row.entity !== null) row.entity = host.restoreGroup(row.id, row.entity as unknown as SavedMachine);
    for (const row of world.batches.values())
      if (row.entity !== null)
        row.entity = host.restoreBatch(row.id, row.mode, row.entity as unknown as SavedMachine);
    return saved;
  } catch {
    return null; // damaged: the records say the same
  }
}
