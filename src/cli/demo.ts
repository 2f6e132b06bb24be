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
import { runJournaled } from './run.js';
import { renderTable } from './table.js';

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

function summary(rows: readonly Row[], paint: Paint): string[] {
  const cells = rows.map((row) => [
    row.name,
    row.expected.join(', '),
    { text: actual(row), paint: (text: string) => paint(statusTone(row.batches.at(-1)?.status ?? ''), text) },
    isAsExpected(row)
      ? 'as expected'
      : { text: 'NOT as expected', paint: (text: string) => paint('red', text) },
    row.shows,
  ]);
  const columns = [
    { title: 'scenario' },
    { title: 'expected' },
    { title: 'actual' },
    { title: '' },
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
