/**
 * How much of what can happen is explored. Each scope is complete within its bounds; what one leaves out another has.
 *
 * In every scope: one late fill an order; an order in flight decides what became of it when it is first answered for.
 */
interface Bounds {
  /** Fills that overtake their acknowledgement. */
  readonly early: boolean;
  /** Those in parts too, and findings of a part. */
  readonly parts: boolean;
  /** A question that nobody answers to the end: escalation. */
  readonly silence: boolean;
  /** Deadlines that change nothing, cancels asked again, executions after the answer that counted them, stale answers. */
  readonly repeats: boolean;
  /** A cancel that lost the race is refused, before its order's fill is told or after it. */
  readonly refusals: boolean;
  /** Unwinds whose order is unknown. */
  readonly unknownUnwinds: boolean;
  /** Unwinds that race, are late, escalate or reach their deadline; late fills of a leg while its unwind is live. */
  readonly unwindFaults: boolean;
  /** Unwinds wait for their market view and for their commit. */
  readonly stages: boolean;
}

const LEAN: Bounds = {
  early: false,
  parts: false,
  silence: false,
  repeats: false,
  refusals: false,
  unknownUnwinds: false,
  unwindFaults: false,
  stages: false,
};
const FULL: Bounds = { ...LEAN, early: true, silence: true, refusals: true, unknownUnwinds: true };
const THOROUGH: Bounds = { ...FULL, parts: true, repeats: true, unwindFaults: true, stages: true };

export type Scope = 'LEAN' | 'FULL' | 'THOROUGH';
export const SCOPES: Readonly<Record<Scope, Bounds>> = { LEAN, FULL, THOROUGH };
