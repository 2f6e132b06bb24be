/** How a test lets simulated time go by. */
import type { SimulatedClock } from '../../src/clock/simulated-clock.js';
import type { Runtime } from '../../src/runtime/api.js';

/** Lets `ms` pass: every timer on the way runs, and the runtime comes to rest after each. */
export async function passTime(clock: SimulatedClock, runtime: Runtime, ms: number): Promise<void> {
  const until = clock.now() + ms;
  for (;;) {
    await runtime.settle();
    const next = clock.nextAt();
    if (next === null || next > until) break;
    clock.runNext();
  }
  clock.advanceTo(until);
}
