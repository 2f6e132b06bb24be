/**
 * How DTOs are put together: strict objects whose empty fields vanish, bounded lists, bounded free JSON.
 *
 * Owns structure, not fields (primitives.ts) and not the meaning of a DTO.
 */
import { z } from 'zod';
import { unicodeProblem } from './primitives.js';

/** T with its nullable optional fields either present with a value or absent, read-only. */
export type Tidy<T> = {
  readonly [K in keyof T as undefined extends T[K] ? never : K]: T[K];
} & {
  readonly [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], null | undefined>;
} extends infer Flat
  ? { [K in keyof Flat]: Flat[K] }
  : never;

/** A cross-field rule: pushes issues. Runs only when every field by itself is valid. */
export type Rule<T> = (value: T, issue: (path: readonly PropertyKey[], message: string) => void) => void;

/** A nullable optional field; null and undefined leave no trace in the parsed DTO. */
export const optional = <T extends z.ZodType>(schema: T): z.ZodOptional<z.ZodNullable<T>> => schema.nullish();

/** A strict object with cross-field rules; null and undefined fields are dropped. */
export function dto<S extends z.ZodRawShape>(title: string, shape: S, rule?: Rule<z.output<z.ZodObject<S>>>) {
  const object = z.strictObject(shape) as unknown as z.ZodObject<S>;
  const checked = rule === undefined ? object : object.check(withRule(rule));
  return checked
    .transform((value) => withoutEmpty(value as object) as Tidy<z.output<z.ZodObject<S>>>)
    .meta({ title });
}

/** A rule as a zod check. */
export function withRule<T>(rule: Rule<T>): (payload: z.core.ParsePayload<T>) => void {
  return (payload) => {
    rule(payload.value, (path, message) => {
      payload.issues.push({ code: 'custom', message, path: [...path], input: payload.value });
    });
  };
}

function withoutEmpty(value: object): object {
  const fields = value as Readonly<Record<string, unknown>>;
  for (const key in fields) {
    if (fields[key] == null)
      return Object.fromEntries(Object.entries(fields).filter(([, field]) => field != null));
  }
  return value;
}

interface ListBounds<T> {
  readonly min?: number;
  readonly max: number;
  readonly rule?: Rule<readonly T[]>;
}

/** A list whose length is checked before any element is parsed: 100,000 bad elements cost nothing. */
export function list<T extends z.ZodType>(element: T, { min = 0, max, rule }: ListBounds<z.output<T>>) {
  const array = z.array(element);
  const checked = rule === undefined ? array : array.check(withRule(rule));
  const gated = z.preprocess((value, context) => {
    const message = Array.isArray(value) ? lengthProblem(value.length, min, max) : null;
    if (message !== null) context.issues.push({ code: 'custom', message, input: value });
    return value;
  }, checked);
  return gated as unknown as z.ZodType<readonly z.output<T>[], readonly z.input<T>[]>;
}

/** What is wrong with a list's length, or null. */
export function lengthProblem(length: number, min: number, max: number): string | null {
  if (length < min) return min === 1 ? 'must not be empty' : `must have at least ${min} elements`;
  return length > max ? `must have at most ${max} elements, not ${length}` : null;
}

/** Equal elements are an error. */
export function unique<T>(message = 'must contain unique values'): Rule<readonly T[]> {
  return (values, issue) => {
    if (new Set(values).size !== values.length) issue([], message);
  };
}

export type Json = null | boolean | number | string | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [key: string]: Json;
}

const JSON_DEPTH_MAX = 16;
const JSON_NODES_MAX = 10_000;
const JSON_TEXT_MAX = 4_096;
const JSON_KEY_MAX = 128;

/** Writing these through an index would reach a prototype in somebody's code, if not in ours. */
const FORBIDDEN_KEYS: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);

/** A free-form JSON object, copied: bounded depth, size and text; no prototype keys. */
export const jsonObject = z
  .unknown()
  .transform((value, context): JsonObject => {
    const copier = new JsonCopier();
    const copy = isPlainObject(value)
      ? copier.object(value, [], 1)
      : copier.refuse([], 'must be a JSON object');
    for (const { path, message } of copier.problems) {
      context.issues.push({ code: 'custom', message, path, input: value });
    }
    return copy as JsonObject;
  })
  .meta({ type: 'object' });

function isPlainObject(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  // The second step also takes plain objects of another realm; a Map or a class instance is one step further.
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

/** One copy of one value; stops at the first problem of each branch. */
class JsonCopier {
  readonly problems: { path: PropertyKey[]; message: string }[] = [];
  private nodes = 0;

  refuse(path: readonly PropertyKey[], message: string): null {
    this.problems.push({ path: [...path], message });
    return null;
  }

  copy(value: unknown, path: readonly PropertyKey[], depth: number): Json {
    this.nodes += 1;
    if (this.nodes > JSON_NODES_MAX) return this.tooMany(path);
    if (value === null || typeof value === 'boolean') return value;
    if (typeof value === 'string') return this.text(value, path);
    if (typeof value === 'number')
      return Number.isFinite(value) ? value : this.refuse(path, `must not be ${value}`);
    if (depth > JSON_DEPTH_MAX) return this.refuse(path, `must not be nested deeper than ${JSON_DEPTH_MAX}`);
    if (Array.isArray(value)) return this.array(value, path, depth);
    return isPlainObject(value) ? this.object(value, path, depth) : this.refuse(path, 'must be JSON');
  }

  array(value: readonly unknown[], path: readonly PropertyKey[], depth: number): Json {
    if (this.nodes + value.length > JSON_NODES_MAX) return this.tooMany(path);
    return value.map((child, index) => this.copy(child, [...path, index], depth + 1));
  }

  object(value: Readonly<Record<string, unknown>>, path: readonly PropertyKey[], depth: number): Json {
    const keys = Object.keys(value);
    if (this.nodes + keys.length > JSON_NODES_MAX) return this.tooMany(path);
    const copy: Record<string, Json> = {};
    for (const key of keys) {
      const at = [...path, key];
      if (FORBIDDEN_KEYS.has(key)) this.refuse(at, 'is not allowed as a key');
      else if (key.length > JSON_KEY_MAX) this.refuse(at, `key has more than ${JSON_KEY_MAX} characters`);
      else if (unicodeProblem(key) !== null) this.refuse(at, `key ${unicodeProblem(key)}`);
      else copy[key] = this.copy(value[key], at, depth + 1);
    }
    return copy;
  }

  private text(value: string, path: readonly PropertyKey[]): Json {
    if (value.length > JSON_TEXT_MAX)
      return this.refuse(path, `must have at most ${JSON_TEXT_MAX} characters`);
    const problem = unicodeProblem(value);
    return problem === null ? value : this.refuse(path, problem);
  }

  private tooMany(path: readonly PropertyKey[]): null {
    if (this.nodes > 2 * JSON_NODES_MAX) return null;
    this.nodes = 3 * JSON_NODES_MAX;
    return this.refuse(path, `must not hold more than ${JSON_NODES_MAX} values`);
  }
}
