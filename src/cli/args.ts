/**
 * Flags and arguments: one table per command, read by `util.parseArgs`.
 *
 * Owns the grammar of the command line and its usage errors. Runs nothing.
 */
import { parseArgs } from 'node:util';
import { FillwrightError } from '../index.js';
import type { ColorChoice } from './io.js';

export interface Flag {
  readonly type: 'boolean' | 'string';
  readonly short?: string;
  /** The placeholder in help; string flags only. */
  readonly value?: string;
  readonly choices?: readonly string[];
  readonly help: string;
}

export const GLOBAL_FLAGS: Readonly<Record<string, Flag>> = {
  color: {
    type: 'string',
    value: 'WHEN',
    choices: ['auto', 'always', 'never'],
    help: 'auto (default), always or never',
  },
  quiet: { type: 'boolean', short: 'q', help: 'no progress and no report; ids only' },
  help: { type: 'boolean', short: 'h', help: 'this help' },
};

/** Parsed flags and positional arguments of one command. */
export interface Args {
  readonly positionals: readonly string[];
  readonly color: ColorChoice;
  readonly quiet: boolean;
  readonly help: boolean;
  flag(name: string): boolean;
  value(name: string): string | undefined;
}

export function usage(message: string): FillwrightError {
  return new FillwrightError('USAGE', message);
}

/** @throws USAGE for an unknown flag, a missing value, or a value that is not among its choices */
export function readArgs(
  command: string,
  argv: readonly string[],
  flags: Readonly<Record<string, Flag>>,
): Args {
  const table = { ...GLOBAL_FLAGS, ...flags };
  const options = Object.fromEntries(
    Object.entries(table).map(([name, { type, short }]) => [
      name,
      short === undefined ? { type } : { type, short },
    ]),
  );
  const { values, positionals } = parse(command, argv, options);
  for (const [name, flag] of Object.entries(table)) {
    const value = values[name];
    if (typeof value === 'string' && flag.choices?.includes(value) === false) {
      throw usage(
        `fillwright ${command}: --${name} must be one of ${flag.choices.join(', ')}, not '${value}'`,
      );
    }
  }
  const text = (name: string): string | undefined => {
    const value = values[name];
    return typeof value === 'string' ? value : undefined;
  };
  return {
    positionals,
    color: (text('color') ?? 'auto') as ColorChoice,
    quiet: values['quiet'] === true,
    help: values['help'] === true,
    flag: (name) => values[name] === true,
    value: text,
  };
}

type Options = Record<string, { type: 'boolean' | 'string'; short?: string }>;
interface Parsed {
  readonly values: Readonly<Record<string, unknown>>;
  readonly positionals: string[];
}

function parse(command: string, argv: readonly string[], options: Options): Parsed {
  try {
    return parseArgs({ args: [...argv], options, allowPositionals: true, strict: true });
  } catch (error) {
    // Node explains at length how to pass a dash as an argument; the first sentence says what is wrong.
    const sentence = (error as Error).message.split(/\.\s|\n/)[0] ?? '';
    throw usage(
      `fillwright ${command}: ${sentence.charAt(0).toLowerCase()}${sentence.slice(1).replace(/\.$/, '')}`,
    );
  }
}

/** Exactly one positional argument. @throws USAGE */
export function onlyArgument(command: string, args: Args, name: string): string {
  const [value, extra] = args.positionals;
  if (value === undefined)
    throw usage(`fillwright ${command}: ${name} is missing; see fillwright ${command} --help`);
  if (extra !== undefined) throw usage(`fillwright ${command}: unexpected argument '${extra}'`);
  return value;
}
