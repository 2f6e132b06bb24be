/**
 * Crashes in a storm: a venue that loses, delays, repeats and refuses, and a process that dies while it does. Whatever
 * comes, no order arrives twice, every fill is booked once, every batch ends, and the journal folds to its state.
 */
import { describe, expect, test } from '@jest/globals';
import { Subject } from 'rxjs';
import { SimulatedClock } from '../../src/clock/simulated-clock.js';
import type { AccountReport, Report } from '../../src/dtos/venue.js';
import { parseJournal } from '../../src/journal/index.js';
import { replayJournal } from '../../src/runtime/replay.js';
import { BTC, batch, ETH, leg, SOL, T0 } from '../runtime/rig.js';
import { type Death, live } from '../support/crash.js';
import type { ScriptedOptions } from '../support/scripted-connector.js';
import { randomFrom, StormyVenue } from '../support/stormy-venue.js';
import { booked } from './stories.js';

const SEEDS = 60;
const MODES = ['INDEPENDENT', 'SEQUENTIAL', 'COORDINATED'] as const;
const TWAP = { strategy: 'TWAP', duration_seconds: 40, slices: 8 };

type Trade = Extract<Report, { readonly type: 'TRADE' }>;

/** The storm, at a venue that lists what it has told of. */
class ListingStorm extends StormyVenue {
  readonly accounts$ = new Subject<AccountReport>();
  readonly #told = new Map<string, Trade>();
  readonly #clock: SimulatedClock;

  constructor(
    options: ScriptedOptions & {
      readonly clock: SimulatedClock;
      readonly calmAt: number;
      readonly seed: number;
    },
  ) {
    super(options);
    this.#clock = options.clock;
    this.reports$.subscribe((report) => {
      if (report.type === 'TRADE') this.#told.set(report.execId, report);
    });
  }

  massStatus(since: number): void {
    const orders = this.open.map((clientOrderId) => {
      const { order, cum } = this.orders.get(clientOrderId)!;
      const { symbol, side, quantity } = order;
      const avgPx = cum === 0 ? null : (order.price ?? '100');
      return {
        clientOrderId,
        connectorOrderId: `V-${clientOrderId}`,
        symbol,
        side,
        quantity,
        cumQty: String(cum / 10),
        avgPx,
      };
    });
    const fills = [...this.#told.values()].filter(({ at }) => at >= since);
    this.accounts$.next({ type: 'MASS_STATUS', at: this.#clock.now(), since, orders, fills, balances: null });
  }
}

async function findings(seed: number): Promise<string[]> {
  const clock = new SimulatedClock(T0);
  const next = randomFrom(seed ^ 0x2545f491);
  const pick = <T>(of: readonly T[]): T => of[Math.floor(next() * of.length)] as T;
  const venue = new ListingStorm({ clock, seed, calmAt: T0 + 60_000 });
  const acts = MODES.map((_, b) => {
    const legs = [BTC, ETH, SOL].slice(0, 1 + Math.floor(next() * 3)).map((symbol, i) =>
      leg({
        n: b * 10 + i + 1,
        symbol,
        side: pick(['BUY', 'SELL']),
        size: pick(['0.5', '1', '2.4']),
        ...(next() < 0.4 ? { limit: '100' } : {}),
        ...(next() < 0.5 ? { params: { ...TWAP, on_reject: pick(['RETRY', 'SKIP', 'STOP']) } } : {}),
      }),
    );
    const { directive, commands } = batch(legs, { mode: pick(MODES), timeout_seconds: 50 }, 100 + b);
    return {
      at: T0 + b * 2500,
      does: (runtime: { submit: (d: typeof directive, c: typeof commands) => Promise<unknown> }) =>
        runtime.submit(directive, commands),
    };
  });
  let record = 1;
  const deaths: Death[] = Array.from({ length: 1 + Math.floor(next() * 4) }, () => {
    record += 1 + Math.floor(next() * 30);
    return { record, when: pick(['COMMITTED', 'ACTED'] as const) };
  });
  const downMs = pick([0, 100, 7000, 70_000]);
  const options = { config: { orchestration: { reconciliation: { interval_seconds: 30 } } } };
  const lived = await live({ clock, venue, acts, deaths, downMs, options, until: T0 + 3_600_000 });
  const { records } = parseJournal(lived.lines.map((line) => `${line}\n`).join(''));
  const events = records.flatMap(({ events: own }) => own);
  const found = [...venue.violations];
  if (lived.runtime.openBatches > 0) found.push('a batch did not end once the venue was calm (I33)');
  if (venue.open.length > 0) found.push(`open at the venue after the end: ${venue.open.join(' ')} (I12)`);
  const ours = booked(events);
  for (const [id, { cum }] of venue.orders) {
    const own = Math.round(Number(ours.get(id) ?? 0) * 10);
    if (own !== cum) found.push(`${id}: ${own} booked, ${cum} filled (I7)`);
  }
  if (events.some(({ type }) => type === 'POISON')) found.push('POISON');
  replayJournal(records); // every field of every event, or it throws (I22)
  return found;
}

describe('crashes in a storm', () => {
  test('lose nothing and do nothing twice', async () => {
    const found: string[] = [];
    for (let seed = 1; seed <= SEEDS; seed++)
      for (const finding of await findings(seed)) found.push(`seed ${seed}: ${finding}`);
    expect(found).toEqual([]);
  });
});
