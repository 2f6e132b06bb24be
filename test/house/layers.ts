/**
 * Who may import whom: the layers of the house, from the ground up.
 *
 * Owns the table and its checks. A layer is a folder of src/, or a file directly in it (`index`, `testing`).
 */
import { finding, importsOf, readText, resolveImport, type SourceFile } from './source.js';

const GROUND = ['dtos'];
const ADAPTERS = ['disk', 'journal', 'ledger', 'clock', 'ids', 'market', 'reconcile', 'connectors'];
const DECIDING = ['dtos', 'strategies', 'machines', 'book', 'ports'];
const BELOW_RUNTIME = [...DECIDING, ...ADAPTERS, 'actors'];
const BELOW_CLI = [...BELOW_RUNTIME, 'runtime', 'simulator', 'builders'];

/** What a layer may import beside itself. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  dtos: [],
  ports: GROUND,
  strategies: GROUND,
  machines: ['strategies', 'dtos'],
  book: ['machines', 'dtos'],
  disk: ['ports', 'dtos'],
  // A path stands for a file in a folder: the disk adapter that hosts use.
  journal: ['ports', 'dtos', 'disk'],
  ledger: ['ports', 'dtos'],
  clock: ['ports', 'dtos'],
  ids: ['ports', 'dtos'],
  market: ['ports', 'dtos'],
  reconcile: ['ports', 'dtos'],
  // A simulated venue is fed by a market and lives on a simulated clock: adapters of one venue, like itself.
  connectors: ['ports', 'dtos', 'market', 'clock'],
  actors: ['book', 'machines', 'strategies', 'ports', 'dtos'],
  runtime: BELOW_RUNTIME,
  simulator: [...BELOW_RUNTIME, 'runtime'],
  builders: ['dtos', 'ids'],
  index: BELOW_CLI,
  testing: [...BELOW_CLI, 'index'],
  cli: [], // only the package's entries, see ENTRY_USERS
};

/** Layers that use the package as a host does. */
const ENTRY_USERS = ['cli'];

/** Packages that only some layers may import; a path names one file. */
const PACKAGE_USERS: Readonly<Record<string, readonly string[]>> = {
  'decimal.js': ['src/dtos/decimal.ts'],
  'node-sqlite3-wasm': ['src/cli/journal-sqlite.ts'],
  croner: ['src/strategies/occurrences.ts'],
  nanoid: ['ids'],
  rxjs: ['actors', 'runtime', 'connectors', 'ports', 'simulator'],
  xstate: ['machines', 'actors', 'runtime'],
  zod: ['dtos', 'runtime', 'market', 'connectors', 'cli'],
};

/** Layers that decide and do nothing else; of Node's own modules they may use the pure ones. */
const PURE_BUILTINS = ['node:crypto', 'node:util'];

export function layerOf(path: string): string {
  const [, first = ''] = path.split('/');
  return first.replace(/\.ts$/, '');
}

interface Manifest {
  readonly dependencies: Readonly<Record<string, string>>;
  /** Optional ones, imported lazily. */
  readonly peerDependencies: Readonly<Record<string, string>>;
  readonly exports: Readonly<Record<string, string | { readonly types: string }>>;
}

const MANIFEST = JSON.parse(readText('package.json')) as Manifest;

/** The sources of package.json's exports. */
export function entries(): string[] {
  return Object.values(MANIFEST.exports).flatMap((target) =>
    typeof target === 'string'
      ? []
      : [target.types.replace(/^\.\/dist\//, 'src/').replace(/\.d\.ts$/, '.ts')],
  );
}

function checkOwn(file: SourceFile, target: string): string | null {
  const from = layerOf(file.path);
  const to = layerOf(target);
  if (!target.startsWith('src/')) return `src imports ${target}, outside src`;
  if (from === to) return null;
  if (ENTRY_USERS.includes(from)) {
    if (entries().includes(target)) return null;
    return `${from} imports ${target}, which is no entry of package.json's exports`;
  }
  const allowed = MAY_IMPORT[from];
  if (allowed === undefined) return `layer ${from} has no row in test/house/layers.ts`;
  if (allowed.includes(to)) return null;
  return `${from} imports ${to} (${target}); it may import ${allowed.join(', ') || 'nothing of ours'}`;
}

function checkPackage(file: SourceFile, specifier: string): string | null {
  const layer = layerOf(file.path);
  if (specifier.startsWith('node:')) {
    if (!DECIDING.includes(layer) || PURE_BUILTINS.includes(specifier)) return null;
    return `${layer} decides and does no I/O, but imports ${specifier}`;
  }
  const name = specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');
  if (!(name in MANIFEST.dependencies) && !(name in MANIFEST.peerDependencies))
    return `${name} is not in package.json's dependencies`;
  const users = PACKAGE_USERS[name];
  if (users === undefined || users.includes(layer) || users.includes(file.path)) return null;
  return `${name} is imported in ${layer}; only in ${users.join(', ')}`;
}

/** Imports that run upwards, sideways, or to a package that is not this layer's. */
export function importFindings(file: SourceFile): string[] {
  const found: string[] = [];
  for (const { specifier, line } of importsOf(file)) {
    const target = resolveImport(file.path, specifier);
    const rule = target === null ? checkPackage(file, specifier) : checkOwn(file, target);
    if (rule !== null) found.push(finding(file.path, line, rule));
    if (target !== null && !/\.(js|json)$/.test(specifier)) {
      found.push(finding(file.path, line, `import of ${specifier} does not end in .js`));
    }
  }
  return found;
}

/** Import cycles among the files (Tarjan's strongly connected components), type-only imports included. */
export function cycleFindings(files: readonly SourceFile[]): string[] {
  const byPath = new Map(files.map((file) => [file.path, file]));
  const order = new Map<string, number>();
  const low = new Map<string, number>();
  const stack: string[] = [];
  const found: string[] = [];
  const targets = (path: string): { target: string; line: number }[] =>
    importsOf(byPath.get(path) as SourceFile).flatMap(({ specifier, line }) => {
      const target = resolveImport(path, specifier);
      return target !== null && byPath.has(target) ? [{ target, line }] : [];
    });
  const lowest = (path: string, value: number): void => {
    low.set(path, Math.min(low.get(path) as number, value));
  };
  const report = (members: readonly string[]): void => {
    const inside = members.flatMap((path) =>
      targets(path)
        .filter(({ target }) => members.includes(target))
        .map(({ target, line }) => `${path}:${line} → ${target}`),
    );
    if (inside.length > 0) found.push(`import cycle: ${inside.sort().join(', ')}`);
  };
  const visit = (path: string): void => {
    order.set(path, order.size);
    low.set(path, order.size - 1);
    stack.push(path);
    for (const { target } of targets(path)) {
      if (!order.has(target)) {
        visit(target);
        lowest(path, low.get(target) as number);
      } else if (stack.includes(target)) lowest(path, order.get(target) as number);
    }
    if (low.get(path) === order.get(path)) report(stack.splice(stack.indexOf(path)));
  };
  for (const path of byPath.keys()) if (!order.has(path)) visit(path);
  return found;
}
