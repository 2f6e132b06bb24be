/**
 * Small runs that a crash may interrupt anywhere: what the host does, what the venue does, and how they end.
 *
 * Owns the stories and the judgement that holds for each of them however often it was interrupted.
 */
import { SimulatedClock } from '../../src/clock/simulated-clock.js';
import type { RuntimeEvent } from '../../src/dtos/events.js';
import type { PlaceOrder } from '../../src/dtos/venue.js';
import { parseJournal } from '../../src/journal/index.js';
import type { Journal } from '../../src/ports/journal.js';
import type { Runtime } from '../../src/runtime/api.js';
import { type Batch, batch, coordinated, ETH, leg, SOL, sequential, T0 } from '../runtime/rig.js';
import { type Act, type Death, type Lived, live } from '../support/crash.js';
import { type Fate, FaithfulVenue, textOf } from '../support/faithful-venue.js';

export interface Story {
  readonly fate: (order: PlaceOrder, place: number) => Fate;
  readonly acts: readonly Act[];
  readonly ms: number;
  readonly config?: object;
  readonly placeValidityMs?: number | null;
  /** Other ends that a crash before a place may lead to: the order is absent for a while, and the market goes on. */
  readonly mayEnd?: readonly string[];
}

const submits =
  ({ directive, commands }: Batch) =>
  (runtime: Runtime): Promise<unknown> =>
    runtime.submit(directive, commands);

const fillsAfter = (...ms: number[]): Fate => ({
  fills: ms.map((afterMs, i) => ({ afterMs, tenths: i === ms.length - 1 ? 'REST' : 2 })),
});
const AT_ONCE = fillsAfter(0);
const RESTS: Fate = { fills: [] };
const TWAP = { strategy: 'TWAP', duration_seconds: 20, slices: 4 };

export const STORIES: Readonly<Record<string, Story>> = {
  'two legs at once, one in slices, one resting': {
    fate: ({ symbol }) => (symbol === ETH ? fillsAfter(700, 2500) : AT_ONCE),
    acts: [
      {
        at: T0,
        does: submits(batch([leg({ n: 1, params: TWAP }), leg({ n: 2, symbol: ETH, limit: '100' })])),
      },
    ],
    mayEnd: ['PARTIAL schedule_ended PARTIAL 0.8, COMPLETED 1 | '],
    ms: 120_000,
  },
  'a sequence of three': {
    fate: ({ symbol }) => (symbol === SOL ? fillsAfter(300, 900) : AT_ONCE),
    acts: [
      {
        at: T0,
        does: submits(
          sequential([
            leg({ n: 1 }),
            leg({ n: 2, symbol: SOL, limit: '100' }),
            leg({ n: 3, symbol: ETH, params: TWAP }),
          ]),
        ),
      },
    ],
    mayEnd: ['PARTIAL schedule_ended COMPLETED 1, COMPLETED 1, PARTIAL 0.8 | '],
    ms: 200_000,
  },
  'a coordinated batch whose second leg is refused, and its unwind': {
    fate: ({ symbol }) => (symbol === ETH ? { reject: 'margin' } : AT_ONCE),
    acts: [{ at: T0, does: submits(coordinated([leg({ n: 1 }), leg({ n: 2, symbol: ETH })])) }],
    mayEnd: ['FAILED execution_error CANCELLED 0, FAILED 0 | '],
    ms: 200_000,
  },
  'a coordinated batch that runs into its timeout with an order open': {
    fate: ({ symbol, side }) => (symbol === ETH && side === 'BUY' ? fillsAfter(2000, 90_000) : AT_ONCE),
    acts: [
      {
        at: T0,
        does: submits(
          coordinated([leg({ n: 1 }), leg({ n: 2, symbol: ETH, limit: '100' })], { timeout_seconds: 10 }),
        ),
      },
    ],
    mayEnd: ['FAILED timeout CANCELLED 0, CANCELLED 0 | '],
    ms: 300_000,
  },
  'an order that never arrives, and goes out again': {
    fate: (_order, place) => (place === 0 ? 'LOST' : AT_ONCE),
    acts: [{ at: T0, does: submits(batch([leg({ n: 1 })])) }],
    ms: 200_000,
    config: { plan_execution: { timeout_seconds: 2 } },
  },
  'a kill while an order rests': {
    fate: () => RESTS,
    acts: [
      {
        at: T0,
        does: submits(batch([leg({ n: 1, limit: '100' }), leg({ n: 2, symbol: ETH, params: TWAP })])),
      },
      { at: T0 + 6000, does: (runtime) => runtime.kill('all', 'drill', 'me') },
    ],
    ms: 200_000,
  },
  'a protected entry whose target is reached': {
    fate: ({ side }) => (side === 'BUY' ? AT_ONCE : fillsAfter(9000)),
    acts: [
      {
        at: T0,
        does: submits(
          batch([leg({ n: 1, exit: { stop: '90', take: '110' }, params: { ...TWAP, slices: 2 } })]),
        ),
      },
    ],
    // Asked about first, a slice fills later, and so does the target that would have stopped the next one.
    mayEnd: ['PARTIAL schedule_ended PARTIAL 0.5 | ', 'COMPLETED target_reached COMPLETED 1 | '],
    ms: 200_000,
  },
  'a purchase every ten seconds': {
    fate: () => AT_ONCE,
    acts: [
      {
        at: T0,
        does: submits(
          batch([
            leg({
              n: 1,
              params: {
                strategy: 'DCA',
                frequency: { period_seconds: 10 },
                amount: { quantity: '0.2', unit: 'BASE' },
                occurrences: 5,
                missed: 'RUN_ONCE',
              },
            }),
          ]),
        ),
      },
    ],
    ms: 200_000,
  },
  'a cancel while an order rests': {
    fate: () => fillsAfter(1000, 60_000),
    acts: [
      { at: T0, does: submits(batch([leg({ n: 1, limit: '100' })])) },
      {
        at: T0 + 3000,
        does: async (runtime) => {
          const [group] = runtime.groups();
          if (group !== undefined && group.status === 'ACTIVE')
            await runtime.cancelGroup(group.group_id, 'enough');
        },
      },
    ],
    mayEnd: ['CANCELLED cancel_requested CANCELLED 0 | ', 'PARTIAL cancel_requested CANCELLED 0 | '],
    ms: 200_000,
  },
};

export interface Told extends Lived {
  readonly venue: FaithfulVenue;
  readonly events: readonly RuntimeEvent[];
}

/** Lives through a story, dying as told. */
export async function tell(
  story: Story,
  deaths: readonly Death[] = [],
  downMs = 0,
  snapshots: Pick<Journal, 'saveSnapshot'> = {},
): Promise<Told> {
  const clock = new SimulatedClock(T0);
  const { fate, acts, ms, config = {}, placeValidityMs = 5000 } = story;
  const venue = new FaithfulVenue({ clock, fate, placeValidityMs });
  const options = { config: { environment: 'backtest' as const, orchestration: config } };
  const lived = await live({ clock, venue, acts, until: T0 + ms, deaths, downMs, options, snapshots });
  const text = lived.lines.map((line) => `${line}\n`).join('');
  return { ...lived, venue, events: parseJournal(text).records.flatMap(({ events }) => events) };
}

/** Net quantity that the journal holds of each order, in tenths' text. */
export function booked(events: readonly RuntimeEvent[]): Map<string, string> {
  const sums = new Map<string, number>();
  for (const event of events) {
    if (event.type !== 'FILL' && event.type !== 'FILL_REVERSED') continue;
    const sign = event.type === 'FILL' ? 1 : -1;
    const { clientOrderId, quantity } = event;
    sums.set(clientOrderId, (sums.get(clientOrderId) ?? 0) + sign * Math.round(Number(quantity) * 10));
  }
  return new Map([...sums].filter(([, lots]) => lots !== 0).map(([id, lots]) => [id, textOf(lots)]));
}

/** What must hold at the end, however often the run was interrupted. None when all is well. */
export function judge({ runtime, venue, events }: Told): string[] {
  const found: string[] = [];
  for (const [id, times] of venue.arrivals) if (times > 1) found.push(`${id} arrived ${times} times`);
  const intents = new Set(
    events.flatMap((event) => (event.type === 'ORDER_INTENT' ? [event.clientOrderId] : [])),
  );
  const ours = booked(events);
  for (const [id, { cum }] of venue.orders) {
    if (!intents.has(id)) found.push(`${id} has no intent`);
    if ((ours.get(id) ?? '0') !== textOf(cum))
      found.push(`${id}: ${ours.get(id)} booked, ${textOf(cum)} traded`);
    ours.delete(id);
  }
  for (const [id, quantity] of ours) found.push(`${id}: ${quantity} booked, which never traded`);
  if (venue.open.length > 0) found.push(`open at the venue: ${venue.open.join()}`);
  if (runtime.openBatches > 0) found.push(`${runtime.openBatches} batches never settled`);
  for (const [i, event] of events.entries())
    if (event.seq !== i + 1) found.push(`event ${i + 1} is numbered ${event.seq}`);
  const ids = events.flatMap((event) => (event.type === 'FILL' ? [event.fillId] : []));
  if (new Set(ids).size !== ids.length) found.push('an id was minted twice');
  return found;
}

/** How the batches ended, and with what. */
export const endings = ({ events }: Told): string[] =>
  events.flatMap((event) =>
    event.type === 'BATCH_SETTLED'
      ? [
          `${event.status} ${event.reason} ${event.legs.map(({ status, filledQuantity }) => `${status} ${filledQuantity}`).join(', ')} | ${event.residuals.map(({ quantity }) => quantity).join()}`,
        ]
      : [],
  );
