/**
 * Three legs of a COORDINATED batch, explored completely within the scope LEAN (scope.ts). The reductions: legs of one
 * size are interchangeable; one leg of two lots meets two of one lot; escalation, early fills, refused cancels and
 * unwinds whose order is unknown are left to the explorations of one and two legs.
 */
import { expect, test } from '@jest/globals';
import type { Setup } from './case.js';
import { retold, run, summary } from './model.js';

const TIME_MAX_MS = 240_000;

const THREE: Setup = { targets: [2, 1, 1], onLegFailure: 'UNWIND', attempts: 1, scope: 'LEAN' };

test(
  'three legs keep every invariant in every state, and never come to a standstill',
  () => {
    const explored = run(THREE);
    console.log(summary('COORDINATED 3 legs', explored));
    expect(explored.violations).toEqual([]);
    expect([...explored.ends].sort()).toEqual(['CANCELLED', 'COMPLETED', 'FAILED', 'PARTIAL']);
    expect(retold(THREE, explored)).toEqual(explored.samples.map(({ key }) => key));
  },
  TIME_MAX_MS,
);
