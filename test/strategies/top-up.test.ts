/** What a slice does that found too little in the book, in every schedule. */
import { describe, expect, test } from '@jest/globals';
import { type CommonParamsInput, planners } from './schedules.js';
import { MINUTE, progressOf, T0 } from './support.js';

/** Ten slices of 100 lots, one a minute. */
describe.each(planners)('a slice of a %s that found too little in the book', (_, planner) => {
  const second = (params: CommonParamsInput = {}) => {
    const asked = planner(params);
    asked.ask('START', T0, progressOf(1000));
    asked.ask('WAKE', T0 + MINUTE, progressOf(1000, { filled: 100 }));
    return asked;
  };
  const shortAt = T0 + MINUTE + 20;

  test('is topped up a second after its order ended, and stays what it was', () => {
    const asked = second();
    const short = asked.ask('ORDER_ENDED', shortAt, progressOf(1000, { filled: 130 }));
    expect(short).toMatchObject({ orders: [], wakeAt: shortAt + 1000, exhausted: false });
    const topUp = asked.ask('WAKE', shortAt + 1000, progressOf(1000, { filled: 130 }));
    expect(topUp).toMatchObject({ orders: [{ quantity: 70 }], wakeAt: T0 + 2 * MINUTE });
    const again = asked.ask('ORDER_ENDED', shortAt + 1020, progressOf(1000, { filled: 180 }));
    expect(again).toMatchObject({ orders: [], wakeAt: shortAt + 2020 });
    const rest = asked.ask('WAKE', shortAt + 2020, progressOf(1000, { filled: 180 }));
    expect(rest.orders).toMatchObject([{ quantity: 20 }]);
    const next = asked.ask('WAKE', T0 + 2 * MINUTE, progressOf(1000, { filled: 200 }));
    expect(next.orders).toMatchObject([{ quantity: 100 }]);
  });

  test('tries ever more rarely while the book is empty', () => {
    const asked = second();
    const empty = progressOf(1000, { filled: 100 });
    const tries: number[] = [];
    for (let now = shortAt; now < T0 + 2 * MINUTE; now += 20) {
      if (asked.ask('WAKE', now, empty).orders.length > 0) tries.push((now - shortAt) / 1000);
    }
    expect(tries).toEqual([1, 3.02, 7.04, 15.06, 31.08]);
  });

  test('tries once a minute at most, however long it lasts', () => {
    const asked = planner({ duration_seconds: 36_000 });
    asked.ask('START', T0, progressOf(1000));
    let [now, tries] = [T0, 0];
    while (now < T0 + 59 * MINUTE) {
      now = asked.ask('ORDER_ENDED', now, progressOf(1000)).wakeAt!;
      tries += asked.ask('WAKE', now, progressOf(1000)).orders.length;
    }
    expect(tries).toBeGreaterThan(55);
    expect(tries).toBeLessThan(68);
  });

  test('waits for a reference price', () => {
    const asked = second();
    asked.ask('ORDER_ENDED', shortAt, progressOf(1000, { filled: 130 }));
    const blind = asked.ask('WAKE', shortAt + 1000, progressOf(1000, { filled: 130 }), null);
    expect(blind).toMatchObject({ orders: [], deferred: true, wakeAt: shortAt + 2000 });
    const topUp = asked.ask('WAKE', shortAt + 2000, progressOf(1000, { filled: 130 }));
    expect(topUp.orders).toMatchObject([{ quantity: 70 }]);
  });

  test('is over once the next one is due, which carries its share of the rest', () => {
    const asked = second();
    asked.ask('ORDER_ENDED', shortAt, progressOf(1000, { filled: 100 }));
    // 900 lots in eight slices.
    const next = asked.ask('WAKE', T0 + 2 * MINUTE, progressOf(1000, { filled: 100 }));
    expect(next.orders).toMatchObject([{ quantity: 113 }]);
  });

  test('leaves less than min_child_quantity to the slices after it, and the last one sends it', () => {
    const asked = second({ min_child_quantity: '0.05' });
    asked.ask('ORDER_ENDED', shortAt, progressOf(1000, { filled: 160 }));
    expect(asked.ask('WAKE', shortAt + 1000, progressOf(1000, { filled: 160 })).orders).toEqual([]);
    asked.ask('WAKE', T0 + 9 * MINUTE, progressOf(1000, { filled: 900 }));
    asked.ask('ORDER_ENDED', T0 + 9 * MINUTE + 20, progressOf(1000, { filled: 960 }));
    const last = asked.ask('WAKE', T0 + 9.5 * MINUTE, progressOf(1000, { filled: 960 }));
    expect(last.orders).toMatchObject([{ quantity: 40 }]);
  });

  test('is topped up when it is the last one too, and ends the schedule when nothing is missing', () => {
    const asked = second();
    asked.ask('WAKE', T0 + 9 * MINUTE, progressOf(1000, { filled: 900 }));
    asked.ask('ORDER_ENDED', T0 + 9 * MINUTE + 20, progressOf(1000, { filled: 920 }));
    const last = asked.ask('WAKE', T0 + 9.5 * MINUTE, progressOf(1000, { filled: 920 }));
    expect(last).toMatchObject({ orders: [{ quantity: 80 }], exhausted: false });
    const done = asked.ask('WAKE', last.wakeAt!, progressOf(1000, { filled: 1000 }));
    expect(done).toMatchObject({ orders: [], exhausted: true, wakeAt: null });
  });

  test('is given up at the end of the schedule, whatever is missing', () => {
    const asked = second();
    let last = asked.ask('WAKE', T0 + 9 * MINUTE, progressOf(1000, { filled: 900 }));
    let tries = 0;
    while (!last.exhausted) {
      last = asked.ask('WAKE', last.wakeAt!, progressOf(1000, { filled: 900 }));
      tries += last.orders.length;
    }
    expect(tries).toBeGreaterThan(3);
    expect(tries).toBeLessThan(8);
  });

  test('lets go with SKIP of an order that found nothing, as of one that was refused', () => {
    const refused = second({ on_reject: 'SKIP' });
    const nothing = refused.ask('ORDER_ENDED', shortAt, progressOf(1000, { filled: 100 }));
    expect(nothing).toMatchObject({ orders: [], wakeAt: T0 + 2 * MINUTE });
    const short = second({ on_reject: 'SKIP' });
    const some = short.ask('ORDER_ENDED', shortAt, progressOf(1000, { filled: 130 }));
    expect(some).toMatchObject({ orders: [], wakeAt: shortAt + 1000 });
  });

  test('waits for its price as a limit', () => {
    const asked = second({ order_type: 'LIMIT', limit_price: '100' });
    const short = asked.ask('ORDER_ENDED', shortAt, progressOf(1000, { filled: 130 }));
    expect(short).toMatchObject({ orders: [], wakeAt: T0 + 2 * MINUTE });
  });

  test('has no second order while the first one is open or unknown', () => {
    const asked = second();
    const open = progressOf(1000, { filled: 130, leaves: 30, unknown: 40, live: 2 });
    expect(asked.ask('ORDER_ENDED', shortAt, open)).toMatchObject({ orders: [], wakeAt: T0 + 2 * MINUTE });
  });

  test('does not take up what an older order of unknown fate did not fill', () => {
    const asked = planner({});
    asked.ask('START', T0, progressOf(1000));
    asked.ask('WAKE', T0 + MINUTE, progressOf(1000, { unknown: 100, live: 1 }));
    // The second slice filled 60 of its 100 lots, and the first one is now known to have filled nothing.
    asked.ask('ORDER_ENDED', shortAt, progressOf(1000, { filled: 60 }));
    const topUp = asked.ask('WAKE', shortAt + 1000, progressOf(1000, { filled: 60 }));
    expect(topUp.orders).toMatchObject([{ quantity: 40 }]);
  });
});
