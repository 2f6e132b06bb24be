/**
 * Each example compiles against the built package, runs to its end as a host's program would, and prints its story.
 */
import { spawnSync } from 'node:child_process';
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const TSC = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc');
const PROGRAMS = ['custom-strategy', 'inspect', 'pair-trade', 'rxjs-streams'];
const folder = mkdtempSync(join(tmpdir(), 'fillwright-examples-'));
const modules = join(folder, 'node_modules');
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function node(...args: string[]): { status: number | null; out: string; err: string } {
  const done = spawnSync(process.execPath, args, { cwd: folder, encoding: 'utf8', timeout: 60_000 });
  return { status: done.status, out: done.stdout, err: done.stderr };
}

function link(name: string): void {
  const at = join(modules, name);
  mkdirSync(dirname(at), { recursive: true });
  symlinkSync(join(ROOT, 'node_modules', name), at, 'junction');
}

/** A host's project: the package as built now, what it and the examples depend on, and the examples. */
beforeAll(() => {
  const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
    readonly dependencies: object;
  };
  for (const name of [
    ...Object.keys(manifest.dependencies),
    '@statelyai/inspect',
    '@types/node',
    'undici-types',
  ])
    link(name);
  const own = join(modules, 'fillwright');
  mkdirSync(own);
  copyFileSync(join(ROOT, 'package.json'), join(own, 'package.json'));
  const built = node(
    TSC,
    '-p',
    join(ROOT, 'tsconfig.build.json'),
    '--outDir',
    join(own, 'dist'),
    '--sourceMap',
    'false',
  );
  expect(built).toEqual({ status: 0, out: '', err: '' });
  mkdirSync(join(folder, 'examples'));
  for (const file of sources()) copyFileSync(join(ROOT, 'examples', file), join(folder, 'examples', file));
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true, type: 'module' }));
  const compilerOptions = {
    ...{ target: 'es2022', lib: ['es2023'], module: 'nodenext', types: ['node'] },
    ...{ strict: true, noUncheckedIndexedAccess: true, exactOptionalPropertyTypes: true, skipLibCheck: true },
    ...{ verbatimModuleSyntax: true, rootDir: 'examples', outDir: 'out' },
  };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['examples'] }));
  expect(node(TSC, '-p', '.', '--pretty', 'false')).toEqual({ status: 0, out: '', err: '' });
});

const sources = (): string[] => readdirSync(join(ROOT, 'examples')).filter((name) => name.endsWith('.ts'));
const run = (name: string) => node(join('out', `${name}.js`));

describe('examples', () => {
  test('are the programs that are run here, the desk that two of them share, and are all listed', () => {
    expect(sources().sort()).toEqual([...PROGRAMS, 'simulated-desk'].sort().map((name) => `${name}.ts`));
    const readme = readFileSync(join(ROOT, 'examples', 'README.md'), 'utf8');
    for (const name of sources()) expect(readme).toContain(`[${name}](${name})`);
  });

  test('pair-trade completes both legs and traces a fill back to its origin', () => {
    const { status, out, err } = run('pair-trade');
    expect({ status, err }).toEqual({ status: 0, err: '' });
    expect(out).toContain('btc  BTC/USDT  COMPLETED  0.5 of 0.5\n');
    expect(out).toContain('eth  ETH/USDT  COMPLETED  12 of 12\n');
    expect(out).toContain('residuals: 0, fills: 12\n');
    expect(out).toMatch(/ {2}fill +FIL_\S+\n {2}order +ORD_\S+ .*\n {2}group +EXG_\S+\n {2}batch +BAT_/);
    expect(out).toMatch(/ {2}directive +STR_\S+ of mean-reversion\n {2}origin +SCHEDULE mean-reversion\n$/);
  });

  test('rxjs-streams shows the refused leg and the unwind as they happen', () => {
    const { status, out, err } = run('rxjs-streams');
    expect({ status, err }).toEqual({ status: 0, err: '' });
    const lines = out.trim().split('\n');
    expect(lines.filter((line) => line.startsWith('status$'))).toEqual([
      'status$  ACTIVE',
      'status$  FAILED',
      'status$  completes: the batch is terminal',
    ]);
    expect(lines.filter((line) => line.startsWith('events$')).map((line) => line.split(' ').at(-1))).toEqual([
      'BATCH_STOPPING',
      'BATCH_UNWINDING',
      'BATCH_SETTLED',
    ]);
    expect(lines.filter((line) => line.startsWith('groups')).map((line) => line.split(' ').at(-2))).toEqual([
      'COMPLETED',
      'FAILED',
      'COMPLETED',
    ]);
    expect(out).toContain('fills    BTC/USDT: fill 2, turnover ');
  });

  test('custom-strategy refuses wrong parameters and buys each clip a step below the last', () => {
    const { status, out, err } = run('custom-strategy');
    expect({ status, err }).toEqual({ status: 0, err: '' });
    expect(out.trim().split('\n')).toEqual([
      'commands[0].routing_plan.strategy_params: DIP takes clips and step_bps, whole numbers',
      'COMPLETED 0.3 target_reached',
      'DIP planned 0.1 at 60003',
      'DIP planned 0.1 at 59997.00',
      'DIP planned 0.1 at 59991.00',
      'DIP bought  0.1 at 60003',
      'DIP bought  0.1 at 59997',
      'DIP bought  0.1 at 59991',
    ]);
  });

  test('inspect shows every statechart and ends by itself, with no one listening', () => {
    const { status, out, err } = run('inspect');
    expect({ status, err }).toEqual({ status: 0, err: '' });
    expect(out.match(/^actor {2}.*$/gm)).toEqual([
      'actor  supervisor',
      expect.stringMatching(/BAT_\S+ under supervisor$/),
      expect.stringMatching(/EXG_\S+ under supervisor$/),
      expect.stringMatching(/EXG_\S+ under supervisor$/),
    ]);
    expect(out).toMatch(/state {2}BAT_\S+ {"active":"working"} on START\n/);
    expect(out).toMatch(/state {2}EXG_\S+ "completed" on ORDER_ENDED\n/);
    expect(out).toMatch(/\nbatch COMPLETED\n( +\d+ {2}@xstate\.\w+\n){3}$/);
  });
});
