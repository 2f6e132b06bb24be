/** One input's worklist: it comes to rest, or the fold says that it does not. */
import { describe, expect, test } from '@jest/globals';
import { Fold } from '../../src/actors/fold.js';
import { NOW, rowsOf } from './rows.js';

describe('a fold', () => {
  test('works off what each step leads to, in turn, until nothing is left', () => {
    const { world, group } = rowsOf();
    const fold = new Fold(world, NOW, {});
    fold.startGroup(group);
    let steps = 0;
    fold.quiesce(() => {
      steps += 1;
      if (steps < 3) fold.startGroup(group);
    });
    expect(steps).toBe(3);
  });

  test.each([
    ['each step leads to another', true],
    ['it is asked over and over, and there is nothing to do', false],
  ])('does not go on for ever where %s', (_, leadsOn) => {
    const { world, group } = rowsOf();
    const fold = new Fold(world, NOW, {});
    const step = (): void => fold.startGroup(group);
    if (leadsOn) step();
    const endless = (): void => {
      for (;;) fold.quiesce(step);
    };
    expect(endless).toThrow('one input does not come to rest');
  });
});
