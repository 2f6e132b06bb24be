/**
 * One leg of each strategy as the benchmark works it: parameters, entry, and the wire form of both.
 *
 * Owns these parameters. `resting`: its orders are LIMITs at the benchmark's price.
 */
import { PRICE } from './workload.mjs';

const SECONDS = 600;
const CURVE = ['9', '6', '4', '3', '3', '3', '4', '5', '7', '10'];

export const LEGS = {
  SINGLE: { params: { strategy: 'SINGLE' } },
  TWAP: { params: { strategy: 'TWAP', duration_seconds: SECONDS, slices: 10 } },
  VWAP: { params: { strategy: 'VWAP', duration_seconds: SECONDS, curve: CURVE } },
  POV: {
    params: { strategy: 'POV', duration_seconds: SECONDS, participation_rate: '0.1', interval_seconds: 10 },
  },
  ICEBERG: { params: { strategy: 'ICEBERG', visible_ratio: '0.1', native: 'NEVER' }, resting: true },
  DCA: {
    params: {
      strategy: 'DCA',
      frequency: { period_seconds: 60 },
      amount: { quantity: '0.001', unit: 'BASE' },
      occurrences: 10,
    },
  },
  LAYERED: {
    params: { strategy: 'LAYERED', levels: 10, max_open: 3, price_range: { min: '61000', max: PRICE } },
    resting: true,
  },
};

const entryOf = ({ resting }) =>
  resting ? { order_type: 'LIMIT', limit_price: PRICE } : { order_type: 'MARKET' };

/** A command of the workload with this strategy in place of its own; the side of resting orders is BUY. */
export function withStrategy(command, name) {
  const leg = LEGS[name];
  const { entry_plan: entry, routing_plan: routing } = command;
  return {
    ...command,
    entry_plan: { ...entry, direction: leg.resting ? 'BUY' : entry.direction, ...entryOf(leg) },
    routing_plan: { ...routing, strategy_params: leg.params },
  };
}

/** What the planner of this strategy is given: parameters read as the runtime reads them. */
export function planned(lib, name) {
  const leg = LEGS[name];
  const params = lib.StrategyParamsSchema.parse(leg.params);
  return lib.chooseStrategy({ strategy_params: params }, { ...entryOf(leg), direction: 'BUY' }).params;
}
