/** The computer's clock behind the port. */
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { systemClock } from '../../src/clock/system-clock.js';

describe('systemClock', () => {
  beforeEach(() => {
    jest.useFakeTimers({ now: 1_700_000_000_000 });
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  test('tells the time and fires once at its moment', () => {
    const clock = systemClock();
    const fired: number[] = [];
    clock.at(clock.now() + 250, () => fired.push(clock.now()));
    jest.advanceTimersByTime(249);
    expect(fired).toEqual([]);
    jest.advanceTimersByTime(1000);
    expect(fired).toEqual([1_700_000_000_250]);
  });

  test('a wait of 60 days is not cut to nothing by the 32-bit limit of timers', () => {
    const clock = systemClock();
    const days60 = 60 * 86_400_000;
    let fired = 0;
    clock.at(clock.now() + days60, () => {
      fired += 1;
    });
    jest.advanceTimersByTime(days60 - 1);
    expect(fired).toBe(0);
    jest.advanceTimersByTime(1);
    expect(fired).toBe(1);
  });

  test('a disarmed timer never fires, in whichever piece of its wait it was', () => {
    const clock = systemClock();
    let fired = 0;
    const disarm = clock.at(clock.now() + 2 ** 32, () => {
      fired += 1;
    });
    jest.advanceTimersByTime(2 ** 31 + 5);
    disarm();
    jest.advanceTimersByTime(2 ** 33);
    expect(fired).toBe(0);
  });

  test('a timer for a time gone by fires, but not inside at()', () => {
    const clock = systemClock();
    let fired = 0;
    clock.at(clock.now() - 5000, () => {
      fired += 1;
    });
    expect(fired).toBe(0);
    jest.advanceTimersByTime(1);
    expect(fired).toBe(1);
  });

  test('a wall clock set back makes a timer wait for its moment', () => {
    const clock = systemClock();
    const due = clock.now() + 1000;
    const fired: number[] = [];
    clock.at(due, () => fired.push(clock.now()));
    jest.setSystemTime(due - 61_000);
    jest.advanceTimersByTime(5000);
    expect(fired).toEqual([]);
    jest.advanceTimersByTime(60_000);
    expect(fired).toEqual([due]);
  });
});
