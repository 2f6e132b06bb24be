/**
 * I33: what a process has armed comes due, also in the process after it.
 *
 * Owns the account of deadlines: armed by the effects of each fold, taken off by what came due or was disarmed.
 * A process that forgets some goes on to later ones; that a batch hangs for ever, or ends another way, comes much later
 * or never.
 */
import type { Effect } from '../actors/fold.js';
import type { JournaledRecord } from './audit/auditor.js';
import type { Model } from './audit/model.js';

/** At the end, deadlines may be late (fault 27), or not have come yet after a stall (29). */
const LATE_MS = 60_000;

interface Armed {
  readonly gen: number;
  readonly at: number;
  /** What is armed when its time has passed is due from then on. */
  readonly from: number;
}

export class Dues {
  readonly #armed = new Map<string, Armed>();

  constructor(private readonly model: Model) {}

  /** `effects`: what the fold of this record has staged. */
  take({ t, input }: JournaledRecord, effects: readonly Effect[]): void {
    if (input.k === 'due') this.#came(input as unknown as { readonly id: string; readonly gen: number });
    for (const effect of effects) {
      if (effect.type === 'ARM')
        this.#armed.set(effect.key, { gen: effect.gen, at: effect.at, from: Math.max(effect.at, t) });
      else if (effect.type === 'DISARM') this.#armed.delete(effect.key);
    }
  }

  end(now: number): void {
    this.#miss(now - LATE_MS, 'the end');
  }

  #came({ id, gen }: { readonly id: string; readonly gen: number }): void {
    const due = this.#armed.get(id);
    if (due?.gen !== gen) return;
    this.#armed.delete(id);
    // The end of a batch comes before what else is due, whatever was due first (I19).
    if (!id.endsWith(':timeout')) this.#miss(due.at, id);
  }

  /** Nothing that is still armed was due before that. */
  #miss(before: number, what: string): void {
    for (const [id, { from }] of this.#armed) {
      if (from >= before) continue;
      this.#armed.delete(id);
      const text = `${id} has not come, and was due ${before - from} ms and more before ${what}`;
      this.model.found('I33', 'i33NoDeadlineForgotten', text);
    }
  }
}
