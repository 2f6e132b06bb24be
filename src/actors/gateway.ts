/**
 * The order gateway, after the commit: performs effects against connectors, deadlines and ledger.
 *
 * Owns the second check: immediately before it is sent, each place passes the halt, the kill latch and its group's
 * cancel flag again; a refusal comes back as the input NOT_SENT. A connector that throws on a place has told nothing
 * of the order's fate: it comes back as NO_ANSWER. Decides nothing else; retries are order-fate.ts's.
 */
import { messageOf } from '../dtos/errors.js';
import type { Report } from '../dtos/venue.js';
import type { Connector } from '../ports/connector.js';
import type { Ledger } from '../ports/ledger.js';
import type { MarketInterval } from '../ports/market-data.js';
import type { Deadlines } from './deadlines.js';
import type { Effect, PlaceEffect } from './fold.js';
import type { Input } from './inputs.js';
import { exceedsHolding, isOverdue, outgrew } from './orders.js';
import type { Watched } from './watches.js';
import { isKilled, type World } from './world.js';

export interface GatewayPorts {
  readonly connectors: Readonly<Record<string, Connector>>;
  readonly deadlines: Deadlines;
  readonly watches: { set(watched: Watched): void; clear(id: string): void };
  /** See MarketData.interval. */
  readonly interval: (symbol: string, from: number, to: number) => MarketInterval | null;
  readonly ledger: Ledger | null;
  readonly enqueue: (input: Input) => void;
  readonly now: () => number;
}

export class Gateway {
  /** Set when the journal failed or the runtime stops: nothing opens any more, cancels still go out (I25). */
  halted = false;

  constructor(
    private readonly world: World,
    private readonly ports: GatewayPorts,
  ) {}

  perform(effects: readonly Effect[]): void {
    for (const effect of effects) this.one(effect);
  }

  private one(effect: Effect): void {
    const { connectors, deadlines } = this.ports;
    switch (effect.type) {
      case 'ARM':
        return deadlines.arm(effect.key, effect.gen, effect.at);
      case 'DISARM':
        return deadlines.disarm(effect.key);
      case 'WATCH':
        return this.ports.watches.set({
          id: effect.key,
          gen: effect.gen,
          symbol: effect.symbol,
          band: effect.band,
        });
      case 'UNWATCH':
        return this.ports.watches.clear(effect.key);
      case 'LIST':
        return this.list(effect.venue, effect.since);
      case 'BENCHMARK':
        return this.benchmark(effect);
      case 'PLACE':
        return this.place(effect);
      case 'CANCEL':
        return this.cancel(effect.venue, effect.clientOrderId);
      case 'QUERY':
        return this.ask(effect.venue, effect.clientOrderId, 'QUERY', () =>
          connectors[effect.venue]?.query(effect.clientOrderId),
        );
      case 'POST':
        return this.post(effect);
    }
  }

  /** Goes out whatever has happened to the runtime (I25). */
  cancel(venue: string, clientOrderId: string): void {
    this.ask(venue, clientOrderId, 'CANCEL', () => this.ports.connectors[venue]?.cancel(clientOrderId));
  }

  /** Why this place must not leave; null when it may. */
  private refusal({ group }: PlaceEffect): string | null {
    if (this.halted) return 'the runtime is halted';
    if (isKilled(this.world, group)) return 'killed';
    if (this.world.venues.down.has(group.venue)) return 'venue down';
    if (isOverdue(group, this.ports.now())) return 'after the batch deadline';
    if (group.stopping || (group.role === 'LEG' && group.batch.stopping)) return 'stopped before it was sent';
    if (exceedsHolding(this.world, group, 0)) return 'exceeds the position';
    return outgrew(group) ? 'exceeds target (I5)' : null;
  }

  private place(effect: PlaceEffect): void {
    const { venue, order } = effect;
    const { clientOrderId } = order;
    const reason = this.refusal(effect);
    if (reason !== null) return this.ports.enqueue({ k: 'notSent', clientOrderId, reason });
    this.ask(venue, clientOrderId, 'PLACE', () => this.ports.connectors[venue]?.place(order));
  }

  private ask(
    venue: string,
    clientOrderId: string,
    request: 'PLACE' | 'CANCEL' | 'QUERY',
    send: () => void,
  ): void {
    try {
      send();
    } catch (error) {
      const reason = `the connector threw: ${messageOf(error)}`;
      const report: Report = { type: 'NO_ANSWER', clientOrderId, request, reason, at: this.ports.now() };
      this.ports.enqueue({ k: 'report', venue, report });
    }
  }

  /** No answer is none: the next reconciliation asks again. */
  private list(venue: string, since: number): void {
    try {
      this.ports.connectors[venue]?.massStatus?.(since);
    } catch {
      // The venue is asked again at its deadline.
    }
  }

  private benchmark({ batchId, groupId, symbol, from, to }: Extract<Effect, { type: 'BENCHMARK' }>): void {
    const interval = this.ports.interval(symbol, from, to);
    if (interval !== null) this.ports.enqueue({ k: 'benchmark', batchId, groupId, from, to, ...interval });
  }

  private post(effect: Extract<Effect, { type: 'POST' }>): void {
    const { entry, batchId } = effect;
    const failed = (error: unknown): void => {
      this.ports.enqueue({ k: 'ledgerFailed', entry, batchId, error: messageOf(error) });
    };
    try {
      const posted = this.ports.ledger?.post(entry);
      if (posted instanceof Promise) posted.catch(failed);
    } catch (error) {
      failed(error);
    }
  }
}
