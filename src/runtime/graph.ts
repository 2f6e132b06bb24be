/**
 * A graph of plain data as text, and back: shared objects stay shared, circles stay circles.
 *
 * Owns the form: a table of objects, each with its primitives in place and its references by number. Maps, sets,
 * bigints and infinities are kept; of classes those that the caller names. Knows nothing of what the data means.
 */
import { invariant } from '../dtos/errors.js';

type Value =
  | string
  | number
  | boolean
  | null
  | readonly [number]
  | { readonly n: string }
  | { readonly i: 0 | 1 | -1 };
type Entry =
  | { readonly o: Record<string, Value>; readonly c?: string }
  | { readonly a: Value[] }
  | { readonly m: [Value, Value][] }
  | { readonly s: Value[] };

/** Classes by name: their instances are kept as their own fields. */
export type Classes = Readonly<Record<string, { readonly prototype: object }>>;

/** @param hide objects that are not kept, in whose place stands what it gives for them */
export function encodeGraph(
  root: object,
  classes: Classes,
  hide: (value: object) => unknown = () => undefined,
): string {
  const numbers = new Map<object, number>();
  const queue: object[] = [];
  const names = new Map<object, string>(
    Object.entries(classes).map(([name, { prototype }]) => [prototype, name]),
  );
  const plain = (value: unknown): Value => {
    if (typeof value === 'bigint') return { n: String(value) };
    if (typeof value === 'number' && !Number.isFinite(value)) return finiteless(value);
    if (typeof value !== 'object' || value === null) {
      invariant(typeof value !== 'function' && typeof value !== 'symbol', 'a state is plain data');
      return value as Value;
    }
    const shown = hide(value);
    if (shown !== undefined) return plain(shown);
    const known = numbers.get(value) ?? numbers.size;
    if (known === numbers.size) {
      numbers.set(value, known);
      queue.push(value);
    }
    return [known];
  };
  plain(root);
  const lines: string[] = [];
  // The queue grows while it is worked off: no recursion, however long the chain.
  for (let at = 0; at < queue.length; at++) lines.push(JSON.stringify(entryOf(queue[at]!, plain, names)));
  return `[${lines.join(',\n')}]`;
}

/** What JSON has no word for: by its sign, 0 for no number at all. */
const finiteless = (value: number): Value => ({ i: Number.isNaN(value) ? 0 : value > 0 ? 1 : -1 });

function entryOf(value: object, plain: (value: unknown) => Value, names: ReadonlyMap<object, string>): Entry {
  if (Array.isArray(value)) return { a: value.map(plain) };
  if (value instanceof Map) return { m: [...value].map(([key, own]) => [plain(key), plain(own)]) };
  if (value instanceof Set) return { s: [...value].map(plain) };
  const o = Object.create(null) as Record<string, Value>; // so that no key means more than itself
  for (const [key, own] of Object.entries(value)) if (own !== undefined) o[key] = plain(own);
  const prototype = Object.getPrototypeOf(value) as object | null;
  if (prototype === Object.prototype || prototype === null) return { o };
  const c = names.get(prototype);
  invariant(c !== undefined, `a state holds no ${prototype.constructor.name}`);
  return { o, c };
}

/** @throws SyntaxError or TypeError for what is no such text */
export function decodeGraph(text: string, classes: Classes): unknown {
  const entries = JSON.parse(text) as readonly Entry[];
  const made = entries.map((entry) => shellOf(entry, classes));
  const live = (value: Value): unknown => {
    if (typeof value !== 'object' || value === null) return value;
    if ('n' in value) return BigInt(value.n);
    if ('i' in value) return value.i * Number.POSITIVE_INFINITY;
    return made[value[0]];
  };
  for (const [i, entry] of entries.entries()) fill(made[i]!, entry, live);
  return made[0];
}

function shellOf(entry: Entry, classes: Classes): object {
  if ('a' in entry) return [];
  if ('m' in entry) return new Map();
  if ('s' in entry) return new Set();
  return entry.c === undefined ? {} : (Object.create(classes[entry.c]!.prototype) as object);
}

function fill(made: object, entry: Entry, live: (value: Value) => unknown): void {
  if ('a' in entry) for (const own of entry.a) (made as unknown[]).push(live(own));
  else if ('m' in entry)
    for (const [key, own] of entry.m) (made as Map<unknown, unknown>).set(live(key), live(own));
  else if ('s' in entry) for (const own of entry.s) (made as Set<unknown>).add(live(own));
  else for (const [key, own] of Object.entries(entry.o)) put(made as Record<string, unknown>, key, live(own));
}

/** `__proto__` is a key like any other here. */
function put(made: Record<string, unknown>, key: string, value: unknown): void {
  if (key !== '__proto__') made[key] = value;
  else Object.defineProperty(made, key, { value, enumerable: true, configurable: true, writable: true });
}
