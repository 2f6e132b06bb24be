/**
 * Reads one YAML 1.2 (or JSON) document from a file, strictly.
 *
 * Owns: what text is accepted at all. Core schema, unique string keys, one document, bounded aliases and nesting;
 * no tags, no merge keys, no numbers that YAML 1.1 reads differently. Knows no schema: callers validate the value.
 */
import { readFileSync } from 'node:fs';
import {
  type Alias,
  type Document,
  isAlias,
  isScalar,
  LineCounter,
  type Node,
  type Pair,
  parseAllDocuments,
  type Scalar,
  visit,
} from 'yaml';
import { FillwrightError } from '../dtos/errors.js';

/** The YAML parser reads about a megabyte a second. */
const FILE_BYTES_MAX = 64 * 1024 * 1024;
const ALIASES_MAX = 100;
/** The parser recurses per level; Node aborts, not throws, when a crafted file exhausts its stack. */
const DEPTH_MAX = 200;

type Ancestors = readonly (Document | Node | Pair)[];

/**
 * Reads and parses a file.
 * @throws SCENARIO `FILE: no such file` and the like, or `FILE:LINE:COL: message` for what the text itself does wrong
 */
export function readDocument(file: string): unknown {
  return parseDocumentText(readText(file), file);
}

/** @throws SCENARIO when the file cannot be read or is not UTF-8 */
function readText(file: string): string {
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(file);
  } catch (cause) {
    throw new FillwrightError('SCENARIO', `${file}: ${unreadable(cause)}`, { cause });
  }
  if (bytes.length > FILE_BYTES_MAX)
    throw new FillwrightError('SCENARIO', `${file}: larger than ${FILE_BYTES_MAX} bytes`);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new FillwrightError('SCENARIO', `${file}: not UTF-8 text`, { cause });
  }
}

/** A system error in words, without its stack or absolute path. */
function unreadable(cause: unknown): string {
  const code = String((cause as { readonly code?: unknown }).code ?? 'unknown error');
  return (
    { ENOENT: 'no such file', EISDIR: 'is a directory', EACCES: 'permission denied' }[code] ??
    `unreadable (${code})`
  );
}

/** Parses the text of one document; `file` names it in messages. @throws SCENARIO `FILE:LINE:COL: message` */
export function parseDocumentText(text: string, file: string): unknown {
  const lines = new LineCounter();
  const fail = (offset: number, message: string, cause?: unknown): never => {
    const { line, col } = lines.linePos(offset);
    throw new FillwrightError('SCENARIO', `${file}:${Math.max(line, 1)}:${Math.max(col, 1)}: ${message}`, {
      cause,
    });
  };
  checkText(text, file);
  const json = asJson(text);
  if (json !== undefined) return json;
  const documents = parseAllDocuments(text, {
    version: '1.2',
    schema: 'core',
    merge: false,
    stringKeys: true,
    strict: true,
    uniqueKeys: true,
    prettyErrors: false,
    lineCounter: lines,
  });
  const document = 'empty' in documents ? undefined : documents[0];
  if (document === undefined) return fail(0, 'the file holds no document');
  const found = document.errors[0] ?? document.warnings[0];
  if (found !== undefined) fail(found.pos[0], found.message);
  if (documents.length > 1)
    fail(documents[1]?.contents?.range?.[0] ?? 0, 'holds several documents; one is allowed');
  checkNodes(document, fail);
  try {
    return document.toJS({ maxAliasCount: ALIASES_MAX });
  } catch (cause) {
    return fail(0, cause instanceof ReferenceError ? 'aliases expand too far' : 'cannot be read', cause);
  }
}

/**
 * The value of well-formed JSON without duplicate keys, else undefined: then the YAML parser reads the text, or says
 * where it is wrong. JSON.parse is some fifty times faster, and keeps the last of two equal keys without a word.
 */
function asJson(text: string): unknown {
  if (!/^\ufeff?\s*[{[]/.test(text)) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(text.replace(/^\ufeff/, ''));
  } catch {
    return undefined;
  }
  let written = 0;
  for (const token of text.matchAll(/"(?:[^"\\]|\\.)*"\s*(:?)/g)) if (token[1] === ':') written += 1;
  return written === countKeys(value) ? value : undefined;
}

function countKeys(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  const children = Object.values(value);
  const own = Array.isArray(value) ? 0 : children.length;
  return children.reduce<number>((sum, child) => sum + countKeys(child), own);
}

/** What must be refused before the parser sees the text. */
function checkText(text: string, file: string): void {
  const starts = text.charCodeAt(0) === 0xfeff ? 1 : 0;
  let line = 1;
  let lineStart = starts;
  let leading = 0;
  let inIndent = true;
  let brackets = 0;
  for (let i = starts; i < text.length; i++) {
    const code = text.charCodeAt(i);
    const refuse = (message: string): never => {
      throw new FillwrightError('SCENARIO', `${file}:${line}:${i - lineStart + 1}: ${message}`);
    };
    if (code === 10) {
      line += 1;
      lineStart = i + 1;
      leading = 0;
      inIndent = true;
      continue;
    }
    if (code < 32 && code !== 9 && code !== 13) refuse('holds a control character');
    if (inIndent) {
      // "- - - x" opens a level per indicator, as a space of indentation may.
      if (code === 32 || code === 45 || code === 63) leading += 1;
      else inIndent = false;
    }
    if (code === 91 || code === 123) brackets += 1;
    if ((code === 93 || code === 125) && brackets > 0) brackets -= 1;
    if (brackets > DEPTH_MAX || (inIndent && leading > 2 * DEPTH_MAX))
      refuse(`nested deeper than ${DEPTH_MAX} levels`);
  }
}

type Fail = (offset: number, message: string) => never;

/** Syntax that is legal YAML and still refused, at its place. */
function checkNodes(document: Document.Parsed, fail: Fail): void {
  const version = document.directives.yaml.version;
  if (version !== '1.2') fail(0, `is declared YAML ${version}; only 1.2 is read`);
  visit(document, {
    Node(key, node, path) {
      const at = node.range?.[0] ?? 0;
      if (isAlias(node)) return checkAlias(node, path, document, fail);
      if (node.tag !== undefined)
        fail(at, `tags are not allowed (${node.tag.replace('tag:yaml.org,2002:', '!!')})`);
      if (!isScalar(node)) return;
      if (key === 'key' && node.value === '<<') fail(at, "merge keys ('<<') are not allowed");
      checkNumber(node, fail);
    },
  });
}

function checkAlias(alias: Alias, path: Ancestors, document: Document, fail: Fail): void {
  const at = alias.range?.[0] ?? 0;
  if (alias.resolve(document) === undefined) fail(at, `the alias *${alias.source} names no anchor before it`);
  const within = path.some((node) => 'anchor' in node && node.anchor === alias.source);
  if (within) fail(at, `the alias *${alias.source} holds itself`);
}

/** 012 is 12 here and 10 in YAML 1.1; who wrote it meant one of them, so neither is guessed. */
function checkNumber(scalar: Scalar, fail: Fail): void {
  if (typeof scalar.value !== 'number' || scalar.source === undefined) return;
  const at = scalar.range?.[0] ?? 0;
  if (!Number.isFinite(scalar.value)) fail(at, `'${scalar.source}' is not a finite number`);
  if (/^[-+]?0[0-9xo]/.test(scalar.source))
    fail(at, `'${scalar.source}' is ambiguous; write a plain decimal number`);
}
