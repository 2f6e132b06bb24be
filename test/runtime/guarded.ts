/** A rig at a venue with a price, for protection: what rests there, and what happened to the protective groups. */
import { SimulatedClock } from '../../src/clock/simulated-clock.js';
import type { ScriptedOptions } from '../support/scripted-connector.js';
import { PositionVenue } from '../support/position-venue.js';
import { BTC, Rig, type RigOptions, T0 } from './rig.js';

export interface GuardedOptions extends RigOptions {
  readonly isNative?: boolean;
  /** In the base asset, for each lot (0.1) bought. */
  readonly commission?: string;
}

export class Guarded {
  private constructor(
    readonly rig: Rig,
    readonly venue: PositionVenue,
  ) {}

  static async open({ isNative = true, commission, venue: scripted, ...options }: GuardedOptions = {}) {
    const clock = new SimulatedClock(T0);
    const settings: ScriptedOptions = { ...scripted, clock, stopOrders: isNative };
    const venue = new PositionVenue(settings, commission ?? null);
    return new Guarded(await Rig.open(options, { clock, venue }), venue);
  }

  /** Orders that rest at the venue, oldest first: `SELL 0.3 stop 90 @89.1`, `SELL 0.3 @110`. */
  resting(): string[] {
    return [...this.venue.orders.values()].flatMap(({ order, quantity, cum, isOpen }) => {
      const stop = order.stopPrice === null ? '' : ` stop ${order.stopPrice}`;
      return isOpen ? [`${order.side} ${(quantity - cum) / 10}${stop} @${order.price}`] : [];
    });
  }

  /** The k-th open order's id, the newest with -1. */
  open(k = -1): string {
    const ids = [...this.venue.orders].filter(([, { isOpen }]) => isOpen).map(([id]) => id);
    const id = ids.at(k);
    if (id === undefined) throw new Error(`there is no open order ${k}`);
    return id;
  }

  /** The price moves; the runtime looks at it within two seconds. */
  async price(price: number, symbol = BTC): Promise<void> {
    this.venue.move(symbol, price);
    await this.rig.pass(2_000);
  }

  async fill(lots: number, k = 0): Promise<void> {
    this.venue.fillPart(this.open(k), lots);
    await this.rig.pass(0);
  }

  async flush(): Promise<void> {
    this.venue.flush();
    await this.rig.settle();
  }

  /** Protective groups, oldest first: `ACTIVE`, `PARTIAL stopped...`: status, and reason once settled. */
  protections(): string[] {
    const ids = this.ids();
    return ids.map((id) => {
      const end = this.rig.events('GROUP_SETTLED').find(({ groupId }) => groupId === id);
      return end === undefined ? 'LIVE' : `${end.status} ${end.reason} ${end.filledQuantity}`;
    });
  }

  ids(): string[] {
    return this.rig.events('GROUP_CREATED').flatMap(({ groupId, protectsTradeId }) => {
      return protectsTradeId === undefined || groupId === undefined ? [] : [groupId];
    });
  }

  /** Target, and the last working cap of the k-th protection. */
  cover(k = -1): { readonly target: string | null; readonly cap: string | null } {
    const id = this.ids().at(k);
    const created = this.rig.events('GROUP_CREATED').find(({ groupId }) => groupId === id);
    const amended = this.rig.events('GROUP_AMENDED').filter(({ groupId }) => groupId === id);
    return { target: created?.targetQuantity ?? null, cap: amended.at(-1)?.workingCap ?? null };
  }

  /** What each trade holds, those that hold nothing left out. */
  held(): Record<string, string> {
    return Object.fromEntries(
      Object.entries(this.rig.positions()).filter(([, quantity]) => quantity !== '0'),
    );
  }

  /** UNPROTECTED alerts. */
  alerts(): string[] {
    return this.rig.alerts.flatMap(({ code, message }) => (code === 'UNPROTECTED' ? [message] : []));
  }
}
