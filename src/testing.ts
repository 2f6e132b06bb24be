/**
 * `fillwright/testing`: what a host needs to test its use of the package without a venue and without waiting.
 *
 * A simulated clock, venues, a market made up from a seed or replayed from a recording, fixed ids, a journal and a
 * ledger in memory, whole scenarios, and the fold that shows what came of them. Names only: each is defined and
 * documented at its source, and most are in the main entry too.
 */
export { SimulatedClock } from './clock/simulated-clock.js';
export {
  createInstantVenue,
  type InstantVenue,
  type InstantVenueOptions,
} from './connectors/instant/venue.js';
export {
  createSimulatedVenue,
  type Faults,
  type SimulatedVenue,
  type SimulatedVenueOptions,
  type VenueTruth,
  type Verdict,
} from './connectors/simulated/venue.js';
export {
  type CrashKeeps,
  type DiskFault,
  type DiskOperation,
  drawFaults,
  type FaultRates,
  MemoryDisk,
  type MemoryDiskOptions,
} from './disk/index.js';
export { seededIds } from './ids/ids.js';
export {
  createMemoryJournal,
  createNullJournal,
  type DurableJournal,
  type DurableJournalOptions,
  type JournalRecord,
  openDurableJournal,
  parseJournal,
} from './journal/index.js';
export { createMemoryLedger, type MemoryLedger } from './ledger/memory.js';
export { type MarketConfig, MarketConfigSchema } from './market/config.js';
export type { MarketEvent, MarketSource } from './market/event.js';
export { openMarket } from './market/open.js';
export { Replay, type ReplayOptions } from './market/replay.js';
export { Projection, projectJournal } from './runtime/projection.js';
export { loadScenario, type Scenario } from './runtime/scenario.js';
export {
  type CampaignOptions,
  type CampaignReport,
  simulate,
  simulateWorld,
  type Violation,
} from './simulator/campaign.js';
export { commitOf } from './simulator/commit.js';
export { FAULTS, type FaultKind, faultNamed } from './simulator/faults.js';
export { plantNamed, simulatePlant } from './simulator/mutant.js';
export type { Plant } from './simulator/plant.js';
export { PLANTS } from './simulator/plants.js';
export { type RunOptions, type RunResult, runWorld } from './simulator/run.js';
export type { World } from './simulator/world.js';
export { worldOf } from './simulator/world-of.js';
export { runScenario, type SimulationOptions, type SimulationResult } from './runtime/simulation.js';
