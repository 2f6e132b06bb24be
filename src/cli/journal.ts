/** `fillwright journal`: proves a journal, shows it to a person, or exports it. Owns flags; each action has its file. */
import { journalRecords, verifyJournal } from '../index.js';
import { type Args, usage } from './args.js';
import { type Command, JSON_FLAG, printJson } from './command.js';
import { EXIT } from './exit-codes.js';
import type { Io } from './io.js';
import { checkReadable } from './journal-file.js';
import { exportJournal } from './journal-export.js';
import { FILTER_FLAGS, filterOf } from './journal-filter.js';
import { showJournal } from './journal-show.js';

type Action = (path: string, args: Args, io: Io) => void | Promise<void>;

const ACTIONS: Readonly<Record<string, Action>> = {
  verify,
  show: (path, args, io) => showJournal(journalRecords(path), { args, io, filter: filterOf(args) }),
  export: (path, args, io) => exportJournal(path, { args, io, filter: filterOf(args) }),
};

export const journal: Command = {
  name: 'journal',
  usage:
    'verify|show|export PATH [--batch ID] [--group ID] [--order ID] [--cause SEQ] [--format F] [--out FILE] [--json]',
  summary: 'proves a journal, shows each input and what it led to, or exports it as JSON lines or SQLite',
  flags: {
    ...FILTER_FLAGS,
    format: {
      type: 'string',
      value: 'FORMAT',
      choices: ['jsonl', 'sqlite'],
      help: 'of export: jsonl (default) or sqlite, which needs the package node-sqlite3-wasm',
    },
    out: { type: 'string', value: 'FILE', help: 'of export: default stdout, for sqlite PATH.sqlite' },
    json: JSON_FLAG,
  },
  async run(args: Args, io: Io): Promise<number> {
    const [name, path, extra] = args.positionals;
    const action = name === undefined || !Object.hasOwn(ACTIONS, name) ? undefined : ACTIONS[name];
    if (name === undefined || action === undefined) {
      const what = name === undefined ? 'an action is missing' : `unknown action '${name}'`;
      throw usage(`fillwright journal: ${what}; ${Object.keys(ACTIONS).join(', ')} are known`);
    }
    if (path === undefined) throw usage(`fillwright journal ${name}: PATH is missing`);
    if (extra !== undefined) throw usage(`fillwright journal ${name}: unexpected argument '${extra}'`);
    checkFlags(name, args);
    checkReadable(path);
    await action(path, args, io);
    return EXIT.OK;
  },
};

/** A flag that would do nothing is a mistake. @throws USAGE */
function checkFlags(name: string, args: Args): void {
  const idle = {
    verify: [...Object.keys(FILTER_FLAGS), 'format', 'out'],
    show: ['format', 'out'],
    export: [],
  }[name];
  for (const flag of idle ?? []) {
    if (args.value(flag) !== undefined)
      throw usage(`fillwright journal ${name}: --${flag} means nothing here`);
  }
}

function verify(path: string, args: Args, io: Io): void {
  const { format, records, segments, epoch, hash, tornAt } = verifyJournal(path);
  if (args.flag('json')) {
    printJson(io, { format, records, segments, epoch, hash, torn_at: tornAt });
    return;
  }
  const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`;
  const proved =
    format === 'lines'
      ? 'plain lines, without checksums'
      : `in ${counted(segments, 'segment')}, epoch ${epoch}, last seal ${hash}`;
  io.stdout.write(`ok: ${counted(records, 'record')} ${proved}\n`);
  if (tornAt !== null) io.stdout.write(`torn tail at byte ${tornAt}\n`);
}
