/**
 * When faults strike: the swarm of a seed (half the kinds off, the others at a rate of their own), and the draws.
 *
 * Owns one stream per kind, so that taking one away leaves the others as they were. The kinds are faults.ts's.
 */
import { FAULTS, type FaultKind } from './faults.js';
import { Random } from './random.js';

/** Rates of a world by kind number, parts per million; a kind that is missing is off. */
export type FaultRates = Readonly<Record<string, number>>;

/** The swarm: half of the allowed kinds off, the others at a rate between nothing and their most. */
export function swarm(seed: number, allowed: readonly FaultKind[] = FAULTS): FaultRates {
  const random = new Random(seed, 'swarm');
  const rates: Record<string, number> = {};
  for (const { n, maxPpm } of FAULTS) {
    const isOn = random.chance(500_000);
    const rate = random.from(0, maxPpm);
    if (isOn && rate > 0 && allowed.some((one) => one.n === n)) rates[n] = rate;
  }
  return rates;
}

/** What a port throws (28): not always an error. */
export const thrown = (random: Random, text: string): unknown =>
  random.pick([new Error(text), new Error(text), text, null, undefined]);

/** The draws of one world. */
export class FaultDraws {
  readonly #rates: number[] = [];
  readonly #streams: Random[] = [];
  #isCalm = false;

  /** `fired` hears of each fault that strikes, with the order that it strikes where there is one. */
  constructor(
    seed: number,
    rates: FaultRates,
    private readonly fired: (n: number, clientOrderId: string | null) => void,
  ) {
    for (const { n } of FAULTS) {
      this.#rates[n] = rates[n] ?? 0;
      this.#streams[n] = new Random(seed, `fault ${n}`);
    }
  }

  /** Nothing strikes from here on. */
  calm(): void {
    this.#isCalm = true;
  }

  get isCalm(): boolean {
    return this.#isCalm;
  }

  /** Does kind `n` strike now? */
  strikes(n: number, clientOrderId: string | null = null): boolean {
    const rate = this.#rates[n]!;
    if (rate === 0 || this.#isCalm || !this.#streams[n]!.chance(rate)) return false;
    this.fired(n, clientOrderId);
    return true;
  }

  /** The stream of kind `n`, for what the fault is like. */
  of(n: number): Random {
    return this.#streams[n]!;
  }
}
