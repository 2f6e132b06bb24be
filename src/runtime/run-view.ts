/**
 * What a run shows of its batches, groups, orders and fills (DESIGN section 8, `run`): types only, in wire names.
 *
 * Folded by projection.ts. Fields and their order are the command line's contract.
 */
import type { BatchStatus, GroupStatus, OrderStatus } from '../dtos/enums.js';
import type { Reason } from '../dtos/events.js';
import type { OrderType, Side, TimeInForce } from '../dtos/venue.js';
import type { Fee } from './report/figures.js';

/** Fields as in the Fill DTO. */
export interface FillView {
  readonly fill_id: string;
  readonly parent_order_id: string;
  readonly connector_fill_id: string | null;
  readonly filled_quantity: string;
  readonly fill_price: string;
  readonly liquidity?: 'MAKER' | 'TAKER';
  readonly commission?: string;
  readonly commission_asset?: string;
  readonly executed_at: string;
}

/** The Order DTO and its fills. */
export interface OrderView {
  readonly order_id: string;
  readonly parent_group_id: string;
  readonly client_order_id: string;
  readonly connector_order_id: string | null;
  readonly symbol: string;
  readonly side: Side;
  readonly order_type: OrderType;
  readonly time_in_force: TimeInForce;
  readonly quantity: string;
  readonly price: string | null;
  readonly stop_price: string | null;
  readonly reduce_only: boolean;
  readonly post_only: boolean;
  readonly status: OrderStatus;
  readonly created_at: string;
  readonly updated_at: string;
  readonly fills: readonly FillView[];
}

/**
 * `slippage_bps`: against the arrival price; `vs_vwap_bps` and `vs_twap_bps`: against what others traded at from the
 * group's start to its end. Positive = cost, null without a benchmark or a fill. Ratios are fractions ("0.01" = 1 %).
 */
export interface GroupView {
  readonly group_id: string;
  readonly symbol: string;
  readonly side: Side;
  readonly strategy: string;
  readonly status: GroupStatus;
  readonly reason: Reason | null;
  readonly target_quantity: string | null;
  readonly filled_quantity: string;
  readonly avg_price: string | null;
  readonly arrival_price: string | null;
  readonly slippage_bps: string | null;
  readonly offsets_group_id?: string;
  /** A protective group: the trade whose stop and target it works. */
  readonly protects_trade_id?: string;
  readonly orders: readonly OrderView[];
  /** Quote per base; null until the group has settled, and where nothing traded or stood. */
  readonly interval_vwap: string | null;
  readonly interval_twap: string | null;
  readonly vs_vwap_bps: string | null;
  readonly vs_twap_bps: string | null;
  /** Own ÷ (own + others') volume in that interval. */
  readonly participation: string | null;
  /** Of the fills that stand; negative = rebates. */
  readonly fees: readonly Fee[];
  /** The maker's part of the quantity whose liquidity is known. */
  readonly maker_share: string | null;
  /** Orders that the venue refused; what our own controls held back is none. */
  readonly rejects: number;
}

export interface BatchView {
  readonly batch_id: string;
  readonly mode: string;
  readonly status: BatchStatus;
  readonly reason: Reason | null;
  /** Signed: positive = long. */
  readonly residuals: readonly {
    readonly symbol: string;
    readonly quantity: string;
    readonly reason: string;
  }[];
  readonly kept: readonly { readonly symbol: string; readonly quantity: string }[];
  readonly dust: readonly { readonly symbol: string; readonly quantity: string }[];
  readonly groups: readonly GroupView[];
  /** Protective groups of trades that this batch opened; absent when there are none. */
  readonly protections?: readonly GroupView[];
}

/** How far one leg is; times are epoch ms. Cheap to read often, unlike the whole view. */
export interface LegProgress {
  readonly batchId: string;
  readonly groupId: string;
  readonly symbol: string;
  readonly side: Side;
  readonly strategy: string;
  readonly status: GroupStatus;
  readonly target: string | null;
  readonly filled: string;
  readonly slippageBps: string | null;
  readonly orders: number;
  readonly startedAt: number | null;
  readonly endsAt: number | null;
  readonly unwind: boolean;
}
