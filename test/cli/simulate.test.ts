/** `fillwright simulate`: its JSON, its lists, its exit codes, and a world that is run again from a file. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { worldOf } from '../../src/simulator/world-of.js';
import { cli } from './harness.js';

describe('fillwright simulate', () => {
  test('prints what the contract names, and exits 0 without violations', async () => {
    const { code, out, err } = await cli(['simulate', '--seeds', '10', '--from', '3', '--json']);
    expect(code).toBe(0);
    const report = JSON.parse(out) as Record<string, unknown>;
    expect(report).toMatchObject({ v: 1, seeds: 10, from: 3, violations: [] });
    expect(report['commit']).toMatch(/^[0-9a-f]{40}$|^unknown$/);
    expect(report['trace_hash']).toMatch(/^[0-9a-f]{64}$/);
    expect(report['steps']).toBeGreaterThan(100);
    expect(report['coverage']).toMatchObject({ reachable: expect.any(Number) });
    expect(err.split('\n').filter((line) => line !== '')).toHaveLength(10);
  });

  test('gives the same trace hash for the same seeds', async () => {
    const hash = async () =>
      JSON.parse((await cli(['simulate', '--seeds', '4', '--json', '-q'])).out).trace_hash;
    expect(await hash()).toBe(await hash());
  });

  test('lists the fault catalogue and the plants', async () => {
    const faults = JSON.parse((await cli(['simulate', '--faults', 'list', '--json'])).out).faults as object[];
    expect(faults).toHaveLength(36);
    const { plants } = JSON.parse((await cli(['simulate', '--plant', 'list', '--json'])).out) as {
      plants: { name: string }[];
    };
    expect(plants.map(({ name }) => name)).toContain('canary');
    expect((await cli(['simulate', '--faults', 'list'])).out).toContain('crash-at-commit');
  });

  test.each([
    [['--plant', 'nobody']],
    [['--faults', 'nothing-such']],
    [['--seeds', 'many']],
    [['--world', 'no-such-file.json']],
    [['extra']],
  ])('exits 2 for %j', async (args) => {
    expect((await cli(['simulate', ...args])).code).toBe(2);
  });

  test('runs one world from a file', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'fillwright-world-'));
    const file = join(folder, 'world.json');
    writeFileSync(file, JSON.stringify(worldOf(6)));
    const { code, out } = await cli(['simulate', '--world', file, '--json']);
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ seeds: 1, from: 6 });
    writeFileSync(file, '{}');
    expect((await cli(['simulate', '--world', file])).code).toBe(2);
    rmSync(folder, { recursive: true });
  });
});
