/**
 * Copies of a running world, so that an exploration can go on from one state in several ways.
 *
 * Owns the deep copy: identity within one copy is kept, classes keep their prototypes. What is immutable by contract
 * (specifications, orders' states, snapshots of the machines) is shared by the name of its field.
 */

/** Fields whose value nobody ever changes in place: a change puts another value there. */
const SHARED = new Set([
  'host',
  'rules',
  'setup',
  'directive',
  'command',
  'facts',
  'instrument',
  'spec',
  'wire',
  'order',
  'event',
  'state',
  'snapshot',
  'machine',
  'scope',
]);

// Jest runs a test in a context of its own, where looking a global up costs a microsecond.
const { assign, create, getPrototypeOf } = Object;
const { isArray } = Array;
const List = Map;
const Collection = Set;
const Failure = Error;
const PLAIN = getPrototypeOf({}) as object;

type Seen = Map<object, object>;

function copyOfMap(value: Map<unknown, unknown>, seen: Seen): object {
  const map = new List<unknown, unknown>();
  seen.set(value, map);
  for (const [key, item] of value) map.set(key, deep(item, seen));
  return map;
}

function copyOfSet(value: Set<unknown>, seen: Seen): object {
  const set = new Collection<unknown>();
  seen.set(value, set);
  for (const item of value) set.add(deep(item, seen));
  return set;
}

function copyOfArray(value: readonly unknown[], seen: Seen): object {
  const list: unknown[] = [];
  seen.set(value, list);
  for (const item of value) list.push(deep(item, seen));
  return list;
}

function copyOf(value: object, seen: Seen): object {
  const known = seen.get(value);
  if (known !== undefined) return known;
  if (isArray(value)) return copyOfArray(value, seen);
  if (value instanceof List) return copyOfMap(value, seen);
  if (value instanceof Collection) return copyOfSet(value, seen);
  const prototype = getPrototypeOf(value) as object;
  const copy = (prototype === PLAIN ? { ...value } : assign(create(prototype), value)) as Record<
    string,
    unknown
  >;
  seen.set(value, copy);
  for (const key in copy) {
    const item = copy[key];
    if (typeof item === 'object' && item !== null && !SHARED.has(key)) copy[key] = deep(item, seen);
  }
  return copy;
}

const deep = (value: unknown, seen: Seen): unknown =>
  typeof value !== 'object' || value === null || value instanceof Failure ? value : copyOf(value, seen);

/** A copy that shares nothing with the original that a fold would change. */
export const cloneOf = <T extends object>(value: T): T => copyOf(value, new List()) as T;
