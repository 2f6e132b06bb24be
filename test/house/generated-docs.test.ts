/** docs/generated is what the built package says: diagrams of the machines that run, error codes, JSON Schemas. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { ROOT } from './source.js';

const isBuilt = existsSync(join(ROOT, 'dist/cli/main.js'));
if (!isBuilt)
  console.warn('SKIPPED: docs/generated is compared with dist, which is not built: npm run build');

describe('generated documents', () => {
  (isBuilt ? test : test.skip)('are those of the machines, errors and schemas that are built', () => {
    const check = spawnSync(process.execPath, [join(ROOT, 'scripts/docs.mjs'), '--check'], {
      encoding: 'utf8',
    });
    expect(check.stderr).toBe('');
    expect(check.status).toBe(0);
  });
});
