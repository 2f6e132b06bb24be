/** Prints the heap figures as JSON. To be run with `node --expose-gc`; bench/run.mjs does. */
import { FULL, loadLib, runGrowth, runLive, runWorking, TINY } from './index.mjs';

const gc = globalThis.gc;
if (gc === undefined) throw new Error('run with node --expose-gc');

/** Twice: what the first pass only finalises, the second frees. */
function heapUsed() {
  gc();
  gc();
  return process.memoryUsage().heapUsed;
}

const sizes = process.argv.includes('--tiny') ? TINY : FULL;
const lib = await loadLib(new URL('../dist/', import.meta.url));
const live = await runLive(lib, sizes.live, heapUsed);
const working = await runWorking(lib, sizes.working, heapUsed);
const growth = await runGrowth(lib, sizes.growth, heapUsed);
process.stdout.write(`${JSON.stringify({ live, working, growth })}\n`);
