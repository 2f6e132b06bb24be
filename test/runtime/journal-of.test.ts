/** Which journal a runtime writes when it is given a path, or nothing. */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { openDurableJournal, readJournal } from '../../src/journal/index.js';
import { batch, codeOf, leg, Rig } from './rig.js';

const home = process.cwd();
let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fillwright-runtime-'));
  process.chdir(folder);
});
afterEach(() => {
  process.chdir(home);
  rmSync(folder, { recursive: true, force: true });
});

const open = (environment: string, journal?: string): Promise<Rig> =>
  Rig.open({ more: { config: { environment }, journal } as object });

describe('a runtime', () => {
  test.each(['paper', 'live'])(
    'in %s is durable below the working directory by default',
    async (environment) => {
      const rig = await open(environment);
      await rig.submit(batch([leg()]));
      await rig.runtime.close();
      const { records, tornAt } = readJournal(join('.fillwright', `${environment}.journal`));
      expect(records.map(({ input }) => input.k).slice(0, 2)).toEqual(['open', 'submit']);
      expect(tornAt).toBeNull();
      expect(existsSync(join('.fillwright', `${environment}.journal.lock`))).toBe(false);
    },
  );

  test('in backtest writes no file by default', async () => {
    await (await open('backtest')).runtime.close();
    expect(existsSync('.fillwright')).toBe(false);
  });

  test('takes a path for the durable journal there, in every environment', async () => {
    for (const environment of ['backtest', 'paper']) {
      const rig = await open(environment, `./${environment}.journal`);
      await rig.runtime.close();
      expect(readJournal(`${environment}.journal`).records).toHaveLength(1);
    }
  });

  test('goes on with a journal that holds records, and refuses one that another runtime has', async () => {
    const rig = await open('paper', 'one.journal');
    expect(await codeOf(open('paper', 'one.journal'))).toBe('JOURNAL_LOCKED');
    await rig.runtime.close();
    const again = await open('paper', 'one.journal');
    await again.runtime.close();
    const journal = await openDurableJournal({ path: 'one.journal' });
    expect(journal.last).toBe(2);
    await journal.close();
  });
});
