/** The TypeScript in the documentation compiles against the built package, and what is marked to run runs. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { exists, ROOT } from './source.js';

const folder = mkdtempSync(join(tmpdir(), 'fillwright-snippets-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function check(...files: string[]): { status: number | null; printed: string } {
  const done = spawnSync(process.execPath, ['scripts/snippets.mjs', ...files], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  return { status: done.status, printed: `${done.stdout}${done.stderr}` };
}

function checkText(text: string): { status: number | null; printed: string } {
  const path = join(folder, 'page.md');
  writeFileSync(path, text);
  return check(path);
}

const ready = exists('README.md') && exists('dist/index.js');
if (!ready) console.warn('SKIPPED: documentation snippets, as README.md or dist/index.js is missing');

describe('snippets', () => {
  (ready ? test : test.skip)('of README.md and docs compile, and run where they are marked to', () => {
    expect(check()).toEqual({ status: 0, printed: expect.stringMatching(/^\d+ blocks checked/) });
  });

  test('a type error is found at its line of the document', () => {
    const { status, printed } = checkText('# A\n\n```ts\nconst a = 1;\nexport const b: string = a;\n```\n');
    expect(printed).toMatch(/page\.md:5:14: error TS2322/);
    expect(status).toBe(1);
  });

  test('a block that is marked to run and throws is found at its fence', () => {
    const { status, printed } = checkText(
      '```ts\nthrow new Error("never run");\n```\n\n```ts run\nthrow new Error("boom");\n```\n',
    );
    expect(printed).toMatch(/page\.md:5: the block failed\n.*Error: boom/s);
    expect(printed).not.toContain('never run');
    expect(status).toBe(1);
  });

  test('other languages are left alone and a block that never closes is refused', () => {
    expect(checkText('```js\nnonsense(\n```\n')).toEqual({
      status: 0,
      printed: '0 blocks checked, 0 of them run\n',
    });
    expect(checkText('```ts\nconst a = 1;\n').printed).toContain('page.md:1: the block is never closed');
  });
});
