/**
 * What a venue has on disk against what a journal says. Owns the comparison; knows neither runtime nor machines, and
 * reads the journal through the command line's own `journal export`.
 */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const CLI = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

function eventsOf(journal) {
  const done = spawnSync(process.execPath, [CLI, 'journal', 'export', journal, '--format', 'jsonl'], {
    encoding: 'utf8',
    maxBuffer: 1024 ** 3,
  });
  if (done.status !== 0) throw new Error(`journal export: exit ${done.status}: ${done.stderr}`);
  return done.stdout
    .split('\n')
    .filter((line) => line !== '')
    .flatMap((line) => JSON.parse(line).events);
}

const tally = (keys) => {
  const counts = new Map();
  for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1);
  return counts;
};
const repeated = (counts, what) =>
  [...counts].filter(([, n]) => n > 1).map(([key, n]) => `${key}: ${what} ${n} times`);
const missing = (keys, known, what) =>
  [...keys].filter((key) => !known.has(key)).map((key) => `${key}: ${what}`);

/** The venue's file and a journal's path. */
export function compare(venueText, journal) {
  const venue = venueText
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
  return compared(venue, eventsOf(journal));
}

/** Findings as text, none when the venue's entries and the journal's events agree. */
export function compared(venue, events) {
  const of = (type) => events.filter((event) => event.type === type);
  const accepted = venue.filter(({ kind }) => kind === 'ACCEPT');
  const trades = venue.filter(({ kind }) => kind === 'TRADE');
  const intents = new Set(of('ORDER_INTENT').map(({ clientOrderId }) => clientOrderId));
  const fills = of('FILL').filter(({ connectorFillId }) => connectorFillId !== null);
  const booked = tally(fills.map(({ connectorFillId }) => connectorFillId));
  const settled = new Set(of('BATCH_SETTLED').map(({ batchId }) => batchId));
  const open = new Map(accepted.map(({ id, order }) => [id, order]));
  const filled = new Map();
  for (const { kind, id, quantity } of venue) {
    if (kind === 'END') open.delete(id);
    if (kind === 'TRADE') filled.set(id, (filled.get(id) ?? 0) + Number(quantity));
  }
  for (const [id, order] of open) if ((filled.get(id) ?? 0) >= Number(order.quantity) - 1e-9) open.delete(id);
  const findings = [
    ...repeated(tally(accepted.map(({ order }) => order.clientOrderId)), 'accepted by the venue'),
    ...repeated(booked, 'booked'),
    ...missing(
      new Set(accepted.map(({ order }) => order.clientOrderId)),
      intents,
      'at the venue without an intent',
    ),
    ...missing(new Set(trades.map(({ execId }) => execId)), booked, 'executed and never booked'),
    ...missing(booked.keys(), new Set(trades.map(({ execId }) => execId)), 'booked and never executed'),
    ...missing(new Set(of('BATCH_CREATED').map(({ batchId }) => batchId)), settled, 'never settled'),
    ...[...open.values()].map(({ clientOrderId }) => `${clientOrderId}: still open at the venue`),
  ];
  const batches = of('BATCH_SETTLED').map(({ status }) => status);
  return {
    orders: accepted.length,
    fills: trades.length,
    batches: Object.fromEntries(tally(batches)),
    restarts: of('RUNTIME_OPENED').length - 1,
    findings,
  };
}
