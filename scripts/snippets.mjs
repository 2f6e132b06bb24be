/**
 * Checks the TypeScript in the documentation: `node scripts/snippets.mjs [FILE.md …]`, by default README.md and docs/.
 *
 * Each ```ts block is a module of its own and must type-check against the built package; a block marked ```ts run is
 * executed as well, in an empty temporary folder. Findings name file and line of the document. Exit 1 with findings.
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { linkCheckout, ROOT, run, tool, withSandbox } from './sandbox.mjs';

const RUN_TIMEOUT_MS = 60_000;

function defaultDocuments() {
  const docs = join(ROOT, 'docs');
  const pages = existsSync(docs)
    ? readdirSync(docs, { recursive: true })
        .filter((name) => name.endsWith('.md') && !name.startsWith('generated'))
        .map((name) => join(docs, name))
    : [];
  return [join(ROOT, 'README.md'), ...pages].filter((path) => existsSync(path)).sort();
}

/** The ```ts blocks of a document; `line` is that of the opening fence. */
function blocksOf(path) {
  const blocks = [];
  let open = null;
  for (const [index, text] of readFileSync(path, 'utf8').split('\n').entries()) {
    const fence = /^\s*```\s*(.*?)\s*$/.exec(text);
    if (fence === null) open?.lines.push(text);
    else if (open === null) open = { path, line: index + 1, info: fence[1], lines: [] };
    else {
      if (/^ts( run)?$/.test(open.info)) blocks.push({ ...open, runs: open.info === 'ts run' });
      open = null;
    }
  }
  if (open !== null) throw new Error(`${relative(ROOT, path)}:${open.line}: the block is never closed`);
  return blocks;
}

const place = ({ path, line }, offset = 0) => `${relative(ROOT, path)}:${line + offset}`;

/** tsc's findings, moved from the block's own file to the document. */
function typeFindings(blocks, folder) {
  try {
    run(tool('tsc'), ['-p', '.', '--pretty', 'false'], { cwd: folder });
    return [];
  } catch (error) {
    return [
      error.message.replace(/^block(\d+)\.ts\((\d+),(\d+)\)/gm, (_, index, line, column) => {
        return `${place(blocks[Number(index)], Number(line))}:${column}`;
      }),
    ];
  }
}

function runFindings(blocks, folder) {
  return blocks.flatMap((block, index) => {
    if (!block.runs) return [];
    try {
      run(process.execPath, [join('out', `block${index}.js`)], { cwd: folder, timeoutMs: RUN_TIMEOUT_MS });
      return [];
    } catch (error) {
      return [`${place(block)}: the block failed\n${error.message}`];
    }
  });
}

const documents = process.argv.slice(2).map((path) => resolve(path));
const blocks = (documents.length > 0 ? documents : defaultDocuments()).flatMap(blocksOf);
const findings = await withSandbox((sandbox) => {
  linkCheckout(sandbox);
  for (const [index, { lines }] of blocks.entries()) {
    writeFileSync(join(sandbox.folder, `block${index}.ts`), `${lines.join('\n')}\n`);
  }
  if (blocks.length === 0) return [];
  const types = typeFindings(blocks, sandbox.folder);
  return types.length > 0 ? types : runFindings(blocks, sandbox.folder);
});
for (const text of findings) console.error(text);
if (findings.length > 0) process.exitCode = 1;
else console.log(`${blocks.length} blocks checked, ${blocks.filter(({ runs }) => runs).length} of them run`);
