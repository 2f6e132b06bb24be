/**
 * Shrinks a failing world: the fewest actions, legs, faults and steps that still break the same check.
 *
 * Owns the search: pieces are taken out, ever smaller ones, as long as the failure stays (delta debugging). Each
 * attempt is a whole run; their number is bounded.
 */
import type { Finding } from './audit/model.js';
import { runWorld } from './run.js';
import type { Action, World } from './world.js';

/** Runs that one shrinking may take. */
const RUNS_MAX = 400;

/** What shrinking needs of a run. */
export type Run = (
  world: World,
) => Promise<{ readonly findings: readonly Finding[]; readonly steps: number }>;

class Shrinking {
  runs = 0;

  constructor(
    public best: World,
    private readonly finding: Finding,
    private readonly run: Run,
  ) {}

  /** Takes the smaller world when it still fails in the same way. */
  async takes(world: World): Promise<boolean> {
    if (this.runs >= RUNS_MAX) return false;
    this.runs += 1;
    const { findings } = await this.run(world);
    const hit = findings.find(
      ({ check, invariant }) => check === this.finding.check && invariant === this.finding.invariant,
    );
    if (hit === undefined) return false;
    this.best = world;
    return true;
  }

  /** Takes out pieces of a list, halves first, then ever smaller ones. */
  async thin<T>(listOf: (world: World) => readonly T[], withList: (world: World, list: T[]) => World) {
    let size = Math.ceil(listOf(this.best).length / 2);
    while (size >= 1 && this.runs < RUNS_MAX) {
      let from = 0;
      while (from < listOf(this.best).length) {
        const list = listOf(this.best);
        const rest = [...list.slice(0, from), ...list.slice(from + size)];
        if (!(await this.takes(withList(this.best, rest)))) from += size;
      }
      size = size === 1 ? 0 : Math.ceil(size / 2);
    }
  }
}

/** The smallest world found that breaks what `finding` names. */
export async function shrink(world: World, finding: Finding, run: Run = runWorld): Promise<World> {
  const shrinking = new Shrinking(world, finding, run);
  await shrinking.takes({ ...world, steps: finding.step });
  await shrinking.thin(
    ({ actions }) => actions,
    (from, actions) => ({ ...from, actions }),
  );
  await shrinking.thin(
    ({ faults }) => Object.entries(faults),
    (from, faults) => ({ ...from, faults: Object.fromEntries(faults) }),
  );
  await thinLegs(shrinking);
  await fewestSteps(shrinking, run);
  return shrinking.best;
}

type Submit = Extract<Action, { do: 'submit' }>;

async function thinLegs(shrinking: Shrinking): Promise<void> {
  for (let i = 0; i < shrinking.best.actions.length; i++) {
    const isSubmit = (action: Action | undefined): action is Submit => action?.do === 'submit';
    const commandsOf = (world: World) => {
      const action = world.actions[i];
      return isSubmit(action) ? (action.commands ?? []) : [];
    };
    if (commandsOf(shrinking.best).length < 2) continue;
    await shrinking.thin(commandsOf, (world, commands) => ({
      ...world,
      actions: world.actions.map((action, k) =>
        k === i && isSubmit(action) ? { ...action, commands } : action,
      ),
    }));
  }
}

/** Cut after the step at which it fails now. */
async function fewestSteps(shrinking: Shrinking, run: Run): Promise<void> {
  const { findings, steps } = await run(shrinking.best);
  const step = findings[0]?.step ?? steps;
  await shrinking.takes({ ...shrinking.best, steps: step });
}
