/** Id sources: where the runtime's seed comes from. */
import { nanoid } from 'nanoid';
import type { IdSource } from '../ports/ids.js';

/** A seed that no other runtime has: for paper and live. */
export const randomIds = (): IdSource => ({ seed: () => nanoid() });

/** The same ids on every run: for simulation and tests. */
export const seededIds = (seed: string): IdSource => ({ seed: () => seed });
