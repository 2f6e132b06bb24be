/**
 * Positions by trade: the runtime's own view of what each trade holds. Facts only: fills and their commissions.
 *
 * Owns: opened and closed quantity, average prices, holding = Σ fills − commissions in that asset (decision 19).
 * Bounded: the trades least recently touched leave it beyond `max`, and come back from the journal when a command
 * names them; one that holds something behind a stop or target stays. Not a portfolio: no PnL, no risk.
 */
import { type Amount, averagePrice, type Fixed, fromFixedPoint, toFixedPoint } from '../dtos/amount.js';
import type { Position } from '../dtos/position.js';
import type { Side } from '../dtos/venue.js';

export interface PositionRow {
  readonly tradeId: string;
  readonly strategyId: string;
  readonly venue: string;
  readonly symbol: string;
  readonly base: string;
  readonly direction: Side;
  /** The first fill's time; until then when it was announced. */
  openedAt: number;
  opened: Fixed;
  openedAmount: Amount;
  closed: Fixed;
  closedAmount: Amount;
  /** Commissions taken in the base asset. */
  fees: Fixed;
  stopLoss: string | null;
  takeProfit: string | null;
  closedAt: number | null;
  closeReason: string | null;
}

export interface PositionFill {
  readonly side: Side;
  readonly fixed: Fixed;
  readonly amount: Amount;
  readonly commission?: string | undefined;
  readonly commissionAsset?: string | undefined;
  readonly at: number;
  /** −1 takes the fill back. */
  readonly sign: 1 | -1;
}

export type TradeHead = Pick<
  PositionRow,
  'tradeId' | 'strategyId' | 'venue' | 'symbol' | 'base' | 'direction'
>;

/** What the trade holds now in its own direction, base quantity at fixed point: a short owes its commissions too. */
export const holding = ({ direction, opened, closed, fees }: PositionRow): Fixed =>
  direction === 'BUY' ? opened - closed - fees : opened - closed + fees;

/** Is there anything that its stop or target protects? */
const isProtected = (row: PositionRow): boolean =>
  (row.stopLoss !== null || row.takeProfit !== null) && holding(row) > 0n;

/** How many protected trades a single touch looks past. */
const PASSED_MAX = 8;

export class PositionBook {
  private readonly rows = new Map<string, PositionRow>();
  /** Trades that left, by id only: a journal that keeps its lines can bring them back. */
  private readonly evicted = new Set<string>();

  /** `remembers`: keep the ids of what leaves, about 80 bytes each; pointless without a journal to read. */
  constructor(
    private readonly max: number,
    private readonly remembers: boolean,
  ) {}

  /** Has this trade left the book? */
  hasLeft(tradeId: string): boolean {
    return this.evicted.has(tradeId);
  }

  get(tradeId: string): PositionRow | undefined {
    return this.rows.get(tradeId);
  }

  all(): readonly PositionRow[] {
    return [...this.rows.values()];
  }

  /** The trade is known, and holds nothing yet. */
  open(trade: TradeHead, at: number): void {
    if (!this.rows.has(trade.tradeId)) this.touch(opened(trade, at));
  }

  /** Books a fill; the first one opens the trade. */
  book(trade: TradeHead, fill: PositionFill): PositionRow {
    const row = this.rows.get(trade.tradeId) ?? opened(trade, fill.at);
    const sign = BigInt(fill.sign);
    if (row.opened === 0n) row.openedAt = fill.at;
    if (fill.side === row.direction) {
      row.opened += sign * fill.fixed;
      row.openedAmount += sign * fill.amount;
    } else {
      row.closed += sign * fill.fixed;
      row.closedAmount += sign * fill.amount;
    }
    if (fill.commission !== undefined && fill.commissionAsset === row.base) {
      row.fees += sign * toFixedPoint(fill.commission);
    }
    const isClosed = holding(row) <= 0n && row.opened > 0n;
    row.closedAt = isClosed ? (row.closedAt ?? fill.at) : null;
    this.touch(row);
    return row;
  }

  private touch(row: PositionRow): void {
    this.rows.delete(row.tradeId);
    this.rows.set(row.tradeId, row);
    for (let passed = 0; this.rows.size > this.max && passed < PASSED_MAX; passed++) {
      const oldest = this.rows.values().next();
      if (oldest.done || oldest.value === row) return; // all others are protected
      this.rows.delete(oldest.value.tradeId);
      if (isProtected(oldest.value)) this.rows.set(oldest.value.tradeId, oldest.value);
      else if (this.remembers) this.evicted.add(oldest.value.tradeId);
    }
  }
}

const opened = (trade: TradeHead, at: number): PositionRow => ({
  tradeId: trade.tradeId,
  strategyId: trade.strategyId,
  venue: trade.venue,
  symbol: trade.symbol,
  base: trade.base,
  direction: trade.direction,
  openedAt: at,
  opened: 0n,
  openedAmount: 0n,
  closed: 0n,
  closedAmount: 0n,
  fees: 0n,
  stopLoss: null,
  takeProfit: null,
  closedAt: null,
  closeReason: null,
});

/** The Position DTO of a row. */
export function positionDto(row: PositionRow): Position {
  const held = holding(row);
  const exit = averagePrice(row.closedAmount, row.closed);
  const time = (at: number): Position['opened_at'] => new Date(at).toISOString() as Position['opened_at'];
  return {
    trade_id: row.tradeId,
    strategy_id: row.strategyId,
    symbol: row.symbol,
    direction: row.direction,
    entry_price: averagePrice(row.openedAmount, row.opened) ?? '0',
    position_size: fromFixedPoint(held > 0n ? held : 0n),
    opened_at: time(row.openedAt),
    ...(row.stopLoss === null ? {} : { stop_loss: row.stopLoss }),
    ...(row.takeProfit === null ? {} : { take_profit: row.takeProfit }),
    ...(row.closedAt === null ? {} : { closed_at: time(row.closedAt) }),
    ...(exit === null ? {} : { exit_price: exit }),
    ...(row.closeReason === null ? {} : { close_reason: row.closeReason }),
  };
}
