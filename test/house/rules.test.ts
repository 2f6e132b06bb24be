/** The tree obeys the rules of a single file, and each rule finds what it forbids. */
import { describe, expect, test } from '@jest/globals';
import {
  ambient,
  consoleUse,
  longFile,
  longFunctions,
  looseTypes,
  missingHeader,
  promises,
  textFindings,
  wishfulTitles,
} from './rules.js';
import { exists, listFiles, parseText, readText, type SourceFile, sources } from './source.js';

const WRITTEN = ['src', 'test', 'bench', 'examples', 'scripts', 'docs', 'inspector', '.ci'];
const ENDINGS = ['.ts', '.mjs', '.js', '.md', '.yaml', '.yml', '.json', 'run'];
const texts = () =>
  [...listFiles(WRITTEN, ENDINGS), ...['README.md', 'CHANGELOG.md'].filter(exists)]
    .filter((path) => !path.startsWith('docs/generated/'))
    .map((path) => ({ path, text: readText(path) }));

describe('the tree', () => {
  test('no function in src has more than 70 lines', () => {
    expect(sources('src').flatMap(longFunctions)).toEqual([]);
  });

  test('no source, test or script has more than 500 lines', () => {
    const code = texts().filter(({ path }) => /\.(ts|mjs|js)$/.test(path));
    expect(code.flatMap(longFile)).toEqual([]);
  });

  test('each file of src starts with a header comment', () => {
    expect(sources('src').flatMap(missingHeader)).toEqual([]);
  });

  test('src takes time and randomness from its arguments', () => {
    expect(sources('src').flatMap(ambient)).toEqual([]);
  });

  test('src and test have no any, enum, default export or export *', () => {
    expect(sources('src', 'test').flatMap(looseTypes)).toEqual([]);
  });

  test('no name or text in src promises what a venue cannot do', () => {
    expect(sources('src').flatMap(promises)).toEqual([]);
  });

  test('only src/cli writes to the console', () => {
    expect(sources('src').flatMap(consoleUse)).toEqual([]);
  });

  test('test titles state facts', () => {
    expect(sources('test').flatMap(wishfulTitles)).toEqual([]);
  });

  test('nothing written is marked unfinished or names a path of one machine', () => {
    expect(texts().flatMap(textFindings)).toEqual([]);
  });
});

const lines = (count: number): string =>
  Array.from({ length: count }, (_, index) => `  f(${index});`).join('\n');
const src = (text: string, path = 'src/book/a.ts'): SourceFile => parseText(path, text);

describe('each rule finds what it forbids', () => {
  test.each([
    ['declaration', `function long() {\n${lines(69)}\n}`, 'long'],
    ['arrow', `const long = () => {\n${lines(69)}\n};`, 'long'],
    ['method', `class A {\nlong() {\n${lines(69)}\n}\n}`, 'long'],
    ['private method', `class A {\n#long() {\n${lines(69)}\n}\n}`, '(unnamed)'],
    ['property method', `const a = {\nlong() {\n${lines(69)}\n}\n};`, 'long'],
    ['constructor', `class A {\nconstructor() {\n${lines(69)}\n}\n}`, 'constructor'],
  ])('a %s of 71 lines', (_, text, name) => {
    expect(longFunctions(src(text))).toEqual([
      expect.stringContaining(`function ${name} has 71 lines; at most 70`),
    ]);
  });

  test('and a function of 70 lines passes', () => {
    expect(longFunctions(src(`function long() {\n${lines(68)}\n}`))).toEqual([]);
  });

  test('a file of 501 lines', () => {
    expect(longFile({ path: 'a.ts', text: `${lines(500)}\n` })).toEqual([]);
    expect(longFile({ path: 'a.ts', text: `${lines(501)}\n` })).toEqual([
      'a.ts:501 file has 501 lines; at most 500',
    ]);
  });

  test('a file without a header comment', () => {
    expect(missingHeader(src('const a = 1;'))).toHaveLength(1);
    expect(missingHeader(src('/** */\nconst a = 1;'))).toHaveLength(1);
    expect(missingHeader(src('#!/usr/bin/env node\n/** Owns a. */\nconst a = 1;'))).toEqual([]);
  });

  test.each([
    'const a = Date.now();',
    'const f = Date.now;',
    'const a = new Date();',
    'const a = new Date;',
    'const a = Date();',
    'const a = Math.random();',
    'const a = crypto.randomUUID();',
    'setTimeout(f, 1);',
    'globalThis.setInterval(f, 1);',
    `import { setImmediate } from 'node:timers';`,
    'performance.now();',
    'process.hrtime.bigint();',
  ])('ambient time or randomness: %s', (text) => {
    expect(ambient(src(text)).length).toBeGreaterThan(0);
  });

  test('but not a date of a given time, nor the clock and the id source in their folders', () => {
    expect(ambient(src('const a = new Date(ms).toISOString(); const b = Date.UTC(2025, 1, 1);'))).toEqual([]);
    expect(ambient(src('const a = Date.now(); setTimeout(f, 1);', 'src/clock/system.ts'))).toEqual([]);
    expect(ambient(src('const a = Math.random();', 'src/clock/system.ts'))).toHaveLength(1);
    expect(ambient(src('const a = crypto.randomUUID();', 'src/ids/source.ts'))).toEqual([]);
  });

  test.each([
    'const a: any = 1;',
    'const a = b as Map<string, any>;',
    'enum A { B }',
    'export default 1;',
    'export default function f() {}',
    'export default class A {}',
    'const a = 1; export { a as default };',
    `export { default } from './b.js';`,
    `export * from './b.js';`,
    `export * as b from './b.js';`,
    `export type * from './b.js';`,
  ])('loose types and exports: %s', (text) => {
    expect(looseTypes(src(text))).toEqual([expect.stringMatching(/^src\/book\/a\.ts:1 /)]);
  });

  test('the promise that a fill can be undone, in a name, a string or a template, not in a comment', () => {
    const word = ['ato', 'mic'].join('');
    expect(
      promises(src(`const ${word}Batch = 1;\nconst a = '${word}';\nconst b = \`\${c} ${word}ally\`;`)),
    ).toHaveLength(3);
    expect(promises(src(`/** Not ${word}. */\nconst a = 1;`))).toEqual([]);
  });

  test('the console outside the command line', () => {
    expect(consoleUse(src('console.log(1);'))).toEqual(['src/book/a.ts:1 console outside src/cli']);
    expect(consoleUse(src('console.log(1);', 'src/cli/main.ts'))).toEqual([]);
  });

  test.each([
    `test('it should work', () => {});`,
    `describe('Should', () => {});`,
    `test.each([1])('should %s', () => {});`,
    `test.skip.each([1])(\`should \${a}\`, () => {});`,
    `test.each\`a\`('should $a', () => {});`,
  ])('a wishful title: %s', (text) => {
    expect(wishfulTitles(src(text, 'test/a.test.ts'))).toHaveLength(1);
  });

  test('unfinished marks and machine paths, with their line', () => {
    const mark = ['TO', 'DO'].join('');
    const home = ['', 'home', 'me', 'a.txt'].join('/');
    expect(textFindings({ path: 'a.md', text: `fine\n// ${mark}: later\nread '${home}'\n` })).toEqual([
      'a.md:2 an unfinished mark in the text',
      'a.md:3 an absolute path of one machine',
    ]);
    expect(textFindings({ path: 'a.md', text: `see https://example.org${home} and ./here/a` })).toEqual([]);
  });
});
