/**
 * The driver of simulated time: market events and timers as one sequence.
 *
 * Owns the order (by time; at equal times the market first, so that a timer sees all that is known by then). Owns no
 * loop: the runtime steps, and lets its queue, commits and sends run empty between steps (DESIGN section 6).
 */
import type { MarketEvent, MarketSource } from './event.js';

/** What a replay needs of a clock; clock/simulated-clock.ts has it. */
export interface ReplayClock {
  nextAt(): number | null;
  advanceTo(t: number): void;
  runNext(): boolean;
}

/** Who hears the market: a simulated venue. */
export interface MarketListener {
  onMarket(event: MarketEvent): void;
}

export interface ReplayOptions {
  readonly clock: ReplayClock;
  readonly source: MarketSource;
  readonly venue: MarketListener;
}

export class Replay {
  readonly #clock: ReplayClock;
  readonly #venue: MarketListener;
  readonly #events: Iterator<MarketEvent>;
  #head: MarketEvent | null;

  /** Reads the first event. @throws MARKET_DATA */
  constructor({ clock, source, venue }: ReplayOptions) {
    this.#clock = clock;
    this.#venue = venue;
    this.#events = source.events()[Symbol.iterator]();
    this.#head = this.#read();
  }

  /** The market has no more events. Timers may go on. */
  get ended(): boolean {
    return this.#head === null;
  }

  /** When the next step happens; null when neither an event nor a timer is left. */
  nextAt(): number | null {
    const timer = this.#clock.nextAt();
    if (this.#head === null) return timer;
    return timer === null ? this.#head.at : Math.min(this.#head.at, timer);
  }

  /** Does one event or one timer. False when there is none. @throws MARKET_DATA from the next line of a recording */
  step(): boolean {
    const event = this.#head;
    const timer = this.#clock.nextAt();
    if (event === null || (timer !== null && timer < event.at)) return this.#clock.runNext();
    this.#clock.advanceTo(event.at);
    this.#venue.onMarket(event);
    this.#head = this.#read();
    return true;
  }

  #read(): MarketEvent | null {
    const next = this.#events.next();
    return next.done ? null : next.value;
  }
}
