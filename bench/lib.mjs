/** What the benchmark uses of the library, gathered into one object; the floor needs more of it than hosts do. */

/** From the checkout's build, with a trailing slash: `dist/` or another. */
export const MODULES = [
  'index.js',
  'actors/deadlines.js',
  'actors/world.js',
  'disk/index.js',
  'dtos/amount.js',
  'dtos/decimal.js',
  'dtos/execution-command-batch.js',
  'dtos/parse.js',
  'runtime/recovery.js',
  'runtime/rules.js',
  'runtime/snapshot.js',
  'runtime/version.js',
  'strategies/price.js',
  'strategies/twap.js',
];

/** @param folder URL of the build, with a trailing slash */
export async function loadLib(folder) {
  const modules = await Promise.all(MODULES.map((path) => import(new URL(path, folder))));
  return Object.assign({}, ...modules);
}
