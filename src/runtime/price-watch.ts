/**
 * The runtime's watched prices: a source that tells of changes is listened to, any other is looked at once a second.
 *
 * Owns the polling and the input that a price which left its band becomes. Which bands are watched is the groups'
 * business; how they are found quickly is actors/watches.ts's.
 */
import type { Input } from '../actors/inputs.js';
import { type Watched, Watches } from '../actors/watches.js';
import type { Clock } from '../ports/clock.js';
import type { MarketData } from '../ports/market-data.js';

const POLL_MS = 1000;

export interface PriceWatchPorts {
  readonly market: MarketData;
  readonly clock: Clock;
  readonly enqueue: (input: Input) => void;
}

export class PriceWatch {
  private readonly watches: Watches;
  private disarm: (() => void) | null = null;

  constructor(private readonly ports: PriceWatchPorts) {
    const { market, enqueue } = ports;
    this.watches = new Watches({
      watch: market.watch === undefined ? undefined : (symbol, onChange) => market.watch!(symbol, onChange),
      fire: (id, gen, symbol, view) => enqueue({ k: 'tick', id, gen, views: { [symbol]: view } }),
    });
  }

  set(watched: Watched): void {
    this.watches.set(watched);
    if (this.ports.market.watch === undefined && this.disarm === null) this.armPoll();
  }

  clear(id: string): void {
    this.watches.clear(id);
  }

  close(): void {
    this.disarm?.();
    this.watches.close();
  }

  private armPoll(): void {
    const { clock, market } = this.ports;
    this.disarm = clock.at(clock.now() + POLL_MS, () => {
      this.disarm = null;
      this.watches.poll((symbol) => market.view(symbol));
      if (this.watches.size > 0) this.armPoll();
    });
  }
}
