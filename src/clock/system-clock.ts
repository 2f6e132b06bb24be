/**
 * The computer's own clock as the clock port: the one place that reads ambient time and arms real timers.
 *
 * Owns nothing else. Wall-clock jumps are met by looking again when a timer fires.
 */
import type { Clock } from '../ports/clock.js';

/** Node fires a timer with a longer delay at once; longer waits go in pieces. */
const DELAY_MS_MAX = 2 ** 31 - 1;

/** UTC epoch milliseconds and real timers, which keep the process alive. A timer never fires before its time. */
export function systemClock(): Clock {
  return { now: () => Date.now(), at: arm };
}

function arm(at: number, callback: () => void): () => void {
  let handle: NodeJS.Timeout;
  const wait = (): void => {
    const delay = Math.min(Math.max(at - Date.now(), 0), DELAY_MS_MAX);
    handle = setTimeout(fire, delay);
  };
  // A long wait comes in pieces, Node may fire a millisecond early, and the wall clock may have been set back.
  const fire = (): void => {
    if (Date.now() < at) wait();
    else callback();
  };
  wait();
  return () => clearTimeout(handle);
}
