/**
 * `fillwright report`: what a run came to, as a table, JSON, or one page with charts. RUN is a journal, or a scenario,
 * which is run for it.
 *
 * Owns flags and files. The report itself is a pure function of the journal; what the batches came to is in it, not in
 * the exit code.
 */
import { existsSync, realpathSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import {
  type BatchReport,
  createMemoryJournal,
  type ExecutionReport,
  executionReport,
  loadScenario,
  readJournal,
  reportOf,
  runScenario,
} from '../index.js';
import { type Args, onlyArgument, usage } from './args.js';
import { type Command, JSON_FLAG, printJson } from './command.js';
import { EXIT } from './exit-codes.js';
import { reportPage } from './html/page.js';
import { type Io, type Paint, painter } from './io.js';
import { checkReadable, isJournal } from './journal-file.js';
import { feesText, headLine, percentText, remainderLines, roleOf, slippageText } from './report.js';

export const report: Command = {
  name: 'report',
  usage: 'RUN [--html FILE] [--json]',
  summary:
    'reports a run, a journal or a scenario to run: cost, schedule, fills; a table or a page with charts',
  flags: {
    html: {
      type: 'string',
      value: 'FILE',
      help: 'write one self-contained page with a chart per group there',
    },
    json: JSON_FLAG,
  },
  async run(args: Args, io: Io): Promise<number> {
    const path = onlyArgument('report', args, 'RUN');
    const page = args.value('html');
    const { made, tornAt } = await reported(path);
    if (page !== undefined) writePage(page, path, made);
    if (args.flag('json')) {
      printJson(io, { ...made, torn_at: tornAt });
      return EXIT.OK;
    }
    const paint = painter(io.stdout, io.env, args.color);
    const lines =
      args.quiet || page !== undefined
        ? made.batches.map((batch) => (args.quiet ? batch.batch_id : headLine(batch, paint)))
        : tableLines(made, paint);
    if (page !== undefined && !args.quiet) lines.push(`page     ${page}`);
    if (tornAt !== null) lines.push(`torn tail at byte ${tornAt}`);
    io.stdout.write(lines.map((line) => `${line}\n`).join(''));
    return EXIT.OK;
  },
};

interface Reported {
  readonly made: ExecutionReport;
  readonly tornAt: number | null;
}

/** A scenario is told by its name's end; one that ends so and begins like a journal is a journal. */
async function reported(path: string): Promise<Reported> {
  checkReadable(path);
  if (/\.(ya?ml|json)$/i.test(path) && !isJournal(path)) {
    const journal = createMemoryJournal();
    await runScenario(loadScenario(path), { journal });
    return { made: executionReport(journal.lines() ?? []), tornAt: null };
  }
  const { records, tornAt } = readJournal(path);
  return { made: reportOf(records), tornAt };
}

/** Replaces an earlier page, never the journal. @throws USAGE */
function writePage(page: string, journal: string, made: ExecutionReport): void {
  if (existsSync(page) && realpathSync(page) === realpathSync(journal))
    throw usage(`${page}: is the journal itself; --html takes another file`);
  try {
    writeFileSync(page, reportPage(made, basename(journal)));
  } catch {
    throw usage(`${page}: cannot be written`);
  }
}

/** A block per group: one line of a table could not hold it all. */
function tableLines(made: ExecutionReport, paint: Paint): string[] {
  if (made.from === null) return ['an empty journal'];
  return [
    `run      ${made.from} to ${made.to}${made.environment === null ? '' : `, ${made.environment}`}`,
    ...made.batches.flatMap((batch) => ['', headLine(batch, paint), ...batchLines(batch, paint)]),
  ];
}

function batchLines(batch: BatchReport, paint: Paint): string[] {
  return [
    ...[...batch.groups, ...(batch.protections ?? [])].flatMap((group) => {
      const { target_quantity: target, unfilled_reason: unfilled } = group;
      const name = `${roleOf(group)}${group.symbol} ${group.side} ${group.strategy}`;
      const price = (text: string | null): string => text ?? 'n/a';
      return [
        `  ${paint('bold', name)}  ${group.status}  ${paint('dim', group.group_id)}`,
        `    filled         ${group.filled_quantity} of ${target ?? 'n/a'} (${percentText(group.filled_pct)}), scheduled by its end ${group.scheduled_at_end ?? 'n/a'}`,
        `    average        ${price(group.avg_price)}`,
        `    vs arrival     ${slippageText(group.slippage_bps)}  (${price(group.arrival_price)})`,
        `    vs VWAP        ${slippageText(group.vs_vwap_bps)}  (${price(group.interval_vwap)})`,
        `    vs TWAP        ${slippageText(group.vs_twap_bps)}  (${price(group.interval_twap)})`,
        `    participation  ${percentText(group.participation)}`,
        `    fees           ${feesText(group.fees)}, maker share ${percentText(group.maker_share)}`,
        `    orders         ${group.orders}, fills ${group.fills.length}, rejects ${group.rejects}`,
        ...(unfilled === null ? [] : [`    unfilled       ${unfilled}`]),
      ];
    }),
    ...remainderLines(batch, paint),
  ];
}
