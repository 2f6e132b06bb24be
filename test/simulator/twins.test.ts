/** I15: what a leg of an INDEPENDENT batch does, its siblings' fate does not change; told by two runs, not by one. */
import { describe, expect, test } from '@jest/globals';
import { twinsOf } from '../../src/simulator/twins.js';

const SEEDS = 30;

describe('legs of an INDEPENDENT batch', () => {
  test('do the same, event by event, when the strategy of one of them throws', async () => {
    let compared = 0;
    for (let seed = 1; seed <= SEEDS; seed++) {
      const twins = await twinsOf(seed);
      for (const { commandId, own, other } of twins?.siblings ?? []) {
        expect({ seed, commandId, trace: other }).toEqual({ seed, commandId, trace: own });
        if (own.includes('ORDER_INTENT')) compared += 1;
      }
    }
    expect(compared).toBeGreaterThan(10);
  });
});
