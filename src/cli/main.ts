#!/usr/bin/env node
/** The executable: connects `main` to the process. Owns signals, closed pipes and the exit code. */
import { main } from './cli.js';

for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    // Whoever read our output has gone (`| head`): nobody is left to tell.
    if (error.code === 'EPIPE') process.exit();
    throw error;
  });
}

const code = await main(process.argv.slice(2), {
  stdout: process.stdout,
  stderr: process.stderr,
  env: process.env,
  onInterrupt(callback) {
    process.on('SIGINT', callback);
    return () => process.off('SIGINT', callback);
  },
});
// A second Ctrl-C leaves work behind that would keep the process alive.
if (code === 130) process.exit(code);
process.exitCode = code;
