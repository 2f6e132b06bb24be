/**
 * A process that dies at a chosen record, and is started again on what its journal kept.
 *
 * Owns the journal that dies, the wire that dies with it (nothing is sent or heard by a dead process, not even the
 * cancels of a halt), and the loop that moves time, restarts, and repeats what its host had not been told was done.
 */
import { Observable, type Subscription } from 'rxjs';
import type { SimulatedClock } from '../../src/clock/simulated-clock.js';
import { seededIds } from '../../src/ids/ids.js';
import { createMemoryJournal } from '../../src/journal/index.js';
import type { Alert } from '../../src/ports/alerts.js';
import type { Connector } from '../../src/ports/connector.js';
import type { Journal } from '../../src/ports/journal.js';
import type { MarketData } from '../../src/ports/market-data.js';
import type { Runtime, RuntimeOptions } from '../../src/runtime/api.js';
import { createRuntime } from '../../src/runtime/create-runtime.js';

/** When a process dies, in records of the whole journal. COMMITTED: before any effect of that record; ACTED: after all. */
export interface Death {
  readonly record: number;
  readonly when: 'COMMITTED' | 'ACTED';
}

export interface Act {
  readonly at: number;
  readonly does: (runtime: Runtime) => Promise<unknown>;
}

export interface Life {
  readonly clock: SimulatedClock;
  readonly venue: Connector & Partial<MarketData>;
  readonly acts: readonly Act[];
  readonly until: number;
  readonly deaths?: readonly Death[];
  /** How long it stays dead, ms; time passes for the venue. */
  readonly downMs?: number;
  readonly snapshots?: Pick<Journal, 'saveSnapshot'>;
  readonly options?: Partial<RuntimeOptions>;
  /** Called with each runtime, before anything is asked of it. */
  readonly onStart?: (runtime: Runtime) => void;
}

export interface Lived {
  readonly runtime: Runtime;
  readonly lines: readonly string[];
  readonly alerts: readonly Alert[];
  readonly starts: number;
}

class MortalJournal implements Journal {
  readonly kept: ReturnType<typeof createMemoryJournal>;
  #pending: string[] = [];
  #isSpent = false;

  constructor(
    lines: readonly string[],
    private readonly death: Death | undefined,
    private readonly die: () => void,
  ) {
    this.kept = createMemoryJournal(lines);
    // Records there already: an ACTED death of the last one comes with the next commit.
    this.#isSpent = death !== undefined && death.when === 'ACTED' && lines.length >= death.record;
  }

  append(line: string): void {
    this.#pending.push(line);
  }

  commit(): void {
    const pending = this.#pending;
    this.#pending = [];
    if (pending.length === 0) return;
    if (this.#isSpent) return this.#end();
    for (const line of pending) {
      this.kept.append(line);
      this.kept.commit();
      if (this.kept.committed.length !== this.death?.record) continue;
      this.#isSpent = true;
      // A record within a commit group is never acted upon before the group's last one.
      if (this.death.when === 'COMMITTED' || line !== pending.at(-1)) return this.#end();
    }
  }

  #end(): never {
    this.die();
    throw new Error('the process died');
  }

  lines(after = 0): Iterable<string> {
    return this.kept.lines(after) ?? [];
  }

  close(): void {}
}

/** What a process sees of the venue while it lives. */
function wireOf(venue: Life['venue'], isDead: () => boolean): Connector & MarketData {
  const alive =
    <A extends readonly unknown[]>(act: (...args: A) => void) =>
    (...args: A): void => {
      if (!isDead()) act(...args);
    };
  const wire = Object.create(venue) as Connector & MarketData;
  const reports$ = new Observable((subscriber) => {
    const subscription: Subscription = venue.reports$.subscribe((report) => {
      if (!isDead()) subscriber.next(report);
    });
    return subscription;
  });
  const own: Partial<Record<keyof (Connector & MarketData), unknown>> = {
    reports$,
    place: alive((order: Parameters<Connector['place']>[0]) => venue.place(order)),
    cancel: alive((id: string) => venue.cancel(id)),
    query: alive((id: string) => venue.query(id)),
    massStatus: venue.massStatus && alive((since: number) => venue.massStatus?.(since)),
    accounts$:
      venue.accounts$ && new Observable((to) => venue.accounts$?.subscribe((a) => !isDead() && to.next(a))),
    capabilities: venue.capabilities,
    venue: venue.venue,
    allowShort: venue.allowShort,
    takerFeeBps: venue.takerFeeBps,
    unlimitedCash: venue.unlimitedCash,
    instrument: (symbol: string) => venue.instrument(symbol),
    balances: () => venue.balances(),
    view: (symbol: string) => venue.view?.(symbol) ?? null,
    watch:
      venue.watch &&
      ((symbol: string, told: Parameters<NonNullable<MarketData['watch']>>[1]) =>
        venue.watch?.(symbol, (view) => !isDead() && told(view))),
    interval: undefined,
    close: undefined,
  };
  for (const [key, value] of Object.entries(own)) Object.defineProperty(wire, key, { value });
  return wire;
}

/** Lives until `until`, dying and starting again as told. */
export async function live(life: Life): Promise<Lived> {
  const { clock, acts, until } = life;
  const deaths = [...(life.deaths ?? [])];
  const alerts: Alert[] = [];
  const todo = new Set(acts);
  let lines: readonly string[] = [];
  for (let starts = 1; ; starts++) {
    const state = { isDead: false };
    const isDead = (): boolean => state.isDead;
    const journal = new MortalJournal(lines, deaths.shift(), () => {
      state.isDead = true;
    });
    Object.assign(journal, life.snapshots);
    const runtime = await createRuntime({
      connectors: { SIM: wireOf(life.venue, isDead) },
      clock,
      journal,
      ids: seededIds('test'),
      alerts: { alert: (alert) => void (isDead() || alerts.push(alert)) },
      ...life.options,
    });
    life.onStart?.(runtime);
    const disarms = [...todo].map((act) => {
      const begin = (): void => {
        act.does(runtime).then(
          () => void (isDead() || todo.delete(act)),
          (error: { readonly code?: string }) => {
            if (!isDead() && error.code !== 'JOURNAL') throw error;
          },
        );
      };
      return clock.at(Math.max(act.at, clock.now()), begin);
    });
    await moveTime(clock, runtime, until, isDead);
    for (const disarm of disarms) disarm();
    lines = [...journal.lines()];
    if (!isDead()) return { runtime, lines, alerts, starts };
    const back = clock.now() + (life.downMs ?? 0);
    while ((clock.nextAt() ?? Number.POSITIVE_INFINITY) <= back) clock.runNext();
    clock.advanceTo(back);
  }
}

async function moveTime(
  clock: SimulatedClock,
  runtime: Runtime,
  until: number,
  isDead: () => boolean,
): Promise<void> {
  for (;;) {
    for (let i = 0; i < 4; i++) await Promise.resolve();
    await runtime.settle();
    for (let i = 0; i < 4; i++) await Promise.resolve();
    if (isDead()) return;
    if (!runtime.idle) continue;
    const next = clock.nextAt();
    if (next === null || next > until) return;
    clock.runNext();
  }
}
