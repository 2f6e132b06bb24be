/** `fillwright validate`: checks scenario files and platform configurations without running anything. */
import { FillwrightError, validateFile } from '../index.js';
import { type Args, usage } from './args.js';
import { type Command, JSON_FLAG, printJson } from './command.js';
import { EXIT, exitOfError } from './exit-codes.js';
import type { Io } from './io.js';

interface Finding {
  readonly file: string;
  readonly valid: boolean;
  readonly kind?: string;
  readonly error?: { readonly code: string; readonly message: string; readonly issues: readonly object[] };
  readonly exit: number;
}

export const validate: Command = {
  name: 'validate',
  usage: 'FILE… [--json]',
  summary: 'checks scenario files and platform.yaml; runs nothing',
  flags: { json: JSON_FLAG },
  run(args: Args, io: Io): number {
    if (args.positionals.length === 0)
      throw usage('fillwright validate: FILE is missing; see fillwright validate --help');
    const findings = args.positionals.map(check);
    for (const { error } of findings) if (error !== undefined) io.stderr.write(`${error.message}\n`);
    if (args.flag('json')) {
      printJson(io, { files: findings.map(({ exit: _, ...finding }) => finding) });
    } else if (!args.quiet) {
      for (const { file, kind } of findings)
        if (kind !== undefined) io.stdout.write(`${file}: valid ${kind}\n`);
    }
    // What cannot even be read comes before what does not fit.
    const codes = findings.map(({ exit }) => exit);
    return [EXIT.INTERNAL, EXIT.USAGE, EXIT.REJECTED].find((code) => codes.includes(code)) ?? EXIT.OK;
  },
};

function check(file: string): Finding {
  try {
    return { file, valid: true, kind: validateFile(file), exit: EXIT.OK };
  } catch (error) {
    if (!(error instanceof FillwrightError)) throw error;
    const { code, message, issues } = error;
    return {
      file,
      valid: false,
      error: { code, message: message.replace(/\s*\n\s*/g, ' '), issues },
      exit: exitOfError(error),
    };
  }
}
