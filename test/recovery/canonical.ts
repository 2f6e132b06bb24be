/** A state as comparable data: rows by their ids, machines as they stand, whatever is shared or cached left aside. */
import { EndedOrders } from '../../src/book/ended.js';
import { PositionBook } from '../../src/book/positions.js';
import { IdMinter } from '../../src/dtos/ids.js';
import type { State } from '../../src/runtime/snapshot.js';

const isRow = (value: object): value is { readonly id: string } =>
  'id' in value && ('legs' in value || 'batch' in value) && !('type' in value);

function plain(value: unknown, isTop: boolean): unknown {
  if (typeof value === 'bigint') return `${value}n`;
  if (typeof value !== 'object' || value === null) return value;
  if (isRow(value) && !isTop) return `→ ${value.id}`;
  if (Array.isArray(value)) return value.map((own) => plain(own, false));
  if (value instanceof Map) return [...value].map(([key, own]) => [key, plain(own, false)]);
  if (value instanceof Set) return [...value].map((own) => plain(own, false));
  if (value instanceof IdMinter) return value.save();
  if (value instanceof EndedOrders) return [...value.values()].map((row) => plain(row, false));
  if ('save' in value && typeof value.save === 'function') return plain(value.save(), false);
  const entries = Object.entries(value).filter(
    ([key, own]) => own !== undefined && key !== 'host' && key !== 'index',
  );
  const ordered = value instanceof PositionBook ? entries : entries.sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(ordered.map(([key, own]) => [key, plain(own, false)]));
}

/** Equal for equal states, whichever way they came about. */
export function canonical({ world, ...rest }: State): unknown {
  return {
    ...(plain(rest, false) as object),
    world: plain(world, false),
    groups: [...world.groups.values()].map((row) => plain(row, true)),
    batches: [...world.batches.values()].map((row) => plain(row, true)),
  };
}
