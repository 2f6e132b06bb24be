/** VWAP, POV and TWAP over a whole recorded trading day, orders of 1 % of its volume, checked against the file. */
import { afterAll, describe, expect } from '@jest/globals';
import { type GroupView, loadScenario, planScenario, volumeCurve } from '../../src/index.js';
import {
  CLOSE,
  DAY_SECONDS,
  type DayOrder,
  dayScenario,
  filledRows,
  MINUTE,
  OPEN,
  type Print,
  prints,
  SECOND,
  Sum,
  testOn,
  vwapOf,
  workDay,
} from './equity-day.js';
import { cleanUp, writeScenario } from './support.js';

afterAll(cleanUp);

const MINUTES = DAY_SECONDS / 60;
const SIZE = '881900';
const TARGET = Number(SIZE);
/** One tick of 0.01 is the spread. */
const TICK = 0.01;
const LATENCY = 20;

let known: readonly Print[] | null = null;
const day = (): readonly Print[] => {
  known ??= prints();
  return known;
};
const regular = (): Print[] => day().filter(({ at }) => at >= OPEN && at < CLOSE);
const minuteCurve = () => volumeCurve(day(), { from: OPEN, to: CLOSE, buckets: MINUTES });
const vwapOrder = (more: Partial<DayOrder> = {}, params: object = {}): DayOrder => ({
  size: SIZE,
  params: { strategy: 'VWAP', duration_seconds: DAY_SECONDS, curve: minuteCurve(), ...params },
  ...more,
});

const bought: { group?: Promise<GroupView> } = {};
/** The buyer's run, made once. */
const buyer = (): Promise<GroupView> => {
  bought.group ??= workDay(vwapOrder());
  return bought.group;
};

/** Figures for a person: one line each, whatever the reporter. */
const print = (...lines: readonly string[]): void => {
  process.stdout.write(lines.map((line) => `BAC day: ${line}\n`).join(''));
};

/** Cost in bps against a benchmark: positive is worse than it. */
function costBps({ side, avg_price: price }: GroupView, benchmark: number): number {
  return (((side === 'BUY' ? 1 : -1) * (Number(price) - benchmark)) / benchmark) * 10_000;
}

/** Lots that a volume curve has due, straight within its minute, from the recorded trades alone. */
function volumeLine(): { due: (time: number) => number; slice: (time: number) => number } {
  const sums = Array.from({ length: MINUTES }, () => 0);
  for (const { at, quantity } of regular()) sums[Math.floor((at - OPEN) / MINUTE)]! += Number(quantity);
  const all = sums.reduce((total, sum) => total + sum, 0);
  const before = [0];
  for (const sum of sums) before.push(before.at(-1)! + sum);
  const minuteOf = (time: number) => Math.min(MINUTES - 1, Math.floor((time - OPEN) / MINUTE));
  return {
    due: (time) => {
      const minute = minuteOf(time);
      const part = Math.min(1, (time - OPEN - minute * MINUTE) / MINUTE);
      return (TARGET * (before[minute]! + sums[minute]! * part)) / all;
    },
    // Whole lots: a boundary between two slices is at most half a lot from the curve.
    slice: (time) => (TARGET * sums[minuteOf(time)]!) / all + 1,
  };
}

/** The furthest that a running sum is from the line, in slices, over every second of the day. */
function furthest(sum: Sum, { due, slice }: ReturnType<typeof volumeLine>, after = 0): number {
  let worst = 0;
  for (let time = OPEN; time <= CLOSE; time += SECOND) {
    worst = Math.max(worst, Math.abs(sum.until(time + after) - due(time)) / slice(time));
  }
  return worst;
}

describe('VWAP with the curve of the same day', () => {
  testOn('plans and fills within one slice of the curve in every second', async () => {
    const line = volumeLine();
    const plan = planScenario(loadScenario(writeScenario(dayScenario(vwapOrder()))));
    const slices = plan.batches[0]?.groups[0]?.slices ?? [];
    const planned = slices.map(({ at, quantity }) => ({ at: Date.parse(at), quantity }));
    expect(planned.length).toBe(MINUTES);
    expect(planned.reduce((sum, { quantity }) => sum + Number(quantity), 0)).toBe(TARGET);
    const group = await buyer();
    // What was sent at a second is filled a latency later.
    const worst = [furthest(new Sum(planned), line), furthest(new Sum(filledRows(group)), line, LATENCY)];
    print(
      `VWAP off its curve at most, in slices: planned ${worst[0]?.toFixed(4)}, filled ${worst[1]?.toFixed(4)}`,
    );
    for (const off of worst) expect(off).toBeLessThanOrEqual(1);
    expect(group.orders.some(({ status }) => status === 'CANCELED')).toBe(true);
    expect([group.status, group.filled_quantity]).toEqual(['COMPLETED', SIZE]);
  });

  testOn(
    'costs at most half the spread and 1 bps against the VWAP when it takes, on either side',
    async () => {
      const vwap = vwapOf(day(), OPEN, CLOSE);
      const bound = ((TICK / vwap) * 10_000) / 2 + 1;
      for (const side of ['BUY', 'SELL'] as const) {
        const group = side === 'BUY' ? await buyer() : await workDay(vwapOrder({ side }));
        const bps = costBps(group, vwap);
        print(
          `VWAP ${side} takes at ${group.avg_price}: ${bps.toFixed(2)} bps against ${vwap.toFixed(5)}, the day's ` +
            `VWAP; ${group.vs_vwap_bps} bps to its last fill; the bound is ${bound.toFixed(2)}`,
        );
        expect(group.maker_share).toBe('0');
        expect(bps).toBeLessThanOrEqual(bound);
        expect(Number(group.vs_vwap_bps)).toBeLessThanOrEqual(bound);
      }
    },
  );

  testOn('reports the interval VWAP that the file has for its interval', async () => {
    const group = await buyer();
    const filled = filledRows(group).map(({ at }) => at);
    // The report of the last fill is a latency on its way; trades of that millisecond are in.
    const ends = Math.max(...filled) + LATENCY;
    expect(Number(group.interval_vwap)).toBeCloseTo(vwapOf(day(), OPEN, ends + 1), 6);
    expect(Number(group.vs_vwap_bps)).toBeCloseTo(costBps(group, Number(group.interval_vwap)), 3);
  });

  testOn('rests at its limit and never takes when it posts', async () => {
    const limit = '13.75';
    const params = { order_type: 'LIMIT', limit_price: limit, post_only: true, on_reject: 'SKIP' };
    const group = await workDay(vwapOrder({ limit }, params));
    print(
      `VWAP BUY posts at ${limit}: ${group.filled_quantity} of ${SIZE} at ${group.avg_price}, ` +
        `${group.vs_vwap_bps} bps to interval VWAP, maker ${group.maker_share}, ${group.rejects} slices that ` +
        'would have crossed',
    );
    expect(group.maker_share).toBe('1');
    expect(group.orders.flatMap(({ fills }) => fills).map(({ fill_price }) => fill_price)).toEqual(
      Array(group.orders.flatMap(({ fills }) => fills).length).fill(limit),
    );
    expect(Number(group.filled_quantity)).toBeGreaterThan(TARGET / 2);
  });
});

describe('POV at 5 %', () => {
  const HALF_HOUR = 30 * MINUTE;

  /** The least and the most of own ÷ (own + recorded) over every half hour in which it trades. */
  function shares(group: GroupView, step: number) {
    const own = new Sum(filledRows(group));
    const market = new Sum(day());
    const end = Math.max(...filledRows(group).map(({ at }) => at));
    let [least, most, windows] = [1, 0, 0];
    for (let from = OPEN; from + HALF_HOUR <= end; from += step) {
      const ours = own.between(from, from + HALF_HOUR);
      const share = ours / (ours + market.between(from, from + HALF_HOUR));
      [least, most, windows] = [Math.min(least, share), Math.max(most, share), windows + 1];
    }
    return { least, most, windows };
  }

  testOn.each([
    ['1 % of the volume', SIZE, 'COMPLETED', 50],
    ['more than a day brings', '5000000', 'PARTIAL', 360],
  ])('holds its share over any half hour with %s', async (_, size, status, minutes) => {
    const params = { strategy: 'POV', duration_seconds: DAY_SECONDS, participation_rate: '0.05' };
    const group = await workDay({ size, params });
    // From any second too: the opening cross of 970,078 shares and the answer to it stand in the same half hours.
    const found = [shares(group, MINUTE), shares(group, SECOND)];
    const text = found.map(
      ({ least, most, windows }) =>
        `${(least * 100).toFixed(3)} to ${(most * 100).toFixed(3)} % over ${windows} half hours`,
    );
    print(
      `POV ${group.filled_quantity} of ${size} in ${group.orders.length} orders: ` +
        `${text[0]} from each minute, ${text[1]} from each second; ${group.vs_vwap_bps} bps to interval VWAP`,
    );
    expect(group.status).toBe(status);
    expect(found[0]?.windows).toBeGreaterThan(minutes / 2);
    for (const { least, most } of found) {
      expect(least).toBeGreaterThanOrEqual(0.045);
      expect(most).toBeLessThanOrEqual(0.055);
    }
  });
});

describe('TWAP without an outage', () => {
  testOn.each([
    ['BUY', MINUTES],
    ['BUY', 20],
    ['SELL', 13],
    ['SELL', 5],
  ] as const)('is never off its schedule by more than one slice: %s, %d slices', async (side, count) => {
    const order = {
      side,
      size: SIZE,
      params: { strategy: 'TWAP', duration_seconds: DAY_SECONDS, slices: count },
    };
    const plan = planScenario(loadScenario(writeScenario(dayScenario(order))));
    const slices = plan.batches[0]?.groups[0]?.slices ?? [];
    expect(slices.reduce((sum, { quantity }) => sum + Number(quantity), 0)).toBe(TARGET);
    const group = await workDay(order);
    const due = new Sum(slices.map(({ at, quantity }) => ({ at: Date.parse(at), quantity })));
    const filled = new Sum(filledRows(group));
    const moments = new Set<number>();
    for (let time = OPEN; time <= CLOSE; time += SECOND) moments.add(time);
    for (const { at } of filledRows(group)) moments.add(at).add(at - 1);
    const off = [...moments].map((time) => Math.abs(filled.until(time) - due.until(time)));
    const slice = Math.max(...slices.map(({ quantity }) => Number(quantity)));
    const worst = Math.max(...off);
    print(
      `TWAP ${side} off its schedule at most ${worst} of a slice of ${slice}, at ${moments.size} moments, ` +
        `in ${group.orders.length} orders for ${count} slices`,
    );
    expect(slice).toBe(Math.ceil(TARGET / count));
    expect(worst).toBeLessThanOrEqual(slice);
    expect([group.status, group.filled_quantity]).toEqual(['COMPLETED', SIZE]);
  });
});
