/**
 * `fillwright run`: runs a scenario, on simulated time or at a venue process, and reports what came of it.
 *
 * Owns flags, the journal file's rules (a new or empty file; none is left by a refused run) and Ctrl-C. The run
 * itself is the package's `runScenario`.
 */
import { accessSync, constants, existsSync, mkdirSync, rmSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import {
  type BatchView,
  type Journal,
  loadScenario,
  defaultJournalPath,
  openDurableJournal,
  type Projection,
  runAtVenue,
  runScenario,
  type Scenario,
  type SimulationResult,
} from '../index.js';
import { type Args, onlyArgument, usage } from './args.js';
import { type Command, JSON_FLAG, printJson } from './command.js';
import { EXIT, exitOfBatches, exitOfError } from './exit-codes.js';
import { type Io, painter } from './io.js';
import { barProgress, lineProgress, type Progress, silent } from './progress.js';
import { Refusals } from './refusals.js';
import { reportLines } from './report.js';
import { widthOf } from './table.js';

export const run: Command = {
  name: 'run',
  usage: 'SCENARIO [--journal PATH] [--config FILE] [--json]',
  summary: 'runs a scenario on simulated time and reports what came of it',
  flags: {
    journal: { type: 'string', value: 'PATH', help: 'write the journal there; must be new or empty' },
    config: {
      type: 'string',
      value: 'FILE',
      help: 'platform.yaml in place of the one that the scenario names',
    },
    json: JSON_FLAG,
  },
  async run(args: Args, io: Io): Promise<number> {
    const file = onlyArgument('run', args, 'SCENARIO');
    const config = args.value('config');
    const scenario = loadScenario(file, config === undefined ? {} : { config });
    const path = journalPath(scenario, args.value('journal'));
    if (path !== null) checkJournalPath(path, { mayHold: isLive(scenario) });
    const refusals = new Refusals(scenario);
    const progress = noting(refusals, progressFor(args, io));
    const outcome = await runInteractive(scenario, { path, progress, io });
    if (outcome === 'interrupted') return EXIT.INTERRUPTED;
    const batches = outcome.projection.batches();
    const paint = painter(io.stdout, io.env, args.color);
    const { unsafe } = scenario.config;
    if (args.flag('json')) printJson(io, { batches });
    else if (args.quiet) for (const batch of batches) io.stdout.write(`${batch.batch_id}\n`);
    else {
      const width = widthOf(io.stdout);
      const report = reportLines(batches, {
        file,
        market: outcome.market,
        journal: path,
        unsafe,
        paint,
        width,
      });
      io.stdout.write(`${report.join('\n')}\n`);
    }
    for (const line of refusals.lines) io.stderr.write(`${line}\n`);
    return exitOf(exitOfBatches(batches), outcome.journalFailure, io);
  },
};

const noting = (refusals: Refusals, progress: Progress): Progress => ({
  onEvent(event, projection) {
    refusals.apply(event);
    progress.onEvent(event, projection);
  },
});

/** A run whose journal is incomplete is no success; only unconfirmed orders are worse. */
function exitOf(code: number, journalFailure: string | null, io: Io): number {
  if (journalFailure === null) return code;
  io.stderr.write(`${journalFailure}\n`);
  return code === EXIT.UNCONFIRMED ? code : EXIT.INTERNAL;
}

function progressFor(args: Args, io: Io): Progress {
  if (args.quiet) return silent;
  if (io.stderr.isTTY !== true || io.env['TERM'] === 'dumb') return lineProgress(io.stderr);
  return barProgress(io.stderr, painter(io.stderr, io.env, args.color));
}

/** At a venue of its own, on real time: such a run goes on with its journal, whatever cut it off before. */
const isLive = ({ market }: Scenario): boolean => market.source === 'venue';

const journalPath = (scenario: Scenario, given: string | undefined): string | null =>
  given ?? (isLive(scenario) ? defaultJournalPath(scenario.config.environment) : null);

/** Refuses what would be appended to or cannot be written, before anything runs; makes its directory. @throws USAGE */
export function checkJournalPath(path: string, { mayHold = false } = {}): void {
  if (existsSync(path)) {
    const stat = statSync(path);
    if (stat.isDirectory()) throw usage(`${path}: is a directory; --journal takes a file`);
    if (stat.size > 0 && !mayHold)
      throw usage(`${path}: exists and is not empty; a journal is never appended to by another run`);
  }
  const missing: string[] = [];
  let directory = dirname(resolve(path));
  for (; !existsSync(directory); directory = dirname(directory)) missing.unshift(directory);
  const blocked = usage(`${path}: its directory cannot be written`);
  if (!statSync(directory).isDirectory()) throw blocked;
  try {
    accessSync(directory, constants.W_OK);
    // One by one: Node's recursive mkdir never returns where the system refuses a directory without saying why.
    for (const each of missing) mkdirSync(each);
  } catch {
    throw blocked;
  }
}

interface RunOptions {
  readonly path: string | null;
  readonly progress: Progress;
  readonly io: Io;
}

/** Runs a scenario with its journal file; a first interrupt cancels every batch, a second gives up waiting. */
async function runInteractive(scenario: Scenario, options: RunOptions): Promise<Outcome | 'interrupted'> {
  const { io } = options;
  const abort = new AbortController();
  let giveUp: (value: 'interrupted') => void = () => {};
  const interrupted = new Promise<'interrupted'>((done) => {
    giveUp = done;
  });
  let last: Projection | null = null;
  let quiet = false;
  const release = io.onInterrupt?.(() => {
    if (abort.signal.aborted) {
      quiet = true;
      io.stderr.write(openOrderLines(last?.batches() ?? []));
      giveUp('interrupted');
      return;
    }
    io.stderr.write('cancelling every batch; once more to give up waiting\n');
    abort.abort();
  });
  const progress: Progress = {
    onEvent(event, projection) {
      last = projection;
      if (!quiet) options.progress.onEvent(event, projection);
    },
  };
  try {
    return await Promise.race([
      runJournaled(scenario, { path: options.path, progress }, abort.signal),
      interrupted,
    ]);
  } finally {
    quiet = true;
    release?.();
  }
}

/** Runs a scenario with a journal file, which a run that its input ends does not leave behind. */
export async function runJournaled(
  scenario: Scenario,
  { path, progress }: Pick<RunOptions, 'path' | 'progress'>,
  signal?: AbortSignal,
): Promise<Outcome> {
  const live = isLive(scenario);
  const opened = path === null ? null : await openDurableJournal({ path, sync: live });
  const journal = opened === null ? null : watched(live ? opened : withoutSnapshots(opened));
  try {
    const result = await (live ? runAtVenue : runScenario)(scenario, {
      ...(journal === null ? {} : { journal }),
      ...(signal === undefined ? {} : { signal }),
      onEvent: progress.onEvent,
    });
    return { ...result, journalFailure: journal?.failure ?? null };
  } catch (error) {
    const code = exitOfError(error);
    const inputEndedIt = code === EXIT.USAGE || code === EXIT.REJECTED;
    await journal?.close();
    if (path !== null && inputEndedIt && !live) rmSync(path, { force: true });
    throw error;
  }
}

interface Outcome extends SimulationResult {
  /** The journal could not be written, and the configuration let the run go on. */
  readonly journalFailure: string | null;
}

/** A backtest is not gone on with: its journal stands alone, and whoever removes the file has removed it. */
function withoutSnapshots(journal: Journal): Journal {
  const { snapshot: _, saveSnapshot: __, ...alone } = journal;
  return alone;
}

/** The same journal, remembering why it failed. */
function watched(journal: Journal): Journal & { readonly failure: string | null } {
  let failure: string | null = null;
  const note = (error: unknown): never => {
    failure ??= (error as Error).message;
    throw error;
  };
  return {
    ...journal,
    get failure() {
      return failure;
    },
    commit() {
      try {
        return journal.commit()?.catch(note);
      } catch (error) {
        return note(error);
      }
    },
  };
}

function openOrderLines(batches: readonly BatchView[]): string {
  const open = batches.flatMap((batch) =>
    batch.groups.flatMap((group) =>
      group.orders
        .filter(({ status }) => !['FILLED', 'CANCELED', 'REJECTED', 'EXPIRED'].includes(status))
        .map(
          (order) =>
            `  ${order.client_order_id} ${order.side} ${order.quantity} ${order.symbol} ${order.status}`,
        ),
    ),
  );
  return `interrupted; ${open.length} open orders\n${open.map((line) => `${line}\n`).join('')}`;
}
