/**
 * Several time-ordered streams as one: the earliest first, and of equals the stream that was named first.
 *
 * Owns the merge only. That each stream is itself in order is checked where its lines are read.
 */

/** `sub`: what of the time lies below the millisecond, in the stream's own unit. */
export interface Timed {
  readonly at: number;
  readonly sub?: number;
}

interface Head<T> {
  readonly rest: Iterator<T>;
  item: T;
}

/** Few streams are expected (a handful of files), so the next one is found by looking at each head. */
export function* mergeByTime<T extends Timed>(streams: readonly Iterable<T>[]): Generator<T> {
  const heads: Head<T>[] = [];
  for (const stream of streams) {
    const rest = stream[Symbol.iterator]();
    const first = rest.next();
    if (!first.done) heads.push({ rest, item: first.value });
  }
  while (heads.length > 0) {
    const index = earliest(heads);
    const head = heads[index]!;
    yield head.item;
    const next = head.rest.next();
    if (next.done) heads.splice(index, 1);
    else head.item = next.value;
  }
}

function earliest<T extends Timed>(heads: readonly Head<T>[]): number {
  let best = 0;
  for (let index = 1; index < heads.length; index += 1) {
    const a = heads[index]!.item;
    const b = heads[best]!.item;
    if (a.at < b.at || (a.at === b.at && (a.sub ?? 0) < (b.sub ?? 0))) best = index;
  }
  return best;
}
