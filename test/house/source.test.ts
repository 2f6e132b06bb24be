/** The reader of the house rules reads what it is given: places, imports and every kind of function. */
import { describe, expect, test } from '@jest/globals';
import { importsOf, literal, parseText, resolveImport, sources, walk } from './source.js';

describe('source reader', () => {
  test('finds the tree, so that no rule passes for want of files', () => {
    const paths = sources('src', 'test').map(({ path }) => path);
    expect(paths).toEqual(expect.arrayContaining(['src/dtos/errors.ts', 'test/house/source.ts']));
  });

  test('counts lines behind a shebang, a comment and multi-byte characters', () => {
    const file = parseText(
      'a.ts',
      '#!/usr/bin/env node\n/** é – ü 你 */\n\nconst a = 1;\nconst b = () => {\n};\n',
    );
    expect(file.body.map((node) => file.lines(node))).toEqual([
      { first: 4, last: 4 },
      { first: 5, last: 6 },
    ]);
  });

  test('sees static, type-only, re-exporting, dynamic, required and inline type imports', () => {
    const file = parseText(
      'a.ts',
      [
        `import { a } from './a.js';`,
        `import type { B } from './b.js';`,
        `export { c } from './c.js';`,
        `export * from './d.js';`,
        `const e = await import('./e.js');`,
        `type F = import('./f.js').F;`,
        `const g = require('./g.js');`,
        `import './h.js';`,
      ].join('\n'),
    );
    expect(importsOf(file).map(({ specifier, line }) => `${line} ${specifier}`)).toEqual(
      ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'].map((name, index) => `${index + 1} ./${name}.js`),
    );
  });

  test('resolves relative imports to sources and leaves packages alone', () => {
    expect(resolveImport('src/cli/main.ts', '../index.js')).toBe('src/index.ts');
    expect(resolveImport('src/cli/main.ts', 'rxjs')).toBeNull();
  });

  test('reads strings and templates', () => {
    const file = parseText('a.ts', `const a = ['plain', \`tem\${1}plate\`];`);
    const found: (string | null)[] = [];
    walk(file, (node) => {
      if (/Literal$/.test(node.type) && node.type !== 'NumericLiteral') found.push(literal(node));
    });
    expect(found.sort()).toEqual(['plain', 'tem…plate']);
  });
});
