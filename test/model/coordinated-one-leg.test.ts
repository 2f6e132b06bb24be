/**
 * One leg of a COORDINATED batch and its unwinds, explored with everything that can go wrong: what two and three legs
 * leave out for the sake of size.
 */
import { expect, test } from '@jest/globals';
import type { Setup } from './case.js';
import { retold, run, summary } from './model.js';

const TIME_MAX_MS = 240_000;

const ONE: Setup = { targets: [2], onLegFailure: 'UNWIND', attempts: 1, scope: 'THOROUGH' };

test(
  'one leg and its unwinds keep every invariant, whatever goes wrong with them',
  () => {
    const explored = run(ONE);
    console.log(summary('COORDINATED 1 leg, everything', explored));
    expect(explored.violations).toEqual([]);
    expect([...explored.ends].sort()).toEqual(['CANCELLED', 'COMPLETED', 'FAILED', 'PARTIAL']);
    expect(retold(ONE, explored)).toEqual(explored.samples.map(({ key }) => key));
  },
  TIME_MAX_MS,
);

test(
  'an unwind of several attempts sends no more than these, refused ones included',
  () => {
    const explored = run({ ...ONE, attempts: 3, scope: 'FULL' });
    console.log(summary('COORDINATED 1 leg, 3 attempts', explored));
    expect(explored.violations).toEqual([]);
    expect(explored.kinds.get('timer')).toBeGreaterThan(0);
  },
  TIME_MAX_MS,
);
