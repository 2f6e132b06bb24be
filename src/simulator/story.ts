/**
 * The short story of a failing world: its last records before the finding, a line each.
 *
 * Owns the wording. The whole world is for running it again; this is for reading.
 */
import type { RuntimeEvent } from '../dtos/events.js';
import { type RunResult, runWorld } from './run.js';
import { WORLD_START, type World } from './world.js';

const LINES_MAX = 12;
const SUBJECT = /[0-9A-Za-z_]{12,}/g;

interface Told {
  readonly n: number;
  readonly t: number;
  readonly input: { readonly k: string; readonly id?: string; readonly report?: { readonly type: string } };
  readonly events: readonly RuntimeEvent[];
}

/** Runs the world again and tells of what its finding names; of everything, where it names nothing. */
export async function storyOf(
  world: World,
  message: string,
  run: (world: World, options: { onLine: (line: string) => void }) => Promise<RunResult> = runWorld,
): Promise<readonly string[]> {
  const subjects = message.match(SUBJECT) ?? [];
  const all: string[] = [];
  const named: string[] = [];
  const keep = (lines: string[], line: string): void => {
    lines.push(line);
    if (lines.length > LINES_MAX) lines.shift();
  };
  await run(world, {
    onLine: (line) => {
      keep(all, line);
      if (subjects.some((subject) => line.includes(subject))) keep(named, line);
    },
  });
  return (named.length > 0 ? named : all).map(tell);
}

function tell(line: string): string {
  const { n, t, input, events } = JSON.parse(line) as Told;
  const seconds = ((t - WORLD_START) / 1_000).toFixed(3);
  const what = [input.k, input.report?.type ?? input.id ?? ''].join(' ').trim();
  return `${n} at ${seconds} s: ${what}: ${events.length === 0 ? 'nothing' : events.map(({ type }) => type).join(', ')}`;
}
