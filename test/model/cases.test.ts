/** Defects that the exploration found, each as its shortest story. `play` checks every claim after every step. */
import { expect, test } from '@jest/globals';
import { batchOf, type Setup } from './case.js';
import { play } from './model.js';

const ONE: Setup = { targets: [2], onLegFailure: 'UNWIND', attempts: 1, scope: 'THOROUGH' };
const TWO: Setup = { ...ONE, targets: [2, 2] };

const targetsOf = (one: ReturnType<typeof play>): (number | null)[] =>
  batchOf(one).unwinds.map(({ target }) => target);

test('a late fill while an unwind is live is undone by itself, not together with what is under way', () => {
  const until = ['commit', 'fill 1', 'timeout', 'canceled', 'view', 'commit', 'late fill'];
  const one = play(ONE, until);
  expect(targetsOf(one)).toEqual([1, 1]);
});

test('a residual that a later unwind takes away is none', () => {
  const until = ['commit', 'fill 1 before ack', 'ack', 'timeout', 'canceled', 'grace', 'commit'];
  const failed = play(TWO, [...until, 'reject']);
  expect(batchOf(failed).tally.residual).toBe(true);
  const again = ['reject', 'late fill', 'view', 'commit', 'fill 2 before ack'];
  const undone = play(TWO, [...until, ...again]);
  expect(targetsOf(undone)).toEqual([1, 2]);
  expect(batchOf(undone).tally.residual).toBe(false);
  const over = play(TWO, [...until, ...again, 'canceled']);
  expect(batchOf(over)).toMatchObject({ status: 'FAILED', residuals: [] });
});

test('after the grace a leg that settles is undone at once, though another stays unknown', () => {
  const one = play(TWO, ['commit', 'unanswered', 'timeout', 'grace', 'fill 2 before ack']);
  const [first, second] = batchOf(one).legs;
  expect([first?.settled, second?.settled]).toEqual([true, false]);
  expect(batchOf(one).entity?.state()).toBe('active.unwinding');
  expect(targetsOf(one)).toEqual([2]);
});

test('an order to be canceled that an escalation had given up is asked after again once the venue speaks', () => {
  const one = play(ONE, ['commit', 'timeout', 'silence', 'ack']);
  const [row] = batchOf(one).legs[0]?.book.open.values() ?? [];
  expect(row).toMatchObject({ escalated: false, cancelRequested: true });
  expect([...one.timers.keys()]).toContain(`o:${row?.clientOrderId}`);
});
