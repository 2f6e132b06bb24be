/** The package's version, read once from its manifest: the one place where it is written down. */
import { readFileSync } from 'node:fs';

const manifest: unknown = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));

export const VERSION = String((manifest as { readonly version: unknown }).version);
