/** The commit that a run belongs to: what its figures mean is only known together with it. Reads .git, runs nothing. */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of the package, two above this file in src as in dist. */
export const packageRoot = (): string => join(dirname(fileURLToPath(import.meta.url)), '..', '..');

const read = (path: string): string | null => (existsSync(path) ? readFileSync(path, 'utf8').trim() : null);

/** The checked-out commit; `unknown` outside a repository, as in an installed package. */
export function commitOf(root: string = packageRoot()): string {
  const git = gitFolder(join(root, '.git'));
  const head = git === null ? null : read(join(git, 'HEAD'));
  if (git === null || head === null) return 'unknown';
  if (!head.startsWith('ref: ')) return head;
  const ref = head.slice('ref: '.length);
  const common = resolve(git, read(join(git, 'commondir')) ?? '.');
  const packed = read(join(common, 'packed-refs'))
    ?.split('\n')
    .find((line) => line.endsWith(` ${ref}`));
  return read(join(git, ref)) ?? read(join(common, ref)) ?? packed?.split(' ')[0] ?? 'unknown';
}

/** A worktree has a file that names its folder. */
function gitFolder(path: string): string | null {
  if (!existsSync(path)) return null;
  if (statSync(path).isDirectory()) return path;
  const named = read(path)?.replace(/^gitdir: /, '');
  return named === undefined ? null : resolve(dirname(path), named);
}
