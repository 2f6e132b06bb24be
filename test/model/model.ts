/** The product model as the explorer takes it, and what the tests of this folder do with it. */
import { canonical } from './canonical.js';
import { batchOf, begin, type Case, type Setup } from './case.js';
import { choicesOf } from './choices.js';
import { violationsOf } from './claims.js';
import { cloneOf } from './clone.js';
import { type Explored, explore, follow, type Model } from './explore.js';

/** Nothing but an operator could go on from here, and no order was escalated to one. */
function stuck(one: Case): string | null {
  if (one.seen.ends.length > 0 || batchOf(one).escalated.length > 0) return null;
  return choicesOf(one).every(({ by }) => by === 'operator') ? 'deadlock: nothing can happen any more' : null;
}

export const modelOf = (setup: Setup): Model<Case> => ({
  begin: () => begin(setup),
  clone: cloneOf,
  key: canonical,
  choices: choicesOf,
  check: (one, from) => violationsOf(one, from.seen.ends.length > 0),
  stuck,
});

export interface Outcome extends Explored {
  /** How batches ended. */
  readonly ends: ReadonlySet<string>;
}

/** Explores a setup to its end, or to its first violations. */
export function run(setup: Setup): Outcome {
  const model = modelOf(setup);
  const ends = new Set<string>();
  const check: Model<Case>['check'] = (one, from) => {
    for (const { event } of one.seen.ends) ends.add(event.status);
    return model.check(one, from);
  };
  const explored = explore({ ...model, check }, { violationsMax: 5, statesMax: 60_000 });
  return { ...explored, ends };
}

/** The states' texts as a world tells them that was never copied: equal, or copying and merging are wrong. */
export const retold = (setup: Setup, { samples }: Explored): string[] => {
  const model = modelOf(setup);
  return samples.map(({ path }) => model.key(follow(model, path)));
};

const count = (n: number): string => String(n).replace(/\B(?=(\d{3})+$)/g, ',');

export const summary = (name: string, { states, transitions }: Explored): string =>
  `${name}: ${count(states)} states, ${count(transitions)} transitions`;

/** One world led by the beginnings of labels. */
export function play(setup: Setup, labels: readonly string[]): Case {
  const model = modelOf(setup);
  let one = model.begin();
  for (const label of labels) {
    const choices = model.choices(one);
    const choice = choices.find((each) => each.label.startsWith(label));
    if (choice === undefined)
      throw new Error(`no ${label} among ${choices.map((each) => each.label).join('; ')}`);
    const after = model.clone(one);
    choice.run(after);
    const wrong = model.check(after, one);
    if (wrong.length > 0) throw new Error(`${label}: ${wrong.join('; ')}`);
    one = after;
  }
  return one;
}
