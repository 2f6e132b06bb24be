/**
 * The scalars of the wire contract as zod schemas: decimals, integers, timestamps, ids, symbols, names, text.
 *
 * Owns what one field may hold and the message when it does not. Structure (objects, arrays, free JSON) is in
 * structure.ts. A check returns a message or null, so that the hot path costs one function call per field.
 */
import { z } from 'zod';
import { hasRealStamp, ID_PATTERNS, type IdPrefix } from './ids.js';
import { timestampProblem } from './time.js';

type Problem = (text: string) => string | null;

/** spec 5, section 2.7: max_digits=20, decimal_places=8. */
const DIGITS_MAX = 20;
const DECIMALS_MAX = 8;

/** Integers that count seconds stop at a year, so that a unit mistake (ms for s) is caught. */
export const SECONDS_MAX = 31_536_000;
export const SLICES_MAX = 100_000;

function text(problem: Problem, what = 'a string'): z.ZodString {
  return z.string({ error: (issue) => typeProblem(issue.input, what) }).check((payload) => {
    const message = problem(payload.value);
    if (message !== null) payload.issues.push({ code: 'custom', message, input: payload.value });
  });
}

function typeProblem(input: unknown, what: string): string {
  if (input === undefined) return 'is required';
  if (input === null) return `must be ${what}, not null`;
  const number = typeof input === 'number' || typeof input === 'bigint';
  return number ? `must be ${what}, not a number` : `must be ${what}`;
}

const DECIMAL = /^-?(0|[1-9]\d*)(?:\.(\d+))?$/;

/** What is wrong with a decimal string, or null. */
export function decimalProblem(value: string): string | null {
  if (value.length > 64) return `must have at most ${DIGITS_MAX} digits`;
  const part = DECIMAL.exec(value);
  if (part === null) return decimalGrammarProblem(value);
  const whole = part[1] === '0' ? 0 : (part[1]?.length ?? 0);
  const decimals = part[2]?.length ?? 0;
  if (whole + decimals > DIGITS_MAX) return `must have at most ${DIGITS_MAX} digits`;
  if (decimals > DECIMALS_MAX) return `must have at most ${DECIMALS_MAX} decimals`;
  if (value.startsWith('-') && !/[1-9]/.test(value)) return 'must not be negative zero';
  return null;
}

function decimalGrammarProblem(value: string): string {
  if (value === '') return 'must not be empty';
  if (/^[+-]?(nan|inf(inity)?)$/i.test(value)) return `must be a finite decimal, not ${value}`;
  if (/\s/.test(value)) return 'must not contain spaces';
  if (value.startsWith('+')) return 'must not have a leading +';
  if (/^-?[\d.]+e[+-]?\d+$/i.test(value)) return 'must not use an exponent';
  if (/^-?0\d/.test(value)) return 'must not have leading zeros';
  return 'must be a decimal string such as "0.015"';
}

/** A decimal string that also passes `test`. */
function decimalWhere(test: (value: string) => boolean, message: string): z.ZodString {
  return text((value) => decimalProblem(value) ?? (test(value) ? null : message), 'a decimal string');
}

const isNegative = (value: string): boolean => value.startsWith('-');
const isPositive = (value: string): boolean => !isNegative(value) && /[1-9]/.test(value);
const isFraction = (value: string): boolean => /^(0(\.\d+)?|1(\.0+)?)$/.test(value);

export const positiveDecimal = (message = 'must be positive'): z.ZodString =>
  decimalWhere(isPositive, message);
export const nonNegativeDecimal = (message = 'must not be negative'): z.ZodString =>
  decimalWhere((value) => !isNegative(value), message);

const DECIMAL_META = { pattern: '^-?(0|[1-9]\\d*)(\\.\\d{1,8})?$' };
const UNSIGNED_META = { pattern: '^(0|[1-9]\\d*)(\\.\\d{1,8})?$' };

/** Any decimal string, sign included. */
export const signedDecimal = decimalWhere(() => true, '').meta(DECIMAL_META);
/** Quantities and prices: > 0. */
export const positive = positiveDecimal().meta(UNSIGNED_META);
export const nonNegative = nonNegativeDecimal().meta(UNSIGNED_META);
/** 0 to 1, both included. */
export const fraction = decimalWhere(isFraction, 'must be between 0 and 1').meta(UNSIGNED_META);
/** Above 0, at most 1. */
export const positiveFraction = decimalWhere(
  (value) => isFraction(value) && isPositive(value),
  'must be above 0 and at most 1',
).meta(UNSIGNED_META);
/** 1 or more. */
export const atLeastOne = decimalWhere((value) => /^[1-9]/.test(value), 'must be at least 1').meta(
  UNSIGNED_META,
);

/** A JS number that is a safe integer from `min` to `max`. */
export function integer(min: number, max: number): z.ZodInt {
  return z
    .int({ error: (issue) => integerProblem(issue.input, min, max) })
    .min(min)
    .max(max)
    .check((payload) => {
      if (Object.is(payload.value, -0)) {
        payload.issues.push({ code: 'custom', message: 'must not be negative zero', input: payload.value });
      }
    });
}

function integerProblem(input: unknown, min: number, max: number): string {
  if (input === undefined) return 'is required';
  if (typeof input !== 'number')
    return `must be an integer, not ${input === null ? 'null' : `a ${typeof input}`}`;
  if (!Number.isFinite(input)) return `must be a finite integer, not ${input}`;
  if (!Number.isInteger(input)) return 'must be an integer';
  return `must be between ${min} and ${max}`;
}

/** A count of seconds, 1 to a year. */
export const seconds = integer(1, SECONDS_MAX);

export const timestamp = text(timestampProblem, 'a timestamp string').meta({ format: 'date-time' });

/** A cron expression of five fields (minute first) or six (second first); @daily and its like are not understood. */
export const cron = text(cronProblem, 'a cron expression');

/** What is wrong with the form of a cron expression, or null. What it means is read by strategies/occurrences.ts. */
export function cronProblem(value: string): string | null {
  const fields = value.length > 128 ? [] : value.split(' ');
  if (fields.length !== 5 && fields.length !== 6) return 'must be a cron expression of five or six fields';
  return fields.every((field) => /^[0-9A-Za-z*,/#?-]+$/.test(field)) ? null : 'holds what no cron field may';
}

/** An IANA time zone that this platform knows. */
export const timeZone = text((value) => {
  if (value.length > 64) return 'must be an IANA time zone such as "Europe/Berlin"';
  try {
    new Intl.DateTimeFormat('en', { timeZone: value });
    return /^[A-Za-z]/.test(value) ? null : 'must be an IANA time zone such as "Europe/Berlin"';
  } catch {
    return 'must be an IANA time zone such as "Europe/Berlin"';
  }
}, 'a time zone');

/** An id with this prefix, its date real. `message` replaces the wording of a pattern mismatch. */
export function idOf(prefix: IdPrefix, message?: string): z.ZodString {
  const pattern = ID_PATTERNS[prefix];
  const shape = prefix === 'EXG' ? 'xxxxx' : 'xxxxxxxx';
  const mismatch = message ?? `must match ${prefix}_YYYYMMDD_HHMMSS_${shape}`;
  return text((id) => {
    if (id.length > 40 || !pattern.test(id)) return mismatch;
    return hasRealStamp(id) ? null : 'holds a date or time that does not exist';
  }).meta({ pattern: pattern.source });
}

const SYMBOL_PART = '[A-Z0-9][A-Z0-9.\\-]{0,31}';
const SYMBOL = new RegExp(`^(${SYMBOL_PART})(?:/(${SYMBOL_PART})(?::${SYMBOL_PART})?)?$`);

/** `BASE/QUOTE`, `BASE/QUOTE:SETTLE` or a plain ticker; printable ASCII only, which refuses homoglyphs. */
export const symbol = text((value) => {
  if (value === '') return 'must not be empty';
  const part = value.length > 99 ? null : SYMBOL.exec(value);
  if (part === null) return 'must be BASE/QUOTE, BASE/QUOTE:SETTLE or a ticker, of A-Z 0-9 . -';
  return part[1] === part[2] ? 'names one asset as base and quote' : null;
}).meta({ pattern: SYMBOL.source });

/** A key or code that machines read: printable ASCII without spaces, 1 to `max` characters. */
export function token(max: number): z.ZodString {
  return text((value) => {
    if (value === '') return 'must not be empty';
    if (value.length > max) return `must have at most ${max} characters`;
    return /^[!-~]+$/.test(value) ? null : 'must be printable ASCII without spaces';
  });
}

/** Ids that other systems gave: venues, planners, signals. */
export const foreignId = token(128);

/** Ours: function of group, slot and attempt, short enough for every venue (DESIGN section 6). */
export const clientOrderId = text((value) =>
  /^[0-9A-Za-z]{1,32}$/.test(value) ? null : 'must be 1 to 32 of 0-9 A-Z a-z',
).meta({ pattern: '^[0-9A-Za-z]{1,32}$' });

/** An asset's code, as `BTC`. */
export const asset = text((value) =>
  /^[A-Z0-9][A-Z0-9.-]{0,31}$/.test(value) ? null : 'must be an asset code of A-Z 0-9 . -',
);

/** A name in UPPER_SNAKE_CASE: styles, event names. */
export const upperSnake = text((value) =>
  /^[A-Z][A-Z0-9_]{0,63}$/.test(value) ? null : 'must be UPPER_SNAKE_CASE, at most 64 characters',
);

/** Text for people: bounded, well-formed Unicode, no control characters but tab and line feed. */
export function prose(max: number): z.ZodString {
  return text((value) => {
    if (value.length > max) return `must have at most ${max} characters`;
    return unicodeProblem(value);
  });
}

/** Lone surrogates become U+FFFD in UTF-8: the journal would not give back what was hashed. */
export function unicodeProblem(value: string): string | null {
  if (/\p{Surrogate}/u.test(value)) return 'holds a lone surrogate';
  return /[^\P{Cc}\t\n]/u.test(value) ? 'holds a control character' : null;
}
