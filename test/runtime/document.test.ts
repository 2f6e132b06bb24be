import { describe, expect, test } from '@jest/globals';
import { FillwrightError } from '../../src/dtos/errors.js';
import { parseDocumentText } from '../../src/runtime/document.js';

function refusal(text: string): string {
  try {
    parseDocumentText(text, 'x.yaml');
  } catch (error) {
    if (error instanceof FillwrightError && error.code === 'SCENARIO') return error.message;
    throw error;
  }
  throw new Error('was accepted');
}

describe('accepted', () => {
  test.each<[string, string, unknown]>([
    ['YAML', 'a: 1\nb: [x, "y"]', { a: 1, b: ['x', 'y'] }],
    ['JSON', '{"a": 1, "b": ["x"]}', { a: 1, b: ['x'] }],
    ['JSON indented with tabs', '{\n\t"a": 1\n}', { a: 1 }],
    [
      'JSON strings with escapes, colons and brackets',
      '{"a:{": "\\"b\\": [", "c\\\\": {"d": ":"}}',
      { 'a:{': '"b": [', 'c\\': { d: ':' } },
    ],
    ['JSON behind a byte order mark', '\ufeff[{"a": 1}]', [{ a: 1 }]],
    ['a leading byte order mark', '\ufeffa: 1', { a: 1 }],
    ['CRLF line ends', 'a: 1\r\nb: 2\r\n', { a: 1, b: 2 }],
    ['a document marker', '---\na: 1\n...\n', { a: 1 }],
    ['an anchor used a few times', 'a: &x {k: 1}\nb: *x', { a: { k: 1 }, b: { k: 1 } }],
  ])('%s', (_name, text, value) => {
    expect(parseDocumentText(text, 'x.yaml')).toEqual(value);
  });

  test.each<[string, unknown]>([
    ['NO', 'NO'],
    ['yes', 'yes'],
    ['on', 'on'],
    ['12:30:45', '12:30:45'],
    ['2025-01-06', '2025-01-06'],
    ['2025-01-06T09:00:00Z', '2025-01-06T09:00:00Z'],
    ['1_000', '1_000'],
    ['true', true],
    ['~', null],
    ['1e3', 1000],
    ['-7', -7],
    ['0', 0],
    ['0.5', 0.5],
  ])('the scalar %s is read by YAML 1.2', (scalar, value) => {
    expect(parseDocumentText(`a: ${scalar}`, 'x.yaml')).toEqual({ a: value });
  });
});

describe('refused at its place', () => {
  test.each<[string, string, string]>([
    ['a duplicate key', 'a: 1\nb: 2\na: 3', 'x.yaml:3:1: Map keys must be unique'],
    ['a duplicate key in JSON', '{"a": 1, "a": 2}', 'x.yaml:1:10: Map keys must be unique'],
    [
      'a duplicate key deep in JSON',
      '{"x": [{"b": 1, "c": {"d": 1, "d": 2}}]}',
      'x.yaml:1:31: Map keys must be unique',
    ],
    ['JSON that is cut off', '{"a": [1,', 'x.yaml:1:'],
    ['a local tag', 'a: !order 5', 'x.yaml:1:4: '],
    ['a core tag', 'a: !!str 5', 'x.yaml:1:10: tags are not allowed'],
    ['a binary tag', 'a: !!binary aGk=', 'x.yaml:1:13: tags are not allowed'],
    ['a merge key', 'x: &a {b: 1}\ny:\n  <<: *a', "x.yaml:3:3: merge keys ('<<') are not allowed"],
    ['a second document', 'a: 1\n---\nb: 2', 'x.yaml:3:1: holds several documents'],
    ['a tab as indentation', 'a:\n\tb: 1', 'x.yaml:2:1: Tabs are not allowed as indentation'],
    ['an octal number of YAML 1.1', 'a: 012', "x.yaml:1:4: '012' is ambiguous"],
    ['an octal number of YAML 1.2', 'a: 0o14', "x.yaml:1:4: '0o14' is ambiguous"],
    ['a hexadecimal number', 'a: 0x1F', "x.yaml:1:4: '0x1F' is ambiguous"],
    ['infinity', 'a: .inf', "x.yaml:1:4: '.inf' is not a finite number"],
    ['not-a-number', 'a: .NaN', "x.yaml:1:4: '.NaN' is not a finite number"],
    ['a key that is no string', '? [a]\n: b', 'x.yaml:1:3: '],
    ['an unclosed list', 'a: [1, 2', 'x.yaml:1:9: '],
    ['an alias without an anchor', 'a: *b', 'x.yaml:1:4: the alias *b names no anchor before it'],
    ['an alias within its own anchor', 'a: &x [*x]', 'x.yaml:1:8: the alias *x holds itself'],
    ['a control character', 'a: b\u0000c', 'x.yaml:1:5: holds a control character'],
    ['an empty file', '', 'x.yaml:1:1: the file holds no document'],
    ['a declared YAML 1.1', '%YAML 1.1\n---\na: NO', 'x.yaml:1:1: is declared YAML 1.1'],
  ])('%s', (_name, text, message) => {
    expect(refusal(text).startsWith(message)).toBe(true);
    expect(refusal(text)).not.toContain('\n');
  });

  test('an alias bomb, in little time', () => {
    const levels = Array.from(
      { length: 9 },
      (_, i) => `a${i + 1}: &a${i + 1} [${Array(10).fill(`*a${i}`).join(', ')}]`,
    );
    const bomb = ['a0: &a0 [x, x, x, x, x, x, x, x, x, x]', ...levels].join('\n');
    expect(refusal(bomb)).toBe('x.yaml:1:1: aliases expand too far');
  });

  test.each([
    ['lists in a line', '['.repeat(20_000)],
    ['maps in a line', '{a: '.repeat(20_000)],
    ['block lists in a line', '- '.repeat(20_000)],
    ['block maps line by line', Array.from({ length: 1000 }, (_, i) => `${' '.repeat(i)}a:`).join('\n')],
  ])('nesting without end: %s', (_name, text) => {
    expect(refusal(text)).toContain('nested deeper than 200 levels');
  });

  test('but 150 levels are read', () => {
    expect(parseDocumentText(`${'['.repeat(150)}${']'.repeat(150)}`, 'x.yaml')).toBeDefined();
    const block = Array.from({ length: 199 }, (_, i) => `${' '.repeat(2 * i)}a:`).join('\n');
    expect(parseDocumentText(block, 'x.yaml')).toBeDefined();
  });
});
