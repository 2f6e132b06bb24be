/**
 * `fillwright demo`: the packaged scenarios on a synthetic market, with the outcome that each is there to show.
 *
 * Owns the table of expectations. What `npm start` runs.
 */
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type BatchView, loadScenario } from '../index.js';
import { type Args, usage } from './args.js';
import type { Command } from './command.js';
import { EXIT } from './exit-codes.js';
import { type Io, type Paint, painter, statusTone } from './io.js';
import { barProgress, lineProgress, silent } from './progress.js';
import { slippageText } from './report.js';
import { runJournaled } from './run.js';
import { type Column, renderTable } from './table.js';

/** By scenario: the status of each batch in order, and what there is to see. */
export const EXPECTED: readonly {
  readonly name: string;
  readonly statuses: readonly string[];
  readonly shows: string;
}[] = [
  { name: 'pair-trade', statuses: ['COMPLETED'], shows: 'two legs, coordinated, both filled' },
  { name: 'pair-trade-rejected-leg', statuses: ['FAILED'], shows: 'a leg is refused: nothing stays open' },
  { name: 'pair-trade-timeout', statuses: ['FAILED'], shows: 'a leg is too slow: both are unwound' },
  { name: 'multi-leg', statuses: ['COMPLETED'], shows: 'three legs, coordinated' },
  { name: 'flash-crash-exit', statuses: ['COMPLETED', 'COMPLETED'], shows: 'three positions closed at once' },
  { name: 'dca', statuses: ['COMPLETED'], shows: 'three limit orders at falling prices' },
  { name: 'vwap', statuses: ['COMPLETED'], shows: 'slices along a volume curve' },
  { name: 'pov', statuses: ['COMPLETED'], shows: 'a tenth of what others trade' },
  { name: 'iceberg', statuses: ['COMPLETED'], shows: 'a tenth of the order shows' },
  { name: 'layered', statuses: ['COMPLETED'], shows: 'a ladder of resting buys' },
  { name: 'dca-schedule', statuses: ['COMPLETED'], shows: 'a sum a minute, until the budget is spent' },
  { name: 'protected-entry', statuses: ['COMPLETED'], shows: 'an entry whose stop sends it back' },
  { name: 'rotation', statuses: ['COMPLETED'], shows: 'sell one, then buy the other' },
  { name: 'rebalancing', statuses: ['COMPLETED'], shows: 'several symbols, independent' },
];

const SCENARIOS = fileURLToPath(new URL('../../examples/scenarios/', import.meta.url));
const JOURNALS = join('.fillwright', 'demo');

export const demo: Command = {
  name: 'demo',
  usage: '',
  summary: 'runs the packaged scenarios on a synthetic market',
  flags: {},
  async run(args: Args, io: Io): Promise<number> {
    if (args.positionals[0] !== undefined)
      throw usage(`fillwright demo: unexpected argument '${args.positionals[0]}'`);
    const paint = painter(io.stdout, io.env, args.color);
    mkdirSync(JOURNALS, { recursive: true });
    const rows: Row[] = [];
    for (const { name, statuses, shows } of EXPECTED) {
      if (!args.quiet) io.stderr.write(`${name} (synthetic market): ${shows}\n`);
      const { batches, market, journal } = await runOne(name, args, io);
      rows.push({ name, shows, market, journal, expected: statuses, batches });
    }
    io.stdout.write(`${summary(rows, paint).join('\n')}\n`);
    return rows.every(isAsExpected) ? EXIT.OK : EXIT.INTERNAL;
  },
};

interface Row {
  readonly name: string;
  readonly shows: string;
  readonly market: string;
  readonly journal: string;
  readonly expected: readonly string[];
  readonly batches: readonly BatchView[];
}

const actual = (row: Row): string => row.batches.map(({ status }) => status).join(', ');
const isAsExpected = (row: Row): boolean => actual(row) === row.expected.join(', ');

async function runOne(
  name: string,
  args: Args,
  io: Io,
): Promise<Pick<Row, 'batches' | 'market' | 'journal'>> {
  const journal = join(JOURNALS, `${name}.journal`);
  // The demonstration's own file from last time.
  if (existsSync(journal)) rmSync(journal);
  const bars = io.stderr.isTTY === true && io.env['TERM'] !== 'dumb';
  const loud = bars
    ? barProgress(io.stderr, painter(io.stderr, io.env, args.color))
    : lineProgress(io.stderr);
  const progress = args.quiet ? silent : loud;
  const scenario = loadScenario(relative('', join(SCENARIOS, `${name}.yaml`)));
  const { projection, market } = await runJournaled(scenario, { path: journal, progress });
  return { batches: projection.batches(), market, journal };
}

interface Figures {
  readonly fills: number;
  readonly slippage: string;
  readonly unwinds: string;
}

/** Over all legs of a scenario; slippage weighted by notional, for display only. */
function figuresOf(batches: readonly BatchView[]): Figures {
  const groups = batches.flatMap((batch) => batch.groups);
  const unwinds = groups.filter((group) => group.offsets_group_id !== undefined);
  let notional = 0;
  let cost = 0;
  for (const group of groups) {
    if (group.offsets_group_id !== undefined || group.slippage_bps === null || group.avg_price === null)
      continue;
    const weight = Number(group.filled_quantity) * Number(group.avg_price);
    notional += weight;
    cost += weight * Number(group.slippage_bps);
  }
  return {
    fills: groups.reduce((sum, group) => sum + fillsOf(group), 0),
    slippage: slippageText(notional === 0 ? null : (cost / notional).toFixed(2)),
    unwinds:
      unwinds.map((group) => `${group.side} ${group.filled_quantity} ${group.symbol}`).join(', ') || 'none',
  };
}

const fillsOf = (group: BatchView['groups'][number]): number =>
  group.orders.reduce((sum, order) => sum + order.fills.length, 0);

function summary(rows: readonly Row[], paint: Paint): string[] {
  const figures = rows.map(({ batches }) => figuresOf(batches));
  const cells = rows.map((row, i) => [
    row.name,
    { text: actual(row), paint: (text: string) => paint(statusTone(row.batches.at(-1)?.status ?? ''), text) },
    isAsExpected(row)
      ? 'as expected'
      : { text: `NOT as expected: ${row.expected.join(', ')}`, paint: (text: string) => paint('red', text) },
    String(figures[i]?.fills),
    figures[i]?.slippage ?? '',
    figures[i]?.unwinds ?? '',
    row.shows,
  ]);
  const columns: readonly Column[] = [
    { title: 'scenario' },
    { title: 'status' },
    { title: '' },
    { title: 'fills', align: 'right' },
    { title: 'slippage', align: 'right' },
    { title: 'unwound' },
    { title: 'shows' },
  ];
  // `synthetic (seed 11)`: each scenario has a seed of its own.
  const markets = [...new Set(rows.map(({ market }) => market.split(' (')[0]))];
  return [
    ...renderTable(columns, cells),
    '',
    `market    ${markets.join(', ')}: made-up prices, not fitted to any real market`,
    `journals  ${JOURNALS}`,
    `next      fillwright journal show ${rows[0]?.journal ?? ''}`,
  ];
}
