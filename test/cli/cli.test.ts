import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { stringify } from 'yaml';
import { COMMANDS } from '../../src/cli/cli.js';
import { exitOfBatches, exitOfError } from '../../src/cli/exit-codes.js';
import { FillwrightError } from '../../src/dtos/errors.js';
import type { BatchView } from '../../src/runtime/run-view.js';
import { commandFor, scenarioFor } from '../runtime/scenario-files.js';
import { cli } from './harness.js';

let dir = '';
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'fillwright-'));
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

let count = 0;
function file(content: unknown): string {
  count += 1;
  const path = join(dir, `f${count}.yaml`);
  writeFileSync(
    path,
    typeof content === 'string' ? content : stringify(content, { aliasDuplicateObjects: false }),
  );
  return path;
}
const fresh = (): string => join(dir, `j${++count}.journal`);
const lines = (text: string): string[] => text.split('\n').filter((line) => line !== '');

describe('help', () => {
  test('lists every command and exit code', async () => {
    const { code, out, err } = await cli(['--help']);
    expect([code, err]).toEqual([0, '']);
    for (const { name, summary } of COMMANDS) expect(out).toContain(`${name.padEnd(8)}  ${summary}`);
    for (const exit of [0, 1, 2, 3, 4, 5, 6, 7, 9, 10, 130])
      expect(out).toMatch(new RegExp(`^ +${exit}  \\w`, 'm'));
  });

  test.each(COMMANDS.map(({ name }) => name))('of %s shows its usage and flags', async (name) => {
    for (const args of [
      [name, '--help'],
      ['help', name],
    ]) {
      const { code, out } = await cli(args);
      expect(code).toBe(0);
      expect(out).toContain(`Usage: fillwright ${name}`);
      for (const flag of Object.keys(COMMANDS.find((command) => command.name === name)?.flags ?? {})) {
        expect(out).toContain(`--${flag}`);
      }
    }
  });

  test('is shown on stderr when nothing was asked for', async () => {
    const { code, out, err } = await cli([]);
    expect([code, out]).toEqual([2, '']);
    expect(err).toContain('Usage: fillwright COMMAND');
  });

  test('-V and --version print the version of the package', async () => {
    const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
      version: string;
    };
    expect((await cli(['-V'])).out).toBe(`${version}\n`);
    expect((await cli(['--version'])).out).toBe(`${version}\n`);
  });
});

describe('bad usage exits 2 with one line', () => {
  test.each<[string, string[], string]>([
    ['an unknown command', ['trade'], "unknown command 'trade'"],
    ['an unknown option', ['run', 'x.yaml', '--fast'], "unknown option '--fast'"],
    ['live', ['run', 'x.yaml', '--live'], "unknown option '--live'"],
    ['an option before the command', ['--json', 'run'], "unknown option '--json'"],
    ['a missing scenario', ['run'], 'SCENARIO is missing'],
    ['a second scenario', ['run', 'a.yaml', 'b.yaml'], "unexpected argument 'b.yaml'"],
    [
      'a flag without its value',
      ['run', 'x.yaml', '--journal'],
      "option '--journal <value>' argument missing",
    ],
    ['a value that looks like a flag', ['run', 'x.yaml', '--journal', '--json'], "'--journal"],
    ['a value where none belongs', ['run', 'x.yaml', '--json=1'], "'--json' does not take an argument"],
    [
      'an unknown format',
      ['machines', '--format', 'svg'],
      "--format must be one of json, mermaid, not 'svg'",
    ],
    ['an unknown colour choice', ['machines', '--color', 'blue'], '--color must be one of'],
    ['no journal action', ['journal'], 'an action is missing'],
    ['an unknown journal action', ['journal', 'eat', 'x'], "unknown action 'eat'"],
    ['a missing journal', ['journal', 'show', 'none.journal'], 'none.journal: no such file'],
    ['nothing to validate', ['validate'], 'FILE is missing'],
  ])('%s', async (_name, args, message) => {
    const { code, out, err } = await cli(args);
    expect([code, out]).toEqual([2, '']);
    expect(lines(err)).toHaveLength(1);
    expect(err).toContain(message);
  });
});

describe('bad input', () => {
  const off = scenarioFor({ commands: [commandFor({ size: '0.000001' })] });
  const missing = {
    source: 'recorded',
    format: 'trades-csv',
    files: ['none.csv'],
    symbols: { btcusdt: 'BTC/USDT' },
  };
  const cases: [string, () => string, number, RegExp][] = [
    ['a file that does not exist', () => join(dir, 'none.yaml'), 2, /none\.yaml: no such file$/],
    ['a syntax error', () => file('a: [1'), 2, /f\d+\.yaml:1:\d+: /],
    ['a duplicate key', () => file('a: 1\na: 2'), 2, /f\d+\.yaml:2:1: Map keys must be unique/],
    [
      'a market file that does not exist',
      () => file({ ...scenarioFor(), market: missing }),
      2,
      /: market\.files\[0\]: no such file: none\.csv$/,
    ],
    [
      'a size off the lot',
      () => file(off),
      3,
      /: directives\[0\]\.commands\[0\]\.size_plan\.position_size: 0\.000001 is not/,
    ],
    ['live', () => file({ ...scenarioFor(), environment: 'live' }), 3, /: environment: live is refused/],
    ['an unknown key', () => file({ ...scenarioFor(), risk: 1 }), 3, /: risk: unknown key$/],
  ];

  test.each(cases)('%s: one line, the code, no journal', async (_name, make, exit, message) => {
    const scenario = make();
    const path = fresh();
    for (const args of [
      ['run', scenario, '--journal', path],
      ['run', scenario, '--journal', path, '--json'],
      ['plan', scenario],
      ['validate', scenario],
    ]) {
      const { code, out, err } = await cli(args);
      expect([code, out]).toEqual([exit, '']);
      expect(lines(err)).toHaveLength(1);
      expect(lines(err)[0]).toMatch(message);
    }
    expect(existsSync(path)).toBe(false);
  });

  test('damaged market data exits 2, names file and line, and leaves no journal', async () => {
    const market = { source: 'recorded', format: 'trades-csv', files: ['t.csv'], symbols: { t: 'BTC/USDT' } };
    writeFileSync(
      join(dir, 't.csv'),
      '1,60000.00,0.5,30000,1736154000000,true\n2,60000.00,oops,30000,1736154001000,true\n',
    );
    const path = fresh();
    const { code, err } = await cli([
      'run',
      file({ ...scenarioFor(), market }),
      '--journal',
      path,
      '--quiet',
    ]);
    expect(code).toBe(2);
    expect(lines(err)).toHaveLength(1);
    expect(err).toContain('t.csv:2: ');
    expect(existsSync(path)).toBe(false);
  });

  test('a directive after the end of the market exits 3', async () => {
    const { code, err } = await cli(['run', file(scenarioFor({ at: '2026-01-01T00:00:00Z' }))]);
    expect(code).toBe(3);
    expect(err).toContain("directives[0].at: is after the market's end at 2025-01-06T09:02:00.000Z");
  });

  test('a journal that exists is never appended to', async () => {
    const path = fresh();
    writeFileSync(path, '{"n":1}\n');
    const { code, err } = await cli(['run', file(scenarioFor()), '--journal', path]);
    expect(code).toBe(2);
    expect(err).toContain('exists and is not empty');
    expect(readFileSync(path, 'utf8')).toBe('{"n":1}\n');
    expect((await cli(['run', file(scenarioFor()), '--journal', dir])).err).toContain('is a directory');
  });
});

describe('validate', () => {
  test('tells what each file is', async () => {
    const [scenario, config] = [file(scenarioFor()), file({ environment: 'paper' })];
    const { code, out, err } = await cli(['validate', scenario, config]);
    expect([code, err]).toEqual([0, '']);
    expect(lines(out)).toEqual([`${scenario}: valid scenario`, `${config}: valid platform configuration`]);
  });

  test('goes on after a bad file and exits with the worst', async () => {
    const files = [file('a: [1'), file({ ...scenarioFor(), risk: 1 }), file(scenarioFor())];
    const { code, out, err } = await cli(['validate', ...files, '--json']);
    expect(code).toBe(2);
    expect(lines(err)).toHaveLength(2);
    const report = JSON.parse(out) as {
      v: number;
      files: { valid: boolean; error?: { issues: { path: string }[] } }[];
    };
    expect(report.v).toBe(1);
    expect(report.files.map(({ valid }) => valid)).toEqual([false, false, true]);
    expect(report.files[1]?.error?.issues[0]?.path).toBe('risk');
  });

  test('refuses a command that is incomplete for its scope', async () => {
    const { size_plan: _, ...command } = commandFor();
    const { code, err } = await cli(['validate', file(scenarioFor({ commands: [command] }))]);
    expect(code).toBe(3);
    expect(err).toContain('directives[0].commands[0].size_plan: NEW_TRADE requires size_plan');
  });
});

describe('plan', () => {
  const twap = commandFor({
    routing: { strategy_params: { strategy: 'TWAP', duration_seconds: 60, slices: 4 } },
  });

  test('of parameters that no plan can meet prints one line with file and path, and exits 3; --json too', async () => {
    const strategy_params = { strategy: 'TWAP', duration_seconds: 60, slices: 4, min_child_quantity: '1' };
    const path = file(scenarioFor({ commands: [commandFor({ routing: { strategy_params } })] }));
    for (const flags of [[], ['--json']]) {
      const { code, out, err } = await cli(['plan', path, ...flags]);
      expect([code, out]).toEqual([3, '']);
      const at = `${path}: directives[0].commands[0].routing_plan.strategy_params: `;
      expect(err.startsWith(at)).toBe(true);
      expect(err.trimEnd()).not.toContain('\n');
    }
  });

  test('--json prints exactly the contract', async () => {
    const { code, out } = await cli(['plan', file(scenarioFor({ commands: [twap] })), '--json']);
    expect(code).toBe(0);
    const { v, batches } = JSON.parse(out) as { v: number; batches: { groups: Record<string, unknown>[] }[] };
    expect(v).toBe(1);
    expect(Object.keys(batches[0] ?? {})).toEqual(['groups']);
    expect(Object.keys(batches[0]?.groups[0] ?? {})).toEqual([
      'symbol',
      'strategy',
      'target_quantity',
      'slices',
    ]);
    expect(batches[0]?.groups[0]?.['slices']).toHaveLength(4);
  });

  test('shows a person when and how much', async () => {
    const { out } = await cli(['plan', file(scenarioFor({ commands: [twap] }))]);
    expect(out).toContain('market  synthetic');
    expect(out).toContain('BTC/USDT  BUY 0.5  TWAP');
    expect(out).toMatch(/2025-01-06T09:00:45\.000Z +0\.125/);
  });

  test('draws the schedule to the width of the terminal, in colour only where asked, never with --json', async () => {
    const path = file(scenarioFor({ commands: [twap] }));
    const { out } = await cli(['plan', path]);
    expect(out).toContain('█');
    expect(out).toContain('└──');
    expect(Math.max(...lines(out).map((line) => line.length))).toBeLessThanOrEqual(80);
    const wide = await cli(['plan', path], { tty: true, env: { NO_COLOR: '1' } });
    expect(Math.max(...lines(wide.out).map((line) => line.length))).toBeGreaterThan(80);
    expect(wide.out).not.toContain('\u001b');
    expect((await cli(['plan', path, '--color', 'always'])).out).toContain('\u001b[36m');
    const json = (await cli(['plan', path, '--json', '--color', 'always'])).out;
    expect(json).not.toContain('█');
    expect(json).not.toContain('\u001b');
  });
});

describe('machines', () => {
  test('prints each topology, the group and the order table', async () => {
    const { out } = await cli(['machines', '--format', 'json']);
    const { machines, order } = JSON.parse(out) as {
      machines: {
        name: string;
        states: { id: string }[];
        transitions: { source: string; event: string; target: string | null }[];
      }[];
      order: unknown[];
    };
    expect(machines.map(({ name }) => name)).toEqual([
      'batch INDEPENDENT',
      'batch SEQUENTIAL',
      'batch COORDINATED',
      'group',
    ]);
    expect(machines[2]?.states.map(({ id }) => id)).toContain('batch.active.unwinding');
    expect(machines[2]?.transitions).toContainEqual(
      expect.objectContaining({
        source: 'batch.active.working',
        event: 'LEG_FAILED',
        target: 'batch.active.cancelling',
      }),
    );
    expect(order.length).toBeGreaterThan(50);
  });

  test('draws them as Mermaid', async () => {
    const { out } = await cli(['machines', '--format', 'mermaid']);
    expect(out.match(/^stateDiagram-v2$/gm)).toHaveLength(5);
    expect(out).toContain('state "unwinding" as batch_active_unwinding');
    expect(out).toMatch(/batch_active_working --> batch_active_cancelling: .*LEG_FAILED/);
    expect(out).toMatch(/^ {2}PENDING_NEW --> NEW: /m);
  });
});

describe('journal show', () => {
  const event = {
    seq: 1,
    at: 1736154000000,
    cause: null,
    type: 'BATCH_ACTIVE',
    batchId: 'BAT_20250106_090000_00000001',
  };
  const record = (n: number, more: object = {}) =>
    `${JSON.stringify({ n, t: 1736154000000, input: { k: 'submit' }, events: [{ ...event, seq: n, ...more }] })}\n`;

  test('prints a row per record and a line per event', async () => {
    const { code, out } = await cli(['journal', 'show', file(record(1) + record(2, { cause: 1 }))]);
    expect(code).toBe(0);
    expect(lines(out)).toEqual([
      '     1  2025-01-06T09:00:00.000Z  submit',
      '        #1 BATCH_ACTIVE BAT_20250106_090000_00000001',
      '     2  2025-01-06T09:00:00.000Z  submit',
      '        #2 ←1 BATCH_ACTIVE BAT_20250106_090000_00000001',
    ]);
  });

  test('says when the last line was cut off', async () => {
    const { code, out } = await cli(['journal', 'show', file(`${record(1)}{"n":2,"t"`)]);
    expect(code).toBe(0);
    expect(lines(out).at(-1)).toBe(`torn tail at byte ${record(1).length}`);
  });

  test('exits 9 naming record and byte when a record is damaged', async () => {
    const { code, out, err } = await cli(['journal', 'show', file(`${record(1)}garbage\n${record(3)}`)]);
    expect([code, out]).toEqual([9, '']);
    expect(err).toContain(`record 2 at byte ${record(1).length}`);
    expect(lines(err)).toHaveLength(1);
  });

  test('shows only what the filters let through', async () => {
    const other = record(2, { groupId: 'EXG_20250106_090000_00001', orderId: 'ORD_1', clientOrderId: 'abc' });
    const path = file(record(1) + other);
    for (const filter of [
      ['--group', 'EXG_20250106_090000_00001'],
      ['--order', 'ORD_1'],
      ['--order', 'abc'],
    ]) {
      const { out } = await cli(['journal', 'show', path, '--json', ...filter]);
      const { records } = JSON.parse(out) as { records: { n: number }[] };
      expect(records.map(({ n }) => n)).toEqual([2]);
    }
    expect((await cli(['journal', 'show', path, '--batch', 'BAT_x'])).out).toBe('');
  });
});

describe('colour', () => {
  const path = (): string => file(`${JSON.stringify({ n: 1, t: 0, input: { k: 'submit' }, events: [] })}\n`);

  test.each<[string, boolean, string[], Record<string, string>]>([
    ['on a terminal', true, [], {}],
    ['with --color always', false, ['--color', 'always'], { NO_COLOR: '1' }],
  ])('is used %s', async (_name, tty, flags, env) => {
    expect((await cli(['journal', 'show', path(), ...flags], { tty, env })).out).toContain('\u001b[1m');
  });

  test.each<[string, boolean, string[], Record<string, string>]>([
    ['off a terminal', false, [], {}],
    ['with NO_COLOR', true, [], { NO_COLOR: '1' }],
    ['with --color never', true, ['--color', 'never'], {}],
    ['on a dumb terminal', true, [], { TERM: 'dumb' }],
  ])('is absent %s', async (_name, tty, flags, env) => {
    expect((await cli(['journal', 'show', path(), ...flags], { tty, env })).out).not.toContain('\u001b');
  });
});

describe('a place for the journal', () => {
  test('is made when its directory is missing', async () => {
    const path = join(dir, 'new', 'deep', 'x.journal');
    const { code } = await cli(['run', file(scenarioFor()), '--journal', path, '--quiet']);
    expect([code, existsSync(path)]).toEqual([0, true]);
  });

  test('that cannot be written is refused before anything runs', async () => {
    const blocker = join(dir, 'blocker');
    writeFileSync(blocker, '');
    const path = join(blocker, 'x.journal');
    const { code, out, err } = await cli(['run', file(scenarioFor()), '--journal', path]);
    expect([code, out, err]).toEqual([2, '', `${path}: its directory cannot be written\n`]);
  });

  test('that fails while running ends the run with exit 1 and one line', async () => {
    const path = join(dir, 'x'.repeat(300));
    const { code, out, err } = await cli(['run', file(scenarioFor()), '--journal', path, '--quiet']);
    expect([code, out]).toEqual([1, '']);
    expect(err).toMatch(/^.*cannot open .*: ENAMETOOLONG.*\n$/);
  });

  test('that fails while on_journal_failure says continue makes the run exit 1, with its report', async () => {
    const path = join(dir, 'x'.repeat(300));
    const error_handling = { on_journal_failure: 'continue' };
    const config = join(dir, 'unsafe.json');
    writeFileSync(config, JSON.stringify({ orchestration: { plan_execution: { error_handling } } }));
    const args = ['run', file(scenarioFor()), '--journal', path, '--config', config];
    const { code, out, err } = await cli(args);
    expect(code).toBe(1);
    expect(out).toContain('COMPLETED');
    expect(err).toMatch(/cannot open .*: ENAMETOOLONG/);
  });
});

describe('the exit code', () => {
  const order = (status: string) => ({ status });
  const batch = (status: string, reason: string | null = null, orders: object[] = []) =>
    ({ status, reason, groups: [{ orders }] }) as unknown as BatchView;

  test.each<[number, BatchView[]]>([
    [0, []],
    [0, [batch('COMPLETED')]],
    [3, [batch('FAILED', 'scope_error')]],
    [3, [batch('FAILED', 'pre_check')]],
    [3, [batch('FAILED', 'control_stop')]],
    [4, [batch('FAILED', 'timeout')]],
    [5, [batch('PARTIAL', 'scope_error')]],
    [6, [batch('CANCELLED')]],
    [7, [batch('ACTIVE')]],
    [10, [batch('ACTIVE', null, [order('UNKNOWN')])]],
    [10, [batch('FAILED'), batch('ACTIVE', null, [order('FILLED'), order('UNKNOWN')])]],
    [4, [batch('CANCELLED'), batch('PARTIAL'), batch('FAILED'), batch('COMPLETED')]],
    [5, [batch('CANCELLED'), batch('PARTIAL'), batch('COMPLETED')]],
    [6, [batch('COMPLETED'), batch('CANCELLED')]],
  ])('is %i for %#', (code, batches) => {
    expect(exitOfBatches(batches)).toBe(code);
  });

  test.each<[number, Error]>([
    [1, new Error('a defect')],
    [1, new FillwrightError('INVARIANT', 'x')],
    [1, new FillwrightError('HALTED', 'x')],
    [1, new FillwrightError('JOURNAL', 'x')],
    [2, new FillwrightError('USAGE', 'x')],
    [2, new FillwrightError('SCENARIO', 'x')],
    [2, new FillwrightError('MARKET_DATA', 'x')],
    [3, new FillwrightError('VALIDATION', 'x')],
    [3, new FillwrightError('CONFIG', 'x')],
    [3, new FillwrightError('PLAN_INFEASIBLE', 'x')],
    [9, new FillwrightError('JOURNAL_DAMAGED', 'x')],
  ])('is %i for the error %#', (code, error) => {
    expect(exitOfError(error)).toBe(code);
  });
});
