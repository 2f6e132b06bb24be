/**
 * A trace cut everywhere. Here one world at some of its commits; `npm run test:traces` takes the first twenty worlds
 * at each.
 */
import { describe, expect, test } from '@jest/globals';
import { crashAtEachCommit, tearAtEachByte, traceOf } from '../../src/simulator/boundaries.js';
import { runWorld } from '../../src/simulator/run.js';
import { worldOf } from '../../src/simulator/world-of.js';

const WORLD = worldOf(1);

describe('a world', () => {
  test('violates nothing when its process dies before or after a commit', async () => {
    const { cuts } = await traceOf(WORLD);
    const crashed = await crashAtEachCommit(WORLD, cuts, 12);
    expect(crashed.findings).toEqual([]);
    expect(crashed.cuts).toBeGreaterThan(20);
  });

  test('dies where it is told: before a commit nothing of it is durable, after it everything is', async () => {
    for (const when of ['before', 'after'] as const) {
      const commits: (readonly string[])[] = [];
      const { restarts } = await runWorld(
        { ...WORLD, faults: {}, actions: WORLD.actions.filter((action) => action.do !== 'crash') },
        { dies: { commit: 5, when }, onCommit: (lines) => commits.push(lines) },
      );
      expect(restarts).toBe(1);
      const opened = commits.findIndex(
        (lines, i) => i > 0 && lines.some((line) => line.includes('"k":"open"')),
      );
      expect(opened).toBe(when === 'before' ? 4 : 5);
    }
  });

  test('leaves a journal that opens with what was sealed, at whatever byte it ends', async () => {
    const { commits } = await traceOf(WORLD);
    const few = commits.slice(0, 12);
    const torn = await tearAtEachByte(few, 4_000);
    expect(torn.findings).toEqual([]);
    expect(torn.cuts).toBeGreaterThan(few.flat().join('\n').length);
  });
});
