/**
 * The installed strategies by name. Owns the list; which one a command gets is decided in choose.ts.
 */
import { FillwrightError } from '../dtos/errors.js';
import type { Strategy } from './contract.js';
import { dca } from './dca.js';
import { iceberg } from './iceberg.js';
import { layered } from './layered.js';
import { pov } from './pov.js';
import { single } from './single.js';
import { twap } from './twap.js';
import { vwap } from './vwap.js';

/** A strategy whose parameters and state are its own business; a group carries both as opaque JSON. */
export type AnyStrategy = Strategy<unknown, unknown>;

/** Checks a host's strategy against the contract where it is written; returns it unchanged, frozen. */
export const defineStrategy = <P, S>(strategy: Strategy<P, S>): Strategy<P, S> => Object.freeze(strategy);

/** Every installed strategy, by its ExecutionStrategyType. */
export const STRATEGIES: ReadonlyMap<string, AnyStrategy> = new Map<string, AnyStrategy>(
  [single, twap, vwap, pov, iceberg, dca, layered].map((strategy) => [
    strategy.name,
    Object.freeze(strategy) as AnyStrategy,
  ]),
);

/** STRATEGY_UNAVAILABLE for a name, at the path that asked for it; names those that are installed. */
export function strategyUnavailable(name: string, path: string): FillwrightError {
  const installed = [...STRATEGIES.keys()].join(', ');
  return new FillwrightError('STRATEGY_UNAVAILABLE', `strategy ${name} is not installed (${installed} are)`, {
    path,
  });
}

/** The strategy of this name. Throws STRATEGY_UNAVAILABLE. */
export function strategyOf(name: string): AnyStrategy {
  const strategy = STRATEGIES.get(name);
  if (strategy === undefined) throw strategyUnavailable(name, 'strategy');
  return strategy;
}
