/** What createRuntime makes of its options: market data, machine host, the words of a kill's scope, the config's hash. */
import { createHash } from 'node:crypto';
import type { InspectionEvent } from 'xstate';
import { createActorHost, createPureHost, type Host } from '../actors/host.js';
import { toJson } from '../dtos/parse.js';
import type { Strategies } from '../strategies/index.js';
import type { MarketData } from '../ports/market-data.js';
import type { Inspect, KillScope, RuntimeOptions } from './api.js';
import type { PlatformConfig } from './config.js';

export function marketDataOf(options: RuntimeOptions): MarketData {
  if (options.marketData !== undefined) return options.marketData;
  for (const connector of Object.values(options.connectors)) {
    if ('view' in connector && typeof connector.view === 'function')
      return connector as unknown as MarketData;
  }
  return { view: () => null };
}

/** An inspector watches the fold from inside: what it throws must not poison it. */
const harmless =
  (inspect: Inspect) =>
  (event: InspectionEvent): void => {
    try {
      if (typeof inspect === 'function') inspect(event);
      else inspect.next?.(event);
    } catch {
      // An observer's failure is its own; it has the event stream to find out what it missed.
    }
  };

export const hostOf = (options: RuntimeOptions, strategies: Strategies): Host =>
  options.host === 'pure'
    ? createPureHost(strategies)
    : createActorHost(options.inspect && harmless(options.inspect), strategies);

export const scopeText = (scope: KillScope): string => {
  if (scope === 'all') return 'all';
  if ('batchId' in scope) return `batch:${scope.batchId}`;
  return 'venue' in scope ? `venue:${scope.venue}` : `symbol:${scope.symbol}`;
};

/** What tells one configuration from another, in the journal and in refusals. */
export const hashOf = (config: PlatformConfig): string =>
  createHash('sha256').update(toJson(config)).digest('hex').slice(0, 16);
