/** The same schedule, ten slices of 100 lots in ten minutes, by each strategy that has one. */
import { type TwapParamsInput, VwapParamsSchema } from '../../src/dtos/strategy-params.js';
import { twap } from '../../src/strategies/twap.js';
import { vwap } from '../../src/strategies/vwap.js';
import { contextOf, Planner, twapParams } from './support.js';

export type CommonParamsInput = Omit<Partial<TwapParamsInput>, 'strategy' | 'slices' | 'interval_seconds'>;

const curve = Array(10).fill('1');

export const planners = [
  ['TWAP', (params: CommonParamsInput) => new Planner(twap, contextOf(twapParams(params)))],
  [
    'VWAP',
    (params: CommonParamsInput) =>
      new Planner(
        vwap,
        contextOf(VwapParamsSchema.parse({ duration_seconds: 600, ...params, strategy: 'VWAP', curve })),
      ),
  ],
] as const;
