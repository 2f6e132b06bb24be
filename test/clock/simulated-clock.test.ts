/** Simulated time: order, disarming, and that nothing leaks. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { SimulatedClock } from '../../src/clock/simulated-clock.js';

function drain(clock: SimulatedClock): void {
  while (clock.runNext());
}

describe('SimulatedClock', () => {
  test('a timer that arms itself again every 10 ms fires ten times in 100 ms', () => {
    const clock = new SimulatedClock(1000);
    const fired: number[] = [];
    const tick = (): void => {
      fired.push(clock.now());
      clock.at(clock.now() + 10, tick);
    };
    clock.at(1010, tick);
    for (let next = clock.nextAt(); next !== null && next <= 1100; next = clock.nextAt()) clock.runNext();
    expect(fired).toEqual([1010, 1020, 1030, 1040, 1050, 1060, 1070, 1080, 1090, 1100]);
  });

  test('advanceTo runs nothing and never moves time back', () => {
    const clock = new SimulatedClock(50);
    let fired = 0;
    clock.at(60, () => {
      fired += 1;
    });
    clock.advanceTo(100);
    clock.advanceTo(70);
    expect([clock.now(), fired, clock.nextAt()]).toEqual([100, 0, 100]);
    expect(clock.runNext()).toBe(true);
    expect([clock.now(), fired, clock.nextAt()]).toEqual([100, 1, null]);
    expect(clock.runNext()).toBe(false);
  });

  test('a disarmed timer never fires, and disarming it again or after it fired changes nothing', () => {
    const clock = new SimulatedClock();
    const fired: string[] = [];
    const disarmA = clock.at(10, () => fired.push('a'));
    const disarmB = clock.at(20, () => fired.push('b'));
    disarmA();
    disarmA();
    expect([clock.armed, clock.nextAt()]).toEqual([1, 20]);
    drain(clock);
    disarmB();
    expect([fired, clock.armed]).toEqual([['b'], 0]);
  });

  test('disarmed timers are dropped once they are half of the heap', () => {
    const clock = new SimulatedClock();
    for (let round = 0; round < 10_000; round += 1) clock.at(1_000_000 + round, () => {})();
    expect(clock.armed).toBe(0);
    expect(clock.entries).toBeLessThanOrEqual(64);
  });

  test('a callback may arm and disarm others', () => {
    const clock = new SimulatedClock();
    const fired: string[] = [];
    const disarm = clock.at(5, () => fired.push('never'));
    clock.at(1, () => {
      disarm();
      clock.at(1, () => fired.push('same moment'));
    });
    drain(clock);
    expect([fired, clock.now()]).toEqual([['same moment'], 1]);
  });

  test('timers run by time and then in the order they were armed, whatever is disarmed between', () => {
    const action = fc.record({ at: fc.integer({ min: 0, max: 50 }), disarm: fc.boolean() });
    fc.assert(
      fc.property(fc.array(action, { maxLength: 300 }), (actions) => {
        const clock = new SimulatedClock();
        const fired: number[] = [];
        const disarms = actions.map(({ at }, index) => clock.at(at, () => fired.push(index)));
        for (const [index, { disarm }] of actions.entries()) if (disarm) disarms[index]?.();
        drain(clock);
        const kept = actions
          .map(({ at, disarm }, index) => ({ at, disarm, index }))
          .filter((each) => !each.disarm);
        kept.sort((a, b) => a.at - b.at || a.index - b.index);
        expect(fired).toEqual(kept.map(({ index }) => index));
        expect(clock.armed).toBe(0);
      }),
      { numRuns: 60 },
    );
  });
});
