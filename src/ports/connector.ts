/**
 * The connector port: what the runtime asks of a venue, and what a venue tells it.
 *
 * A connector adapts one venue (spec 4's IAPIConnector). It translates and sends; it never retries a place, never
 * decides an order's fate, and reports only what the venue said. Its callbacks may come at any time, even inside
 * `place`: the runtime only enqueues them.
 */
import type { Observable } from 'rxjs';
import type { DecimalString } from '../dtos/decimal.js';
import type { AccountReport, Instrument, PlaceOrder, Report, VenueAbilities } from '../dtos/venue.js';

/** What the venue can do. Absent = it cannot. */
export interface Capabilities extends VenueAbilities {
  /** A place older than this (ms) is surely refused by the venue; without it absence is never provable (I4). */
  readonly placeValidityMs?: number;
  readonly leverage?: boolean;
}

export interface Connector {
  readonly venue: string;
  /** The account it trades for; `routing_plan.account` must name it where given. */
  readonly account?: string;
  readonly capabilities: Capabilities;
  readonly reports$: Observable<Report>;
  instrument(symbol: string): Instrument | undefined;
  /** Free balances by asset, absent = none; null when the venue tells nothing, which no pre-check can judge. */
  balances(): Readonly<Record<string, DecimalString>> | null;
  /** Cash is not bounded: `balances` tells holdings only. */
  readonly unlimitedCash?: boolean;
  /** May the account go short this instrument's base asset? */
  readonly allowShort: boolean;
  /** Taker fee, bps of notional as a decimal string; used by the cash pre-check. */
  readonly takerFeeBps: DecimalString;
  place(order: PlaceOrder): void;
  cancel(clientOrderId: string): void;
  query(clientOrderId: string): void;
  /** Absent: the venue is asked order by order only. */
  readonly accounts$?: Observable<AccountReport>;
  /** Asks for a MASS_STATUS with executions from `since` on (epoch ms); it comes on `accounts$`, or never. */
  massStatus?(since: number): void;
  close?(): void | Promise<void>;
}
