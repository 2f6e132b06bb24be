/**
 * Random terms of one order: entry plan and strategy parameters, for each of the seven strategies.
 *
 * Owns the ranges. Kept small: a schedule lasts seconds, so that a world sees its whole life.
 */
import { textOf, unitsOf } from './audit/units.js';
import type { Listing } from './market.js';
import type { Random } from './random.js';
import type { WorldOptions } from './world.js';

export interface Terms {
  readonly entry: {
    readonly order_type: string;
    readonly limit_price?: string;
    readonly stop_price?: string;
  };
  readonly params: Readonly<Record<string, unknown>> | null;
}

interface Subject {
  readonly listing: Listing;
  readonly side: 'BUY' | 'SELL';
  /** Units. */
  readonly size: number;
  readonly options: WorldOptions;
}

type Maker = (random: Random, subject: Subject) => Terms;

const priceNear = ({ instrument, start }: Listing, random: Random, low: number, high: number): string => {
  const tick = unitsOf(instrument.tickSize);
  return textOf(start + random.from(low, high) * tick);
};

/** Marketable at times, resting at others. */
const limitOf = (random: Random, { listing, side }: Subject): string =>
  side === 'BUY' ? priceNear(listing, random, -15, 8) : priceNear(listing, random, -8, 15);

/** A part of the size in whole lots, at least one. */
function part({ size, listing }: Subject, of: number): string {
  const lot = unitsOf(listing.instrument.lotSize);
  return textOf(Math.max(1, Math.round(size / of / lot)) * lot);
}

function common(random: Random): Record<string, unknown> {
  return {
    on_reject: random.pick(['STOP', 'RETRY', 'SKIP', 'STOP']),
    ...(random.chance(250_000)
      ? { on_deadline: random.pick(['SWEEP', 'LEAVE', 'CANCEL']), sweep_lead_seconds: 2 }
      : {}),
    ...(random.chance(150_000) ? { size_jitter_pct: '0.3', time_jitter_pct: '0.2' } : {}),
  };
}

const entryOf = (random: Random, subject: Subject): Terms['entry'] =>
  random.chance(500_000)
    ? { order_type: 'MARKET' }
    : { order_type: 'LIMIT', limit_price: limitOf(random, subject) };

const seconds = (random: Random): number => random.from(5, 30);

const single: Maker = (random, subject) => {
  const { options, listing, side } = subject;
  if (options.stopOrders && random.chance(100_000)) {
    const away = side === 'BUY' ? 1 : -1;
    const tick = unitsOf(listing.instrument.tickSize);
    const at = (ticks: number): string => textOf(listing.start + away * ticks * tick);
    return { entry: { order_type: 'STOP_LIMIT', stop_price: at(10), limit_price: at(40) }, params: null };
  }
  if (random.chance(250_000)) {
    const chase = {
      distance_ticks: random.from(0, 3),
      refresh_ticks: random.from(1, 4),
      max_replacements: 8,
    };
    const params = { ...common(random), strategy: 'SINGLE', duration_seconds: seconds(random), chase };
    return { entry: { order_type: 'LIMIT', limit_price: priceNear(listing, random, -30, 30) }, params };
  }
  const entry = entryOf(random, subject);
  if (random.chance(300_000)) return { entry, params: null };
  return { entry, params: { ...common(random), strategy: 'SINGLE', duration_seconds: seconds(random) } };
};

const twap: Maker = (random, subject) => ({
  entry: entryOf(random, subject),
  params: {
    ...common(random),
    strategy: 'TWAP',
    duration_seconds: seconds(random),
    slices: random.chance(500_000) ? random.from(3, 12) : random.from(12, 40),
  },
});

const vwap: Maker = (random, subject) => ({
  entry: entryOf(random, subject),
  params: {
    ...common(random),
    strategy: 'VWAP',
    duration_seconds: seconds(random),
    curve: Array.from({ length: random.from(3, 24) }, () => String(random.from(1, 9))),
    reforecast: random.chance(300_000),
  },
});

const pov: Maker = (random, subject) => ({
  entry: entryOf(random, subject),
  params: {
    ...common(random),
    strategy: 'POV',
    participation_rate: random.pick(['0.05', '0.2', '0.5']),
    duration_seconds: seconds(random),
    interval_seconds: random.from(1, 2),
  },
});

const iceberg: Maker = (random, subject) => ({
  entry: { order_type: 'LIMIT', limit_price: limitOf(random, subject) },
  params: {
    ...common(random),
    strategy: 'ICEBERG',
    duration_seconds: seconds(random),
    display_quantity: part(subject, random.from(3, 20)),
    refresh_threshold: random.pick(['1', '0.5']),
    native: random.pick(['PREFER', 'NEVER']),
  },
});

const dca: Maker = (random, subject) => {
  const amount = { quantity: part(subject, random.from(3, 20)), unit: 'BASE' };
  if (random.chance(300_000)) {
    const price_steps = Array.from({ length: random.from(2, 4) }, () => ({
      price: limitOf(random, subject),
    }));
    return {
      entry: { order_type: 'LIMIT', limit_price: limitOf(random, subject) },
      params: { ...common(random), strategy: 'DCA', duration_seconds: seconds(random), amount, price_steps },
    };
  }
  return {
    entry: entryOf(random, subject),
    params: {
      ...common(random),
      strategy: 'DCA',
      frequency: random.chance(200_000) ? '*/5 * * * * *' : { period_seconds: random.from(1, 4) },
      amount,
      duration_seconds: seconds(random) + 10,
      missed: random.pick(['SKIP', 'RUN_ONCE']),
      ...(random.chance(300_000) ? { budget: String(random.from(30, 200)) } : {}),
    },
  };
};

const layered: Maker = (random, subject) => {
  const { listing, side } = subject;
  const limit = limitOf(random, subject);
  const tick = unitsOf(listing.instrument.tickSize);
  const reach = random.from(5, 30) * tick;
  const [min, max] =
    side === 'BUY' ? [textOf(unitsOf(limit) - reach), limit] : [limit, textOf(unitsOf(limit) + reach)];
  return {
    entry: { order_type: 'LIMIT', limit_price: limit },
    params: {
      ...common(random),
      strategy: 'LAYERED',
      duration_seconds: seconds(random),
      levels: random.from(2, 12),
      distribution: random.pick(['UNIFORM', 'FRONT_LOADED', 'BACK_LOADED']),
      ...(random.chance(500_000) ? { price_range: { min, max } } : { spacing_ticks: random.from(1, 6) }),
      ...(random.chance(300_000) ? { max_open: 2 } : {}),
    },
  };
};

const MAKERS: readonly Maker[] = [single, single, twap, vwap, pov, iceberg, dca, layered];

export const strategyParams = (random: Random, subject: Subject): Terms =>
  random.pick(MAKERS)(random, subject);
