/** What a command is: a row of the table that help is generated from, and the function that runs it. */
import type { Args, Flag } from './args.js';
import type { Io } from './io.js';

export interface Command {
  readonly name: string;
  /** Arguments as help shows them. */
  readonly usage: string;
  readonly summary: string;
  readonly flags: Readonly<Record<string, Flag>>;
  /** Returns the exit code; throws what exit-codes.ts maps. */
  run(args: Args, io: Io): Promise<number> | number;
}

export const JSON_FLAG: Flag = { type: 'boolean', help: 'one JSON object on stdout' };

/** One object with its version, as every `--json` prints. */
export function printJson(io: Io, value: Readonly<Record<string, unknown>>): void {
  io.stdout.write(`${JSON.stringify({ v: 1, ...value }, null, 2)}\n`);
}
