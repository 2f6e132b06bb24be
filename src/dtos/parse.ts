/**
 * Parsing at the edge: unknown input → frozen DTO, or one FillwrightError that names every path.
 *
 * Owns the wording of structural errors, paths, deep freezing and the canonical JSON text. The rules themselves are
 * in the schemas. Inside the runtime nothing is parsed twice.
 */
import type { z } from 'zod';
import { FillwrightError, type Issue } from './errors.js';

type Path = readonly PropertyKey[];

/** More findings than this are counted, not listed: a broken batch of 10,000 commands must stay cheap to report. */
const ISSUES_MAX = 100;
const PATH_KEY_MAX = 64;

/**
 * Parses `value` against `schema` and deep-freezes the result. `root` begins every path: `directive`,
 * `directives[0].commands[2]`.
 * @throws VALIDATION with `issues`; its message is the first issue and how many follow
 */
export function parseDto<S extends z.ZodType>(schema: S, value: unknown, root: string): z.output<S> {
  const result = attempt(schema, value, root);
  if (result.success) return deepFreeze(result.data);
  throw validationError(toIssues(result.error.issues, root));
}

// A hostile getter or proxy throws from inside the parse: still a typed error with a path.
function attempt<S extends z.ZodType>(
  schema: S,
  value: unknown,
  root: string,
): z.ZodSafeParseResult<z.output<S>> {
  try {
    return schema.safeParse(value, { error: wording });
  } catch (cause) {
    const message = `${root}: cannot be read`;
    throw new FillwrightError('VALIDATION', message, {
      issues: [{ path: root, message: 'cannot be read' }],
      cause,
    });
  }
}

/** The VALIDATION error of at least one issue. */
export function validationError(issues: readonly Issue[]): FillwrightError {
  const first = issues[0];
  const more = issues.length > 1 ? ` (+${issues.length - 1} more)` : '';
  const where = first === undefined ? 'input' : first.path;
  return new FillwrightError('VALIDATION', `${where}: ${first?.message ?? 'is invalid'}${more}`, {
    issues: issues.slice(0, ISSUES_MAX),
  });
}

/** zod's issues as ours. An unknown key's path is the path of the key itself. */
function toIssues(found: readonly z.core.$ZodIssue[], root: string): Issue[] {
  const issues: Issue[] = [];
  for (const issue of found) {
    if (issue.code === 'unrecognized_keys') {
      for (const key of issue.keys) {
        issues.push({ path: pathOf(root, [...issue.path, key]), message: 'unknown key' });
      }
    } else {
      issues.push({ path: pathOf(root, issue.path), message: issue.message });
    }
  }
  return issues;
}

/** `root.commands[0].size_plan`; a key that is no identifier is quoted and cut. */
export function pathOf(root: string, path: Path): string {
  let text = root;
  for (const key of path) {
    if (typeof key === 'number') text += `[${key}]`;
    else if (/^[A-Za-z_$][\w$]{0,63}$/.test(String(key))) text += `.${String(key)}`;
    else text += `[${JSON.stringify(String(key).slice(0, PATH_KEY_MAX))}]`;
  }
  return text;
}

/** The words for structural mismatches; a schema's own message goes before these. */
function wording(issue: z.core.$ZodRawIssue): string | undefined {
  if (issue.input === undefined) return 'is required';
  if (issue.code === 'invalid_type') {
    return `must be ${article(issue.expected)}, not ${nameOfType(issue.input)}`;
  }
  if (issue.code === 'invalid_value') return `must be one of ${issue.values.map(String).join(', ')}`;
  if (issue.code === 'too_small') return `must be at least ${issue.minimum}`;
  if (issue.code === 'too_big') return `must be at most ${issue.maximum}`;
  return undefined;
}

function article(expected: string): string {
  if (expected === 'int') return 'an integer';
  return /^[aeiou]/.test(expected) ? `an ${expected}` : `a ${expected}`;
}

function nameOfType(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'an array';
  if (typeof value === 'number') return Number.isFinite(value) ? 'a number' : String(value);
  return article(typeof value);
}

/** Freezes a tree in place, down to its leaves. What is frozen already is taken to be frozen below as well. */
export function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  Object.freeze(value);
  for (const child of Object.values(value)) deepFreeze(child);
  return value;
}

/**
 * Canonical JSON: keys sorted, undefined fields left out; two equal contents give one text.
 * @throws VALIDATION for what JSON cannot hold (NaN, bigint, functions)
 */
export function toJson(value: unknown): string {
  if (typeof value === 'string' || typeof value === 'boolean' || value === null) return JSON.stringify(value);
  if (typeof value === 'number' && Number.isFinite(value)) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(toJson).join(',')}]`;
  if (typeof value !== 'object') {
    throw new FillwrightError('VALIDATION', `JSON cannot hold ${nameOfType(value)}`);
  }
  const fields = value as Readonly<Record<string, unknown>>;
  let text = '';
  for (const key of Object.keys(fields).sort()) {
    const field = fields[key];
    if (field !== undefined) text += `${text === '' ? '' : ','}${JSON.stringify(key)}:${toJson(field)}`;
  }
  return `{${text}}`;
}
