/**
 * The source tree as the house rules see it: files, syntax trees, imports, and findings with their place.
 *
 * Owns reading and parsing. The rules themselves stand in the tests beside it.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseSync } from '@swc/core';

/** The checkout. */
export const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

/** A node of the syntax tree; only `type` and `span` are common to all. */
export interface Node {
  readonly type: string;
  readonly span?: { readonly start: number; readonly end: number };
  readonly [key: string]: unknown;
}

export interface SourceFile {
  /** From the checkout, with forward slashes: `src/dtos/errors.ts`. */
  readonly path: string;
  readonly text: string;
  readonly body: readonly Node[];
  /** First and last line of a node, counted from 1. */
  lines(node: Node): { readonly first: number; readonly last: number };
}

/** Where a file imports from, and in which line. Type-only imports and re-exports count. */
export interface Import {
  readonly specifier: string;
  readonly line: number;
}

/** A breach of a rule, as `file:line rule`. */
export const finding = (path: string, line: number, rule: string): string => `${path}:${line} ${rule}`;

/** Every file below `folders` (and single files among them) whose name ends in one of `endings`, sorted. */
export function listFiles(folders: readonly string[], endings: readonly string[]): string[] {
  const found: string[] = [];
  for (const folder of folders) {
    const at = join(ROOT, folder);
    if (!existsSync(at)) continue;
    for (const entry of readdirSync(at, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile() || !endings.some((ending) => entry.name.endsWith(ending))) continue;
      found.push(relative(ROOT, join(entry.parentPath, entry.name)).split(sep).join('/'));
    }
  }
  return found.sort();
}

export const exists = (path: string): boolean => existsSync(join(ROOT, path));

export const readText = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

/** 1 plus the line breaks before a byte offset. */
function lineCounter(text: string): (offset: number) => number {
  const bytes = Buffer.from(text, 'utf8');
  const starts = [0];
  for (let at = bytes.indexOf(10); at !== -1; at = bytes.indexOf(10, at + 1)) starts.push(at + 1);
  return (offset) => {
    let low = 0;
    let high = starts.length;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if ((starts[middle] ?? 0) <= offset) low = middle;
      else high = middle;
    }
    return low + 1;
  };
}

/** Parses one TypeScript text. `path` is only for messages. */
export function parseText(path: string, text: string): SourceFile {
  // Spans count bytes from a base that the parser chooses; an empty statement at the very front reveals it. A
  // shebang is only legal at the front, so it becomes a comment of the same length.
  const marked = `;${text.replace(/^#!/, '//')}`;
  const module = parseSync(marked, { syntax: 'typescript', target: 'es2022' });
  const [marker, ...body] = module.body as unknown as Node[];
  const base = (marker?.span?.start ?? 0) + 1;
  const lineAt = lineCounter(text);
  const lines = (node: Node): { first: number; last: number } => {
    if (node.span === undefined) throw new Error(`${path}: a ${node.type} without a span`);
    return { first: lineAt(node.span.start - base), last: lineAt(node.span.end - base - 1) };
  };
  return { path, text, body, lines };
}

const cache = new Map<string, SourceFile>();

/** Parses a file of the checkout, once. */
export function parseFile(path: string): SourceFile {
  const known = cache.get(path);
  if (known !== undefined) return known;
  const parsed = parseText(path, readText(path));
  cache.set(path, parsed);
  return parsed;
}

/** Every parsed TypeScript file below the folders. */
export const sources = (...folders: string[]): SourceFile[] => listFiles(folders, ['.ts']).map(parseFile);

const isNode = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && typeof (value as { type?: unknown }).type === 'string';

/** Visits every node, parents first; `parent` is the nearest enclosing node. */
export function walk(file: SourceFile, visit: (node: Node, parent: Node | null) => void): void {
  const pending: { value: unknown; parent: Node | null }[] = file.body.map((value) => ({
    value,
    parent: null,
  }));
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const { value, parent } = next;
    const here = isNode(value) ? value : null;
    if (here !== null) visit(here, parent);
    if (typeof value !== 'object' || value === null) continue;
    for (const child of Object.values(value)) {
      if (typeof child === 'object' && child !== null) pending.push({ value: child, parent: here ?? parent });
    }
  }
}

/** The text of a string literal or of an interpolation-free template; null for anything else. */
export function literal(node: unknown): string | null {
  if (!isNode(node)) return null;
  if (node.type === 'StringLiteral') return node['value'] as string;
  if (node.type !== 'TemplateLiteral') return null;
  const quasis = node['quasis'] as readonly { cooked: string | null; raw: string }[];
  return quasis.map((quasi) => quasi.cooked ?? quasi.raw).join('…');
}

/** The name of an identifier, '' for any other node. */
export const identifier = (node: unknown): string =>
  isNode(node) && node.type === 'Identifier' ? (node['value'] as string) : '';

/** Static, re-exporting, dynamic and type imports alike. */
export function importsOf(file: SourceFile): Import[] {
  const found: Import[] = [];
  walk(file, (node) => {
    const callee = node['callee'];
    const first = (node['arguments'] as readonly { expression: unknown }[] | undefined)?.[0]?.expression;
    const dynamic = node.type === 'CallExpression' && isNode(callee) && callee.type === 'Import';
    const required = node.type === 'CallExpression' && identifier(callee) === 'require';
    const specifier = literal(
      node.type === 'TsImportType' ? node['argument'] : dynamic || required ? first : node['source'],
    );
    if (specifier !== null) found.push({ specifier, line: file.lines(node).first });
  });
  return found.sort((a, b) => a.line - b.line);
}

/** The file that a relative import names, or null for a package. */
export function resolveImport(from: string, specifier: string): string | null {
  if (!specifier.startsWith('.')) return null;
  return posix.join(posix.dirname(from), specifier).replace(/\.js$/, '.ts');
}
