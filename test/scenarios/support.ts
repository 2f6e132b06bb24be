/**
 * Scenarios for tests: built as objects, written to a temporary folder, run through the library, told in short rows.
 *
 * Owns the shapes that every scenario here shares, and the loud skip where a recording is absent.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from '@jest/globals';
import {
  type BatchView,
  createMemoryJournal,
  type GroupView,
  loadScenario,
  runScenario,
  type SimulationOptions,
  type SimulationResult,
} from '../../src/index.js';
import { dataPath } from '../support/data.js';

/** The recordings below the data folder, and `test`: skipped, and said so, where one of them is absent. */
export function recording(names: readonly string[]): { testOn: typeof test.skip; files: string[] } {
  const missing = names.filter((name) => dataPath(name) === null);
  if (missing.length > 0) console.warn(`SKIPPED: recordings are absent: ${missing.join(', ')}`);
  const files = names.flatMap((name) => dataPath(name) ?? []);
  return { testOn: missing.length === 0 ? test : test.skip, files };
}

/** The Binance recording of one day's part, or of both. */
export function binance(days: readonly ('20240808' | '20240809')[]) {
  const { testOn, files } = recording(
    ['btcusdt', 'ethusdt'].flatMap((key) => days.map((day) => `binance-spot/${key}_${day}.gz`)),
  );
  const symbols = { btcusdt: 'BTC/USDT', ethusdt: 'ETH/USDT' };
  const market = { source: 'recorded', format: 'binance-stream', files, symbols };
  const of = (key: string): string[] => files.filter((file) => file.includes(key));
  return { testOn, market, btc: of('btcusdt'), eth: of('ethusdt') };
}

export const INSTRUMENTS = {
  'BTC/USDT': { tick_size: '0.01', lot_size: '0.00001', min_notional: '5' },
  'ETH/USDT': { tick_size: '0.01', lot_size: '0.0001', min_notional: '5' },
};
export const FEES = { maker: '1', taker: '4' };

export interface Leg {
  /** Distinct within a scenario: ids derive from it. */
  readonly n: number;
  readonly symbol: string;
  readonly side: 'BUY' | 'SELL';
  readonly size: string;
  /** A LIMIT order at this price; without it MARKET. */
  readonly limit?: string;
  readonly params?: object;
  readonly routing?: object;
}

const STAMP = '20250106_090000_';
const stamp = (n: number): string => `${STAMP}${n.toString(16).padStart(8, '0')}`;
const causality = (n: number) => ({ origin: { id: `tick-${n}`, type: 'TICK' } });
export const planId = (n: number): string => `TPL_${stamp(n)}`;

const routingPlan = (n: number, params: object | undefined, more: object | undefined) => ({
  plan_id: `ROU_${stamp(n)}`,
  execution_urgency: '0.7',
  visibility_preference: '0.5',
  max_slippage_pct: '0.005',
  ...(params === undefined ? {} : { strategy_params: params }),
  ...more,
});

/** A NEW_TRADE command. */
export const opening = ({ n, symbol, side, size, limit, params, routing }: Leg) => ({
  command_id: `EXE_${stamp(n)}`,
  causality: causality(n),
  scope: 'NEW_TRADE',
  plan_id: planId(n),
  entry_plan: {
    plan_id: `ENT_${stamp(n)}`,
    symbol,
    direction: side,
    order_type: limit === undefined ? 'MARKET' : 'LIMIT',
    ...(limit === undefined ? {} : { limit_price: limit }),
  },
  size_plan: { plan_id: `SIZ_${stamp(n)}`, position_size: size },
  routing_plan: routingPlan(n, params, routing),
});

/** A MODIFY_EXISTING command: trade `of` becomes `size` in total. */
export const resizing = (n: number, of: number, size: string) => ({
  command_id: `EXE_${stamp(n)}`,
  causality: causality(n),
  scope: 'MODIFY_EXISTING',
  target_plan_id: planId(of),
  size_plan: { plan_id: `SIZ_${stamp(n)}`, position_size: size },
  routing_plan: routingPlan(n, undefined, undefined),
});

export interface Entry {
  readonly n: number;
  readonly at?: string;
  readonly scope?: 'NEW_TRADE' | 'MODIFY_EXISTING' | 'CLOSE_EXISTING';
  readonly policy?: object;
  /** Trades to modify or close, by the `n` of the leg that opened them. */
  readonly trades?: readonly number[];
  readonly commands?: readonly object[];
}

/** One directive of a scenario with its commands. */
export const entry = ({ n, at, scope = 'NEW_TRADE', policy, trades, commands }: Entry) => ({
  ...(at === undefined ? {} : { at }),
  directive: {
    directive_id: `STR_${stamp(n)}`,
    strategy_planner_id: 'scenario-tests',
    decision_timestamp: '2025-01-06T09:00:00Z',
    causality: causality(n),
    scope,
    confidence: '0.8',
    ...(policy === undefined ? {} : { execution_policy: policy }),
    ...(trades === undefined ? {} : { target_plan_ids: trades.map(planId) }),
  },
  ...(commands === undefined ? {} : { commands }),
});

let folder: string | null = null;
let files = 0;

/** Writes a scenario file (JSON is YAML) to a folder that `cleanUp` removes. */
export function writeScenario(content: object): string {
  folder ??= mkdtempSync(join(tmpdir(), 'fillwright-scenario-'));
  files += 1;
  const path = join(folder, `scenario-${files}.yaml`);
  writeFileSync(path, JSON.stringify(content));
  return path;
}

/** A path in the temporary folder where nothing is yet. */
export const freshPath = (name: string): string => join(writeScenario({}), '..', `${++files}-${name}`);

export function cleanUp(): void {
  if (folder !== null) rmSync(folder, { recursive: true, force: true });
  folder = null;
}

export interface Played {
  readonly batches: readonly BatchView[];
  /** The journal's lines. */
  readonly lines: readonly string[];
  readonly result: SimulationResult;
}

/** Runs a scenario through `loadScenario` and `runScenario`. */
export async function play(content: object, options: SimulationOptions = {}): Promise<Played> {
  const journal = createMemoryJournal();
  const scenario = loadScenario(writeScenario(content));
  const result = await runScenario(scenario, { journal, ...options });
  return { batches: result.projection.batches(), lines: [...(journal.lines() ?? [])], result };
}

/** `BTC/USDT BUY SINGLE COMPLETED 0.5/0.5 @61831.995 target_reached`, an unwind's row with `unwind ` in front, a protection's with `protect `. */
export function row(group: GroupView): string {
  const { symbol, side, strategy, status, filled_quantity, target_quantity, avg_price, reason } = group;
  const unwind = group.offsets_group_id === undefined ? '' : 'unwind ';
  const protect = group.protects_trade_id === undefined ? '' : 'protect ';
  const price = avg_price === null ? '' : ` @${avg_price}`;
  return `${unwind}${protect}${symbol} ${side} ${strategy} ${status} ${filled_quantity}/${target_quantity}${price} ${reason}`;
}

export interface Brief {
  readonly end: string;
  readonly legs: readonly string[];
  /** Residuals, kept and dust: `residual -1.5 ETH/USDT (timeout)`. */
  readonly left: readonly string[];
}

/** What a batch came to, in words and exact figures. */
export function brief(batch: BatchView | undefined): Brief {
  if (batch === undefined) return { end: 'no batch', legs: [], left: [] };
  return {
    end: `${batch.mode} ${batch.status} ${batch.reason}`,
    legs: [...batch.groups, ...(batch.protections ?? [])].map(row),
    left: [
      ...batch.residuals.map(({ symbol, quantity, reason }) => `residual ${quantity} ${symbol} (${reason})`),
      ...batch.kept.map(({ symbol, quantity }) => `kept ${quantity} ${symbol}`),
      ...batch.dust.map(({ symbol, quantity }) => `dust ${quantity} ${symbol}`),
    ],
  };
}

/** `0.5@61831.995 TAKER` per fill of a group, in order. */
export const fillsOf = (group: GroupView | undefined): string[] =>
  (group?.orders ?? []).flatMap((order) =>
    order.fills.map((fill) => `${fill.filled_quantity}@${fill.fill_price} ${fill.liquidity}`),
  );
