/**
 * Mutation tests of the machines and the send gate: `npm run mutation [-- --part order|charts|quick|gate] [--report]`.
 *
 * Stryker changes the code in thousands of small ways and runs the tests on each; a change that no test notices has
 * survived. Writes the result to docs/mutation.md and the survivors to standard error. Takes about 75 minutes on
 * two cores, the gate alone two. Each run is whole: Stryker's incremental mode would keep what earlier tests said.
 * Exit 1 below the score that is asked for.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const SCORE_MIN = 90;
const PARTS = {
  order: 'The order table',
  charts: 'The statecharts',
  quick: 'Their quick way',
  gate: 'The send gate',
};
const DETECTED = ['Killed', 'Timeout'];
const UNDETECTED = ['Survived', 'NoCoverage'];

const { values } = parseArgs({
  options: { part: { type: 'string' }, report: { type: 'boolean', default: false } },
});
const parts = values.part === undefined ? Object.keys(PARTS) : [values.part];

function mutate(part) {
  const args = [
    'node_modules/@stryker-mutator/core/bin/stryker.js',
    'run',
    'test/mutation/stryker.config.mjs',
  ];
  // Stryker works on a copy elsewhere, from which the recorded data is not where the tests look for it.
  const FILLWRIGHT_DATA =
    process.env.FILLWRIGHT_DATA ?? fileURLToPath(new URL('../../shared/data', import.meta.url));
  const env = { ...process.env, FILLWRIGHT_DATA, MUTATION_PART: part };
  const done = spawnSync(process.execPath, args, { env, stdio: ['ignore', 'inherit', 'inherit'] });
  if (done.status !== 0) throw new Error(`stryker: exit ${done.status}`);
}

const fileOf = (part) => `coverage/mutation-${part}.json`;
const resultOf = (part) => JSON.parse(readFileSync(fileOf(part), 'utf8'));

function rowOf(name, mutants) {
  const count = (statuses) => mutants.filter(({ status }) => statuses.includes(status)).length;
  const [detected, undetected] = [count(DETECTED), count(UNDETECTED)];
  const score = (100 * detected) / Math.max(1, detected + undetected);
  return { name, detected, undetected, score };
}

const cells = ({ name, detected, undetected, score }) =>
  `| ${name} | ${detected + undetected} | ${detected} | ${undetected} | ${score.toFixed(1)} % |`;

/** Of a part that has never been run there is nothing to say but that. */
function section(part) {
  if (!existsSync(fileOf(part))) return { score: 0, text: `## ${PARTS[part]}\n\nNot run yet.` };
  const { files } = resultOf(part);
  const rows = Object.entries(files).map(([path, { mutants }]) => rowOf(path, mutants));
  const whole = rowOf(
    'all',
    Object.values(files).flatMap(({ mutants }) => mutants),
  );
  const shown = rows.filter(({ detected, undetected }) => detected + undetected > 0);
  const lines = [
    `## ${PARTS[part]}: ${whole.score.toFixed(1)} %`,
    '',
    '| File | Mutants | Noticed | Survived | Score |',
    '| --- | ---: | ---: | ---: | ---: |',
    ...[...shown, whole].map(cells),
  ];
  return { score: whole.score, text: lines.join('\n') };
}

function survivors(part) {
  for (const [path, { mutants, source }] of Object.entries(resultOf(part).files)) {
    const lines = source.split('\n');
    for (const { status, mutatorName, replacement, location } of mutants) {
      if (!UNDETECTED.includes(status)) continue;
      const { line, column } = location.start;
      process.stderr.write(`${path}:${line}:${column} ${mutatorName} ${status}\n`);
      process.stderr.write(`  - ${lines[line - 1].trim()}\n  + ${replacement?.split('\n')[0] ?? ''}\n`);
    }
  }
}

if (!values.report) for (const part of parts) mutate(part);
for (const part of parts) survivors(part);
const sections = Object.keys(PARTS).map(section);
const head = [
  '# Mutation tests',
  '',
  'The last result of `npm run mutation`: how many small changes of the code the tests notice. Every kind of mutant that',
  '[Stryker](https://stryker-mutator.io) makes is in, text and constants that are read once too; a change that keeps a test',
  'from ending counts as noticed. What fails while a file loads is left out: Stryker cannot tell it from a broken test.',
];
const text = [head.join('\n'), ...sections.map((each) => each.text)].join('\n\n');
writeFileSync('docs/mutation.md', `${text}\n`);
spawnSync('node_modules/.bin/biome', ['format', '--write', 'docs/mutation.md'], { stdio: 'ignore' });
process.exitCode = sections.every(({ score }) => score >= SCORE_MIN) ? 0 : 1;
