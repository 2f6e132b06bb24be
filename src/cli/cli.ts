/**
 * The command line: `main(argv, io)` finds the command, runs it, and turns what it throws into one line and a code.
 *
 * Owns dispatch, help and the shape of an error. Uses the package's public entries only.
 */
import { type Args, GLOBAL_FLAGS, readArgs, usage } from './args.js';
import type { Command } from './command.js';
import { demo } from './demo.js';
import { EXIT, EXIT_MEANINGS, exitOfError } from './exit-codes.js';
import type { Io } from './io.js';
import { journal } from './journal.js';
import { machines } from './machines.js';
import { plan } from './plan.js';
import { report } from './report-command.js';
import { replay } from './replay.js';
import { run } from './run.js';
import { simulate } from './simulate.js';
import { renderTable } from './table.js';
import { validate } from './validate.js';
import { VERSION } from './version.js';

/** Every command, in the order of help. */
export const COMMANDS: readonly Command[] = [
  run,
  plan,
  report,
  validate,
  machines,
  journal,
  replay,
  simulate,
  demo,
];

/**
 * Runs one command line.
 * @param argv without node and script
 * @returns the exit code (`fillwright help` lists them); never throws
 */
export async function main(argv: readonly string[], io: Io): Promise<number> {
  try {
    return await dispatch(argv, io);
  } catch (error) {
    io.stderr.write(`${oneLine(error)}\n`);
    return exitOfError(error);
  }
}

async function dispatch(argv: readonly string[], io: Io): Promise<number> {
  const [name, ...rest] = argv;
  if (name === '--version' || name === '-V') {
    io.stdout.write(`${VERSION}\n`);
    return EXIT.OK;
  }
  if (name === 'help' || name === '--help' || name === '-h') return help(rest[0], io);
  if (name === undefined) {
    io.stderr.write(`${overview()}\n`);
    return EXIT.USAGE;
  }
  const command = find(name);
  const args: Args = readArgs(command.name, rest, command.flags);
  return args.help ? help(command.name, io) : command.run(args, io);
}

function find(name: string): Command {
  const command = COMMANDS.find((candidate) => candidate.name === name);
  if (command !== undefined) return command;
  const what = name.startsWith('-') ? 'option' : 'command';
  throw usage(`fillwright: unknown ${what} '${name}'; see fillwright --help`);
}

/** The first line of a message: no stack trace, no second line. */
function oneLine(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.replace(/\s*\n\s*/g, ' ').trim();
}

function help(name: string | undefined, io: Io): number {
  io.stdout.write(`${name === undefined ? overview() : detail(find(name))}\n`);
  return EXIT.OK;
}

function overview(): string {
  const commands = COMMANDS.map(({ name, summary }) => [name, summary]);
  const codes = EXIT_MEANINGS.map(([code, meaning]) => [String(code), meaning]);
  return [
    `fillwright ${VERSION}: carries trading decisions out, and shows why each order went where it went`,
    '',
    'Usage: fillwright COMMAND [options]',
    '',
    'Commands',
    ...renderTable([{ title: '' }, { title: '' }], commands, '  '),
    '',
    'Options',
    ...flagLines(GLOBAL_FLAGS),
    '  -V, --version       the version',
    '',
    'Exit codes (over several batches: 10 first, else the worst)',
    ...renderTable([{ title: '', align: 'right' }, { title: '' }], codes, '  '),
    '',
    'fillwright COMMAND --help tells more.',
  ].join('\n');
}

function detail(command: Command): string {
  return [
    command.summary,
    '',
    `Usage: fillwright ${command.name} ${command.usage}`.trimEnd(),
    '',
    'Options',
    ...flagLines({ ...command.flags, ...GLOBAL_FLAGS }),
  ].join('\n');
}

function flagLines(flags: Command['flags']): string[] {
  return Object.entries(flags).map(([name, flag]) => {
    const short = flag.short === undefined ? '    ' : `-${flag.short}, `;
    return `  ${`${short}--${name}${flag.value === undefined ? '' : ` ${flag.value}`}`.padEnd(20)}${flag.help}`;
  });
}
