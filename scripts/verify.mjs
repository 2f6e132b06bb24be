/**
 * Verifies a checkout: format, lint, types, build, house rules, package, generated documentation.
 *
 * One line per step with its time. The first step that fails is named, with everything its tools printed, and ends
 * the run with exit 1. Offline: the package is tried in an empty project that links its dependencies. Arguments name
 * single steps: `npm run verify -- types package`.
 */
import { mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { manifest, run, tool, withSandbox } from './sandbox.mjs';

const JEST = ['--experimental-vm-modules', '--no-warnings', 'node_modules/jest/bin/jest.js'];

const entries = Object.keys(manifest.exports).map((key) => key.replace(/^\./, manifest.name));
const modules = entries.filter((entry) => !entry.endsWith('.json'));

/** Packs the checkout, unpacks it as the sandbox's dependency, and links its commands as npm would. */
function install(sandbox) {
  const packed = join(sandbox.folder, 'packed');
  mkdirSync(packed);
  run('npm', ['pack', '--pack-destination', packed], { env: { npm_config_loglevel: 'warn' } });
  const tarball = readdirSync(packed).find((name) => name.endsWith('.tgz'));
  if (tarball === undefined) throw new Error('npm pack wrote no tarball');
  const target = join(sandbox.modules, manifest.name);
  mkdirSync(target);
  run('tar', ['-xzf', join(packed, tarball), '-C', target, '--strip-components', '1']);
  const bin = join(sandbox.modules, '.bin');
  mkdirSync(bin);
  for (const [name, path] of Object.entries(manifest.bin)) symlinkSync(join(target, path), join(bin, name));
}

function checkImports({ folder }) {
  const lines = modules.map(
    (entry) =>
      `if (Object.keys(await import('${entry}')).length === 0) throw new Error('${entry} exports nothing');`,
  );
  writeFileSync(join(folder, 'imports.mjs'), `${lines.join('\n')}\n`);
  run(process.execPath, ['imports.mjs'], { cwd: folder });
}

/** A host's few lines: every entry resolves with types, and the main function is not typed `any`. */
function checkTypes({ folder }) {
  const imports = modules.map((entry, index) => `import * as entry${index} from '${entry}';`);
  const lines = [
    ...imports,
    `import { createRuntime, type Runtime, type RuntimeOptions } from '${manifest.name}';`,
    'type IsAny<T> = 0 extends 1 & T ? true : false;',
    'export const typed: [IsAny<typeof createRuntime>, IsAny<Runtime>] = [false, false];',
    'export const start = (options: RuntimeOptions): Promise<Runtime> => createRuntime(options);',
    `export const entries: readonly object[] = [${modules.map((_, index) => `entry${index}`).join(', ')}];`,
  ];
  writeFileSync(join(folder, 'consumer.ts'), `${lines.join('\n')}\n`);
  run(tool('tsc'), ['-p', '.', '--noEmit', '--pretty', 'false'], { cwd: folder });
}

function checkBin({ folder }) {
  for (const name of Object.keys(manifest.bin)) {
    const help = run(process.execPath, [join('node_modules', '.bin', name), '--help'], { cwd: folder });
    if (!help.includes(`${name} `)) throw new Error(`${name} --help does not name its commands:\n${help}`);
  }
}

const checkPackage = () =>
  withSandbox((sandbox) => {
    install(sandbox);
    checkImports(sandbox);
    checkTypes(sandbox);
    checkBin(sandbox);
  });

const STEPS = [
  ['format', () => run(tool('biome'), ['format', '.'])],
  ['lint', () => run(tool('biome'), ['lint', '.'])],
  ['build', () => run('npm', ['run', 'build', '--silent'])],
  // After the build: examples import the package by its name.
  ['types', () => run(tool('tsc'), ['-p', 'tsconfig.json', '--noEmit', '--pretty', 'false'])],
  ['house', () => run(process.execPath, [...JEST, 'test/house'])],
  ['package', checkPackage],
  ['docs', () => run(process.execPath, ['scripts/docs.mjs', '--check'])],
];

const seconds = (since) => `${((performance.now() - since) / 1000).toFixed(1)} s`.padStart(7);

async function main(wanted) {
  const begin = performance.now();
  const steps = wanted.length === 0 ? STEPS : STEPS.filter(([name]) => wanted.includes(name));
  const unknown = wanted.filter((name) => !STEPS.some(([known]) => known === name));
  if (unknown.length > 0) throw new Error(`no such step: ${unknown.join(', ')}`);
  for (const [name, step] of steps) {
    const since = performance.now();
    try {
      await step();
    } catch (error) {
      console.log(`${seconds(since)}  ${name}  FAILED`);
      console.error(error.message);
      console.error(`verify: step ${name} failed`);
      process.exitCode = 1;
      return;
    }
    console.log(`${seconds(since)}  ${name}`);
  }
  console.log(`${seconds(begin)}  verified: ${steps.map(([name]) => name).join(', ')}`);
}

await main(process.argv.slice(2));
