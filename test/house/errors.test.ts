/** The error catalogue, the code that throws and the documentation agree. */
import { describe, expect, test } from '@jest/globals';
import { ERRORS } from '../../src/dtos/errors.js';
import { exists, literal, readText, sources, walk } from './source.js';

const CATALOGUE = 'src/dtos/errors.ts';
const DOCUMENT = 'docs/generated/errors.md';

function codesInUse(): Set<string> {
  const used = new Set<string>();
  for (const file of sources('src')) {
    if (file.path === CATALOGUE) continue;
    walk(file, (node) => {
      const text = literal(node);
      if (text !== null && text in ERRORS) used.add(text);
    });
  }
  return used;
}

/** The catalogue also serves the public entry and the command line: without them the question is premature. */
const complete = exists('src/index.ts') && exists('src/cli/main.ts');
if (!complete) console.warn('SKIPPED: unused error codes, as src/index.ts or src/cli/main.ts is missing');

describe('the error catalogue', () => {
  (complete ? test : test.skip)('holds no code that nothing uses', () => {
    const used = codesInUse();
    const line = (code: string): number =>
      readText(CATALOGUE)
        .split('\n')
        .findIndex((text) => text.trimStart().startsWith(`${code}:`)) + 1;
    const unused = Object.keys(ERRORS).filter((code) => code !== 'INVARIANT' && !used.has(code));
    expect(
      unused.map((code) => `${CATALOGUE}:${line(code)} error code ${code} is used nowhere in src`),
    ).toEqual([]);
  });

  test('is documented row by row, and nothing else is', () => {
    const rows = readText(DOCUMENT)
      .split('\n')
      .filter((line) => line.startsWith('| `'))
      .map((line) => line.split('|').map((cell) => cell.trim()));
    const expected = Object.entries(ERRORS).map(([code, { retryable, meaning }]) => [
      '',
      `\`${code}\``,
      retryable ? 'yes' : 'no',
      meaning,
      '',
    ]);
    expect(rows).toEqual(expected);
  });
});
