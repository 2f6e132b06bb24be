/**
 * What the command line writes to and hears from, so that it runs in a test as it does in a shell.
 *
 * Data goes to stdout, messages and progress to stderr. Owns colour; knows no command.
 */
import { styleText } from 'node:util';

export interface Output {
  write(text: string): unknown;
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
}

export interface Io {
  readonly stdout: Output;
  readonly stderr: Output;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Calls back on each interrupt (Ctrl-C) until the returned function is called. */
  onInterrupt?(callback: () => void): () => void;
}

export type ColorChoice = 'auto' | 'always' | 'never';
export type Tone = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan';
export type Paint = (tone: Tone, text: string) => string;

/** Colour for one stream: the flag first, then NO_COLOR (no-color.org), then whether a terminal listens. */
export function painter(stream: Output, env: Io['env'], choice: ColorChoice): Paint {
  const wanted = (env['NO_COLOR'] ?? '') === '' && stream.isTTY === true && env['TERM'] !== 'dumb';
  const on = choice === 'always' || (choice === 'auto' && wanted);
  // Whether to colour is decided above; newer Node versions would look at the process's own stdout again.
  return on ? (tone, text) => styleText(tone, text, { validateStream: false }) : (_tone, text) => text;
}

/** A status in its colour; the word itself always stands there. */
export function statusTone(status: string): Tone {
  if (status === 'COMPLETED') return 'green';
  if (status === 'FAILED') return 'red';
  return status === 'PARTIAL' || status === 'CANCELLED' ? 'yellow' : 'cyan';
}
