/**
 * Planted bugs: a mutated copy of the built package, to see whether the auditor catches it.
 *
 * Owns how a plant is set: the built files are copied to a temporary folder, one text in one file is replaced, and
 * the simulator of the copy is loaded. Production code has no switch for it. What the bugs are stands in plants.ts.
 */
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { FillwrightError } from '../dtos/errors.js';
import type { CampaignOptions, CampaignReport } from './campaign.js';
import { packageRoot } from './commit.js';
import type { Edit, Plant } from './plant.js';
import { PLANTS } from './plants.js';

export const plantNamed = (name: string): Plant | undefined => PLANTS.find((plant) => plant.name === name);

/** How often the text of an edit stands in its file; it must be once. */
export function occurrences({ file, find }: Edit, dist: string): number {
  const path = join(dist, file);
  return existsSync(path) ? readFileSync(path, 'utf8').split(find).length - 1 : 0;
}

function apply({ file, find, replace }: Edit, dist: string): void {
  const path = join(dist, file);
  // A function: `$` in the text stands for itself.
  writeFileSync(
    path,
    readFileSync(path, 'utf8').replace(find, () => replace),
  );
}

/** The folder of modules that the package's dependencies are in. */
function modulesOf(root: string): string | null {
  for (let at = root; ; at = dirname(at)) {
    const path = join(at, 'node_modules');
    if (existsSync(join(path, 'rxjs'))) return path;
    if (dirname(at) === at) return null;
  }
}

/**
 * Runs a campaign against the package with this bug in it.
 * @throws USAGE when the package is not built, or the plant's text does not stand in it exactly once
 */
export async function simulatePlant(plant: Plant, options: CampaignOptions): Promise<CampaignReport> {
  const root = packageRoot();
  const dist = join(root, 'dist');
  for (const edit of plant.edits) {
    const count = occurrences(edit, dist);
    if (count !== 1)
      throw new FillwrightError(
        'USAGE',
        `plant ${plant.name}: its text stands ${count} times in dist/${edit.file}`,
      );
  }
  const folder = mkdtempSync(join(tmpdir(), 'fillwright-plant-'));
  try {
    cpSync(dist, join(folder, 'dist'), { recursive: true });
    cpSync(join(root, 'package.json'), join(folder, 'package.json'));
    const modules = modulesOf(root);
    if (modules !== null) symlinkSync(modules, join(folder, 'node_modules'), 'junction');
    for (const edit of plant.edits) apply(edit, join(folder, 'dist'));
    const { href } = pathToFileURL(join(folder, 'dist', 'simulator', 'campaign.js'));
    const mutated = (await import(href)) as { simulate(options: CampaignOptions): Promise<CampaignReport> };
    return await mutated.simulate(options);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
