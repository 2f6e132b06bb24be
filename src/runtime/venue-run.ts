/**
 * Runs a scenario at a venue that is a process of its own, on real time, and goes on where an earlier run of the same
 * journal was cut off.
 *
 * Owns when a directive is submitted and when the run is over. Whether a directive was submitted before is the
 * runtime's to know (decision 17): every one is submitted again, and those that are known give their batch.
 */
import type { RuntimeEvent } from '../dtos/events.js';
import { systemClock } from '../clock/system-clock.js';
import { connectHttpVenue, type HttpVenue } from '../connectors/http/venue.js';
import { FillwrightError, invariant } from '../dtos/errors.js';
import { parseJournal } from '../journal/index.js';
import type { Clock } from '../ports/clock.js';
import type { Journal } from '../ports/journal.js';
import type { BatchHandle, Runtime } from './api.js';
import { createRuntime } from './create-runtime.js';
import { Projection } from './projection.js';
import type { Scenario, ScenarioEntry } from './scenario.js';
import { PROCESS_VENUE } from './scenario-checks.js';
import type { SimulationOptions, SimulationResult } from './simulation.js';

/**
 * Ends when every batch is settled or escalated and no protection is open.
 * @throws CONNECTOR when the venue cannot be reached, and what `submit` throws
 */
export async function runAtVenue(
  scenario: Scenario,
  options: Pick<SimulationOptions, 'journal' | 'alerts' | 'onEvent' | 'signal'> = {},
): Promise<SimulationResult> {
  const { market } = scenario;
  invariant(market.source === 'venue', 'a venue scenario');
  const clock = systemClock();
  const venue = await connectHttpVenue({ clock, url: market.url, name: PROCESS_VENUE });
  const { journal, alerts, signal } = options;
  const projection = new Projection();
  try {
    const runtime = await createRuntime({
      connectors: { [PROCESS_VENUE]: venue },
      marketData: venue,
      config: scenario.config,
      clock,
      ...(journal === undefined ? {} : { journal }),
      ...(alerts === undefined ? {} : { alerts }),
    });
    try {
      const desk = new LiveDesk(runtime, clock, projection, options.onEvent);
      desk.recall(journal);
      await desk.run(scenario, signal);
      await lastLook(runtime, venue, clock);
    } finally {
      await runtime.close();
    }
    const submitted = scenario.entries.length;
    return { projection, runtime, market: `venue at ${market.url}`, endedAt: clock.now(), submitted };
  } finally {
    venue.close();
  }
}

/** Questions for the last listing, and how long each answer is awaited, ms. */
const LOOKS_MAX = 5;
const LOOK_MS = 2000;

/**
 * An execution that the stream lost with the end of its run has no other witness than the venue's list.
 * @throws CONNECTOR when no listing comes
 */
async function lastLook(runtime: Runtime, venue: HttpVenue, clock: Clock): Promise<void> {
  for (let look = 0; look < LOOKS_MAX; look += 1) {
    const listed = new Promise<boolean>((resolve) => {
      const disarm = clock.at(clock.now() + LOOK_MS, () => resolve(false));
      const heard = venue.accounts$.subscribe(({ type }) => {
        if (type !== 'MASS_STATUS') return;
        heard.unsubscribe();
        disarm();
        resolve(true);
      });
    });
    await runtime.reconcile('end of the run');
    if (await listed) return runtime.settle();
  }
  throw new FillwrightError(
    'CONNECTOR',
    `${PROCESS_VENUE} lists no executions at the end of the run: run it again to compare`,
  );
}

class LiveDesk {
  private readonly handles: BatchHandle[] = [];
  /** Asked after each event: is the run over? */
  private check: () => void = () => {};

  constructor(
    private readonly runtime: Runtime,
    private readonly clock: Clock,
    private readonly projection: Projection,
    private readonly onEvent: SimulationOptions['onEvent'],
  ) {
    runtime.events$.subscribe((event) => {
      this.see(event);
      this.onEvent?.(event, this.projection);
      this.check();
    });
  }

  /** What earlier runs journaled; events of this one that are in it already are not seen twice. */
  recall(journal: Journal | undefined): void {
    const lines = [...(journal?.lines() ?? [])];
    for (const { events } of parseJournal(lines.map((line) => `${line}\n`).join('')).records)
      for (const event of events) this.see(event);
  }

  async run(scenario: Scenario, signal: AbortSignal | undefined): Promise<void> {
    const cancel = (): void => this.cancelAll();
    signal?.addEventListener('abort', cancel);
    try {
      for (const entry of [...scenario.entries].sort((a, b) => (a.at ?? 0) - (b.at ?? 0))) {
        if (signal?.aborted !== true) await this.submit(entry);
      }
      if (signal?.aborted === true) this.cancelAll();
      await Promise.all(this.handles.map((handle) => handle.result()));
      await this.unprotected();
    } finally {
      signal?.removeEventListener('abort', cancel);
    }
  }

  private see(event: RuntimeEvent): void {
    if (event.seq > (this.projection.last?.seq ?? 0)) this.projection.apply(event);
  }

  private async submit({ at, directive, commands }: ScenarioEntry): Promise<void> {
    if (at !== null && at > this.clock.now())
      await new Promise<void>((resolve) => this.clock.at(at, resolve));
    this.handles.push(await this.runtime.submit(directive, commands));
  }

  /** Resolves when no protection is open any more. */
  private unprotected(): Promise<void> {
    return new Promise((resolve) => {
      this.check = () => {
        if (this.runtime.openProtections === 0) resolve();
      };
      this.check();
    });
  }

  private cancelAll(): void {
    for (const handle of this.handles) {
      handle.cancel('interrupted').catch((error: unknown) => {
        const isOver =
          error instanceof FillwrightError && (error.code === 'UNKNOWN_BATCH' || error.code === 'UNWINDING');
        if (!isOver) throw error;
      });
    }
  }
}
