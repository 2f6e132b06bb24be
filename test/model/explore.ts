/**
 * Breadth-first exploration of a product model. Owns the frontier, what was met, and the way back to the beginning;
 * knows nothing of what the states mean.
 */
export interface Model<S> {
  /** A fresh first state. */
  readonly begin: () => S;
  readonly clone: (state: S) => S;
  readonly key: (state: S) => string;
  readonly choices: (state: S) => readonly { readonly label: string; readonly run: (state: S) => void }[];
  /** What a state violates that was entered from another. */
  readonly check: (state: S, from: S) => readonly string[];
  /** What is wrong with staying in this state; null when nothing is. */
  readonly stuck: (state: S) => string | null;
}

export interface Violation {
  readonly what: string;
  readonly path: readonly string[];
}

export interface Explored {
  readonly states: number;
  readonly transitions: number;
  readonly violations: readonly Violation[];
  /** How often each event was taken, by its label without the id at its end. */
  readonly kinds: ReadonlyMap<string, number>;
  /** Some states with the way to them. */
  readonly samples: readonly { readonly key: string; readonly path: readonly string[] }[];
}

export interface Bounds {
  /** Stops after that many violations. */
  readonly violationsMax: number;
  readonly statesMax: number;
}

interface Found<S> {
  readonly state: S;
  readonly n: number;
}

const ID = / [A-Z]*_?[0-9a-z_]{12,}$/;
const SAMPLE_EVERY = 97;

export function explore<S>(model: Model<S>, { violationsMax, statesMax }: Bounds): Explored {
  const met = new Map<string, number>();
  const parents: number[] = [-1];
  const labels: string[] = ['begin'];
  const violations: Violation[] = [];
  const samples: Explored['samples'][number][] = [];
  const kinds = new Map<string, number>();
  let transitions = 0;
  const pathTo = (n: number): string[] => {
    const path: string[] = [];
    for (let at = n; at > 0; at = parents[at] ?? 0) path.push(labels[at] ?? '');
    return path.reverse();
  };

  /** Takes every enabled event of a state; returns the states that were not met before. */
  const expand = ({ state, n }: Found<S>): Found<S>[] => {
    const fresh: Found<S>[] = [];
    const stuck = model.stuck(state);
    if (stuck !== null) violations.push({ what: stuck, path: pathTo(n) });
    for (const { label, run } of model.choices(state)) {
      const after = model.clone(state);
      run(after);
      transitions += 1;
      const kind = label.replace(ID, '');
      kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
      const wrong = model.check(after, state);
      for (const what of wrong) violations.push({ what, path: [...pathTo(n), label] });
      if (violations.length >= violationsMax) return [];
      const key = model.key(after);
      if (wrong.length > 0 || met.has(key)) continue;
      const number = met.size;
      met.set(key, number);
      parents[number] = n;
      labels[number] = label;
      fresh.push({ state: after, n: number });
      if (number % SAMPLE_EVERY === 0) samples.push({ key, path: pathTo(number) });
      if (met.size > statesMax) throw new Error(`more than ${statesMax} states: the model is not finite`);
    }
    return fresh;
  };

  const first = model.begin();
  met.set(model.key(first), 0);
  let layer: Found<S>[] = [{ state: first, n: 0 }];
  while (layer.length > 0 && violations.length < violationsMax) layer = layer.flatMap(expand);
  return { states: met.size, transitions, violations, kinds, samples };
}

/** The state at the end of a path, taken step by step in one world, without a copy. */
export function follow<S>(model: Model<S>, path: readonly string[]): S {
  const state = model.begin();
  for (const label of path) {
    const choice = model.choices(state).find((one) => one.label === label);
    if (choice === undefined) throw new Error(`${label} is not enabled`);
    choice.run(state);
  }
  return state;
}
