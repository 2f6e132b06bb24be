/** Imports run downwards only, packages stay where they belong, and nothing imports itself in a circle. */
import { describe, expect, test } from '@jest/globals';
import { cycleFindings, entries, importFindings } from './layers.js';
import { parseText, sources } from './source.js';

const importing = (path: string, specifier: string): string[] =>
  importFindings(parseText(path, `import type { X } from '${specifier}';`));

describe('the tree', () => {
  test('src imports downwards only', () => {
    expect(sources('src').flatMap(importFindings)).toEqual([]);
  });

  test('src has no import cycle, type-only ones included', () => {
    expect(cycleFindings(sources('src'))).toEqual([]);
  });
});

describe('the import rules', () => {
  test.each([
    ['src/dtos/a.ts', '../ports/clock.js'],
    ['src/ports/a.ts', '../strategies/contract.js'],
    ['src/strategies/a.ts', '../machines/order/index.js'],
    ['src/machines/a.ts', '../book/book.js'],
    ['src/book/a.ts', '../ports/clock.js'],
    ['src/journal/a.ts', '../market/index.js'],
    ['src/connectors/a.ts', '../book/book.js'],
    ['src/actors/a.ts', '../journal/index.js'],
    ['src/runtime/a.ts', '../index.js'],
    ['src/runtime/a.ts', '../cli/main.js'],
    ['src/cli/a.ts', '../runtime/api.js'],
    ['src/nowhere/a.ts', '../dtos/errors.js'],
    ['src/dtos/a.ts', '../../test/support/data.js'],
    ['src/runtime/a.ts', 'decimal.js'],
    ['src/actors/a.ts', 'nanoid'],
    ['src/strategies/a.ts', 'rxjs'],
    ['src/book/a.ts', 'xstate/graph'],
    ['src/machines/a.ts', 'zod'],
    ['src/runtime/a.ts', 'fast-check'],
    ['src/machines/a.ts', 'node:fs'],
    ['src/dtos/a.ts', './errors'],
  ])('refuse %s importing %s', (path, specifier) => {
    expect(importing(path, specifier)).toEqual([expect.stringMatching(`^${path}:1 `)]);
  });

  test.each([
    ['src/dtos/decimal.ts', 'decimal.js'],
    ['src/book/a.ts', '../machines/order/index.js'],
    ['src/connectors/simulated/a.ts', '../../market/index.js'],
    ['src/runtime/a.ts', '../actors/supervisor.js'],
    ['src/index.ts', './runtime/api.js'],
    ['src/cli/a.ts', '../index.js'],
    ['src/cli/a.ts', '../machines/index.js'],
    ['src/journal/a.ts', 'node:fs'],
    ['src/actors/a.ts', '@opentelemetry/api'],
  ])('allow %s importing %s', (path, specifier) => {
    expect(importing(path, specifier)).toEqual([]);
  });

  test('the entries are the sources of package.json exports', () => {
    expect(entries()).toEqual(
      expect.arrayContaining(['src/index.ts', 'src/machines/index.ts', 'src/testing.ts']),
    );
  });

  test('a cycle is named with every edge in it, and edges beside it are not', () => {
    const files = [
      parseText('src/a.ts', `import type { B } from './b.js';\nimport { D } from './d.js';`),
      parseText('src/b.ts', `\nexport { c } from './c.js';`),
      parseText('src/c.ts', `type A = import('./a.js').A;`),
      parseText('src/d.ts', ''),
    ];
    expect(cycleFindings(files)).toEqual([
      'import cycle: src/a.ts:1 → src/b.ts, src/b.ts:2 → src/c.ts, src/c.ts:1 → src/a.ts',
    ]);
  });
});
