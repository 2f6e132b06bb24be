/** Runs the command line in this process and catches what it writes. */
import { main } from '../../src/cli/cli.js';
import type { Io } from '../../src/cli/io.js';

export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

export interface RanOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly tty?: boolean;
  /** Called with each piece of stderr, and with what interrupts the run. */
  readonly onErr?: (text: string, interrupt: () => void) => void;
}

export async function cli(
  args: readonly string[],
  { env = {}, tty = false, onErr }: RanOptions = {},
): Promise<Ran> {
  let out = '';
  let err = '';
  const listeners = new Set<() => void>();
  const interrupt = (): void => {
    for (const listener of listeners) listener();
  };
  const io: Io = {
    stdout: { write: (text) => (out += text), isTTY: tty, columns: 120 },
    stderr: {
      write(text) {
        err += text;
        onErr?.(text, interrupt);
      },
      isTTY: tty,
      columns: 120,
    },
    env,
    onInterrupt(callback) {
      listeners.add(callback);
      return () => listeners.delete(callback);
    },
  };
  const code = await main(args, io);
  return { code, out, err };
}
