/**
 * Ids of the wire contract: `PREFIX_YYYYMMDD_HHMMSS_hash`, UTC (spec 5, sections 2.1 and 2.2).
 *
 * Owns their grammar and their minting. Randomness and time are arguments: a minter with the same seed, asked the
 * same questions, gives the same ids, which is what lets a replay mint them again.
 */
import { invariant } from './errors.js';
import { isRealDate, isRealTime } from './time.js';

/** The prefix of each kind of thing, without its underscore. */
export const ID_PREFIXES = {
  directive: 'STR',
  command: 'EXE',
  batch: 'BAT',
  group: 'EXG',
  order: 'ORD',
  fill: 'FIL',
  entryPlan: 'ENT',
  sizePlan: 'SIZ',
  exitPlan: 'EXT',
  routingPlan: 'ROU',
  tradePlan: 'TPL',
} as const;
export type IdPrefix = (typeof ID_PREFIXES)[keyof typeof ID_PREFIXES];

const hexPattern = (prefix: string): RegExp => new RegExp(`^${prefix}_\\d{8}_\\d{6}_[0-9a-f]{8}$`);

/** The pattern of each prefix: 8 hex digits, and 5 of `[0-9a-z]` for groups. */
export const ID_PATTERNS: Readonly<Record<IdPrefix, RegExp>> = {
  STR: hexPattern('STR'),
  EXE: hexPattern('EXE'),
  BAT: hexPattern('BAT'),
  EXG: /^EXG_\d{8}_\d{6}_[0-9a-z]{5}$/,
  ORD: hexPattern('ORD'),
  FIL: hexPattern('FIL'),
  ENT: hexPattern('ENT'),
  SIZ: hexPattern('SIZ'),
  EXT: hexPattern('EXT'),
  ROU: hexPattern('ROU'),
  TPL: hexPattern('TPL'),
};

/** Does the id's stamp name a date and time that exist? The id must match its pattern. */
export function hasRealStamp(id: string): boolean {
  const number = (from: number, to: number): number => Number(id.slice(from, to));
  return (
    isRealDate(number(4, 8), number(8, 10), number(10, 12)) &&
    isRealTime(number(13, 15), number(15, 17), number(17, 19))
  );
}

/** Is `text` a well-formed id of this prefix, its date included? */
export const isId = (prefix: IdPrefix, text: string): boolean =>
  ID_PATTERNS[prefix].test(text) && hasRealStamp(text);

/** The part after the stamp. */
export const idHash = (id: string): string => id.slice(20);

/** The stamp as epoch milliseconds (whole seconds). The id must be well-formed. */
export const idAtMs = (id: string): number =>
  Date.parse(
    `${id.slice(4, 8)}-${id.slice(8, 10)}-${id.slice(10, 12)}T${id.slice(13, 15)}:${id.slice(15, 17)}:${id.slice(17, 19)}Z`,
  );

const MAX_MS = Date.UTC(9999, 11, 31, 23, 59, 59, 999);
const HEX_SIZE = 2 ** 32;
const GROUP_SIZE = 36 ** 5;

/**
 * One space of hashes, walked by a full cycle: state → state + step (mod size), with step coprime to size.
 *
 * Within a cycle every hash differs. Each later cycle only uses seconds above all seconds of the earlier ones, so
 * that (second, hash) never repeats, however many ids one second sees and whichever way the clock jumps.
 */
export class HashCycle {
  private used = 0;
  private floor = Number.NEGATIVE_INFINITY;
  private highest = Number.NEGATIVE_INFINITY;

  constructor(
    readonly size: number,
    private readonly step: number,
    /** The hash given out last. */
    public state: number,
  ) {}

  /** Where the walk stands, as JSON. */
  save(): SavedCycle {
    const second = (value: number): number | null => (Number.isFinite(value) ? value : null);
    return [this.state, this.used, second(this.floor), second(this.highest)];
  }

  /** Goes on from where a walk of the same seed stood. */
  resume([state, used, floor, highest]: SavedCycle): void {
    this.state = state;
    this.used = used;
    this.floor = floor ?? Number.NEGATIVE_INFINITY;
    this.highest = highest ?? Number.NEGATIVE_INFINITY;
  }

  /** Advances the state and returns the second to stamp it with. */
  next(second: number): number {
    if (this.used === this.size) {
      this.used = 0;
      this.floor = this.highest + 1;
    }
    this.used += 1;
    this.state = (this.state + this.step) % this.size;
    const stamped = Math.max(second, this.floor);
    this.highest = Math.max(this.highest, stamped);
    return stamped;
  }
}

/** A walk's state, hashes used in this cycle, lowest and highest second; null before the first. */
export type SavedCycle = readonly [state: number, used: number, floor: number | null, highest: number | null];

/** A minter as JSON: with it the same ids come next. */
export interface SavedMinter {
  readonly seed: string;
  readonly hex: SavedCycle;
  readonly base36: SavedCycle;
}

/** FNV-1a, finished as in MurmurHash3: 32 bits of the text. */
function hash32(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/**
 * Mints ids from a seed: unique within the minter at any rate and with any clock, under a microsecond each.
 *
 * The stamp is the second of `atMs`, unless 36^5 groups (or 2^32 other ids) were minted since; then it may be the
 * next free second. Uniqueness between minters rests on their seeds.
 */
export class IdMinter {
  private readonly hex: HashCycle;
  private readonly base36: HashCycle;
  private stampSecond = Number.NaN;
  private stamp = '';

  constructor(private readonly seed: string) {
    // An odd step is coprime to 2^32; 6k + 1 is coprime to 36^5.
    this.hex = new HashCycle(HEX_SIZE, (hash32(`hex step ${seed}`) | 1) >>> 0, hash32(`hex ${seed}`));
    const step = 6 * (1_000_000 + (hash32(`group step ${seed}`) % 9_000_000)) + 1;
    this.base36 = new HashCycle(GROUP_SIZE, step, hash32(`group ${seed}`) % GROUP_SIZE);
  }

  static restore(saved: SavedMinter): IdMinter {
    const minter = new IdMinter(saved.seed);
    minter.hex.resume(saved.hex);
    minter.base36.resume(saved.base36);
    return minter;
  }

  save(): SavedMinter {
    return { seed: this.seed, hex: this.hex.save(), base36: this.base36.save() };
  }

  /** The ids that come next are those after this one, which a minter of the same seed gave out; not a group's. */
  resumeAfter(id: string): void {
    this.hex.state = Number.parseInt(idHash(id), 16);
  }

  /** A new id; `atMs` is epoch milliseconds from 1970 to 9999. */
  mint(prefix: IdPrefix, atMs: number): string {
    invariant(atMs >= 0 && atMs <= MAX_MS, 'an id is minted at a time between 1970 and 9999');
    const cycle = prefix === ID_PREFIXES.group ? this.base36 : this.hex;
    const second = cycle.next(Math.floor(atMs / 1000));
    if (second !== this.stampSecond) {
      this.stampSecond = second;
      this.stamp = stampOf(second);
    }
    // Adding size keeps leading zeros: size is '1' followed by zeros in its base (16^8, 36^5).
    const hash = (cycle.state + cycle.size).toString(cycle === this.base36 ? 36 : 16).slice(1);
    return prefix + this.stamp + hash;
  }
}

/** `_YYYYMMDD_HHMMSS_` of an epoch second. */
function stampOf(second: number): string {
  const iso = new Date(second * 1000).toISOString();
  return `_${iso.slice(0, 4)}${iso.slice(5, 7)}${iso.slice(8, 10)}_${iso.slice(11, 13)}${iso.slice(14, 16)}${iso.slice(17, 19)}_`;
}
