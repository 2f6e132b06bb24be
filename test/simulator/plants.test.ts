/**
 * Planted bugs: each stands exactly once in what is built, and the canary is caught in every run of the tests.
 * All of them: `npm run test:plants`, or `fillwright simulate --plant NAME`. Reads dist: build first.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { occurrences } from '../../src/simulator/mutant.js';
import { PLANTS } from '../../src/simulator/plants.js';
import { ROOT } from '../house/source.js';

const DIST = join(ROOT, 'dist');
const MAIN = join(DIST, 'cli', 'main.js');

interface Output {
  readonly code: number;
  readonly out: string;
}

function simulate(...args: string[]): Output {
  try {
    const out = execFileSync(process.execPath, [MAIN, 'simulate', ...args], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    return { code: 0, out };
  } catch (error) {
    const { status, stdout } = error as { status: number; stdout: string };
    return { code: status, out: stdout };
  }
}

describe('the planted bugs', () => {
  test('are forty at least, each with a name of its own', () => {
    expect(PLANTS.length).toBeGreaterThanOrEqual(40);
    expect(new Set(PLANTS.map(({ name }) => name)).size).toBe(PLANTS.length);
  });

  test('each have their text exactly once in the built files', () => {
    expect(existsSync(MAIN)).toBe(true);
    const wrong = PLANTS.flatMap(({ name, edits }) =>
      edits.flatMap((edit) => {
        const count = occurrences(edit, DIST);
        return count === 1 ? [] : [`${name}: ${count} times in ${edit.file}`];
      }),
    );
    expect(wrong).toEqual([]);
  });

  test.each(['canary', 'fill-counted-twice', 'unwind-larger-than-fill'])('%s is caught', (name) => {
    const { code, out } = simulate('--plant', name, '--seeds', '40', '--json', '--quiet');
    expect(code).toBe(1);
    const { violations } = JSON.parse(out) as { violations: readonly { invariant: string }[] };
    expect(violations.length).toBe(1);
  });

  test.each([
    ['gate-ignores-kills', 'i27EachDoorCloses'],
    ['retry-gate-ignores-outages', 'i27EachDoorCloses'],
    ['second-check-ignores-halts', 'i27EachDoorCloses'],
    ['legging-lost-in-restart', 'i33NoDeadlineForgotten'],
    ['ledger-lost-in-restart', 'i24LedgerHasFills'],
  ])('%s is caught at the end of a world, by %s', (name, check) => {
    const { code, out } = simulate('--plant', name, '--seeds', '40', '--json', '--quiet');
    expect(code).toBe(1);
    expect(JSON.parse(out)).toMatchObject({ violations: [{ check }] });
  });

  test('print a short story, and keep the world to be run again in a file', () => {
    const { status, stderr } = spawnSync(
      process.execPath,
      [MAIN, 'simulate', '--plant', 'canary', '--seeds', '5', '--quiet'],
      { encoding: 'utf8' },
    );
    expect(status).toBe(1);
    const lines = stderr.trimEnd().split('\n');
    expect(lines[0]).toMatch(/^seed \d+, step \d+, commit \w+: I\d+ \w+: /);
    expect(lines.length).toBeLessThan(16);
    const file = lines.at(-1)?.split(' --world ')[1] ?? '';
    expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({ v: 3 });
  });

  test('without a plant the same seeds find nothing', () => {
    expect(simulate('--seeds', '10', '--quiet').code).toBe(0);
  });
});
