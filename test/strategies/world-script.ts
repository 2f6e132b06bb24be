/**
 * What happens to a planner in the random world (world.ts): the steps that fast-check writes, and the calm after.
 */
import fc from 'fast-check';
import { fromSteps } from '../../src/dtos/decimal.js';
import type { MarketView } from '../../src/dtos/venue.js';

/** What becomes of an order when it is placed. DEFER and BLOCK: the gate; NOT_SENT: it was dropped before the send. */
const FATES = [
  'FILL',
  'PART',
  'PART_CANCEL',
  'REST',
  'CANCEL',
  'REJECT',
  'UNKNOWN',
  'DEFER',
  'BLOCK',
  'NOT_SENT',
] as const;
/** What becomes of an order that is open or unknown, or (LATE_FILL) was canceled, before the next ask. */
const TURNS = ['STAY', 'FILL', 'PART', 'CANCEL', 'LOSE', 'FIND', 'LATE_FILL'] as const;
export type Fate = (typeof FATES)[number];
export type Turn = (typeof TURNS)[number];

/** One ask and what happens until the next. */
export interface WorldStep {
  /** Of the orders placed, in turn. */
  readonly fates: readonly Fate[];
  /** Of the orders before them, in turn. */
  readonly turns: readonly Turn[];
  /** When that is, as a part of the time to the next wake. */
  readonly when: number;
  /** How late the next wake comes, ms: an outage. */
  readonly late: number;
  /** Mid in ticks, half the spread in ticks, and which sides there are; null: no market. */
  readonly market: {
    readonly mid: number;
    readonly half: number;
    readonly sides: 'BOTH' | 'BID' | 'LAST';
  } | null;
  /** Lots that others trade until the next ask. */
  readonly traded: number;
  /** Part of the target that becomes the cap, and the ticks the limit moves by. */
  readonly amend: { readonly cap: number; readonly ticks: number } | null;
}

export interface WorldScript {
  readonly steps: readonly WorldStep[];
  /** Does the source count volume? */
  readonly countsVolume: boolean;
}

const MID = 10_000;
const market: fc.Arbitrary<WorldStep['market']> = fc.record({
  mid: fc.oneof(
    { weight: 3, arbitrary: fc.constant(MID) },
    { weight: 2, arbitrary: fc.integer({ min: 9000, max: 11_000 }) },
    fc.integer({ min: 50, max: 1_000_000 }),
  ),
  half: fc.integer({ min: 1, max: 20 }),
  sides: fc.constantFrom('BOTH', 'BOTH', 'BOTH', 'BOTH', 'BID', 'LAST'),
});

/** Null seven times in eight. */
const rarely = <T>(some: fc.Arbitrary<T>): fc.Arbitrary<T | null> =>
  fc.oneof({ weight: 7, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: some });

/** Scripts of 1 to `maxLength` steps: calm ones, stormy ones, outages of up to an hour. */
export const scripts = (maxLength = 40): fc.Arbitrary<WorldScript> =>
  fc.record({
    countsVolume: fc.constantFrom(true, true, true, false),
    steps: fc.array(
      fc.record({
        fates: fc.array(
          fc.oneof(
            { weight: 2, arbitrary: fc.constant<Fate>('FILL') },
            { weight: 3, arbitrary: fc.constantFrom(...FATES) },
          ),
          { minLength: 1, maxLength: 3 },
        ),
        turns: fc.array(fc.constantFrom<Turn>('STAY', 'STAY', 'STAY', ...TURNS), {
          minLength: 1,
          maxLength: 3,
        }),
        when: fc.constantFrom(0, 0.3, 1),
        late: fc.oneof(
          { weight: 6, arbitrary: fc.constant(0) },
          { weight: 2, arbitrary: fc.integer({ min: 0, max: 900 }) },
          fc.integer({ min: 0, max: 3_600_000 }),
        ),
        market: fc.option(market, { freq: 8 }),
        traded: fc.oneof(
          fc.constant(0),
          fc.integer({ min: 0, max: 50 }),
          fc.integer({ min: 0, max: 100_000 }),
        ),
        amend: rarely(
          fc.record({ cap: fc.constantFrom(1, 1, 0.5, 0.9), ticks: fc.integer({ min: -20, max: 20 }) }),
        ),
      }),
      { minLength: 1, maxLength },
    ),
  });

/** The world after the script: a venue that fills, a market that stands still and trades. */
export const calm = (target: number): WorldStep => ({
  fates: ['FILL'],
  turns: ['FILL'],
  when: 1,
  late: 0,
  market: { mid: MID, half: 1, sides: 'BOTH' },
  traded: 20 * target,
  amend: null,
});

/** The market of a step. */
export function viewOf(step: WorldStep, tick: string, at: number, volume: string | null): MarketView | null {
  if (step.market === null) return null;
  const { mid, half, sides } = step.market;
  const price = (ticks: number) => fromSteps(Math.max(1, ticks), tick);
  return {
    bid: sides === 'LAST' ? null : price(mid - half),
    ask: sides === 'BOTH' ? price(mid + half) : null,
    last: price(mid),
    at,
    ...(volume === null ? {} : { volume }),
  };
}
