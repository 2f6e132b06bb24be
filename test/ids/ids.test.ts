/** Id sources: where a runtime's seed comes from. */
import { describe, expect, test } from '@jest/globals';
import { IdMinter } from '../../src/dtos/ids.js';
import { randomIds, seededIds } from '../../src/ids/ids.js';
import { batch, leg, Rig } from '../runtime/rig.js';

describe('id sources', () => {
  test('random ones give another seed to every runtime', () => {
    const seeds = new Set(Array.from({ length: 1000 }, () => randomIds().seed()));
    expect(seeds.size).toBe(1000);
    for (const seed of seeds) expect(seed.length * 6).toBeGreaterThanOrEqual(32);
  });

  test('a seeded one gives its seed, and with it the same ids', () => {
    const mint = (): string[] => {
      const minter = new IdMinter(seededIds('s').seed());
      return [minter.mint('BAT', 0), minter.mint('EXG', 0), minter.mint('ORD', 0)];
    };
    expect(mint()).toEqual(mint());
    expect(mint()).not.toEqual([new IdMinter('t').mint('BAT', 0)]);
  });

  test('the seed is journaled, so that a replay mints the ids again', async () => {
    const rig = await Rig.open({ more: { ids: seededIds('written down') } });
    await rig.submit(batch([leg()]));
    const [opened] = rig.events('RUNTIME_OPENED');
    expect(opened?.seed).toBe('written down');
    const minter = new IdMinter('written down');
    const at = rig.events('BATCH_CREATED')[0]?.at ?? 0;
    expect(minter.mint('BAT', at)).toBe(rig.events('BATCH_CREATED')[0]?.batchId);
    expect(minter.mint('EXG', at)).toBe(rig.events('GROUP_CREATED')[0]?.groupId);
  });
});
