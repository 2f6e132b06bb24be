/** Market events and timers as one sequence. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { SimulatedClock } from '../../src/clock/simulated-clock.js';
import type { MarketEvent, MarketSource } from '../../src/market/event.js';
import { Replay } from '../../src/market/replay.js';

const trade = (at: number): MarketEvent => ({ at, symbol: 'X', kind: 'trade', price: '1', quantity: '1' });

function source(times: readonly number[]): MarketSource {
  return {
    name: 'test',
    symbols: ['X'],
    startsAt: times[0] ?? 0,
    endsAt: null,
    events: () => times.map(trade),
  };
}

function setUp(times: readonly number[], start = 0) {
  const clock = new SimulatedClock(start);
  const log: string[] = [];
  const venue = { onMarket: ({ at }: MarketEvent) => log.push(`market ${at} at ${clock.now()}`) };
  const replay = new Replay({ clock, source: source(times), venue });
  const arm = (at: number) => clock.at(at, () => log.push(`timer ${at} at ${clock.now()}`));
  return { clock, log, replay, arm };
}

describe('Replay', () => {
  test('the market comes first at equal times', () => {
    const { log, replay, arm } = setUp([10, 20]);
    arm(10);
    arm(15);
    expect(replay.nextAt()).toBe(10);
    while (replay.step());
    expect(log).toEqual(['market 10 at 10', 'timer 10 at 10', 'timer 15 at 15', 'market 20 at 20']);
  });

  test('timers go on after the market has ended', () => {
    const { clock, log, replay, arm } = setUp([5]);
    expect(replay.ended).toBe(false);
    replay.step();
    expect([replay.ended, replay.nextAt(), replay.step()]).toEqual([true, null, false]);
    arm(40);
    expect([replay.nextAt(), replay.step(), clock.now()]).toEqual([40, true, 40]);
    expect([log.at(-1), replay.step()]).toEqual(['timer 40 at 40', false]);
  });

  test('events before the clock’s start are heard at its start', () => {
    const { log, replay } = setUp([5, 150], 100);
    while (replay.step());
    expect(log).toEqual(['market 5 at 100', 'market 150 at 150']);
  });

  test('everything happens once, and time never goes back', () => {
    const times = fc.array(fc.nat(100), { maxLength: 50 });
    fc.assert(
      fc.property(times, times, (market, timers) => {
        market.sort((a, b) => a - b);
        const { clock, log, replay, arm } = setUp(market);
        for (const at of timers) arm(at);
        let last = 0;
        for (let next = replay.nextAt(); next !== null; next = replay.nextAt()) {
          expect(replay.step()).toBe(true);
          expect(clock.now()).toBe(next);
          expect(next).toBeGreaterThanOrEqual(last);
          last = next;
        }
        expect(log).toHaveLength(market.length + timers.length);
      }),
      { numRuns: 60 },
    );
  });
});
