/**
 * Completes package-lock.json after `npm install`: adds the platform packages that the registry at hand did not serve.
 *
 * `npm ci` refuses a lock that lacks any optional dependency, those of other platforms too, yet npm leaves out what a
 * partial registry mirror does not hold. Version, os, cpu and libc follow from the parent's entry and from the name;
 * npm skips such an entry on every platform but its own, where it fetches the package without a recorded checksum.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './sandbox.mjs';

const SYSTEMS = ['android', 'darwin', 'freebsd', 'linux', 'openharmony', 'win32'];
const PROCESSORS = ['arm', 'arm64', 'ia32', 'loong64', 'ppc64', 'riscv64', 's390x', 'x64'];

function platformOf(name) {
  const words = name.split('/').at(-1).split('-');
  const os = words.find((word) => SYSTEMS.includes(word));
  const cpu = words.find((word) => PROCESSORS.includes(word));
  if (os === undefined || cpu === undefined) throw new Error(`${name}: its name tells no platform`);
  const libc = words.at(-1).startsWith('musl') ? 'musl' : 'glibc';
  return { cpu: [cpu], ...(os === 'linux' ? { libc: [libc] } : {}), os: [os] };
}

const path = join(ROOT, 'package-lock.json');
const lock = JSON.parse(readFileSync(path, 'utf8'));
const missing = {};
for (const [parent, entry] of Object.entries(lock.packages)) {
  for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
    if (`node_modules/${name}` in lock.packages || `${parent}/node_modules/${name}` in lock.packages)
      continue;
    const dev = entry.dev ? { dev: true } : {};
    missing[`node_modules/${name}`] = { version, ...dev, optional: true, ...platformOf(name) };
  }
}
const byName = Object.entries({ ...lock.packages, ...missing }).sort(([a], [b]) => a.localeCompare(b, 'en'));
lock.packages = Object.fromEntries(byName);
if (Object.keys(missing).length > 0) writeFileSync(path, `${JSON.stringify(lock, null, 2)}\n`);
for (const name of Object.keys(missing)) console.log(`added ${name}`);
