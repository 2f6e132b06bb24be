/**
 * Writes docs/simulator-coverage.md: which fault kinds struck in which lifecycle states, and which cells are left out,
 * with the reasons. Needs a build. node scripts/coverage.mjs [SEEDS] [FROM]; exits 1 with violations.
 */
import { writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..');
const { simulate } = await import(pathToFileURL(join(ROOT, 'dist', 'testing.js')).href);

const seeds = Number(process.argv[2] ?? 2_000);
const from = Number(process.argv[3] ?? 1);
const workers = Math.min(4, availableParallelism());
// Interrupted, it writes what has been run by then.
const controller = new AbortController();
process.once('SIGINT', () => controller.abort());
let told = 0;
const {
  seeds: done,
  steps,
  records,
  events,
  orders,
  restarts,
  violations,
  coverage,
} = await simulate({
  seeds,
  from,
  workers,
  shrinks: false,
  signal: controller.signal,
  onRun: ({ seed, findings }, done) => {
    for (const { check, message } of findings) process.stderr.write(`seed ${seed}: ${check}: ${message}\n`);
    if (Math.floor((20 * done) / seeds) === told) return;
    told = Math.floor((20 * done) / seeds);
    process.stderr.write(`${done} of ${seeds} worlds\n`);
  },
});
const { reachable, reached, missed, kinds, excluded } = coverage;

const states = [...new Set(Object.values(kinds).flatMap((row) => Object.keys(row)))];
const rows = Object.entries(kinds).map(([kind, row]) => [
  kind,
  ...states.map((state) => String(row[state] ?? '–')),
]);

/** Columns as wide as their widest cell, numbers to the right: the form that the house's formatter leaves alone. */
function table(head, body) {
  const widths = head.map((_, i) => Math.max(...[head, ...body].map((row) => row[i].length)));
  const line = (row) =>
    `| ${row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i]))).join(' | ')} |`;
  const rule = widths.map((width, i) => (i === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`));
  return [line(head), `| ${rule.join(' | ')} |`, ...body.map(line)];
}
const reasons = new Map();
for (const { cells, reason } of excluded) reasons.set(reason, [...(reasons.get(reason) ?? []), cells]);
const text = [
  '# Faults × lifecycle states',
  '',
  `Written by \`node scripts/coverage.mjs ${done} ${from}\`: ${steps} steps (${records} records, ${events} events), ${orders} orders, ${restarts} restarts, ` +
    `${violations.length} violations. ${reached} of ${reachable} reachable cells were reached.`,
  '',
  'A cell counts how often the kind struck while an order, group or batch was in that state: its own order where it ' +
    'strikes one, else whatever lived. – is left out below.',
  '',
  ...table(['kind', ...states], rows),
  '',
  '## Reachable and not reached here',
  '',
  ...(missed.length === 0 ? ['None.'] : missed.map((cell) => `- ${cell}`)),
  '',
  '## Left out, and why',
  '',
  ...[...reasons].map(([reason, cells]) => `- ${reason}: ${cells.join('; ')}.`),
  '',
];
writeFileSync(join(ROOT, 'docs', 'simulator-coverage.md'), text.join('\n'));
process.stdout.write(`${reached} of ${reachable} cells, ${violations.length} violations in ${steps} steps\n`);
process.exitCode = violations.length > 0 ? 1 : 0;
