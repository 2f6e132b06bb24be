/** The auditor shares no code with what it audits: only the wire's types, and arithmetic of its own. */
import { describe, expect, test } from '@jest/globals';
import { importsOf, parseText, resolveImport, type SourceFile, sources } from '../house/source.js';

/** Types of events, orders and reports; nothing that computes. */
const ALLOWED = ['src/dtos/events.ts', 'src/dtos/venue.ts'];
const AUDIT = 'src/simulator/audit/';

function strangers(file: SourceFile): string[] {
  return importsOf(file).flatMap(({ specifier, line }) => {
    const target = resolveImport(file.path, specifier);
    if (target !== null && (target.startsWith(AUDIT) || ALLOWED.includes(target))) return [];
    return [`${file.path}:${line} ${specifier}`];
  });
}

describe('the auditor', () => {
  test('imports only itself and the types of events and reports', () => {
    const files = sources('src').filter(({ path }) => path.startsWith(AUDIT));
    expect(files.length).toBeGreaterThan(5);
    expect(files.flatMap(strangers)).toEqual([]);
  });

  test('would be caught importing what it audits', () => {
    for (const specifier of ['../../book/book.js', '../../machines/causes.js', '../line.js', 'xstate']) {
      const file = parseText(`${AUDIT}a.ts`, `import type { X } from '${specifier}';`);
      expect(strangers(file)).toHaveLength(1);
    }
  });
});
