/** Files of any content: a typed error that names the file, or a scenario; nothing else, and in bounded time. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { FillwrightError } from '../../src/dtos/errors.js';
import { openMarket } from '../../src/market/open.js';
import { loadScenario, validateFile } from '../../src/runtime/scenario.js';
import { cli } from '../cli/harness.js';

let dir = '';
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'fillwright-fuzz-'));
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

/** Code of the FillwrightError that this throws, null for none; anything else is thrown on. */
function codeOf(act: () => unknown): string | null {
  try {
    act();
    return null;
  } catch (error) {
    if (!(error instanceof FillwrightError)) throw error;
    return error.code;
  }
}

/** Cuts, repeats and overwrites pieces of a text. */
const EDIT = fc.record({
  at: fc.nat(),
  length: fc.nat({ max: 40 }),
  text: fc.oneof(
    fc.constantFrom(
      '\n',
      '\t',
      '- ',
      ': ',
      '{',
      '}',
      '"',
      "'",
      '&a ',
      '*a',
      '!!x ',
      '<<: ',
      '\u0000',
      '\ufeff',
      '1e9',
      'NO',
      '012',
      '---\n',
      '#',
    ),
    fc.string({ maxLength: 8 }),
  ),
});
const edited = (
  text: string,
  edits: readonly { readonly at: number; readonly length: number; readonly text: string }[],
) =>
  edits.reduce((now, { at, length, text: put }) => {
    const from = at % (now.length + 1);
    return now.slice(0, from) + put + now.slice(from + length);
  }, text);

const EXAMPLE = readFileSync('examples/scenarios/pair-trade.yaml', 'utf8');
const CSV =
  'id,price,qty,quote_qty,time,is_buyer_maker\n1,100.5,0.25,25.125,1700000000000,true\n2,100.4,1,100.4,1700000000100,false\n';

describe('a scenario of any content', () => {
  test('loads, or is refused by a code that has an exit code, naming its file', () => {
    const file = join(dir, 'scenario.yaml');
    fc.assert(
      fc.property(fc.array(EDIT, { minLength: 1, maxLength: 6 }), (edits) => {
        writeFileSync(file, edited(EXAMPLE, edits));
        const codes = [
          null,
          'SCENARIO',
          'VALIDATION',
          'CONFIG',
          'SCOPE',
          'STRATEGY_UNAVAILABLE',
          'PLAN_INFEASIBLE',
        ];
        expect(codes).toContain(codeOf(() => loadScenario(file)));
        expect(codes).toContain(codeOf(() => validateFile(file)));
      }),
      { numRuns: 500 },
    );
  });

  test('ends the command line with 2 or 3, one line that names it, and no stack', async () => {
    const file = join(dir, 'refused.yaml');
    await fc.assert(
      fc.asyncProperty(fc.array(EDIT, { minLength: 1, maxLength: 6 }), async (edits) => {
        writeFileSync(file, edited(EXAMPLE, edits));
        const { code, err } = await cli(['validate', file]);
        if (code === 0) return;
        expect([2, 3]).toContain(code);
        expect(err.startsWith(file)).toBe(true);
        expect(err.trimEnd().split('\n')).toHaveLength(1);
        expect(err).not.toMatch(/\bat .+:\d+:\d+\)?$/m);
      }),
      { numRuns: 200 },
    );
  });
});

describe('a trade file of any content', () => {
  test('is read, or refused with MARKET_DATA', () => {
    const file = join(dir, 'trades.csv');
    const config = {
      source: 'recorded',
      format: 'trades-csv',
      files: [file],
      symbols: { trades: 'BTC/USDT' },
    } as const;
    fc.assert(
      fc.property(fc.array(EDIT, { minLength: 1, maxLength: 6 }), (edits) => {
        writeFileSync(file, edited(CSV, edits));
        const code = codeOf(() => {
          for (const event of openMarket(config, '.').events())
            expect(Number.isSafeInteger(event.at)).toBe(true);
        });
        expect([null, 'MARKET_DATA']).toContain(code);
      }),
      { numRuns: 500 },
    );
  });
});

describe('a command line of any words', () => {
  test('ends with an exit code, and with no stack', async () => {
    const words = [
      'run',
      'plan',
      'validate',
      'journal',
      'replay',
      'show',
      'verify',
      'export',
      'machines',
      'report',
      'help',
      '--json',
      '--at',
      '--format',
      '--journal',
      '-x',
      '--',
      '-1',
      '',
      'absent.yaml',
      '--cause',
      'NaN',
      '--help',
    ];
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.oneof(fc.constantFrom(...words), fc.string({ maxLength: 6 })), { maxLength: 5 }),
        async (args) => {
          fc.pre(!args.includes('demo') && !args.includes('simulate'));
          const { code, err } = await cli(args);
          expect([0, 2, 3, 9]).toContain(code);
          expect(err).not.toMatch(/\bat .+:\d+:\d+\)?$/m);
        },
      ),
      { numRuns: 400 },
    );
  });
});
