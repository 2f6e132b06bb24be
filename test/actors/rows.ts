/** The rows that the send gate and its second check read, made by hand, and no more of them than that. */
import type { Fold, Step } from '../../src/actors/fold.js';
import type { BatchRow, GroupRow, World } from '../../src/actors/world.js';
import { createGroupBook, type OrderRow, reserve } from '../../src/book/book.js';
import type { PlaceOrder } from '../../src/dtos/venue.js';

export const NOW = 1_000_000;
export const TARGET = 10;
export const ACK_TIMEOUT = 30_000;
export const UNKNOWN_HOLD = 5_000;

export interface Setting {
  readonly kills?: readonly string[];
  readonly down?: readonly string[];
  readonly role?: GroupRow['role'];
  readonly mode?: string;
  readonly stopping?: boolean;
  readonly batchStopping?: boolean;
  readonly timeoutAt?: number | null;
  readonly target?: number | null;
  /** As the target, unless it was amended. */
  readonly cap?: number;
  readonly filled?: number;
  /** Lots at the venue, and lots of unknown fate, beside what a test places. */
  readonly leaves?: number;
  readonly unknown?: number;
  /** Lots that the trade holds. */
  readonly held?: number;
  readonly unknownSince?: number | null;
  readonly ownUnknown?: number;
  /** `execution_policy`; null: none. */
  readonly policy?: object | null;
  readonly siblingFilled?: number;
  readonly siblingTarget?: number | null;
  readonly closes?: boolean;
}

/** A group of a batch of two, and the world around it. */
export function rowsOf(setting: Setting = {}) {
  const book = createGroupBook('1');
  const { filled = 0, leaves = 0, unknown = 0, target = TARGET, siblingTarget = TARGET } = setting;
  Object.assign(book, { filled, leaves, unknown });
  const { policy = {} } = setting;
  const sibling = { target: siblingTarget, book: { filled: setting.siblingFilled ?? 0 } };
  const batch = {
    ...{ id: 'BAT_1', mode: setting.mode ?? 'INDEPENDENT', directive: {} },
    ...(policy === null ? {} : { directive: { execution_policy: policy } }),
    ...{ stopping: setting.batchStopping ?? false, timeoutAt: setting.timeoutAt ?? null },
    ...{ unknownSince: setting.unknownSince ?? null, unknownOrders: 1, legs: [] as unknown[] },
    imbalancedSince: null,
  };
  const group = {
    ...{ id: 'EXG_1', key: 'key0key0key0', batch, book, target, cap: setting.cap ?? target ?? 0 },
    ...{ role: setting.role ?? 'LEG', stopping: setting.stopping ?? false, closes: setting.closes ?? false },
    ...{ venue: 'SIM', symbol: 'BTC/USDT', side: 'BUY', tradeId: 'TPL_1', orderIds: [] as string[] },
    ...{ unknownOrders: setting.ownUnknown ?? 0, hold: null },
  };
  batch.legs.push(group, sibling);
  const world = {
    ...{ kills: new Set(setting.kills), venues: { down: new Map(setting.down?.map((v) => [v, 'DOWN'])) } },
    ...{ rules: { unknownHoldMs: UNKNOWN_HOLD, ackTimeoutMs: ACK_TIMEOUT }, seq: 0, gen: 0 },
    ...{ minter: { mint: (prefix: string) => `${prefix}_1` }, reserved: new Map<string, string>() },
    positions: {
      get: () => ({ direction: 'SELL', opened: BigInt(setting.held ?? 0) * book.lot, closed: 0n, fees: 0n }),
    },
  };
  return {
    world: world as unknown as World,
    batch: batch as unknown as BatchRow,
    group: group as unknown as GroupRow,
  };
}

/** An order of the group that counts as open from here on. */
export function orderOf(group: GroupRow, phase: 'WAITING' | 'SENT' = 'SENT'): OrderRow {
  const clientOrderId = `${group.key}000000`;
  const wire: PlaceOrder = {
    ...{ clientOrderId, symbol: group.symbol, side: group.side, orderType: 'LIMIT', timeInForce: 'GTC' },
    ...{ quantity: '4', price: '100', stopPrice: null, postOnly: false, reduceOnly: false },
  };
  const head = { clientOrderId, orderId: 'ORD_1', slot: 0, attempt: 0 };
  return reserve(group.book, { ...head, wire, quantity: 4, createdAt: NOW }, phase);
}

/** What this fold has still to tell machines, taken off it. */
export function toldBy(fold: Fold): unknown[] {
  const steps: Step[] = [];
  fold.quiesce((step) => steps.push(step));
  return steps.map((step) => ('notice' in step ? [step.to, step.notice] : [step.to]));
}
