/**
 * Worlds from seeds: nothing is violated, the same seed is the same run, a restart folds to the same state, and a
 * failure shrinks. Other seeds than these: `fillwright simulate --seeds N --from K`.
 */
import { describe, expect, test } from '@jest/globals';
import { simulate } from '../../src/simulator/campaign.js';
import { FAULTS } from '../../src/simulator/faults.js';
import { runWorld } from '../../src/simulator/run.js';
import { shrink } from '../../src/simulator/shrink.js';
import type { World } from '../../src/simulator/world.js';
import { worldOf } from '../../src/simulator/world-of.js';

const SEEDS = 120;

describe('worlds with all faults', () => {
  test('violate nothing, and reach most lifecycle states with most kinds', async () => {
    const report = await simulate({ seeds: SEEDS, from: 1, shrinks: false });
    expect(report.violations.map(({ seed, check, message }) => `${seed} ${check}: ${message}`)).toEqual([]);
    expect(report.steps).toBeGreaterThan(SEEDS * 100);
    expect(report.restarts).toBeGreaterThan(5);
    expect(report.coverage.reached / report.coverage.reachable).toBeGreaterThan(0.5);
  });
});

describe('a seed', () => {
  test('gives the same trace each time, on both hosts (I32)', async () => {
    for (const seed of [3, 7, 11]) {
      const world = worldOf(seed);
      const { traceHash, steps } = await runWorld(world);
      expect(steps).toBeGreaterThan(10);
      expect((await runWorld(world)).traceHash).toBe(traceHash);
      for (const host of ['actors', 'pure'] as const) {
        const other = await runWorld({ ...world, options: { ...world.options, host } });
        expect(other.traceHash).toBe(traceHash);
      }
    }
  });

  test('gives the same world again from its JSON', async () => {
    const world = worldOf(5);
    const again = await runWorld(JSON.parse(JSON.stringify(world)) as typeof world);
    expect(again.traceHash).toBe((await runWorld(world)).traceHash);
  });

  test('disables about half of the kinds, and draws each rate below its most', () => {
    const counts = Array.from({ length: 200 }, (_, seed) => Object.keys(worldOf(seed).faults).length);
    const mean = counts.reduce((sum, n) => sum + n, 0) / counts.length;
    expect(mean).toBeGreaterThan(12);
    expect(mean).toBeLessThan(20);
    for (const { n, maxPpm } of FAULTS) expect(worldOf(n).faults[n] ?? 0).toBeLessThanOrEqual(maxPpm);
  });
});

describe('a world on a disk', () => {
  test('keeps what was committed through crashes, torn writes, failing syncs and flipped bits', async () => {
    const seeds = Array.from({ length: 200 }, (_, seed) => seed).filter((seed) => {
      const { options, faults } = worldOf(seed);
      return options.disk === 'faulty' && ['3', '4', '5', '6', '30'].some((kind) => kind in faults);
    });
    expect(seeds.length).toBeGreaterThan(8);
    let restarts = 0;
    for (const seed of seeds) {
      const result = await runWorld(worldOf(seed));
      expect({ seed, findings: result.findings }).toEqual({ seed, findings: [] });
      restarts += result.restarts;
    }
    expect(restarts).toBeGreaterThan(5);
  });

  test('leaves the trace of one in memory where the disk is sound', async () => {
    const { options, ...world } = worldOf(5, []);
    const on = async (disk: 'faulty' | 'none') =>
      (await runWorld({ ...world, options: { ...options, disk, snapshotRecords: 0 } })).traceHash;
    expect(await on('faulty')).toBe(await on('none'));
  });
});

describe('a strategy of the host that goes wrong', () => {
  test('ends its group FAILED, and nothing else is violated', async () => {
    let faults = 0;
    for (let seed = 0; seed < 150 && faults < 8; seed++) {
      const world = worldOf(seed);
      if (!JSON.stringify(world.actions).includes('"HOSTILE"')) continue;
      const { findings } = await runWorld(world, {
        onLine: (line) => {
          faults += line.includes('"reason":"strategy_fault"') ? 1 : 0;
        },
      });
      expect({ seed, findings }).toEqual({ seed, findings: [] });
    }
    expect(faults).toBeGreaterThanOrEqual(8);
  });
});

describe('the catalogue', () => {
  test('names all thirty-six kinds, each with its injection or with the reason why it cannot occur', () => {
    expect(FAULTS.map(({ n }) => n)).toEqual(Array.from({ length: 36 }, (_, i) => i + 1));
    for (const { maxPpm, excluded, injection } of FAULTS) {
      expect(excluded === undefined).toBe(maxPpm > 0);
      expect(injection.length).toBeGreaterThan(0);
    }
  });
});

describe('shrinking', () => {
  const finding = { invariant: 'I0', check: 'needsBoth', message: '', step: 500, at: 0 };

  /** Fails, from step 7 on, when this action is there and this fault kind is on. */
  const failsWith = (directiveId: string, kind: string) => async (world: World) => {
    const isThere = world.actions.some(
      (action) => action.do === 'submit' && action.directive.directive_id === directiveId,
    );
    const fails = isThere && world.faults[kind] !== undefined && world.steps >= 7;
    return { steps: world.steps, findings: fails ? [{ ...finding, step: 7 }] : [] };
  };

  test('leaves the one action, the one fault and the steps that the finding needs', async () => {
    const world = worldOf(4);
    const submits = world.actions.flatMap((action) => (action.do === 'submit' ? [action] : []));
    const id = submits.at(-1)?.directive.directive_id ?? '';
    const kind = Object.keys(world.faults).at(-1) ?? '';
    const cut = await shrink(world, finding, failsWith(id, kind));
    expect(cut.actions).toHaveLength(1);
    expect(Object.keys(cut.faults)).toEqual([kind]);
    expect(cut.steps).toBe(7);
  });

  test('takes nothing away when only the whole fails', async () => {
    const world = worldOf(4);
    const run = async (given: World) => ({
      steps: given.steps,
      findings: JSON.stringify(given) === JSON.stringify(world) ? [finding] : [],
    });
    expect(await shrink(world, { ...finding, step: world.steps }, run)).toEqual(world);
  });
});
