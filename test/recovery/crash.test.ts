/** A crash at every record of small runs: nothing placed twice, no fill lost, and the batch ends as it would have. */
import { describe, expect, test } from '@jest/globals';
import { endings, judge, STORIES, tell } from './stories.js';

const names = Object.keys(STORIES);
const story = (name: string) => STORIES[name]!;

describe.each(names)('%s', (name) => {
  test('ends well by itself', async () => {
    const told = await tell(story(name));
    expect(judge(told)).toEqual([]);
    expect(endings(told)).toHaveLength(1);
    expect(told.starts).toBe(1);
  });

  test.each(['COMMITTED', 'ACTED'] as const)(
    'ends the same after a crash at any record: %s',
    async (when) => {
      const whole = await tell(story(name));
      const mayEnd = [endings(whole)[0], ...(when === 'COMMITTED' ? (story(name).mayEnd ?? []) : [])];
      for (let record = 1; record <= whole.lines.length; record++) {
        const told = await tell(story(name), [{ record, when }]);
        expect({ record, found: judge(told) }).toEqual({ record, found: [] });
        const ends = endings(told);
        expect(ends).toHaveLength(1);
        expect({ record, end: mayEnd.includes(ends[0]) ? 'as it may' : ends[0] }).toEqual({
          record,
          end: 'as it may',
        });
      }
    },
  );
});
