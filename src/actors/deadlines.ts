/**
 * Deadlines: one heap of absolute times, one timer.
 *
 * Owns which deadline is due and when to wake. A deadline has an id and a generation; arming an id again replaces it,
 * a disarmed one is dropped when the heap is compacted at half dead. Equal times come due in the order they were
 * armed. Knows nothing of what a deadline means: that is decided by whoever receives DEADLINE_DUE.
 */
export interface Due {
  readonly id: string;
  readonly gen: number;
}

interface Entry extends Due {
  readonly at: number;
  readonly order: number;
}

const before = (a: Entry, b: Entry): boolean => a.at < b.at || (a.at === b.at && a.order < b.order);
const COMPACT_MIN = 64;

export class Deadlines {
  private heap: Entry[] = [];
  private readonly armed = new Map<string, Entry>();
  private count = 0;

  /** Armed deadlines. */
  get size(): number {
    return this.armed.size;
  }

  arm(id: string, gen: number, at: number): void {
    const entry = { id, gen, at, order: this.count++ };
    this.armed.set(id, entry);
    this.push(entry);
    if (this.heap.length > COMPACT_MIN && this.heap.length > 2 * this.armed.size) this.compact();
  }

  disarm(id: string): void {
    this.armed.delete(id);
    if (this.heap.length > COMPACT_MIN && this.heap.length > 2 * this.armed.size) this.compact();
  }

  /** What is armed, in the order of arming. */
  list(): readonly { readonly id: string; readonly gen: number; readonly at: number }[] {
    return [...this.armed.values()]
      .sort((a, b) => a.order - b.order)
      .map(({ id, gen, at }) => ({ id, gen, at }));
  }

  /** When the earliest armed deadline is due, epoch ms; null when none is armed. */
  nextAt(): number | null {
    this.dropDead();
    return this.heap[0]?.at ?? null;
  }

  /** Takes what is due at `now`, at most `max`, earliest first. */
  popDue(now: number, max: number): Due[] {
    const due: Due[] = [];
    while (due.length < max) {
      this.dropDead();
      const top = this.heap[0];
      if (top === undefined || top.at > now) break;
      this.pop();
      this.armed.delete(top.id);
      due.push({ id: top.id, gen: top.gen });
    }
    return due;
  }

  private dropDead(): void {
    for (let top = this.heap[0]; top !== undefined && this.armed.get(top.id) !== top; top = this.heap[0])
      this.pop();
  }

  /** Drops the dead in place, then restores the heap from the bottom up: no copy, no sort. */
  private compact(): void {
    const { heap, armed } = this;
    let live = 0;
    for (const entry of heap) if (armed.get(entry.id) === entry) heap[live++] = entry;
    heap.length = live;
    for (let at = (live >> 1) - 1; at >= 0; at--) this.sink(at, heap[at]!);
  }

  private push(entry: Entry): void {
    const heap = this.heap;
    let at = heap.length;
    heap.push(entry);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!before(entry, heap[parent]!)) break;
      heap[at] = heap[parent]!;
      at = parent;
    }
    heap[at] = entry;
  }

  private pop(): void {
    const heap = this.heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    this.sink(0, last);
  }

  /** Puts an entry where it belongs at or below `from`. */
  private sink(from: number, entry: Entry): void {
    const { heap } = this;
    let at = from;
    for (let child = 2 * at + 1; child < heap.length; child = 2 * at + 1) {
      const right = child + 1;
      if (right < heap.length && before(heap[right]!, heap[child]!)) child = right;
      if (!before(heap[child]!, entry)) break;
      heap[at] = heap[child]!;
      at = child;
    }
    heap[at] = entry;
  }
}
