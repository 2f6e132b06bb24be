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
const { steps, orders, restarts, violations, coverage } = await simulate({
  seeds,
  from,
  workers,
  shrinks: false,
});
const { reachable, reached, missed, kinds, excluded } = coverage;

const states = [...new Set(Object.values(kinds).flatMap((row) => Object.keys(row)))];
const rows = Object.entries(kinds).map(
  ([kind, row]) => `| ${kind} | ${states.map((state) => row[state] ?? '–').join(' | ')} |`,
);
const reasons = new Map();
for (const { cells, reason } of excluded) reasons.set(reason, [...(reasons.get(reason) ?? []), cells]);
const text = [
  '# Faults × lifecycle states',
  '',
  `Written by \`node scripts/coverage.mjs ${seeds} ${from}\`: ${steps} steps, ${orders} orders, ${restarts} restarts, ` +
    `${violations.length} violations. ${reached} of ${reachable} reachable cells were reached.`,
  '',
  'A cell counts how often the kind struck while an order, group or batch was in that state: its own order where it ' +
    'strikes one, else whatever lived. – is left out below.',
  '',
  `| kind | ${states.join(' | ')} |`,
  `|---|${states.map(() => '---:').join('|')}|`,
  ...rows,
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
for (const { seed, check, message } of violations)
  process.stderr.write(`seed ${seed}: ${check}: ${message}\n`);
process.stdout.write(`${reached} of ${reachable} cells, ${violations.length} violations in ${steps} steps\n`);
process.exitCode = violations.length > 0 ? 1 : 0;
