/**
 * Walks a chart breadth first over a finite sample of events, up to an abstraction of its context.
 *
 * Owns the walk and what must hold at every state of it. Does not own the samples or the abstraction: the test gives
 * both. Intents are consumed by the identity of `out`, so a handled event that puts old intents into a new list would
 * perform them twice.
 */
import { isDeepStrictEqual } from 'node:util';
import { type Chart, type Outlet, type Shot, stateText } from './charts.js';

export interface Walk<E, C extends Outlet> {
  /** Events to try there. */
  readonly sample: (shot: Shot<C>) => readonly E[];
  /** States with equal keys are explored once. */
  readonly key: (context: C) => unknown;
}

export interface Findings {
  readonly taken: Set<string>;
  readonly states: Set<string>;
  readonly explored: number;
  readonly broken: string[];
}

const STATES_MAX = 3000;

function brokenBy<C extends Outlet>(
  before: Shot<C>,
  after: Shot<C>,
  taken: readonly string[],
): string | null {
  if (before.status === 'done') return after === before ? null : 'a final state changed';
  if (taken.length === 0) return 'an event was neither handled nor reported';
  const { out } = after.context;
  if (taken.some((name) => name.includes(' * '))) {
    const same = { ...after.context, out: before.context.out };
    if (out[0]?.type !== 'UNEXPECTED' || out.length !== 1) return 'UNEXPECTED is missing';
    if (!isDeepStrictEqual(same, before.context)) return 'an unexpected event changed the context';
    if (stateText(after.value) !== stateText(before.value)) return 'an unexpected event changed the state';
  }
  // The same list was taken with the event before: it goes by identity.
  if (out !== before.context.out && out.some((intent) => before.context.out.includes(intent)))
    return 'an old intent stands in `out` again';
  return null;
}

/** Explores from every input until nothing new is found; throws where the abstraction does not bound the walk. */
export function explore<E extends { type: string }, I, C extends Outlet>(
  chart: Chart<E, I, C>,
  inputs: readonly I[],
  walk: Walk<E, C>,
): Findings {
  const found = { taken: new Set<string>(), states: new Set<string>(), explored: 0, broken: [] as string[] };
  const check = (shot: Shot<C>, what: () => string): void => {
    if (!isDeepStrictEqual(JSON.parse(JSON.stringify(shot.context)), shot.context)) {
      found.broken.push(`${what()}: the context does not survive JSON`);
    }
  };
  for (const input of inputs) {
    const keys = new Set<string>();
    const queue: Shot<C>[] = [];
    const visit = (shot: Shot<C>, what: () => string): void => {
      const key = JSON.stringify([shot.value, walk.key(shot.context)]);
      if (keys.has(key)) return;
      keys.add(key);
      queue.push(shot);
      found.states.add(stateText(shot.value));
      check(shot, what);
    };
    visit(chart.initial(input), () => 'start');
    for (let at = queue[0], i = 0; at !== undefined; at = queue[++i]) {
      if (i > STATES_MAX) throw new Error('the abstraction leaves too many states');
      found.explored++;
      for (const event of walk.sample(at)) {
        const { shot, taken } = chart.step(at, event);
        const what = () => `${stateText(at.value)} + ${JSON.stringify(event)}`;
        for (const name of taken) found.taken.add(name);
        const broken = brokenBy(at, shot, taken);
        if (broken !== null) found.broken.push(`${what()}: ${broken}`);
        if (shot !== at) visit(shot, what);
      }
    }
  }
  return found;
}
