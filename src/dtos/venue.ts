/**
 * The plain shapes that pass between the runtime and a venue: instrument, order, report, market view.
 *
 * Ground, so that strategies, machines and the book may speak them. The port that carries them is
 * ports/connector.ts.
 */
import type { DecimalString } from './decimal.js';

export type Side = 'BUY' | 'SELL';
export type OrderType = 'MARKET' | 'LIMIT' | 'STOP_LIMIT';
export type TimeInForce = 'GTC' | 'IOC' | 'FOK' | 'DAY';

/** A venue's listing. Sizes are decimal strings; `minNotional` is quote quantity, "0" for none. */
export interface Instrument {
  readonly symbol: string;
  readonly tickSize: DecimalString;
  readonly lotSize: DecimalString;
  readonly minNotional: DecimalString;
  /** Asset codes; for `BTC/USDT` BTC and USDT, for a plain ticker the ticker and `USD`. */
  readonly base: string;
  readonly quote: string;
}

/** One order as it goes out. Quantities are base quantity. MARKET never reaches a venue (decision 18). */
export interface PlaceOrder {
  readonly clientOrderId: string;
  readonly symbol: string;
  readonly side: Side;
  readonly orderType: OrderType;
  readonly timeInForce: TimeInForce;
  readonly quantity: DecimalString;
  readonly price: DecimalString | null;
  readonly stopPrice: DecimalString | null;
  readonly postOnly: boolean;
  readonly reduceOnly: boolean;
  /** FIX 1138 DisplayQty, base quantity; only for a venue with the ability. */
  readonly displayQuantity?: DecimalString;
}

interface ReportBase {
  readonly clientOrderId: string;
  /** The venue's time of the event, epoch ms UTC. */
  readonly at: number;
  readonly connectorOrderId?: string;
}

/** What a venue says of one order. FIX ExecType names; quantities base, prices quote, decimal strings. */
export type Report =
  | (ReportBase & { readonly type: 'NEW' })
  | (ReportBase & {
      readonly type: 'TRADE';
      /** The venue's execution id: the key by which a fill counts once. */
      readonly execId: string;
      readonly quantity: DecimalString;
      readonly price: DecimalString;
      readonly liquidity?: 'MAKER' | 'TAKER';
      readonly commission?: DecimalString;
      readonly commissionAsset?: string;
    })
  /** A bust. `price`: of the execution taken back; absent, the order's average is taken. */
  | (ReportBase & {
      readonly type: 'TRADE_CANCEL';
      readonly execId: string;
      readonly execRefId: string;
      readonly price?: DecimalString;
    })
  | (ReportBase & {
      readonly type: 'TRADE_CORRECT';
      readonly execId: string;
      readonly execRefId: string;
      readonly quantity: DecimalString;
      readonly price: DecimalString;
    })
  /**
   * `cumQty` (FIX 14): what the order has filled in all, by the venue's count; nearly every venue says it. Where it is
   * more than the executions that came, the venue is asked before the order counts as ended.
   */
  | (ReportBase & {
      readonly type: 'CANCELED' | 'EXPIRED' | 'DONE_FOR_DAY' | 'STOPPED';
      readonly reason?: string;
      readonly cumQty?: DecimalString;
    })
  /** `retryable`: the venue refused for a passing cause (rate, overload) and surely holds no such order. */
  | (ReportBase & { readonly type: 'REJECTED'; readonly reason: string; readonly retryable?: boolean })
  /** `reason`: `too late` and `unknown order` are understood (FIX 102); anything else is text. */
  | (ReportBase & { readonly type: 'CANCEL_REJECTED'; readonly reason: string })
  /** The answer to `query`: the order exists. `cumQty` and `avgPx` are the venue's totals. */
  | (ReportBase & {
      readonly type: 'STATUS';
      readonly status: 'NEW' | 'PARTIALLY_FILLED' | 'FILLED' | 'CANCELED' | 'REJECTED' | 'EXPIRED';
      readonly cumQty: DecimalString;
      readonly avgPx: DecimalString | null;
    })
  /** The answer to `query`: the venue knows no such order now. Not by itself a proof of absence (I4). */
  | (ReportBase & { readonly type: 'NOT_FOUND' })
  /** A request was sent and no usable answer came: the order's fate is not established. */
  | (ReportBase & {
      readonly type: 'NO_ANSWER';
      readonly request: 'PLACE' | 'CANCEL' | 'QUERY';
      readonly reason: string;
    });

/** An open order as a venue lists it. An id of its own kind only: the order was not placed by us, or long ago. */
export interface OpenOrder {
  readonly clientOrderId: string | null;
  readonly connectorOrderId: string;
  readonly symbol: string;
  readonly side: Side;
  readonly quantity: DecimalString;
  readonly cumQty: DecimalString;
  readonly avgPx: DecimalString | null;
}

/** What a venue says of the account as a whole, not of one order. */
export type AccountReport =
  /**
   * The answer to `massStatus` (FIX OrderMassStatusRequest and TradeCaptureReportRequest in one): every open order, and
   * every execution at or after `since`. True at `at`; by the time it is read it may be old, so it is no proof of absence (I4).
   */
  | {
      readonly type: 'MASS_STATUS';
      readonly at: number;
      readonly since: number;
      readonly orders: readonly OpenOrder[];
      /** Null `clientOrderId` cannot occur: an execution without one carries the empty string. */
      readonly fills: readonly Extract<Report, { type: 'TRADE' }>[];
      /** Holdings by asset, free and locked together; null: the venue tells none. */
      readonly balances: Readonly<Record<string, DecimalString>> | null;
    }
  /** DOWN: nothing arrives and nothing opens until UP, which begins with a reconciliation. */
  | {
      readonly type: 'CONNECTION';
      readonly at: number;
      readonly state: 'UP' | 'DOWN';
      readonly reason?: string;
    };

/** Best quote and last trade. A side is null while it is unknown; `at` is the time of the newest part, epoch ms. */
export interface MarketView {
  readonly bid: DecimalString | null;
  readonly ask: DecimalString | null;
  readonly last: DecimalString | null;
  readonly at: number;
  /**
   * Base quantity that others have traded since the source began; it only grows. Absent: the source counts none. An
   * adapter whose tape holds our own executions takes them out, and counts no trade twice after a reconnect.
   */
  readonly volume?: DecimalString;
}

/** What a venue does by itself, of all that a strategy or the protection can use. Absent = it does not. */
export interface VenueAbilities {
  /** STOP_LIMIT orders that wait at the venue. */
  readonly stopOrders?: boolean;
  /** `displayQuantity` (FIX 1138): the rest of an order stays hidden. */
  readonly iceberg?: boolean;
}
