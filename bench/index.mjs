/** The benchmark's parts, for bench/run.mjs and for the test that runs them tiny. Each takes the library as an argument. */
export { runFlatness } from './flatness.mjs';
export { runJournal } from './journal.mjs';
export { loadLib, MODULES } from './lib.mjs';
export { runGrowth, runLive, runWorking } from './memory.mjs';
export { runPlanner } from './planner.mjs';
export { runRecovery } from './recovery.mjs';
export { FULL, TINY } from './sizes.mjs';
export { runBoth, runThroughput } from './throughput.mjs';
