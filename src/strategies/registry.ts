/**
 * The strategies by name: the built-in ones, and those that a host adds to a runtime of its own.
 *
 * Owns both lists and what a host's strategy must be to be added; a list is a value, never changed. Which strategy a
 * command gets is decided in choose.ts.
 */
import { FillwrightError } from '../dtos/errors.js';
import type { JsonObject } from '../dtos/structure.js';
import type { Strategy } from './contract.js';
import { dca } from './dca.js';
import { guarded } from './guarded.js';
import { iceberg } from './iceberg.js';
import { layered } from './layered.js';
import type { CommonParams } from './params.js';
import { pov } from './pov.js';
import { single } from './single.js';
import { twap } from './twap.js';
import { vwap } from './vwap.js';

/** A strategy whose parameters and state are its own business; a group carries both as opaque JSON. */
export type AnyStrategy = Strategy<unknown, unknown>;

/** By the name that `strategy_params.strategy` gives. */
export type Strategies = ReadonlyMap<string, Installed>;

/** `params`: of a host's strategy that takes some of its own. */
type Installed = AnyStrategy & { readonly params?: (own: JsonObject) => object };

/** What every strategy takes, the host's own too; `duration_seconds` is left to each. */
export type SharedParams = CommonParams & { readonly strategy: string; readonly duration_seconds?: number };

/** A host's strategy: the contract of the built-in ones, and how its own parameters are read. */
export interface CustomStrategy<P extends object = object, S = unknown>
  extends Omit<Strategy<SharedParams & P, S>, 'seesSlots'> {
  readonly seesSlots?: boolean | ((params: never) => boolean);
  /**
   * Its own fields of `strategy_params` (those that SINGLE does not take), as the wire has them → as the planner reads
   * them. Throws what is wrong with them: a zod error names paths, any other its message. Plain JSON in and out: the
   * journal keeps the result. Absent: it takes none.
   */
  readonly params?: (own: JsonObject) => P;
}

const NAME = /^[A-Z][A-Z0-9_]{0,39}$/;
const METHODS = ['duration', 'check', 'initial', 'decide', 'schedule'] as const;

const refused = (path: string, message: string): FillwrightError =>
  new FillwrightError('USAGE', `${path}: ${message}`, { issues: [{ path, message }] });

/**
 * A host's own strategy, for `createRuntime({ strategies })`; returns it unchanged, frozen.
 * @throws USAGE when it is none
 */
export function defineStrategy<P extends object, S>(strategy: CustomStrategy<P, S>): CustomStrategy<P, S> {
  const { name, params } = strategy;
  if (typeof name !== 'string' || !NAME.test(name)) {
    throw refused('strategy.name', 'must be upper case letters, digits and _, at most 40 of them');
  }
  for (const method of METHODS) {
    if (typeof strategy[method] !== 'function')
      throw refused(`strategy.${method}`, `of ${name} must be a function`);
  }
  if (params !== undefined && typeof params !== 'function')
    throw refused('strategy.params', `of ${name} must be a function`);
  return Object.freeze(strategy);
}

/** The built-in strategies, by their ExecutionStrategyType. */
export const STRATEGIES: Strategies = new Map<string, AnyStrategy>(
  [single, twap, vwap, pov, iceberg, dca, layered].map((strategy) => [
    strategy.name,
    Object.freeze(strategy) as AnyStrategy,
  ]),
);

/**
 * The built-in strategies and the host's own, each behind a guard (guarded.ts): what it throws or answers wrongly ends
 * its group and nothing else.
 * @throws USAGE for what is no strategy, or for a name that is taken
 */
export function installed(own: readonly CustomStrategy[] = []): Strategies {
  if (own.length === 0) return STRATEGIES;
  const all = new Map<string, Installed>(STRATEGIES);
  for (const [i, strategy] of own.entries()) {
    const { name } = defineStrategy(strategy);
    const path = `strategies[${i}].name`;
    if (STRATEGIES.has(name)) throw refused(path, `${name} is built in: choose another name`);
    if (all.has(name)) throw refused(path, `${name} is installed already`);
    const safe = guarded(strategy as unknown as AnyStrategy);
    all.set(
      name,
      strategy.params === undefined ? safe : { ...safe, params: (params) => strategy.params?.(params) ?? {} },
    );
  }
  return all;
}

/** STRATEGY_UNAVAILABLE for a name, at the path that asked for it; names those that are installed. */
export function strategyUnavailable(name: string, path: string, strategies: Strategies): FillwrightError {
  const names = [...strategies.keys()].join(', ');
  return new FillwrightError('STRATEGY_UNAVAILABLE', `strategy ${name} is not installed (${names} are)`, {
    path,
  });
}

/** The strategy of this name. Throws STRATEGY_UNAVAILABLE. */
export function strategyOf(name: string, strategies: Strategies = STRATEGIES): AnyStrategy {
  const strategy = strategies.get(name);
  if (strategy === undefined) throw strategyUnavailable(name, 'strategy', strategies);
  return strategy;
}
