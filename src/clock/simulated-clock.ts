/**
 * Simulated time: a clock that moves only when it is told to, and the heap of its timers.
 *
 * Owns the current simulated time and every armed timer. Owns no decision when time may move: that is the driver's
 * (market/replay.ts and the runtime). Reads no ambient clock.
 */
import type { Clock } from '../ports/clock.js';

interface Timer {
  readonly at: number;
  /** Timers of one moment run in the order in which they were armed. */
  readonly seq: number;
  /** null once disarmed: the entry stays in the heap until it surfaces or the heap is compacted. */
  callback: (() => void) | null;
}

/** Below this size a heap half full of disarmed timers is not worth a pass. */
const COMPACT_SIZE_MIN = 64;

const earlier = (a: Timer, b: Timer): boolean => a.at < b.at || (a.at === b.at && a.seq < b.seq);

export class SimulatedClock implements Clock {
  #now: number;
  #seq = 0;
  #heap: Timer[] = [];
  #dead = 0;

  /** @param start epoch ms UTC */
  constructor(start = 0) {
    this.#now = start;
  }

  now(): number {
    return this.#now;
  }

  /** Arms a timer; one for a time gone by is due at once, but runs only inside `runNext`. O(log n). */
  at(at: number, callback: () => void): () => void {
    const timer: Timer = { at, seq: this.#seq++, callback };
    this.#heap.push(timer);
    this.#up(this.#heap.length - 1);
    return () => this.#disarm(timer);
  }

  /** When the next timer is due, never before `now()`; null when none is armed. */
  nextAt(): number | null {
    const next = this.#peek();
    return next === null ? null : Math.max(next.at, this.#now);
  }

  /** Timers that are armed. */
  get armed(): number {
    return this.#heap.length - this.#dead;
  }

  /** Heap entries, disarmed ones included: at most twice the armed ones, or COMPACT_SIZE_MIN. */
  get entries(): number {
    return this.#heap.length;
  }

  /** Moves time to `t` and runs nothing. Time never goes back: an earlier `t` changes nothing. */
  advanceTo(t: number): void {
    if (t > this.#now) this.#now = t;
  }

  /** Moves to the next timer and runs it. False when none is armed. */
  runNext(): boolean {
    const next = this.#peek();
    if (next === null) return false;
    this.#pop();
    this.advanceTo(next.at);
    const { callback } = next;
    next.callback = null;
    callback?.();
    return true;
  }

  #disarm(timer: Timer): void {
    if (timer.callback === null) return;
    timer.callback = null;
    this.#dead += 1;
    if (this.#heap.length >= COMPACT_SIZE_MIN && this.#dead * 2 > this.#heap.length) this.#compact();
  }

  #compact(): void {
    this.#heap = this.#heap.filter((timer) => timer.callback !== null);
    this.#dead = 0;
    for (let index = (this.#heap.length >> 1) - 1; index >= 0; index -= 1) this.#down(index);
  }

  #peek(): Timer | null {
    for (;;) {
      const top = this.#heap[0];
      if (top === undefined) return null;
      if (top.callback !== null) return top;
      this.#pop();
      this.#dead -= 1;
    }
  }

  #pop(): void {
    const last = this.#heap.pop();
    if (last === undefined || this.#heap.length === 0) return;
    this.#heap[0] = last;
    this.#down(0);
  }

  #up(start: number): void {
    const heap = this.#heap;
    let index = start;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!earlier(heap[index]!, heap[parent]!)) return;
      this.#swap(index, parent);
      index = parent;
    }
  }

  #down(start: number): void {
    const heap = this.#heap;
    let index = start;
    for (;;) {
      const left = index * 2 + 1;
      if (left >= heap.length) return;
      const right = left + 1;
      const child = right < heap.length && earlier(heap[right]!, heap[left]!) ? right : left;
      if (!earlier(heap[child]!, heap[index]!)) return;
      this.#swap(index, child);
      index = child;
    }
  }

  #swap(a: number, b: number): void {
    const timer = this.#heap[a]!;
    this.#heap[a] = this.#heap[b]!;
    this.#heap[b] = timer;
  }
}
