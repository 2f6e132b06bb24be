/**
 * Two legs of a COORDINATED batch, explored completely: whatever the venue, the deadlines and the operator do, and in
 * whatever order, the invariants of the design hold in every state (I5, I6, I7, I11 to I14, I17, I18).
 */
import { describe, expect, test } from '@jest/globals';
import type { Setup } from './case.js';
import { retold, run, summary } from './model.js';

const TIME_MAX_MS = 240_000;

const TWO: Setup = { targets: [2, 2], onLegFailure: 'UNWIND', attempts: 1, scope: 'FULL' };

describe('two legs', () => {
  test(
    'keep every invariant in every state, and never come to a standstill',
    () => {
      const explored = run(TWO);
      console.log(summary('COORDINATED 2 legs', explored));
      expect(explored.violations).toEqual([]);
      expect([...explored.ends].sort()).toEqual(['CANCELLED', 'COMPLETED', 'FAILED', 'PARTIAL']);
      expect([...explored.kinds.keys()].sort()).toEqual([
        'abandon',
        'ack',
        'cancel',
        'cancel rejected',
        'cancel, keep',
        'canceled',
        'commit',
        'expire',
        'fill 1',
        'fill 1 before ack',
        'fill 2',
        'fill 2 before ack',
        'found 0',
        'found 1',
        'found 2',
        'grace',
        'kill',
        'late fill',
        'race',
        'reject',
        'silence',
        'status',
        'tell',
        'timeout',
        'unanswered',
        'verdict absent',
      ]);
      expect(retold(TWO, explored)).toEqual(explored.samples.map(({ key }) => key));
      expect(explored.samples.length).toBeGreaterThan(40);
    },
    TIME_MAX_MS,
  );

  test(
    'that keep their fills on a failure never unwind, and report the residual',
    () => {
      const explored = run({ ...TWO, onLegFailure: 'CANCEL_PENDING' });
      console.log(summary('COORDINATED 2 legs, CANCEL_PENDING', explored));
      expect(explored.violations).toEqual([]);
      expect([...explored.ends].sort()).toEqual(['CANCELLED', 'COMPLETED', 'FAILED', 'PARTIAL']);
      expect([...explored.kinds.keys()]).not.toContain('expire');
    },
    TIME_MAX_MS,
  );
});
