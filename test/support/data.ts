/** Where recorded data lies: beside the checkout, or where FILLWRIGHT_DATA says. It is never part of the package. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const FOLDER =
  process.env['FILLWRIGHT_DATA'] ?? fileURLToPath(new URL('../../../shared/data', import.meta.url));

/** The path of a data file, null when it does not exist. */
export function dataPath(name: string): string | null {
  const path = join(FOLDER, name);
  return existsSync(path) ? path : null;
}
