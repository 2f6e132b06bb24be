/** A journal file as the command line finds it: what is no readable file is a usage error, and nothing else is. */
import { accessSync, closeSync, constants, existsSync, openSync, readSync, statSync } from 'node:fs';
import { usage } from './args.js';

/** @throws USAGE; a rotation that a crash cut off may have left older segments alone under the name */
export function checkReadable(path: string): void {
  if (!existsSync(path)) {
    if (existsSync(`${path}.00001`)) return;
    throw usage(`${path}: no such file`);
  }
  const refused = usage(`${path}: cannot be read`);
  if (statSync(path).isDirectory()) throw refused;
  try {
    accessSync(path, constants.R_OK);
  } catch {
    throw refused;
  }
}

/** A journal begins with its format's name, a plain one with its first record. */
export function isJournal(path: string): boolean {
  if (!existsSync(path)) return existsSync(`${path}.00001`);
  const head = Buffer.alloc(256);
  const file = openSync(path, 'r');
  try {
    const text = head.toString('latin1', 0, readSync(file, head));
    return text.startsWith('{"n":') || text.includes('fillwright-journal');
  } finally {
    closeSync(file);
  }
}
