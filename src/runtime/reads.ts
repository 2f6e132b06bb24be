/**
 * What a fold may read beside the state, gathered just before it and journaled with its input (decision 0007).
 *
 * Owns the market views of a deadline, the journal's word on orders that have left memory, and the news of a listing.
 */
import type { Input, LateOrigin, Views } from '../actors/inputs.js';
import { newsOf } from '../actors/reconcile.js';
import { groupOfOrder, isOwnId, type World } from '../actors/world.js';
import type { MarketView } from '../dtos/venue.js';
import type { Journal } from '../ports/journal.js';
import type { MarketData } from '../ports/market-data.js';
import { lateOriginFrom } from './lookup.js';

/** A report of an order that has left memory brings along what the journal knows of it. */
export function withOrigins(world: World, journal: Journal, given: Input): Input {
  if (given.k === 'report') {
    const origin = originOf(world, journal, given.report.clientOrderId);
    return origin === null ? given : { ...given, origin };
  }
  if (given.k !== 'account') return given;
  const input = newsOf(world, given);
  if (input.report.type !== 'MASS_STATUS') return input;
  const origins: Record<string, LateOrigin> = {};
  for (const { clientOrderId: id } of input.report.fills) {
    if (id in origins) continue;
    const origin = originOf(world, journal, id);
    if (origin !== null) origins[id] = origin;
  }
  return Object.keys(origins).length === 0 ? input : { ...input, origins };
}

/** Does `withOrigins` look into the journal for it? */
export function looksBack(world: World, input: Input): boolean {
  if (input.k === 'report') return hasLeft(world, input.report.clientOrderId);
  if (input.k !== 'account' || input.report.type !== 'MASS_STATUS') return false;
  return input.report.fills.some(({ clientOrderId: id }) => hasLeft(world, id));
}

// Looking through the journal costs its length: only for what may have been ours.
const hasLeft = (world: World, clientOrderId: string): boolean =>
  isOwnId(clientOrderId) && groupOfOrder(world, clientOrderId) === undefined;

function originOf(world: World, journal: Journal, clientOrderId: string): LateOrigin | null {
  return hasLeft(world, clientOrderId) ? lateOriginFrom(journal, clientOrderId) : null;
}

/** What the fold of this deadline may read of the market. */
export function viewsFor(world: World, market: MarketData, id: string): Views {
  const kind = id.slice(0, 2);
  const key = id.slice(2);
  if (kind === 'g:' || kind === 's:') {
    const group = world.groups.get(key);
    return group === undefined ? {} : { [group.symbol]: market.view(group.symbol) };
  }
  if (kind !== 'b:' || !id.endsWith(':start')) return {};
  const views: Record<string, MarketView | null> = {};
  for (const leg of world.batches.get(key.slice(0, -':start'.length))?.legs ?? []) {
    views[leg.symbol] ??= market.view(leg.symbol);
  }
  return views;
}
