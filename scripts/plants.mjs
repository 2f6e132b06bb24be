/**
 * Runs every planted bug and prints, as a Markdown table, after how many steps each was caught. Needs a build.
 *
 * node scripts/plants.mjs [SEEDS] [NAME,…]; exits 1 when one is not caught.
 */
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..');
const load = (path) => import(pathToFileURL(join(ROOT, 'dist', path)).href);
const { PLANTS, simulatePlant } = await load('testing.js');

const seeds = Number(process.argv[2] ?? 1_000);
const only = process.argv[3]?.split(',');
const caught = [];
let missed = 0;
process.stdout.write('| plant | breaks | caught by | steps |\n|---|---|---|---|\n');
for (const plant of PLANTS) {
  if (only !== undefined && !only.includes(plant.name)) continue;
  const { violations, steps } = await simulatePlant(plant, {
    ...{ seeds, from: 1, stopsAtFirst: true, shrinks: false },
  });
  const [first] = violations;
  if (first === undefined) missed += 1;
  else caught.push(steps);
  const by = first === undefined ? 'NOT CAUGHT' : `${first.invariant} ${first.check}`;
  process.stdout.write(`| ${plant.name} | ${plant.breaks} | ${by} | ${steps} |\n`);
}
caught.sort((a, b) => a - b);
const median = caught[caught.length >> 1] ?? 0;
process.stdout.write(`\n${caught.length} caught, median ${median} steps; ${missed} missed\n`);
process.exitCode = missed > 0 ? 1 : 0;
