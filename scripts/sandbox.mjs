/**
 * An empty ESM project in a temporary folder that uses the package as a host would, without the network.
 *
 * Owns the folder and its removal. Only the package's declared dependencies (and Node's types) are linked into it,
 * so an import that package.json forgot to declare fails here as it would at a user's.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..');
export const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));

/** A tool of this checkout's node_modules. */
export const tool = (name) => join(ROOT, 'node_modules', '.bin', name);

/**
 * Runs a program to its end. Throws an Error whose message holds everything it printed when it fails, is killed, or
 * takes longer than `timeoutMs`.
 */
export function run(command, args, { cwd = ROOT, env = {}, timeoutMs = 300_000 } = {}) {
  const done = spawnSync(command, args, {
    cwd,
    env: { ...process.env, ...env },
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: timeoutMs,
    maxBuffer: 256 * 1024 * 1024,
  });
  const printed = `${done.stdout ?? ''}${done.stderr ?? ''}`;
  if (done.status === 0) return done.stdout;
  const ended =
    done.error?.message ?? (done.signal === null ? `exit ${done.status}` : `killed by ${done.signal}`);
  throw new Error(`${printed}${[command, ...args].join(' ')}: ${ended}`);
}

const TSCONFIG = {
  compilerOptions: {
    target: 'es2022',
    lib: ['es2023'],
    module: 'nodenext',
    moduleResolution: 'nodenext',
    moduleDetection: 'force',
    types: ['node'],
    strict: true,
    skipLibCheck: false,
    outDir: 'out',
    rootDir: '.',
  },
  include: ['*.ts'],
};

function link(target, at) {
  mkdirSync(dirname(at), { recursive: true });
  symlinkSync(target, at, 'junction');
}

/** Makes the project, hands its folder to `use`, and removes it whatever happens. */
export async function withSandbox(use) {
  const folder = mkdtempSync(join(tmpdir(), 'fillwright-'));
  const modules = join(folder, 'node_modules');
  try {
    writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true, type: 'module' }));
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(TSCONFIG));
    for (const name of [...Object.keys(manifest.dependencies), '@types/node', 'undici-types']) {
      link(join(ROOT, 'node_modules', name), join(modules, name));
    }
    return await use({ folder, modules });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Makes the checkout itself, as built, the sandbox's `fillwright`. */
export const linkCheckout = ({ modules }) => link(ROOT, join(modules, manifest.name));
