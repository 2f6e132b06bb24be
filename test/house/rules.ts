/**
 * The rules of a single file: its size, what it may not contain, how its tests are named.
 *
 * Each rule takes a file and gives findings as `file:line rule`; there is no list of exceptions. Words that a rule
 * forbids in text are put together here from pieces, so that this file obeys it too.
 */
import { finding, identifier, literal, type Node, type SourceFile, walk } from './source.js';

const FUNCTION_LINES_MAX = 70;
const FILE_LINES_MAX = 500;

const FUNCTIONS = new Set([
  'FunctionDeclaration',
  'FunctionExpression',
  'ArrowFunctionExpression',
  'ClassMethod',
  'PrivateMethod',
  'MethodProperty',
  'GetterProperty',
  'SetterProperty',
  'Constructor',
]);

const property = (node: Node): string => identifier(node['property']);

/** `Date.now` for a member of a plain identifier, '' for anything else. */
const memberName = (node: Node): string =>
  node.type === 'MemberExpression' ? `${identifier(node['object'])}.${property(node)}` : '';

function findings(file: SourceFile, rule: (node: Node, parent: Node | null) => string | null): string[] {
  const found: { line: number; text: string }[] = [];
  walk(file, (node, parent) => {
    const text = rule(node, parent);
    if (text === null) return;
    const line = file.lines(node.span === undefined ? (parent as Node) : node).first;
    found.push({ line, text: finding(file.path, line, text) });
  });
  return found.sort((a, b) => a.line - b.line).map(({ text }) => text);
}

export function longFunctions(file: SourceFile): string[] {
  return findings(file, (node, parent) => {
    if (!FUNCTIONS.has(node.type)) return null;
    const { first, last } = file.lines(node);
    const length = last - first + 1;
    if (length <= FUNCTION_LINES_MAX) return null;
    const name = identifier(node['identifier']) || identifier(node['key']) || identifier(parent?.['id']);
    return `function ${name || '(unnamed)'} has ${length} lines; at most ${FUNCTION_LINES_MAX}`;
  });
}

export function longFile({ path, text }: { path: string; text: string }): string[] {
  const length = text.replace(/\n$/, '').split('\n').length;
  if (length <= FILE_LINES_MAX) return [];
  return [finding(path, FILE_LINES_MAX + 1, `file has ${length} lines; at most ${FILE_LINES_MAX}`)];
}

export function missingHeader({ path, text }: SourceFile): string[] {
  const head = text.replace(/^#!.*\n/, '').trimStart();
  return /^\/\*\*[\s*]*[^\s*/]/.test(head)
    ? []
    : [finding(path, 1, 'file does not start with a header comment (/** what it owns … */)')];
}

const TIMERS = new Set(['setTimeout', 'setInterval', 'setImmediate']);
const CLOCKS = new Set(['Date.now', 'performance.now', 'process.hrtime', 'performance.timeOrigin']);
const RANDOM = new Set(['Math.random', 'crypto.randomUUID', 'crypto.getRandomValues', 'crypto.randomBytes']);

/** Ambient time belongs to src/clock, ambient randomness to src/ids; everybody else is handed both. */
export function ambient(file: SourceFile): string[] {
  const mayTellTime = file.path.startsWith('src/clock/');
  const mayDraw = file.path.startsWith('src/ids/');
  return findings(file, (node) => {
    const member = memberName(node);
    if (!mayDraw && RANDOM.has(member)) return `${member}: randomness is injected`;
    if (mayTellTime) return null;
    if (CLOCKS.has(member)) return `${member}: time is injected`;
    if (TIMERS.has(identifier(node))) return `${identifier(node)}: timers belong to the clock`;
    const arguments_ = node['arguments'] as readonly unknown[] | null | undefined;
    const isDate = identifier(node['callee']) === 'Date';
    if (isDate && node.type === 'NewExpression' && !arguments_?.length)
      return 'new Date() reads the ambient clock';
    if (isDate && node.type === 'CallExpression') return 'Date() reads the ambient clock';
    return null;
  });
}

/** `any`, enums, default exports and `export *`. */
export function looseTypes(file: SourceFile): string[] {
  return findings(file, (node) => {
    if (node.type === 'TsKeywordType' && node['kind'] === 'any') return 'any in a type';
    if (node.type === 'TsEnumDeclaration') return 'enum; use an `as const` object and its union';
    if (node.type === 'ExportAllDeclaration' || node.type === 'ExportNamespaceSpecifier') return 'export *';
    const exported = node.type === 'ExportSpecifier' ? (node['exported'] ?? node['orig']) : null;
    if (node.type.startsWith('ExportDefault') || identifier(exported) === 'default') return 'default export';
    return null;
  });
}

const FORBIDDEN_WORD = new RegExp(['ato', 'mic'].join(''), 'i');

/** DESIGN decision 5: a fill cannot be undone, only offset, so no name or text may promise more. */
export function promises(file: SourceFile): string[] {
  return findings(file, (node) => {
    const text = identifier(node) || literal(node) || '';
    return FORBIDDEN_WORD.test(text)
      ? `${FORBIDDEN_WORD.source}: nothing is; a fill is offset, never undone`
      : null;
  });
}

/** Only the command line speaks to the terminal. */
export function consoleUse(file: SourceFile): string[] {
  if (file.path.startsWith('src/cli/')) return [];
  return findings(file, (node) =>
    memberName(node).startsWith('console.') ? 'console outside src/cli' : null,
  );
}

const TITLED = new Set(['test', 'it', 'describe']);

/** The function that a call like `test.skip.each(rows)(title, …)` comes from. */
function rootCallee(node: unknown): string {
  let at = node as Node | undefined;
  while (at !== undefined && identifier(at) === '')
    at = (at['callee'] ?? at['object'] ?? at['tag']) as Node | undefined;
  return identifier(at);
}

/** A test title states a fact. */
export function wishfulTitles(file: SourceFile): string[] {
  return findings(file, (node) => {
    if (node.type !== 'CallExpression' || !TITLED.has(rootCallee(node['callee']))) return null;
    const [first] = node['arguments'] as readonly { expression: unknown }[];
    const title = literal(first?.expression);
    return title !== null && /\bshould\b/i.test(title)
      ? `test title "${title}" states a wish, not a fact`
      : null;
  });
}

const UNFINISHED = new RegExp(`\\b(${['TO' + 'DO', 'FIX' + 'ME', 'X' + 'XX'].join('|')})\\b`);
// A path from the root of one particular machine: after a quote, a bracket, a blank or the line's start.
const MACHINE_PATH = /(?:^|[\s"'`(=:[])(?:\/(?:work|home|root|Users|mnt)\/|[A-Z]:\\Users\\)/;

/** Rules of plain text, for every file that people write. */
export function textFindings({ path, text }: { path: string; text: string }): string[] {
  return text
    .split('\n')
    .flatMap((line, index) => [
      ...(UNFINISHED.test(line) ? [finding(path, index + 1, 'an unfinished mark in the text')] : []),
      ...(MACHINE_PATH.test(line) ? [finding(path, index + 1, 'an absolute path of one machine')] : []),
    ]);
}
