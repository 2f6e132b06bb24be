/**
 * I30: what a connector holds in secret appears in nothing that leaves it.
 *
 * Owns the canary. A message that a connector itself writes its secret into is the connector's, and none of this.
 */
import type { Model } from './model.js';

export const CANARY = 'canary-6ba7b8109dad11d1';

export function i30NoSecret(model: Model, where: string, text: string): void {
  if (text.includes(CANARY)) model.found('I30', 'i30NoSecret', `a connector's secret stands in ${where}`);
}
